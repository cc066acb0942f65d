//! A report as a page shows it and as files hold it, be it one that is made now or one that was issued.

use super::say;
use super::view::View;
use crate::error::WebError;
use crate::page::{Answer, XLSX, download};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use xiangyue_report::frame::{Frame, Paper};
use xiangyue_report::model::{Block, Document, Numbering, Span, date_text};
use xiangyue_report::{FigureRow, ReportError, write_docx, write_html, write_json, write_markdown, write_xlsx};

/// Formats in the order of the buttons, with their media types.
pub(super) const FORMATS: &[(&str, &str, &str)] = &[
    ("docx", "Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "Excel", XLSX),
    ("html", "HTML", "text/html; charset=utf-8"),
    ("md", "Markdown", "text/markdown; charset=utf-8"),
    ("json", "JSON", "application/json"),
];

pub(super) fn failed(error: ReportError) -> WebError {
    match error {
        ReportError::NoTemplate { .. } | ReportError::NoRegion => WebError::NotFound,
        ReportError::App(error) => error.into(),
        other => WebError::Fault(other.to_string()),
    }
}

/// Buttons of the formats that people take home.
pub(super) fn exports(url: impl Fn(&str) -> String) -> Vec<Value> {
    let offered = FORMATS.iter().filter(|(id, ..)| !matches!(*id, "json" | "html"));
    offered.map(|(id, label, _)| json!({"label": label, "url": url(id), "primary": *id == "docx"})).collect()
}

/// What may be written anew, by the place of the paragraph.
#[derive(Default)]
pub(super) struct Edits {
    pub url: String,
    pub frames: HashMap<usize, Frame>,
    pub wordings: BTreeMap<String, String>,
    /// The paragraph that was just refused, with what was typed and what is wrong.
    pub fault: Option<(String, String, String)>,
}

impl Edits {
    fn of(&self, at: usize) -> Value {
        let Some(frame) = self.frames.get(&at) else { return Value::Null };
        let known = self.wordings.get(&frame.id);
        let fault = self.fault.as_ref().filter(|(id, ..)| *id == frame.id);
        let value = fault.map(|(_, typed, _)| typed).or(known).unwrap_or(&frame.text);
        json!({"url": self.url, "version": frame.id, "value": value, "anew": known.is_some(),
            "fault": fault.map_or("", |(.., words)| words.as_str())})
    }
}

/// Text, signature and annexes; `former` holds the paragraphs of the report that this one is compared with.
pub(super) fn shown(doc: &Document, edits: &Edits, former: Option<&HashSet<String>>) -> (Value, Vec<Value>) {
    let annexes = doc.annexes.iter().map(|a| {
        let row = |cells: &Vec<xiangyue_report::Cell>| cells.iter().map(xiangyue_report::Cell::printed).collect::<Vec<_>>();
        json!({"title": a.title, "unit": a.note.clone().unwrap_or_default(), "columns": a.table.head, "numeric": a.table.numeric,
            "rows": a.table.rows.iter().map(row).collect::<Vec<_>>()})
    });
    let text = json!({"title": doc.title.replace('\n', ""), "to": doc.addressee.as_ref().map(|a| format!("{a}\u{ff1a}")),
        "sign": doc.signature.clone().unwrap_or_default(), "date": doc.date.map(date_text).unwrap_or_default(),
        "blocks": blocks(doc, edits, former)});
    (text, annexes.collect())
}

fn blocks(doc: &Document, edits: &Edits, former: Option<&HashSet<String>>) -> Vec<Value> {
    let mut numbering = Numbering::default();
    let run = |span: &Span| match span {
        Span::Text(text) => json!({"text": text, "fig": ""}),
        Span::Figure(figure) => json!({"text": figure.printed(), "fig": figure.indicator}),
    };
    let one = |(i, block): (usize, &Block)| {
        let (style, runs, changed) = match block {
            Block::Heading { level, text } => {
                let text = format!("{}{text}", numbering.next(*level));
                (format!("h{}", (*level).clamp(1, 3)), vec![json!({"text": text, "fig": ""})], false)
            }
            Block::Paragraph(spans) => {
                let changed = former.is_some_and(|f| !f.contains(&printed(spans)));
                ("p".to_owned(), spans.iter().map(run).collect(), changed)
            }
        };
        json!({"style": style, "id": format!("b{i}"), "runs": runs, "changed": changed, "edit": edits.of(i)})
    };
    doc.blocks.iter().enumerate().map(one).collect()
}

fn printed(spans: &[Span]) -> String {
    spans.iter().map(Span::printed).collect()
}

/// The paragraphs of a document as they are read.
pub(super) fn paragraphs(doc: &Document) -> HashSet<String> {
    let words = |b: &Block| if let Block::Paragraph(spans) = b { Some(printed(spans)) } else { None };
    doc.blocks.iter().filter_map(words).collect()
}

/// Ids of the figures in the text, each once, in order.
pub(super) fn named(doc: &Document) -> Vec<&str> {
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

/// Value of a row with its unit.
pub(super) fn value(row: &FigureRow) -> String {
    let decimals = if row.denominator.is_some() { 2 } else { 0 };
    let whole = row.value.is_some_and(|v| v.fract() == 0.0);
    let plain = |v: f64| xiangyue_report::source::plain(v, if whole { 0 } else { decimals.max(2) });
    row.value.map_or_else(|| "—".to_owned(), |v| format!("{}{}", plain(v), row.unit))
}

/// Figures of the text that are other ones than in a former report, in words, each a way to the figure.
pub(super) fn differences(
    view: &View,
    doc: &Document,
    now: &[FigureRow],
    former: &[FigureRow],
    key: &str,
) -> Vec<Value> {
    let mut out = Vec::new();
    for id in named(doc) {
        let find = |rows: &[FigureRow]| rows.iter().find(|r| r.indicator == id).cloned();
        let (Some(now), Some(then)) = (find(now), find(former)) else { continue };
        if value(&now) == value(&then) {
            continue;
        }
        let args = [("name", now.name.clone()), ("then", value(&then)), ("now", value(&now))];
        let change =
            [("period", ""), ("from", now.from.as_deref().unwrap_or("")), ("to", &now.as_of), ("as_of", &now.as_of)];
        let url = view.url(&format!("/hub/figures/{id}"), &[&change[..], &[("category", "")]].concat());
        out.push(json!({"words": view.visit().t_with(key, &args), "url": url}));
    }
    out
}

/// A figure of a report that was issued, for the side of the text.
pub(super) fn card(view: &View, row: &FigureRow) -> Value {
    let visit = view.visit();
    let unit = visit.t("hub.cases");
    let part = |key: &str, n: f64| json!({"label": visit.t(&format!("hub.part_{key}")), "value": format!("{}{unit}", xiangyue_report::source::plain(n, 0))});
    let mut parts = Vec::new();
    if let (Some(above), Some(below)) = (row.numerator, row.denominator) {
        parts.extend([part("above", above), part("below", below)]);
    }
    let records = i64::try_from(row.records).unwrap_or(i64::MAX);
    parts.push(json!({"label": visit.t("hub.records"), "value": visit.t_with("hub.records_n", &[("n", say::grouped(records))])}));
    let from = row.from.clone().unwrap_or_default();
    let change = [("period", ""), ("from", from.as_str()), ("to", &row.as_of), ("as_of", &row.as_of), ("category", "")];
    let span = if from.is_empty() {
        row.as_of.clone()
    } else {
        visit.t_with("hub.days", &[("from", from.clone()), ("to", row.as_of.clone())])
    };
    json!({
        "id": row.indicator, "name": row.name, "value": value(row), "unit": "", "span": span,
        "basis": visit.t("issue.frozen"), "parts": parts,
        "compare": json!({"words": row.comparison.clone().unwrap_or_default(), "tone": "", "dir": "none"}),
        "url": view.url(&format!("/hub/figures/{}", row.indicator), &change), "oldest": "",
        "source_words": visit.t(if row.source == "registers" { "hub.source_registers" } else { "hub.source_facts" }),
    })
}

/// A report as a file.
pub(super) fn file(view: &View, mut paper: Paper, day: &str, format: &str) -> Answer {
    let (id, _, media) = FORMATS.iter().find(|(id, _, _)| *id == format).ok_or(WebError::NotFound)?;
    let name = format!("{}-{day}.{id}", paper.document.title.replace('\n', ""));
    let bytes = match *id {
        "docx" => write_docx(&paper.document).map_err(failed)?,
        "xlsx" => write_xlsx(&paper.document, &paper.rows).map_err(failed)?,
        "json" => write_json(&paper.rows).map_err(failed)?.into_bytes(),
        "md" => write_markdown(&paper.document).into_bytes(),
        _ => {
            absolute(&mut paper.document, &view.visit().web.options().base_url);
            whole_page(&paper.document).into_bytes()
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
