//! An entry of the journal: the events one accepted command caused, with everything decided. Replay applies events
//! and asks nothing else.

use crate::ledger::LedgerEvent;
use crate::matter::Change;
use crate::region::RegionEvent;
use crate::register::RegisterEvent;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "e", content = "v", rename_all = "snake_case")]
pub enum Event {
    /// A matter changed.
    Matter(Box<Change>),
    /// The tree changed.
    Region(RegionEvent),
    /// A register changed.
    Register(RegisterEvent),
    /// The ledger changed.
    Ledger(LedgerEvent),
    /// Another pack is in force.
    Pack {
        /// Identifier of the pack.
        id: String,
        /// SM3 of its files.
        hash: String,
    },
    /// The data folder was made by `simulate` and says so.
    Demo {
        /// First day of the scenario's period.
        from: crate::day::Day,
        /// Last day.
        until: crate::day::Day,
    },
}

/// The body of an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Body {
    /// Events in the order they happened.
    pub events: Vec<Event>,
}
