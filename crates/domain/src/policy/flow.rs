//! Kinds and flows as a pack writes them: form fields, steps, moves, clocks.

use super::assembly::{BallotRule, PostedRule, RegisterPage};
use super::clock::Clock;
use super::options::Options;
use super::paper::{DossierPart, Print};
use super::post::Level;
use super::posting::Posting;
use crate::calendar::Limit;
use crate::condition::Condition;
use crate::erasure::Retention;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One kind of matter: its form and its flow, in one file of the pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Identifier such as `hotline`.
    pub id: String,
    /// Name as staff say it.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Group on screen: `case`, `record`.
    pub group: String,
    /// Shown only to holders of the right `sealed`, though counted.
    #[serde(default)]
    pub sealed: bool,
    /// Has a list of its own in the navigation, for these posts: what they follow up until it is struck off.
    #[serde(default)]
    pub listed: Vec<String>,
    /// Who may take it in, and from where.
    pub intake: Intake,
    /// The post that handles at each level; `level.up` moves to the next one above.
    #[serde(default)]
    pub levels: BTreeMap<Level, String>,
    /// The form.
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
    /// The steps; the first is where a matter begins.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    /// The moves between steps.
    #[serde(default, rename = "move")]
    pub moves: Vec<Move>,
    /// Named clocks over spans of steps.
    #[serde(default, rename = "clock")]
    pub clocks: Vec<Clock>,
    /// What is counted.
    #[serde(default, rename = "measure")]
    pub measures: Vec<super::number::Measure>,
    /// Votes that may be taken by ballot.
    #[serde(default, rename = "ballot", skip_serializing_if = "Vec::is_empty")]
    pub ballots: Vec<BallotRule>,
    /// Pages of the register that is printed.
    #[serde(default, rename = "page", skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<RegisterPage>,
    /// From which step on everybody may read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posted: Option<PostedRule>,
    /// Pages that are printed from what the matter holds.
    #[serde(default, rename = "print")]
    pub prints: Vec<Print>,
    /// Parts of the matter's file, in their order.
    #[serde(default)]
    pub dossier: Vec<DossierPart>,
    /// Shipped as a sample, and said so on screen.
    #[serde(default)]
    pub sample: bool,
    /// Its matters discharge duties of a catalogue, for each village and period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<super::DutyRules>,
    /// Its matters hang on the village's red or black board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<super::BoardRules>,
    /// Everybody may look up those of its matters that concern themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<super::OwnRules>,
    /// How long its matters must be kept after they ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// When this flow replaces an earlier one: open matters go on under the new one. Without it they keep the flow
    /// they were opened under.
    #[serde(default)]
    pub carry: Option<Carry>,
    /// Digest of what decides how a matter of this kind moves; the loader sets it.
    #[serde(skip)]
    pub version: String,
}

/// Open matters go on under a new version of their flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct Carry {
    /// Steps that are called otherwise now: `old = "new"`. A step that is named alike needs no line.
    #[serde(default)]
    pub steps: BTreeMap<String, String>,
}

/// Who may take a matter in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// Posts that may register one on somebody's behalf.
    #[serde(default)]
    pub by: Vec<String>,
    /// Villagers may send one from the portal without signing in.
    #[serde(default)]
    pub portal: bool,
    /// Channels it may come through; the first is the usual one.
    pub channels: Vec<String>,
    /// Who has it first.
    #[serde(default)]
    pub assign: Option<Assign>,
    /// Fields of the first form, in order; empty means all fields without `later`.
    #[serde(default)]
    pub form: Vec<String>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Identifier such as `category`.
    pub id: String,
    /// Label on the form.
    pub label: String,
    /// Label in English.
    #[serde(default)]
    pub label_en: String,
    /// What may be entered.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Catalogue of a choice.
    #[serde(default)]
    pub catalogue: Option<String>,
    /// Values of a choice without a catalogue: `value = label`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub options: Options,
    /// English labels of the values.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub options_en: Options,
    /// Must be filled when the form shows it.
    #[serde(default)]
    pub required: bool,
    /// Asked later, by a move, and not at intake.
    #[serde(default)]
    pub later: bool,
    /// The reporter may read it (a public reply).
    #[serde(default)]
    pub public: bool,
    /// A line of help under the field.
    #[serde(default)]
    pub hint: String,
    /// The same in English.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint_en: String,
    /// Longest text, in characters; greatest number; most rows of a list.
    #[serde(default)]
    pub max: Option<i64>,
    /// Choosing an item of the catalogue puts its text into this field of the same form, where it can be edited.
    #[serde(default)]
    pub fills: Option<String>,
    /// Columns of a list.
    #[serde(default, rename = "column")]
    pub columns: Vec<Field>,
    /// Holds the name of a person: never searched by its words.
    #[serde(default)]
    pub person: bool,
}

/// What a field holds. Texts can name a person, so they are kept only as ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// A line of text.
    Text,
    /// Several lines.
    Longtext,
    /// A telephone number, checked and kept only as ciphertext.
    Phone,
    /// A citizen's number, checked and kept only as ciphertext.
    Citizen,
    /// A number of another system, or another short code that names no person.
    Code,
    /// One of a catalogue or of options.
    Choice,
    /// A whole number.
    Int,
    /// An amount of money, entered in 元 and kept in 分.
    Money,
    /// A day.
    Date,
    /// Yes or no.
    Bool,
    /// Pictures of a paper: a scan, a photo. Checked by content and kept enciphered.
    File,
    /// The number of another matter, such as the earlier one of a repeated request.
    Matter,
    /// Rows of columns: persons dealt with, lines of an account. Columns of free text are kept only as ciphertext.
    List,
    /// A span of a cadence: `2026`, `2026Q4`, `2026-11`.
    Period,
    /// A household of the register, typed as its number within the village; the matter stands where it lives.
    Household,
    /// A shop, merchant or bank that takes part in the books.
    Party,
}

impl FieldType {
    /// Free text, which can name a person.
    pub fn is_secret(self) -> bool {
        matches!(self, FieldType::Text | FieldType::Longtext | FieldType::Phone | FieldType::Citizen)
    }
}

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
/// `level.home`, `owner(category)`, or `post:village.secretary` (that post over the matter's place).
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

/// Fields that must be filled when a condition holds.
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

/// When a joining move makes itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// Once one of them is done.
    Any,
    /// Once none is open.
    All,
}

/// Field that says what a matter is about: its value stands in the matter's row, in the index of words and in the limits.
pub const CATEGORY: &str = "category";

impl Kind {
    /// Whether a move may publish words with a receipt.
    pub fn posts(&self, mv: &str) -> bool {
        self.posted.is_some() || self.duty.as_ref().is_some_and(|d| d.publish == mv)
    }

    /// Digest of everything that decides how a matter moves: form, steps, moves, clocks, levels and intake. Measures,
    /// papers and terms of keeping are not part of it, since they hold for all matters alike.
    pub fn digest(&self) -> String {
        let moved = Kind {
            measures: Vec::new(),
            prints: Vec::new(),
            dossier: Vec::new(),
            pages: Vec::new(),
            posted: None,
            retention: None,
            carry: None,
            version: String::new(),
            ..self.clone()
        };
        let text = serde_json::to_string(&moved).unwrap_or_default();
        crate::crypto::sm3_hex(text.as_bytes())[..16].to_owned()
    }

    /// The catalogue that the matters' category is chosen from.
    pub fn category_list(&self) -> Option<&str> {
        self.field(CATEGORY)?.catalogue.as_deref()
    }

    /// A step by id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|s| s.id == id)
    }

    /// A move by id.
    pub fn find_move(&self, id: &str) -> Option<&Move> {
        self.moves.iter().find(|m| m.id == id)
    }

    /// A page by id.
    pub fn find_print(&self, id: &str) -> Option<&Print> {
        self.prints.iter().find(|p| p.id == id)
    }

    /// A field by id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.id == id)
    }

    /// Fields of the intake form, in order.
    pub fn intake_fields(&self) -> Vec<&Field> {
        if self.intake.form.is_empty() {
            return self.fields.iter().filter(|f| !f.later).collect();
        }
        self.intake.form.iter().filter_map(|id| self.field(id)).collect()
    }
}
