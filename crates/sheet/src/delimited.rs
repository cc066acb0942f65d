//! Delimited text: UTF-8 with or without a mark, UTF-16 with one, GB18030; comma, tab or semicolon, whichever the
//! first lines use.

use crate::cell::{Cell, Row};
use crate::limits::Limits;
use crate::refused::Refused;
use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// Bytes looked at to see whether something is a text, and which delimiter it uses.
const LOOK: usize = 8192;

/// Whether the bytes are no text at all: pictures, PDFs, programs.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return false;
    }
    let look = &bytes[..bytes.len().min(LOOK)];
    let odd = look.iter().filter(|b| **b < 0x20 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x0c)).count();
    look.contains(&0) || odd * 50 > look.len() || bytes.starts_with(b"%PDF")
}

fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Refused> {
    for (mark, encoding) in [(&[0xff, 0xfe][..], UTF_16LE), (&[0xfe, 0xff][..], UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            let (text, bad) = encoding.decode_without_bom_handling(rest);
            return if bad { Err(Refused::Encoding) } else { Ok(text) };
        }
    }
    let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(rest) {
        return Ok(text);
    }
    // What claims to be UTF-8 by its mark and is not, is nothing else either.
    let marked = rest.len() != bytes.len();
    let text = if marked { None } else { GB18030.decode_without_bom_handling_and_without_replacement(rest) };
    text.ok_or(Refused::Encoding)
}

/// The delimiter that the first lines use most evenly.
fn delimiter(text: &str) -> char {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).take(10).collect();
    let count = |d: char| lines.iter().map(|l| l.matches(d).count()).sum::<usize>();
    let (comma, tab, semicolon) = (count(','), count('\t'), count(';'));
    if tab > comma && tab >= semicolon {
        '\t'
    } else if semicolon > comma {
        ';'
    } else {
        ','
    }
}

/// Hands every row with something in it to the sink. A row's number is the one a spreadsheet shows: blank lines count,
/// line breaks inside quotes do not. That is why the records are taken apart here and not by a reader that skips them.
pub(crate) fn rows(bytes: &[u8], limits: &Limits, sink: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Refused> {
    let text = decoded(bytes)?;
    let head: String = text.chars().take(LOOK).collect();
    let mut records = Records { rest: &text, delimiter: delimiter(&head), row: 0 };
    let mut count = 0;
    while let Some(fields) = records.next_record(limits)? {
        let mut cells: Vec<Cell> = fields.into_iter().map(of_field).collect();
        while cells.last().is_some_and(Cell::is_blank) {
            cells.pop();
        }
        if cells.is_empty() {
            continue;
        }
        if cells.len() > limits.columns {
            return Err(Refused::Columns(limits.columns));
        }
        count += 1;
        if count > limits.rows {
            return Err(Refused::Rows(limits.rows));
        }
        if sink(Row { number: records.row, cells }).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

fn of_field(text: String) -> Cell {
    if text.is_empty() { Cell::Blank } else { Cell::Text(text) }
}

/// The records of a text, one after another.
struct Records<'a> {
    rest: &'a str,
    delimiter: char,
    row: u32,
}

impl Records<'_> {
    /// Fields of the next record; blanks beyond the last column that may be read are not kept.
    fn next_record(&mut self, limits: &Limits) -> Result<Option<Vec<String>>, Refused> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.row = self.row.saturating_add(1);
        let mut fields = Vec::new();
        loop {
            let field = self.field(limits.characters)?;
            // One more than may be read is enough to refuse the file, if anything stands there.
            if fields.len() <= limits.columns || !field.is_empty() {
                if fields.len() > limits.columns {
                    return Err(Refused::Columns(limits.columns));
                }
                fields.push(field);
            }
            match self.rest.chars().next() {
                Some(c) if c == self.delimiter => self.skip(1),
                Some('\r') => {
                    self.skip(if self.rest.starts_with("\r\n") { 2 } else { 1 });
                    return Ok(Some(fields));
                }
                Some(_) => {
                    self.skip(1);
                    return Ok(Some(fields));
                }
                None => return Ok(Some(fields)),
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }

    /// One field, up to its delimiter or the end of the line; quotes around it are taken off.
    fn field(&mut self, most: usize) -> Result<String, Refused> {
        let mut out = String::new();
        if let Some(inside) = self.rest.strip_prefix('"') {
            self.rest = inside;
            loop {
                let Some(end) = self.rest.find('"') else {
                    return Err(Refused::Broken(format!("row {}: a quotation mark is not closed", self.row)));
                };
                keep(&mut out, &self.rest[..end], most);
                self.skip(end + 1);
                match self.rest.strip_prefix('"') {
                    Some(more) => {
                        keep(&mut out, "\"", most);
                        self.rest = more;
                    }
                    None => break,
                }
            }
        }
        let stop = |c: char| c == self.delimiter || c == '\n' || c == '\r';
        let end = self.rest.find(stop).unwrap_or(self.rest.len());
        keep(&mut out, &self.rest[..end], most);
        self.skip(end);
        Ok(out)
    }
}

/// Adds to a field as much as a cell may hold.
fn keep(out: &mut String, more: &str, most: usize) {
    if out.len() + more.len() <= most {
        out.push_str(more);
    } else if out.len() < most {
        out.extend(more.chars().take(most - out.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, Refused> {
        let mut out = Vec::new();
        let limits = Limits { columns: 5, rows: 50, ..Limits::default() };
        rows(bytes, &limits, &mut |row| {
            out.push((row.number, row.cells.iter().map(|c| c.text().into_owned()).collect()));
            ControlFlow::Continue(())
        })?;
        Ok(out)
    }

    fn row(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (number, cells.iter().map(|c| (*c).to_owned()).collect())
    }

    #[test]
    fn rows_have_the_numbers_a_spreadsheet_shows() {
        let text = "\n\r\n编号,内容\r\n1,\"两行\n的\"\"话\"\"\"\n,\n2,\"逗号,在内\"尾\n3";
        let found = read(text.as_bytes()).expect("a text");
        let expected = [
            row(3, &["编号", "内容"]),
            row(4, &["1", "两行\n的\"话\""]),
            row(6, &["2", "逗号,在内尾"]),
            row(7, &["3"]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn encodings_of_office_programs_are_read() {
        let text = "村,话\n东坡村,停水，三天\n";
        let (gb, _, _) = GB18030.encode(text);
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        let expected = [row(1, &["村", "话"]), row(2, &["东坡村", "停水，三天"])];
        for bytes in [text.as_bytes(), &gb, &utf16, &marked] {
            assert_eq!(read(bytes).expect("a text"), expected);
        }
        assert_eq!(read(b"\xef\xbb\xbf\xff\xff"), Err(Refused::Encoding));
        assert_eq!(read(b"a\xff\xff\xffb"), Err(Refused::Encoding));
        let rare = "𠀾隰崾\n";
        let (gb, _, _) = GB18030.encode(rare);
        assert_eq!(read(&gb).expect("a text"), [row(1, &["𠀾隰崾"])]);
    }

    #[test]
    fn the_delimiter_is_the_one_that_is_used() {
        assert_eq!(read(b"a\tb\tc\n1\t2,5\t3").expect("tabs")[1], row(2, &["1", "2,5", "3"]));
        assert_eq!(read(b"a;b\n1;2").expect("semicolons")[1], row(2, &["1", "2"]));
    }

    #[test]
    fn what_cannot_be_read_is_refused_once() {
        assert!(matches!(read(b"a,\"b\nc,d"), Err(Refused::Broken(_))));
        assert_eq!(read(b"1,2,3,4,5,6\n"), Err(Refused::Columns(5)));
        assert_eq!(read(b"1,,,,,,,,,,,,,\n").expect("blanks"), [row(1, &["1"])]);
        assert_eq!(read("1\n".repeat(51).as_bytes()), Err(Refused::Rows(50)));
        for bytes in [&b"\x89PNG\r\n\x1a\n\0\0"[..], b"%PDF-1.7 x", b"MZ\x90\0\x03"] {
            assert!(is_binary(bytes));
        }
        assert!(!is_binary("编号\n".as_bytes()) && !is_binary(b"\xff\xfea\0"));
    }
}
