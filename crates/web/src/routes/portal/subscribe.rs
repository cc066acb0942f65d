//! Being told by text message of what a village makes public. `GET|POST /v/{code}/subscribe`: a number, and a code is
//! sent; `POST …/code`: the code comes back; `GET|POST /s/{token}`: the link of a message, by which anybody who has it
//! stops it. For everybody; no answer tells whether a number is known, and no number stands in an address or a page.

use super::lookup::digits;
use super::place;
use crate::error::WebError;
use crate::form::{Sent, read_public};
use crate::page::{Answer, with_status};
use crate::visit::Visit;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::json;
use xiangyue_app::AppError;
use xiangyue_app::subscription::{CODE_DIGITS, mobile};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::subscription::{CODE_MS, Deed};

/// Codes that one address may ask for within the window.
const MOST: u32 = 10;
const WINDOW_MS: i64 = 600_000;
/// Longest number and ticket that are read.
const NUMBER_MAX: usize = 30;
const TICKET_MAX: usize = 1000;

/// What a page shows.
#[derive(Default)]
struct Shown {
    /// `ask`, `code`, `link` or `done`.
    mode: &'static str,
    number: String,
    ticket: String,
    /// To whom the code went, masked.
    to: String,
    deed: &'static str,
    /// What is wrong with the field at hand, and with the whole.
    field_fault: Option<String>,
    fault: Option<String>,
}

/// `GET /v/{code}/subscribe`
pub(crate) async fn subscribe(Path(code): Path<String>, visit: Visit) -> Answer {
    show(&visit, &code, Shown { mode: "ask", ..Shown::default() })
}

/// `POST /v/{code}/subscribe`
pub(crate) async fn send_code(Path(code): Path<String>, visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(&visit, &code)?;
    app.text_rules().ok_or(WebError::NotFound)?;
    let sent = read_public(&visit, request).await?;
    let number: String = sent.get("phone").chars().take(NUMBER_MAX).collect();
    let again = Shown { mode: "ask", number: number.clone(), ..Shown::default() };
    let phone = match mobile(&number) {
        Ok(phone) => phone,
        Err(refusal) => {
            let field_fault = visit.faults(&refusal).remove("phone");
            let page = show(&visit, &code, Shown { field_fault, ..again });
            return with_status(page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    if let Err(seconds) = visit.web.limits().take("subscribe", visit.from, app.now().0, WINDOW_MS, MOST) {
        return too_many(&visit, &code, again, ("portal.too_many", seconds));
    }
    let deed = Deed::parse(sent.get("deed")).unwrap_or(Deed::Start);
    match app.ask_subscription(village, (&phone, deed), &once(&visit, &sent)).await {
        Ok(ticket) => show(&visit, &code, asked(&visit, ticket)?),
        Err(AppError::Limited(seconds)) => too_many(&visit, &code, again, ("subscribe.full_today", seconds)),
        Err(other) => Err(other.into()),
    }
}

/// `POST /v/{code}/subscribe/code`
pub(crate) async fn take_code(Path(code): Path<String>, visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(&visit, &code)?;
    app.text_rules().ok_or(WebError::NotFound)?;
    let sent = read_public(&visit, request).await?;
    let ticket: String = sent.get("ticket").chars().take(TICKET_MAX).collect();
    let Ok(again) = asked(&visit, ticket.clone()) else {
        let fault = Some(visit.t("subscribe.begin_again"));
        let page = show(&visit, &code, Shown { mode: "ask", fault, ..Shown::default() });
        return with_status(page, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let typed = digits(&sent.get("code").chars().take(NUMBER_MAX).collect::<String>());
    if typed.len() != CODE_DIGITS {
        let field_fault = Some(visit.t_with("subscribe.code_fault", &[("n", CODE_DIGITS.to_string())]));
        let page = show(&visit, &code, Shown { field_fault, ..again });
        return with_status(page, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let from = visit.from.to_string();
    match app.confirm_subscription(village, (&ticket, &typed), &from, &once(&visit, &sent)).await {
        Ok(deed) => show(&visit, &code, Shown { mode: "done", deed: deed.as_str(), ..Shown::default() }),
        Err(AppError::Limited(seconds)) => too_many(&visit, &code, again, ("subscribe.tries", seconds)),
        Err(AppError::Refused(refusal)) => {
            let field_fault = Some(visit.refusal(&refusal));
            with_status(show(&visit, &code, Shown { field_fault, ..again }), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /s/{token}`
pub(crate) async fn stopping(Path(token): Path<String>, visit: Visit) -> Answer {
    let (village, over) = visit.app()?.subscription_by_link(&token).await?;
    linked(&visit, village, &token, over)
}

/// `POST /s/{token}`
pub(crate) async fn stop(Path(token): Path<String>, visit: Visit, request: Request) -> Answer {
    read_public(&visit, request).await?;
    let village = visit.app()?.stop_by_link(&token).await?;
    linked(&visit, village, &token, true)
}

/// The page of a link, before and after; it says which village and nothing of the number.
fn linked(visit: &Visit, village: RegionId, token: &str, over: bool) -> Answer {
    let shown = Shown { mode: if over { "done" } else { "link" }, deed: Deed::Stop.as_str(), ..Shown::default() };
    page(visit, village, &format!("/s/{token}"), &shown)
}

/// What is shown once a code is on its way.
fn asked(visit: &Visit, ticket: String) -> Result<Shown, WebError> {
    let (to, deed) = visit.app()?.read_ticket_for_page(&ticket).ok_or(WebError::NotFound)?;
    Ok(Shown { mode: "code", ticket, to, deed: deed.as_str(), ..Shown::default() })
}

/// The word that makes sending twice the same as sending once.
fn once(visit: &Visit, sent: &Sent) -> String {
    sent.once().unwrap_or_else(|| visit.once())
}

fn too_many(visit: &Visit, code: &str, shown: Shown, (key, seconds): (&str, i64)) -> Answer {
    let fault = Some(visit.t_with(key, &[("n", ((seconds + 59) / 60).to_string())]));
    with_status(show(visit, code, Shown { fault, ..shown }), StatusCode::TOO_MANY_REQUESTS)
}

fn show(visit: &Visit, code: &str, shown: Shown) -> Answer {
    let village = place::by_code(visit, code)?;
    visit.app()?.text_rules().ok_or(WebError::NotFound)?;
    page(visit, village, &format!("/v/{code}/subscribe"), &shown)
}

fn page(visit: &Visit, village: RegionId, action: &str, shown: &Shown) -> Answer {
    let app = visit.app()?;
    let values = json!({
        "village": place::values(app, village),
        "action": action, "once": visit.once(), "mode": shown.mode, "deed": shown.deed,
        "number": shown.number, "ticket": shown.ticket, "to": shown.to,
        "field_fault": shown.field_fault, "fault": shown.fault,
        "digits": CODE_DIGITS, "minutes": CODE_MS / 60_000,
        "shown_url": visit.web.options().demo_cards.then_some("/demo/texts"),
    });
    visit.page("portal/subscribe.html", &visit.t("subscribe.title"), values)
}
