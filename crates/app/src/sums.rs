//! The one operation behind every figure: the sum of measures over subtrees of regions and a range of days, on the axis
//! of the day it happened or of the day a matter was taken in. It must never give another number than a plain sum over
//! the facts; roll-ups only save reading them.

use crate::cover::{Cover, Signed, each, numbers};
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
    /// County and towns: roll-ups by year, month and day.
    rolled: Nodes,
    /// Villages: roll-ups by month; for the edges of a period what lies in them is asked for.
    monthly: Nodes,
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

/// All that lies in some places, down to the finest.
fn nodes_of(tree: &RegionTree, places: impl Iterator<Item = RegionId>, day: Day) -> Nodes {
    let mut nodes = Nodes::new();
    for place in places.collect::<BTreeSet<RegionId>>() {
        for node in tree.then_nodes(place, day) {
            nodes.entry(node.0).or_default().push(place);
        }
    }
    nodes
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
                Level::Village => put(&mut wanted.monthly, tree.then_same(place, day)),
                _ => put(&mut wanted.rolled, tree.then_same(place, day)),
            }
        }
        wanted
    }
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
        let Cover { years, months, days } = Cover::by_year(from, to, bounds);
        let monthly = Cover::by_month(from, to, bounds, |end| !directory.tree.changes(cut_off, end));
        let parts = [
            (1, 'Y', numbers(&years), &wanted.rolled),
            (1, 'M', numbers(&months.plus), &wanted.rolled),
            (-1, 'M', numbers(&months.minus), &wanted.rolled),
            (1, 'D', each(&days.plus), &wanted.rolled),
            (-1, 'D', each(&days.minus), &wanted.rolled),
            (1, 'M', numbers(&monthly.months.plus), &wanted.monthly),
        ];
        for (sign, grain, days, nodes) in parts {
            let rows = self.rolled(&ask, grain, &days, nodes).await?;
            add(&mut sums, rows, nodes, sign);
        }
        if !wanted.monthly.is_empty() && monthly.edges().next().is_some() {
            let of_village = |p: &RegionId| directory.tree.get(*p).is_some_and(|r| r.level == Level::Village);
            let villages = nodes_of(&directory.tree, ask.places.iter().copied().filter(of_village), cut_off);
            for (sign, (from, to)) in monthly.edges() {
                let slice = ask.slice(keys(&villages), from, to);
                let rows = self.pool().fact_sums(self.realm(), &slice, ask.buckets).await?;
                add(&mut sums, rows, &villages, sign);
            }
        }
        if !wanted.grids.is_empty() {
            let slice = ask.slice(keys(&wanted.grids), from, to);
            let rows = self.pool().fact_sums(self.realm(), &slice, ask.buckets).await?;
            add(&mut sums, rows, &wanted.grids, 1);
        }
        if ask.by_cohort && cut_off < today {
            self.take_off_later(&ask, (from.max(bounds.0.month_start()), to), &wanted, &mut sums).await?;
        }
        Ok(sums)
    }

    async fn rolled(
        &self,
        ask: &Ask<'_>,
        grain: char,
        days: &[i64],
        nodes: &Nodes,
    ) -> Result<Vec<RollupSum>, AppError> {
        if days.is_empty() || nodes.is_empty() {
            return Ok(Vec::new());
        }
        let grains = Grains { axis: ask.axis(), grain, days };
        Ok(self.pool().rollups(self.realm(), grains, &keys(nodes), ask.measures, ask.buckets).await?)
    }

    /// Of what was taken in during the period, what happened after the cut-off: of cohorts of whole months before that day's
    /// own from roll-ups, of the days at the edges from the facts.
    async fn take_off_later(
        &self,
        ask: &Ask<'_>,
        (from, to): (Day, Day),
        wanted: &Wanted,
        sums: &mut Sums,
    ) -> Result<(), AppError> {
        let cut_off = ask.period.cut_off;
        let rolled: Nodes = wanted.rolled.iter().chain(&wanted.monthly).map(|(k, v)| (*k, v.clone())).collect();
        let cover = if matches!(ask.buckets, Buckets::Whole) {
            Cover::closed_months(from, to, cut_off)
        } else {
            Cover { days: Signed { plus: vec![(from, to)], ..Signed::default() }, ..Cover::default() }
        };
        let months = numbers(&cover.months.plus);
        if !months.is_empty() && !rolled.is_empty() {
            let after = i64::from(cut_off.0);
            let rows = self.pool().rollups_later(self.realm(), &months, after, &keys(&rolled), ask.measures).await?;
            add(sums, rows, &rolled, -1);
        }
        if let Some((first, last)) = cover.months.plus.first().zip(cover.months.plus.last()) {
            // Grids have no roll-ups.
            self.facts_later(ask, (*first, last.month_end()), &wanted.grids, sums).await?;
        }
        if !cover.days.plus.is_empty() {
            let nodes = nodes_of(&self.directory().tree, ask.places.iter().copied(), cut_off);
            for range in cover.days.plus {
                self.facts_later(ask, range, &nodes, sums).await?;
            }
        }
        Ok(())
    }

    /// The same, of cohorts of some days, from the facts.
    async fn facts_later(
        &self,
        ask: &Ask<'_>,
        (from, to): (Day, Day),
        nodes: &Nodes,
        sums: &mut Sums,
    ) -> Result<(), AppError> {
        if nodes.is_empty() {
            return Ok(());
        }
        let cut_off = ask.period.cut_off;
        let root = self.directory().tree.root(cut_off);
        let all = nodes.values().flatten().any(|p| root == Some(*p));
        let slice =
            Slice { cut_off: i64::from(cut_off.0), ..ask.slice(if all { Vec::new() } else { keys(nodes) }, from, to) };
        let rows = self.pool().facts_later(self.realm(), &slice, ask.buckets).await?;
        add(sums, rows, nodes, -1);
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
            ('M', numbers(&Cover::by_month(from, to, (from, to), |_| true).months.plus), Level::Village)
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
