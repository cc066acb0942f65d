//! Values as offices reported them: written by the projection of an entry, read for a comparison.

use crate::batch::Batch;
use crate::dialect::{Pool, Row};
use crate::error::StoreError;
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::reported::Reported;

const OF_INDICATOR: &str = "select indicator, place, from_day, to_day, value, office, entered from reported_value
  where realm = $1 and indicator = $2 and place = $3 order by from_day, to_day";
const ALL: &str = "select indicator, place, from_day, to_day, value, office, entered from reported_value
  where realm = $1 order by indicator, place, from_day, to_day";

/// The row of a value.
pub(crate) fn put(batch: &mut Batch, value: &Reported) {
    let day = |d: Day| i64::from(d.0).into();
    let row = vec![
        value.indicator.as_str().into(),
        value.place.0.into(),
        day(value.from),
        day(value.to),
        value.value.into(),
        value.office.into(),
        day(value.entered),
    ];
    batch.row("reported_value", row);
}

fn read(row: &Row) -> Reported {
    let day = |i: usize| Day(i32::try_from(row.int(i)).unwrap_or(0));
    Reported {
        indicator: row.text(0).to_owned(),
        place: RegionId(row.int(1)),
        from: day(2),
        to: day(3),
        value: row.int(4),
        office: row.int(5),
        entered: day(6),
    }
}

impl Pool {
    /// Values of an indicator at a place, oldest period first.
    pub async fn reported(&self, realm: i64, indicator: &str, place: i64) -> Result<Vec<Reported>, StoreError> {
        let rows = self.rows(OF_INDICATOR, &[realm.into(), indicator.into(), place.into()]).await?;
        Ok(rows.iter().map(read).collect())
    }

    /// Every value, for the comparison with a replay and for a list of what was entered.
    pub async fn all_reported(&self, realm: i64) -> Result<Vec<Reported>, StoreError> {
        Ok(self.rows(ALL, &[realm.into()]).await?.iter().map(read).collect())
    }
}
