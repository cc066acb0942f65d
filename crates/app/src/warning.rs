//! Warnings: what is past its limit or near it and with whom, and what suddenly comes in far more often than usual.
//! Counts come before people: a warning names a place, a unit or a post, never a person.

use crate::error::AppError;
use crate::period::Period;
use crate::state::App;
use crate::sums::{Ask, Sums};
use std::collections::{BTreeMap, HashMap};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::ids::{AccountId, OrgId, RegionId};
use xiangyue_domain::policy::{Count, Indicator, IndicatorSource, Level, Policy, Right};
use xiangyue_domain::region::RegionTree;
use xiangyue_domain::register::{Directory, Holder};

/// Days that a surge is counted over.
pub const SURGE_DAYS: i32 = 3;
/// Fewest cases that make a surge.
const SURGE_LEAST: i64 = 5;
/// Cases expected at least, so that two of something rare are no surge.
const USUAL_LEAST: f64 = 0.5;
/// Chance under the usual rate below which it is a surge. Hundreds of categories are looked at in a hundred places.
const SURGE_CHANCE: f64 = 1e-4;
/// Most surges that are told.
const SURGES_MAX: usize = 6;

/// With whom something waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum With {
    /// A place below the one asked about.
    Place(RegionId),
    /// A unit.
    Unit(OrgId),
    /// A post of the place itself, or above it.
    Post(Holder),
    /// Nobody has it.
    Nobody,
}

/// What waits with somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// With whom.
    pub with: With,
    /// How many matters.
    pub n: i64,
    /// The earliest limit.
    pub due: Time,
}

/// What is open at a place now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Open {
    /// How many matters.
    pub n: i64,
    /// How many of them are past their limit.
    pub late: i64,
}

/// A category that comes in far more often than usual.
#[derive(Debug, Clone, PartialEq)]
pub struct Surge {
    /// Where.
    pub place: RegionId,
    /// Measure that counts it.
    pub measure: String,
    /// Catalogue and category.
    pub category: (String, String),
    /// How many in the last days.
    pub n: i64,
    /// How many are usual in as many days.
    pub usual: f64,
    /// Chance of as many under the usual rate.
    pub chance: f64,
}

impl App {
    /// Whether a reader of figures at a place may know of matters there that pass over the village.
    fn knows_bypass(&self, account: AccountId, place: RegionId) -> bool {
        let (directory, policy, day) = (self.directory(), self.policy(), self.now().day());
        let town = directory.tree.at_level(place, Level::Town, day).or_else(|| directory.tree.root(day));
        town.is_some_and(|t| directory.has_right(&policy, account, Right::Hub, t, day))
    }

    /// 0 for the root, which needs no filter.
    fn within(&self, place: RegionId) -> i64 {
        if self.directory().tree.root(self.now().day()) == Some(place) { 0 } else { place.0 }
    }

    /// What is open below a place now, by the places directly below it, and at the place as a whole.
    pub async fn open_now(
        &self,
        account: AccountId,
        place: RegionId,
    ) -> Result<(Open, BTreeMap<RegionId, Open>), AppError> {
        let directory = self.directory();
        let (now, day) = (self.now(), self.now().day());
        let bypass = self.knows_bypass(account, place);
        let rows = self.pool().active(self.realm(), now.0, self.within(place), bypass).await?;
        let mut whole = Open::default();
        let mut below: BTreeMap<RegionId, Open> = BTreeMap::new();
        for row in rows {
            let add = |open: &mut Open| {
                open.n += row.n;
                open.late += row.late;
            };
            add(&mut whole);
            if let Some(child) = child_of(&directory.tree, place, RegionId(row.place), day) {
                add(below.entry(child).or_default());
            }
        }
        Ok((whole, below))
    }

    /// What of the matters taken in during a period is open now, by kind.
    pub async fn open_of(
        &self,
        account: AccountId,
        place: RegionId,
        period: Period,
    ) -> Result<HashMap<String, Open>, AppError> {
        let span = (i64::from(period.from.0), i64::from(period.to.0));
        let bypass = self.knows_bypass(account, place);
        let rows = self.pool().active_taken(self.realm(), self.now().0, span, self.within(place), bypass).await?;
        let mut out: HashMap<String, Open> = HashMap::new();
        for (kind, n, late) in rows {
            let open = out.entry(kind).or_default();
            open.n += n;
            open.late += late;
        }
        Ok(out)
    }

    /// What is past its limit at a place, longest first.
    pub async fn overdue_at(&self, account: AccountId, place: RegionId) -> Result<Vec<Waiting>, AppError> {
        self.waiting(account, place, (Time(i64::MIN / 2), self.now())).await
    }

    /// What runs out at a place before the day is over, nearest first.
    pub async fn due_today(&self, account: AccountId, place: RegionId) -> Result<Vec<Waiting>, AppError> {
        let now = self.now();
        self.waiting(account, place, (now, now.day().plus(1).start())).await
    }

    async fn waiting(
        &self,
        account: AccountId,
        place: RegionId,
        (from, to): (Time, Time),
    ) -> Result<Vec<Waiting>, AppError> {
        let directory = self.directory();
        let day = self.now().day();
        let bypass = self.knows_bypass(account, place);
        let rows = self.pool().loads(self.realm(), (from.0, to.0), self.within(place), bypass).await?;
        let mut out: Vec<Waiting> = Vec::new();
        for row in rows {
            let with = with_whom(&directory, place, &row.holder, RegionId(row.town), day);
            match out.iter_mut().find(|w| w.with == with) {
                Some(found) => found.n += row.n,
                None => out.push(Waiting { with, n: row.n, due: Time(row.due) }),
            }
        }
        Ok(out)
    }

    /// Categories that came in far more often in the last days than usual, in one town or one village, least likely
    /// first. What is usual is taken from the three whole months before.
    pub async fn surges(&self, place: RegionId) -> Result<Vec<Surge>, AppError> {
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        let watched = watched(&policy);
        let measures: Vec<String> = watched.keys().cloned().collect();
        let local =
            |id: &RegionId| directory.tree.get(*id).is_some_and(|r| matches!(r.level, Level::Town | Level::Village));
        let places: Vec<RegionId> = directory.tree.subtree(place, day).into_iter().filter(local).collect();
        if places.is_empty() || measures.is_empty() {
            return Ok(Vec::new());
        }
        let lately = Period::closed(day.plus(1 - SURGE_DAYS), day);
        let last = lately.from.month_start().plus(-1);
        let before = Period::closed(last.month_start().plus_months(-2), last);
        let ask = |period| Ask {
            measures: &measures,
            places: &places,
            period,
            by_cohort: false,
            buckets: xiangyue_store::Buckets::Each(&[]),
        };
        let now = self.sums(ask(lately)).await?;
        let usual = self.sums(ask(before)).await?;
        let days = f64::from(before.to.0 - before.from.0 + 1);
        let share = f64::from(SURGE_DAYS) / days;
        let (now, usual) = (by_branch(&policy, &watched, now), by_branch(&policy, &watched, usual));
        let mut found: Vec<Surge> = now
            .into_iter()
            .filter(|(_, n)| *n >= SURGE_LEAST)
            .filter_map(|((place, measure, code), n)| {
                let catalogue = watched.get(&measure)?.clone();
                let rate = usual.get(&(place, measure.clone(), code.clone())).copied().map_or(0.0, small) * share;
                let chance = poisson_tail(n, rate.max(USUAL_LEAST));
                let category = (catalogue, code);
                (chance < SURGE_CHANCE).then_some(Surge {
                    place: RegionId(place),
                    measure,
                    category,
                    n,
                    usual: rate,
                    chance,
                })
            })
            .collect();
        found.sort_by(|a, b| {
            a.chance.total_cmp(&b.chance).then(a.place.cmp(&b.place)).then(a.category.cmp(&b.category))
        });
        Ok(told_once(found, &policy, &directory.tree, day))
    }
}

/// Kinds of which a rate says how many of those taken in were closed; of these, what is open can be said beside it.
pub fn kinds_closed(policy: &Policy, indicator: &Indicator) -> Vec<String> {
    let IndicatorSource::Rate { over, under } = &indicator.source else { return Vec::new() };
    let mut kinds = Vec::new();
    for (closed, taken) in over.iter().zip(under) {
        let (Some((kind, closed)), Some((same, taken))) = (policy.measure(closed), policy.measure(taken)) else {
            return Vec::new();
        };
        let all = closed.filter.is_none() || closed.filter == taken.filter;
        if kind.id != same.id || taken.on != "open" || closed.count != Count::Holding || !all {
            return Vec::new();
        }
        kinds.push(kind.id.clone());
    }
    if over.len() == under.len() { kinds } else { Vec::new() }
}

/// The place directly below `place` that a region lies in.
fn child_of(tree: &RegionTree, place: RegionId, region: RegionId, day: Day) -> Option<RegionId> {
    let chain = tree.ancestors(region, day);
    let at = chain.iter().position(|r| *r == place)?;
    at.checked_sub(1).map(|i| chain[i])
}

fn with_whom(directory: &Directory, place: RegionId, holder: &str, town: RegionId, day: Day) -> With {
    let Some(holder) = Holder::parse(holder) else {
        return child_of(&directory.tree, place, town, day).map_or(With::Nobody, With::Place);
    };
    if directory.orgs.contains_key(&OrgId(holder.seat)) {
        return With::Unit(OrgId(holder.seat));
    }
    child_of(&directory.tree, place, RegionId(holder.seat), day).map_or(With::Post(holder), With::Place)
}

/// Measures that count what is taken in by a category of a catalogue, each with the catalogue.
fn watched(policy: &Policy) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for kind in policy.kinds.iter().filter(|k| !k.sealed) {
        for measure in kind.measures.iter().filter(|m| m.on == "open" && m.seen_from.is_none()) {
            let field = measure.bucket.as_deref().and_then(|b| kind.field(b));
            if let Some(catalogue) = field.and_then(|f| f.catalogue.as_ref()) {
                out.insert(measure.id.clone(), catalogue.clone());
            }
        }
    }
    out
}

/// Sums of every category with what lies below it.
fn by_branch(policy: &Policy, watched: &BTreeMap<String, String>, sums: Sums) -> Sums {
    let mut chains: HashMap<(String, String), Vec<String>> = HashMap::new();
    let mut out = Sums::new();
    for ((place, measure, bucket), n) in sums {
        let chain = chains.entry((measure.clone(), bucket)).or_insert_with_key(|(measure, bucket)| {
            let catalogue = watched.get(measure).and_then(|c| policy.catalogue(c));
            catalogue.map(|c| c.chain(bucket).into_iter().map(|i| i.code.clone()).collect()).unwrap_or_default()
        });
        for code in chain {
            *out.entry((place, measure.clone(), code.clone())).or_default() += n;
        }
    }
    out
}

/// A surge is told once: not again for the town when it is one village's, nor for both a category and its branch.
fn told_once(found: Vec<Surge>, policy: &Policy, tree: &RegionTree, day: Day) -> Vec<Surge> {
    let within = |inner: &Surge, outer: &Surge| {
        let places = tree.ancestors(inner.place, day).contains(&outer.place);
        let chain = policy.catalogue(&outer.category.0).map(|c| c.chain(&inner.category.1)).unwrap_or_default();
        inner.measure == outer.measure && places && chain.iter().any(|i| i.code == outer.category.1)
    };
    let mut told: Vec<Surge> = Vec::new();
    for surge in &found {
        // The narrowest that holds most of the cases says where and what.
        let mut best = surge;
        for other in found.iter().filter(|o| within(o, surge)) {
            let narrower = within(other, best) && other != best;
            if narrower && other.n * 10 >= surge.n * 8 {
                best = other;
            }
        }
        if !told.iter().any(|t| within(best, t) || within(t, best)) {
            told.push(best.clone());
        }
    }
    told.truncate(SURGES_MAX);
    told
}

fn small(n: i64) -> f64 {
    i32::try_from(n).map_or(f64::from(i32::MAX), f64::from)
}

/// Chance of at least `n` when `mean` are usual.
fn poisson_tail(n: i64, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut below = 0.0;
    for k in 0..n {
        below += term;
        term *= mean / small(k + 1);
    }
    // Beyond what a float holds next to 1, the tail is close to its first term.
    let tail = 1.0 - below;
    if tail > 1e-12 { tail } else { term }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chance_of_many_falls_as_they_grow() {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(poisson_tail(0, 2.0), 1.0));
        assert!(near(poisson_tail(1, 2.0), 1.0 - (-2.0f64).exp()));
        assert!(near(poisson_tail(3, 1.0), 0.080_301));
        assert!(poisson_tail(14, 2.0) < 1e-7 && poisson_tail(14, 2.0) > 1e-9);
        let tails: Vec<f64> = (1..40).map(|n| poisson_tail(n, 2.0)).collect();
        assert!(tails.windows(2).all(|w| w[0] > w[1]));
    }
}
