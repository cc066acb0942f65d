//! The shape of a template once read. It must never hold text that was not in the file.

use super::TEXT_NAMES;
use std::fmt;

/// A piece of the body.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A heading.
    Heading {
        /// 1 to 4.
        level: u8,
        /// Words, and slots for words only.
        text: Phrase,
    },
    /// A paragraph.
    Paragraph(Phrase),
    /// Parts that depend on a figure.
    If {
        /// When.
        condition: Condition,
        /// What then.
        then: Vec<Part>,
        /// What otherwise.
        otherwise: Vec<Part>,
    },
}

/// A run of pieces.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// Line it starts on.
    pub line: usize,
    /// The pieces.
    pub pieces: Vec<Piece>,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Words as written.
    Text(String),
    /// `{{name|format}}`
    Slot {
        /// Line.
        line: usize,
        /// Indicator or one of [`TEXT_NAMES`].
        name: String,
        /// One of [`super::FORMATS`], or empty.
        format: String,
    },
    /// `{% if … %}…{% endif %}` within a paragraph.
    If {
        /// When.
        condition: Condition,
        /// What then.
        then: Vec<Piece>,
        /// What otherwise.
        otherwise: Vec<Piece>,
    },
}

/// Compares an indicator with a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Line.
    pub line: usize,
    /// Indicator.
    pub name: String,
    /// How.
    pub compare: Compare,
    /// With what.
    pub number: f64,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

impl Condition {
    /// Whether a value meets it.
    pub fn holds(&self, value: f64) -> bool {
        match self.compare {
            Compare::Greater => value > self.number,
            Compare::AtLeast => value >= self.number,
            Compare::Less => value < self.number,
            Compare::AtMost => value <= self.number,
            Compare::Equal => value == self.number,
            Compare::Unequal => value != self.number,
        }
    }
}

impl fmt::Display for Phrase {
    /// As it was written, conditions left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => f.write_str(text)?,
                Piece::Slot { name, format, .. } if format.is_empty() => write!(f, "{{{{{name}}}}}")?,
                Piece::Slot { name, format, .. } => write!(f, "{{{{{name}|{format}}}}}")?,
                Piece::If { .. } => {}
            }
        }
        Ok(())
    }
}

/// Calls back for every indicator, with its line and, where it is printed, the format, in order.
pub(super) fn collect(parts: &[Part], found: &mut dyn FnMut(&str, usize, Option<&str>)) {
    for part in parts {
        match part {
            Part::Heading { text, .. } | Part::Paragraph(text) => pieces(&text.pieces, found),
            Part::If { condition, then, otherwise } => {
                found(&condition.name, condition.line, None);
                collect(then, found);
                collect(otherwise, found);
            }
        }
    }
}

fn pieces(list: &[Piece], found: &mut dyn FnMut(&str, usize, Option<&str>)) {
    for piece in list {
        match piece {
            Piece::Slot { name, line, format } if !TEXT_NAMES.contains(&name.as_str()) => {
                found(name, *line, Some(format));
            }
            Piece::If { condition, then, otherwise } => {
                found(&condition.name, condition.line, None);
                pieces(then, found);
                pieces(otherwise, found);
            }
            Piece::Text(_) | Piece::Slot { .. } => {}
        }
    }
}
