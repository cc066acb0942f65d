//! `/desk/export`: a list goes out in the columns of a sheet, under the same filter and scope as on the screen.

mod ask;
mod ready;

pub(crate) use ask::{export, make_export};
pub(crate) use ready::{export_file, export_mark, export_ready, one_file};
