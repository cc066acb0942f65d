//! A matter: anything that is recorded or handled. Its state is the fold of its changes, and a change carries
//! everything that was decided (step, holder, dues, facts), so replay asks no pack, no condition and no calendar.

mod change;
mod record;
mod vars;

pub use change::{Change, Happening, Opened};
pub use record::{BallotRef, ClockState, FileRef, IntakeRecord, Part, Trail, Who};
pub use vars::MatterVars;

use crate::day::{Day, Time};
use crate::fact::Fact;
use crate::ids::{AccountId, MatterId, RegionId};
use crate::policy::{Level, Phase};
use crate::register::Holder;
use record::is_false;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Values of a form by field.
pub type Values = BTreeMap<String, Value>;

/// Words in a trail for bookkeeping.
const BOOKKEEPING: &[&str] = &["part", "reschedule"];

/// A matter as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matter {
    /// Identity.
    pub id: MatterId,
    /// Kind.
    pub kind: String,
    /// Number to read out by phone.
    pub number: String,
    /// Step.
    pub step: String,
    /// Phase of the step.
    pub phase: Phase,
    /// Finest place known.
    pub place: RegionId,
    /// Day it was taken in: the cohort of its facts.
    pub accepted: Day,
    /// Level that took it in.
    pub level_in: Level,
    /// Level that solved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_done: Option<Level>,
    /// Who has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Who had it before, last one last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<Holder>,
    /// Posts it rose to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watchers: Vec<Holder>,
    /// Accounts that handled it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handlers: Vec<AccountId>,
    /// Account that entered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opener: Option<AccountId>,
    /// Ways in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intakes: Vec<IntakeRecord>,
    /// Plain values.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub values: Values,
    /// Ciphertexts with the entry that wrote each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<(i64, String)>,
    /// Files with the entry that wrote each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(i64, FileRef)>,
    /// Clocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockState>,
    /// The way so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trail: Vec<Trail>,
    /// Facts in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Name of its key.
    pub key: String,
    /// Digest of the 查询码.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Keeps the reporter secret.
    #[serde(default, skip_serializing_if = "is_false")]
    pub confidential: bool,
    /// The village is not to handle it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bypass: bool,
    /// Accounts and posts that may neither see nor handle it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred: Vec<String>,
    /// A wrong entry.
    #[serde(default, skip_serializing_if = "is_false")]
    pub voided: bool,
    /// The matter that stands for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<MatterId>,
    /// Its clocks as they were when it was merged, should it come back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aside: Vec<ClockState>,
    /// Version of the flow it runs under; empty for the one in force.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub flow: String,
    /// The matter that opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<MatterId>,
    /// Matters that it opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Text fields that were filled at some time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<String>,
    /// Votes by ballot that were opened on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ballots: Vec<BallotRef>,
    /// Number fields that a ballot has counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
}

impl Matter {
    /// The first change makes the matter; any other kind of first change is a broken journal and gives `None`.
    pub fn open(change: &Change, seq: i64) -> Option<Matter> {
        let Happening::Opened(opened) = &change.what else { return None };
        let mut matter = Matter {
            id: change.matter,
            kind: opened.kind.clone(),
            number: opened.number.clone(),
            step: String::new(),
            phase: opened.phase,
            place: opened.place,
            accepted: opened.intake.at.day(),
            level_in: opened.level_in,
            level_done: None,
            holder: None,
            previous: Vec::new(),
            watchers: Vec::new(),
            handlers: Vec::new(),
            opener: change.by.account(),
            intakes: Vec::new(),
            values: Values::new(),
            secrets: Vec::new(),
            files: Vec::new(),
            clocks: Vec::new(),
            trail: Vec::new(),
            facts: Vec::new(),
            key: opened.key.clone(),
            code: opened.code.clone(),
            confidential: opened.confidential,
            bypass: opened.bypass,
            barred: opened.barred.clone(),
            voided: false,
            merged_into: None,
            aside: Vec::new(),
            flow: opened.flow.clone(),
            parent: opened.parent,
            parts: Vec::new(),
            filled: Vec::new(),
            ballots: Vec::new(),
            fixed: Vec::new(),
        };
        matter.apply(change, seq);
        Some(matter)
    }

    /// Folds a change in; never fails.
    pub fn apply(&mut self, change: &Change, seq: i64) {
        let from = self.step.clone();
        let mv = self.apply_what(&change.what, &change.by);
        if change.holder != self.holder {
            self.previous.extend(self.holder.take());
            self.holder.clone_from(&change.holder);
        }
        for (field, value) in &change.values {
            if value.is_null() {
                self.values.remove(field);
            } else {
                self.values.insert(field.clone(), value.clone());
            }
        }
        if let Happening::Opened(opened) = &change.what {
            self.secrets.extend(opened.given.iter().map(|s| (seq, s.clone())));
        }
        self.secrets.extend(change.secret.iter().map(|s| (seq, s.clone())));
        for field in &change.texts {
            if !self.filled.contains(field) {
                self.filled.push(field.clone());
            }
        }
        for part in &change.parts {
            match self.parts.iter_mut().find(|p| p.id == part.id) {
                Some(known) => known.clone_from(part),
                None => self.parts.push(part.clone()),
            }
        }
        for holder in &change.told {
            if !self.watchers.contains(holder) {
                self.watchers.push(holder.clone());
            }
        }
        self.files.extend(change.files.iter().map(|f| (seq, f.clone())));
        self.clocks.clone_from(&change.clocks);
        let mut facts = self.facts.clone();
        facts.extend(change.facts.iter().cloned());
        self.facts = crate::fact::difference(&[], &facts);
        if change.what == Happening::Recounted {
            return;
        }
        self.trail.push(Trail { seq, at: change.at, mv, from, to: self.step.clone(), by: change.by.clone() });
    }

    fn apply_what(&mut self, what: &Happening, by: &Who) -> String {
        match what {
            Happening::Opened(opened) => {
                self.step.clone_from(&opened.step);
                self.intakes.push(opened.intake.clone());
                "open".to_owned()
            }
            Happening::Moved { mv, to, phase, handled } => {
                self.step.clone_from(to);
                self.phase = *phase;
                if handled.is_some() {
                    self.level_done = *handled;
                    self.handlers.extend(by.account().filter(|a| !self.handlers.contains(a)));
                }
                mv.clone()
            }
            Happening::Escalated { to, .. } => {
                for holder in to {
                    if !self.watchers.contains(holder) {
                        self.watchers.push(holder.clone());
                    }
                }
                "escalate".to_owned()
            }
            Happening::Corrected { place } => {
                self.place = *place;
                "correct".to_owned()
            }
            Happening::Voided { .. } => {
                self.voided = true;
                self.phase = Phase::Final;
                "void".to_owned()
            }
            Happening::Merged { into } => {
                self.merged_into = Some(*into);
                self.phase = Phase::Final;
                self.aside.clone_from(&self.clocks);
                "merge".to_owned()
            }
            Happening::Restored { phase, .. } => {
                self.merged_into = None;
                self.phase = *phase;
                self.aside.clear();
                "restore".to_owned()
            }
            Happening::Released { intakes, .. } => {
                self.intakes = crate::flow::without(&self.intakes, intakes);
                "release".to_owned()
            }
            Happening::Absorbed { intakes, .. } => {
                self.intakes.extend(intakes.iter().cloned());
                "absorb".to_owned()
            }
            Happening::Balloted { ballot, fixed } => self.balloted(ballot, fixed),
            Happening::PartMoved => "part".to_owned(),
            Happening::Rescheduled => "reschedule".to_owned(),
            Happening::Recounted => "recount".to_owned(),
            Happening::Carried { flow, step, phase } => {
                self.flow.clone_from(flow);
                self.step.clone_from(step);
                self.phase = *phase;
                "carry".to_owned()
            }
        }
    }

    fn balloted(&mut self, ballot: &BallotRef, fixed: &[String]) -> String {
        match self.ballots.iter_mut().find(|b| b.id == ballot.id) {
            Some(known) => known.clone_from(ballot),
            None => self.ballots.push(ballot.clone()),
        }
        for field in fixed.iter().filter(|f| !self.fixed.contains(f)).cloned().collect::<Vec<_>>() {
            self.fixed.push(field);
        }
        "ballot".to_owned()
    }

    /// Version shown on a page: a move made on a stale page is refused.
    pub fn version(&self) -> i64 {
        let moved = self.trail.iter().filter(|t| !BOOKKEEPING.contains(&t.mv.as_str())).count();
        i64::try_from(moved).unwrap_or(i64::MAX)
    }

    /// Matters that it opened and that are not done.
    pub fn parts_open(&self) -> usize {
        self.parts.iter().filter(|p| p.is_open()).count()
    }

    /// How many papers fill a field.
    pub fn papers(&self, field: &str) -> usize {
        self.files.iter().filter(|(_, f)| f.field == field).count()
    }

    /// Whether a field holds something: a value, a text, a paper.
    pub fn holds(&self, field: &str) -> bool {
        self.values.contains_key(field) || self.filled.iter().any(|f| f == field) || self.papers(field) > 0
    }

    /// The first channel it came through.
    pub fn channel(&self) -> &str {
        self.intakes.first().map_or("", |i| i.channel.as_str())
    }

    /// A number field's value, or 0.
    pub fn number_of(&self, field: &str) -> i64 {
        self.values.get(field).and_then(Value::as_i64).unwrap_or(0)
    }

    /// The bucket a measure puts this matter in.
    pub fn bucket_of(&self, dimension: Option<&str>) -> String {
        match dimension {
            None => String::new(),
            Some("channel") => self.channel().to_owned(),
            Some("level_in") => self.level_in.as_str().to_owned(),
            Some("level_done") => self.level_done.map_or("", Level::as_str).to_owned(),
            Some(field) => match self.values.get(field) {
                Some(Value::String(s)) => s.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            },
        }
    }

    /// When it next has to be looked at by the clock; `None` when no clock runs.
    pub fn next_due(&self) -> Option<Time> {
        if self.phase == Phase::Final {
            return None;
        }
        self.clocks.iter().filter(|c| c.runs()).filter_map(|c| c.next).min()
    }

    /// The nearest limit of a running clock, for lists.
    pub fn due(&self) -> Option<Time> {
        self.clocks.iter().filter(|c| c.runs() && !c.is_auto()).map(|c| c.due).min()
    }

    /// When the present step was entered.
    pub fn since(&self) -> Option<Time> {
        let mut since = None;
        for item in &self.trail {
            if item.from != item.to || since.is_none() {
                since = Some(item.at);
            }
        }
        since
    }

    /// Whether an account, holding these posts, is barred from it.
    pub fn bars(&self, account: AccountId, posts: &[&Holder]) -> bool {
        if self.barred.is_empty() {
            return false;
        }
        let own = format!("account:{account}");
        self.barred.iter().any(|b| *b == own || posts.iter().any(|p| p.key() == *b))
    }
}
