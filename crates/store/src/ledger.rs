//! The ledger's tables: what a group writes, and the part of the books a group's decisions want, each with one statement
//! per table. Balances are never summed up when they are read; they stand in the account's row.

use crate::dialect::{Arg, Pool, Row, Table, Tx};
use crate::error::StoreError;
use std::collections::BTreeMap;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::ids::{LedgerId, RegionId, TransferId};
use xiangyue_domain::ledger::{Account, AccountKey, Book, Booked, Line, Lot, Record, Status, Touched, Use, Wants};

const ACCOUNT: Table = Table {
    name: "ledger_account",
    columns: &[
        ("realm", 'i'),
        ("key", 't'),
        ("id", 'i'),
        ("place", 'i'),
        ("lots", 'i'),
        ("balance", 'i'),
        ("held", 'i'),
        ("debt", 'i'),
        ("expires", 'i'),
        ("lines", 'i'),
    ],
    conflict: "on conflict (realm, key) do update set balance = excluded.balance, held = excluded.held,
      debt = excluded.debt, expires = excluded.expires, lines = excluded.lines",
};
const TRANSFER: Table = Table {
    name: "ledger_transfer",
    columns: &[
        ("realm", 'i'),
        ("id", 'i'),
        ("seq", 'i'),
        ("at", 'i'),
        ("status", 't'),
        ("until", 'i'),
        ("matter", 'i'),
        ("reversed", 'i'),
        ("state", 't'),
    ],
    conflict: "on conflict (realm, id) do update set status = excluded.status, until = excluded.until,
      reversed = excluded.reversed, state = excluded.state",
};
const LEG: Table = Table {
    name: "ledger_leg",
    columns: &[("realm", 'i'), ("account", 'i'), ("n", 'i'), ("transfer", 'i'), ("amount", 'i'), ("balance", 'i')],
    conflict: "",
};
const LOT: Table = Table {
    name: "ledger_lot",
    columns: &[
        ("realm", 'i'),
        ("account", 'i'),
        ("lot", 'i'),
        ("made", 'i'),
        ("expires", 'i'),
        ("amount", 'i'),
        ("rest", 'i'),
        ("held", 'i'),
    ],
    conflict: "on conflict (realm, account, lot) do update set rest = excluded.rest, held = excluded.held",
};
const USE: Table = Table {
    name: "ledger_use",
    columns: &[("realm", 'i'), ("key", 't'), ("n", 'i')],
    conflict: "on conflict (realm, key) do update set n = excluded.n",
};
const RECORD: Table = Table {
    name: "ledger_record",
    columns: &[("realm", 'i'), ("what", 't'), ("owner", 'i'), ("item", 't'), ("state", 't')],
    conflict: "on conflict (realm, what, owner, item) do update set state = excluded.state",
};

/// What a group changed in the ledger, as it stands after the group.
#[derive(Debug, Default)]
pub struct LedgerRows {
    accounts: BTreeMap<String, Vec<Arg>>,
    transfers: BTreeMap<TransferId, Vec<Arg>>,
    lines: BTreeMap<(LedgerId, i64), Vec<Arg>>,
    lots: BTreeMap<(LedgerId, TransferId), Vec<Arg>>,
    uses: BTreeMap<Use, i64>,
    records: BTreeMap<(&'static str, i64, String), String>,
}

impl LedgerRows {
    /// Takes in what folding an event touched.
    pub fn follow(&mut self, book: &Book, touched: &Touched) {
        for account in touched.accounts.iter().filter_map(|id| book.account(*id)) {
            let key = account.key.text();
            let row = account_row(account, &key);
            self.accounts.insert(key, row);
        }
        for booked in touched.transfers.iter().filter_map(|id| book.transfer(*id)) {
            self.transfers.insert(booked.moved.id, transfer_row(booked));
        }
        for line in &touched.lines {
            self.lines.insert((line.account, line.n), line_row(line));
        }
        for (account, id) in &touched.lots {
            if let Some(lot) = book.lot(*account, *id) {
                self.lots.insert((*account, *id), lot_row(*account, *id, lot));
            }
        }
        for key in &touched.uses {
            self.uses.insert(key.clone(), book.used(key));
        }
        for (key, record) in touched.records.iter().filter_map(|k| book.record(k).map(|r| (k, r))) {
            self.records.insert((key.what, key.owner, key.item.clone()), text(record));
        }
    }

    /// The rows of each table, as they go into the group's transaction.
    pub(crate) fn sets(self, realm: i64) -> Vec<(&'static Table, Vec<Vec<Arg>>)> {
        let r = Arg::Int(realm);
        let with = |row: Vec<Arg>| std::iter::once(r.clone()).chain(row).collect::<Vec<Arg>>();
        let uses = self.uses.into_iter().map(|(key, n)| vec![use_key(&key).into(), n.into()]);
        let records = self
            .records
            .into_iter()
            .map(|((what, owner, item), state)| vec![what.into(), owner.into(), item.into(), state.into()]);
        vec![
            (&ACCOUNT, self.accounts.into_values().map(with).collect()),
            (&TRANSFER, self.transfers.into_values().map(with).collect()),
            (&LEG, self.lines.into_values().map(with).collect()),
            (&LOT, self.lots.into_values().map(with).collect()),
            (&USE, uses.map(with).collect()),
            (&RECORD, records.map(with).collect()),
        ]
    }
}

fn text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn day(day: Option<Day>) -> Arg {
    Arg::from(day.map(|d| i64::from(d.0)))
}

/// The text a cap's use is found by: household, first day of the period, rule.
pub fn use_key((household, rule, start): &Use) -> String {
    format!("{household}/{}/{rule}", start.0)
}

/// An account's columns after the realm.
pub fn account_row(account: &Account, key: &str) -> Vec<Arg> {
    vec![
        key.into(),
        account.id.0.into(),
        account.place.0.into(),
        i64::from(account.lots).into(),
        account.balance.into(),
        account.held.into(),
        account.debt.into(),
        day(account.expires),
        account.lines.into(),
    ]
}

/// A transfer's columns after the realm.
pub fn transfer_row(booked: &Booked) -> Vec<Arg> {
    let until = booked.moved.until.filter(|_| booked.status == Status::Pending);
    vec![
        booked.moved.id.0.into(),
        booked.seq.into(),
        booked.at.0.into(),
        booked.status.as_str().into(),
        Arg::from(until.map(|t| t.0)),
        Arg::from(booked.moved.about.matter.map(|m| m.0)),
        Arg::from(booked.reversed.map(|t| t.0)),
        text(&booked.moved).into(),
    ]
}

/// A line's columns after the realm.
pub fn line_row(line: &Line) -> Vec<Arg> {
    vec![line.account.0.into(), line.n.into(), line.transfer.0.into(), line.amount.into(), line.balance.into()]
}

/// A lot's columns after the realm.
pub fn lot_row(account: LedgerId, id: TransferId, lot: &Lot) -> Vec<Arg> {
    vec![
        account.0.into(),
        id.0.into(),
        i64::from(lot.made.0).into(),
        day(lot.expires),
        lot.amount.into(),
        lot.rest.into(),
        lot.held.into(),
    ]
}

fn day_at(row: &Row, i: usize) -> Option<Day> {
    row.maybe(i).map(|n| Day(i32::try_from(n).unwrap_or(0)))
}

const ACCOUNTS_BY_KEY: &str = "select key, id, place, lots, balance, held, debt, expires, lines from ledger_account
  where realm = $1 and key in (json_texts($2))";
const ACCOUNTS_BY_ID: &str = "select key, id, place, lots, balance, held, debt, expires, lines from ledger_account
  where realm = $1 and id in (json_ints($2))";
const TRANSFERS: &str = "select id, seq, at, status, reversed, state from ledger_transfer
  where realm = $1 and id in (json_ints($2))";
// The inner part is answered by the index of matters alone; asked at once, SQLite would walk the whole key.
const OF_MATTERS: &str = "select id, seq, at, status, reversed, state from ledger_transfer
  where realm = $1 and id in (select id from ledger_transfer where realm = $1 and matter in (json_ints($2))) order by id";
const OPEN_LOTS: &str = "select account, lot, made, expires, amount, rest, held from ledger_lot
  where realm = $1 and account in (json_ints($2)) and rest <> 0";
const SOME_LOTS: &str = "select account, lot, made, expires, amount, rest, held from ledger_lot
  where realm = $1 and account in (json_ints($2)) and lot in (json_ints($3))";
const USES: &str = "select key, n from ledger_use where realm = $1 and key in (json_texts($2))";
const RECORDS: &str = "select state from ledger_record
  where realm = $1 and what in (json_texts($2)) and owner in (json_ints($3)) and item in (json_texts($4))";

/// An account from a row of `key, id, place, lots, balance, held, debt, expires, lines`.
pub(crate) fn account_of(row: &Row) -> Option<Account> {
    let mut parts = row.text(0).splitn(3, '/');
    let (kind, owner, unit) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Account {
        id: LedgerId(row.int(1)),
        key: AccountKey::new(kind, owner.parse().ok()?, unit),
        place: RegionId(row.int(2)),
        lots: row.int(3) != 0,
        balance: row.int(4),
        held: row.int(5),
        debt: row.int(6),
        expires: day_at(row, 7),
        lines: row.int(8),
        lots_known: false,
    })
}

/// A transfer from a row of `id, seq, at, status, reversed, state`.
pub(crate) fn booked_of(row: &Row) -> Result<Booked, StoreError> {
    let wrong = |e| StoreError::inconsistent("ledger_transfer", row.int(0), e);
    Ok(Booked {
        moved: serde_json::from_str(row.text(5)).map_err(wrong)?,
        seq: row.int(1),
        at: Time(row.int(2)),
        status: Status::parse(row.text(3)).unwrap_or(Status::Void),
        reversed: row.maybe(4).map(TransferId),
    })
}

fn lot_of(row: &Row) -> (LedgerId, TransferId, Lot) {
    let lot = Lot {
        made: day_at(row, 2).unwrap_or_default(),
        expires: day_at(row, 3),
        amount: row.int(4),
        rest: row.int(5),
        held: row.int(6),
    };
    (LedgerId(row.int(0)), TransferId(row.int(1)), lot)
}

fn list<T: serde::Serialize>(items: impl IntoIterator<Item = T>) -> Arg {
    Arg::Text(text(&items.into_iter().collect::<Vec<T>>()))
}

impl Tx {
    /// Takes into the books what is wanted, with one statement per table, and notes what was looked for.
    pub async fn ledger_part(&mut self, realm: i64, wanted: Wants, book: &mut Book) -> Result<(), StoreError> {
        let r = || Arg::Int(realm);
        if !wanted.transfers.is_empty() {
            let ids = list(wanted.transfers.iter().map(|t| t.0));
            for row in self.rows(TRANSFERS, &[r(), ids]).await? {
                book.hold_transfer(booked_of(&row)?);
            }
        }
        if !wanted.matters.is_empty() {
            let ids = list(wanted.matters.iter().map(|m| m.0));
            for row in self.rows(OF_MATTERS, &[r(), ids]).await? {
                book.hold_transfer(booked_of(&row)?);
            }
        }
        if !wanted.keys.is_empty() {
            let keys = list(wanted.keys.iter().map(AccountKey::text));
            self.rows(ACCOUNTS_BY_KEY, &[r(), keys])
                .await?
                .iter()
                .filter_map(account_of)
                .for_each(|a| book.hold_account(a));
        }
        if !wanted.ids.is_empty() {
            let ids = list(wanted.ids.iter().map(|i| i.0));
            self.rows(ACCOUNTS_BY_ID, &[r(), ids])
                .await?
                .iter()
                .filter_map(account_of)
                .for_each(|a| book.hold_account(a));
        }
        self.ledger_lots(realm, &wanted, book).await?;
        if !wanted.uses.is_empty() {
            let by_text: BTreeMap<String, &Use> = wanted.uses.iter().map(|u| (use_key(u), u)).collect();
            for row in self.rows(USES, &[r(), list(by_text.keys())]).await? {
                if let Some(key) = by_text.get(row.text(0)) {
                    book.hold_use((*key).clone(), row.int(1));
                }
            }
        }
        if !wanted.records.is_empty() {
            let what = list(wanted.records.iter().map(|k| k.what));
            let owners = list(wanted.records.iter().map(|k| k.owner));
            let items = list(wanted.records.iter().map(|k| k.item.as_str()));
            for row in self.rows(RECORDS, &[r(), what, owners, items]).await? {
                book.hold_record(record_of(&row, 0)?);
            }
        }
        book.hold_asked(wanted);
        Ok(())
    }

    async fn ledger_lots(&mut self, realm: i64, wanted: &Wants, book: &mut Book) -> Result<(), StoreError> {
        if !wanted.lots.is_empty() {
            let ids = list(wanted.lots.iter().map(|i| i.0));
            let mut found: BTreeMap<LedgerId, Vec<(TransferId, Lot)>> =
                wanted.lots.iter().map(|id| (*id, Vec::new())).collect();
            for row in self.rows(OPEN_LOTS, &[realm.into(), ids]).await? {
                let (account, id, lot) = lot_of(&row);
                found.entry(account).or_default().push((id, lot));
            }
            for (account, lots) in found {
                book.hold_lots(account, lots);
            }
        }
        if !wanted.one_lots.is_empty() {
            let accounts = list(wanted.one_lots.iter().map(|(a, _)| a.0));
            let lots = list(wanted.one_lots.iter().map(|(_, l)| l.0));
            for row in self.rows(SOME_LOTS, &[realm.into(), accounts, lots]).await? {
                let (account, id, lot) = lot_of(&row);
                book.hold_lot(account, id, lot);
            }
        }
        Ok(())
    }
}

/// A record from its text.
pub(crate) fn record_of(row: &Row, i: usize) -> Result<Record, StoreError> {
    serde_json::from_str(row.text(i)).map_err(|e| StoreError::inconsistent("ledger_record", row.text(i), e))
}

impl Pool {
    /// Statements over the ledger, for the test that looks at their plans.
    pub fn ledger_statements() -> Vec<(&'static str, &'static str)> {
        let mut all = Self::ledger_reads();
        all.extend([
            ("accounts_by_key", ACCOUNTS_BY_KEY),
            ("accounts_by_id", ACCOUNTS_BY_ID),
            ("transfers", TRANSFERS),
            ("of_matters", OF_MATTERS),
            ("open_lots", OPEN_LOTS),
            ("some_lots", SOME_LOTS),
            ("uses", USES),
            ("records", RECORDS),
        ]);
        all
    }
}
