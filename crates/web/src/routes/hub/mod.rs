//! The hub: figures for leaders. Warnings first, every number opens to its records, and nobody sees figures beyond the
//! places of their own posts. Every handler takes a [`crate::visit::Staff`] visit.

mod chart;
mod composite;
mod duties;
mod figure;
mod heads;
mod index;
mod instruct;
mod issue;
mod issued;
mod made;
mod morning;
mod oldest;
mod paper;
mod place;
mod records;
mod report;
mod say;
mod sheet;
mod sources;
mod tiles;
mod trend;
mod view;
mod wall;
mod warn;

pub(crate) use duties::duties;
pub(crate) use figure::figure;
pub(crate) use index::index;
pub(crate) use issue::{issue, word};
pub(crate) use issued::{issued, issued_file, list as reports};
pub(crate) use made::records;
pub(crate) use oldest::oldest;
pub(crate) use report::{report, report_file};
pub(crate) use sheet::figure_xlsx;
pub(crate) use view::address;
pub(crate) use wall::wall;
