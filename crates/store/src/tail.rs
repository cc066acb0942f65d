//! The tail of the facts: the newest of them, which stand in no index and in no roll-up yet. One hot row of a roll-up, one
//! page of an index, would be written again with every group of commands; so a file settles a few thousand facts at once.
//! The head says up to which entry they are settled, so that the tail can always be made anew from the table; a sum must
//! never be told without it. On a server, where others write as well, every group is settled with its commit.

use crate::batch::{Batch, RollupKey, settled_rows};
use crate::dialect::{Arg, Pool, Row, Tx};
use crate::error::StoreError;
use crate::fact::{FactRow, Slice, fact_of};
use crate::figure::{Buckets, Grains, LATER, Point, RollupSum, added, later_bucket, point_parts, sum_parts};
use crate::journal::{HEAD, Head, head_row};
use crate::roll_up::roll_up;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use xiangyue_domain::fact::Fact;
use xiangyue_domain::register::Directory;

/// Facts that are kept back before they are settled.
const MOST: usize = 4000;
/// With how many groups they go into their indexes, so that nobody waits for all of them at once.
const PARTS: usize = 16;
/// How long a reader waits for its own committer to say what it has just made durable.
const SOON: Duration = Duration::from_millis(1);
/// How often it does.
const TURNS: usize = 50;

macro_rules! facts {
    ($after:literal) => {
        concat!(
            "select seq, n, measure, bucket, place, day, cohort, delta, subject, settled from fact
  where realm = $1 and seq > ",
            $after,
            " order by settled desc, seq, n"
        )
    };
}
const FACTS: &str = facts!("$2");
const FACTS_NOW: &str = facts!("(select rolled from realm_head where realm = $1)");
const SETTLE: &str = "update fact set settled = 1 where realm = $1 and seq > $2 and settled = 0";

/// Up to which entry facts are settled, and up to which they are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// The last entry whose facts are in the indexes and in the roll-ups.
    pub rolled: i64,
    /// The last entry.
    pub seq: i64,
    /// How many of the facts that come next are in the indexes already.
    pub part: i64,
}

impl Mark {
    /// The mark of a head.
    pub fn of(head: &Head) -> Mark {
        Mark { rolled: head.rolled, seq: head.seq, part: head.part }
    }
}

/// What is kept back of one realm.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    mark: Mark,
    /// First those that are being settled, in the order in which they go into the indexes; then what came since.
    facts: Vec<FactRow>,
    /// How many are being settled, up to which entry they go, and what they add up to.
    settling: usize,
    upto: i64,
    settling_sums: BTreeMap<RollupKey, i64>,
    /// What those that came since add up to; how many of all facts are in these sums or those.
    sums: BTreeMap<RollupKey, i64>,
    rolled: usize,
    /// The tree under which they came.
    directory: Arc<Directory>,
    /// This process writes the realm, so that what it lacks is only being told.
    own: bool,
    /// From how many on it is known which ones are in the indexes; a table tells it of its own moment only.
    known: i64,
}

/// What is kept back, by realm.
#[derive(Debug)]
pub(crate) struct Tails {
    realms: Mutex<BTreeMap<i64, Tail>>,
    most: AtomicUsize,
}

impl Default for Tails {
    fn default() -> Tails {
        Tails { realms: Mutex::default(), most: AtomicUsize::new(MOST) }
    }
}

/// What becomes of the tail once a group is durable.
#[derive(Debug)]
pub struct Kept {
    before: Mark,
    after: Mark,
    facts: Vec<FactRow>,
    /// The tree under which they came.
    directory: Arc<Directory>,
}

/// The tail as it stands in the table. Where it is half settled the round goes on with what is left of it.
fn made_of(rows: &[Row], mark: Mark, directory: &Arc<Directory>) -> Tail {
    let mut tail = Tail { mark, directory: Arc::clone(directory), ..Tail::default() };
    let mut there = 0;
    for row in rows {
        let fact = FactRow { seq: row.int(0), n: row.int(1), fact: fact_of(row, 2), subject: row.int(8) };
        tail.mark.seq = tail.mark.seq.max(fact.seq);
        there += usize::from(row.int(9) == 1);
        tail.facts.push(fact);
    }
    if there > 0 {
        tail.mark.part = i64::try_from(there).unwrap_or(0);
        tail.known = tail.mark.part;
        tail.begin(there);
    }
    tail
}

/// What of a tail goes over with a group.
#[derive(Default)]
struct Step {
    facts: Vec<FactRow>,
    /// The last of them: up to which entry all are settled by now, and what they add up to.
    done: Option<(i64, BTreeMap<RollupKey, i64>)>,
}

impl Tail {
    /// Takes facts in; what they add up to follows when it is asked for, or when there is time. With another tree nothing is
    /// kept back, so that all of a tail came under one.
    fn take_in(&mut self, facts: Vec<FactRow>, directory: Arc<Directory>) {
        self.facts.extend(facts);
        self.directory = directory;
    }

    fn roll(&mut self) {
        self.facts[self.rolled..].iter().for_each(|f| roll_up(&mut self.sums, &f.fact, &self.directory.tree));
        self.rolled = self.facts.len();
    }

    /// What goes over with a group that brings so many facts itself: a part of those that are being settled, in the order of
    /// the larger index, so that a page is touched once and not for each of its facts.
    fn step(&mut self, most: usize, added: usize) -> Step {
        if self.settling == 0 {
            if self.facts.len() <= most {
                return Step::default();
            }
            self.begin(0);
        }
        let from = self.part(self.mark.part);
        let to = self.settling.min(from + (most / PARTS).max(2 * added).max(1));
        let done = (to == self.settling).then(|| (self.upto, self.settling_sums.clone()));
        Step { facts: self.facts[from..to].to_vec(), done }
    }

    /// Begins to settle all that there is; the first of them are there already.
    fn begin(&mut self, there: usize) {
        self.roll();
        sort(&mut self.facts[there..]);
        (self.settling, self.upto) = (self.facts.len(), self.mark.seq);
        self.settling_sums = std::mem::take(&mut self.sums);
    }

    /// All that is left of it.
    fn rest(&mut self) -> Step {
        self.roll();
        let mut facts = self.facts[self.part(self.mark.part)..].to_vec();
        sort(&mut facts);
        let mut sums = self.settling_sums.clone();
        self.sums.iter().for_each(|(key, n)| *sums.entry(key.clone()).or_default() += n);
        Step { facts, done: Some((self.mark.seq, sums)) }
    }

    /// Those that were being settled are.
    fn settled(&mut self) {
        self.facts.drain(..self.settling);
        self.rolled -= self.settling;
        (self.settling, self.known) = (0, 0);
        self.settling_sums.clear();
    }

    fn part(&self, part: i64) -> usize {
        usize::try_from(part).unwrap_or(0).min(self.settling)
    }

    /// Its rows of one axis and grain on a day, at a place.
    fn at(&self, (axis, grain): (char, char), day: i64, place: i64) -> impl Iterator<Item = (&RollupKey, i64)> {
        let none: Arc<str> = Arc::from("");
        let key = |place| RollupKey { axis, grain, day, place, measure: Arc::clone(&none), bucket: Arc::clone(&none) };
        let these = key(place)..key(place.saturating_add(1));
        self.settling_sums.range(these.clone()).chain(self.sums.range(these)).map(|(k, n)| (k, *n))
    }

    /// Its rows over some days at these places.
    pub fn within(
        &self,
        Grains { axis, grain, days }: Grains<'_>,
        places: &[i64],
        measures: &[String],
        buckets: Buckets<'_>,
    ) -> Vec<(&RollupKey, i64)> {
        if self.facts.is_empty() {
            return Vec::new();
        }
        let (days, places): (BTreeSet<i64>, BTreeSet<i64>) =
            (days.iter().copied().collect(), places.iter().copied().collect());
        let fits = |key: &RollupKey| match buckets {
            Buckets::Whole => key.bucket.is_empty(),
            Buckets::Each([]) => true,
            Buckets::Each(some) => some.iter().any(|bucket| **bucket == *key.bucket),
        };
        let cells = days.iter().flat_map(|d| places.iter().map(|p| (*d, *p)));
        let rows = cells.flat_map(|(day, place)| self.at((axis, grain), day, place));
        rows.filter(|(key, _)| fits(key) && measures.iter().any(|m| **m == *key.measure)).collect()
    }

    /// What came after a day at these places, of the cohorts of some months.
    pub fn later(&self, months: &[i64], after: i64, places: &[i64], measures: &[String]) -> Vec<RollupSum> {
        let grains = Grains { axis: LATER, grain: 'D', days: months };
        let after = later_bucket(after);
        let rows = self.within(grains, places, measures, Buckets::Each(&[])).into_iter();
        let sum = |(key, n): (&RollupKey, i64)| RollupSum {
            place: key.place,
            measure: key.measure.to_string(),
            bucket: String::new(),
            n,
        };
        rows.filter(|(key, _)| *key.bucket > *after).map(sum).collect()
    }

    /// What those of its facts add up to that are of a slice's measures and places and that count, by finest place.
    /// Without the part that is in the indexes.
    pub fn sums_of(
        &self,
        slice: (&Slice, i64),
        buckets: Buckets<'_>,
        counts: impl Fn(&Fact) -> bool,
    ) -> Vec<RollupSum> {
        let one =
            |f: &Fact| RollupSum { place: f.place.0, measure: f.measure.clone(), bucket: told(buckets, f), n: f.delta };
        let mut sums = Vec::new();
        added(&mut sums, self.of(slice, buckets).filter(|f| counts(f)).map(one).collect(), sum_parts);
        sums
    }

    /// The same by the day on the slice's axis.
    pub fn points_of(&self, of: (&Slice, i64), buckets: Buckets<'_>) -> Vec<Point> {
        let (slice, _) = of;
        let one =
            |f: &Fact| Point { day: slice.day_of(f), measure: f.measure.clone(), bucket: told(buckets, f), n: f.delta };
        let mut sums = Vec::new();
        added(&mut sums, self.of(of, buckets).filter(|f| slice.has(f)).map(one).collect(), point_parts);
        sums
    }

    fn of(&self, (slice, part): (&Slice, i64), buckets: Buckets<'_>) -> impl Iterator<Item = &Fact> {
        let some = if let Buckets::Each(some) = buckets { some } else { &[] };
        let places: BTreeSet<i64> = slice.places.iter().copied().collect();
        self.facts[self.part(part)..].iter().map(|f| &f.fact).filter(move |f| {
            (some.is_empty() || some.contains(&f.bucket))
                && (places.is_empty() || places.contains(&f.place.0))
                && slice.measures.contains(&f.measure)
        })
    }

    /// The first and the last day on which it has anything at a place.
    pub fn bounds(&self, axis: char, place: i64) -> Option<(i64, i64)> {
        let keys = || self.settling_sums.keys().chain(self.sums.keys());
        let days = || keys().filter(|k| k.axis == axis && k.grain == 'D' && k.place == place).map(|k| k.day);
        days().min().zip(days().max())
    }
}

fn sort(facts: &mut [FactRow]) {
    facts.sort_by(|a, b| {
        let key = |f: &FactRow| (f.fact.cohort, f.fact.day, f.seq, f.n);
        a.fact.measure.cmp(&b.fact.measure).then_with(|| key(a).cmp(&key(b)))
    });
}

/// The bucket under which a fact is told.
fn told(buckets: Buckets<'_>, fact: &Fact) -> String {
    if matches!(buckets, Buckets::Whole) { String::new() } else { fact.bucket.clone() }
}

impl Tails {
    fn with<T>(&self, realm: i64, then: impl FnOnce(&mut Tail) -> T) -> T {
        then(self.realms.lock().unwrap_or_else(PoisonError::into_inner).entry(realm).or_default())
    }

    /// The same with all its sums.
    fn summed<T>(&self, realm: i64, then: impl FnOnce(&Tail) -> T) -> T {
        self.with(realm, |tail| {
            tail.roll();
            then(tail)
        })
    }

    /// Puts a tail in place of one that knows less.
    fn replace(&self, realm: i64, new: Tail) {
        self.with(realm, |tail| {
            let newer = (new.mark.rolled, new.mark.seq) > (tail.mark.rolled, tail.mark.seq);
            if newer {
                *tail = Tail { own: tail.own, ..new };
            }
        });
    }
}

impl Tx {
    /// Decides, before a batch is written, whether its roll-ups are written with it or kept back, and sets the head's mark.
    /// They are written when told so, when enough has gathered, and always on a server.
    pub async fn settle(
        &mut self,
        pool: &Pool,
        (realm, before): (i64, Mark),
        (batch, head): (&mut Batch, &mut Head),
        directory: &Arc<Directory>,
        at_once: bool,
    ) -> Result<Kept, StoreError> {
        let tails = pool.tails();
        let known = before.rolled == before.seq || tails.with(realm, |tail| tail.mark == before);
        if !known {
            let rows = self.rows(FACTS, &[realm.into(), before.rolled.into()]).await?;
            let made = made_of(&rows, before, directory);
            tails.with(realm, |tail| *tail = Tail { own: tail.own, ..made });
        }
        let added = batch.facts.len();
        let gathered = if before.rolled == before.seq { 0 } else { tails.with(realm, |tail| tail.facts.len()) };
        let most = tails.most.load(Ordering::Relaxed);
        let directory = Arc::clone(directory);
        let whole = at_once || pool.is_shared() || gathered + added == 0 || gathered == 0 && added > most;
        let step = match (gathered, whole) {
            (0, _) => Step::default(),
            (_, true) => tails.with(realm, Tail::rest),
            (_, false) => tails.with(realm, |tail| tail.step(most, added)),
        };
        (batch.unsettled, head.rolled, head.part) = (!whole, before.rolled, before.part);
        head.part += i64::try_from(step.facts.len()).unwrap_or(0);
        if !step.facts.is_empty() {
            self.put(vec![settled_rows(realm, step.facts)]).await?;
        }
        if whole {
            batch.roll(&directory.tree);
        }
        if let Some((upto, sums)) = step.done {
            sums.into_iter().for_each(|(key, n)| *batch.rollups.entry(key).or_default() += n);
            (head.rolled, head.part) = (upto, 0);
        }
        if whole {
            (head.rolled, head.part) = (head.seq, 0);
            return Ok(Kept { before, after: Mark::of(head), facts: Vec::new(), directory });
        }
        let facts = batch.facts.clone();
        Ok(Kept { before, after: Mark::of(head), facts, directory })
    }
}

impl Tx {
    /// Puts facts of later entries into their indexes, all that there are.
    pub async fn settle_after(&mut self, realm: i64, seq: i64) -> Result<(), StoreError> {
        self.exec(SETTLE, &[realm.into(), seq.into()]).await.map(|_| ())
    }
}

impl Pool {
    /// How many facts are kept back at most; for tests and measurements.
    pub fn keep_back(&self, most: usize) {
        self.tails().most.store(most, Ordering::Relaxed);
    }

    /// Adds up what was kept back since, while there is time for it.
    pub fn sum_up(&self, realm: i64) {
        self.tails().with(realm, Tail::roll);
    }

    /// Takes in what a commit has made durable.
    pub fn keep(&self, realm: i64, kept: Kept) {
        self.tails().with(realm, |tail| {
            tail.own = true;
            if kept.after.rolled == kept.after.seq || kept.before.rolled == kept.before.seq {
                // Settled, or begun anew: nothing stands before it.
                if (kept.after.rolled, kept.after.seq) > (tail.mark.rolled, tail.mark.seq) {
                    *tail = Tail { mark: kept.after, own: true, ..Tail::default() };
                    tail.take_in(kept.facts, kept.directory);
                }
            } else if tail.mark == kept.before {
                if kept.after.rolled != kept.before.rolled {
                    tail.settled();
                }
                tail.mark = kept.after;
                tail.take_in(kept.facts, kept.directory);
            }
        });
    }

    /// Rows of a statement over roll-ups, and beside them what is picked from the tail that belongs to the same moment. The
    /// last row is the mark under which they were read.
    pub(crate) async fn rolled<T>(
        &self,
        realm: i64,
        sql: &'static str,
        args: &[Arg],
        pick: impl Fn(&Tail, i64) -> T,
    ) -> Result<(Vec<Row>, T), StoreError> {
        let mut turn = 0;
        loop {
            let mut rows = self.rows(sql, args).await?;
            let mark = take_mark(&mut rows);
            if mark.rolled == mark.seq {
                return Ok((rows, pick(&Tail::default(), 0)));
            }
            // Until the tail is as new as the rows, or the rows as new as the tail.
            loop {
                let (picked, passed, own) = self.tails().summed(realm, |tail| {
                    let same = tail.mark.rolled == mark.rolled;
                    let newer = same && tail.mark.seq >= mark.seq;
                    let holds = newer && mark.part >= tail.known;
                    let passed = tail.mark.rolled > mark.rolled || newer && !holds;
                    (holds.then(|| pick(tail, mark.part)), passed, tail.own)
                });
                if let Some(picked) = picked {
                    return Ok((rows, picked));
                }
                if passed {
                    break;
                }
                turn += 1;
                if !own || turn % TURNS == 0 {
                    self.read_tail(realm).await?;
                }
                tokio::time::sleep(SOON).await;
            }
        }
    }

    /// Makes the tail anew where another process has written; head and facts are those of one moment.
    async fn read_tail(&self, realm: i64) -> Result<(), StoreError> {
        let directory = Arc::new(self.directory(realm).await?);
        let found = self.several(vec![(HEAD, vec![realm.into()]), (FACTS_NOW, vec![realm.into()])]).await?;
        let [head, facts] = found.as_slice() else { return Ok(()) };
        if let Some(head) = head.first().map(head_row) {
            self.tails().replace(realm, made_of(facts, Mark::of(&head), &directory));
        }
        Ok(())
    }
}

/// The row of the mark, which is told by its first column.
fn take_mark(rows: &mut Vec<Row>) -> Mark {
    let Some(at) = rows.iter().rposition(|r| r.int(0) == i64::MIN + 1) else { return Mark::default() };
    let row = rows.swap_remove(at);
    let mut said = row.text(1).split(' ').map(|n| n.parse().unwrap_or(0));
    let mut next = || said.next().unwrap_or(0);
    Mark { rolled: next(), seq: next(), part: next() }
}
