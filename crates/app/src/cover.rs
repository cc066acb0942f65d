//! How a range of days is covered by whole years, whole months and single days, added or taken off, whichever are fewer to
//! read. Every day of the range is covered exactly once and no other day at all; nothing is asked of days on which
//! nothing can be.

use xiangyue_domain::day::Day;

/// What is added, and what is taken off again.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Signed<T> {
    pub plus: Vec<T>,
    pub minus: Vec<T>,
}

impl<T> Signed<T> {
    fn put(&mut self, sign: i64, one: T) {
        if sign < 0 { self.minus.push(one) } else { self.plus.push(one) }
    }
}

/// A range of days in parts, each named by its first day.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Cover {
    pub years: Vec<Day>,
    pub months: Signed<Day>,
    pub days: Signed<(Day, Day)>,
}

impl Cover {
    /// By years, months and days. Before the first and after the last of the bounds there is nothing, so that a year
    /// which holds one of them is whole.
    pub fn by_year(from: Day, to: Day, (first, last): (Day, Day)) -> Cover {
        let from = if from <= first { first.year_start() } else { from };
        let to = if to >= last { last.year_end() } else { to };
        let mut cover = Cover::default();
        let mut year = from.year_start();
        while year <= to {
            let end = year.year_end();
            let (a, b) = (from.max(year), to.min(end));
            let (inside, whole) = (b.0 - a.0 + 1, end.0 - year.0 + 1);
            if whole - inside < inside {
                cover.years.push(year);
                cover.by_months(-1, (year, a.plus(-1)), |_| true);
                cover.by_months(-1, (b.plus(1), end), |_| true);
            } else {
                cover.by_months(1, (a, b), |_| true);
            }
            year = end.plus(1);
        }
        cover
    }

    /// By months and days. Nothing is taken off a month unless the tree stays what it is until its end: the days go by the
    /// places of the cut-off, the month by those of each day.
    pub fn by_month(from: Day, to: Day, (first, last): (Day, Day), steady: impl Fn(Day) -> bool) -> Cover {
        let from = if from <= first { first.month_start() } else { from };
        let to = if to >= last { last.month_end() } else { to };
        let mut cover = Cover::default();
        cover.by_months(1, (from, to), steady);
        cover
    }

    /// Whole months that ended before a day's own month began, and what is left of the range as single days.
    pub fn closed_months(from: Day, to: Day, before: Day) -> Cover {
        let mut cover = Cover::default();
        let first = if from == from.month_start() { from } else { from.month_end().plus(1) };
        let last = to.min(before.month_start().plus(-1));
        let mut month = first;
        while month.month_end() <= last {
            cover.months.plus.push(month);
            month = month.month_end().plus(1);
        }
        let edges =
            if cover.months.plus.is_empty() { vec![(from, to)] } else { vec![(from, first.plus(-1)), (month, to)] };
        cover.days.plus.extend(edges.into_iter().filter(|(a, b)| a <= b));
        cover
    }

    fn by_months(&mut self, sign: i64, (from, to): (Day, Day), steady: impl Fn(Day) -> bool) {
        let mut month = from.month_start();
        while month <= to {
            let end = month.month_end();
            let (a, b) = (from.max(month), to.min(end));
            let inside = b.0 - a.0 + 1;
            let outside = end.0 - month.0 + 1 - inside;
            if outside == 0 || outside < inside && steady(end) {
                self.months.put(sign, month);
                if month < a {
                    self.days.put(-sign, (month, a.plus(-1)));
                }
                if b < end {
                    self.days.put(-sign, (b.plus(1), end));
                }
            } else {
                self.days.put(sign, (a, b));
            }
            month = end.plus(1);
        }
    }

    /// The single days, each range with its sign.
    pub fn edges(&self) -> impl Iterator<Item = (i64, (Day, Day))> {
        self.days.plus.iter().map(|r| (1, *r)).chain(self.days.minus.iter().map(|r| (-1, *r)))
    }
}

/// Days as numbers.
pub(crate) fn numbers(days: &[Day]) -> Vec<i64> {
    days.iter().map(|d| i64::from(d.0)).collect()
}

/// Every day of some ranges.
pub(crate) fn each(ranges: &[(Day, Day)]) -> Vec<i64> {
    ranges.iter().flat_map(|(a, b)| i64::from(a.0)..=i64::from(b.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// How often each day is counted.
    fn counted(cover: &Cover) -> BTreeMap<i64, i64> {
        let mut days: BTreeMap<i64, i64> = BTreeMap::new();
        let mut add = |sign: i64, from: Day, to: Day| {
            each(&[(from, to)]).into_iter().for_each(|d| *days.entry(d).or_default() += sign);
        };
        cover.years.iter().for_each(|y| add(1, *y, y.year_end()));
        cover.months.plus.iter().for_each(|m| add(1, *m, m.month_end()));
        cover.months.minus.iter().for_each(|m| add(-1, *m, m.month_end()));
        cover.edges().for_each(|(sign, (a, b))| add(sign, a, b));
        days.retain(|_, n| *n != 0);
        days
    }

    proptest! {
        #[test]
        fn every_day_is_covered_once(start in 0..900i32, length in 0..1500i32) {
            let from = Day::ymd(2024, 1, 1).unwrap().plus(start);
            let to = from.plus(length);
            let wide = (Day(0), Day(99_999));
            let plain: BTreeMap<i64, i64> = each(&[(from, to)]).into_iter().map(|d| (d, 1)).collect();
            for cover in [Cover::by_year(from, to, wide), Cover::by_month(from, to, wide, |_| true)] {
                prop_assert_eq!(counted(&cover), plain.clone());
                prop_assert!(each(&cover.days.plus).len() <= 62 && each(&cover.days.minus).len() <= 60, "{:?}", cover);
            }
            for before in [to, to.plus(40)] {
                let cover = Cover::closed_months(from, to, before);
                prop_assert_eq!(counted(&cover), plain.clone());
                prop_assert!(cover.months.plus.iter().all(|m| m.month_end() < before.month_start()));
                prop_assert!(each(&cover.days.plus).len() <= 61, "{:?}", cover);
            }
            let cover = Cover::by_year(from, to, wide);
            prop_assert!(cover.months.plus.len() + cover.months.minus.len() <= 24, "{:?}", cover);
        }

        #[test]
        fn bounds_cover_what_counts(a in 0..800i32, b in 0..800i32, first in 0..800i32, last in 0..800i32) {
            let base = Day::ymd(2024, 1, 1).unwrap();
            let bounds = (base.plus(first.min(last)), base.plus(first.max(last)));
            let (from, to) = (base.plus(a.min(b)), base.plus(a.max(b)));
            let inside = |day: &i64| (i64::from(bounds.0.0)..=i64::from(bounds.1.0)).contains(day);
            let plain: Vec<i64> = each(&[(from, to)]).into_iter().filter(inside).collect();
            for cover in [Cover::by_year(from, to, bounds), Cover::by_month(from, to, bounds, |_| true)] {
                let days = counted(&cover);
                prop_assert!(days.values().all(|n| *n == 1), "{:?}", cover);
                prop_assert_eq!(days.into_keys().filter(inside).collect::<Vec<_>>(), plain.clone());
            }
        }
    }

    #[test]
    fn nothing_is_taken_off_where_nothing_can_be() {
        let day = |d| Day::ymd(2026, 11, d).unwrap();
        let cover = |from, to, bounds| Cover::by_month(from, to, bounds, |_| true);
        let whole = Cover { months: Signed { plus: vec![day(1)], minus: Vec::new() }, ..Cover::default() };
        assert_eq!(cover(day(1), day(3), (day(1), day(3))), whole);
        assert_eq!(cover(Day(0), Day(99_999), (day(2), day(3))), whole);
        assert_eq!(cover(day(1), day(3), (day(1), day(4))).days.plus, [(day(1), day(3))]);
        // Two days are fewer than twenty-eight, but not where the month ends under another tree.
        let nearly = |steady| Cover::by_month(day(1), day(28), (day(1), day(30)), move |_| steady);
        assert_eq!((nearly(true).days.minus.len(), nearly(false).days.plus.len()), (1, 1));
        // This year so far is the year: nothing counts after today.
        let year = Day::ymd(2026, 1, 1).unwrap();
        assert_eq!(Cover::by_year(year, day(26), (Day(0), day(26))), Cover { years: vec![year], ..Cover::default() });
        // The same days of the year before are that year without a month and four days.
        let before = Cover::by_year(Day::ymd(2025, 1, 1).unwrap(), Day::ymd(2025, 11, 26).unwrap(), (Day(0), day(26)));
        assert_eq!((before.years.len(), before.months.minus.len(), each(&before.days.minus).len()), (1, 1, 4));
    }
}
