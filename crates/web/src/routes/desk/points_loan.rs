//! `GET|POST /desk/points/consents`: households' written consents that a bank may see their points, with the signed sheet,
//! and their end; and what the bank sees of one household while it consents. For staff who keep the village's books; off
//! until the pack switches it on. Every look is on record.

use super::points::{may, serves, village};
use super::shell;
use crate::error::WebError;
use crate::form::{Sent, read_staff};
use crate::page::{Answer, query, see_other, with_status};
use crate::visit::Staff;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::collections::HashMap;
use xiangyue_app::{App, AppError};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::{HouseholdId, MatterId, PartyId, RegionId};
use xiangyue_domain::ledger::{Home, Party, Request as Asked};
use xiangyue_domain::matter::Who;
use xiangyue_domain::refusal::Refusal;

/// `GET /desk/points/consents?place=&home=`
pub(crate) async fn consents(staff: Staff) -> Answer {
    let place = village(&staff, staff.app()?);
    show(&staff, place, "").await
}

/// `GET /desk/points/consents/{home}/{party}?place=`: the signed sheet, for whoever records consents or looks by them.
pub(crate) async fn consent_sheet(Path((home, party)): Path<(i64, PartyId)>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let (account, policy) = (staff.user.account.id, app.policy());
    let loan = policy.ledger.loan.as_ref().filter(|l| l.on).ok_or(WebError::NotFound)?;
    let place = village(&staff, app).ok_or(WebError::NotFound)?;
    if !may(app, account, &loan.by, place) && !may(app, account, &loan.seen_by, place) {
        return Err(WebError::NotFound);
    }
    let bytes = app.consent_sheet(account, place, (HouseholdId(home), party)).await?;
    Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "no-store")], bytes).into_response())
}

/// `POST /desk/points/consents`: a consent, or its end.
pub(crate) async fn consent(staff: Staff, request: Request) -> Answer {
    let mut sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let (directory, day) = (app.directory(), app.now().day());
    let place = directory.tree.by_code(sent.get("village"), day).map(|r| r.id);
    let place = place.filter(|p| serves(app, staff.user.account.id, *p)).ok_or(WebError::NotFound)?;
    match done(&staff, place, &mut sent).await {
        Ok(()) => Ok(see_other(&format!("/desk/points/consents?place={}", directory.tree.code(place, day)))),
        Err(AppError::Refused(refusal)) => {
            let mut lines: Vec<String> = staff.visit.faults(&refusal).into_values().collect();
            if lines.is_empty() {
                lines.push(staff.visit.refusal(&refusal));
            }
            with_status(show(&staff, Some(place), &lines.join(" ")).await, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

async fn done(staff: &Staff, place: RegionId, sent: &mut Sent) -> Result<(), AppError> {
    let app = staff.app().map_err(|_| AppError::Busy)?;
    let by = Who::Account { account: staff.user.account.id, post: None };
    let home = app.household_typed(place, sent.get("home").trim()).await?;
    let home = home.ok_or_else(|| Refusal::field("home", "household"))?;
    let party = sent.get("party").parse().map(PartyId).map_err(|_| Refusal::field("party", "choice"))?;
    match sent.get("deed") {
        "give" => {
            let sheet = sent.photos.pop().ok_or_else(|| Refusal::field("photos", "required"))?;
            let to = Day::parse(sent.get("to"));
            app.record_consent(by, (&home, party, to), sheet, sent.once()).await.map(|_| ())
        }
        "withdraw" => {
            let home = Home { id: home.id.0, place: home.region };
            let ended = Asked::Consent { home, party, sheet: String::new(), to: None };
            app.ledger(by, sent.once(), ended).await.map(|_| ())
        }
        _ => Err(AppError::NotFound),
    }
}

/// What the bank sees of one household: nothing without its consent. The look is written down before it is shown.
async fn looked(staff: &Staff, app: &App, place: RegionId) -> Result<Value, AppError> {
    let number = query(&staff.visit.path).remove("home").unwrap_or_default();
    let policy = app.policy();
    let Some(loan) = policy.ledger.loan.as_ref().filter(|l| l.on && !number.trim().is_empty()) else {
        return Ok(Value::Null);
    };
    let account = staff.user.account.id;
    let none = |why: String| json!({"number": number, "why": why});
    if !may(app, account, &loan.seen_by, place) {
        return Err(AppError::NotFound);
    }
    let Some(home) = app.household_typed(place, number.trim()).await? else {
        return Ok(none(staff.visit.t("points_loan.no_home")));
    };
    match app.credit_of(home.id).await {
        Ok((consent, points, grade)) => {
            // Ids are drawn from one row, so a household's stands for no matter.
            app.log_read(MatterId(home.id.0), account, "credit", &consent.party.to_string()).await?;
            Ok(
                json!({"number": home.number, "points": points, "grade": grade, "to": consent.to.to_string(), "why": ""}),
            )
        }
        Err(AppError::Refused(refusal)) => Ok(none(staff.visit.refusal(&refusal))),
        Err(other) => Err(other),
    }
}

async fn show(staff: &Staff, place: Option<RegionId>, why: &str) -> Answer {
    let (app, visit) = (staff.app()?, &staff.visit);
    let (directory, day, policy) = (app.directory(), app.now().day(), app.policy());
    let loan = policy.ledger.loan.as_ref().filter(|l| l.on);
    let mut values = json!({"nav": shell::nav(staff, "points").await?, "once": visit.once(), "why": why, "on": loan.is_some(),
        "place": place.map(|p| directory.tree.display(p, day)), "code": place.map(|p| directory.tree.code(p, day)),
        "back": format!("/desk/points?place={}", place.map_or("", |p| directory.tree.code(p, day))),
        "rows": [], "banks": [], "may_record": false, "may_look": false, "looked": null, "basis": "", "days": 0});
    if let (Some(loan), Some(place)) = (loan, place) {
        let account = staff.user.account.id;
        let banks: Vec<Party> = app.parties_at(place).await?.into_iter().filter(|p| p.kind == loan.party).collect();
        let names: HashMap<PartyId, &str> = banks.iter().map(|b| (b.id, b.name.as_str())).collect();
        let row = |(number, c): &(String, xiangyue_domain::ledger::Consent)| {
            let sheet =
                format!("/desk/points/consents/{}/{}?place={}", c.household, c.party, directory.tree.code(place, day));
            json!({"number": number, "sheet": if c.sheet.is_empty() { String::new() } else { sheet },
            "party": c.party.to_string(), "bank": names.get(&c.party), "from": c.from.to_string(), "to": c.to.to_string()})
        };
        values["rows"] = app.consents_in(place).await?.iter().map(row).collect();
        values["banks"] = banks.iter().map(|b| json!({"value": b.id.to_string(), "label": b.name})).collect();
        values["may_record"] = json!(may(app, account, &loan.by, place));
        values["may_look"] = json!(may(app, account, &loan.seen_by, place));
        values["looked"] = looked(staff, app, place).await?;
        values["basis"] = json!(loan.basis);
        values["days"] = json!(loan.consent_days);
    }
    visit.page("desk/points_loan.html", &visit.t("points_loan.title"), values)
}
