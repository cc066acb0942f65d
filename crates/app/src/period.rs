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
    /// 本年
    Year,
    /// 全期: the scenario's period, or everything.
    All,
}

impl Span {
    /// From an address; anything unknown is the year.
    pub fn parse(text: &str) -> Option<Span> {
        Some(match text {
            "yesterday" => Span::Yesterday,
            "week" => Span::Week,
            "month" => Span::Month,
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
            Span::Year => {
                let date = today.date();
                Period::closed(Day::ymd(date.year(), 1, 1).unwrap_or(today), today)
            }
            Span::All => Period::closed(all.0, all.1),
        }
    }

    /// 同比: the same days a year before. 29 February stands against the 28th.
    #[must_use]
    pub fn year_before(self) -> Period {
        let back = |d: Day| {
            let moved = d.plus_months(-12);
            // The end of a month stays the end of a month.
            if d == d.month_end() { moved.month_end() } else { moved }
        };
        Period { from: self.from.plus_months(-12), to: back(self.to), cut_off: back(self.cut_off) }
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
        assert_eq!(leap.year_before(), Period::closed(day(2023, 2, 1), day(2023, 2, 28)));
        let after = Period::closed(day(2025, 2, 1), day(2025, 2, 28));
        assert_eq!(after.year_before(), Period::closed(day(2024, 2, 1), day(2024, 2, 29)));
    }

    #[test]
    fn a_base_of_zero_is_said_and_not_divided_by() {
        assert_eq!(compare(Some(3.0), Some(0.0), false), Change::BaseZero);
        assert_eq!(compare(Some(97.0), Some(95.5), true), Change::Points(1.5));
        assert_eq!(compare(Some(3.0), None, false), Change::None);
    }
}
