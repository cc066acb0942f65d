//! What a group leaves behind for the one that is decided while it is being written: the state of everything it changed.
//! What it only read stands in the database as it was.

use super::{World, subscription};
use crate::command::Outcome;
use crate::state::{Measures, Shared};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use xiangyue_domain::ledger::Book;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::register::Directory;
use xiangyue_store::{Batch, Head, Stand, Stored};

/// The state after a group, as far as the group changed it.
pub(crate) struct Left {
    pub head: Head,
    pub directory: Arc<Directory>,
    pub measures: Arc<Measures>,
    matters: HashMap<i64, Matter>,
    stored: HashMap<i64, Stand>,
    replies: HashMap<String, Outcome>,
    counters: BTreeMap<String, i64>,
}

impl World {
    /// A world in which nothing is at hand yet but the head.
    pub fn at(shared: &Shared, head: Head, directory: Arc<Directory>) -> World {
        World {
            realm: shared.realm,
            policy: shared.policy(),
            directory,
            head,
            matters: HashMap::new(),
            stored: HashMap::new(),
            counters: BTreeMap::new(),
            replies: HashMap::new(),
            book: Book::default(),
            numbers: HashMap::new(),
            secrets: Arc::clone(&shared.secrets),
            ballots: HashMap::new(),
            closed_through: 0,
            subscribers: subscription::Subscribers::default(),
            measures: shared.measures(),
            batch: Batch::default(),
            settle: false,
        }
    }

    /// The world after a group that is being written.
    pub fn after(shared: &Shared, left: Left) -> World {
        let Left { head, directory, measures, matters, stored, replies, counters } = left;
        World { measures, matters, stored, replies, counters, ..World::at(shared, head, directory) }
    }

    /// Takes in a matter as it is stored.
    pub fn have(&mut self, found: Stored) {
        let Stored { matter, stand } = found;
        self.stored.insert(matter.id.0, stand);
        self.matters.insert(matter.id.0, matter);
    }

    /// What is to be written, and what is left behind.
    pub fn leave(self) -> (Batch, Left) {
        let World { mut batch, head, directory, measures, mut matters, stored, mut replies, .. } = self;
        let stands: HashMap<i64, Stand> = batch.matters.iter().map(|(id, row)| (*id, row.stand())).collect();
        batch.stay = stands.iter().filter(|(id, stand)| stored.get(id) == Some(stand)).map(|(id, _)| *id).collect();
        let left = Left {
            head,
            directory,
            measures,
            matters: batch.matters.keys().filter_map(|id| matters.remove_entry(id)).collect(),
            stored: stands,
            replies: batch.keys.iter().filter_map(|k| replies.remove_entry(&k.key)).collect(),
            counters: batch.counters.clone(),
        };
        (batch, left)
    }
}
