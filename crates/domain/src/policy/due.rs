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
    /// Move by which somebody lets pictures be seen that were added after it was published; publishing lets be seen what
    /// was there before.
    #[serde(default)]
    pub pictures: Option<String>,
    /// How the township's sheet of accounts fills it.
    #[serde(default)]
    pub accounts: Option<super::AccountsRules>,
}
