//! Rows of a list field as they were typed: `lines.0.amount`, `lines.0.who`, `lines.1.amount` … A row in which nothing was
//! typed is no row. Columns that can name a person go to the enciphered side, row by row.

use super::{Filled, read_one};
use crate::day::Day;
use crate::policy::{Field, FieldType, Policy};
use crate::refusal::FieldFault;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most rows of a list without its own limit.
const ROWS_MAX: i64 = 500;

/// Reads the rows of one list field into what was filled, or notes what is wrong with which cell.
pub(super) fn read(
    policy: &Policy,
    field: &Field,
    required: bool,
    typed: &BTreeMap<String, String>,
    (filled, faults): (&mut Filled, &mut Vec<FieldFault>),
) {
    let given = given(&field.id, typed);
    if given.is_empty() {
        if required {
            faults.push(FieldFault::new(&field.id, "required").with("label", &field.label));
        }
        return;
    }
    let most = field.max.unwrap_or(ROWS_MAX);
    if i64::try_from(given.len()).unwrap_or(i64::MAX) > most {
        faults.push(FieldFault::new(&field.id, "too_many_rows").with("label", &field.label).with("max", most));
        return;
    }
    let mut plain = Vec::new();
    let mut secret = Vec::new();
    for (n, cells) in given {
        let (open, sealed) = row(policy, field, n, &cells, faults);
        plain.push(Value::Object(open));
        secret.push(Value::Object(sealed));
    }
    if secret.iter().any(|r| r.as_object().is_some_and(|r| !r.is_empty())) {
        filled.secret.insert(field.id.clone(), Value::Array(secret).to_string());
    }
    filled.plain.insert(field.id.clone(), Value::Array(plain));
}

/// What would have to be typed for a list to read as it is stored: `plain` are its open columns, `sealed` the others.
pub fn typed(field: &Field, plain: &Value, sealed: Option<&str>) -> BTreeMap<String, String> {
    let sealed: Vec<Value> = sealed.and_then(|s| serde_json::from_str(s).ok()).unwrap_or_default();
    let mut out = BTreeMap::new();
    for (n, row) in plain.as_array().into_iter().flatten().enumerate() {
        for column in &field.columns {
            let value = row.get(&column.id).or_else(|| sealed.get(n).and_then(|r| r.get(&column.id)));
            if let Some(text) = value.map(|v| as_typed(column, v)) {
                out.insert(format!("{}.{n}.{}", field.id, column.id), text);
            }
        }
    }
    out
}

fn as_typed(column: &Field, value: &Value) -> String {
    match (column.kind, value.as_i64()) {
        (FieldType::Money, Some(cents)) => super::decimal(cents),
        (FieldType::Date, Some(day)) => Day(i32::try_from(day).unwrap_or(0)).to_string(),
        (_, Some(number)) => number.to_string(),
        _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}

type Row = Map<String, Value>;

/// Rows in which something was typed, by their number.
fn given<'a>(id: &str, typed: &'a BTreeMap<String, String>) -> BTreeMap<usize, BTreeMap<&'a str, &'a str>> {
    let prefix = format!("{id}.");
    let mut rows: BTreeMap<usize, BTreeMap<&str, &str>> = BTreeMap::new();
    for (key, text) in typed.range(prefix.clone()..).take_while(|(k, _)| k.starts_with(&prefix)) {
        let Some((n, column)) = key[prefix.len()..].split_once('.') else { continue };
        let (Ok(n), text) = (n.parse::<usize>(), text.trim()) else { continue };
        if !text.is_empty() {
            rows.entry(n).or_default().insert(column, text);
        }
    }
    rows
}

fn row(
    policy: &Policy,
    field: &Field,
    n: usize,
    cells: &BTreeMap<&str, &str>,
    faults: &mut Vec<FieldFault>,
) -> (Row, Row) {
    let (mut open, mut sealed) = (Row::new(), Row::new());
    for column in field.columns.iter().filter(|c| !matches!(c.kind, FieldType::File | FieldType::List)) {
        let named = Field { id: format!("{}.{n}.{}", field.id, column.id), ..column.clone() };
        let Some(text) = cells.get(column.id.as_str()) else {
            if column.required {
                faults.push(FieldFault::new(&named.id, "required").with("label", &column.label));
            }
            continue;
        };
        match read_one(policy, &named, text) {
            Ok(value) if column.kind.is_secret() => {
                sealed.insert(column.id.clone(), value);
            }
            Ok(value) => {
                open.insert(column.id.clone(), value);
            }
            Err(fault) => faults.push(fault),
        }
    }
    (open, sealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Field {
        let text = r#"
            id = "lines"
            label = "lines"
            type = "list"
            column = [
              { id = "amount", label = "amount", type = "money", required = true },
              { id = "who", label = "who", type = "text" },
            ]
        "#;
        toml::from_str(text).expect("a field")
    }

    fn read_of(pairs: &[(&str, &str)]) -> (Filled, Vec<FieldFault>) {
        let typed = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let (mut filled, mut faults) = (Filled::default(), Vec::new());
        read(&Policy::default(), &lines(), true, &typed, (&mut filled, &mut faults));
        (filled, faults)
    }

    #[test]
    fn rows_keep_their_order_and_names_are_sealed() {
        let (filled, faults) = read_of(&[
            ("lines.0.amount", "860"),
            ("lines.0.who", "甲"),
            ("lines.2.amount", "1.5"),
            ("lines.3.amount", " "),
            ("linesmore.0.amount", "7"),
        ]);
        assert!(faults.is_empty());
        assert_eq!(filled.plain["lines"].to_string(), r#"[{"amount":86000},{"amount":150}]"#);
        assert_eq!(filled.secret["lines"], r#"[{"who":"甲"},{}]"#);
    }

    #[test]
    fn what_is_stored_can_be_typed_again() {
        let pairs = [("lines.0.amount", "860.00"), ("lines.0.who", "甲"), ("lines.1.amount", "1.05")];
        let (filled, _) = read_of(&pairs);
        let again = typed(&lines(), &filled.plain["lines"], filled.secret.get("lines").map(String::as_str));
        assert_eq!(again, pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
    }

    #[test]
    fn a_fault_names_the_cell() {
        let (_, faults) = read_of(&[("lines.0.amount", "x"), ("lines.1.who", "甲")]);
        let named: Vec<(&str, &str)> = faults.iter().map(|f| (f.field.as_str(), f.key.as_str())).collect();
        assert_eq!(named, [("lines.0.amount", "money"), ("lines.1.amount", "required")]);
        assert_eq!(read_of(&[]).1[0].key, "required");
    }
}
