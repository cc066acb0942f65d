//! The ledger within a group: the part of the books it wants is read with one statement per table, each command is decided
//! on it in memory, and what was decided goes into the batch.

use super::{World, roll_up};
use crate::command::{Command, Envelope, Outcome};
use std::sync::Arc;
use xiangyue_domain::day::Time;
use xiangyue_domain::entry::Event;
use xiangyue_domain::flow::Ctx;
use xiangyue_domain::ledger::{LedgerEvent, Record, Request, Wants, decide, wants};
use xiangyue_domain::matter::Who;
use xiangyue_domain::refusal::Refusal;
use xiangyue_store::{FactRow, StoreError, Tx};

/// What turns up may want more: a party its shelves, a transfer its accounts, an account its lots. More rounds than this
/// would be a fault.
const ROUNDS: usize = 6;

/// What a group asks of the ledger.
pub(crate) fn asked_of_books(group: &[Envelope]) -> Vec<(Time, Arc<Request>)> {
    let asked = group.iter().filter_map(|e| match &e.command {
        Command::Ledger(request) => Some((e.at, Arc::clone(request))),
        _ => None,
    });
    asked.collect()
}

/// Takes into the books what the group's decisions want.
pub(crate) async fn load_books(
    tx: &mut Tx,
    world: &mut World,
    asked: &[(Time, Arc<Request>)],
) -> Result<(), StoreError> {
    for _ in 0..ROUNDS {
        let mut wanted = Wants::default();
        let (policy, directory) = (Arc::clone(&world.policy), Arc::clone(&world.directory));
        for (at, request) in asked {
            wants(Ctx { now: *at, policy: &policy, directory: &directory }, &world.book, request, &mut wanted);
        }
        if wanted.is_empty() {
            break;
        }
        tx.ledger_part(world.realm, wanted, &mut world.book).await?;
    }
    Ok(())
}

impl World {
    pub(super) fn decide_ledger(
        &mut self,
        ctx: Ctx,
        by: &Who,
        request: &Request,
    ) -> Result<(Vec<Event>, Outcome), Refusal> {
        let mut id = self.head.next_id;
        let mut next = || {
            id += 1;
            id - 1
        };
        let events = decide(ctx, &self.book, &mut next, by, request)?;
        self.head.next_id = id;
        let outcome = Outcome { made: events.iter().filter_map(made).collect(), ..Outcome::default() };
        Ok((events.into_iter().map(Event::Ledger).collect(), outcome))
    }

    /// Folds an event in and adds the rows and facts it touched.
    pub(super) fn apply_ledger(&mut self, event: &LedgerEvent, (seq, at): (i64, Time), n: &mut i64) {
        let touched = self.book.apply(event, seq, at);
        self.batch.ledger.follow(&self.book, &touched);
        for (account, fact) in touched.facts {
            *n += 1;
            roll_up(&mut self.batch.rollups, &fact, &self.directory.tree);
            self.batch.facts.push(FactRow { seq, n: *n, fact, subject: account.0 });
        }
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
