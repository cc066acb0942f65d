//! Time as work takes it: delays between moves, days by season and week, hours of the day, instants of stories.
//! Nothing here knows the present; it is given.

use crate::act::Stage;
use crate::dice::{Dice, Wheel};
use crate::error::SimulateError;
use crate::scenario::{Pace, Stream};
use serde::Deserialize;
use xiangyue_domain::calendar::{Calendar, DayKind};
use xiangyue_domain::day::{Day, Time};

const MINUTE: i64 = 60_000;
/// Minutes that an office works on a day.
const OFFICE_DAY: f64 = 420.0;
/// People answer a telephone or come to the village office between these minutes of the day.
const AWAKE: (u32, u32) = (7 * 60 + 20, 21 * 60 + 40);

/// Time between two moves: `3m..40m` by the clock at any hour, `2h..3d` by the clock while people are up,
/// `1wh..9wh` and `1wd..4wd` in office time, `=7d` exactly.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Delay {
    #[default]
    None,
    /// Minutes by the clock.
    Clock(f64, f64),
    /// Minutes by the clock, ending while people are up.
    Awake(f64, f64),
    /// Minutes of office time.
    Office(f64, f64),
    /// Minutes exactly.
    Exact(i64),
}

impl TryFrom<String> for Delay {
    type Error = String;

    fn try_from(text: String) -> Result<Delay, String> {
        let fault = || format!("no such delay: {text}; write 3m..40m, 2h..3d, 1wh..9wh, 1wd..4wd or =7d");
        let part = |t: &str| -> Option<(f64, &'static str)> {
            let at = t.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let n: f64 = t[..at].parse().ok()?;
            Some(match &t[at..] {
                "m" => (n, "m"),
                "h" => (n * 60.0, "h"),
                "d" => (n * 1440.0, "h"),
                "wh" => (n * 60.0, "w"),
                "wd" => (n * OFFICE_DAY, "w"),
                _ => return None,
            })
        };
        if text.is_empty() {
            return Ok(Delay::None);
        }
        if let Some(exact) = text.strip_prefix('=') {
            let (n, _) = part(exact).ok_or_else(fault)?;
            return Ok(Delay::Exact(round(n)));
        }
        let (a, b) = text.split_once("..").unwrap_or((&text, &text));
        let ((low, first), (high, unit)) = (part(a).ok_or_else(fault)?, part(b).ok_or_else(fault)?);
        match (first, unit) {
            ("m", "m") => Ok(Delay::Clock(low, high)),
            ("m" | "h", "h") => Ok(Delay::Awake(low, high)),
            ("w", "w") => Ok(Delay::Office(low, high)),
            _ => Err(fault()),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "minutes of a few years fit")]
fn round(n: f64) -> i64 {
    n.round() as i64
}

impl Delay {
    /// The instant after a delay; `speed` above 1 is slower and touches office time alone.
    pub fn after(self, from: Time, speed: f64, calendar: &Calendar, dice: &mut Dice) -> Time {
        let jitter = i64::try_from(dice.below(60_000)).unwrap_or(0);
        match self {
            Delay::None => from.plus_ms(MINUTE + jitter),
            Delay::Exact(minutes) => from.plus_ms(minutes * MINUTE),
            Delay::Clock(low, high) => from.plus_ms(round(dice.skewed(low, high)) * MINUTE + jitter),
            Delay::Awake(low, high) => {
                let at = from.plus_ms(round(dice.skewed(low, high)) * MINUTE + jitter);
                awake(at, dice)
            }
            Delay::Office(low, high) => {
                let minutes = u32::try_from(round(dice.skewed(low, high) * speed).max(1)).unwrap_or(1);
                calendar.due_working_hours(from, minutes).plus_ms(-jitter)
            }
        }
        .max(from.plus_ms(1000))
    }
}

/// The instant, or one of the next morning when people sleep.
fn awake(at: Time, dice: &mut Dice) -> Time {
    let minute = at.minute_of_day();
    let morning = |day: Day, dice: &mut Dice| day.at_minute(AWAKE.0 + u32::try_from(dice.below(150)).unwrap_or(0));
    if minute < AWAKE.0 {
        morning(at.day(), dice)
    } else if minute > AWAKE.1 {
        morning(at.day().plus(1), dice)
    } else {
        at
    }
}

/// How much more than on another day comes in on this one.
pub(crate) fn day_weight(stream: &Stream, pace: &Pace, calendar: &Calendar, day: Day, dice: &mut Dice) -> f64 {
    let noise = dice.around_one(pace.days);
    let by_week = |day: Day| stream.weekday[usize::try_from(day.weekday() - 1).unwrap_or(0) % 7];
    let weight = match calendar.special(day) {
        Some((DayKind::MakeUp, _)) => stream.weekday[2],
        Some((DayKind::Holiday, note)) => {
            let named = pace.holiday.iter().find(|(word, _)| note.contains(word.as_str()));
            let share = named.map(|(_, w)| *w).or_else(|| pace.holiday.get("other").copied()).unwrap_or(1.0);
            // A stream that rests on Sundays rests on holidays as well.
            share * stream.weekday[6].max(stream.weekday[2] * 0.4)
        }
        None => by_week(day),
    };
    weight * noise
}

/// An instant of a few days, by the stream's week and hours.
pub(crate) fn instant(
    stage: &Stage,
    stream: &Stream,
    (first, last): (Day, Day),
    hours: &[f64; 24],
    dice: &mut Dice,
) -> Time {
    let days: Vec<Day> = (first.0..=last.0.max(first.0)).map(Day).collect();
    let calendar = &stage.shadow.policy.calendar;
    let weights: Vec<f64> = days.iter().map(|d| day_weight(stream, &stage.scenario.pace, calendar, *d, dice)).collect();
    let day = days.get(Wheel::new(weights.into_iter()).spin(dice)).copied().unwrap_or(first);
    let minute = u32::try_from(dice.weighted(hours.iter().copied()) * 60 + dice.below(60)).unwrap_or(0);
    day.at_minute(minute).plus_ms(i64::try_from(dice.below(60_000)).unwrap_or(0))
}

/// Weights of the 24 hours.
pub(crate) fn hours(stream: &Stream) -> Result<[f64; 24], SimulateError> {
    let mut out = [0.0; 24];
    for (span, weight) in &stream.hours {
        let (from, to) = span.split_once('-').unwrap_or((span, span));
        let bounds = from.parse::<usize>().ok().zip(to.parse::<usize>().ok());
        let (from, to) = bounds
            .filter(|(a, b)| a < b && *b <= 24)
            .ok_or_else(|| SimulateError::Scenario(format!("{}: no such hours: {span}", stream.id)))?;
        out[from..to].fill(*weight);
    }
    Ok(out)
}

/// An instant of a story: `-30h`, `-90m`, or `-9d 19:40`.
pub(crate) fn story_time(text: &str, now: Time) -> Result<Time, SimulateError> {
    let fault = || SimulateError::Scenario(format!("no such time: {text}; write -30h, -90m or -9d 19:40"));
    let inner = text.strip_prefix('-').ok_or_else(fault)?;
    if let Some((days, clock)) = inner.split_once("d ") {
        let days: i32 = days.parse().map_err(|_| fault())?;
        let (h, m) = clock.split_once(':').ok_or_else(fault)?;
        let minute = h.parse::<u32>().ok().zip(m.parse::<u32>().ok()).map(|(h, m)| h * 60 + m).ok_or_else(fault)?;
        return Ok(now.day().plus(-days).at_minute(minute));
    }
    let mut minutes = 0;
    for (unit, factor) in [('h', 60), ('m', 1)] {
        if let Some(part) = inner.split(['h', 'm']).nth(usize::from(unit == 'm' && inner.contains('h')))
            && inner.contains(unit)
            && !part.is_empty()
        {
            minutes += part.parse::<i64>().map_err(|_| fault())? * factor;
        }
    }
    if minutes == 0 { Err(fault()) } else { Ok(now.plus_ms(-minutes * MINUTE)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_and_times_read_as_written() {
        let delay = |t: &str| Delay::try_from(t.to_owned());
        assert_eq!(delay("3m..40m"), Ok(Delay::Clock(3.0, 40.0)));
        assert_eq!(delay("2h..1d"), Ok(Delay::Awake(120.0, 1440.0)));
        assert_eq!(delay("1wh..2wd"), Ok(Delay::Office(60.0, 840.0)));
        assert_eq!(delay("=7d"), Ok(Delay::Exact(10_080)));
        assert!(delay("soon").is_err() && delay("1m..2wh").is_err());
        let now = Day(20_000).at_minute(600);
        assert_eq!(story_time("-26h5m", now).unwrap(), now.plus_ms(-(26 * 60 + 5) * MINUTE));
        assert_eq!(story_time("-30m", now).unwrap(), now.plus_ms(-30 * MINUTE));
        assert_eq!(story_time("-9d 19:40", now).unwrap(), Day(19_991).at_minute(1180));
        assert!(story_time("yesterday", now).is_err());
    }
}
