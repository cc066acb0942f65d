//! Stories: single matters told move by move, at instants counted back from now. They count within the totals.

use crate::act::Stage;
use crate::case::{Case, Script};
use crate::dice::of_text;
use crate::error::SimulateError;
use crate::pace::story_time;
use crate::plan::Frame;
use crate::scenario::{Scenario, Step, Story};
use crate::wording::{Topic, Wording};
use xiangyue_domain::day::Time;

/// A merge that a story tells.
#[derive(Debug, Clone)]
pub(crate) struct Merge {
    pub at: Time,
    /// Places of both stories in the scenario.
    pub from: usize,
    pub into: usize,
    pub by: String,
}

/// Scripts of the stories, to stand after those of the streams.
pub(crate) fn scripts(scenario: &Scenario) -> Vec<Script> {
    scenario.story.iter().map(script).collect()
}

fn script(story: &Story) -> Script {
    let step = |s: &crate::scenario::Scene| Step {
        mv: s.mv.clone(),
        by: s.by.clone(),
        to: s.to.clone(),
        parts: s.parts.clone(),
        part: s.part,
        chance: 1.0,
        fields: s.fields.clone(),
        ..Step::default()
    };
    Script {
        id: format!("story/{}", story.id),
        steps: story.moves.iter().map(step).collect(),
        done: story.done,
        counted: story.counted,
        bypass: story.bypass,
        fields: Some(story.fields.clone()),
        by: (!story.by.is_empty()).then(|| story.by.clone()),
        source_no: story.source_no.clone(),
    }
}

/// Topics of the stories: the wording's own, or an empty one that says only what the story says.
pub(crate) fn topics(scenario: &Scenario, wording: &Wording) -> Vec<Topic> {
    let topic = |story: &Story| {
        let stream = scenario.stream.iter().find(|s| s.id == story.stream);
        let topics = stream.map_or(&[][..], |s| wording.topics(&s.wording));
        let own = topics.iter().find(|t| t.category == story.category).cloned();
        own.unwrap_or_else(|| Topic::silent(&story.category))
    };
    scenario.story.iter().map(topic).collect()
}

/// A story as a case.
pub(crate) fn case(stage: &Stage, at: usize, first_script: usize, frame: Frame) -> Result<Case, SimulateError> {
    let story = &stage.scenario.story[at];
    let fault = |what: &str| SimulateError::Scenario(format!("story {}: {what}", story.id));
    let stream =
        stage.scenario.stream.iter().position(|s| s.id == story.stream).ok_or_else(|| fault("no such stream"))?;
    let shape = &stage.scenario.stream[stream];
    let channel = shape.channel.iter().position(|c| c.id == story.channel).ok_or_else(|| fault("no such channel"))?;
    let spot = stage.ground.find(&story.place, &story.group).ok_or_else(|| fault("no such place"))?;
    let marks = shape.mark.iter().map(|m| story.marks.get(&m.id).cloned().unwrap_or_default()).collect();
    let amounts = shape.amount.iter().map(|a| rounded(a.min)).collect();
    let open = story_time(&story.at, frame.cut)?;
    let mut plan = Vec::new();
    let mut before = open;
    for (turn, scene) in story.moves.iter().enumerate() {
        let when = story_time(&scene.at, frame.cut)?;
        if when <= before {
            return Err(fault(&format!("{} comes before what stands above it", scene.mv)));
        }
        // With an early hour of the day a scene may lie ahead of now: it has not happened yet.
        if when < frame.cut {
            plan.push((when, turn));
        }
        before = when;
    }
    if open >= frame.cut || open.day() < frame.from {
        return Err(fault("begins outside the period"));
    }
    Ok(Case {
        retold: 0,
        stream,
        script: first_script + at,
        channel,
        topic: 0,
        story: Some(at),
        n: 90_000 + at,
        seed: of_text(frame.seed, &story.id),
        caller: of_text(frame.seed, &story.id),
        repeats: None,
        duty: None,
        spot,
        open,
        plan,
        in_period: true,
        left_open: !story.done,
        marks,
        amounts,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "an amount of a county fits")]
fn rounded(n: f64) -> i64 {
    n.round() as i64
}

/// Merges that the stories tell.
pub(crate) fn merges(scenario: &Scenario, frame: Frame) -> Result<Vec<Merge>, SimulateError> {
    let mut out = Vec::new();
    for (from, story) in scenario.story.iter().enumerate() {
        let Some(merged) = &story.merged else { continue };
        let into = scenario.story.iter().position(|s| s.id == merged.into);
        let into =
            into.ok_or_else(|| SimulateError::Scenario(format!("story {}: no story {}", story.id, merged.into)))?;
        out.push(Merge { at: story_time(&merged.at, frame.cut)?, from, into, by: merged.by.clone() });
    }
    Ok(out)
}
