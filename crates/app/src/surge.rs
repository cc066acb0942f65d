//! Surges: what suddenly comes in far more often at one place than chance allows. Counts come first and the place's own
//! past last: only what could be a surge by its count and by the size of its place is looked up further. It must never read
//! matters, only sums.

use crate::error::AppError;
use crate::period::Period;
use crate::state::App;
use crate::sums::{Ask, Sums};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Level, Policy};
use xiangyue_domain::region::RegionTree;
use xiangyue_domain::surge::{LEAST, Seen, threshold};
use xiangyue_store::Buckets;

/// Days that a surge is counted over.
pub const SURGE_DAYS: i32 = 3;
/// Whole months that what is usual is taken from.
const BASE_MONTHS: i32 = 3;
/// Most surges that are told.
const SURGES_MAX: usize = 6;

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
    /// How many were to be expected in as many days.
    pub usual: f64,
    /// Chance of as many.
    pub chance: f64,
}

/// Place, measure and category.
type Key = (i64, String, String);

/// What is known of the days before, as far as it was asked for.
struct Past<'a> {
    root: RegionId,
    windows: f64,
    now: &'a Sums,
    /// All categories together, by place and measure.
    sizes: Sums,
    /// Each category over the whole.
    whole: Sums,
}

impl Past<'_> {
    fn seen(&self, (place, measure, code): &Key, now: i64, usual: i64) -> Seen {
        let of = |sums: &Sums, place: i64, code: &str| {
            sums.get(&(place, measure.clone(), code.to_owned())).copied().unwrap_or(0)
        };
        Seen {
            now,
            usual,
            size: of(&self.sizes, *place, ""),
            now_everywhere: of(self.now, self.root.0, code),
            usual_everywhere: of(&self.whole, self.root.0, code),
            all: of(&self.sizes, self.root.0, ""),
            windows: self.windows,
        }
    }
}

impl App {
    /// Categories that came in far more often in the last days than usual, in one town or one village, least likely
    /// first. What is usual is taken from the whole months before.
    pub async fn surges(&self, place: RegionId) -> Result<Vec<Surge>, AppError> {
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        let watched = watched(&policy);
        let measures: Vec<String> = watched.keys().cloned().collect();
        let local =
            |id: &RegionId| directory.tree.get(*id).is_some_and(|r| matches!(r.level, Level::Town | Level::Village));
        let Some(root) = directory.tree.root(day) else { return Ok(Vec::new()) };
        // What chance may do is a matter of how many places are watched, not of how many are on this page.
        let looked_at = directory.tree.subtree(root, day).iter().filter(|id| local(id)).count();
        let mut places: Vec<RegionId> = directory.tree.subtree(place, day).into_iter().filter(local).collect();
        if places.is_empty() || measures.is_empty() {
            return Ok(Vec::new());
        }
        places.push(root);
        let threshold = threshold(looked_at, categories(&policy, &watched));
        let lately = Period::closed(day.plus(1 - SURGE_DAYS), day);
        let ask = |places, period, buckets| Ask { measures: &measures, places, period, by_cohort: false, buckets };
        let now = self.sums(ask(&places, lately, Buckets::Each(&[]))).await?;
        let now = by_branch(&policy, &watched, now);
        let many = |((place, ..), n): &(&Key, &i64)| *place != root.0 && **n >= LEAST;
        let many: Vec<(Key, i64)> = now.iter().filter(many).map(|(key, n)| (key.clone(), *n)).collect();
        if many.is_empty() {
            return Ok(Vec::new());
        }
        let last = lately.from.month_start().plus(-1);
        let before = Period::closed(last.month_start().plus_months(1 - BASE_MONTHS), last);
        let mut near: Vec<RegionId> = distinct(many.iter().map(|((place, ..), _)| *place));
        near.push(root);
        let (sizes, whole) = tokio::try_join!(
            self.sums(ask(&near, before, Buckets::Whole)),
            self.sums(ask(std::slice::from_ref(&root), before, Buckets::Each(&[]))),
        )?;
        let windows = f64::from(before.to.0 - before.from.0 + 1) / f64::from(SURGE_DAYS);
        let past = Past { root, windows, now: &now, sizes, whole: by_branch(&policy, &watched, whole) };
        let may_be = |(key, n): &(Key, i64)| past.seen(key, *n, 0).may_be(threshold);
        let may_be: Vec<(Key, i64)> = many.into_iter().filter(may_be).collect();
        if may_be.is_empty() {
            return Ok(Vec::new());
        }
        let near = distinct(may_be.iter().map(|((place, ..), _)| *place));
        let own = self.sums(ask(&near, before, Buckets::Each(&[]))).await?;
        let own = by_branch(&policy, &watched, own);
        let mut found = Vec::new();
        for (key, n) in may_be {
            let judged = past.seen(&key, n, own.get(&key).copied().unwrap_or(0)).judge();
            let (place, measure, code) = key;
            if let Some(catalogue) = watched.get(&measure).filter(|_| judged.chance < threshold) {
                let category = (catalogue.clone(), code);
                let (place, usual, chance) = (RegionId(place), judged.expected, judged.chance);
                found.push(Surge { place, measure, category, n, usual, chance });
            }
        }
        found.sort_by(|a, b| {
            a.chance.total_cmp(&b.chance).then(a.place.cmp(&b.place)).then(a.category.cmp(&b.category))
        });
        Ok(told_once(found, &policy, &directory.tree, day))
    }
}

fn distinct(places: impl Iterator<Item = i64>) -> Vec<RegionId> {
    places.collect::<BTreeSet<i64>>().into_iter().map(RegionId).collect()
}

/// How many categories are looked at, over all measures.
fn categories(policy: &Policy, watched: &BTreeMap<String, String>) -> usize {
    watched.values().filter_map(|c| policy.catalogue(c)).map(|c| c.items.len()).sum()
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
