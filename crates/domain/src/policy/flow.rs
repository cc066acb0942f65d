//! Flows as a pack writes them: steps, and the moves between them.

use super::posting::Posting;
use crate::calendar::Limit;
use crate::condition::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a step is from the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Someone has to act.
    Open,
    /// Handled; waits for the call-back or the villager's word.
    Answered,
    /// Closed; left only by a move marked `reopen`, inside its window.
    Closed,
    /// Archived, withdrawn, merged, void: never left.
    Final,
}

/// A step of a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Identifier such as `dispatched`.
    pub id: String,
    /// Name on screen for staff.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// What the villager reads, where it differs.
    #[serde(default)]
    pub told: String,
    /// How far it is from the end.
    pub phase: Phase,
}

/// Who may make a move: `holder`, `reporter`, `opener`, `system` or a kind of post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Mover(pub String);

/// Who has the matter next: `actor`, `keep`, `none`, `previous`, `handler`, `superior`, `choose`, `level.up`,
/// `level.home`, `opener`, `owner(category)`, or `post:village.secretary` (that post over the matter's place).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Assign(pub String);

/// A move from step to step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// Identifier such as `dispatch`.
    pub id: String,
    /// Name on the button.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Steps it may be made in.
    pub from: Vec<String>,
    /// Step it leads to; without it the step stays.
    #[serde(default)]
    pub to: Option<String>,
    /// Who may make it.
    pub by: Vec<Mover>,
    /// Who has the matter next; without it nothing changes.
    #[serde(default)]
    pub assign: Option<Assign>,
    /// Posts to choose from, for `assign = "choose"`.
    #[serde(default)]
    pub candidates: Vec<String>,
    /// Fields on the move's form.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Those of them that must be filled.
    #[serde(default)]
    pub require: Vec<String>,
    /// Those that must be filled when a condition holds over what was given.
    #[serde(default)]
    pub require_when: Vec<RequireWhen>,
    /// Those that are taken only when a condition holds over what was given; otherwise they are left out, and what an earlier
    /// move gave there is unset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_when: Vec<RequireWhen>,
    /// Fields, papers among them, that the matter must hold by now, whichever move gave them.
    #[serde(default)]
    pub holds: Vec<String>,
    /// The form comes filled with what another field holds: `reply = "draft"`.
    #[serde(default)]
    pub prefill: BTreeMap<String, String>,
    /// Must hold, as a condition on the matter's fields.
    #[serde(default)]
    pub when: Option<Condition>,
    /// Said when `when` does not hold.
    #[serde(default)]
    pub unless_said: String,
    /// Whoever may make it otherwise is told on the matter's page why it cannot be made now, instead of not finding it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub say_why: bool,
    /// The rule that says who may make it and when; named in a refusal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// Refused to whoever handled the matter (a call-back by someone else).
    #[serde(default)]
    pub not_handler: bool,
    /// Refused to whoever made one of these moves, under any post: nobody approves their own request.
    #[serde(default)]
    pub not_by: Vec<String>,
    /// The move that asks for this one: whoever may make this one finds the matter among what waits for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
    /// The mover counts as the handler, and the level of the post as the level that solved it.
    #[serde(default)]
    pub handles: bool,
    /// Leaves a closed step.
    #[serde(default)]
    pub reopen: bool,
    /// Time after entering the step within which the move may be made.
    #[serde(default)]
    pub within: Option<Limit>,
    /// Time after entering the step before which the move may not be made: the days of a public notice.
    #[serde(default)]
    pub not_before: Option<Limit>,
    /// A vote whose outcome decides whether the move may be made.
    #[serde(default)]
    pub vote: Option<Vote>,
    /// Made by itself after this time in the step.
    #[serde(default)]
    pub after: Option<Limit>,
    /// Fields set by the move itself: `field = "value"`.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Puts a limit off.
    #[serde(default)]
    pub extend: Option<Extend>,
    /// Opens matters of another kind that belong to this one.
    #[serde(default)]
    pub open: Option<Opens>,
    /// Takes back what it opened and is still under way, in the same entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_back: Option<TakesBack>,
    /// Makes itself once `any` or `all` of the matters it opened have come to an end.
    #[serde(default)]
    pub join: Option<Join>,
    /// Posts that are told, besides whoever has the matter next.
    #[serde(default)]
    pub notify: Vec<Assign>,
    /// What it does to the books, in the same entry or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Posting>,
    /// Told to the reporter.
    #[serde(default)]
    pub tell: bool,
    /// What the villager reads of it, where the name or the step's words say too little.
    #[serde(default)]
    pub told: String,
    /// Photos may be added.
    #[serde(default)]
    pub photos: bool,
    /// The usual next move: one key makes it.
    #[serde(default)]
    pub primary: bool,
}

impl Move {
    /// Whether somebody else may have a matter after it.
    pub fn hands_on(&self) -> bool {
        self.assign.as_ref().is_some_and(|to| !matches!(to.0.as_str(), "keep" | "none" | "actor"))
    }
}

/// Fields that must be filled, or may be filled at all, when a condition holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequireWhen {
    /// Condition over the matter with what was given.
    pub when: Condition,
    /// Fields.
    pub fields: Vec<String>,
}

/// A vote, by the rule of the body that takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// Body whose rule holds.
    pub body: String,
    /// Number field: those who should attend (应到).
    pub due: String,
    /// Number field: those present (实到).
    pub present: String,
    /// Number field: votes for.
    pub yes: String,
    /// Number field: votes against.
    #[serde(default)]
    pub no: String,
    /// Number field: abstentions.
    #[serde(default)]
    pub abstain: String,
    /// The move is for a vote that was carried, or for one that was not.
    pub passed: bool,
}

/// An approved extension of a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// Clock that is put off; it must not have run out.
    pub clock: String,
    /// Number field that says by how many working days.
    pub days: String,
}

/// Matters that a move opens below this one, each with a holder of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opens {
    /// Their kind.
    pub kind: String,
    /// Who has them: an assignment, or `choose` for as many as are chosen from `candidates`.
    pub assign: Assign,
    /// Posts to choose from.
    #[serde(default)]
    pub candidates: Vec<String>,
    /// At least one must be chosen.
    #[serde(default)]
    pub required: bool,
    /// Plain values handed down, by field of this kind and of theirs alike.
    #[serde(default)]
    pub hand_down: Vec<String>,
    /// The reporter's words and particulars go along; without it only what this move says.
    #[serde(default)]
    pub words: bool,
}

/// What a move does to the matters of a kind that were opened below this one and are still under way: each makes this move
/// of its own kind, in the same entry, by the same person and with the texts that both moves ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakesBack {
    /// Their kind.
    pub kind: String,
    /// Move of that kind.
    #[serde(rename = "move")]
    pub mv: String,
}

/// When a joining move makes itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// Once one of them is done.
    Any,
    /// Once none is open.
    All,
}
