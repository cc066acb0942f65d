//! Telephones that are told of what a village makes public: found by a keyed token, by village, or because nobody
//! confirmed them in time. Nothing here holds a number that could be read.

use crate::batch::Batch;
use crate::dialect::{Pool, Row, Table, Tx};
use crate::error::StoreError;
use crate::figure::list;
use xiangyue_domain::day::Time;
use xiangyue_domain::subscription::Subscription;

/// Tables of this file that a group writes.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "subscription",
        columns: &[("realm", 'i'), ("id", 'i'), ("village", 'i'), ("told", 'i'), ("lapses", 'i'), ("state", 't')],
        conflict: "on conflict (realm, id) do update set told = excluded.told, lapses = excluded.lapses,
          state = excluded.state",
    },
    Table {
        name: "subscription_token",
        columns: &[("realm", 'i'), ("token", 't'), ("id", 'i')],
        conflict: "on conflict (realm, token, id) do nothing",
    },
];

const BY_TOKEN: &str = "select t.token, s.state from subscription_token t
  join subscription s on s.realm = t.realm and s.id = t.id
  where t.realm = $1 and t.token in (json_texts($2)) order by s.id";
const BY_ID: &str = "select state from subscription where realm = $1 and id in (json_ints($2)) order by id";
const TOLD: &str = "select village, id from subscription
  where realm = $1 and village in (json_ints($2)) and told = 1 order by village, id";
const HOW_MANY: &str = "select count(*) from subscription where realm = $1 and village = $2 and told = 1";
const LAPSED: &str = "select id from subscription where realm = $1 and lapses < $2 order by lapses limit $3";

fn read(text: &str) -> Result<Subscription, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::inconsistent("subscription", "", e))
}

fn with_tokens(rows: &[Row]) -> Result<Vec<(String, Subscription)>, StoreError> {
    rows.iter().map(|r| Ok((r.text(0).to_owned(), read(r.text(1))?))).collect()
}

impl Batch {
    /// A subscription as it stands now.
    pub fn subscription(&mut self, s: &Subscription) {
        let state = serde_json::to_string(s).unwrap_or_default();
        let lapses: Option<i64> = s.lapses().map(|at: Time| at.0);
        let row = vec![s.id.0.into(), s.village.0.into(), i64::from(s.is_on()).into(), lapses.into(), state.into()];
        self.row("subscription", row);
        if s.ended.is_some() {
            self.forgotten.push((s.id.0, s.key.clone()));
        }
    }

    /// The token by which a number is found again.
    pub fn subscription_token(&mut self, token: &str, s: i64) {
        self.row("subscription_token", vec![token.into(), s.into()]);
    }
}

/// Keys and tokens of what ended are destroyed: nobody can read its number any more, here or in the journal.
pub(crate) async fn forget(tx: &mut Tx, realm: i64, ended: &[(i64, String)]) -> Result<(), StoreError> {
    if ended.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = ended.iter().map(|(_, key)| key.as_str()).collect();
    let sql = "delete from subject_key where realm = $1 and key in (json_texts($2))";
    tx.exec(sql, &[realm.into(), list(&names)]).await?;
    let ids: Vec<i64> = ended.iter().map(|(id, _)| *id).collect();
    let sql = "delete from subscription_token where realm = $1 and id in (json_ints($2))";
    tx.exec(sql, &[realm.into(), list(&ids)]).await?;
    Ok(())
}

impl Tx {
    /// Subscriptions of some numbers, each with its number's token, within the transaction.
    pub async fn subscriptions_of(
        &mut self,
        realm: i64,
        tokens: &[String],
    ) -> Result<Vec<(String, Subscription)>, StoreError> {
        with_tokens(&self.rows(BY_TOKEN, &[realm.into(), list(tokens)]).await?)
    }

    /// Subscriptions by id, within the transaction.
    pub async fn subscriptions(&mut self, realm: i64, ids: &[i64]) -> Result<Vec<Subscription>, StoreError> {
        self.rows(BY_ID, &[realm.into(), list(ids)]).await?.iter().map(|r| read(r.text(0))).collect()
    }

    /// Who is told of what these villages make public: village and subscription.
    pub async fn told_of(&mut self, realm: i64, villages: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        let rows = self.rows(TOLD, &[realm.into(), list(villages)]).await?;
        Ok(rows.iter().map(|r| (r.int(0), r.int(1))).collect())
    }
}

impl Pool {
    /// Subscriptions of one number.
    pub async fn subscriptions_of(&self, realm: i64, token: &str) -> Result<Vec<Subscription>, StoreError> {
        let rows = self.rows(BY_TOKEN, &[realm.into(), list(&[token])]).await?;
        Ok(with_tokens(&rows)?.into_iter().map(|(_, s)| s).collect())
    }

    /// A subscription by id.
    pub async fn subscription(&self, realm: i64, id: i64) -> Result<Option<Subscription>, StoreError> {
        self.rows(BY_ID, &[realm.into(), list(&[id])]).await?.first().map(|r| read(r.text(0))).transpose()
    }

    /// How many are told of what a village makes public.
    pub async fn subscribers(&self, realm: i64, village: i64) -> Result<i64, StoreError> {
        let rows = self.rows(HOW_MANY, &[realm.into(), village.into()]).await?;
        Ok(rows.first().map_or(0, |r| r.int(0)))
    }

    /// What nobody confirmed before an instant, oldest first.
    pub async fn lapsed_subscriptions(&self, realm: i64, now: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
        let rows = self.rows(LAPSED, &[realm.into(), now.into(), limit.into()]).await?;
        Ok(rows.iter().map(|r| r.int(0)).collect())
    }

    /// Every subscription, for the comparison with a replay.
    pub async fn all_subscriptions(&self, realm: i64) -> Result<Vec<Subscription>, StoreError> {
        let rows = self.rows("select state from subscription where realm = $1 order by id", &[realm.into()]).await?;
        rows.iter().map(|r| read(r.text(0))).collect()
    }

    /// Statements over subscriptions, for the test that looks at their plans.
    pub fn subscription_statements() -> Vec<(&'static str, &'static str)> {
        vec![("token", BY_TOKEN), ("told", TOLD), ("how many", HOW_MANY), ("lapsed", LAPSED)]
    }
}
