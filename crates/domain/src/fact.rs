//! Facts: how a number is made. A subject's facts are a pure function of its events and the measures in force; an
//! entry writes only the difference, so a move, a correction, a merge or a reopening needs no code of its own.

use crate::day::Day;
use crate::ids::RegionId;
use crate::matter::Matter;
use crate::policy::{Count, Kind, Measure, Phase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One contribution to a sum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fact {
    /// What is counted.
    #[serde(rename = "m")]
    pub measure: String,
    /// The one dimension the measure declares, or empty.
    #[serde(rename = "b", default, skip_serializing_if = "String::is_empty")]
    pub bucket: String,
    /// Finest region known.
    #[serde(rename = "p")]
    pub place: RegionId,
    /// Day it happened.
    #[serde(rename = "d")]
    pub day: Day,
    /// Day of the denominator's event: when the matter was taken in.
    #[serde(rename = "c")]
    pub cohort: Day,
    /// What it adds.
    #[serde(rename = "n")]
    pub delta: i64,
}

/// What has to be written so that `old` becomes `new`: additions, and takings-back on the old day.
pub fn difference(old: &[Fact], new: &[Fact]) -> Vec<Fact> {
    let mut sums: BTreeMap<Fact, i64> = BTreeMap::new();
    for (facts, sign) in [(old, -1), (new, 1)] {
        for fact in facts {
            let key = Fact { delta: 0, ..fact.clone() };
            *sums.entry(key).or_default() += sign * fact.delta;
        }
    }
    sums.into_iter().filter(|(_, n)| *n != 0).map(|(key, delta)| Fact { delta, ..key }).collect()
}

/// The facts of a matter under the measures in force; `kind` is the flow it runs under. A void or merged matter has none: its intakes live on in
/// the matter it was merged into. A condition that cannot be judged is an error of the pack.
pub fn facts_of(matter: &Matter, kind: &Kind, measures: &[Measure]) -> Result<Vec<Fact>, String> {
    let mut facts = Vec::new();
    if matter.voided || matter.merged_into.is_some() {
        return Ok(facts);
    }
    let vars = matter.vars(kind);
    for measure in measures {
        if let Some(filter) = &measure.filter
            && !filter.holds(&vars)?
        {
            continue;
        }
        let amount = match &measure.amount {
            Some(field) => matter.number_of(field),
            None => 1,
        };
        if amount == 0 {
            continue;
        }
        for (day, sign, bucket) in occurrences(matter, kind, measure) {
            let bucket = bucket.unwrap_or_else(|| matter.bucket_of(measure.bucket.as_deref()));
            facts.push(Fact {
                measure: measure.id.clone(),
                bucket,
                place: matter.place,
                day,
                cohort: matter.accepted,
                delta: sign * amount,
            });
        }
    }
    // Equal facts are one fact, so that a state and its replay are the same text.
    Ok(difference(&[], &facts))
}

/// Days on which a measure counts, with the sign, and the bucket where it is the occurrence's own.
fn occurrences(matter: &Matter, kind: &Kind, measure: &Measure) -> Vec<(Day, i64, Option<String>)> {
    let (what, which) = measure.on.split_once(':').unwrap_or((measure.on.as_str(), ""));
    let mut found: Vec<(Day, i64, Option<String>)> = match what {
        "open" => vec![(matter.accepted, 1, None)],
        "intake" => matter
            .intakes
            .iter()
            .map(|i| (i.at.day(), 1, (measure.bucket.as_deref() == Some("channel")).then(|| i.channel.clone())))
            .collect(),
        "enter" => {
            matter.trail.iter().filter(|t| t.to == which && t.from != which).map(|t| (t.at.day(), 1, None)).collect()
        }
        "move" => matter.trail.iter().filter(|t| t.mv == which).map(|t| (t.at.day(), 1, None)).collect(),
        "in" => return holding(matter, kind, which),
        _ => Vec::new(),
    };
    if measure.count == Count::First {
        found.truncate(1);
    }
    found
}

/// +1 on the day a matter enters one of the steps, -1 on the day it leaves them; `closed` stands for every closed
/// or final step.
fn holding(matter: &Matter, kind: &Kind, which: &str) -> Vec<(Day, i64, Option<String>)> {
    let wanted: Vec<&str> = which.split(',').map(str::trim).collect();
    let within = |step: &str| {
        wanted.contains(&step)
            || (wanted.contains(&"*closed")
                && kind.step(step).is_some_and(|s| matches!(s.phase, Phase::Closed | Phase::Final)))
    };
    let mut out = Vec::new();
    let mut inside = false;
    for item in &matter.trail {
        let now = within(&item.to);
        if now != inside {
            out.push((item.at.day(), if now { 1 } else { -1 }, None));
        }
        inside = now;
    }
    out
}
