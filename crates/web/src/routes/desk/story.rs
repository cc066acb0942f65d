//! A matter's story: events, facts, clocks, intakes, outcome and the reporter, each as this reader may see them.

use crate::show;
use crate::visit::{Staff, Visit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::kin::Sent;
use xiangyue_app::said::rows_in_hand;
use xiangyue_app::view::{Line, Opened, Sight};
use xiangyue_app::{App, AppError};
use xiangyue_domain::calendar::Limit;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::matter::{ClockState, FileRef, Matter, Who};
use xiangyue_domain::policy::{Field, FieldType, Kind, Phase};

/// Texts that say why, rather than what was answered.
fn is_public(kind: &Kind, field: &str) -> bool {
    kind.field(field).is_some_and(|f| f.public)
}

/// Events from one of them on, oldest first.
pub(crate) async fn history(
    staff: &Staff,
    app: &App,
    kind: &Kind,
    opened: &Opened,
    from: usize,
) -> Result<Vec<Value>, AppError> {
    let sent = app.sent(&opened.matter, from).await?;
    let lines = opened.lines.iter().skip(from).zip(&sent);
    Ok(lines.map(|(line, sent)| event(staff, app, kind, opened, (line, sent.as_ref()))).collect())
}

/// To whom a line sent the matter, and who was called in beside; nothing where it stayed with whoever acted.
fn receivers(staff: &Staff, app: &App, line: &Line, sent: &Sent) -> String {
    let visit = &staff.visit;
    // Whoever takes a matter in and keeps it has sent it to nobody.
    let own = match &line.trail.by {
        Who::Account { account, post: None } => {
            app.directory().posts_of(*account, line.trail.at.day()).into_iter().cloned().collect()
        }
        by => Vec::from_iter(by.post().cloned()),
    };
    let to = sent.to.as_ref().filter(|to| !own.contains(*to));
    let to = to.map(|to| show::holder(visit, app, to)).unwrap_or_default();
    let policy = app.policy();
    let mut kinds: Vec<&str> = sent.below.iter().map(|(kind, _)| kind.as_str()).collect();
    kinds.dedup();
    let of = |id: &str| {
        let named = sent.below.iter().filter(|(k, _)| k == id).map(|(_, h)| show::holder(visit, app, h));
        let name = policy.kind(id).map_or("", |k| show::kind(visit, k)).to_owned();
        let names: Vec<String> = named.collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        visit.t_with("orders.sent_below", &[("kind", name), ("who", visit.list(&names))])
    };
    kinds.into_iter().fold(to, |said, kind| said + &of(kind))
}

/// Units that were named in a choice: they stand with the words of the same move.
fn units(visit: &Visit, app: &App, kind: &Kind, sent: &Sent) -> Vec<String> {
    let named = kind.fields.iter().filter(|f| f.kind == FieldType::Unit);
    let given = named.filter_map(|f| Some((f, sent.values.get(&f.id).filter(|v| !v.is_null())?)));
    let one = |(f, value): (&Field, &Value)| {
        let label = visit.locale.pick(&f.label, &f.label_en).to_owned();
        visit.t_with("orders.labelled", &[("label", label), ("text", show::value(visit, app, kind, &f.id, value))])
    };
    given.map(one).collect()
}

fn event(staff: &Staff, app: &App, kind: &Kind, opened: &Opened, (line, sent): (&Line, Option<&Sent>)) -> Value {
    let visit = &staff.visit;
    let trail = &line.trail;
    let title = match kind.find_move(&trail.mv) {
        Some(mv) => visit.locale.pick(&mv.name, &mv.name_en).to_owned(),
        None => visit.t(&format!("desk.event_{}", trail.mv)),
    };
    let to = sent.map(|s| receivers(staff, app, line, s)).unwrap_or_default();
    let title = if to.is_empty() { title } else { visit.t_with("orders.sent", &[("move", title), ("to", to)]) };
    let tone = match trail.mv.as_str() {
        "escalate" => "bad",
        "void" | "merge" | "correct" => "warn",
        _ if kind.step(&trail.to).is_some_and(|s| s.phase == Phase::Closed) && trail.from != trail.to => "good",
        mv if line.texts.contains_key("instruction") || mv == "instruct" => "words",
        _ => "",
    };
    let join = |want: &dyn Fn(&str) -> bool| said(visit, kind, line, want);
    let first = trail.mv == "open";
    // What the reporter said stands above the story and is not said twice.
    let words = if first { String::new() } else { join(&|f| !is_public(kind, f) && f != "note") };
    let units = sent.filter(|_| !first).map(|s| units(visit, app, kind, s)).unwrap_or_default();
    let words = std::iter::once(words).filter(|w| !w.is_empty()).chain(units).collect::<Vec<_>>().join("\n");
    let id = opened.matter.id;
    let files: Vec<&FileRef> = line.files.iter().collect();
    let files = super::papers::files(staff, kind, id, &files);
    json!({
        "day": short_day(visit, trail.at.day()), "time": trail.at.hhmm(), "iso": show::iso(trail.at), "title": title,
        "by": show::who(visit, app, &trail.by), "words": words, "reply": if first { String::new() } else { join(&|f| is_public(kind, f)) },
        "note": join(&|f| f == "note"), "tone": tone, "files": files,
    })
}

/// Texts of one event in the form's order. Where there are several, or one is a short answer to a question, each stands
/// behind its label: nobody has to guess which line names the unit and which the reason.
fn said(visit: &Visit, kind: &Kind, line: &Line, want: &dyn Fn(&str) -> bool) -> String {
    let known = kind.fields.iter().filter_map(|f| Some((Some(f), line.texts.get(&f.id)?)));
    let unknown = line.texts.iter().filter(|(id, _)| kind.field(id).is_none() && want(id));
    let other = unknown.map(|(_, text)| (None, text));
    let picked: Vec<(Option<&Field>, &String)> =
        known.chain(other).filter(|(field, text)| !text.is_empty() && field.is_none_or(|f| want(&f.id))).collect();
    let several = picked.len() > 1;
    let one = |(field, text): &(Option<&Field>, &String)| match field {
        Some(f) if several || f.kind != FieldType::Longtext => {
            let label = visit.locale.pick(&f.label, &f.label_en);
            visit.t_with("orders.labelled", &[("label", label.to_owned()), ("text", (*text).clone())])
        }
        _ => (*text).clone(),
    };
    picked.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// What a matter is about, in full: the reporter's words, or what the kind goes by.
pub(crate) fn request(kind: &Kind, opened: &Opened) -> String {
    let text = |field: &str| opened.texts.get(field).filter(|t| !t.is_empty()).cloned();
    text("words").or_else(|| text(kind.heading())).unwrap_or_default()
}

/// What the words of a matter of this kind are called: a request, an instruction, what happened.
pub(crate) fn request_name(visit: &Visit, kind: &Kind) -> String {
    let field = kind.field("words").or_else(|| kind.field(kind.heading()));
    field.map_or_else(|| visit.t("desk.request"), |f| visit.locale.pick(&f.label, &f.label_en).to_owned())
}

fn short_day(visit: &Visit, day: xiangyue_domain::day::Day) -> String {
    let d = day.date();
    visit.t_with(
        "desk.short_day",
        &[("y", d.year().to_string()), ("m", d.month().to_string()), ("d", d.day().to_string())],
    )
}

/// Basic facts: plain values in the form's order, then where it came from and where it was solved.
pub(crate) fn facts(
    staff: &Staff,
    app: &App,
    kind: &Kind,
    opened: &Opened,
    links: &BTreeMap<String, String>,
) -> Vec<Value> {
    let visit = &staff.visit;
    let matter = &opened.matter;
    let one = |label: String, value: String| json!({"label": label, "value": value, "url": ""});
    let mut out: Vec<Value> = Vec::new();
    let label = |f: &Field| visit.locale.pick(&f.label, &f.label_en).to_owned();
    for field in &kind.fields {
        if let Some(value) = matter.values.get(&field.id).filter(|_| field.kind == FieldType::List) {
            let sealed = opened.texts.get(&field.id).map(String::as_str);
            let rows = rows_in_hand(field, value, sealed, opened.sight == Sight::Whole);
            // Where there is no room for a table a row is a line.
            let lines: Vec<String> = rows.iter().map(|r| visit.list(r)).collect();
            let mut fact = one(label(field), lines.join("\n"));
            fact["heads"] = field.columns.iter().map(label).collect();
            fact["rows"] = json!(rows);
            out.push(fact);
        } else if let Some(value) = matter.values.get(&field.id) {
            let said = show::value(visit, app, kind, &field.id, value);
            let said = if field.kind == FieldType::Money { visit.t_with("orders.yuan", &[("n", said)]) } else { said };
            let mut fact = one(label(field), said);
            fact["url"] = json!(links.get(&field.id).cloned().unwrap_or_default());
            out.push(fact);
        } else if let Some(text) =
            opened.texts.get(&field.id).filter(|_| !field.later && field.id != "words" && field.id != kind.heading())
        {
            out.push(one(label(field), text.clone()));
        }
    }
    out.push(one(visit.t("desk.channel"), show::channel(visit, app, &matter.kind, matter.channel())));
    out.push(one(visit.t("desk.level_in"), visit.t(&format!("desk.level_{}", matter.level_in.as_str()))));
    if let Some(level) = matter.level_done {
        out.push(one(visit.t("desk.level_done"), visit.t(&format!("desk.level_{}", level.as_str()))));
    }
    if matter.bypass {
        out.push(one(visit.t("desk.bypass"), visit.t("common.yes")));
    }
    out
}

/// Clocks, newest span of each.
pub(crate) fn clocks(staff: &Staff, app: &App, kind: &Kind, matter: &Matter) -> Vec<Value> {
    matter.clocks.iter().filter(|c| !c.is_auto()).map(|c| clock(staff, app, kind, c)).collect()
}

/// Clocks that run or were missed, and those that ended in time, which nobody needs to see every time.
pub(crate) fn split(clocks: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    clocks.into_iter().partition(|c| c["state"] != "done")
}

fn clock(staff: &Staff, app: &App, kind: &Kind, state: &ClockState) -> Value {
    let visit = &staff.visit;
    let name = kind
        .clocks
        .iter()
        .find(|c| c.id == state.id)
        .map_or(state.id.as_str(), |c| visit.locale.pick(&c.name, &c.name_en));
    let now = app.now();
    let end = state.stopped.unwrap_or(now);
    let (shape, words) = if state.paused.is_some() {
        ("paused", visit.t("desk.paused"))
    } else if state.stopped.is_some() {
        if state.is_overdue(now) { ("over", visit.t("desk.done_late")) } else { ("done", visit.t("desk.done_in_time")) }
    } else {
        let limit = show::limit(visit, app, state.due);
        (if limit.tone.is_empty() { "ok" } else { limit.tone }, limit.left)
    };
    let whole = (state.due.0 - state.started.0).max(1);
    let percent = ((end.0 - state.started.0) * 100 / whole).clamp(0, 100);
    let (used, allowed) = spans(visit, app, kind, state, end);
    json!({"name": name, "state": shape, "words": words, "used": used,
        "allowed": allowed, "due": show::full_moment(state.due), "percent": percent, "notes": notes(visit, state)})
}

/// How much of a limit was used, and how long it is, in its own measure: working days are counted as working days, so that a
/// weekend does not look like time that somebody let pass. Office hours show their end alone.
fn spans(visit: &Visit, app: &App, kind: &Kind, state: &ClockState, end: Time) -> (String, String) {
    let policy = app.policy();
    let rules = kind.clocks.iter().filter(|c| c.id == state.id).flat_map(|c| &c.limits);
    let limit = state.limit.or_else(|| rules.map(|r| r.limit).next());
    let by_the_clock = |ms: i64| {
        let minutes = ms.max(0) / 60_000;
        visit.t_with("desk.span", &[("h", (minutes / 60).to_string()), ("m", (minutes % 60).to_string())])
    };
    let of = |key: &str, n: i64| visit.t_with(key, &[("n", n.max(0).to_string())]);
    let (from, to) = (state.started.day(), state.due.day());
    match limit {
        Some(Limit::WorkingDays(_)) => {
            let days = |upto| i64::from(policy.calendar.working_days_between(from, upto));
            (of("orders.span_wd", days(end.day())), of("orders.span_wd", days(to)))
        }
        Some(Limit::WorkingMinutes(_)) => (String::new(), String::new()),
        Some(Limit::Days(_) | Limit::Months(_)) => {
            let days = |upto: Day| i64::from(upto.0 - from.0);
            (of("orders.span_d", days(end.day())), of("orders.span_d", days(to)))
        }
        _ => (by_the_clock(end.0 - state.started.0), by_the_clock(state.due.0 - state.started.0)),
    }
}

/// What an approved extension did to a limit.
fn notes(visit: &Visit, state: &ClockState) -> Vec<String> {
    let Some(before) = state.since.filter(|_| state.extended > 0) else { return Vec::new() };
    let args =
        [("n", state.extended.to_string()), ("from", show::full_moment(before)), ("to", show::full_moment(state.due))];
    vec![visit.t_with("orders.extended", &args)]
}

/// Ways in.
pub(crate) fn intakes(staff: &Staff, app: &App, matter: &Matter) -> Vec<Value> {
    let visit = &staff.visit;
    matter
        .intakes
        .iter()
        .map(|i| {
            json!({"source": show::channel(visit, app, &matter.kind, &i.channel), "number": i.source_no.clone().unwrap_or_default(),
                "at": show::moment(i.at), "by": "", "reporter": "", "words": "", "merged": i.first != matter.id})
        })
        .collect()
}

/// Closed, reached, solved, satisfied: four facts kept apart.
pub(crate) fn outcome(staff: &Staff, app: &App, kind: &Kind, matter: &Matter) -> Vec<Value> {
    let visit = &staff.visit;
    let mut out = Vec::new();
    if matter.phase == Phase::Closed {
        let level = matter.level_done.map(|l| visit.t(&format!("desk.level_{}", l.as_str()))).unwrap_or_default();
        let day = matter.since().map(|t| t.day().to_string()).unwrap_or_default();
        out.push(json!({"label": visit.t("desk.closed"), "words": format!("{day} {level}"), "state": "done"}));
    }
    for id in ["contacted", "solved", "satisfied"] {
        if let (Some(field), Some(value)) = (kind.field(id), matter.values.get(id)) {
            let bad = value.as_str() == Some("no");
            out.push(json!({"label": visit.locale.pick(&field.label, &field.label_en),
                "words": show::value(visit, app, kind, id, value), "state": if bad { "over" } else { "done" }}));
        }
    }
    out
}

/// Whether the matter's kind asks who reports.
fn asks_who(staff: &Staff, opened: &Opened) -> Option<bool> {
    let policy = staff.app().ok()?.policy();
    let kind = policy.kind_of(&opened.matter)?;
    Some(kind.fields.iter().any(|f| f.id.starts_with("reporter_")))
}

/// The reporter as this reader sees them.
pub(crate) fn reporter(staff: &Staff, opened: &Opened, ask: Value) -> Value {
    let visit = &staff.visit;
    let get = |f: &str| opened.reporter.get(f).cloned().unwrap_or_default();
    let note = match opened.sight {
        Sight::Whole => "desk.sight_whole",
        Sight::Masked => "desk.sight_masked",
        Sight::None => "desk.sight_none",
    };
    let whole = opened.sight == Sight::Whole;
    let phone = get("reporter_phone");
    let name = if opened.sight == Sight::None { visit.t("desk.kept_secret") } else { get("reporter_name") };
    json!({
        "shown": whole,
        "name": if name.is_empty() { visit.t("desk.no_name") } else { name },
        "phone": if whole { phone.chars().filter(char::is_ascii_digit).collect::<String>() } else { String::new() },
        "phone_display": phone,
        "address": get("reporter_address"),
        "note": visit.t(note),
        // A kind that asks for no reporter has none to show.
        "any": asks_who(staff, opened).unwrap_or(true) || !opened.reporter.is_empty(),
        "ask": ask,
    })
}
