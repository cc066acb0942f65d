//! The ledger: accounts and transfers whose legs sum to zero in each unit. Nothing is overwritten; a mistake is a linked
//! reversal, made once and whole. Decisions are taken against a loaded part of the books ([`Book`]) and return events
//! with everything decided, or a refusal that names the rule and its basis. Folding an event asks nothing and cannot
//! fail. It must never know a scheme, a class of points or a threshold: all of these are the pack's.

mod account;
mod award;
mod book;
mod count;
mod enter;
mod event;
mod lots;
mod post;
mod record;
mod request;
mod roles;
mod settle;
mod stock;
#[cfg(test)]
mod tests;
mod trade;
mod wants;

pub use account::{Account, AccountKey, Lot};
pub use award::{Award, Home};
pub use book::{Book, Booked, Line, Status, Touched, Use};
pub use event::{About, How, LedgerEvent, Leg, LegFact, Moved, Opening, Settled, TradeLine};
pub use post::{Draft, DraftLeg, book_draft};
pub use record::{Consent, Party, Price, PriceVersion, Record, RecordKey};
pub use request::{Plain, Request, carry_out, decide};
pub use roles::Roles;
pub use settle::{Sweep, clear, expire, lapse, reverse, settle};
pub use stock::{Count, Stock};
pub use trade::Trade;
pub use wants::{Wants, wants};

use crate::refusal::Refusal;

/// Draws ids of the realm, one after another.
pub type Next<'a> = &'a mut dyn FnMut() -> i64;

/// Most of anything in one leg; far above any county's money in 分, far below what a sum could overflow.
pub(crate) const MOST: i64 = 1_000_000_000_000_000;

/// A refusal under a rule, with its basis.
pub(crate) fn under(key: &str, rule: &str, basis: &str) -> Refusal {
    Refusal::new(key).with("rule", rule).with("basis", basis)
}
