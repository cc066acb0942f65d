//! A mirror of the matters under way and of those that their moves opened: the same rules as the committer's, without
//! measures, so that the next mover and the next due time are known before the answer is back. It decides nothing; what it foresees is only sent earlier.

use std::sync::Arc;
use xiangyue_app::matter::{MoveForm, OpenForm};
use xiangyue_domain::day::Time;
use xiangyue_domain::flow::{self, Ctx, MoveRequest, OpenRequest};
use xiangyue_domain::form;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::{Change, Matter, Who};
use xiangyue_domain::policy::Policy;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::Directory;

/// The mirror.
pub(crate) struct Shadow {
    pub policy: Policy,
    pub directory: Arc<Directory>,
}

impl Shadow {
    pub fn new(policy: &Policy, directory: Arc<Directory>) -> Shadow {
        let mut policy = policy.clone();
        for kind in &mut policy.kinds {
            kind.measures.clear();
        }
        Shadow { policy, directory }
    }

    pub fn ctx(&self, now: Time) -> Ctx<'_> {
        Ctx { now, policy: &self.policy, directory: &self.directory }
    }

    /// Opens a matter as the committer will.
    pub fn open(&self, at: Time, by: Who, id: i64, sent: &OpenForm) -> Result<Matter, Refusal> {
        let kind = self.policy.kind(&sent.kind).ok_or_else(|| Refusal::new("no_kind"))?;
        let ids: Vec<String> = kind.intake_fields().iter().map(|f| f.id.clone()).collect();
        let read = form::read(&self.policy, kind, &ids, &[], &sent.typed).map_err(Refusal::form)?;
        let request = OpenRequest {
            kind: sent.kind.clone(),
            place: sent.place,
            channel: sent.channel.clone(),
            values: read.plain,
            confidential: sent.confidential,
            bypass: sent.bypass,
            ..OpenRequest::default()
        };
        let change = flow::open(self.ctx(at), by, MatterId(id), String::new(), request)?;
        Matter::open(&change, 0).ok_or_else(|| Refusal::new("no_kind"))
    }

    /// Makes a move as the committer will; `nth` is 0 for the matter itself, n for the nth that its moves opened.
    pub fn make(&self, kin: &mut Kin, nth: usize, at: Time, by: Who, sent: &MoveForm) -> Result<(), Refusal> {
        let matter = kin.get(nth).ok_or_else(|| Refusal::new("not_found"))?;
        let kind = self.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
        let mv = kind.find_move(&sent.mv).ok_or_else(|| Refusal::new("no_move"))?;
        let read = form::read(&self.policy, kind, &mv.fields, &mv.require, &sent.typed).map_err(Refusal::form)?;
        let request = MoveRequest {
            mv: sent.mv.clone(),
            values: read.plain,
            texts: read.secret.into_keys().collect(),
            to: sent.to.clone(),
            parts: sent.parts.clone(),
            ..MoveRequest::default()
        };
        let changes = flow::make_move(self.ctx(at), matter, by, request, &mut kin.unseen())?;
        self.take(kin, nth, at, &changes)
    }

    /// What the clock causes; `false` when nothing is due.
    pub fn tick(&self, kin: &mut Kin, nth: usize, at: Time) -> bool {
        let Some(matter) = kin.get(nth) else { return false };
        let changes = flow::tick(self.ctx(at), matter, &mut kin.unseen()).unwrap_or_default();
        self.take(kin, nth, at, &changes).is_ok() && !changes.is_empty()
    }

    /// Takes changes in, and what they mean for the matter above.
    fn take(&self, kin: &mut Kin, nth: usize, at: Time, changes: &[Change]) -> Result<(), Refusal> {
        changes.iter().for_each(|change| kin.apply(change));
        if nth == 0 {
            self.take_back(kin, at, changes)?;
        }
        if let Some(part) = kin.parts.get(nth.wrapping_sub(1)) {
            let above = flow::part_moved(self.ctx(at), &kin.own, part, &mut kin.unseen())?;
            above.iter().for_each(|change| kin.apply(change));
        }
        Ok(())
    }

    /// What becomes of the parts of a matter that was taken back.
    fn take_back(&self, kin: &mut Kin, at: Time, changes: &[Change]) -> Result<(), Refusal> {
        for change in changes {
            for part in kin.parts.clone() {
                let taken = flow::taken_back(self.ctx(at), &kin.own, change, &part)?;
                let Some(taken) = taken.filter(|_| change.matter == kin.own.id) else { continue };
                kin.apply(&taken);
                let mut part = part;
                part.apply(&taken, 0);
                let above = flow::part_moved(self.ctx(at), &kin.own, &part, &mut kin.unseen())?;
                above.iter().for_each(|change| kin.apply(change));
            }
        }
        Ok(())
    }

    /// Merges one into another.
    pub fn merge(&self, from: &mut Matter, into: &mut Matter, at: Time, by: Who) -> Result<(), Refusal> {
        let (away, taken) = flow::merge(self.ctx(at), from, into, by)?;
        from.apply(&away, 0);
        into.apply(&taken, 0);
        Ok(())
    }
}

/// A matter with those that its moves opened, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Kin {
    pub own: Matter,
    pub parts: Vec<Matter>,
}

impl Kin {
    pub fn new(own: Matter) -> Kin {
        Kin { own, parts: Vec::new() }
    }

    /// The matter itself, or the nth that its moves opened.
    pub fn get(&self, nth: usize) -> Option<&Matter> {
        nth.checked_sub(1).map_or(Some(&self.own), |i| self.parts.get(i))
    }

    /// When each next has to be looked at by the clock.
    pub fn dues(&self) -> Vec<Option<Time>> {
        std::iter::once(&self.own).chain(&self.parts).map(Matter::next_due).collect()
    }

    /// The true ids are the committer's to draw; here they only have to differ.
    fn unseen(&self) -> impl FnMut() -> MatterId + use<> {
        let mut n = i64::try_from(self.parts.len()).unwrap_or(0);
        let base = self.own.id.0 * 1000;
        move || {
            n += 1;
            MatterId(-base - n)
        }
    }

    fn apply(&mut self, change: &Change) {
        let known = std::iter::once(&mut self.own).chain(&mut self.parts).find(|m| m.id == change.matter);
        match known {
            Some(matter) => matter.apply(change, 0),
            None => self.parts.extend(Matter::open(change, 0)),
        }
    }
}
