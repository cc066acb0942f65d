//! Indicators: every figure is one operation, a sum over a subtree of regions and a range of days. There is no second
//! way to make the same number.

use crate::error::AppError;
use crate::period::Period;
use crate::state::App;
use std::collections::{BTreeMap, HashMap};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Basis, Indicator, IndicatorSource, Level, Policy};
use xiangyue_store::{RollupSum, Slice};

/// A figure as it was made.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figure {
    /// What is counted, or stands above the line.
    pub numerator: i64,
    /// What stands below the line of a rate.
    pub denominator: Option<i64>,
    /// In the indicator's unit; `None` for a rate over nothing.
    pub value: Option<f64>,
}

/// Sums by place, measure and bucket.
pub type Sums = HashMap<(i64, String, String), i64>;

/// Measures above and below the line.
pub fn parts(indicator: &Indicator) -> (Vec<String>, Vec<String>) {
    match &indicator.source {
        IndicatorSource::Sum(list) => (list.clone(), Vec::new()),
        IndicatorSource::Rate { over, under } => (over.clone(), under.clone()),
        IndicatorSource::Register(_) => (Vec::new(), Vec::new()),
    }
}

/// Whether an indicator is a rate.
pub fn is_rate(indicator: &Indicator) -> bool {
    matches!(indicator.source, IndicatorSource::Rate { .. })
}

impl App {
    /// One figure.
    pub async fn figure(&self, id: &str, place: RegionId, period: Period) -> Result<Figure, AppError> {
        let table = self.figures(&[id], &[place], period).await?;
        Ok(table.get(&(place, id.to_owned())).copied().unwrap_or_default())
    }

    /// Figures of several indicators at several places with a handful of queries, however many records there are.
    pub async fn figures(&self, ids: &[&str], places: &[RegionId], period: Period) -> Result<BTreeMap<(RegionId, String), Figure>, AppError> {
        let policy = self.policy();
        let wanted: Vec<&Indicator> = ids.iter().filter_map(|id| policy.indicator(id)).collect();
        let mut out = BTreeMap::new();
        for basis in [Basis::Flow, Basis::Cohort, Basis::Stock] {
            let group: Vec<&&Indicator> = wanted
                .iter()
                .filter(|i| i.basis == basis && !matches!(i.source, IndicatorSource::Register(_)))
                .collect();
            if group.is_empty() {
                continue;
            }
            let mut measures: Vec<String> = group.iter().flat_map(|i| { let (a, b) = parts(i); a.into_iter().chain(b) }).collect();
            measures.sort();
            measures.dedup();
            let period = if basis == Basis::Stock { Period { from: Day(0), ..period } } else { period };
            let sums = self.sums(&measures, places, period, basis == Basis::Cohort).await?;
            for indicator in group {
                for place in places {
                    out.insert((*place, indicator.id.clone()), made(indicator, *place, &sums));
                }
            }
        }
        for indicator in &wanted {
            if let IndicatorSource::Register(what) = &indicator.source {
                for place in places {
                    let n = self.count_register(what, *place, period.cut_off).await?;
                    let value = Some(as_value(indicator, n));
                    out.insert((*place, indicator.id.clone()), Figure { numerator: n, denominator: None, value });
                }
            }
        }
        Ok(out)
    }

    /// Counts a register as of a day.
    pub async fn count_register(&self, what: &str, place: RegionId, day: Day) -> Result<i64, AppError> {
        let directory = self.directory();
        if let Some(level) = Level::parse(what) {
            let below = directory.tree.subtree(place, day);
            let n = below.iter().filter(|id| directory.tree.get(**id).is_some_and(|r| r.level == level)).count();
            return Ok(i64::try_from(n).unwrap_or(0));
        }
        match what {
            "natural_unit" => {
                let below: std::collections::HashSet<RegionId> = directory.tree.subtree(place, day).into_iter().collect();
                let n = directory.tree.natural_units.iter().filter(|u| below.contains(&u.village)).count();
                Ok(i64::try_from(n).unwrap_or(0))
            }
            "person" => Ok(self.pool().count_people(self.realm()).await?.people),
            "household" => Ok(self.pool().count_people(self.realm()).await?.households),
            _ => Ok(0),
        }
    }

    /// Sums of measures at places over a period. Places may be of different levels.
    pub async fn sums(&self, measures: &[String], places: &[RegionId], period: Period, by_cohort: bool) -> Result<Sums, AppError> {
        let directory = self.directory();
        let mut rolled: BTreeMap<i64, RegionId> = BTreeMap::new();
        let mut monthly: BTreeMap<i64, RegionId> = BTreeMap::new();
        let mut fine: BTreeMap<i64, RegionId> = BTreeMap::new();
        for place in places {
            let Some(region) = directory.tree.get(*place) else { continue };
            // A place stands for all that flowed wholly into it, so a merged village keeps its history.
            let nodes = directory.tree.then_nodes(*place, period.cut_off);
            let same = nodes.iter().filter(|n| directory.tree.get(**n).is_some_and(|r| r.level == region.level));
            let same: Vec<RegionId> = same.copied().chain([*place]).collect();
            match region.level {
                Level::Grid => {
                    fine.insert(place.0, *place);
                }
                Level::Village => {
                    monthly.extend(same.iter().map(|n| (n.0, *place)));
                    fine.extend(nodes.iter().map(|n| (n.0, *place)));
                }
                _ => rolled.extend(same.iter().map(|n| (n.0, *place))),
            }
        }
        let only_grids: BTreeMap<i64, RegionId> = fine
            .iter()
            .filter(|(_, p)| directory.tree.get(**p).is_some_and(|r| r.level == Level::Grid))
            .map(|(a, b)| (*a, *b))
            .collect();
        let mut sums = Sums::new();
        let axis = if by_cohort { 'c' } else { 'd' };
        let to = if by_cohort { period.to } else { period.to.min(period.cut_off) };
        let (months, edges) = split(period.from, to);
        let add = |sums: &mut Sums, rows: Vec<RollupSum>, map: &BTreeMap<i64, RegionId>, sign: i64| {
            for row in rows {
                if let Some(place) = map.get(&row.place) {
                    *sums.entry((place.0, row.measure, row.bucket)).or_default() += sign * row.n;
                }
            }
        };
        let keys = |map: &BTreeMap<i64, RegionId>| map.keys().copied().collect::<Vec<i64>>();
        let by_month: BTreeMap<i64, RegionId> = rolled.iter().chain(&monthly).map(|(a, b)| (*a, *b)).collect();
        if let (Some((first, last)), false) = (months, by_month.is_empty()) {
            let span = (i64::from(first.0), i64::from(last.0));
            let rows = self.pool().rollups(self.realm(), (axis, 'M'), span, &keys(&by_month), measures).await?;
            add(&mut sums, rows, &by_month, 1);
        }
        for (from, to) in &edges {
            let span = (i64::from(from.0), i64::from(to.0));
            if !rolled.is_empty() {
                let rows = self.pool().rollups(self.realm(), (axis, 'D'), span, &keys(&rolled), measures).await?;
                add(&mut sums, rows, &rolled, 1);
            }
            if !monthly.is_empty() {
                let rows = self.fact_sums(measures, &fine, *from, *to, by_cohort).await?;
                let villages: BTreeMap<i64, RegionId> =
                    fine.iter().filter(|(k, _)| !only_grids.contains_key(k)).map(|(a, b)| (*a, *b)).collect();
                add(&mut sums, rows, &villages, 1);
            }
        }
        if !only_grids.is_empty() {
            let rows = self.fact_sums(measures, &only_grids, period.from, to, by_cohort).await?;
            add(&mut sums, rows, &only_grids, 1);
        }
        if by_cohort && period.cut_off < self.now().day() {
            let all: BTreeMap<i64, RegionId> = self.finest(&rolled, &fine, period.cut_off);
            let slice = Slice {
                measures: measures.to_vec(),
                places: keys(&all),
                from: i64::from(period.from.0),
                to: i64::from(period.to.0),
                by_cohort: true,
                ..Slice::default()
            };
            let later = (i64::from(period.cut_off.0), i64::from(i32::MAX));
            let rows = self.pool().fact_sums_by_cohort(self.realm(), &slice, later).await?;
            add(&mut sums, rows, &all, -1);
        }
        Ok(sums)
    }

    async fn fact_sums(&self, measures: &[String], places: &BTreeMap<i64, RegionId>, from: Day, to: Day, by_cohort: bool) -> Result<Vec<RollupSum>, AppError> {
        let slice = Slice {
            measures: measures.to_vec(),
            places: places.keys().copied().collect(),
            from: i64::from(from.0),
            to: i64::from(to.0),
            by_cohort,
            ..Slice::default()
        };
        let any = (i64::from(i32::MIN), i64::from(i32::MAX));
        Ok(if by_cohort {
            self.pool().fact_sums_by_cohort(self.realm(), &slice, any).await?
        } else {
            self.pool().fact_sums_by_day(self.realm(), &slice, any).await?
        })
    }

    /// Finest places below the rolled-up ones, each with the place it counts for.
    fn finest(&self, rolled: &BTreeMap<i64, RegionId>, fine: &BTreeMap<i64, RegionId>, day: Day) -> BTreeMap<i64, RegionId> {
        let directory = self.directory();
        let mut all = fine.clone();
        // Nearer places win: a town's village counts for the town even when the county is asked for as well.
        let mut tops: Vec<RegionId> = rolled.values().copied().collect();
        tops.sort_by_key(|p| std::cmp::Reverse(directory.tree.get(*p).map(|r| r.level)));
        for top in tops {
            for node in directory.tree.then_nodes(top, day) {
                all.insert(node.0, top);
            }
        }
        all
    }

    /// Which facts stand behind an indicator, for its records.
    pub fn slice(&self, policy: &Policy, indicator: &Indicator, place: RegionId, period: Period, above: bool) -> Slice {
        let directory = self.directory();
        let (over, under) = parts(indicator);
        let root = directory.tree.root(period.cut_off);
        let places = if root == Some(place) {
            Vec::new()
        } else {
            directory.tree.then_nodes(place, period.cut_off).into_iter().map(|r| r.0).collect()
        };
        let _ = policy;
        Slice {
            measures: if above { over } else { under },
            bucket: indicator.bucket.clone(),
            places,
            from: if indicator.basis == Basis::Stock { 0 } else { i64::from(period.from.0) },
            to: i64::from(period.to.0),
            by_cohort: indicator.basis == Basis::Cohort,
            cut_off: i64::from(period.cut_off.0),
        }
    }

    /// Values by month for one indicator at one place, oldest first: month's first day and figure.
    pub async fn by_month(&self, indicator: &Indicator, place: RegionId, from: Day, to: Day) -> Result<Vec<(Day, Figure)>, AppError> {
        let (over, under) = parts(indicator);
        let axis = if indicator.basis == Basis::Cohort { 'c' } else { 'd' };
        let all: Vec<String> = over.iter().chain(&under).cloned().collect();
        let span = (i64::from(from.month_start().0), i64::from(to.0));
        let rows = self
            .pool()
            .rollups_by_time(self.realm(), (axis, 'M'), span, place.0, (&all, indicator.bucket.as_deref()))
            .await?;
        let mut months: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        let mut month = from.month_start();
        while month <= to {
            months.insert(i64::from(month.0), (0, 0));
            month = month.plus_months(1);
        }
        for (day, measure, n) in rows {
            let slot = months.entry(day).or_default();
            slot.0 += if over.contains(&measure) { n } else { 0 };
            slot.1 += if under.contains(&measure) { n } else { 0 };
        }
        let figure = |(a, b): (i64, i64)| figure_of(indicator, a, b);
        Ok(months.into_iter().map(|(d, v)| (Day(i32::try_from(d).unwrap_or(0)), figure(v))).collect())
    }

    /// Values by day of a plain sum at county or town, for a small trend line.
    pub async fn by_day(&self, indicator: &Indicator, place: RegionId, from: Day, to: Day) -> Result<Vec<(Day, i64)>, AppError> {
        let (over, _) = parts(indicator);
        let span = (i64::from(from.0), i64::from(to.0));
        let rows = self
            .pool()
            .rollups_by_time(self.realm(), ('d', 'D'), span, place.0, (&over, indicator.bucket.as_deref()))
            .await?;
        let mut days: BTreeMap<i32, i64> = (from.0..=to.0).map(|d| (d, 0)).collect();
        for (day, _, n) in rows {
            *days.entry(i32::try_from(day).unwrap_or(0)).or_default() += n;
        }
        Ok(days.into_iter().map(|(d, n)| (Day(d), n)).collect())
    }
}

fn made(indicator: &Indicator, place: RegionId, sums: &Sums) -> Figure {
    let (over, under) = parts(indicator);
    let total = |measures: &[String]| -> i64 {
        sums.iter()
            .filter(|((p, m, b), _)| {
                *p == place.0 && measures.contains(m) && indicator.bucket.as_ref().is_none_or(|want| want == b)
            })
            .map(|(_, n)| n)
            .sum()
    };
    figure_of(indicator, total(&over), total(&under))
}

fn figure_of(indicator: &Indicator, above: i64, below: i64) -> Figure {
    if is_rate(indicator) {
        #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
        let value = (below > 0).then(|| above as f64 * 100.0 / below as f64);
        return Figure { numerator: above, denominator: Some(below), value };
    }
    Figure { numerator: above, denominator: None, value: Some(as_value(indicator, above)) }
}

/// A count in the indicator's unit: money is kept in 分.
fn as_value(indicator: &Indicator, n: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
    let n = n as f64;
    if indicator.money { n / 100.0 } else { n }
}

/// Whole months inside a range as first days of the first and the last, and the days left over at its edges.
type Parts = (Option<(Day, Day)>, Vec<(Day, Day)>);

fn split(from: Day, to: Day) -> Parts {
    if to < from {
        return (None, Vec::new());
    }
    let first = if from == from.month_start() { from } else { from.month_end().plus(1) };
    let end = if to == to.month_end() { to } else { to.month_start().plus(-1) };
    if end < first {
        return (None, vec![(from, to)]);
    }
    let mut edges = Vec::new();
    if from < first {
        edges.push((from, first.plus(-1)));
    }
    if end < to {
        edges.push((end.plus(1), to));
    }
    (Some((first, end.month_start())), edges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_parted_into_months_and_edges_without_loss() {
        for (a, b) in [(0, 0), (3, 40), (17, 95), (0, 30), (31, 58), (45, 800)] {
            let base = Day::ymd(2026, 1, 1).unwrap();
            let (from, to) = (base.plus(a), base.plus(b));
            let (months, edges) = split(from, to);
            let whole = months.map_or(0, |(first, last)| last.month_end().0 - first.0 + 1);
            let rest: i32 = edges.iter().map(|(x, y)| y.0 - x.0 + 1).sum();
            assert_eq!(whole + rest, b - a + 1, "{a} to {b}");
        }
    }
}
