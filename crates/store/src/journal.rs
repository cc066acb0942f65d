//! The journal: append-only, chained by SM3 per realm. What the hash covers is documented in `docs/JOURNAL.md`.

use crate::batch::JournalRow;
use crate::dialect::{Arg, Pool, Row, Table, Tx};
use crate::error::StoreError;
use crate::figure::list;
use crate::matter::{STATES, Stored, stored};
use xiangyue_domain::crypto::{chain_hash, hex};

/// The head of a realm's journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Last entry; 0 for an empty journal.
    pub seq: i64,
    /// Its hash; empty for an empty journal.
    pub hash: String,
    /// Next free id of the realm.
    pub next_id: i64,
    /// Grows whenever regions, registers or the pack change, so that other processes reload them.
    pub directory: i64,
    /// Hash of the pack in force.
    pub pack: String,
    /// The last entry whose facts are in the indexes and in the roll-ups.
    pub rolled: i64,
    /// How many of the facts that come next are in the indexes already.
    pub part: i64,
}

/// What a group's decisions surely ask for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Needed<'a> {
    /// Keys of commands that may have been carried out before.
    pub keys: &'a [String],
    /// Names of counters.
    pub counters: &'a [String],
    /// Matters by id.
    pub matters: &'a [i64],
}

/// What stands beside the head before a group is decided.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Answers given to the keys, as JSON.
    pub replies: Vec<(String, String)>,
    /// Values of the counters.
    pub counters: Vec<(String, i64)>,
    /// The matters.
    pub matters: Vec<Stored>,
}

/// Hash of an entry over the length-prefixed bytes of its columns.
pub fn journal_hash(realm: i64, row: &JournalRow) -> String {
    let (realm, seq, at) = (realm.to_string(), row.seq.to_string(), row.at.to_string());
    hex(&chain_hash(&[
        realm.as_bytes(),
        seq.as_bytes(),
        at.as_bytes(),
        row.actor.as_bytes(),
        row.command.as_bytes(),
        row.pack.as_bytes(),
        row.body.as_bytes(),
        row.prev.as_bytes(),
    ]))
}

pub(crate) const HEAD: &str =
    "select seq, hash, next_id, directory, pack, rolled, part from realm_head where realm = $1";
const REALM_HEAD: Table = Table {
    name: "realm_head",
    columns: &[
        ("realm", 'i'),
        ("seq", 'i'),
        ("hash", 't'),
        ("next_id", 'i'),
        ("directory", 'i'),
        ("pack", 't'),
        ("rolled", 'i'),
        ("part", 'i'),
    ],
    conflict: "on conflict (realm) do update set seq = excluded.seq, hash = excluded.hash, next_id = excluded.next_id,
      directory = excluded.directory, pack = excluded.pack, rolled = excluded.rolled,
      part = excluded.part",
};
pub(crate) const REPLIES: &str = "select key, reply from command_key where realm = $1 and key in (json_texts($2))";
const COUNTERS: &str = "select name, n from counter where realm = $1 and name in (json_texts($2))";
const ENTRIES: &str = "select seq, at, actor, command, pack, body, prev, hash from journal
  where realm = $1 and seq > $2 order by seq limit $3";
const SOME: &str = "select seq, at, actor, command, pack, body, prev, hash from journal
  where realm = $1 and seq in (json_ints($2)) order by seq";

const EXPECTED: &str = "select 1 from realm_head where realm = $1 and seq = $2 and hash = $3 and next_id = $4
  and directory = $5 and pack = $6 and rolled = $7 and part = $8";

fn head_args(head: &Head) -> [Arg; 7] {
    [
        head.seq.into(),
        head.hash.as_str().into(),
        head.next_id.into(),
        head.directory.into(),
        head.pack.as_str().into(),
        head.rolled.into(),
        head.part.into(),
    ]
}

pub(crate) fn head_row(row: &Row) -> Head {
    Head {
        seq: row.int(0),
        hash: row.text(1).to_owned(),
        next_id: row.int(2),
        directory: row.int(3),
        pack: row.text(4).to_owned(),
        rolled: row.int(5),
        part: row.int(6),
    }
}

fn entry(row: &Row) -> JournalRow {
    JournalRow {
        seq: row.int(0),
        at: row.int(1),
        actor: row.text(2).to_owned(),
        command: row.text(3).to_owned(),
        pack: row.text(4).to_owned(),
        body: row.text(5).to_owned(),
        prev: row.text(6).to_owned(),
        hash: row.text(7).to_owned(),
    }
}

impl Tx {
    /// The realm's head, locked until the transaction ends. The first call makes it.
    pub async fn head(&mut self, realm: i64) -> Result<Head, StoreError> {
        let found = self.lock_head(HEAD, &[Arg::Int(realm)]).await?;
        if let Some(row) = found.first() {
            return Ok(head_row(row));
        }
        let sql = "insert into realm_head (realm, seq, hash, next_id, directory, pack)
          values ($1, 0, '', 1, 0, '') on conflict (realm) do nothing";
        self.exec(sql, &[Arg::Int(realm)]).await?;
        let row = self.lock_head(HEAD, &[Arg::Int(realm)]).await?;
        row.first().map(head_row).ok_or(StoreError::Conflict)
    }

    /// Holds the transaction to a head on which it was decided before it began: where another one stands by now, nothing of
    /// it is written. It is compared with the first message.
    pub async fn expect_head(&mut self, realm: i64, head: &Head) -> Result<(), StoreError> {
        let mut args = vec![realm.into()];
        args.extend(head_args(head));
        self.expect(EXPECTED, args).await
    }

    /// Writes the head after a group; it goes over with the commit.
    pub async fn set_head(&mut self, realm: i64, head: &Head) -> Result<(), StoreError> {
        let row = std::iter::once(realm.into()).chain(head_args(head)).collect();
        self.put(vec![(&REALM_HEAD, vec![row])]).await
    }

    /// The head, locked, and beside it what a group's decisions surely ask for, in as few messages as it can be had.
    pub async fn standing(&mut self, realm: i64, needed: Needed<'_>) -> Result<(Head, Standing), StoreError> {
        let (head, found) = self.locked((HEAD, vec![realm.into()]), needed.asked(realm)).await?;
        let head = match head.first() {
            Some(row) => head_row(row),
            None => self.head(realm).await?,
        };
        Ok((head, Standing::of(&found)?))
    }
}

impl Needed<'_> {
    fn asked(&self, realm: i64) -> Vec<(&'static str, Vec<Arg>)> {
        let of = |list: Arg| vec![realm.into(), list];
        vec![(REPLIES, of(list(self.keys))), (COUNTERS, of(list(self.counters))), (STATES, of(list(self.matters)))]
    }
}

impl Standing {
    fn of(found: &[Vec<Row>]) -> Result<Standing, StoreError> {
        let [replies, counters, matters] = found else { return Err(StoreError::Conflict) };
        Ok(Standing {
            replies: replies.iter().map(|r| (r.text(0).to_owned(), r.text(1).to_owned())).collect(),
            counters: counters.iter().map(|r| (r.text(0).to_owned(), r.int(1))).collect(),
            matters: stored(matters)?,
        })
    }
}

impl Pool {
    /// What some decisions ask for, outside a transaction: it stands there or is being written by whoever asks.
    pub async fn standing(&self, realm: i64, needed: Needed<'_>) -> Result<Standing, StoreError> {
        Standing::of(&self.several(needed.asked(realm)).await?)
    }

    /// The realm's head without a lock; `None` before the first entry.
    pub async fn head(&self, realm: i64) -> Result<Option<Head>, StoreError> {
        Ok(self.rows(HEAD, &[Arg::Int(realm)]).await?.first().map(head_row))
    }

    /// The answer to a command by its key.
    pub async fn reply(&self, realm: i64, key: &str) -> Result<Option<String>, StoreError> {
        let sql = "select reply from command_key where realm = $1 and key = $2";
        Ok(self.rows(sql, &[realm.into(), key.into()]).await?.first().map(|r| r.text(0).to_owned()))
    }

    /// Realms that have a journal here.
    pub async fn realms(&self) -> Result<Vec<i64>, StoreError> {
        Ok(self.rows("select realm from realm_head order by realm", &[]).await?.iter().map(|r| r.int(0)).collect())
    }

    /// Entries after a place in the journal, oldest first.
    pub async fn entries(&self, realm: i64, after: i64, limit: i64) -> Result<Vec<JournalRow>, StoreError> {
        let rows = self.rows(ENTRIES, &[realm.into(), after.into(), limit.into()]).await?;
        Ok(rows.iter().map(entry).collect())
    }

    /// Entries at these places.
    pub async fn entries_at(&self, realm: i64, seqs: &[i64]) -> Result<Vec<JournalRow>, StoreError> {
        let seqs = serde_json::to_string(seqs).unwrap_or_default();
        let rows = self.rows(SOME, &[realm.into(), seqs.into()]).await?;
        Ok(rows.iter().map(entry).collect())
    }

    /// Heads stored at the end of each day: a cut tail shows against them.
    pub async fn day_heads(&self, realm: i64) -> Result<Vec<(i64, i64, String)>, StoreError> {
        let rows =
            self.rows("select day, seq, hash from day_head where realm = $1 order by day", &[realm.into()]).await?;
        Ok(rows.iter().map(|r| (r.int(0), r.int(1), r.text(2).to_owned())).collect())
    }

    /// A setting of the realm.
    pub async fn setting(&self, realm: i64, name: &str) -> Result<Option<String>, StoreError> {
        let sql = "select value from setting where realm = $1 and name = $2";
        Ok(self.rows(sql, &[realm.into(), name.into()]).await?.first().map(|r| r.text(0).to_owned()))
    }

    /// All rows of a table in key order, as text, for the comparison with a replay.
    pub async fn dump(&self, sql: &'static str, realm: i64, after: i64, limit: i64) -> Result<Vec<Row>, StoreError> {
        self.rows(sql, &[realm.into(), after.into(), limit.into()]).await
    }
}
