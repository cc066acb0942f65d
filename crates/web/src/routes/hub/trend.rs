//! How figures went by month: a count as bars, a rate as a line over the bars of what it is of. Each bar opens.

use super::chart::{Bar, chart};
use super::heads;
use super::say;
use super::view::View;
use serde_json::{Value, json};
use xiangyue_app::composite::is_score;
use xiangyue_app::indicator::{is_rate, parts};
use xiangyue_app::period::month_start;
use xiangyue_app::series::{Grain, Series};
use xiangyue_domain::day::Day;
use xiangyue_domain::policy::{Indicator, Policy};

/// Months in a trend besides the one that runs.
const MONTHS: i32 = 12;

/// Whole statistics months up to the end of the period.
pub(super) fn span(view: &View) -> (Grain, (Day, Day)) {
    let ends_on = view.month_ends_on();
    let from = month_start(view.period.to, ends_on).plus_months(-MONTHS);
    (Grain::Month(ends_on), (from, view.period.to))
}

/// The trend of the headline figure that was chosen, or of the first.
pub(super) fn trend(view: &View, policy: &Policy, series: &Series) -> Value {
    let heads = heads::headlines(view, policy);
    let chosen = heads.iter().find(|i| i.id == view.get("trend")).or_else(|| heads.first());
    let measures: Vec<Value> = heads
        .iter()
        .map(|i| {
            let url = format!("{}#trend", view.url("/hub", &[("trend", &i.id)]));
            json!({"label": say::name(view, i), "url": url, "current": chosen.is_some_and(|c| c.id == i.id)})
        })
        .collect();
    let Some(indicator) = chosen else {
        return json!({"title": "", "chart": chart(&[], "", "", ""), "measures": [], "rows": [], "bar_head": "", "line_head": ""});
    };
    let mut drawn = drawn(view, policy, indicator, series);
    drawn["title"] = json!(view.visit().t_with("hub.by_month_of", &[("what", say::name(view, indicator).to_owned())]));
    drawn["measures"] = json!(measures);
    drawn
}

/// Chart and rows of one indicator by month: a count as bars; a rate as a line over the bars of what it is of.
pub(super) fn drawn(view: &View, policy: &Policy, indicator: &Indicator, series: &Series) -> Value {
    let rate = is_rate(indicator);
    let unit = if rate { view.visit().t("hub.cases") } else { say::unit(view, indicator).to_owned() };
    let points = series.get(&indicator.id).map(Vec::as_slice).unwrap_or_default();
    let mut bars = Vec::new();
    let mut rows = Vec::new();
    for step in points {
        let (figure, month) = (step.figure, step.to.month_start());
        let n = if rate { figure.denominator.unwrap_or(0) } else { figure.numerator };
        let to = step.to.min(view.day);
        let (from, until, as_of) = (step.from.to_string(), to.to_string(), view.day.to_string());
        let change = [("period", ""), ("from", from.as_str()), ("to", &until), ("as_of", &as_of)];
        let label = month_label(view, month, false);
        let full = month_label(view, month, true);
        let said = if is_score(indicator) { say::value(indicator, figure) } else { say::part(indicator, n) };
        let point = figure.value.filter(|_| rate);
        rows.push(json!({"label": full, "bar": said, "line": point.map(say::percent).unwrap_or_default()}));
        bars.push(Bar {
            label,
            #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
            n: match figure.value {
                _ if indicator.money => n as f64 / 100.0,
                Some(value) if is_score(indicator) => value,
                None if is_score(indicator) => 0.0,
                _ => n as f64,
            },
            words: format!("{said}{unit}"),
            url: view.url(&format!("/hub/figures/{}", indicator.id), &change),
            now: step.to >= view.day,
            point: point.map(|v| (v, format!("{}%", say::percent(v)))),
        });
    }
    let with_unit = |what: &str, unit: &str| {
        view.visit().t_with("hub.with_unit", &[("what", what.to_owned()), ("unit", unit.to_owned())])
    };
    let bar_head = if rate {
        let under = parts(indicator).1.iter().map(|m| say::measure(view, policy, m)).collect::<Vec<_>>();
        with_unit(&under.join(&view.visit().t("hub.plus")), &unit)
    } else {
        with_unit(say::name(view, indicator), &unit)
    };
    let line_head = if rate { with_unit(say::name(view, indicator), "%") } else { String::new() };
    json!({"chart": chart(&bars, &bar_head, &line_head, &unit), "rows": rows, "bar_head": bar_head, "line_head": line_head})
}

/// 11月; under a chart only January says the year.
fn month_label(view: &View, month: Day, full: bool) -> String {
    let date = month.date();
    let key = if full || date.month() == 1 { "hub.month_year" } else { "hub.month" };
    let year = date.year().rem_euclid(100);
    view.visit().t_with(key, &[("y", format!("{year:02}")), ("m", date.month().to_string())])
}
