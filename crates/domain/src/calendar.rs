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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn at(text: &str, hour: u32, minute: u32) -> Time {
        day(text).at_minute(hour * 60 + minute)
    }

    /// National Day of 2023: eight days off, make-up days on the 7th and 8th of October.
    fn autumn() -> Calendar {
        let off = (0..8).map(|n| (day("2023-09-29").plus(n), DayKind::Holiday, "国庆节".to_owned()));
        let on = [day("2023-10-07"), day("2023-10-08")].map(|day| (day, DayKind::MakeUp, "调休".to_owned()));
        Calendar::new(off.chain(on), [2023])
    }

    #[test]
    fn working_days_skip_holidays_and_use_make_up_days() {
        let calendar = autumn();
        let from = at("2023-09-28", 9, 0);
        let due = |n: u32| calendar.due_working_days(from, n).to_string();
        assert_eq!(due(0), "2023-09-28 18:00");
        assert_eq!(due(1), "2023-10-07 18:00");
        assert_eq!(due(2), "2023-10-08 18:00");
        assert_eq!(due(3), "2023-10-09 18:00");
        assert_eq!(calendar.due_working_days(at("2023-09-28", 18, 0), 0).to_string(), "2023-10-07 18:00");
        assert_eq!(calendar.due_working_days(at("2023-10-01", 9, 0), 0).to_string(), "2023-10-07 18:00");
        assert_eq!(calendar.working_days_between(day("2023-09-28"), day("2023-10-09")), 3);
        assert_eq!(calendar.working_days_between(day("2023-10-09"), day("2023-09-28")), -3);
        assert_eq!(calendar.special(day("2023-10-01")), Some((DayKind::Holiday, "国庆节")));
    }

    #[test]
    fn an_unpublished_year_has_weekends_only() {
        let row = (day("2024-10-01"), DayKind::Holiday, String::new());
        let calendar = Calendar::new([row], [2023]);
        assert!(calendar.is_provisional(2024) && calendar.is_working(day("2024-10-01")));
        assert!(!calendar.is_provisional_between(day("2023-01-01"), day("2023-12-31")));
        assert!(calendar.is_provisional_between(day("2023-12-31"), day("2024-01-01")));
    }

    #[test]
    fn office_hours_skip_lunch_nights_and_weekends() {
        let calendar = Calendar::default();
        let due = |text, hour, minute, n| calendar.due_working_hours(at(text, hour, minute), n).to_string();
        assert_eq!(due("2026-11-06", 11, 0, 60), "2026-11-06 12:00");
        assert_eq!(due("2026-11-06", 11, 0, 61), "2026-11-06 14:31");
        assert_eq!(due("2026-11-06", 17, 0, 120), "2026-11-09 09:30");
        assert_eq!(due("2026-11-07", 17, 0, 30), "2026-11-09 09:00");
        assert_eq!(due("2026-11-07", 17, 0, 0), "2026-11-07 17:00");
    }

    #[test]
    fn limits_read_and_write_as_text() {
        let from = at("2026-01-31", 10, 5);
        let cases = [
            ("5wd", "5wd", "2026-02-06 18:00"),
            ("4wh", "4wh", "2026-02-02 15:00"),
            ("90wm", "90wm", "2026-02-02 10:00"),
            ("24h", "24h", "2026-02-01 10:05"),
            ("1440m", "24h", "2026-02-01 10:05"),
            ("30m", "30m", "2026-01-31 10:35"),
            ("1mo", "1mo", "2026-02-28 10:05"),
            (" 1y ", "365d", "2027-01-31 10:05"),
        ];
        for (text, normal, due) in cases {
            let limit = Limit::parse(text).unwrap();
            assert_eq!(limit.to_string(), normal);
            assert_eq!(Calendar::default().due(from, &limit).to_string(), due, "{text}");
            assert_eq!(serde_json::from_str::<Limit>(&format!("\"{normal}\"")).unwrap(), limit);
        }
        for text in ["", "5", "wd", "5 wd", "-5wd", "５wd", "5weeks"] {
            assert_eq!(Limit::parse(text), Err(CalendarFault::Limit(text.to_owned())));
        }
        for text in ["10001wd", "4294967296m", "99999999h", "1201mo"] {
            assert_eq!(Limit::parse(text).unwrap_err().key(), "calendar.too_long");
        }
    }

    #[test]
    fn what_is_left_is_told_in_the_unit_that_helps() {
        let calendar = autumn();
        let now = at("2023-09-28", 9, 0);
        let left = |text, hour, minute| calendar.left(now, at(text, hour, minute));
        assert_eq!(left("2023-09-28", 8, 0), Left::Overdue { minutes: 60 });
        assert_eq!(left("2023-09-28", 9, 59), Left::Minutes(59));
        assert_eq!(left("2023-09-28", 14, 30), Left::Hours(5));
        assert_eq!(left("2023-09-28", 18, 0), Left::Today);
        assert_eq!(left("2023-09-29", 8, 0), Left::Hours(23));
        assert_eq!(left("2023-10-01", 9, 0), Left::Hours(72));
        assert_eq!(left("2023-10-08", 18, 0), Left::WorkingDays(2));
    }

    #[test]
    fn absurd_calendars_and_limits_end() {
        let rows = (0..60_000).map(|n| (Day(n), DayKind::Holiday, String::new()));
        let never = Calendar::new(rows, 1900..2200).with_hours(OfficeHours::new(vec![(600, 601)]).unwrap());
        for from in [Time(i64::MIN), Time(0), Time(i64::MAX)] {
            for limit in [Limit::WorkingDays, Limit::WorkingMinutes, Limit::WallMinutes, Limit::Days, Limit::Months] {
                assert!(never.due(from, &limit(u32::MAX)) >= sane(from));
                never.left(from, never.due(from, &limit(3)));
            }
        }
        let (first, last) = (Day(i32::MIN), Day(i32::MAX));
        assert!(never.working_days_between(last, first) < 0 && never.is_provisional_between(first, last));
        assert_eq!(never.special(last), None);
        assert!(OfficeHours::new(vec![(600, 600)]).is_err() && OfficeHours::new(vec![]).is_err());
        assert!(OfficeHours::new(vec![(600, 700), (650, 720)]).is_err());
    }

    /// Any calendar of 2020 to 2029, some years of it unpublished.
    fn calendars() -> impl Strategy<Value = Calendar> {
        let row = (18_262i32..21_900, any::<bool>());
        let years = proptest::collection::vec(2020i16..2030, 0..10);
        (proptest::collection::vec(row, 0..300), years).prop_map(|(rows, years)| {
            let kind = |make_up| if make_up { DayKind::MakeUp } else { DayKind::Holiday };
            Calendar::new(rows.into_iter().map(|(day, up)| (Day(day), kind(up), String::new())), years)
        })
    }

    fn times() -> impl Strategy<Value = Time> {
        (18_262i64 * DAY_MS..21_900 * DAY_MS).prop_map(Time)
    }

    proptest! {
        #[test]
        fn due_is_the_close_of_a_later_working_day(calendar in calendars(), from in times(), n in 0u32..40) {
            let due = calendar.due_working_days(from, n);
            prop_assert!(due > from && calendar.is_working(due.day()));
            prop_assert_eq!(due.minute_of_day(), calendar.hours().close());
            if n > 0 {
                prop_assert!(due.day() > from.day());
                prop_assert_eq!(calendar.working_days_between(from.day(), due.day()), i32::try_from(n).unwrap());
            }
        }

        #[test]
        fn due_grows_with_its_start_and_length(calendar in calendars(), a in times(), b in times(), n in 0u32..40) {
            let (early, late) = (a.min(b), a.max(b));
            for limit in [Limit::WorkingDays, Limit::WorkingMinutes, Limit::WallMinutes, Limit::Days, Limit::Months] {
                prop_assert!(calendar.due(early, &limit(n)) <= calendar.due(late, &limit(n)));
                prop_assert!(calendar.due(early, &limit(n)) <= calendar.due(early, &limit(n + 1)));
            }
        }

        #[test]
        fn a_new_holiday_makes_nothing_due_earlier(
            calendar in calendars(), from in times(), n in 0u32..40, minutes in 0u32..5_000, after in 0i32..60,
        ) {
            let mut stricter = calendar.clone();
            stricter.special.insert(from.day().plus(after), (DayKind::Holiday, String::new()));
            prop_assert!(stricter.due_working_days(from, n) >= calendar.due_working_days(from, n));
            prop_assert!(stricter.due_working_hours(from, minutes) >= calendar.due_working_hours(from, minutes));
        }

        #[test]
        fn office_minutes_add_up(calendar in calendars(), from in times(), a in 0u32..3_000, b in 0u32..3_000) {
            let due = calendar.due_working_hours(from, a + b);
            prop_assert_eq!(calendar.due_working_hours(calendar.due_working_hours(from, a), b), due);
            if a + b > 0 {
                let minute = due.minute_of_day();
                let open = calendar.hours().sessions().iter().any(|(start, end)| (*start..=*end).contains(&minute));
                prop_assert!(due > from && open && calendar.is_working(due.day()));
            }
        }
    }
}
