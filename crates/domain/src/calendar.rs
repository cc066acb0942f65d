//! The working-time calendar: working days, office hours, and when a time limit falls due.
//! Must never read a clock, and never loop without a bound, however absurd a calendar or a limit is.

use crate::day::{DAY_MS, Day, Time};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

const MINUTE_MS: i64 = 60_000;
/// Most working days, and days, that a limit counts: beyond any limit in law.
const MAX_DAYS: u32 = 10_000;
/// Most minutes that a limit counts: the same in minutes.
const MAX_MINUTES: u32 = MAX_DAYS * 1440;
/// Most months that a limit counts.
const MAX_MONTHS: u32 = 1_200;
/// Days looked at for each day counted, and besides; a calendar with fewer working days ends the search.
const LOOK_PER_DAY: u32 = 20;
const LOOK_BESIDES: u32 = 4_000;
/// Instants outside years 1900 to 2999 are taken for the nearer end, so that sums cannot overflow.
const FIRST: Time = Time(-2_208_988_800_000);
const LAST: Time = Time(32_503_680_000_000);

/// What a row of the official calendar says of a day (国务院办公厅 yearly notice of holidays).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// 放假: nobody works, whatever the weekday.
    Holiday,
    /// 调休上班: a Saturday or Sunday on which all work.
    MakeUp,
}

/// What is wrong with office hours or with a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// Sessions must be in order, apart, not empty, and end before midnight.
    #[error("office sessions must be in order, apart, not empty and within 0 to 1439 minutes")]
    Sessions,
    /// Not a number followed by a unit.
    #[error("{0:?} is no time limit; expected e.g. 5wd, 4wh, 24h, 30m, 30d, 2mo, 1y")]
    Limit(String),
    /// The number is more than any limit counts.
    #[error("{0:?} is longer than any time limit can be")]
    TooLong(String),
}

impl CalendarFault {
    /// Key of the message in the locales.
    pub fn key(&self) -> &'static str {
        match self {
            CalendarFault::Sessions => "calendar.sessions",
            CalendarFault::Limit(_) => "calendar.limit",
            CalendarFault::TooLong(_) => "calendar.too_long",
        }
    }
}

/// The sessions of an office day, as minutes since midnight `(start, end)`; in order and apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(u32, u32)>", into = "Vec<(u32, u32)>")]
pub struct OfficeHours(Vec<(u32, u32)>);

impl OfficeHours {
    /// From sessions; at least one.
    pub fn new(sessions: Vec<(u32, u32)>) -> Result<OfficeHours, CalendarFault> {
        let each = sessions.iter().all(|(start, end)| start < end && *end < 1440);
        let ordered = sessions.windows(2).all(|pair| pair[0].1 < pair[1].0);
        if sessions.is_empty() || !each || !ordered {
            return Err(CalendarFault::Sessions);
        }
        Ok(OfficeHours(sessions))
    }

    /// The sessions.
    pub fn sessions(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Minute at which the last session ends.
    pub fn close(&self) -> u32 {
        self.0.last().map_or(1439, |(_, end)| *end)
    }
}

/// 8:30-12:00 and 14:30-18:00.
impl Default for OfficeHours {
    fn default() -> OfficeHours {
        OfficeHours(vec![(510, 720), (870, 1080)])
    }
}

impl TryFrom<Vec<(u32, u32)>> for OfficeHours {
    type Error = CalendarFault;
    fn try_from(sessions: Vec<(u32, u32)>) -> Result<OfficeHours, CalendarFault> {
        OfficeHours::new(sessions)
    }
}

impl From<OfficeHours> for Vec<(u32, u32)> {
    fn from(hours: OfficeHours) -> Vec<(u32, u32)> {
        hours.0
    }
}

/// How long a step may take. As text a number and a unit: `wd` working days, `wh` and `wm` office hours and
/// minutes, `h` and `m` hours and minutes by the clock, `d` days, `mo` months, `y` years of 365 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Limit {
    /// Working days; due at the close of business.
    WorkingDays(u32),
    /// Minutes of office sessions on working days.
    WorkingMinutes(u32),
    /// Minutes by the clock.
    WallMinutes(u32),
    /// Days; due at the same minute.
    Days(u32),
    /// Months; due at the same minute of the same day of the month, or of its last day.
    Months(u32),
}

impl Limit {
    /// Parses e.g. `5wd`, `4wh`, `24h`, `30m`, `30d`, `2mo`, `1y`.
    pub fn parse(text: &str) -> Result<Limit, CalendarFault> {
        let text = text.trim();
        let fault = || CalendarFault::Limit(text.to_owned());
        let (number, unit) = text.split_at(text.find(|ch: char| !ch.is_ascii_digit()).ok_or_else(fault)?);
        if number.is_empty() {
            return Err(fault());
        }
        let (build, factor, most): (fn(u32) -> Limit, u32, u32) = match unit {
            "wd" => (Limit::WorkingDays, 1, MAX_DAYS),
            "wh" => (Limit::WorkingMinutes, 60, MAX_MINUTES),
            "wm" => (Limit::WorkingMinutes, 1, MAX_MINUTES),
            "h" => (Limit::WallMinutes, 60, MAX_MINUTES),
            "m" => (Limit::WallMinutes, 1, MAX_MINUTES),
            "d" => (Limit::Days, 1, MAX_DAYS),
            "y" => (Limit::Days, 365, MAX_DAYS),
            "mo" => (Limit::Months, 1, MAX_MONTHS),
            _ => return Err(fault()),
        };
        let count = number.parse::<u32>().ok().and_then(|number| number.checked_mul(factor));
        let count = count.filter(|count| *count <= most);
        count.map(build).ok_or_else(|| CalendarFault::TooLong(text.to_owned()))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Limit::WorkingDays(n) => write!(f, "{n}wd"),
            Limit::WorkingMinutes(n) if n % 60 == 0 => write!(f, "{}wh", n / 60),
            Limit::WorkingMinutes(n) => write!(f, "{n}wm"),
            Limit::WallMinutes(n) if n % 60 == 0 => write!(f, "{}h", n / 60),
            Limit::WallMinutes(n) => write!(f, "{n}m"),
            Limit::Days(n) => write!(f, "{n}d"),
            Limit::Months(n) => write!(f, "{n}mo"),
        }
    }
}

impl FromStr for Limit {
    type Err = CalendarFault;
    fn from_str(text: &str) -> Result<Limit, CalendarFault> {
        Limit::parse(text)
    }
}

impl TryFrom<String> for Limit {
    type Error = CalendarFault;
    fn try_from(text: String) -> Result<Limit, CalendarFault> {
        Limit::parse(&text)
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> String {
        limit.to_string()
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9]{1,8}(wd|wh|wm|h|m|d|mo|y)$",
            "description": "A time limit: 5wd working days, 4wh office hours, 30wm office minutes, 24h hours, \
                30m minutes, 30d days, 2mo months, 1y year of 365 days",
        })
    }
}

/// What is left until a due time, as a list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Past due by so many whole minutes of the clock.
    Overdue { minutes: u32 },
    /// Less than an hour.
    Minutes(u32),
    /// Whole hours of the clock: due within a day and not at the close of business, or before the next
    /// working day.
    Hours(u32),
    /// Due at the close of business today.
    Today,
    /// Working days after today, up to and with the day it is due.
    WorkingDays(u32),
}

/// Working days and office hours of one place. When a year is published later, only dues that lie ahead are
/// computed anew; what was judged stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    special: BTreeMap<Day, (DayKind, String)>,
    published: BTreeSet<i16>,
    hours: OfficeHours,
}

impl Calendar {
    /// From the rows of the official notices and the years they were published for. Rows of other years are
    /// kept but not used: an unpublished year has its weekends only.
    pub fn new(
        rows: impl IntoIterator<Item = (Day, DayKind, String)>,
        published: impl IntoIterator<Item = i16>,
    ) -> Calendar {
        let special = rows.into_iter().map(|(day, kind, note)| (day, (kind, note))).collect();
        Calendar { special, published: published.into_iter().collect(), hours: OfficeHours::default() }
    }

    /// The same calendar with other office hours.
    #[must_use]
    pub fn with_hours(mut self, hours: OfficeHours) -> Calendar {
        self.hours = hours;
        self
    }

    /// The office hours.
    pub fn hours(&self) -> &OfficeHours {
        &self.hours
    }

    /// Whether the official calendar of a year is not out yet, so that its days may still change.
    pub fn is_provisional(&self, year: i16) -> bool {
        !self.published.contains(&year)
    }

    /// Whether any year from one day to another is provisional: a due time between them may move.
    pub fn is_provisional_between(&self, from: Day, to: Day) -> bool {
        let (from, to) = (sane_day(from), sane_day(to));
        (from.date().year()..=to.date().year()).any(|year| self.is_provisional(year))
    }

    /// The first year between two days whose official calendar is not there.
    pub fn missing_year(&self, from: Day, to: Day) -> Option<i16> {
        let (from, to) = (sane_day(from), sane_day(to));
        (from.date().year()..=to.date().year()).find(|year| self.is_provisional(*year))
    }

    /// What the official calendar says of a day, and its note, e.g. 国庆节.
    pub fn special(&self, day: Day) -> Option<(DayKind, &str)> {
        let day = sane_day(day);
        let (kind, note) = self.special.get(&day)?;
        (!self.is_provisional(day.date().year())).then_some((*kind, note.as_str()))
    }

    /// Whether offices work on a day.
    pub fn is_working(&self, day: Day) -> bool {
        let day = sane_day(day);
        match self.special(day) {
            Some((kind, _)) => kind == DayKind::MakeUp,
            None => day.weekday() <= 5,
        }
    }

    /// When a limit that starts at `from` falls due.
    pub fn due(&self, from: Time, limit: &Limit) -> Time {
        match *limit {
            Limit::WorkingDays(n) => self.due_working_days(from, n),
            Limit::WorkingMinutes(minutes) => self.due_working_hours(from, minutes),
            Limit::WallMinutes(minutes) => self.due_hours(from, minutes),
            Limit::Days(days) => sane(from).plus_ms(i64::from(days.min(MAX_DAYS)) * DAY_MS),
            Limit::Months(months) => {
                let from = sane(from);
                let months = i32::try_from(months.min(MAX_MONTHS)).unwrap_or(0);
                let day = from.day().plus_months(months);
                from.plus_ms(i64::from(day.0 - from.day().0) * DAY_MS)
            }
        }
    }

    /// Close of business of the n-th working day after the day of `from`, which itself does not count
    /// (起算日不计). With n = 0 it is the close of business of the day itself or, where that is no working day
    /// or has closed already, of the next working day. More than 10,000 days count as 10,000.
    pub fn due_working_days(&self, from: Time, n: u32) -> Time {
        let from = sane(from);
        let n = n.min(MAX_DAYS);
        let mut day = from.day();
        if n == 0 && self.is_working(day) && self.closing(day) > from {
            return self.closing(day);
        }
        let mut wanted = n.max(1);
        for _ in 0..n * LOOK_PER_DAY + LOOK_BESIDES {
            day = day.plus(1);
            wanted -= u32::from(self.is_working(day));
            if wanted == 0 {
                break;
            }
        }
        self.closing(day)
    }

    /// `from` moved by minutes of office sessions on working days; nothing else counts. Zero minutes leave
    /// it where it is. More than 14,400,000 minutes count as 14,400,000.
    pub fn due_working_hours(&self, from: Time, minutes: u32) -> Time {
        let from = sane(from);
        let mut left = i64::from(minutes.min(MAX_MINUTES)) * MINUTE_MS;
        if left == 0 {
            return from;
        }
        let per_day: u32 = self.hours.0.iter().map(|(start, end)| end - start).sum();
        let days = minutes.min(MAX_MINUTES) / per_day.max(1) + 1;
        // Short sessions could need millions of days; the last day looked at is then the answer.
        let days = days.min(MAX_DAYS);
        let mut day = from.day();
        for _ in 0..days * LOOK_PER_DAY + LOOK_BESIDES {
            if self.is_working(day) {
                for (start, end) in &self.hours.0 {
                    let start = day.at_minute(*start).max(from);
                    let open = day.at_minute(*end).0 - start.0;
                    if left <= open {
                        return start.plus_ms(left);
                    }
                    left -= open.max(0);
                }
            }
            day = day.plus(1);
        }
        self.closing(day)
    }

    /// `from` moved by minutes of the clock.
    pub fn due_hours(&self, from: Time, minutes: u32) -> Time {
        sane(from).plus_ms(i64::from(minutes.min(MAX_MINUTES)) * MINUTE_MS)
    }

    /// Working days after `a` up to and with `b`; negative when `b` is before `a`. Counts at most 200 years.
    pub fn working_days_between(&self, a: Day, b: Day) -> i32 {
        let (first, last) = (sane_day(a.min(b)), sane_day(a.max(b)));
        let days = (last.0 - first.0).min(73_000);
        let count = (1..=days).filter(|step| self.is_working(Day(first.0 + step))).count();
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        if b < a { -count } else { count }
    }

    /// What is left at `now` until `due`.
    pub fn left(&self, now: Time, due: Time) -> Left {
        let (now, due) = (sane(now), sane(due));
        let minutes = (due.0 - now.0).div_euclid(MINUTE_MS);
        let whole = |minutes: i64| u32::try_from(minutes).unwrap_or(u32::MAX);
        if due < now {
            return Left::Overdue { minutes: whole((now.0 - due.0) / MINUTE_MS) };
        }
        let at_close = due == self.closing(due.day());
        let days = self.working_days_between(now.day(), due.day());
        match () {
            () if minutes < 60 => Left::Minutes(whole(minutes)),
            () if minutes < 1440 && !at_close => Left::Hours(whole(minutes / 60)),
            () if now.day() == due.day() => Left::Today,
            () if days > 0 => Left::WorkingDays(days.unsigned_abs()),
            () => Left::Hours(whole(minutes / 60)),
        }
    }

    /// Close of business of a day, whether it is a working day or not.
    pub fn closing(&self, day: Day) -> Time {
        sane_day(day).at_minute(self.hours.close())
    }
}

/// An instant within the years that the calendar can count.
fn sane(time: Time) -> Time {
    time.clamp(FIRST, LAST)
}

/// A day within a century of those years: limits may lead out of them, but never out of jiff's years.
fn sane_day(day: Day) -> Day {
    Day(day.0.clamp(-62_000, 413_000))
}

#[cfg(test)]
mod tests;
