//! Rows that become values from before the platform, as an office reported them; and how a comparison finds them.

use super::column::ReadRow;
use super::ground::Ground;
use super::target::{Body, Made};
use crate::command::{Beside, Command, Ids};
use crate::composite::is_ratio;
use crate::error::AppError;
use crate::period::{Period, month_start};
use crate::state::App;
use xiangyue_domain::day::Day;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Basis, Indicator, Right};
use xiangyue_domain::reported::{PARTS, Reported, parts_of};

/// Most months that are added up for one period.
const MONTHS_MOST: usize = 60;

pub(crate) fn draft(ground: &Ground, read: &mut ReadRow) -> Option<Made> {
    let indicator = ground.policy.indicator(read.get("indicator")).cloned();
    let value = number(read, indicator.as_ref());
    let span = span(ground, read.get("period"));
    if span.is_some_and(|(_, to)| to >= ground.day()) {
        read.plain_fault("period", "import.fault_not_over");
    }
    let office: Option<i64> = read.get("office").parse().ok();
    let place = read.place?;
    if !ground.may(Right::Report, place) {
        read.plain_fault("place", "refusal.no_right");
    }
    let ((from, to), indicator) = (span?, indicator?);
    let (indicator, entered) = (indicator.id, ground.day());
    let same = format!("{indicator}/{place}/{from}/{to}");
    let value = Reported { indicator, place, from, to, value: value?, office: office?, entered };
    Some(Made { body: Body::Value(value), same, field: "period".to_owned() })
}

fn number(read: &mut ReadRow, indicator: Option<&Indicator>) -> Option<i64> {
    let text = read.get("value").to_owned();
    if text.is_empty() {
        return None;
    }
    let parts = parts_of(&text);
    let rate = indicator.is_some_and(is_ratio);
    match parts {
        None => read.plain_fault("value", "import.fault_number"),
        Some(n) if rate && !(0..=100 * PARTS).contains(&n) => read.plain_fault("value", "import.fault_rate"),
        Some(n) if n < 0 => read.plain_fault("value", "import.fault_number"),
        Some(_) => {}
    }
    parts
}

/// The days of `2023` or `2023-05`; the statistics month may end on another day than the last.
fn span(ground: &Ground, text: &str) -> Option<(Day, Day)> {
    let ends_on = ground.policy.settings.as_ref().map_or(0, |s| s.month_ends_on);
    let (year, month) = text.split_once('-').unwrap_or((text, ""));
    let year: i16 = year.parse().ok()?;
    if month.is_empty() {
        return Some((Day::ymd(year, 1, 1)?, Day::ymd(year, 12, 31)?));
    }
    let last = Day::ymd(year, month.parse().ok()?, 1)?.month_end();
    let to = if ends_on == 0 || ends_on > 28 { last } else { last.month_start().plus(i32::from(ends_on) - 1) };
    Some((month_start(to, ends_on), to))
}

/// The command that enters a value.
pub(crate) fn command(value: Reported) -> (Command, Beside) {
    let decide = move |_: &mut Ids, _: &_, _: &_| Ok(vec![Event::Reported { values: vec![value] }]);
    (Command::Register(Box::new(decide)), Beside::default())
}

/// What stands for a period in reported values.
#[derive(Debug, Clone, PartialEq)]
pub struct Base {
    /// The value, in the indicator's unit.
    pub value: f64,
    /// Offices that reported it.
    pub offices: Vec<i64>,
    /// Last day on which any of it was entered.
    pub entered: Day,
}

/// The base of a period among the values of one indicator at one place: the value of that very period, or months that
/// fill it without gap. A rate is never added up; a stock is what it was on the last day.
fn base(values: &[Reported], indicator: &Indicator, period: Period) -> Option<Base> {
    let of = |found: &[&Reported], value: i64| {
        let mut offices: Vec<i64> = found.iter().map(|v| v.office).collect();
        offices.sort_unstable();
        offices.dedup();
        let entered = found.iter().map(|v| v.entered).max().unwrap_or_default();
        // Exact up to 2^53 parts.
        Base { value: value as f64 / PARTS as f64, offices, entered }
    };
    // What is counted up to an earlier day than the period's end is another figure.
    if period.cut_off < period.to {
        return None;
    }
    if let Some(whole) = values.iter().find(|v| v.from == period.from && v.to == period.to) {
        return Some(of(&[whole], whole.value));
    }
    if indicator.basis == Basis::Stock {
        let last = values.iter().find(|v| v.to == period.to)?;
        return Some(of(&[last], last.value));
    }
    if is_ratio(indicator) {
        return None;
    }
    let mut found: Vec<&Reported> = Vec::new();
    let mut at = period.from;
    while at <= period.to && found.len() < MONTHS_MOST {
        let next = values.iter().filter(|v| v.from == at && v.to <= period.to).min_by_key(|v| v.to)?;
        at = next.to.plus(1);
        found.push(next);
    }
    (at == period.to.plus(1)).then(|| of(&found, found.iter().map(|v| v.value).sum()))
}

impl App {
    /// The value of a period as an office reported it, for a comparison that has no base of its own. A figure shown
    /// from it says that it was reported, and by whom.
    pub async fn reported(&self, indicator: &str, place: RegionId, period: Period) -> Result<Option<Base>, AppError> {
        let policy = self.policy();
        let Some(found) = policy.indicator(indicator) else { return Ok(None) };
        let values = self.pool().reported(self.realm(), indicator, place.0).await?;
        Ok(base(&values, found, period))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiangyue_domain::policy::{Better, IndicatorSource};

    fn indicator(rate: bool, basis: Basis) -> Indicator {
        let list = || vec!["m".to_owned()];
        let source =
            if rate { IndicatorSource::Rate { over: list(), under: list() } } else { IndicatorSource::Sum(list()) };
        serde_json::from_value(serde_json::json!({
            "id": "x", "name": "x", "unit": "件", "source": source, "basis": basis, "better": Better::Up,
        }))
        .expect("an indicator")
    }

    fn value(from: &str, to: &str, n: i64) -> Reported {
        let day = |t: &str| Day::parse(t).expect("a day");
        let (from, to, entered) = (day(from), day(to), day("2024-01-09"));
        Reported { indicator: "x".into(), place: RegionId(1), from, to, value: n * PARTS, office: 7, entered }
    }

    fn period(from: &str, to: &str) -> Period {
        Period::closed(Day::parse(from).expect("a day"), Day::parse(to).expect("a day"))
    }

    #[test]
    fn months_fill_a_period_without_gap() {
        let months = [value("2023-01-01", "2023-01-31", 3), value("2023-02-01", "2023-02-28", 4)];
        let sum = indicator(false, Basis::Flow);
        let quarter = |to: &str| base(&months, &sum, period("2023-01-01", to)).map(|b| b.value);
        assert_eq!(quarter("2023-02-28"), Some(7.0));
        assert_eq!(quarter("2023-01-31"), Some(3.0));
        assert_eq!(quarter("2023-03-31"), None, "March is missing");
        assert_eq!(quarter("2023-02-10"), None, "a part of a month is not known");
        assert_eq!(base(&months, &indicator(true, Basis::Cohort), period("2023-01-01", "2023-02-28")), None);
        let stock = indicator(false, Basis::Stock);
        assert_eq!(base(&months, &stock, period("2023-01-15", "2023-02-28")).map(|b| b.value), Some(4.0));
        let year = [value("2023-01-01", "2023-12-31", 90), value("2023-01-01", "2023-01-31", 3)];
        let found = base(&year, &sum, period("2023-01-01", "2023-12-31")).expect("the year itself");
        assert_eq!(
            (found.value, found.offices, found.entered),
            (90.0, vec![7], Day::parse("2024-01-09").expect("a day"))
        );
    }
}
