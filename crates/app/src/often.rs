//! What comes back again and again: callers who report once more, and units that hand back more than the others do. It must
//! never name a person: a caller is shown as how many of their matters lie where.

use crate::error::AppError;
use crate::period::Period;
use crate::state::App;
use crate::sums::Ask;
use std::collections::BTreeMap;
use xiangyue_domain::ids::{AccountId, MatterId, OrgId, RegionId};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Level, Phase};
use xiangyue_domain::surge::{LEAST, chance_of_share, threshold};
use xiangyue_store::Buckets;

/// Days over which what is handed back is counted.
pub const RETURN_DAYS: i32 = 30;
/// Times in a month that the same days are looked at as good as anew: they overlap.
const LOOKS: usize = 30 / 4;
/// Matters of repeated callers that are read.
const READ: i64 = 400;
/// Whoever has not called for so long is no news.
const NEWS_DAYS: i32 = 7;
/// Told at most.
const MOST: usize = 4;

/// A caller who came again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// One of their matters.
    pub matter: MatterId,
    /// The lowest place that holds them all.
    pub place: RegionId,
    /// How many.
    pub n: i64,
    /// How many of them are open.
    pub open: i64,
}

/// A unit that hands back more than others.
#[derive(Debug, Clone, PartialEq)]
pub struct Returns {
    /// The unit.
    pub unit: OrgId,
    /// Measure that counts what was handed back.
    pub measure: String,
    /// How many.
    pub n: i64,
    /// Of how many that it took on or handed back.
    pub of: i64,
    /// Share of all others, in per cent.
    pub usual: f64,
}

impl App {
    /// Callers who came again and again, as far as a reader may see their matters, most first.
    pub async fn callers_again(&self, account: AccountId, place: RegionId) -> Result<Vec<Again>, AppError> {
        let (policy, directory, today) = (self.policy(), self.directory(), self.now().day());
        let Some(rule) = policy.settings.as_ref().map(|s| &s.warnings).filter(|r| r.repeat_calls > 0) else {
            return Ok(Vec::new());
        };
        let (least, since) = (i64::from(rule.repeat_calls), today.plus(1 - i32::from(rule.repeat_days)));
        let rows = self.pool().called_again(self.realm(), i64::from(since.0), least, READ).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<i64> = rows.iter().map(|(_, id)| *id).collect();
        let seen = self.pool().matters_seen(self.realm(), &self.scope(account), &ids).await?;
        let within = |m: &&Matter| directory.tree.ancestors(m.place, today).contains(&place);
        let by_id: BTreeMap<i64, &Matter> = seen.iter().filter(within).map(|m| (m.id.0, m)).collect();
        let mut callers: BTreeMap<&str, Vec<&Matter>> = BTreeMap::new();
        for (token, id) in &rows {
            callers.entry(token).or_default().extend(by_id.get(id));
        }
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let mut out = Vec::new();
        for matters in callers.values().filter(|m| count(m.len()) >= least) {
            let last = matters.iter().max_by_key(|m| m.id);
            let Some(last) = last.filter(|m| m.accepted.plus(NEWS_DAYS) >= today) else { continue };
            let chains: Vec<Vec<RegionId>> = matters.iter().map(|m| directory.tree.ancestors(m.place, today)).collect();
            let town = |id: &&RegionId| directory.tree.get(**id).is_some_and(|r| r.level >= Level::Village);
            let shared = chains[0].iter().filter(town).find(|id| chains.iter().all(|c| c.contains(id)));
            let open = matters.iter().filter(|m| matches!(m.phase, Phase::Open | Phase::Answered)).count();
            let place = shared.copied().unwrap_or(place);
            out.push(Again { matter: last.id, place, n: count(matters.len()), open: count(open) });
        }
        out.sort_by_key(|a| std::cmp::Reverse((a.n, a.open, a.matter)));
        out.truncate(MOST);
        Ok(out)
    }

    /// Matters of whoever reported one, as far as a reader may see that one and them, newest first.
    pub async fn of_same_caller(&self, account: AccountId, id: MatterId) -> Result<Vec<Matter>, AppError> {
        self.find_matter(account, id).await?;
        let policy = self.policy();
        let days = policy.settings.as_ref().map_or(0, |s| s.warnings.repeat_days);
        let since = self.now().day().plus(1 - i32::from(days));
        let ids = self.pool().same_caller(self.realm(), id.0, i64::from(since.0), READ).await?;
        let mut seen = self.pool().matters_seen(self.realm(), &self.scope(account), &ids).await?;
        seen.sort_by_key(|m| std::cmp::Reverse(m.id));
        Ok(seen)
    }

    /// Units that hand back far more of what they get than the others do. Units serve the whole, so they are told there.
    pub async fn returners(&self, place: RegionId) -> Result<Vec<Returns>, AppError> {
        let (policy, directory, today) = (self.policy(), self.directory(), self.now().day());
        let rule = policy.settings.as_ref().map(|s| &s.warnings).filter(|r| !r.handed_back.is_empty());
        let Some(rule) = rule.filter(|_| directory.tree.root(today) == Some(place)) else { return Ok(Vec::new()) };
        let measures = [rule.handed_back.clone(), rule.taken.clone()];
        let period = Period::closed(today.plus(1 - RETURN_DAYS), today);
        let places = [place];
        let ask = Ask { measures: &measures, places: &places, period, by_cohort: false, buckets: Buckets::Each(&[]) };
        let mut units: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for ((_, measure, seat), n) in self.sums(ask).await? {
            let unit = seat.parse().ok().filter(|id| directory.orgs.contains_key(&OrgId(*id)));
            let sums = units.entry(unit.unwrap_or(0)).or_default();
            sums.0 += if measure == rule.handed_back { n } else { 0 };
            sums.1 += n;
        }
        let (all, of_all) = units.values().fold((0, 0), |sum, u| (sum.0 + u.0, sum.1 + u.1));
        let threshold = threshold(units.len(), LOOKS) * 30.0;
        let mut out = Vec::new();
        for (unit, (n, of)) in units.into_iter().filter(|(unit, (n, _))| *unit != 0 && *n >= LEAST) {
            let (share, chance) = chance_of_share((n, of), (all - n, of_all - of));
            if chance < threshold {
                let measure = rule.handed_back.clone();
                out.push(Returns { unit: OrgId(unit), measure, n, of, usual: share * 100.0 });
            }
        }
        out.sort_by_key(|r| std::cmp::Reverse(r.n));
        out.truncate(MOST);
        Ok(out)
    }
}
