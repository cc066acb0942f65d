//! `POST /desk/people/{term}/stand`, `POST /desk/people/{term}/password`: somebody stands in for a holder on leave, and a
//! lost password. The rules decide who may; a link to set a password is shown once, to whoever asked for it.

use super::moves::{self, Again};
use super::people;
use crate::error::WebError;
use crate::form::read_staff;
use crate::page::{Answer, query};
use crate::show;
use crate::visit::Staff;
use axum::extract::{Path, Request};
use serde_json::{Value, json};
use xiangyue_app::stand::{StandIn, may_lend, may_reset, stand_ins};
use xiangyue_app::{App, AppError};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::{AccountId, TermId};
use xiangyue_domain::region::FOREVER;
use xiangyue_domain::register::Term;

/// People to choose from that a page bears in each of its rows; where there are more, each form is on a page of its own.
const FEW: usize = 20;

/// The form that lends a post, the way to it, or null.
pub(super) fn lend(staff: &Staff, app: &App, term: &Term, again: &Again) -> Value {
    let visit = &staff.visit;
    let (policy, directory, day) = (app.policy(), app.directory(), app.now().day());
    let who = stand_ins(&directory, term, day);
    if who.is_empty() || !may_lend(&policy, &directory, staff.user.account.id, term, day) {
        return Value::Null;
    }
    let own = term.id.to_string();
    let asked = query(&visit.path).remove("stand").is_some_and(|id| id == own);
    if who.len() > FEW && !asked && again.mv != own {
        let place = directory.region_of(&term.holder).map_or("", |r| directory.tree.code(r, day));
        let mut form = moves::form("stand", visit.t("orders.stand"), String::new(), None, Vec::new());
        form["far"] = json!(format!("/desk/people?place={place}&stand={own}#do-stand"));
        return form;
    }
    let none = Again::default();
    let again = if again.mv == term.id.to_string() { again } else { &none };
    let mut account = moves::plain_field("who", visit.t("orders.stand_who"), "post", true, "", again);
    let options: Vec<Value> = who
        .iter()
        .filter_map(|id| {
            let name = &directory.accounts.get(id)?.name;
            let post = directory.posts_of(*id, day).first().map(|h| show::holder(visit, app, h)).unwrap_or_default();
            let chosen = again.typed.get("who") == Some(&id.to_string());
            Some(json!({"value": id.to_string(), "label": format!("{post} {name}"), "group": "", "selected": chosen}))
        })
        .collect();
    account["options"] = json!(options);
    let today = day.to_string();
    let fields = vec![
        account,
        moves::plain_field("from", visit.t("orders.stand_from"), "date", true, &today, again),
        moves::plain_field("until", visit.t("orders.stand_until"), "date", true, "", again),
    ];
    let url = format!("/desk/people/{}/stand", term.id);
    let mut form = moves::form("stand", visit.t("orders.stand"), url, None, fields);
    form["needs"] = json!([visit.t("orders.stand_needs")]);
    form["open"] = json!(asked || !again.faults.is_empty());
    form
}

/// The form that makes a password void, or null.
pub(super) fn reset(staff: &Staff, app: &App, term: &Term) -> Value {
    let visit = &staff.visit;
    let (policy, directory, day) = (app.policy(), app.directory(), app.now().day());
    if !may_reset(&policy, &directory, staff.user.account.id, term.account, day) {
        return Value::Null;
    }
    let url = format!("/desk/people/{}/password", term.id);
    let mut form = moves::form("reset", visit.t("orders.reset"), url, None, Vec::new());
    form["danger"] = json!(true);
    form["warning"] = json!(visit.t("orders.reset_warning"));
    form
}

/// How long a term still goes, where it ends by itself.
pub(super) fn until(staff: &Staff, term: &Term, day: Day) -> (String, String) {
    if term.to >= FOREVER {
        return (String::new(), String::new());
    }
    let left = term.to.0.saturating_sub(day.0).max(0);
    (term.to.to_string(), staff.visit.t_with("orders.term_left", &[("n", left.to_string())]))
}

fn found(app: &App, term: TermId) -> Result<Term, WebError> {
    app.directory().terms.get(&term).cloned().ok_or(WebError::NotFound)
}

/// Only whoever sees the place's list of posts acts on it.
fn within(staff: &Staff, app: &App, term: &Term) -> Result<String, WebError> {
    let directory = app.directory();
    let day = app.now().day();
    let code = directory.region_of(&term.holder).map(|r| directory.tree.code(r, day).to_owned()).unwrap_or_default();
    let seen = people::chosen(staff, app, &code);
    let here = seen.is_some_and(|r| Some(r) == directory.region_of(&term.holder));
    if here { Ok(code) } else { Err(WebError::NotFound) }
}

/// `POST /desk/people/{term}/stand`
pub(crate) async fn stand_in(Path(id): Path<TermId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let term = found(app, id)?;
    let place = within(&staff, app, &term)?;
    let mut again = Again { mv: id.to_string(), typed: sent.fields.clone(), ..Again::default() };
    again.typed.insert("seat_place".to_owned(), place);
    let account = sent.get("who").parse().map(AccountId).ok();
    let days = Day::parse(sent.get("from")).zip(Day::parse(sent.get("until")));
    let (Some(account), Some((from, to))) = (account, days) else {
        let missing = if account.is_none() { "who" } else { "until" };
        again.faults.insert(missing.to_owned(), staff.visit.t("fault.required"));
        return people::show(&staff, &again, Value::Null).await;
    };
    match app.stand_in(staff.user.account.id, StandIn { term: id, account, from, to }).await {
        Ok(()) => {
            again = Again { typed: again.typed, ..Again::default() };
            let said =
                json!({"tone": "good", "words": staff.visit.t_with("orders.stand_done", &[("until", to.to_string())])});
            people::show(&staff, &again, said).await
        }
        Err(AppError::Refused(refusal)) if !refusal.fields.is_empty() => {
            again.faults = staff.visit.faults(&refusal);
            people::show(&staff, &again, Value::Null).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /desk/people/{term}/password`
pub(crate) async fn reset_password(Path(id): Path<TermId>, staff: Staff, request: Request) -> Answer {
    read_staff(&staff, request).await?;
    let app = staff.app()?;
    let term = found(app, id)?;
    let place = within(&staff, app, &term)?;
    let token = app.reset_password(staff.user.account.id, term.account).await?;
    let url = format!("{}/setup/{token}", staff.visit.web.options().base_url);
    let said = json!({"tone": "good", "words": staff.visit.t_with("orders.reset_done", &[("url", url)])});
    let again = Again { typed: [("seat_place".to_owned(), place)].into(), ..Again::default() };
    people::show(&staff, &again, said).await
}
