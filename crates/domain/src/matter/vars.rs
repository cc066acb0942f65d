//! What a condition may speak of, found by name when it asks: most conditions ask for one or two things, and a matter has
//! many. Everything follows from the matter's events alone, so that a fact never depends on when it is asked for; what does
//! depend on the clock is there for moves only.

use super::{ClockState, Matter};
use crate::condition::{Spoken, to_cel};
use crate::day::Time;
use crate::policy::{FieldType, Kind, Level};
use cel::Value as Cel;
use serde_json::Value;
use std::borrow::Cow;
use std::cell::OnceCell;

/// Values of a matter under its kind.
pub struct MatterVars<'a> {
    matter: &'a Matter,
    kind: &'a Kind,
    now: Option<Time>,
    made: OnceCell<Cel>,
}

impl Matter {
    /// Values a condition may speak of: the fields, and of the course of the matter `made` (how often each move was made),
    /// `late` and `met` (the clocks that ran out and those that were kept), `open_parts` (the kinds of those below it that
    /// are not done) and what stands in [`MatterVars`].
    pub fn vars<'a>(&'a self, kind: &'a Kind) -> MatterVars<'a> {
        MatterVars { matter: self, kind, now: None, made: OnceCell::new() }
    }

    /// The same for a move, which may also ask for the clocks that have run out by now (`overdue`).
    pub fn vars_now<'a>(&'a self, kind: &'a Kind, now: Time) -> MatterVars<'a> {
        MatterVars { now: Some(now), ..self.vars(kind) }
    }
}

impl MatterVars<'_> {
    /// How often each move of the kind was made.
    fn made(&self) -> Value {
        let n = |id: &str| self.matter.trail.iter().filter(|t| t.mv == id).count();
        Value::Object(self.kind.moves.iter().map(|m| (m.id.clone(), Value::from(n(&m.id)))).collect())
    }

    /// Names of clocks of the pack, each once.
    fn clocks(&self, wanted: impl Fn(&ClockState) -> bool) -> Value {
        let mut ids: Vec<&str> = Vec::new();
        for clock in self.matter.clocks.iter().filter(|c| !c.is_auto() && wanted(c)) {
            if !ids.contains(&clock.id.as_str()) {
                ids.push(&clock.id);
            }
        }
        Value::from(ids)
    }

    fn overdue(&self, now: Time) -> Value {
        let clocks = self.matter.clocks.iter().filter(|c| c.runs() && c.is_overdue(now));
        Value::from(clocks.map(|c| c.id.as_str()).collect::<Vec<_>>())
    }

    /// What it has a name for that is no field.
    fn course(&self, name: &str) -> Option<Value> {
        let matter = self.matter;
        let text = |s: &str| Value::String(s.to_owned());
        let late = |c: &ClockState| c.escalated > 0 || c.stopped.is_some_and(|at| at > c.due);
        Some(match name {
            "filled" => Value::from(matter.filled.clone()),
            "late" => self.clocks(late),
            "met" => self.clocks(|c| c.stopped.is_some() && !late(c)),
            "channel" => text(matter.channel()),
            "step" => text(&matter.step),
            "level_in" => text(matter.level_in.as_str()),
            "level_done" => text(matter.level_done.map_or("", Level::as_str)),
            "holder" => text(matter.holder.as_ref().map_or("", |h| h.post.as_str())),
            "bypass" => Value::Bool(matter.bypass),
            "named" => Value::Bool(!matter.barred.is_empty()),
            "parts_open" => Value::from(matter.parts_open()),
            "parts_total" => Value::from(matter.parts.len()),
            "open_parts" => {
                let open = matter.parts.iter().filter(|p| p.is_open());
                Value::from(open.map(|p| p.kind.as_str()).collect::<Vec<_>>())
            }
            _ => return None,
        })
    }
}

impl Spoken for MatterVars<'_> {
    fn value(&self, name: &str) -> Option<Cow<'_, Value>> {
        if let ("overdue", Some(now)) = (name, self.now) {
            return Some(Cow::Owned(self.overdue(now)));
        }
        if self.kind.fields.iter().any(|f| f.kind == FieldType::File && f.id == name) {
            return Some(Cow::Owned(Value::from(self.matter.papers(name))));
        }
        if name == "made" {
            return Some(Cow::Owned(self.made()));
        }
        match self.course(name) {
            Some(value) => Some(Cow::Owned(value)),
            None => self.matter.values.get(name).map(Cow::Borrowed),
        }
    }
    fn ready(&self, name: &str) -> Option<Cel> {
        if name == "made" {
            return Some(self.made.get_or_init(|| to_cel(&self.made())).clone());
        }
        self.value(name).map(|value| to_cel(&value))
    }
}
