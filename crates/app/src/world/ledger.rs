//! The ledger within a group: the part of the books it wants is read with one statement per table, each command is decided
//! on it in memory, and what was decided goes into the batch. Moves of matters ask of the books what their pack says.

use super::posted::load_numbers;
use super::{World, after};
use crate::command::{Command, Envelope, MatterRef, Outcome};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use xiangyue_domain::day::Time;
use xiangyue_domain::entry::Event;
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::ledger::{About, How, LedgerEvent, Record, Request, Status, Wants, carry_out, decide, wants};
use xiangyue_domain::matter::{Change, Matter, Who};
use xiangyue_domain::refusal::Refusal;
use xiangyue_store::{FactRow, StoreError, Tx};

/// What turns up may want more: a party its shelves, a transfer its accounts, an account its lots. More rounds than this
/// would be a fault.
const ROUNDS: usize = 6;

/// What a command asks of the ledger, as far as its matter is known by now.
fn asked(world: &World, envelope: &Envelope) -> Vec<Arc<Request>> {
    let ctx = Ctx { now: envelope.at, policy: &world.policy, directory: &world.directory };
    let matter = |id: MatterId| world.matters.get(&id.0);
    match &envelope.command {
        Command::Ledger(request) => vec![Arc::clone(request)],
        Command::Move(which, request) => {
            let found = world.find(which).ok().and_then(|m| flow::would_post(ctx, m, request));
            found.into_iter().map(Arc::new).collect()
        }
        Command::Tick(id) => {
            let found = matter(*id).map(|m| flow::clock_would_post(ctx, m)).unwrap_or_default();
            found.into_iter().map(Arc::new).collect()
        }
        Command::Void { matter: id, .. } => {
            let found = matter(*id).filter(|m| has_books(ctx, m)).map(|m| given_up(m.id));
            found.into_iter().map(Arc::new).collect()
        }
        _ => Vec::new(),
    }
}

fn has_books(ctx: Ctx, matter: &Matter) -> bool {
    ctx.policy.kind_of(matter).is_some_and(|k| k.moves.iter().any(|m| m.post.is_some()))
}

fn given_up(matter: MatterId) -> Request {
    Request::OfMatter { matter, how: Some(How::Void), shown: None, about: About::default() }
}

/// What a group asks of the ledger.
pub(crate) fn asked_of_books(world: &World, group: &[Envelope]) -> Vec<(Time, Arc<Request>)> {
    group.iter().flat_map(|e| asked(world, e).into_iter().map(|r| (e.at, r))).collect()
}

/// What a move asks whose matter was opened in this very group, so that nobody knew before.
pub(crate) fn asked_late(world: &World, envelope: &Envelope) -> Vec<(Time, Arc<Request>)> {
    let late = matches!(envelope.command, Command::Move(MatterRef::Opened(_), _));
    if late { asked(world, envelope).into_iter().map(|r| (envelope.at, r)).collect() } else { Vec::new() }
}

/// Takes into the books what the group's decisions want.
pub(crate) async fn load_books(
    tx: &mut Tx,
    world: &mut World,
    asked: &[(Time, Arc<Request>)],
) -> Result<(), StoreError> {
    let mut keys = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mut wanted = Wants::default();
        let (policy, directory) = (Arc::clone(&world.policy), Arc::clone(&world.directory));
        for (at, request) in asked {
            wants(Ctx { now: *at, policy: &policy, directory: &directory }, &world.book, request, &mut wanted);
        }
        if wanted.is_empty() {
            break;
        }
        keys.extend(wanted.keys.iter().cloned());
        tx.ledger_part(world.realm, wanted, &mut world.book).await?;
    }
    load_numbers(tx, world, &keys).await
}

impl World {
    pub(super) fn decide_ledger(
        &mut self,
        ctx: Ctx,
        by: &Who,
        request: &Request,
    ) -> Result<(Vec<Event>, Outcome), Refusal> {
        let mut id = self.head.next_id;
        let events = decide(ctx, &self.book, &mut counting(&mut id), by, request)?;
        self.head.next_id = id;
        let outcome = Outcome { made: events.iter().filter_map(made).collect(), ..Outcome::default() };
        Ok((events.into_iter().map(Event::Ledger).collect(), outcome))
    }

    /// What moves do to the books, in the order of their changes.
    pub(super) fn booked(&self, ctx: Ctx, changes: &[Change], next: &mut i64) -> Result<Vec<LedgerEvent>, Refusal> {
        let mut now: HashMap<MatterId, Matter> = HashMap::new();
        let mut asked = Vec::new();
        for (i, change) in changes.iter().enumerate() {
            let known = now.get(&change.matter).or_else(|| self.matters.get(&change.matter.0));
            if let Some(before) = known {
                asked.extend(flow::posting(ctx, before, change)?);
            }
            let again = changes[i + 1..].iter().any(|c| c.matter == change.matter);
            if let Some(after) = again.then(|| after(known, change)).flatten() {
                now.insert(change.matter, after);
            }
        }
        let Some(first) = changes.first().filter(|_| !asked.is_empty()) else { return Ok(Vec::new()) };
        carry_out(ctx, &self.book, &mut counting(next), &first.by, &Request::Many(asked))
    }

    /// What voiding a matter does to the books: what it reserved is given up; what it posted has to be taken back first.
    pub(super) fn unbooked(&self, ctx: Ctx, matter: &Matter, next: &mut i64) -> Result<Vec<LedgerEvent>, Refusal> {
        if !has_books(ctx, matter) {
            return Ok(Vec::new());
        }
        let counts = |id| {
            let found = self.book.transfer(id);
            found.is_some_and(|b| b.status == Status::Posted && b.reversed.is_none() && b.moved.reverses.is_none())
        };
        if self.book.of_matter(matter.id).any(counts) {
            return Err(Refusal::new("ledger_reverse_first"));
        }
        carry_out(ctx, &self.book, &mut counting(next), &Who::System, &given_up(matter.id))
    }

    /// Folds an event in and adds the rows and facts it touched.
    pub(super) fn apply_ledger(&mut self, event: &LedgerEvent, (seq, at): (i64, Time), n: &mut i64) {
        let touched = self.book.apply(event, seq, at);
        self.batch.ledger.follow(&self.book, &touched);
        for (account, fact) in touched.facts {
            *n += 1;
            self.batch.facts.push(FactRow { seq, n: *n, fact, subject: account.0 });
        }
    }
}

fn counting(id: &mut i64) -> impl FnMut() -> i64 + '_ {
    || {
        *id += 1;
        *id - 1
    }
}

/// The transfer or party that an event made.
fn made(event: &LedgerEvent) -> Option<i64> {
    match event {
        LedgerEvent::Moved(moved) => Some(moved.id.0),
        LedgerEvent::Recorded(Record::Party(party)) => Some(party.id.0),
        _ => None,
    }
}
