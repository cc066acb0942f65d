//! Facts: how a number is made. A subject's facts are a pure function of its events and the measures in force; an
//! entry writes only the difference, so a move, a correction, a merge or a reopening needs no code of its own.

use crate::condition::{Over, Vars};
use crate::day::Day;
use crate::ids::{AccountId, RegionId};
use crate::matter::{Matter, MatterVars, Who};
use crate::policy::{Count, FieldType, Kind, Level, Measure, Phase};
use crate::register::{Directory, Holder};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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

/// Bucket of moves: who made them, by the seat of the post.
pub const SEAT: &str = "seat";
/// Ending of the measure that counts the matters of which another adds amounts.
const COUNTED: &str = "#n";
/// Ending of the measure that holds a copy of every fact of the matters which count more than once.
const AGAIN: &str = "#again";

/// The measure that counts one for each time a measure counts: the measure itself, unless it adds amounts.
pub fn counted(measure: &Measure) -> String {
    if measure.amount.is_some() { format!("{}{COUNTED}", measure.id) } else { measure.id.clone() }
}

/// The measure of those that count more than once under [`counted`]. Whoever counts once adds exactly one to a sum; so a
/// sum, less what these add to it, plus their own number, is how many records stand behind it.
pub fn again(measure: &Measure) -> String {
    format!("{}{AGAIN}", counted(measure))
}

/// Where a matter counts: at its own place, unless somebody there is kept from it. Then it counts at the lowest place above
/// all of them, or whoever subtracts what they see from the sum of their place would know that it is there. What nobody
/// above could be told apart from, such as one that is kept from the head of the whole, counts at its place.
pub fn place_of(matter: &Matter, directory: &Directory) -> RegionId {
    // The tree of the day it was taken in, so that a later change of the tree moves nothing.
    let chain = directory.tree.ancestors(matter.place, matter.accepted);
    let level = |id: &RegionId| directory.tree.get(*id).map(|r| r.level);
    let seats: Vec<RegionId> = matter.barred.iter().flat_map(|bar| seats_of(bar, matter, directory)).collect();
    let kept_from =
        |id: &RegionId| seats.contains(id) || matter.bypass && level(id).is_some_and(|l| l <= Level::Village);
    let below = chain.split_last().map_or(&[][..], |(_, below)| below);
    let highest = below.iter().rposition(kept_from);
    highest.and_then(|at| chain.get(at + 1)).copied().unwrap_or(matter.place)
}

/// Where somebody sits who is kept from a matter: a post, or whatever posts an account held when it was taken in.
fn seats_of(bar: &str, matter: &Matter, directory: &Directory) -> Vec<RegionId> {
    if let Some(holder) = Holder::parse(bar) {
        return directory.region_of(&holder).into_iter().collect();
    }
    let account = bar.strip_prefix("account:").and_then(|id| id.parse().ok()).map(AccountId);
    let posts = account.map(|a| directory.posts_of(a, matter.accepted)).unwrap_or_default();
    posts.into_iter().filter_map(|h| directory.region_of(h)).collect()
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

/// The facts of a matter under the measures in force; `kind` is the flow it runs under. A void or merged matter has
/// none: its intakes live on in the matter it was merged into. A condition that cannot be judged is an error of the pack,
/// found where it is asked: of what did happen. `place` is where it counts, see [`place_of`].
pub fn facts_of(matter: &Matter, kind: &Kind, measures: &[Measure], place: RegionId) -> Result<Vec<Fact>, String> {
    let mut facts = Vec::new();
    if matter.voided || matter.merged_into.is_some() {
        return Ok(facts);
    }
    let vars = matter.vars(kind);
    for measure in measures {
        let found = occurrences(matter, kind, measure);
        if found.is_empty() {
            continue;
        }
        let mut over: Vec<(Option<&Value>, i64)> = Vec::new();
        for item in items(matter, measure) {
            let amount = measure.amount.as_ref().map_or(1, |field| amount_of(matter, item, field));
            if amount != 0 && counts(kind, measure, &vars, item)? {
                over.push((item, amount));
            }
        }
        if over.is_empty() {
            continue;
        }
        let again = found.len() * over.len() > 1;
        let counted = counted(measure);
        let dated = measure.dated.as_ref().and_then(|f| matter.values.get(f)).and_then(Value::as_i64);
        let dated = dated.and_then(|d| i32::try_from(d).ok()).map(Day);
        for (day, sign, own) in &found {
            for (item, amount) in &over {
                let bucket = own.clone().unwrap_or_else(|| bucket_of(matter, *item, measure.bucket.as_deref()));
                let mut put = |measure: &str, delta: i64| {
                    let (measure, bucket, cohort) = (measure.to_owned(), bucket.clone(), matter.accepted);
                    facts.push(Fact { measure, bucket, place, day: dated.unwrap_or(*day), cohort, delta });
                };
                put(&measure.id, sign * amount);
                if measure.amount.is_some() {
                    put(&counted, *sign);
                }
                if again {
                    put(&format!("{counted}{AGAIN}"), *sign);
                }
            }
        }
    }
    // Equal facts are one fact, so that a state and its replay are the same text.
    Ok(difference(&[], &facts))
}

/// Whether a measure counts the matter, or the row of its list at hand.
fn counts(kind: &Kind, measure: &Measure, vars: &MatterVars<'_>, item: Option<&Value>) -> Result<bool, String> {
    match (&measure.filter, item) {
        (None, _) => Ok(true),
        (Some(filter), None) => filter.holds(vars),
        (Some(filter), Some(item)) => {
            let row = Vars::from([("item".to_owned(), whole(kind, measure, item))]);
            filter.holds(&Over(&row, vars))
        }
    }
}

/// What a measure goes over: the rows of a list, or the matter itself.
fn items<'a>(matter: &'a Matter, measure: &Measure) -> Vec<Option<&'a Value>> {
    match &measure.each {
        None => vec![None],
        Some(list) => matter.values.get(list).and_then(Value::as_array).into_iter().flatten().map(Some).collect(),
    }
}

/// A row with every plain column of its list, so that a condition can speak of one that was left empty.
fn whole(kind: &Kind, measure: &Measure, item: &Value) -> Value {
    let columns = measure.each.as_deref().and_then(|list| kind.field(list)).map(|f| f.columns.as_slice());
    let mut row = item.as_object().cloned().unwrap_or_default();
    for column in columns.into_iter().flatten().filter(|c| !c.kind.is_secret()) {
        let number = matches!(column.kind, FieldType::Int | FieldType::Money | FieldType::Date);
        row.entry(column.id.clone()).or_insert(if number { Value::from(0) } else { Value::from("") });
    }
    Value::Object(row)
}

fn amount_of(matter: &Matter, item: Option<&Value>, field: &str) -> i64 {
    item.and_then(|i| i.get(field)).and_then(Value::as_i64).unwrap_or_else(|| matter.number_of(field))
}

fn bucket_of(matter: &Matter, item: Option<&Value>, dimension: Option<&str>) -> String {
    let column = dimension.and_then(|d| item.and_then(|i| i.get(d)));
    match column {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => matter.bucket_of(dimension),
    }
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
            let entered = matter.trail.iter().filter(|t| t.to == which && t.from != which);
            entered.map(|t| (t.at.day(), 1, seat(measure, &t.by))).collect()
        }
        "move" => {
            let made = matter.trail.iter().filter(|t| t.mv == which);
            made.map(|t| (t.at.day(), 1, seat(measure, &t.by))).collect()
        }
        "in" => return holding(matter, kind, which),
        _ => Vec::new(),
    };
    if measure.count == Count::First {
        found.truncate(1);
    }
    found
}

/// The seat of the post that made a move, for a measure that is split by it: a unit or a place, never a person.
fn seat(measure: &Measure, by: &Who) -> Option<String> {
    let seat = || by.post().map(|p| p.seat.to_string()).unwrap_or_default();
    (measure.bucket.as_deref() == Some(SEAT)).then(seat)
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
