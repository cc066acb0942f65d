//! Reading the ledger outside a transaction: balances by key, a page of a statement, the transfers behind its lines,
//! parties and prices, and what the clock has to look at.

use crate::dialect::{Arg, Pool};
use crate::error::StoreError;
use crate::ledger::{account_of, booked_of, record_of};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::{LedgerId, TransferId};
use xiangyue_domain::ledger::{Account, AccountKey, Booked, Line, Record};

const BY_KEY: &str = "select key, id, place, lots, balance, held, debt, expires, lines from ledger_account
  where realm = $1 and key in (json_texts($2))";
const BY_ID: &str = "select key, id, place, lots, balance, held, debt, expires, lines from ledger_account
  where realm = $1 and id in (json_ints($2))";
// Newest first; a page begins below the line that the one before ended at.
const LINES: &str = "select account, n, transfer, amount, balance from ledger_leg
  where realm = $1 and account = $2 and n < $3 order by n desc limit $4";
const TRANSFERS: &str = "select id, seq, at, status, reversed, state from ledger_transfer
  where realm = $1 and id in (json_ints($2)) order by id";
const MOVES: &str = "select t.id, t.seq, t.at, t.status, t.reversed, t.state, l.account, l.amount
  from ledger_leg l join ledger_transfer t on t.realm = l.realm and t.id = l.transfer
  where l.realm = $1 and l.account in (json_ints($2)) and t.at >= $3 order by t.id";
const OF_MATTER: &str = "select id, seq, at, status, reversed, state from ledger_transfer
  where realm = $1 and id in (select id from ledger_transfer where realm = $1 and matter = $2) order by id";
const RECORDS: &str = "select state from ledger_record where realm = $1 and what = $2 and owner = $3 order by item";
const OF_EACH: &str = "select state from ledger_record
  where realm = $1 and what = $2 and owner in (json_ints($3)) and item = $4";
const OF_OWNERS: &str = "select state from ledger_record
  where realm = $1 and what = $2 and owner in (json_ints($3)) order by owner, item";
const ALL_OF_A_KIND: &str = "select state from ledger_record where realm = $1 and what = $2 order by owner, item";
const OVERDUE: &str = "select id from ledger_transfer
  where realm = $1 and status = 'pending' and until < $2 order by until, id limit $3";
// A sweep once a day walks the accounts in the order of their keys, so no index has to be kept for it.
const RUN_OUT: &str = "select id, key from ledger_account
  where realm = $1 and key > $2 and expires < $3 order by key limit $4";

/// What has run out: accounts and the key to go on from.
pub type RunOut = (Vec<LedgerId>, String);

fn list<T: serde::Serialize>(items: Vec<T>) -> Arg {
    Arg::Text(serde_json::to_string(&items).unwrap_or_default())
}

impl Pool {
    /// Statements of pages and of the clock, for the test that looks at their plans. Only the sweep of a day walks on.
    pub(crate) fn ledger_reads() -> Vec<(&'static str, &'static str)> {
        vec![
            ("lines", LINES),
            ("read_transfers", TRANSFERS),
            ("moves", MOVES),
            ("record_of_each", OF_EACH),
            ("of_matter", OF_MATTER),
            ("read_records", RECORDS),
            ("of_owners", OF_OWNERS),
            ("overdue", OVERDUE),
            ("by_key", BY_KEY),
            ("by_id", BY_ID),
        ]
    }

    /// Accounts by key; those that were never opened are not among them.
    pub async fn ledger_accounts(&self, realm: i64, keys: &[AccountKey]) -> Result<Vec<Account>, StoreError> {
        let keys = list(keys.iter().map(AccountKey::text).collect());
        Ok(self.rows(BY_KEY, &[realm.into(), keys]).await?.iter().filter_map(account_of).collect())
    }

    /// Accounts by id.
    pub async fn ledger_accounts_by_id(&self, realm: i64, ids: &[LedgerId]) -> Result<Vec<Account>, StoreError> {
        let ids = list(ids.iter().map(|i| i.0).collect());
        Ok(self.rows(BY_ID, &[realm.into(), ids]).await?.iter().filter_map(account_of).collect())
    }

    /// Lines of an account's statement below a number, newest first.
    pub async fn ledger_lines(
        &self,
        realm: i64,
        account: LedgerId,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Line>, StoreError> {
        let rows = self.rows(LINES, &[realm.into(), account.0.into(), before.into(), limit.into()]).await?;
        let line = |r: &crate::dialect::Row| Line {
            account: LedgerId(r.int(0)),
            n: r.int(1),
            transfer: TransferId(r.int(2)),
            amount: r.int(3),
            balance: r.int(4),
        };
        Ok(rows.iter().map(line).collect())
    }

    /// Transfers by id.
    pub async fn ledger_transfers(&self, realm: i64, ids: &[TransferId]) -> Result<Vec<Booked>, StoreError> {
        let ids = list(ids.iter().map(|i| i.0).collect());
        self.rows(TRANSFERS, &[realm.into(), ids]).await?.iter().map(booked_of).collect()
    }

    /// What moved on accounts by transfers made since an instant: account, amount, transfer.
    pub async fn ledger_moves_since(
        &self,
        realm: i64,
        accounts: &[LedgerId],
        since: i64,
    ) -> Result<Vec<(LedgerId, i64, Booked)>, StoreError> {
        let ids = list(accounts.iter().map(|i| i.0).collect());
        let rows = self.rows(MOVES, &[realm.into(), ids, since.into()]).await?;
        let one = |r: &crate::dialect::Row| Ok((LedgerId(r.int(6)), r.int(7), booked_of(r)?));
        rows.iter().map(one).collect()
    }

    /// Transfers of a matter.
    pub async fn ledger_of_matter(&self, realm: i64, matter: i64) -> Result<Vec<Booked>, StoreError> {
        self.rows(OF_MATTER, &[realm.into(), matter.into()]).await?.iter().map(booked_of).collect()
    }

    /// Records of one owner.
    pub async fn ledger_records(&self, realm: i64, what: &str, owner: i64) -> Result<Vec<Record>, StoreError> {
        let rows = self.rows(RECORDS, &[realm.into(), what.into(), owner.into()]).await?;
        rows.iter().map(|r| record_of(r, 0)).collect()
    }

    /// One record of each of these owners.
    pub async fn ledger_record_of_each(
        &self,
        realm: i64,
        (what, item): (&str, &str),
        owners: &[i64],
    ) -> Result<Vec<Record>, StoreError> {
        let owners = list(owners.to_vec());
        let rows = self.rows(OF_EACH, &[realm.into(), what.into(), owners, item.into()]).await?;
        rows.iter().map(|r| record_of(r, 0)).collect()
    }

    /// Records of these owners.
    pub async fn ledger_records_of_owners(
        &self,
        realm: i64,
        what: &str,
        owners: &[i64],
    ) -> Result<Vec<Record>, StoreError> {
        let rows = self.rows(OF_OWNERS, &[realm.into(), what.into(), list(owners.to_vec())]).await?;
        rows.iter().map(|r| record_of(r, 0)).collect()
    }

    /// All records of a kind, such as parties: a county has hundreds of them.
    pub async fn ledger_records_of(&self, realm: i64, what: &str) -> Result<Vec<Record>, StoreError> {
        let rows = self.rows(ALL_OF_A_KIND, &[realm.into(), what.into()]).await?;
        rows.iter().map(|r| record_of(r, 0)).collect()
    }

    /// Pending transfers whose time has run out.
    pub async fn ledger_overdue(&self, realm: i64, now: i64, limit: i64) -> Result<Vec<TransferId>, StoreError> {
        let rows = self.rows(OVERDUE, &[realm.into(), now.into(), limit.into()]).await?;
        Ok(rows.iter().map(|r| TransferId(r.int(0))).collect())
    }

    /// Accounts with lots that ended before a day, after a key.
    pub async fn ledger_run_out(&self, realm: i64, after: &str, day: Day, limit: i64) -> Result<RunOut, StoreError> {
        let args = [realm.into(), after.into(), i64::from(day.0).into(), limit.into()];
        let rows = self.rows(RUN_OUT, &args).await?;
        let last = rows.last().map_or_else(String::new, |r| r.text(1).to_owned());
        Ok((rows.iter().map(|r| LedgerId(r.int(0))).collect(), last))
    }
}
