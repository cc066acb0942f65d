//! How figures went over time: the same sums as the figures themselves, by day or by whole month, for many indicators
//! at once. A month that is not over holds what has happened by the cut-off.

use crate::error::AppError;
use crate::indicator::{Figure, figure_of, narrowed, parts};
use crate::period::Period;
use crate::state::App;
use std::collections::BTreeMap;
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Basis, Indicator, IndicatorSource, Level};
use xiangyue_store::{Point, Slice};

/// How fine a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// By day.
    Day,
    /// By calendar month.
    Month,
}

/// Points of several indicators by id, oldest first.
pub type Series = BTreeMap<String, Vec<(Day, Figure)>>;

impl Grain {
    fn start(self, day: Day) -> Day {
        match self {
            Grain::Day => day,
            Grain::Month => day.month_start(),
        }
    }

    fn end(self, day: Day) -> Day {
        match self {
            Grain::Day => day,
            Grain::Month => day.month_end(),
        }
    }

    fn next(self, day: Day) -> Day {
        match self {
            Grain::Day => day.plus(1),
            Grain::Month => day.plus_months(1),
        }
    }
}

/// Sums by first day, measure and bucket.
type Points = BTreeMap<(Day, String, String), i64>;

impl App {
    /// Several indicators at one place over time, with a handful of queries; of some buckets only, none meaning all.
    pub async fn series(
        &self,
        ids: &[&str],
        place: RegionId,
        grain: Grain,
        period: Period,
        buckets: &[String],
    ) -> Result<Series, AppError> {
        let policy = self.policy();
        let mut out = Series::new();
        for by_cohort in [false, true] {
            let group: Vec<&Indicator> = ids
                .iter()
                .filter_map(|id| policy.indicator(id))
                .filter(|i| {
                    (i.basis == Basis::Cohort) == by_cohort && !matches!(i.source, IndicatorSource::Register(_))
                })
                .collect();
            if group.is_empty() {
                continue;
            }
            let mut measures: Vec<String> = group
                .iter()
                .flat_map(|i| {
                    let (a, b) = parts(i);
                    a.into_iter().chain(b)
                })
                .collect();
            measures.sort();
            measures.dedup();
            let points = self.points(&measures, place, grain, period, by_cohort).await?;
            for indicator in group {
                out.insert(indicator.id.clone(), line(indicator, &points, grain, period, buckets));
            }
        }
        Ok(out)
    }

    async fn points(
        &self,
        measures: &[String],
        place: RegionId,
        grain: Grain,
        period: Period,
        by_cohort: bool,
    ) -> Result<Points, AppError> {
        let directory = self.directory();
        let Some(level) = directory.tree.get(place).map(|r| r.level) else { return Ok(Points::new()) };
        let nodes = directory.tree.then_nodes(place, period.cut_off);
        let (from, to) = (grain.start(period.from), grain.end(period.to));
        let span = (i64::from(from.0), i64::from(to.0));
        let slice = Slice {
            measures: measures.to_vec(),
            places: nodes.iter().map(|n| n.0).collect(),
            from: span.0,
            to: span.1,
            by_cohort,
            ..Slice::default()
        };
        // Roll-ups reach down to the village by month and to the town by day; below stand the facts themselves.
        let rolled = match grain {
            Grain::Day => level >= Level::Town,
            Grain::Month => level >= Level::Village,
        };
        let mut points = Points::new();
        let mut take = |rows: Vec<Point>, sign: i64| {
            for row in rows {
                let day = grain.start(Day(i32::try_from(row.day).unwrap_or(0)));
                *points.entry((day, row.measure, row.bucket)).or_default() += sign * row.n;
            }
        };
        if rolled {
            let same = |n: &&RegionId| directory.tree.get(**n).is_some_and(|r| r.level == level);
            let places: Vec<i64> = nodes.iter().filter(same).map(|n| n.0).collect();
            let axis = (if by_cohort { 'c' } else { 'd' }, if grain == Grain::Day { 'D' } else { 'M' });
            take(self.pool().rollup_series(self.realm(), axis, span, &places, measures).await?, 1);
        } else {
            take(self.pool().fact_series(self.realm(), &slice, i64::from(i32::MIN)).await?, 1);
        }
        let later = if by_cohort { period.cut_off < self.now().day() } else { period.cut_off < to };
        if later {
            take(self.pool().fact_series(self.realm(), &slice, i64::from(period.cut_off.0)).await?, -1);
        }
        Ok(points)
    }
}

fn line(
    indicator: &Indicator,
    points: &Points,
    grain: Grain,
    period: Period,
    buckets: &[String],
) -> Vec<(Day, Figure)> {
    let (over, under) = parts(indicator);
    let buckets = narrowed(indicator, buckets);
    let mut out = Vec::new();
    let mut day = grain.start(period.from);
    while day <= period.to {
        let total = |measures: &[String]| -> i64 {
            points
                .range((day, String::new(), String::new())..(day.plus(1), String::new(), String::new()))
                .filter(|((_, m, b), _)| measures.contains(m) && (buckets.is_empty() || buckets.contains(b)))
                .map(|(_, n)| n)
                .sum()
        };
        out.push((day, figure_of(indicator, total(&over), total(&under))));
        day = grain.next(day);
    }
    out
}
