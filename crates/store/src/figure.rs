//! Roll-ups: what the facts of a place add up to, by day, month and year at county and town and by month at the village.
//! Each has a row for the whole, under the empty bucket, and beside it one for every bucket there is. A figure is whole
//! years and months, and single days added at its edges or taken off again, whichever are fewer. No statement here may
//! read more than the days, places and measures it is asked for.

use crate::batch::RollupKey;
use crate::dialect::{Arg, Pool, Row};
use crate::error::StoreError;
use crate::tail::Tail;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// A sum for one place, measure and bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollupSum {
    /// Place.
    pub place: i64,
    /// Measure.
    pub measure: String,
    /// Bucket; empty when all buckets are taken together, and for what has none when each is told apart.
    pub bucket: String,
    /// Sum.
    pub n: i64,
}

/// A sum on a day, or on the first day of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Day on the axis.
    pub day: i64,
    /// Measure.
    pub measure: String,
    /// Bucket; empty when all buckets are taken together.
    pub bucket: String,
    /// Sum.
    pub n: i64,
}

/// Which buckets a sum tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buckets<'a> {
    /// All of them together, under the empty one.
    Whole,
    /// Each by itself; none named means all.
    Each(&'a [String]),
}

/// Beside the rows of each statement stands one that says up to which entry roll-ups and facts are written at that
/// moment, told by a first column which nothing else can have.
macro_rules! mark {
    () => {
        "-9223372036854775807, cast(rolled as text) || ' ' || cast(seq as text) || ' ' || cast(part as text)"
    };
}
pub(crate) use mark;
/// Sums over days, for places or over time; buckets together or each by itself.
macro_rules! rolled {
    ($by:literal, $bucket:literal, $rows:literal) => {
        concat!(
            "select ",
            $by,
            ", measure, ",
            $bucket,
            " as bucket, cast(coalesce(sum(n), 0) as bigint) from rollup
  where realm = $1 and axis = $2 and grain = $3 and day in (json_ints($4)) and place in (json_ints($5))
  and measure in (json_texts($6)) and ($7 = '[]' or bucket in (json_texts($7)))",
            $rows,
            " group by 1, 2, 3 union all select ",
            mark!(),
            ", '', 0 from realm_head where realm = $1"
        )
    };
}
const WHOLE: &str = rolled!("place", "''", " and bucket = ''");
const EACH: &str = rolled!("place", "bucket", "");
const WHOLE_SERIES: &str = rolled!("day", "''", " and bucket = ''");
const EACH_SERIES: &str = rolled!("day", "bucket", "");
/// Two measures at each of many places, over the same months: one search for both, since their rows lie side by side, and
/// no sorting of what comes out. Both numbers stand in one text, since a subquery gives one column.
const PAIR: &str = concat!(
    "select p.value, (select cast(coalesce(sum(case when r.measure = $6 then r.n else 0 end), 0) as text)
    || ' ' || cast(coalesce(sum(case when r.measure = $7 then r.n else 0 end), 0) as text)
  from rollup r where r.realm = $1 and r.axis = $2 and r.grain = $3 and r.place = p.value and r.day in (json_ints($4))
  and r.measure >= $8 and r.measure <= $9 and r.bucket = '') from (json_ints($5)) p union all select ",
    mark!(),
    " from realm_head where realm = $1"
);
const BOUNDS: &str = concat!(
    "select 0, (select cast(day as text) from rollup
  where realm = $1 and axis = $2 and grain = 'D' and place = $3 order by day limit 1)
  || ' ' || (select cast(day as text) from rollup
  where realm = $1 and axis = $2 and grain = 'D' and place = $3 order by day desc limit 1) union all select ",
    mark!(),
    " from realm_head where realm = $1"
);

/// What came after a day, of cohorts of whole months that ended before it.
const LATE: &str = concat!(
    "select place, measure, '' as bucket, cast(coalesce(sum(n), 0) as bigint) from rollup
  where realm = $1 and axis = 'l' and grain = 'D' and day in (json_ints($2)) and place in (json_ints($3))
  and measure in (json_texts($4)) and bucket > $5 group by 1, 2, 3 union all select ",
    mark!(),
    ", '', 0 from realm_head where realm = $1"
);

/// The axis of what came in a later month than that of its cohort: its day is the first of the cohort's month, its bucket
/// the day on which it came.
pub const LATER: char = 'l';

/// A day as a bucket of [`LATER`], so that texts stand in the order of the days.
pub fn later_bucket(day: i64) -> String {
    format!("{:08}", day.max(0))
}

pub(crate) fn list<T: serde::Serialize>(of: &[T]) -> Arg {
    Arg::Text(serde_json::to_string(of).unwrap_or_default())
}

pub(crate) fn sums(rows: &[Row]) -> Vec<RollupSum> {
    let row = |r: &Row| RollupSum {
        place: r.int(0),
        measure: r.text(1).to_owned(),
        bucket: r.text(2).to_owned(),
        n: r.int(3),
    };
    rows.iter().map(row).collect()
}

pub(crate) fn points(rows: &[Row]) -> Vec<Point> {
    let row =
        |r: &Row| Point { day: r.int(0), measure: r.text(1).to_owned(), bucket: r.text(2).to_owned(), n: r.int(3) };
    rows.iter().map(row).collect()
}

/// Where each bucket is told apart, the row of the whole stands for what has no bucket: the others are taken off it.
fn rest<T, K: Ord>(buckets: Buckets<'_>, mut rows: Vec<T>, parts: impl Fn(&mut T) -> (K, bool, &mut i64)) -> Vec<T> {
    if !matches!(buckets, Buckets::Each([])) {
        return rows;
    }
    let mut named: BTreeMap<K, i64> = BTreeMap::new();
    for row in &mut rows {
        let (key, whole, n) = parts(row);
        if !whole {
            *named.entry(key).or_default() += *n;
        }
    }
    rows.retain_mut(|row| {
        let (key, whole, n) = parts(row);
        let Some(others) = named.get(&key).filter(|_| whole) else { return true };
        *n -= others;
        *n != 0
    });
    rows
}

impl Buckets<'_> {
    /// The statement for it, and its last argument.
    pub(crate) fn choose(self, whole: &'static str, each: &'static str) -> (&'static str, Arg) {
        match self {
            Buckets::Whole => (whole, "[]".into()),
            Buckets::Each(some) => (each, list(some)),
        }
    }
}

/// Days, months or years of one axis of the roll-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grains<'a> {
    /// `d` by the day it happened, `c` by the cohort's day.
    pub axis: char,
    /// `D` day, `M` month, `Y` year.
    pub grain: char,
    /// Days, or first days of months or years.
    pub days: &'a [i64],
}

impl Grains<'_> {
    fn args(self, realm: i64, places: &[i64], measures: &[String], buckets: Arg) -> [Arg; 7] {
        let (axis, grain) = (self.axis.to_string(), self.grain.to_string());
        [realm.into(), axis.into(), grain.into(), list(self.days), list(places), list(measures), buckets]
    }
}

/// Adds to sums what belongs to the same keys.
pub(crate) fn added<T, K: std::hash::Hash + Eq>(
    rows: &mut Vec<T>,
    more: Vec<T>,
    parts: impl Fn(&mut T) -> (K, &mut i64),
) {
    if more.is_empty() {
        return;
    }
    let mut at: HashMap<K, usize> = rows.iter_mut().enumerate().map(|(i, row)| (parts(row).0, i)).collect();
    for mut one in more {
        let (key, n) = parts(&mut one);
        let n = *n;
        match at.entry(key) {
            Entry::Occupied(found) => *parts(&mut rows[*found.get()]).1 += n,
            Entry::Vacant(free) => {
                free.insert(rows.len());
                rows.push(one);
            }
        }
    }
}

pub(crate) fn sum_parts(row: &mut RollupSum) -> ((i64, String, String), &mut i64) {
    ((row.place, row.measure.clone(), row.bucket.clone()), &mut row.n)
}

pub(crate) fn point_parts(row: &mut Point) -> ((i64, String, String), &mut i64) {
    ((row.day, row.measure.clone(), row.bucket.clone()), &mut row.n)
}

/// A sum of the tail; where buckets are taken together only the whole was asked for.
fn tail_sum((key, n): (&RollupKey, i64)) -> RollupSum {
    RollupSum { place: key.place, measure: key.measure.to_string(), bucket: key.bucket.to_string(), n }
}

/// Two numbers in one text.
fn two(row: &Row) -> Option<(i64, i64)> {
    row.text(1).split_once(' ').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)))
}

impl Pool {
    /// Sums of roll-ups over some days at each of these places.
    pub async fn rollups(
        &self,
        realm: i64,
        grains: Grains<'_>,
        places: &[i64],
        measures: &[String],
        buckets: Buckets<'_>,
    ) -> Result<Vec<RollupSum>, StoreError> {
        let (sql, last) = buckets.choose(WHOLE, EACH);
        let pick = |tail: &Tail, _| tail.within(grains, places, measures, buckets).into_iter().map(tail_sum).collect();
        let (rows, tail) = self.rolled(realm, sql, &grains.args(realm, places, measures, last), pick).await?;
        let mut rows = sums(&rows);
        added(&mut rows, tail, sum_parts);
        Ok(rest(buckets, rows, |r| ((r.place, r.measure.clone()), r.bucket.is_empty(), &mut r.n)))
    }

    /// Sums of two measures over some days at each of many places: place, first, second; buckets together.
    pub async fn rollup_pairs(
        &self,
        realm: i64,
        grains: Grains<'_>,
        places: &[i64],
        (first, second): (&str, &str),
    ) -> Result<Vec<(i64, i64, i64)>, StoreError> {
        let (low, high) = (first.min(second), first.max(second));
        let args = grains.args(realm, places, &[], Arg::Text(String::new()));
        let mut args: Vec<Arg> = args.into_iter().take(5).collect();
        args.extend([first.into(), second.into(), low.into(), high.into()]);
        let measures = [first.to_owned(), second.to_owned()];
        let pick = |tail: &Tail, _| -> Vec<RollupSum> {
            tail.within(grains, places, &measures, Buckets::Whole).into_iter().map(tail_sum).collect()
        };
        let (rows, tail) = self.rolled(realm, PAIR, &args, pick).await?;
        let mut more: HashMap<i64, (i64, i64)> = HashMap::new();
        for sum in tail {
            let both = more.entry(sum.place).or_default();
            if sum.measure == first { both.0 += sum.n } else { both.1 += sum.n }
        }
        let pair = |row: &Row| {
            let (a, b) = two(row).ok_or_else(|| StoreError::Inconsistent {
                table: "rollup",
                row: row.int(0).to_string(),
                fault: row.text(1).to_owned(),
            })?;
            let (c, d) = more.get(&row.int(0)).copied().unwrap_or_default();
            Ok((row.int(0), a + c, b + d))
        };
        rows.iter().map(pair).collect()
    }

    /// Sums of roll-ups on each of some days, over these places together.
    pub async fn rollup_series(
        &self,
        realm: i64,
        grains: Grains<'_>,
        places: &[i64],
        measures: &[String],
        buckets: Buckets<'_>,
    ) -> Result<Vec<Point>, StoreError> {
        let (sql, last) = buckets.choose(WHOLE_SERIES, EACH_SERIES);
        let pick = |tail: &Tail, _| -> Vec<Point> {
            let point = |(key, n): (&RollupKey, i64)| Point {
                day: key.day,
                measure: key.measure.to_string(),
                bucket: key.bucket.to_string(),
                n,
            };
            tail.within(grains, places, measures, buckets).into_iter().map(point).collect()
        };
        let (rows, tail) = self.rolled(realm, sql, &grains.args(realm, places, measures, last), pick).await?;
        let mut rows = points(&rows);
        added(&mut rows, tail, point_parts);
        Ok(rest(buckets, rows, |r| ((r.day, r.measure.clone()), r.bucket.is_empty(), &mut r.n)))
    }

    /// What came after a day at each of these places, of the cohorts of some months that ended before it.
    pub async fn rollups_later(
        &self,
        realm: i64,
        months: &[i64],
        after: i64,
        places: &[i64],
        measures: &[String],
    ) -> Result<Vec<RollupSum>, StoreError> {
        let args = [realm.into(), list(months), list(places), list(measures), later_bucket(after).into()];
        let (rows, tail) =
            self.rolled(realm, LATE, &args, |tail, _| tail.later(months, after, places, measures)).await?;
        let mut rows = sums(&rows);
        added(&mut rows, tail, sum_parts);
        Ok(rows)
    }

    /// Whether facts are stored and none of them is rolled up.
    pub async fn lacks_rollups(&self, realm: i64) -> Result<bool, StoreError> {
        const ROLLED: &str = "select 1 from rollup where realm = $1 limit 1";
        const COUNTED: &str = "select 1 from fact where realm = $1 limit 1";
        let found = async |sql| Ok::<_, StoreError>(!self.rows(sql, &[realm.into()]).await?.is_empty());
        Ok(!found(ROLLED).await? && found(COUNTED).await?)
    }

    /// The first and the last day on which anything counts at a place, if anything does.
    pub async fn bounds(&self, realm: i64, axis: char, place: i64) -> Result<Option<(i64, i64)>, StoreError> {
        let args = [realm.into(), axis.to_string().into(), place.into()];
        let (rows, tail) = self.rolled(realm, BOUNDS, &args, |tail, _| tail.bounds(axis, place)).await?;
        let stored = rows.first().and_then(two);
        let both = stored.zip(tail).map(|((a, b), (c, d))| (a.min(c), b.max(d)));
        Ok(both.or(stored).or(tail))
    }

    /// Statements over roll-ups, for the test that looks at their plans.
    pub fn figure_statements() -> Vec<(&'static str, &'static str)> {
        vec![
            ("whole", WHOLE),
            ("each", EACH),
            ("whole_series", WHOLE_SERIES),
            ("each_series", EACH_SERIES),
            ("late", LATE),
            ("bounds", BOUNDS),
            ("pair", PAIR),
        ]
    }
}
