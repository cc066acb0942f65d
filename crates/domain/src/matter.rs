//! A matter: anything that is recorded or handled. Its state is the fold of its changes, and a change carries
//! everything that was decided (step, holder, dues, facts), so replay asks no pack, no condition and no calendar.

use crate::day::{Day, Time};
use crate::fact::Fact;
use crate::ids::{AccountId, MatterId, RegionId};
use crate::policy::{Level, Phase};
use crate::register::Holder;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Values of a form by field.
pub type Values = BTreeMap<String, Value>;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Who {
    /// Someone who signed in, under this post.
    Account {
        /// The account.
        account: AccountId,
        /// The post it acted under.
        post: Option<Holder>,
    },
    /// Whoever reported it, by the receipt.
    Reporter,
    /// The platform itself: a clock, a rule.
    System,
}

impl Who {
    /// The account, if one acted.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Who::Account { account, .. } => Some(*account),
            _ => None,
        }
    }

    /// The post acted under.
    pub fn post(&self) -> Option<&Holder> {
        match self {
            Who::Account { post, .. } => post.as_ref(),
            _ => None,
        }
    }
}

/// One way in: source, its number there, day. Intakes are counted by source, handling by matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeRecord {
    /// Channel it came through.
    pub channel: String,
    /// Number in the system it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_no: Option<String>,
    /// When.
    pub at: Time,
    /// Digest of the receipt's token, so that this reporter finds the matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Matter it first belonged to.
    pub first: MatterId,
}

/// A clock of a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockState {
    /// Which clock of the kind.
    pub id: String,
    /// When it began.
    pub started: Time,
    /// When it runs out; fixed when it began, moved only by an approved extension or a pause.
    pub due: Time,
    /// Standing still since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Time>,
    /// How often it has risen.
    #[serde(default)]
    pub escalated: u32,
    /// When it rises next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
}

impl ClockState {
    /// A move that makes itself after a time is kept as a clock of this name; it is no limit.
    pub fn is_auto(&self) -> bool {
        self.id.starts_with("auto:")
    }

    /// Whether it runs now.
    pub fn runs(&self) -> bool {
        self.stopped.is_none() && self.paused.is_none()
    }

    /// Whether it ran out before it ended, or has run out by now.
    pub fn is_overdue(&self, now: Time) -> bool {
        !self.is_auto() && self.paused.is_none() && self.due < self.stopped.unwrap_or(now)
    }
}

/// A file on a matter; its bytes lie under its digest in the data folder, enciphered under the matter's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// SM3 of the stored bytes.
    pub digest: String,
    /// Media type after checking.
    pub media: String,
    /// Size in bytes.
    pub bytes: i64,
}

/// A line of the matter's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// Entry that wrote it.
    pub seq: i64,
    /// When.
    pub at: Time,
    /// Move, or `open`, `escalate`, `correct`.
    pub mv: String,
    /// Step before.
    pub from: String,
    /// Step after.
    pub to: String,
    /// Who.
    pub by: Who,
}

/// What opens a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Kind.
    pub kind: String,
    /// Number to read out by phone, such as `20231103-0042`.
    pub number: String,
    /// Finest place known.
    pub place: RegionId,
    /// Level that took it in.
    pub level_in: Level,
    /// First step.
    pub step: String,
    /// Its phase.
    pub phase: Phase,
    /// The way in.
    pub intake: IntakeRecord,
    /// Name of the key its texts are under.
    pub key: String,
    /// Digest of the short 查询码, salted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Keeps the reporter secret.
    #[serde(default)]
    pub confidential: bool,
    /// The village is not to handle it.
    #[serde(default)]
    pub bypass: bool,
    /// Accounts and posts that may neither see nor handle it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred: Vec<String>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Happening {
    /// It was taken in.
    Opened(Box<Opened>),
    /// It moved.
    Moved {
        /// Move of the flow.
        mv: String,
        /// Step after.
        to: String,
        /// Phase after.
        phase: Phase,
        /// The mover handled it, at this level.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handled: Option<Level>,
    },
    /// A clock ran out and it rose to these posts.
    Escalated {
        /// Which clock.
        clock: String,
        /// Posts that now watch it.
        to: Vec<Holder>,
    },
    /// A wrong place or value was put right.
    Corrected {
        /// Place after.
        place: RegionId,
    },
    /// A wrong entry; it never happened.
    Voided {
        /// Step before.
        step: String,
    },
    /// It is the same matter as another one.
    Merged {
        /// That other one.
        into: MatterId,
    },
    /// It took in the intakes of another one.
    Absorbed {
        /// That other one.
        from: MatterId,
        /// Its intakes.
        intakes: Vec<IntakeRecord>,
    },
}

/// A change with all that was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Matter.
    pub matter: MatterId,
    /// When.
    pub at: Time,
    /// Who.
    pub by: Who,
    /// What.
    pub what: Happening,
    /// Who has it after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Plain values set; `null` clears one.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub values: Values,
    /// Texts, as ciphertext under the matter's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Files added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
    /// Clocks after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockState>,
    /// Difference of the facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

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
    pub level_done: Option<Level>,
    /// Who has it.
    pub holder: Option<Holder>,
    /// Who had it before, last one last.
    pub previous: Vec<Holder>,
    /// Posts it rose to.
    pub watchers: Vec<Holder>,
    /// Accounts that handled it.
    pub handlers: Vec<AccountId>,
    /// Account that entered it.
    pub opener: Option<AccountId>,
    /// Ways in.
    pub intakes: Vec<IntakeRecord>,
    /// Plain values.
    pub values: Values,
    /// Ciphertexts with the entry that wrote each.
    pub secrets: Vec<(i64, String)>,
    /// Files with the entry that wrote each.
    pub files: Vec<(i64, FileRef)>,
    /// Clocks.
    pub clocks: Vec<ClockState>,
    /// The way so far.
    pub trail: Vec<Trail>,
    /// Facts in force.
    pub facts: Vec<Fact>,
    /// Name of its key.
    pub key: String,
    /// Digest of the 查询码.
    pub code: Option<String>,
    /// Keeps the reporter secret.
    pub confidential: bool,
    /// The village is not to handle it.
    pub bypass: bool,
    /// Accounts and posts that may neither see nor handle it.
    pub barred: Vec<String>,
    /// A wrong entry.
    pub voided: bool,
    /// The matter that stands for it.
    pub merged_into: Option<MatterId>,
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
        self.secrets.extend(change.secret.iter().map(|s| (seq, s.clone())));
        self.files.extend(change.files.iter().map(|f| (seq, f.clone())));
        self.clocks.clone_from(&change.clocks);
        let mut facts = self.facts.clone();
        facts.extend(change.facts.iter().cloned());
        self.facts = crate::fact::difference(&[], &facts);
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
                "merge".to_owned()
            }
            Happening::Absorbed { intakes, .. } => {
                self.intakes.extend(intakes.iter().cloned());
                "absorb".to_owned()
            }
        }
    }

    /// Version shown on a page: a move made on a stale page is refused.
    pub fn version(&self) -> i64 {
        i64::try_from(self.trail.len()).unwrap_or(i64::MAX)
    }

    /// Values a condition may speak of.
    pub fn vars(&self) -> BTreeMap<String, Value> {
        let mut vars: BTreeMap<String, Value> = self.values.clone();
        let text = |s: &str| Value::String(s.to_owned());
        vars.insert("channel".into(), text(self.channel()));
        vars.insert("step".into(), text(&self.step));
        vars.insert("level_in".into(), text(self.level_in.as_str()));
        vars.insert("level_done".into(), text(self.level_done.map_or("", Level::as_str)));
        vars.insert("bypass".into(), Value::Bool(self.bypass));
        vars.insert("named".into(), Value::Bool(!self.barred.is_empty()));
        vars
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
