//! Reading one file: TOML against its schema with every fault and its line, and CSV by its head.

use crate::fault::Fault;
use crate::files::PackFiles;
use jsonschema::error::ValidationErrorKind;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads a TOML file into its type; all faults at once.
pub(crate) fn read_toml<T: DeserializeOwned>(path: &str, text: &str, schema: &Value, faults: &mut Vec<Fault>) -> Option<T> {
    let document = match toml_edit::Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let line = error.span().map_or(0, |s| line_at(text, s.start));
            faults.push(Fault::new(path, line, format!("TOML 写法不对: {}", error.message())));
            return None;
        }
    };
    let value: Value = match toml::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let line = error.span().map_or(0, |s| line_at(text, s.start));
            faults.push(Fault::new(path, line, format!("TOML 写法不对: {}", error.message())));
            return None;
        }
    };
    let before = faults.len();
    if let Ok(validator) = jsonschema::validator_for(schema) {
        for error in validator.iter_errors(&value) {
            let pointer = error.instance_path().to_string();
            let (line, message) = explain(text, &document, &pointer, error.kind());
            faults.push(Fault::new(path, line, message));
        }
    }
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

/// A fault in words, at the line of the value or of the key concerned.
fn explain(
    text: &str,
    document: &toml_edit::Document<&str>,
    pointer: &str,
    kind: &ValidationErrorKind,
) -> (usize, String) {
    let line = line_of_pointer(text, document, pointer);
    let place = if pointer.is_empty() { String::new() } else { format!("{} ", pointer.trim_start_matches('/')) };
    let message = match kind {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let from = line.saturating_sub(1);
            let hit = text.lines().enumerate().skip(from).find(|(_, l)| {
                unexpected.iter().any(|key| l.trim_start().starts_with(key.as_str()))
            });
            let line = hit.map_or(line, |(i, _)| i + 1);
            return (line, format!("{place}不认识的项 {};请删去,或对照 packs/schema 改成认识的项", unexpected.join("、")));
        }
        ValidationErrorKind::Required { property } => format!("{place}缺少 {property};请补上"),
        ValidationErrorKind::Enum { options } => format!("{place}只能写其中之一: {options}"),
        ValidationErrorKind::Type { kind } => format!("{place}类型不对;应当是 {kind:?}"),
        ValidationErrorKind::Pattern { pattern } => format!("{place}写法不对;应当符合 {pattern}"),
        _ => format!("{place}写法不对;请对照 packs/schema"),
    };
    (line, message)
}

fn line_of_pointer(text: &str, document: &toml_edit::Document<&str>, pointer: &str) -> usize {
    let mut span = None;
    let mut item: Option<&toml_edit::Item> = Some(document.as_item());
    let mut value: Option<&toml_edit::Value> = None;
    for part in pointer.split('/').skip(1) {
        if let Some(found) = value {
            value = match part.parse::<usize>() {
                Ok(i) => found.as_array().and_then(|a| a.get(i)),
                Err(_) => found.as_inline_table().and_then(|t| t.get(part)),
            };
            span = value.and_then(toml_edit::Value::span).or(span);
            continue;
        }
        let Some(found) = item else { break };
        let next = match part.parse::<usize>() {
            Ok(i) => {
                if let Some(array) = found.as_array() {
                    value = array.get(i);
                    span = value.and_then(toml_edit::Value::span).or(span);
                    item = None;
                    continue;
                }
                if let Some(table) = found.as_array_of_tables().and_then(|t| t.get(i)) {
                    span = table.span().or(span);
                    item = None;
                    value = None;
                    // Deeper parts of an array of tables are looked for by name below this line.
                    let from = span.as_ref().map_or(0, |s| s.start);
                    let rest = pointer.rsplit('/').next().unwrap_or("");
                    let line = line_at(text, from);
                    let deeper = text.lines().enumerate().skip(line.saturating_sub(1)).skip(1);
                    for (n, l) in deeper {
                        if l.starts_with("[[") {
                            break;
                        }
                        if rest.parse::<usize>().is_err() && l.trim_start().starts_with(rest) {
                            return n + 1;
                        }
                    }
                    return line;
                }
                None
            }
            Err(_) => found.get(part),
        };
        if let Some(next) = next {
            span = next.span().or(span);
        }
        item = next;
        if let Some(v) = item.and_then(|i| i.as_value())
            && (v.is_array() || v.is_inline_table())
        {
            value = Some(v);
            item = None;
        }
    }
    span.map_or(1, |s| line_at(text, s.start))
}

/// Line, from 1, of a byte offset.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
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
