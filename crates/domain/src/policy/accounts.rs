//! The books that a township keeps for its villages (村账乡代管), as a pack writes it: how the rows of its spreadsheet fill
//! a list of a kind with duties. It names headings and fields and decides nothing.

use super::{FieldType, Kind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How rows of money come into disclosures, for all villages of a sheet at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountsRules {
    /// Items that are filled so: those under this code of the catalogue.
    pub under: String,
    /// List field that takes the rows.
    pub lines: String,
    /// Its column with the sum.
    pub amount: String,
    /// Its choice column that says in or out.
    pub side: String,
    /// Text field that says how many rows there are and what they come to; written with every sheet, so that it never
    /// contradicts the rows.
    pub words: String,
    /// Move that puts rows and words into what a village has begun.
    pub fill: String,
    /// Texts of rows that only add up what stands above them: left out.
    #[serde(default)]
    pub skip: Vec<String>,
    /// Columns of the sheet.
    #[serde(rename = "column")]
    pub columns: Vec<AccountsColumn>,
}

/// A column of the township's sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct AccountsColumn {
    /// Heading.
    pub heading: String,
    /// Other headings it goes by.
    #[serde(default)]
    pub also: Vec<String>,
    /// `place` for the village, or a column of the list.
    pub field: String,
    /// A file without it is not read.
    #[serde(default)]
    pub required: bool,
    /// What a number in this column says besides: `{ side = "in" }` for a column of income alone.
    #[serde(default, rename = "with")]
    pub beside: BTreeMap<String, String>,
}

/// Field of the column that names the village.
pub const PLACE: &str = "place";

impl AccountsRules {
    /// Whether an item is filled so.
    pub fn takes(&self, item: &str) -> bool {
        item.strip_prefix(self.under.as_str()).is_some_and(|rest| rest.starts_with('.'))
    }

    /// What is wrong with the rules for a kind: the key and what it should have named.
    pub fn faults(&self, kind: &Kind) -> Vec<(&'static str, String)> {
        let list = kind.field(&self.lines).filter(|f| f.kind == FieldType::List);
        let column = |id: &String, wanted: FieldType| {
            list.is_some_and(|l| l.columns.iter().any(|c| c.id == *id && c.kind == wanted))
        };
        let mut out = Vec::new();
        if list.is_none() {
            out.push(("lines", self.lines.clone()));
        }
        if !column(&self.amount, FieldType::Money) {
            out.push(("amount", self.amount.clone()));
        }
        if !column(&self.side, FieldType::Choice) {
            out.push(("side", self.side.clone()));
        }
        if kind.field(&self.words).is_none_or(|f| !f.kind.is_secret()) {
            out.push(("words", self.words.clone()));
        }
        if kind.find_move(&self.fill).is_none_or(|m| ![&self.lines, &self.words].iter().all(|f| m.fields.contains(f))) {
            out.push(("fill", self.fill.clone()));
        }
        let known = |id: &String| id == PLACE || list.is_some_and(|l| l.columns.iter().any(|c| c.id == *id));
        out.extend(self.columns.iter().filter(|c| !known(&c.field)).map(|c| ("column", c.field.clone())));
        if !self.columns.iter().any(|c| c.field == PLACE && c.required) {
            out.push(("column", PLACE.to_owned()));
        }
        out
    }
}
