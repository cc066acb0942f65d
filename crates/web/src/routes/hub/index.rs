//! `GET /hub?region=&period=&from=&to=&compare=&group=&trend=`: the morning line, headline figures, warnings, the places
//! below, tiles and trend. For whoever may see figures, and only of their own places.

use super::chart::{Bar, chart};
use super::heads;
use super::morning::{self, Morning};
use super::place::{self, chosen, groups};
use super::say;
use super::tiles::tiles;
use super::view::View;
use super::warn;
use crate::page::Answer;
use crate::routes::desk::shell;
use crate::visit::Staff;
use serde_json::{Value, json};
use xiangyue_app::indicator::{Figures, is_rate, parts};
use xiangyue_app::period::Period;
use xiangyue_app::series::{Grain, Series};
use xiangyue_domain::policy::{Indicator, Policy, Right};

/// Months in a trend besides the one that runs.
const MONTHS: i32 = 12;

/// The page.
pub(crate) async fn index(staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Hub)?;
    let app = view.app;
    let policy = app.policy();
    let account = staff.user.account.id;
    let (children, groups) = (view.children(), groups(&view, &policy));
    let ids = heads::ids(&view, &policy);
    let columns: Vec<&str> =
        chosen(&view, &groups).map(|g| g.indicators.iter().map(|i| i.id.as_str()).collect()).unwrap_or_default();
    let places: Vec<_> = [view.place].into_iter().chain(children.iter().copied()).collect();
    let own = [view.place];
    let span = span(&view);
    let (now, base, cells, before, series) = tokio::try_join!(
        app.figures(&ids, &own, view.period),
        app.figures(&ids, &own, view.base()),
        app.figures(&columns, &places, view.period),
        app.figures(&columns, &places, view.base()),
        app.series(&ids, view.place, Grain::Month, span, &[]),
    )?;
    let (open, taken, today, overdue, surges) = tokio::try_join!(
        app.open_now(account, view.place),
        app.open_of(account, view.place, view.period),
        app.due_today(account, view.place),
        app.overdue_at(account, view.place),
        app.surges(view.place),
    )?;
    let (whole, below) = open;
    let ground = heads::Ground { policy: &policy, now: &now, base: &base, series: &series, open: &taken };
    let table = place::Ground {
        policy: &policy,
        groups: &groups,
        children: &children,
        now: &cells,
        base: &before,
        whole,
        open: &below,
    };
    let known = Morning { open: whole, today, overdue };
    let values = json!({
        "nav": shell::nav(&staff, "hub").await?,
        "once": staff.visit.once(),
        "morning": morning::line(&view, &policy, &known).await?,
        "crumbs": view.crumbs(None),
        "periods": view.periods("/hub"),
        "compares": view.compares("/hub"),
        "custom": custom(&view),
        "as_of": view.as_of(),
        "span": view.days(view.period),
        "heads": heads::cards(&view, &ground),
        "due": due(&view, whole.n - whole.late),
        "warnings": warn::list(&view, &policy, &known.overdue, &surges, &known.today),
        "warnings_url": view.matters_url(view.place, &[("status", "active"), ("limit", "over")]),
        "table": place::table(&view, &table),
        "tiles": tiles(&view, &children, &below),
        "trend": trend(&view, &policy, &series),
        "calls": calls(&view),
        "hidden_note": hidden_note(&view, &policy),
        "empty": empty(&view, &[&now, &cells], whole.n),
    });
    let name = view.name(view.place);
    staff.visit.page("hub/index.html", &staff.visit.t_with("hub.title", &[("place", name)]), values)
}

/// Whole months up to the end of the period, as they are known today.
pub(super) fn span(view: &View) -> Period {
    Period { from: view.period.to.month_start().plus_months(-MONTHS), to: view.period.to, cut_off: view.day }
}

fn custom(view: &View) -> Value {
    json!({
        "from": view.period.from.to_string(), "to": view.period.to.to_string(),
        "region": view.code(view.place), "compare": view.get("compare"), "open": view.span.is_none(),
    })
}

fn due(view: &View, left: i64) -> Value {
    json!({
        "value": say::grouped(left), "unit": view.visit().t("hub.cases"), "words": view.visit().t("hub.in_limit"),
        "url": view.matters_url(view.place, &[("status", "active"), ("limit", "in")]),
    })
}

fn calls(view: &View) -> Value {
    let directory = view.app.directory();
    let may = directory.has_right(&view.app.policy(), view.staff.user.account.id, Right::Report, view.place, view.day);
    let report = if may { view.url("/hub/report", &[]) } else { String::new() };
    json!({"report": report, "wall": view.url("/hub/wall", &[])})
}

fn hidden_note(view: &View, policy: &Policy) -> String {
    let hidden =
        policy.indicators.iter().any(|i| (i.headline || i.hub.is_some()) && !say::may_show(policy, i, view.level));
    if hidden { view.visit().t("hub.sealed_note") } else { String::new() }
}

/// Nothing was recorded in the period: what to look at instead.
fn empty(view: &View, figures: &[&Figures], open: i64) -> Value {
    let any = figures.iter().any(|f| f.values().any(|v| v.numerator != 0 || v.denominator.is_some_and(|d| d != 0)));
    if any || open > 0 {
        return Value::Null;
    }
    let visit = view.visit();
    let wide = if view.demo().is_some() { "all" } else { "year" };
    let url = view.url("/hub", &[("period", wide), ("from", ""), ("to", ""), ("as_of", "")]);
    let label = visit.t(&format!("hub.span_{wide}"));
    json!({"title": visit.t("hub.empty"), "words": visit.t("hub.empty_words"), "url": url, "label": label})
}

fn trend(view: &View, policy: &Policy, series: &Series) -> Value {
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
    for (month, figure) in points {
        let n = if rate { figure.denominator.unwrap_or(0) } else { figure.numerator };
        let to = month.month_end().min(view.day);
        let (from, until, as_of) = (month.to_string(), to.to_string(), view.day.to_string());
        let change = [("period", ""), ("from", from.as_str()), ("to", &until), ("as_of", &as_of)];
        let label = month_label(view, *month, false);
        let full = month_label(view, *month, true);
        let said = say::part(indicator, n);
        let point = figure.value.filter(|_| rate);
        rows.push(json!({"label": full, "bar": said, "line": point.map(say::percent).unwrap_or_default()}));
        bars.push(Bar {
            label,
            #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
            n: if indicator.money { n as f64 / 100.0 } else { n as f64 },
            words: format!("{said}{unit}"),
            url: view.url(&format!("/hub/figures/{}", indicator.id), &change),
            now: month.month_end() >= view.day,
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
fn month_label(view: &View, month: xiangyue_domain::day::Day, full: bool) -> String {
    let date = month.date();
    let key = if full || date.month() == 1 { "hub.month_year" } else { "hub.month" };
    let year = date.year().rem_euclid(100);
    view.visit().t_with(key, &[("y", format!("{year:02}")), ("m", date.month().to_string())])
}
