//! Trees of days in memory, so that a receipt costs its path and not the day: closed ones as far as they are small enough
//! together, and the open one, which only grows. One is built at a time, whoever asks, and off the threads that answer.

use crate::error::AppError;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Mutex;
use xiangyue_domain::receipt::{DayRoot, Leaf, Tree};
use xiangyue_store::Pool;

/// Leaves of closed trees that are held together; the last one that was asked for is always held.
const MOST: i64 = 400_000;

/// Trees in memory.
#[derive(Default)]
pub(crate) struct Trees(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// Closed trees by their first entry, the one last asked for in front.
    closed: VecDeque<(i64, Arc<Tree>)>,
    /// The open day: first and last entry, and its tree.
    open: Option<(i64, i64, Arc<Tree>)>,
}

async fn built(tree: Option<Arc<Tree>>, leaves: Vec<Leaf>) -> Result<Arc<Tree>, AppError> {
    let grow = move || {
        let Some(tree) = tree else { return Arc::new(Tree::of(leaves)) };
        // Nobody else holds it but while a receipt is read from it; then it is made anew.
        match Arc::try_unwrap(tree) {
            Ok(mut tree) => {
                leaves.into_iter().for_each(|leaf| tree.push(leaf));
                Arc::new(tree)
            }
            Err(shared) => Arc::new(Tree::of(shared.leaves().iter().cloned().chain(leaves).collect())),
        }
    };
    tokio::task::spawn_blocking(grow).await.map_err(|_| AppError::Busy)
}

impl Trees {
    /// The tree of a closed day.
    pub async fn closed(&self, pool: &Pool, realm: i64, root: &DayRoot) -> Result<Arc<Tree>, AppError> {
        let mut held = self.0.lock().await;
        if let Some(at) = held.closed.iter().position(|(first, _)| *first == root.first) {
            let found = held.closed.remove(at).ok_or(AppError::Busy)?;
            held.closed.push_front(found.clone());
            return Ok(found.1);
        }
        let tree = built(None, pool.leaves(realm, root.first, root.last).await?).await?;
        held.closed.push_front((root.first, Arc::clone(&tree)));
        let mut sum = 0;
        held.closed.retain(|(first, tree)| {
            sum += tree.size();
            *first == root.first || sum <= MOST
        });
        Ok(tree)
    }

    /// The tree of what was entered since the last closed one, up to an entry or beyond it. `first` beyond `through` means
    /// that the day was closed meanwhile: the caller asks for its closed tree.
    pub async fn open(&self, pool: &Pool, realm: i64, (first, through): (i64, i64)) -> Result<Arc<Tree>, AppError> {
        if first > through {
            return Err(AppError::Busy);
        }
        let mut held = self.0.lock().await;
        let (last, tree) = match held.open.take() {
            Some((from, last, tree)) if from == first => (last, Some(tree)),
            _ => (first - 1, None),
        };
        let (last, tree) = match tree {
            Some(tree) if last >= through => (last, tree),
            tree => {
                let leaves = pool.leaves(realm, last + 1, through).await?;
                (through, built(tree, leaves).await?)
            }
        };
        held.open = Some((first, last, Arc::clone(&tree)));
        Ok(tree)
    }
}
