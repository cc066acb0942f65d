//! Cells as they stand in a file, and where they stand.

use std::borrow::Cow;

/// A cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Blank,
    /// Words.
    Text(String),
    /// A number.
    Number(f64),
    /// A day or an instant, written out: `2024-03-05` or `2024-03-05 10:20`.
    Moment(String),
    /// True or false.
    Flag(bool),
    /// The fault of a formula, such as `#N/A`.
    Fault(String),
    /// A formula whose value was never computed.
    Uncalculated,
    /// Covered by a cell that was merged over it.
    Merged,
}

/// The greatest number that a spreadsheet keeps exactly, fifteen digits.
const EXACT: f64 = 1e15;

impl Cell {
    /// Whether nothing stands in it.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Blank | Cell::Merged => true,
            Cell::Text(text) => text.chars().all(xiangyue_domain::code::is_blank),
            _ => false,
        }
    }

    /// What stands in it, as people read it. Blanks around it are gone, those inside a text stay.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Cell::Blank | Cell::Merged | Cell::Uncalculated => Cow::Borrowed(""),
            Cell::Text(text) => Cow::Borrowed(trim(text)),
            Cell::Number(n) => Cow::Owned(number(*n)),
            Cell::Moment(text) | Cell::Fault(text) => Cow::Borrowed(text),
            Cell::Flag(flag) => Cow::Borrowed(if *flag { "TRUE" } else { "FALSE" }),
        }
    }

    /// Whether it is a number that has lost its last digits: a long code must be kept as text.
    pub fn lost_digits(&self) -> bool {
        match self {
            Cell::Number(n) => n.abs() >= EXACT,
            Cell::Text(text) => is_scientific(trim(text)),
            _ => false,
        }
    }
}

/// Blanks of every kind taken off both ends, the apostrophe before a text that a spreadsheet must not take for a
/// formula, and the wrapping that keeps leading noughts in a CSV.
fn trim(text: &str) -> &str {
    let text = text.trim_matches(xiangyue_domain::code::is_blank);
    let text = match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t']) || starts_with_digit(rest) => rest,
        _ => text,
    };
    match text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')) {
        Some(inner) if !inner.contains('"') => inner.trim_matches(xiangyue_domain::code::is_blank),
        _ => text,
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_ascii_digit())
}

/// A number in scientific notation, as a spreadsheet writes a long code into a CSV.
fn is_scientific(text: &str) -> bool {
    let Some((front, back)) = text.split_once(['E', 'e']) else { return false };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let front_ok = front.split_once('.').map_or_else(|| digits(front), |(a, b)| digits(a) && digits(b));
    front_ok && back.strip_prefix('+').is_some_and(digits)
}

/// A number without a needless fraction or exponent.
fn number(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < EXACT { format!("{n:.0}") } else { format!("{n}") }
}

/// A row with something in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Its number in the file, from 1.
    pub number: u32,
    /// Its cells from the first column on; blanks at the end are left out.
    pub cells: Vec<Cell>,
}

impl Row {
    /// A cell; a blank one where the row is shorter.
    pub fn cell(&self, column: usize) -> &Cell {
        const BLANK: &Cell = &Cell::Blank;
        self.cells.get(column).unwrap_or(BLANK)
    }

    /// Whether nothing stands in it.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// Letters of a column, from 0: `A`, `Z`, `AA`.
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column;
    loop {
        let digit = u8::try_from(left % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        if left < 26 {
            break;
        }
        left = left / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// Address of a cell: column from 0, row from 1.
pub fn address(column: usize, row: u32) -> String {
    format!("{}{row}", column_letters(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_a_spreadsheet() {
        for (column, letters) in [(0, "A"), (2, "C"), (25, "Z"), (26, "AA"), (51, "AZ"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_letters(column), letters);
        }
        assert_eq!(address(2, 17), "C17");
    }

    #[test]
    fn a_cell_reads_as_people_read_it() {
        let text = |t: &str| Cell::Text(t.to_owned());
        let cases = [
            (Cell::Number(13_800_138_000.0), "13800138000"),
            (Cell::Number(0.5), "0.5"),
            (Cell::Number(-3.0), "-3"),
            (text("\u{a0} 停水 了\t"), "停水 了"),
            (text("=\"00123\""), "00123"),
            (text("'00123"), "00123"),
            (text("'=1+1"), "=1+1"),
            (text("'甲'"), "'甲'"),
            (Cell::Flag(true), "TRUE"),
            (Cell::Merged, ""),
        ];
        for (cell, read) in cases {
            assert_eq!(cell.text(), read, "{cell:?}");
        }
    }

    #[test]
    fn digits_that_were_lost_are_seen() {
        for lost in [Cell::Number(1.101_051_949_123_1e17), Cell::Text("1.10105E+17".into()), Cell::Text("6E+18".into())]
        {
            assert!(lost.lost_digits(), "{lost:?}");
        }
        for kept in [Cell::Number(13_800_138_000.0), Cell::Text("E栋3单元".into()), Cell::Text("1E3".into())] {
            assert!(!kept.lost_digits(), "{kept:?}");
        }
    }
}
