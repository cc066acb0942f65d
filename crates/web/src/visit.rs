//! A visit: who comes, in which language, to which page. `Staff` is a visit by someone who is signed in; a handler
//! that takes one cannot be reached by anybody else.

use crate::error::WebError;
use crate::locale::Locale;
use crate::peer;
use crate::render::Words;
use crate::{Ready, Web};
use axum::extract::{FromRef, FromRequestParts};
use axum::http::Method;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use std::net::IpAddr;
use std::sync::Arc;
use xiangyue_app::App;
use xiangyue_domain::register::Account;

/// Cookie of the session.
pub(crate) const SESSION: &str = "xy_session";
/// Cookie of the language.
pub(crate) const LANG: &str = "xy_lang";
/// Cookie of the 长辈版.
pub(crate) const ELDER: &str = "xy_elder";

/// Anybody's visit.
#[derive(Clone)]
pub(crate) struct Visit {
    pub web: Web,
    pub locale: Locale,
    pub elder: bool,
    pub path: String,
    pub from: IpAddr,
    pub user: Option<User>,
    /// Token of the session's cookie.
    pub token: Option<String>,
}

/// Someone who is signed in.
#[derive(Clone)]
pub(crate) struct User {
    pub account: Account,
    pub csrf: String,
    pub unread: i64,
}

/// A visit by someone who is signed in.
#[derive(Clone)]
pub(crate) struct Staff {
    pub visit: Visit,
    pub user: User,
}

impl Visit {
    /// The application, once the data is there.
    pub fn ready(&self) -> Result<&Ready, WebError> {
        self.web.ready().ok_or(WebError::NotReady)
    }

    /// The application.
    pub fn app(&self) -> Result<&App, WebError> {
        Ok(&self.ready()?.app)
    }

    /// Words of the visitor's language.
    pub fn words(&self) -> Arc<Words> {
        Arc::new(Words { locales: self.web.locales_arc(), locale: self.locale })
    }

    /// One text.
    pub fn t(&self, key: &str) -> String {
        self.web.locales().text(self.locale, key, &[])
    }

    /// Words one after the other, as the visitor's language strings them together.
    pub fn list<T: AsRef<str>>(&self, words: impl IntoIterator<Item = T>) -> String {
        self.web.locales().list(self.locale, words)
    }

    /// One text with slots.
    pub fn t_with(&self, key: &str, args: &[(&str, String)]) -> String {
        let args: Vec<(String, String)> = args.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        self.web.locales().text(self.locale, key, &args)
    }
}

impl Staff {
    /// The application; whoever is signed in found it ready.
    pub fn app(&self) -> Result<&App, WebError> {
        self.visit.app()
    }
}

impl<S> FromRequestParts<S> for Visit
where
    Web: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Visit, WebError> {
        let web = Web::from_ref(state);
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = |name: &str| jar.get(name).map(|c| c.value().to_owned());
        let accepts = parts.headers.get("accept-language").and_then(|v| v.to_str().ok()).unwrap_or("");
        let locale = cookie(LANG).and_then(|tag| Locale::parse(&tag)).unwrap_or(
            // Chinese first: English only for whoever asks for English and not for Chinese at all.
            if accepts.starts_with("en") && !accepts.contains("zh") { Locale::En } else { Locale::Zh },
        );
        let from = peer::of(&web, parts);
        let token = cookie(SESSION);
        let mut user = None;
        if let (Some(token), Some(ready)) = (&token, web.ready())
            && let Some((account, csrf)) = ready.app.session(token).await?
        {
            // Only a page shows how much is unread; a form that was sent is answered without asking.
            let unread = if parts.method == Method::GET { ready.app.unread(account.id).await? } else { 0 };
            user = Some(User { account, csrf, unread });
        }
        let path = parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        Ok(Visit { locale, elder: cookie(ELDER).as_deref() == Some("on"), path, from, user, token, web })
    }
}

impl<S> FromRequestParts<S> for Staff
where
    Web: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Staff, WebError> {
        let visit = Visit::from_request_parts(parts, state).await?;
        visit.ready()?;
        let user = visit.user.clone().ok_or(WebError::SignIn)?;
        Ok(Staff { visit, user })
    }
}
