//! `GET /hub/duties?region=`: what comes round, who has not done it, and until when what runs now can still be done. For
//! whoever may see the figures of the place; every name opens to the records that were counted there.

use super::view::View;
use super::warn;
use crate::page::Answer;
use crate::routes::desk::shell;
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use xiangyue_app::duty::Standing;
use xiangyue_domain::duty::DutySpan;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Level, Right};

/// Names in a warning at most.
const NAMED: usize = 3;

/// The page.
pub(crate) async fn duties(staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Hub)?;
    let judged = view.app.duties_judged(view.place).await?;
    let running = view.app.duties_running(view.place).await?;
    let visit = view.visit();
    let name = view.name(view.place);
    let sections: Vec<Value> = [("judged", &judged), ("running", &running)]
        .into_iter()
        .map(|(id, list)| {
            let rows: Vec<Value> = list.iter().map(|s| row(&view, s)).collect();
            json!({"id": id, "title": visit.t(&format!("orders.duties_{id}")), "rows": rows})
        })
        .collect();
    let empty = if !view.app.policy().duties.is_empty() && judged.is_empty() && running.is_empty() {
        visit.t("orders.duties_early")
    } else if view.app.policy().duties.is_empty() {
        visit.t("orders.duties_none")
    } else {
        String::new()
    };
    let values = json!({
        "nav": shell::nav(&staff, "hub").await?,
        "once": visit.once(),
        "crumbs": view.crumbs(Some(&visit.t("orders.duties"))),
        "sections": sections,
        "copy_text": copy(&view, &name, &judged, &running),
        "calendar": calendar(&view),
        "empty": empty,
    });
    visit.page("hub/duties.html", &visit.t_with("orders.duties_of", &[("place", name)]), values)
}

fn row(view: &View, standing: &Standing) -> Value {
    let visit = view.visit();
    let duty = &standing.duty;
    let named = |id: &RegionId| {
        let name = show::place(view.app, *id, view.day);
        json!({"name": name, "url": figure_url(view, *id, standing), "task": missed(view, *id, standing)})
    };
    let places: Vec<Value> = standing.missing.iter().map(named).collect();
    let who: Vec<Value> = standing.done.iter().map(named).collect();
    let done = standing.done.len();
    json!({
        "id": duty.id,
        "name": visit.locale.pick(&duty.name, &duty.name_en),
        "basis": duty.basis,
        "sample": duty.sample,
        "span": span_words(standing.span),
        "words": visit.t_with("orders.duty_done", &[("n", done.to_string()), ("of", standing.of().to_string())]),
        "tone": if standing.missing.is_empty() { "done" } else if standing.span.running { "near" } else { "over" },
        "missing": places,
        "done": who,
    })
}

/// The way to make a task of what one place has missed; nothing while there is still time.
fn missed(view: &View, place: RegionId, standing: &Standing) -> String {
    if standing.span.running || !standing.missing.contains(&place) {
        return String::new();
    }
    let (visit, duty) = (view.visit(), &standing.duty);
    let args = [
        ("what", visit.locale.pick(&duty.name, &duty.name_en).to_owned()),
        ("place", view.name(place)),
        ("span", span_words(standing.span)),
    ];
    let name = missed_name(standing, place);
    let about = warn::About { place, unit: "", name: &name };
    warn::task(view, &view.app.policy(), about, &visit.t_with("leader.duty_task", &args))
}

/// What the warning of a duty missed in a span is called.
fn missed_name(standing: &Standing, place: RegionId) -> String {
    format!("duty/{}/{place}/{}", standing.duty.id, standing.span.due)
}

/// The figure of the duty at a place, over its span.
fn figure_url(view: &View, place: RegionId, standing: &Standing) -> String {
    let (from, to) = (standing.span.from.to_string(), standing.span.to.min(view.day).to_string());
    let region = view.code(place);
    let change = [("region", region.as_str()), ("period", ""), ("from", &from), ("to", &to), ("as_of", "")];
    view.url(&format!("/hub/figures/{}", standing.duty.indicator), &change)
}

fn span_words(span: DutySpan) -> String {
    format!("{} — {}", span.from, span.due)
}

/// What was missed, and what has few days left, as warnings of the place's page.
pub(super) fn warnings(view: &View, judged: &[Standing], near: &[Standing]) -> Vec<Value> {
    let missed = judged.iter().map(|s| (s, "bad", "orders.duty_missed"));
    let all = missed.chain(near.iter().map(|s| (s, "warn", "orders.duty_near")));
    all.filter(|(s, ..)| !s.missing.is_empty()).map(|(s, tone, key)| warning(view, s, tone, key)).collect()
}

fn warning(view: &View, s: &Standing, tone: &str, key: &str) -> Value {
    let visit = view.visit();
    let names: Vec<String> = s.missing.iter().take(NAMED).map(|id| view.name(*id)).collect();
    let more = if s.missing.len() > NAMED { visit.t("orders.and_more") } else { String::new() };
    let args = [
        ("what", visit.locale.pick(&s.duty.name, &s.duty.name_en).to_owned()),
        ("n", s.missing.len().to_string()),
        ("of", s.of().to_string()),
        ("span", span_words(s.span)),
        ("day", s.span.due.to_string()),
    ];
    let (words, detail) = (visit.t_with(key, &args), format!("{}{more}", visit.list(&names)));
    let name = missed_name(s, view.place);
    // What can still be done in time needs nobody to see to it.
    let task = if s.span.running {
        String::new()
    } else {
        let says = [("words", words.clone()), ("detail", detail.clone())];
        let about = warn::About { place: view.place, unit: "", name: &name };
        warn::task(view, &view.app.policy(), about, &visit.t_with("orders.duty_task", &says))
    };
    json!({"words": words, "detail": detail,
        "url": view.url("/hub/duties", &[("region", &view.code(view.place))]), "tone": tone, "since": "", "task": task, "name": name})
}

/// A year of the calendar that is not there, while there is time to enter it: due times would go by week-ends alone. It is
/// said to whoever administers; nobody else can do anything about it.
pub(super) fn calendar(view: &View) -> Option<Value> {
    let policy = view.app.policy();
    let account = view.staff.user.account.id;
    if !view.app.directory().has_right(&policy, account, Right::Grant, view.place, view.day) {
        return None;
    }
    let ahead = policy.settings.as_ref().map_or(0, |s| i32::from(s.calendar_ahead));
    let root = view.app.directory().tree.get(view.place).is_some_and(|r| r.level == Level::County);
    let year = policy.calendar.missing_year(view.day, view.day.plus_months(ahead)).filter(|_| root)?;
    let visit = view.visit();
    let args = [("year", year.to_string())];
    Some(json!({"words": visit.t_with("orders.calendar_missing", &args), "detail": visit.t("orders.calendar_how"),
        "url": view.url("/hub/duties", &[]), "tone": "warn", "since": "", "task": ""}))
}

fn copy(view: &View, name: &str, judged: &[Standing], running: &[Standing]) -> String {
    let visit = view.visit();
    let one = |s: &Standing| {
        let names: Vec<String> = s.missing.iter().map(|id| view.name(*id)).collect();
        let done = s.done.len().to_string();
        let args = [
            ("what", visit.locale.pick(&s.duty.name, &s.duty.name_en).to_owned()),
            ("span", span_words(s.span)),
            ("n", done),
            ("of", s.of().to_string()),
        ];
        let said = visit.t_with("orders.duty_line", &args);
        if names.is_empty() { said } else { format!("{said}{}{}", visit.t("orders.duty_lacking"), visit.list(&names)) }
    };
    let lines: Vec<String> = judged.iter().chain(running).map(one).collect();
    let says = [
        ("at", show::full_moment(view.app.now())),
        ("place", name.to_owned()),
        ("lines", lines.join(&visit.t("orders.duty_semicolon"))),
    ];
    visit.t_with("orders.duty_copy", &says)
}
