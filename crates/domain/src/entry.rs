//! An entry of the journal: the events one accepted command caused, with everything decided. Replay applies events
//! and asks nothing else.

use crate::ballot::BallotEvent;
use crate::ledger::LedgerEvent;
use crate::matter::Change;
use crate::receipt::{DayRoot, Posted};
use crate::region::RegionEvent;
use crate::register::RegisterEvent;
use crate::report::ReportEvent;
use crate::reported::Reported;
use crate::subscription::SubscriptionEvent;
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
    /// A report was issued, or a sentence of one was written anew.
    Report(ReportEvent),
    /// Values from before the platform, as offices reported them.
    Reported {
        /// The values.
        values: Vec<Reported>,
    },
    /// Another pack is in force.
    Pack {
        /// Identifier of the pack.
        id: String,
        /// SM3 of its files.
        hash: String,
        /// Flows of the pack that were not known yet, so that a matter can go on under the one it was opened with.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        flows: Vec<FlowVersion>,
        /// Measures that are new or mean something else now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        measures: Vec<MeasureVersion>,
    },
    /// What a pack changed for matters under way is done: limits and flows are put right, new measures are counted.
    Kept {
        /// Hash of the pack.
        pack: String,
        /// Measures that are counted now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        measures: Vec<String>,
    },
    /// A vote by ballot opened, closed, or took an open vote.
    Ballot(BallotEvent),
    /// Something was published: a salted commitment to its words, for receipts.
    Posted(Posted),
    /// A telephone asked to be told of what a village makes public, or not any more.
    Subscription(SubscriptionEvent),
    /// A day's tree was closed: its root is published from now on.
    DayClosed(DayRoot),
    /// The data folder was made by `simulate` and says so.
    Demo {
        /// First day of the scenario's period.
        from: crate::day::Day,
        /// Last day.
        until: crate::day::Day,
    },
}

/// A version of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowVersion {
    /// Kind.
    pub kind: String,
    /// Its digest.
    pub version: String,
    /// The kind as JSON.
    pub body: String,
}

/// A definition of a measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureVersion {
    /// Measure.
    pub measure: String,
    /// Kind it counts.
    pub kind: String,
    /// Digest of the definition.
    pub version: String,
    /// The definition as JSON.
    pub body: String,
    /// Nothing was there to be counted before it.
    #[serde(default)]
    pub counted: bool,
}

/// The body of an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Body {
    /// Events in the order they happened.
    pub events: Vec<Event>,
}
