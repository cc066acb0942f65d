//! Why a person's data are destroyed: one of the grounds that the law names, and nothing more. An entry of the journal
//! holds the ground and never a word about the person, or the entry itself would keep what it says is gone.

use serde::{Deserialize, Serialize};

/// A ground of article 47 of the law on personal information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// What they were handled for is reached, cannot be reached, or needs them no more.
    Purpose,
    /// The service ended, or the time for keeping them is over.
    Expired,
    /// The person took back their consent.
    Withdrawn,
    /// They were handled against the law or against what was agreed.
    Unlawful,
    /// Another law says so.
    Law,
}
