//! `GET /desk/matters/{id}`: the page of a matter. Whoever may see the matter; the reporter masked by right.

use super::moves::{self, Again, Offers};
use super::{alike, kin, mend, papers, propose, shell, story};
use crate::error::WebError;
use crate::page::{Answer, query, see_other};
use crate::show;
use crate::visit::Staff;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use xiangyue_app::view::{Opened, Sight};
use xiangyue_app::{App, AppError};
use xiangyue_domain::flow::{Ctx, ballots_offered};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Kind, Level, Right, Sheet};

/// The page.
pub(crate) async fn matter(Path(id): Path<MatterId>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    let found = match app.find_matter(account, id).await {
        // What was merged is read where it went.
        Err(AppError::NotFound) => match app.merged_into(account, id).await? {
            Some(into) => return Ok(see_other(&format!("/desk/matters/{into}?said=merged"))),
            None => return Err(WebError::NotFound),
        },
        found => found?,
    };
    let opened = app.open_for(account, found).await?;
    // A form with long lists is opened by its own link; an article of the knowledge base may come with it.
    let mut asked = query(&staff.visit.path);
    let mv = asked.remove("do").unwrap_or_default();
    let again = moves::opened_form(&staff, &opened, &mv, &asked.remove("use").unwrap_or_default())?;
    show_matter(&staff, opened, &again).await
}

/// The page, perhaps with a form that was refused.
pub(crate) async fn show_matter(staff: &Staff, opened: Opened, again: &Again) -> Answer {
    let app = staff.app()?;
    let policy = app.policy();
    let kind = policy.kind_of(&opened.matter).ok_or(WebError::NotFound)?;
    let title = show::title(&staff.visit, app, &opened.matter, Some(&opened), None);
    let values = values(staff, app, kind, &opened, &title, again).await?;
    let mut response = staff.visit.page("desk/matter.html", &title, values)?;
    if !again.faults.is_empty() || !again.why.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn values(
    staff: &Staff,
    app: &App,
    kind: &Kind,
    opened: &Opened,
    title: &str,
    again: &Again,
) -> Result<Value, WebError> {
    let visit = &staff.visit;
    let matter = &opened.matter;
    let asked = query(&visit.path);
    let oldest_first = asked.get("order").is_some_and(|o| o == "old");
    let (policy, directory) = (app.policy(), app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let offers = Offers::of(staff, ctx, matter);
    let mut history = story::history(staff, app, kind, opened, 0).await?;
    let line = history_line(staff, &history);
    let files = files(&history);
    let links = kin::links(staff, app, kind, matter).await?;
    if !oldest_first {
        history.reverse();
    }
    let url = format!("/desk/matters/{}", matter.id);
    let order = if oldest_first {
        json!({"label": visit.t("desk.newest_first"), "url": url})
    } else {
        json!({"label": visit.t("desk.oldest_first"), "url": format!("{url}?order=old")})
    };
    let number = &matter.number;
    let (clocks, past) = story::split(story::clocks(staff, app, kind, matter));
    Ok(json!({
        "nav": shell::nav(staff, "matters").await?,
        "once": visit.once(),
        "crumbs": [{"label": visit.t("desk.nav_matters"), "url": "/desk/matters"}, {"label": number, "url": ""}],
        "stale": stale(staff, &url, again),
        "said": said(staff, &asked),
        "m": head(staff, app, kind, opened, title),
        "act": act(staff, app, &offers, opened, again).await?,
        "outcome": story::outcome(staff, app, kind, matter),
        "facts": story::facts(staff, app, kind, opened, &links),
        "reporter": story::reporter(staff, opened, ask(staff, app, opened)),
        "chart": crate::routes::lists::of_matter(visit, app, kind, matter, asked.contains_key("chart")),
        "clocks": clocks,
        "past_clocks": past,
        "intakes": alike::intakes(staff, app, matter).await?,
        "units": kin::units(staff, app, opened).await?,
        "above": kin::above(staff, app, matter).await?,
        "earlier": kin::earlier(staff, app, opened).await?,
        "knowledge": kin::knowledge(staff, &offers, kind, matter),
        "dossier": papers::dossier(staff, kind, matter),
        "prints": papers::prints(staff, kind, matter),
        "feedback": feedback(staff, app, kind, opened),
        "files": files,
        "history": history,
        "order": order,
        "correct": mend::correct(staff, app, kind, matter, again),
        "void": mend::void(staff, app, matter, again),
        "links": ways(staff, app, kind, matter),
        "print_url": format!("{url}/print"),
        "copy_text": format!("{number} {title}：{line}"),
        "reads": reads(staff, app, opened).await?,
        "similar": alike::similar(staff, app, matter).await?,
    }))
}

/// Ways to the votes of a matter, to what the warning was of that it comes from, to its register and to what everybody may
/// read of it.
fn ways(staff: &Staff, app: &App, kind: &Kind, matter: &Matter) -> Vec<Value> {
    let visit = &staff.visit;
    let (policy, directory) = (app.policy(), app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let one = |label: String, url: String, primary: bool| json!({"label": label, "url": url, "primary": primary});
    let named = |id: &str| kind.ballots.iter().find(|b| b.id == id).map(|b| visit.locale.pick(&b.name, &b.name_en));
    let mut links: Vec<Value> = ballots_offered(ctx, matter, staff.user.account.id)
        .iter()
        .map(|rule| {
            let url = format!("/desk/matters/{}/ballots?rule={}", matter.id, rule.id);
            one(visit.locale.pick(&rule.name, &rule.name_en).to_owned(), url, true)
        })
        .collect();
    links.extend(matter.ballots.iter().map(|b| {
        let name = named(&b.rule).map_or_else(|| visit.t("assembly.votes"), str::to_owned);
        one(name, format!("/desk/ballots/{}", b.id), b.open)
    }));
    let records = crate::routes::hub::records(app, matter);
    links.extend(records.map(|url| one(visit.t("warn.records"), url, false)));
    if policy.kind(&kind.id).is_some_and(|k| !k.pages.is_empty()) {
        links.push(one(visit.t("assembly.register"), format!("/desk/matters/{}/register", matter.id), false));
    }
    if kind.posted.as_ref().is_some_and(|p| matter.trail.iter().any(|t| p.steps.contains(&t.to))) {
        links.push(one(visit.t("assembly.public_page"), format!("/posted/{}", matter.id), false));
    }
    links
}

/// Every file with when and by whom it was added.
fn files(history: &[Value]) -> Vec<Value> {
    let of = |e: &Value| -> Vec<Value> {
        let files = e["files"].as_array().cloned().unwrap_or_default().into_iter();
        files
            .map(|f| {
                json!({"name": f["name"], "url": f["url"], "thumb": f["thumb"], "at": e["day"], "by": e["by"], "kind": f["name"]})
            })
            .collect()
    };
    history.iter().flat_map(of).collect()
}

fn history_line(staff: &Staff, history: &[Value]) -> String {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let line: Vec<String> =
        history.iter().map(|e| format!("{}{} {}", text(&e["day"]), text(&e["time"]), text(&e["title"]))).collect();
    line.join(&staff.visit.t("desk.paragraph_and"))
}

/// That somebody else moved first, where the form is there no more, with what was typed into it.
fn stale(staff: &Staff, url: &str, again: &Again) -> Value {
    let said = |kept: &String| json!({"words": staff.visit.t("desk.stale_gone"), "url": url, "who": "", "kept": kept});
    again.lost.as_ref().map_or(Value::Null, said)
}

fn said(staff: &Staff, asked: &std::collections::BTreeMap<String, String>) -> Value {
    match asked.get("said").map(String::as_str) {
        Some("done") => json!({"tone": "good", "words": staff.visit.t("desk.said_done")}),
        Some("taken") => {
            let slip = asked.get("slip").filter(|t| t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            let url = slip.map(|token| format!("/m/{token}/sent"));
            json!({"tone": "good", "words": staff.visit.t("desk.said_taken"), "url": url,
                "label": staff.visit.t("desk.hand_slip")})
        }
        Some(other) => alike::said(staff, other).unwrap_or_default(),
        None => Value::Null,
    }
}

/// Head of a matter.
pub(crate) fn head(staff: &Staff, app: &App, kind: &Kind, opened: &Opened, title: &str) -> Value {
    let visit = &staff.visit;
    let matter = &opened.matter;
    let day = app.now().day();
    let directory = app.directory();
    let village = directory.tree.at_level(matter.place, Level::Village, day).unwrap_or(matter.place);
    let status = if matter.voided {
        visit.t("desk.voided")
    } else if let Some(into) = matter.merged_into {
        visit.t_with("desk.merged_into", &[("id", into.to_string())])
    } else {
        let holder = matter.holder.as_ref().map(|h| show::holder(visit, app, h)).unwrap_or_default();
        format!("{} {holder}", show::step(visit, app, &matter.kind, &matter.step)).trim().to_owned()
    };
    json!({
        "id": matter.id.to_string(), "number": matter.number, "title": title, "kind": show::kind(visit, kind),
        "place": {"name": show::place(app, matter.place, matter.accepted), "url": format!("/desk/places/{}", directory.tree.code(village, day))},
        "status": status,
        "urgent": matter.values.get("urgency").and_then(Value::as_str) == Some("urgent"),
        "sealed": matter.confidential,
        "limit": shell::limit(staff, app, matter),
        "words": if opened.erased { visit.t("desk.erased") } else { story::request(kind, opened) },
        "asked": story::request_name(visit, kind),
        "version": matter.version().to_string(),
        "url": format!("/desk/matters/{}", matter.id),
    })
}

/// Next moves, or who has it.
pub(crate) async fn act(
    staff: &Staff,
    app: &App,
    offers: &Offers<'_>,
    opened: &Opened,
    again: &Again,
) -> Result<Value, WebError> {
    let matter = &opened.matter;
    let mut moves = moves::moves(staff, app, offers, matter, &opened.texts, again);
    moves.extend(mend::merge(staff, app, matter, again));
    let mine = matter
        .holder
        .as_ref()
        .is_some_and(|h| app.directory().posts_of(staff.user.account.id, app.now().day()).contains(&h));
    let holder = if mine { Value::Null } else { moves::holder(staff, app, matter)? };
    let proposal = propose::proposal(staff, app, offers, matter).await?;
    Ok(json!({"proposal": proposal, "moves": moves, "holder": holder, "shut": moves::shut(staff, app, matter)}))
}

/// Whether the reader has a right at the matter's place.
pub(super) fn has(staff: &Staff, app: &App, matter: &Matter, right: Right) -> bool {
    app.directory().has_right(&app.policy(), staff.user.account.id, right, matter.place, app.now().day())
}

/// The way to the reporter's particulars for someone outside the assignment: with a reason.
fn ask(staff: &Staff, app: &App, opened: &Opened) -> Value {
    if opened.sight == Sight::Whole || opened.reporter.is_empty() || !has(staff, app, &opened.matter, Right::Unmask) {
        return Value::Null;
    }
    let label = staff.visit.t("desk.why_see");
    let field = moves::plain_field("reason", label, "text", true, "", &Again::default());
    let url = format!("/desk/matters/{}/unmask", opened.matter.id);
    moves::form("unmask", staff.visit.t("desk.unmask"), url, Some(&opened.matter), vec![field])
}

/// Whether the reply went back to the platform it came from; the pack says so with fields `upper_no`, `upper_replied`.
fn feedback(staff: &Staff, app: &App, kind: &Kind, opened: &Opened) -> Value {
    let matter = &opened.matter;
    let Some(number) = matter.values.get("upper_no").and_then(Value::as_str).filter(|n| !n.is_empty()) else {
        return Value::Null;
    };
    let done = matter.values.contains_key("upper_replied");
    let visit = &staff.visit;
    let sheet = back(staff, app, matter);
    let columns: Vec<Value> = match &sheet {
        Some(sheet) => {
            let columns = app.in_columns(sheet, opened).into_iter();
            columns.map(|(label, value)| json!({"label": label, "value": value})).collect()
        }
        None => public_columns(staff, app, kind, opened),
    };
    let copy: Vec<&str> = columns.iter().map(|c| c["value"].as_str().unwrap_or("")).collect();
    json!({"platform": number, "words": visit.t(if done { "desk.fed_back" } else { "desk.to_feed_back" }),
        "state": if done { "done" } else { "none" }, "copy_text": copy.join("\t"), "columns": columns, "mark": null,
        "sheet_url": sheet.map(|s| format!("/desk/matters/{}/sheet/{}", matter.id, s.id)).unwrap_or_default()})
}

/// The number above and what the villager may read, for whoever may not take the platform's sheet.
fn public_columns(staff: &Staff, app: &App, kind: &Kind, opened: &Opened) -> Vec<Value> {
    let (visit, matter) = (&staff.visit, &opened.matter);
    let one = |f: &xiangyue_domain::policy::Field| {
        let plain = matter.values.get(&f.id).map(|v| show::value(visit, app, kind, &f.id, v));
        let value = plain.or_else(|| opened.texts.get(&f.id).cloned()).unwrap_or_default();
        json!({"label": visit.locale.pick(&f.label, &f.label_en), "value": value})
    };
    let number = kind.fields.iter().filter(|f| f.id == "upper_no" && !f.public);
    number.chain(kind.fields.iter().filter(|f| f.public)).map(one).collect()
}

/// The sheet in the columns of the platform that the matter came from, for whoever may export it.
fn back(staff: &Staff, app: &App, matter: &Matter) -> Option<Sheet> {
    let may = has(staff, app, matter, Right::Export);
    let sheets = if may { app.export_sheets(staff.user.account.id) } else { Vec::new() };
    sheets.into_iter().find(|s| s.subject == matter.kind && !s.done.is_empty())
}

/// Who has read the particulars, for those who may know.
async fn reads(staff: &Staff, app: &App, opened: &Opened) -> Result<Value, WebError> {
    // A sealed record shows its readers to whoever may read it; elsewhere they are for those who may unmask.
    let sealed = app.policy().kind_of(&opened.matter).is_some_and(|k| k.sealed);
    if !sealed && !has(staff, app, &opened.matter, Right::Unmask) {
        return Ok(Value::Null);
    }
    let rows = app.pool().reads(app.realm(), opened.matter.id.0).await.map_err(AppError::from)?;
    let directory = app.directory();
    let day = app.now().day();
    let list: Vec<Value> = rows
        .into_iter()
        .map(|(at, account, what, reason)| {
            let account = xiangyue_domain::ids::AccountId(account);
            let name = directory.accounts.get(&account).map_or("", |a| a.name.as_str());
            let post = directory
                .posts_of(account, day)
                .first()
                .map(|h| show::holder(&staff.visit, app, h))
                .unwrap_or_default();
            let why = match (what.as_str(), reason.is_empty()) {
                ("own", _) => staff.visit.t("own.read"),
                (_, true) => staff.visit.t("desk.read_assigned"),
                (_, false) => reason,
            };
            json!({"at": show::moment(xiangyue_domain::day::Time(at)), "post": format!("{post} {name}").trim(), "why": why})
        })
        .collect();
    Ok(json!(list))
}

/// `GET /desk/matters/{id}/files/{digest}`: a photo, for whoever may see the matter.
pub(crate) async fn file(Path((id, digest)): Path<(MatterId, String)>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let matter = app.find_matter(staff.user.account.id, id).await?;
    let bytes = app.read_file(&matter, &digest).await?;
    Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "private, max-age=3600")], bytes).into_response())
}
