//! Duties that come round, and what is asked about them: every village meets what the kind's catalogue asks of it, most
//! in time, some late or not at all, and of what was done some is asked about. It plans cases only; what is due and by
//! when is the domain's to say, and words come from the pack.

use crate::act::Stage;
use crate::case::{Case, Turn};
use crate::dice::{Dice, mix, of_text, unit};
use crate::error::SimulateError;
use crate::ground::{Spot, slowness};
use crate::pace::Delay;
use crate::plan::{Frame, choose_path, walk};
use crate::scenario::Stream;
use serde::Deserialize;
use std::collections::BTreeMap;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::due::{Cadence, Due, Span, due_list};
use xiangyue_domain::policy::Catalogue;

/// Days ahead of the cut-off whose duties may have been met already.
const AHEAD: i32 = 60;

/// How villages meet the duties of a stream's kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Round {
    /// Months back from the cut-off whose duties are met.
    pub months: i32,
    /// Time from the first day on which a duty can be met until it is begun, by cadence: `month`, `quarter`, `year`, and
    /// `event` from the day it happened.
    pub begin: BTreeMap<String, Delay>,
    /// Things that happen in a village over those months and have to be told.
    pub events: f64,
    /// Share of villages that are lax; the share of their duties that they do not meet, and how much slower they are.
    pub lax: f64,
    pub lax_missed: f64,
    pub lax_slow: f64,
}

/// How often somebody asks about what another stream has done.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Follows {
    /// The other stream, the move after which one may ask, and the share that is asked about.
    pub stream: String,
    pub mv: String,
    pub share: f64,
    /// Time from that move until the question.
    pub after: Delay,
}

/// A village as it meets its duties.
struct Manner {
    lax: bool,
    speed: f64,
}

/// Cases of a stream whose kind has duties: one for each village and duty that somebody has begun.
pub(crate) fn rounds(stage: &Stage, index: usize, frame: Frame) -> Result<Vec<Case>, SimulateError> {
    let stream = &stage.scenario.stream[index];
    let Some(round) = &stream.round else { return Ok(Vec::new()) };
    let fault = |text: &str| SimulateError::Scenario(format!("{}: {text}", stream.id));
    let policy = &stage.shadow.policy;
    let rules =
        policy.kind(&stream.kind).and_then(|k| k.duty.as_ref()).ok_or_else(|| fault("its kind has no duties"))?;
    let catalogue = policy.catalogue(&rules.catalogue).ok_or_else(|| fault("no catalogue of duties"))?;
    let topics = stage.wording.topics(&stream.wording);
    let topic = |item: &str| topics.iter().position(|t| t.category == item);
    let first = frame.until.month_start().plus_months(1 - round.months).max(frame.base);
    let dues = due_list(catalogue, first, frame.until.plus(AHEAD));
    let mut cases = Vec::new();
    for (at, village) in stage.ground.villages.iter().enumerate() {
        let mut dice = Dice::new(of_text(frame.seed ^ 0xd15c, &village.code));
        let lax = unit(of_text(frame.seed ^ 0x1a8, &village.code)) < round.lax;
        let slow = slowness(frame.seed, &village.code, stage.scenario.pace.villages);
        let manner = Manner { lax, speed: if lax { slow.max(1.0) * round.lax_slow } else { slow } };
        let mut turns: Vec<Turn> = dues.iter().map(of_due).collect();
        turns.extend(events(catalogue, topics.iter().map(|t| t.category.as_str()), round, (first, frame), &mut dice));
        for turn in turns {
            let met = !manner.lax || !dice.chance(round.lax_missed);
            let topic = topic(&turn.item).ok_or_else(|| fault(&format!("no wording for {}", turn.item)))?;
            let delay = round.begin.get(turn.cadence.as_str()).copied().unwrap_or_default();
            let open = delay.after(turn.from.start(), manner.speed, &policy.calendar, &mut dice);
            let seed = mix(dice.draw());
            let kept = met && open < frame.cut && dice.chance(frame.scale);
            if kept {
                let spot = Spot { village: at, group: None, place: village.id };
                let n = cases.len();
                let duty = Some(turn);
                cases.push(Case { topic, n, seed, caller: seed, spot, open, duty, ..planned(index, open, frame) });
            }
        }
    }
    finish(stage, stream, index, &mut cases)?;
    Ok(cases)
}

pub(crate) fn planned(stream: usize, open: Time, frame: Frame) -> Case {
    Case { stream, script: usize::MAX, in_period: open.day() >= frame.from, ..Case::default() }
}

/// A duty that comes by the calendar: it can be met once its period is over, or once that has begun if it is due earlier.
fn of_due(due: &Due) -> Turn {
    let from = if due.due > due.span.last { due.span.last.plus(1) } else { due.span.first };
    Turn { item: due.item.clone(), period: due.span.text(), cadence: due.span.cadence, from }
}

/// What happens in a village: a few times, about any item that follows an event and that somebody has words for.
fn events<'a>(
    catalogue: &Catalogue,
    known: impl Iterator<Item = &'a str>,
    round: &Round,
    (first, frame): (Day, Frame),
    dice: &mut Dice,
) -> Vec<Turn> {
    let follows = |item: &&str| catalogue.item(item).is_some_and(|i| i.cadence == Some(Cadence::Event));
    let items: Vec<&str> = known.filter(follows).collect();
    let days = usize::try_from(frame.until.0 - first.0).unwrap_or(0);
    if items.is_empty() || days == 0 {
        return Vec::new();
    }
    let each = round.events / f64::from(u32::try_from(items.len()).unwrap_or(1));
    let mut out = Vec::new();
    for item in items.into_iter().filter(|_| each > 0.0) {
        if dice.chance(each) {
            let from = first.plus(i32::try_from(dice.below(days)).unwrap_or(0));
            let period = Span::of(Cadence::Event, from).text();
            out.push(Turn { item: item.to_owned(), period, cadence: Cadence::Event, from });
        }
    }
    out
}

/// Cases that ask about what the cases of another stream have done.
pub(crate) fn follows(stage: &Stage, index: usize, others: &[Case], frame: Frame) -> Result<Vec<Case>, SimulateError> {
    let stream = &stage.scenario.stream[index];
    let Some(follows) = &stream.follows else { return Ok(Vec::new()) };
    let about = stage.scenario.stream.iter().position(|s| s.id == follows.stream);
    let about = about.ok_or_else(|| SimulateError::Scenario(format!("{}: no stream {}", stream.id, follows.stream)))?;
    let topics = stage.wording.topics(&stream.wording);
    let mut dice = Dice::new(of_text(frame.seed ^ 0xf0, &stream.id));
    let mut cases = Vec::new();
    for other in others.iter().filter(|c| c.stream == about) {
        let steps = &stage.scripts[other.script].steps;
        let done = other.plan.iter().find(|p| steps[p.1].mv == follows.mv).map(|p| p.0);
        let Some(done) = done.filter(|_| dice.chance(follows.share)) else { continue };
        let open = follows.after.after(done, 1.0, &stage.shadow.policy.calendar, &mut dice);
        let seed = mix(dice.draw());
        let category = &stage.topic(other).category;
        let fit: Vec<usize> = (0..topics.len()).filter(|t| category.starts_with(&topics[*t].category)).collect();
        let Some(topic) = fit.get(dice.below(fit.len())).copied().filter(|_| open < frame.cut) else { continue };
        let (n, spot, repeats) = (cases.len(), other.spot, Some((about, other.n)));
        cases.push(Case { topic, n, seed, caller: seed, spot, open, repeats, ..planned(index, open, frame) });
    }
    finish(stage, stream, index, &mut cases)?;
    Ok(cases)
}

/// Draws the way in, the path and the instants of its moves.
pub(crate) fn finish(stage: &Stage, stream: &Stream, index: usize, cases: &mut [Case]) -> Result<(), SimulateError> {
    let offset = stage.scenario.stream[..index].iter().map(|s| s.path.len()).sum::<usize>();
    for case in cases {
        let mut dice = Dice::new(case.seed ^ 0xc4a);
        case.channel = dice.weighted(stream.channel.iter().map(|c| c.weight));
        case.script = offset + choose_path(stage, stream, case, 0.0)?;
        walk(stage, stream, case);
    }
    Ok(())
}
