//! Periods as people look for them: 2026年9月, 9月, 第三季度, or as a form writes them. What is no period is left as words.

use super::Span;

/// A year, a month or a quarter, each alone or a year with one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpanAsked {
    year: Option<i16>,
    month: Option<u8>,
    quarter: Option<u8>,
}

impl SpanAsked {
    /// A word that is a period and nothing else.
    pub fn parse(word: &str) -> Option<SpanAsked> {
        if let Some(span) = Span::parse(word) {
            return SpanAsked::of(&span.text());
        }
        let (mut asked, mut rest) = (SpanAsked::default(), word);
        if let Some((year, more)) = word.split_once('年') {
            asked.year = Some(year.parse().ok().filter(|y| (1900..=9999).contains(y))?);
            rest = more;
        }
        if let Some(month) = rest.strip_suffix('月') {
            asked.month = Some(month.parse().ok().filter(|m| (1..=12).contains(m))?);
        } else if let Some(quarter) = rest.strip_suffix("季度") {
            let quarter = quarter.strip_prefix('第').unwrap_or(quarter);
            let named =
                ["一", "二", "三", "四"].iter().position(|n| *n == quarter).and_then(|n| u8::try_from(n + 1).ok());
            asked.quarter = Some(named.or_else(|| quarter.parse().ok()).filter(|q| (1..=4).contains(q))?);
        } else if !rest.is_empty() {
            return None;
        }
        (asked != SpanAsked::default()).then_some(asked)
    }

    fn of(text: &str) -> Option<SpanAsked> {
        let (year, rest) = (text.get(..4)?, text.get(4..)?);
        Some(SpanAsked {
            year: year.parse().ok(),
            month: rest.strip_prefix('-').and_then(|m| m.parse().ok()),
            quarter: rest.strip_prefix('Q').and_then(|q| q.parse().ok()),
        })
    }

    /// Whether a stored period, such as `2026-09`, is among what is asked for.
    pub fn fits(self, period: &str) -> bool {
        let Some(is) = SpanAsked::of(period) else { return false };
        let same = |asked: Option<u8>, is: Option<u8>| asked.is_none() || asked == is;
        (self.year.is_none() || self.year == is.year) && same(self.month, is.month) && same(self.quarter, is.quarter)
    }

    /// Parts what was typed into periods and words: `9月收支` is both.
    pub fn among(typed: &str) -> (Vec<SpanAsked>, Vec<String>) {
        let (mut spans, mut words) = (Vec::new(), Vec::new());
        for word in typed.split_whitespace() {
            let cuts = (0..=word.len()).rev().filter(|at| word.is_char_boundary(*at));
            match cuts.filter_map(|at| Some((SpanAsked::parse(&word[..at])?, &word[at..]))).next() {
                Some((span, rest)) => {
                    spans.push(span);
                    words.extend((!rest.is_empty()).then(|| rest.to_owned()));
                }
                None => words.push(word.to_owned()),
            }
        }
        (spans, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_found_by_what_people_call_it() {
        for (asked, fits, not) in [
            ("2026年9月", "2026-09", "2026-10"),
            ("9月", "2025-09", "2026-10"),
            ("1月", "2026-01", "2026-11"),
            ("2026-09", "2026-09", "2025-09"),
            ("2026Q3", "2026Q3", "2026-07"),
            ("第3季度", "2026Q3", "2026Q4"),
            ("2026年三季度", "2026Q3", "2025Q3"),
            ("2026年", "2026-01", "2025"),
            ("2026", "2026", "2025-12"),
        ] {
            let span = SpanAsked::parse(asked).unwrap_or_else(|| panic!("{asked} is a period"));
            assert!(span.fits(fits) && !span.fits(not), "{asked}");
        }
        for word in ["收支", "13月", "第5季度", "年", "月", "当月收支明细", "99999年"] {
            assert_eq!(SpanAsked::parse(word), None, "{word}");
        }
        let (spans, words) = SpanAsked::among("9月收支 低保  第3季度");
        assert_eq!((spans.len(), words), (2, vec!["收支".to_owned(), "低保".to_owned()]));
    }
}
