//! Sessions, failed attempts and one-time links: derived, excluded from the journal and from `rebuild` by name.

use crate::dialect::{Arg, Pool};
use crate::error::StoreError;

/// A session; the browser has the token, the database only its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Digest of the token.
    pub token: String,
    /// Account.
    pub account: i64,
    /// Token that forms must bring back.
    pub csrf: String,
    /// When it was made.
    pub made_at: i64,
    /// When it was last used, to the minute.
    pub seen_at: i64,
    /// When it ends at the latest.
    pub until: i64,
}

impl Pool {
    async fn write(&self, sql: &'static str, args: &[Arg]) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let touched = tx.exec(sql, args).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// Begins a session and forgets those that have ended.
    pub async fn add_session(&self, realm: i64, session: &Session) -> Result<(), StoreError> {
        self.write("delete from session where realm = $1 and until < $2", &[realm.into(), session.made_at.into()])
            .await?;
        let sql = "insert into session (realm, token, account, csrf, made_at, seen_at, until)
          values ($1, $2, $3, $4, $5, $6, $7)";
        let args: [Arg; 7] = [
            realm.into(),
            session.token.as_str().into(),
            session.account.into(),
            session.csrf.as_str().into(),
            session.made_at.into(),
            session.seen_at.into(),
            session.until.into(),
        ];
        self.write(sql, &args).await.map(|_| ())
    }

    /// A session by the digest of its token.
    pub async fn session(&self, realm: i64, token: &str) -> Result<Option<Session>, StoreError> {
        let sql = "select token, account, csrf, made_at, seen_at, until from session where realm = $1 and token = $2";
        let rows = self.rows(sql, &[realm.into(), token.into()]).await?;
        Ok(rows.first().map(|r| Session {
            token: r.text(0).to_owned(),
            account: r.int(1),
            csrf: r.text(2).to_owned(),
            made_at: r.int(3),
            seen_at: r.int(4),
            until: r.int(5),
        }))
    }

    /// Notes that a session is in use.
    pub async fn touch_session(&self, realm: i64, token: &str, now: i64) -> Result<(), StoreError> {
        let sql = "update session set seen_at = $3 where realm = $1 and token = $2";
        self.write(sql, &[realm.into(), token.into(), now.into()]).await.map(|_| ())
    }

    /// Ends a session, or all of an account's sessions.
    pub async fn end_sessions(&self, realm: i64, token: &str, account: i64) -> Result<(), StoreError> {
        let sql = "delete from session where realm = $1 and (token = $2 or account = $3)";
        self.write(sql, &[realm.into(), token.into(), account.into()]).await.map(|_| ())
    }

    /// Counts an attempt under a key within a window; returns the count and until when the key is locked. One statement
    /// counts and locks, so that tries at the same time are all counted.
    pub async fn attempt(
        &self,
        realm: i64,
        key: &str,
        now: i64,
        window_ms: i64,
        lock: (i64, i64),
    ) -> Result<(i64, i64), StoreError> {
        let (limit, lock_ms) = lock;
        let sql = "insert into attempt (realm, key, n, first_at, until)
          values ($1, $2, 1, $3, case when $5 <= 1 then $3 + $6 else 0 end)
          on conflict (realm, key) do update set
            n = case when $3 - attempt.first_at > $4 and attempt.until < $3 then 1 else attempt.n + 1 end,
            first_at = case when $3 - attempt.first_at > $4 and attempt.until < $3 then $3 else attempt.first_at end,
            until = case when attempt.until < $3 and $5 <=
              case when $3 - attempt.first_at > $4 then 1 else attempt.n + 1 end then $3 + $6 else attempt.until end
          returning n, until";
        let args: [Arg; 6] = [realm.into(), key.into(), now.into(), window_ms.into(), limit.into(), lock_ms.into()];
        let mut tx = self.begin().await?;
        let counted = tx.rows(sql, &args).await?;
        tx.commit().await?;
        counted.first().map(|r| (r.int(0), r.int(1))).ok_or(StoreError::Conflict)
    }

    /// Until when a key is locked; 0 when it is not.
    pub async fn locked_until(&self, realm: i64, key: &str) -> Result<i64, StoreError> {
        let rows =
            self.rows("select until from attempt where realm = $1 and key = $2", &[realm.into(), key.into()]).await?;
        Ok(rows.first().map_or(0, |r| r.int(0)))
    }

    /// Forgets the attempts under a key.
    pub async fn clear_attempts(&self, realm: i64, key: &str) -> Result<(), StoreError> {
        self.write("delete from attempt where realm = $1 and key = $2", &[realm.into(), key.into()]).await.map(|_| ())
    }

    /// Makes a one-time link for an account.
    pub async fn add_link(&self, realm: i64, token: &str, account: i64, until: i64) -> Result<(), StoreError> {
        let sql = "insert into one_time_link (realm, token, account, until) values ($1, $2, $3, $4)
          on conflict (realm, token) do nothing";
        self.write(sql, &[realm.into(), token.into(), account.into(), until.into()]).await.map(|_| ())
    }

    /// The account a one-time link is for, while it lasts.
    pub async fn link(&self, realm: i64, token: &str, now: i64) -> Result<Option<i64>, StoreError> {
        let sql = "select account from one_time_link where realm = $1 and token = $2 and until >= $3";
        let rows = self.rows(sql, &[realm.into(), token.into(), now.into()]).await?;
        Ok(rows.first().map(|r| r.int(0)))
    }

    /// Uses a one-time link up; false when somebody was first.
    pub async fn use_link(&self, realm: i64, token: &str) -> Result<bool, StoreError> {
        Ok(self
            .write("delete from one_time_link where realm = $1 and token = $2", &[realm.into(), token.into()])
            .await?
            == 1)
    }
}
