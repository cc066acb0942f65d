//! Reading one file: TOML against its schema with every fault and its line, and CSV by its head.

use crate::fault::Fault;
use crate::files::PackFiles;
use crate::lines::{Lines, line_at};
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use xiangyue_domain::condition::Condition;

/// Reads a TOML file into its type; all faults at once.
pub(crate) fn read_toml<T: DeserializeOwned>(
    path: &str,
    text: &str,
    schema: &Value,
    faults: &mut Vec<Fault>,
) -> Option<T> {
    let value: Value = match toml::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let line = error.span().map_or(0, |s| line_at(text, s.start));
            faults.push(Fault::new(path, line, format!("TOML 写法不对: {}", error.message())));
            return None;
        }
    };
    let before = faults.len();
    let lines = Lines::new(text);
    if let Ok(validator) = jsonschema::validator_for(schema) {
        for error in validator.iter_errors(&value) {
            let (pointer, message) = explain(&error);
            faults.push(Fault::new(path, lines.of(&pointer), message));
        }
    }
    conditions(&value, "", &mut |pointer, message| faults.push(Fault::new(path, lines.of(pointer), message)));
    if faults.len() > before {
        return None;
    }
    match toml::from_str(text) {
        Ok(read) => Some(read),
        Err(error) => {
            let line = error.span().map_or(0, |s| line_at(text, s.start));
            faults.push(Fault::new(path, line, error.message().to_owned()));
            None
        }
    }
}

/// A fault in words, with the pointer of the value or of the key concerned.
fn explain(error: &ValidationError<'_>) -> (String, String) {
    let pointer = error.instance_path().to_string();
    let place = if pointer.is_empty() { String::new() } else { format!("{} ", pointer.trim_start_matches('/')) };
    let message = match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let at = unexpected.first().map_or_else(|| pointer.clone(), |key| format!("{pointer}/{key}"));
            let message =
                format!("{place}不认识的项 {};请删去,或对照 packs/schema 改成认识的项", unexpected.join("、"));
            return (at, message);
        }
        ValidationErrorKind::Required { property } => {
            format!("{place}缺少 {};请补上", property.as_str().unwrap_or_default())
        }
        ValidationErrorKind::Enum { options } => format!("{place}只能写其中之一: {}", listed(options)),
        ValidationErrorKind::Type { kind } => format!("{place}类型不对;应当是{}", type_name(kind)),
        ValidationErrorKind::Pattern { pattern } if pattern.contains("wd|wh") => {
            format!("{place}时限写法不对;请写成 5wd(工作日)、4wh(工作小时)、24h、30d 或 2mo")
        }
        ValidationErrorKind::Pattern { pattern } => format!("{place}写法不对;应当符合 {pattern}"),
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            return of_branches(&pointer, &place, context);
        }
        _ => format!("{place}写法不对;请对照 packs/schema"),
    };
    (pointer, message)
}

/// A value that fits none of several shapes: the words it may be, or what is wrong with the first shape.
fn of_branches(pointer: &str, place: &str, context: &[Vec<ValidationError<'_>>]) -> (String, String) {
    let errors = || context.iter().flatten();
    let mut words: Vec<String> = Vec::new();
    for error in errors() {
        match error.kind() {
            ValidationErrorKind::Constant { expected_value } => words.push(listed(expected_value)),
            ValidationErrorKind::Enum { options } => words.push(listed(options)),
            _ => {}
        }
    }
    if !words.is_empty() {
        return (pointer.to_owned(), format!("{place}只能写其中之一: {}", words.join("、")));
    }
    match errors().find(|e| !matches!(e.kind(), ValidationErrorKind::Type { .. })).or_else(|| errors().next()) {
        Some(error) => explain(error),
        None => (pointer.to_owned(), format!("{place}写法不对;请对照 packs/schema")),
    }
}

fn listed(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(listed).collect::<Vec<_>>().join("、"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn type_name(kind: &TypeKind) -> String {
    let name = |kind: JsonType| match kind {
        JsonType::Array => "列表 [ … ]",
        JsonType::Boolean => "true 或 false",
        JsonType::Integer => "整数",
        JsonType::Number => "数",
        JsonType::Object => "表",
        JsonType::String => "文字",
        JsonType::Null => "空",
    };
    match kind {
        TypeKind::Single(kind) => name(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            let names: Vec<&str> = kinds.iter().filter(|k| *k != JsonType::Null).map(name).collect();
            names.join("或")
        }
    }
}

/// Conditions that do not compile, each at its own line.
fn conditions(value: &Value, pointer: &str, say: &mut dyn FnMut(&str, String)) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let at = format!("{pointer}/{key}");
                match inner {
                    Value::String(source) if matches!(key.as_str(), "when" | "where") => {
                        if let Err(message) = Condition::parse(source) {
                            let first = message.lines().next().unwrap_or_default();
                            say(
                                &at,
                                format!("{first};请写成如 urgency == 'urgent' && level_done in ['grid', 'village']"),
                            );
                        }
                    }
                    _ => conditions(inner, &at, say),
                }
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                conditions(inner, &format!("{pointer}/{i}"), say);
            }
        }
        _ => {}
    }
}

/// A line of a CSV file by column, with its line number.
pub(crate) struct Line {
    /// Line in the file.
    pub line: usize,
    /// Cells by column.
    pub cells: BTreeMap<String, String>,
}

impl Line {
    /// A cell, trimmed; empty when the column is missing.
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", |c| c.trim())
    }
}

/// Reads a CSV file; a missing column is one fault for the file.
pub(crate) fn read_csv(files: &PackFiles, path: &str, columns: &[&str], faults: &mut Vec<Fault>) -> Vec<Line> {
    let Some(text) = files.text(path) else { return Vec::new() };
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let head: Vec<String> = match reader.headers() {
        Ok(head) => head.iter().map(|h| h.trim().to_owned()).collect(),
        Err(error) => {
            faults.push(Fault::new(path, 1, format!("CSV 读不了: {error}")));
            return Vec::new();
        }
    };
    for column in columns.iter().filter(|c| !head.iter().any(|h| h == *c)) {
        faults.push(Fault::new(path, 1, format!("缺少列 {column};表头应有: {}", columns.join(","))));
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
                let cells = head.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
                lines.push(Line { line, cells });
            }
            Err(error) => faults.push(Fault::new(path, 0, format!("CSV 读不了: {error}"))),
        }
    }
    lines
}
