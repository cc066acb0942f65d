//! Every operation of the store on both databases, one body each.

mod batch;
mod exchange;
mod facts;
mod journal;
mod ledger;
mod lists;
mod notices;
mod plans;
mod postgres;
mod registers;
mod schema;
mod sessions;
mod subscriptions;
mod support;
mod words;
