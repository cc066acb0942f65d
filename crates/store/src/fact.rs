//! Facts as they are stored: sums where no roll-up reaches, and the records behind a figure. What a statement here
//! reads is bounded by the days it is asked for; a list of records asks for as few as will fill a page.

use crate::dialect::{Arg, Pool, Row};
use crate::error::StoreError;
use crate::figure::{Buckets, Point, RollupSum, added, list, mark, point_parts, points, sum_parts, sums};
use crate::tail::Tail;
use xiangyue_domain::day::Day;
use xiangyue_domain::fact::Fact;
use xiangyue_domain::ids::RegionId;

/// A stored fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRow {
    /// Entry that wrote it.
    pub seq: i64,
    /// Its number within the entry.
    pub n: i64,
    /// The fact.
    pub fact: Fact,
    /// Matter it belongs to.
    pub subject: i64,
}

/// A fact as it stands in a row, its columns one after another from `measure` to `delta`.
pub fn fact_of(row: &Row, first: usize) -> Fact {
    let day = |i: usize| Day(i32::try_from(row.int(first + i)).unwrap_or(0));
    Fact {
        measure: row.text(first).to_owned(),
        bucket: row.text(first + 1).to_owned(),
        place: RegionId(row.int(first + 2)),
        day: day(3),
        cohort: day(4),
        delta: row.int(first + 5),
    }
}

/// Which facts a sum or a list of records is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slice {
    /// Measures.
    pub measures: Vec<String>,
    /// Buckets; empty for all.
    pub buckets: Vec<String>,
    /// Places, all finest ones; empty for the whole realm.
    pub places: Vec<i64>,
    /// First and last day on the axis.
    pub from: i64,
    /// Last day.
    pub to: i64,
    /// By the cohort's day instead of the day it happened.
    pub by_cohort: bool,
    /// Only what had happened by this day.
    pub cut_off: i64,
}

/// One record behind a figure, as far as one day on the axis tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Matter.
    pub subject: i64,
    /// What it adds on that day.
    pub n: i64,
    /// The day.
    pub day: i64,
    /// Entry that first counted it there.
    pub seq: i64,
}

/// How many records stand behind a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Measure.
    pub measure: String,
    /// Bucket; empty when all buckets are taken together.
    pub bucket: String,
    /// How many.
    pub n: i64,
}

/// The slice of facts: `+ 0` keeps the search on the days of one axis, whatever else narrows it.
macro_rules! slice {
    ($axis:literal) => {
        concat!(
            " from fact where realm = $1 and settled = 1 and measure in (json_texts($2)) and ",
            $axis,
            " >= $3 and ",
            $axis,
            " <= $4 and ($5 = 1 or place + 0 in (json_ints($6))) and day + 0 <= $7
  and ($8 = '[]' or bucket in (json_texts($8)))"
        )
    };
}
macro_rules! fact_sums {
    ($axis:literal, $by:literal, $bucket:literal) => {
        concat!(
            "select ",
            $by,
            ", measure, ",
            $bucket,
            " as bucket, cast(coalesce(sum(delta), 0) as bigint)",
            slice!($axis),
            " group by 1, 2, 3 union all select ",
            mark!(),
            ", '', 0 from realm_head where realm = $1"
        )
    };
}
/// Sought cohort by cohort: of each only what came after the day is read.
macro_rules! later {
    ($bucket:literal) => {
        concat!(
            "select place, measure, ",
            $bucket,
            " as bucket, cast(coalesce(sum(delta), 0) as bigint) from fact
  where realm = $1 and settled = 1 and measure in (json_texts($2)) and cohort in (json_ints($3)) and day > $4
  and ($5 = 1 or place + 0 in (json_ints($6))) and ($7 = '[]' or bucket in (json_texts($7))) group by 1, 2, 3
  union all select ",
            mark!(),
            ", '', 0 from realm_head where realm = $1"
        )
    };
}
macro_rules! count {
    ($axis:literal) => {
        concat!(
            "select '', '', count(*) from (select subject",
            slice!($axis),
            " group by subject having sum(delta) <> 0) counted"
        )
    };
}
macro_rules! count_each {
    ($axis:literal, $bucket:literal) => {
        concat!(
            "select measure, bucket, count(*) from (select measure, ",
            $bucket,
            " as bucket, subject",
            slice!($axis),
            " group by 1, 2, subject having sum(delta) <> 0) counted group by measure, bucket"
        )
    };
}
const SUM_DAY: &str = fact_sums!("day", "place", "''");
const SUM_COHORT: &str = fact_sums!("cohort", "place", "''");
const EACH_DAY: &str = fact_sums!("day", "place", "bucket");
const EACH_COHORT: &str = fact_sums!("cohort", "place", "bucket");
const LATER_WHOLE: &str = later!("''");
const LATER_EACH: &str = later!("bucket");
const SERIES_DAY: &str = fact_sums!("day", "day", "''");
const SERIES_COHORT: &str = fact_sums!("cohort", "cohort", "''");
const EACH_SERIES_DAY: &str = fact_sums!("day", "day", "bucket");
const EACH_SERIES_COHORT: &str = fact_sums!("cohort", "cohort", "bucket");
const RECORDS_COHORT: &str = concat!(
    "select cohort, subject, cast(sum(delta) as bigint), min(seq)",
    slice!("cohort"),
    " and (cohort + 0 > $9 or subject > $10) group by cohort, subject having sum(delta) <> 0
  order by cohort, subject limit $11"
);
// The days are searched first and the matter behind each is looked up: the index of the other axis holds more of what is
// read, and would be read through from one end to the other.
const RECORDS_DAY: &str = concat!(
    "select found.day, f.subject, cast(sum(found.delta) as bigint), min(found.seq)
  from (select realm, seq, n, day, delta",
    slice!("day"),
    ") found cross join fact f where f.realm = found.realm and f.seq = found.seq and f.n = found.n
  and (found.day > $9 or f.subject > $10) group by found.day, f.subject having sum(found.delta) <> 0
  order by found.day, f.subject limit $11"
);
const COUNT_DAY: &str = count!("day");
const COUNT_COHORT: &str = count!("cohort");
const COUNT_EACH_DAY: &str = count_each!("day", "''");
const COUNT_EACH_COHORT: &str = count_each!("cohort", "''");
const COUNT_BUCKET_DAY: &str = count_each!("day", "bucket");
const COUNT_BUCKET_COHORT: &str = count_each!("cohort", "bucket");

fn with_tail(rows: &[Row], tail: Vec<RollupSum>) -> Vec<RollupSum> {
    let mut rows = sums(rows);
    added(&mut rows, tail, sum_parts);
    rows
}

impl Slice {
    fn args(&self, realm: i64, buckets: Arg) -> Vec<Arg> {
        vec![
            realm.into(),
            list(&self.measures),
            self.from.into(),
            self.to.into(),
            i64::from(self.places.is_empty()).into(),
            list(&self.places),
            self.cut_off.into(),
            buckets,
        ]
    }

    /// Where a fact lies on its axis.
    pub(crate) fn day_of(&self, fact: &Fact) -> i64 {
        i64::from(if self.by_cohort { fact.cohort.0 } else { fact.day.0 })
    }

    /// Whether a fact lies in its days; measure, place and bucket are another question.
    pub(crate) fn has(&self, fact: &Fact) -> bool {
        (self.from..=self.to).contains(&self.day_of(fact)) && i64::from(fact.day.0) <= self.cut_off
    }

    /// The text for this slice's axis.
    fn on<'a>(&self, day: &'a str, cohort: &'a str) -> &'a str {
        if self.by_cohort { cohort } else { day }
    }
}

impl Pool {
    /// Sums of facts by finest place.
    pub async fn fact_sums(
        &self,
        realm: i64,
        slice: &Slice,
        buckets: Buckets<'_>,
    ) -> Result<Vec<RollupSum>, StoreError> {
        let (sql, last) = buckets.choose(slice.on(SUM_DAY, SUM_COHORT), slice.on(EACH_DAY, EACH_COHORT));
        let pick = |tail: &Tail, part| tail.sums_of((slice, part), buckets, |fact| slice.has(fact));
        let (rows, tail) = self.rolled(realm, sql, &slice.args(realm, last), pick).await?;
        Ok(with_tail(&rows, tail))
    }

    /// Of the cohorts of the slice's days, what came after its cut-off, by finest place.
    pub async fn facts_later(
        &self,
        realm: i64,
        slice: &Slice,
        buckets: Buckets<'_>,
    ) -> Result<Vec<RollupSum>, StoreError> {
        let (sql, last) = buckets.choose(LATER_WHOLE, LATER_EACH);
        let cohorts: Vec<i64> = (slice.from..=slice.to).collect();
        let all = i64::from(slice.places.is_empty());
        let args = [
            realm.into(),
            list(&slice.measures),
            list(&cohorts),
            slice.cut_off.into(),
            all.into(),
            list(&slice.places),
            last,
        ];
        let later = |fact: &Fact| {
            let (day, cohort) = (i64::from(fact.day.0), i64::from(fact.cohort.0));
            day > slice.cut_off && (slice.from..=slice.to).contains(&cohort)
        };
        let (rows, tail) =
            self.rolled(realm, sql, &args, |tail, part| tail.sums_of((slice, part), buckets, later)).await?;
        Ok(with_tail(&rows, tail))
    }

    /// Sums of facts by day on the slice's axis.
    pub async fn fact_series(&self, realm: i64, slice: &Slice, buckets: Buckets<'_>) -> Result<Vec<Point>, StoreError> {
        let whole = slice.on(SERIES_DAY, SERIES_COHORT);
        let (sql, last) = buckets.choose(whole, slice.on(EACH_SERIES_DAY, EACH_SERIES_COHORT));
        let pick = |tail: &Tail, part| tail.points_of((slice, part), buckets);
        let (rows, tail) = self.rolled(realm, sql, &slice.args(realm, last), pick).await?;
        let mut rows = points(&rows);
        added(&mut rows, tail, point_parts);
        Ok(rows)
    }

    /// Records of a slice among what is settled, in the order of their day and id, those after a day and an id: the day lies on or before the
    /// slice's first. On each day a record is told by itself.
    pub async fn records(
        &self,
        realm: i64,
        slice: &Slice,
        after: (i64, i64),
        limit: i64,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let mut args = slice.args(realm, list(&slice.buckets));
        args.extend([after.0.into(), after.1.into(), limit.into()]);
        let rows = self.rows(slice.on(RECORDS_DAY, RECORDS_COHORT), &args).await?;
        let row = |r: &Row| RecordRow { day: r.int(0), subject: r.int(1), n: r.int(2), seq: r.int(3) };
        Ok(rows.iter().map(row).collect())
    }

    /// How many records stand behind a slice among what is settled, all its measures together. Reads every fact of it.
    pub async fn count_records(&self, realm: i64, slice: &Slice) -> Result<i64, StoreError> {
        let args = slice.args(realm, list(&slice.buckets));
        let rows = self.rows(slice.on(COUNT_DAY, COUNT_COHORT), &args).await?;
        Ok(rows.first().map_or(0, |r| r.int(2)))
    }

    /// How many records stand behind each of a slice's measures among what is settled. Reads every fact of it.
    pub async fn count_each(
        &self,
        realm: i64,
        slice: &Slice,
        buckets: Buckets<'_>,
    ) -> Result<Vec<Counted>, StoreError> {
        let whole = slice.on(COUNT_EACH_DAY, COUNT_EACH_COHORT);
        let (sql, buckets) = buckets.choose(whole, slice.on(COUNT_BUCKET_DAY, COUNT_BUCKET_COHORT));
        let rows = self.rows(sql, &slice.args(realm, buckets)).await?;
        let row = |r: &Row| Counted { measure: r.text(0).to_owned(), bucket: r.text(1).to_owned(), n: r.int(2) };
        Ok(rows.iter().map(row).collect())
    }

    /// Statements over facts, for the test that looks at their plans.
    pub fn fact_statements() -> Vec<(&'static str, &'static str)> {
        vec![
            ("sum_day", SUM_DAY),
            ("sum_cohort", SUM_COHORT),
            ("each_day", EACH_DAY),
            ("each_cohort", EACH_COHORT),
            ("later_whole", LATER_WHOLE),
            ("later_each", LATER_EACH),
            ("series_day", SERIES_DAY),
            ("series_cohort", SERIES_COHORT),
            ("each_series_day", EACH_SERIES_DAY),
            ("each_series_cohort", EACH_SERIES_COHORT),
            ("records_day", RECORDS_DAY),
            ("records_cohort", RECORDS_COHORT),
            ("count_day", COUNT_DAY),
            ("count_cohort", COUNT_COHORT),
            ("count_each_day", COUNT_EACH_DAY),
            ("count_each_cohort", COUNT_EACH_COHORT),
            ("count_bucket_day", COUNT_BUCKET_DAY),
            ("count_bucket_cohort", COUNT_BUCKET_COHORT),
        ]
    }
}
