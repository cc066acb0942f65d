//! What hangs on matters and registers in a replay: people, households, who may not see a matter and who finds it, receipts,
//! the counters that number matters, and the head of each day. Folded from the events alone and compared with the tables,
//! row by row and both ways.

use super::STEP;
use super::ledger::{differs, missing};
use crate::error::AppError;
use crate::state::App;
use crate::world::counter_name;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use xiangyue_domain::day::Time;
use xiangyue_domain::matter::{Change, Happening, Matter};
use xiangyue_domain::register::{Household, Person, RegisterEvent};
use xiangyue_store::{Arg, JournalRow, Row};

/// What stands between two columns of a row as one text.
const BETWEEN: &str = "\u{1f}";

/// What a replay gives of these tables.
#[derive(Default)]
pub(super) struct Beside {
    people: BTreeMap<i64, String>,
    households: BTreeMap<i64, String>,
    /// Matter and key.
    bars: BTreeSet<(i64, String)>,
    /// Key and matter.
    parties: BTreeSet<(String, i64)>,
    /// Matter by digest.
    receipts: BTreeMap<String, i64>,
    counters: BTreeMap<String, i64>,
    days: BTreeMap<i64, (i64, String)>,
}

/// Who found a matter before a change: holder's key and number of watchers.
pub(super) type Found = (Option<String>, usize);

pub(super) fn found(matter: Option<&Matter>) -> Found {
    matter.map(|m| (m.holder.as_ref().map(|h| h.key()), m.watchers.len())).unwrap_or_default()
}

impl Beside {
    /// The day of an entry ends, for now, with it.
    pub(super) fn entry(&mut self, row: &JournalRow) {
        self.days.insert(i64::from(Time(row.at).day().0), (row.seq, row.hash.clone()));
    }

    /// Folds a change of a matter in; `matter` is as it stands after it, `before` is who found it before.
    pub(super) fn change(&mut self, change: &Change, matter: &Matter, before: &Found, at: Time) {
        let id = matter.id.0;
        if let Happening::Opened(opened) = &change.what {
            self.bars.extend(opened.barred.iter().map(|key| (id, key.clone())));
            // A part bears its parent's number with one of its own.
            if opened.parent.is_none() {
                *self.counters.entry(counter_name(at)).or_default() += 1;
            }
        }
        if matches!(change.what, Happening::Opened(_) | Happening::Absorbed { .. } | Happening::Restored { .. }) {
            let digests = matter.intakes.iter().filter_map(|i| i.receipt.clone());
            self.receipts.extend(digests.map(|digest| (digest, id)));
        }
        let holder = matter.holder.as_ref().map(|h| h.key()).filter(|key| Some(key) != before.0.as_ref());
        let watchers = matter.watchers.iter().skip(before.1).map(|w| w.key());
        self.parties.extend(holder.into_iter().chain(watchers).map(|key| (key, id)));
    }

    /// Folds a change of the registers in.
    pub(super) fn register(&mut self, event: &RegisterEvent) {
        match event {
            RegisterEvent::PeopleAdded { people } => self.people.extend(people.iter().map(|p| (p.id.0, person(p)))),
            RegisterEvent::HouseholdsAdded { households } => {
                self.households.extend(households.iter().map(|h| (h.id.0, household(h))));
            }
            _ => {}
        }
    }
}

fn person(p: &Person) -> String {
    let house = p.household.map_or_else(|| "-".to_owned(), |h| h.0.to_string());
    [p.id.0.to_string(), p.region.0.to_string(), house, json(p)].join(BETWEEN)
}

fn household(h: &Household) -> String {
    [h.id.0.to_string(), h.region.0.to_string(), h.number.clone(), json(h)].join(BETWEEN)
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A stored row with its state in the last column as it would be written today.
fn rewritten<T: Serialize + DeserializeOwned>(mut row: Row) -> Row {
    if let Some(Arg::Text(state)) = row.0.last_mut()
        && let Ok(read) = serde_json::from_str::<T>(state)
    {
        *state = json(&read);
    }
    row
}

const PEOPLE: &str =
    "select id, region, household, state from person where realm = $1 and id > $2 order by id limit $3";
const HOUSEHOLDS: &str =
    "select id, region, number, state from household where realm = $1 and id > $2 order by id limit $3";
const BARS: &str = "select matter, key from matter_bar where realm = $1 and matter >= $2 and matter <= $3";
const PARTIES: &str = "select key, matter from matter_party where realm = $1 and matter >= $2 and matter <= $3";
const RECEIPTS: &str = "select digest, matter from receipt where realm = $1 and matter >= $2 and matter <= $3";
const COUNTERS: &str = "select name, n from counter where realm = $1 and n >= $2 and n <= $3";
const DAYS: &str = "select day, seq, hash from day_head where realm = $1 and day >= $2 and day <= $3";

/// Rows as they are compared, by the columns that make their key.
fn rows<const N: usize>(all: impl Iterator<Item = [String; N]>, keys: usize) -> BTreeMap<String, String> {
    all.map(|row| (row[..keys].join("/"), row.join(BETWEEN))).collect()
}

impl App {
    /// Compares these tables with what a replay gives.
    pub(super) async fn compare_beside(&self, beside: Beside) -> Result<Option<String>, AppError> {
        let text = |by_id: BTreeMap<i64, String>| by_id.into_iter().map(|(id, row)| (id.to_string(), row)).collect();
        let people = self.compare_states::<Person>("person", PEOPLE, text(beside.people)).await?;
        if people.is_some() {
            return Ok(people);
        }
        let households = self.compare_states::<Household>("household", HOUSEHOLDS, text(beside.households)).await?;
        if households.is_some() {
            return Ok(households);
        }
        let tables = [
            ("matter_bar", BARS, rows(beside.bars.into_iter().map(|(id, key)| [id.to_string(), key]), 2)),
            ("matter_party", PARTIES, rows(beside.parties.into_iter().map(|(key, id)| [key, id.to_string()]), 2)),
            ("receipt", RECEIPTS, rows(beside.receipts.into_iter().map(|(key, id)| [key, id.to_string()]), 1)),
            ("counter", COUNTERS, rows(beside.counters.into_iter().map(|(key, n)| [key, n.to_string()]), 1)),
            ("day_head", DAYS, rows(beside.days.into_iter().map(|(d, (s, h))| [d.to_string(), s.to_string(), h]), 1)),
        ];
        for (table, sql, mut left) in tables {
            let stored = self.pool().dump(sql, self.realm(), i64::MIN, i64::MAX).await?;
            if let Some(fault) = differs(table, &stored, &mut left).or_else(|| missing(table, &left)) {
                return Ok(Some(fault));
            }
        }
        Ok(None)
    }

    async fn compare_states<T: Serialize + DeserializeOwned>(
        &self,
        table: &str,
        sql: &'static str,
        mut left: BTreeMap<String, String>,
    ) -> Result<Option<String>, AppError> {
        let mut after = i64::MIN;
        loop {
            let stored = self.pool().dump(sql, self.realm(), after, STEP).await?;
            let Some(last) = stored.last() else { return Ok(missing(table, &left)) };
            after = last.int(0);
            let stored: Vec<Row> = stored.into_iter().map(rewritten::<T>).collect();
            if let Some(fault) = differs(table, &stored, &mut left) {
                return Ok(Some(fault));
            }
        }
    }
}
