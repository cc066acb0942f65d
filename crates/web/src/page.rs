//! Making pages: the values every template has, and the page shown instead of an error.

use crate::Web;
use crate::error::WebError;
use crate::form::form_pairs;
use crate::visit::Visit;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use xiangyue_domain::refusal::{FieldFault, Refusal};

/// What a handler gives back.
pub(crate) type Answer = Result<Response, WebError>;

impl Visit {
    /// Makes a page of a template and its own values.
    pub fn page(&self, template: &str, title: &str, values: Value) -> Answer {
        let html = self.html(template, title, values)?;
        Ok(([(CACHE_CONTROL, "no-store")], Html(html)).into_response())
    }

    fn html(&self, template: &str, title: &str, mut values: Value) -> Result<String, WebError> {
        values["page"] = json!({
            "title": title,
            "locale": self.locale.tag(),
            "demo": self.web.ready().is_some_and(|r| r.demo.is_some()) || self.web.options().demo_cards,
            "county": self.web.county(),
            "csrf": self.user.as_ref().map_or("", |u| u.csrf.as_str()),
            "elder": self.elder,
            "path": self.path.split('?').next().unwrap_or("/"),
            "user": self.user_values(),
        });
        Ok(self.web.templates().page(&self.words(), template, values)?)
    }

    fn user_values(&self) -> Value {
        let (Some(user), Some(ready)) = (&self.user, self.web.ready()) else { return Value::Null };
        let (directory, policy, day) = (ready.app.directory(), ready.app.policy(), ready.app.now().day());
        let first = directory.posts_of(user.account.id, day).first().map(|h| (*h).clone());
        let post = first.as_ref().and_then(|h| policy.post(&h.post));
        json!({
            "post": post.map_or("", |p| self.locale.pick(&p.name, &p.name_en)),
            "place": first.map(|h| directory.seat_name(h.seat, day)).unwrap_or_default(),
            "unread": user.unread,
            "name": user.account.name,
        })
    }

    /// A refusal in words.
    pub fn refusal(&self, refusal: &Refusal) -> String {
        let said = self.web.locales().text(self.locale, &format!("refusal.{}", refusal.key), &refusal.args);
        // A rule that a refusal rests on is named, whether its own words do so or not.
        match refusal.args.iter().find(|(name, basis)| name == "basis" && !basis.is_empty()) {
            Some((_, basis)) if !said.contains(basis.as_str()) => {
                format!("{said}{}", self.t_with("refusal.basis", &[("basis", basis.clone())]))
            }
            _ => said,
        }
    }

    /// A field's fault in words.
    pub fn fault(&self, fault: &FieldFault) -> String {
        self.web.locales().text(self.locale, &format!("fault.{}", fault.key), &fault.args)
    }

    /// Faults by field.
    pub fn faults(&self, refusal: &Refusal) -> BTreeMap<String, String> {
        refusal.fields.iter().map(|f| (f.field.clone(), self.fault(f))).collect()
    }

    /// A fresh key for a form.
    pub fn once(&self) -> String {
        self.web.ready().map(|r| r.app.secrets().random_token()).unwrap_or_default()
    }
}

/// A redirect after a form.
pub(crate) fn see_other(to: &str) -> Response {
    let value = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, value)]).into_response()
}

/// A page under another status: a form with faults, a page that says to wait.
pub(crate) fn with_status(answer: Answer, status: StatusCode) -> Answer {
    answer.map(|mut response| {
        *response.status_mut() = status;
        response
    })
}

/// Media type of a workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file to take along, named for people.
pub(crate) fn download(name: &str, media: &str, bytes: Vec<u8>) -> Response {
    let ascii: String = name.chars().map(|c| if c.is_ascii() && c != '"' { c } else { '_' }).collect();
    let encoded: String = name.bytes().map(|b| format!("%{b:02X}")).collect();
    let disposition = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    if let (Ok(media), Ok(disposition)) = (HeaderValue::from_str(media), HeaderValue::from_str(&disposition)) {
        headers.insert(CONTENT_TYPE, media);
        headers.insert("content-disposition", disposition);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Values of an address's query.
pub(crate) fn query(path: &str) -> BTreeMap<String, String> {
    path.split_once('?').map(|(_, q)| form_pairs(q.as_bytes()).into_iter().collect()).unwrap_or_default()
}

/// Turns an error into a page in the visitor's language, or into the way to the sign-in.
pub(crate) async fn error_pages(State(web): State<Web>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut asked = parts.clone();
    let json = parts.uri.path().ends_with(".json");
    let request = Request::from_parts(parts, body);
    let response = next.run(request).await;
    let status = response.status();
    let error = response.extensions().get::<Arc<WebError>>().cloned();
    // A form that is shown again with its faults is a page of its own, whatever its status.
    let page = response.headers().get(CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
    let bare = error.is_none() && !page && (status.is_client_error() || status.is_server_error());
    if error.is_none() && !bare || json {
        return response;
    }
    // An address that cannot be read leads nowhere; whoever only looks has sent nothing that could be at fault.
    let blind = matches!(status, StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED);
    let unread = bare && blind && asked.method == Method::GET;
    let status = if unread { StatusCode::NOT_FOUND } else { status };
    // Who came is asked again only where a page has to say what went wrong.
    let Ok(visit) = Visit::from_request_parts(&mut asked, &web).await else { return response };
    error_page(&visit, status, error.as_deref()).unwrap_or(response)
}

fn error_page(visit: &Visit, status: StatusCode, error: Option<&WebError>) -> Option<Response> {
    if matches!(error, Some(WebError::SignIn)) {
        let back: String = visit.path.bytes().map(|b| format!("%{b:02X}")).collect();
        return Some(see_other(&format!("/sign-in?to={back}")));
    }
    if matches!(error, Some(WebError::NotReady)) && visit.web.options().demo_cards {
        return Some(see_other("/demo"));
    }
    let staff = visit.path.starts_with("/desk") || visit.path.starts_with("/hub");
    let mut trace = Value::Null;
    if let Some(WebError::Fault(fault)) = error {
        let id = visit.once();
        tracing::error!(trace = %id, path = %visit.path.split('?').next().unwrap_or(""), %fault, "a page could not be made");
        trace = json!(id.chars().take(8).collect::<String>());
    }
    let refusal = match error {
        Some(WebError::Refused(refusal)) => Some(refusal),
        _ => None,
    };
    let holder = refusal.and_then(|r| r.args.iter().find(|(k, _)| k == "who")).map(|(_, v)| v.clone());
    let wait = match error {
        Some(WebError::Limited(seconds)) => Some(*seconds),
        _ => None,
    };
    let detail = refusal.map(|r| {
        let mut lines = vec![visit.refusal(r)];
        lines.extend(visit.faults(r).into_values());
        lines.retain(|l| !l.is_empty());
        lines.join(" ")
    });
    let shown = match status.as_u16() {
        422 => 400,
        other => other,
    };
    let values = json!({
        "status": shown,
        "side": if staff { "staff" } else { "village" },
        "holder": holder,
        "moved": null,
        "kept": null,
        "wait": wait,
        "limit": if shown == 413 { json!("8 MB") } else { Value::Null },
        "detail": detail,
        "back": visit.path.split_once("/moves").map(|(matter, _)| matter),
        "trace": trace,
        "phone": null,
    });
    let title = visit.t("error.no_page_title");
    let html = match visit.html("error.html", &title, values) {
        Ok(html) => html,
        Err(fault) => {
            tracing::error!(?fault, "the error page could not be made");
            return None;
        }
    };
    let mut response = Response::builder().status(status).header(CONTENT_TYPE, "text/html; charset=utf-8");
    if let Some(seconds) = wait {
        response = response.header(RETRY_AFTER, seconds.max(1));
    } else if status == StatusCode::SERVICE_UNAVAILABLE {
        response = response.header(RETRY_AFTER, 2);
    }
    response.body(Body::from(html)).ok()
}
