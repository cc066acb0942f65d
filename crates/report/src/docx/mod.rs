//! Word in the layout of GB/T 9704-2012, written part by part in the order of the OOXML schema.
//!
//! A4, a text block of 156 by 225 mm with 22 lines of 28 characters: exact lines of 29 points, and the run spacing
//! of a quarter point less under which LibreOffice, too, sets 28 characters (a grid of characters makes it set 18).
//! Annexes stand in a landscape section with repeated heads. There must never be a red heading, a seal or a
//! document number, and a figure in a paragraph stays plain runs.

mod body;
mod page;
mod para;
mod parts;
mod styles;
mod table;
#[cfg(test)]
mod tests;

use crate::error::ReportError;
use crate::model::Document;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Writes a document as .docx; the same document gives the same bytes.
pub fn write_docx(doc: &Document) -> Result<Vec<u8>, ReportError> {
    for annex in &doc.annexes {
        annex.table.check(&annex.title)?;
    }
    pack(&files(doc)).map_err(ReportError::Docx)
}

/// Name and content of every part.
fn files(doc: &Document) -> Vec<(&'static str, String)> {
    let mut files = vec![
        ("[Content_Types].xml", parts::content_types(doc)),
        ("_rels/.rels", parts::package_relations()),
        ("docProps/core.xml", parts::core(doc)),
        ("docProps/app.xml", parts::app()),
        ("word/document.xml", body::document(doc)),
        ("word/_rels/document.xml.rels", parts::document_relations(doc)),
        ("word/styles.xml", styles::styles(&doc.lang)),
        ("word/settings.xml", parts::settings(&doc.lang)),
        ("word/fontTable.xml", parts::font_table()),
        ("word/footer1.xml", page::footer(true)),
        ("word/footer2.xml", page::footer(false)),
    ];
    if let Some(note) = &doc.demo_note {
        files.push(("word/header1.xml", page::header(note)));
    }
    files
}

fn pack(files: &[(&'static str, String)]) -> Result<Vec<u8>, zip::result::ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Opens every part.
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Namespace of WordprocessingML.
const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

/// Namespace of relations between parts.
const R: &str = "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// Advance of one body character in twips: 16 points less the run spacing.
const CHAR: usize = 315;
