//! Figures as the screen says them: values with their unit, comparisons in per cent or 百分点, how a measure counts.

use super::view::View;
use crate::show;
use serde_json::{Value, json};
use xiangyue_app::composite::{is_ratio, is_score, shares, weight};
use xiangyue_app::indicator::{Figure, parts};
use xiangyue_app::period::{Against, Change, compare};
use xiangyue_domain::policy::{Better, Indicator, IndicatorSource, Level, Policy};
use xiangyue_report::source::rounded;

/// Digits in groups of three, as a screen shows them.
pub(super) fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, ch) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(ch);
    }
    if n < 0 { format!("−{out}") } else { out }
}

/// Whether a figure is not whole yet: one of its measures is new and still being counted over what was there before.
pub(super) fn counting(view: &View, indicator: &Indicator) -> bool {
    let (over, under) = parts(indicator);
    let own = view.app.is_counting(&over) || view.app.is_counting(&under);
    own || shares(&view.app.policy(), indicator).iter().any(|part| counting(view, part.indicator))
}

/// A value of an indicator with its unit, or that it is still being counted.
pub(super) fn shown(view: &View, indicator: &Indicator, figure: Figure) -> (String, String) {
    if counting(view, indicator) {
        return (view.visit().t("hub.computing"), String::new());
    }
    let unit = if figure.value.is_some() { unit(view, indicator) } else { "" };
    (value(indicator, figure), unit.to_owned())
}

/// A value of an indicator, without its unit.
pub(super) fn value(indicator: &Indicator, figure: Figure) -> String {
    let Some(value) = figure.value else { return "—".to_owned() };
    if is_ratio(indicator) {
        return percent(value);
    }
    if indicator.money { money(figure.numerator) } else { grouped(figure.numerator) }
}

/// A rate, never rounded up to all or down to nothing.
pub(super) fn percent(value: f64) -> String {
    let shown = rounded(value, true);
    if shown >= 100.0 || shown <= 0.0 { format!("{shown:.0}") } else { format!("{shown:.2}") }
}

/// 元 from 分, in groups of three.
pub(super) fn money(cents: i64) -> String {
    // The sign goes before a sum of less than a yuan as well.
    let sign = if cents < 0 { "−" } else { "" };
    let (whole, rest) = (grouped((cents / 100).abs()), (cents % 100).abs());
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:02}") }
}

/// A count that an indicator is made of.
pub(super) fn part(indicator: &Indicator, n: i64) -> String {
    if indicator.money { money(n) } else { grouped(n) }
}

/// `9182 / 9238` of a rate.
pub(super) fn quotient(figure: Figure) -> String {
    figure.denominator.map_or_else(String::new, |d| format!("{} / {}", grouped(figure.numerator), grouped(d)))
}

/// What stands right behind a value in a table: the unit of a quotient, nothing behind a count.
pub(super) fn sign<'a>(view: &View, indicator: &'a Indicator, figure: Figure) -> &'a str {
    if is_ratio(indicator) && figure.value.is_some() { unit(view, indicator) } else { "" }
}

/// What a figure stands on, in short: the two counts of a rate, the weight of a score where some of it has no data.
pub(super) fn stands_on(view: &View, indicator: &Indicator, figure: Figure) -> String {
    if !is_score(indicator) {
        return quotient(figure);
    }
    let (counted, all) = (figure.denominator.unwrap_or(0), weight(indicator));
    if counted == all || counted == 0 {
        return String::new();
    }
    view.visit().t_with("composite.of_weight", &[("n", counted.to_string()), ("of", all.to_string())])
}

/// Name of an indicator.
pub(super) fn name<'a>(view: &View, indicator: &'a Indicator) -> &'a str {
    view.visit().locale.pick(&indicator.name, &indicator.name_en)
}

/// Unit of an indicator.
pub(super) fn unit<'a>(view: &View, indicator: &'a Indicator) -> &'a str {
    view.visit().locale.pick(&indicator.unit, &indicator.unit_en)
}

/// No comparison at all.
pub(super) fn nothing() -> Value {
    json!({"words": "", "tone": "", "dir": "none"})
}

/// How a figure compares; `lead` puts 同比 or 环比 before it.
pub(super) fn change(view: &View, indicator: &Indicator, now: Figure, base: Option<Figure>, lead: bool) -> Value {
    let against = if view.against == Against::Year { "yoy" } else { "mom" };
    if counting(view, indicator) {
        return nothing();
    }
    if !compared(indicator) {
        return json!({"words": if lead { view.visit().t("hub.not_compared") } else { String::new() }, "tone": "", "dir": "none"});
    }
    if view.base().is_none() {
        return json!({"words": if lead { view.visit().t("hub.no_year") } else { String::new() }, "tone": "", "dir": "none"});
    }
    let base = base.and_then(|b| b.value);
    let change = compare(now.value, base, is_ratio(indicator));
    let lead = if lead { format!("{} ", view.visit().t(&format!("hub.{against}"))) } else { String::new() };
    let (delta, words) = match change {
        Change::Percent(p) => (p, format!("{lead}{}%", signed(p, 1))),
        // A score goes up by points of its own, not by parts of a hundred.
        Change::Points(p) if is_score(indicator) => (p, format!("{lead}{}{}", signed(p, 2), unit(view, indicator))),
        Change::Points(p) => {
            let key = if lead.is_empty() { "hub.points_short" } else { "hub.points" };
            (p, view.visit().t_with(key, &[("n", format!("{lead}{}", signed(p, 2)))]))
        }
        Change::BaseZero => {
            return json!({"words": view.visit().t(&format!("hub.{against}_zero")), "tone": "", "dir": "none"});
        }
        Change::None => return nothing(),
    };
    let flat = signed(delta, if is_ratio(indicator) { 2 } else { 1 }) == "0";
    if flat {
        return json!({"words": format!("{lead}{}", view.visit().t("hub.flat")), "tone": "", "dir": "flat"});
    }
    json!({"words": words, "tone": tone(indicator, delta), "dir": if delta > 0.0 { "up" } else { "down" }})
}

/// Whether an indicator has a comparison.
pub(super) fn compared(indicator: &Indicator) -> bool {
    !indicator.no_comparison && !matches!(indicator.source, IndicatorSource::Register(_))
}

/// Good or worth a look, where the direction has a meaning.
fn tone(indicator: &Indicator, delta: f64) -> &'static str {
    match (indicator.better, delta > 0.0) {
        (Some(Better::Up), true) | (Some(Better::Down), false) => "good",
        (Some(_), _) => "warn",
        (None, _) => "",
    }
}

fn signed(value: f64, decimals: usize) -> String {
    let shown = xiangyue_report::source::plain(value.abs(), decimals);
    match shown.as_str() {
        "0" => shown,
        _ if value > 0.0 => format!("+{shown}"),
        _ => format!("−{shown}"),
    }
}

/// What a measure counts, in words: the indicator that shows it, else the kind with the step or move it counts.
pub(super) fn measure(view: &View, policy: &Policy, id: &str) -> String {
    let shows = |i: &&Indicator| {
        matches!(&i.source, IndicatorSource::Sum(list) if list.len() == 1 && list[0] == id) && i.bucket.is_none()
    };
    if let Some(indicator) = policy.indicators.iter().find(shows) {
        return name(view, indicator).to_owned();
    }
    let Some((kind, measure)) = policy.measure(id) else { return id.to_owned() };
    let (what, which) = measure.on.split_once(':').unwrap_or((measure.on.as_str(), ""));
    let step = |s: &str| show::step(view.visit(), view.app, &kind.id, s.trim());
    let said = match what {
        "enter" | "in" => view.visit().list(which.split(',').map(step).filter(|s| !s.is_empty())),
        "move" => {
            kind.find_move(which).map_or_else(String::new, |m| view.visit().locale.pick(&m.name, &m.name_en).to_owned())
        }
        _ => view.visit().t("hub.taken_in"),
    };
    let filter = if measure.filter.is_some() { view.visit().t("hub.where") } else { String::new() };
    view.visit().t_with(
        "hub.measure",
        &[("kind", show::kind(view.visit(), kind).to_owned()), ("what", said), ("where", filter)],
    )
}

/// Whether an indicator may be shown at a level.
pub(super) fn may_show(policy: &Policy, indicator: &Indicator, level: Level) -> bool {
    xiangyue_app::indicator::may_show(policy, indicator, level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_and_signs_are_said() {
        assert_eq!(grouped(9_238), "9,238");
        assert_eq!(grouped(-1_234_567), "−1,234,567");
        assert_eq!(grouped(12), "12");
        assert_eq!(money(12_345_670), "123,456.70");
        assert_eq!((money(-5), money(-100), money(-150)), ("−0.05".into(), "−1".into(), "−1.50".into()));
        assert_eq!(percent(99.999), "99.99");
        assert_eq!(percent(100.0), "100");
        assert_eq!(signed(2.449, 1), "+2.4");
        assert_eq!(signed(-0.02, 1), "0");
    }
}
