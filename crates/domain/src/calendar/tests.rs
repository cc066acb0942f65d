//! Tests of the working calendar; they never read a clock.

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
