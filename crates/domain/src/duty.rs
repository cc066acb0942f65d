//! Duties that come round: what a place of some level has to have done in every week, month, quarter or year. They are
//! derived from the pack and the figures; nothing of them is stored, so a rule that changes leaves nothing behind.

use crate::day::Day;
use crate::policy::Level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How often a duty comes round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Monday to Sunday.
    Week,
    /// Calendar month.
    Month,
    /// January to March and so on.
    Quarter,
    /// Half a calendar year.
    Half,
    /// Calendar year.
    Year,
}

impl Every {
    /// First and last day of the span that holds a day.
    pub fn span(self, day: Day) -> (Day, Day) {
        let months = match self {
            Every::Week => {
                let first = day.plus(1 - i32::from(day.weekday()));
                return (first, first.plus(6));
            }
            Every::Month => 1,
            Every::Quarter => 3,
            Every::Half => 6,
            Every::Year => 12,
        };
        let into = (i32::from(day.date().month()) - 1) % months;
        let first = day.month_start().plus_months(-into);
        (first, first.plus_months(months).plus(-1))
    }
}

/// A duty as a pack writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Identifier such as `village-lawyer`.
    pub id: String,
    /// What is to be done.
    pub name: String,
    /// The same in English.
    #[serde(default)]
    pub name_en: String,
    /// Every place of this level has to.
    pub level: Level,
    /// How often.
    pub every: Every,
    /// The indicator, a sum, that counts it.
    pub indicator: String,
    /// So many in each span.
    #[serde(default = "once")]
    pub least: u32,
    /// Day of the span it has to be done by, such as 15 for the fifteenth of every month; 0 for its last.
    #[serde(default)]
    pub day: u16,
    /// So many days before, whoever has not done it is warned.
    #[serde(default = "three")]
    pub ahead: u16,
    /// Days after that day in which it may still be entered before it is called missed.
    #[serde(default)]
    pub grace: u16,
    /// Nothing is asked before this day, written `2026-01-01`.
    #[serde(default)]
    pub since: String,
    /// What it rests on.
    #[serde(default)]
    pub basis: String,
    /// Shipped as a sample, and said so on screen.
    #[serde(default)]
    pub sample: bool,
}

fn once() -> u32 {
    1
}

fn three() -> u16 {
    3
}

/// A span of a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DutySpan {
    /// First day.
    pub from: Day,
    /// Last day that counts.
    pub to: Day,
    /// Day it has to be done by.
    pub due: Day,
    /// It goes on: what is not done can still be done.
    pub running: bool,
}

impl Duty {
    fn span(&self, day: Day, running: bool) -> DutySpan {
        let (from, to) = self.every.span(day);
        let due = if self.day == 0 { to } else { to.min(from.plus(i32::from(self.day) - 1)) };
        DutySpan { from, to, due, running }
    }

    /// All spans that hold a day of these, in order.
    pub fn spans(&self, first: Day, last: Day) -> Vec<DutySpan> {
        let mut out = Vec::new();
        let mut day = first;
        while day <= last {
            let span = self.span(day, self.every.span(day).1 >= last);
            day = span.to.plus(1);
            out.extend(self.asked(span));
        }
        out
    }

    /// The last span whose time, and the days to enter it late, have run out.
    pub fn judged(&self, today: Day) -> Option<DutySpan> {
        let late = today.plus(-i32::from(self.grace));
        let span = self.span(late, false);
        let over = if span.due < late { span } else { self.span(span.from.plus(-1), false) };
        // What was done later than it may be entered does not undo that it was missed.
        let to = over.to.min(over.due.plus(i32::from(self.grace)));
        self.asked(DutySpan { to, ..over })
    }

    /// The span in which it can still be done in time.
    pub fn running(&self, today: Day) -> Option<DutySpan> {
        let span = self.span(today, true);
        let next = if span.due < today { self.span(span.to.plus(1), true) } else { span };
        self.asked(next).filter(|s| s.from <= today)
    }

    /// The running span, once there are few days left of it.
    pub fn near(&self, today: Day) -> Option<DutySpan> {
        self.running(today).filter(|s| s.due.plus(-i32::from(self.ahead)) <= today)
    }

    /// A span that began before anything was asked is not asked for.
    fn asked(&self, span: DutySpan) -> Option<DutySpan> {
        Day::parse(&self.since).is_none_or(|since| since <= span.from).then_some(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn duty(every: Every, grace: u16) -> Duty {
        Duty {
            id: "d".into(),
            name: "做".into(),
            name_en: String::new(),
            level: Level::Village,
            every,
            indicator: "i".into(),
            least: 1,
            day: 0,
            ahead: 3,
            grace,
            since: String::new(),
            basis: String::new(),
            sample: false,
        }
    }

    #[test]
    fn spans_are_those_of_the_calendar() {
        for (every, at, from, to) in [
            (Every::Week, "2026-11-25", "2026-11-23", "2026-11-29"),
            (Every::Month, "2024-02-29", "2024-02-01", "2024-02-29"),
            (Every::Quarter, "2026-11-25", "2026-10-01", "2026-12-31"),
            (Every::Half, "2026-06-30", "2026-01-01", "2026-06-30"),
            (Every::Year, "2026-01-01", "2026-01-01", "2026-12-31"),
        ] {
            assert_eq!(every.span(day(at)), (day(from), day(to)), "{every:?} {at}");
        }
    }

    #[test]
    fn late_entry_has_its_days_of_grace() {
        let late = duty(Every::Month, 5);
        let judged = |at: &str| late.judged(day(at)).map(|s| s.to);
        assert_eq!(judged("2026-11-05"), Some(day("2026-09-30")), "October may still be entered");
        assert_eq!(judged("2026-11-06"), Some(day("2026-10-31")));
        let new = Duty { since: "2026-10-15".into(), ..late };
        assert_eq!(new.judged(day("2026-11-20")), None, "October had begun before it was asked");
        assert_eq!(new.running(day("2026-11-20")).map(|s| s.from), Some(day("2026-11-01")));
    }

    #[test]
    fn a_duty_of_a_day_is_judged_within_its_month() {
        let talk = Duty { day: 15, ..duty(Every::Month, 2) };
        let due = |span: Option<DutySpan>| span.map(|s| s.due.to_string());
        for (at, judged, running, near) in [
            ("2026-11-11", "2026-10-15", Some("2026-11-15"), false),
            ("2026-11-12", "2026-10-15", Some("2026-11-15"), true),
            ("2026-11-15", "2026-10-15", Some("2026-11-15"), true),
            ("2026-11-17", "2026-10-15", None, false),
            ("2026-11-18", "2026-11-15", None, false),
            ("2026-12-01", "2026-11-15", Some("2026-12-15"), false),
        ] {
            assert_eq!(due(talk.judged(day(at))).as_deref(), Some(judged), "{at}");
            assert_eq!(due(talk.running(day(at))).as_deref(), running, "{at}");
            assert_eq!(talk.near(day(at)).is_some(), near, "{at}");
        }
        let counts = talk.judged(day("2026-11-28")).map(|s| s.to);
        assert_eq!(counts, Some(day("2026-11-17")), "what is done on the 28th does not undo that the 15th was missed");
    }

    proptest! {
        #[test]
        fn one_span_follows_another_and_only_what_is_over_is_judged(n in 10_000i32..30_000, grace in 0u16..40, which in 0usize..5) {
            let every = [Every::Week, Every::Month, Every::Quarter, Every::Half, Every::Year][which];
            let at = Day(n);
            let (from, to) = every.span(at);
            prop_assert!(from <= at && at <= to);
            prop_assert_eq!(every.span(to.plus(1)).0, to.plus(1));
            let judged = duty(every, grace).judged(at).unwrap();
            prop_assert!(judged.to.plus(i32::from(grace)) < at);
            prop_assert_eq!(every.span(judged.to), (judged.from, judged.to));
            let next = every.span(judged.to.plus(1)).1;
            prop_assert!(next.plus(i32::from(grace)) >= at, "nothing that could be judged is left out");
        }
    }
}
