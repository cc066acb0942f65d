//! What the decisions of some commands may ask for, named before anything is read, so that each table is read once. It says
//! nothing of what will be decided.

use crate::command::{Command, Envelope, MatterRef};
use crate::world::counter_name;
use xiangyue_domain::ids::BallotId;

#[derive(Default)]
pub(super) struct Needs {
    pub keys: Vec<String>,
    pub ids: Vec<i64>,
    pub counters: Vec<String>,
    pub ballots: Vec<BallotId>,
    pub days: bool,
    pub numbers: Vec<String>,
    pub subscriptions: Vec<i64>,
    /// Whether it must be decided within the transaction: on more than matters, answers and counters.
    pub within: bool,
}

impl Needs {
    pub fn of(group: &[Envelope]) -> Needs {
        let mut needs = Needs::default();
        for envelope in group {
            needs.keys.extend(envelope.key.iter().chain(&envelope.beside.claims).cloned());
            match &envelope.command {
                Command::Open(_) => needs.counters.push(counter_name(envelope.at)),
                Command::Move(MatterRef::Id(id), _) | Command::Tick(id) => needs.ids.push(id.0),
                Command::Move(MatterRef::Opened(key), _) => needs.keys.push(key.clone()),
                Command::Correct { matter, .. } | Command::Void { matter, .. } => needs.ids.push(matter.0),
                Command::Join(_, pair) => needs.ids.extend([pair.from.0, pair.into.0]),
                Command::Keep(_, ids) => needs.ids.extend(ids.iter().map(|m| m.0)),
                Command::Ballot(what) => {
                    needs.ids.push(what.matter().0);
                    needs.ballots.extend(what.ballot());
                    needs.within = true;
                }
                Command::Subscription(what) => {
                    needs.numbers.extend(what.token().map(str::to_owned));
                    needs.subscriptions.extend(what.ids());
                    needs.within = true;
                }
                Command::CloseDay(_) => (needs.days, needs.within) = (true, true),
                Command::Register(_) | Command::Ledger(_) => needs.within = true,
                Command::Aside(_) | Command::Settle => {}
            }
        }
        needs.counters.sort();
        needs.counters.dedup();
        needs.ids.sort_unstable();
        needs.ids.dedup();
        needs
    }
}
