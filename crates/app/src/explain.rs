//! Explaining a figure: its two counts, and the records behind each, down to who recorded them. How many records there
//! are follows from sums, so that it takes no longer as they pile up; a list is read day by day until a page is full.

use crate::composite::{is_score, shares, with_shares};
use crate::error::AppError;
use crate::indicator::{Figure, groups, is_register, measures_of, parts, total};
use crate::period::Period;
use crate::state::App;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use xiangyue_domain::day::Day;
use xiangyue_domain::fact::{again, counted};
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Basis, Count, Policy};
use xiangyue_store::{Buckets, Counted, RecordRow, Scope, Slice};

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
    /// Where the next page begins, if there is one.
    pub next: Option<Key>,
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

/// Where a record stands in the list: its day, and its matter.
pub type Key = (i64, i64);

/// Which records of a figure are asked for.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Records of the numerator, or else of the denominator.
    pub above: bool,
    /// Those after this one; none for the first page.
    pub after: Option<Key>,
    /// Records on a page.
    pub size: usize,
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
}

/// A page of records as they were found, before anybody's rights are asked.
struct Found {
    rows: Vec<RecordRow>,
    next: Option<Key>,
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
        // Records are read from the indexes.
        self.settle_facts().await?;
        let (ids, places) = ([id], [place]);
        let (table, behind) = tokio::try_join!(
            self.figures_of(&ids, &places, period, &asked.buckets),
            self.behind_of(&ids, place, period, &asked.buckets),
        )?;
        let figure = table.get(&(place, id.to_owned())).copied().unwrap_or_default();
        let Behind { above, below } = behind.get(id).copied().unwrap_or_default();
        let mut out = Explanation { figure, records: Vec::new(), above, below, hidden: 0, next: None };
        // A score stands on the figures of its parts, and each of those has its own list.
        if is_register(indicator) || is_score(indicator) {
            return Ok(out);
        }
        let slice = self.slice(indicator, &asked.buckets, place, period, asked.above);
        let found = self.find(slice, asked, if asked.above { above } else { below }).await?;
        let ids: Vec<i64> = found.rows.iter().map(|r| r.subject).collect();
        let seen = self.pool().matters_seen(self.realm(), scope, &ids).await?;
        let by_id: HashMap<i64, &Matter> = seen.iter().map(|m| (m.id.0, m)).collect();
        let record = |row: &RecordRow| {
            let day = Day(i32::try_from(row.day).unwrap_or(0));
            by_id.get(&row.subject).map(|m| Record { matter: (*m).clone(), n: row.n, day, seq: row.seq })
        };
        out.records = found.rows.iter().filter_map(record).collect();
        out.hidden = found.rows.len() - out.records.len();
        out.next = found.next;
        Ok(out)
    }

    /// The oldest record behind a figure, as far as a reader may see it.
    pub async fn oldest(
        &self,
        scope: &Scope,
        id: &str,
        place: RegionId,
        period: Period,
    ) -> Result<Option<MatterId>, AppError> {
        let policy = self.policy();
        let indicator = policy.indicator(id).filter(|i| !is_register(i) && !is_score(i)).ok_or(AppError::NotFound)?;
        let slice = self.slice(indicator, &[], place, period, true);
        let found = self.find(slice, &Page { size: 1, ..Page::default() }, 1).await?;
        let ids: Vec<i64> = found.rows.iter().map(|r| r.subject).collect();
        let seen = self.pool().matters_seen(self.realm(), scope, &ids).await?;
        Ok(seen.first().map(|m| m.id))
    }

    /// Records from the first day on, over more and more days until the page is full; `all` is how many there are.
    async fn find(&self, slice: Slice, asked: &Page, all: i64) -> Result<Found, AppError> {
        let mut found = Found { rows: Vec::new(), next: None };
        let Some((first, last)) = self.bounds(if slice.by_cohort { 'c' } else { 'd' }).await? else { return Ok(found) };
        let mut after = asked.after.unwrap_or((i64::MIN, i64::MIN));
        let mut day = slice.from.max(i64::from(first.0)).max(after.0);
        let to = slice.to.min(i64::from(last.0));
        let size = i64::try_from(asked.size).unwrap_or(i64::MAX);
        // As many days as a page takes when records come evenly.
        let mut width = (to - day + 1).saturating_mul(size) / all.max(1) + 1;
        while day <= to && found.rows.len() <= asked.size && all > 0 {
            let end = to.min(day.saturating_add(width - 1));
            let window = Slice { from: day, to: end, ..slice.clone() };
            let limit = size + 1;
            let rows = self.pool().records(self.realm(), &window, after, limit).await?;
            let full = i64::try_from(rows.len()).unwrap_or(0) == limit;
            match rows.last().filter(|_| full) {
                Some(last) => (after, day) = ((last.day, last.subject), last.day),
                None => (after, day, width) = ((end, i64::MAX), end + 1, width.saturating_mul(4)),
            }
            found.rows.extend(if slice.by_cohort { rows } else { self.whole(&slice, rows).await? });
        }
        if found.rows.len() > asked.size {
            found.rows.truncate(asked.size);
            found.next = found.rows.last().map(|r| (r.day, r.subject));
        }
        Ok(found)
    }

    /// What records add over all days of a slice, of which each row knows one: a record stands at the first of its days
    /// alone, and not at all when it adds nothing in the end. A matter holds all its facts.
    async fn whole(&self, slice: &Slice, rows: Vec<RecordRow>) -> Result<Vec<RecordRow>, AppError> {
        let ids: Vec<i64> = rows.iter().map(|r| r.subject).collect();
        let matters = self.pool().matters_any(self.realm(), &ids).await?;
        let days: HashMap<i64, BTreeMap<i64, i64>> = matters.iter().map(|m| (m.id.0, added(slice, m))).collect();
        let whole = |row: RecordRow| {
            let days = days.get(&row.subject)?;
            let n: i64 = days.values().sum();
            (n != 0 && days.keys().next() == Some(&row.day)).then_some(RecordRow { n, ..row })
        };
        Ok(rows.into_iter().filter_map(whole).collect())
    }

    /// How many records stand behind each of several figures, with a handful of queries. What is counted from a
    /// register has its own count.
    pub async fn behind(
        &self,
        ids: &[&str],
        place: RegionId,
        period: Period,
    ) -> Result<BTreeMap<String, Behind>, AppError> {
        self.settle_facts().await?;
        self.behind_of(ids, place, period, &[]).await
    }

    async fn behind_of(
        &self,
        ids: &[&str],
        place: RegionId,
        period: Period,
        asked: &[String],
    ) -> Result<BTreeMap<String, Behind>, AppError> {
        let policy = self.policy();
        let ids: BTreeSet<&str> = ids.iter().copied().collect();
        let wanted = with_shares(&policy, ids.iter().filter_map(|id| policy.indicator(id)).collect());
        let mut out: BTreeMap<String, Behind> = BTreeMap::new();
        for group in groups(&wanted, asked) {
            let all = measures_of(&group.indicators);
            let mut counts: Vec<String> = all.iter().map(|m| counter(&policy, m)).collect();
            let repeated: Vec<String> = all.iter().filter_map(|m| repeats(&policy, m, group.basis)).collect();
            counts.extend(repeated.iter().cloned());
            let ask = group.ask(&counts, std::slice::from_ref(&place), period);
            let Some(first) = group.indicators.first() else { continue };
            let slice = self.slice(first, &group.buckets, place, period, true);
            let again = Slice { measures: repeated, buckets: Vec::new(), ..slice.clone() };
            let (sums, again) = tokio::try_join!(self.sums(ask), self.count_again(&again, ask.buckets))?;
            for indicator in &group.indicators {
                let buckets = crate::indicator::narrowed(indicator, asked);
                let (over, under) = parts(indicator);
                let mut behind = Behind::default();
                for (list, n) in [(&over, &mut behind.above), (&under, &mut behind.below)] {
                    if overlapping(&policy, list) {
                        let slice = Slice { measures: list.clone(), buckets: buckets.clone(), ..slice.clone() };
                        *n = self.pool().count_records(self.realm(), &slice).await?;
                        continue;
                    }
                    let counts: Vec<String> = list.iter().map(|m| counter(&policy, m)).collect();
                    let repeated: Vec<String> = list.iter().filter_map(|m| repeats(&policy, m, group.basis)).collect();
                    let matters = again.iter().filter(|c| {
                        repeated.contains(&c.measure) && (buckets.is_empty() || buckets.contains(&c.bucket))
                    });
                    *n = total(&sums, place, &counts, &buckets) - total(&sums, place, &repeated, &buckets)
                        + matters.map(|c| c.n).sum::<i64>();
                }
                out.insert(indicator.id.clone(), behind);
            }
        }
        for indicator in wanted.iter().filter(|i| is_register(i)) {
            let above = self.figure(&indicator.id, place, period).await?.numerator;
            out.insert(indicator.id.clone(), Behind { above, ..Behind::default() });
        }
        for indicator in wanted.iter().filter(|i| is_score(i)) {
            let parts = shares(&policy, indicator);
            let of = parts.iter().filter_map(|p| out.get(&p.indicator.id));
            let all = of.fold(Behind::default(), |a, b| Behind { above: a.above + b.above, below: a.below + b.below });
            out.insert(indicator.id.clone(), all);
        }
        Ok(out)
    }

    /// How many of those that count more than once stand behind each of a slice's measures: few, and read one by one.
    async fn count_again(&self, slice: &Slice, buckets: Buckets<'_>) -> Result<Vec<Counted>, AppError> {
        if slice.measures.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.pool().count_each(self.realm(), slice, buckets).await?)
    }
}

/// What a matter adds to a slice, by day on its axis.
fn added(slice: &Slice, matter: &Matter) -> BTreeMap<i64, i64> {
    let mut days: BTreeMap<i64, i64> = BTreeMap::new();
    for fact in &matter.facts {
        let axis = i64::from(if slice.by_cohort { fact.cohort.0 } else { fact.day.0 });
        let counts = slice.measures.contains(&fact.measure)
            && (slice.buckets.is_empty() || slice.buckets.contains(&fact.bucket))
            && (slice.places.is_empty() || slice.places.contains(&fact.place.0))
            && (slice.from..=slice.to).contains(&axis)
            && i64::from(fact.day.0) <= slice.cut_off;
        if counts {
            *days.entry(axis).or_default() += fact.delta;
        }
    }
    days.retain(|_, n| *n != 0);
    days
}

/// The measure that counts one for each time a measure counts.
fn counter(policy: &Policy, measure: &str) -> String {
    policy.measure(measure).map_or_else(|| measure.to_owned(), |(_, m)| counted(m))
}

/// The measure of those that count more than once, where that can change how many records there are: of what was taken in
/// together, a matter that left and came back holds once or not at all.
fn repeats(policy: &Policy, measure: &str, basis: Basis) -> Option<String> {
    let (_, measure) = policy.measure(measure)?;
    let matters = match measure.count {
        // A list has several rows, and a matter is one record.
        _ if measure.each.is_some() => true,
        Count::First => false,
        Count::Events => true,
        Count::Holding => basis == Basis::Flow,
    };
    matters.then(|| again(measure))
}

/// Whether one matter may count for two of these measures: then their records cannot be added up.
fn overlapping(policy: &Policy, measures: &[String]) -> bool {
    let kinds: Vec<&str> = measures.iter().filter_map(|m| policy.measure(m)).map(|(k, _)| k.id.as_str()).collect();
    kinds.iter().collect::<BTreeSet<_>>().len() < kinds.len()
}
