//! What transfers are judged by beside the pack: parties, their dated prices, consents, notices and honours. Each stands
//! under a key of its own and only ever grows by dated versions.

use crate::day::Day;
use crate::ids::{AccountId, PartyId, RegionId};
use serde::{Deserialize, Serialize};

/// What a record is known by: what it is, whose it is, and which one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// `party`, `price`, `consent`, `notice`, `honour`, `count`.
    pub what: &'static str,
    /// Party, household or region.
    pub owner: i64,
    /// Which one; empty where there is only one.
    pub item: String,
}

/// A shop, a partner merchant, a service, a bank. It is a business and named as such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Identity.
    pub id: PartyId,
    /// Kind in the pack.
    pub kind: String,
    /// Name on its sign.
    pub name: String,
    /// Place it works at.
    pub place: RegionId,
    /// It takes part no more from this day on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Day>,
}

/// A price from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceVersion {
    /// First day.
    #[serde(rename = "f")]
    pub from: Day,
    /// Points for `per` pieces.
    #[serde(rename = "p")]
    pub points: i64,
    /// What `per` pieces cost the budget, in 分.
    #[serde(rename = "v", default)]
    pub value: i64,
    /// For how many pieces: 1, or 1000 where a good is weighed in grams and priced by the kilogram.
    #[serde(rename = "n", default = "one")]
    pub per: i64,
    /// The household hands it in and is credited in this unit.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub taken_in: Option<String>,
    /// No longer on the list.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
}

fn one() -> i64 {
    1
}

/// All prices of one item at one party, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Party.
    #[serde(rename = "s")]
    pub party: PartyId,
    /// Good or service.
    #[serde(rename = "i")]
    pub item: String,
    /// Versions, oldest first.
    #[serde(rename = "l")]
    pub versions: Vec<PriceVersion>,
}

impl Price {
    /// The price in force on a day.
    pub fn on(&self, day: Day) -> Option<&PriceVersion> {
        self.versions.iter().rev().find(|v| v.from <= day).filter(|v| !v.off)
    }
}

/// A household's written consent that a party may see its points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Household.
    pub household: i64,
    /// Who may look.
    pub party: PartyId,
    /// First day.
    pub from: Day,
    /// Last day; brought forward when it is withdrawn.
    pub to: Day,
    /// Digest of the signed sheet.
    pub sheet: String,
    /// Who recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
}

/// Something recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "w", rename_all = "snake_case")]
pub enum Record {
    /// A party as it is now.
    Party(Party),
    /// Prices of an item with the new version.
    Price(Price),
    /// A consent as it is now.
    Consent(Consent),
    /// A notice of a clearing that hangs in a village.
    Notice {
        /// Village.
        place: RegionId,
        /// Clearing of the pack.
        clearing: String,
        /// Credits up to this day are cleared.
        up_to: Day,
        /// Day it was put up.
        day: Day,
    },
    /// A household on a year's list.
    Honour {
        /// Household.
        household: i64,
        /// Honour of the pack.
        honour: String,
        /// Year.
        year: i16,
        /// Points that count.
        points: i64,
        /// Who drew the list up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AccountId>,
        /// Who reviewed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reviewed: Option<AccountId>,
    },
    /// A stocktaking: for each item what the books said and what was counted.
    Count {
        /// Party.
        party: PartyId,
        /// Day.
        day: Day,
        /// Item, in the books, counted.
        lines: Vec<(String, i64, i64)>,
    },
}

impl Record {
    /// What it is known by.
    pub fn key(&self) -> RecordKey {
        let key = |what, owner, item: String| RecordKey { what, owner, item };
        match self {
            Record::Party(party) => key("party", party.id.0, String::new()),
            Record::Price(price) => key("price", price.party.0, price.item.clone()),
            Record::Consent(consent) => key("consent", consent.household, consent.party.to_string()),
            Record::Notice { place, clearing, up_to, .. } => key("notice", place.0, format!("{clearing}/{}", up_to.0)),
            Record::Honour { household, honour, year, .. } => RecordKey::honour(*household, honour, *year),
            Record::Count { party, day, .. } => key("count", party.0, day.0.to_string()),
        }
    }
}

impl RecordKey {
    /// The key of a party.
    pub fn party(id: PartyId) -> RecordKey {
        RecordKey { what: "party", owner: id.0, item: String::new() }
    }

    /// The key of a price.
    pub fn price(party: PartyId, item: &str) -> RecordKey {
        RecordKey { what: "price", owner: party.0, item: item.to_owned() }
    }

    /// The key of a consent.
    pub fn consent(household: i64, party: PartyId) -> RecordKey {
        RecordKey { what: "consent", owner: household, item: party.to_string() }
    }

    /// The key of a household's honour.
    pub fn honour(household: i64, honour: &str, year: i16) -> RecordKey {
        RecordKey { what: "honour", owner: household, item: format!("{year}/{honour}") }
    }

    /// The key of a notice.
    pub fn notice(place: RegionId, clearing: &str, up_to: Day) -> RecordKey {
        RecordKey { what: "notice", owner: place.0, item: format!("{clearing}/{}", up_to.0) }
    }
}
