//! Votes by ballot and closed days within a group. A secret vote changes two rows outside the journal, the mark and the
//! box, within the transaction that is answered for; nothing of it is an entry before the vote closes.

use super::World;
use crate::ballot::BallotDo;
use crate::command::Outcome;
use xiangyue_domain::ballot::{self, Ballot, BallotEvent, Tally};
use xiangyue_domain::entry::Event;
use xiangyue_domain::flow::Ctx;
use xiangyue_domain::ids::{BallotId, MatterId};
use xiangyue_domain::matter::{Change, Matter, Who};
use xiangyue_domain::receipt::{DayRoot, Posted};
use xiangyue_domain::refusal::Refusal;
use xiangyue_store::{BallotInHand, ballot_row};

type Decided = Result<(Vec<Event>, Outcome), Refusal>;

impl World {
    pub(super) fn decide_ballot(&mut self, ctx: Ctx, by: Who, what: BallotDo) -> Decided {
        match what {
            BallotDo::Open(matter, request) => {
                let id = BallotId(self.head.next_id);
                let (event, change) = ballot::open(ctx, self.matter_of(matter)?, by, id, *request)?;
                self.head.next_id += 1;
                let (events, outcome) = self.came_of(event, change, None);
                Ok((events, Outcome { made: vec![id.0], ..outcome }))
            }
            BallotDo::Cast((_, id), voter, choice, put) => {
                let mut hand = self.in_hand(id)?.clone();
                let before = hand.marks.clone();
                let event = ballot::cast(ctx, &hand.ballot, &mut hand.marks, voter, choice)?;
                if event.is_none() {
                    let sealed = put(hand.sealed.as_deref()).ok_or_else(|| Refusal::new("erased"))?;
                    self.batch.ballot_box(id, &sealed);
                    self.batch.ballot_marks(id, &before, &hand.marks);
                    hand.sealed = Some(sealed);
                    self.ballots.insert(id.0, hand);
                }
                Ok((event.map(Event::Ballot).into_iter().collect(), Outcome::default()))
            }
            BallotDo::Paper((matter, id), sheets) => {
                let mut hand = self.in_hand(id)?.clone();
                ballot::may_keep(ctx, self.matter_of(matter)?, &hand.ballot.opened.rule, by)?;
                let before = hand.marks.clone();
                let event = ballot::paper(&hand.ballot, &mut hand.marks, &sheets)?;
                self.batch.ballot_marks(id, &before, &hand.marks);
                self.ballots.insert(id.0, hand);
                Ok((event.map(Event::Ballot).into_iter().collect(), Outcome::default()))
            }
            BallotDo::Close((matter, id), paper, empty, post) => {
                let hand = self.in_hand(id)?;
                let by_link =
                    if hand.ballot.opened.secret { empty(hand.sealed.as_deref()) } else { Some(Tally::default()) };
                let by_link = by_link.ok_or_else(|| Refusal::new("erased"))?;
                let matter = self.matter_of(matter)?;
                let (event, change) = ballot::close(ctx, matter, &hand.ballot, by, &hand.marks, (by_link, paper))?;
                // What everybody may not read yet is not made known by a vote on it.
                let rule = ctx.policy.kind_of(matter).and_then(|k| k.posted.as_ref());
                let public = rule.is_some_and(|r| r.steps.contains(&matter.step));
                let posted = match &event {
                    BallotEvent::Closed { counted, .. } if public => Some(post(counted)),
                    _ => None,
                };
                Ok(self.came_of(event, change, posted))
            }
            BallotDo::Void((matter, id), secret) => {
                let hand = self.in_hand(id)?;
                let (event, change) = ballot::void(ctx, self.matter_of(matter)?, &hand.ballot, by, secret)?;
                Ok(self.came_of(event, change, None))
            }
        }
    }

    fn came_of(&self, event: BallotEvent, change: Change, posted: Option<Posted>) -> (Vec<Event>, Outcome) {
        let number = self.matters.get(&change.matter.0).map_or_else(String::new, |m| m.number.clone());
        let outcome = Outcome { matter: Some(change.matter), number, ..Outcome::default() };
        let events = [Event::Ballot(event), Event::Matter(Box::new(change))];
        (events.into_iter().chain(posted.map(Event::Posted)).collect(), outcome)
    }

    fn matter_of(&self, id: MatterId) -> Result<&Matter, Refusal> {
        self.matters.get(&id.0).ok_or_else(|| Refusal::new("not_found"))
    }

    fn in_hand(&self, id: BallotId) -> Result<&BallotInHand, Refusal> {
        self.ballots.get(&id.0).ok_or_else(|| Refusal::new("not_found"))
    }

    /// Folds an event in and writes the row. Once a vote is over its box is emptied and its marks stand in the entry.
    pub(super) fn apply_ballot(&mut self, event: &BallotEvent) {
        if let BallotEvent::Opened(opened) = event {
            let ballot = Ballot::open(opened);
            self.batch.ballot_roll(&ballot);
            self.batch.ballot_box(ballot.id(), "");
            let hand = BallotInHand { ballot, marks: ballot::Marks::new(), sealed: None };
            self.ballots.insert(opened.id.0, hand);
        }
        let Some(hand) = self.ballots.get_mut(&event.ballot().0) else { return };
        hand.ballot.apply(event);
        ballot_row(&mut self.batch, &hand.ballot, &self.directory.tree);
        if matches!(event, BallotEvent::Closed { .. } | BallotEvent::Void { .. }) {
            let none = ballot::Marks::new();
            self.batch.ballot_marks(hand.ballot.id(), &hand.marks, &none);
            self.batch.ballot_box(hand.ballot.id(), "");
            (hand.marks, hand.sealed) = (none, None);
        }
    }

    /// A tree is closed once, and begins where the one before ended.
    pub(super) fn decide_day(&mut self, root: DayRoot) -> Decided {
        if root.first != self.closed_through + 1 || root.last < root.first || root.last > self.head.seq {
            return Ok((Vec::new(), Outcome::default()));
        }
        Ok((vec![Event::DayClosed(root)], Outcome::default()))
    }

    pub(super) fn apply_day(&mut self, seq: i64, root: &DayRoot) {
        self.closed_through = root.last;
        self.batch.day_root(seq, root);
    }
}
