//! What leads to a person beside the books: tokens, words of the search, calls, claims. It goes when their key is
//! destroyed. Must never touch the journal or a table that a replay makes anew.

use crate::dialect::{Pool, Tx};
use crate::error::StoreError;
use crate::figure::list;
use std::collections::BTreeMap;

const UNDER: &str = "select distinct matter from search_token
  where realm = $1 and token in (json_texts($2)) order by matter limit $3";

/// What leads to somebody's matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leads {
    /// Matters.
    pub matters: Vec<i64>,
    /// Tokens by which they are found as somebody's.
    pub tokens: Vec<String>,
    /// Claims on the number of a person.
    pub claims: Vec<String>,
}

impl Pool {
    /// Matters under any of these tokens, whatever became of them; for whoever destroys what they say.
    pub async fn matters_under(&self, realm: i64, tokens: &[String], limit: i64) -> Result<Vec<i64>, StoreError> {
        let rows = self.rows(UNDER, &[realm.into(), list(tokens), limit.into()]).await?;
        Ok(rows.iter().map(|r| r.int(0)).collect())
    }

    /// Statements over leads, for the test that looks at their plans.
    pub fn erase_statements() -> Vec<(&'static str, &'static str)> {
        vec![("under a token", UNDER)]
    }
}

impl Tx {
    /// Takes away all that leads to matters. Once more does nothing more.
    pub async fn cut_leads(&mut self, realm: i64, leads: &Leads) -> Result<(), StoreError> {
        let sql =
            "delete from search_token where realm = $1 and token in (json_texts($2)) and matter in (json_ints($3))";
        self.exec(sql, &[realm.into(), list(&leads.tokens), list(&leads.matters)]).await?;
        let sql = "delete from caller where realm = $1 and matter in (json_ints($2))";
        self.exec(sql, &[realm.into(), list(&leads.matters)]).await?;
        let sql = "delete from command_key where realm = $1 and key in (json_texts($2))";
        self.exec(sql, &[realm.into(), list(&leads.claims)]).await?;
        self.reindex(realm, &leads.matters, BTreeMap::new()).await
    }
}
