//! Notices on desks, and the outbox of what leaves the platform. Attempts are visible, and carrying one out twice does
//! no harm.

use crate::dialect::Pool;
use crate::error::StoreError;

/// Something that has to leave the platform or reach a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Identity.
    pub id: i64,
    /// When it was caused.
    pub at: i64,
    /// Such as `sms`.
    pub channel: String,
    /// A matter whose reporter is told.
    pub recipient: String,
    /// JSON.
    pub body: String,
    /// Attempts so far.
    pub attempts: i64,
}

/// A notice on a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Identity.
    pub id: i64,
    /// When.
    pub at: i64,
    /// Matter.
    pub matter: i64,
    /// What happened: a key of the locale files.
    pub what: String,
    /// Read.
    pub read: bool,
}

impl Pool {
    /// What waits in the outbox.
    pub async fn outbox_due(&self, realm: i64, now: i64, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "select id, at, channel, recipient, body, attempts from outbox
          where realm = $1 and done_at is null and next_at <= $2 order by next_at, id limit $3";
        let rows = self.rows(sql, &[realm.into(), now.into(), limit.into()]).await?;
        Ok(rows
            .iter()
            .map(|r| OutboxRow {
                id: r.int(0),
                at: r.int(1),
                channel: r.text(2).to_owned(),
                recipient: r.text(3).to_owned(),
                body: r.text(4).to_owned(),
                attempts: r.int(5),
            })
            .collect())
    }

    /// Takes rows of the outbox in hand until an instant; gives those that nobody else took first.
    pub async fn claim_outbox(&self, realm: i64, now: i64, ids: &[i64], until: i64) -> Result<Vec<i64>, StoreError> {
        let ids = serde_json::to_string(ids).unwrap_or_default();
        let sql = "update outbox set next_at = $4
          where realm = $1 and done_at is null and next_at <= $2 and id in (json_ints($3)) returning id";
        let mut tx = self.begin().await?;
        let rows = tx.rows(sql, &[realm.into(), now.into(), ids.into(), until.into()]).await?;
        tx.commit().await?;
        Ok(rows.iter().map(|r| r.int(0)).collect())
    }

    /// Marks outbox rows done or tried, in one transaction.
    pub async fn mark_outbox(
        &self,
        realm: i64,
        now: i64,
        done: &[i64],
        failed: &[(i64, String, i64)],
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let ids = serde_json::to_string(done).unwrap_or_default();
        let sql = "update outbox set done_at = $2, attempts = attempts + 1
          where realm = $1 and id in (json_ints($3))";
        tx.exec(sql, &[realm.into(), now.into(), ids.into()]).await?;
        let sql = "update outbox set attempts = attempts + 1, error = $3, next_at = $4 where realm = $1 and id = $2";
        for (id, error, next) in failed {
            tx.exec(sql, &[realm.into(), (*id).into(), error.as_str().into(), (*next).into()]).await?;
        }
        tx.commit().await
    }

    /// Notices of an account, newest first.
    pub async fn notices(&self, realm: i64, account: i64, limit: i64) -> Result<Vec<Notice>, StoreError> {
        let sql = "select id, at, matter, what, read_at from notice where realm = $1 and account = $2
          order by id desc limit $3";
        let rows = self.rows(sql, &[realm.into(), account.into(), limit.into()]).await?;
        Ok(rows
            .iter()
            .map(|r| Notice {
                id: r.int(0),
                at: r.int(1),
                matter: r.int(2),
                what: r.text(3).to_owned(),
                read: r.maybe(4).is_some(),
            })
            .collect())
    }

    /// Matters under way in which an account was asked for a decision, among its newest notices of that.
    pub async fn asked(&self, realm: i64, account: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
        let sql = "select m.id from (select matter from notice where realm = $1 and account = $2 and what = 'asked'
            order by id desc limit $3) n
          join matter m on m.realm = $1 and m.id = n.matter
          where m.phase in ('open', 'answered') and m.gone = 0";
        let rows = self.rows(sql, &[realm.into(), account.into(), limit.into()]).await?;
        Ok(rows.iter().map(|r| r.int(0)).collect())
    }

    /// Notices that were not read, at most a hundred.
    pub async fn unread(&self, realm: i64, account: i64) -> Result<i64, StoreError> {
        let sql = "select count(*) from (select 1 from notice where realm = $1 and account = $2 and read_at is null
          limit 100) seen";
        let rows = self.rows(sql, &[realm.into(), account.into()]).await?;
        Ok(rows.first().map_or(0, |r| r.int(0)))
    }

    /// Marks an account's notices read.
    pub async fn mark_read(&self, realm: i64, account: i64, now: i64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = "update notice set read_at = $3 where realm = $1 and account = $2 and read_at is null";
        tx.exec(sql, &[realm.into(), account.into(), now.into()]).await?;
        tx.commit().await
    }

    /// Marks all notices from before an instant read: a simulated county has read its mail.
    pub async fn mark_read_before(&self, realm: i64, at: i64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let sql = "update notice set read_at = at where realm = $1 and at < $2 and read_at is null";
        tx.exec(sql, &[realm.into(), at.into()]).await?;
        tx.commit().await
    }

    /// Who read a matter's particulars, newest first: when, account, what, reason.
    pub async fn reads(&self, realm: i64, matter: i64) -> Result<Vec<(i64, i64, String, String)>, StoreError> {
        let sql = "select at, account, what, reason from read_log where realm = $1 and matter = $2
          order by at desc, account limit 100";
        let rows = self.rows(sql, &[realm.into(), matter.into()]).await?;
        Ok(rows.iter().map(|r| (r.int(0), r.int(1), r.text(2).to_owned(), r.text(3).to_owned())).collect())
    }
}
