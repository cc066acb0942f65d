//! How a score is shown: its parts with their weights, each leading to its own page, and the weight that has no data.

use super::say;
use super::view::View;
use serde_json::{Value, json};
use xiangyue_app::composite::{Part, shares, weight};
use xiangyue_app::indicator::{Figure, Figures};
use xiangyue_domain::policy::{Indicator, Policy};

fn of(view: &View, part: &Part, figures: &Figures) -> Figure {
    figures.get(&(view.place, part.indicator.id.clone())).copied().unwrap_or_default()
}

/// The parts of a score in the pack's order.
pub(super) fn parts(view: &View, policy: &Policy, indicator: &Indicator, figures: &Figures) -> Vec<Value> {
    let visit = view.visit();
    let one = |part: Part| {
        let figure = of(view, &part, figures);
        let (value, unit) = say::shown(view, part.indicator, figure);
        let weight = [("weight", part.weight.to_string()), ("quotient", say::quotient(figure))];
        let key = if figure.value.is_some() { "composite.weight" } else { "composite.weight_left" };
        json!({
            "label": say::name(view, part.indicator), "value": value, "unit": unit, "words": visit.t_with(key, &weight),
            "url": view.url(&format!("/hub/figures/{}", part.indicator.id), &[]),
        })
    };
    shares(policy, indicator).into_iter().map(one).collect()
}

/// How the score is made, in words.
pub(super) fn rule(view: &View, policy: &Policy, indicator: &Indicator) -> String {
    let one = |part: &Part| format!("{}×{}", say::name(view, part.indicator), part.weight);
    let parts: Vec<String> = shares(policy, indicator).iter().map(one).collect();
    format!("({}) ÷ {}", parts.join(&view.visit().t("hub.plus")), weight(indicator))
}

/// What has no data is said, with the weight it takes along.
pub(super) fn checks(view: &View, policy: &Policy, indicator: &Indicator, figures: &Figures) -> Vec<Value> {
    let visit = view.visit();
    let all = shares(policy, indicator);
    let left: Vec<&Part> = all.iter().filter(|p| of(view, p, figures).value.is_none()).collect();
    if left.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = left.iter().map(|p| say::name(view, p.indicator)).collect();
    let gone: i64 = left.iter().map(|p| p.weight).sum();
    let args = [
        ("names", names.join(&visit.t("desk.comma"))),
        ("weight", gone.to_string()),
        ("rest", (weight(indicator) - gone).to_string()),
    ];
    let key = if left.len() == all.len() { "composite.nothing" } else { "composite.left_out" };
    vec![json!({"words": visit.t_with(key, &args)})]
}
