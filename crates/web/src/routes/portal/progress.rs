//! `GET /m/{token}`: where a report stands, with what its sender may say now. `GET /m/{token}/files/{digest}`: a photo
//! of it. For whoever has the link.

use super::{field, move_on, place, story};
use crate::page::Answer;
use crate::show;
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_app::reporter::Followed;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Kind, Phase};

/// `GET /m/{token}`
pub(crate) async fn progress(Path(token): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let followed = app.follow(&token).await?;
    let values = values(&visit, app, &token, &followed);
    let title = values["matter"]["title"].as_str().unwrap_or_default().to_owned();
    visit.page("portal/progress.html", &title, values)
}

/// `GET /m/{token}/files/{digest}`
pub(crate) async fn file(Path((token, digest)): Path<(String, String)>, visit: Visit) -> Answer {
    let bytes = visit.app()?.read_file_by_receipt(&token, &digest).await?;
    Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "private, max-age=3600")], bytes).into_response())
}

fn values(visit: &Visit, app: &App, token: &str, followed: &Followed) -> Value {
    let policy = app.policy();
    let opened = &followed.opened;
    let matter = &opened.matter;
    let kind = policy.kind_of(matter);
    let offers = move_on::Offers::of(app, matter);
    let due = story::due(visit, app, matter);
    let (state, state_text) = state(visit, kind, matter, &offers, due.as_ref().is_some_and(|d| d.over));
    let reply = kind.and_then(|k| story::reply(k, opened)).filter(|_| matter.phase != Phase::Open && !matter.voided);
    let answer_url = format!("/m/{token}/answer");
    let village = place::values(app, matter.place);
    json!({
        "village": village,
        "matter": said(visit, app, token, followed),
        "state": state,
        "state_text": state_text,
        "due": due.map(|d| json!({ "text": d.text, "left": d.left, "tone": d.tone })),
        "steps": story::steps(visit, app, token, followed, reply.as_ref().map(|(i, ..)| *i)),
        "result": reply.map(|(_, line, words)| json!({
            "words": words,
            "by": show::who(visit, app, &line.trail.by),
            "at": show::moment(line.trail.at),
            "photos": story::photos(visit, token, &line.files),
        })),
        "verdict": story::verdict(visit, app, opened),
        "void": void(visit, app, followed),
        "answer_url": offers.solved.as_ref().map(|_| &answer_url),
        "can_redo": offers.again.is_some(),
        "can_note": offers.noted.is_some(),
        "rate_url": offers.grade.as_ref().map(|_| &answer_url),
        "grades": kind.map_or_else(Vec::new, |k| grades(visit, k)),
        "reopen_url": offers.reopen.as_ref().map(|_| format!("/m/{token}/reopen")),
        "reopen_until": offers.reopen.as_ref().and_then(|m| m.within.as_ref()).map(|within| {
            let since = matter.since().unwrap_or_else(|| app.now());
            show::long_day(visit, policy.calendar.due(since, within).day())
        }),
        "once": visit.once(),
    })
}

/// What was reported, in the sender's own words.
fn said(visit: &Visit, app: &App, token: &str, followed: &Followed) -> Value {
    let said = &followed.said;
    let matter = &said.matter;
    let category = story::category(visit, app, matter);
    let spot = said.texts.get(field::SPOT);
    let title = match spot {
        Some(spot) => visit.t_with("portal.title_at", &[("where", spot.clone()), ("what", category.clone())]),
        None => show::title(visit, app, matter, Some(said), None),
    };
    let first = said.lines.iter().find(|l| l.trail.mv == "open");
    json!({
        "number": matter.number,
        "title": title,
        "category": category,
        "place": spot.cloned().unwrap_or_else(|| show::place(app, matter.place, matter.accepted)),
        "words": said.texts.get(field::WORDS),
        "at": story::long_moment(visit, first.map(|l| l.trail.at).unwrap_or_default()),
        "photos": first.map_or_else(Vec::new, |l| story::photos(visit, token, &l.files)),
    })
}

/// The one word for where it stands, and how it is said.
fn state(
    visit: &Visit,
    kind: Option<&Kind>,
    matter: &Matter,
    offers: &move_on::Offers,
    over: bool,
) -> (&'static str, String) {
    let step = kind.and_then(|k| k.step(&matter.step));
    let told = step.map_or_else(String::new, |s| story::told(visit, s));
    let phase_of = |step: &str| kind.and_then(|k| k.step(step)).map(|s| s.phase);
    let was = |phase: Phase| matter.trail.iter().any(|t| phase_of(&t.from) == Some(phase));
    match matter.phase {
        _ if matter.voided => ("void", visit.t("portal.state_void")),
        Phase::Open if over => ("overdue", visit.t("portal.state_overdue")),
        Phase::Open if was(Phase::Answered) || was(Phase::Closed) => ("reopened", visit.t("portal.state_reopened")),
        Phase::Open => ("open", told),
        Phase::Answered if offers.solved.is_some() => ("asking", visit.t("portal.state_asking")),
        Phase::Answered => ("closed", told),
        Phase::Closed if offers.grade.is_some() => {
            let solved = matter.values.get(field::SOLVED).and_then(Value::as_str) == Some("yes");
            ("grading", visit.t(if solved { "portal.state_grading" } else { "portal.state_rate" }))
        }
        Phase::Closed => ("closed", visit.t("portal.state_closed")),
        Phase::Final if was(Phase::Closed) => ("closed", visit.t("portal.state_closed")),
        Phase::Final => ("closed", told),
    }
}

/// Why a wrong entry was voided.
fn void(visit: &Visit, app: &App, followed: &Followed) -> Value {
    let line = followed.opened.lines.iter().rev().find(|l| l.trail.mv == "void");
    line.map_or(Value::Null, |l| {
        json!({
            "reason": l.texts.get("reason"),
            "by": show::who(visit, app, &l.trail.by),
            "at": show::moment(l.trail.at),
        })
    })
}

/// Grades to choose from, in the pack's order.
fn grades(visit: &Visit, kind: &Kind) -> Vec<Value> {
    let Some(field) = kind.field(field::GRADE) else { return Vec::new() };
    let english = visit.locale == crate::Locale::En;
    field.options.keys().map(|v| json!({ "value": v, "label": field.option_name(v, english) })).collect()
}
