//! What hangs on matters and registers in a replay: people, households, who may not see a matter and who finds it, receipts,
//! the counters that number matters, and the head of each day. Folded from the events alone and compared with the tables,
//! row by row and both ways.

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
const BARS: &str = "select matter, key from matter_bar where realm = $1 and matter > $2 and matter <= $3";
const PARTIES: &str = "select key, matter from matter_party where realm = $1 and matter > $2 and matter <= $3";
const RECEIPTS: &str = "select digest, matter from receipt where realm = $1 and matter > $2 and matter <= $3";
const COUNTERS: &str = "select name, n from counter where realm = $1 and n > $2 and n <= $3";
const DAYS: &str = "select day, seq, hash from day_head where realm = $1 and day > $2 and day <= $3";

/// Rows as they are compared, by the columns that make their key.
fn rows<const N: usize>(all: impl Iterator<Item = [String; N]>, keys: usize) -> BTreeMap<String, String> {
    all.map(|row| (row[..keys].join("/"), row.join(BETWEEN))).collect()
}

impl App {
    /// Compares these tables with what a replay gives.
    pub(super) async fn compare_beside(&self, beside: Beside) -> Result<Option<String>, AppError> {
        let text = |by_id: BTreeMap<i64, String>| by_id.into_iter().map(|(id, row)| (id.to_string(), row)).collect();
        let (people, households) = (text(beside.people), text(beside.households));
        let registers = [
            (("person", PEOPLE), people, rewritten::<Person> as fn(Row) -> Row),
            (("household", HOUSEHOLDS), households, rewritten::<Household>),
        ];
        for (table, left, today) in registers {
            if let Some(fault) = self.compare_pages(table, 0, left, today).await? {
                return Ok(Some(fault));
            }
        }
        let most = beside.receipts.values().chain(beside.parties.iter().map(|(_, id)| id)).max().copied().unwrap_or(0);
        let tables = [
            (("matter_bar", BARS), most, rows(beside.bars.into_iter().map(|(id, key)| [id.to_string(), key]), 2)),
            (
                ("matter_party", PARTIES),
                most,
                rows(beside.parties.into_iter().map(|(key, id)| [key, id.to_string()]), 2),
            ),
            (("receipt", RECEIPTS), most, rows(beside.receipts.into_iter().map(|(key, id)| [key, id.to_string()]), 1)),
            (
                ("counter", COUNTERS),
                i64::MIN,
                rows(beside.counters.into_iter().map(|(key, n)| [key, n.to_string()]), 1),
            ),
            (
                ("day_head", DAYS),
                i64::MIN,
                rows(beside.days.into_iter().map(|(d, (s, h))| [d.to_string(), s.to_string(), h]), 1),
            ),
        ];
        for (table, most, left) in tables {
            if let Some(fault) = self.compare_ranges(table, left, most).await? {
                return Ok(Some(fault));
            }
        }
        Ok(None)
    }
}
