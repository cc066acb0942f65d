//! Reports that were issued and sentences written anew: written by the projection of an entry, read for the pages of
//! reports. Nothing here changes what was issued.

use crate::batch::Batch;
use crate::dialect::{Arg, Pool, Row, Table};
use crate::error::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use xiangyue_domain::report::{Issued, ReportEvent, Wording};

pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "issued_report",
        columns: &[("realm", 'i'), ("id", 'i'), ("place", 'i'), ("template", 't'), ("state", 't')],
        conflict: "on conflict (realm, id) do nothing",
    },
    Table {
        name: "report_wording",
        columns: &[
            ("realm", 'i'),
            ("place", 'i'),
            ("template", 't'),
            ("from_day", 'i'),
            ("block", 't'),
            ("state", 't'),
        ],
        conflict: "on conflict (realm, place, template, from_day, block) do update set state = excluded.state",
    },
];

const ONE: &str = "select state from issued_report where realm = $1 and id = $2";
const OF_PLACE: &str = "select state from issued_report where realm = $1 and place = $2 and id < $3
  order by id desc limit $4";
const ALL: &str = "select state from issued_report where realm = $1 order by id";
const WORDINGS: &str = "select state from report_wording where realm = $1 and place = $2 and template = $3
  and from_day = $4 order by block";
const ALL_WORDINGS: &str =
    "select state from report_wording where realm = $1 order by place, template, from_day, block";

fn json<T: Serialize>(value: &T) -> Arg {
    Arg::Text(serde_json::to_string(value).unwrap_or_default())
}

/// The rows of an event.
pub(crate) fn project(batch: &mut Batch, event: &ReportEvent) {
    match event {
        ReportEvent::Issued { report } => {
            let row = vec![report.id.0.into(), report.place.0.into(), report.template.as_str().into(), json(report)];
            batch.row("issued_report", row);
        }
        ReportEvent::Worded { wording } => {
            let row = vec![
                wording.place.0.into(),
                wording.template.as_str().into(),
                i64::from(wording.from.0).into(),
                wording.block.as_str().into(),
                json(wording),
            ];
            batch.row("report_wording", row);
        }
    }
}

fn read<T: DeserializeOwned>(rows: &[Row], what: &'static str) -> Result<Vec<T>, StoreError> {
    rows.iter()
        .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent(what, r.text(0), e)))
        .collect()
}

impl Pool {
    /// A report that was issued.
    pub async fn issued(&self, realm: i64, id: i64) -> Result<Option<Issued>, StoreError> {
        Ok(read(&self.rows(ONE, &[realm.into(), id.into()]).await?, "issued_report")?.pop())
    }

    /// Reports of a place that were issued before one, newest first.
    pub async fn issued_of(&self, realm: i64, place: i64, before: i64, limit: i64) -> Result<Vec<Issued>, StoreError> {
        let args = [realm.into(), place.into(), before.into(), limit.into()];
        read(&self.rows(OF_PLACE, &args).await?, "issued_report")
    }

    /// Every report that was issued, for the comparison with a replay.
    pub async fn all_issued(&self, realm: i64) -> Result<Vec<Issued>, StoreError> {
        read(&self.rows(ALL, &[realm.into()]).await?, "issued_report")
    }

    /// Sentences written anew for a report.
    pub async fn wordings(
        &self,
        realm: i64,
        place: i64,
        template: &str,
        from: i64,
    ) -> Result<Vec<Wording>, StoreError> {
        let args = [realm.into(), place.into(), template.into(), from.into()];
        read(&self.rows(WORDINGS, &args).await?, "report_wording")
    }

    /// Every sentence written anew, for the comparison with a replay.
    pub async fn all_wordings(&self, realm: i64) -> Result<Vec<Wording>, StoreError> {
        read(&self.rows(ALL_WORDINGS, &[realm.into()]).await?, "report_wording")
    }
}
