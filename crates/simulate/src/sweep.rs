//! Rounds of inspection: on a few days somebody looks at a number of the things that another stream has done. It plans
//! cases only; what is found, and what follows, is written by the scenario.

use crate::act::Stage;
use crate::case::{Case, Turn};
use crate::dice::{Dice, mix, of_text};
use crate::error::SimulateError;
use crate::pace;
use crate::plan::Frame;
use crate::rounds::{finish, planned};
use serde::Deserialize;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::due::{Cadence, Span};

/// What is looked at, and in which rounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sweep {
    /// The other stream, and the move after which it may be looked at.
    pub stream: String,
    pub mv: String,
    pub pass: Vec<Pass>,
}

/// One round.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pass {
    /// It begins so many days before the cut-off and takes so many days.
    pub ago: i32,
    pub days: i32,
    /// It looks at what was done in so many days before it.
    pub back: i32,
    /// At so many of them.
    pub count: u32,
}

impl Pass {
    fn first(self, frame: Frame) -> Day {
        frame.until.plus(-self.ago)
    }
}

/// Cases that look at those of another stream. `{earlier}` is the number of what is looked at, `{item}` its category,
/// `{period}` the quarter of the round, by which its cases know each other.
pub(crate) fn sweeps(stage: &Stage, index: usize, others: &[Case], frame: Frame) -> Result<Vec<Case>, SimulateError> {
    let stream = &stage.scenario.stream[index];
    let Some(sweep) = &stream.sweep else { return Ok(Vec::new()) };
    let fault = |text: String| SimulateError::Scenario(format!("{}: {text}", stream.id));
    let about = stage.scenario.stream.iter().position(|s| s.id == sweep.stream);
    let about = about.ok_or_else(|| fault(format!("no stream {}", sweep.stream)))?;
    let hours = pace::hours(stream)?;
    let topics = stage.wording.topics(&stream.wording);
    let mut dice = Dice::new(of_text(frame.seed ^ 0x5eeb, &stream.id));
    let mut cases: Vec<Case> = Vec::new();
    for pass in &sweep.pass {
        let first = pass.first(frame);
        let span = (first.plus(-pass.back).start(), first.start());
        let mut seen: Vec<&Case> =
            others.iter().filter(|c| c.stream == about && done(stage, c, &sweep.mv, span)).collect();
        for _ in 0..frame.scaled(pass.count).min(seen.len()) {
            let other = seen.swap_remove(dice.below(seen.len()));
            let category = &stage.topic(other).category;
            let fit: Vec<usize> = (0..topics.len()).filter(|t| category.starts_with(&topics[*t].category)).collect();
            let topic = fit.get(dice.below(fit.len())).copied();
            let topic = topic.ok_or_else(|| fault(format!("no wording for {category}")))?;
            let open = pace::instant(stage, stream, (first, first.plus(pass.days - 1)), &hours, &mut dice);
            let seed = mix(dice.draw());
            if open >= frame.cut || open.day() < frame.base {
                continue;
            }
            let period = Span::of(Cadence::Quarter, first).text().replace('Q', "-");
            let duty = Some(Turn { item: category.clone(), period, cadence: Cadence::Quarter, from: first });
            let (n, spot, repeats) = (cases.len(), other.spot, Some((about, other.n)));
            cases.push(Case { topic, n, seed, caller: seed, spot, open, duty, repeats, ..planned(index, open, frame) });
        }
    }
    finish(stage, stream, index, &mut cases)?;
    Ok(cases)
}

/// Whether a case made a move within a span of time.
fn done(stage: &Stage, case: &Case, mv: &str, (from, to): (Time, Time)) -> bool {
    let steps = &stage.scripts[case.script].steps;
    case.plan.iter().any(|p| steps[p.1].mv == mv && from <= p.0 && p.0 < to)
}
