//! Measures and indicators as a pack writes them. A measure says what is counted; an indicator says what is shown.

use super::post::Level;
use crate::condition::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often a measure counts one matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Every time it happens.
    Events,
    /// The first time only.
    #[default]
    First,
    /// While it holds: +1 on the day it begins, -1 on the day it ends.
    Holding,
}

/// What is counted over the matters of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Identifier such as `hotline.accepted`; unique in the pack.
    pub id: String,
    /// When: `open`, `intake` (each intake), `enter:closed`, `move:dispatch`, or, for `holding`, `in:closed,archived`.
    pub on: String,
    /// How often one matter counts.
    #[serde(default)]
    pub count: Count,
    /// Counts only where this holds.
    #[serde(default, rename = "where")]
    pub filter: Option<Condition>,
    /// The one dimension it is split by: a field, `channel`, `level_in`, `level_done`.
    #[serde(default)]
    pub bucket: Option<String>,
    /// Adds the value of this number field instead of 1.
    #[serde(default)]
    pub amount: Option<String>,
    /// Counts each row of this list field, and not the matter; `where`, `bucket` and `amount` may then speak of the
    /// row's columns: `item.class == 'cash'`.
    #[serde(default)]
    pub each: Option<String>,
    /// Counts on the day that this date field holds, and not on the day it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dated: Option<String>,
    /// Lowest level at which a sealed count may be seen.
    #[serde(default)]
    pub seen_from: Option<Level>,
}

impl Measure {
    /// Digest of the definition.
    pub fn digest(&self) -> String {
        crate::crypto::sm3_hex(serde_json::to_string(self).unwrap_or_default().as_bytes())[..16].to_owned()
    }
}

/// Which day of a fact places it in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// By the day it happened.
    #[default]
    Flow,
    /// By the day the matter was taken in: of those, what has happened by the cut-off.
    Cohort,
    /// A stock: everything up to the cut-off.
    Stock,
}

/// Which direction is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Up,
    /// Less is better.
    Down,
}

/// Where the number comes from. It has exactly one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorSource {
    /// Summed from facts of these measures.
    Sum(Vec<String>),
    /// A quotient of two sums, in per cent.
    Rate {
        /// Measures above the line.
        over: Vec<String>,
        /// Measures below the line.
        under: Vec<String>,
    },
    /// Counted from a register as of a day: `grid`, `village`, `town`, `natural_unit`, `person`, `household`.
    Register(String),
    /// A score put together from rates, each with a weight: `{ weighted = [{ indicator = "…", weight = 40 }, …] }`. A part
    /// without data takes its weight out of the whole, and the page says so.
    Weighted(Vec<WeightedRate>),
}

/// A rate that goes into a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightedRate {
    /// Identifier of a rate of the pack on the same basis, of which more is better.
    pub indicator: String,
    /// How much it weighs beside the others, 1 to 1000.
    pub weight: u16,
}

/// A number that is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Identifier such as `hotline.close_rate`; unique in the pack.
    pub id: String,
    /// Name on screen.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Unit: 件, 人次, 元, %.
    pub unit: String,
    /// Unit in English.
    #[serde(default)]
    pub unit_en: String,
    /// The one source of the number.
    pub source: IndicatorSource,
    /// Only this bucket of the measure.
    #[serde(default)]
    pub bucket: Option<String>,
    /// Which day places a fact in the period.
    #[serde(default)]
    pub basis: Basis,
    /// A figure "since" a day or for good has no comparison.
    #[serde(default)]
    pub no_comparison: bool,
    /// Which direction is good.
    #[serde(default)]
    pub better: Option<Better>,
    /// Target value in the indicator's unit.
    #[serde(default)]
    pub target: Option<f64>,
    /// What it means, in words a leader reads.
    #[serde(default)]
    pub meaning: String,
    /// Legal or local basis of the rule.
    #[serde(default)]
    pub basis_text: String,
    /// Money is kept in 分 and shown in 元.
    #[serde(default)]
    pub money: bool,
    /// Place in the county table of the hub; without it, not in the table.
    #[serde(default)]
    pub hub: Option<u32>,
    /// Name of the table it stands in, written at one of the table; without it the kind of its first measure names it.
    #[serde(default)]
    pub table: String,
    /// The same in English.
    #[serde(default)]
    pub table_en: String,
    /// One of the headline figures of the hub.
    #[serde(default)]
    pub headline: bool,
    /// Indicators that stand beside it wherever it is a headline, so that nobody reads it alone: the call-back rate
    /// beside the satisfaction rate.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Word under which the leader's morning line gives it for the day before, such as 受理; without it, not there.
    #[serde(default)]
    pub morning: String,
    /// The same in English.
    #[serde(default)]
    pub morning_en: String,
}

/// Settings of the pack that are no list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Last day of the statistics month, 1 to 28; 0 means the last day of the calendar month.
    #[serde(default)]
    pub month_ends_on: u8,
    /// Office hours as pairs such as `["08:30", "12:00"]`.
    #[serde(default)]
    pub office_hours: Vec<(String, String)>,
    /// Words for levels, such as `town = "乡镇"`.
    #[serde(default)]
    pub level_words: BTreeMap<Level, String>,
    /// Hotline number printed on posters.
    #[serde(default)]
    pub hotline: String,
    /// Who stands behind the platform, printed on posters and reports.
    #[serde(default)]
    pub sponsor: String,
    /// Kind that the portal's report form opens.
    #[serde(default)]
    pub portal_kind: String,
    /// Report shown first, by file name without ending.
    #[serde(default)]
    pub main_report: String,
    /// Post named as on duty on the wall; empty for none.
    #[serde(default)]
    pub duty_post: String,
    /// What the hub warns of.
    #[serde(default)]
    pub warnings: WarningRule,
    /// When another matter is suggested as the same.
    #[serde(default)]
    pub similar: crate::similar::SimilarRule,
    /// Months ahead for which the calendar has to be there; a year that is missing within them is warned of.
    #[serde(default = "six")]
    pub calendar_ahead: u8,
    /// Unit and category are proposed from the county's own past dispatches.
    #[serde(default = "yes")]
    pub propose: bool,
}

/// What the hub warns of beside limits and surges, and what a warning may become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WarningRule {
    /// Kind that a warning may become, taken in by whoever reads it; empty for none.
    pub task: String,
    /// Move by which whoever leads gives an instruction (批示), offered on the hub for what is overdue longest; empty for
    /// none.
    pub instruct: String,
    /// Measure of what units handed back, with `bucket = "seat"`; empty for no such warning.
    pub handed_back: String,
    /// Measure of what units took on, with `bucket = "seat"`.
    pub taken: String,
    /// Matters of one telephone that are told; 0 for no such warning.
    pub repeat_calls: u8,
    /// Days in which they came.
    pub repeat_days: u8,
}

impl Default for WarningRule {
    fn default() -> WarningRule {
        WarningRule {
            task: String::new(),
            instruct: String::new(),
            handed_back: String::new(),
            taken: String::new(),
            repeat_calls: 4,
            repeat_days: 30,
        }
    }
}

fn six() -> u8 {
    6
}

fn yes() -> bool {
    true
}
