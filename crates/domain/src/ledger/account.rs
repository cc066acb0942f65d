//! Accounts and lots as they stand. A balance is the sum of an account's legs; where the account keeps lots, it is also
//! the sum of what rests of them, debts included.

use crate::day::Day;
use crate::ids::{LedgerId, RegionId};
use serde::{Deserialize, Serialize};

/// What an account is known by: its kind, whose it is, and its unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountKey {
    /// Kind of account in the pack.
    pub kind: String,
    /// Household, party or region.
    pub owner: i64,
    /// Unit.
    pub unit: String,
}

impl AccountKey {
    /// A key from its parts.
    pub fn new(kind: &str, owner: i64, unit: &str) -> AccountKey {
        AccountKey { kind: kind.to_owned(), owner, unit: unit.to_owned() }
    }

    /// One text for a column.
    pub fn text(&self) -> String {
        format!("{}/{}/{}", self.kind, self.owner, self.unit)
    }
}

/// An account as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Identity.
    pub id: LedgerId,
    /// Kind, owner and unit.
    pub key: AccountKey,
    /// Place of the owner when it was opened: the place of its facts.
    pub place: RegionId,
    /// Sum of its legs.
    pub balance: i64,
    /// Held by pending transfers.
    pub held: i64,
    /// What it owes from debits that found nothing left.
    pub debt: i64,
    /// It keeps lots.
    pub lots: bool,
    /// Earliest end among lots that are not used up.
    pub expires: Option<Day>,
    /// Lines in its statement.
    pub lines: i64,
    /// All its lots that are not used up are at hand; nothing may be taken from it otherwise.
    pub lots_known: bool,
}

impl Account {
    /// What can be taken without going below zero.
    pub fn free(&self) -> i64 {
        self.balance.saturating_sub(self.held)
    }
}

/// One credit with an end of its own, or what an account owes from a debit that found nothing left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// Day it was made.
    pub made: Day,
    /// Last day it can be used; `None` for good.
    pub expires: Option<Day>,
    /// What it began with; negative for a debt.
    pub amount: i64,
    /// What is left of it.
    pub rest: i64,
    /// Held by pending transfers.
    pub held: i64,
}

impl Lot {
    /// What a debit on this day may take.
    pub fn usable(&self, day: Day) -> i64 {
        if self.expires.is_some_and(|last| last < day) { 0 } else { (self.rest - self.held).max(0) }
    }

    /// What has run out by this day and is held by nothing.
    pub fn run_out(&self, day: Day) -> i64 {
        if self.expires.is_some_and(|last| last < day) { (self.rest - self.held).max(0) } else { 0 }
    }
}
