//! `GET /demo`: progress while the county is being simulated, then role cards and stories. `POST /demo/enter/{card}`:
//! one click signs in as that post. Only for `demo`, only for visitors on this very machine; for all others these pages
//! do not exist. Cards and stories stand in the pack's `demo.toml`.

mod cards;
mod texts;

pub(crate) use texts::texts;

use self::cards::{Card, DemoFile, Target};
use super::common::is_local;
use super::session::{home_of, with_session};
use crate::error::WebError;
use crate::form::read_public;
use crate::page::{Answer, query, see_other};
use crate::visit::Visit;
use crate::{Ready, Web};
use axum::extract::{Path, Request};
use axum::http::HeaderMap;
use serde_json::{Value, json};
use xiangyue_domain::policy::Level;

/// Steps of the simulation as they are told.
const STAGES: [&str; 3] = ["demo.stage_places", "demo.stage_matters", "demo.stage_open"];

/// `GET /demo`
pub(crate) async fn index(visit: Visit, headers: HeaderMap) -> Answer {
    only_here(&visit, &headers)?;
    let Some(ready) = visit.web.ready() else { return progress(&visit) };
    let file = DemoFile::of(ready)?;
    let mut cards = Vec::new();
    for card in &file.cards {
        cards.extend(card.shown(&visit, ready).await?);
    }
    let mut stories = Vec::new();
    for story in &file.stories {
        stories.push(story.shown(&visit, ready, &file).await?);
    }
    let links: Vec<Value> = file.links.iter().filter_map(|l| l.shown(&visit, &file)).collect();
    let values = json!({
        "facts": facts(&visit, ready).await?,
        "cards": cards,
        "stories": stories,
        "links": links,
        "once": visit.once(),
    });
    visit.page("demo/index.html", &visit.t("demo.name"), values)
}

/// `POST /demo/enter/{card}?to=`
pub(crate) async fn enter(Path(id): Path<String>, visit: Visit, headers: HeaderMap, request: Request) -> Answer {
    only_here(&visit, &headers)?;
    let ready = visit.ready()?;
    read_public(&visit, request).await?;
    let file = DemoFile::of(ready)?;
    let card = file.cards.iter().find(|c| c.id == id).ok_or(WebError::NotFound)?;
    let account = card.account(ready).ok_or(WebError::NotFound)?;
    let session = ready.app.begin_session(account).await?;
    if let Some(old) = &visit.token {
        ready.app.sign_out(old).await?;
    }
    let asked = query(&visit.path).remove("to").filter(|to| is_local(to));
    let to = asked.unwrap_or_else(|| home_of(&ready.app, account).to_owned());
    Ok(with_session(see_other(&to), &visit, &session.token))
}

/// A visitor on this machine; one whom a proxy let in is none.
fn only_here(visit: &Visit, headers: &HeaderMap) -> Result<(), WebError> {
    let proxied = ["forwarded", "x-forwarded-for", "x-real-ip"].iter().any(|h| headers.contains_key(*h));
    let here = visit.from.to_canonical().is_loopback() && !proxied;
    if visit.web.options().demo_cards && here { Ok(()) } else { Err(WebError::NotFound) }
}

fn progress(visit: &Visit) -> Answer {
    let (done, total, failed) = visit.web.progress().get();
    let percent = (done * 100).checked_div(total).unwrap_or(0).min(100);
    let at = match (done, total) {
        (_, 0) => 0,
        (done, total) if done < total => 1,
        _ => 2,
    };
    let stage = |(i, key): (usize, &&str)| {
        let state = match i {
            i if i < at => "done",
            i if i == at && failed.is_none() => "now",
            _ => "wait",
        };
        json!({ "name": visit.t(key), "state": state })
    };
    let slots = [("done", done.to_string()), ("total", total.to_string())];
    let now = if at == 1 { visit.t_with("demo.now_matters", &slots) } else { visit.t(STAGES[at]) };
    let values = json!({
        "percent": percent,
        "now": now,
        "left": null,
        "failed": failed,
        "stages": STAGES.iter().enumerate().map(stage).collect::<Vec<_>>(),
    });
    visit.page("demo/progress.html", &visit.t("demo.name"), values)
}

/// One line: what is in the demo.
async fn facts(visit: &Visit, ready: &Ready) -> Result<String, WebError> {
    let app = &ready.app;
    let (directory, now) = (app.directory(), app.now());
    let count = |level| directory.tree.of_level(level, now.day()).len().to_string();
    let matters = app.taken_in().await?;
    let (from, until) = ready.demo.unwrap_or((now.day(), now.day()));
    let slots = [
        ("towns", count(Level::Town)),
        ("villages", count(Level::Village)),
        ("from", from.to_string()),
        ("until", until.to_string()),
        ("matters", matters.to_string()),
        ("now", now.to_string()),
    ];
    Ok(visit.t_with("demo.facts", &slots))
}

impl Target {
    /// An address with the way in: a post's card is entered by a form, what needs no post is a plain link.
    fn of(web: &Web, file: &DemoFile, card: &str, to: &str) -> Option<Target> {
        let ready = web.ready()?;
        if card.is_empty() {
            return Some(Target { url: to.to_owned(), method: "get" });
        }
        let found: &Card = file.cards.iter().find(|c| c.id == card)?;
        found.account(ready)?;
        let to: String = to
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect();
        Some(Target { url: format!("/demo/enter/{card}?to={to}"), method: "post" })
    }
}
