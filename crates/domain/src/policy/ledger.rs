//! The ledger as a pack writes it: units, kinds of accounts, kinds of transfers, points rules and what is counted. A
//! scheme (积分超市, 道德储蓄站, a village's waste bank) is made of these alone; none is known here by name.

use super::points::{Clearing, Honour, Loan, PointsRule, next_date};
use super::post::Level;
use crate::calendar::Limit;
use crate::day::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the files under `points/` say together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerRules {
    /// Units: points classes, money, and goods by piece or weight.
    #[serde(default, rename = "unit", skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitKind>,
    /// Kinds of accounts.
    #[serde(default, rename = "account", skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountKind>,
    /// Kinds of parties that take part: shops, partner merchants, services, banks.
    #[serde(default, rename = "party", skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<PartyKind>,
    /// Kinds of transfers.
    #[serde(default, rename = "transfer", skip_serializing_if = "Vec::is_empty")]
    pub transfers: Vec<TransferKind>,
    /// What is counted.
    #[serde(default, rename = "measure", skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<LedgerMeasure>,
    /// Honours at the end of a year.
    #[serde(default, rename = "honour", skip_serializing_if = "Vec::is_empty")]
    pub honours: Vec<Honour>,
    /// Clearing at the end of a year.
    #[serde(default, rename = "clearing", skip_serializing_if = "Vec::is_empty")]
    pub clearings: Vec<Clearing>,
    /// Loans that take points into account; off unless a pack switches it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loan: Option<Loan>,
    /// Points rules, from `points/rules*.csv`: every version, oldest first.
    #[serde(skip)]
    pub rules: Vec<PointsRule>,
}

/// A unit in which accounts are kept. The legs of a transfer sum to zero in each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitKind {
    /// Identifier: a points class, `fen`, or a good.
    pub id: String,
    /// Name on screen.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Units of one group stand for each other when something is paid for, such as all points classes.
    pub group: String,
    /// Word behind a number: 分, 袋, 克.
    #[serde(default)]
    pub word: String,
    /// How long an amount lasts from the day it was credited; without it and `until`, for good.
    #[serde(default)]
    pub lasts: Option<Limit>,
    /// Day of the year on which amounts end, as `12-31`: the first such day after the credit.
    #[serde(default)]
    pub until: Option<String>,
    /// Kind of transfer that books what has run out.
    #[serde(default)]
    pub expire: Option<String>,
    /// Shipped as a sample, and said so on screen.
    #[serde(default)]
    pub sample: bool,
}

/// Whose an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnerKind {
    /// A household's.
    Household,
    /// That of a shop, a partner, a bank.
    Party,
    /// A village's.
    Village,
    /// A township's.
    Town,
    /// The county's.
    County,
}

impl OwnerKind {
    /// The level of a region that owns accounts.
    pub fn level(self) -> Option<Level> {
        match self {
            OwnerKind::Household | OwnerKind::Party => None,
            OwnerKind::Village => Some(Level::Village),
            OwnerKind::Town => Some(Level::Town),
            OwnerKind::County => Some(Level::County),
        }
    }
}

/// A kind of account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountKind {
    /// Identifier such as `pool`.
    pub id: String,
    /// Name on screen.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Whose it is.
    pub owner: OwnerKind,
    /// Groups of units, or single units, it may be kept in.
    pub units: Vec<String>,
    /// It may go below zero without limit: the other side of what comes in from outside or is given out.
    #[serde(default)]
    pub below_zero: bool,
    /// Every credit is a lot with an end of its own; debits take the oldest lots first and say which.
    #[serde(default)]
    pub lots: bool,
}

/// A kind of party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyKind {
    /// Identifier such as `shop`.
    pub id: String,
    /// Name on screen.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Posts over its place that may enter it, set its prices and change its particulars.
    #[serde(default)]
    pub by: Vec<String>,
}

/// What a transfer is made for. It decides what has to be given and what is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Points of a rule, up or down, to a household.
    Award,
    /// A household takes goods or services for points, or hands in what is worth points.
    Trade,
    /// Goods come in.
    Stock,
    /// What was counted differs from the books.
    Count,
    /// Points that have run out or are cleared.
    Expire,
    /// An amount named outright, such as filling a budget.
    Plain,
}

/// Which quantity of a purpose a flow carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Points.
    Points,
    /// Pieces or grams, each good in its own unit.
    Goods,
    /// What goods cost the budget, in 分.
    Value,
    /// What a household adds in money, in 分.
    Cash,
}

/// From one kind of account to another. A negative quantity goes the other way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowLine {
    /// Kind of account it comes from.
    pub from: String,
    /// Kind of account it goes to.
    pub to: String,
    /// What.
    pub of: Quantity,
    /// The unit of money; points and goods bring their own.
    #[serde(default)]
    pub unit: Option<String>,
}

/// A kind of transfer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferKind {
    /// Identifier such as `award`.
    pub id: String,
    /// Name on screen.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// What it is made for.
    pub purpose: Purpose,
    /// Its flows.
    pub flows: Vec<FlowLine>,
    /// Posts that may make it directly; without any, only the move of a matter may.
    #[serde(default)]
    pub by: Vec<String>,
    /// Posts that may reverse it.
    #[serde(default)]
    pub reverse_by: Vec<String>,
    /// What one point is worth when a household adds money, in 分; 0 for no money.
    #[serde(default)]
    pub cash_rate: i64,
    /// At most this share of the price may be paid in money, in per cent.
    #[serde(default)]
    pub cash_most: i64,
    /// The rule's basis, named in refusals.
    pub basis: String,
}

/// Which legs a ledger measure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What comes into the account.
    In,
    /// What goes out of it.
    Out,
}

/// What a ledger measure is split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerBucket {
    /// Unit, such as the points class.
    Unit,
    /// Code of the rule.
    Rule,
    /// Kind of the party.
    Party,
}

/// What is counted over transfers. The account is the subject; a reversal takes the fact back on its old day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerMeasure {
    /// Identifier such as `points.awarded`; unique in the pack.
    pub id: String,
    /// Kinds of transfers.
    pub on: Vec<String>,
    /// Kind of account whose legs count.
    pub account: String,
    /// Which legs; without it, both.
    #[serde(default)]
    pub side: Option<Side>,
    /// What it is split by.
    #[serde(default)]
    pub bucket: Option<LedgerBucket>,
    /// Adds the amount instead of 1.
    #[serde(default)]
    pub amount: bool,
}

impl LedgerRules {
    /// A unit by id.
    pub fn unit(&self, id: &str) -> Option<&UnitKind> {
        self.units.iter().find(|u| u.id == id)
    }

    /// A kind of account by id.
    pub fn account(&self, id: &str) -> Option<&AccountKind> {
        self.accounts.iter().find(|a| a.id == id)
    }

    /// A kind of party by id.
    pub fn party(&self, id: &str) -> Option<&PartyKind> {
        self.parties.iter().find(|p| p.id == id)
    }

    /// A kind of transfer by id.
    pub fn transfer(&self, id: &str) -> Option<&TransferKind> {
        self.transfers.iter().find(|t| t.id == id)
    }

    /// A measure by id.
    pub fn measure(&self, id: &str) -> Option<&LedgerMeasure> {
        self.measures.iter().find(|m| m.id == id)
    }

    /// The version of a rule in force on a day.
    pub fn rule(&self, code: &str, day: Day) -> Option<&PointsRule> {
        self.rules.iter().find(|r| r.code == code && r.from <= day && day <= r.to)
    }

    /// The version of a rule that began on a day.
    pub fn rule_version(&self, code: &str, from: Day) -> Option<&PointsRule> {
        self.rules.iter().find(|r| r.code == code && r.from == from)
    }

    /// Every version of a rule, oldest first.
    pub fn versions<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a PointsRule> {
        self.rules.iter().filter(move |r| r.code == code)
    }

    /// Units that a list of groups and single units names, in the pack's order.
    pub fn units_of<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = &'a UnitKind> {
        self.units.iter().filter(move |u| names.contains(&u.group) || names.contains(&u.id))
    }

    /// Whether an account kind may be kept in a unit.
    pub fn keeps(&self, account: &AccountKind, unit: &str) -> bool {
        self.unit(unit).is_some_and(|u| account.units.contains(&u.group) || account.units.contains(&u.id))
    }

    /// Last day of an amount credited on a day; `None` for good.
    pub fn last_day(&self, unit: &str, credited: Day) -> Option<Day> {
        let unit = self.unit(unit)?;
        let by_length = unit.lasts.as_ref().map(|limit| match *limit {
            Limit::Months(n) => credited.plus_months(i32::try_from(n).unwrap_or(i32::MAX)),
            Limit::Days(n) | Limit::WorkingDays(n) => credited.plus(i32::try_from(n).unwrap_or(i32::MAX)),
            Limit::WorkingMinutes(n) | Limit::WallMinutes(n) => {
                credited.plus(i32::try_from(n / 1440).unwrap_or(i32::MAX))
            }
        });
        let by_date = unit.until.as_deref().and_then(|text| next_date(text, credited));
        match (by_length, by_date) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}
