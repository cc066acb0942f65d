//! Reports that were issued, and sentences that somebody wrote anew for one that is not issued yet. What was issued never
//! changes: there is no event for it. Words may speak of people, so all of them are ciphertext.

use crate::day::{Day, Time};
use crate::ids::{AccountId, RegionId, ReportId};
use serde::{Deserialize, Serialize};

/// A figure as it was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Indicator.
    pub indicator: String,
    /// What was counted, or stood above the line.
    pub above: i64,
    /// What stood below the line of a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<i64>,
}

/// A report that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Identity.
    pub id: ReportId,
    /// Place it reports of.
    pub place: RegionId,
    /// Template of the pack.
    pub template: String,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// Only what had happened by this day.
    pub cut_off: Day,
    /// When it was issued.
    pub at: Time,
    /// Who issued it.
    pub by: AccountId,
    /// Last entry of the journal that its figures stand on, and its hash.
    pub head: (i64, String),
    /// Its figures.
    pub figures: Vec<Frozen>,
    /// SM3 of the document.
    pub digest: String,
    /// Key the document is under.
    pub key: String,
    /// Ciphertext of the document.
    pub sealed: String,
}

/// A sentence that was written anew; the last one for a paragraph holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Place the report is of.
    pub place: RegionId,
    /// Template of the pack.
    pub template: String,
    /// First day of the report's period.
    pub from: Day,
    /// Which paragraph: a digest of its words as the template has them.
    pub block: String,
    /// Key the words are under; empty when those of the template hold again.
    pub key: String,
    /// Ciphertext of the words.
    pub sealed: String,
}

/// What happened to reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ReportEvent {
    /// A sentence was written anew.
    Worded {
        /// The sentence.
        wording: Wording,
    },
    /// A report was issued.
    Issued {
        /// The report.
        report: Box<Issued>,
    },
}
