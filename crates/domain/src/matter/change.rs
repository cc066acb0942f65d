//! Changes of a matter, each with everything that was decided. Their shapes are stored for good: a field may be added
//! with a default, none may change its meaning.

use super::record::is_false;
use super::{ClockState, FileRef, IntakeRecord, Part, Values, Who};
use crate::day::Time;
use crate::fact::Fact;
use crate::ids::{MatterId, RegionId};
use crate::policy::{Level, Phase};
use crate::register::Holder;
use serde::{Deserialize, Serialize};

/// What opens a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Kind.
    pub kind: String,
    /// Number to read out by phone, such as `20231103-0042`.
    pub number: String,
    /// Finest place known.
    pub place: RegionId,
    /// Level that took it in.
    pub level_in: Level,
    /// First step.
    pub step: String,
    /// Its phase.
    pub phase: Phase,
    /// The way in.
    pub intake: IntakeRecord,
    /// Name of the key its texts are under.
    pub key: String,
    /// Digest of the short 查询码, salted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Keeps the reporter secret.
    #[serde(default, skip_serializing_if = "is_false")]
    pub confidential: bool,
    /// The village is not to handle it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bypass: bool,
    /// Accounts and posts that may neither see nor handle it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred: Vec<String>,
    /// Version of the flow it runs under.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub flow: String,
    /// The matter that opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<MatterId>,
    /// Texts of the parent's move that opened it, as ciphertext under the same key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Happening {
    /// It was taken in.
    Opened(Box<Opened>),
    /// It moved.
    Moved {
        /// Move of the flow.
        mv: String,
        /// Step after.
        to: String,
        /// Phase after.
        phase: Phase,
        /// The mover handled it, at this level.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handled: Option<Level>,
    },
    /// A clock ran out and it rose to these posts.
    Escalated {
        /// Which clock.
        clock: String,
        /// Posts that now watch it.
        to: Vec<Holder>,
    },
    /// A wrong place or value was put right.
    Corrected {
        /// Place after.
        place: RegionId,
    },
    /// A wrong entry; it never happened.
    Voided {
        /// Step before.
        step: String,
    },
    /// It is the same matter as another one.
    Merged {
        /// That other one.
        into: MatterId,
    },
    /// It took in the intakes of another one.
    Absorbed {
        /// That other one.
        from: MatterId,
        /// Its intakes.
        intakes: Vec<IntakeRecord>,
    },
    /// It was not the same matter after all, and stands for itself again.
    Restored {
        /// The one it had been merged into.
        out_of: MatterId,
        /// Phase of its step.
        phase: Phase,
    },
    /// It gave back the intakes of one that it had taken in.
    Released {
        /// That other one.
        to: MatterId,
        /// Its intakes.
        intakes: Vec<IntakeRecord>,
    },
    /// A vote by ballot was opened on it, was counted or called off.
    Balloted {
        /// Which.
        ballot: super::BallotRef,
        /// Number fields that the count filled.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fixed: Vec<String>,
    },
    /// A matter that it opened moved on; which and how far stands in the change's parts.
    PartMoved,
    /// Another calendar is in force; limits that still ran were put right.
    Rescheduled,
    /// It goes on under another version of its flow.
    Carried {
        /// That version.
        flow: String,
        /// What its step is called there.
        step: String,
        /// The step's phase there.
        phase: Phase,
    },
    /// Measures were added or changed; only its facts differ.
    Recounted,
}

impl Happening {
    /// Whether it is the platform's own bookkeeping, which makes no page stale.
    pub fn is_bookkeeping(&self) -> bool {
        matches!(self, Happening::PartMoved | Happening::Rescheduled | Happening::Recounted)
    }
}

/// A change with all that was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Matter.
    pub matter: MatterId,
    /// When.
    pub at: Time,
    /// Who.
    pub by: Who,
    /// What.
    pub what: Happening,
    /// Who has it after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Plain values set; `null` clears one.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub values: Values,
    /// Names of the fields whose texts are in `secret`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<String>,
    /// Texts, as ciphertext under the matter's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Matters that it opened, or that moved on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Posts that are told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Holder>,
    /// Files added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
    /// Clocks after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockState>,
    /// Difference of the facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

impl Change {
    /// A change that does nothing but what it says.
    pub fn new(matter: MatterId, at: Time, by: Who, what: Happening) -> Change {
        Change {
            matter,
            at,
            by,
            what,
            holder: None,
            values: Values::new(),
            texts: Vec::new(),
            secret: None,
            parts: Vec::new(),
            told: Vec::new(),
            files: Vec::new(),
            clocks: Vec::new(),
            facts: Vec::new(),
        }
    }
}
