//! The part of the books that is at hand: what a group of commands asked for, or everything in a replay. Folding an
//! event changes balances, lots and uses; it asks nothing and cannot fail.

use super::account::{Account, AccountKey, Lot};
use super::event::{How, LedgerEvent, Leg, LegFact, Moved, Opening, Settled};
use super::record::{Record, RecordKey};
use super::wants::Wants;
use crate::day::{Day, Time};
use crate::fact::Fact;
use crate::ids::{LedgerId, MatterId, TransferId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It counts.
    Posted,
    /// It holds what it would take, until it is posted or given up.
    Pending,
    /// Given up.
    Void,
    /// Its time ran out.
    Lapsed,
}

impl Status {
    /// The word in the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Posted => "posted",
            Status::Pending => "pending",
            Status::Void => "void",
            Status::Lapsed => "lapsed",
        }
    }

    /// The reverse of [`Status::as_str`].
    pub fn parse(text: &str) -> Option<Status> {
        [Status::Posted, Status::Pending, Status::Void, Status::Lapsed].into_iter().find(|s| s.as_str() == text)
    }
}

/// A transfer as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The transfer; its legs, facts and day are those under which it was posted.
    pub moved: Moved,
    /// Entry that made it.
    pub seq: i64,
    /// When it was made.
    pub at: Time,
    /// How it stands.
    pub status: Status,
    /// The transfer that took it back.
    pub reversed: Option<TransferId>,
}

/// A line of an account's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Account.
    pub account: LedgerId,
    /// Number of the line, from 1.
    pub n: i64,
    /// Transfer.
    pub transfer: TransferId,
    /// Amount.
    pub amount: i64,
    /// Balance after it.
    pub balance: i64,
}

/// What folding an event touched, so that the tables can follow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Accounts.
    pub accounts: BTreeSet<LedgerId>,
    /// Lots.
    pub lots: BTreeSet<(LedgerId, TransferId)>,
    /// Transfers.
    pub transfers: BTreeSet<TransferId>,
    /// Uses of caps.
    pub uses: BTreeSet<Use>,
    /// Records.
    pub records: BTreeSet<RecordKey>,
    /// New lines of statements.
    pub lines: Vec<Line>,
    /// Facts with the account they belong to.
    pub facts: Vec<(LedgerId, Fact)>,
}

/// A cap's use: household, rule, first day of the period.
pub type Use = (i64, String, Day);

/// The part of the books at hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    accounts: HashMap<LedgerId, Account>,
    by_key: HashMap<AccountKey, LedgerId>,
    lots: BTreeMap<(LedgerId, TransferId), Lot>,
    transfers: HashMap<TransferId, Booked>,
    uses: HashMap<Use, i64>,
    records: BTreeMap<RecordKey, Record>,
    /// Transfers of matters.
    by_matter: BTreeMap<MatterId, BTreeSet<TransferId>>,
    /// What was looked for, whether it is there or not.
    pub(super) asked: Wants,
}

impl Book {
    /// An account by id.
    pub fn account(&self, id: LedgerId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    /// An account by key.
    pub fn find(&self, key: &AccountKey) -> Option<&Account> {
        self.by_key.get(key).and_then(|id| self.accounts.get(id))
    }

    /// Whether a key was looked for, found or not.
    pub fn knows(&self, key: &AccountKey) -> bool {
        self.by_key.contains_key(key) || self.asked.keys.contains(key)
    }

    /// Accounts at hand.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// Lots of an account, as they were made.
    pub fn lots(&self, account: LedgerId) -> impl Iterator<Item = (TransferId, &Lot)> {
        let (first, last) = ((account, TransferId(i64::MIN)), (account, TransferId(i64::MAX)));
        self.lots.range(first..=last).map(|((_, id), lot)| (*id, lot))
    }

    /// A lot.
    pub fn lot(&self, account: LedgerId, id: TransferId) -> Option<&Lot> {
        self.lots.get(&(account, id))
    }

    /// All lots at hand.
    pub fn all_lots(&self) -> impl Iterator<Item = (&(LedgerId, TransferId), &Lot)> {
        self.lots.iter()
    }

    /// A transfer.
    pub fn transfer(&self, id: TransferId) -> Option<&Booked> {
        self.transfers.get(&id)
    }

    /// Transfers at hand.
    pub fn transfers(&self) -> impl Iterator<Item = &Booked> {
        self.transfers.values()
    }

    /// What was used of a cap.
    pub fn used(&self, key: &Use) -> i64 {
        self.uses.get(key).copied().unwrap_or(0)
    }

    /// Whether a cap's use was looked for.
    pub fn knows_use(&self, key: &Use) -> bool {
        self.uses.contains_key(key) || self.asked.uses.contains(key)
    }

    /// All uses of caps at hand.
    pub fn uses(&self) -> impl Iterator<Item = (&Use, i64)> {
        self.uses.iter().map(|(key, n)| (key, *n))
    }

    /// A record.
    pub fn record(&self, key: &RecordKey) -> Option<&Record> {
        self.records.get(key)
    }

    /// All records at hand.
    pub fn records(&self) -> impl Iterator<Item = (&RecordKey, &Record)> {
        self.records.iter()
    }

    /// Takes in an account that was read; what is at hand already is newer.
    pub fn hold_account(&mut self, account: Account) {
        self.by_key.insert(account.key.clone(), account.id);
        self.accounts.entry(account.id).or_insert(account);
    }

    /// Notes what was looked for: what did not turn up is not there.
    pub fn hold_asked(&mut self, wants: Wants) {
        self.asked.extend(wants);
    }

    /// Transfers of a matter.
    pub fn of_matter(&self, matter: MatterId) -> impl Iterator<Item = TransferId> {
        self.by_matter.get(&matter).into_iter().flatten().copied()
    }

    /// Takes in all lots of an account that are not used up.
    pub fn hold_lots(&mut self, account: LedgerId, lots: impl IntoIterator<Item = (TransferId, Lot)>) {
        for (id, lot) in lots {
            self.lots.entry((account, id)).or_insert(lot);
        }
        if let Some(account) = self.accounts.get_mut(&account) {
            account.lots_known = true;
        }
    }

    /// Takes in one lot.
    pub fn hold_lot(&mut self, account: LedgerId, id: TransferId, lot: Lot) {
        self.lots.entry((account, id)).or_insert(lot);
    }

    /// Takes in a transfer.
    pub fn hold_transfer(&mut self, booked: Booked) {
        if let Some(matter) = booked.moved.about.matter {
            self.by_matter.entry(matter).or_default().insert(booked.moved.id);
        }
        self.transfers.entry(booked.moved.id).or_insert(booked);
    }

    /// Takes in the use of a cap.
    pub fn hold_use(&mut self, key: Use, n: i64) {
        self.uses.entry(key).or_insert(n);
    }

    /// Takes in a record.
    pub fn hold_record(&mut self, record: Record) {
        self.records.entry(record.key()).or_insert(record);
    }

    /// Folds an event in.
    pub fn apply(&mut self, event: &LedgerEvent, seq: i64, at: Time) -> Touched {
        let mut touched = Touched::default();
        match event {
            LedgerEvent::Opened(opening) => self.open(opening, &mut touched),
            // The same transfer twice changes nothing the second time.
            LedgerEvent::Moved(moved) if self.transfers.contains_key(&moved.id) => {}
            LedgerEvent::Moved(moved) => self.take(moved, seq, at, &mut touched),
            LedgerEvent::Settled(settled) => self.settle(settled, &mut touched),
            LedgerEvent::Recorded(record) => {
                let key = record.key();
                self.records.insert(key.clone(), record.clone());
                touched.records.insert(key);
            }
        }
        touched
    }

    fn open(&mut self, opening: &Opening, touched: &mut Touched) {
        let key = AccountKey { kind: opening.kind.clone(), owner: opening.owner, unit: opening.unit.clone() };
        self.by_key.insert(key.clone(), opening.id);
        let account = Account {
            id: opening.id,
            key,
            place: opening.place,
            balance: 0,
            held: 0,
            debt: 0,
            lots: opening.lots,
            expires: None,
            lines: 0,
            lots_known: true,
        };
        self.accounts.insert(opening.id, account);
        touched.accounts.insert(opening.id);
    }

    fn take(&mut self, moved: &Moved, seq: i64, at: Time, touched: &mut Touched) {
        let status = if moved.until.is_some() { Status::Pending } else { Status::Posted };
        let booked = Booked { moved: moved.clone(), seq, at, status, reversed: None };
        self.use_cap(moved, 1, touched);
        if status == Status::Pending {
            self.hold(&moved.legs, 1, touched);
        } else {
            self.post(moved.id, moved.day, &moved.legs, touched);
            self.count(moved.day, &moved.legs, &moved.facts, 1, touched);
        }
        if let Some(original) = moved.reverses
            && let Some(old) = self.transfers.get_mut(&original)
        {
            old.reversed = Some(moved.id);
            let taken_back = old.moved.clone();
            touched.transfers.insert(original);
            self.use_cap(&taken_back, -1, touched);
            self.count(taken_back.day, &taken_back.legs, &taken_back.facts, -1, touched);
        }
        touched.transfers.insert(moved.id);
        self.hold_transfer(booked);
    }

    fn settle(&mut self, settled: &Settled, touched: &mut Touched) {
        let Some(booked) = self.transfers.get_mut(&settled.id).filter(|b| b.status == Status::Pending) else { return };
        let pending = booked.moved.clone();
        booked.status = match settled.how {
            How::Posted => Status::Posted,
            How::Void => Status::Void,
            How::Lapsed => Status::Lapsed,
        };
        if settled.how == How::Posted {
            booked.moved.day = settled.day;
            booked.moved.legs.clone_from(&settled.legs);
            booked.moved.facts.clone_from(&settled.facts);
            booked.moved.about.shown = settled.shown.or(booked.moved.about.shown);
        }
        touched.transfers.insert(settled.id);
        self.hold(&pending.legs, -1, touched);
        if settled.how == How::Posted {
            self.post(settled.id, settled.day, &settled.legs, touched);
            self.count(settled.day, &settled.legs, &settled.facts, 1, touched);
        } else {
            self.use_cap(&pending, -1, touched);
        }
    }

    /// Holds, or lets go, what the legs would take.
    fn hold(&mut self, legs: &[Leg], sign: i64, touched: &mut Touched) {
        for leg in legs.iter().filter(|l| l.n < 0) {
            let Some(account) = self.accounts.get_mut(&leg.account) else { continue };
            // What finds no lot is not held: it will be owed.
            let n = if account.lots { leg.lots.iter().map(|(_, n)| n).sum() } else { leg.n };
            account.held -= sign * n;
            touched.accounts.insert(leg.account);
            for (id, n) in &leg.lots {
                if let Some(lot) = self.lots.get_mut(&(leg.account, *id)) {
                    lot.held -= sign * n;
                    touched.lots.insert((leg.account, *id));
                }
            }
        }
    }

    fn post(&mut self, id: TransferId, day: Day, legs: &[Leg], touched: &mut Touched) {
        for leg in legs {
            let Some(account) = self.accounts.get_mut(&leg.account) else { continue };
            account.balance += leg.n;
            account.lines += 1;
            let line =
                Line { account: leg.account, n: account.lines, transfer: id, amount: leg.n, balance: account.balance };
            touched.lines.push(line);
            touched.accounts.insert(leg.account);
            if account.lots {
                self.post_lots(id, day, leg, touched);
            }
        }
    }

    fn post_lots(&mut self, id: TransferId, day: Day, leg: &Leg, touched: &mut Touched) {
        let own = leg.own();
        let mut debt = (-own).max(0);
        for (lot, n) in &leg.lots {
            if let Some(found) = self.lots.get_mut(&(leg.account, *lot)) {
                let before = (-found.rest).max(0);
                found.rest += n;
                debt += (-found.rest).max(0) - before;
                touched.lots.insert((leg.account, *lot));
            }
        }
        if own != 0 {
            let lot = Lot { made: day, expires: leg.expires, amount: own, rest: own, held: 0 };
            self.lots.insert((leg.account, id), lot);
            touched.lots.insert((leg.account, id));
        }
        // A credit can only bring the earliest end forward; after a debit, and after a credit that filled a lot up
        // again, what is left says which it is.
        let earliest = if leg.lots.is_empty() && leg.n > 0 {
            let known = self.accounts.get(&leg.account).and_then(|a| a.expires);
            [known, leg.expires].into_iter().flatten().min()
        } else {
            self.lots(leg.account).filter(|(_, lot)| lot.rest > 0).filter_map(|(_, lot)| lot.expires).min()
        };
        if let Some(account) = self.accounts.get_mut(&leg.account) {
            account.expires = earliest;
            account.debt += debt;
        }
    }

    fn use_cap(&mut self, moved: &Moved, sign: i64, touched: &mut Touched) {
        if let Some((start, n)) = moved.about.used {
            let key = (moved.about.household, moved.about.rule.clone(), start);
            *self.uses.entry(key.clone()).or_default() += sign * n;
            touched.uses.insert(key);
        }
    }

    fn count(&self, day: Day, legs: &[Leg], facts: &[LegFact], sign: i64, touched: &mut Touched) {
        for LegFact(measure, bucket, leg, n) in facts {
            let Some(account) = legs.get(*leg).and_then(|l| self.accounts.get(&l.account)) else { continue };
            let fact = Fact {
                measure: measure.clone(),
                bucket: bucket.clone(),
                place: account.place,
                day,
                cohort: day,
                delta: sign * n,
            };
            touched.facts.push((account.id, fact));
        }
    }
}
