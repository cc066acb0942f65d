//! `GET /desk/import/{id}`: one import, as far as it is: being checked, to be looked at, being taken in, done.

use super::parts;
use crate::error::WebError;
use crate::page::{Answer, query};
use crate::routes::desk::shell;
use crate::upload::unread;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::App;
use xiangyue_app::import::{Job, Look, State, TakenRow, What};
use xiangyue_domain::policy::{Direction, Sheet};

/// Faults and rows on a page.
const PAGE: usize = 100;

/// The page.
pub(crate) async fn import_job(Path(id): Path<String>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let job = app.import_job(staff.user.account.id, &id).await?;
    // What is under way goes on even if the process was started anew in between.
    let job = app.go_on(&job).await?;
    show_job(&staff, &job, "").await
}

/// The page, perhaps with what was wrong with a form.
pub(super) async fn show_job(staff: &Staff, job: &Job, fault: &str) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let sheet = app.policy().sheet(Direction::In, &job.sheet).ok_or(WebError::NotFound)?;
    let look = app.look_of(job).await?;
    let asked = query(&visit.path);
    let name = visit.locale.pick(&sheet.name, &sheet.name_en).to_owned();
    let state = job.state.word();
    let refused = job.refused.as_ref().map(|(key, most)| unread(visit, key, *most));
    let values = json!({
        "nav": shell::nav(staff, "import").await?,
        "once": visit.once(),
        "url": format!("/desk/import/{}", job.id),
        "state": state,
        "step": match job.state { State::Done | State::Importing => 3, _ => 2 },
        "refresh": matches!(job.state, State::Trying | State::Importing),
        "file": look.name,
        "counts": counts(staff, job),
        "progress": {"done": job.done, "rows": job.rows, "percent": job.done * 100 / job.rows.max(1)},
        "refused": refused,
        "fault": fault,
        "missing": visit.list(&look.missing),
        "begin": begin(job, &look),
        "matching": parts::matching(staff, &sheet, job, &look),
        "sample": sample(job, &look),
        "faults": faults(staff, job, &look, &asked),
        "same": same(&look),
        "result": result(staff, app, job, &sheet, &asked).await?,
        "emptied": job.emptied,
        "corrected": job.bad > 0 && !job.emptied && matches!(job.state, State::Checked | State::Done),
        "links": job.state == State::Done && sheet.subject == "staff" && job.taken > 0,
    });
    visit.page("desk/import_job.html", &format!("{} {name}", visit.t("import.title")), values)
}

fn counts(staff: &Staff, job: &Job) -> Value {
    let pairs = if job.state == State::Done {
        vec![("rows", job.rows, ""), ("taken", job.taken, "good")]
    } else {
        let bad = if job.bad > 0 { "bad" } else { "" };
        vec![("rows", job.rows, ""), ("good", job.good, "good"), ("bad", job.bad, bad), ("same", job.same, "")]
    };
    let one = |(key, n, tone): (&str, u64, &str)| json!({"label": staff.visit.t(&format!("import.{key}")), "n": n, "tone": tone});
    pairs.into_iter().map(one).collect()
}

/// What can be begun: everything, or only the rows without fault.
fn begin(job: &Job, look: &Look) -> Value {
    let ready = job.state == State::Checked && look.missing.is_empty();
    json!({"ready": ready && job.good > 0, "good": job.good, "bad": job.bad})
}

fn sample(job: &Job, look: &Look) -> Value {
    if job.state != State::Checked || look.sample.is_empty() {
        return Value::Null;
    }
    let used: Vec<usize> = job.columns.iter().flatten().copied().collect();
    let head: Vec<Value> = (0..)
        .zip(&look.headings)
        .map(|(i, h)| json!({"letters": parts::letters(i), "name": h, "used": used.contains(&i)}))
        .collect();
    let rows: Vec<Value> = look
        .sample
        .iter()
        .map(|(row, cells)| {
            let cell = |i: usize| cells.get(i).cloned().unwrap_or_default();
            json!({"row": row, "cells": (0..head.len()).map(cell).collect::<Vec<_>>()})
        })
        .collect();
    json!({"head": head, "rows": rows})
}

fn faults(staff: &Staff, job: &Job, look: &Look, asked: &BTreeMap<String, String>) -> Value {
    if job.state != State::Checked || look.faults.is_empty() {
        return Value::Null;
    }
    let visit = &staff.visit;
    let at = page_of(asked);
    let heading = |c: Option<usize>| c.and_then(|c| look.headings.get(c)).cloned().unwrap_or_default();
    let rows: Vec<Value> = look
        .faults
        .iter()
        .skip(at * PAGE)
        .take(PAGE)
        .map(|f| json!({"at": f.address(), "heading": heading(f.column), "found": f.found, "what": parts::say(visit, f)}))
        .collect();
    let kept = look.faults.len();
    let more = if job.faults > kept as u64 {
        visit.t_with("import.faults_more", &[("n", kept.to_string())])
    } else {
        String::new()
    };
    json!({"n": job.faults, "rows": rows, "more": more, "pager": pager(staff, job, at, kept, "")})
}

fn same(look: &Look) -> Value {
    let numbers: Vec<Value> =
        look.same.iter().take(PAGE).map(|(row, number)| json!({"row": row, "number": number})).collect();
    json!({"n": look.same.len(), "rows": numbers})
}

async fn result(
    staff: &Staff,
    app: &App,
    job: &Job,
    sheet: &Sheet,
    asked: &BTreeMap<String, String>,
) -> Result<Value, WebError> {
    if job.state != State::Done {
        return Ok(Value::Null);
    }
    let visit = &staff.visit;
    let (show, what) = match asked.get("show").map(String::as_str) {
        Some("same") => ("same", What::Same),
        Some("bad") => ("bad", What::Bad),
        _ => ("new", What::New),
    };
    let at = page_of(asked);
    let rows = app.taken_of(job, Some(what), at * PAGE, PAGE + 1).await?;
    let more = rows.len() > PAGE;
    let line = |r: &TakenRow| {
        let url = r.matter.map(|m| format!("/desk/matters/{m}")).unwrap_or_default();
        let why = if r.why.is_empty() { String::new() } else { visit.t(&r.why) };
        json!({"row": r.row, "number": r.number, "url": url, "why": why})
    };
    let tabs = ["new", "same", "bad"].map(|k| {
        json!({"label": visit.t(&format!("import.result_{k}")), "url": format!("/desk/import/{}?show={k}", job.id), "current": k == show})
    });
    let words = [
        ("rows", job.done.to_string()),
        ("taken", job.taken.to_string()),
        ("same", job.same.to_string()),
        ("bad", job.bad.to_string()),
    ];
    Ok(json!({
        "words": visit.t_with("import.result_words", &words),
        "tabs": tabs,
        "rows": rows.iter().take(PAGE).map(line).collect::<Vec<_>>(),
        "pager": pager(staff, job, at, if more { (at + 2) * PAGE } else { 0 }, &format!("&show={show}")),
        "place_url": if sheet.is_register() { "/desk/people" } else { "" },
    }))
}

/// Which page is asked for, from 0.
fn page_of(asked: &BTreeMap<String, String>) -> usize {
    asked.get("page").and_then(|p| p.parse::<usize>().ok()).unwrap_or(0).min(100_000)
}

fn pager(staff: &Staff, job: &Job, at: usize, count: usize, rest: &str) -> Value {
    let url = |page: usize| format!("/desk/import/{}?page={page}{rest}", job.id);
    let next = if (at + 1) * PAGE < count { url(at + 1) } else { String::new() };
    json!({"prev": if at > 0 { url(0) } else { String::new() }, "next": next,
        "words": staff.visit.t_with("desk.page_n", &[("n", (at + 1).to_string())])})
}
