//! Papers that are made from what a matter holds: pages to print and sign, and the file that must be complete before it is
//! put away. They decide nothing about how a matter moves.

use crate::condition::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a page may show of a matter besides its fields. `at` and `by` are the instant and the person of the move that
/// the page is about; `contents` is the list of the file.
pub const PRINTED: &[&str] =
    &["number", "place", "channel", "opened_at", "closed_at", "holder", "handler", "at", "by", "contents"];

/// A page that is printed from what the matter holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Print {
    /// Identifier such as `agreement`.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Heading in English.
    #[serde(default)]
    pub title_en: String,
    /// Offered only when this holds.
    #[serde(default)]
    pub when: Option<Condition>,
    /// One page for each time this move was made, with what was said then; without it one page with what was said last.
    #[serde(default)]
    pub each: Option<String>,
    /// Fixed paragraphs above the rows.
    #[serde(default)]
    pub text: Vec<String>,
    /// Rows, in order: fields of the kind, or `number`, `place`, `channel`, `opened_at`, `closed_at`, `holder`, `handler`,
    /// `at`, `by`, `contents`. A row without a value is left out, unless it has to be filled in by hand.
    pub fields: Vec<String>,
    /// Who signs.
    #[serde(default)]
    pub sign: Vec<String>,
}

/// A part of the matter's file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DossierPart {
    /// Its name.
    pub title: String,
    /// Its name in English.
    #[serde(default)]
    pub title_en: String,
    /// The file is not complete without it.
    #[serde(default)]
    pub required: bool,
    /// Only where this holds: what ended without an agreement has none to put in.
    #[serde(default)]
    pub required_when: Option<Condition>,
    /// It is there once one of these fields is filled.
    pub fields: Vec<String>,
    /// Pages that make it from the matter.
    #[serde(default)]
    pub prints: Vec<String>,
}
