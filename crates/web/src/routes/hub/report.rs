//! `GET /hub/report?template=&region=&from=&to=&as_of=&compare=`: the work report on screen, every figure a link to its
//! sources; `GET /hub/report/{format}`: the same as a file. For whoever may make reports, and only of their own places.

use super::say;
use super::sheet::XLSX;
use super::sources;
use super::view::{Against, View};
use crate::error::WebError;
use crate::page::{Answer, download};
use crate::routes::desk::shell;
use crate::show;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_domain::policy::{IndicatorSource, Policy, Right};
use xiangyue_report::model::{Block, Document, Numbering, Span, date_text};
use xiangyue_report::source::{Made, ReportOptions, WorkReport, work_report};
use xiangyue_report::{ReportError, Template, write_docx, write_html, write_json, write_markdown, write_xlsx};

/// Formats in the order of the buttons, with their media types.
const FORMATS: &[(&str, &str, &str)] = &[
    ("docx", "Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "Excel", XLSX),
    ("html", "HTML", "text/html; charset=utf-8"),
    ("md", "Markdown", "text/markdown; charset=utf-8"),
    ("json", "JSON", "application/json"),
];

fn failed(error: ReportError) -> WebError {
    match error {
        ReportError::NoTemplate { .. } | ReportError::NoRegion => WebError::NotFound,
        ReportError::App(error) => error.into(),
        other => WebError::Fault(other.to_string()),
    }
}

async fn made(view: &View<'_>) -> Result<WorkReport, WebError> {
    let day = |name: &str| xiangyue_domain::day::Day::parse(view.get(name)).map(|d| d.min(view.day));
    let options = ReportOptions {
        template: Some(view.get("template").to_owned()).filter(|t| !t.is_empty()),
        from: day("from"),
        to: day("to"),
        as_of: day("as_of"),
        region: Some(view.place),
        before: view.against == Against::Before,
    };
    work_report(view.app, &view.visit().ready()?.loaded, options).await.map_err(failed)
}

/// The report on screen.
pub(crate) async fn report(staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Report)?;
    let visit = view.visit();
    let made = made(&view).await?;
    let policy = view.app.policy();
    let doc = &made.document;
    let kept = ["template", "region", "from", "to", "compare"];
    let kept = kept.iter().filter(|k| !view.get(k).is_empty()).map(|k| json!({"name": k, "value": view.get(k)}));
    let kept: Vec<Value> = kept.collect();
    let exports = FORMATS
        .iter()
        .map(|(id, label, _)| json!({"label": label, "url": export_url(&view, id), "primary": *id == "docx"}));
    let mut exports: Vec<Value> = exports.collect();
    exports.retain(|e| e["label"] != "JSON" && e["label"] != "HTML");
    let annexes = doc.annexes.iter().map(|a| {
        let row = |cells: &Vec<xiangyue_report::Cell>| cells.iter().map(xiangyue_report::Cell::printed).collect::<Vec<_>>();
        json!({"title": a.title, "unit": a.note.clone().unwrap_or_default(), "columns": a.table.head, "numeric": a.table.numeric,
            "rows": a.table.rows.iter().map(row).collect::<Vec<_>>()})
    });
    let figures: Vec<Value> = named(doc).iter().filter_map(|id| card(&view, &made, id)).collect();
    let values = json!({
        "nav": shell::nav(&staff, "report").await?,
        "once": visit.once(),
        "kinds": kinds(&view, &policy),
        "compares": view.compares("/hub/report"),
        "as_of": made.period.cut_off.to_string(),
        "kept": kept,
        "exports": exports,
        "issue": null, "diff": null, "issued": null, "changes": [],
        "doc": {"title": doc.title.replace('\n', ""), "to": doc.addressee.as_ref().map(|a| format!("{a}:")), "sign": doc.signature.clone().unwrap_or_default(),
            "date": doc.date.map(date_text).unwrap_or_default(), "blocks": blocks(doc)},
        "figures": figures,
        "annexes": annexes.collect::<Vec<_>>(),
    });
    visit.page("hub/report.html", &visit.t("report.title"), values)
}

fn export_url(view: &View, format: &str) -> String {
    view.url(&format!("/hub/report/{format}"), &[("template", view.get("template"))])
}

/// Templates of the pack by their kind; several of one kind are told apart by their id.
fn kinds(view: &View, policy: &Policy) -> Vec<Value> {
    let shown = view.get("template");
    let main = policy.settings.as_ref().map_or("", |s| s.main_report.as_str());
    let read: Vec<(&String, Template)> =
        policy.reports.iter().filter_map(|(id, text)| Some((id, Template::parse(text).ok()?))).collect();
    let one = |(id, template): &(&String, Template)| {
        let kind = template.meta.kind.name();
        let same = read.iter().filter(|(_, t)| t.meta.kind == template.meta.kind).count();
        let label = if same > 1 { format!("{kind} {id}") } else { kind.to_owned() };
        let current = if shown.is_empty() { *id == main || read.len() == 1 } else { *id == shown };
        json!({"label": label, "url": view.url("/hub/report", &[("template", id)]), "current": current})
    };
    read.iter().map(one).collect()
}

/// Ids of the figures in the text, each once, in order.
fn named(doc: &Document) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for block in &doc.blocks {
        let Block::Paragraph(spans) = block else { continue };
        for span in spans {
            if let Span::Figure(figure) = span
                && !out.contains(&figure.indicator.as_str())
            {
                out.push(&figure.indicator);
            }
        }
    }
    out
}

fn blocks(doc: &Document) -> Vec<Value> {
    let mut numbering = Numbering::default();
    let run = |span: &Span| match span {
        Span::Text(text) => json!({"text": text, "fig": ""}),
        Span::Figure(figure) => json!({"text": figure.printed(), "fig": figure.indicator}),
    };
    let one = |(i, block): (usize, &Block)| {
        let (style, runs) = match block {
            Block::Heading { level, text } => {
                let text = format!("{}{text}", numbering.next(*level));
                (format!("h{}", (*level).clamp(1, 3)), vec![json!({"text": text, "fig": ""})])
            }
            Block::Paragraph(spans) => ("p".to_owned(), spans.iter().map(run).collect()),
        };
        json!({"style": style, "id": format!("b{i}"), "runs": runs, "changed": false, "edit": null})
    };
    doc.blocks.iter().enumerate().map(one).collect()
}

/// A figure's sources, for the side of the text.
fn card(view: &View, made: &WorkReport, id: &str) -> Option<Value> {
    let found: &Made = made.figures.iter().find(|m| m.indicator.id == id)?;
    let (indicator, visit) = (&found.indicator, view.visit());
    let (from, to, as_of) = (made.period.from.to_string(), made.period.to.to_string(), made.period.cut_off.to_string());
    let change = [("period", ""), ("from", from.as_str()), ("to", &to), ("as_of", &as_of), ("category", "")];
    let register = matches!(indicator.source, IndicatorSource::Register(_));
    let mut parts = Vec::new();
    if let Some(below) = found.now.denominator {
        let unit = visit.t("hub.cases");
        let part = |key: &str, n: i64| json!({"label": visit.t(&format!("hub.part_{key}")), "value": format!("{}{unit}", say::grouped(n))});
        parts.extend([part("above", found.now.numerator), part("below", below)]);
    }
    let records = found.behind.above + found.behind.below;
    if !register {
        parts.push(json!({"label": visit.t("hub.records"), "value": visit.t_with("hub.records_n", &[("n", say::grouped(records))])}));
    }
    let base = if view.against == Against::Year { found.year_before } else { found.before };
    let oldest = if register || found.behind.above == 0 {
        String::new()
    } else {
        view.url(&format!("/hub/figures/{id}/oldest"), &change)
    };
    let span = visit.t_with(
        "hub.days",
        &[("from", show::long_day(visit, made.period.from)), ("to", show::long_day(visit, made.period.to))],
    );
    Some(json!({
        "id": id,
        "name": say::name(view, indicator),
        "value": say::value(indicator, found.now),
        "unit": if found.now.value.is_some() { say::unit(view, indicator) } else { "" },
        "span": span,
        "basis": sources::basis(view, indicator),
        "parts": parts,
        "compare": say::change(view, indicator, found.now, base, true),
        "url": view.url(&format!("/hub/figures/{id}"), &change),
        "oldest": oldest,
        "source_words": sources::source(view, indicator),
    }))
}

/// The report as a file.
pub(crate) async fn report_file(Path(format): Path<String>, staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Report)?;
    let (id, _, media) = FORMATS.iter().find(|(id, _, _)| *id == format).ok_or(WebError::NotFound)?;
    let mut made = made(&view).await?;
    let name = format!("{}-{}.{id}", made.document.title.replace('\n', ""), made.period.cut_off);
    let bytes = match *id {
        "docx" => write_docx(&made.document).map_err(failed)?,
        "xlsx" => write_xlsx(&made.document, &made.rows).map_err(failed)?,
        "json" => write_json(&made.rows).map_err(failed)?.into_bytes(),
        "md" => write_markdown(&made.document).into_bytes(),
        _ => {
            absolute(&mut made.document, &view.visit().web.options().base_url);
            whole_page(&made.document).into_bytes()
        }
    };
    Ok(download(&name, media, bytes))
}

/// Links of a file that is taken away lead back to this address.
fn absolute(doc: &mut Document, base: &str) {
    for block in &mut doc.blocks {
        let Block::Paragraph(spans) = block else { continue };
        for span in spans {
            if let Span::Figure(figure) = span {
                figure.href = figure.href.take().filter(|_| !base.is_empty()).map(|h| format!("{base}{h}"));
            }
        }
    }
}

fn whole_page(doc: &Document) -> String {
    format!("<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n{}</html>\n", doc.lang, write_html(doc))
}
