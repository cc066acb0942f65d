//! The world a group of commands is decided in: what was loaded, with what the commands before have done to it. A
//! refused command leaves no trace here, so the whole group can be written as one.

mod ledger;

pub(crate) use ledger::{asked_of_books, load_books};

use crate::command::{Beside, Command, Ids, MatterRef, Outcome};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use xiangyue_domain::day::Time;
use xiangyue_domain::entry::{Body, Event};
use xiangyue_domain::fact::Fact;
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::ledger::Book;
use xiangyue_domain::matter::{Change, Happening, Matter, Who};
use xiangyue_domain::policy::{Level, Phase, Policy};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::region::RegionTree;
use xiangyue_domain::register::{Directory, Holder};
use xiangyue_store::{
    Arg, Batch, CommandKey, FactRow, Head, JournalRow, MatterRow, RegisterRows, RollupKey, journal_hash,
};

/// The world of one group.
pub(crate) struct World {
    pub realm: i64,
    pub policy: Arc<Policy>,
    pub directory: Arc<Directory>,
    pub head: Head,
    pub matters: HashMap<i64, Matter>,
    pub counters: BTreeMap<String, i64>,
    pub replies: HashMap<String, Outcome>,
    pub book: Book,
    pub batch: Batch,
}

/// The counter that numbers matters of a day.
pub(crate) fn counter_name(at: Time) -> String {
    format!("matter/{}", at.day())
}

impl World {
    /// Decides one command and takes in what it causes.
    pub fn carry_out(
        &mut self,
        at: Time,
        by: Who,
        key: Option<String>,
        command: Command,
        beside: Beside,
    ) -> Result<Outcome, Refusal> {
        if let Some(done) = key.as_ref().and_then(|k| self.replies.get(k)) {
            return Ok(done.clone());
        }
        let name = command.name();
        let next_id = self.head.next_id;
        let decided = self.decide(at, by.clone(), command);
        let (events, mut outcome) = match decided {
            Ok(decided) => decided,
            Err(refusal) => {
                self.head.next_id = next_id;
                return Err(refusal);
            }
        };
        if events.is_empty() {
            outcome.idle = true;
            return Ok(outcome);
        }
        outcome.seq = self.take_in(at, &by, name, events);
        self.beside(outcome.matter, beside);
        if let Some(key) = key {
            let reply = serde_json::to_string(&outcome).unwrap_or_default();
            self.batch.keys.push(CommandKey { key: key.clone(), seq: outcome.seq, reply });
            self.replies.insert(key, outcome.clone());
        }
        Ok(outcome)
    }

    fn decide(&mut self, at: Time, by: Who, command: Command) -> Result<(Vec<Event>, Outcome), Refusal> {
        let (policy, directory) = (Arc::clone(&self.policy), Arc::clone(&self.directory));
        let ctx = Ctx { now: at, policy: &policy, directory: &directory };
        let one = |change: Change, number: String| {
            let outcome = Outcome { matter: Some(change.matter), number, ..Outcome::default() };
            (vec![Event::Matter(Box::new(change))], outcome)
        };
        match command {
            Command::Open(request) => {
                let n = self.counters.get(&counter_name(at)).copied().unwrap_or(0) + 1;
                let number = format!("{}-{n:04}", at.day().to_string().replace('-', ""));
                let id = MatterId(self.head.next_id);
                let change = flow::open(ctx, by, id, number.clone(), *request)?;
                self.head.next_id += 1;
                self.counters.insert(counter_name(at), n);
                self.batch.counters.insert(counter_name(at), n);
                Ok(one(change, number))
            }
            Command::Move(which, request) => {
                let matter = self.find(&which)?;
                let change = flow::make_move(ctx, matter, by, *request)?;
                let number = matter.number.clone();
                Ok(one(change, number))
            }
            Command::Correct { matter, place, values, secret } => {
                let matter = self.find(&MatterRef::Id(matter))?;
                let change = flow::correct(ctx, matter, by, place, values, secret)?;
                let number = matter.number.clone();
                Ok(one(change, number))
            }
            Command::Void { matter, secret } => {
                let matter = self.find(&MatterRef::Id(matter))?;
                let change = flow::void(ctx, matter, by, secret)?;
                let number = matter.number.clone();
                Ok(one(change, number))
            }
            Command::Merge { from, into } => {
                let (a, b) = (self.find(&MatterRef::Id(from))?, self.find(&MatterRef::Id(into))?);
                let (away, taken) = flow::merge(ctx, a, b, by)?;
                let outcome = Outcome { matter: Some(into), number: b.number.clone(), ..Outcome::default() };
                Ok((vec![Event::Matter(Box::new(away)), Event::Matter(Box::new(taken))], outcome))
            }
            Command::Tick(id) => {
                let matter = self.find(&MatterRef::Id(id))?;
                let number = matter.number.clone();
                match flow::tick(ctx, matter)? {
                    Some(change) => Ok(one(change, number)),
                    None => Ok((Vec::new(), Outcome { matter: Some(id), number, ..Outcome::default() })),
                }
            }
            Command::Register(decide) => {
                let events = decide(&mut Ids(&mut self.head.next_id), &directory, &policy)?;
                Ok((events, Outcome::default()))
            }
            Command::Ledger(request) => self.decide_ledger(ctx, &by, &request),
        }
    }

    fn find(&self, which: &MatterRef) -> Result<&Matter, Refusal> {
        let id = match which {
            MatterRef::Id(id) => Some(*id),
            MatterRef::Opened(key) => self.replies.get(key).and_then(|o| o.matter),
        };
        id.and_then(|id| self.matters.get(&id.0)).ok_or_else(|| Refusal::new("not_found"))
    }

    /// Writes the entry and applies its events; returns its place in the journal.
    fn take_in(&mut self, at: Time, by: &Who, command: String, events: Vec<Event>) -> i64 {
        let seq = self.head.seq + 1;
        for event in &events {
            if let Event::Pack { hash, .. } = event {
                self.head.pack.clone_from(hash);
            }
        }
        let actor = match by {
            Who::Account { account, .. } => format!("account:{account}"),
            Who::Reporter => "reporter".to_owned(),
            Who::System => "system".to_owned(),
        };
        let body = Body { events };
        let mut row = JournalRow {
            seq,
            at: at.0,
            actor,
            command,
            pack: self.head.pack.clone(),
            body: serde_json::to_string(&body).unwrap_or_default(),
            prev: self.head.hash.clone(),
            hash: String::new(),
        };
        row.hash = journal_hash(self.realm, &row);
        self.head.seq = seq;
        self.head.hash.clone_from(&row.hash);
        let day = i64::from(at.day().0);
        self.batch.row("day_head", vec![day.into(), seq.into(), row.hash.as_str().into()]);
        self.batch.journal.push(row);
        let mut n = 0;
        for event in &body.events {
            match event {
                Event::Matter(change) => self.apply_change(change, seq, &mut n),
                Event::Region(region) => {
                    Arc::make_mut(&mut self.directory).tree.apply(region);
                    self.head.directory += 1;
                }
                Event::Register(register) => {
                    Arc::make_mut(&mut self.directory).apply(register);
                    self.head.directory += 1;
                }
                Event::Ledger(event) => self.apply_ledger(event, (seq, at), &mut n),
                Event::Pack { id, hash } => {
                    self.batch.row("setting", vec!["pack".into(), id.as_str().into()]);
                    self.batch.row("setting", vec!["pack_hash".into(), hash.as_str().into()]);
                }
                Event::Demo { from, until } => {
                    self.batch.row("setting", vec!["demo".into(), format!("{from}/{until}").into()]);
                }
            }
            let directory = Arc::clone(&self.directory);
            RegisterRows::project(&mut self.batch, event, &directory);
        }
        seq
    }

    fn apply_change(&mut self, change: &Change, seq: i64, n: &mut i64) {
        let id = change.matter.0;
        let before = self.matters.get(&id).map(|m| (m.holder.clone(), m.watchers.len()));
        match self.matters.get_mut(&id) {
            Some(matter) => matter.apply(change, seq),
            None => {
                if let Some(matter) = Matter::open(change, seq) {
                    self.matters.insert(id, matter);
                }
            }
        }
        let Some(matter) = self.matters.get(&id) else { return };
        for fact in &change.facts {
            *n += 1;
            self.batch.facts.push(FactRow { seq, n: *n, fact: fact.clone(), subject: id });
            roll_up(&mut self.batch.rollups, fact, &self.directory.tree);
        }
        let sealed = self.policy.kind(&matter.kind).is_some_and(|k| k.sealed);
        let row = MatterRow::of(matter, &self.directory.tree, sealed);
        let matter = matter.clone();
        self.batch.matters.insert(id, row);
        self.parties(&matter, change, before, seq);
    }

    /// Who must be able to find the matter, who must not, and who is told.
    fn parties(&mut self, matter: &Matter, change: &Change, before: Option<(Option<Holder>, usize)>, seq: i64) {
        let id = matter.id.0;
        let (holder_before, watchers_before) = before.unwrap_or((None, 0));
        if let Happening::Opened(opened) = &change.what {
            for key in &opened.barred {
                self.batch.row("matter_bar", vec![id.into(), key.as_str().into()]);
            }
        }
        let receipts = matter.intakes.iter().filter_map(|i| i.receipt.as_ref());
        if matches!(change.what, Happening::Opened(_) | Happening::Absorbed { .. }) {
            for digest in receipts {
                self.batch.row("receipt", vec![digest.as_str().into(), id.into()]);
            }
        }
        let mut told: Vec<(String, &str)> = Vec::new();
        if let Some(holder) = matter.holder.as_ref().filter(|h| Some(*h) != holder_before.as_ref()) {
            self.batch.row("matter_party", vec![holder.key().into(), id.into()]);
            if matches!(matter.phase, Phase::Open | Phase::Answered) && change.by.post() != Some(holder) {
                told.push((holder.key(), "assigned"));
            }
        }
        for watcher in matter.watchers.iter().skip(watchers_before) {
            self.batch.row("matter_party", vec![watcher.key().into(), id.into()]);
            told.push((watcher.key(), "overdue"));
        }
        for (i, (recipient, what)) in (0i64..).zip(told) {
            let body = serde_json::json!({ "matter": id, "what": what }).to_string();
            let row: Vec<Arg> = vec![
                (seq * 16 + i).into(),
                change.at.0.into(),
                "desk".into(),
                recipient.into(),
                body.into(),
                0.into(),
                change.at.0.into(),
                Arg::Null,
                "".into(),
            ];
            self.batch.row("outbox", row);
        }
    }

    fn beside(&mut self, matter: Option<MatterId>, beside: Beside) {
        if let Some((key, wrapped)) = beside.key {
            self.batch.row("subject_key", vec![key.into(), wrapped.into()]);
        }
        if let Some(id) = matter {
            for token in beside.tokens {
                self.batch.row("search_token", vec![token.into(), id.0.into()]);
            }
        }
    }
}

/// Adds a fact to the roll-ups it belongs to: day and month at county and town, month at the village, on both axes. Each
/// axis follows the tree of its own day, so that what was taken in at a place and closed after a merger counts there
/// above and below the line.
pub(crate) fn roll_up(rollups: &mut BTreeMap<RollupKey, i64>, fact: &Fact, tree: &RegionTree) {
    for (axis, day) in [('d', fact.day), ('c', fact.cohort)] {
        for place in tree.ancestors(fact.place, day) {
            let grains: &[char] = match tree.get(place).map(|r| r.level) {
                Some(Level::County | Level::Town) => &['D', 'M'],
                Some(Level::Village) => &['M'],
                _ => continue,
            };
            for grain in grains {
                let day = if *grain == 'M' { day.month_start() } else { day };
                let key = RollupKey {
                    axis,
                    grain: *grain,
                    day: i64::from(day.0),
                    place: place.0,
                    measure: fact.measure.clone(),
                    bucket: fact.bucket.clone(),
                };
                *rollups.entry(key).or_default() += fact.delta;
            }
        }
    }
}
