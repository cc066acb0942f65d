//! Warnings, the gravest first: overdue by place and unit, sudden surges, units that hand back too much, callers who come
//! again, what runs out today. Each opens to its records and can become a task of whoever is in charge there.

use super::morning::name;
use super::say;
use super::view::{View, address};
use crate::routes::desk::{HERE, NOBODY, intake};
use crate::show;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::often::{Again, RETURN_DAYS, Returns};
use xiangyue_app::surge::{SURGE_DAYS, Surge};
use xiangyue_app::warning::{Waiting, With};
use xiangyue_domain::ids::{OrgId, RegionId};
use xiangyue_domain::policy::{FieldType, Indicator, IndicatorSource, Policy};

/// Warnings of one sort that are shown at most.
const OF_A_SORT: usize = 4;

/// What is warned of.
pub(super) struct Known<'a> {
    pub overdue: &'a [Waiting],
    pub surges: &'a [Surge],
    pub returns: &'a [Returns],
    pub again: &'a [Again],
    pub today: &'a [Waiting],
}

/// What a warning is about: the place, the unit where it is of one, and its name, the same on every day it stands.
pub(super) struct About<'a> {
    pub place: RegionId,
    pub unit: &'a str,
    pub name: &'a str,
}

/// The list.
pub(super) fn list(view: &View, policy: &Policy, known: &Known) -> Vec<Value> {
    let mut out: Vec<Value> = known.overdue.iter().take(OF_A_SORT).map(|w| late(view, w)).collect();
    out.extend(known.surges.iter().take(OF_A_SORT).filter_map(|s| surge(view, policy, s)));
    out.extend(known.returns.iter().filter_map(|r| returns(view, policy, r)));
    out.extend(known.again.iter().map(|a| again(view, a)));
    out.extend(known.today.iter().take(OF_A_SORT).map(|w| near(view, w)));
    out
}

/// The way to make a task of a warning: the intake of the pack's kind, with its words filled in, and the unit where the
/// warning is of one. Empty for whoever may
/// not take such a thing in.
pub(super) fn task(view: &View, policy: &Policy, about: About, words: &str) -> String {
    let task = policy.settings.as_ref().map_or("", |s| s.warnings.task.as_str());
    let Some(kind) = policy.kind(task).filter(|k| intake::may_open(view.staff, view.app, k)) else {
        return String::new();
    };
    let asks = |what: FieldType| kind.intake_fields().into_iter().find(|f| f.kind == what);
    let About { place, unit, name } = about;
    let place = place.to_string();
    let mut all = BTreeMap::from([("place", place.as_str()), ("made_of", name)]);
    all.extend(asks(FieldType::Longtext).map(|f| (f.id.as_str(), words)));
    all.extend(asks(FieldType::Unit).filter(|_| !unit.is_empty()).map(|f| (f.id.as_str(), unit)));
    address(&format!("/desk/intake/{task}"), &all)
}

/// What a task made of a warning asks for: a warning alone is no instruction.
fn asked(view: &View, words: &str) -> String {
    view.visit().t_with("leader.warn_task", &[("words", words.to_owned())])
}

/// A unit that hands back more than the others.
fn returns(view: &View, policy: &Policy, found: &Returns) -> Option<Value> {
    let visit = view.visit();
    let indicator = shows(policy, &found.measure)?;
    let name = view.app.directory().seat_name(found.unit.0, view.day);
    let from = view.day.plus(1 - RETURN_DAYS).to_string();
    let (to, unit) = (view.day.to_string(), found.unit.to_string());
    let change = [("period", ""), ("from", from.as_str()), ("to", &to), ("as_of", ""), ("category", &unit)];
    let args = [
        ("unit", name),
        ("days", RETURN_DAYS.to_string()),
        ("n", say::grouped(found.n)),
        ("of", say::grouped(found.of)),
    ];
    let words = visit.t_with("warn.returns", &args);
    let id = format!("returns/{}", found.unit);
    Some(json!({
        "detail": visit.t_with("warn.returns_usual", &[("share", say::percent(found.usual))]),
        "url": view.url(&format!("/hub/figures/{}", indicator.id), &change),
        "task": task(view, policy, About { place: view.place, unit: &unit_of(view, found.unit), name: &id }, &asked(view, &words)),
        "name": id,
        "words": words, "tone": "warn", "since": "",
    }))
}

/// A caller who came again and again, by what lies where.
fn again(view: &View, found: &Again) -> Value {
    let visit = view.visit();
    let policy = view.app.policy();
    let days = policy.settings.as_ref().map_or(0, |s| s.warnings.repeat_days);
    let args = [("place", view.name(found.place)), ("days", days.to_string()), ("n", say::grouped(found.n))];
    let words = visit.t_with("warn.again", &args);
    let id = format!("again/{}", found.matter);
    json!({
        "detail": visit.t_with("warn.again_open", &[("n", say::grouped(found.open))]),
        "url": format!("/desk/matters?same={}", found.matter),
        "task": task(view, &policy, About { place: found.place, unit: "", name: &id }, &asked(view, &words)),
        "name": id,
        "words": words, "tone": "warn", "since": "",
    })
}

/// The indicator that shows one measure as it is.
fn shows<'a>(policy: &'a Policy, measure: &str) -> Option<&'a Indicator> {
    let counts = |source: &IndicatorSource| matches!(source, IndicatorSource::Sum(list) if list.len() == 1 && list[0] == measure);
    policy.indicators.iter().find(|i| counts(&i.source) && i.bucket.is_none())
}

/// The place that a warning about somebody is of.
fn place_of(view: &View, with: &With) -> RegionId {
    if let With::Place(place) = with { *place } else { view.place }
}

/// The pack's word for a unit.
fn unit_of(view: &View, unit: OrgId) -> String {
    view.app.directory().orgs.get(&unit).map(|o| o.unit.clone()).unwrap_or_default()
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

/// The list of matters that wait with somebody, narrowed as they were counted.
fn waiting_url(view: &View, waiting: &Waiting, limit: &str) -> String {
    let (n, mut place) = (waiting.n, view.place);
    let (key, value) = match &waiting.with {
        With::Place(at) => {
            place = *at;
            ("holder", HERE.to_owned())
        }
        With::Unit(unit) => ("unit", unit_of(view, *unit)),
        With::Post(holder) => ("holder", holder.key()),
        With::Nobody => ("holder", NOBODY.to_owned()),
    };
    view.counted_url(n, place, &[("status", "active"), ("limit", limit), (key, &value)])
}

fn late(view: &View, waiting: &Waiting) -> Value {
    let visit = view.visit();
    let args = [("who", name(view, &waiting.with)), ("n", say::grouped(waiting.n))];
    let left = show::limit(visit, view.app, waiting.due).left;
    let (unit, id) = match &waiting.with {
        With::Unit(unit) => (unit_of(view, *unit), format!("late/unit@{unit}")),
        With::Place(place) => (String::new(), format!("late/place@{place}")),
        With::Post(holder) => (String::new(), format!("late/{}", holder.key())),
        With::Nobody => (String::new(), format!("late/nobody@{}", view.place)),
    };
    let about = About { place: place_of(view, &waiting.with), unit: &unit, name: &id };
    let words = visit.t_with("hub.warn_late", &args);
    json!({
        "task": task(view, &view.app.policy(), about, &asked(view, &words)),
        "name": id,
        "words": words,
        "detail": visit.t_with("hub.warn_longest", &[("left", left)]),
        "url": waiting_url(view, waiting, "over"),
        "tone": "bad",
        "since": "",
    })
}

fn near(view: &View, waiting: &Waiting) -> Value {
    let visit = view.visit();
    let args = [("who", name(view, &waiting.with)), ("n", say::grouped(waiting.n))];
    json!({
        "task": "",
        "words": visit.t_with("hub.warn_near", &args),
        "detail": visit.t_with("hub.warn_first", &[("at", waiting.due.hhmm())]),
        "url": waiting_url(view, waiting, "today"),
        "tone": "warn",
        "since": "",
    })
}

fn surge(view: &View, policy: &Policy, surge: &Surge) -> Option<Value> {
    let visit = view.visit();
    let indicator = shows(policy, &surge.measure)?;
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
    let words = visit.t_with("hub.warn_surge", &args);
    let id = format!("surge/{}/{code}", surge.place);
    Some(json!({
        "task": task(view, policy, About { place: surge.place, unit: "", name: &id }, &asked(view, &words)),
        "name": id,
        "words": words,
        "detail": visit.t_with("hub.warn_usual", &[("n", usual), ("days", SURGE_DAYS.to_string())]),
        "url": view.url(&format!("/hub/figures/{}", indicator.id), &change),
        "tone": "bad",
        "since": "",
    }))
}
