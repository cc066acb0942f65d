//! The headline figures: each with its two counts, how it compares, how it went, and what must stand beside it.

use super::chart::spark;
use super::say;
use super::view::View;
use serde_json::{Value, json};
use std::collections::HashMap;
use xiangyue_app::composite::is_ratio;
use xiangyue_app::indicator::Figures;
use xiangyue_app::series::Series;
use xiangyue_app::warning::{Open, kinds_closed};
use xiangyue_domain::policy::{Indicator, Policy};

/// Indicators of the headline that may be shown here.
pub(super) fn headlines<'a>(view: &View, policy: &'a Policy) -> Vec<&'a Indicator> {
    policy.indicators.iter().filter(|i| i.headline && say::may_show(policy, i, view.level)).collect()
}

/// Their ids, with those that stand beside them.
pub(super) fn ids<'a>(view: &View, policy: &'a Policy) -> Vec<&'a str> {
    let mut ids: Vec<&str> = Vec::new();
    for indicator in headlines(view, policy) {
        ids.push(&indicator.id);
        ids.extend(indicator.beside.iter().map(String::as_str));
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// What a headline is made of.
pub(super) struct Ground<'a> {
    pub policy: &'a Policy,
    pub now: &'a Figures,
    pub base: &'a Figures,
    pub series: &'a Series,
    pub open: &'a HashMap<String, Open>,
}

/// The cards.
pub(super) fn cards(view: &View, ground: &Ground) -> Vec<Value> {
    headlines(view, ground.policy).into_iter().map(|i| card(view, ground, i)).collect()
}

fn card(view: &View, ground: &Ground, indicator: &Indicator) -> Value {
    let key = (view.place, indicator.id.clone());
    let now = ground.now.get(&key).copied().unwrap_or_default();
    let base = ground.base.get(&key).copied();
    let (value, unit) = say::shown(view, indicator, now);
    json!({
        "label": say::name(view, indicator),
        "value": value,
        "unit": unit,
        "detail": if say::counting(view, indicator) { String::new() } else if is_ratio(indicator) { say::stands_on(view, indicator, now) } else { view.days(view.period) },
        "url": view.figure_url(&indicator.id, view.place),
        "compare": say::change(view, indicator, now, base, true),
        "spark": line(view, ground.series, indicator),
        "more": beside(view, ground, indicator),
        "tone": "",
    })
}

/// The months that are over.
fn line(view: &View, series: &Series, indicator: &Indicator) -> Value {
    let points = series.get(&indicator.id).map(Vec::as_slice).unwrap_or_default();
    let over = points.iter().filter(|step| step.to < view.day);
    let values: Vec<f64> = over.filter_map(|step| step.figure.value).collect();
    spark(&values)
}

fn beside(view: &View, ground: &Ground, indicator: &Indicator) -> Vec<Value> {
    let mut out = Vec::new();
    for id in &indicator.beside {
        let Some(other) = ground.policy.indicator(id) else { continue };
        let figure = ground.now.get(&(view.place, id.clone())).copied().unwrap_or_default();
        let (value, unit) = say::shown(view, other, figure);
        out.push(json!({
            "label": say::name(view, other),
            "value": format!("{value}{unit}"),
            "url": view.figure_url(id, view.place),
        }));
    }
    let kinds = kinds_closed(ground.policy, indicator);
    if !kinds.is_empty() {
        let of = |k: &String| ground.open.get(k).copied().unwrap_or_default();
        let left: i64 = kinds.iter().map(of).map(|o| o.n - o.late).sum();
        let late: i64 = kinds.iter().map(of).map(|o| o.late).sum();
        let (from, to) = (view.period.from.to_string(), view.period.to.to_string());
        let kind = kinds.join(",");
        let list = |n: i64, limit: &str| {
            view.counted_url(
                n,
                view.place,
                &[("status", "active"), ("kind", &kind), ("from", &from), ("to", &to), ("limit", limit)],
            )
        };
        let count = |n: i64| format!("{}{}", say::grouped(n), view.visit().t("hub.cases"));
        out.push(json!({"label": view.visit().t("hub.in_limit"), "value": count(left), "url": list(left, "in")}));
        if late > 0 {
            out.push(json!({"label": view.visit().t("hub.late"), "value": count(late), "url": list(late, "over")}));
        }
    }
    out
}
