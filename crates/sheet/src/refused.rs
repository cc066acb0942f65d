//! Why a file is refused as a whole: one reason, with a key for its sentence and the numbers that stand in it.

/// A refusal of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Larger than is taken.
    #[error("larger than {0} MB")]
    TooLarge(usize),
    /// Neither a workbook nor text.
    #[error("neither .xlsx nor .csv")]
    Unknown,
    /// An old .xls, or a workbook with a password.
    #[error("an old .xls or a workbook with a password")]
    OldOrLocked,
    /// It unpacks to more than is read.
    #[error("unpacks to more than {0} MB")]
    Unpacks(u64),
    /// The package cannot be read.
    #[error("broken: {0}")]
    Broken(String),
    /// More rows than are read.
    #[error("more than {0} rows")]
    Rows(usize),
    /// More columns than are read.
    #[error("more than {0} columns")]
    Columns(usize),
    /// More cells than are read.
    #[error("more than {0} cells")]
    Cells(u64),
    /// A text in an encoding that is not known.
    #[error("the text is neither UTF-8 nor GB18030")]
    Encoding,
    /// Nothing in it.
    #[error("nothing in it")]
    Empty,
    /// No worksheet of that number.
    #[error("no such worksheet")]
    NoSheet,
}

impl Refused {
    /// Key of the sentence.
    pub fn key(&self) -> &'static str {
        match self {
            Refused::TooLarge(_) => "too_large",
            Refused::Unknown => "unknown",
            Refused::OldOrLocked => "old_or_locked",
            Refused::Unpacks(_) => "unpacks",
            Refused::Broken(_) => "broken",
            Refused::Rows(_) => "rows",
            Refused::Columns(_) => "columns",
            Refused::Cells(_) => "cells",
            Refused::Encoding => "encoding",
            Refused::Empty => "empty",
            Refused::NoSheet => "no_sheet",
        }
    }

    /// The number in the sentence, if it has one.
    pub fn most(&self) -> Option<u64> {
        match self {
            Refused::TooLarge(n) | Refused::Rows(n) | Refused::Columns(n) => u64::try_from(*n).ok(),
            Refused::Unpacks(n) | Refused::Cells(n) => Some(*n),
            _ => None,
        }
    }
}
