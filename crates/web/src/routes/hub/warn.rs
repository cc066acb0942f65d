//! Warnings, the gravest first: overdue by place and unit, sudden surges, what runs out today. Each opens to its
//! records.

use super::morning::name;
use super::say;
use super::view::View;
use crate::show;
use serde_json::{Value, json};
use xiangyue_app::surge::{SURGE_DAYS, Surge};
use xiangyue_app::warning::{Waiting, With};
use xiangyue_domain::policy::{IndicatorSource, Policy};

/// Warnings of one sort that are shown at most.
const OF_A_SORT: usize = 4;

/// The list.
pub(super) fn list(
    view: &View,
    policy: &Policy,
    overdue: &[Waiting],
    surges: &[Surge],
    today: &[Waiting],
) -> Vec<Value> {
    let mut out: Vec<Value> = overdue.iter().take(OF_A_SORT).map(|w| late(view, w)).collect();
    out.extend(surges.iter().take(OF_A_SORT).filter_map(|s| surge(view, policy, s)));
    out.extend(today.iter().take(OF_A_SORT).map(|w| near(view, w)));
    out
}

/// Warnings as one paragraph for a message.
pub(super) fn paragraph(view: &View, warnings: &[Value]) -> String {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let said: Vec<String> = warnings
        .iter()
        .map(|w| match w["detail"].as_str() {
            Some(detail) if !detail.is_empty() => format!("{}({detail})", text(&w["words"])),
            _ => text(&w["words"]),
        })
        .collect();
    let args = [("at", show::full_moment(view.app.now())), ("place", view.name(view.place)), ("list", said.join(";"))];
    view.visit().t_with("orders.warnings_said", &args)
}

/// The list of matters that wait with somebody.
fn waiting_url(view: &View, with: &With, limit: &str) -> String {
    let more = [("status", "active"), ("limit", limit)];
    match with {
        With::Place(place) => view.matters_url(*place, &more),
        With::Unit(unit) => {
            let directory = view.app.directory();
            let id = directory.orgs.get(unit).map_or("", |o| o.unit.as_str()).to_owned();
            view.matters_url(view.place, &[("status", "active"), ("limit", limit), ("unit", &id)])
        }
        With::Post(_) | With::Nobody => view.matters_url(view.place, &more),
    }
}

fn late(view: &View, waiting: &Waiting) -> Value {
    let visit = view.visit();
    let args = [("who", name(view, &waiting.with)), ("n", say::grouped(waiting.n))];
    let left = show::limit(visit, view.app, waiting.due).left;
    json!({
        "words": visit.t_with("hub.warn_late", &args),
        "detail": visit.t_with("hub.warn_longest", &[("left", left)]),
        "url": waiting_url(view, &waiting.with, "over"),
        "tone": "bad",
        "since": "",
    })
}

fn near(view: &View, waiting: &Waiting) -> Value {
    let visit = view.visit();
    let args = [("who", name(view, &waiting.with)), ("n", say::grouped(waiting.n))];
    json!({
        "words": visit.t_with("hub.warn_near", &args),
        "detail": visit.t_with("hub.warn_first", &[("at", waiting.due.hhmm())]),
        "url": waiting_url(view, &waiting.with, "today"),
        "tone": "warn",
        "since": "",
    })
}

fn surge(view: &View, policy: &Policy, surge: &Surge) -> Option<Value> {
    let visit = view.visit();
    let counts = |source: &IndicatorSource| matches!(source, IndicatorSource::Sum(list) if list.len() == 1 && list[0] == surge.measure);
    let indicator = policy.indicators.iter().find(|i| counts(&i.source) && i.bucket.is_none())?;
    let (catalogue, code) = &surge.category;
    let item = policy.catalogue(catalogue)?.item(code)?;
    let from = view.day.plus(1 - SURGE_DAYS).to_string();
    let (to, region) = (view.day.to_string(), view.code(surge.place));
    let change =
        [("region", region.as_str()), ("period", ""), ("from", &from), ("to", &to), ("as_of", ""), ("category", code)];
    let args = [
        ("place", view.name(surge.place)),
        ("what", visit.locale.pick(&item.name, &item.name_en).to_owned()),
        ("days", SURGE_DAYS.to_string()),
        ("n", say::grouped(surge.n)),
    ];
    let usual = if surge.usual < 1.0 { visit.t("hub.less_than_one") } else { format!("{:.0}", surge.usual) };
    Some(json!({
        "words": visit.t_with("hub.warn_surge", &args),
        "detail": visit.t_with("hub.warn_usual", &[("n", usual), ("days", SURGE_DAYS.to_string())]),
        "url": view.url(&format!("/hub/figures/{}", indicator.id), &change),
        "tone": "bad",
        "since": "",
    }))
}
