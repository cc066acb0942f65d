//! Use cases: one function per command or query; authorise, load, decide, write. No SQL text and no HTTP type here.
//! Every write goes through the one committer; a caller is answered only after its entry is durable.

pub mod account;
pub mod ballot;
mod clock;
mod command;
mod committer;
mod error;
pub mod explain;
pub mod export;
pub mod file;
pub mod filters;
pub mod import;
pub mod indicator;
pub mod join;
pub mod keep;
mod keys;
pub mod kin;
pub mod ledger;
pub mod lore;
pub mod matter;
mod notify;
pub mod people;
pub mod period;
pub mod rebuild;
pub mod receipt;
pub mod register;
mod reindex;
pub mod reporter;
pub mod search;
pub mod series;
pub mod setup;
pub mod similar;
mod state;
pub mod sums;
mod territory;
pub mod tick;
pub mod view;
pub mod warning;
pub mod works;
mod world;

pub use clock::Clock;
pub use command::{Beside, Command, Ids, Joining, MatterRef, Outcome, Pair};
pub use error::AppError;
pub use keys::{Secrets, Subject, Texts};
pub use state::{App, AppOptions};
pub use xiangyue_store::{Buckets, Filter, Scope};
