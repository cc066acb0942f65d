//! A file: a workbook or a delimited text, told apart by what it is and not by what it is called. Rows are handed on
//! one by one, so that a large file never lies in memory as a table.

use crate::cell::{Cell, Row};
use crate::limits::Limits;
use crate::refused::Refused;
use crate::{delimited, guard};
use calamine::{DataRef, Reader, Xlsx, XlsxError};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A workbook of more than this many bytes, unpacked, is not walked through once more for its merged cells.
const MERGES_UP_TO: u64 = 48 * 1024 * 1024;
/// Merged areas looked at.
const MERGES_MOST: usize = 5_000;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// .xlsx
    Workbook,
    /// .csv and its kin.
    Text,
}

/// A file that was looked at from outside.
pub struct File<'a> {
    bytes: &'a [u8],
    limits: Limits,
    format: Format,
    /// What it unpacks to.
    unpacked: u64,
    sheets: Vec<String>,
}

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

impl<'a> File<'a> {
    /// Looks at a file: what it is, whether it is bearable, which worksheets it has.
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<File<'a>, Refused> {
        if bytes.is_empty() {
            return Err(Refused::Empty);
        }
        if bytes.len() > limits.bytes {
            return Err(Refused::TooLarge(limits.bytes / (1024 * 1024)));
        }
        let mut file = File { bytes, limits: *limits, format: Format::Text, unpacked: 0, sheets: vec![String::new()] };
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            file.format = Format::Workbook;
            file.unpacked = guard::check(bytes, limits)?;
            file.sheets = watched(|| Ok(file.book()?.sheet_names()))?;
            if file.sheets.is_empty() {
                return Err(Refused::Unknown);
            }
        } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(Refused::OldOrLocked);
        } else if delimited::is_binary(bytes) {
            return Err(Refused::Unknown);
        }
        Ok(file)
    }

    /// What it is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Names of its worksheets; a text has one without a name.
    pub fn sheets(&self) -> &[String] {
        &self.sheets
    }

    fn book(&self) -> Result<Book<'a>, Refused> {
        Xlsx::new(Cursor::new(self.bytes)).map_err(|e| of_reader(&e))
    }

    /// Hands every row with something in it to the sink, in the order of the file, until it has enough.
    pub fn rows(&self, sheet: usize, sink: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Refused> {
        match self.format {
            Format::Text => delimited::rows(self.bytes, &self.limits, sink),
            Format::Workbook => {
                let name = self.sheets.get(sheet).ok_or(Refused::NoSheet)?;
                watched(|| self.book_rows(name, sink))
            }
        }
    }

    /// The first rows with something in them.
    pub fn first(&self, sheet: usize, most: usize) -> Result<Vec<Row>, Refused> {
        let mut rows = Vec::new();
        self.rows(sheet, &mut |row| {
            rows.push(row);
            if rows.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(rows)
    }

    fn book_rows(&self, name: &str, sink: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Refused> {
        let mut book = self.book()?;
        let merged = if self.unpacked <= MERGES_UP_TO { merged(&mut book, name) } else { Vec::new() };
        let mut gather = Gather { limits: &self.limits, merged: &merged, row: Row::default(), rows: 0, sink };
        let mut reader = book.worksheet_cells_reader(name).map_err(|e| of_reader(&e))?;
        let mut cells = 0;
        while let Some(found) = reader.next_cell_with_formula_metadata().map_err(|e| of_reader(&e))? {
            cells += 1;
            if cells > self.limits.cells {
                return Err(Refused::Cells(self.limits.cells));
            }
            let cell = match of_value(found.value, self.limits.characters) {
                Cell::Blank if found.formula.is_some() => Cell::Uncalculated,
                cell => cell,
            };
            if !cell.is_blank() && gather.put(found.pos, cell)?.is_break() {
                return Ok(());
            }
        }
        gather.hand_on().map(|_| ())
    }
}

/// Cells gathered into rows.
struct Gather<'a> {
    limits: &'a Limits,
    merged: &'a [Area],
    row: Row,
    rows: usize,
    sink: &'a mut dyn FnMut(Row) -> ControlFlow<()>,
}

impl Gather<'_> {
    fn put(&mut self, (row, column): (u32, u32), cell: Cell) -> Result<ControlFlow<()>, Refused> {
        let number = row.saturating_add(1);
        if number < self.row.number {
            return Err(Refused::Broken("rows out of order".to_owned()));
        }
        if number > self.row.number {
            if self.hand_on()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.row = Row { number, cells: Vec::new() };
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= self.limits.columns {
            return Err(Refused::Columns(self.limits.columns));
        }
        if self.row.cells.len() <= column {
            self.row.cells.resize(column + 1, Cell::Blank);
        }
        self.row.cells[column] = cell;
        Ok(ControlFlow::Continue(()))
    }

    fn hand_on(&mut self) -> Result<ControlFlow<()>, Refused> {
        let mut row = std::mem::take(&mut self.row);
        if row.cells.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        self.rows += 1;
        if self.rows > self.limits.rows {
            return Err(Refused::Rows(self.limits.rows));
        }
        let number = row.number;
        for area in self.merged.iter().filter(|a| a.covers_row(number)) {
            area.cover(&mut row);
        }
        Ok((self.sink)(row))
    }
}

/// A merged area: rows from 1, columns from 0, both ends included.
struct Area {
    rows: (u32, u32),
    columns: (usize, usize),
}

impl Area {
    fn covers_row(&self, row: u32) -> bool {
        self.rows.0 <= row && row <= self.rows.1
    }

    /// Blank cells under the area are marked; its first cell holds what it says.
    fn cover(&self, row: &mut Row) {
        let last = self.columns.1.min(self.columns.0 + 256);
        for column in self.columns.0..=last {
            let first = row.number == self.rows.0 && column == self.columns.0;
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Blank);
            }
            if !first && row.cells[column] == Cell::Blank {
                row.cells[column] = Cell::Merged;
            }
        }
    }
}

fn merged(book: &mut Book<'_>, name: &str) -> Vec<Area> {
    let found = book.merge_cells_by_sheet_name(name).unwrap_or_default();
    let column = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let areas = found.into_iter().map(|d| Area {
        rows: (d.start.0.saturating_add(1), d.end.0.saturating_add(1)),
        columns: (column(d.start.1), column(d.end.1)),
    });
    areas.filter(|a| a.columns.0 < 256).take(MERGES_MOST).collect()
}

fn of_value(value: DataRef<'_>, most: usize) -> Cell {
    match value {
        DataRef::Empty => Cell::Blank,
        DataRef::Int(n) => Cell::Number(n as f64),
        DataRef::Float(n) if n.is_finite() => Cell::Number(n),
        DataRef::Float(_) => Cell::Fault("#NUM!".to_owned()),
        DataRef::String(text) => words(text, most),
        DataRef::SharedString(text) => words(text.to_owned(), most),
        DataRef::Bool(flag) => Cell::Flag(flag),
        DataRef::DateTime(at) if at.is_datetime() && at.as_f64() >= 1.0 => {
            let (y, m, d, hour, minute, second, milli) = at.to_ymd_hms_milli();
            // What a spreadsheet rounds up to the next second is that second.
            let minute = u16::from(hour) * 60 + u16::from(minute) + u16::from(second == 59 && milli > 990);
            let clock = if minute == 0 { String::new() } else { format!(" {:02}:{:02}", minute / 60, minute % 60) };
            Cell::Moment(format!("{y:04}-{m:02}-{d:02}{clock}"))
        }
        DataRef::DateTime(at) => Cell::Number(at.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => words(text, most),
        DataRef::Error(fault) => Cell::Fault(fault.to_string()),
    }
}

/// A text; more characters than a spreadsheet can hold are cut off, and the cut is past any field's own limit.
fn words(text: String, most: usize) -> Cell {
    if text.len() <= most {
        return Cell::Text(text);
    }
    Cell::Text(text.chars().take(most).collect())
}

fn of_reader(error: &XlsxError) -> Refused {
    match error {
        XlsxError::Password => Refused::OldOrLocked,
        XlsxError::FileNotFound(_) => Refused::Unknown,
        other => Refused::Broken(other.to_string()),
    }
}

/// A crafted package may bring the reader to a halt; that is one more way of being broken, and nothing of ours is
/// left half done.
fn watched<T>(work: impl FnOnce() -> Result<T, Refused>) -> Result<T, Refused> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Refused::Broken("reader".to_owned())))
}
