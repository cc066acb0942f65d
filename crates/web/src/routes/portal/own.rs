//! `GET|POST /v/{code}/own`: what was paid to oneself. For everybody who can name a person and the end of the number on
//! that person's card; nothing of it stands in an address, and no page of it is kept.

use super::place;
use crate::error::WebError;
use crate::form::read_public;
use crate::page::{Answer, with_status};
use crate::show;
use crate::visit::Visit;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::own::{OwnLine, own_kind};
use xiangyue_app::{App, AppError};
use xiangyue_domain::day::Day;
use xiangyue_domain::policy::{FieldType, Kind, OwnRules};

/// Longest name and number that are read.
const NAME_MAX: usize = 40;
const NUMBER_MAX: usize = 30;

/// What was asked, and what came of it.
#[derive(Default)]
struct Answered {
    name: String,
    fault: Option<String>,
    lines: Option<Vec<OwnLine>>,
}

/// `GET /v/{code}/own`
pub(crate) async fn own(Path(code): Path<String>, visit: Visit) -> Answer {
    show(&visit, &code, Answered::default())
}

/// `POST /v/{code}/own`
pub(crate) async fn look_up_own(Path(code): Path<String>, visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(&visit, &code)?;
    let sent = read_public(&visit, request).await?;
    let short = |field: &str, most: usize| sent.get(field).trim().chars().take(most).collect::<String>();
    let (name, number) = (short("name", NAME_MAX), short("number", NUMBER_MAX));
    let from = visit.from.to_string();
    match app.look_up_own(village, (&name, &number), &from).await {
        Ok(lines) => show(&visit, &code, Answered { name, lines: Some(lines), fault: None }),
        Err(AppError::Limited(seconds)) => {
            let fault = Some(visit.t_with("own.too_many", &[("n", ((seconds + 59) / 60).to_string())]));
            with_status(show(&visit, &code, Answered { name, fault, lines: None }), StatusCode::TOO_MANY_REQUESTS)
        }
        Err(AppError::NotFound) => {
            let fault = Some(visit.t("own.none"));
            with_status(show(&visit, &code, Answered { name, fault, lines: None }), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

fn show(visit: &Visit, code: &str, answered: Answered) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(visit, code)?;
    let policy = app.policy();
    let (kind, own) = own_kind(&policy).ok_or(WebError::NotFound)?;
    let lines = answered.lines.as_deref().unwrap_or_default();
    let values = json!({
        "village": place::values(app, village),
        "action": format!("/v/{code}/own"), "once": visit.once(),
        "name": answered.name, "fault": answered.fault, "digits": own.digits,
        "asked": answered.lines.is_some(),
        "years": years(visit, app, kind, own, lines),
        "sample": kind.sample,
    });
    visit.page("portal/own.html", &visit.t("own.title"), values)
}

fn day_of(own: &OwnRules, line: &OwnLine) -> Option<Day> {
    line.values.get(&own.dated).and_then(Value::as_i64).and_then(|d| i32::try_from(d).ok()).map(Day)
}

/// The lines by year, newest first, each year with its sum.
fn years(visit: &Visit, app: &App, kind: &Kind, own: &OwnRules, lines: &[OwnLine]) -> Vec<Value> {
    // Lines without a day stand last, under no year.
    let mut by_year: BTreeMap<Option<i16>, Vec<&OwnLine>> = BTreeMap::new();
    for line in lines {
        by_year.entry(day_of(own, line).map(|d| d.date().year())).or_default().push(line);
    }
    let amount = |l: &&OwnLine| own.sum.as_ref().and_then(|f| l.values.get(f)).and_then(Value::as_i64).unwrap_or(0);
    let year = |(year, lines): (Option<i16>, Vec<&OwnLine>)| {
        let sum = lines.iter().map(amount).sum::<i64>();
        json!({
            "year": year, "n": lines.len(), "sum": own.sum.as_ref().map(|_| show::money(sum)),
            "lines": lines.iter().map(|l| line(visit, app, kind, own, l)).collect::<Vec<_>>(),
        })
    };
    by_year.into_iter().rev().map(year).collect()
}

fn line(visit: &Visit, app: &App, kind: &Kind, own: &OwnRules, line: &OwnLine) -> Value {
    let said = |id: &String| {
        let field = kind.field(id)?;
        let value = line.values.get(id)?;
        let text = show::value(visit, app, kind, id, value);
        if text.is_empty() {
            return None;
        }
        // Sums and days hold digits that are nobody's number.
        let plain = matches!(field.kind, FieldType::Money | FieldType::Date);
        let text = if plain { text } else { xiangyue_domain::mask::scrub(&text) };
        let label = visit.locale.pick(&field.label, &field.label_en);
        Some(json!({ "label": label, "text": text, "money": field.kind == FieldType::Money }))
    };
    json!({
        "number": line.number, "day": day_of(own, line).map(|d| d.to_string()),
        "said": own.shown.iter().filter(|f| **f != own.dated).filter_map(said).collect::<Vec<_>>(),
    })
}
