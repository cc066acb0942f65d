//! Proof of the books: the journal's chain is walked, and a replay of its events is compared with the state tables,
//! the facts and the roll-ups, down to the last unit. Replay asks no pack, no condition, no calendar and no clock.

mod assembly;
mod beside;
mod ledger;

use crate::error::AppError;
use crate::state::App;
use assembly::{Assembly, verify_days};
use beside::{Beside, found};
use ledger::Books;
use std::collections::{BTreeMap, HashMap};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::entry::{Body, Event};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::register::Directory;
use xiangyue_domain::report::{Issued, ReportEvent, Wording};
use xiangyue_domain::reported::Reported;
use xiangyue_store::{MatterRow, Pool, RollupKey, fact_of, journal_hash, roll_up};

/// Entries read at once.
const STEP: i64 = 2000;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Entries walked.
    pub entries: i64,
    /// First thing that does not hold, if any: `realm/seq` and what is wrong, or table and row.
    pub fault: Option<String>,
}

/// Walks the chain of a realm's journal; stored heads show a tail that was cut.
pub async fn verify(pool: &Pool, realm: i64) -> Result<Verdict, AppError> {
    let mut prev = String::new();
    let mut seq = 0;
    let heads: HashMap<i64, String> = pool.day_heads(realm).await?.into_iter().map(|(_, s, h)| (s, h)).collect();
    loop {
        let rows = pool.entries(realm, seq, STEP).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            seq += 1;
            let fault = if row.seq != seq {
                Some("缺少条目")
            } else if row.prev != prev {
                Some("与前一条不相接")
            } else if journal_hash(realm, &row) != row.hash {
                Some("内容与摘要不符")
            } else if heads.get(&seq).is_some_and(|h| *h != row.hash) {
                Some("与当日公布的摘要不符")
            } else {
                None
            };
            if let Some(fault) = fault {
                return Ok(Verdict { entries: seq, fault: Some(format!("{realm}/{seq}: {fault}")) });
            }
            prev = row.hash;
        }
    }
    let head = pool.head(realm).await?.unwrap_or_default();
    let last = heads.keys().max().copied().unwrap_or(0);
    let days = verify_days(pool, realm).await?;
    let fault = if head.seq != seq || head.hash != prev {
        Some(format!("{realm}/{}: 末尾被截断,或摘要被改", seq + 1))
    } else if last > seq {
        Some(format!("{realm}/{}: 末尾被截断,已公布到 {last}", seq + 1))
    } else {
        days
    };
    Ok(Verdict { entries: seq, fault })
}

/// What a replay gives.
#[derive(Default)]
struct Replayed {
    matters: BTreeMap<i64, Matter>,
    /// Village and town of each, under the tree as it was known when it last changed.
    places: HashMap<i64, (i64, i64)>,
    directory: Directory,
    facts: BTreeMap<(i64, i64), String>,
    rollups: BTreeMap<RollupKey, i64>,
    books: Books,
    assembly: Assembly,
    beside: Beside,
    reported: BTreeMap<ReportedKey, Reported>,
    issued: Vec<Issued>,
    wordings: BTreeMap<(RegionId, String, Day, String), Wording>,
    entries: i64,
}

/// Indicator, place and period of a reported value: a later one takes the place of an earlier one.
type ReportedKey = (String, i64, i32, i32);

fn reported_key(value: &Reported) -> ReportedKey {
    (value.indicator.clone(), value.place.0, value.from.0, value.to.0)
}

impl Replayed {
    fn report(&mut self, event: &ReportEvent) {
        match event {
            ReportEvent::Issued { report } => self.issued.push((**report).clone()),
            ReportEvent::Worded { wording: w } => {
                self.wordings.insert((w.place, w.template.clone(), w.from, w.block.clone()), w.clone());
            }
        }
    }

    fn apply(&mut self, (seq, at): (i64, Time), body: &Body) {
        let mut n = 0;
        for event in &body.events {
            match event {
                Event::Matter(change) => {
                    let before = found(self.matters.get(&change.matter.0));
                    match self.matters.get_mut(&change.matter.0) {
                        Some(matter) => matter.apply(change, seq),
                        None => self.matters.extend(Matter::open(change, seq).map(|m| (m.id.0, m))),
                    }
                    if let Some(matter) = self.matters.get(&change.matter.0) {
                        self.places.insert(change.matter.0, MatterRow::places(matter, &self.directory.tree));
                        self.beside.change(change, matter, &before, at);
                    }
                    for fact in &change.facts {
                        n += 1;
                        let text = serde_json::to_string(&(fact, change.matter)).unwrap_or_default();
                        self.facts.insert((seq, n), text);
                        roll_up(&mut self.rollups, fact, &self.directory.tree);
                    }
                }
                Event::Region(region) => self.directory.tree.apply(region),
                Event::Register(register) => {
                    self.beside.register(register);
                    self.directory.apply(register);
                }
                Event::Ledger(event) => {
                    for (account, fact) in self.books.apply(event, seq, at).facts {
                        n += 1;
                        let text = serde_json::to_string(&(&fact, account)).unwrap_or_default();
                        self.facts.insert((seq, n), text);
                        roll_up(&mut self.rollups, &fact, &self.directory.tree);
                    }
                }
                Event::Reported { values } => self.reported.extend(values.iter().map(|v| (reported_key(v), v.clone()))),
                Event::Report(event) => self.report(event),
                Event::Ballot(_) | Event::Posted(_) | Event::DayClosed(_) | Event::Subscription(_) => {
                    self.assembly.apply(event, seq)
                }
                Event::Pack { .. } | Event::Kept { .. } | Event::Demo { .. } => {}
            }
        }
    }
}

impl App {
    /// Replays the journal and compares it with what is stored.
    pub async fn check_rebuild(&self) -> Result<Verdict, AppError> {
        let mut replayed = Replayed::default();
        loop {
            let rows = self.pool().entries(self.realm(), replayed.entries, STEP).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let body: Body = match serde_json::from_str(&row.body) {
                    Ok(body) => body,
                    Err(error) => {
                        let fault = Some(format!("{}/{}: 条目读不了: {error}", self.realm(), row.seq));
                        return Ok(Verdict { entries: row.seq, fault });
                    }
                };
                replayed.beside.entry(&row);
                replayed.apply((row.seq, Time(row.at)), &body);
                replayed.entries = row.seq;
            }
        }
        let entries = replayed.entries;
        let mut fault = self.compare_matters(&replayed).await?;
        if fault.is_none() {
            fault = self.compare_reported(&replayed).await?;
        }
        if fault.is_none() {
            fault = self.compare_ledger(std::mem::take(&mut replayed.books)).await?;
        }
        if fault.is_none() {
            fault = self.compare_assembly(std::mem::take(&mut replayed.assembly)).await?;
        }
        if fault.is_none() {
            fault = self.compare_beside(std::mem::take(&mut replayed.beside)).await?;
        }
        if fault.is_none() {
            fault = self.compare_numbers(replayed).await?;
        }
        Ok(Verdict { entries, fault })
    }

    async fn compare_matters(&self, replayed: &Replayed) -> Result<Option<String>, AppError> {
        const SQL: &str = "select id, number, kind, step, phase, place, village, town, holder, due, next_due, accepted,
          opened_at, category, channel, urgency, opener, bypass, sealed, gone, state from matter
          where realm = $1 and id > $2 order by id limit $3";
        let policy = self.policy();
        let mut after = 0;
        let mut seen = 0usize;
        loop {
            let rows = self.pool().dump(SQL, self.realm(), after, STEP).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                after = row.int(0);
                seen += 1;
                let Some(matter) = replayed.matters.get(&after) else {
                    return Ok(Some(format!("matter {after}: 日志里没有")));
                };
                let sealed = policy.kind(&matter.kind).is_some_and(|k| k.sealed);
                let expected =
                    MatterRow::at(matter, replayed.places.get(&after).copied().unwrap_or_default(), sealed).canonical();
                let stored: Vec<String> = (0..row.0.len())
                    .map(|i| row.maybe(i).map_or_else(|| row.text(i).to_owned(), |n| n.to_string()))
                    .collect();
                if stored.join("\u{1f}") != expected {
                    return Ok(Some(format!("matter {after}: 与日志重放的结果不同")));
                }
            }
        }
        let stored = self.pool().directory(self.realm()).await?;
        let mut fresh = replayed.directory.clone();
        fresh.tree.natural_units.sort_by(|a, b| a.id.cmp(&b.id));
        let mut stored = stored;
        stored.tree.natural_units.sort_by(|a, b| a.id.cmp(&b.id));
        if stored != fresh {
            return Ok(Some("directory: 区划或名册与日志重放的结果不同".to_owned()));
        }
        let missing = replayed.matters.len() != seen;
        Ok(missing.then(|| format!("matter: 日志有 {} 件,表里有 {seen} 件", replayed.matters.len())))
    }

    async fn compare_reported(&self, replayed: &Replayed) -> Result<Option<String>, AppError> {
        let stored = self.pool().all_reported(self.realm()).await?;
        let same = stored.len() == replayed.reported.len()
            && stored.iter().all(|v| replayed.reported.get(&reported_key(v)) == Some(v));
        if !same {
            return Ok(Some("reported_value: 与日志重放的结果不同".to_owned()));
        }
        if self.pool().all_issued(self.realm()).await? != replayed.issued {
            return Ok(Some("issued_report: 与日志重放的结果不同".to_owned()));
        }
        let wordings = self.pool().all_wordings(self.realm()).await?;
        let same = wordings.len() == replayed.wordings.len()
            && wordings.iter().all(|w| replayed.wordings.values().any(|r| r == w));
        Ok((!same).then(|| "report_wording: 与日志重放的结果不同".to_owned()))
    }

    async fn compare_numbers(&self, mut replayed: Replayed) -> Result<Option<String>, AppError> {
        const FACTS: &str = "select seq, n, measure, bucket, place, day, cohort, delta, subject, settled from fact
          where realm = $1 and seq > $2 order by seq, n limit $3";
        const ROLLUPS: &str = "select axis, grain, day, place, measure, bucket, n from rollup
          where realm = $1 and n <> 0 and day >= $2 and day < $3 order by day";
        // What is kept back is written first, or the table could not be compared.
        self.settle_facts().await?;
        let mut after = 0;
        loop {
            // An entry's facts are never parted: the limit is far above what one entry writes.
            let rows = self.pool().dump(FACTS, self.realm(), after, STEP * 4).await?;
            let Some(last) = rows.last().map(|r| r.int(0)) else { break };
            let full = i64::try_from(rows.len()).unwrap_or(0) == STEP * 4;
            for row in rows.iter().filter(|r| !full || r.int(0) < last) {
                let text = serde_json::to_string(&(fact_of(row, 2), row.int(8))).unwrap_or_default();
                let key = (row.int(0), row.int(1));
                if replayed.facts.remove(&key).as_ref() != Some(&text) || row.int(9) != 1 {
                    return Ok(Some(format!("fact {}/{}: 与日志重放的结果不同", key.0, key.1)));
                }
            }
            after = if full { last - 1 } else { last };
        }
        if let Some((key, _)) = replayed.facts.first_key_value() {
            return Ok(Some(format!("fact {}/{}: 表里缺少", key.0, key.1)));
        }
        replayed.rollups.retain(|_, n| *n != 0);
        let (low, high) = (i64::from(i32::MIN), i64::from(i32::MAX));
        for row in self.pool().dump(ROLLUPS, self.realm(), low, high).await? {
            let first = |i: usize| row.text(i).chars().next().unwrap_or(' ');
            let key = RollupKey {
                axis: first(0),
                grain: first(1),
                day: row.int(2),
                place: row.int(3),
                measure: row.text(4).into(),
                bucket: row.text(5).into(),
            };
            if replayed.rollups.remove(&key) != Some(row.int(6)) {
                return Ok(Some(format!("rollup {key:?}: 与重算的结果不同")));
            }
        }
        Ok(replayed.rollups.first_key_value().map(|(key, _)| format!("rollup {key:?}: 表里缺少")))
    }
}
