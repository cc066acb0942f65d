//! Roll-ups made whole: anew from the facts after an upgrade that changed their shape, or by what was kept back of them.
//! The same code counts here as for each entry, so that nothing can come out otherwise.

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::state::App;
use std::collections::BTreeMap;
use xiangyue_domain::matter::Who;
use xiangyue_domain::region::RegionTree;
use xiangyue_store::{Batch, Pool, fact_of, roll_up};

/// Facts that are read and added up at once: memory is bounded by it.
const STEP: i64 = 100_000;
/// How often the committer is asked to settle before whoever reads is told to come back.
const TRIES: usize = 3;

/// Adds up all facts if there are no roll-ups at all. In one transaction: stopped in the middle, it begins anew.
pub(crate) async fn roll_up_all(pool: &Pool, realm: i64, tree: &RegionTree) -> Result<(), AppError> {
    const FACTS: &str = "select seq, n, measure, bucket, place, day, cohort, delta from fact
      where realm = $1 and seq > $2 order by seq, n limit $3";
    if !pool.lacks_rollups(realm).await? {
        return Ok(());
    }
    let mut tx = pool.begin().await?;
    // Of two processes that are opened at once the second waits here, and finds them made.
    let mut head = tx.head(realm).await?;
    if !pool.lacks_rollups(realm).await? {
        return Ok(());
    }
    tracing::info!("roll-ups are made anew from the facts");
    let mut after = 0;
    loop {
        let rows = pool.dump(FACTS, realm, after, STEP).await?;
        let Some(last) = rows.last().map(|r| r.int(0)) else { break };
        // An entry's facts are never parted: the limit is far above what one entry writes.
        let full = i64::try_from(rows.len()).unwrap_or(0) == STEP;
        let mut rollups = BTreeMap::new();
        for row in rows.iter().filter(|r| !full || r.int(0) < last) {
            roll_up(&mut rollups, &fact_of(row, 2), tree);
        }
        Batch { rollups, ..Batch::default() }.write(&mut tx, realm).await?;
        after = if full { last - 1 } else { last };
    }
    tx.settle_after(realm, 0).await?;
    (head.rolled, head.part) = (head.seq, 0);
    tx.set_head(realm, &head).await?;
    tx.commit().await?;
    Ok(())
}

impl App {
    /// Settles the newest facts now: for whoever reads the tables themselves, and when the county is opened, should another
    /// process have kept some back.
    pub async fn settle_facts(&self) -> Result<(), AppError> {
        for tried in 0..TRIES {
            if self.pool().head(self.realm()).await?.is_none_or(|h| h.rolled == h.seq) {
                break;
            }
            let answer = self.queue_at(self.now(), Who::System, None, Command::Settle, Beside::default()).await?;
            match answer.await.map_err(|_| AppError::Busy)? {
                Err(AppError::Busy) if tried + 1 < TRIES => {}
                done => return done.map(|_| ()),
            }
        }
        Ok(())
    }
}
