//! What a move does to the books: the fields that name the household, the rule, the goods. A kind whose points are
//! reviewed, shown in public and booked is made of these keys alone; none of it is known here by name.

use crate::calendar::Limit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is done to the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Books {
    /// A transfer is made and counts at once.
    Make,
    /// A transfer is reserved: it is held against caps, points and stock, and counts once it is posted.
    Hold,
    /// What the matter reserved is posted.
    Post,
    /// What the matter reserved is given up.
    Void,
    /// What the matter posted is taken back by a linked reversal.
    Reverse,
}

/// A move's effect on the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Posting {
    /// What is done.
    pub does: Books,
    /// Kind of transfer, for `make` and `hold`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub transfer: String,
    /// Field of the household.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub household: String,
    /// Field of the points rule's code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// Field that says how many times; without it, once.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub times: String,
    /// Field of the day it counts on; without it, the day it was taken in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub day: String,
    /// Field of the shop or partner.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub party: String,
    /// Field of the good or service.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub item: String,
    /// Field that says how many pieces; without it, one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub count: String,
    /// Field of the money a household adds.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cash: String,
    /// Field of an amount named outright, in money.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub amount: String,
    /// Moves whose maker reviewed it, this one among them; whoever opened the matter never does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub review: Vec<String>,
    /// How long a reservation is held before it lapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Limit>,
}

impl Posting {
    /// Fields it reads, with the key that names each.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("household", self.household.as_str()),
            ("rule", &self.rule),
            ("times", &self.times),
            ("day", &self.day),
            ("party", &self.party),
            ("item", &self.item),
            ("count", &self.count),
            ("cash", &self.cash),
            ("amount", &self.amount),
        ];
        all.into_iter().filter(|(_, field)| !field.is_empty())
    }

    /// Whether it makes or reserves a transfer of its own.
    pub fn makes(&self) -> bool {
        matches!(self.does, Books::Make | Books::Hold)
    }
}
