//! Indicators: every figure is one operation, a sum over a subtree of regions and a range of days. There is no second
//! way to make the same number.

use crate::error::AppError;
use crate::period::Period;
use crate::state::App;
use std::collections::{BTreeMap, BTreeSet, HashMap};
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

/// Figures by place and indicator.
pub type Figures = BTreeMap<(RegionId, String), Figure>;

/// Sums by place, measure and bucket.
pub type Sums = HashMap<(i64, String, String), i64>;

/// Nodes of the tree, each with the places asked for that it counts for.
type Nodes = BTreeMap<i64, Vec<RegionId>>;

/// What is read for the places asked for.
#[derive(Default)]
struct Wanted {
    /// County and towns: roll-ups by month and by day.
    rolled: Nodes,
    /// Villages: roll-ups by month.
    monthly: Nodes,
    /// What lies in villages, for the edges of a period.
    villages: Nodes,
    /// Grids: facts alone.
    grids: Nodes,
    /// Everything in all of them.
    finest: Nodes,
}

fn keys(nodes: &Nodes) -> Vec<i64> {
    nodes.keys().copied().collect()
}

fn add(sums: &mut Sums, rows: Vec<RollupSum>, nodes: &Nodes, sign: i64) {
    for row in rows {
        for place in nodes.get(&row.place).into_iter().flatten() {
            *sums.entry((place.0, row.measure.clone(), row.bucket.clone())).or_default() += sign * row.n;
        }
    }
}

/// Measures above and below the line.
pub fn parts(indicator: &Indicator) -> (Vec<String>, Vec<String>) {
    match &indicator.source {
        IndicatorSource::Sum(list) => (list.clone(), Vec::new()),
        IndicatorSource::Rate { over, under } => (over.clone(), under.clone()),
        IndicatorSource::Register(_) => (Vec::new(), Vec::new()),
    }
}

/// Whether a figure may be shown at a level: a sealed measure names the lowest one, so that a village and a day cannot
/// expose a person.
pub fn may_show(policy: &Policy, indicator: &Indicator, level: Level) -> bool {
    let (over, under) = parts(indicator);
    let lowest = |m: &String| policy.measure(m).and_then(|(_, measure)| measure.seen_from);
    over.iter().chain(&under).filter_map(lowest).all(|from| level >= from)
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
    pub async fn figures(&self, ids: &[&str], places: &[RegionId], period: Period) -> Result<Figures, AppError> {
        self.figures_of(ids, places, period, &[]).await
    }

    /// The same, of some buckets of the measures only; none means all.
    pub async fn figures_of(
        &self,
        ids: &[&str],
        places: &[RegionId],
        period: Period,
        buckets: &[String],
    ) -> Result<Figures, AppError> {
        let policy = self.policy();
        let wanted: Vec<&Indicator> = ids.iter().filter_map(|id| policy.indicator(id)).collect();
        let mut out = Figures::new();
        for basis in [Basis::Flow, Basis::Cohort, Basis::Stock] {
            let group: Vec<&&Indicator> = wanted
                .iter()
                .filter(|i| i.basis == basis && !matches!(i.source, IndicatorSource::Register(_)))
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
            let period = if basis == Basis::Stock { Period { from: Day(0), ..period } } else { period };
            let sums = self.sums(&measures, places, period, basis == Basis::Cohort).await?;
            let whole = whole(&sums);
            for indicator in group {
                for place in places {
                    out.insert((*place, indicator.id.clone()), made(indicator, *place, &sums, &whole, buckets));
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
                let below: std::collections::HashSet<RegionId> =
                    directory.tree.subtree(place, day).into_iter().collect();
                let n = directory.tree.natural_units.iter().filter(|u| below.contains(&u.village)).count();
                Ok(i64::try_from(n).unwrap_or(0))
            }
            "person" => Ok(self.pool().count_people(self.realm()).await?.people),
            "household" => Ok(self.pool().count_people(self.realm()).await?.households),
            _ => Ok(0),
        }
    }

    /// Sums of measures at places over a period. Places may be of different levels, and lie in one another.
    pub async fn sums(
        &self,
        measures: &[String],
        places: &[RegionId],
        period: Period,
        by_cohort: bool,
    ) -> Result<Sums, AppError> {
        let wanted = self.nodes(places, period.cut_off);
        let mut sums = Sums::new();
        let axis = if by_cohort { 'c' } else { 'd' };
        // What was taken in after the cut-off was not there yet.
        let to = period.to.min(period.cut_off);
        let (months, edges) = split(period.from, to);
        let by_month: Nodes = wanted.rolled.iter().chain(&wanted.monthly).map(|(a, b)| (*a, b.clone())).collect();
        if let (Some((first, last)), false) = (months, by_month.is_empty()) {
            let span = (i64::from(first.0), i64::from(last.0));
            let rows = self.pool().rollups(self.realm(), (axis, 'M'), span, &keys(&by_month), measures).await?;
            add(&mut sums, rows, &by_month, 1);
        }
        for (from, to) in edges {
            let span = (i64::from(from.0), i64::from(to.0));
            if !wanted.rolled.is_empty() {
                let rows =
                    self.pool().rollups(self.realm(), (axis, 'D'), span, &keys(&wanted.rolled), measures).await?;
                add(&mut sums, rows, &wanted.rolled, 1);
            }
            if !wanted.villages.is_empty() {
                let rows = self.fact_sums(measures, &wanted.villages, from, to, by_cohort).await?;
                add(&mut sums, rows, &wanted.villages, 1);
            }
        }
        if !wanted.grids.is_empty() {
            let rows = self.fact_sums(measures, &wanted.grids, period.from, to, by_cohort).await?;
            add(&mut sums, rows, &wanted.grids, 1);
        }
        if by_cohort && period.cut_off < self.now().day() {
            let slice = Slice {
                measures: measures.to_vec(),
                places: keys(&wanted.finest),
                from: i64::from(period.from.0),
                to: i64::from(to.0),
                ..Slice::default()
            };
            let later = (i64::from(period.cut_off.0), i64::from(i32::MAX));
            let rows = self.pool().fact_sums_by_cohort(self.realm(), &slice, later).await?;
            add(&mut sums, rows, &wanted.finest, -1);
        }
        Ok(sums)
    }

    /// Which nodes count for which places. A place stands for all that flowed wholly into it, so a merged village
    /// keeps its history; a grid may count for itself, its village and its town in one question.
    fn nodes(&self, places: &[RegionId], day: Day) -> Wanted {
        let directory = self.directory();
        let mut wanted = Wanted::default();
        let mut seen = BTreeSet::new();
        for place in places {
            let Some(region) = directory.tree.get(*place).filter(|_| seen.insert(*place)) else { continue };
            let below = directory.tree.then_nodes(*place, day);
            let put = |map: &mut Nodes, node: RegionId| map.entry(node.0).or_default().push(*place);
            let (same, parts) = match region.level {
                Level::Grid => (None, Some(&mut wanted.grids)),
                Level::Village => (Some(&mut wanted.monthly), Some(&mut wanted.villages)),
                _ => (Some(&mut wanted.rolled), None),
            };
            if let Some(map) = same {
                let level = |n: &RegionId| directory.tree.get(*n).is_some_and(|r| r.level == region.level);
                below.iter().filter(|n| level(n)).for_each(|n| put(map, *n));
            }
            if let Some(map) = parts {
                below.iter().for_each(|n| put(map, *n));
            }
            below.iter().for_each(|n| put(&mut wanted.finest, *n));
        }
        wanted
    }

    async fn fact_sums(
        &self,
        measures: &[String],
        places: &Nodes,
        from: Day,
        to: Day,
        by_cohort: bool,
    ) -> Result<Vec<RollupSum>, AppError> {
        let slice = Slice {
            measures: measures.to_vec(),
            places: keys(places),
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

    /// Which facts stand behind an indicator, for its records.
    pub fn slice(
        &self,
        indicator: &Indicator,
        buckets: &[String],
        place: RegionId,
        period: Period,
        above: bool,
    ) -> Slice {
        let directory = self.directory();
        let (over, under) = parts(indicator);
        let root = directory.tree.root(period.cut_off);
        let places = if root == Some(place) {
            Vec::new()
        } else {
            directory.tree.then_nodes(place, period.cut_off).into_iter().map(|r| r.0).collect()
        };
        Slice {
            measures: if above { over } else { under },
            buckets: narrowed(indicator, buckets),
            places,
            from: if indicator.basis == Basis::Stock { 0 } else { i64::from(period.from.0) },
            to: i64::from(period.to.min(period.cut_off).0),
            by_cohort: indicator.basis == Basis::Cohort,
            cut_off: i64::from(period.cut_off.0),
        }
    }
}

/// The buckets that count: the indicator's own, else those asked for; none means all.
pub(crate) fn narrowed(indicator: &Indicator, buckets: &[String]) -> Vec<String> {
    indicator.bucket.as_ref().map_or_else(|| buckets.to_vec(), |own| vec![own.clone()])
}

/// Sums over all buckets.
fn whole(sums: &Sums) -> HashMap<(i64, &str), i64> {
    let mut whole: HashMap<(i64, &str), i64> = HashMap::new();
    for ((place, measure, _), n) in sums {
        *whole.entry((*place, measure.as_str())).or_default() += n;
    }
    whole
}

fn made(
    indicator: &Indicator,
    place: RegionId,
    sums: &Sums,
    whole: &HashMap<(i64, &str), i64>,
    buckets: &[String],
) -> Figure {
    let (over, under) = parts(indicator);
    let buckets = narrowed(indicator, buckets);
    let one =
        |measure: &String, bucket: &String| sums.get(&(place.0, measure.clone(), bucket.clone())).copied().unwrap_or(0);
    let of = |measure: &String| -> i64 {
        if buckets.is_empty() {
            return whole.get(&(place.0, measure.as_str())).copied().unwrap_or(0);
        }
        buckets.iter().map(|b| one(measure, b)).sum()
    };
    figure_of(indicator, over.iter().map(of).sum(), under.iter().map(of).sum())
}

pub(crate) fn figure_of(indicator: &Indicator, above: i64, below: i64) -> Figure {
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
