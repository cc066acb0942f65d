//! What figures need beyond their sums: how they went over time, how many records stand behind each of many, and what
//! is open now by place and holder. Every statement serves many figures or places at once.

use crate::dialect::{Arg, Pool};
use crate::error::StoreError;
use crate::fact::Slice;

/// A sum on a day, or on the first day of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Day on the axis.
    pub day: i64,
    /// Measure.
    pub measure: String,
    /// Bucket.
    pub bucket: String,
    /// Sum.
    pub n: i64,
}

/// The records behind a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// Measure.
    pub measure: String,
    /// Bucket; empty when all buckets are taken together.
    pub bucket: String,
    /// How many records.
    pub n: i64,
    /// Entry that first counted the oldest.
    pub seq: i64,
}

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

const ROLLUP_SERIES: &str = "select day, measure, bucket, cast(coalesce(sum(n), 0) as bigint) from rollup
  where realm = $1 and axis = $2 and grain = $3 and day >= $4 and day <= $5
  and place in (json_ints($6)) and measure in (json_texts($7)) group by day, measure, bucket";
const FACTS_BY_DAY: &str = "select day, measure, bucket, cast(coalesce(sum(delta), 0) as bigint) from fact
  where realm = $1 and measure in (json_texts($2)) and day >= $3 and day <= $4
  and ($5 = 1 or place in (json_ints($6))) and day > $7 group by day, measure, bucket";
const FACTS_BY_COHORT: &str = "select cohort, measure, bucket, cast(coalesce(sum(delta), 0) as bigint) from fact
  where realm = $1 and measure in (json_texts($2)) and cohort >= $3 and cohort <= $4
  and ($5 = 1 or place in (json_ints($6))) and day + 0 > $7 group by cohort, measure, bucket";
const BEHIND_DAY: &str =
    "select measure, '', count(*), min(seq) from (select measure, subject, min(seq) as seq from fact
  where realm = $1 and measure in (json_texts($2)) and day >= $3 and day <= $4
  and ($5 = 1 or place in (json_ints($6))) and day <= $7
  group by measure, subject having sum(delta) <> 0) counted group by measure";
const BEHIND_COHORT: &str =
    "select measure, '', count(*), min(seq) from (select measure, subject, min(seq) as seq from fact
  where realm = $1 and measure in (json_texts($2)) and cohort >= $3 and cohort <= $4
  and ($5 = 1 or place in (json_ints($6))) and day + 0 <= $7
  group by measure, subject having sum(delta) <> 0) counted group by measure";
const BUCKETS_DAY: &str =
    "select measure, bucket, count(*), min(seq) from (select measure, bucket, subject, min(seq) as seq
  from fact where realm = $1 and measure in (json_texts($2)) and day >= $3 and day <= $4
  and ($5 = 1 or place in (json_ints($6))) and day <= $7
  group by measure, bucket, subject having sum(delta) <> 0) counted group by measure, bucket";
const BUCKETS_COHORT: &str =
    "select measure, bucket, count(*), min(seq) from (select measure, bucket, subject, min(seq) as seq
  from fact where realm = $1 and measure in (json_texts($2)) and cohort >= $3 and cohort <= $4
  and ($5 = 1 or place in (json_ints($6))) and day + 0 <= $7
  group by measure, bucket, subject having sum(delta) <> 0) counted group by measure, bucket";
const SUBJECTS: &str = "select seq, min(subject) from fact where realm = $1 and seq in (json_ints($2))
  and measure in (json_texts($3)) group by seq";
const LOADS: &str = "select holder, town, count(*), min(due) from matter
  where realm = $1 and phase in ('open', 'answered') and due is not null and due >= $2 and due < $3 and gone = 0
  and ($4 = 0 or town = $4 or village = $4 or place = $4) and ($5 = 1 or bypass = 0)
  group by holder, town order by min(due), holder, town";
const ACTIVE: &str = "select place, count(*), coalesce(sum(case when due < $2 then 1 else 0 end), 0) from matter
  where realm = $1 and phase in ('open', 'answered') and gone = 0
  and ($3 = 0 or town = $3 or village = $3 or place = $3) and ($4 = 1 or bypass = 0) group by place";
const COHORT_OPEN: &str =
    "select kind, accepted, count(*), coalesce(sum(case when due < $2 then 1 else 0 end), 0) from matter
  where realm = $1 and phase in ('open', 'answered') and gone = 0 and accepted >= $3 and accepted <= $4
  and ($5 = 0 or town = $5 or village = $5 or place = $5) and ($6 = 1 or bypass = 0) group by kind, accepted";

fn list<T: serde::Serialize>(of: &[T]) -> Arg {
    Arg::Text(serde_json::to_string(of).unwrap_or_default())
}

fn points(rows: &[crate::dialect::Row]) -> Vec<Point> {
    rows.iter()
        .map(|r| Point { day: r.int(0), measure: r.text(1).to_owned(), bucket: r.text(2).to_owned(), n: r.int(3) })
        .collect()
}

impl Pool {
    /// Sums of roll-ups by day or month over these places together.
    pub async fn rollup_series(
        &self,
        realm: i64,
        (axis, grain): (char, char),
        (from, to): (i64, i64),
        places: &[i64],
        measures: &[String],
    ) -> Result<Vec<Point>, StoreError> {
        let args = [
            realm.into(),
            axis.to_string().into(),
            grain.to_string().into(),
            from.into(),
            to.into(),
            list(places),
            list(measures),
        ];
        Ok(points(&self.rows(ROLLUP_SERIES, &args).await?))
    }

    /// Sums of facts by day on the slice's axis, of what happened after a day.
    pub async fn fact_series(&self, realm: i64, slice: &Slice, after: i64) -> Result<Vec<Point>, StoreError> {
        let sql = if slice.by_cohort { FACTS_BY_COHORT } else { FACTS_BY_DAY };
        Ok(points(&self.rows(sql, &behind_args(realm, slice, after)).await?))
    }

    /// How many records stand behind each of the slice's measures, and the entry that first counted the oldest.
    pub async fn behind(&self, realm: i64, slice: &Slice, by_bucket: bool) -> Result<Vec<Behind>, StoreError> {
        let sql = match (slice.by_cohort, by_bucket) {
            (true, true) => BUCKETS_COHORT,
            (true, false) => BEHIND_COHORT,
            (false, true) => BUCKETS_DAY,
            (false, false) => BEHIND_DAY,
        };
        let rows = self.rows(sql, &behind_args(realm, slice, slice.cut_off)).await?;
        let row = |r: &crate::dialect::Row| Behind {
            measure: r.text(0).to_owned(),
            bucket: r.text(1).to_owned(),
            n: r.int(2),
            seq: r.int(3),
        };
        Ok(rows.iter().map(row).collect())
    }

    /// The matter that each of these entries counted.
    pub async fn subjects_at(
        &self,
        realm: i64,
        entries: &[i64],
        measures: &[String],
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let rows = self.rows(SUBJECTS, &[realm.into(), list(entries), list(measures)]).await?;
        Ok(rows.iter().map(|r| (r.int(0), r.int(1))).collect())
    }

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
        let row =
            |r: &crate::dialect::Row| Load { holder: r.text(0).to_owned(), town: r.int(1), n: r.int(2), due: r.int(3) };
        Ok(rows.iter().map(row).collect())
    }

    /// Active matters by finest place, and how many of them are past their limit.
    pub async fn active(&self, realm: i64, now: i64, place: i64, bypass: bool) -> Result<Vec<Active>, StoreError> {
        let args = [realm.into(), now.into(), place.into(), i64::from(bypass).into()];
        let rows = self.rows(ACTIVE, &args).await?;
        Ok(rows.iter().map(|r| Active { place: r.int(0), n: r.int(1), late: r.int(2) }).collect())
    }

    /// Active matters that were taken in within a span of days: kind, day, how many, how many past their limit.
    pub async fn active_taken(
        &self,
        realm: i64,
        now: i64,
        (from, to): (i64, i64),
        place: i64,
        bypass: bool,
    ) -> Result<Vec<(String, i64, i64, i64)>, StoreError> {
        let args = [realm.into(), now.into(), from.into(), to.into(), place.into(), i64::from(bypass).into()];
        let rows = self.rows(COHORT_OPEN, &args).await?;
        Ok(rows.iter().map(|r| (r.text(0).to_owned(), r.int(1), r.int(2), r.int(3))).collect())
    }

    /// Statements over figures, for the test that looks at their plans.
    pub fn figure_statements() -> Vec<(&'static str, &'static str)> {
        vec![
            ("rollup_series", ROLLUP_SERIES),
            ("facts_by_day", FACTS_BY_DAY),
            ("facts_by_cohort", FACTS_BY_COHORT),
            ("behind_day", BEHIND_DAY),
            ("behind_cohort", BEHIND_COHORT),
            ("buckets_day", BUCKETS_DAY),
            ("buckets_cohort", BUCKETS_COHORT),
            ("subjects", SUBJECTS),
            ("loads", LOADS),
            ("active", ACTIVE),
            ("cohort_open", COHORT_OPEN),
        ]
    }
}

fn behind_args(realm: i64, slice: &Slice, last: i64) -> Vec<Arg> {
    vec![
        realm.into(),
        list(&slice.measures),
        slice.from.into(),
        slice.to.into(),
        i64::from(slice.places.is_empty()).into(),
        list(&slice.places),
        last.into(),
    ]
}
