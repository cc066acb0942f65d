//! One kind of matter as a pack writes it: who may take it in, its form, its flow, what is counted and printed of it.

use super::assembly::{BallotRule, PostedRule, RegisterPage};
use super::clock::Clock;
use super::field::Field;
use super::flow::{Assign, Move, Step};
use super::paper::{DossierPart, Print};
use super::post::Level;
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
