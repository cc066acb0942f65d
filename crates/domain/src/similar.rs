//! How likely two ways in are of the same matter: by their words, where and when it is, what it is about, who says it. Pure
//! and plain: every part of the judgement can be shown. It proposes; it must never merge anything by itself.

use crate::day::Day;
use crate::ids::RegionId;
use crate::policy::{Catalogue, Level};
use crate::region::RegionTree;
use serde::{Deserialize, Serialize};

/// Buckets in which the rarity of pairs is counted: memory is bounded whatever is said.
const BUCKETS: usize = 1 << 16;

/// How rare a pair of characters is in what the county says. Counts by keyed numbers alone; nothing can be read from it.
#[derive(Clone)]
pub struct Rarity {
    texts: u32,
    seen: Box<[u32]>,
}

impl Default for Rarity {
    fn default() -> Rarity {
        Rarity { texts: 0, seen: vec![0; BUCKETS].into_boxed_slice() }
    }
}

impl std::fmt::Debug for Rarity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rarity({} texts)", self.texts)
    }
}

impl Rarity {
    /// Takes a text in.
    pub fn learn(&mut self, grams: &[u32]) {
        self.texts = self.texts.saturating_add(1);
        for gram in grams {
            let cell = &mut self.seen[*gram as usize % BUCKETS];
            *cell = cell.saturating_add(1);
        }
    }

    /// What a pair is worth: little where everybody says it.
    pub fn weight(&self, gram: u32) -> f64 {
        let seen = f64::from(self.seen[gram as usize % BUCKETS]) + 1.0;
        ((f64::from(self.texts) + 2.0) / seen).ln().max(0.05)
    }

    /// Texts taken in.
    pub fn texts(&self) -> u32 {
        self.texts
    }
}

/// What two sorted lists of pairs share, weighed: as a share of both, and in all.
pub fn overlap(one: &[u32], other: &[u32], rarity: &Rarity) -> (f64, f64) {
    let sum = |grams: &[u32]| grams.iter().map(|g| rarity.weight(*g)).sum::<f64>();
    let (mut i, mut j, mut shared) = (0, 0, 0.0);
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += rarity.weight(*a);
                i += 1;
                j += 1;
            }
        }
    }
    let both = (sum(one) * sum(other)).sqrt();
    (if both > 0.0 { shared / both } else { 0.0 }, shared)
}

/// How near two places are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// The same grid, or the same place of any kind below the village.
    Grid,
    /// One names the village, the other something in it, or both the village.
    Village,
    /// Two grids of one village.
    Beside,
    /// One names the town, the other something in it.
    Town,
    /// Elsewhere.
    Apart,
}

/// How near two places are on a day.
pub fn near(tree: &RegionTree, one: RegionId, other: RegionId, day: Day) -> Near {
    let level = |id: RegionId| tree.get(id).map(|r| r.level);
    let village = |id: RegionId| tree.at_level(tree.standing(id, day), Level::Village, day);
    if one == other {
        return match level(one) {
            Some(Level::Grid) => Near::Grid,
            Some(Level::Village) => Near::Village,
            _ => Near::Town,
        };
    }
    match (village(one), village(other)) {
        (Some(a), Some(b)) if a == b => {
            if level(one) == level(other) {
                Near::Beside
            } else {
                Near::Village
            }
        }
        (Some(_), Some(_)) => Near::Apart,
        _ => {
            let town = |id: RegionId| tree.at_level(tree.standing(id, day), Level::Town, day);
            if town(one).is_some() && town(one) == town(other) { Near::Town } else { Near::Apart }
        }
    }
}

/// How much two categories have in common: 2 the same, 1 the same branch, 0 nothing.
pub fn kinship(catalogue: Option<&Catalogue>, one: &str, other: &str) -> u8 {
    if one == other {
        return 2;
    }
    let top = |code: &str| catalogue.and_then(|c| c.chain(code).last().map(|i| i.code.clone()));
    u8::from(top(one).is_some() && top(one) == top(other))
}

/// What speaks for and against two ways in being of one matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Share of their words that both have, by how rare these are.
    pub share: f64,
    /// The same, not divided: long agreement says more than short.
    pub shared: f64,
    /// Where.
    pub near: Near,
    /// Hours between them.
    pub hours: f64,
    /// 2 the same category, 1 the same branch.
    pub kin: u8,
    /// The same telephone; `None` where one left none.
    pub same_phone: Option<bool>,
}

/// From 0 to 1, how likely it is the same matter. The weights were fitted on the simulated county's re-tellings
/// (crates/simulate/tests/retold.rs prints what they reach).
pub fn likelihood(e: &Evidence) -> f64 {
    let near = match e.near {
        Near::Grid => 1.4,
        Near::Village => -0.6,
        Near::Beside => -3.5,
        Near::Town => -2.0,
        Near::Apart => -9.0,
    };
    let kin = [-1.5, 2.0, 4.2][usize::from(e.kin.min(2))];
    let phone = match e.same_phone {
        Some(true) => 4.0,
        Some(false) => -0.6,
        None => 0.0,
    };
    let score = -4.7 + near + kin + phone + 5.2 * e.share + 0.04 * e.shared.min(40.0) - 0.027 * e.hours;
    1.0 / (1.0 + (-score).exp())
}

/// When and how duplicates are suggested, from the pack.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimilarRule {
    /// Days that two ways in may lie apart; 0 suggests nothing.
    pub days: u32,
    /// Least likelihood, in per cent, at which another matter is suggested.
    pub from: u32,
}

impl Default for SimilarRule {
    fn default() -> SimilarRule {
        SimilarRule { days: 7, from: 35 }
    }
}

#[cfg(test)]
mod tests;
