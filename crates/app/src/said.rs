//! What everybody may read of a matter: its public fields, texts scrubbed and names masked whatever was typed. Page, wall
//! sheet and receipt say the same, so they all take it from here.

use crate::keys::Texts;
use xiangyue_domain::form::typed_rows;
use xiangyue_domain::mask;
use xiangyue_domain::matter::Values;
use xiangyue_domain::policy::{Field, FieldType, Kind};

/// A field as everybody may read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Field.
    pub field: Field,
    /// Its text; empty for a list.
    pub text: String,
    /// Rows of a list, cell by cell in the order of its columns.
    pub rows: Vec<Vec<String>>,
}

/// The public fields of a kind with what they hold, masked; those that hold nothing are left out.
pub(crate) fn said_of(kind: &Kind, values: &Values, texts: &Texts) -> Vec<Said> {
    let mut out = Vec::new();
    for field in kind.fields.iter().filter(|f| f.public) {
        let sealed = texts.get(&field.id).map(String::as_str);
        let mut said = Said { field: field.clone(), text: String::new(), rows: Vec::new() };
        if field.kind == FieldType::List {
            said.rows = values.get(&field.id).map(|v| rows(field, v, sealed, &masked)).unwrap_or_default();
        } else {
            said.text = sealed.map(|text| masked(field, text)).unwrap_or_default();
        }
        if !said.text.is_empty() || !said.rows.is_empty() {
            out.push(said);
        }
    }
    out
}

fn masked(field: &Field, text: &str) -> String {
    match field.kind {
        FieldType::Phone => mask::mask_phone(text),
        FieldType::Citizen => mask::mask_id(text),
        _ if field.person => mask::mask_name(text),
        _ => mask::scrub(text),
    }
}

/// Rows of a list as whoever works on the matter reads them: names and numbers in full only where they see the whole of it.
pub fn rows_in_hand(field: &Field, plain: &serde_json::Value, sealed: Option<&str>, whole: bool) -> Vec<Vec<String>> {
    let shown = |column: &Field, text: &str| {
        let personal = column.person || matches!(column.kind, FieldType::Phone | FieldType::Citizen);
        if whole || !personal { text.to_owned() } else { masked(column, text) }
    };
    rows(field, plain, sealed, &shown)
}

/// Rows of a list, cell by cell.
fn rows(
    field: &Field,
    plain: &serde_json::Value,
    sealed: Option<&str>,
    shown: &dyn Fn(&Field, &str) -> String,
) -> Vec<Vec<String>> {
    let typed = typed_rows(field, plain, sealed);
    let count = plain.as_array().map_or(0, Vec::len);
    let cell = |n: usize, column: &Field| {
        let text = typed.get(&format!("{}.{n}.{}", field.id, column.id)).map_or("", String::as_str);
        let text = column.options.get(text).map_or(text, String::as_str);
        shown(column, text)
    };
    (0..count).map(|n| field.columns.iter().map(|c| cell(n, c)).collect()).collect()
}
