//! A plain value of a field as people read it. Pages and what is published say it through this one function; it must never
//! bring words of its own.

use crate::day::Day;
use crate::form::{named_label, yuan};
use crate::policy::{Field, FieldType, Policy};
use serde_json::Value;

/// The language that a value is said in.
#[derive(Debug, Clone, Copy)]
pub struct Tongue<'a> {
    /// English names of a catalogue or of a choice's values, where the pack has them.
    pub english: bool,
    /// Word for a ticked box.
    pub yes: &'a str,
    /// Word for one that is not ticked.
    pub no: &'a str,
}

/// A plain value of a field in words.
pub fn value(policy: &Policy, field: &Field, value: &Value, tongue: Tongue) -> String {
    match field.kind {
        FieldType::Choice => {
            let code = value.as_str().unwrap_or("");
            match field.catalogue.as_deref().and_then(|c| policy.catalogue(c)) {
                Some(catalogue) => catalogue.path_name(code, tongue.english),
                None => field.option_name(code, tongue.english).unwrap_or(code).to_owned(),
            }
        }
        FieldType::Money => yuan(value.as_i64().unwrap_or(0)),
        FieldType::Date => {
            value.as_i64().and_then(|d| i32::try_from(d).ok()).map_or_else(String::new, |d| Day(d).to_string())
        }
        FieldType::Bool => if value.as_bool() == Some(true) { tongue.yes } else { tongue.no }.to_owned(),
        FieldType::Unit => {
            let id = value.as_str().unwrap_or_default();
            policy.units_offered().into_iter().find(|(known, _)| *known == id).map_or(id, |(_, name)| name).to_owned()
        }
        FieldType::Household | FieldType::Party => named_label(value.as_str().unwrap_or_default()).to_owned(),
        // Rows and papers are no words: whoever shows them does it by themselves.
        FieldType::List | FieldType::File => String::new(),
        _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}
