//! Drives the same use cases a person would cause, so that a demo county lives: the pack's scenario says what comes in,
//! who handles it and which totals come out. It never writes a table, and knows no county and no scheme by name.

mod act;
mod case;
mod deals;
mod dice;
mod drive;
mod error;
mod ground;
mod pace;
mod plan;
mod regular;
mod retell;
mod rounds;
mod scenario;
mod settle;
mod shadow;
mod staff;
mod story;
mod sweep;
mod wording;

pub use error::SimulateError;
pub use retell::Telling;
pub use staff::staff;

use act::Stage;
use case::{Case, Script};
use drive::Drive;
use ground::Ground;
use plan::{Frame, Told};
use scenario::Scenario;
use shadow::Shadow;
use std::collections::BTreeMap;
use wording::Wording;
use xiangyue_app::App;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::ids::MatterId;
use xiangyue_pack::Loaded;

/// How often and how far a simulation has come: commands done, commands in all.
pub type Progress = Box<dyn Fn(u64, u64) + Send + Sync>;

/// What to simulate.
pub struct Options {
    /// First day of the period; without it the scenario's length before the end.
    pub from: Option<Day>,
    /// Last day; without it today.
    pub until: Option<Day>,
    /// The same seed gives the same county.
    pub seed: u64,
    /// Share of the scenario's totals, for tests: 1 is the whole.
    pub scale: f64,
    /// Told every few hundred commands.
    pub progress: Progress,
}

impl Default for Options {
    fn default() -> Options {
        Options { from: None, until: None, seed: 1, scale: 1.0, progress: Box::new(|_, _| {}) }
    }
}

/// What a simulation did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// First day of the base.
    pub base: Day,
    /// First day of the period.
    pub from: Day,
    /// Last day.
    pub until: Day,
    /// Accounts opened.
    pub staff: usize,
    /// Matters taken in, by stream: in the base, in the period.
    pub matters: BTreeMap<String, (usize, usize)>,
    /// Commands sent.
    pub commands: u64,
    /// Of them by the clock.
    pub ticks: u64,
    /// Matters of the stories: story, number.
    pub stories: Vec<(String, String)>,
}

/// The scenario's period that ends on a day: first and last day.
pub fn window(loaded: &Loaded, until: Day) -> (Day, Day) {
    let months = Scenario::load(&loaded.files).map_or(17, |s| s.period.months);
    (until.plus(1).plus_months(-months), until)
}

/// The matter of a story, once it was simulated.
pub async fn story(app: &App, id: &str) -> Result<Option<MatterId>, SimulateError> {
    Ok(app.matter_by_command_key(&format!("sim/story/{id}")).await?)
}

/// Sets a county up as [`run`] does and gives the period's matters as they are told, some of them again by others: the
/// labelled set by which the finding of duplicates is measured.
pub async fn tellings(app: &App, loaded: &Loaded, options: Options) -> Result<Vec<Telling>, SimulateError> {
    let scenario = Scenario::load(&loaded.files)?;
    let wording = Wording::load(&loaded.files)?;
    let frame = frame(app, loaded, &scenario, &options)?;
    app.install(frame.base.start(), loaded).await?;
    let directory = app.directory();
    let ground = Ground::new(&directory, &scenario.pace, frame.seed, frame.base);
    let shadow = Shadow::new(&app.policy(), directory);
    let stage = Stage {
        scripts: scripts(&scenario),
        stories: story::topics(&scenario, &wording),
        scenario: &scenario,
        wording: &wording,
        ground: &ground,
        shadow: &shadow,
    };
    retell::tellings(&stage, frame)
}

/// Simulates the base and the period into an empty realm. Nothing is stamped later than now.
pub async fn run(app: &App, loaded: &Loaded, options: Options) -> Result<Summary, SimulateError> {
    let scenario = Scenario::load(&loaded.files)?;
    let wording = Wording::load(&loaded.files)?;
    let frame = frame(app, loaded, &scenario, &options)?;
    if app.demo().await?.is_some() {
        return Err(SimulateError::Scenario("this data folder was simulated already; take an empty one".to_owned()));
    }
    let first = frame.base.start();
    app.install(first, loaded).await?;
    let staff = staff::staff(app, loaded, first).await?;
    let directory = app.directory();
    let mut ground = Ground::new(&directory, &scenario.pace, frame.seed, frame.base);
    let villages: Vec<_> = ground.villages.iter().map(|v| v.id).collect();
    ground.households = deals::households(app, &scenario, &villages, first).await?;
    let deals = deals::set_up(app, &scenario, &ground, frame).await?;
    let shadow = Shadow::new(&app.policy(), directory);
    let stage = Stage {
        scripts: scripts(&scenario),
        stories: story::topics(&scenario, &wording),
        scenario: &scenario,
        wording: &wording,
        ground: &ground,
        shadow: &shadow,
    };
    let (cases, matters) = cases(&stage, frame)?;
    let merges = if frame.scale < 1.0 { Vec::new() } else { story::merges(&scenario, frame)? };
    let mut drive = Drive::new(app, &stage, &cases, (&merges, &deals), frame.cut, &*options.progress);
    let done = drive.run().await?;
    let stories = drive.numbers.iter().map(|(s, n)| (scenario.story[*s].id.clone(), n.clone()));
    let mut stories: Vec<(String, String)> = stories.collect();
    stories.sort();
    app.sweep(frame.cut).await?;
    app.mark_demo(frame.cut, frame.from, frame.until).await?;
    app.deliver().await?;
    let Frame { base, from, until, .. } = frame;
    Ok(Summary { base, from, until, staff, matters, commands: done.commands, ticks: done.ticks, stories })
}

fn frame(app: &App, loaded: &Loaded, scenario: &Scenario, options: &Options) -> Result<Frame, SimulateError> {
    let now = app.now();
    let until = options.until.unwrap_or(now.day());
    let from = options.from.unwrap_or(window(loaded, until).0);
    if until > now.day() || from >= until {
        return Err(SimulateError::Scenario(format!("the period {from} to {until} does not end before {now}")));
    }
    let cut = if until == now.day() { now } else { Time(until.plus(1).start().0 - 60_000) };
    let base = from.plus_months(-scenario.period.base_months);
    Ok(Frame { base, from, until, cut, scale: options.scale, seed: options.seed })
}

fn scripts(scenario: &Scenario) -> Vec<Script> {
    let path = |p: &scenario::Path| Script {
        id: p.id.clone(),
        steps: p.moves.clone(),
        done: p.done,
        counted: p.counted,
        bypass: p.bypass,
        ..Script::default()
    };
    let mut out: Vec<Script> = scenario.stream.iter().flat_map(|s| s.path.iter().map(path)).collect();
    out.extend(story::scripts(scenario));
    out
}

type Counts = BTreeMap<String, (usize, usize)>;

/// How many lie in the base and how many in the period.
fn in_base(cases: &[Case]) -> (usize, usize) {
    let base = cases.iter().filter(|c| !c.in_period).count();
    (base, cases.len() - base)
}

/// All cases in the order of their openings.
fn cases(stage: &Stage, frame: Frame) -> Result<(Vec<Case>, Counts), SimulateError> {
    let scenario = stage.scenario;
    let first_story = stage.scripts.len() - scenario.story.len();
    let mut all = Vec::new();
    let mut counts = Counts::new();
    // A scaled-down run has no room for stories.
    let told = if frame.scale < 1.0 { 0 } else { scenario.story.len() };
    let mut stories = (0..told).map(|i| story::case(stage, i, first_story, frame)).collect::<Result<Vec<_>, _>>()?;
    for (index, stream) in scenario.stream.iter().enumerate() {
        if stream.round.is_some() || stream.follows.is_some() || stream.sweep.is_some() {
            let mut drawn = rounds::rounds(stage, index, frame)?;
            drawn.extend(rounds::follows(stage, index, &all, frame)?);
            drawn.extend(sweep::sweeps(stage, index, &all, frame)?);
            settle::draw(stream, &mut drawn, frame);
            drawn.extend(stories.extract_if(.., |c| c.stream == index));
            counts.insert(stream.id.clone(), in_base(&drawn));
            all.append(&mut drawn);
            continue;
        }
        let own = |c: &&Case| c.stream == index && stage.scripts[c.script].counted;
        let told = Told { counted: stories.iter().filter(own).count() };
        let open = stories.iter().filter(own).filter(|c| c.left_open).count();
        let mut period = plan::plan(stage, index, frame, true, told)?;
        let mut base = plan::plan(stage, index, frame, false, Told::default())?;
        let (now, before): (Vec<Case>, Vec<Case>) =
            regular::regular(stage, index, frame)?.into_iter().partition(|c| c.in_period);
        period.extend(now);
        base.extend(before);
        settle::draw(stream, &mut period, frame);
        settle::draw(stream, &mut base, frame);
        settle::settle(stage, stream, &mut period, frame, open)?;
        let stories = stories.extract_if(.., |c| c.stream == index);
        period.extend(stories);
        let used: Vec<(String, String)> = scenario
            .story
            .iter()
            .filter(|s| s.stream == stream.id && frame.scale >= 1.0)
            .flat_map(|s| s.marks.clone())
            .collect();
        settle::fix(stage, stream, &mut period, frame, &used);
        counts.insert(stream.id.clone(), (base.len(), period.len()));
        all.append(&mut base);
        all.append(&mut period);
    }
    all.sort_by_key(|c| (c.open, c.stream, c.n));
    Ok((all, counts))
}

#[cfg(test)]
mod tests;
