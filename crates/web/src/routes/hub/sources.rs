//! How a number is made, in words: meaning, basis, rule, law, and what to mind when reading it.

use super::say;
use super::view::View;
use serde_json::{Value, json};
use xiangyue_app::composite::is_ratio;
use xiangyue_app::indicator::{Figure, Figures, is_rate, parts};
use xiangyue_domain::policy::{Basis, Indicator, IndicatorSource, Policy};

/// A rate over fewer than this says little.
const FEW: i64 = 30;

/// Meaning, basis, source, rule, law.
pub(super) fn about(view: &View, policy: &Policy, indicator: &Indicator) -> Value {
    let visit = view.visit();
    let version = [("hash", policy.hash.chars().take(8).collect::<String>())];
    json!({
        "definition": if indicator.meaning.is_empty() { say::name(view, indicator) } else { &indicator.meaning },
        "basis_words": basis(view, indicator),
        "source_words": source(view, indicator),
        "rule": rule(view, policy, indicator),
        "law": indicator.basis_text,
        "version": visit.t_with("hub.version", &version),
    })
}

/// 按受理计, 按发生计, 截至当日.
pub(super) fn basis(view: &View, indicator: &Indicator) -> String {
    let key = match (&indicator.source, indicator.basis) {
        (IndicatorSource::Register(_), _) | (_, Basis::Stock) => "hub.basis_stock",
        (_, Basis::Cohort) if is_ratio(indicator) => "hub.basis_cohort_rate",
        (_, Basis::Cohort) => "hub.basis_cohort",
        (_, Basis::Flow) => "hub.basis_flow",
    };
    view.visit().t(key)
}

/// Summed from records, or counted from a register.
pub(super) fn source(view: &View, indicator: &Indicator) -> String {
    view.visit().t(match &indicator.source {
        IndicatorSource::Register(_) => "hub.source_registers",
        IndicatorSource::Weighted(_) => "composite.source",
        _ => "hub.source_facts",
    })
}

/// The measures above and below the line.
fn rule(view: &View, policy: &Policy, indicator: &Indicator) -> String {
    let (over, under) = parts(indicator);
    let plus = view.visit().t("hub.plus");
    let named = |list: &[String]| list.iter().map(|m| say::measure(view, policy, m)).collect::<Vec<_>>().join(&plus);
    let mut rule = match &indicator.source {
        IndicatorSource::Register(_) => view.visit().t("hub.rule_register"),
        IndicatorSource::Weighted(_) => super::composite::rule(view, policy, indicator),
        IndicatorSource::Sum(_) if over.len() == 1 && indicator.bucket.is_none() => view.visit().t("hub.rule_sum"),
        IndicatorSource::Sum(_) => named(&over),
        IndicatorSource::Rate { .. } => format!("({}) ÷ ({})", named(&over), named(&under)),
    };
    if let Some(bucket) = &indicator.bucket {
        let kind = over.first().and_then(|m| policy.measure(m)).map_or("", |(k, _)| k.id.as_str());
        let name = crate::show::channel(view.visit(), view.app, kind, bucket);
        rule = view.visit().t_with("hub.rule_bucket", &[("rule", rule), ("bucket", name)]);
    }
    rule
}

/// What to mind: a small base, and the rates that must be read with it.
pub(super) fn checks(
    view: &View,
    policy: &Policy,
    indicator: &Indicator,
    now: Figure,
    (of, beside): (&Figures, &Figures),
) -> Vec<Value> {
    let visit = view.visit();
    let mut out = super::composite::checks(view, policy, indicator, of);
    if is_rate(indicator) && now.denominator.is_some_and(|d| d > 0 && d < FEW) {
        out.push(json!({"words": visit.t_with("hub.check_few", &[("n", FEW.to_string())])}));
    }
    let with: Vec<String> = indicator
        .beside
        .iter()
        .filter_map(|id| Some((policy.indicator(id)?, beside.get(&(view.place, id.clone()))?)))
        .filter(|(_, f)| f.value.is_some())
        .map(|(i, f)| {
            format!("{}{}{}({})", say::name(view, i), say::value(i, *f), say::unit(view, i), say::quotient(*f))
        })
        .collect();
    if !with.is_empty() {
        out.push(json!({"words": visit.t_with("hub.check_beside", &[("list", with.join(&visit.t("hub.comma")))])}));
    }
    out
}
