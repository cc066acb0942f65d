//! Indicators: every figure is sums of measures over a subtree of regions and a range of days. There is no second way to
//! make the same number.

use crate::composite::{add_scores, shares, with_shares};
use crate::error::AppError;
use crate::period::Period;
use crate::state::App;
use crate::sums::{Ask, Sums};
use std::collections::{BTreeMap, BTreeSet};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Basis, Indicator, IndicatorSource, Level, Measure, Policy};
use xiangyue_store::{Buckets, Slice};

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

/// Measures above and below the line.
pub fn parts(indicator: &Indicator) -> (Vec<String>, Vec<String>) {
    match &indicator.source {
        IndicatorSource::Sum(list) => (list.clone(), Vec::new()),
        IndicatorSource::Rate { over, under } => (over.clone(), under.clone()),
        IndicatorSource::Register(_) | IndicatorSource::Weighted(_) => (Vec::new(), Vec::new()),
    }
}

/// Whether a figure may be shown at a level: a sealed measure names the lowest one, so that a village and a day cannot
/// expose a person.
pub fn may_show(policy: &Policy, indicator: &Indicator, level: Level) -> bool {
    let (over, under) = parts(indicator);
    let lowest = |m: &String| policy.measure(m).and_then(|(_, measure)| measure.seen_from);
    over.iter().chain(&under).filter_map(lowest).all(|from| level >= from)
        && shares(policy, indicator).iter().all(|part| may_show(policy, part.indicator, level))
}

/// Whether an indicator is a rate.
pub fn is_rate(indicator: &Indicator) -> bool {
    matches!(indicator.source, IndicatorSource::Rate { .. })
}

/// Whether an indicator is counted from a register.
pub fn is_register(indicator: &Indicator) -> bool {
    matches!(indicator.source, IndicatorSource::Register(_))
}

/// All measures of some indicators, each once.
pub(crate) fn measures_of(indicators: &[&Indicator]) -> Vec<String> {
    let all = indicators.iter().flat_map(|i| {
        let (over, under) = parts(i);
        over.into_iter().chain(under)
    });
    all.collect::<BTreeSet<String>>().into_iter().collect()
}

/// The buckets that count: the indicator's own, else those asked for; none means all.
pub(crate) fn narrowed(indicator: &Indicator, asked: &[String]) -> Vec<String> {
    indicator.bucket.as_ref().map_or_else(|| asked.to_vec(), |own| vec![own.clone()])
}

/// Indicators that are summed alike: on one axis, over the same days, with or without telling buckets apart.
pub(crate) struct Group<'a> {
    pub basis: Basis,
    /// Buckets that count; none means that all are taken together.
    pub buckets: Vec<String>,
    pub indicators: Vec<&'a Indicator>,
}

/// Parts what is summed from facts into groups.
pub(crate) fn groups<'a>(wanted: &[&'a Indicator], asked: &[String]) -> Vec<Group<'a>> {
    let mut out: Vec<Group> = Vec::new();
    for indicator in wanted.iter().filter(|i| !parts(i).0.is_empty()) {
        let buckets = narrowed(indicator, asked);
        let alike = |g: &&mut Group| g.basis == indicator.basis && g.buckets.is_empty() == buckets.is_empty();
        match out.iter_mut().find(alike) {
            Some(group) => {
                group.indicators.push(indicator);
                group.buckets.extend(buckets);
            }
            None => out.push(Group { basis: indicator.basis, buckets, indicators: vec![indicator] }),
        }
    }
    out
}

impl Group<'_> {
    /// What to ask for to make all of the group.
    pub fn ask<'a>(&'a self, measures: &'a [String], places: &'a [RegionId], period: Period) -> Ask<'a> {
        let period = if self.basis == Basis::Stock { Period { from: Day(i32::MIN), ..period } } else { period };
        let buckets = if self.buckets.is_empty() { Buckets::Whole } else { Buckets::Each(&self.buckets) };
        Ask { measures, places, period, by_cohort: self.basis == Basis::Cohort, buckets }
    }
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
        let ids: BTreeSet<&str> = ids.iter().copied().collect();
        let wanted = with_shares(&policy, ids.iter().filter_map(|id| policy.indicator(id)).collect());
        let mut out = Figures::new();
        for group in groups(&wanted, buckets) {
            let measures = measures_of(&group.indicators);
            let sums = self.sums(group.ask(&measures, places, period)).await?;
            for indicator in &group.indicators {
                for place in places {
                    out.insert((*place, indicator.id.clone()), made(indicator, *place, &sums, buckets));
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
        add_scores(&policy, &wanted, places, &mut out);
        Ok(out)
    }

    /// How many matters were ever taken in, by the first measure of each kind that counts it; a sum, and no look at the
    /// matters themselves.
    pub async fn taken_in(&self) -> Result<i64, AppError> {
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        let whole = |m: &&Measure| m.on == "open" && m.amount.is_none() && m.each.is_none();
        let measures = policy.kinds.iter().filter_map(|k| k.measures.iter().find(whole)).map(|m| m.id.clone());
        let (measures, Some(root)) = (measures.collect::<Vec<_>>(), directory.tree.root(day)) else { return Ok(0) };
        let period = Period { from: Day(i32::MIN), to: day, cut_off: day };
        let places = [root];
        let ask = Ask { measures: &measures, places: &places, period, by_cohort: false, buckets: Buckets::Whole };
        Ok(self.sums(ask).await?.values().sum())
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
            from: if indicator.basis == Basis::Stock { i64::MIN } else { i64::from(period.from.0) },
            to: i64::from(period.to.min(period.cut_off).0),
            by_cohort: indicator.basis == Basis::Cohort,
            cut_off: i64::from(period.cut_off.0),
        }
    }
}

/// What some measures add up to at a place.
pub(crate) fn total(sums: &Sums, place: RegionId, measures: &[String], buckets: &[String]) -> i64 {
    let one =
        |measure: &String, bucket: &str| sums.get(&(place.0, measure.clone(), bucket.to_owned())).copied().unwrap_or(0);
    let of = |measure: &String| match buckets {
        [] => one(measure, ""),
        some => some.iter().map(|b| one(measure, b)).sum(),
    };
    measures.iter().map(of).sum()
}

fn made(indicator: &Indicator, place: RegionId, sums: &Sums, asked: &[String]) -> Figure {
    let (over, under) = parts(indicator);
    let buckets = narrowed(indicator, asked);
    figure_of(indicator, total(sums, place, &over, &buckets), total(sums, place, &under, &buckets))
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
