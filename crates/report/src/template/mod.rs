//! Report templates: plain Markdown with figure slots, written by county staff (`packs/*/reports/*.md`).
//!
//! ```text
//! ---
//! id: hotline-monthly
//! kind: report                     report | circular | special
//! title: {{region}}12345热线办理情况
//! addressee: 县人民政府
//! signature: 县政府办公室
//! annexes: by-town, by-category
//! ---
//! # 总体情况
//!
//! 共受理诉求{{hotline.accepted|unit}},{{hotline.accepted|yoy}},办结率{{hotline.done_rate|unit}}。
//!
//! {% if hotline.overdue > 0 %}
//! 超期{{hotline.overdue}}件。
//! {% else %}
//! 没有超期。
//! {% endif %}
//! ```
//!
//! A blank line, a heading or a condition alone on its line ends a paragraph. A condition may also stand within
//! a paragraph. `<!-- … -->` alone on its line is a remark. Slots without a format give bare digits.
//! It must never invent a figure: a missing one is a [`Fault`] with the line and the id.

mod fill;
mod front;
mod inline;
mod nest;
mod parse;
mod part;
#[cfg(test)]
mod tests;

pub use fill::{FigureSource, fill};
pub use part::{Compare, Condition, Part, Phrase, Piece};

use crate::model::DocKind;
use std::collections::BTreeSet;
use std::fmt;

/// Names that stand for words, not for indicators.
pub const TEXT_NAMES: [&str; 6] = ["from", "as_of", "region", "period", "year", "office"];

/// Formats of a figure, with what each prints.
pub const FORMATS: [(&str, &str); 6] = [
    ("unit", "数和单位,如 9238件"),
    ("万", "以万计,带单位,如 1.5万件"),
    ("亿", "以亿计,带单位,如 2.1亿元"),
    ("yoy", "同比说法,如 同比上升3.2%"),
    ("mom", "环比说法,如 环比下降1.4%"),
    ("of", "分子和分母,如 9182/9238"),
];

/// What is wrong in a template, where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub struct Fault {
    /// Line from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(line: usize, message: impl Into<String>) -> Fault {
        Fault { line, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}

/// The front matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Meta {
    /// Id by which the report is asked for.
    pub id: String,
    /// Kind; a report unless said otherwise.
    pub kind: DocKind,
    /// Title, may hold `{{region}}`, `{{year}}` and the like.
    pub title: Phrase,
    /// 主送机关
    pub addressee: Option<Phrase>,
    /// 署名
    pub signature: Option<Phrase>,
    /// Ids of the annex tables, in order.
    pub annexes: Vec<String>,
    /// Line on which the annexes are listed.
    pub annexes_line: usize,
}

/// A template that has been read and found sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The front matter.
    pub meta: Meta,
    /// Headings, paragraphs and conditions.
    pub parts: Vec<Part>,
}

impl Template {
    /// Reads a template; on failure every fault, by line.
    pub fn parse(text: &str) -> Result<Template, Vec<Fault>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines: Vec<&str> = text.lines().collect();
        let mut faults = Vec::new();
        let (meta, body) = front::read(&lines, &mut faults);
        let parts = parse::body(&lines, body, &mut faults);
        faults.sort();
        faults.dedup();
        match meta {
            Some(meta) if faults.is_empty() => Ok(Template { meta, parts }),
            _ => Err(faults),
        }
    }

    /// Ids of the indicators it speaks of, each once, in order of appearance.
    pub fn indicators(&self) -> Vec<String> {
        let mut found = Vec::new();
        part::collect(&self.parts, &mut |name, _, _| {
            if !found.iter().any(|f| f == name) {
                found.push(name.to_owned());
            }
        });
        found
    }

    /// Indicators that are printed in a format somewhere.
    pub fn printed_as(&self, format: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        part::collect(&self.parts, &mut |name, _, printed| {
            found.extend(printed.filter(|p| *p == format).map(|_| name.to_owned()));
        });
        found
    }

    /// First line that speaks of an indicator, for messages of other checks.
    pub fn line_of(&self, indicator: &str) -> Option<usize> {
        let mut found = None;
        part::collect(&self.parts, &mut |name, line, _| {
            if name == indicator && found.is_none() {
                found = Some(line);
            }
        });
        found
    }
}
