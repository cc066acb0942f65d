//! Periods and how they compare: the statistics month may end on another day than the last; a comparison is the same
//! sum with another range.

use xiangyue_domain::day::Day;

/// A span of days with the day up to which things are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// Only what had happened by this day.
    pub cut_off: Day,
}

/// A period by its usual name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// 昨天
    Yesterday,
    /// 本周
    Week,
    /// 本月: the statistics month.
    Month,
    /// 本季: three statistics months.
    Quarter,
    /// 本年
    Year,
    /// 全期: the scenario's period, or everything.
    All,
}

/// What a period is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Against {
    /// 同比: the same days a year before.
    #[default]
    Year,
    /// 环比: the period just before.
    Before,
}

impl Span {
    /// From an address; anything unknown is the year.
    pub fn parse(text: &str) -> Option<Span> {
        Some(match text {
            "yesterday" => Span::Yesterday,
            "week" => Span::Week,
            "month" => Span::Month,
            "quarter" => Span::Quarter,
            "year" => Span::Year,
            "all" => Span::All,
            _ => return None,
        })
    }

    /// As it stands in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Span::Yesterday => "yesterday",
            Span::Week => "week",
            Span::Month => "month",
            Span::Quarter => "quarter",
            Span::Year => "year",
            Span::All => "all",
        }
    }
}

impl Period {
    /// A period that counts up to its own end.
    pub fn closed(from: Day, to: Day) -> Period {
        Period { from, to, cut_off: to }
    }

    /// The period of a name as of a day. `month_ends_on` 0 is the calendar month; `all` is the whole span known.
    pub fn of(span: Span, today: Day, month_ends_on: u8, all: (Day, Day)) -> Period {
        match span {
            Span::Yesterday => Period::closed(today.plus(-1), today.plus(-1)),
            Span::Week => Period::closed(today.plus(1 - i32::from(today.weekday())), today),
            Span::Month => Period::closed(month_start(today, month_ends_on), today),
            Span::Quarter => Period::closed(quarter_start(today, month_ends_on), today),
            Span::Year => {
                let date = today.date();
                Period::closed(Day::ymd(date.year(), 1, 1).unwrap_or(today), today)
            }
            Span::All => Period::closed(all.0, all.1),
        }
    }

    /// What a period is compared with; nothing where the two would overlap.
    #[must_use]
    pub fn base(self, against: Against, month_ends_on: u8) -> Option<Period> {
        match against {
            Against::Year => self.year_before(),
            Against::Before => Some(self.before(month_ends_on)),
        }
    }

    /// 同比: the same days a year before. 29 February stands against the 28th. A period of more than a year has none: its
    /// own days would stand on both sides of the comparison.
    #[must_use]
    pub fn year_before(self) -> Option<Period> {
        let back = |d: Day| {
            let moved = d.plus_months(-12);
            // The end of a month stays the end of a month.
            if d == d.month_end() { moved.month_end() } else { moved }
        };
        let base = Period { from: self.from.plus_months(-12), to: back(self.to), cut_off: back(self.cut_off) };
        Some(base).filter(|b| b.to < self.from)
    }

    /// 环比: the period of the same length just before; a whole statistics month has the month before.
    #[must_use]
    pub fn before(self, month_ends_on: u8) -> Period {
        let start = |day| month_start(day, month_ends_on);
        if self.from == start(self.from) && self.to == month_end(self.from, month_ends_on) {
            let to = self.from.plus(-1);
            return Period { from: start(to), to, cut_off: to };
        }
        let days = self.to.0 - self.from.0 + 1;
        let to = self.from.plus(-1);
        Period { from: to.plus(1 - days), to, cut_off: to }
    }
}

/// First day of the statistics month that a day falls in.
pub fn month_start(day: Day, ends_on: u8) -> Day {
    if ends_on == 0 || ends_on > 28 {
        return day.month_start();
    }
    let end = i32::from(ends_on);
    let date = day.date();
    if i32::from(date.day()) > end { day.month_start().plus(end) } else { day.month_start().plus_months(-1).plus(end) }
}

/// Last day of the statistics month that a day falls in.
pub fn month_end(day: Day, ends_on: u8) -> Day {
    if ends_on == 0 || ends_on > 28 {
        return day.month_end();
    }
    let next = month_start(day, ends_on).plus(31);
    month_start(next, ends_on).plus(-1)
}

/// First day of the quarter that a day falls in: the beginning of its first statistics month.
fn quarter_start(day: Day, ends_on: u8) -> Day {
    let date = month_end(day, ends_on).date();
    let first = (date.month() - 1) / 3 * 3 + 1;
    month_start(Day::ymd(date.year(), first, 1).unwrap_or(day), ends_on)
}

/// How a value compares with the one before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// In per cent, for counts.
    Percent(f64),
    /// In percentage points, for rates.
    Points(f64),
    /// The base was 0.
    BaseZero,
    /// There is nothing to compare with.
    None,
}

/// Compares two values; rates in percentage points, counts in per cent.
pub fn compare(now: Option<f64>, before: Option<f64>, is_rate: bool) -> Change {
    match (now, before) {
        (Some(now), Some(before)) if is_rate => Change::Points(now - before),
        (Some(_), Some(before)) if before.abs() < f64::EPSILON => Change::BaseZero,
        (Some(now), Some(before)) => Change::Percent((now - before) / before * 100.0),
        _ => Change::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i16, m: i8, d: i8) -> Day {
        Day::ymd(y, m, d).unwrap()
    }

    #[test]
    fn a_statistics_month_may_end_on_the_25th() {
        assert_eq!(month_start(day(2026, 11, 25), 25), day(2026, 10, 26));
        assert_eq!(month_start(day(2026, 11, 26), 25), day(2026, 11, 26));
        assert_eq!(month_start(day(2026, 11, 26), 0), day(2026, 11, 1));
        assert_eq!(month_start(day(2026, 1, 3), 25), day(2025, 12, 26));
        for ends_on in [0, 1, 25, 28] {
            for d in 0..800 {
                let some = day(2026, 1, 1).plus(d);
                let (start, end) = (month_start(some, ends_on), month_end(some, ends_on));
                assert!(start <= some && some <= end, "{some} lies in {start} to {end}");
                assert_eq!(month_start(end.plus(1), ends_on), end.plus(1), "the next begins when this one ends");
            }
        }
    }

    #[test]
    fn comparisons_keep_their_length() {
        let whole = Period::closed(day(2026, 3, 1), day(2026, 3, 31));
        assert_eq!(whole.before(0), Period::closed(day(2026, 2, 1), day(2026, 2, 28)));
        let part = Period::closed(day(2026, 3, 1), day(2026, 3, 10));
        assert_eq!(part.before(0), Period::closed(day(2026, 2, 19), day(2026, 2, 28)));
        let statistics = Period::closed(day(2026, 2, 26), day(2026, 3, 25));
        assert_eq!(statistics.before(25), Period::closed(day(2026, 1, 26), day(2026, 2, 25)));
        assert_eq!(statistics.before(0), Period::closed(day(2026, 1, 29), day(2026, 2, 25)));
        let leap = Period::closed(day(2024, 2, 1), day(2024, 2, 29));
        assert_eq!(leap.year_before(), Some(Period::closed(day(2023, 2, 1), day(2023, 2, 28))));
        let after = Period::closed(day(2025, 2, 1), day(2025, 2, 28));
        assert_eq!(after.year_before(), Some(Period::closed(day(2024, 2, 1), day(2024, 2, 29))));
    }

    #[test]
    fn more_than_a_year_is_not_compared_with_the_year_before() {
        let whole = Period::closed(day(2025, 6, 28), day(2026, 6, 27));
        assert_eq!(whole.year_before(), Some(Period::closed(day(2024, 6, 28), day(2025, 6, 27))));
        let leap = Period::closed(day(2024, 1, 1), day(2024, 12, 31));
        assert!(leap.year_before().is_some());
        let more = Period::closed(day(2025, 6, 28), day(2026, 6, 28));
        assert_eq!((more.year_before(), more.base(Against::Year, 0)), (None, None));
        assert_eq!(more.base(Against::Before, 0).map(|b| b.to), Some(day(2025, 6, 27)));
    }

    #[test]
    fn a_quarter_is_three_statistics_months() {
        let from = |d, ends_on| Period::of(Span::Quarter, d, ends_on, (d, d)).from;
        assert_eq!(from(day(2026, 11, 26), 0), day(2026, 10, 1));
        assert_eq!(from(day(2026, 3, 31), 0), day(2026, 1, 1));
        assert_eq!(from(day(2026, 11, 26), 25), day(2026, 9, 26));
        assert_eq!(from(day(2026, 12, 26), 25), day(2026, 12, 26));
        assert_eq!(from(day(2026, 1, 3), 25), day(2025, 12, 26));
    }

    #[test]
    fn a_base_of_zero_is_said_and_not_divided_by() {
        assert_eq!(compare(Some(3.0), Some(0.0), false), Change::BaseZero);
        assert_eq!(compare(Some(97.0), Some(95.5), true), Change::Points(1.5));
        assert_eq!(compare(Some(3.0), None, false), Change::None);
    }
}
