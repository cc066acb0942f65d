//! How figures went over time: the same sums as the figures themselves, by day or by statistics month, for many
//! indicators at once, as they are known now. A month that is not over holds what has happened so far.

use crate::composite::{is_score, score, shares, with_shares};
use crate::error::AppError;
use crate::indicator::{Figure, figure_of, groups, measures_of, narrowed, parts};
use crate::period::{Period, month_end, month_start};
use crate::state::App;
use std::collections::BTreeMap;
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::Indicator;
use xiangyue_store::Point;

/// How fine a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// By day.
    Day,
    /// By statistics month: it ends on the day of the pack's setting, 0 being the month's own last.
    Month(u8),
}

/// One step of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// What it came to.
    pub figure: Figure,
}

/// Steps of several indicators by id, oldest first.
pub type Series = BTreeMap<String, Vec<Step>>;

impl Grain {
    fn span(self, day: Day) -> (Day, Day) {
        match self {
            Grain::Day => (day, day),
            Grain::Month(ends_on) => (month_start(day, ends_on), month_end(day, ends_on)),
        }
    }

    /// Whether whole calendar months are what is asked for.
    fn by_month(self) -> bool {
        matches!(self, Grain::Month(ends_on) if ends_on == 0 || ends_on > 28)
    }
}

impl App {
    /// Several indicators at one place over time, with a handful of queries; of some buckets only, none meaning all.
    pub async fn series(
        &self,
        ids: &[&str],
        place: RegionId,
        grain: Grain,
        (from, to): (Day, Day),
        buckets: &[String],
    ) -> Result<Series, AppError> {
        let policy = self.policy();
        let wanted = with_shares(&policy, ids.iter().filter_map(|id| policy.indicator(id)).collect());
        let mut out = Series::new();
        let period = Period { from: grain.span(from).0, to: grain.span(to).1, cut_off: self.now().day() };
        for group in groups(&wanted, buckets) {
            let measures = measures_of(&group.indicators);
            let ask = crate::sums::Ask { period, ..group.ask(&measures, std::slice::from_ref(&place), period) };
            let points = self.points(ask, grain.by_month()).await?;
            for indicator in group.indicators {
                out.insert(indicator.id.clone(), line(indicator, &points, grain, (from, to), buckets));
            }
        }
        for indicator in wanted.iter().filter(|i| is_score(i)) {
            let parts = shares(&policy, indicator);
            let Some(first) = parts.first().and_then(|p| out.get(&p.indicator.id)) else { continue };
            let at = |n: usize| score(&parts, |i| out.get(&i.id).and_then(|s| s.get(n)).map(|s| s.figure));
            let line = first.iter().enumerate().map(|(n, step)| Step { figure: at(n), ..*step }).collect();
            out.insert(indicator.id.clone(), line);
        }
        Ok(out)
    }
}

fn line(indicator: &Indicator, points: &[Point], grain: Grain, (from, to): (Day, Day), asked: &[String]) -> Vec<Step> {
    let (over, under) = parts(indicator);
    let buckets = narrowed(indicator, asked);
    let counts = |p: &&Point| buckets.is_empty() || buckets.contains(&p.bucket);
    // What is added above and below the line, by the step it falls in.
    let mut steps: BTreeMap<Day, (i64, i64)> = BTreeMap::new();
    for point in points.iter().filter(counts) {
        let day = Day(i32::try_from(point.day).unwrap_or(0));
        let sums = steps.entry(grain.span(day).0).or_default();
        let times = |list: &[String]| i64::try_from(list.iter().filter(|m| **m == point.measure).count()).unwrap_or(0);
        sums.0 += point.n * times(&over);
        sums.1 += point.n * times(&under);
    }
    let mut out = Vec::new();
    let mut day = from;
    while day <= to {
        let (from, to) = grain.span(day);
        let (above, below) = steps.get(&from).copied().unwrap_or_default();
        out.push(Step { from, to, figure: figure_of(indicator, above, below) });
        day = to.plus(1);
    }
    out
}
