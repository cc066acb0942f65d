//! What the county's own past teaches: how rare words are, which unit handled what, which category was meant. Learnt from the
//! matters in the background and kept current as matters end; it lives in memory alone, as keyed numbers and counts, and
//! is made anew at every start. Must never decide anything.

use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Kind, Level, Policy};
use xiangyue_domain::propose::{Bayes, Proposal, mark};
use xiangyue_domain::register::Holder;
use xiangyue_domain::similar::Rarity;
use xiangyue_domain::words::is_searched;

/// Matters learnt at a start: the newest; older ones were handled under other rules.
const LEARN: i64 = 60_000;
/// Matters read at once.
const STEP: i64 = 100;
/// How long it rests after each step, some two or three times as long as a step takes, so that nobody at a desk feels it.
const REST: Duration = Duration::from_millis(15);
/// Matters remembered as learnt, so that none is learnt twice.
const REMEMBER: usize = 100_000;

/// What was learnt of one kind.
#[derive(Debug, Clone, Default)]
pub struct OfKind {
    /// Who handled it.
    pub handler: Bayes,
    /// What it was about.
    pub category: Bayes,
}

/// All that was learnt.
#[derive(Debug, Default)]
pub struct Lore {
    /// How rare pairs of characters are.
    pub rarity: Rarity,
    /// By kind.
    pub kinds: BTreeMap<String, OfKind>,
    learnt: Learnt,
}

/// Which matters were learnt, a bit for each: they are numbered close to one another.
#[derive(Debug, Default)]
struct Learnt {
    bits: BTreeMap<i64, u64>,
    count: usize,
}

impl Learnt {
    /// Takes one in; whether it is new. Of too many the earliest are forgotten, which end least often.
    fn insert(&mut self, id: i64) -> bool {
        let bits = self.bits.entry(id >> 6).or_default();
        let bit = 1 << (id & 63);
        let new = *bits & bit == 0;
        *bits |= bit;
        self.count += usize::from(new);
        while self.count > REMEMBER
            && let Some((_, bits)) = self.bits.pop_first()
        {
            self.count -= usize::try_from(bits.count_ones()).unwrap_or(0);
        }
        new
    }
}

/// A matter as it is compared: its features, where it is, what it was about, who handled it.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// Pairs of characters of its own words.
    pub grams: Vec<u32>,
    /// Category.
    pub category: String,
    /// Town, or 0.
    pub town: i64,
}

impl Case {
    /// Features for the question who handles it.
    pub fn for_handler(&self) -> Vec<u32> {
        let mut features = vec![mark("category", &self.category), mark("town", &self.town.to_string())];
        // The category says more than any pair of characters.
        features.extend(["again", "and again", "still"].map(|n| mark(n, &self.category)));
        features.extend(&self.grams);
        features
    }
}

impl Lore {
    /// Takes a matter in that has been decided; the second time nothing happens.
    pub fn learn(&mut self, matter: &Matter, case: &Case, handler: Option<&str>) {
        if !self.learnt.insert(matter.id.0) {
            return;
        }
        self.rarity.learn(&case.grams);
        let of = self.kinds.entry(matter.kind.clone()).or_default();
        if let Some(handler) = handler {
            of.handler.learn(&case.for_handler(), handler);
        }
        if !case.category.is_empty() && !case.grams.is_empty() {
            of.category.learn(&case.grams, &case.category);
        }
    }

    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        let kinds: usize = self.kinds.values().map(|k| k.handler.bytes() + k.category.bytes()).sum();
        kinds + self.learnt.bits.len() * 24 + (1 << 18)
    }
}

/// Who handled a matter that was handed on, as it can be said of another place: a unit by its seat, everybody else by the
/// post. What was settled by whoever had it first was never handed out.
pub fn handler_of(policy: &Policy, kind: &Kind, matter: &Matter) -> Option<String> {
    let post = matter.trail.iter().rev().find(|t| handles(kind, &t.mv)).and_then(|t| t.by.post())?;
    let first = matter.previous.first().or(matter.holder.as_ref());
    (first != Some(post)).then(|| label_of(policy, post))
}

fn handles(kind: &Kind, mv: &str) -> bool {
    kind.find_move(mv).is_some_and(|m| m.handles)
}

/// A post as a label.
pub fn label_of(policy: &Policy, holder: &Holder) -> String {
    if policy.post(&holder.post).is_some_and(|p| p.unit) { holder.key() } else { holder.post.clone() }
}

impl App {
    /// Reads what was learnt.
    pub fn with_lore<T>(&self, read: impl FnOnce(&Lore) -> T) -> T {
        read(&self.lore().read().unwrap_or_else(PoisonError::into_inner))
    }

    fn lore(&self) -> &RwLock<Lore> {
        &self.shared.lore
    }

    /// What a matter is compared by.
    pub(crate) fn case(&self, kind: &Kind, place: RegionId, category: &str, texts: &Texts) -> Case {
        let directory = self.directory();
        let day = self.now().day();
        let town = directory.tree.at_level(directory.tree.standing(place, day), Level::Town, day);
        let intake = kind.intake_fields();
        let words = intake.iter().filter(|f| is_searched(f)).filter_map(|f| texts.get(&f.id)).map(String::as_str);
        Case { grams: self.secrets.words().grams(words), category: category.to_owned(), town: town.map_or(0, |t| t.0) }
    }

    /// The case of a matter that stands already; `None` once its words are gone.
    pub async fn case_of(&self, matter: &Matter) -> Result<Option<(Case, Texts)>, AppError> {
        let policy = self.policy();
        let Some(kind) = policy.kind_of(matter) else { return Ok(None) };
        let Some(subject) = self.secrets.find(self.pool(), self.realm(), &matter.key).await? else { return Ok(None) };
        let first = matter.trail.first().map_or(0, |t| t.seq);
        let mut texts = Texts::new();
        for (_, sealed) in matter.secrets.iter().filter(|(seq, _)| *seq == first) {
            texts.extend(self.secrets.open(&subject, sealed));
        }
        let category = matter.values.get("category").and_then(serde_json::Value::as_str).unwrap_or("");
        Ok(Some((self.case(kind, matter.place, category, &texts), texts)))
    }

    /// Learns from the newest matters; returns how many were looked at. For a start, in the background.
    pub async fn learn(&self) -> Result<u64, AppError> {
        let (mut before, mut seen) = (i64::MAX, 0u64);
        let pool = self.pool().apart();
        let mut newest_first = Vec::new();
        while newest_first.len() < usize::try_from(LEARN / STEP).unwrap_or(0) {
            let ids = pool.matter_ids_before(self.realm(), before, STEP).await?;
            let Some(last) = ids.last() else { break };
            before = *last;
            newest_first.push(ids);
        }
        // Oldest first, so that what is newer is judged by what was before it.
        for ids in newest_first.into_iter().rev() {
            let mut matters = pool.matters_any(self.realm(), &ids).await?;
            matters.sort_by_key(|m| m.id);
            self.learn_from(&matters).await?;
            tokio::time::sleep(REST).await;
            seen += u64::try_from(matters.len()).unwrap_or(0);
        }
        Ok(seen)
    }

    /// Learns from these matters, as far as they are decided.
    pub async fn learn_from(&self, matters: &[Matter]) -> Result<(), AppError> {
        let names: Vec<String> = matters.iter().map(|m| m.key.clone()).collect();
        self.secrets.warm(&self.pool().apart(), self.realm(), &names).await?;
        let policy = self.policy();
        for matter in matters.iter().filter(|m| !m.voided && m.merged_into.is_none()) {
            let Some(kind) = policy.kind_of(matter) else { continue };
            let handler = handler_of(&policy, kind, matter);
            let handled = matter.trail.iter().any(|t| handles(kind, &t.mv));
            if !handled && kind.moves.iter().any(|m| m.handles) {
                continue;
            }
            let Some((case, _)) = self.case_of(matter).await? else { continue };
            self.lore().write().unwrap_or_else(PoisonError::into_inner).learn(matter, &case, handler.as_deref());
        }
        Ok(())
    }

    /// Learns from a matter that somebody has just handled.
    pub(crate) async fn learn_handled(&self, matter: &Matter, kind: &Kind, mv: &str) -> Result<(), AppError> {
        let Some(holder) = matter.holder.as_ref().filter(|_| handles(kind, mv)) else { return Ok(()) };
        let label = matter.previous.first().map(|_| label_of(&self.policy(), holder));
        if let Some((case, _)) = self.case_of(matter).await? {
            self.lore().write().unwrap_or_else(PoisonError::into_inner).learn(matter, &case, label.as_deref());
        }
        Ok(())
    }

    /// What the past says of a matter: who handles it, what it is about. Nothing where the pack has it switched off.
    pub fn proposals(&self, kind: &str, case: &Case, most: usize) -> (Vec<Proposal>, Vec<Proposal>) {
        if self.policy().settings.as_ref().is_some_and(|s| !s.propose) {
            return (Vec::new(), Vec::new());
        }
        self.with_lore(|lore| {
            lore.kinds.get(kind).map_or((Vec::new(), Vec::new()), |of| {
                (of.handler.propose(&case.for_handler(), most), of.category.propose(&case.grams, most))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Learnt, REMEMBER};

    #[test]
    fn nothing_is_learnt_twice_and_memory_is_bounded() {
        let mut learnt = Learnt::default();
        let last = i64::try_from(REMEMBER).expect("it fits") + 5_000;
        for id in [0, 1, 63, 64, last] {
            assert!(learnt.insert(id) && !learnt.insert(id), "{id}");
        }
        assert!((2..last).filter(|id| learnt.insert(*id)).count() > REMEMBER);
        assert!(learnt.count <= REMEMBER && learnt.count > REMEMBER - 64);
        assert!(!learnt.insert(last) && !learnt.insert(last - 1), "the newest are remembered");
    }
}
