//! A case: one matter as it is planned, with the instants of its moves.

use crate::ground::Spot;
use crate::scenario::{Fill, Step};
use std::collections::BTreeMap;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::due::Cadence;

/// A way that a matter takes, of a stream or of a story.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub id: String,
    pub steps: Vec<Step>,
    pub done: bool,
    pub counted: bool,
    pub bypass: bool,
    /// A story's own form, opener and number.
    pub fields: Option<BTreeMap<String, Fill>>,
    pub by: Option<String>,
    pub source_no: Option<String>,
}

/// A duty that a matter meets.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    /// Item of the catalogue and period, as a form says them.
    pub item: String,
    pub period: String,
    pub cadence: Cadence,
    /// First day on which it can be met; of what follows an event the day it happened.
    pub from: Day,
}

impl Turn {
    /// The period in words.
    pub fn words(&self) -> String {
        let (year, rest) = self.period.split_at(self.period.len().min(4));
        match (rest.strip_prefix('Q'), rest.strip_prefix('-')) {
            (Some(quarter), _) => format!("{year}年第{quarter}季度"),
            (_, Some(month)) => format!("{year}年{}月", month.trim_start_matches('0')),
            _ => format!("{year}年"),
        }
    }
}

/// A matter as it is planned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    pub stream: usize,
    pub script: usize,
    pub channel: usize,
    pub topic: usize,
    pub story: Option<usize>,
    /// Number within the stream.
    pub n: usize,
    pub seed: u64,
    /// Follows from who reports it: the same person has the same name and telephone.
    pub caller: u64,
    /// Stream and number there of an earlier one: about the same by the same person, or the one that this is about.
    pub repeats: Option<(usize, usize)>,
    /// The duty that it meets.
    pub duty: Option<Turn>,
    /// Told again by somebody else: what is not the matter itself follows from this; 0 for the first telling.
    pub retold: u64,
    pub spot: Spot,
    pub open: Time,
    /// Instants of the moves that are made, with their places in the script.
    pub plan: Vec<(Time, usize)>,
    pub in_period: bool,
    /// Still open at the cut-off, on purpose.
    pub left_open: bool,
    pub marks: Vec<String>,
    pub amounts: Vec<i64>,
}

impl Case {
    /// When its last move is made.
    pub fn end(&self) -> Time {
        self.plan.last().map_or(self.open, |p| p.0)
    }

    /// Shortens the way so that the move at `upto` is made by `by`, keeping the order.
    pub fn hurry(&mut self, upto: usize, by: Time) {
        let Some(last) = self.plan.get(upto).map(|p| p.0) else { return };
        let (span, room) = ((last.0 - self.open.0).max(1), (by.0 - self.open.0).max(1));
        if last <= by {
            return;
        }
        let mut least = self.open.0;
        for item in self.plan.iter_mut().take(upto + 1) {
            let offset = i128::from(item.0.0 - self.open.0) * i128::from(room) / i128::from(span);
            least = (self.open.0 + i64::try_from(offset).unwrap_or(0)).max(least + 1);
            item.0 = Time(least);
        }
        for item in self.plan.iter_mut().skip(upto + 1) {
            least = item.0.0.max(least + 1);
            item.0 = Time(least);
        }
    }
}
