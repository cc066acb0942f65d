//! What every page leans on: static files, language, 长辈版, the answer to "are you there".

use crate::error::WebError;
use crate::locale::Locale;
use crate::page::{Answer, query, see_other};
use crate::render::Static;
use crate::visit::{ELDER, LANG, Visit};
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

/// Nothing is here.
pub(crate) async fn missing() -> WebError {
    WebError::NotFound
}

/// `GET /health`: 200 once the pages are open.
pub(crate) async fn health(visit: Visit) -> Answer {
    visit.ready()?;
    Ok("ok".into_response())
}

/// `GET /static/{digest}/{name}`: kept for good, since the digest is in the address.
pub(crate) async fn asset(Path((_, name)): Path<(String, String)>) -> Answer {
    let file = Static::get(&name).ok_or(WebError::NotFound)?;
    let media = match name.rsplit('.').next().unwrap_or("") {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    };
    let headers = [(CONTENT_TYPE, media), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, file.data.into_owned()).into_response())
}

/// `GET /lang/{tag}`: another language, and back.
pub(crate) async fn language(Path(tag): Path<String>, visit: Visit, headers: HeaderMap) -> Answer {
    let locale = Locale::parse(&tag).ok_or(WebError::NotFound)?;
    Ok(remember(LANG, locale.tag(), &visit, &headers))
}

/// `GET /elder/{switch}`: 长辈版 on or off, and back.
pub(crate) async fn elder(Path(switch): Path<String>, visit: Visit, headers: HeaderMap) -> Answer {
    let switch = match switch.as_str() {
        "on" => "on",
        "off" => "off",
        _ => return Err(WebError::NotFound),
    };
    Ok(remember(ELDER, switch, &visit, &headers))
}

fn remember(name: &str, value: &str, visit: &Visit, headers: &HeaderMap) -> Response {
    let mut response = see_other(&back_to(visit, headers));
    let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Where the visitor came from, within our own pages only.
fn back_to(visit: &Visit, headers: &HeaderMap) -> String {
    let header =
        |name: axum::http::HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let host = header(axum::http::header::HOST);
    let referer = header(REFERER);
    let own = referer.split_once("://").and_then(|(_, rest)| rest.strip_prefix(&host)).filter(|p| is_local(p));
    let asked = query(&visit.path).remove("back").filter(|p| is_local(p));
    own.map(str::to_owned).or(asked).unwrap_or_else(|| "/".to_owned())
}

/// Whether a text is a path within our own pages.
pub(crate) fn is_local(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.contains(['\r', '\n'])
}
