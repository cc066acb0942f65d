//! What a matter is made of: who did something, the ways in, clocks, papers, parts and the lines of its way. Plain
//! records; none of them decides anything.

use crate::calendar::Limit;
use crate::day::Time;
use crate::ids::{AccountId, BallotId, MatterId};
use crate::policy::Phase;
use crate::register::Holder;
use serde::{Deserialize, Serialize};

pub(super) fn is_false(value: &bool) -> bool {
    !*value
}

pub(super) fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Who {
    /// Someone who signed in, under this post.
    Account {
        /// The account.
        account: AccountId,
        /// The post it acted under.
        post: Option<Holder>,
    },
    /// Whoever reported it, by the receipt.
    Reporter,
    /// The platform itself: a clock, a rule.
    System,
}

impl Who {
    /// The account, if one acted.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Who::Account { account, .. } => Some(*account),
            _ => None,
        }
    }

    /// The post acted under.
    pub fn post(&self) -> Option<&Holder> {
        match self {
            Who::Account { post, .. } => post.as_ref(),
            _ => None,
        }
    }
}

/// A vote by ballot as its matter knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BallotRef {
    /// Which.
    pub id: BallotId,
    /// Rule of the kind it is taken under.
    pub rule: String,
    /// Votes are being taken.
    pub open: bool,
}

/// One way in: source, its number there, day. Intakes are counted by source, handling by matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeRecord {
    /// Channel it came through.
    pub channel: String,
    /// Number in the system it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_no: Option<String>,
    /// When.
    pub at: Time,
    /// Digest of the receipt's token, so that this reporter finds the matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Matter it first belonged to.
    pub first: MatterId,
}

/// A clock of a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockState {
    /// Which clock of the kind.
    pub id: String,
    /// When it began.
    pub started: Time,
    /// When it runs out; fixed when it began, moved only by an approved extension or a pause.
    pub due: Time,
    /// The limit that still runs, so that another calendar can put the due time right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Since when it runs: the start, the end of a pause, or the due time that was put off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// Working days it was put off by, in all.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub extended: u32,
    /// Standing still since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Time>,
    /// How often it has risen.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub escalated: u32,
    /// When it rises next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
}

impl ClockState {
    /// A clock that begins and has no limit of ours yet.
    pub fn new(id: &str, started: Time, due: Time) -> ClockState {
        ClockState {
            id: id.to_owned(),
            started,
            due,
            limit: None,
            since: None,
            extended: 0,
            paused: None,
            stopped: None,
            escalated: 0,
            next: None,
        }
    }

    /// A move that makes itself after a time is kept as a clock of this name; it is no limit.
    pub fn is_auto(&self) -> bool {
        self.id.starts_with("auto:")
    }

    /// Whether it runs now.
    pub fn runs(&self) -> bool {
        self.stopped.is_none() && self.paused.is_none()
    }

    /// Whether it ran out before it ended, or has run out by now.
    pub fn is_overdue(&self, now: Time) -> bool {
        !self.is_auto() && self.paused.is_none() && self.due < self.stopped.unwrap_or(now)
    }
}

/// A file on a matter; its bytes lie under its digest in the data folder, enciphered under the matter's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// SM3 of the stored bytes.
    pub digest: String,
    /// Media type after checking.
    pub media: String,
    /// Size in bytes.
    pub bytes: i64,
    /// The field it fills; empty for a plain photo.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
}

/// A matter that another one opened, as that one knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// It.
    pub id: MatterId,
    /// Its kind.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Who has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// How far it is.
    pub phase: Phase,
}

impl Part {
    /// Whether it is still under way.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::Answered)
    }
}

/// A line of the matter's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// Entry that wrote it.
    pub seq: i64,
    /// When.
    pub at: Time,
    /// Move, or `open`, `escalate`, `correct`.
    pub mv: String,
    /// Step before.
    pub from: String,
    /// Step after.
    pub to: String,
    /// Who.
    pub by: Who,
}
