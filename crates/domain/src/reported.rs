//! Values from before the platform, as an office reported them: the one source of a figure that is neither summed nor
//! counted. They stand beside the facts and are never added to them.

use crate::day::Day;
use crate::ids::RegionId;
use serde::{Deserialize, Serialize};

/// A value is kept in parts of ten thousand, so that a rate of 97.72 and an amount of 0.5 are both whole numbers.
pub const PARTS: i64 = 10_000;

/// A value as it was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// Indicator it is a value of.
    pub indicator: String,
    /// Place.
    pub place: RegionId,
    /// First day of the period.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// The value in the indicator's unit, in parts of ten thousand.
    pub value: i64,
    /// Organisation or region that reported it.
    pub office: i64,
    /// Day it was entered.
    pub entered: Day,
}

impl Reported {
    /// The value in the indicator's unit.
    pub fn number(&self) -> f64 {
        // Exact up to 2^53 parts, some nine hundred thousand million.
        self.value as f64 / PARTS as f64
    }
}

/// A number as people write it, in parts; at most four decimals, and small enough to be exact.
pub fn parts_of(text: &str) -> Option<i64> {
    let (sign, bare) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
    let digits = |t: &str, most: usize| t.len() <= most && t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole, 11) || !digits(part, 4) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<4}").parse().ok()?;
    Some(sign * (whole * PARTS + part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_exactly() {
        for (text, parts) in [("97.72", 977_200), ("0", 0), ("-3.5", -35_000), ("11000000", 110_000_000_000)] {
            assert_eq!(parts_of(text), Some(parts), "{text}");
        }
        for bad in ["", ".5", "1.23456", "1e5", "一", "999999999999"] {
            assert_eq!(parts_of(bad), None, "{bad}");
        }
    }
}
