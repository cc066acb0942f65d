//! `GET /b`, `POST /b`: the code on a slip, typed. `GET /b/{code}`: what is voted on, with three choices. `POST /b/{code}`:
//! the vote. For whoever holds the slip. Codes are tried a limited number of times, and no log line holds one.

use super::{body_name, secrecy, stage};
use crate::error::WebError;
use crate::form::read_public;
use crate::page::{Answer, see_other, with_status};
use crate::show;
use crate::visit::Visit;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_app::ballot::{Voting, code_as_typed};
use xiangyue_domain::ballot::{Choice, Stage, Way};
use xiangyue_domain::refusal::Refusal;

/// Codes tried from one address within a window.
const TRIES: u32 = 60;
const WINDOW_MS: i64 = 10 * 60_000;

/// `GET /b`
pub(crate) async fn enter(visit: Visit) -> Answer {
    visit.ready()?;
    entry(&visit, "", None)
}

/// `POST /b`
pub(crate) async fn find(visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let sent = read_public(&visit, request).await?;
    tried(&visit)?;
    let code = code_as_typed(sent.get("code"));
    match app.voting(&code).await {
        Ok(_) => Ok(see_other(&format!("/b/{code}"))),
        Err(AppError::NotFound) => {
            let page = entry(&visit, sent.get("code"), Some(visit.t("assembly.code_unknown")));
            with_status(page, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

fn tried(visit: &Visit) -> Result<(), WebError> {
    let now = visit.app()?.now().0;
    visit.web.limits().take("ballot", visit.from, now, WINDOW_MS, TRIES).map_err(WebError::Limited)
}

fn entry(visit: &Visit, code: &str, fault: Option<String>) -> Answer {
    let values = json!({ "code": code, "fault": fault, "once": visit.once() });
    visit.page("assembly/enter.html", &visit.t("assembly.vote"), values)
}

/// `GET /b/{code}`
pub(crate) async fn ask(Path(code): Path<String>, visit: Visit) -> Answer {
    tried(&visit)?;
    let voting = visit.app()?.voting(&code).await?;
    page(&visit, &code, &voting, None)
}

/// `POST /b/{code}`
pub(crate) async fn cast(Path(code): Path<String>, visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let sent = read_public(&visit, request).await?;
    tried(&visit)?;
    let refused = match Choice::parse(sent.get("choice")) {
        Some(choice) => match app.cast(&code, choice).await {
            // Who sent twice has voted, and is shown so.
            Ok(()) => return Ok(see_other(&format!("/b/{}", code_as_typed(&code)))),
            Err(AppError::Refused(refusal)) if refusal.key == "voted" => {
                return Ok(see_other(&format!("/b/{}", code_as_typed(&code))));
            }
            Err(AppError::Refused(refusal)) => refusal,
            Err(other) => return Err(other.into()),
        },
        None => Refusal::new("choose_first"),
    };
    let voting = app.voting(&code).await?;
    with_status(page(&visit, &code, &voting, Some(visit.refusal(&refused))), StatusCode::UNPROCESSABLE_ENTITY)
}

fn page(visit: &Visit, code: &str, voting: &Voting, fault: Option<String>) -> Answer {
    let app = visit.app()?;
    let ballot = &voting.ballot;
    let over = ballot.stage == Stage::Open && app.now() > ballot.opened.until;
    let option = |choice: Choice| json!({ "value": choice.as_str(), "label": visit.t(&format!("assembly.{}", choice.as_str())) });
    let may = ballot.stage == Stage::Open && voting.voted.is_none() && !over;
    let values = json!({
        "title": voting.title,
        "name": voting.name,
        "body": body_name(visit, app, ballot),
        "secrecy": secrecy(visit, ballot),
        "secret_note": ballot.opened.secret.then(|| visit.t("assembly.secret_note")),
        "stage": stage(visit, ballot),
        "until": show::full_moment(ballot.opened.until),
        "words": voting.words.last(),
        "voted": voting.voted.map(|way| visit.t(match way {
            Way::Phone => "assembly.voted_phone",
            Way::Paper => "assembly.voted_paper",
        })),
        "chosen": voting.choice.map(|c| visit.t(&format!("assembly.{}", c.as_str()))),
        "over": over,
        "choices": if may { json!([option(Choice::Yes), option(Choice::No), option(Choice::Abstain)]) } else { Value::Null },
        "url": format!("/b/{}", code_as_typed(code)),
        "result_url": format!("/ballots/{}", ballot.id()),
        "fault": fault,
        "once": visit.once(),
    });
    visit.page("assembly/vote.html", &visit.t("assembly.vote"), values)
}
