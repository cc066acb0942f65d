//! One item that a village has made public. `GET /v/{code}/open/{id}?v=`: on screen, with versions and questions;
//! `…/sheet`: as it hangs on the wall; `…/qr`: its address to scan. For everybody.

use super::super::{code, place};
use super::{class_name, id_of, item_name, period_words};
use crate::page::{Answer, query};
use crate::show;
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use qrcode::EcLevel;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::App;
use xiangyue_app::disclosure::{Disclosed, Said};
use xiangyue_app::window::Window;

/// What was typed into the question's form, and what is wrong with it.
#[derive(Default)]
pub(super) struct Typing {
    pub words: String,
    pub phone: String,
    pub faults: BTreeMap<String, String>,
    pub fault: Option<String>,
}

/// `GET /v/{code}/open/{id}?v=`
pub(crate) async fn open_item(Path((code, id)): Path<(String, String)>, visit: Visit, headers: HeaderMap) -> Answer {
    show_item(&visit, &headers, (&code, &id), "portal/open_item.html", &Typing::default()).await
}

/// `GET /v/{code}/open/{id}/sheet?v=`
pub(crate) async fn open_sheet(Path((code, id)): Path<(String, String)>, visit: Visit, headers: HeaderMap) -> Answer {
    show_item(&visit, &headers, (&code, &id), "portal/open_sheet.html", &Typing::default()).await
}

/// `GET /v/{code}/open/{id}/poster`: for the village's group, at the width of a phone.
pub(crate) async fn open_poster(Path((code, id)): Path<(String, String)>, visit: Visit, headers: HeaderMap) -> Answer {
    show_item(&visit, &headers, (&code, &id), "portal/open_poster.html", &Typing::default()).await
}

/// `GET /v/{code}/open/{id}/files/{digest}`
pub(crate) async fn open_picture(Path((code, id, digest)): Path<(String, String, String)>, visit: Visit) -> Answer {
    let village = place::by_code(&visit, &code)?;
    let bytes = visit.app()?.disclosed_picture(village, id_of(&id)?, &digest).await?;
    Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "no-store")], bytes).into_response())
}

/// `GET /v/{code}/open/{id}/qr`
pub(crate) async fn open_code(Path((code, id)): Path<(String, String)>, visit: Visit, headers: HeaderMap) -> Answer {
    let village = place::by_code(&visit, &code)?;
    let id = id_of(&id)?;
    visit.app()?.disclosure(village, id, None).await?;
    let address = format!("{}/v/{code}/open/{id}", code::origin(&visit, &headers));
    code::svg(&address, EcLevel::M, "no-store")
}

pub(super) async fn show_item(
    visit: &Visit,
    headers: &HeaderMap,
    (code, id): (&str, &str),
    template: &str,
    typing: &Typing,
) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(visit, code)?;
    let version = query(&visit.path).get("v").and_then(|v| v.parse().ok());
    let found = app.disclosure(village, id_of(id)?, version).await?;
    let name = item_name(visit, app, &found.line.item);
    let period = period_words(visit, &found.line.period);
    let title = format!("{name} {period}");
    let head = place::values(app, village);
    let address = format!("{}/v/{code}/open/{id}", code::origin(visit, headers));
    let said: Vec<Value> = found.said.iter().map(|s| field(visit, s)).collect();
    let send = visit.t_with(
        "disclosure.send_text",
        &[
            ("village", head["name"].as_str().unwrap_or_default().to_owned()),
            ("title", title.clone()),
            ("url", address.clone()),
        ],
    );
    let values = json!({
        "village": head,
        "item": {
            "name": name, "period": period, "class": class_name(visit, app, &found.line.item),
            "number": found.line.number, "url": format!("/v/{code}/open/{id}"), "address": address,
            "withdrawn": found.line.withdrawn, "reason": found.reason, "amending": found.amending,
            "at": show::full_moment(found.versions[found.version - 1]), "version": found.version,
            "last": found.version == found.versions.len(), "send": send, "code": found.code,
        },
        "versions": versions(&found),
        "said": said,
        "pictures": found.pictures.iter().map(|(f, digest)| json!({
            "label": visit.locale.pick(&f.label, &f.label_en), "url": format!("/v/{code}/open/{id}/files/{digest}"),
        })).collect::<Vec<_>>(),
        "head": app.heads(1).await?.first().map(crate::routes::assembly::head),
        "questions": found.questions.iter().map(|q| json!({
            "date": q.at.day().to_string(), "reply": q.reply,
        })).collect::<Vec<_>>(),
        "window": found.window.as_ref().map(|w| window(visit, app, w)),
        "form": {
            "words": typing.words, "phone": typing.phone, "fault": typing.fault,
            "words_fault": typing.faults.get("words"), "phone_fault": typing.faults.get("reporter_phone"),
        },
        "once": visit.once(),
    });
    visit.page(template, &title, values)
}

/// Until when questions are taken, in words; afterwards what the rule is and what can still be done.
fn window(visit: &Visit, app: &App, window: &Window) -> Value {
    let words = [
        ("until", window.until.to_string()),
        ("days", window.days.to_string()),
        ("from", window.from.to_string()),
        ("basis", window.basis.clone()),
        ("instead", window.instead.clone()),
    ];
    let open = window.is_open(app.now());
    json!({ "open": open, "said": visit.t_with(if open { "disclosure_window.open" } else { "disclosure_window.over" }, &words) })
}

fn versions(found: &Disclosed) -> Vec<Value> {
    let one = |(n, at): (usize, &xiangyue_domain::day::Time)| {
        let n = n + 1;
        json!({ "n": n, "at": show::full_moment(*at), "current": n == found.version })
    };
    found.versions.iter().enumerate().map(one).collect()
}

fn field(visit: &Visit, said: &Said) -> Value {
    let label = |f: &xiangyue_domain::policy::Field| visit.locale.pick(&f.label, &f.label_en).to_owned();
    // A column in which nothing was written is left out: the sheet is narrow.
    let columns: Vec<usize> = (0..said.field.columns.len())
        .filter(|n| said.rows.iter().any(|r| r.get(*n).is_some_and(|c| !c.is_empty())))
        .collect();
    let row = |r: &Vec<String>| columns.iter().filter_map(|n| r.get(*n)).cloned().collect::<Vec<_>>();
    json!({
        "label": label(&said.field),
        "lines": said.text.lines().collect::<Vec<_>>(),
        "heads": columns.iter().filter_map(|n| said.field.columns.get(*n)).map(label).collect::<Vec<_>>(),
        "rows": said.rows.iter().map(row).collect::<Vec<_>>(),
    })
}
