//! A mirror of the matters under way: the same rules as the committer's, without measures, so that the next mover and
//! the next due time are known before the answer is back. It decides nothing; what it foresees is only sent earlier.

use std::sync::Arc;
use xiangyue_app::matter::{MoveForm, OpenForm};
use xiangyue_domain::day::Time;
use xiangyue_domain::flow::{self, Ctx, MoveRequest, OpenRequest};
use xiangyue_domain::form;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::{Matter, Who};
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

    /// Makes a move as the committer will.
    pub fn make(&self, matter: &mut Matter, at: Time, by: Who, sent: &MoveForm) -> Result<(), Refusal> {
        let kind = self.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
        let mv = kind.find_move(&sent.mv).ok_or_else(|| Refusal::new("no_move"))?;
        let read = form::read(&self.policy, kind, &mv.fields, &mv.require, &sent.typed).map_err(Refusal::form)?;
        let request = MoveRequest {
            mv: sent.mv.clone(),
            values: read.plain,
            texts: read.secret.into_keys().collect(),
            to: sent.to.clone(),
            ..MoveRequest::default()
        };
        for change in flow::make_move(self.ctx(at), matter, by, request, &mut unseen)? {
            take(matter, &change);
        }
        Ok(())
    }

    /// What the clock causes; `false` when nothing is due.
    pub fn tick(&self, matter: &mut Matter, at: Time) -> bool {
        let changes = flow::tick(self.ctx(at), matter, &mut unseen).unwrap_or_default();
        changes.iter().for_each(|change| take(matter, change));
        !changes.is_empty()
    }

    /// Merges one into another.
    pub fn merge(&self, from: &mut Matter, into: &mut Matter, at: Time, by: Who) -> Result<(), Refusal> {
        let (away, taken) = flow::merge(self.ctx(at), from, into, by)?;
        from.apply(&away, 0);
        into.apply(&taken, 0);
        Ok(())
    }
}

/// Ids of matters that a move opens are the committer's to draw.
fn unseen() -> MatterId {
    MatterId(0)
}

fn take(matter: &mut Matter, change: &xiangyue_domain::matter::Change) {
    if change.matter == matter.id {
        matter.apply(change, 0);
    }
}
