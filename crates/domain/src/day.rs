//! Days and instants as every figure counts them: in China's single time zone (UTC+8, no summer time since 1991).
//! Must never read a clock; "now" is always an argument.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds between UTC and Beijing time.
const OFFSET_MS: i64 = 8 * 3_600_000;
/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// A civil day in China, stored as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Day(pub i32);

impl Day {
    /// From year, month and day; `None` for a date that does not exist.
    pub fn ymd(year: i16, month: i8, day: i8) -> Option<Day> {
        let date = Date::new(year, month, day).ok()?;
        Some(Day::from_date(date))
    }

    /// From a civil date.
    pub fn from_date(date: Date) -> Day {
        let epoch = Date::constant(1970, 1, 1);
        let days = date.duration_since(epoch).as_hours() / 24;
        Day(i32::try_from(days).unwrap_or(0))
    }

    /// As a civil date; days outside the years 1 to 9999 are clamped into them, since a stored number may be anything.
    pub fn date(self) -> Date {
        const FIRST: i32 = -719_162;
        const LAST: i32 = 2_932_896;
        let epoch = Date::constant(1970, 1, 1);
        epoch.checked_add(jiff::Span::new().days(self.0.clamp(FIRST, LAST))).unwrap_or(epoch)
    }

    /// Parses `2023-11-03`, also with full-width digits, `/`, `.` or 年月日 as separators.
    pub fn parse(text: &str) -> Option<Day> {
        let mut parts: Vec<String> = vec![String::new()];
        for ch in text.trim().chars() {
            let ch = match ch {
                '０'..='９' => char::from_u32(ch as u32 - '０' as u32 + '0' as u32)?,
                other => other,
            };
            match ch {
                '0'..='9' => parts.last_mut()?.push(ch),
                '-' | '/' | '.' | '年' | '月' | '－' => parts.push(String::new()),
                '日' => {}
                _ => return None,
            }
        }
        if parts.len() != 3 || parts[0].len() != 4 {
            return None;
        }
        Day::ymd(parts[0].parse().ok()?, parts[1].parse().ok()?, parts[2].parse().ok()?)
    }

    /// The first instant of the day.
    pub fn start(self) -> Time {
        Time(i64::from(self.0) * DAY_MS - OFFSET_MS)
    }

    /// An instant of the day by minutes since midnight.
    pub fn at_minute(self, minute: u32) -> Time {
        Time(self.start().0 + i64::from(minute) * 60_000)
    }

    /// This day moved by a number of days.
    #[must_use]
    pub fn plus(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }

    /// Same day of another month; a day that the month lacks becomes its last day.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Day {
        let moved = self.date().checked_add(jiff::Span::new().months(months.clamp(-120_000, 120_000)));
        moved.map_or(self, Day::from_date)
    }

    /// Monday is 1, Sunday is 7.
    pub fn weekday(self) -> i8 {
        self.date().weekday().to_monday_one_offset()
    }

    /// First day of the month.
    #[must_use]
    pub fn month_start(self) -> Day {
        Day::from_date(self.date().first_of_month())
    }

    /// First day of the year.
    #[must_use]
    pub fn year_start(self) -> Day {
        Day::from_date(self.date().first_of_year())
    }

    /// Last day of the year.
    #[must_use]
    pub fn year_end(self) -> Day {
        Day::from_date(self.date().last_of_year())
    }

    /// Last day of the month.
    #[must_use]
    pub fn month_end(self) -> Day {
        Day::from_date(self.date().last_of_month())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = self.date();
        write!(f, "{:04}-{:02}-{:02}", d.year(), d.month(), d.day())
    }
}

/// An instant, in milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// The civil day this instant falls on in China.
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.saturating_add(OFFSET_MS).div_euclid(DAY_MS)).unwrap_or(0))
    }

    /// Minutes since local midnight, 0 to 1439.
    pub fn minute_of_day(self) -> u32 {
        u32::try_from(self.0.saturating_add(OFFSET_MS).rem_euclid(DAY_MS) / 60_000).unwrap_or(0)
    }

    /// This instant moved by milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Time {
        Time(self.0.saturating_add(ms))
    }

    /// `19:40`.
    pub fn hhmm(self) -> String {
        let m = self.minute_of_day();
        format!("{:02}:{:02}", m / 60, m % 60)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.day(), self.hhmm())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_its_first_instant_agree() {
        let day = Day::ymd(2023, 11, 3).unwrap();
        assert_eq!(day.to_string(), "2023-11-03");
        assert_eq!(day.start().day(), day);
        assert_eq!(day.start().plus_ms(-1).day(), day.plus(-1));
        assert_eq!(day.at_minute(19 * 60 + 40).to_string(), "2023-11-03 19:40");
    }

    #[test]
    fn dates_parse_as_people_type_them() {
        let day = Day::ymd(2026, 1, 9);
        for text in ["2026-01-09", "2026/1/9", "2026年1月9日", "２０２６－０１－０９"] {
            assert_eq!(Day::parse(text), day, "{text}");
        }
        assert_eq!(Day::parse("2026-02-30"), None);
        assert_eq!(Day::parse("26-02-03"), None);
    }

    #[test]
    fn months_keep_to_their_ends() {
        let day = Day::ymd(2024, 2, 29).unwrap();
        assert_eq!(day.plus_months(-12).to_string(), "2023-02-28");
        assert_eq!(day.month_start().to_string(), "2024-02-01");
    }
}
