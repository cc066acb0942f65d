//! Scores put together from rates with the pack's weights. A score stands on nothing but the figures of its parts, each
//! of which opens by itself: it must never count anything on its own.

use crate::indicator::{Figure, Figures, is_rate};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Indicator, IndicatorSource, Policy, WeightedRate};

/// A rate in a score.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The rate.
    pub indicator: &'a Indicator,
    /// What it weighs.
    pub weight: i64,
}

/// Whether an indicator is a score.
pub fn is_score(indicator: &Indicator) -> bool {
    matches!(indicator.source, IndicatorSource::Weighted(_))
}

/// Whether an indicator is a quotient of any kind: it has two decimals, compares in points and is never added up.
pub fn is_ratio(indicator: &Indicator) -> bool {
    is_rate(indicator) || is_score(indicator)
}

/// What goes into a score, in the pack's order; nothing for any other indicator. Only a rate can: so a score never
/// leads back to itself.
pub fn shares<'a>(policy: &'a Policy, indicator: &Indicator) -> Vec<Part<'a>> {
    let IndicatorSource::Weighted(list) = &indicator.source else { return Vec::new() };
    let part = |s: &WeightedRate| {
        let indicator = policy.indicator(&s.indicator).filter(|i| is_rate(i))?;
        Some(Part { indicator, weight: i64::from(s.weight) })
    };
    list.iter().filter_map(part).collect()
}

/// All the weight of a score.
pub fn weight(indicator: &Indicator) -> i64 {
    match &indicator.source {
        IndicatorSource::Weighted(list) => list.iter().map(|s| i64::from(s.weight)).sum(),
        _ => 0,
    }
}

/// Indicators with what goes into the scores among them, each once.
pub(crate) fn with_shares<'a>(policy: &'a Policy, mut wanted: Vec<&'a Indicator>) -> Vec<&'a Indicator> {
    let parts: Vec<&Indicator> = wanted.iter().flat_map(|i| shares(policy, i)).map(|p| p.indicator).collect();
    for part in parts {
        if wanted.iter().all(|i| i.id != part.id) {
            wanted.push(part);
        }
    }
    wanted
}

/// A score from the figures of its parts: weighted points over the weight that has data. Nothing of it is in the
/// figure while no part has any.
pub(crate) fn score<'a>(parts: &[Part<'a>], of: impl Fn(&'a Indicator) -> Option<Figure>) -> Figure {
    let (mut points, mut weight) = (0.0, 0);
    for part in parts {
        let Some(value) = of(part.indicator).and_then(|f| f.value) else { continue };
        #[expect(clippy::cast_precision_loss, reason = "weights are small")]
        let heavy = part.weight as f64;
        points += heavy * value;
        weight += part.weight;
    }
    #[expect(clippy::cast_precision_loss, reason = "weights are small")]
    let value = (weight > 0).then(|| points / weight as f64);
    #[expect(clippy::cast_possible_truncation, reason = "a weight times 100 per cent, a handful of times")]
    let numerator = points.round() as i64;
    Figure { numerator, denominator: Some(weight), value }
}

/// Adds the scores among some indicators to the figures of their parts.
pub(crate) fn add_scores(policy: &Policy, wanted: &[&Indicator], places: &[RegionId], out: &mut Figures) {
    for indicator in wanted.iter().filter(|i| is_score(i)) {
        let parts = shares(policy, indicator);
        for place in places {
            let made = score(&parts, |i| out.get(&(*place, i.id.clone())).copied());
            out.insert((*place, indicator.id.clone()), made);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(id: &str) -> Indicator {
        let source = serde_json::json!({"rate": {"over": ["a"], "under": ["b"]}});
        serde_json::from_value(serde_json::json!({"id": id, "name": id, "unit": "%", "source": source}))
            .expect("a rate")
    }

    fn of(n: i64, of: i64) -> Figure {
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let value = (of > 0).then(|| n as f64 * 100.0 / of as f64);
        Figure { numerator: n, denominator: Some(of), value }
    }

    #[test]
    fn a_part_without_data_takes_its_weight_along() {
        let (a, b, c) = (rate("a"), rate("b"), rate("c"));
        let parts = [(&a, 20), (&b, 40), (&c, 40)].map(|(indicator, weight)| Part { indicator, weight });
        let check = |figures: [Figure; 3], points: i64, weight: i64, value: Option<f64>| {
            let made = score(&parts, |i| Some(figures[usize::from(i.id.as_bytes()[0] - b'a')]));
            assert_eq!(made, Figure { numerator: points, denominator: Some(weight), value });
        };
        check([of(1, 1), of(3, 4), of(1, 2)], 7000, 100, Some(70.0));
        check([of(1, 1), of(0, 0), of(1, 2)], 4000, 60, Some(4000.0 / 60.0));
        check([of(0, 9), of(0, 1), of(0, 3)], 0, 100, Some(0.0));
        check([of(0, 0); 3], 0, 0, None);
    }
}
