//! `GET /hub/wall?region=`: the hub full screen for a command centre: dark, without controls, refreshing by itself. For
//! whoever may see figures.

use super::heads::headlines;
use super::say;
use super::view::View;
use super::warn::{self, Known};
use crate::page::Answer;
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::indicator::{Figure, Figures, is_rate};
use xiangyue_app::warning::{Open, Waiting};
use xiangyue_app::works::Work;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Indicator, Policy, Right};

/// Seconds between two refreshes.
const EVERY: u32 = 60;
/// Headline figures shown beside what is open and what is overdue.
const HEADS: usize = 2;
/// Works brought to an end that are shown.
const RECENT: usize = 4;
/// Warnings that are legible from six metres.
const WARNINGS: usize = 5;

/// The wall.
pub(crate) async fn wall(staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Hub)?;
    let (app, visit) = (view.app, view.visit());
    let policy = app.policy();
    let account = staff.user.account.id;
    let heads: Vec<&Indicator> = headlines(&view, &policy).into_iter().take(HEADS).collect();
    let ids: Vec<&str> = heads.iter().map(|i| i.id.as_str()).collect();
    let children = view.children();
    let places: Vec<RegionId> = [view.place].into_iter().chain(children.iter().copied()).collect();
    let (now, base, open, overdue, today, judged, recent) = tokio::try_join!(
        app.figures(&ids, &places, view.period),
        view.base_figures(&ids, &places[..1], &[]),
        app.open_now(account, view.place),
        app.overdue_at(account, view.place),
        app.due_today(account, view.place),
        app.judged(view.place),
        app.public_works(view.place, RECENT),
    )?;
    let (whole, below) = (open.whole(&[]), open.below(&[]));
    let mut cards: Vec<Value> = heads.iter().map(|i| card(&view, i, &now, &base)).collect();
    cards.extend(limits(&view, whole, &overdue, &today));
    let known = Known { overdue: &overdue, surges: &judged.surges, returns: &[], again: &[], today: &today };
    let mut warnings = warn::list(&view, &policy, &known);
    warnings.truncate(WARNINGS);
    let values = json!({
        "title": visit.t_with("hub.title", &[("place", view.name(view.place))]),
        "date": show::long_day(visit, view.day),
        "weekday": show::weekday(visit, view.day),
        "clock": app.now().hhmm(),
        "duty": duty(&view, &policy),
        "every": EVERY,
        "as_of": view.as_of(),
        "heads": cards,
        "due": {"label": visit.t("hub.in_limit_all"), "value": say::grouped(whole.n - whole.late), "unit": visit.t("hub.cases")},
        "warnings": warnings,
        "table": table(&view, &policy, &heads, &children, &now, &below),
        "recent": recent.iter().map(|w| done(&view, w)).collect::<Vec<_>>(),
    });
    visit.page("hub/wall.html", &visit.t("desk.nav_wall"), values)
}

fn card(view: &View, indicator: &Indicator, now: &Figures, base: &Figures) -> Value {
    let key = (view.place, indicator.id.clone());
    let figure = now.get(&key).copied().unwrap_or_default();
    let (value, unit) = say::shown(view, indicator, figure);
    json!({
        "label": say::name(view, indicator),
        "value": value,
        "unit": unit,
        "detail": if is_rate(indicator) { say::quotient(figure) } else { span(view) },
        "compare": say::change(view, indicator, figure, base.get(&key).copied(), true),
        "tone": "",
    })
}

/// A work that was brought to an end; what may speak of somebody is its category alone.
fn done(view: &View, work: &Work) -> Value {
    let date = work.day.date();
    let category = view.visit().locale.pick(&work.category.0, &work.category.1).to_owned();
    let said = work.words.clone().unwrap_or(category);
    json!({"time": format!("{:02}-{:02}", date.month(), date.day()), "words": format!("{} {said}", view.name(work.village))})
}

fn span(view: &View) -> String {
    view.span.map(|s| view.visit().t(&format!("hub.span_{}", s.as_str()))).unwrap_or_default()
}

/// What is open within its limit, and what is not.
fn limits(view: &View, open: Open, overdue: &[Waiting], today: &[Waiting]) -> [Value; 2] {
    let visit = view.visit();
    let cases = visit.t("hub.cases");
    let due: i64 = today.iter().map(|w| w.n).sum();
    let longest = overdue.iter().map(|w| w.due).min().map(|due| show::limit(visit, view.app, due).left);
    let longest = longest.map(|left| visit.t_with("hub.warn_longest", &[("left", left)])).unwrap_or_default();
    let today = visit.t_with("hub.due_today", &[("n", say::grouped(due))]);
    let one = |key: &str, n: i64, detail: String, tone: &str| json!({"label": visit.t(key), "value": say::grouped(n), "unit": cases, "detail": detail, "compare": say::nothing(), "tone": tone});
    [
        one("hub.in_limit_all", open.n - open.late, today, ""),
        one("hub.late_all", open.late, longest, if open.late > 0 { "bad" } else { "" }),
    ]
}

fn table(
    view: &View,
    policy: &Policy,
    heads: &[&Indicator],
    children: &[RegionId],
    now: &Figures,
    open: &BTreeMap<RegionId, Open>,
) -> Value {
    let visit = view.visit();
    let mut columns: Vec<String> = heads.iter().map(|i| say::name(view, i).to_owned()).collect();
    columns.extend([visit.t("hub.open_all"), visit.t("hub.late_all")]);
    let directory = view.app.directory();
    let cell = |place: &RegionId, indicator: &Indicator| {
        let figure: Figure = now.get(&(*place, indicator.id.clone())).copied().unwrap_or_default();
        let shown = directory.tree.get(*place).is_some_and(|r| say::may_show(policy, indicator, r.level));
        let unit = say::sign(view, indicator, figure);
        let value = if shown { format!("{}{unit}", say::value(indicator, figure)) } else { "—".to_owned() };
        json!({"value": value, "tone": ""})
    };
    let row = |place: &RegionId| {
        let open = open.get(place).copied().unwrap_or_default();
        let mut cells: Vec<Value> = heads.iter().map(|i| cell(place, i)).collect();
        cells.push(json!({"value": say::grouped(open.n), "tone": ""}));
        cells.push(json!({"value": say::grouped(open.late), "tone": if open.late > 0 { "bad" } else { "" }}));
        json!({"name": view.name(*place), "cells": cells})
    };
    json!({"columns": columns, "rows": children.iter().map(row).collect::<Vec<_>>()})
}

/// The post on duty with its telephone, as the pack names it.
fn duty(view: &View, policy: &Policy) -> String {
    let post = policy.settings.as_ref().map_or("", |s| s.duty_post.as_str());
    let directory = view.app.directory();
    let Some(holder) = directory.post_over(policy, post, view.place, view.day) else { return String::new() };
    let name = policy.post(post).map_or("", |p| view.visit().locale.pick(&p.name, &p.name_en)).to_owned();
    let phone = directory.holders_of(&holder, view.day).first().map(|a| a.phone.clone()).unwrap_or_default();
    format!("{name} {phone}").trim().to_owned()
}
