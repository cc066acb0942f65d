//! Explaining a figure: its definition, its two counts, and the records behind each, down to who recorded them.

use crate::error::AppError;
use crate::indicator::{Figure, is_rate, parts};
use crate::period::Period;
use crate::state::App;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Basis, Indicator, IndicatorSource, Policy};
use xiangyue_store::{Scope, Slice};

/// A figure with its records.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The figure.
    pub figure: Figure,
    /// Records of a page, oldest first.
    pub records: Vec<Record>,
    /// How many records stand behind the numerator.
    pub above: i64,
    /// How many stand behind the denominator.
    pub below: i64,
    /// Records of this page that this reader may not see.
    pub hidden: usize,
}

/// One record.
#[derive(Debug, Clone)]
pub struct Record {
    /// The matter.
    pub matter: Matter,
    /// What it adds.
    pub n: i64,
    /// Day it counts on.
    pub day: Day,
    /// Entry that first counted it.
    pub seq: i64,
}

/// Which records of a figure are asked for.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Records of the numerator, or else of the denominator.
    pub above: bool,
    /// Page, from 0.
    pub page: i64,
    /// Records on a page.
    pub size: i64,
    /// Buckets; none means all.
    pub buckets: Vec<String>,
}

/// How many records stand behind a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Behind {
    /// Behind the numerator, or the plain sum.
    pub above: i64,
    /// Behind the denominator of a rate.
    pub below: i64,
    /// The oldest record above the line.
    pub oldest: Option<MatterId>,
}

impl App {
    /// Explains a figure to a reader, or the part of it that falls in some buckets.
    pub async fn explain(
        &self,
        scope: &Scope,
        id: &str,
        place: RegionId,
        period: Period,
        asked: &Page,
    ) -> Result<Explanation, AppError> {
        let policy = self.policy();
        let indicator = policy.indicator(id).ok_or(AppError::NotFound)?;
        let table = self.figures_of(&[id], &[place], period, &asked.buckets).await?;
        let figure = table.get(&(place, id.to_owned())).copied().unwrap_or_default();
        if matches!(indicator.source, IndicatorSource::Register(_)) {
            return Ok(Explanation { figure, records: Vec::new(), above: figure.numerator, below: 0, hidden: 0 });
        }
        let slice = |above: bool| self.slice(indicator, &asked.buckets, place, period, above);
        let rows = self.pool().records(self.realm(), &slice(asked.above), asked.size, asked.page * asked.size).await?;
        let ids: Vec<i64> = rows.iter().map(|r| r.subject).collect();
        let seen = self.pool().matters_seen(self.realm(), scope, &ids).await?;
        let by_id: HashMap<i64, &Matter> = seen.iter().map(|m| (m.id.0, m)).collect();
        let record = |row: &xiangyue_store::RecordRow| {
            let day = Day(i32::try_from(row.day).unwrap_or(0));
            by_id.get(&row.subject).map(|m| Record { matter: (*m).clone(), n: row.n, day, seq: row.seq })
        };
        let records: Vec<Record> = rows.iter().filter_map(record).collect();
        let above = self.pool().count_records(self.realm(), &slice(true)).await?;
        let below = if is_rate(indicator) { self.pool().count_records(self.realm(), &slice(false)).await? } else { 0 };
        Ok(Explanation { figure, above, below, hidden: rows.len() - records.len(), records })
    }

    /// How many records stand behind a figure, above and below its line together.
    pub async fn count_behind(&self, id: &str, place: RegionId, period: Period) -> Result<i64, AppError> {
        let found = self.behind(&[id], place, period).await?;
        found.get(id).map(|b| b.above + b.below).ok_or(AppError::NotFound)
    }

    /// How many records stand behind each of several figures, with a handful of queries. What is counted from a
    /// register has its own count.
    pub async fn behind(
        &self,
        ids: &[&str],
        place: RegionId,
        period: Period,
    ) -> Result<BTreeMap<String, Behind>, AppError> {
        let policy = self.policy();
        let wanted: Vec<&Indicator> = ids.iter().filter_map(|id| policy.indicator(id)).collect();
        let mut out = BTreeMap::new();
        let mut oldest: BTreeMap<String, i64> = BTreeMap::new();
        for basis in [Basis::Flow, Basis::Cohort, Basis::Stock] {
            for bucketed in [false, true] {
                let of = |i: &&&Indicator| i.basis == basis && i.bucket.is_some() == bucketed && !parts(i).0.is_empty();
                let group: Vec<&Indicator> = wanted.iter().filter(of).copied().collect();
                let Some(first) = group.first() else { continue };
                let mut slice = self.slice(first, &[], place, period, true);
                slice.measures = measures_of(&group);
                let rows = self.pool().behind(self.realm(), &slice, bucketed).await?;
                let counts: HashMap<(&str, &str), (i64, i64)> =
                    rows.iter().map(|r| ((r.measure.as_str(), r.bucket.as_str()), (r.n, r.seq))).collect();
                for indicator in group {
                    let bucket = indicator.bucket.as_deref().unwrap_or("");
                    let found = |m: &String| counts.get(&(m.as_str(), bucket)).copied();
                    let (over, under) = parts(indicator);
                    let mut behind = Behind::default();
                    for (list, n) in [(&over, &mut behind.above), (&under, &mut behind.below)] {
                        *n = if overlapping(&policy, list) {
                            let slice = Slice {
                                measures: list.clone(),
                                buckets: indicator.bucket.iter().cloned().collect(),
                                ..slice.clone()
                            };
                            self.pool().count_records(self.realm(), &slice).await?
                        } else {
                            list.iter().filter_map(found).map(|(n, _)| n).sum()
                        };
                    }
                    let first = over.iter().filter_map(found).map(|(_, seq)| seq).min();
                    oldest.extend(first.map(|seq| (indicator.id.clone(), seq)));
                    out.insert(indicator.id.clone(), behind);
                }
            }
        }
        for indicator in wanted.iter().filter(|i| matches!(i.source, IndicatorSource::Register(_))) {
            let above = self.figure(&indicator.id, place, period).await?.numerator;
            out.insert(indicator.id.clone(), Behind { above, ..Behind::default() });
        }
        self.name_oldest(&mut out, &oldest, &measures_of(&wanted)).await?;
        Ok(out)
    }

    async fn name_oldest(
        &self,
        found: &mut BTreeMap<String, Behind>,
        oldest: &BTreeMap<String, i64>,
        measures: &[String],
    ) -> Result<(), AppError> {
        let entries: BTreeSet<i64> = oldest.values().copied().collect();
        let entries: Vec<i64> = entries.into_iter().collect();
        let subjects: HashMap<i64, i64> =
            self.pool().subjects_at(self.realm(), &entries, measures).await?.into_iter().collect();
        for (id, seq) in oldest {
            if let Some(behind) = found.get_mut(id) {
                behind.oldest = subjects.get(seq).copied().map(MatterId);
            }
        }
        Ok(())
    }
}

fn measures_of(indicators: &[&Indicator]) -> Vec<String> {
    let all = indicators.iter().flat_map(|i| {
        let (over, under) = parts(i);
        over.into_iter().chain(under)
    });
    all.collect::<BTreeSet<String>>().into_iter().collect()
}

/// Whether one matter may count for two of these measures: then their records cannot be added up.
fn overlapping(policy: &Policy, measures: &[String]) -> bool {
    let kinds: Vec<&str> = measures.iter().filter_map(|m| policy.measure(m)).map(|(k, _)| k.id.as_str()).collect();
    kinds.iter().collect::<BTreeSet<_>>().len() < kinds.len()
}
