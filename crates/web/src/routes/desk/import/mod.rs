//! `/desk/import`: a spreadsheet comes in in three steps, upload, check, import. Each page shows one import of whoever
//! uploaded it; nobody else meets it.

mod act;
mod job;
pub(super) mod parts;
mod start;

pub(crate) use act::{corrected, drop_import, links, match_columns, run};
pub(crate) use job::import_job;
pub(crate) use start::{blank, start, upload};
