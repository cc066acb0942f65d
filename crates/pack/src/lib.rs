//! Policy packs: one county's rules as data. The only crate that knows the pack's files; it turns them into the plain
//! values of `domain::policy`, or into faults that name file, line and what to write instead.

mod check;
mod fault;
mod files;
mod limit;
mod lines;
mod list;
mod load;
mod points;
mod schema;
mod table;

pub use fault::Fault;
pub use files::PackFiles;
pub use load::{FigureBound, Loaded, RegionLine, UnitLine, load};
pub use schema::schemas;
