//! A matter's row: columns to find it by, and its state. What it says follows from the matter alone, the tree of its day and
//! whether its kind is sealed, so that a replay writes the same.

use crate::batch::{Arg2, MatterRow};
use serde_json::Value;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Level, Phase};
use xiangyue_domain::region::RegionTree;

/// Where a matter's row stands in the indexes by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// Its place.
    pub place: i64,
    /// Village of its row.
    pub village: i64,
    /// Town of its row.
    pub town: i64,
}

/// Where the place stands among a row's columns; village and town come after it.
const PLACE: usize = 5;

fn row_of(matter: &Matter, (village, town): (i64, i64), sealed: bool) -> MatterRow {
    let int = |n: i64| Arg2::Int(Some(n));
    let text = |s: &str| Arg2::Text(s.to_owned());
    let value = |field: &str| matter.values.get(field).and_then(Value::as_str).unwrap_or("").to_owned();
    MatterRow(vec![
        int(matter.id.0),
        text(&matter.number),
        text(&matter.kind),
        text(&matter.step),
        text(phase_text(matter.phase)),
        int(matter.place.0),
        int(village),
        int(town),
        Arg2::Text(matter.holder.as_ref().map(xiangyue_domain::register::Holder::key).unwrap_or_default()),
        Arg2::Int(matter.due().map(|t| t.0)),
        Arg2::Int(matter.next_due().map(|t| t.0)),
        int(i64::from(matter.accepted.0)),
        int(matter.intakes.first().map_or(0, |i| i.at.0)),
        Arg2::Text(value("category")),
        text(matter.channel()),
        Arg2::Text(value("urgency")),
        int(matter.opener.map_or(0, |a| a.0)),
        int(i64::from(matter.bypass)),
        int(i64::from(sealed)),
        int(i64::from(matter.voided || matter.merged_into.is_some())),
        Arg2::Text(serde_json::to_string(matter).unwrap_or_default()),
    ])
}

impl MatterRow {
    /// The row of a matter under the tree and the sealing of its kind.
    pub fn of(matter: &Matter, tree: &RegionTree, sealed: bool) -> MatterRow {
        row_of(matter, MatterRow::places(matter, tree), sealed)
    }

    /// The row of a matter whose village and town were found when it changed.
    pub fn at(matter: &Matter, places: (i64, i64), sealed: bool) -> MatterRow {
        row_of(matter, places, sealed)
    }

    /// Village and town of a matter on the day it last changed, so that an open matter of a merged village is found in
    /// its successor.
    pub fn places(matter: &Matter, tree: &RegionTree) -> (i64, i64) {
        let day = matter.trail.last().map_or(matter.accepted, |t| t.at.day());
        let at = |level| tree.at_level(matter.place, level, day).map_or(0, |r: RegionId| r.0);
        (at(Level::Village), at(Level::Town))
    }

    /// Where it stands.
    pub fn stand(&self) -> Stand {
        let int = |at: usize| if let Some(Arg2::Int(Some(n))) = self.0.get(at) { *n } else { 0 };
        Stand { place: int(PLACE), village: int(PLACE + 1), town: int(PLACE + 2) }
    }

    /// The row as one text, for the comparison with a replay.
    pub fn canonical(&self) -> String {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|a| match a {
                Arg2::Int(Some(n)) => n.to_string(),
                Arg2::Int(None) => String::new(),
                Arg2::Text(s) => s.clone(),
            })
            .collect();
        parts.join("\u{1f}")
    }
}

/// The word for a phase in columns.
fn phase_text(phase: Phase) -> &'static str {
    match phase {
        Phase::Open => "open",
        Phase::Answered => "answered",
        Phase::Closed => "closed",
        Phase::Final => "final",
    }
}
