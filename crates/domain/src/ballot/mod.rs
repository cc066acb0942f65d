//! A vote by ballot. Whoever may vote is fixed when it opens, each has one vote on whatever channel, and the result
//! follows from the rule of the body. Of a secret vote nothing here ever holds a voter together with a choice: the roll
//! says only that somebody voted, and the sheets are known as a sum alone.

mod decide;
#[cfg(test)]
mod tests;

pub use decide::{BallotRequest, Marks, cast, close, may_keep, open, paper, void};

use crate::day::Time;
use crate::ids::{AccountId, BallotId, MatterId, RegionId};
use crate::policy::VoteCount;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a sheet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// 赞成.
    Yes,
    /// 反对.
    No,
    /// 弃权.
    Abstain,
}

impl Choice {
    /// As in forms and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Choice::Yes => "yes",
            Choice::No => "no",
            Choice::Abstain => "abstain",
        }
    }

    /// From a form.
    pub fn parse(text: &str) -> Option<Choice> {
        [Choice::Yes, Choice::No, Choice::Abstain].into_iter().find(|c| c.as_str() == text)
    }
}

/// How somebody voted: by their own link, or on a sheet that the clerk enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By the link or code of the voter.
    Phone,
    /// On paper.
    Paper,
}

impl Way {
    /// As in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Way::Phone => "phone",
            Way::Paper => "paper",
        }
    }

    /// From a table.
    pub fn parse(text: &str) -> Option<Way> {
        [Way::Phone, Way::Paper].into_iter().find(|w| w.as_str() == text)
    }
}

/// Sheets by what they say: a sum has no order, so it tells nothing of who put in which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Tally {
    /// For.
    pub yes: i64,
    /// Against.
    pub no: i64,
    /// Abstained.
    pub abstain: i64,
    /// Sheets that say nothing, or too much; only on paper.
    #[serde(default)]
    pub spoilt: i64,
}

impl Tally {
    /// All sheets.
    pub fn sheets(self) -> i64 {
        self.yes + self.no + self.abstain + self.spoilt
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, choice: Choice) -> Tally {
        match choice {
            Choice::Yes => self.yes += 1,
            Choice::No => self.no += 1,
            Choice::Abstain => self.abstain += 1,
        }
        self
    }

    /// Two boxes emptied into one.
    #[must_use]
    pub fn and(self, other: Tally) -> Tally {
        Tally {
            yes: self.yes + other.yes,
            no: self.no + other.no,
            abstain: self.abstain + other.abstain,
            spoilt: self.spoilt + other.spoilt,
        }
    }
}

/// How far a vote is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Votes are taken.
    Open,
    /// Counted.
    Closed,
    /// Called off; nothing was counted.
    Void,
}

impl Stage {
    /// As in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Open => "open",
            Stage::Closed => "closed",
            Stage::Void => "void",
        }
    }
}

/// What opens a vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BallotOpened {
    /// Identity.
    pub id: BallotId,
    /// Matter that is voted on.
    pub matter: MatterId,
    /// Rule of the kind it is taken under.
    pub rule: String,
    /// Its place.
    pub place: RegionId,
    /// Body that votes.
    pub body: String,
    /// 无记名.
    pub secret: bool,
    /// When.
    pub at: Time,
    /// Until when the links may be used.
    pub until: Time,
    /// Who opened it.
    pub opener: Option<AccountId>,
    /// Name of the key that the names are under.
    pub key: String,
    /// From which, with the platform's key, the voters' codes follow.
    pub salt: String,
    /// Digest of each voter's code, in the order of the roll: voter 1 first.
    pub roll: Vec<String>,
    /// Heading and names of the roll, as ciphertext.
    pub names: String,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// When.
    pub at: Time,
    /// Sheets.
    pub tally: Tally,
    /// Heads and votes as the body's rule takes them.
    pub due: i64,
    /// Those who voted.
    pub present: i64,
    /// Carried by the rule.
    pub carried: bool,
    /// The article.
    pub basis: String,
}

/// What happened to a vote. A stored event never changes its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum BallotEvent {
    /// It opened.
    Opened(Box<BallotOpened>),
    /// Votes of an open (记名) ballot: voter, and choice or a sheet taken back.
    Cast {
        /// Vote.
        ballot: BallotId,
        /// How.
        way: Way,
        /// Voters of the roll with what they chose.
        votes: Vec<(i64, Option<Choice>)>,
    },
    /// It closed and was counted. Of a secret vote: who voted, and apart from it the sum.
    Closed {
        /// Vote.
        ballot: BallotId,
        /// Voters who voted, by their place in the roll, with how.
        voted: Vec<(i64, Way)>,
        /// The result.
        counted: Box<Counted>,
    },
    /// It was called off.
    Void {
        /// Vote.
        ballot: BallotId,
        /// When.
        at: Time,
        /// Why, as ciphertext.
        secret: Option<String>,
    },
}

impl BallotEvent {
    /// The vote it belongs to.
    pub fn ballot(&self) -> BallotId {
        match self {
            BallotEvent::Opened(opened) => opened.id,
            BallotEvent::Cast { ballot, .. }
            | BallotEvent::Closed { ballot, .. }
            | BallotEvent::Void { ballot, .. } => *ballot,
        }
    }
}

/// A vote as it stands: the fold of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// What opened it.
    pub opened: BallotOpened,
    /// How far it is.
    pub stage: Stage,
    /// Votes of an open ballot by voter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cast: BTreeMap<i64, (Choice, Way)>,
    /// Those who voted, once it is closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voted: Vec<(i64, Way)>,
    /// The result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
    /// When it was called off, and why as ciphertext.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<(Time, Option<String>)>,
}

impl Ballot {
    /// The first event makes the vote.
    pub fn open(opened: &BallotOpened) -> Ballot {
        Ballot {
            opened: opened.clone(),
            stage: Stage::Open,
            cast: BTreeMap::new(),
            voted: Vec::new(),
            counted: None,
            void: None,
        }
    }

    /// Folds an event in; never fails.
    pub fn apply(&mut self, event: &BallotEvent) {
        match event {
            BallotEvent::Opened(_) => {}
            BallotEvent::Cast { way, votes, .. } => {
                for (voter, choice) in votes {
                    match choice {
                        Some(choice) => self.cast.insert(*voter, (*choice, *way)),
                        None => self.cast.remove(voter),
                    };
                }
            }
            BallotEvent::Closed { voted, counted, .. } => {
                self.stage = Stage::Closed;
                self.voted.clone_from(voted);
                self.counted = Some((**counted).clone());
            }
            BallotEvent::Void { at, secret, .. } => {
                self.stage = Stage::Void;
                self.cast.clear();
                self.void = Some((*at, secret.clone()));
            }
        }
    }

    /// Identity.
    pub fn id(&self) -> BallotId {
        self.opened.id
    }

    /// How many are on the roll.
    pub fn due(&self) -> i64 {
        i64::try_from(self.opened.roll.len()).unwrap_or(i64::MAX)
    }
}

impl Counted {
    /// As a body's rule takes it; spoilt sheets stand with the abstentions.
    pub fn count(due: i64, present: i64, tally: Tally) -> VoteCount {
        VoteCount { due, present, yes: tally.yes, no: tally.no, abstain: tally.abstain + tally.spoilt }
    }
}
