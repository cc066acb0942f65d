//! Fields of forms as a pack writes them.

use super::options::Options;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Least number of an `int`; 0 if it is left out.
    #[serde(default)]
    pub min: Option<i64>,
    /// Choosing an item of the catalogue puts its text into this field of the same form, where it can be edited.
    #[serde(default)]
    pub fills: Option<String>,
    /// Columns of a list.
    #[serde(default, rename = "column")]
    pub columns: Vec<Field>,
    /// Which days a date may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<DayRule>,
    /// Holds the name of a person: never searched by its words.
    #[serde(default)]
    pub person: bool,
}

/// Days that a date may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayRule {
    /// Today or before: what was done.
    Past,
    /// Today or later: what is announced.
    Ahead,
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
    /// One of the county's units, or the township of the place.
    Unit,
}

impl FieldType {
    /// Free text, which can name a person.
    pub fn is_secret(self) -> bool {
        matches!(self, FieldType::Text | FieldType::Longtext | FieldType::Phone | FieldType::Citizen)
    }
}
