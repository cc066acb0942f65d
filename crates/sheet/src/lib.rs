//! Spreadsheets: .xlsx and .csv into rows of cells that know their address, headings matched to columns, cells read
//! into plain values, and files to take away. Memory and time are bounded whatever a file claims; a file is either
//! read or refused with one reason. It must never panic, never trust a size a file states, and never know what the
//! rows are about.

mod cell;
mod delimited;
mod guard;
mod head;
mod limits;
mod refused;
mod typed;
mod workbook;
mod write;

pub use cell::{Cell, Row, address, column_letters};
pub use head::{Head, Wanted, detect, rematch};
pub use limits::Limits;
pub use refused::Refused;
pub use typed::{Fault, Form, read};
pub use workbook::{File, Format};
pub use write::{Mark, Out, WriteFault, neutral, write_csv, write_xlsx};
