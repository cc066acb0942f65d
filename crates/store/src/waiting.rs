//! What is in hand now: counts of active matters by holder, by place and by kind. All of it is read from the small index of
//! what is open, however many matters are stored.

use crate::dialect::{Pool, Row};
use crate::error::StoreError;

/// Active matters of one holder in one town.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// `post@seat`; empty when nobody has it.
    pub holder: String,
    /// Town; 0 when the place lies in none.
    pub town: i64,
    /// How many.
    pub n: i64,
    /// Earliest limit.
    pub due: i64,
}

/// Active matters at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// Finest place known.
    pub place: i64,
    /// How many.
    pub n: i64,
    /// How many of them are past their limit.
    pub late: i64,
}

const LOADS: &str = "select holder, town, count(*), min(due) from matter
  where realm = $1 and phase in ('open', 'answered') and due is not null and due >= $2 and due < $3 and gone = 0
  and ($4 = 0 or town = $4 or village = $4 or place = $4) and ($5 = 1 or bypass = 0)
  group by holder, town order by min(due), holder, town";
const ACTIVE: &str = "select place, count(*), coalesce(sum(case when due < $2 then 1 else 0 end), 0) from matter
  where realm = $1 and phase in ('open', 'answered') and gone = 0
  and ($3 = 0 or town = $3 or village = $3 or place = $3) and ($4 = 1 or bypass = 0) group by place";
// Grouped by what is no column, so that the index of kinds is not read through for its order.
const ACTIVE_OF: &str =
    "select kind || '', count(*), coalesce(sum(case when due < $2 then 1 else 0 end), 0) from matter
  where realm = $1 and phase in ('open', 'answered') and gone = 0 and accepted >= $3 and accepted <= $4
  and ($5 = 0 or town = $5 or village = $5 or place = $5) and ($6 = 1 or bypass = 0) group by kind || ''";

impl Pool {
    /// Active matters whose limit lies in a span, by holder and town. `place` 0 means the realm; `bypass` says whether
    /// those that pass over the village count.
    pub async fn loads(
        &self,
        realm: i64,
        (from, to): (i64, i64),
        place: i64,
        bypass: bool,
    ) -> Result<Vec<Load>, StoreError> {
        let args = [realm.into(), from.into(), to.into(), place.into(), i64::from(bypass).into()];
        let rows = self.rows(LOADS, &args).await?;
        let row = |r: &Row| Load { holder: r.text(0).to_owned(), town: r.int(1), n: r.int(2), due: r.int(3) };
        Ok(rows.iter().map(row).collect())
    }

    /// Active matters by finest place, and how many of them are past their limit.
    pub async fn active(&self, realm: i64, now: i64, place: i64, bypass: bool) -> Result<Vec<Active>, StoreError> {
        let args = [realm.into(), now.into(), place.into(), i64::from(bypass).into()];
        let rows = self.rows(ACTIVE, &args).await?;
        Ok(rows.iter().map(|r| Active { place: r.int(0), n: r.int(1), late: r.int(2) }).collect())
    }

    /// Active matters that were taken in within a span of days: kind, how many, how many past their limit.
    pub async fn active_taken(
        &self,
        realm: i64,
        now: i64,
        (from, to): (i64, i64),
        place: i64,
        bypass: bool,
    ) -> Result<Vec<(String, i64, i64)>, StoreError> {
        let args = [realm.into(), now.into(), from.into(), to.into(), place.into(), i64::from(bypass).into()];
        let rows = self.rows(ACTIVE_OF, &args).await?;
        Ok(rows.iter().map(|r| (r.text(0).to_owned(), r.int(1), r.int(2))).collect())
    }

    /// Statements over what is in hand, for the test that looks at their plans.
    pub fn waiting_statements() -> Vec<(&'static str, &'static str)> {
        vec![("loads", LOADS), ("active", ACTIVE), ("active_of", ACTIVE_OF)]
    }
}
