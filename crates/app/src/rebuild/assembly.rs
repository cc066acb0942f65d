//! Votes, what was published, telephones that are told of it and the closed days in a replay: folded from nothing and compared with the tables. Marks and
//! boxes of secret votes that are open stand outside the journal and are left out by name.

use crate::error::AppError;
use crate::state::App;
use std::collections::BTreeMap;
use xiangyue_domain::ballot::{Ballot, BallotEvent};
use xiangyue_domain::entry::Event;
use xiangyue_domain::receipt::{DayRoot, Posted, Tree};
use xiangyue_domain::subscription::Subscription;
use xiangyue_store::Pool;

/// What a replay gives of them.
#[derive(Default)]
pub(super) struct Assembly {
    ballots: BTreeMap<i64, Ballot>,
    posted: BTreeMap<(i64, i64), Posted>,
    roots: Vec<(DayRoot, i64)>,
    subscriptions: BTreeMap<i64, Subscription>,
}

impl Assembly {
    /// Folds an entry's event in.
    pub(super) fn apply(&mut self, event: &Event, seq: i64) {
        match event {
            Event::Ballot(BallotEvent::Opened(opened)) => {
                self.ballots.insert(opened.id.0, Ballot::open(opened));
            }
            Event::Ballot(event) => {
                if let Some(ballot) = self.ballots.get_mut(&event.ballot().0) {
                    ballot.apply(event);
                }
            }
            Event::Posted(posted) => {
                let n = self.posted.range((seq, 0)..=(seq, i64::MAX)).count();
                self.posted.insert((seq, i64::try_from(n + 1).unwrap_or(1)), posted.clone());
            }
            Event::Subscription(event) => {
                self.subscriptions.extend(Subscription::begin(event).map(|s| (s.id.0, s)));
                if let Some(subscription) = self.subscriptions.get_mut(&event.id().0) {
                    subscription.apply(event);
                }
            }
            Event::DayClosed(root) => self.roots.push((root.clone(), seq)),
            _ => {}
        }
    }
}

impl App {
    pub(super) async fn compare_assembly(&self, replayed: Assembly) -> Result<Option<String>, AppError> {
        let stored = self.pool().all_ballots(self.realm()).await?;
        if let Some(odd) = stored.iter().find(|b| replayed.ballots.get(&b.id().0) != Some(*b)) {
            return Ok(Some(format!("ballot {}: 与日志重放的结果不同", odd.id())));
        }
        if stored.len() != replayed.ballots.len() {
            return Ok(Some("ballot: 表里缺少".to_owned()));
        }
        let posted = self.pool().all_posted(self.realm()).await?;
        if let Some(odd) = posted.iter().find(|p| replayed.posted.get(&(p.seq, p.n)) != Some(&p.posted)) {
            return Ok(Some(format!("posted {}/{}: 与日志重放的结果不同", odd.seq, odd.n)));
        }
        if posted.len() != replayed.posted.len() {
            return Ok(Some("posted: 表里缺少".to_owned()));
        }
        let stored = self.pool().all_subscriptions(self.realm()).await?;
        if !stored.iter().eq(replayed.subscriptions.values()) {
            return Ok(Some("subscription: 与日志重放的结果不同".to_owned()));
        }
        let same = self.pool().all_roots(self.realm()).await? == replayed.roots;
        Ok((!same).then(|| "day_root: 与日志重放的结果不同".to_owned()))
    }
}

/// Whether every closed day still gives the head that was published, and none is missing between two.
pub(super) async fn verify_days(pool: &Pool, realm: i64) -> Result<Option<String>, AppError> {
    let mut next = 1;
    for (root, _) in pool.all_roots(realm).await? {
        let tree = Tree::of(pool.leaves(realm, root.first, root.last).await?);
        if root.first != next || tree.root() != root.root || tree.size() != root.size {
            return Ok(Some(format!("{realm}/{}: 与{}公布的摘要不符", root.first, root.day)));
        }
        next = root.last + 1;
    }
    Ok(None)
}
