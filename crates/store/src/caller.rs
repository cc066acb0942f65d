//! Who reported when, by keyed tokens. It gives ids alone; what of them a reader may see is asked under their scope.

use crate::dialect::{Pool, Table};
use crate::error::StoreError;

pub(crate) const TABLE: Table = Table {
    name: "caller",
    columns: &[("realm", 'i'), ("day", 'i'), ("token", 't'), ("matter", 'i')],
    conflict: "on conflict (realm, day, token, matter) do nothing",
};

const AGAIN: &str = "select c.token, c.matter from caller c join (
    select token, count(*) as often from caller where realm = $1 and day >= $2 group by token
    having count(*) >= $3 order by often desc, token limit $4) t on t.token = c.token
  where c.realm = $1 and c.day >= $2 order by t.often desc, c.token, c.matter limit $4";
const SAME: &str = "select b.matter from caller a join caller b on b.realm = a.realm and b.token = a.token
  where a.realm = $1 and a.matter = $2 and b.day >= $3 order by b.matter desc limit $4";

impl Pool {
    /// Matters of those who reported at least so often since a day, each with the token of its caller; those
    /// who came most often first, so that a limit leaves out the others.
    pub async fn called_again(
        &self,
        realm: i64,
        since: i64,
        least: i64,
        limit: i64,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = self.rows(AGAIN, &[realm.into(), since.into(), least.into(), limit.into()]).await?;
        Ok(rows.iter().map(|r| (r.text(0).to_owned(), r.int(1))).collect())
    }

    /// Matters of whoever reported one, since a day, newest first.
    pub async fn same_caller(&self, realm: i64, matter: i64, since: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
        let rows = self.rows(SAME, &[realm.into(), matter.into(), since.into(), limit.into()]).await?;
        Ok(rows.iter().map(|r| r.int(0)).collect())
    }

    /// Statements over callers, for the test that looks at their plans.
    pub fn caller_statements() -> Vec<(&'static str, &'static str)> {
        vec![("again", AGAIN), ("same", SAME)]
    }
}
