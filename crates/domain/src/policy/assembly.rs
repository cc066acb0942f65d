//! What a pack says of meetings: votes taken by ballot, the pages of the register that is printed of a decision, and
//! from which step on everybody may read a matter. Nothing here decides a vote; a body's rule does.

use super::Mover;
use crate::calendar::Limit;
use crate::condition::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a vote is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    /// 记名: who voted how is kept with the vote.
    Open,
    /// 无记名: nothing that is kept tells who voted how.
    #[default]
    Secret,
    /// Whoever opens the vote says which.
    Choose,
}

/// A vote that may be taken by ballot, on the phone and on paper, and fills in the numbers of a move's `vote`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BallotRule {
    /// Identifier such as `reps`.
    pub id: String,
    /// Name on the sheet: 村民代表会议表决.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Steps it may be taken in.
    #[serde(rename = "in")]
    pub steps: Vec<String>,
    /// Posts that may open, keep and close it.
    pub by: Vec<Mover>,
    /// Body whose rule holds.
    pub body: String,
    /// Open or secret.
    #[serde(default)]
    pub secret: Secrecy,
    /// Must hold, as a condition on the matter's fields.
    #[serde(default)]
    pub when: Option<Condition>,
    /// Time after entering the step before which it may not be opened: the days of notice.
    #[serde(default)]
    pub not_before: Option<Limit>,
    /// Number field that is filled: those on the roll (应到).
    pub due: String,
    /// Number field: those who voted (实到).
    pub present: String,
    /// Number field: votes for.
    pub yes: String,
    /// Number field: votes against.
    pub no: String,
    /// Number field: abstentions; spoilt sheets are counted with them.
    pub abstain: String,
}

/// A page of the register that is printed of a decision: one stage of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterPage {
    /// Heading: 党支部会提议.
    pub name: String,
    /// Heading in English.
    #[serde(default)]
    pub name_en: String,
    /// Moves that belong to the stage; the last one made gives its day and who entered it.
    pub moves: Vec<String>,
    /// Fields that stand on the page, in order.
    pub fields: Vec<String>,
    /// Body whose article is printed, where the vote of the page's move does not say it.
    #[serde(default)]
    pub body: Option<String>,
    /// The page is there when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Lines to sign on.
    #[serde(default)]
    pub sign: Vec<String>,
}

/// From which step on everybody may read a matter of this kind, without signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct PostedRule {
    /// Steps in which it stands on the village's page, with its fields marked `public`.
    pub steps: Vec<String>,
    /// Field that is its heading.
    pub title: String,
}
