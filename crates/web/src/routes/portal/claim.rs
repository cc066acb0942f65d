//! `GET|POST /h/{token}/claim`: a household reports what it did for points, with a photo. For whoever holds the passbook; how
//! often one address may send is limited. Whether it counts is for the appraisal group to say.

use super::place;
use crate::error::WebError;
use crate::form::{Sent, read_public};
use crate::page::{Answer, see_other, with_status};
use crate::routes::desk::{Again, field};
use crate::visit::Visit;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::file::MAX_FILES;
use xiangyue_app::matter::{OpenForm, Typed};
use xiangyue_app::points::claim_kind;
use xiangyue_app::{App, AppError};
use xiangyue_domain::form::named;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Field, Kind, Posting};
use xiangyue_domain::register::Household;

/// Claims that one address may send within the window.
const MOST: u32 = 20;
const WINDOW_MS: i64 = 600_000;

fn of(app: &App) -> Result<(Kind, Posting), WebError> {
    let policy = app.policy();
    claim_kind(&policy.kinds, &policy.ledger).filter(|(k, _)| k.intake.portal).ok_or(WebError::NotFound)
}

/// Fields that the household fills: the form's without its own number.
fn asked<'a>(kind: &'a Kind, post: &'a Posting) -> impl Iterator<Item = &'a Field> {
    kind.intake_fields().into_iter().filter(|f| f.id != post.household)
}

/// `GET /h/{token}/claim`
pub(crate) async fn claim(Path(token): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let home = app.home_by_token(&token).await?;
    show(&visit, app, (&home, &token), &Again::default())
}

/// `POST /h/{token}/claim`
pub(crate) async fn send_claim(Path(token): Path<String>, visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let home = app.home_by_token(&token).await?;
    let mut sent = read_public(&visit, request).await?;
    let mut again = Again::default();
    let (kind, post) = of(app)?;
    again.typed = asked(&kind, &post).map(|f| (f.id.clone(), sent.get(&f.id).to_owned())).collect();
    if let Err(seconds) = visit.web.limits().take("claim", visit.from, app.now().0, WINDOW_MS, MOST) {
        again.why = visit.t_with("portal.too_many", &[("n", ((seconds + 59) / 60).to_string())]);
        return with_status(show(&visit, app, (&home, &token), &again), StatusCode::TOO_MANY_REQUESTS);
    }
    match open(&visit, app, &home, &mut sent, again.typed.clone()).await {
        Ok(receipt) => Ok(see_other(&format!("/m/{receipt}/sent"))),
        Err(AppError::Refused(refusal)) => {
            again.faults = visit.faults(&refusal);
            again.why = if again.faults.is_empty() { visit.refusal(&refusal) } else { visit.t("portal.form_fault") };
            with_status(show(&visit, app, (&home, &token), &again), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

async fn open(
    visit: &Visit,
    app: &App,
    home: &Household,
    sent: &mut Sent,
    mut typed: Typed,
) -> Result<String, AppError> {
    if let Some(fault) = sent.photo_fault.take() {
        return Err(AppError::Refused(fault));
    }
    let policy = app.policy();
    let (kind, post) = claim_kind(&policy.kinds, &policy.ledger).ok_or(AppError::NotFound)?;
    typed.insert(post.household, named(&home.number, home.id.0));
    let files = std::mem::take(&mut sent.photos);
    let form = OpenForm { kind: kind.id, place: home.region, typed, files, ..OpenForm::default() };
    let key = sent.once().unwrap_or_else(|| format!("form/{}", visit.once()));
    Ok(app.open_matter(Who::Reporter, form, &key).await?.token)
}

fn show(visit: &Visit, app: &App, (home, token): (&Household, &str), again: &Again) -> Answer {
    let policy = app.policy();
    let (kind, post) = of(app)?;
    let day = app.now().day();
    let mut fields: Vec<Value> = asked(&kind, &post).map(|f| field(visit, &policy, f, f.required, again)).collect();
    // What is taken off is for others to say.
    let gives = |code: &str| policy.ledger.rule(code, day).is_some_and(|r| r.points > 0);
    for f in fields.iter_mut().filter(|f| f["id"] == post.rule.as_str()) {
        if let Some(options) = f["options"].as_array_mut() {
            options.retain(|o| o["value"].as_str().is_some_and(gives));
        }
    }
    let values = json!({
        "village": place::values(app, home.region), "number": home.number, "fields": fields, "url": format!("/h/{token}"),
        "action": format!("/h/{token}/claim"), "fault": (!again.why.is_empty()).then_some(&again.why),
        "photos": {"error": again.faults.get("photos"), "max": MAX_FILES}, "once": visit.once(),
        "sample": kind.sample,
    });
    visit.page("portal/claim.html", &visit.t("points.claim"), values)
}
