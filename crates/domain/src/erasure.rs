//! Why a person's data are destroyed: one of the grounds that the law names, and nothing more; and until when they must not
//! be. An entry of the journal holds the ground and never a word about the person, or the entry itself would keep what it
//! says is gone.

use crate::day::Day;
use crate::matter::Matter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A ground of article 47 of the law on personal information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// What they were handled for is reached, cannot be reached, or needs them no more.
    Purpose,
    /// The service ended, or the time for keeping them is over.
    Expired,
    /// The person took back their consent.
    Withdrawn,
    /// They were handled against the law or against what was agreed.
    Unlawful,
    /// Another law says so.
    Law,
}

/// How long matters of a kind must be kept after they ended. Until then nothing in them may be destroyed on anybody's ground:
/// article 47 of the law on personal information leaves storing as the only thing that is done with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// For all of them: years, or `"always"`.
    pub term: Term,
    /// A choice of the form that says otherwise, matter by matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What its values say; one that is not named here leaves `term`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by: BTreeMap<String, Term>,
    /// The rule that asks for it, as it is told to whoever wants something destroyed.
    pub basis: String,
}

/// A time of keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Term {
    /// Full years.
    Years(u8),
    /// Without end.
    Always(Always),
}

/// The word for what is kept without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Always {
    /// For ever.
    Always,
}

/// Until when a matter is kept; what is kept longer is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// Up to the day before this one.
    Until(Day),
    /// Without end.
    Always,
}

impl Retention {
    /// Until when a matter is kept that has ended: years are counted from the day on which it last moved.
    pub fn of(&self, matter: &Matter) -> Kept {
        let said = self.field.as_ref().and_then(|field| matter.values.get(field)).and_then(Value::as_str);
        let ended = matter.trail.last().map_or(matter.accepted, |t| t.at.day());
        match said.and_then(|value| self.by.get(value)).unwrap_or(&self.term) {
            Term::Years(years) => Kept::Until(ended.plus_months(12 * i32::from(*years))),
            Term::Always(Always::Always) => Kept::Always,
        }
    }

    /// What a pack wrote wrongly: where, and which name is unknown.
    pub fn faults(&self, options: impl Fn(&str) -> Option<Vec<String>>) -> Vec<(String, String)> {
        let Some(field) = &self.field else {
            return self.by.keys().map(|value| (format!("by/{value}"), value.clone())).collect();
        };
        let Some(options) = options(field) else { return vec![("field".to_owned(), field.clone())] };
        let unknown = self.by.keys().filter(|value| !options.contains(value));
        unknown.map(|value| (format!("by/{value}"), value.clone())).collect()
    }
}
