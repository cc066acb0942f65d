//! What a group of accepted commands writes, gathered in memory and written with one statement per table. Either all
//! of it becomes durable or nothing does.

use crate::dialect::{Arg, Table, Tx};
use crate::error::StoreError;
use crate::fact::FactRow;
use crate::ledger::LedgerRows;
use crate::roll_up::roll_up;
use crate::tables::{COUNTER, FACT, FACT_SETTLED, JOURNAL, KEYS, MATTER, MATTER_STAYING, ROLLUP, SMALL};
use crate::words::{WORDS, WordsRow, word_rows};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use xiangyue_domain::region::RegionTree;

/// A row of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Place in the journal.
    pub seq: i64,
    /// When, in milliseconds.
    pub at: i64,
    /// Who: `account:ID`, `reporter`, `system`.
    pub actor: String,
    /// Command.
    pub command: String,
    /// Hash of the pack in force.
    pub pack: String,
    /// Events as JSON.
    pub body: String,
    /// Hash of the entry before.
    pub prev: String,
    /// SM3 over the columns before, in hexadecimal.
    pub hash: String,
}

/// A command that was carried out, so that a retry answers the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandKey {
    /// Key the sender chose.
    pub key: String,
    /// Entry it wrote.
    pub seq: i64,
    /// Answer as JSON.
    pub reply: String,
}

/// A matter's row: columns to find it by, and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterRow(pub Vec<Arg2>);

/// A column value with equality that keys may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg2 {
    /// A number or nothing.
    Int(Option<i64>),
    /// Text.
    Text(String),
}

impl From<Arg2> for Arg {
    fn from(value: Arg2) -> Arg {
        match value {
            Arg2::Int(n) => Arg::from(n),
            Arg2::Text(s) => Arg::Text(s),
        }
    }
}

/// Key of a roll-up: axis `d` by the day it happened or `c` by the cohort's day, grain `D` day, `M` month or `Y`
/// year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RollupKey {
    /// `d` or `c`.
    pub axis: char,
    /// `D`, `M` or `Y`.
    pub grain: char,
    /// Day, or first day of the month or year.
    pub day: i64,
    /// Place at county, town or village.
    pub place: i64,
    /// Measure; one fact is part of some fifty sums, which share its words.
    pub measure: Arc<str>,
    /// Bucket; the empty one is the whole.
    pub bucket: Arc<str>,
}

/// What a group writes.
#[derive(Debug, Default)]
pub struct Batch {
    /// Entries.
    pub journal: Vec<JournalRow>,
    /// Answers to retries.
    pub keys: Vec<CommandKey>,
    /// Matters as they stand after the group, by id.
    pub matters: HashMap<i64, MatterRow>,
    /// Those among them that stand where they are stored to stand, so that no index by place is touched.
    pub stay: BTreeSet<i64>,
    /// Facts.
    pub facts: Vec<FactRow>,
    /// Facts are kept out of their indexes until later.
    pub unsettled: bool,
    /// Roll-up differences.
    pub rollups: BTreeMap<RollupKey, i64>,
    /// How many of the facts they hold already.
    pub rolled: usize,
    /// Counters as they stand after the group.
    pub counters: BTreeMap<String, i64>,
    /// What changed in the ledger.
    pub ledger: LedgerRows,
    /// Words for the search index, by matter.
    pub words: BTreeMap<i64, WordsRow>,
    /// Subjects whose key is destroyed, subscriptions that ended among them, each with the name of its key.
    pub forgotten: Vec<(i64, String)>,
    /// Rows of the smaller tables.
    pub rows: BTreeMap<&'static str, Vec<Vec<Arg>>>,
}

impl Batch {
    /// Adds a row of a smaller table; the realm is put before it when it is written. Of rows with one key only the
    /// last is written, since a set may not touch a row twice.
    pub fn row(&mut self, table: &'static str, row: Vec<Arg>) {
        self.rows.entry(table).or_default().push(row);
    }

    /// Takes the facts that came since into the roll-ups, by the tree under which they came.
    pub fn roll(&mut self, tree: &RegionTree) {
        self.facts[self.rolled..].iter().for_each(|f| roll_up(&mut self.rollups, &f.fact, tree));
        self.rolled = self.facts.len();
    }

    /// Whether there is anything to write.
    pub fn is_empty(&self) -> bool {
        self.journal.is_empty() && self.rows.is_empty()
    }

    /// Whether it holds entries of the journal, and not only rows that stand outside it.
    pub fn has_entries(&self) -> bool {
        !self.journal.is_empty()
    }

    /// Writes everything within the transaction. A fault of a file is told by whatever comes next, at the latest by the commit.
    pub async fn write(self, tx: &mut Tx, realm: i64) -> Result<(), StoreError> {
        let r = Arg::Int(realm);
        let mut matters: Vec<(i64, MatterRow)> = self.matters.into_iter().collect();
        matters.sort_by_key(|(id, _)| *id);
        let (staying, matters): (Vec<_>, Vec<_>) = matters.into_iter().partition(|(id, _)| self.stay.contains(id));
        let matter_rows = |matters: Vec<(i64, MatterRow)>| -> Vec<Vec<Arg>> {
            let row = |m: MatterRow| std::iter::once(r.clone()).chain(m.0.into_iter().map(Arg::from)).collect();
            matters.into_iter().map(|(_, m)| row(m)).collect()
        };
        let keys = self.keys.into_iter().map(|k| vec![r.clone(), k.key.into(), k.seq.into(), k.reply.into()]);
        let changed = self.rollups.into_iter().filter(|(_, n)| *n != 0);
        let counters = self.counters.into_iter().map(|(name, n)| vec![r.clone(), name.into(), n.into()]);
        let mut sets: Vec<(&'static Table, Vec<Vec<Arg>>)> = vec![
            (&JOURNAL, self.journal.into_iter().map(|j| journal_row(&r, j)).collect()),
            (&KEYS, keys.collect()),
            (&MATTER, matter_rows(matters)),
            (&MATTER_STAYING, matter_rows(staying)),
            (&FACT, self.facts.into_iter().map(|f| fact_row(&r, f, !self.unsettled)).collect()),
            (&ROLLUP, changed.map(|(key, n)| rollup_row(&r, key, n)).collect()),
            (&COUNTER, counters.collect()),
            (&WORDS, word_rows(&r, self.words)),
        ];
        sets.extend(self.ledger.sets(realm));
        let tables = SMALL.iter().chain(crate::issued::TABLES).chain(crate::ballot::TABLES);
        for table in
            tables.chain(crate::receipt::TABLES).chain([&crate::caller::TABLE]).chain(crate::subscription::TABLES)
        {
            if let Some(rows) = self.rows.get(table.name) {
                sets.push((table, latest(table, rows, &r)));
            }
        }
        sets.retain(|(_, rows)| !rows.is_empty());
        tx.put(sets).await?;
        crate::subscription::forget(tx, realm, &self.forgotten).await
    }
}

fn journal_row(realm: &Arg, j: JournalRow) -> Vec<Arg> {
    vec![
        realm.clone(),
        j.seq.into(),
        j.at.into(),
        j.actor.into(),
        j.command.into(),
        j.pack.into(),
        j.body.into(),
        j.prev.into(),
        j.hash.into(),
    ]
}

fn fact_row(realm: &Arg, f: FactRow, settled: bool) -> Vec<Arg> {
    vec![
        realm.clone(),
        f.seq.into(),
        f.n.into(),
        f.fact.measure.into(),
        f.fact.bucket.into(),
        f.fact.place.0.into(),
        i64::from(f.fact.day.0).into(),
        i64::from(f.fact.cohort.0).into(),
        f.fact.delta.into(),
        f.subject.into(),
        i64::from(settled).into(),
    ]
}

/// Facts that are there already, for their indexes.
pub(crate) fn settled_rows(realm: i64, facts: Vec<FactRow>) -> (&'static Table, Vec<Vec<Arg>>) {
    let realm = Arg::Int(realm);
    (&FACT_SETTLED, facts.into_iter().map(|f| fact_row(&realm, f, true)).collect())
}

fn rollup_row(realm: &Arg, key: RollupKey, n: i64) -> Vec<Arg> {
    vec![
        realm.clone(),
        key.axis.to_string().into(),
        key.grain.to_string().into(),
        key.day.into(),
        key.place.into(),
        (&*key.measure).into(),
        (&*key.bucket).into(),
        n.into(),
    ]
}

/// The last row of each key, with the realm before it.
fn latest(table: &Table, rows: &[Vec<Arg>], realm: &Arg) -> Vec<Vec<Arg>> {
    let keys = table.conflict.find('(').and_then(|a| table.conflict.find(')').map(|b| &table.conflict[a + 1..b]));
    let places: Vec<usize> = match keys {
        Some(keys) => keys
            .split(',')
            .filter_map(|k| table.columns.iter().position(|c| c.0 == k.trim()))
            .filter(|i| *i > 0)
            .map(|i| i - 1)
            .collect(),
        None => Vec::new(),
    };
    let mut seen: HashMap<Vec<&Arg>, usize> = HashMap::with_capacity(rows.len());
    let mut out: Vec<Vec<Arg>> = Vec::with_capacity(rows.len());
    for row in rows {
        let full: Vec<Arg> = std::iter::once(realm.clone()).chain(row.iter().cloned()).collect();
        if places.is_empty() {
            out.push(full);
            continue;
        }
        match seen.entry(places.iter().map(|i| &row[*i]).collect()) {
            Entry::Occupied(at) => out[*at.get()] = full,
            Entry::Vacant(free) => {
                free.insert(out.len());
                out.push(full);
            }
        }
    }
    out
}
