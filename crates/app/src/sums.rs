//! The one operation behind every figure: the sum of measures over subtrees of regions and a range of days, on the axis
//! of the day it happened or of the day a matter was taken in. It must never give another number than a plain sum over
//! the facts; roll-ups only save reading them.

use crate::error::AppError;
use crate::period::Period;
use crate::state::App;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::Level;
use xiangyue_domain::region::RegionTree;
use xiangyue_store::{Buckets, Grains, Point, RollupSum, Slice};

/// Sums by place, measure and bucket; the bucket is empty where all are taken together.
pub type Sums = HashMap<(i64, String, String), i64>;

/// What is to be summed.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Measures.
    pub measures: &'a [String],
    /// Places, of different levels if need be, and in one another if need be.
    pub places: &'a [RegionId],
    /// Days, and the day up to which things count.
    pub period: Period,
    /// By the day of the cohort.
    pub by_cohort: bool,
    /// Buckets.
    pub buckets: Buckets<'a>,
}

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

impl Wanted {
    /// Which nodes count for which places. A place stands for all that flowed wholly into it, so a merged village
    /// keeps its history; a grid may count for itself, its village and its town in one question.
    fn of(tree: &RegionTree, places: &[RegionId], day: Day) -> Wanted {
        let mut wanted = Wanted::default();
        for place in places.iter().copied().collect::<BTreeSet<RegionId>>() {
            let Some(region) = tree.get(place) else { continue };
            let put = |map: &mut Nodes, nodes: Vec<RegionId>| {
                nodes.iter().for_each(|n| map.entry(n.0).or_default().push(place));
            };
            match region.level {
                Level::Grid => put(&mut wanted.grids, tree.then_nodes(place, day)),
                Level::Village => {
                    put(&mut wanted.monthly, tree.then_same(place, day));
                    put(&mut wanted.villages, tree.then_nodes(place, day));
                }
                _ => put(&mut wanted.rolled, tree.then_same(place, day)),
            }
        }
        wanted
    }
}

/// The days of a range as whole months with single days added or taken off at the edges, whichever are fewer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    months: Vec<Day>,
    plus: Vec<(Day, Day)>,
    minus: Vec<(Day, Day)>,
}

impl Parts {
    /// Before the first and after the last of the bounds there is nothing, so that a month which holds one is whole.
    /// Nothing is taken off a month unless the tree stays what it is until its end: the days go by the places of the
    /// cut-off, the month by those of each day.
    fn of(from: Day, to: Day, (first, last): (Day, Day), steady: impl Fn(Day) -> bool) -> Parts {
        let from = if from <= first { first.month_start() } else { from };
        let to = if to >= last { last.month_end() } else { to };
        let mut parts = Parts::default();
        let mut month = from.month_start();
        while month <= to {
            let end = month.month_end();
            let (first, final_day) = (from.max(month), to.min(end));
            let inside = final_day.0 - first.0 + 1;
            let outside = end.0 - month.0 + 1 - inside;
            if outside == 0 || outside < inside && steady(end) {
                parts.months.push(month);
                let before = (month < first).then(|| (month, first.plus(-1)));
                let after = (final_day < end).then(|| (final_day.plus(1), end));
                parts.minus.extend(before.into_iter().chain(after));
            } else {
                parts.plus.push((first, final_day));
            }
            month = end.plus(1);
        }
        parts
    }

    fn edges(&self) -> impl Iterator<Item = (i64, (Day, Day))> {
        self.plus.iter().map(|r| (1, *r)).chain(self.minus.iter().map(|r| (-1, *r)))
    }
}

fn numbers(days: &[Day]) -> Vec<i64> {
    days.iter().map(|d| i64::from(d.0)).collect()
}

fn each(ranges: &[(Day, Day)]) -> Vec<i64> {
    ranges.iter().flat_map(|(a, b)| i64::from(a.0)..=i64::from(b.0)).collect()
}

impl Ask<'_> {
    fn axis(&self) -> char {
        if self.by_cohort { 'c' } else { 'd' }
    }

    fn slice(&self, places: Vec<i64>, from: Day, to: Day) -> Slice {
        Slice {
            measures: self.measures.to_vec(),
            buckets: Vec::new(),
            places,
            from: i64::from(from.0),
            to: i64::from(to.0),
            by_cohort: self.by_cohort,
            cut_off: i64::MAX,
        }
    }
}

impl App {
    /// The sums.
    pub async fn sums(&self, ask: Ask<'_>) -> Result<Sums, AppError> {
        let mut sums = Sums::new();
        if ask.measures.is_empty() || ask.places.is_empty() {
            return Ok(sums);
        }
        let (directory, today) = (self.directory(), self.now().day());
        let Period { from, to, cut_off } = ask.period;
        // What was taken in after the cut-off was not there yet.
        let to = to.min(cut_off);
        if to < from {
            return Ok(sums);
        }
        let wanted = Wanted::of(&directory.tree, ask.places, cut_off);
        let Some(bounds) = self.bounds(ask.axis()).await? else { return Ok(sums) };
        let parts = Parts::of(from, to, bounds, |_| true);
        let monthly = Parts::of(from, to, bounds, |end| !directory.tree.changes(cut_off, end));
        tokio::try_join!(
            self.rolled(&ask, 'M', numbers(&parts.months), wanted.rolled.clone()),
            self.rolled(&ask, 'M', numbers(&monthly.months), wanted.monthly.clone()),
            self.rolled(&ask, 'D', each(&parts.plus), wanted.rolled.clone()),
            self.rolled(&ask, 'D', each(&parts.minus), wanted.rolled.clone()),
        )
        .map(|(months, villages, plus, minus)| {
            add(&mut sums, months, &wanted.rolled, 1);
            add(&mut sums, villages, &wanted.monthly, 1);
            add(&mut sums, plus, &wanted.rolled, 1);
            add(&mut sums, minus, &wanted.rolled, -1);
        })?;
        for (sign, (from, to)) in monthly.edges().filter(|_| !wanted.villages.is_empty()) {
            let slice = ask.slice(keys(&wanted.villages), from, to);
            let rows = self.pool().fact_sums(self.realm(), &slice, i64::MIN, ask.buckets).await?;
            add(&mut sums, rows, &wanted.villages, sign);
        }
        if !wanted.grids.is_empty() {
            let slice = ask.slice(keys(&wanted.grids), from, to);
            let rows = self.pool().fact_sums(self.realm(), &slice, i64::MIN, ask.buckets).await?;
            add(&mut sums, rows, &wanted.grids, 1);
        }
        if ask.by_cohort && cut_off < today {
            self.take_off_later(&ask, (from, to), &mut sums).await?;
        }
        Ok(sums)
    }

    async fn rolled(
        &self,
        ask: &Ask<'_>,
        grain: char,
        days: Vec<i64>,
        nodes: Nodes,
    ) -> Result<Vec<RollupSum>, AppError> {
        if days.is_empty() || nodes.is_empty() {
            return Ok(Vec::new());
        }
        let grains = Grains { axis: ask.axis(), grain, days: &days };
        Ok(self.pool().rollups(self.realm(), grains, &keys(&nodes), ask.measures, ask.buckets).await?)
    }

    /// Of what was taken in during the period, what happened after the cut-off.
    async fn take_off_later(&self, ask: &Ask<'_>, (from, to): (Day, Day), sums: &mut Sums) -> Result<(), AppError> {
        let (directory, cut_off) = (self.directory(), ask.period.cut_off);
        let mut nodes = Nodes::new();
        for place in ask.places.iter().copied().collect::<BTreeSet<RegionId>>() {
            for node in directory.tree.then_nodes(place, cut_off) {
                nodes.entry(node.0).or_default().push(place);
            }
        }
        let all = ask.places.iter().any(|p| directory.tree.root(cut_off) == Some(*p));
        let slice = ask.slice(if all { Vec::new() } else { keys(&nodes) }, from, to);
        let rows = self.pool().fact_sums(self.realm(), &slice, i64::from(cut_off.0), ask.buckets).await?;
        add(sums, rows, &nodes, -1);
        Ok(())
    }

    /// The first and the last day on which anything counts in the realm.
    pub(crate) async fn bounds(&self, axis: char) -> Result<Option<(Day, Day)>, AppError> {
        let Some(root) = self.directory().tree.root(self.now().day()) else { return Ok(None) };
        let day = |d: i64| Day(i32::try_from(d).unwrap_or(0));
        Ok(self.pool().bounds(self.realm(), axis, root.0).await?.map(|(a, b)| (day(a), day(b))))
    }

    /// Sums at one place on each day, or for each calendar month that the period touches, as they are known now.
    pub(crate) async fn points(&self, ask: Ask<'_>, by_month: bool) -> Result<Vec<Point>, AppError> {
        let directory = self.directory();
        let Some(place) = ask.places.first().copied() else { return Ok(Vec::new()) };
        let Some(level) = directory.tree.get(place).map(|r| r.level) else { return Ok(Vec::new()) };
        let Period { from, to, cut_off } = ask.period;
        let (from, to) = if by_month { (from.month_start(), to.month_end()) } else { (from, to) };
        // Roll-ups reach down to the village by month and to the town by day; below stand the facts themselves.
        let (grain, days, least) = if by_month {
            ('M', numbers(&Parts::of(from, to, (from, to), |_| true).months), Level::Village)
        } else {
            ('D', each(&[(from, to)]), Level::Town)
        };
        if level >= least {
            let places: Vec<i64> = directory.tree.then_same(place, cut_off).iter().map(|n| n.0).collect();
            let grains = Grains { axis: ask.axis(), grain, days: &days };
            return Ok(self.pool().rollup_series(self.realm(), grains, &places, ask.measures, ask.buckets).await?);
        }
        let places = directory.tree.then_nodes(place, cut_off).iter().map(|n| n.0).collect();
        Ok(self.pool().fact_series(self.realm(), &ask.slice(places, from, to), ask.buckets).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_parted_into_months_and_edges_without_loss() {
        let base = Day::ymd(2026, 1, 1).unwrap();
        for (a, b) in [(0, 0), (3, 40), (17, 95), (0, 30), (31, 58), (45, 800), (2, 29), (20, 29), (9, 19)] {
            let (from, to) = (base.plus(a), base.plus(b));
            let parts = Parts::of(from, to, (base.plus(-99), base.plus(9999)), |_| true);
            let mut days: BTreeMap<i64, i64> = BTreeMap::new();
            for month in &parts.months {
                each(&[(*month, month.month_end())]).into_iter().for_each(|d| *days.entry(d).or_default() += 1);
            }
            for (sign, range) in parts.edges() {
                each(&[range]).into_iter().for_each(|d| *days.entry(d).or_default() += sign);
            }
            days.retain(|_, n| *n != 0);
            let plain: Vec<(i64, i64)> = each(&[(from, to)]).into_iter().map(|d| (d, 1)).collect();
            assert_eq!(days.into_iter().collect::<Vec<_>>(), plain, "{a} to {b}");
            assert!(each(&parts.plus).len() <= 32 && each(&parts.minus).len() <= 30, "{a} to {b}: {parts:?}");
        }
    }

    #[test]
    fn nothing_is_taken_off_where_nothing_can_be() {
        let day = |d| Day::ymd(2026, 11, d).unwrap();
        let whole = Parts { months: vec![day(1)], ..Parts::default() };
        assert_eq!(Parts::of(day(1), day(3), (day(1), day(3)), |_| true), whole);
        assert_eq!(Parts::of(Day(0), Day(99_999), (day(2), day(3)), |_| true), whole);
        assert_eq!(Parts::of(day(1), day(3), (day(1), day(4)), |_| true).plus, [(day(1), day(3))]);
        // Two days are fewer than twenty-eight, but not where the month ends under another tree.
        let nearly = |steady| Parts::of(day(1), day(28), (day(1), day(30)), move |_| steady);
        assert_eq!((nearly(true).minus.len(), nearly(false).plus.len()), (1, 1));
    }
}
