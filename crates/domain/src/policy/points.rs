//! Points as a pack writes them: rules with their versions, honours, clearing, loans. Every rule carries the vote that
//! adopted it, and a transfer keeps the version under which it was judged.

use crate::day::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An honour for households whose points of a year reach a number. A threshold, never a rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Honour {
    /// Identifier.
    pub id: String,
    /// Name on the list.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Groups of units, or single units, that count.
    pub units: Vec<String>,
    /// Kind of account whose credits count.
    pub account: String,
    /// Points awarded within the year, less those taken off.
    pub at_least: i64,
    /// Posts over the village that draw the list up.
    #[serde(default)]
    pub by: Vec<String>,
    /// Posts over the village that review it, never whoever drew it up; until then it is not public. Without any, it is
    /// public at once.
    #[serde(default)]
    pub review: Vec<String>,
    /// The rule's basis.
    pub basis: String,
}

/// Clearing of what is left at the end of a year, only after a notice has hung long enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clearing {
    /// Identifier.
    pub id: String,
    /// Name on the notice.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Kind of account.
    pub account: String,
    /// Groups of units, or single units.
    pub units: Vec<String>,
    /// Kind of transfer that books it.
    pub transfer: String,
    /// Day of the year up to which credits are cleared, as `12-31`.
    pub up_to: String,
    /// Days between the notice and the clearing.
    pub notice_days: i32,
    /// Posts over the village that put the notice up and clear.
    pub by: Vec<String>,
    /// The rule's basis.
    pub basis: String,
}

/// Loans that take points into account. A bank sees points only of a household whose written consent is on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loan {
    /// Switched on.
    #[serde(default)]
    pub on: bool,
    /// Kind of the party that lends.
    pub party: String,
    /// Kind of account that is looked at.
    pub account: String,
    /// Posts over the household's place that record a consent.
    pub by: Vec<String>,
    /// Posts that look on the bank's behalf.
    pub seen_by: Vec<String>,
    /// Days a consent lasts unless it says otherwise.
    pub consent_days: i32,
    /// Grades by points, highest first.
    #[serde(default, rename = "grade")]
    pub grades: Vec<LoanGrade>,
    /// The rule's basis.
    pub basis: String,
}

/// A grade that points reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoanGrade {
    /// Points needed.
    pub points: i64,
    /// Name of the grade.
    pub name: String,
}

/// Length of a cap's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// A day.
    Day,
    /// A calendar month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

impl Per {
    /// First day of the period a day lies in.
    pub fn start(self, day: Day) -> Day {
        let month = day.month_start();
        let since = |months: i8| month.plus_months(-i32::from((month.date().month() - 1) % months));
        match self {
            Per::Day => day,
            Per::Month => month,
            Per::Quarter => since(3),
            Per::Year => since(12),
        }
    }
}

/// A cap on one household within a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// Most.
    pub most: i64,
    /// Counts times instead of points.
    pub times: bool,
    /// Within.
    pub per: Per,
}

/// Whether a rule touches what the law gives people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Legal {
    /// It does not.
    #[default]
    Clear,
    /// It bears on the sharing of collective resources, which needs an opinion on its legality.
    Collective,
    /// It would touch a legal entitlement: relief, pension, schooling. Never applied.
    Entitlement,
}

/// One version of a points rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PointsRule {
    /// Code, the same over versions.
    pub code: String,
    /// Unit: the points class.
    pub class: String,
    /// What it is given or taken for.
    pub item: String,
    /// The same in English.
    pub item_en: String,
    /// What is counted: 次, 公斤, 天.
    pub per: String,
    /// Points for one of these; negative takes off.
    pub points: i64,
    /// Cap.
    pub cap: Option<Cap>,
    /// Evidence is needed.
    pub evidence: bool,
    /// It has to be reviewed by someone other than whoever proposed it.
    pub review: bool,
    /// Taking off may go below zero.
    pub below_zero: bool,
    /// What it touches.
    pub legal: Legal,
    /// Note of the legality check.
    pub legal_note: String,
    /// First day in force.
    pub from: Day,
    /// Last day in force.
    pub to: Day,
    /// The vote that adopted it.
    pub basis: String,
    /// Sample wording.
    pub sample: bool,
}

/// The first `12-31` on or after a day.
pub fn next_date(month_day: &str, from: Day) -> Option<Day> {
    let (month, day) = month_day.split_once('-')?;
    let (month, day): (i8, i8) = (month.parse().ok()?, day.parse().ok()?);
    let year = from.date().year();
    let this = Day::ymd(year, month, day)?;
    if this >= from { Some(this) } else { Day::ymd(year + 1, month, day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_begin_where_the_calendar_says() {
        let day = Day::ymd(2024, 8, 17).unwrap();
        for (per, start) in [(Per::Day, (8, 17)), (Per::Month, (8, 1)), (Per::Quarter, (7, 1)), (Per::Year, (1, 1))] {
            assert_eq!(per.start(day), Day::ymd(2024, start.0, start.1).unwrap(), "{per:?}");
        }
    }

    #[test]
    fn a_date_of_the_year_comes_round() {
        let last = Day::ymd(2024, 12, 31).unwrap();
        assert_eq!(next_date("12-31", last), Some(last));
        assert_eq!(next_date("12-31", last.plus(1)), Day::ymd(2025, 12, 31));
        assert_eq!(next_date("02-30", last), None);
        assert_eq!(next_date("x", last), None);
    }
}
