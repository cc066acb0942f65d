//! Excel: one row per figure, a sheet per annex, and plain lists.
//!
//! Text is always written as text: what starts with = + - @ is marked as such, so that it never becomes a formula,
//! not even after somebody edits the cell. Numbers are numbers, without separators.

use crate::error::ReportError;
use crate::json::{self, FigureRow};
use crate::model::{Annex, Cell, Document, Table, Ymd, annex_mark};
use crate::text::{clean, width};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use std::collections::BTreeSet;

/// Heads of the first sheet.
const HEAD: [&str; 12] =
    ["指标", "数值", "单位", "分子", "分母", "起始", "截止", "比较", "来源", "记录数", "区划", "指标代码"];
/// Number columns of the first sheet.
const NUMERIC: [usize; 4] = [1, 3, 4, 9];
/// A4 in Excel's table of papers.
const A4: u8 = 9;
/// Excel's limit of a sheet name, in UTF-16 units.
const NAME_MAX: usize = 31;

/// Writes the figures of a report and its annexes.
pub fn write_xlsx(doc: &Document, rows: &[FigureRow]) -> Result<Vec<u8>, ReportError> {
    json::check(rows)?;
    for annex in &doc.annexes {
        annex.table.check(&annex.title)?;
    }
    book(doc, rows).map_err(ReportError::Xlsx)
}

/// Writes one table, for the export of a list; the note stands above the head.
pub fn write_table_xlsx(
    title: &str,
    note: Option<&str>,
    head: &[String],
    rows: &[Vec<Cell>],
) -> Result<Vec<u8>, ReportError> {
    let numbers = |i: &usize| rows.iter().any(|r| matches!(r.get(*i), Some(Cell::Number { .. })));
    let table = Table { head: head.to_vec(), rows: rows.to_vec(), numeric: (0..head.len()).filter(numbers).collect() };
    table.check(title)?;
    single(title, note, &table).map_err(ReportError::Xlsx)
}

fn single(title: &str, note: Option<&str>, table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut book = workbook(title, None)?;
    let notes: Vec<&str> = note.into_iter().collect();
    sheet(book.add_worksheet(), &Names::default().take(title), title, &notes, table)?;
    book.save_to_buffer()
}

fn book(doc: &Document, rows: &[FigureRow]) -> Result<Vec<u8>, XlsxError> {
    let title = doc.title.replace('\n', "");
    let mut book = workbook(&title, doc.date)?;
    let mut names = Names::default();
    let demo: Vec<&str> = doc.demo_note.as_deref().into_iter().collect();
    let figures = Table {
        head: HEAD.map(str::to_owned).to_vec(),
        rows: rows.iter().map(figure).collect(),
        numeric: NUMERIC.to_vec(),
    };
    sheet(book.add_worksheet(), &names.take("指标"), &title, &demo, &figures)?;
    for (index, Annex { title, note, table }) in doc.annexes.iter().enumerate() {
        let name = names.take(&format!("{} {title}", annex_mark(index, doc.annexes.len())));
        let notes: Vec<&str> = demo.iter().copied().chain(note.as_deref()).collect();
        sheet(book.add_worksheet(), &name, title, &notes, table)?;
    }
    book.save_to_buffer()
}

fn figure(row: &FigureRow) -> Vec<Cell> {
    let number = |value: Option<f64>, decimals: i32| match value.map(|v| json::round(v, decimals)) {
        // A value that cannot be computed says so; a nought would be a lie.
        None => Cell::text("—"),
        Some(value) if value.fract() == 0.0 => Cell::Number { value, decimals: 0 },
        Some(value) => Cell::Number { value, decimals: 2 },
    };
    let part = |value: Option<f64>| if value.is_none() { Cell::Empty } else { number(value, 6) };
    let words = |text: Option<&str>| text.map_or(Cell::Empty, Cell::text);
    vec![
        Cell::text(&row.name),
        number(row.value, 2),
        Cell::text(&row.unit),
        part(row.numerator),
        part(row.denominator),
        words(row.from.as_deref()),
        Cell::text(&row.as_of),
        words(row.comparison.as_deref()),
        Cell::text(source_words(&row.source)),
        // Exact up to 2^53 records.
        Cell::Number { value: row.records as f64, decimals: 0 },
        Cell::text(&row.region),
        Cell::text(&row.indicator),
    ]
}

/// Where a figure comes from, as people say it; the JSON has the bare word.
fn source_words(source: &str) -> &str {
    match source {
        "facts" => "办理记录汇总",
        "registers" => "名册、区划册",
        "reported" => "单位填报",
        other => other,
    }
}

/// The date of the properties is the document's, not the clock's, for the same input to give the same bytes.
fn workbook(title: &str, date: Option<Ymd>) -> Result<Workbook, XlsxError> {
    let (year, month, day) = date.unwrap_or((2000, 1, 1));
    let created = ExcelDateTime::from_ymd(u16::try_from(year).unwrap_or(2000), month, day)?;
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_title(clean(title)).set_creation_datetime(&created));
    Ok(book)
}

fn sheet(sheet: &mut Worksheet, name: &str, title: &str, notes: &[&str], table: &Table) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    let heading = Format::new().set_bold().set_font_size(14);
    let grey = Format::new().set_font_color(Color::Gray);
    let mut row = 0;
    for note in notes {
        text(sheet, row, 0, note, &grey)?;
        row += 1;
    }
    text(sheet, row, 0, title, &heading)?;
    sheet.set_row_height(row, 24)?;
    let head_row = row + 1;
    let head =
        boxed().set_bold().set_text_wrap().set_align(FormatAlign::Center).set_background_color(Color::RGB(0xEEEEEE));
    for (column, words) in (0u16..).zip(&table.head) {
        text(sheet, head_row, column, words, &head)?;
        sheet.set_column_width(column, column_width(table, usize::from(column)))?;
    }
    let formats = Formats::new();
    for (row, cells) in (head_row + 1..).zip(&table.rows) {
        for (column, cell) in (0u16..).zip(cells) {
            formats.write(sheet, row, column, cell)?;
        }
    }
    page(sheet, head_row, title)
}

fn page(sheet: &mut Worksheet, head_row: u32, title: &str) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(head_row + 1, 0)?;
    sheet.set_repeat_rows(0, head_row)?;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    // In a footer & is a command and && the character; 255 characters are the limit.
    let title: String = clean(title).replace('\n', "").chars().take(80).collect();
    sheet.set_footer(format!("&L{}&C— &P —", title.replace('&', "&&")));
    Ok(())
}

/// Formats of the cells of a table.
struct Formats {
    words: Format,
    numbers: [Format; 3],
}

impl Formats {
    fn new() -> Formats {
        let number = |shape: &str| boxed().set_num_format(shape);
        Formats { words: boxed().set_text_wrap(), numbers: [number("0"), number("0.0"), number("0.00")] }
    }

    fn write(&self, sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => sheet.write_blank(row, column, &self.words).map(|_| ()),
            Cell::Text(words) => text(sheet, row, column, words, &self.words),
            Cell::Number { value, decimals } => {
                let format = match self.numbers.get(usize::from(*decimals)) {
                    Some(format) => format.clone(),
                    None => boxed().set_num_format(format!("0.{}", "0".repeat(usize::from(*decimals)))),
                };
                sheet.write_number_with_format(row, column, *value, &format).map(|_| ())
            }
        }
    }
}

/// Writes a string as a string, whatever it starts with.
fn text(sheet: &mut Worksheet, row: u32, column: u16, words: &str, format: &Format) -> Result<(), XlsxError> {
    let words = clean(words);
    let risky = words.starts_with(['=', '+', '-', '@', '\t', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let format = if risky { format.clone().set_quote_prefix() } else { format.clone() };
    sheet.write_string_with_format(row, column, words, &format).map(|_| ())
}

fn boxed() -> Format {
    Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter)
}

/// Width in characters for what stands in a column, at most 50.
fn column_width(table: &Table, column: usize) -> f64 {
    let cells = table.rows.iter().filter_map(|r| r.get(column)).map(|c| width(&c.printed()));
    let head = table.head.get(column).map_or(0, |h| width(h));
    let longest = cells.chain([head]).max().unwrap_or(0).clamp(6, 48);
    // At most 50, which a float holds exactly.
    (longest + 2) as f64
}

/// Names of sheets, each once, as Excel takes them.
#[derive(Default)]
struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    fn take(&mut self, wish: &str) -> String {
        let bad = |c: char| matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\n' | '\t' | '\'');
        let base: String = clean(wish).trim().chars().map(|c| if bad(c) { ' ' } else { c }).collect();
        let base = if base.trim().is_empty() { "表".to_owned() } else { base.trim().to_owned() };
        let mut number = 1;
        loop {
            let tail = if number == 1 { String::new() } else { format!(" {number}") };
            let name = cut(&base, NAME_MAX - tail.len()) + &tail;
            if self.taken.insert(name.to_lowercase()) {
                return name;
            }
            number += 1;
        }
    }
}

fn cut(text: &str, units: usize) -> String {
    let mut left = units;
    let fits = |c: &char| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    };
    text.chars().take_while(fits).collect::<String>().trim_end().to_owned()
}
