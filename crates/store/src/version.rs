//! Versions of what a pack says: flows that matters still run under, and definitions of measures. They are never removed,
//! so that an old matter and an old figure can be read as they were meant.

use crate::dialect::Pool;
use crate::error::StoreError;
use xiangyue_domain::entry::MeasureVersion;

const FLOWS: &str = "select kind, version, body from flow_version where realm = $1 order by kind, seq";
const MEASURES: &str = "select m.measure, m.seq, m.kind, m.version, m.body, m.counted from measure_version m
  where m.realm = $1 and not exists (select 1 from measure_version n
    where n.realm = m.realm and n.measure = m.measure and n.seq > m.seq)";
const HISTORY: &str = "select seq, body, counted from measure_version where realm = $1 and measure = $2 order by seq";
const OF_KIND: &str = "select id from matter where realm = $1 and kind = $2 and id > $3 order by id limit $4";
const ACTIVE: &str = "select id from matter where realm = $1 and phase in ('open', 'answered') and gone = 0 and id > $2
  order by id limit $3";

impl Pool {
    /// Flows that are stored: kind, version, the kind as JSON.
    pub async fn flow_versions(&self, realm: i64) -> Result<Vec<(String, String, String)>, StoreError> {
        let rows = self.rows(FLOWS, &[realm.into()]).await?;
        let text = |r: &crate::dialect::Row, i| r.text(i).to_owned();
        Ok(rows.iter().map(|r| (text(r, 0), text(r, 1), text(r, 2))).collect())
    }

    /// Definitions of measures in force, each with the entry that brought it.
    pub async fn measures(&self, realm: i64) -> Result<Vec<(String, (i64, MeasureVersion))>, StoreError> {
        let rows = self.rows(MEASURES, &[realm.into()]).await?;
        let one = |r: &crate::dialect::Row| {
            let definition = MeasureVersion {
                measure: r.text(0).to_owned(),
                kind: r.text(2).to_owned(),
                version: r.text(3).to_owned(),
                body: r.text(4).to_owned(),
                counted: r.int(5) != 0,
            };
            (r.text(0).to_owned(), (r.int(1), definition))
        };
        Ok(rows.iter().map(one).collect())
    }

    /// The definitions a measure has had: entry, definition, whether it was counted.
    pub async fn measure_history(&self, realm: i64, measure: &str) -> Result<Vec<(i64, String, bool)>, StoreError> {
        let rows = self.rows(HISTORY, &[realm.into(), measure.into()]).await?;
        Ok(rows.iter().map(|r| (r.int(0), r.text(1).to_owned(), r.int(2) != 0)).collect())
    }

    /// Ids of matters of a kind, by id.
    pub async fn matters_of_kind(
        &self,
        realm: i64,
        kind: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let rows = self.rows(OF_KIND, &[realm.into(), kind.into(), after.into(), limit.into()]).await?;
        Ok(rows.iter().map(|r| r.int(0)).collect())
    }

    /// Ids of matters under way, by id.
    pub async fn active_matters(&self, realm: i64, after: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
        let rows = self.rows(ACTIVE, &[realm.into(), after.into(), limit.into()]).await?;
        Ok(rows.iter().map(|r| r.int(0)).collect())
    }
}
