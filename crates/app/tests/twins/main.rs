//! Use cases on both databases, with a clock set by hand and the pack of a county that is none.

mod accounts;
mod ballot;
mod board;
mod books;
mod disclosed;
mod disclosure;
mod duty;
mod export;
mod figures;
mod import;
mod import_registers;
mod issued;
mod join;
mod ledger;
mod lifecycle;
mod often;
mod own;
mod people;
mod play;
mod points;
mod points_year;
#[path = "../../../store/tests/twins/postgres.rs"]
mod postgres;
mod rise;
mod scope;
mod search;
mod secrets;
mod similar;
mod stage;
mod stand;
mod subscription;
mod surge;
mod tail;
mod tamper;
mod territory;
mod time;
