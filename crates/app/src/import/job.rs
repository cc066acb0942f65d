//! An import as it is spoken of: how far it is, what is wrong with its cells, what became of its rows.

use serde::{Deserialize, Serialize};
use xiangyue_sheet::address;

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its rows are being checked.
    Trying,
    /// Somebody has to look at it.
    Checked,
    /// The file cannot be read.
    Refused,
    /// Its rows are being taken in.
    Importing,
    /// All that could be taken in was.
    Done,
}

impl State {
    /// Its word, as it is stored and as a page's texts are found by.
    pub fn word(self) -> &'static str {
        match self {
            State::Trying => "trying",
            State::Checked => "checked",
            State::Refused => "refused",
            State::Importing => "importing",
            State::Done => "done",
        }
    }
}

/// The head of an import. It names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Name nobody can guess.
    pub id: String,
    /// Who imports; 0 for the operator.
    pub account: i64,
    /// Sheet.
    pub sheet: String,
    /// When it was uploaded.
    pub made_at: i64,
    /// When somebody last touched it.
    pub touched_at: i64,
    /// Digest of the file.
    pub digest: String,
    /// How far it is.
    pub state: State,
    /// Name of its key and the wrapped key.
    pub key: (String, String),
    /// Worksheet that is read.
    pub worksheet: usize,
    /// Row of the headings; 0 until it was found.
    pub head_row: u32,
    /// Column of the file for each column of the sheet.
    pub columns: Vec<Option<usize>>,
    /// Rows below the headings.
    pub rows: u64,
    /// Rows without fault.
    pub good: u64,
    /// Rows with faults.
    pub bad: u64,
    /// Rows whose matter or person is here already.
    pub same: u64,
    /// Faults in all.
    pub faults: u64,
    /// Rows that the import is through with.
    pub done: u64,
    /// Rows that were taken in.
    pub taken: u64,
    /// Only the rows without fault were wanted.
    pub only_good: bool,
    /// Why the file cannot be read: key and number.
    pub refused: Option<(String, Option<u64>)>,
    /// The uploaded file is gone; only the result is left.
    pub emptied: bool,
}

/// What is wrong with a cell, or with a row as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellFault {
    /// Row of the file.
    pub row: u32,
    /// Column of the file, from 0; none when the row as a whole is meant.
    pub column: Option<usize>,
    /// Key of its sentence, with its area.
    pub key: String,
    /// What stands in the sentence.
    pub args: Vec<(String, String)>,
    /// What stood in the cell.
    pub found: String,
}

impl CellFault {
    /// Address of the cell, such as `C17`; the row alone where no cell is at fault.
    pub fn address(&self) -> String {
        self.column.map_or_else(|| self.row.to_string(), |c| address(c, self.row))
    }
}

/// What was found in the file, for the preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Look {
    /// Name of the file.
    pub name: String,
    /// Names of its worksheets.
    pub worksheets: Vec<String>,
    /// Headings of its columns.
    pub headings: Vec<String>,
    /// Columns of the sheet that were matched by a part of their name.
    pub guessed: Vec<usize>,
    /// Required columns that were not matched.
    pub missing: Vec<String>,
    /// First rows: number and cells.
    pub sample: Vec<(u32, Vec<String>)>,
    /// Faults, in the order of the file; a large file has more than are kept.
    pub faults: Vec<CellFault>,
    /// Rows that are here already, with the numbers of their matters.
    pub same: Vec<(u32, String)>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Taken in.
    New,
    /// It was here already.
    Same,
    /// Not taken in.
    Bad,
}

/// A row of the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenRow {
    /// Row of the file.
    #[serde(rename = "r")]
    pub row: u32,
    /// What became of it.
    #[serde(rename = "w")]
    pub what: What,
    /// Entry that took it in; 0 for none.
    #[serde(rename = "s", default)]
    pub seq: i64,
    /// Matter, for a sheet of matters.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub matter: Option<i64>,
    /// Its number.
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// Why not.
    #[serde(rename = "k", default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}
