//! Accounts: signing in and out, passwords, sessions. A session ends when the last post of its account ends.

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::state::App;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use xiangyue_domain::crypto::sm3_hex;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::{Account, RegisterEvent};
use xiangyue_store::Session;

/// A session lasts at most this long.
const SESSION_MS: i64 = 12 * 3_600_000;
/// It ends after this long without use.
const IDLE_MS: i64 = 2 * 3_600_000;
/// Beside other processes a session is read again after this long, so that a sign-out there is heard of here.
const SHARED_SESSION_MS: i64 = 1_000;
/// Sessions kept in memory at most.
const SESSIONS: usize = 10_000;
/// Failed tries before an account is locked, and for how long.
const TRIES: i64 = 5;
const LOCK_MS: i64 = 15 * 60_000;
/// A one-time link lasts this long.
const LINK_MS: i64 = 24 * 3_600_000;
/// Shortest password.
pub const PASSWORD_MIN: usize = 8;

/// A session as the browser holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Token for the cookie.
    pub token: String,
    /// Account.
    pub account: AccountId,
}

/// Sessions that were read lately. Whatever ends one empties it: asking again is cheap, an ended session that lives on is not.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, (i64, Session)>>);

impl Sessions {
    fn get(&self, digest: &str, now: i64, lasts_ms: i64) -> Option<Session> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(digest).filter(|(at, _)| now - at <= lasts_ms).map(|(_, session)| session.clone())
    }

    fn keep(&self, session: &Session, now: i64) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= SESSIONS {
            kept.clear();
        }
        kept.insert(session.token.clone(), (now, session.clone()));
    }

    fn forget_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn digest(token: &str) -> String {
    sm3_hex(token.as_bytes())
}

impl App {
    /// Signs in with a password. Wrong name and wrong password are answered alike.
    pub async fn sign_in(&self, login: &str, password: &str, asker: &str) -> Result<SignedIn, AppError> {
        let now = self.now().0;
        let login = login.trim();
        let keys = [format!("login/{login}"), format!("login-from/{asker}")];
        for key in &keys {
            let until = self.pool().locked_until(self.realm(), key).await?;
            if until > now {
                return Err(AppError::Limited((until - now) / 1000));
            }
        }
        let account = self.directory().accounts.values().find(|a| a.login == login && !a.closed).cloned();
        let hash = account.as_ref().and_then(|a| a.password.clone());
        if !self.password_holds(password.to_owned(), hash).await? {
            for (key, limit) in keys.iter().zip([TRIES, TRIES * 10]) {
                self.pool().attempt(self.realm(), key, now, LOCK_MS, (limit, LOCK_MS)).await?;
            }
            return Err(Refusal::field("password", "sign_in").into());
        }
        self.pool().clear_attempts(self.realm(), &keys[0]).await?;
        self.begin_session(account.map(|a| a.id).unwrap_or_default()).await
    }

    /// Checks a password in its own thread; without a hash it works as long as with one, so that nobody learns which
    /// names exist.
    async fn password_holds(&self, password: String, hash: Option<String>) -> Result<bool, AppError> {
        let salt = self.secrets.salt();
        // A password that was made void is none.
        let hash = hash.filter(|h| !h.is_empty());
        tokio::task::spawn_blocking(move || match hash {
            Some(hash) => PasswordHash::new(&hash)
                .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()),
            None => {
                let _ = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
                false
            }
        })
        .await
        .map_err(|e| AppError::Io(e.to_string()))
    }

    /// Begins a session for an account that has a post now.
    pub async fn begin_session(&self, account: AccountId) -> Result<SignedIn, AppError> {
        let now = self.now();
        if self.directory().posts_of(account, now.day()).is_empty() {
            return Err(Refusal::field("password", "no_post").into());
        }
        let token = self.secrets.random_token();
        let session = Session {
            token: digest(&token),
            account: account.0,
            csrf: self.secrets.random_token(),
            made_at: now.0,
            seen_at: now.0,
            until: now.0 + SESSION_MS,
        };
        self.pool().add_session(self.realm(), &session).await?;
        Ok(SignedIn { token, account })
    }

    /// The account of a session and its form token; `None` when the session, the account or its last post has ended.
    pub async fn session(&self, token: &str) -> Result<Option<(Account, String)>, AppError> {
        let now = self.now();
        let Some(session) = self.session_row(&digest(token)).await? else { return Ok(None) };
        if session.until < now.0 || session.seen_at + IDLE_MS < now.0 {
            return Ok(None);
        }
        let directory = self.directory();
        let id = AccountId(session.account);
        let Some(account) = directory.accounts.get(&id).filter(|a| !a.closed) else { return Ok(None) };
        if directory.posts_of(id, now.day()).is_empty() {
            return Ok(None);
        }
        if now.0 - session.seen_at > 5 * 60_000 {
            self.pool().touch_session(self.realm(), &session.token, now.0).await?;
            self.sessions.forget_all();
        }
        Ok(Some((account.clone(), session.csrf)))
    }

    /// A session's row, from memory where this process is the only one that writes sessions.
    async fn session_row(&self, digest: &str) -> Result<Option<Session>, AppError> {
        let lasts_ms = if self.pool().is_shared() { SHARED_SESSION_MS } else { IDLE_MS };
        let now = self.now().0;
        if let Some(kept) = self.sessions.get(digest, now, lasts_ms) {
            return Ok(Some(kept));
        }
        let found = self.pool().session(self.realm(), digest).await?;
        if let Some(session) = &found {
            self.sessions.keep(session, now);
        }
        Ok(found)
    }

    /// Signs out.
    pub async fn sign_out(&self, token: &str) -> Result<(), AppError> {
        self.pool().end_sessions(self.realm(), &digest(token), -1).await?;
        self.sessions.forget_all();
        Ok(())
    }

    /// How many notices of an account were not read.
    pub async fn unread(&self, account: AccountId) -> Result<i64, AppError> {
        Ok(self.pool().unread(self.realm(), account.0).await?)
    }

    pub(crate) async fn add_link(&self, token: &str, account: AccountId) -> Result<(), AppError> {
        let until = self.now().0 + LINK_MS;
        Ok(self.pool().add_link(self.realm(), &digest(token), account.0, until).await?)
    }

    /// The login that a one-time link is for, while it lasts.
    pub async fn link_login(&self, token: &str) -> Result<Option<String>, AppError> {
        let id = self.pool().link(self.realm(), &digest(token), self.now().0).await?;
        let directory = self.directory();
        Ok(id.and_then(|id| directory.accounts.get(&AccountId(id))).map(|a| a.login.clone()))
    }

    /// Sets a password with a one-time link and uses the link up.
    pub async fn set_password_by_link(&self, token: &str, password: &str) -> Result<SignedIn, AppError> {
        let now = self.now().0;
        let Some(id) = self.pool().link(self.realm(), &digest(token), now).await? else {
            return Err(AppError::NotFound);
        };
        let hash = self.hash_password(password).await?;
        if !self.pool().use_link(self.realm(), &digest(token)).await? {
            return Err(AppError::NotFound);
        }
        let account = AccountId(id);
        self.set_password(account, hash).await?;
        self.begin_session(account).await
    }

    /// Sets a password of one's own, with the old one; every other session of the account ends.
    pub async fn change_password(&self, account: AccountId, old: &str, new: &str) -> Result<(), AppError> {
        let hash = self.directory().accounts.get(&account).and_then(|a| a.password.clone());
        if !self.password_holds(old.to_owned(), hash).await? {
            return Err(Refusal::field("old", "sign_in").into());
        }
        let hash = self.hash_password(new).await?;
        self.set_password(account, hash).await?;
        self.end_sessions_of(account).await
    }

    /// Signs an account out everywhere.
    pub(crate) async fn end_sessions_of(&self, account: AccountId) -> Result<(), AppError> {
        self.pool().end_sessions(self.realm(), "", account.0).await?;
        self.sessions.forget_all();
        Ok(())
    }

    async fn hash_password(&self, password: &str) -> Result<String, AppError> {
        let mixed = password.chars().any(|c| c.is_alphabetic()) && password.chars().any(|c| c.is_ascii_digit());
        if password.chars().count() < PASSWORD_MIN || !mixed || password.len() > 200 {
            return Err(Refusal::field("password", "password_weak").into());
        }
        let (password, salt) = (password.to_owned(), self.secrets.salt());
        tokio::task::spawn_blocking(move || {
            Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|h| h.to_string())
                .map_err(|e| AppError::Io(e.to_string()))
        })
        .await
        .map_err(|e| AppError::Io(e.to_string()))?
    }

    async fn set_password(&self, account: AccountId, password: String) -> Result<(), AppError> {
        let decide = move |_: &mut crate::command::Ids, _: &_, _: &_| {
            Ok(vec![Event::Register(RegisterEvent::PasswordSet { account, password })])
        };
        let command = Command::Register(Box::new(decide));
        let by = Who::Account { account, post: None };
        self.send(by, None, command, Beside::default()).await.map(|_| ())
    }
}
