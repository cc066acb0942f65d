//! Villagers' pages: no account, no cookie, no script needed. A receipt's link is the right to follow a matter.

mod alike;
mod board;
mod claim;
mod code;
mod contact;
mod home;
mod lookup;
mod move_on;
mod open;
mod own;
pub(crate) mod place;
mod points;
mod points_board;
mod points_rules;
mod progress;
mod receipt;
mod report;
mod story;
mod subscribe;

pub(crate) use alike::join;
pub(crate) use board::{appeal, boards};
pub(crate) use claim::{claim, send_claim};
pub(crate) use code::{encoded, origin, receipt_code, svg_of, wall_code};
pub(crate) use contact::contact;
pub(crate) use home::{home, village};
pub(crate) use lookup::{find, lookup};
pub(crate) use move_on::{answer, reopen};
pub(crate) use open::{
    ask, class_name, item_name, open_code, open_feed, open_item, open_list, open_picture, open_poster, open_sheet,
    period_words,
};
pub(crate) use own::{look_up_own, own};
pub(crate) use place::town_phone;
pub(crate) use points::{find_home, household, household_code, passbook, reason, signed, village_points};
pub(crate) use points_rules::points_rules;
pub(crate) use progress::{file, progress};
pub(crate) use receipt::{receipt, receipt_print};
pub(crate) use report::{report, send_report};
pub(crate) use subscribe::{send_code, stop, stopping, subscribe, take_code};

/// Fields that every kind a portal opens is expected to have by these names; one it lacks is left out.
mod field {
    /// Where exactly.
    pub const SPOT: &str = "spot";
    /// In the villager's own words.
    pub const WORDS: &str = "words";
    /// Telephone of the reporter.
    pub const PHONE: &str = "reporter_phone";
    /// Whether it is solved, as the reporter says: `yes` or `no`.
    pub const SOLVED: &str = "solved";
    /// The grade the reporter gives.
    pub const GRADE: &str = "satisfied";
}
