//! The same matters told again: by another person, through another channel, days later, in other words, with slips of the
//! keyboard, in Traditional characters, with the turns of speech. Which telling is of which matter is known here alone,
//! so that whoever looks for duplicates can be measured. Nothing is written to any store.

use crate::act::Stage;
use crate::case::Case;
use crate::dice::{Dice, mix, of_text};
use crate::error::SimulateError;
use crate::plan::{self, Told};
use crate::scenario::{Retell, Stream};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::RegionId;

/// A telling of a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// Which matter it is of.
    pub of: usize,
    /// It was told before.
    pub again: bool,
    /// Kind.
    pub kind: String,
    /// Where.
    pub place: RegionId,
    /// When it came in.
    pub at: Time,
    /// Channel it came through.
    pub channel: String,
    /// Fields as typed.
    pub typed: BTreeMap<String, String>,
}

static TRADITIONAL: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let first = |text: &str| text.chars().next();
    hanconv::STCharacters.iter().filter_map(|(from, to)| Some((first(from)?, first(to)?))).collect()
});

/// Tellings of all streams that the scenario retells, oldest first.
pub(crate) fn tellings(stage: &Stage, frame: plan::Frame) -> Result<Vec<Telling>, SimulateError> {
    let Some(retell) = &stage.scenario.retell else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    let mut matter = 0;
    for (index, stream) in stage.scenario.stream.iter().enumerate() {
        if !retell.streams.contains(&stream.id) {
            continue;
        }
        for case in plan::plan(stage, index, frame, true, Told::default())? {
            // A request made again by the same person is linked by its number, neither a duplicate nor something else.
            if case.repeats.is_some() {
                continue;
            }
            let mut dice = Dice::new(of_text(case.seed, "retell"));
            let first = telling(stage, &case, matter, None);
            out.push(first.clone());
            let mut last = case;
            while dice.chance(retell.share) {
                last = again(stage, retell, &last, &mut dice);
                if last.open > frame.cut {
                    break;
                }
                let mut told = telling(stage, &last, matter, Some((retell, &mut dice)));
                if dice.chance(retell.same_caller) {
                    let kept = first.typed.iter().filter(|(f, _)| retell.caller.contains(f));
                    told.typed.extend(kept.map(|(f, v)| (f.clone(), v.clone())));
                }
                out.push(told);
            }
            matter += 1;
        }
    }
    out.sort_by_key(|t| (t.at, t.of));
    Ok(out)
}

/// The same matter, seen by somebody else.
fn again(stage: &Stage, retell: &Retell, case: &Case, dice: &mut Dice) -> Case {
    let stream = stage.stream(case);
    let mut other = case.clone();
    other.retold = mix(dice.draw());
    other.repeats = None;
    other.channel = dice.weighted(stream.channel.iter().map(|c| c.weight));
    let hours = dice.skewed(0.5, retell.within_hours);
    #[expect(clippy::cast_possible_truncation, reason = "hours within weeks")]
    let ms = (hours * 3_600_000.0) as i64;
    other.open = case.open.plus_ms(ms);
    // One knows the grid, the other names the village alone.
    if let Some(village) = stage.ground.villages.get(case.spot.village) {
        if dice.chance(retell.coarse) {
            other.spot.place = village.id;
        } else if dice.chance(retell.beside) && !village.grids.is_empty() {
            other.spot.place = village.grids[dice.below(village.grids.len())];
        }
    }
    other
}

fn telling(stage: &Stage, case: &Case, of: usize, spoilt: Option<(&Retell, &mut Dice)>) -> Telling {
    let stream = stage.stream(case);
    let mut typed = stage.typed(case);
    let again = spoilt.is_some();
    if let Some((retell, dice)) = spoilt {
        if dice.chance(retell.other_category) {
            let other = typed.get("category").and_then(|c| sibling(stage, stream, c, dice));
            typed.extend(other.map(|c| ("category".to_owned(), c)));
        }
        for field in &retell.fields {
            if let Some(text) = typed.get_mut(field) {
                *text = spoil(text, retell, dice);
            }
        }
    }
    let channel = stream.channel[case.channel].id.clone();
    Telling { of, again, kind: stream.kind.clone(), place: case.spot.place, at: case.open, channel, typed }
}

/// Another category of the same branch.
fn sibling(stage: &Stage, stream: &Stream, category: &str, dice: &mut Dice) -> Option<String> {
    let kind = stage.shadow.policy.kind(&stream.kind)?;
    let catalogue = stage.shadow.policy.catalogue(kind.field("category")?.catalogue.as_deref()?)?;
    let parent = &catalogue.item(category)?.parent;
    let others: Vec<&str> =
        catalogue.items.iter().filter(|i| i.parent == *parent && i.code != category).map(|i| i.code.as_str()).collect();
    others.get(dice.below(others.len())).map(|c| (*c).to_owned())
}

/// Slips, turns of speech, another script.
fn spoil(text: &str, retell: &Retell, dice: &mut Dice) -> String {
    let mut out = String::new();
    if dice.chance(retell.fillers) && !retell.filler.is_empty() {
        out.push_str(&retell.filler[dice.below(retell.filler.len())]);
    }
    for ch in text.chars() {
        if dice.chance(retell.dropped) {
            continue;
        }
        let slip = retell.slips.iter().find_map(|[a, b]| match ch {
            _ if a.starts_with(ch) => b.chars().next(),
            _ if b.starts_with(ch) => a.chars().next(),
            _ => None,
        });
        out.push(slip.filter(|_| dice.chance(retell.slip)).unwrap_or(ch));
    }
    if dice.chance(retell.traditional) {
        out = out.chars().map(|c| TRADITIONAL.get(&c).copied().unwrap_or(c)).collect();
    }
    out
}
