//! Planning a stream: how many come in on which day, at what hour, about what, from where, and by which path each is
//! handled. Totals are exact before anything is sent.

use crate::act::Stage;
use crate::case::Case;
use crate::dice::{Dice, Wheel, mix, of_text};
use crate::error::SimulateError;
use crate::ground::slowness;
use crate::pace;
use crate::scenario::{Path, Stream};
use crate::wording::Topic;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::policy::Level;

/// Minutes before the cut-off in which nothing comes in that would have to be closed before it.
const LAST_CALL: u32 = 25;
/// Nobody calls again about the same within three days.
const REPEATED_AFTER: i64 = 3 * 24 * 60 * 60_000;

/// The span of the simulation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub base: Day,
    pub from: Day,
    pub until: Day,
    /// The last instant.
    pub cut: Time,
    pub scale: f64,
    pub seed: u64,
}

impl Frame {
    /// A number of the scenario at the frame's scale.
    pub fn scaled(&self, n: u32) -> usize {
        let n = (f64::from(n) * self.scale).round().max(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of matters, not negative")]
        let n = n as usize;
        n
    }
}

/// Draws days, hours and topics of a stream.
struct Season<'a> {
    topics: &'a [Topic],
    by_month: Vec<Wheel>,
    hours: [f64; 24],
    days: Vec<Day>,
    wheel: Wheel,
    frame: Frame,
}

impl<'a> Season<'a> {
    fn new(stage: &'a Stage, stream: &Stream, frame: Frame, from: Day, to: Day) -> Result<Season<'a>, SimulateError> {
        let topics = stage.wording.topics(&stream.wording);
        if topics.is_empty() {
            return Err(SimulateError::Scenario(format!("{}: no wording {}", stream.id, stream.wording)));
        }
        let by_month = (1..=12).map(|m| Wheel::new(topics.iter().map(|t| t.weight * t.in_month(m)))).collect();
        let volume: Vec<f64> = (1..=12).map(|m| topics.iter().map(|t| t.weight * t.in_month(m)).sum()).collect();
        let hours = pace::hours(stream)?;
        let calendar = &stage.shadow.policy.calendar;
        let days: Vec<Day> = (from.0..=to.0).map(Day).collect();
        let whole = f64::from(frame.until.0 - frame.base.0).max(1.0);
        let weights = days.iter().map(|day| {
            let mut dice = Dice::new(of_text(frame.seed ^ 7, &format!("{}/{}", stream.id, day.0)));
            let month = usize::try_from(day.date().month() - 1).unwrap_or(0);
            let grown = 1.0 + (stream.growth - 1.0) * f64::from(day.0 - frame.base.0) / whole;
            let part = part_of_day(&hours, *day, frame.cut);
            pace::day_weight(stream, &stage.scenario.pace, calendar, *day, &mut dice) * volume[month] * grown * part
        });
        let wheel = Wheel::new(weights);
        Ok(Season { topics, by_month, hours, days, wheel, frame })
    }

    fn draw(&self, dice: &mut Dice) -> (Time, usize) {
        let day = self.days[self.wheel.spin(dice)];
        let month = usize::try_from(day.date().month() - 1).unwrap_or(0);
        let topic = self.by_month[month].spin(dice).min(self.topics.len() - 1);
        let last = last_call(self.frame.cut);
        let mut at = day.start();
        for _ in 0..40 {
            let hour = dice.weighted(self.hours.iter().copied());
            let minute = u32::try_from(hour * 60 + dice.below(60)).unwrap_or(0);
            at = day.at_minute(minute).plus_ms(i64::try_from(dice.below(60_000)).unwrap_or(0));
            if at <= last {
                break;
            }
        }
        (at.min(last), topic)
    }
}

fn last_call(cut: Time) -> Time {
    cut.plus_ms(-i64::from(LAST_CALL) * 60_000)
}

/// Share of a day's work that lies before the cut-off.
fn part_of_day(hours: &[f64; 24], day: Day, cut: Time) -> f64 {
    let last = last_call(cut);
    if day != last.day() {
        return if day < last.day() { 1.0 } else { 0.0 };
    }
    let now = usize::try_from(last.minute_of_day() / 60).unwrap_or(0);
    let all: f64 = hours.iter().sum();
    hours[..now].iter().sum::<f64>() / all.max(0.001)
}

/// What of a stream is told by stories, and so is not drawn.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Told {
    pub counted: usize,
}

/// Plans a stream's matters of the period or of the base.
pub(crate) fn plan(
    stage: &Stage,
    index: usize,
    frame: Frame,
    in_period: bool,
    told: Told,
) -> Result<Vec<Case>, SimulateError> {
    let stream = &stage.scenario.stream[index];
    let (from, to) = if in_period { (frame.from, frame.until) } else { (frame.base, frame.from.plus(-1)) };
    let season = Season::new(stage, stream, frame, from, to)?;
    let total = frame.scaled(if in_period { stream.total } else { stream.base });
    let wanted = total.saturating_sub(told.counted);
    let mut dice = Dice::new(of_text(frame.seed ^ u64::from(in_period), &stream.id));
    let shift = direct_shift(stage, stream);
    // How many take the paths whose number is given; before the period in proportion.
    let share = if in_period { 1.0 } else { f64::from(stream.base) / f64::from(stream.total.max(1)) };
    let quota = |path: &Path| path.exact.map(|n| scaled_by(frame, n, share));
    let beside: usize = stream.path.iter().filter(|p| !p.counted).filter_map(quota).sum();
    let mut cases: Vec<Case> = Vec::with_capacity(wanted + beside);
    for n in 0..wanted + beside {
        let (open, topic) = season.draw(&mut dice);
        let channel = dice.weighted(stream.channel.iter().map(|c| c.weight));
        // A grid worker enters what lies in the grid.
        let by_grid = stage.shadow.policy.level_of(&stream.channel[channel].by) == Level::Grid;
        let in_grid = if by_grid { 1.0 } else { stream.in_grid };
        let concerns = &season.topics[topic].place;
        let spot = match &stream.each_but {
            Some(but) => stage.ground.each(concerns, but, n),
            None => stage.ground.draw(concerns, in_grid, &mut dice),
        };
        let seed = mix(dice.draw());
        let n = n + if in_period { 0 } else { 50_000 };
        cases.push(Case {
            stream: index,
            script: usize::MAX,
            channel,
            topic,
            story: None,
            n,
            seed,
            caller: seed,
            repeats: None,
            duty: None,
            retold: 0,
            spot,
            open,
            plan: Vec::new(),
            in_period,
            left_open: false,
            marks: Vec::new(),
            amounts: Vec::new(),
        });
    }
    repeat(stream, &mut cases, &mut dice);
    let offset = stage.scenario.stream[..index].iter().map(|s| s.path.len()).sum::<usize>();
    assign_exact(stage, stream, &mut cases, offset, &quota, &mut dice);
    for case in cases.iter_mut().filter(|c| c.script == usize::MAX) {
        case.script = offset + choose_path(stage, stream, case, shift)?;
    }
    for case in &mut cases {
        walk(stage, stream, case);
    }
    Ok(cases)
}

/// Makes some cases come again: the same person about the same thing, some time after the first.
fn repeat(stream: &Stream, cases: &mut [Case], dice: &mut Dice) {
    if stream.repeats <= 0.0 {
        return;
    }
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|i| cases[*i].open);
    for at in 1..order.len() {
        if !dice.chance(stream.repeats) {
            continue;
        }
        let (now, before) = (order[at], order[at.saturating_sub(5 + dice.below(400))]);
        let first = cases[before].clone();
        let apart = cases[now].open.0 - first.open.0;
        if apart < REPEATED_AFTER {
            continue;
        }
        let case = &mut cases[now];
        (case.topic, case.spot, case.caller) = (first.topic, first.spot, first.caller);
        case.repeats = Some((first.stream, first.n));
    }
}

fn scaled_by(frame: Frame, n: u32, share: f64) -> usize {
    Frame { scale: frame.scale * share, ..frame }.scaled(n)
}

/// Gives the paths of a given number to matters that fit them.
fn assign_exact(
    stage: &Stage,
    stream: &Stream,
    cases: &mut [Case],
    offset: usize,
    quota: &dyn Fn(&Path) -> Option<usize>,
    dice: &mut Dice,
) {
    for (at, path) in stream.path.iter().enumerate() {
        let Some(mut left) = quota(path) else { continue };
        // A few passes over random places find fits even where they are rare; then whatever is free.
        for attempt in 0..cases.len() * 8 {
            if left == 0 {
                break;
            }
            let i = dice.below(cases.len());
            let free = cases[i].script == usize::MAX;
            if free && (fits(stage, stream, path, &cases[i]) || attempt > cases.len() * 6) {
                cases[i].script = offset + at;
                left -= 1;
            }
        }
    }
}

fn fits(stage: &Stage, stream: &Stream, path: &Path, case: &Case) -> bool {
    let category = &stage.topic(case).category;
    let channel = &stream.channel[case.channel].id;
    if !path.channels.is_empty() && !path.channels.contains(channel) {
        return false;
    }
    if !path.is_about(category) {
        return false;
    }
    if path.urgent.is_some_and(|urgent| urgent != stage.is_urgent(stream, category)) {
        return false;
    }
    let owner = stage.owner(stream, category);
    let level = if stage.shadow.directory.unit(owner).is_some() { "unit" } else { owner };
    path.owner.is_empty() || path.owner.iter().any(|o| o == level)
}

pub(crate) fn choose_path(stage: &Stage, stream: &Stream, case: &Case, shift: f64) -> Result<usize, SimulateError> {
    let mut dice = Dice::new(case.seed ^ 0x9a7);
    let direct = stream.direct.map(|_| dice.chance(shifted(stage.topic(case).direct_share, shift)));
    let weight = |p: &Path, strict: bool| {
        let kept =
            p.exact.is_none() && fits(stage, stream, p, case) && (!strict || direct.is_none_or(|d| d == p.direct));
        if kept { p.weight } else { 0.0 }
    };
    for strict in [true, false] {
        let weights: Vec<f64> = stream.path.iter().map(|p| weight(p, strict)).collect();
        if weights.iter().any(|w| *w > 0.0) {
            return Ok(dice.weighted(weights.iter().copied()));
        }
    }
    let category = &stage.topic(case).category;
    Err(SimulateError::Scenario(format!("{}: no path fits {category}", stream.id)))
}

/// A share moved on the logistic scale; what is certain stays so.
fn shifted(share: f64, shift: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return share;
    }
    let logit = (share / (1.0 - share)).ln() + shift;
    1.0 / (1.0 + (-logit).exp())
}

/// By how much the topics' own shares must move for the stream's share to come out.
fn direct_shift(stage: &Stage, stream: &Stream) -> f64 {
    let Some(wanted) = stream.direct else { return 0.0 };
    let topics = stage.wording.topics(&stream.wording);
    let all: f64 = topics.iter().map(|t| t.weight).sum();
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..40 {
        let mid = (low + high) / 2.0;
        let share = topics.iter().map(|t| t.weight * shifted(t.direct_share, mid)).sum::<f64>() / all.max(0.001);
        if share < wanted { low = mid } else { high = mid }
    }
    low
}

/// Draws the instants of a case's moves.
pub(crate) fn walk(stage: &Stage, stream: &Stream, case: &mut Case) {
    let category = &stage.topic(case).category;
    let owner = stage.owner(stream, category);
    let village = stage.ground.villages.get(case.spot.village);
    let who = if stage.shadow.directory.unit(owner).is_some() {
        owner.to_owned()
    } else {
        format!("{owner}{}", village.map_or("", |v| v.town.as_str()))
    };
    let speed = slowness(stage.scenario.pace.handlers.to_bits(), &who, stage.scenario.pace.handlers);
    let mut dice = Dice::new(case.seed ^ 0x3a1);
    let channel = &stream.channel[case.channel].id;
    let mut at = case.open;
    for (turn, step) in stage.scripts[case.script].steps.iter().enumerate() {
        let made = (step.channels.is_empty() || step.channels.contains(channel)) && dice.chance(step.chance);
        if made {
            at = step.after.after(at, speed, &stage.shadow.policy.calendar, &mut dice);
            case.plan.push((at, turn));
        }
    }
}
