//! From a draft to a transfer: sums are checked, floors are held, lots are chosen, accounts that are new are opened. All
//! of it or nothing.

use super::account::AccountKey;
use super::book::Book;
use super::event::{About, LedgerEvent, Leg, Moved, Opening};
use super::lots::{self, Changes};
use super::record::{Record, RecordKey};
use super::{MOST, Next, count, under};
use crate::day::{Day, Time};
use crate::ids::{LedgerId, RegionId, TransferId};
use crate::policy::{AccountKind, LedgerRules, TransferKind};
use crate::refusal::Refusal;
use std::collections::BTreeMap;

/// A leg that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftLeg {
    /// Account.
    pub key: AccountKey,
    /// Place of its owner, for an account that is new.
    pub place: RegionId,
    /// Amount; negative takes.
    pub n: i64,
    /// Lots to take from, or to fill, before others, with how much at most.
    pub first: Changes,
    /// How far below zero an account with lots may go by it.
    pub may_owe: i64,
}

/// A transfer that is wanted.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Its kind.
    pub kind: &'a TransferKind,
    /// Day it counts on.
    pub day: Day,
    /// Legs; several on one account are added up.
    pub legs: Vec<DraftLeg>,
    /// Pending until then.
    pub until: Option<Time>,
    /// The transfer it takes back.
    pub reverses: Option<TransferId>,
    /// What it is about.
    pub about: About,
}

/// Books a draft: the events that open accounts and make the transfer.
pub fn book_draft(
    rules: &LedgerRules,
    book: &Book,
    next: Next<'_>,
    draft: Draft<'_>,
) -> Result<Vec<LedgerEvent>, Refusal> {
    let legs = added_up(draft.legs)?;
    balanced(&legs)?;
    let mut events = Vec::new();
    let mut booked = Vec::with_capacity(legs.len());
    for leg in &legs {
        let kind = kind_of(rules, leg, draft.kind)?;
        let account = match book.find(&leg.key) {
            Some(found) => found.id,
            None => {
                if !book.knows(&leg.key) {
                    return Err(Refusal::new("ledger_not_at_hand"));
                }
                let opening = Opening {
                    id: LedgerId(next()),
                    kind: leg.key.kind.clone(),
                    owner: leg.key.owner,
                    unit: leg.key.unit.clone(),
                    place: leg.place,
                    lots: kind.lots,
                };
                let id = opening.id;
                events.push(LedgerEvent::Opened(opening));
                id
            }
        };
        booked.push((account, kind));
    }
    let pending = draft.until.is_some();
    let floor = Floor { rules, kind: draft.kind, book, day: draft.day };
    let mut out = Vec::with_capacity(legs.len());
    for (leg, (account, kind)) in legs.iter().zip(&booked) {
        let changes =
            if leg.n < 0 { floor.take(leg, *account, kind)? } else { floor.give(leg, *account, kind, pending)? };
        let lasts = kind.lots && leg.n > 0 && !pending;
        let expires = if lasts { rules.last_day(&leg.key.unit, draft.day) } else { None };
        out.push(Leg { account: *account, n: leg.n, lots: changes, expires });
    }
    let keys: Vec<AccountKey> = legs.into_iter().map(|l| l.key).collect();
    let counts = !pending && draft.reverses.is_none();
    let party = party_kind(book, &draft.about);
    let facts =
        if counts { count::facts(rules, &draft.kind.id, &out, &keys, &draft.about, &party) } else { Vec::new() };
    events.push(LedgerEvent::Moved(Box::new(Moved {
        id: TransferId(next()),
        kind: draft.kind.id.clone(),
        day: draft.day,
        legs: out,
        until: draft.until,
        reverses: draft.reverses,
        facts,
        about: draft.about,
    })));
    Ok(events)
}

/// Kind of the party a transfer is made at.
pub(super) fn party_kind(book: &Book, about: &About) -> String {
    let record = about.party.and_then(|id| book.record(&RecordKey::party(id)));
    match record {
        Some(Record::Party(party)) => party.kind.clone(),
        _ => String::new(),
    }
}

fn kind_of<'a>(rules: &'a LedgerRules, leg: &DraftLeg, transfer: &TransferKind) -> Result<&'a AccountKind, Refusal> {
    let kind = rules.account(&leg.key.kind).filter(|k| rules.keeps(k, &leg.key.unit));
    let fault = || format!("{}: {} / {}", transfer.id, leg.key.kind, leg.key.unit);
    kind.ok_or_else(|| Refusal::new("pack").with("fault", fault()))
}

/// Legs on one account as one, in the order they first came; those that come to nothing fall away.
fn added_up(legs: Vec<DraftLeg>) -> Result<Vec<DraftLeg>, Refusal> {
    let mut out: Vec<DraftLeg> = Vec::with_capacity(legs.len());
    for leg in legs {
        match out.iter_mut().find(|l| l.key == leg.key) {
            Some(same) => {
                same.n = same.n.checked_add(leg.n).ok_or_else(|| Refusal::new("ledger_amount"))?;
                same.first.extend(leg.first);
                same.may_owe = same.may_owe.max(leg.may_owe);
            }
            None => out.push(leg),
        }
    }
    out.retain(|l| l.n != 0);
    if out.iter().any(|l| l.n.abs() > MOST) {
        return Err(Refusal::new("ledger_amount"));
    }
    if out.is_empty() {
        return Err(Refusal::new("ledger_nothing"));
    }
    Ok(out)
}

fn balanced(legs: &[DraftLeg]) -> Result<(), Refusal> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for leg in legs {
        *sums.entry(leg.key.unit.as_str()).or_default() += leg.n;
    }
    match sums.iter().find(|(_, n)| **n != 0) {
        Some((unit, _)) => Err(Refusal::new("ledger_unbalanced").with("unit", unit)),
        None => Ok(()),
    }
}

/// What accounts may be taken from, and how far.
struct Floor<'a> {
    rules: &'a LedgerRules,
    kind: &'a TransferKind,
    book: &'a Book,
    day: Day,
}

impl Floor<'_> {
    /// Lots that a debit takes; refused where it would go below what it may.
    fn take(&self, leg: &DraftLeg, account: LedgerId, kind: &AccountKind) -> Result<Changes, Refusal> {
        let found = self.book.account(account);
        let free = found.map_or(0, super::Account::free);
        if free.checked_add(leg.n).is_none_or(|n| n.abs() > MOST * 1000) {
            return Err(Refusal::new("ledger_amount"));
        }
        if !kind.lots {
            let enough = kind.below_zero || free + leg.n >= 0;
            return if enough { Ok(Changes::new()) } else { Err(self.short(leg, kind, free)) };
        }
        self.at_hand(account)?;
        let have = lots::free(self.book, account, self.day, &leg.first);
        let may_owe = if kind.below_zero { i64::MAX } else { leg.may_owe };
        if -leg.n > have.saturating_add(may_owe) {
            return Err(self.short(leg, kind, have));
        }
        let (mut taken, left) = lots::take(self.book, account, -leg.n, self.day, &leg.first);
        lots::owe_again(self.book, account, &mut taken, left, &leg.first);
        Ok(taken)
    }

    /// Debts that a credit pays and lots it fills. A pending credit decides that when it is posted.
    fn give(&self, leg: &DraftLeg, account: LedgerId, kind: &AccountKind, pending: bool) -> Result<Changes, Refusal> {
        let balance = self.book.account(account).map_or(0, |a| a.balance);
        if balance.checked_add(leg.n).is_none_or(|n| n.abs() > MOST * 1000) {
            return Err(Refusal::new("ledger_amount"));
        }
        if !kind.lots || pending {
            return Ok(Changes::new());
        }
        let owes = self.book.account(account).is_some_and(|a| a.debt > 0);
        if !owes && leg.first.is_empty() {
            return Ok(Changes::new());
        }
        self.at_hand(account)?;
        Ok(lots::give(self.book, account, leg.n, &leg.first))
    }

    /// An account whose lots were not loaded must not be decided upon.
    fn at_hand(&self, account: LedgerId) -> Result<(), Refusal> {
        let known = self.book.account(account).is_none_or(|a| a.lots_known);
        if known { Ok(()) } else { Err(Refusal::new("ledger_not_at_hand")) }
    }

    fn short(&self, leg: &DraftLeg, kind: &AccountKind, have: i64) -> Refusal {
        let unit = self.rules.unit(&leg.key.unit);
        under("ledger_short", &self.kind.name, &self.kind.basis)
            .with("account", &kind.name)
            .with("unit", unit.map_or(leg.key.unit.as_str(), |u| u.name.as_str()))
            .with("word", unit.map_or("", |u| u.word.as_str()))
            .with("have", have.max(0))
            .with("need", -leg.n)
    }
}
