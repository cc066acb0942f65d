//! A fault of a pack: where it is and what to write instead.

use std::fmt;

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// File within the pack.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl Fault {
    /// A fault at a line.
    pub fn new(file: &str, line: usize, message: impl Into<String>) -> Fault {
        Fault { file: file.to_owned(), line, message: message.into() }
    }

    /// A fault at the first line that holds a text; line 0 when none does.
    pub fn at(file: &str, text: &str, needle: &str, message: impl Into<String>) -> Fault {
        let line = text.lines().position(|l| l.contains(needle)).map_or(0, |i| i + 1);
        Fault::new(file, line, message)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}
