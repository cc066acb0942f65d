//! Commands: what a person, a reporter or the clock asks for, and what comes back.

use crate::ballot::BallotDo;
use crate::error::AppError;
use crate::subscription::SubscriptionDo;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::oneshot;
use xiangyue_domain::day::Time;
use xiangyue_domain::entry::Event;
use xiangyue_domain::flow::{MoveRequest, OpenRequest};
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::ledger;
use xiangyue_domain::matter::{Values, Who};
use xiangyue_domain::policy::Policy;
use xiangyue_domain::receipt::DayRoot;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::Directory;
use xiangyue_store::Arg;

/// A matter, by id or by the key of the command that opened it: a sender may go on before the answer is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatterRef {
    /// By id.
    Id(MatterId),
    /// By the key of the command that opened it.
    Opened(String),
}

/// Ids that a decision about registers draws.
pub struct Ids<'a>(pub(crate) &'a mut i64);

impl Ids<'_> {
    /// The next free id of the realm.
    pub fn draw(&mut self) -> i64 {
        let id = *self.0;
        *self.0 += 1;
        id
    }
}

/// A decision about regions and registers, taken inside the transaction.
pub type Decide = Box<dyn FnOnce(&mut Ids, &Directory, &Policy) -> Result<Vec<Event>, Refusal> + Send>;

/// How two matters come together or apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// By whoever has the right to.
    Merge,
    /// One that nobody has handled, by whoever sent or entered it.
    Fresh,
    /// They were not the same after all.
    Apart,
}

/// Two matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The one that goes, or comes back.
    pub from: MatterId,
    /// The one that stays.
    pub into: MatterId,
}

/// What is asked for.
pub enum Command {
    /// Open a matter.
    Open(Box<OpenRequest>),
    /// Make a move.
    Move(MatterRef, Box<MoveRequest>),
    /// Put a place or values right.
    Correct {
        /// Which.
        matter: MatterId,
        /// Place after.
        place: RegionId,
        /// Values after.
        values: Values,
        /// Reason, as ciphertext.
        secret: Option<String>,
    },
    /// Void a wrong entry.
    Void {
        /// Which.
        matter: MatterId,
        /// Reason, as ciphertext.
        secret: Option<String>,
    },
    /// Merge one matter into another, or take them apart again.
    Join(Joining, Pair),
    /// What the clock causes.
    Tick(MatterId),
    /// Change regions or registers.
    Register(Decide),
    /// Move points, goods or money, or record what transfers are judged by.
    Ledger(Arc<ledger::Request>),
    /// What a change of rules does to matters under way.
    Keep(Keeping, Vec<MatterId>),
    /// A vote by ballot.
    Ballot(Box<BallotDo>),
    /// A telephone that is to be told of what a village makes public, or not any more.
    Subscription(Box<SubscriptionDo>),
    /// Close the tree of a day that is over.
    CloseDay(DayRoot),
    /// Rows that stand outside the journal, such as the log of reads; durable when it is answered.
    Aside(Vec<(&'static str, Vec<Arg>)>),
    /// Settle the newest facts now, for whoever reads the tables themselves.
    Settle,
}

/// What is put right in matters under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Limits, under another calendar.
    Reschedule,
    /// The flow they run under.
    Carry,
    /// Their facts, under other measures.
    Recount,
}

impl Command {
    /// Name in the journal.
    pub fn name(&self) -> String {
        match self {
            Command::Open(request) => format!("{}.open", request.kind),
            Command::Move(_, request) => format!("move.{}", request.mv),
            Command::Correct { .. } => "matter.correct".to_owned(),
            Command::Void { .. } => "matter.void".to_owned(),
            Command::Join(Joining::Merge, _) => "matter.merge".to_owned(),
            Command::Join(Joining::Fresh, _) => "matter.join".to_owned(),
            Command::Join(Joining::Apart, _) => "matter.part".to_owned(),
            Command::Tick(_) => "matter.tick".to_owned(),
            Command::Register(_) => "register".to_owned(),
            Command::Ledger(request) => format!("ledger.{}", request.name()),
            Command::Keep(Keeping::Reschedule, _) => "keep.reschedule".to_owned(),
            Command::Keep(Keeping::Carry, _) => "keep.carry".to_owned(),
            Command::Keep(Keeping::Recount, _) => "keep.recount".to_owned(),
            Command::Ballot(what) => format!("ballot.{}", what.name()),
            Command::Subscription(what) => format!("subscription.{}", what.name()),
            Command::CloseDay(_) => "day.close".to_owned(),
            Command::Aside(_) | Command::Settle => String::new(),
        }
    }
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Outcome {
    /// Entry.
    pub seq: i64,
    /// Matter concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matter: Option<MatterId>,
    /// Its number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// Nothing was due, nothing was written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idle: bool,
    /// Transfers and parties of the ledger that it made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<i64>,
}

/// Rows that go with a command and stand outside the journal: wrapped keys, search tokens, words of the search index.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Name of a new key and its wrapped form.
    pub key: Option<(String, String)>,
    /// Tokens by which the matter is found.
    pub tokens: Vec<String>,
    /// Token of whoever reported it, unless they are to be kept secret.
    pub caller: Option<String>,
    /// Names that one command alone may ever bear, such as the number of an order on another platform.
    pub claims: Vec<String>,
    /// Words by which it is found, as keyed tokens with blanks between.
    pub words: String,
    /// The same for matters that the command opens below another one.
    pub part_words: String,
}

/// A command on its way.
pub(crate) struct Envelope {
    /// When it was asked.
    pub at: Time,
    /// By whom.
    pub by: Who,
    /// Key of the sender: the same key is carried out once.
    pub key: Option<String>,
    /// What.
    pub command: Command,
    /// Rows beside.
    pub beside: Beside,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Result<Outcome, AppError>>,
}
