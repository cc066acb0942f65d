//! Sessions: `GET/POST /sign-in`, `POST /sign-out`, `GET/POST /setup/{token}` (a one-time link), and
//! `GET/POST /desk/password`. Signing in is for everybody with an account; a password is changed by its owner.

use super::common::is_local;
use crate::error::WebError;
use crate::form::{read_public, read_staff};
use crate::page::{Answer, query, see_other, with_status};
use crate::visit::{SESSION, Staff, Visit};
use axum::extract::{Path, Request};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::account::PASSWORD_MIN;
use xiangyue_app::{App, AppError};
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::policy::Right;
use xiangyue_domain::refusal::Refusal;

/// Tries of the old password within the window.
const TRIES: u32 = 10;
const WINDOW_MS: i64 = 900_000;

/// `GET /sign-in?to=`
pub(crate) async fn sign_in(visit: Visit) -> Answer {
    let app = visit.app()?;
    let query = query(&visit.path);
    let to = local(query.get("to").map_or("", String::as_str));
    if let Some(user) = &visit.user {
        return Ok(see_other(if to.is_empty() { home_of(app, user.account.id) } else { to }));
    }
    let notice = if query.contains_key("out") { Some("session.signed_out") } else { None };
    // Someone who had a session and has none any more was away for too long, or lost the post.
    let ended = visit.token.as_ref().map(|_| "session.ended");
    let page = Gate { next: to, notice: notice.or(ended).map(|key| visit.t(key)), ..Gate::default() };
    page.show(&visit)
}

/// What the sign-in page shows.
#[derive(Default)]
struct Gate<'a> {
    login: &'a str,
    next: &'a str,
    fault: Option<String>,
    notice: Option<String>,
    locked_minutes: Option<i64>,
}

impl Gate<'_> {
    fn show(&self, visit: &Visit) -> Answer {
        let values = json!({
            "form": { "account": { "value": self.login, "error": null }, "password": { "error": null } },
            "fault": self.fault,
            "notice": self.notice,
            "locked": self.locked_minutes.map(|n| json!({ "minutes": n })),
            "next": self.next,
            "help": null,
            "once": visit.once(),
        });
        visit.page("session/sign_in.html", &visit.t("session.sign_in"), values)
    }
}

/// `POST /sign-in`
pub(crate) async fn enter(visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let sent = read_public(&visit, request).await?;
    let next = local(sent.get("next"));
    let gate = Gate { login: sent.get("account"), next, ..Gate::default() };
    match app.sign_in(sent.get("account"), sent.get("password"), &visit.from.to_string()).await {
        Ok(session) => {
            if let Some(old) = &visit.token {
                app.sign_out(old).await?;
            }
            let to = if next.is_empty() { home_of(app, session.account) } else { next };
            Ok(with_session(see_other(to), &visit, &session.token))
        }
        Err(AppError::Limited(seconds)) => {
            let page = Gate { locked_minutes: Some((seconds + 59) / 60), ..gate };
            with_status(page.show(&visit), StatusCode::TOO_MANY_REQUESTS)
        }
        Err(AppError::Refused(refusal)) => {
            let fault = visit.faults(&refusal).into_values().next();
            let page = Gate { fault: Some(fault.unwrap_or_else(|| visit.refusal(&refusal))), ..gate };
            with_status(page.show(&visit), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /sign-out`
pub(crate) async fn sign_out(staff: Staff, request: Request) -> Answer {
    read_staff(&staff, request).await?;
    if let Some(token) = &staff.visit.token {
        staff.app()?.sign_out(token).await?;
    }
    Ok(with_session(see_other("/sign-in?out=1"), &staff.visit, ""))
}

/// `GET /setup/{token}`
pub(crate) async fn setup(Path(token): Path<String>, visit: Visit) -> Answer {
    setup_page(&visit, &token, &BTreeMap::new()).await
}

/// `POST /setup/{token}`
pub(crate) async fn set_up(Path(token): Path<String>, visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let sent = read_public(&visit, request).await?;
    let done = match same(sent.get("password"), sent.get("again")) {
        Ok(()) => app.set_password_by_link(&token, sent.get("password")).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(session) => Ok(with_session(see_other(home_of(app, session.account)), &visit, &session.token)),
        Err(AppError::Refused(refusal)) => {
            let page = setup_page(&visit, &token, &visit.faults(&refusal)).await;
            with_status(page, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(AppError::NotFound) => setup_page(&visit, &token, &BTreeMap::new()).await,
        Err(other) => Err(other.into()),
    }
}

async fn setup_page(visit: &Visit, token: &str, faults: &BTreeMap<String, String>) -> Answer {
    let login = visit.app()?.link_login(token).await?;
    let status = if login.is_some() { StatusCode::OK } else { StatusCode::GONE };
    let values = json!({
        "valid": login.is_some(),
        "login": login,
        "action": format!("/setup/{token}"),
        "form": { "password": { "error": faults.get("password") }, "again": { "error": faults.get("again") } },
        "fault": null,
        "least": PASSWORD_MIN,
        "once": visit.once(),
    });
    with_status(visit.page("session/setup.html", &visit.t("session.setup"), values), status)
}

/// `GET /desk/password`
pub(crate) async fn password(staff: Staff) -> Answer {
    password_page(&staff, &BTreeMap::new())
}

/// `POST /desk/password`: other sessions of the account end, this one goes on.
pub(crate) async fn change_password(staff: Staff, request: Request) -> Answer {
    let app = staff.app()?;
    let sent = read_staff(&staff, request).await?;
    let (limits, from) = (staff.visit.web.limits(), staff.visit.from);
    limits.take("password", from, app.now().0, WINDOW_MS, TRIES).map_err(WebError::Limited)?;
    let account = staff.user.account.id;
    let done = match same(sent.get("password"), sent.get("again")) {
        Ok(()) => app.change_password(account, sent.get("old"), sent.get("password")).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(()) => {
            let session = app.begin_session(account).await?;
            Ok(with_session(see_other(home_of(app, account)), &staff.visit, &session.token))
        }
        Err(AppError::Refused(refusal)) => {
            let mut faults = staff.visit.faults(&refusal);
            if refusal.fields.iter().any(|f| f.field == "old") {
                faults.insert("old".to_owned(), staff.visit.t("session.old_wrong"));
            }
            with_status(password_page(&staff, &faults), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

fn password_page(staff: &Staff, faults: &BTreeMap<String, String>) -> Answer {
    let error = |name: &str| json!({ "error": faults.get(name) });
    let values = json!({
        "forced": false,
        "action": "/desk/password",
        "form": { "old": error("old"), "password": error("password"), "again": error("again") },
        "fault": if faults.is_empty() { Value::Null } else { json!(staff.visit.refusal(&Refusal::new("form"))) },
        "least": PASSWORD_MIN,
        "back": home_of(staff.app()?, staff.user.account.id),
        "once": staff.visit.once(),
    });
    staff.visit.page("session/password.html", &staff.visit.t("session.change"), values)
}

/// The two must be alike.
fn same(password: &str, again: &str) -> Result<(), Refusal> {
    if password == again { Ok(()) } else { Err(Refusal::field("again", "password_again")) }
}

/// A path within our own pages, else nothing.
fn local(to: &str) -> &str {
    if is_local(to) { to } else { "" }
}

/// Gives the session to the browser, or takes it away when there is no token. It ends with the browser at the latest.
pub(super) fn with_session(mut response: Response, visit: &Visit, token: &str) -> Response {
    let secure = if visit.web.options().secure_cookies { "; Secure" } else { "" };
    let ended = if token.is_empty() { "; Max-Age=0" } else { "" };
    let cookie = format!("{SESSION}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{ended}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Where an account begins: a leader, who sees figures but takes nothing in and handles nothing, at the hub.
pub(super) fn home_of(app: &App, account: AccountId) -> &'static str {
    let (policy, directory, day) = (app.policy(), app.directory(), app.now().day());
    let works = |post: &str| {
        // What a warning becomes is taken in from the hub itself.
        let from_hub = |kind: &str| policy.settings.as_ref().is_some_and(|s| s.warnings.task == kind);
        let taken = policy.kinds.iter().any(|k| !from_hub(&k.id) && k.intake.by.iter().any(|p| p == post));
        taken || policy.kinds.iter().any(|k| k.levels.values().any(|p| p == post))
    };
    let leads = |post: &str| {
        let rights = policy.post(post).map_or(&[][..], |p| p.rights.as_slice());
        rights.contains(&Right::Hub) && !rights.contains(&Right::Grant) && !works(post)
    };
    let posts = directory.posts_of(account, day);
    if !posts.is_empty() && posts.iter().all(|h| leads(&h.post)) { "/hub" } else { "/desk" }
}
