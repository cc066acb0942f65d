//! The pages as their readers meet them: a file for each feature, all in one program, since every one of them would link the
//! whole product anew. What counts the statements of a whole process stands beside this folder, in programs of its own.

#[path = "../support/mod.rs"]
mod support;

mod access;
mod accounts;
mod asked;
mod assembly;
mod burst;
mod categories;
mod disclosure;
mod erased;
mod exchange;
mod hub;
mod hub_opened;
mod hub_period;
mod intake;
mod issue;
mod list_file;
mod lists;
mod masking;
mod orders;
mod own;
mod people;
mod points;
mod points_year;
mod portal;
mod portal_refused;
mod sealed;
mod session;
mod subscribe;
mod templates;
