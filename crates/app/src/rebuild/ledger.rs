//! The ledger in a replay: every event is folded into empty books, and what comes out is compared with the tables, row by
//! row and both ways.

use super::STEP;
use crate::error::AppError;
use crate::state::App;
use std::collections::{BTreeMap, HashMap};
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::LedgerId;
use xiangyue_domain::ledger::{Book, LedgerEvent, Touched};
use xiangyue_store::{Arg, Row, account_row, line_row, lot_row, transfer_row, use_key};

/// The books of a replay.
#[derive(Default)]
pub(super) struct Books {
    book: Book,
    /// Lines of statements as text, by account and number.
    lines: HashMap<(LedgerId, i64), String>,
}

/// A row as one text.
fn text(row: &[Arg]) -> String {
    let cell = |arg: &Arg| match arg {
        Arg::Int(n) => n.to_string(),
        Arg::Text(s) => s.clone(),
        Arg::Null => "-".to_owned(),
    };
    row.iter().map(cell).collect::<Vec<_>>().join("\u{1f}")
}

impl Books {
    /// Folds an event in; returns what it touched, with its facts.
    pub(super) fn apply(&mut self, event: &LedgerEvent, seq: i64, at: Time) -> Touched {
        let touched = self.book.apply(event, seq, at);
        self.lines.extend(touched.lines.iter().map(|l| ((l.account, l.n), text(&line_row(l)))));
        touched
    }
}

const ACCOUNTS: &str = "select key, id, place, lots, balance, held, debt, expires, lines from ledger_account
  where realm = $1 and id > $2 order by id limit $3";
const TRANSFERS: &str = "select id, seq, at, status, until, matter, reversed, state from ledger_transfer
  where realm = $1 and id > $2 order by id limit $3";
const LINES: &str = "select account, n, transfer, amount, balance from ledger_leg
  where realm = $1 and account > $2 and account <= $3 order by account, n";
const LOTS: &str = "select account, lot, made, expires, amount, rest, held from ledger_lot
  where realm = $1 and account > $2 and account <= $3 order by account, lot";
const USES: &str = "select key, n from ledger_use where realm = $1 and n > $2 and n <= $3";
const RECORDS: &str = "select what, owner, item, state from ledger_record
  where realm = $1 and owner > $2 and owner <= $3 order by owner";

/// Whether a table's rows are those of the replay; says the first that is not.
fn differs(table: &str, rows: &[Row], left: &mut BTreeMap<String, String>) -> Option<String> {
    for row in rows {
        let cells = text(&row.0);
        let key = cells.split('\u{1f}').take(KEYS.iter().find(|(t, _)| *t == table).map_or(1, |(_, n)| *n));
        let key = key.collect::<Vec<_>>().join("/");
        if left.remove(&key).as_ref() != Some(&cells) {
            return Some(format!("{table} {key}: 与日志重放的结果不同"));
        }
    }
    None
}

/// How many first columns of a comparison make its key.
const KEYS: &[(&str, usize)] =
    &[("ledger_lot", 2), ("ledger_leg", 2), ("ledger_record", 3), ("matter_bar", 2), ("matter_party", 2)];

fn expected(rows: impl Iterator<Item = Vec<Arg>>, keys: usize) -> BTreeMap<String, String> {
    rows.map(|row| {
        let cells = text(&row);
        (cells.split('\u{1f}').take(keys).collect::<Vec<_>>().join("/"), cells)
    })
    .collect()
}

fn missing(table: &str, left: &BTreeMap<String, String>) -> Option<String> {
    left.first_key_value().map(|(key, _)| format!("{table} {key}: 表里缺少"))
}

impl App {
    /// Compares the ledger's tables with the books of a replay.
    pub(super) async fn compare_ledger(&self, books: Books) -> Result<Option<String>, AppError> {
        let Books { book, lines } = books;
        let accounts = expected(book.accounts().map(|a| account_row(a, &a.key.text())), 1);
        let transfers = expected(book.transfers().map(transfer_row), 1);
        let lots = expected(book.all_lots().map(|((account, id), lot)| lot_row(*account, *id, lot)), 2);
        let uses = expected(book.uses().map(|(key, n)| vec![use_key(key).into(), n.into()]), 1);
        let record = |(key, record): (&xiangyue_domain::ledger::RecordKey, &_)| {
            let state = serde_json::to_string::<xiangyue_domain::ledger::Record>(record).unwrap_or_default();
            vec![key.what.into(), key.owner.into(), key.item.as_str().into(), state.into()]
        };
        let records = expected(book.records().map(record), 3);
        let lines: BTreeMap<String, String> =
            lines.into_iter().map(|((account, n), cells)| (format!("{account}/{n}"), cells)).collect();
        let most = book.accounts().map(|a| a.id.0).max().unwrap_or(0);
        drop(book);
        // Accounts and transfers page by id; what hangs on accounts by ranges of them.
        for (table, column, left) in
            [(("ledger_account", ACCOUNTS), 1, accounts), (("ledger_transfer", TRANSFERS), 0, transfers)]
        {
            if let Some(fault) = self.compare_pages(table, column, left, |row| row).await? {
                return Ok(Some(fault));
            }
        }
        for (table, left) in [(("ledger_leg", LINES), lines), (("ledger_lot", LOTS), lots)] {
            if let Some(fault) = self.compare_ranges(table, left, most).await? {
                return Ok(Some(fault));
            }
        }
        for (table, left) in [(("ledger_use", USES), uses), (("ledger_record", RECORDS), records)] {
            if let Some(fault) = self.compare_ranges(table, left, i64::MIN).await? {
                return Ok(Some(fault));
            }
        }
        Ok(None)
    }

    /// Compares a table page by page by the id in one of its columns; `today` writes a row as it would be written now.
    pub(super) async fn compare_pages(
        &self,
        (table, sql): (&str, &'static str),
        column: usize,
        mut left: BTreeMap<String, String>,
        today: fn(Row) -> Row,
    ) -> Result<Option<String>, AppError> {
        let mut after = i64::MIN;
        loop {
            let rows = self.pool().dump(sql, self.realm(), after, STEP).await?;
            let Some(last) = rows.last() else { return Ok(missing(table, &left)) };
            after = last.int(column);
            let rows: Vec<Row> = rows.into_iter().map(today).collect();
            if let Some(fault) = differs(table, &rows, &mut left) {
                return Ok(Some(fault));
            }
        }
    }

    /// Compares a table by ranges of the ids that its rows hang on, of which `most` is the last that is known; a small table
    /// without such ids is one range.
    pub(super) async fn compare_ranges(
        &self,
        (table, sql): (&str, &'static str),
        mut left: BTreeMap<String, String>,
        most: i64,
    ) -> Result<Option<String>, AppError> {
        let (mut after, mut until) = (i64::MIN, 0);
        loop {
            let end = if after < most { until } else { i64::MAX };
            let rows = self.pool().dump(sql, self.realm(), after, end).await?;
            if let Some(fault) = differs(table, &rows, &mut left) {
                return Ok(Some(fault));
            }
            if end == i64::MAX {
                return Ok(missing(table, &left));
            }
            (after, until) = (until, until + STEP);
        }
    }
}
