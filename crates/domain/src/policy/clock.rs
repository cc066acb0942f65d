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
    /// The first rule whose condition holds gives the limit; one of the matter's own category goes before, see
    /// [`Clock::limit_for`].
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
    /// Category that the rule is for, with everything below it for which nothing else is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The limit: `5wd` working days, `4wh` working hours, `24h` by the wall clock.
    pub limit: Limit,
    /// First day on which the rule is in force.
    #[serde(default)]
    pub from: Option<String>,
    /// The rule's basis, shown with it.
    #[serde(default)]
    pub basis: String,
}

impl Clock {
    /// The limit that a matter has whose category and what stands above it are these codes, nearest first; `holds` says
    /// whether a rule is in force. Whether the clock runs at all is for the rules without a category to say: a category
    /// only changes how long it takes. Of those for categories, the nearest one counts, then the order of writing.
    pub fn limit_for(&self, chain: &[&str], holds: &dyn Fn(&LimitRule) -> bool) -> Option<&LimitRule> {
        let general = self.limits.iter().find(|rule| rule.category.is_none() && holds(rule))?;
        let of = |code: &str| self.limits.iter().find(|r| r.category.as_deref() == Some(code) && holds(r));
        Some(chain.iter().find_map(|code| of(code)).unwrap_or(general))
    }

    /// The limit to name where no matter is at hand.
    pub fn usual_limit(&self) -> Option<&LimitRule> {
        self.limits.iter().rfind(|rule| rule.category.is_none())
    }
}

/// Limits of `limits.toml`: those that a county sets for a category, without writing the kind's own file anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryLimit {
    /// Kind.
    pub kind: String,
    /// Its clock.
    pub clock: String,
    /// Category that it is for, with everything below it for which nothing else is said.
    pub category: String,
    /// Condition; without it the limit holds whenever the clock runs.
    #[serde(default)]
    pub when: Option<Condition>,
    /// The limit: `5wd` working days, `4wh` working hours, `24h` by the wall clock.
    pub limit: Limit,
    /// First day on which it is in force.
    #[serde(default)]
    pub from: Option<String>,
    /// Its basis.
    #[serde(default)]
    pub basis: String,
}

impl From<CategoryLimit> for LimitRule {
    fn from(of: CategoryLimit) -> LimitRule {
        let CategoryLimit { category, when, limit, from, basis, .. } = of;
        LimitRule { when, category: Some(category), limit, from, basis }
    }
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
