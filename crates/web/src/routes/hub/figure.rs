//! `GET /hub/figures/{indicator}?region=&period=&from=&to=&as_of=&compare=&category=&part=&page=`: one number, opened:
//! meaning and rule, its two counts, comparison, places, months and the records behind it, as far as the reader may
//! see them.

use super::composite;
use super::records::{self, Asked};
use super::say;
use super::sources;
use super::trend::{drawn, span};
use super::view::View;
use crate::error::WebError;
use crate::page::Answer;
use crate::routes::desk::shell;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_app::composite::{is_ratio, is_score};
use xiangyue_app::explain::Explanation;
use xiangyue_app::indicator::{Figure, Figures, is_rate, parts};
use xiangyue_app::series::Series;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Indicator, Policy, Right};
use xiangyue_domain::refusal::Refusal;

/// The indicator of a page, when it may be shown at its place.
pub(super) fn indicator<'a>(view: &View, policy: &'a Policy, id: &str) -> Result<&'a Indicator, WebError> {
    let indicator = policy.indicator(id).ok_or(WebError::NotFound)?;
    if say::may_show(policy, indicator, view.level) {
        Ok(indicator)
    } else {
        Err(WebError::Refused(Refusal::new("no_right")))
    }
}

/// The page.
pub(crate) async fn figure(Path(id): Path<String>, staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Hub)?;
    let policy = view.app.policy();
    let indicator = indicator(&view, &policy, &id)?;
    let path = format!("/hub/figures/{id}");
    let asked = Asked::read(&view, &policy, indicator);
    let children = view.children();
    let found = Found::read(&view, indicator, &asked, &children).await?;
    let value = found.records.figure;
    let before = found.base.get(&(view.place, id)).copied();
    let name = records::name(&view, indicator, &asked);
    let values = json!({
        "nav": shell::nav(&staff, "hub").await?,
        "once": staff.visit.once(),
        "crumbs": view.crumbs(Some(&name)),
        "periods": view.periods(&path),
        "compares": view.compares(&path),
        "excel_url": excel(&view, &path, indicator, &asked),
        "copy_text": copy(&view, indicator, &name, value, before),
        "fig": head(&view, indicator, &name, value),
        "compare": compared(&view, indicator, value, before),
        "about": sources::about(&view, &policy, indicator),
        "parts": if is_score(indicator) { composite::parts(&view, &policy, indicator, &found.now) } else { halves(&view, &policy, indicator, &found.records) },
        "sign": if is_score(indicator) { "+" } else { "÷" },
        "in_parts": if is_score(indicator) { staff.visit.t("composite.records") } else { String::new() },
        "checks": sources::checks(&view, &policy, indicator, value, (&found.now, &found.beside)),
        "places": below(&view, &policy, indicator, &children, (&found.now, &found.base), value),
        "trend": months(&view, &policy, indicator, &found.series),
        "records": records::list(&view, &path, &asked, indicator, &found.records).await?,
    });
    staff.visit.page("hub/figure.html", &name, values)
}

/// What the page stands on, read with a bounded number of questions.
struct Found {
    now: Figures,
    base: Figures,
    beside: Figures,
    series: Series,
    records: Explanation,
}

impl Found {
    async fn read(
        view: &View<'_>,
        indicator: &Indicator,
        asked: &Asked,
        children: &[RegionId],
    ) -> Result<Found, AppError> {
        let (app, own, ids) = (view.app, [view.place], [indicator.id.as_str()]);
        let places: Vec<RegionId> = own.into_iter().chain(children.iter().copied()).collect();
        let with: Vec<&str> = indicator.beside.iter().map(String::as_str).collect();
        let (grain, days) = span(view);
        let (now, base, beside, series, records) = tokio::try_join!(
            app.figures_of(&ids, &places, view.period, &asked.page.buckets),
            view.base_figures(&ids, &places, &asked.page.buckets),
            app.figures(&with, &own, view.period),
            app.series(&ids, view.place, grain, days, &asked.page.buckets),
            records::find(view, &indicator.id, asked),
        )?;
        Ok(Found { now, base, beside, series, records })
    }
}

fn excel(view: &View, path: &str, indicator: &Indicator, asked: &Asked) -> String {
    if records::may_export(view) && !is_score(indicator) {
        view.url(&format!("{path}/xlsx"), &[("part", asked.part())])
    } else {
        String::new()
    }
}

fn head(view: &View, indicator: &Indicator, name: &str, value: Figure) -> Value {
    let (value, unit) = say::shown(view, indicator, value);
    json!({
        "name": name,
        "value": value,
        "unit": unit,
        "region": view.name(view.place),
        "span": view.days(view.period),
        "as_of": view.as_of(),
        "state": if say::counting(view, indicator) { "computing" } else { "ready" },
    })
}

fn months(view: &View, policy: &Policy, indicator: &Indicator, series: &Series) -> Value {
    let mut trend = drawn(view, policy, indicator, series);
    for row in trend["rows"].as_array_mut().into_iter().flatten() {
        row["value"] = if is_rate(indicator) { row["line"].clone() } else { row["bar"].clone() };
    }
    trend
}

fn compared(view: &View, indicator: &Indicator, now: Figure, before: Option<Figure>) -> Value {
    let visit = view.visit();
    let mut base_words = String::new();
    let before = before.filter(|b| b.value.is_some() && say::compared(indicator));
    if let Some((before, base)) = before.zip(view.base()) {
        let mut said = format!("{}{}", say::value(indicator, before), say::unit(view, indicator));
        if before.denominator.is_some() {
            said = format!("{said}{}", bracketed(&say::stands_on(view, indicator, before)));
        }
        let args = [("days", view.days(base)), ("value", said)];
        base_words = visit.t_with("hub.base_words", &args);
    }
    let note = match (say::compared(indicator), view.base()) {
        (false, _) => visit.t("hub.not_compared_note"),
        (true, None) => visit.t("hub.no_year_note"),
        (true, Some(_)) => String::new(),
    };
    json!({"compare": say::change(view, indicator, now, before, true), "base_words": base_words, "note": note})
}

/// Numerator and denominator, each opening to its records; one for a plain count.
fn halves(view: &View, policy: &Policy, indicator: &Indicator, found: &Explanation) -> Vec<Value> {
    let (over, under) = parts(indicator);
    let visit = view.visit();
    let plus = visit.t("hub.plus");
    let rate = is_rate(indicator);
    let unit = if rate { visit.t("hub.cases") } else { say::unit(view, indicator).to_owned() };
    let half = |measures: &[String], n: i64, records: i64, part: &str| {
        let label: Vec<String> = measures.iter().map(|m| say::measure(view, policy, m)).collect();
        let label = if rate { label.join(&plus) } else { say::name(view, indicator).to_owned() };
        let url = format!("{}#records", view.url(&format!("/hub/figures/{}", indicator.id), &[("part", part)]));
        json!({
            "label": label, "value": say::part(indicator, n), "unit": unit,
            "words": visit.t_with("hub.records_n", &[("n", say::grouped(records))]),
            "url": if measures.is_empty() { String::new() } else { url },
        })
    };
    let mut out = vec![half(&over, found.figure.numerator, found.above, "above")];
    if let Some(below) = found.figure.denominator {
        out.push(half(&under, below, found.below, "below"));
    }
    out
}

/// The places directly below, in official order.
fn below(
    view: &View,
    policy: &Policy,
    indicator: &Indicator,
    children: &[RegionId],
    (now, base): (&Figures, &Figures),
    own: Figure,
) -> Value {
    let directory = view.app.directory();
    let shown =
        children.iter().all(|c| directory.tree.get(*c).is_some_and(|r| say::may_show(policy, indicator, r.level)));
    if !shown || children.is_empty() {
        let rest = if shown { String::new() } else { view.visit().t("hub.sealed_note") };
        return json!({"label": "", "rows": [], "rest": rest});
    }
    let of = |place, table: &Figures| table.get(&(place, indicator.id.clone())).copied();
    let most = children.iter().filter_map(|c| of(*c, now)).map(|f| f.numerator).max().unwrap_or(0).max(1);
    let row = |place: &RegionId| {
        let figure = of(*place, now).unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
        let share = figure.numerator.max(0) as f64 * 100.0 / most as f64;
        let percent = if is_ratio(indicator) { figure.value.unwrap_or(0.0) } else { share };
        let unit = say::sign(view, indicator, figure);
        json!({
            "name": view.name(*place),
            "url": view.url(&format!("/hub/figures/{}", indicator.id), &[("region", &view.code(*place))]),
            "value": format!("{}{unit}", say::value(indicator, figure)), "detail": say::stands_on(view, indicator, figure),
            "compare": say::change(view, indicator, figure, of(*place, base), false),
            "percent": (percent.clamp(0.0, 100.0) * 10.0).round() / 10.0,
        })
    };
    let sum: i64 = children.iter().filter_map(|c| of(*c, now)).map(|f| f.denominator.unwrap_or(f.numerator)).sum();
    let left = own.denominator.unwrap_or(own.numerator) - sum;
    let unit = if is_rate(indicator) { view.visit().t("hub.cases") } else { say::unit(view, indicator).to_owned() };
    let args = [("n", format!("{}{unit}", say::part(indicator, left))), ("level", view.below())];
    let rest = if left == 0 || is_score(indicator) { String::new() } else { view.visit().t_with("hub.rest", &args) };
    json!({"label": view.visit().t_with("hub.each", &[("level", view.below())]), "rows": children.iter().map(row).collect::<Vec<_>>(), "rest": rest})
}

fn bracketed(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!("({words})") }
}

fn copy(view: &View, indicator: &Indicator, name: &str, now: Figure, before: Option<Figure>) -> String {
    let quotient = bracketed(&say::stands_on(view, indicator, now));
    let change = say::change(view, indicator, now, before, true)["words"].as_str().unwrap_or("").to_owned();
    let args = [
        ("place", view.name(view.place)),
        ("days", view.days(view.period)),
        ("name", name.to_owned()),
        ("value", format!("{}{}{quotient}", say::value(indicator, now), say::unit(view, indicator))),
        ("change", if change.is_empty() { change } else { format!("{}{change}", view.visit().t("hub.comma")) }),
    ];
    view.visit().t_with("hub.copy_figure", &args)
}
