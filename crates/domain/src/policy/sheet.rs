//! Sheets: which columns a spreadsheet has that comes in or goes out, under which headings, and what each of them
//! fills. A city's platform has its own words; a county writes them here once.

use super::field::{Field, FieldType};
use super::kind::Kind;
use super::options::Options;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A spreadsheet that is exchanged, in one file of the pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Identifier, as the file is called.
    pub id: String,
    /// Name as staff say it.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// What its rows are: a kind of matter, or one of `people`, `households`, `staff`, `reported`; `*` for every kind
    /// that has no sheet of its own.
    #[serde(rename = "for")]
    pub subject: String,
    /// Whether it comes in or goes out.
    pub direction: Direction,
    /// Channel of orders that come in through it; empty for the kind's usual one.
    #[serde(default)]
    pub channel: String,
    /// Field by which a row is known for the same order: one number is taken in once.
    #[serde(default)]
    pub key: String,
    /// Move that says the reply went back, made for what stands on the sheet.
    #[serde(default)]
    pub done: String,
    /// Columns in order.
    #[serde(default, rename = "column")]
    pub columns: Vec<SheetColumn>,
    /// Shipped as a sample, and said so on screen.
    #[serde(default)]
    pub sample: bool,
}

/// Whether a sheet comes in or goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Rows are taken in.
    In,
    /// Rows are given out.
    Out,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct SheetColumn {
    /// Heading.
    pub heading: String,
    /// Other headings it goes by.
    #[serde(default)]
    pub also: Vec<String>,
    /// Field it fills or is filled from; several columns may fill one, from the general to the particular.
    #[serde(default)]
    pub field: String,
    /// A row without it is not taken in.
    #[serde(default)]
    pub required: bool,
    /// Words of the other side and what they mean here: `"特急" = "urgent"`.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    pub words: Options,
    /// A text that stands in every row of a sheet that goes out.
    #[serde(default)]
    pub fill: String,
    /// A line of help in the empty form.
    #[serde(default)]
    pub hint: String,
}

/// Registers that have sheets, with their fields; those of them that name a person are marked.
const REGISTERS: &[(&str, &[&str])] = &[
    ("people", &["name", "citizen", "phone", "address", "place", "household"]),
    ("households", &["household", "place", "members"]),
    ("staff", &["name", "phone", "login", "post", "place", "unit", "from", "until"]),
    ("reported", &["indicator", "place", "period", "value", "office"]),
];
/// Fields of an order besides those of its kind, when it comes in.
const ORDER_IN: &[&str] = &["place", "channel", "source_no", "confidential", "urgency"];
/// Fields of an order besides those of its kind, when it goes out.
const ORDER_OUT: &[&str] = &[
    "number",
    "source_no",
    "kind",
    "step",
    "place",
    "town",
    "village",
    "channel",
    "urgency",
    "unit",
    "level_done",
    "taken_at",
    "due",
    "answered_at",
    "closed_at",
];

/// Fields that say who reported, and those of the registers that name a person.
const PERSONAL: &[&str] =
    &["reporter_name", "reporter_phone", "reporter_address", "citizen", "phone", "address", "name"];

impl Sheet {
    /// Whether its rows are people, households, staff or reported values, and no matters.
    pub fn is_register(&self) -> bool {
        Sheet::register_fields(&self.subject).is_some()
    }

    /// Fields of a register; `None` when the word is none.
    pub fn register_fields(subject: &str) -> Option<&'static [&'static str]> {
        REGISTERS.iter().find(|(name, _)| *name == subject).map(|(_, fields)| *fields)
    }

    /// Fields that a sheet of matters may have beside those of the kind.
    pub fn order_fields(direction: Direction) -> &'static [&'static str] {
        match direction {
            Direction::In => ORDER_IN,
            Direction::Out => ORDER_OUT,
        }
    }

    /// A column by field; the first where several fill it.
    pub fn column(&self, field: &str) -> Option<&SheetColumn> {
        self.columns.iter().find(|c| c.field == field)
    }

    /// Whether a field names a person: it leaves only for a stated purpose.
    pub fn is_personal(&self, field: &str) -> bool {
        self.subject != "staff" && PERSONAL.contains(&field)
    }

    /// Whether any column names a person.
    pub fn has_personal(&self) -> bool {
        self.columns.iter().any(|c| self.is_personal(&c.field))
    }

    /// The sheet of a kind that has none of its own: the general columns, then the fields of its form by their labels.
    #[must_use]
    pub fn of_kind(&self, kind: &Kind) -> Sheet {
        let mut columns = self.columns.clone();
        // A paper cannot stand in a cell.
        let fits = |f: &&Field| self.column(&f.id).is_none() && f.kind != FieldType::File;
        columns.extend(kind.intake_fields().into_iter().filter(fits).map(|field| SheetColumn {
            heading: field.label.clone(),
            also: [field.label_en.clone(), field.id.clone()].into_iter().filter(|n| !n.is_empty()).collect(),
            field: field.id.clone(),
            required: field.required,
            hint: field.hint.clone(),
            ..SheetColumn::default()
        }));
        let key = if kind.field(&self.key).is_some() || ORDER_IN.contains(&self.key.as_str()) {
            self.key.clone()
        } else {
            String::new()
        };
        Sheet {
            id: kind.id.clone(),
            name: kind.name.clone(),
            name_en: kind.name_en.clone(),
            subject: kind.id.clone(),
            key,
            columns,
            sample: kind.sample,
            ..self.clone()
        }
    }
}
