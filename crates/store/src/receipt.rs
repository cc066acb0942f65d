//! What was published, and the closed trees of days: read to make a receipt, to check one, and to print the heads.

use crate::batch::Batch;
use crate::dialect::{Pool, Row, Table, Tx};
use crate::error::StoreError;
use std::collections::HashMap;
use xiangyue_domain::day::Day;
use xiangyue_domain::receipt::{DayRoot, Leaf, Posted};

/// Something published with its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedRow {
    /// Entry.
    pub seq: i64,
    /// Which of the entry's.
    pub n: i64,
    /// What.
    pub posted: Posted,
}

/// Tables of this file that a group writes.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "posted",
        columns: &[
            ("realm", 'i'),
            ("seq", 'i'),
            ("n", 'i'),
            ("subject", 't'),
            ("place", 'i'),
            ("digest", 't'),
            ("state", 't'),
        ],
        conflict: "",
    },
    Table {
        name: "day_root",
        columns: &[
            ("realm", 'i'),
            ("first", 'i'),
            ("last", 'i'),
            ("day", 'i'),
            ("size", 'i'),
            ("root", 't'),
            ("seq", 'i'),
        ],
        conflict: "",
    },
];

const ENTRIES: &str = "select seq, hash from journal where realm = $1 and seq >= $2 and seq <= $3 order by seq";
const POSTED: &str = "select seq, n, digest from posted where realm = $1 and seq >= $2 and seq <= $3 order by seq, n";
const BY_DIGEST: &str = "select seq, n, state from posted
  where realm = $1 and digest >= $2 and digest < $3 order by digest limit 2";
// A few rows are sorted: asked for in the order of the key, SQLite reads the whole table in that order.
const BY_SUBJECT: &str = "select seq, n, state from posted where realm = $1 and subject = $2 order by seq + 0, n";
const BY_SUBJECTS: &str = "select subject, digest from posted where realm = $1 and subject in (json_texts($2))";
// What a village said and decided; entries of its points book (`transfer:…`) are many and stand on a page of their own.
// The index holds the former alone, so its condition is written here as there.
const AT_PLACE: &str = "select seq, n, state from posted
  where realm = $1 and place = $2 and substr(subject, 1, 1) < 't' order by seq desc limit $3";
const ROOTS: &str = "select first, last, day, size, root, seq from day_root
  where realm = $1 and last >= $2 order by last limit $3";
const LAST_ROOTS: &str = "select first, last, day, size, root, seq from day_root
  where realm = $1 order by last desc limit $2";
const BEFORE: &str = "select seq, day from day_head where realm = $1 and day < $2 order by day desc limit 1";

pub(crate) fn put_posted(batch: &mut Batch, (seq, n): (i64, i64), posted: &Posted) {
    let row = vec![
        seq.into(),
        n.into(),
        posted.subject.as_str().into(),
        posted.place.0.into(),
        posted.digest.as_str().into(),
        serde_json::to_string(posted).unwrap_or_default().into(),
    ];
    batch.row("posted", row);
}

pub(crate) fn put_root(batch: &mut Batch, seq: i64, root: &DayRoot) {
    let row = vec![
        root.first.into(),
        root.last.into(),
        i64::from(root.day.0).into(),
        root.size.into(),
        root.root.as_str().into(),
        seq.into(),
    ];
    batch.row("day_root", row);
}

impl Batch {
    /// The row of something published; which of the entry's it is.
    pub fn posted(&mut self, at: (i64, i64), posted: &Posted) {
        put_posted(self, at, posted);
    }

    /// The row of a day's closed tree.
    pub fn day_root(&mut self, seq: i64, root: &DayRoot) {
        put_root(self, seq, root);
    }
}

fn root(row: &Row) -> (DayRoot, i64) {
    let day = Day(i32::try_from(row.int(2)).unwrap_or(0));
    let root = DayRoot { first: row.int(0), last: row.int(1), day, size: row.int(3), root: row.text(4).to_owned() };
    (root, row.int(5))
}

fn posted(rows: &[Row]) -> Result<Vec<PostedRow>, StoreError> {
    let one = |r: &Row| {
        let posted = serde_json::from_str(r.text(2)).map_err(|e| StoreError::inconsistent("posted", r.int(0), e))?;
        Ok(PostedRow { seq: r.int(0), n: r.int(1), posted })
    };
    rows.iter().map(one).collect()
}

impl Tx {
    /// The last entry that a closed tree holds; 0 before the first.
    pub async fn closed_through(&mut self, realm: i64) -> Result<i64, StoreError> {
        let rows = self.rows(LAST_ROOTS, &[realm.into(), 1.into()]).await?;
        Ok(rows.first().map_or(0, |r| r.int(1)))
    }
}

impl Pool {
    /// Leaves of the entries from one to another, oldest first.
    pub async fn leaves(&self, realm: i64, first: i64, last: i64) -> Result<Vec<Leaf>, StoreError> {
        let args = [realm.into(), first.into(), last.into()];
        let mut published: HashMap<i64, Vec<Leaf>> = HashMap::new();
        for row in self.rows(POSTED, &args).await? {
            published.entry(row.int(0)).or_default().push(Leaf::Posted(row.text(2).to_owned()));
        }
        let mut leaves = Vec::new();
        for row in self.rows(ENTRIES, &args).await? {
            leaves.push(Leaf::Entry(row.text(1).to_owned()));
            leaves.extend(published.remove(&row.int(0)).unwrap_or_default());
        }
        Ok(leaves)
    }

    /// What was published under a commitment that begins so; more than one when it is too short.
    pub async fn posted_by(&self, realm: i64, beginning: &str) -> Result<Vec<PostedRow>, StoreError> {
        let after = format!("{beginning}g");
        posted(&self.rows(BY_DIGEST, &[realm.into(), beginning.into(), after.into()]).await?)
    }

    /// What was published of a subject, oldest first.
    pub async fn posted_of(&self, realm: i64, subject: &str) -> Result<Vec<PostedRow>, StoreError> {
        posted(&self.rows(BY_SUBJECT, &[realm.into(), subject.into()]).await?)
    }

    /// Commitments of many subjects that are published once each.
    pub async fn posted_of_each(&self, realm: i64, subjects: &[&String]) -> Result<Vec<(String, String)>, StoreError> {
        let list = serde_json::to_string(subjects).unwrap_or_default();
        let rows = self.rows(BY_SUBJECTS, &[realm.into(), list.into()]).await?;
        Ok(rows.iter().map(|r| (r.text(0).to_owned(), r.text(1).to_owned())).collect())
    }

    /// What was published of a place lately, but for its points book, newest first.
    pub async fn posted_at(&self, realm: i64, place: i64, most: i64) -> Result<Vec<PostedRow>, StoreError> {
        posted(&self.rows(AT_PLACE, &[realm.into(), place.into(), most.into()]).await?)
    }

    /// The closed tree that holds an entry, if its day is over.
    pub async fn root_of(&self, realm: i64, seq: i64) -> Result<Option<DayRoot>, StoreError> {
        let rows = self.rows(ROOTS, &[realm.into(), seq.into(), 1.into()]).await?;
        Ok(rows.first().map(|r| root(r).0).filter(|r| r.first <= seq))
    }

    /// The latest heads, newest first.
    pub async fn last_roots(&self, realm: i64, most: i64) -> Result<Vec<DayRoot>, StoreError> {
        Ok(self.rows(LAST_ROOTS, &[realm.into(), most.into()]).await?.iter().map(|r| root(r).0).collect())
    }

    /// All heads with the entry that closed each, oldest first.
    pub async fn all_roots(&self, realm: i64) -> Result<Vec<(DayRoot, i64)>, StoreError> {
        Ok(self.rows(ROOTS, &[realm.into(), 0.into(), i64::MAX.into()]).await?.iter().map(root).collect())
    }

    /// The last entry of the last day before one, with its day.
    pub async fn last_before(&self, realm: i64, day: i64) -> Result<Option<(i64, i64)>, StoreError> {
        let rows = self.rows(BEFORE, &[realm.into(), day.into()]).await?;
        Ok(rows.first().map(|r| (r.int(0), r.int(1))))
    }

    /// Statements over what was published, for the test that looks at their plans.
    pub fn receipt_statements() -> Vec<(&'static str, &'static str)> {
        vec![
            ("by_digest", BY_DIGEST),
            ("by_subject", BY_SUBJECT),
            ("by_subjects", BY_SUBJECTS),
            ("at_place", AT_PLACE),
            ("leaves", POSTED),
            ("root_of", ROOTS),
        ]
    }

    /// Everything published, for the comparison with a replay.
    pub async fn all_posted(&self, realm: i64) -> Result<Vec<PostedRow>, StoreError> {
        let sql = "select seq, n, state from posted where realm = $1 order by seq, n";
        posted(&self.rows(sql, &[realm.into()]).await?)
    }
}
