//! `GET /hub/report?template=&region=&period=&from=&to=&as_of=&compare=&with=`: the work report on screen, every figure a link to its
//! sources, every paragraph free to be written anew, and its difference from one that was issued; `GET /hub/report/{format}`:
//! the same as a file. For whoever may make reports, and only of their own places.

use super::issued::beside;
use super::paper::{self, Edits, failed};
use super::say;
use super::sources;
use super::view::View;
use crate::error::WebError;
use crate::page::Answer;
use crate::routes::desk::shell;
use crate::show;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::composite::is_score;
use xiangyue_app::issued::ReportOf;
use xiangyue_app::period::Against;
use xiangyue_domain::policy::{IndicatorSource, Policy};
use xiangyue_report::Template;
use xiangyue_report::frame::{Paper, frames, reword};
use xiangyue_report::source::{Made, ReportOptions, WorkReport, work_report};

/// Where its pages stand in the way around, and what they are called.
pub(super) const NAV: &str = "report";
pub(super) const TITLE: &str = "report.title";

/// A report that is not issued yet: as the template has it, with what was written anew put in.
pub(super) struct Draft {
    pub of: ReportOf,
    pub made: WorkReport,
    pub edits: Edits,
}

impl Draft {
    pub async fn read(view: &View<'_>) -> Result<Draft, WebError> {
        let mut made = made(view).await?;
        let of = ReportOf { place: made.place, template: made.template.clone(), from: made.period.from };
        let wordings = view.app.wordings(&of).await?;
        let policy = view.app.policy();
        let name = |id: &str| policy.indicator(id).map_or_else(|| id.to_owned(), |i| i.name.clone());
        let frames = frames(&made.document, &name).into_iter().collect();
        reword(&mut made.document, &name, &wordings);
        let url = view.url("/hub/report/wording", &[("template", view.get("template"))]);
        Ok(Draft { of, made, edits: Edits { url, frames, wordings, fault: None } })
    }

    /// Whether one of its figures is still being counted.
    pub fn counting(&self, view: &View) -> bool {
        self.made.figures.iter().any(|m| say::counting(view, &m.indicator))
    }
}

async fn made(view: &View<'_>) -> Result<WorkReport, WebError> {
    let options = ReportOptions {
        template: Some(view.get("template").to_owned()).filter(|t| !t.is_empty()),
        span: None,
        from: Some(view.period.from),
        to: Some(view.period.to),
        as_of: Some(view.period.cut_off),
        region: Some(view.place),
        against: view.against,
    };
    work_report(view.app, &view.visit().ready()?.loaded, options).await.map_err(failed)
}

/// The report on screen.
pub(crate) async fn report(staff: Staff) -> Answer {
    let view = View::of_report(&staff)?;
    let draft = Draft::read(&view).await?;
    page(&view, draft).await
}

/// The page of a draft.
pub(super) async fn page(view: &View<'_>, draft: Draft) -> Answer {
    let visit = view.visit();
    let policy = view.app.policy();
    let former = view.app.issued_before(&draft.of, draft.made.period).await?;
    let with = beside(view, former.as_ref()).await?;
    let words = with.as_ref().map(|p| paper::paragraphs(&p.document));
    let (doc, annexes) = paper::shown(&draft.made.document, &draft.edits, words.as_ref());
    let changes = with
        .as_ref()
        .map(|p| paper::differences(view, &draft.made.document, &draft.made.rows, &p.rows, "issue.differs"));
    let template = [("template", view.get("template"))];
    let diff = former.filter(|_| with.is_none()).map(|f| {
        let id = f.id.to_string();
        json!({"label": visit.t("issue.compare"), "url": view.url("/hub/report", &[template[0], ("with", &id)])})
    });
    let said =
        changes.as_ref().map(|c| visit.t(if c.is_empty() { "issue.differs_none" } else { "issue.differs_head" }));
    let kept = ["template", "region", "period", "from", "to", "compare"];
    let kept = kept.iter().filter(|k| !view.get(k).is_empty()).map(|k| json!({"name": k, "value": view.get(k)}));
    let kept: Vec<Value> = kept.collect();
    let figures: Vec<Value> =
        paper::named(&draft.made.document).iter().filter_map(|id| card(view, &draft.made, id)).collect();
    let counting = draft.counting(view);
    let values = json!({
        "nav": shell::nav(view.staff, NAV).await?,
        "once": visit.once(),
        "kinds": kinds(view, &policy),
        "periods": view.periods("/hub/report"),
        "custom": view.custom("/hub/report"),
        "span": view.days(draft.made.period),
        "compares": view.compares("/hub/report"),
        "as_of": draft.made.period.cut_off.to_string(),
        "kept": kept,
        "list": view.url("/hub/reports", &[]),
        "exports": paper::exports(|f| view.url(&format!("/hub/report/{f}"), &template)),
        "issue": {"url": view.url("/hub/report/issue", &template), "ready": !counting,
            "words": visit.t(if counting { "issue.counting" } else { "issue.words" })},
        "diff": diff, "issued": said.map(|s| json!({"words": "", "said": s})), "changes": changes.unwrap_or_default(),
        "doc": doc,
        "figures": figures,
        "annexes": annexes,
    });
    visit.page("hub/report.html", &visit.t(TITLE), values)
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

/// A figure's sources, for the side of the text.
fn card(view: &View, made: &WorkReport, id: &str) -> Option<Value> {
    let found: &Made = made.figures.iter().find(|m| m.indicator.id == id)?;
    let (indicator, visit) = (&found.indicator, view.visit());
    let (from, to, as_of) = (made.period.from.to_string(), made.period.to.to_string(), made.period.cut_off.to_string());
    let change = [("period", ""), ("from", from.as_str()), ("to", &to), ("as_of", &as_of), ("category", "")];
    let register = matches!(indicator.source, IndicatorSource::Register(_));
    let mut parts = Vec::new();
    if let Some(below) = found.now.denominator.filter(|_| !is_score(indicator)) {
        let unit = visit.t("hub.cases");
        let part = |key: &str, n: i64| json!({"label": visit.t(&format!("hub.part_{key}")), "value": format!("{}{unit}", say::grouped(n))});
        parts.extend([part("above", found.now.numerator), part("below", below)]);
    }
    let records = found.behind.above + found.behind.below;
    if !register {
        parts.push(json!({"label": visit.t("hub.records"), "value": visit.t_with("hub.records_n", &[("n", say::grouped(records))])}));
    }
    let base = if view.against == Against::Year { found.year_before } else { found.before };
    let oldest = if register || is_score(indicator) || found.behind.above == 0 {
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
    let view = View::of_report(&staff)?;
    let draft = Draft::read(&view).await?;
    paper::file(&view, Paper::of(&draft.made), &draft.made.period.cut_off.to_string(), &format)
}
