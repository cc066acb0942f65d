//! A kind whose matters discharge duties of a catalogue, as a pack writes it: which fields say what for, which move makes
//! one public, which measures count. It names what the kind holds and decides nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Matters of the kind discharge duties: each item of a catalogue, for each village and period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DutyRules {
    /// Catalogue whose items have a `cadence`.
    pub catalogue: String,
    /// Choice field: the item.
    pub item: String,
    /// Period field.
    pub period: String,
    /// Date field: the day of what happened, for items that follow an event.
    pub event: String,
    /// Date field that the platform fills with the last day in time; measures are dated by it.
    pub due: String,
    /// Date field that the platform fills with the same day, for the clock's `limit_field`; a correction empties it.
    pub publish_by: String,
    /// Choice field that the platform fills: `month`, `quarter`, `year`, `event`.
    pub cadence: String,
    /// Move that makes it public, each time as a new version.
    pub publish: String,
    /// Step of what was withdrawn; its reason stays public.
    pub withdrawn: String,
    /// Measure, dated by `due` and not split, so that a board of all villages reads one sum a month: public, events left out.
    pub done: String,
    /// Measure, dated alike: public in time, events left out.
    pub in_time: String,
    /// Kind by which anybody may object from the public page; its `about` field holds the number.
    #[serde(default)]
    pub objection: Option<String>,
    /// Until when questions are taken; without it always.
    #[serde(default)]
    pub window: Option<WindowRule>,
    /// Move by which somebody lets pictures be seen that were added after it was published; publishing lets be seen what
    /// was there before.
    #[serde(default)]
    pub pictures: Option<String>,
    /// How the township's sheet of accounts fills it.
    #[serde(default)]
    pub accounts: Option<super::AccountsRules>,
}

/// How long questions are taken about something that was made public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowRule {
    /// Days after each publication, for items of the catalogue that have no `window` of their own.
    pub days: i32,
    /// The rule that says so: named where a question is refused.
    pub basis: String,
    /// What whoever comes later can still do, with the articles that give the right to it.
    pub instead: String,
}

/// The longest window in days; longer ones are a slip of the pen.
pub const WINDOW_MOST: i32 = 3660;

impl WindowRule {
    /// Which of its keys is wrong.
    pub fn fault(&self) -> Option<&'static str> {
        let empty = [("basis", &self.basis), ("instead", &self.instead)];
        let days = (!(1..=WINDOW_MOST).contains(&self.days)).then_some("days");
        days.or_else(|| empty.into_iter().find(|(_, text)| text.trim().is_empty()).map(|(key, _)| key))
    }
}
