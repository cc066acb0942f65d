//! `GET /v/{code}/boards`: the village's red and black boards. `POST /v/{code}/boards/{id}/appeal`: somebody says that an
//! entry is wrong; it leads to the receipt of the appeal. For everybody; how often one address may send is limited.

use super::place;
use crate::error::WebError;
use crate::form::read_public;
use crate::page::{Answer, see_other, with_status};
use crate::visit::Visit;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::board::{Hanging, board_kinds};
use xiangyue_app::matter::{OpenForm, Typed};
use xiangyue_app::{App, AppError};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Colour, Policy};

/// Appeals that one address may send within the window.
const MOST: u32 = 10;
const WINDOW_MS: i64 = 600_000;

/// `GET /v/{code}/boards`
pub(crate) async fn boards(Path(code): Path<String>, visit: Visit) -> Answer {
    show(&visit, &code, None).await
}

/// `POST /v/{code}/boards/{id}/appeal`
pub(crate) async fn appeal(Path((code, id)): Path<(String, MatterId)>, visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(&visit, &code)?;
    let entry = app.boards(village).await?.into_iter().find(|h| h.id == id).ok_or(WebError::NotFound)?;
    let policy = app.policy();
    let kind = board_kinds(&policy).find(|(k, _)| k.id == entry.kind).and_then(|(_, b)| b.appeal.clone());
    let kind = kind.ok_or(WebError::NotFound)?;
    let sent = read_public(&visit, request).await?;
    if let Err(seconds) = visit.web.limits().take("appeal", visit.from, app.now().0, WINDOW_MS, MOST) {
        let fault = visit.t_with("portal.too_many", &[("n", ((seconds + 59) / 60).to_string())]);
        return with_status(show(&visit, &code, Some((id, fault))).await, StatusCode::TOO_MANY_REQUESTS);
    }
    let key = sent.once().unwrap_or_else(|| format!("form/{}", visit.once()));
    let typed = Typed::from([
        ("about".to_owned(), entry.number),
        ("words".to_owned(), sent.get("words").to_owned()),
        ("reporter_phone".to_owned(), sent.get("phone").to_owned()),
    ]);
    let form = OpenForm { kind, place: village, typed, ..OpenForm::default() };
    match app.open_matter(Who::Reporter, form, &key).await {
        Ok(receipt) => Ok(see_other(&format!("/m/{}/sent", receipt.token))),
        Err(AppError::Refused(refusal)) => {
            let faults = visit.faults(&refusal);
            let fault = faults.into_values().next().unwrap_or_else(|| visit.refusal(&refusal));
            with_status(show(&visit, &code, Some((id, fault))).await, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

async fn show(visit: &Visit, code: &str, fault: Option<(MatterId, String)>) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(visit, code)?;
    let policy = app.policy();
    let colours: Vec<Colour> = board_kinds(&policy).map(|(_, b)| b.colour).collect();
    if colours.is_empty() {
        return Err(WebError::NotFound);
    }
    let all = app.boards(village).await?;
    let of = |colour: Colour| -> Vec<Value> {
        all.iter().filter(|h| h.colour == colour).map(|h| entry(visit, app, code, h, fault.as_ref())).collect()
    };
    let values = json!({
        "village": place::values(app, village), "once": visit.once(),
        "title": title(visit, &policy), "red": of(Colour::Red), "black": of(Colour::Black),
        "has_black": colours.contains(&Colour::Black),
    });
    visit.page("portal/boards.html", &title(visit, &policy), values)
}

/// What the boards in use are called together: where there is no black one, it is not spoken of.
pub(super) fn title(visit: &Visit, policy: &Policy) -> String {
    let black = board_kinds(policy).any(|(_, b)| b.colour == Colour::Black);
    visit.t(if black { "board.title" } else { "board.red" })
}

fn entry(visit: &Visit, app: &App, code: &str, hanging: &Hanging, fault: Option<&(MatterId, String)>) -> Value {
    let policy = app.policy();
    let kind = policy.kind(&hanging.kind);
    let board = kind.and_then(|k| k.board.as_ref());
    let english = visit.locale == crate::Locale::En;
    let field = kind.zip(board).and_then(|(k, b)| k.field(&b.title));
    let title = field.and_then(|f| f.option_name(&hanging.title, english)).unwrap_or(&hanging.title).to_owned();
    let fault = fault.filter(|(id, _)| *id == hanging.id).map(|(_, text)| text.clone());
    let appeal = board.and_then(|b| b.appeal.as_ref()).map(|_| format!("/v/{code}/boards/{}/appeal", hanging.id));
    let until = hanging.until.map(|d| visit.t_with("board.until", &[("day", d.to_string())]));
    json!({
        "until": until.unwrap_or_default(), "title": title, "number": hanging.number, "since": hanging.since.to_string(), "fault": fault, "appeal": appeal,
        "said": hanging.said.iter().flat_map(|s| s.text.lines().map(str::to_owned)).collect::<Vec<_>>(),
    })
}
