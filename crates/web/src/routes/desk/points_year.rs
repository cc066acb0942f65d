//! `GET|POST /desk/points/year`: the end of a points year in a village: the list of honours, drawn up from points and
//! reviewed by another post, and the clearing after its notice. For staff who keep the village's books; which deed is whose
//! the ledger says. Households go by number and are not ranked.

use super::points::{may, serves, village};
use super::shell;
use crate::error::WebError;
use crate::form::{Sent, read_staff};
use crate::page::{Answer, query, see_other, with_status};
use crate::visit::Staff;
use axum::extract::Request;
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::points_year::Hangs;
use xiangyue_app::{App, AppError};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::ledger::Request as Asked;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Clearing, Honour, next_date};
use xiangyue_domain::refusal::Refusal;

/// Years that may be asked for.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// `GET /desk/points/year?place=&year=`
pub(crate) async fn points_year(staff: Staff) -> Answer {
    let app = staff.app()?;
    let place = village(&staff, app);
    show(&staff, place, "").await
}

/// `POST /desk/points/year`: one deed.
pub(crate) async fn end_year(staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let (directory, day) = (app.directory(), app.now().day());
    let place = directory.tree.by_code(sent.get("village"), day).map(|r| r.id);
    let place = place.filter(|p| serves(app, staff.user.account.id, *p)).ok_or(WebError::NotFound)?;
    match done(&staff, place, &sent).await {
        Ok(()) => Ok(see_other(&format!(
            "/desk/points/year?place={}&year={}",
            directory.tree.code(place, day),
            sent.get("year").parse::<i16>().unwrap_or_else(|_| last_year(app))
        ))),
        Err(AppError::Refused(refusal)) => {
            let why = staff.visit.refusal(&refusal);
            with_status(show(&staff, Some(place), &why).await, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

async fn done(staff: &Staff, place: RegionId, sent: &Sent) -> Result<(), AppError> {
    let app = staff.app().map_err(|_| AppError::Busy)?;
    let by = Who::Account { account: staff.user.account.id, post: None };
    let policy = app.policy();
    let year = sent.get("year").parse().ok().filter(|y| YEARS.contains(y));
    let year = || year.ok_or_else(|| Refusal::field("year", "range"));
    let honour = || policy.ledger.honours.iter().find(|h| h.id == sent.get("honour")).ok_or(AppError::NotFound);
    let clearing = || policy.ledger.clearings.iter().find(|c| c.id == sent.get("clearing")).ok_or(AppError::NotFound);
    match sent.get("deed") {
        "draw" => app.draw_honours(by, (place, honour()?, year()?), sent.once()).await.map(|_| ()),
        "review" => {
            let households = sent.values("home").filter_map(|h| h.parse().ok()).collect();
            app.review_honours(by, (place, honour()?, year()?), sent.once(), households).await.map(|_| ())
        }
        "notice" => {
            let notice = Asked::Notice { village: place, clearing: clearing()?.id.clone() };
            app.ledger(by, sent.once(), notice).await.map(|_| ())
        }
        "clear" => {
            let up_to = Day::parse(sent.get("up_to")).ok_or_else(|| Refusal::field("up_to", "date"))?;
            app.clear_village(by, (place, clearing()?, up_to)).await.map(|_| ())
        }
        _ => Err(AppError::NotFound),
    }
}

/// The last year that is over.
fn last_year(app: &App) -> i16 {
    app.now().day().date().year() - 1
}

async fn honour(staff: &Staff, app: &App, (place, rule, year): (RegionId, &Honour, i16)) -> Result<Value, AppError> {
    let (visit, account) = (&staff.visit, staff.user.account.id);
    let list = app.honoured(place, &rule.id, year).await?;
    let row = |h: &xiangyue_app::points_year::Honoured| {
        json!({"id": h.household.to_string(), "number": h.number,
        "points": h.points, "reviewed": h.reviewed || rule.review.is_empty()})
    };
    let open = list.iter().any(|h| !h.reviewed && h.by != Some(account));
    Ok(json!({"id": rule.id, "name": visit.locale.pick(&rule.name, &rule.name_en), "basis": rule.basis,
        "at_least": rule.at_least, "rows": list.iter().map(row).collect::<Vec<_>>(),
        "may_draw": may(app, account, &rule.by, place), "may_review": open && may(app, account, &rule.review, place)}))
}

async fn clearing(
    staff: &Staff,
    app: &App,
    (place, rule, hangs): (RegionId, &Clearing, &[Hangs]),
) -> Result<Value, AppError> {
    let (visit, today) = (&staff.visit, app.now().day());
    let (hang, right) =
        (hangs.iter().find(|h| h.clearing == rule.id), may(app, staff.user.account.id, &rule.by, place));
    let next = next_date(&rule.up_to, today);
    let open = hang.map(|h| h.day.plus(rule.notice_days).max(h.up_to));
    let ready = open.is_some_and(|o| o <= today);
    let left = if ready { app.to_clear(place, rule).await? } else { Vec::new() };
    Ok(json!({"id": rule.id, "name": visit.locale.pick(&rule.name, &rule.name_en), "basis": rule.basis,
        "days": rule.notice_days, "hung": hang.map(|h| h.day.to_string()), "up_to": hang.map(|h| h.up_to.to_string()),
        "next": next.map(|d| d.to_string()), "opens": open.map(|d| d.to_string()), "ready": ready,
        "households": left.iter().map(|a| a.key.owner).collect::<std::collections::BTreeSet<_>>().len(),
        "points": left.iter().map(|a| a.balance).sum::<i64>(),
        "may_notice": right && hang.is_none_or(|h| Some(h.up_to) != next), "may_clear": right && ready && !left.is_empty()}))
}

async fn show(staff: &Staff, place: Option<RegionId>, why: &str) -> Answer {
    let (app, visit) = (staff.app()?, &staff.visit);
    let (directory, day, policy) = (app.directory(), app.now().day(), app.policy());
    let asked = query(&visit.path).remove("year").and_then(|y| y.parse().ok());
    let year = asked.filter(|y| YEARS.contains(y)).unwrap_or_else(|| last_year(app));
    let (mut honours, mut clearings) = (Vec::new(), Vec::new());
    if let Some(place) = place {
        for rule in &policy.ledger.honours {
            honours.push(honour(staff, app, (place, rule, year)).await?);
        }
        let hangs = app.notices_at(place).await?;
        for rule in &policy.ledger.clearings {
            clearings.push(clearing(staff, app, (place, rule, &hangs)).await?);
        }
    }
    let values = json!({"nav": shell::nav(staff, "points").await?, "once": visit.once(), "why": why, "year": year,
        "place": place.map(|p| directory.tree.display(p, day)), "code": place.map(|p| directory.tree.code(p, day)),
        "back": format!("/desk/points?place={}", place.map_or("", |p| directory.tree.code(p, day))),
        "honours": honours, "clearings": clearings});
    visit.page("desk/points_year.html", &visit.t("points_year.title"), values)
}
