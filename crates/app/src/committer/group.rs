//! One group of commands: decided on the world that the group before it leaves, and then written as one. What it decides on
//! is read within its own transaction, or beside it while the group before is being written; then the head it began from
//! is compared before anything is written, so that nothing decided on an older state can ever stand.

use super::needs::Needs;
use super::{ALONE, Answer, Flight, GROUP, PARENTS, Written, answered, busy, land};
use crate::command::{Envelope, Outcome};
use crate::state::Shared;
use crate::world::{Left, World, asked_late, asked_of_books, load_books, load_subscribers, spread_news};
use std::collections::BTreeSet;
use std::future::{poll_fn, ready};
use std::sync::Arc;
use std::task::Poll;
use xiangyue_domain::day::Time;
use xiangyue_domain::ledger::Request;
use xiangyue_domain::refusal::Refusal;
use xiangyue_store::{Head, Mark, Needed, Standing, StoreError, Tx};

/// A group as it grows.
#[derive(Default)]
pub(super) struct Group {
    /// What the group before leaves behind, while that one is being written.
    before: Option<Left>,
    /// The world it is decided in, and the head from which that began.
    world: Option<(World, Head)>,
    /// Its transaction, once it needs one.
    tx: Option<Tx>,
    answers: Vec<Answer>,
    /// How many groups from this one on are decided within their own transaction.
    alone: u32,
}

impl Group {
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// How many more commands it may take while the group before is being written.
    pub fn room(&self) -> usize {
        let ahead = self.before.is_some() || self.world.is_some();
        if ahead { GROUP.saturating_sub(self.len()) } else { 0 }
    }

    /// The group before is durable.
    pub fn after_landing(self) -> Group {
        Group { before: None, ..self }
    }

    /// The group before did not become durable: nothing that was decided on it can stand.
    pub fn forsaken(self) -> Group {
        busy(self.answers);
        Group { alone: ALONE, ..Group::default() }
    }

    /// Decides some more commands, in their order.
    pub async fn take(mut self, shared: &Shared, flight: &mut Option<Flight>, more: Vec<Envelope>) -> Group {
        let mut waiting = more.into_iter();
        match self.decide(shared, flight, &mut waiting).await {
            Ok(()) => self,
            Err(error) => {
                tracing::error!(%error, "a group of commands could not be decided");
                self.answers.extend(waiting.map(|e| (e.reply, Err(Refusal::new("busy")))));
                self.forsaken()
            }
        }
    }

    async fn decide(
        &mut self,
        shared: &Shared,
        flight: &mut Option<Flight>,
        waiting: &mut std::vec::IntoIter<Envelope>,
    ) -> Result<(), StoreError> {
        let needs = Needs::of(waiting.as_slice());
        // With nothing before it that is still being written it is decided within its transaction, and on a server always:
        // others write there as well.
        if needs.within || self.world.is_none() && self.before.is_none() || shared.pool.is_shared() {
            self.hold(shared, flight).await?;
        }
        self.load(shared, &needs).await?;
        let asked = self.world.as_ref().map(|(world, _)| asked_of_books(world, waiting.as_slice())).unwrap_or_default();
        self.books(shared, flight, &asked).await?;
        while let Some(next) = waiting.as_slice().first() {
            let late = self.world.as_ref().map(|(world, _)| asked_late(world, next)).unwrap_or_default();
            self.books(shared, flight, &late).await?;
            let (Some(Envelope { at, by, key, command, beside, reply }), Some((world, _))) =
                (waiting.next(), &mut self.world)
            else {
                break;
            };
            let answer = world.carry_out(at, by, key, command, beside);
            self.answers.push((reply, answer));
        }
        if self.world.as_ref().is_some_and(|(world, _)| world.has_news()) {
            self.hold(shared, flight).await?;
            if let (Some(tx), Some((world, _))) = (&mut self.tx, &mut self.world) {
                spread_news(tx, world).await?;
            }
        }
        Ok(())
    }

    /// Goes on within its own transaction, for which the group before has to be durable.
    async fn hold(&mut self, shared: &Shared, flight: &mut Option<Flight>) -> Result<(), StoreError> {
        if let Some(flying) = flight {
            let written = (&mut flying.written).await;
            if !land(shared, flight.take(), written) {
                return Err(StoreError::Conflict);
            }
        }
        if self.tx.is_none() {
            self.before = None;
            self.tx = Some(begin(shared, self.world.as_ref().map(|(_, begun)| begun)).await?);
        }
        Ok(())
    }

    async fn books(
        &mut self,
        shared: &Shared,
        flight: &mut Option<Flight>,
        asked: &[(Time, Arc<Request>)],
    ) -> Result<(), StoreError> {
        if asked.is_empty() {
            return Ok(());
        }
        self.hold(shared, flight).await?;
        let (Some(tx), Some((world, _))) = (&mut self.tx, &mut self.world) else { return Err(StoreError::Conflict) };
        load_books(tx, world, asked).await
    }

    /// Loads what some more decisions may ask for, with one query per table.
    async fn load(&mut self, shared: &Shared, needs: &Needs) -> Result<(), StoreError> {
        if let (None, Some(left)) = (&self.world, self.before.take()) {
            let head = left.head.clone();
            self.world = Some((World::after(shared, left), head));
        }
        let known = |k: &String| self.world.as_ref().is_some_and(|(w, _)| w.replies.contains_key(k));
        let keys: Vec<String> = needs.keys.iter().filter(|k| !known(k)).cloned().collect();
        let counted = |c: &String| self.world.as_ref().is_some_and(|(w, _)| w.counters.contains_key(c));
        let counters: Vec<String> = needs.counters.iter().filter(|c| !counted(c)).cloned().collect();
        let matters = self.missing(needs.ids.iter().copied());
        if self.world.is_none() || !(keys.is_empty() && counters.is_empty() && matters.is_empty()) {
            let needed = Needed { keys: &keys, counters: &counters, matters: &matters };
            let standing = match &mut self.tx {
                Some(tx) => {
                    let (head, standing) = tx.standing(shared.realm, needed).await?;
                    self.world_at(shared, head).await?;
                    standing
                }
                None => shared.pool.ahead().standing(shared.realm, needed).await?,
            };
            self.take_in(standing);
        }
        let opened = |o: &Outcome| o.matter.map(|m| m.0);
        let opened: Vec<i64> = match &self.world {
            Some((world, _)) => needs.keys.iter().filter_map(|k| world.replies.get(k)).filter_map(opened).collect(),
            None => Vec::new(),
        };
        let opened = self.missing(opened.into_iter());
        self.load_matters(shared, opened).await?;
        // A matter that moves on is news for the one above it, and that one's joining move for the next.
        for _ in 0..PARENTS {
            let Some((world, _)) = &self.world else { break };
            let above = self.missing(world.matters.values().filter_map(|m| m.parent).map(|m| m.0));
            if above.is_empty() {
                break;
            }
            self.load_matters(shared, above).await?;
        }
        // A matter that is taken back takes those below it along.
        let below = self.world.as_ref().map(|(world, _)| world.below()).unwrap_or_default();
        let below = self.missing(below.into_iter());
        self.load_matters(shared, below).await?;
        self.load_within(shared.realm, needs).await
    }

    /// Those of these matters that are not at hand.
    fn missing(&self, ids: impl Iterator<Item = i64>) -> Vec<i64> {
        let here = |id: &i64| self.world.as_ref().is_some_and(|(w, _)| w.matters.contains_key(id));
        let ids: BTreeSet<i64> = ids.filter(|id| !here(id)).collect();
        ids.into_iter().collect()
    }

    async fn load_matters(&mut self, shared: &Shared, ids: Vec<i64>) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let found = match &mut self.tx {
            Some(tx) => tx.matters(shared.realm, &ids).await?,
            None => shared.pool.ahead().matters_stored(shared.realm, &ids).await?,
        };
        if let Some((world, _)) = &mut self.world {
            found.into_iter().for_each(|m| world.have(m));
        }
        Ok(())
    }

    /// Begins the world from a head that is held, where there is none.
    async fn world_at(&mut self, shared: &Shared, head: Head) -> Result<(), StoreError> {
        if self.world.is_none() {
            let directory = shared.directory_at(head.directory).await?;
            self.world = Some((World::at(shared, head.clone(), directory), head));
        }
        Ok(())
    }

    /// Takes in what stands.
    fn take_in(&mut self, standing: Standing) {
        let Some((world, _)) = &mut self.world else { return };
        let Standing { replies, counters, matters } = standing;
        let outcome = |reply: String| serde_json::from_str(&reply).unwrap_or_default();
        world.replies.extend(replies.into_iter().map(|(key, reply)| (key, outcome(reply))));
        world.counters.extend(counters);
        matters.into_iter().for_each(|m| world.have(m));
    }

    /// What is read within its transaction only.
    async fn load_within(&mut self, realm: i64, needs: &Needs) -> Result<(), StoreError> {
        let (Some(tx), Some((world, _))) = (&mut self.tx, &mut self.world) else { return Ok(()) };
        if !needs.ballots.is_empty() {
            world.ballots.extend(tx.ballots(realm, &needs.ballots).await?.into_iter().map(|b| (b.ballot.id().0, b)));
        }
        if needs.days {
            world.closed_through = tx.closed_through(realm).await?;
        }
        load_subscribers(tx, world, (&needs.numbers, &needs.subscriptions)).await
    }

    /// Begins to be written; what it leaves behind is there for the next one to be decided on.
    pub async fn depart(self, shared: &Shared) -> (Group, Option<Flight>) {
        let Group { world, tx, answers, alone, .. } = self;
        let next = Group { alone: alone.saturating_sub(1), ..Group::default() };
        let Some((world, begun)) = world else {
            busy(answers);
            return (next, None);
        };
        if world.batch.is_empty() && !world.settle {
            // Nothing of it is to be written, and what it was decided on is durable.
            answered(answers);
            return (next, None);
        }
        match write(shared, world, begun, tx).await {
            Ok((left, flight)) => {
                let before = (next.alone == 0 && !shared.pool.is_shared()).then_some(left);
                (Group { before, ..next }, Some(Flight { answers, ..flight }))
            }
            Err(error) => {
                tracing::error!(%error, "a group of commands could not be written");
                busy(answers);
                (Group { alone: ALONE, ..next }, None)
            }
        }
    }
}

/// Hands a group over to be written.
async fn write(shared: &Shared, world: World, begun: Head, tx: Option<Tx>) -> Result<(Left, Flight), StoreError> {
    let realm = shared.realm;
    let mut tx = match tx {
        Some(tx) => tx,
        None => begin(shared, Some(&begun)).await?,
    };
    let settle = world.settle;
    let (mut batch, mut left) = world.leave();
    let changed = !Arc::ptr_eq(&left.directory, &shared.directory());
    let mut kept = None;
    if batch.has_entries() || settle {
        let to = (&mut batch, &mut left.head);
        // What counts where goes by the tree: with a new one nothing is kept back.
        let before = (realm, Mark::of(&begun));
        kept = Some(tx.settle(&shared.pool, before, to, &left.directory, changed || settle).await?);
        tx.set_head(realm, &left.head).await?;
    }
    batch.write(&mut tx, realm).await?;
    // The writer begins with it now, and not when somebody comes to wait for it.
    let mut written: Written = Box::pin(tx.commit());
    if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(written.as_mut().poll(cx))).await {
        written = Box::pin(ready(done));
    }
    let flight = Flight {
        written,
        answers: Vec::new(),
        kept,
        measures: Arc::clone(&left.measures),
        directory: changed.then(|| (Arc::clone(&left.directory), left.head.directory)),
    };
    Ok((left, flight))
}

/// Begins a transaction that writes; one that was decided on before then holds only where its head still stands.
async fn begin(shared: &Shared, begun: Option<&Head>) -> Result<Tx, StoreError> {
    let mut tx = shared.pool.begin().await?;
    if let Some(head) = begun {
        tx.expect_head(shared.realm, head).await?;
    }
    Ok(tx)
}
