//! `POST /v/{code}/open/{id}/ask`: somebody asks about an item that a village has made public; it leads to the receipt of
//! the question. For everybody; how often one address may send is limited.

use super::super::place;
use super::id_of;
use super::item::{Typing, show_item};
use crate::error::WebError;
use crate::form::read_public;
use crate::page::{Answer, see_other, with_status};
use crate::visit::Visit;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use xiangyue_app::AppError;
use xiangyue_app::due::duty_kind;
use xiangyue_app::matter::{OpenForm, Typed};
use xiangyue_domain::matter::Who;

/// Questions that one address may send within the window.
const MOST: u32 = 10;
const WINDOW_MS: i64 = 600_000;

/// `POST /v/{code}/open/{id}/ask`
pub(crate) async fn ask(Path((code, id)): Path<(String, String)>, visit: Visit, request: Request) -> Answer {
    let headers = request.headers().clone();
    let app = visit.app()?;
    let village = place::by_code(&visit, &code)?;
    let about = app.disclosure(village, id_of(&id)?, None).await?.line.number;
    let policy = app.policy();
    let kind = duty_kind(&policy).and_then(|(_, rules)| rules.objection.clone()).ok_or(WebError::NotFound)?;
    let sent = read_public(&visit, request).await?;
    let mut typing =
        Typing { words: sent.get("words").to_owned(), phone: sent.get("phone").to_owned(), ..Typing::default() };
    if let Err(seconds) = visit.web.limits().take("ask", visit.from, app.now().0, WINDOW_MS, MOST) {
        typing.fault = Some(visit.t_with("portal.too_many", &[("n", ((seconds + 59) / 60).to_string())]));
        let page = show_item(&visit, &headers, (&code, &id), "portal/open_item.html", &typing).await;
        return with_status(page, StatusCode::TOO_MANY_REQUESTS);
    }
    let key = sent.once().unwrap_or_else(|| format!("form/{}", visit.once()));
    let typed = Typed::from([
        ("about".to_owned(), about),
        ("words".to_owned(), typing.words.clone()),
        ("reporter_phone".to_owned(), typing.phone.clone()),
    ]);
    let form = OpenForm { kind, place: village, typed, ..OpenForm::default() };
    match app.open_matter(Who::Reporter, form, &key).await {
        Ok(receipt) => Ok(see_other(&format!("/m/{}/sent", receipt.token))),
        Err(AppError::Refused(refusal)) => {
            typing.faults = visit.faults(&refusal);
            typing.fault = typing.faults.is_empty().then(|| visit.refusal(&refusal));
            let page = show_item(&visit, &headers, (&code, &id), "portal/open_item.html", &typing).await;
            with_status(page, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}
