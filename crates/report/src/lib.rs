//! Written work reports: a document model and its writers for .docx (GB/T 9704), .xlsx, Markdown, HTML and JSON.
//!
//! | module | what it is |
//! |---|---|
//! | [`model`] | a document as text, figures and annexes; the numbering of headings |
//! | [`template`] | the Markdown that staff write, its faults, and filling it from a [`template::FigureSource`] |
//! | [`docx`] | Word in the layout of GB/T 9704, our own parts in the order of the schema |
//! | [`xlsx`] | Excel: one row per figure, a sheet per annex; lists |
//! | [`frame`] | a paragraph as somebody writes it anew, and a report as it is kept when issued |
//! | [`source`] | the figures of the county's own report, from the application |
//! | [`markdown`], [`html`], [`json`] | plain text, a fragment for the screen, the contract of `report --format json` |
//!
//! Apart from [`source`], the crate must never read a record, a clock or a file, and never make up a figure: what a
//! source does not give is an error, not a blank or a zero. The same input gives the same bytes.

pub mod docx;
pub mod error;
pub mod frame;
pub mod html;
pub mod json;
pub mod markdown;
pub mod model;
pub mod source;
pub mod template;
mod text;
pub mod xlsx;

#[cfg(test)]
mod tests;

pub use docx::write_docx;
pub use error::ReportError;
pub use html::write_html;
pub use json::{FigureRow, write_json};
pub use markdown::write_markdown;
pub use model::{Annex, Block, Cell, DocKind, Document, Figure, Span, Table};
pub use source::{ReportOptions, WorkReport, work_report};
pub use template::{Fault, FigureSource, Template, fill};
pub use xlsx::{write_table_xlsx, write_xlsx};
