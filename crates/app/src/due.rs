//! What villages have to do and when, beside what they have done: computed from a catalogue and the figures of what was
//! done, for as many villages as a reader answers for. Nothing is stored for a duty that nobody has begun.

use crate::error::AppError;
use crate::state::App;
use std::collections::{BTreeMap, HashMap};
use xiangyue_domain::day::Day;
use xiangyue_domain::due::{Due, Span, due_list, settle};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::{Matter, Values};
use xiangyue_domain::policy::{DutyRules, Kind, Level, Policy};
use xiangyue_domain::refusal::Refusal;
use xiangyue_store::{Buckets, Grains, Slice};

/// How often one duty may be begun anew.
const CLAIMS: usize = 64;

/// Matters of one village that are looked at, at most.
const VILLAGE_MOST: i64 = 900;
/// Months that a board looks back.
pub const MONTHS: i32 = 12;
/// Days ahead of which a board warns.
pub const AHEAD: i32 = 7;

/// How a village stands on a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Duties whose last day lies before today, in the months looked at.
    pub due: i64,
    /// Of them, done by now.
    pub done: i64,
    /// Of them, done in time.
    pub in_time: i64,
    /// Duties of the days ahead that are not done yet.
    pub coming: i64,
}

impl Standing {
    /// Duties that are late.
    pub fn late(self) -> i64 {
        (self.due - self.done).max(0)
    }
}

/// A duty of one village with the matter that discharges it.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The duty.
    pub due: Due,
    /// The matter, once somebody began it.
    pub matter: Option<Matter>,
    /// Whether it is done.
    pub done: bool,
}

/// The kind whose matters discharge duties, with what the pack says of it.
pub fn duty_kind(policy: &Policy) -> Option<(&Kind, &DutyRules)> {
    policy.kinds.iter().find_map(|k| k.duty.as_ref().map(|d| (k, d)))
}

/// Whether a matter was made public and is so still.
pub fn is_public(rules: &DutyRules, matter: &Matter) -> bool {
    matter.step != rules.withdrawn && !matter.voided && matter.trail.iter().any(|t| t.mv == rules.publish)
}

impl App {
    /// How each of some villages stands today. Four queries at once, however many villages, items and
    /// months there are.
    pub async fn duty_board(
        &self,
        villages: &[RegionId],
        today: Day,
    ) -> Result<BTreeMap<RegionId, Standing>, AppError> {
        let policy = self.policy();
        let mut out: BTreeMap<RegionId, Standing> = villages.iter().map(|v| (*v, Standing::default())).collect();
        let Some((_, rules)) = duty_kind(&policy) else { return Ok(out) };
        let Some(catalogue) = policy.catalogue(&rules.catalogue) else { return Ok(out) };
        let (begin, end) = (today.month_start(), today.month_end());
        let (first, last) = self.board_days(today).await?;
        let many = |from, to| i64::try_from(due_list(catalogue, from, to).len()).unwrap_or(0);
        let (due, coming) = (many(first, last), many(today, today.plus(AHEAD)));
        for standing in out.values_mut() {
            (standing.due, standing.coming) = (due, coming);
        }
        // Of the month that runs either what fell due is added record by record, or all of it as a sum and what is still to
        // fall due taken off, whichever is less to read: a month's duties of a large county are tens of thousands.
        let taken_off = many(begin, last) > many(today, end);
        let from = begin.plus_months(1 - MONTHS);
        let months = if taken_off { MONTHS } else { MONTHS - 1 };
        let whole: Vec<i64> = (0..months).map(|n| i64::from(from.plus_months(n).0)).collect();
        let grains = Grains { axis: 'd', grain: 'M', days: &whole };
        let pair = (rules.done.as_str(), rules.in_time.as_str());
        let places: Vec<i64> = villages.iter().map(|v| v.0).collect();
        let measures = [rules.done.clone(), rules.in_time.clone()];
        let (sign, span) = if taken_off { (-1, (today, end)) } else { (1, (begin, last)) };
        // Nothing of it waits for anything else, and the sums of many villages are the most of it.
        let (some, others) = places.split_at(places.len() / 2);
        let (some, others, running, done_ahead) = tokio::try_join!(
            async { Ok(self.pool().rollup_pairs(self.realm(), grains, some, pair).await?) },
            async { Ok(self.pool().rollup_pairs(self.realm(), grains, others, pair).await?) },
            self.done_between(&measures, span),
            self.done_between(&measures[..1], (today, today.plus(AHEAD))),
        )?;
        for (place, done, in_time) in some.into_iter().chain(others) {
            let Some(standing) = out.get_mut(&RegionId(place)) else { continue };
            (standing.done, standing.in_time) = (standing.done + done, standing.in_time + in_time);
        }
        for (village, sum) in running {
            let Some(standing) = out.get_mut(&village) else { continue };
            let n = sign * sum.n;
            if sum.measure == rules.done { standing.done += n } else { standing.in_time += n }
        }
        for (village, sum) in done_ahead {
            if let Some(standing) = out.get_mut(&village) {
                standing.coming = (standing.coming - sum.n).max(0);
            }
        }
        Ok(out)
    }

    /// The first and the last day whose duties a board counts. Nothing is asked of days before anything was counted, as
    /// with the duties that come round.
    pub async fn board_days(&self, today: Day) -> Result<(Day, Day), AppError> {
        let begun = self.bounds('d').await?.map_or(today, |(first, _)| first);
        Ok((today.month_start().plus_months(1 - MONTHS).max(begun), today.plus(-1)))
    }

    /// What is done of the duties that fall due in some days, each sum with its village: something may have been entered at
    /// one of its grids.
    async fn done_between(
        &self,
        measures: &[String],
        (from, to): (Day, Day),
    ) -> Result<Vec<(RegionId, xiangyue_store::RollupSum)>, AppError> {
        if from > to {
            return Ok(Vec::new());
        }
        // Days are searched, so all places of a day are read whichever are asked for.
        let days = (i64::from(from.0), i64::from(to.0));
        let slice =
            Slice { measures: measures.to_vec(), from: days.0, to: days.1, cut_off: days.1, ..Slice::default() };
        let sums = self.pool().fact_sums(self.realm(), &slice, Buckets::Whole).await?;
        let (directory, day) = (self.directory(), self.now().day());
        let village = |place: i64| directory.tree.at_level(RegionId(place), Level::Village, day);
        Ok(sums.into_iter().filter_map(|s| Some((village(s.place)?, s))).collect())
    }

    /// The duties of one village that fall due in some days, each with its matter; what follows an event is left out.
    pub async fn duties_of(&self, village: RegionId, from: Day, to: Day) -> Result<Vec<Cell>, AppError> {
        let policy = self.policy();
        let Some((kind, rules)) = duty_kind(&policy) else { return Ok(Vec::new()) };
        let Some(catalogue) = policy.catalogue(&rules.catalogue) else { return Ok(Vec::new()) };
        // Something may be begun as soon as its period has begun, at most a year before it falls due.
        let begun = (i64::from(from.plus(-400).0), i64::from(i32::MAX));
        let found = self.pool().village_matters(self.realm(), (village.0, &kind.id), begun, &[], VILLAGE_MOST).await?;
        let mut by_cell: HashMap<(String, String), Matter> = HashMap::new();
        // Newest first: of two the one that is not given up stands for the duty.
        for matter in found {
            let cell = cell_of(rules, &matter);
            let public = is_public(rules, &matter);
            let ended = matter.phase == xiangyue_domain::policy::Phase::Final;
            if public || !ended && !by_cell.contains_key(&cell) {
                by_cell.insert(cell, matter);
            }
        }
        let cell = |due: Due| {
            let matter = by_cell.remove(&(due.item.clone(), due.span.text()));
            let done = matter.as_ref().is_some_and(|m| is_public(rules, m));
            Cell { due, matter, done }
        };
        Ok(due_list(catalogue, from, to).into_iter().map(cell).collect())
    }

    /// What stands for a duty of each village, asked of all at once: the matter of its item and period that was not given
    /// up.
    pub(crate) async fn duty_matters(
        &self,
        villages: &[RegionId],
        (item, period): (&str, &str),
    ) -> Result<HashMap<RegionId, Matter>, AppError> {
        let policy = self.policy();
        let Some((kind, rules)) = duty_kind(&policy) else { return Ok(HashMap::new()) };
        let places: Vec<i64> = villages.iter().map(|v| v.0).collect();
        // Nothing is begun before its period is.
        let since = Span::parse(period).map_or(i64::MIN, |s| s.first.0.into());
        let found = self.pool().duty_matters(self.realm(), &places, (&kind.id, item), since).await?;
        let wanted = (item.to_owned(), period.to_owned());
        let stands = |m: &Matter| cell_of(rules, m) == wanted && m.phase != xiangyue_domain::policy::Phase::Final;
        let mut out = HashMap::new();
        // Newest first: of two, which there should not be, the newest stands.
        for (village, matter) in found.into_iter().filter(|(_, m)| stands(m)) {
            out.entry(RegionId(village)).or_insert(matter);
        }
        Ok(out)
    }

    /// The claim on a duty that is free. Claims are never taken back, and what one stood for may be void by now, or given up,
    /// or stand elsewhere since a correction: then the next number is free.
    pub(crate) async fn next_claim(&self, village: RegionId, cell: (&str, &str)) -> Result<String, AppError> {
        Ok(self.free_claims(&[village], cell).await?.remove(&village).unwrap_or_default())
    }

    /// The same for many villages, asked of all at once, and again of those alone whose claim was used.
    pub(crate) async fn free_claims(
        &self,
        villages: &[RegionId],
        cell: (&str, &str),
    ) -> Result<HashMap<RegionId, String>, AppError> {
        let mut out = HashMap::new();
        let mut left = villages.to_vec();
        for n in 0..CLAIMS {
            let claims: Vec<(RegionId, String)> =
                left.iter().map(|v| (*v, format!("duty/{v}/{}/{}/{n}", cell.0, cell.1))).collect();
            if claims.is_empty() {
                break;
            }
            let names: Vec<String> = claims.iter().map(|(_, c)| c.clone()).collect();
            let used = self.pool().replies(self.realm(), &names).await?;
            left.retain(|v| claims.iter().any(|(village, c)| village == v && used.iter().any(|(key, _)| key == c)));
            out.extend(claims);
        }
        Ok(out)
    }

    /// Refuses to begin a duty that somebody has begun already: one item, one period, one matter. What it gives is claimed
    /// with the matter, so that of two who begin at once the second is refused.
    pub(crate) async fn is_no_second(
        &self,
        (kind, mut values): (String, Values),
        place: RegionId,
        key: &str,
    ) -> Result<Option<String>, AppError> {
        let policy = self.policy();
        let Some(kind) = policy.kind(&kind) else { return Ok(None) };
        let Some(rules) = &kind.duty else { return Ok(None) };
        settle(&policy, kind, &mut values, self.now().day())?;
        let text = |field: &String| values.get(field).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let (item, period) = (text(&rules.item), text(&rules.period));
        if text(&rules.cadence) == "event" || self.matter_by_command_key(key).await?.is_some() {
            return Ok(None);
        }
        let village = self.directory().tree.at_level(place, Level::Village, self.now().day()).unwrap_or(place);
        let ever = (i64::MIN, i64::MAX);
        let items = [item.clone()];
        let found =
            self.pool().village_matters(self.realm(), (village.0, &kind.id), ever, &items, VILLAGE_MOST).await?;
        let wanted = (item.clone(), period.clone());
        let stands = |m: &&Matter| cell_of(rules, m) == wanted && m.phase != xiangyue_domain::policy::Phase::Final;
        let Some(first) = found.iter().find(stands) else {
            return Ok(Some(self.next_claim(village, (&item, &period)).await?));
        };
        let name = policy.catalogue(&rules.catalogue).and_then(|c| c.item(&item)).map_or("", |i| i.name.as_str());
        let refusal = Refusal::new("duty_there").with("item", name).with("period", period);
        Err(refusal.with("number", &first.number).into())
    }
}

/// Item and period of a matter.
fn cell_of(rules: &DutyRules, matter: &Matter) -> (String, String) {
    let text = |field: &String| matter.values.get(field).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    (text(&rules.item), text(&rules.period))
}
