//! The only crate that knows SQL. One SQL text and one Rust body per operation for SQLite and PostgreSQL;
//! `dialect.rs` alone may tell them apart. A read of matters without a [`Scope`] does not compile.

mod batch;
mod dialect;
mod error;
mod exchange;
mod fact;
mod figure;
mod journal;
mod ledger;
mod ledger_read;
mod matter;
mod notice;
mod register;
mod reported;
mod scope;
mod session;
mod value;
mod version;
mod waiting;
mod words;

pub use batch::{Batch, CommandKey, JournalRow, MatterRow, RollupKey};
pub use dialect::{Arg, Pool, Row, Tx};
pub use error::StoreError;
pub use exchange::{HouseholdRow, Known};
pub use fact::{Counted, FactRow, RecordRow, Slice};
pub use figure::{Buckets, Grains, Point, RollupSum};
pub use journal::{Head, journal_hash};
pub use ledger::{LedgerRows, account_row, line_row, lot_row, transfer_row, use_key};
pub use ledger_read::RunOut;
pub use matter::{Around, Filter, Listed};
pub use notice::{Notice, OutboxRow};
pub use register::{People, RegisterRows};
pub use scope::Scope;
pub use session::Session;
pub use waiting::{Active, Load};
pub use words::{Asked, Hits, WordsRow, facets_of, place_facet};
