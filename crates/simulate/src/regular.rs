//! What comes round and is met by the calendar: every village does it in every span of a duty that the pack names, most
//! in time, some late or not at all, and more of them the longer the duty has been there. It plans cases only; which
//! spans there are, and until when each is in time, is the domain's to say.

use crate::act::Stage;
use crate::case::Case;
use crate::dice::{Dice, mix, of_text, unit};
use crate::error::SimulateError;
use crate::ground::Spot;
use crate::pace;
use crate::plan::{Frame, choose_path, walk};
use crate::scenario::Stream;
use serde::Deserialize;
use xiangyue_domain::day::Day;
use xiangyue_domain::duty::DutySpan;

/// Numbers of these cases within their stream begin here, apart from those that are drawn.
const FIRST: usize = 200_000;

/// How villages meet a duty that comes round, beside the matters of the stream that are drawn.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Regular {
    /// The duty of the pack.
    pub duty: String,
    /// Only topics of this category; all when empty.
    #[serde(default)]
    pub category: String,
    /// It is begun so many days before it is due, at most and at least.
    pub ahead: [i32; 2],
    /// Share of those that are late, and by how many days at least and at most.
    pub tardy: f64,
    pub late: [i32; 2],
    /// Shares of the villages that do it, at first and, `grown` months on, ever after; below 0 is none yet.
    pub first: f64,
    pub share: f64,
    pub grown: i32,
    /// How much the lax differ from the others, from 0, where all miss it alike, to 1.
    #[serde(default)]
    pub uneven: f64,
}

impl Regular {
    /// Share of the villages that do it in a span.
    fn share_of(&self, span: DutySpan, frame: Frame) -> f64 {
        let months = f64::from(span.from.0 - frame.base.0) / 30.44;
        let part = if self.grown <= 0 { 1.0 } else { (months / f64::from(self.grown)).clamp(0.0, 1.0) };
        (self.first + (self.share - self.first) * part).clamp(0.0, 1.0)
    }

    /// With which delay in days a village does it in a span, if it does.
    fn delay(&self, share: f64, village: &str, seed: u64, dice: &mut Dice) -> Option<i32> {
        // The lax miss it again and again: what is missed is raised to a power by habit, so that none and all stay so.
        let habit = unit(of_text(seed ^ 0x9e6, village));
        let missed = (1.0 - share).powf(1.0 + self.uneven * (1.2 - 1.9 * habit));
        if dice.chance(missed) {
            return None;
        }
        let more = usize::try_from(self.late[1] - self.late[0]).unwrap_or(0) + 1;
        let late = self.late[0] + i32::try_from(dice.below(more)).unwrap_or(0);
        Some(if dice.chance(self.tardy) { late } else { 0 })
    }
}

/// The cases of a stream that meet its duty.
pub(crate) fn regular(stage: &Stage, index: usize, frame: Frame) -> Result<Vec<Case>, SimulateError> {
    let stream = &stage.scenario.stream[index];
    let Some(rule) = &stream.regular else { return Ok(Vec::new()) };
    let fault = |text: &str| SimulateError::Scenario(format!("{}: {text}", stream.id));
    let policy = &stage.shadow.policy;
    let duty = policy.duties.iter().find(|d| d.id == rule.duty).ok_or_else(|| fault("no such duty"))?;
    let hours = pace::hours(stream)?;
    let offset = stage.scenario.stream[..index].iter().map(|s| s.path.len()).sum::<usize>();
    let mut cases = Vec::new();
    for span in duty.spans(frame.base, frame.until) {
        let share = rule.share_of(span, frame);
        for (at, village) in stage.ground.villages.iter().enumerate() {
            let mut dice =
                Dice::new(of_text(frame.seed ^ 0x2e9, &format!("{}/{}/{}", stream.id, village.code, span.from.0)));
            let Some(late) = rule.delay(share, &village.code, frame.seed, &mut dice) else { continue };
            let days = (span.due.plus(late - rule.ahead[0]), span.due.plus(late - rule.ahead[1]));
            let open = pace::instant(stage, stream, days, &hours, &mut dice);
            let topic = topic(stage, stream, rule, village.community, open.day(), &mut dice);
            let seed = mix(dice.draw());
            if open >= frame.cut || open.day() < frame.base || !dice.chance(frame.scale) {
                continue;
            }
            let topic = topic.ok_or_else(|| fault("no wording for its duty"))?;
            let group = (!village.groups.is_empty()).then(|| dice.below(village.groups.len()));
            let spot = Spot { village: at, group, place: village.id };
            let channel = dice.weighted(stream.channel.iter().map(|c| c.weight));
            let (n, in_period) = (FIRST + cases.len(), open.day() >= frame.from);
            let mut case =
                Case { stream: index, channel, topic, n, seed, caller: seed, spot, open, in_period, ..Case::default() };
            case.script = offset + choose_path(stage, stream, &case, 0.0)?;
            walk(stage, stream, &mut case);
            cases.push(case);
        }
    }
    Ok(cases)
}

/// What it is about, by the season.
fn topic(stage: &Stage, stream: &Stream, rule: &Regular, community: bool, day: Day, dice: &mut Dice) -> Option<usize> {
    let month = usize::try_from(day.date().month()).unwrap_or(0);
    let topics = stage.wording.topics(&stream.wording);
    let weights: Vec<f64> = topics
        .iter()
        .map(|t| {
            let here = t.place != if community { "village" } else { "community" };
            let meant = rule.category.is_empty() || rule.category == t.category;
            if here && meant { t.weight * t.in_month(month) } else { 0.0 }
        })
        .collect();
    weights.iter().any(|w| *w > 0.0).then(|| dice.weighted(weights.iter().copied()))
}
