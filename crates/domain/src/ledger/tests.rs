//! The ledger on a small county: every refusal by name, and random histories whose books must hold.

mod fixture;
mod histories;
mod partial;
mod rules;
