//! Imports: a spreadsheet is taken in in three steps, upload, preview, import. Nothing is half imported: either every
//! row is without fault, or somebody says that only the rows without fault are wanted; rows go through the committer as
//! commands of their own, under keys that make a second sending the same as the first. What was uploaded waits
//! enciphered in the data folder and is gone an hour after the last touch.

mod accounts;
mod accounts_take;
mod choices;
mod column;
mod corrected;
mod duties;
mod examine;
mod folder;
mod ground;
mod job;
mod links;
mod orders;
mod people;
mod reading;
mod reported;
mod rights;
mod run;
mod send;
mod staff;
mod target;
mod work;

pub use accounts::{Accounts, Sheaf, Standing};
pub use corrected::Corrected;
pub(crate) use folder::Workers;
pub use job::{CellFault, Job, Look, State, TakenRow, What};
pub use links::StaffLink;
pub use reported::Base;
pub use run::Progress;

/// Rows of one chunk: at most a few hundred go into one transaction.
const CHUNK: usize = 250;
/// Faults kept for the preview; the corrected file has all of them.
const FAULTS_KEPT: usize = 2_000;
/// Rows shown as a sample.
const SAMPLE: usize = 8;
/// What was uploaded is gone this long after the last touch.
const KEPT_MS: i64 = 3_600_000;
/// What became of an import is kept this long.
const RESULT_KEPT_MS: i64 = 30 * 86_400_000;
/// Imports that one account may have waiting.
const WAITING_MOST: usize = 10;
