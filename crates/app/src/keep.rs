//! A pack that changes while work is under way: matters keep the flow they were opened under, limits that still run
//! follow another calendar, measures that are new are counted over what was there before. All of it in chunks, each an
//! entry of its own, and taken up again after a restart. What was judged is never rewritten.

use crate::command::{Beside, Command, Keeping};
use crate::error::AppError;
use crate::state::App;
use std::collections::BTreeSet;
use xiangyue_domain::entry::{Event, FlowVersion, MeasureVersion};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Kind, Policy};

/// Matters in one entry.
const CHUNK: i64 = 300;

/// A definition that a measure had, with the entry that brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Entry.
    pub seq: i64,
    /// The definition as JSON; empty when the measure was given up.
    pub body: String,
    /// It has been counted over what was there before it.
    pub counted: bool,
}

impl App {
    /// Flows of a pack that are not stored yet.
    pub(crate) async fn new_flows(&self, policy: &Policy) -> Result<Vec<FlowVersion>, AppError> {
        let known: BTreeSet<(String, String)> =
            self.pool().flow_versions(self.realm()).await?.into_iter().map(|(k, v, _)| (k, v)).collect();
        let fresh = |k: &&Kind| !known.contains(&(k.id.clone(), k.version.clone()));
        let version = |k: &Kind| FlowVersion {
            kind: k.id.clone(),
            version: k.version.clone(),
            body: serde_json::to_string(k).unwrap_or_default(),
        };
        Ok(policy.kinds.iter().filter(fresh).map(version).collect())
    }

    /// Measures of a pack that are new, mean something else, or are given up.
    pub(crate) async fn new_measures(&self, policy: &Policy) -> Result<Vec<MeasureVersion>, AppError> {
        let known = self.shared.measures();
        let mut fresh = Vec::new();
        for kind in &policy.kinds {
            let mut of_kind = Vec::new();
            for measure in &kind.measures {
                let version = measure.digest();
                if known.get(&measure.id).is_none_or(|(_, k)| k.version != version || k.kind != kind.id) {
                    let body = serde_json::to_string(measure).unwrap_or_default();
                    of_kind.push(definition(&measure.id, &kind.id, version, body));
                }
            }
            // Where there is nothing of the kind yet, nothing is left to be counted.
            if !of_kind.is_empty() && self.pool().matters_of_kind(self.realm(), &kind.id, 0, 1).await?.is_empty() {
                of_kind.iter_mut().for_each(|m| m.counted = true);
            }
            fresh.extend(of_kind);
        }
        let gone =
            |(name, (_, k)): &(&String, &(i64, MeasureVersion))| policy.measure(name).is_none() && !k.body.is_empty();
        let gone =
            known.iter().filter(gone).map(|(name, (_, k))| definition(name, &k.kind, String::new(), String::new()));
        fresh.extend(gone);
        Ok(fresh)
    }

    /// Whether one of these measures is still being counted over what was there before it.
    pub fn is_counting(&self, measures: &[String]) -> bool {
        let known = self.shared.measures();
        measures.iter().any(|m| known.get(m).is_some_and(|(_, k)| !k.counted))
    }

    /// The definitions a measure has had, oldest first.
    pub async fn definitions(&self, measure: &str) -> Result<Vec<Definition>, AppError> {
        let rows = self.pool().measure_history(self.realm(), measure).await?;
        Ok(rows.into_iter().map(|(seq, body, counted)| Definition { seq, body, counted }).collect())
    }

    /// Does for matters under way what the pack in force asks for; returns how many matters it looked at.
    pub async fn catch_up(&self) -> Result<usize, AppError> {
        let pack = self.policy().hash.clone();
        if self.pool().setting(self.realm(), "kept").await?.as_deref() == Some(pack.as_str()) {
            return Ok(0);
        }
        let policy = self.policy();
        let mut seen = 0;
        for kind in policy.kinds.iter().filter(|k| k.carry.is_some()) {
            seen += self.keep_kind(Keeping::Carry, &kind.id).await?;
        }
        seen += self.keep_kind(Keeping::Reschedule, "").await?;
        let known = self.shared.measures();
        let open: Vec<&MeasureVersion> = known.values().map(|(_, m)| m).filter(|m| !m.counted).collect();
        let kinds: BTreeSet<&str> = open.iter().map(|m| m.kind.as_str()).collect();
        for kind in kinds {
            seen += self.keep_kind(Keeping::Recount, kind).await?;
        }
        let measures = open.iter().map(|m| m.measure.clone()).collect();
        self.register(self.now(), Who::System, move |_, _, _| Ok(vec![Event::Kept { pack, measures }])).await?;
        Ok(seen)
    }

    async fn keep_kind(&self, keeping: Keeping, kind: &str) -> Result<usize, AppError> {
        let (mut after, mut seen) = (0, 0);
        loop {
            let ids = match keeping {
                Keeping::Reschedule => self.pool().active_matters(self.realm(), after, CHUNK).await?,
                Keeping::Carry | Keeping::Recount => {
                    self.pool().matters_of_kind(self.realm(), kind, after, CHUNK).await?
                }
            };
            let Some(last) = ids.last() else { return Ok(seen) };
            after = *last;
            seen += ids.len();
            let command = Command::Keep(keeping, ids.into_iter().map(MatterId).collect());
            self.send(Who::System, None, command, Beside::default()).await?;
        }
    }
}

fn definition(measure: &str, kind: &str, version: String, body: String) -> MeasureVersion {
    MeasureVersion { measure: measure.to_owned(), kind: kind.to_owned(), version, body, counted: false }
}
