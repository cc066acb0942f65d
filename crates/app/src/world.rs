//! The world a group of commands is decided in: what was loaded, with what the commands before have done to it. A
//! refused command leaves no trace here, so the whole group can be written as one.

mod assembly;
mod ledger;
mod left;
mod moves;
mod posted;
mod subscription;

pub(crate) use ledger::{asked_late, asked_of_books, load_books};
pub(crate) use left::Left;
pub(crate) use subscription::{load_subscribers, spread_news};

use crate::command::{Beside, Command, Ids, MatterRef, Outcome};
use crate::keys::Secrets;
use crate::state::Measures;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use xiangyue_domain::day::Time;
use xiangyue_domain::entry::{Body, Event, FlowVersion, MeasureVersion};
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::ledger::Book;
use xiangyue_domain::matter::{Change, Happening, Matter, Who};
use xiangyue_domain::policy::{Phase, Policy};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::{Directory, Holder};
use xiangyue_domain::report::ReportEvent;
use xiangyue_store::{
    Arg, BallotInHand, Batch, CommandKey, FactRow, Head, JournalRow, MatterRow, RegisterRows, Stand, facets_of,
    journal_hash,
};

/// The world of one group.
pub(crate) struct World {
    pub realm: i64,
    pub policy: Arc<Policy>,
    pub directory: Arc<Directory>,
    pub head: Head,
    pub matters: HashMap<i64, Matter>,
    /// Where the rows of the matters stand.
    pub stored: HashMap<i64, Stand>,
    pub counters: BTreeMap<String, i64>,
    pub replies: HashMap<String, Outcome>,
    pub book: Book,
    /// Numbers of the households whose accounts are in the books at hand.
    pub numbers: HashMap<i64, String>,
    /// Keys, for what is published of the books.
    pub secrets: Arc<Secrets>,
    pub ballots: HashMap<i64, BallotInHand>,
    /// The last entry that the closed tree of a day holds, if the group asks for it.
    pub closed_through: i64,
    /// Telephones in hand, and whom this group's publications concern.
    pub subscribers: subscription::Subscribers,
    /// Definitions of measures in force.
    pub measures: Arc<Measures>,
    pub batch: Batch,
    /// Whether the newest facts are to be settled with this group.
    pub settle: bool,
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
        mut beside: Beside,
    ) -> Result<Outcome, Refusal> {
        if let Some(done) = key.as_ref().and_then(|k| self.replies.get(k)) {
            return Ok(done.clone());
        }
        if let Some(first) = beside.claims.iter().find_map(|c| self.replies.get(c)) {
            return Err(Refusal::new("claimed").with("number", &first.number));
        }
        if let Command::Aside(rows) = command {
            rows.into_iter().for_each(|(table, row)| self.batch.row(table, row));
            return Ok(Outcome { idle: true, ..Outcome::default() });
        }
        if matches!(command, Command::Settle) {
            self.settle = true;
            return Ok(Outcome { idle: true, ..Outcome::default() });
        }
        let name = command.name();
        let next_id = self.head.next_id;
        let decided = self.decide(at, by.clone(), command);
        let (mut events, mut outcome) = match decided {
            Ok(decided) => decided,
            Err(refusal) => {
                self.head.next_id = next_id;
                return Err(refusal);
            }
        };
        if events.is_empty() {
            self.head.next_id = next_id;
            outcome.idle = true;
            return Ok(outcome);
        }
        self.publish_entries(at.day(), &mut events);
        let parts: Vec<MatterId> = events.iter().filter_map(opened_part).collect();
        outcome.seq = self.take_in(at, &by, name, events);
        let claims = std::mem::take(&mut beside.claims);
        self.beside(outcome.matter, &parts, beside);
        for key in key.into_iter().chain(claims) {
            let reply = serde_json::to_string(&outcome).unwrap_or_default();
            self.batch.keys.push(CommandKey { key: key.clone(), seq: outcome.seq, reply });
            self.replies.insert(key, outcome.clone());
        }
        Ok(outcome)
    }

    fn decide(&mut self, at: Time, by: Who, command: Command) -> Result<(Vec<Event>, Outcome), Refusal> {
        let (policy, directory) = (Arc::clone(&self.policy), Arc::clone(&self.directory));
        let ctx = Ctx { now: at, policy: &policy, directory: &directory };
        match command {
            Command::Open(request) => {
                let n = self.counters.get(&counter_name(at)).copied().unwrap_or(0) + 1;
                let number = format!("{}-{n:04}", at.day().to_string().replace('-', ""));
                let id = MatterId(self.head.next_id);
                let change = flow::open(ctx, by, id, number.clone(), *request)?;
                self.head.next_id += 1;
                self.counters.insert(counter_name(at), n);
                self.batch.counters.insert(counter_name(at), n);
                Ok(caused(vec![change], number))
            }
            Command::Move(which, request) => self.moved(ctx, by, &which, *request),
            Command::Correct { matter, place, values, secret } => {
                let matter = self.find(&MatterRef::Id(matter))?;
                let change = flow::correct(ctx, matter, by, place, values, secret)?;
                Ok(caused(vec![change], matter.number.clone()))
            }
            Command::Void { matter, secret } => self.voided(ctx, by, matter, secret),
            Command::Join(how, pair) => self.join(ctx, by, how, pair),
            Command::Tick(id) => self.ticked(ctx, id),
            Command::Keep(keeping, ids) => {
                let changes = self.keep(ctx, keeping, &ids)?;
                Ok((changes.into_iter().map(|c| Event::Matter(Box::new(c))).collect(), Outcome::default()))
            }
            Command::Register(decide) => {
                let events = decide(&mut Ids(&mut self.head.next_id), &directory, &policy)?;
                let outcome = Outcome { made: issued(&events), ..Outcome::default() };
                Ok((events, outcome))
            }
            Command::Ledger(request) => self.decide_ledger(ctx, &by, &request),
            Command::Ballot(what) => self.decide_ballot(ctx, by, *what),
            Command::Subscription(what) => self.decide_subscription(at, *what),
            Command::CloseDay(root) => self.decide_day(root),
            Command::Aside(_) | Command::Settle => Ok((Vec::new(), Outcome::default())),
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
        let (mut n, mut posts) = (0, 0);
        for event in &body.events {
            match event {
                Event::Ballot(ballot) => self.apply_ballot(ballot),
                Event::Posted(posted) => {
                    posts += 1;
                    self.batch.posted((seq, posts), posted);
                }
                Event::Subscription(event) => self.apply_subscription(event),
                Event::DayClosed(root) => self.apply_day(seq, root),
                Event::Matter(change) => self.apply_change(change, seq, &mut n),
                Event::Region(region) => {
                    self.batch.roll(&self.directory.tree);
                    Arc::make_mut(&mut self.directory).tree.apply(region);
                    self.head.directory += 1;
                }
                Event::Register(register) => {
                    Arc::make_mut(&mut self.directory).apply(register);
                    self.head.directory += 1;
                }
                Event::Ledger(event) => self.apply_ledger(event, (seq, at), &mut n),
                // Its rows are those of the projection below.
                Event::Reported { .. } | Event::Report(_) => {}
                Event::Pack { id, hash, flows, measures } => {
                    self.batch.row("setting", vec!["pack".into(), id.as_str().into()]);
                    self.batch.row("setting", vec!["pack_hash".into(), hash.as_str().into()]);
                    self.versions(seq, flows, measures);
                }
                Event::Kept { pack, measures } => {
                    self.batch.row("setting", vec!["kept".into(), pack.as_str().into()]);
                    self.counted(measures);
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

    fn versions(&mut self, seq: i64, flows: &[FlowVersion], measures: &[MeasureVersion]) {
        for flow in flows {
            let row = [flow.kind.as_str(), flow.version.as_str()].map(Arg::from);
            self.batch.row("flow_version", row.into_iter().chain([seq.into(), flow.body.as_str().into()]).collect());
        }
        for m in measures {
            Arc::make_mut(&mut self.measures).insert(m.measure.clone(), (seq, m.clone()));
            self.batch.row("measure_version", measure_row(seq, m));
        }
    }

    /// Measures are counted: the definitions in force are marked so.
    fn counted(&mut self, measures: &[String]) {
        for name in measures {
            if let Some((seq, m)) = Arc::make_mut(&mut self.measures).get_mut(name) {
                m.counted = true;
                self.batch.row("measure_version", measure_row(*seq, m));
            }
        }
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
        }
        let sealed = self.policy.kind(&matter.kind).is_some_and(|k| k.sealed);
        let places = MatterRow::places(matter, &self.directory.tree);
        let row = MatterRow::at(matter, places, sealed);
        let matter = matter.clone();
        self.batch.matters.insert(id, row);
        let (holder, watchers) = before.clone().unwrap_or_default();
        let moved = matches!(change.what, Happening::Corrected { .. });
        if moved || matter.holder != holder || matter.watchers.len() != watchers {
            self.words(&matter, "");
        }
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
        if matches!(change.what, Happening::Opened(_) | Happening::Absorbed { .. } | Happening::Restored { .. }) {
            for digest in receipts {
                self.batch.row("receipt", vec![digest.as_str().into(), id.into()]);
            }
        }
        self.tell_reporters(matter, change, seq);
        self.note_news(matter, change);
        let mut told: Vec<(Holder, &str)> = Vec::new();
        if let Some(holder) = matter.holder.as_ref().filter(|h| Some(*h) != holder_before.as_ref()) {
            self.batch.row("matter_party", vec![holder.key().into(), id.into()]);
            if matches!(matter.phase, Phase::Open | Phase::Answered) && change.by.post() != Some(holder) {
                told.push((holder.clone(), "assigned"));
            }
        }
        for watcher in matter.watchers.iter().skip(watchers_before) {
            self.batch.row("matter_party", vec![watcher.key().into(), id.into()]);
            if !change.told.contains(watcher) {
                told.push((watcher.clone(), "overdue"));
            }
        }
        let what = if self.asks(matter, change) { "asked" } else { "told" };
        // Whoever has it now is told that already.
        let more: Vec<&Holder> = change.told.iter().filter(|to| told.iter().all(|(other, _)| other != *to)).collect();
        told.extend(more.into_iter().map(|to| (to.clone(), what)));
        self.notices(matter, change.at, seq, &told);
    }

    /// Whether a move waits for another one to answer it.
    fn asks(&self, matter: &Matter, change: &Change) -> bool {
        let Happening::Moved { mv, .. } = &change.what else { return false };
        self.policy.kind_of(matter).is_some_and(|k| k.moves.iter().any(|m| m.answers.as_ref() == Some(mv)))
    }

    /// Whoever reported a matter that was merged, or came apart again, is told; their page says so as well.
    fn tell_reporters(&mut self, matter: &Matter, change: &Change, seq: i64) {
        let (intakes, what) = match &change.what {
            Happening::Absorbed { intakes, .. } => (intakes.as_slice(), "merged"),
            Happening::Restored { .. } => (matter.intakes.as_slice(), "parted"),
            _ => return,
        };
        for (i, digest) in (0i64..).zip(intakes.iter().filter_map(|i| i.receipt.as_ref())) {
            let body = serde_json::json!({ "matter": matter.id.0, "what": what }).to_string();
            let row: Vec<Arg> = vec![
                (seq * 64 + i).into(),
                change.at.0.into(),
                "reporter".into(),
                digest.as_str().into(),
                body.into(),
                0.into(),
                change.at.0.into(),
                Arg::Null,
                "".into(),
            ];
            self.batch.row("outbox", row);
        }
    }

    /// A notice on the desk of whoever holds a post now and may see the matter.
    fn notices(&mut self, matter: &Matter, at: Time, seq: i64, told: &[(Holder, &str)]) {
        let (policy, directory) = (Arc::clone(&self.policy), Arc::clone(&self.directory));
        let ctx = Ctx { now: at, policy: &policy, directory: &directory };
        for (i, (holder, what)) in (0i64..).zip(told) {
            for account in directory.holders_of(holder, at.day()) {
                // Whoever may not see it is not told of it either.
                if flow::sees(ctx, matter, account.id) {
                    let id = seq * 64 + i;
                    let row = vec![
                        account.id.0.into(),
                        id.into(),
                        at.0.into(),
                        matter.id.0.into(),
                        (*what).into(),
                        Arg::Null,
                    ];
                    self.batch.row("notice", row);
                }
            }
        }
    }

    fn beside(&mut self, matter: Option<MatterId>, parts: &[MatterId], beside: Beside) {
        if let Some((key, wrapped)) = beside.key {
            self.batch.row("subject_key", vec![key.into(), wrapped.into()]);
        }
        if let Some(id) = matter {
            if let (Some(token), Some(matter)) = (beside.caller, self.matters.get(&id.0)) {
                let day = i64::from(matter.accepted.0);
                self.batch.row("caller", vec![day.into(), token.into(), id.0.into()]);
            }
            for token in beside.tokens {
                self.batch.row("search_token", vec![token.into(), id.0.into()]);
            }
            let words = parts.iter().map(|part| (part, &beside.part_words)).chain([(&id, &beside.words)]);
            for (id, words) in words.filter(|(_, words)| !words.is_empty()) {
                if let Some(matter) = self.matters.get(&id.0).cloned() {
                    self.words(&matter, words);
                }
            }
        }
    }

    /// Words for the search index, with what the matter is narrowed by.
    fn words(&mut self, matter: &Matter, words: &str) {
        let facets = facets_of(matter, MatterRow::places(matter, &self.directory.tree));
        self.batch.add_words(matter.id.0, facets, words);
    }
}

/// What a command about matters caused; the first change is that of the matter it was about.
fn caused(changes: Vec<Change>, number: String) -> (Vec<Event>, Outcome) {
    let outcome = Outcome { matter: changes.first().map(|c| c.matter), number, ..Outcome::default() };
    (changes.into_iter().map(|c| Event::Matter(Box::new(c))).collect(), outcome)
}

fn draw(next: &mut i64) -> impl FnMut() -> MatterId + '_ {
    || {
        let id = MatterId(*next);
        *next += 1;
        id
    }
}

/// A matter after a change.
fn after(before: Option<&Matter>, change: &Change) -> Option<Matter> {
    match before {
        Some(matter) => {
            let mut after = matter.clone();
            after.apply(change, 0);
            Some(after)
        }
        None => Matter::open(change, 0),
    }
}

/// Reports that events issue.
fn issued(events: &[Event]) -> Vec<i64> {
    let id = |e: &Event| match e {
        Event::Report(ReportEvent::Issued { report }) => Some(report.id.0),
        _ => None,
    };
    events.iter().filter_map(id).collect()
}

fn measure_row(seq: i64, m: &MeasureVersion) -> Vec<Arg> {
    let texts = [&m.kind, &m.version, &m.body].map(|t| Arg::from(t.as_str()));
    let head = [Arg::from(m.measure.as_str()), seq.into()];
    head.into_iter().chain(texts).chain([i64::from(m.counted).into()]).collect()
}

/// A matter that was opened by another one's move, with that move's words.
fn opened_part(event: &Event) -> Option<MatterId> {
    let Event::Matter(change) = event else { return None };
    let Happening::Opened(opened) = &change.what else { return None };
    opened.given.as_ref().map(|_| change.matter)
}
