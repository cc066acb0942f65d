//! Explaining a figure: its definition, its two counts, and the records behind each, down to who recorded them.

use crate::error::AppError;
use crate::indicator::{is_rate, parts, Figure};
use crate::period::Period;
use crate::state::App;
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::IndicatorSource;
use xiangyue_store::Scope;

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

impl App {
    /// Explains a figure to a reader. `above` chooses the records of the numerator.
    pub async fn explain(&self, scope: &Scope, id: &str, place: RegionId, period: Period, above: bool, page: i64, size: i64) -> Result<Explanation, AppError> {
        let policy = self.policy();
        let indicator = policy.indicator(id).ok_or(AppError::NotFound)?;
        let figure = self.figure(id, place, period).await?;
        if matches!(indicator.source, IndicatorSource::Register(_)) {
            return Ok(Explanation { figure, records: Vec::new(), above: figure.numerator, below: 0, hidden: 0 });
        }
        let slice = self.slice(&policy, indicator, place, period, above);
        let rows = self.pool().records(self.realm(), &slice, size, page * size).await?;
        let ids: Vec<i64> = rows.iter().map(|r| r.subject).collect();
        let seen = self.pool().matters_seen(self.realm(), scope, &ids).await?;
        let mut records = Vec::new();
        for row in &rows {
            if let Some(matter) = seen.iter().find(|m| m.id == MatterId(row.subject)) {
                let day = Day(i32::try_from(row.day).unwrap_or(0));
                records.push(Record { matter: matter.clone(), n: row.n, day, seq: row.seq });
            }
        }
        let (over, under) = (self.slice(&policy, indicator, place, period, true), self.slice(&policy, indicator, place, period, false));
        let above_n = self.pool().count_records(self.realm(), &over).await?;
        let below_n = if is_rate(indicator) { self.pool().count_records(self.realm(), &under).await? } else { 0 };
        let hidden = rows.len() - records.len();
        Ok(Explanation { figure, records, above: above_n, below: below_n, hidden })
    }

    /// How many records stand behind a figure, above and below its line together.
    pub async fn count_behind(&self, id: &str, place: RegionId, period: Period) -> Result<i64, AppError> {
        let policy = self.policy();
        let indicator = policy.indicator(id).ok_or(AppError::NotFound)?;
        if parts(indicator).0.is_empty() {
            return Ok(self.figure(id, place, period).await?.numerator);
        }
        let mut n = self.pool().count_records(self.realm(), &self.slice(&policy, indicator, place, period, true)).await?;
        if is_rate(indicator) {
            n += self.pool().count_records(self.realm(), &self.slice(&policy, indicator, place, period, false)).await?;
        }
        Ok(n)
    }
}
