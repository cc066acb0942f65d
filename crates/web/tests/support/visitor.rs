//! A visitor with a browser's manners: cookies are kept, forms bring their hidden fields back, redirects can be
//! followed.

use super::page::{Part, Sheet};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tower::ServiceExt;

/// Between the parts of a form.
const BOUNDARY: &str = "--------a-boundary-of-tests";

/// A visitor.
#[derive(Clone)]
pub struct Visitor {
    router: Router,
    address: [u8; 4],
    cookies: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    /// Form token of the session, when signed in.
    pub csrf: String,
}

impl Visitor {
    /// Without cookies, from an address.
    pub fn new(router: Router, address: [u8; 4]) -> Visitor {
        Visitor { router, address, cookies: BTreeMap::new(), headers: BTreeMap::new(), csrf: String::new() }
    }

    /// The same visitor at another address.
    pub fn at(&self, address: [u8; 4]) -> Visitor {
        Visitor { address, ..self.clone() }
    }

    /// Sends a header with everything from now on.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.insert(name.to_owned(), value.to_owned());
    }

    /// Keeps a cookie.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// A cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// Asks for a page.
    pub async fn get(&mut self, path: &str) -> Sheet {
        self.ask("GET", path, None, Vec::new()).await
    }

    /// Follows redirects to the page they end at.
    pub async fn follow(&mut self, sheet: Sheet) -> Sheet {
        let mut sheet = sheet;
        for _ in 0..8 {
            if !sheet.status.is_redirection() {
                break;
            }
            let to = sheet.header("location").to_owned();
            sheet = self.get(&to).await;
        }
        sheet
    }

    /// Sends a plain form. The session's form token goes along unless the fields hold one.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Sheet {
        let mut all: Vec<(&str, &str)> = fields.to_vec();
        let csrf = self.csrf.clone();
        if !csrf.is_empty() && !fields.iter().any(|(name, _)| *name == "csrf") {
            all.push(("csrf", &csrf));
        }
        let body: Vec<String> = all.iter().map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
        self.ask("POST", path, Some("application/x-www-form-urlencoded".to_owned()), body.join("&").into_bytes()).await
    }

    /// Sends a form with files.
    pub async fn upload(&mut self, path: &str, parts: &[Part<'_>]) -> Sheet {
        let mut body = Vec::new();
        let csrf = self.csrf.clone();
        let own = Part::Field("csrf", &csrf);
        let own = (!csrf.is_empty()).then_some(&own);
        for part in parts.iter().chain(own) {
            body.extend_from_slice(format!("--{BOUNDARY}\r\n").as_bytes());
            let (head, bytes) = match part {
                Part::Field(name, value) => {
                    (format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n"), value.as_bytes())
                }
                Part::File(name, file, bytes) => (
                    format!(
                        "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                         Content-Type: image/jpeg\r\n\r\n"
                    ),
                    *bytes,
                ),
            };
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.ask("POST", path, Some(format!("multipart/form-data; boundary={BOUNDARY}")), body).await
    }

    /// Fills in the form of a page as a browser does, with what the page hides in it.
    pub async fn send(&mut self, from: &str, to: &str, fields: &[(&str, &str)]) -> Sheet {
        let page = self.get(from).await.is(200);
        let version = if page.has("name=\"version\"") { page.hidden("version") } else { String::new() };
        let (once, csrf) = (page.hidden("once"), page.hidden("csrf"));
        let own = [("once", once.as_str()), ("csrf", csrf.as_str()), ("version", version.as_str())];
        let fields: Vec<(&str, &str)> = own.into_iter().chain(fields.iter().copied()).collect();
        self.post(to, &fields).await
    }

    /// The page of an import, once nobody works on it any more.
    pub async fn settled(&mut self, at: &str) -> Sheet {
        for _ in 0..200 {
            let page = self.get(at).await.is(200);
            if !page.has("http-equiv=\"refresh\"") {
                return page;
            }
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
        panic!("the import does not end");
    }

    async fn ask(&mut self, method: &str, path: &str, media: Option<String>, body: Vec<u8>) -> Sheet {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080");
        let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some(media) = media {
            request = request.header("content-type", media);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(Body::from(body)).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((self.address, 40_000))));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        for cookie in parts.headers.get_all("set-cookie") {
            let text = cookie.to_str().expect("a cookie").split(';').next().unwrap_or("").to_owned();
            if let Some((name, value)) = text.split_once('=') {
                self.set_cookie(name, value);
            }
        }
        // A slash and an apostrophe are escaped without need; what matters to a page's safety stays as it is.
        let text = String::from_utf8_lossy(&bytes).replace("&#x2f;", "/").replace("&#x27;", "'");
        Sheet { status: parts.status, headers: parts.headers, bytes, text }
    }
}

/// A value of a form or an address.
pub fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
