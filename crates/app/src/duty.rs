//! Who has done what comes round, and who has not. One sum for all places of a duty; a place that was not there for the
//! whole span is not asked, and nothing is asked of days before anything was counted.

use crate::error::AppError;
use crate::period::Period;
use crate::state::App;
use std::collections::BTreeMap;
use xiangyue_domain::day::Day;
use xiangyue_domain::duty::{Duty, DutySpan};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::Level;

/// How a duty stands below a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The duty.
    pub duty: Duty,
    /// The span.
    pub span: DutySpan,
    /// Places that have not done it, in official order.
    pub missing: Vec<RegionId>,
    /// Places that have done it, in official order.
    pub done: Vec<RegionId>,
}

impl Standing {
    /// Of how many places it is asked.
    pub fn of(&self) -> usize {
        self.missing.len() + self.done.len()
    }
}

impl App {
    /// What was due last, duty by duty, below a place.
    pub async fn duties_judged(&self, place: RegionId) -> Result<Vec<Standing>, AppError> {
        let today = self.now().day();
        let policy = self.policy();
        let spans = policy.duties.iter().filter_map(|d| Some((d, d.judged(today)?)));
        self.standings(place, spans.collect()).await
    }

    /// What is asked for now, duty by duty, below a place.
    pub async fn duties_running(&self, place: RegionId) -> Result<Vec<Standing>, AppError> {
        let today = self.now().day();
        let policy = self.policy();
        let spans = policy.duties.iter().filter_map(|d| Some((d, d.running(today)?)));
        self.standings(place, spans.collect()).await
    }

    /// What is asked for now and has few days left, duty by duty, below a place.
    pub async fn duties_near(&self, place: RegionId) -> Result<Vec<Standing>, AppError> {
        let today = self.now().day();
        let policy = self.policy();
        let spans = policy.duties.iter().filter_map(|d| Some((d, d.near(today)?)));
        self.standings(place, spans.collect()).await
    }

    async fn standings(&self, place: RegionId, spans: Vec<(&Duty, DutySpan)>) -> Result<Vec<Standing>, AppError> {
        let mut out = Vec::new();
        if spans.is_empty() {
            return Ok(out);
        }
        let (directory, today) = (self.directory(), self.now().day());
        let Some((first, _)) = self.bounds('d').await? else { return Ok(out) };
        let below = directory.tree.subtree(place, today);
        // Duties of one level and span are one question.
        let mut asked: BTreeMap<(Day, Day, Level), Vec<_>> = BTreeMap::new();
        for (duty, span) in spans.into_iter().filter(|(_, s)| first <= s.from) {
            asked.entry((span.from, span.to, duty.level)).or_default().push((duty, span));
        }
        for ((from, to, level), duties) in asked {
            let there =
                |id: &&RegionId| directory.tree.get(**id).is_some_and(|r| r.level == level && r.span(from).is_some());
            let places: Vec<RegionId> = below.iter().filter(there).copied().collect();
            let ids: Vec<&str> = duties.iter().map(|(d, _)| d.indicator.as_str()).collect();
            let made = self.figures(&ids, &places, Period::closed(from, to.min(today))).await?;
            for (duty, span) in duties {
                let times = |id: &RegionId| made.get(&(*id, duty.indicator.clone())).map_or(0, |f| f.numerator);
                let lacks = |id: &RegionId| times(id) < i64::from(duty.least);
                let (missing, done) = places.iter().copied().partition(lacks);
                out.push(Standing { duty: duty.clone(), span, missing, done });
            }
        }
        out.retain(|s| s.of() > 0);
        Ok(out)
    }
}
