//! What a move causes within a group: the matter's own change, what the ones above it take in, and what it does to the
//! books. All of it is one entry or none; a refusal of the books is a refusal of the move.

use super::{World, after, caused, draw};
use crate::command::{Joining, Keeping, MatterRef, Outcome, Pair};
use std::collections::HashMap;
use xiangyue_domain::entry::Event;
use xiangyue_domain::flow::{self, Ctx, MoveRequest};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::{Change, Happening, Matter, Who};
use xiangyue_domain::refusal::Refusal;

type Decided = Result<(Vec<Event>, Outcome), Refusal>;

impl World {
    pub(super) fn moved(&mut self, ctx: Ctx, by: Who, which: &MatterRef, request: MoveRequest) -> Decided {
        let matter = self.find(which)?;
        let (mut next, number) = (self.head.next_id, matter.number.clone());
        let posted = request.posted.clone();
        let changes = flow::make_move(ctx, matter, by, request, &mut draw(&mut next))?;
        let changes = self.with_parents(ctx, changes, &mut next)?;
        let booked = self.booked(ctx, &changes, &mut next)?;
        self.head.next_id = next;
        let (mut events, outcome) = caused(changes, number);
        events.extend(booked.into_iter().map(Event::Ledger));
        events.extend(posted.map(Event::Posted));
        Ok((events, outcome))
    }

    pub(super) fn ticked(&mut self, ctx: Ctx, id: MatterId) -> Decided {
        let matter = self.find(&MatterRef::Id(id))?;
        let (mut next, number) = (self.head.next_id, matter.number.clone());
        let changes = flow::tick(ctx, matter, &mut draw(&mut next))?;
        let changes = self.with_parents(ctx, changes, &mut next)?;
        let (changes, booked) = match self.booked(ctx, &changes, &mut next) {
            Ok(booked) => (changes, booked),
            // The books refuse what the clock would have done: it waits for somebody to look at it.
            Err(_) => (flow::hush(ctx, matter)?, Vec::new()),
        };
        self.head.next_id = next;
        let (mut events, outcome) = caused(changes, number);
        events.extend(booked.into_iter().map(Event::Ledger));
        Ok((events, Outcome { matter: Some(id), ..outcome }))
    }

    pub(super) fn voided(&mut self, ctx: Ctx, by: Who, id: MatterId, secret: Option<String>) -> Decided {
        let matter = self.find(&MatterRef::Id(id))?;
        let number = matter.number.clone();
        let change = flow::void(ctx, matter, by, secret)?;
        let mut next = self.head.next_id;
        let booked = self.unbooked(ctx, matter, &mut next)?;
        let changes = self.with_parents(ctx, vec![change], &mut next)?;
        self.head.next_id = next;
        let (mut events, outcome) = caused(changes, number);
        events.extend(booked.into_iter().map(Event::Ledger));
        Ok((events, outcome))
    }

    /// Adds what becomes of the matters below one that was taken back, and what the matters above take in when one below them
    /// has moved on.
    pub(super) fn with_parents(
        &self,
        ctx: Ctx,
        mut changes: Vec<Change>,
        next: &mut i64,
    ) -> Result<Vec<Change>, Refusal> {
        let mut at = 0;
        let mut now: HashMap<MatterId, Matter> = HashMap::new();
        while at < changes.len() {
            let change = &changes[at];
            at += 1;
            let known = now.get(&change.matter).or_else(|| self.matters.get(&change.matter.0));
            let Some(after) = after(known, change) else { continue };
            let parent = after.parent.filter(|_| !matches!(change.what, Happening::Opened(_)));
            now.insert(after.id, after.clone());
            let at_hand = |id: &MatterId| now.get(id).or_else(|| self.matters.get(&id.0));
            let below = flow::takes_back(ctx.policy, &after).into_iter().filter_map(|p| at_hand(&p.id));
            let taken: Result<Vec<_>, _> = below.map(|part| flow::taken_back(ctx, &after, change, part)).collect();
            let above = parent.and_then(|id| now.get(&id).or_else(|| self.matters.get(&id.0)));
            if let Some(above) = above {
                changes.extend(flow::part_moved(ctx, above, &after, &mut draw(next))?);
            }
            changes.extend(taken?.into_iter().flatten());
        }
        Ok(changes)
    }

    /// Matters that may be taken back with one that is at hand.
    pub fn below(&self) -> Vec<i64> {
        self.matters.values().flat_map(|m| flow::takes_back(&self.policy, m)).map(|p| p.id.0).collect()
    }

    pub(super) fn join(
        &mut self,
        ctx: Ctx,
        by: Who,
        how: Joining,
        pair: Pair,
    ) -> Result<(Vec<Event>, Outcome), Refusal> {
        let (from, into) = (self.find(&MatterRef::Id(pair.from))?, self.find(&MatterRef::Id(pair.into))?);
        let (one, other) = match how {
            Joining::Merge => flow::merge(ctx, from, into, by),
            Joining::Fresh => flow::join(ctx, from, into, by),
            Joining::Apart => flow::unmerge(ctx, from, into, by),
        }?;
        // After a merger people go on with the one that stays, apart again with the one that came back.
        let shown = if how == Joining::Apart { from } else { into };
        let outcome = Outcome { matter: Some(shown.id), number: shown.number.clone(), ..Outcome::default() };
        let mut next = self.head.next_id;
        let changes = self.with_parents(ctx, vec![one, other], &mut next)?;
        self.head.next_id = next;
        Ok((changes.into_iter().map(|c| Event::Matter(Box::new(c))).collect(), outcome))
    }

    pub(super) fn keep(&self, ctx: Ctx, keeping: Keeping, ids: &[MatterId]) -> Result<Vec<Change>, Refusal> {
        let mut changes = Vec::new();
        for matter in ids.iter().filter_map(|id| self.matters.get(&id.0)) {
            changes.extend(match keeping {
                Keeping::Reschedule => flow::reschedule(ctx, matter)?,
                Keeping::Carry => flow::carry(ctx, matter)?,
                Keeping::Recount => flow::recount(ctx, matter)?,
            });
        }
        Ok(changes)
    }
}
