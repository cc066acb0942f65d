//! What happened to the ledger, with everything decided. An entry is written for every transfer of a county's life, so
//! names are one letter long and what is usual is left out.

use super::record::Record;
use crate::day::{Day, Time};
use crate::ids::{AccountId, LedgerId, MatterId, PartyId, RegionId, TransferId};
use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// One thing that happened to the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum LedgerEvent {
    /// An account was opened.
    Opened(Opening),
    /// A transfer was made, or reserved.
    Moved(Box<Moved>),
    /// A pending transfer was posted or given up.
    Settled(Settled),
    /// Something that transfers are judged by was recorded: a party, a price, a consent, a notice.
    Recorded(Record),
}

/// A new account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Identity.
    #[serde(rename = "i")]
    pub id: LedgerId,
    /// Kind.
    #[serde(rename = "k")]
    pub kind: String,
    /// Owner.
    #[serde(rename = "o")]
    pub owner: i64,
    /// Unit.
    #[serde(rename = "u")]
    pub unit: String,
    /// Place of the owner.
    #[serde(rename = "p")]
    pub place: RegionId,
    /// It keeps lots.
    #[serde(rename = "x", default, skip_serializing_if = "is_false")]
    pub lots: bool,
}

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Identity.
    #[serde(rename = "i")]
    pub id: TransferId,
    /// Kind of transfer in the pack.
    #[serde(rename = "k")]
    pub kind: String,
    /// Day it counts on.
    #[serde(rename = "d")]
    pub day: Day,
    /// Legs; they sum to zero in each unit.
    #[serde(rename = "l")]
    pub legs: Vec<Leg>,
    /// Pending until then.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The transfer that this one takes back.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<TransferId>,
    /// What is counted.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<LegFact>,
    /// What it is about.
    #[serde(rename = "a", default, skip_serializing_if = "About::is_plain")]
    pub about: About,
}

/// What a transfer is about: its rule and version, who proposed and who reviewed it, what was handed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Household.
    #[serde(rename = "h", default, skip_serializing_if = "is_zero")]
    pub household: i64,
    /// Party.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// Code of the points rule.
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// Version of the rule: its first day.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Day>,
    /// How many times.
    #[serde(rename = "n", default, skip_serializing_if = "is_zero")]
    pub times: i64,
    /// Used of the rule's cap: first day of the period, and how much.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub used: Option<(Day, i64)>,
    /// Matter behind it.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub matter: Option<MatterId>,
    /// Account that made it.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// Account that proposed it; none when the household did so itself.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub proposer: Option<AccountId>,
    /// Account that reviewed it.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<AccountId>,
    /// First and last day it was shown in public.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<(Day, Day)>,
    /// Pieces of evidence.
    #[serde(rename = "e", default, skip_serializing_if = "is_none_yet")]
    pub evidence: u32,
    /// What was handed over.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<TradeLine>,
    /// Money added, in 分.
    #[serde(rename = "y", default, skip_serializing_if = "is_zero")]
    pub cash: i64,
    /// A reason in words, as ciphertext, with the name of its key.
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none")]
    pub words: Option<(String, String)>,
}

impl About {
    fn is_plain(&self) -> bool {
        *self == About::default()
    }
}

/// One line of a trade or of a stocktaking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeLine {
    /// Good or service.
    #[serde(rename = "i")]
    pub item: String,
    /// How many; negative when the household handed it in.
    #[serde(rename = "n")]
    pub n: i64,
    /// Points for all of them.
    #[serde(rename = "p", default, skip_serializing_if = "is_zero")]
    pub points: i64,
    /// What they cost the budget, in 分.
    #[serde(rename = "v", default, skip_serializing_if = "is_zero")]
    pub value: i64,
}

/// How a pending transfer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It counts.
    Posted,
    /// It was given up.
    Void,
    /// Its time ran out.
    Lapsed,
}

/// The end of a pending transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Which.
    #[serde(rename = "i")]
    pub id: TransferId,
    /// How.
    #[serde(rename = "h")]
    pub how: How,
    /// Day it counts on.
    #[serde(rename = "d")]
    pub day: Day,
    /// Legs as they are posted.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<Leg>,
    /// What is counted.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<LegFact>,
    /// First and last day it was shown in public.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<(Day, Day)>,
}

/// One leg: account and amount; where the account keeps lots, what it takes from or gives to lots that are there. What
/// is left over makes a lot of this transfer's own, or a debt. Stored as `[account, amount, [[lot, n]], last day]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Account.
    pub account: LedgerId,
    /// Amount; negative takes.
    pub n: i64,
    /// Changes to lots that are there.
    pub lots: Vec<(TransferId, i64)>,
    /// Last day of the lot it makes.
    pub expires: Option<Day>,
}

impl Leg {
    /// What goes into a lot of its own.
    pub fn own(&self) -> i64 {
        self.n - self.lots.iter().map(|(_, n)| n).sum::<i64>()
    }
}

impl Serialize for Leg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        seq.serialize_element(&self.account)?;
        seq.serialize_element(&self.n)?;
        if !self.lots.is_empty() || self.expires.is_some() {
            seq.serialize_element(&self.lots)?;
        }
        if let Some(day) = self.expires {
            seq.serialize_element(&day)?;
        }
        seq.end()
    }
}

impl<'de> Deserialize<'de> for Leg {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Leg, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Leg;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("[account, amount, lots, last day]")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Leg, A::Error> {
                let short = || A::Error::custom("a leg has an account and an amount");
                Ok(Leg {
                    account: seq.next_element()?.ok_or_else(short)?,
                    n: seq.next_element()?.ok_or_else(short)?,
                    lots: seq.next_element()?.unwrap_or_default(),
                    expires: seq.next_element()?,
                })
            }
        }
        deserializer.deserialize_seq(Parts)
    }
}

/// A fact of a leg: measure, bucket, which leg, how much. Place and subject are the account's, the day the transfer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegFact(pub String, pub String, pub usize, pub i64);

fn is_zero(n: &i64) -> bool {
    *n == 0
}

fn is_none_yet(n: &u32) -> bool {
    *n == 0
}

fn is_false(b: &bool) -> bool {
    !*b
}
