//! Files to take away: a workbook or a text with one table. Nothing that stands in a cell can become a formula, not
//! even after somebody edits it.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

/// How a cell is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Plainly.
    #[default]
    None,
    /// Wrong: it stands out.
    Wrong,
    /// A remark of ours.
    Remark,
}

/// A cell to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Out {
    /// What stands in it, always as text: long numbers keep their digits.
    pub text: String,
    /// How it is shown.
    pub mark: Mark,
}

impl Out {
    /// A plain cell.
    pub fn plain(text: impl Into<String>) -> Out {
        Out { text: text.into(), mark: Mark::None }
    }

    /// A remark.
    pub fn remark(text: impl Into<String>) -> Out {
        Out { text: text.into(), mark: Mark::Remark }
    }
}

/// A workbook could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WriteFault(#[from] XlsxError);

/// Characters that begin a formula in one program or another, in either width.
const RISKY: &[char] = &['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// Longest text of a cell, in UTF-16 units.
const CELL_MAX: usize = 32_000;

/// A text that no program takes for a formula: what begins like one has an apostrophe before it.
pub fn neutral(text: &str) -> String {
    let text = clean(text);
    let first = text.trim_start_matches(xiangyue_domain::code::is_blank);
    if first.starts_with(RISKY) || text.starts_with(RISKY) { format!("'{text}") } else { text }
}

/// Without the characters that a workbook cannot hold.
fn clean(text: &str) -> String {
    let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= CELL_MAX
    };
    text.chars().filter(|c| !bad(*c)).take_while(fits).collect()
}

/// Writes a table as text: UTF-8 with a mark, by which spreadsheets know it.
pub fn write_csv(head: &[String], rows: &[Vec<Out>]) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        for (i, cell) in cells.enumerate() {
            if i > 0 {
                out.push(',');
            }
            let cell = neutral(cell);
            if cell.contains(['"', ',', '\n', '\r', ';', '\t']) {
                out.push('"');
                out.push_str(&cell.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(&cell);
            }
        }
        out.push_str("\r\n");
    };
    line(&mut head.iter().map(String::as_str));
    for row in rows {
        line(&mut row.iter().map(|c| c.text.as_str()));
    }
    out.into_bytes()
}

/// Writes a table as a workbook; the notes stand above the head.
pub fn write_xlsx(title: &str, notes: &[String], head: &[String], rows: &[Vec<Out>]) -> Result<Vec<u8>, WriteFault> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(title))?;
    let mut formats = Formats::new();
    let mut row = 0;
    for note in notes {
        formats.write(sheet, row, 0, note, Mark::Remark)?;
        row += 1;
    }
    let bold = boxed().set_bold().set_text_wrap().set_background_color(Color::RGB(0xEEEEEE));
    for (column, words) in (0u16..).zip(head) {
        sheet.write_string_with_format(row, column, clean(words), &bold)?;
        sheet.set_column_width(column, width(head, rows, usize::from(column)))?;
    }
    sheet.set_freeze_panes(row + 1, 0)?;
    for (row, cells) in (row + 1..).zip(rows) {
        for (column, cell) in (0u16..).zip(cells) {
            formats.write(sheet, row, column, &cell.text, cell.mark)?;
        }
    }
    Ok(book.save_to_buffer()?)
}

/// A name that a worksheet may have.
fn sheet_name(title: &str) -> String {
    let bad = |c: char| matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'') || c.is_control();
    let name: String = title.chars().filter(|c| !bad(*c)).take(15).collect();
    if name.trim().is_empty() { "1".to_owned() } else { name.trim().to_owned() }
}

fn boxed() -> Format {
    Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top)
}

/// Formats by mark, plain and with the prefix that keeps a text from becoming a formula.
struct Formats([(Format, Format); 3]);

impl Formats {
    fn new() -> Formats {
        // "@" keeps a cell a text when somebody edits it, so that long numbers keep their digits.
        let text = || boxed().set_text_wrap().set_num_format("@");
        let wrong = || text().set_background_color(Color::RGB(0xFFD9D6));
        let remark = || text().set_font_color(Color::RGB(0xA32020));
        let both = |f: Format| (f.clone(), f.set_quote_prefix());
        Formats([both(text()), both(wrong()), both(remark())])
    }

    fn write(&mut self, sheet: &mut Worksheet, row: u32, column: u16, text: &str, mark: Mark) -> Result<(), XlsxError> {
        let text = clean(text);
        let (plain, prefixed) = match mark {
            Mark::None => &self.0[0],
            Mark::Wrong => &self.0[1],
            Mark::Remark => &self.0[2],
        };
        let first = text.trim_start_matches(xiangyue_domain::code::is_blank);
        let risky = first.starts_with(RISKY) || text.starts_with(RISKY);
        sheet.write_string_with_format(row, column, text, if risky { prefixed } else { plain }).map(|_| ())
    }
}

/// Width for what stands in a column, by its first rows.
fn width(head: &[String], rows: &[Vec<Out>], column: usize) -> f64 {
    let wide = |t: &str| t.chars().take(60).map(|c| if c.is_ascii() { 1u8 } else { 2 }).fold(0u8, u8::saturating_add);
    let cells = rows.iter().take(200).filter_map(|r| r.get(column)).map(|c| wide(&c.text));
    let longest = cells.chain(head.get(column).map(|h| wide(h))).max().unwrap_or(0);
    f64::from(longest.clamp(6, 46)) + 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_begins_a_formula() {
        for risky in ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\u{200b}=cmd|' /C calc'!A0"] {
            assert!(neutral(risky).starts_with('\''), "{risky:?}");
        }
        for plain in ["停水", "13800138000", "a=b", "'甲"] {
            assert_eq!(neutral(plain), plain);
        }
        let csv = write_csv(&["话".into()], &[vec![Out::plain("=HYPERLINK(\"x\")")], vec![Out::plain("两\n行,")]]);
        let text = String::from_utf8(csv).expect("text");
        assert_eq!(text, "\u{feff}话\r\n\"'=HYPERLINK(\"\"x\"\")\"\r\n\"两\n行,\"\r\n");
    }
}
