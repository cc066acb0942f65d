//! The registry of typed ids. An id never carries meaning beyond identity, and never changes.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(n: i64) -> $name {
                $name(n)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    };
}

id!(/** The county (or other root) whose journal an entry belongs to: its six-digit code. */ Realm);
id!(/** A place; stable over renames and recodings. */ RegionId);
id!(/** An organisation: a county department, a company that serves the public. */ OrgId);
id!(/** A natural person in the register. */ PersonId);
id!(/** A household in the register. */ HouseholdId);
id!(/** Someone who can sign in. */ AccountId);
id!(/** A term of a post: who holds which post where, from when to when. */ TermId);
id!(/** A matter. */ MatterId);
id!(/** A vote by ballot. */ BallotId);
id!(/** An account of the ledger; not to be taken for [`AccountId`], which signs in. */ LedgerId);
id!(/** A transfer of the ledger; a lot is known by the transfer that made it. */ TransferId);
id!(/** A party of the ledger: a shop, a partner merchant, a bank. */ PartyId);
id!(/** A filter of the list that was saved under a name. */ FilterId);
id!(/** A report that was issued. */ ReportId);
id!(/** A telephone that is told of what a village makes public. */ SubscriptionId);
id!(/** The place of an entry in the realm's journal, from 1 without gaps. */ Seq);
