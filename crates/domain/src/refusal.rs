//! A refusal: a "no" of the rules, with a key for its text in the reader's language and the facts that belong in it.
//! It is shown to people and never logged as an error.

use serde::{Deserialize, Serialize};

/// Why something is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{key}")]
pub struct Refusal {
    /// Key of the text, under `refusal.` in the locale files.
    pub key: String,
    /// What stands in the text's slots.
    pub args: Vec<(String, String)>,
    /// Faults of single fields.
    pub fields: Vec<FieldFault>,
}

/// What is wrong with a field and what is expected there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// Field.
    pub field: String,
    /// Key of the text, under `fault.` in the locale files.
    pub key: String,
    /// What stands in the text's slots.
    pub args: Vec<(String, String)>,
}

impl Refusal {
    /// A refusal without facts.
    pub fn new(key: &str) -> Refusal {
        Refusal { key: key.to_owned(), args: Vec::new(), fields: Vec::new() }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Refusal {
        self.args.push((name.to_owned(), value.to_string()));
        self
    }

    /// A form with faults.
    pub fn form(fields: Vec<FieldFault>) -> Refusal {
        Refusal { key: "form".to_owned(), args: Vec::new(), fields }
    }

    /// One field's fault.
    pub fn field(field: &str, key: &str) -> Refusal {
        Refusal::form(vec![FieldFault::new(field, key)])
    }
}

impl FieldFault {
    /// A fault without facts.
    pub fn new(field: &str, key: &str) -> FieldFault {
        FieldFault { field: field.to_owned(), key: key.to_owned(), args: Vec::new() }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> FieldFault {
        self.args.push((name.to_owned(), value.to_string()));
        self
    }
}
