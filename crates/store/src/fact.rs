//! Facts and their roll-ups. A figure is a sum over a subtree of regions and a range of days; whole months come from
//! monthly roll-ups, the edges from daily ones, and what lies below the roll-ups from the facts themselves.

use crate::dialect::{Arg, Pool};
use crate::error::StoreError;
use xiangyue_domain::fact::Fact;

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

/// A sum for one place, measure and bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollupSum {
    /// Place.
    pub place: i64,
    /// Measure.
    pub measure: String,
    /// Bucket.
    pub bucket: String,
    /// Sum.
    pub n: i64,
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

/// One record behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Matter.
    pub subject: i64,
    /// What it adds.
    pub n: i64,
    /// First day it counted.
    pub day: i64,
    /// Entry that first counted it.
    pub seq: i64,
}

const ROLLUP: &str = "select place, measure, bucket, cast(coalesce(sum(n), 0) as bigint) from rollup
  where realm = $1 and axis = $2 and grain = $3 and day >= $4 and day <= $5
  and place in (json_ints($6)) and measure in (json_texts($7)) group by place, measure, bucket";
// The plus keeps the search on the index of days: a span of cohorts is mostly all of them.
// `+ 0` keeps the planner from choosing the index of the other axis.
const SUM_DAY: &str = "select place, measure, bucket, cast(coalesce(sum(delta), 0) as bigint) from fact
  where realm = $1 and measure in (json_texts($2)) and day >= $3 and day <= $4
  and ($5 = 1 or place in (json_ints($6))) and +cohort >= $7 and +cohort <= $8 group by place, measure, bucket";
const SUM_COHORT: &str = "select place, measure, bucket, cast(coalesce(sum(delta), 0) as bigint) from fact
  where realm = $1 and measure in (json_texts($2)) and cohort >= $3 and cohort <= $4
  and ($5 = 1 or place in (json_ints($6))) and day + 0 > $7 and day + 0 <= $8 group by place, measure, bucket";
const RECORDS_DAY: &str = "select subject, cast(sum(delta) as bigint), min(day), min(seq) from fact
  where realm = $1 and measure in (json_texts($2)) and day >= $3 and day <= $4
  and ($5 = 1 or place in (json_ints($6))) and ($7 = '[]' or bucket in (json_texts($7))) and day <= $8
  group by subject having sum(delta) <> 0 order by min(seq), subject limit $9 offset $10";
const RECORDS_COHORT: &str = "select subject, cast(sum(delta) as bigint), min(day), min(seq) from fact
  where realm = $1 and measure in (json_texts($2)) and cohort >= $3 and cohort <= $4
  and ($5 = 1 or place in (json_ints($6))) and ($7 = '[]' or bucket in (json_texts($7))) and day + 0 <= $8
  group by subject having sum(delta) <> 0 order by min(seq), subject limit $9 offset $10";
const COUNT_DAY: &str = "select count(*) from (select subject from fact
  where realm = $1 and measure in (json_texts($2)) and day >= $3 and day <= $4
  and ($5 = 1 or place in (json_ints($6))) and ($7 = '[]' or bucket in (json_texts($7))) and day <= $8
  group by subject having sum(delta) <> 0) counted";
const COUNT_COHORT: &str = "select count(*) from (select subject from fact
  where realm = $1 and measure in (json_texts($2)) and cohort >= $3 and cohort <= $4
  and ($5 = 1 or place in (json_ints($6))) and ($7 = '[]' or bucket in (json_texts($7))) and day + 0 <= $8
  group by subject having sum(delta) <> 0) counted";

fn texts(list: &[String]) -> Arg {
    Arg::Text(serde_json::to_string(list).unwrap_or_default())
}

fn ints(list: &[i64]) -> Arg {
    Arg::Text(serde_json::to_string(list).unwrap_or_default())
}

fn sums(rows: &[crate::dialect::Row]) -> Vec<RollupSum> {
    rows.iter()
        .map(|r| RollupSum {
            place: r.int(0),
            measure: r.text(1).to_owned(),
            bucket: r.text(2).to_owned(),
            n: r.int(3),
        })
        .collect()
}

impl Pool {
    /// Sums of roll-ups of one axis and grain over a range of days, for these places and measures.
    pub async fn rollups(
        &self,
        realm: i64,
        (axis, grain): (char, char),
        (from, to): (i64, i64),
        places: &[i64],
        measures: &[String],
    ) -> Result<Vec<RollupSum>, StoreError> {
        let args = [
            realm.into(),
            axis.to_string().into(),
            grain.to_string().into(),
            from.into(),
            to.into(),
            ints(places),
            texts(measures),
        ];
        Ok(sums(&self.rows(ROLLUP, &args).await?))
    }

    /// Sums of facts by the day they happened, by finest place, for cohorts within a range.
    pub async fn fact_sums_by_day(
        &self,
        realm: i64,
        slice: &Slice,
        (cohort_from, cohort_to): (i64, i64),
    ) -> Result<Vec<RollupSum>, StoreError> {
        let args = [
            realm.into(),
            texts(&slice.measures),
            slice.from.into(),
            slice.to.into(),
            i64::from(slice.places.is_empty()).into(),
            ints(&slice.places),
            cohort_from.into(),
            cohort_to.into(),
        ];
        Ok(sums(&self.rows(SUM_DAY, &args).await?))
    }

    /// Sums of facts by cohort, by finest place, that happened after one day and up to another.
    pub async fn fact_sums_by_cohort(
        &self,
        realm: i64,
        slice: &Slice,
        (after, until): (i64, i64),
    ) -> Result<Vec<RollupSum>, StoreError> {
        let args = [
            realm.into(),
            texts(&slice.measures),
            slice.from.into(),
            slice.to.into(),
            i64::from(slice.places.is_empty()).into(),
            ints(&slice.places),
            after.into(),
            until.into(),
        ];
        Ok(sums(&self.rows(SUM_COHORT, &args).await?))
    }

    fn slice_args(realm: i64, slice: &Slice) -> Vec<Arg> {
        vec![
            realm.into(),
            texts(&slice.measures),
            slice.from.into(),
            slice.to.into(),
            i64::from(slice.places.is_empty()).into(),
            ints(&slice.places),
            texts(&slice.buckets),
            slice.cut_off.into(),
        ]
    }

    /// Records behind a sum, oldest first.
    pub async fn records(
        &self,
        realm: i64,
        slice: &Slice,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let mut args = Self::slice_args(realm, slice);
        args.extend([limit.into(), offset.into()]);
        let sql = if slice.by_cohort { RECORDS_COHORT } else { RECORDS_DAY };
        let rows = self.rows(sql, &args).await?;
        Ok(rows.iter().map(|r| RecordRow { subject: r.int(0), n: r.int(1), day: r.int(2), seq: r.int(3) }).collect())
    }

    /// How many records stand behind a sum.
    pub async fn count_records(&self, realm: i64, slice: &Slice) -> Result<i64, StoreError> {
        let sql = if slice.by_cohort { COUNT_COHORT } else { COUNT_DAY };
        let rows = self.rows(sql, &Self::slice_args(realm, slice)).await?;
        Ok(rows.first().map_or(0, |r| r.int(0)))
    }

    /// Statements over facts, for the test that looks at their plans.
    pub fn fact_statements() -> Vec<(&'static str, &'static str)> {
        vec![
            ("rollup", ROLLUP),
            ("sum_day", SUM_DAY),
            ("sum_cohort", SUM_COHORT),
            ("records_day", RECORDS_DAY),
            ("records_cohort", RECORDS_COHORT),
            ("count_day", COUNT_DAY),
            ("count_cohort", COUNT_COHORT),
        ]
    }
}
