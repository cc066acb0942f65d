//! `GET /desk/matters/{id}/papers/{print}`: a page of the matter's file, made from what the matter holds, to print and sign.
//! The list of the file, with what is there and what is still missing, stands on the matter's page.

use crate::error::WebError;
use crate::page::Answer;
use crate::show;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_app::view::{Line, Opened};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::{FileRef, Matter, Values};
use xiangyue_domain::policy::{FieldType, Kind, Phase, Print};

/// Files of a matter as the page shows them.
pub(super) fn files(staff: &Staff, kind: &Kind, id: MatterId, files: &[&FileRef]) -> Vec<Value> {
    let named = |file: &FileRef| match kind.field(&file.field) {
        Some(field) => staff.visit.locale.pick(&field.label, &field.label_en).to_owned(),
        None => staff.visit.t("desk.photo"),
    };
    let one = |file: &&FileRef| {
        let url = format!("/desk/matters/{id}/files/{}", file.digest);
        json!({"name": named(file), "url": url, "thumb": url})
    };
    files.iter().map(one).collect()
}

/// Whether a page is offered: its condition holds, and something was said that it prints.
fn is_offered(kind: &Kind, matter: &Matter, print: &Print) -> bool {
    let holds = print.when.as_ref().is_none_or(|w| w.holds(&matter.vars(kind)).unwrap_or(false));
    holds && print.each.as_ref().is_none_or(|mv| matter.trail.iter().any(|t| t.mv == *mv))
}

/// Pages that may be printed of a matter.
pub(super) fn prints(staff: &Staff, kind: &Kind, matter: &Matter) -> Vec<Value> {
    let offered = kind.prints.iter().filter(|p| is_offered(kind, matter, p));
    offered.map(|p| json!({"name": title(staff, p), "url": address(matter, p)})).collect()
}

fn title(staff: &Staff, print: &Print) -> String {
    staff.visit.locale.pick(&print.title, &print.title_en).to_owned()
}

fn address(matter: &Matter, print: &Print) -> String {
    format!("/desk/matters/{}/papers/{}", matter.id, print.id)
}

/// The file in its order: each part, whether it is there, and what makes or shows it.
pub(super) fn dossier(staff: &Staff, kind: &Kind, matter: &Matter) -> Vec<Value> {
    let part = |(n, part): (usize, &xiangyue_domain::policy::DossierPart)| {
        let asked = part.required_when.as_ref().is_none_or(|w| w.holds(&matter.vars(kind)).unwrap_or(true));
        let there = part.fields.iter().any(|f| matter.holds(f));
        let of_part: Vec<&FileRef> =
            matter.files.iter().map(|(_, f)| f).filter(|f| part.fields.contains(&f.field)).collect();
        let prints = part.prints.iter().filter_map(|id| kind.find_print(id)).filter(|p| is_offered(kind, matter, p));
        let prints: Vec<Value> = prints.map(|p| json!({"name": title(staff, p), "url": address(matter, p)})).collect();
        json!({"n": n, "title": staff.visit.locale.pick(&part.title, &part.title_en), "required": part.required && asked,
            "there": there, "prints": prints, "files": files(staff, kind, matter.id, &of_part)})
    };
    (1..).zip(&kind.dossier).map(part).collect()
}

/// The page.
pub(crate) async fn paper(Path((id, print)): Path<(MatterId, String)>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    let matter = app.find_matter(account, id).await?;
    let opened = app.open_for(account, matter).await?;
    let policy = app.policy();
    let kind = policy.kind_of(&opened.matter).ok_or(WebError::NotFound)?;
    let print = kind.find_print(&print).filter(|p| is_offered(kind, &opened.matter, p)).ok_or(WebError::NotFound)?;
    let visit = &staff.visit;
    let sheets: Vec<Value> = match &print.each {
        None => vec![sheet(&staff, app, kind, &opened, (print, None))],
        Some(mv) => {
            let made = opened.lines.iter().filter(|l| l.trail.mv == *mv);
            made.map(|line| sheet(&staff, app, kind, &opened, (print, Some(line)))).collect()
        }
    };
    let values = json!({
        "once": visit.once(),
        "back": format!("/desk/matters/{id}"),
        "sheets": sheets,
        "printed": visit.t_with("desk.printed", &[("at", show::full_moment(app.now())), ("who", staff.user.account.name.clone())]),
    });
    visit.page("desk/paper.html", &title(&staff, print), values)
}

fn sheet(staff: &Staff, app: &App, kind: &Kind, opened: &Opened, (print, line): (&Print, Option<&Line>)) -> Value {
    let visit = &staff.visit;
    let rows: Vec<Value> = print.fields.iter().filter_map(|f| row(staff, app, kind, opened, (f, line))).collect();
    let contents = print.fields.iter().any(|f| f == "contents");
    json!({"heading": title(staff, print), "county": visit.web.county(), "text": print.text, "rows": rows, "sign": print.sign,
        "contents": if contents { dossier(staff, kind, &opened.matter) } else { Vec::new() }})
}

/// A row of the page; what was said with the move it is about goes before what was said last.
fn row(staff: &Staff, app: &App, kind: &Kind, opened: &Opened, (id, line): (&str, Option<&Line>)) -> Option<Value> {
    let visit = &staff.visit;
    let matter = &opened.matter;
    let plain = |key: &str, value: String| {
        (!value.is_empty()).then(|| json!({"label": visit.t(&format!("orders.{key}")), "value": value, "wide": false}))
    };
    let first = matter.trail.first().map(|t| t.at);
    match id {
        "number" => plain("number", matter.number.clone()),
        "place" => plain("place", show::place(app, matter.place, matter.accepted)),
        "channel" => plain("channel", show::channel(visit, app, &matter.kind, matter.channel())),
        "opened_at" => plain("opened_at", first.map(|at| show::long_day(visit, at.day())).unwrap_or_default()),
        "closed_at" => plain("closed_at", closed(kind, matter).map(|d| show::long_day(visit, d)).unwrap_or_default()),
        "holder" => plain("holder", matter.holder.as_ref().map(|h| show::holder(visit, app, h)).unwrap_or_default()),
        "handler" => plain("handler", handler(staff, app, kind, matter)),
        "at" => plain("at", line.map(|l| show::full_moment(l.trail.at)).unwrap_or_default()),
        "by" => plain("by", line.map(|l| show::who(visit, app, &l.trail.by)).unwrap_or_default()),
        "contents" => None,
        _ => field_row(staff, app, kind, opened, (id, line)),
    }
}

fn field_row(
    staff: &Staff,
    app: &App,
    kind: &Kind,
    opened: &Opened,
    (id, line): (&str, Option<&Line>),
) -> Option<Value> {
    let visit = &staff.visit;
    let field = kind.field(id)?;
    let values: &Values = &opened.matter.values;
    let text = line.and_then(|l| l.texts.get(id)).or_else(|| opened.texts.get(id)).or_else(|| opened.reporter.get(id));
    let value = match values.get(id) {
        Some(value) => show::value(visit, app, kind, id, value),
        None => text.cloned().unwrap_or_default(),
    };
    // A line to be filled in by hand is better than none where a person has to be named.
    if value.is_empty() && field.later {
        return None;
    }
    let wide = field.kind == FieldType::Longtext;
    let value = if field.kind == FieldType::Money && !value.is_empty() {
        format!("{value} {}", visit.t("common.yuan"))
    } else {
        value
    };
    Some(json!({"label": visit.locale.pick(&field.label, &field.label_en), "value": value, "wide": wide}))
}

/// Who handled it last.
pub(super) fn handler(staff: &Staff, app: &App, kind: &Kind, matter: &Matter) -> String {
    let handled = |mv: &str| kind.find_move(mv).is_some_and(|m| m.handles);
    let last = matter.trail.iter().rev().find(|t| handled(&t.mv));
    last.map(|t| show::who(&staff.visit, app, &t.by)).unwrap_or_default()
}

/// The day it was closed last.
fn closed(kind: &Kind, matter: &Matter) -> Option<xiangyue_domain::day::Day> {
    let done = |step: &str| kind.step(step).is_some_and(|s| matches!(s.phase, Phase::Closed | Phase::Final));
    let ended = matter.trail.iter().rev().find(|t| done(&t.to) && !done(&t.from));
    ended.map(|t| t.at.day())
}
