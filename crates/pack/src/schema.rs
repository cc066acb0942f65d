//! JSON Schemas of the pack's files, made from the Rust types, so that an editor can help a county's own staff.

use crate::limit::LimitFile;
use crate::load::{BodyFile, DutyFile, IndicatorFile, ListFile, PackFile, PostFile};
use schemars::schema_for;
use serde_json::Value;
use xiangyue_domain::policy::{Kind, LedgerRules, PostedWords, Sheet, TextRules};

/// Schemas by file name: `kind`, `posts`, `bodies`, `indicators`, `pack`, `ledger`, `sheet`, `lists`, `posted`, `texts`,
/// `limits`.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("kind", schema_for!(Kind).to_value()),
        ("posts", schema_for!(PostFile).to_value()),
        ("bodies", schema_for!(BodyFile).to_value()),
        ("duties", schema_for!(DutyFile).to_value()),
        ("indicators", schema_for!(IndicatorFile).to_value()),
        ("pack", schema_for!(PackFile).to_value()),
        ("ledger", schema_for!(LedgerRules).to_value()),
        ("sheet", schema_for!(Sheet).to_value()),
        ("lists", schema_for!(ListFile).to_value()),
        ("posted", schema_for!(PostedWords).to_value()),
        ("texts", schema_for!(TextRules).to_value()),
        ("limits", schema_for!(LimitFile).to_value()),
    ]
}
