//! The search index made anew from the matters. It is derived: `rebuild` leaves it out by name, and whatever lost its key
//! has no words any more. Must never be the only way a word gets in: commands bring theirs in their own transaction.

use crate::error::AppError;
use crate::state::App;
use std::collections::BTreeMap;
use xiangyue_domain::matter::Matter;
use xiangyue_store::{MatterRow, WordsRow, facets_of};

/// Matters in one transaction: writers wait no longer than this takes.
const STEP: i64 = 500;
/// Lines of a story whose reasons are not searched: they speak of the record, not of the matter.
const UNSEARCHED: [&str; 2] = ["correct", "void"];

impl App {
    /// Whether there are matters and no index of their words.
    pub async fn needs_index(&self) -> Result<bool, AppError> {
        Ok(self.pool().lacks_words(self.realm()).await?)
    }

    /// Makes the words of every matter anew; `told` hears how many were looked at. Returns how many have words.
    pub async fn reindex(&self, told: &(dyn Fn(u64) + Send + Sync)) -> Result<u64, AppError> {
        let (mut after, mut seen, mut written) = (0, 0u64, 0u64);
        loop {
            let mut tx = self.pool().begin().await?;
            let matters = tx.matters_after(self.realm(), after, STEP).await?;
            let Some(last) = matters.last() else { return Ok(written) };
            after = last.id.0;
            let ids: Vec<i64> = matters.iter().map(|m| m.id.0).collect();
            let rows = self.word_rows(&matters).await?;
            written += u64::try_from(rows.len()).unwrap_or(0);
            seen += u64::try_from(ids.len()).unwrap_or(0);
            tx.reindex(self.realm(), &ids, rows).await?;
            tx.commit().await?;
            told(seen);
        }
    }

    /// Words of these matters; one whose key was destroyed has none.
    async fn word_rows(&self, matters: &[Matter]) -> Result<BTreeMap<i64, WordsRow>, AppError> {
        let names: Vec<String> = matters.iter().map(|m| m.key.clone()).collect();
        self.secrets.warm(self.pool(), self.realm(), &names).await?;
        let (policy, directory) = (self.policy(), self.directory());
        let mut rows = BTreeMap::new();
        for matter in matters {
            let Some(kind) = policy.kind_of(matter) else { continue };
            let Some(texts) = self.texts_of(matter).await? else { continue };
            let skipped = |seq: &i64| {
                let line = matter.trail.iter().find(|t| t.seq == *seq);
                line.is_some_and(|t| UNSEARCHED.contains(&t.mv.as_str()))
            };
            let words: Vec<String> = texts
                .iter()
                .filter(|(seq, _)| !skipped(seq))
                .map(|(_, texts)| self.words_of(kind, texts))
                .filter(|w| !w.is_empty())
                .collect();
            let with_somebody = matter.holder.is_some() || !matter.previous.is_empty() || !matter.watchers.is_empty();
            if !words.is_empty() || with_somebody {
                let facets = facets_of(matter, MatterRow::places(matter, &directory.tree));
                rows.insert(matter.id.0, WordsRow { facets, words: words.join(" zz ") });
            }
        }
        Ok(rows)
    }
}
