//! Duties that come round: what a catalogue says must be done for each period or after each event, and by when. A due
//! list is computed from the catalogue and a span of days; nothing is stored for a duty before somebody begins it.

mod asked;

pub use asked::SpanAsked;

use crate::day::Day;
use crate::matter::Values;
use crate::policy::{Catalogue, DutyRules, Kind, Policy};
use crate::refusal::{FieldFault, Refusal};
use serde_json::Value;

/// How often a duty comes round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cadence {
    /// Every month.
    Month,
    /// Every quarter.
    Quarter,
    /// Every year.
    Year,
    /// After something has happened.
    Event,
}

impl Cadence {
    /// As a pack writes it.
    pub fn parse(text: &str) -> Option<Cadence> {
        Some(match text {
            "month" => Cadence::Month,
            "quarter" => Cadence::Quarter,
            "year" => Cadence::Year,
            "event" => Cadence::Event,
            _ => return None,
        })
    }

    /// As a pack writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Cadence::Month => "month",
            Cadence::Quarter => "quarter",
            Cadence::Year => "year",
            Cadence::Event => "event",
        }
    }

    fn months(self) -> i32 {
        match self {
            Cadence::Month | Cadence::Event => 1,
            Cadence::Quarter => 3,
            Cadence::Year => 12,
        }
    }
}

/// A period of a cadence: `2026`, `2026Q4`, `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// How long it is; never `Event`.
    pub cadence: Cadence,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
}

impl Span {
    fn from_first(cadence: Cadence, first: Day) -> Span {
        Span { cadence, first, last: first.plus_months(cadence.months()).plus(-1) }
    }

    /// From its text.
    pub fn parse(text: &str) -> Option<Span> {
        let year: i16 = text.get(..4)?.parse().ok()?;
        let rest = text.get(4..)?;
        let (cadence, month) = if rest.is_empty() {
            (Cadence::Year, 1)
        } else if let Some(quarter) = rest.strip_prefix('Q') {
            let quarter: i8 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
            (Cadence::Quarter, quarter * 3 - 2)
        } else {
            (Cadence::Month, rest.strip_prefix('-')?.parse().ok()?)
        };
        Some(Span::from_first(cadence, Day::ymd(year, month, 1)?))
    }

    /// The period that a day falls in; what follows an event is told by the event's month.
    pub fn of(cadence: Cadence, day: Day) -> Span {
        let (cadence, date) = (if cadence == Cadence::Event { Cadence::Month } else { cadence }, day.date());
        let back = (i32::from(date.month()) - 1) % cadence.months();
        Span::from_first(cadence, day.month_start().plus_months(-back))
    }

    /// Its text.
    pub fn text(self) -> String {
        let date = self.first.date();
        match self.cadence {
            Cadence::Year => format!("{:04}", date.year()),
            Cadence::Quarter => format!("{:04}Q{}", date.year(), (date.month() + 2) / 3),
            Cadence::Month | Cadence::Event => format!("{:04}-{:02}", date.year(), date.month()),
        }
    }

    /// The period after it.
    #[must_use]
    pub fn next(self) -> Span {
        Span::from_first(self.cadence, self.last.plus(1))
    }
}

/// A duty of one place that has its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Item of the catalogue.
    pub item: String,
    /// Period.
    pub span: Span,
    /// Last day on which it is in time.
    pub due: Day,
}

/// What falls due in a span of days, earliest first. It is the same for every place; what follows an event is not in it.
pub fn due_list(catalogue: &Catalogue, from: Day, to: Day) -> Vec<Due> {
    let mut out = Vec::new();
    for item in &catalogue.items {
        let Some(cadence) = item.cadence.filter(|c| *c != Cadence::Event) else { continue };
        let mut span = Span::of(cadence, from.plus(-item.within));
        while span.last.plus(item.within) <= to {
            let due = span.last.plus(item.within);
            if item.since.is_none_or(|since| span.first >= since) && due >= from {
                out.push(Due { item: item.code.clone(), span, due });
            }
            span = span.next();
        }
    }
    out.sort_by(|a, b| (a.due, &a.item).cmp(&(b.due, &b.item)));
    out
}

/// Settles what a new matter of such a kind is for: its period fits the item, and its last day is written down.
pub fn settle(policy: &Policy, kind: &Kind, values: &mut Values, today: Day) -> Result<(), Refusal> {
    let Some(rules) = &kind.duty else { return Ok(()) };
    let code = values.get(&rules.item).and_then(Value::as_str).unwrap_or_default().to_owned();
    let item = policy.catalogue(&rules.catalogue).and_then(|c| c.item(&code));
    let item = item.and_then(|i| i.cadence.map(|c| (i, c)));
    let (item, cadence) = item.ok_or_else(|| Refusal::field(&rules.item, "duty_item"))?;
    let fault = |field: &str, key: &str| {
        let example = Span::of(cadence, today).text();
        let fault = FieldFault::new(field, key).with("item", &item.name).with("example", example);
        Refusal::form(vec![fault.with("basis", &item.basis)])
    };
    let (span, due) = if cadence == Cadence::Event {
        let day = values.get(&rules.event).and_then(Value::as_i64).and_then(|d| i32::try_from(d).ok()).map(Day);
        let day = day.ok_or_else(|| fault(&rules.event, "duty_event"))?;
        if day > today {
            return Err(fault(&rules.event, "duty_future"));
        }
        (Span::of(cadence, day), day.plus(item.within))
    } else {
        let typed = values.get(&rules.period).and_then(Value::as_str).unwrap_or_default();
        let span = Span::parse(typed).filter(|s| s.cadence == cadence);
        let span = span.ok_or_else(|| fault(&rules.period, "duty_period"))?;
        if span.first > today {
            return Err(fault(&rules.period, "duty_future"));
        }
        values.remove(&rules.event);
        (span, span.last.plus(item.within))
    };
    values.insert(rules.period.clone(), Value::from(span.text()));
    values.insert(rules.cadence.clone(), Value::from(cadence.as_str()));
    for field in [&rules.due, &rules.publish_by] {
        values.insert(field.clone(), Value::from(due.0));
    }
    Ok(())
}

/// The fields that say what a matter of such a kind is for; they are settled when it is begun and stay.
pub fn is_settled(rules: &DutyRules, field: &str) -> bool {
    [&rules.item, &rules.period, &rules.event, &rules.due, &rules.publish_by, &rules.cadence]
        .iter()
        .any(|f| *f == field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Item;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_period_is_told_by_its_text() {
        for (text, first, last) in [
            ("2026", "2026-01-01", "2026-12-31"),
            ("2026Q4", "2026-10-01", "2026-12-31"),
            ("2024-02", "2024-02-01", "2024-02-29"),
        ] {
            let span = Span::parse(text).unwrap();
            assert_eq!((span.first, span.last, span.text()), (day(first), day(last), text.to_owned()));
            assert_eq!(Span::of(span.cadence, span.last), span);
            assert_eq!(span.next().first, span.last.plus(1));
        }
        for wrong in ["", "26", "2026Q5", "2026-13", "2026-", "2026Q", "二零二六", "2026-1x"] {
            assert_eq!(Span::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_due_list_of_a_year_has_every_period_once() {
        let item =
            |code: &str, cadence, within| Item { code: code.into(), cadence: Some(cadence), within, ..Item::default() };
        let items = vec![
            item("m", Cadence::Month, 10),
            item("q", Cadence::Quarter, 20),
            item("y", Cadence::Year, -334),
            item("e", Cadence::Event, 5),
        ];
        let catalogue = Catalogue { id: "x".into(), items, ..Catalogue::default() };
        let list = due_list(&catalogue, day("2026-01-01"), day("2026-12-31"));
        let of = |code: &str| list.iter().filter(|d| d.item == code).map(|d| d.due.to_string()).collect::<Vec<_>>();
        assert_eq!(of("m").len(), 12);
        assert_eq!(of("m")[0], "2026-01-10");
        assert_eq!(of("q"), ["2026-01-20", "2026-04-20", "2026-07-20", "2026-10-20"]);
        assert_eq!(of("y"), ["2026-01-31"]);
        assert!(of("e").is_empty());
        // Cut anywhere, the two halves hold together what the whole holds.
        for cut in 0..365 {
            let at = day("2026-01-01").plus(cut);
            let halves = due_list(&catalogue, day("2026-01-01"), at).len()
                + due_list(&catalogue, at.plus(1), day("2026-12-31")).len();
            assert_eq!(halves, list.len(), "{at}");
        }
    }
}
