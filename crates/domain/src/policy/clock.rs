//! Clocks as a pack writes them: which steps they run in, what limit holds when, and whom an overdue matter rises to.

use super::flow::Assign;
use crate::calendar::Limit;
use crate::condition::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A named clock that runs while the matter is in one of its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Identifier such as `handle`.
    pub id: String,
    /// Name on screen.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Steps it runs in.
    pub over: Vec<String>,
    /// Steps in which it stands still.
    #[serde(default)]
    pub paused_in: Vec<String>,
    /// The first rule whose condition holds gives the limit.
    pub limits: Vec<LimitRule>,
    /// A date field whose day, when given, is the limit (a limit set by the sender).
    #[serde(default)]
    pub limit_field: Option<String>,
    /// What happens when it runs out.
    #[serde(default)]
    pub escalate: Option<Escalation>,
}

/// A limit and when it applies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitRule {
    /// Condition; without it the rule always applies.
    #[serde(default)]
    pub when: Option<Condition>,
    /// The limit: `5wd` working days, `4wh` working hours, `24h` by the wall clock.
    pub limit: Limit,
    /// First day on which the rule is in force.
    #[serde(default)]
    pub from: Option<String>,
    /// The rule's basis, shown with it.
    #[serde(default)]
    pub basis: String,
}

/// What happens to an overdue matter: it rises post by post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// Posts that are told, one after another.
    pub to: Vec<Assign>,
    /// Time between them.
    pub every: Limit,
}
