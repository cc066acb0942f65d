//! A workbook put together part by part, so that each part can be as odd as a test wants it.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use xiangyue_sheet::{File, Limits, Refused, Row};
use zip::write::SimpleFileOptions;

/// Parts of a package by path.
#[derive(Debug, Clone)]
pub struct Package(pub Vec<(String, Vec<u8>)>);

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="派单" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
/// Style 1 is a Chinese date, style 2 a date and time.
const STYLES: &str = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="180" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="180"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;

impl Package {
    /// One worksheet with the given rows, and texts kept apart.
    pub fn new(rows: &str, texts: &[&str]) -> Package {
        let sheet = format!(
            r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        );
        let texts: String = texts.iter().map(|t| format!("<si><t>{t}</t></si>")).collect();
        let texts = format!(
            r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{texts}</sst>"#
        );
        let parts = [
            ("[Content_Types].xml", TYPES.to_owned()),
            ("_rels/.rels", RELS.to_owned()),
            ("xl/workbook.xml", BOOK.to_owned()),
            ("xl/_rels/workbook.xml.rels", BOOK_RELS.to_owned()),
            ("xl/styles.xml", STYLES.to_owned()),
            ("xl/sharedStrings.xml", texts),
            ("xl/worksheets/sheet1.xml", sheet),
        ];
        Package(parts.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes())).collect())
    }

    /// Replaces a word in a part.
    pub fn with(mut self, path: &str, from: &str, to: &str) -> Package {
        for (at, bytes) in &mut self.0 {
            if at == path {
                *bytes = String::from_utf8_lossy(bytes).replace(from, to).into_bytes();
            }
        }
        self
    }

    /// The file.
    pub fn zip(&self) -> Vec<u8> {
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in &self.0 {
            out.start_file(path.as_str(), SimpleFileOptions::default()).expect("a part");
            out.write_all(bytes).expect("written");
        }
        out.finish().expect("a package").into_inner()
    }
}

/// All rows of the first worksheet.
pub fn all(bytes: &[u8], limits: &Limits) -> Result<Vec<Row>, Refused> {
    let mut rows = Vec::new();
    File::open(bytes, limits)?.rows(0, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

/// The same within the usual limits.
pub fn rows(bytes: &[u8]) -> Result<Vec<Row>, Refused> {
    all(bytes, &Limits::default())
}
