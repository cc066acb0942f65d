//! What the rows of one import are read against: the pack, the registers and the places of now, and who imports.

use crate::state::App;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::gazetteer::{Gazetteer, Lost};
use xiangyue_domain::ids::{AccountId, RegionId};
use xiangyue_domain::policy::{Policy, Right};
use xiangyue_domain::register::Directory;

/// The ground of one import.
pub(crate) struct Ground {
    pub policy: Arc<Policy>,
    pub directory: Arc<Directory>,
    pub now: Time,
    /// Who imports; nobody when the operator does.
    pub account: Option<AccountId>,
    places: Gazetteer,
    found: RefCell<HashMap<String, Result<RegionId, Lost>>>,
}

impl Ground {
    /// As things stand now.
    pub fn of(app: &App, account: Option<AccountId>) -> Ground {
        let (policy, directory, now) = (app.policy(), app.directory(), app.now());
        let places = Gazetteer::of(&directory.tree, now.day());
        Ground { policy, directory, now, account, places, found: RefCell::default() }
    }

    /// Today.
    pub fn day(&self) -> Day {
        self.now.day()
    }

    /// The place that a text means; a county's sheet names the same few hundred again and again.
    pub fn place(&self, text: &str) -> Result<RegionId, Lost> {
        if let Some(found) = self.found.borrow().get(text) {
            return found.clone();
        }
        let found = self.places.find(text);
        self.found.borrow_mut().insert(text.to_owned(), found.clone());
        found
    }

    /// Name of a place with the one above it, for saying which of several is meant.
    pub fn name(&self, id: RegionId) -> String {
        let (tree, day) = (&self.directory.tree, self.day());
        let above = tree.parent(id, day).map(|up| tree.display(up, day)).unwrap_or_default();
        format!("{above}{}", tree.display(id, day))
    }

    /// Whether whoever imports has a right at a place; the operator has every right.
    pub fn may(&self, right: Right, place: RegionId) -> bool {
        let has = |account| self.directory.has_right(&self.policy, account, right, place, self.day());
        self.account.is_none_or(has)
    }
}
