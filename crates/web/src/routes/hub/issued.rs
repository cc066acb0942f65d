//! `GET /hub/reports`: reports that were issued; `GET /hub/reports/{id}`: one of them as it was, with what has changed in the
//! books since; `GET /hub/reports/{id}/{format}`: the same as a file. For whoever may make reports, and only of their own places.

use super::paper::{self, Edits, failed};
use super::report::{NAV, TITLE};
use super::view::View;
use crate::error::WebError;
use crate::page::Answer;
use crate::routes::desk::shell;
use crate::show;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::issued::ReportOf;
use xiangyue_app::period::Period;
use xiangyue_domain::ids::ReportId;
use xiangyue_domain::policy::{Policy, Right};
use xiangyue_domain::report::Issued;
use xiangyue_report::Template;
use xiangyue_report::frame::Paper;

/// Rows on a page.
const PAGE: i64 = 20;
/// Characters of a hash that people compare.
const SHORT: usize = 12;

/// A report that was issued, with its document.
pub(super) async fn find(view: &View<'_>, id: ReportId) -> Result<(Issued, Paper), WebError> {
    let (issued, text) = view.app.issued_report(view.staff.user.account.id, id).await?;
    Ok((issued, Paper::read(&text).map_err(failed)?))
}

fn kind(policy: &Policy, template: &str) -> String {
    let read = policy.reports.get(template).and_then(|t| Template::parse(t).ok());
    read.map_or_else(|| template.to_owned(), |t| t.meta.kind.name().to_owned())
}

fn period(report: &Issued) -> Period {
    Period { from: report.from, to: report.to, cut_off: report.cut_off }
}

/// The list.
pub(crate) async fn list(staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Report)?;
    let (visit, policy) = (view.visit(), view.app.policy());
    let before = view.get("before").parse().unwrap_or(0);
    let mut found = view.app.issued_reports(staff.user.account.id, view.place, before, PAGE + 1).await?;
    let more = found.len() > usize::try_from(PAGE).unwrap_or(0);
    found.truncate(usize::try_from(PAGE).unwrap_or(0));
    let next = found.last().filter(|_| more).map(|r| view.url("/hub/reports", &[("before", &r.id.to_string())]));
    let row = |r: &Issued| {
        json!({
            "kind": kind(&policy, &r.template), "span": view.days(period(r)), "at": show::full_moment(r.at),
            "by": view.app.directory().accounts.get(&r.by).map(|a| a.name.clone()).unwrap_or_default(),
            "head": visit.t_with("issue.head", &[("seq", r.head.0.to_string()), ("hash", r.head.1.chars().take(SHORT).collect())]),
            "url": view.url(&format!("/hub/reports/{}", r.id), &[]),
            "word": view.url(&format!("/hub/reports/{}/docx", r.id), &[]),
        })
    };
    let values = json!({
        "nav": shell::nav(&staff, NAV).await?,
        "once": visit.once(),
        "crumbs": view.crumbs(Some(&visit.t("issue.list"))),
        "rows": found.iter().map(row).collect::<Vec<_>>(),
        "next": next.unwrap_or_default(),
        "make": view.url("/hub/report", &[]),
    });
    visit.page("hub/reports.html", &visit.t("issue.list"), values)
}

/// One as it was.
pub(crate) async fn issued(Path(id): Path<ReportId>, staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Report)?;
    let visit = view.visit();
    let (report, paper) = find(&view, id).await?;
    let of = ReportOf { place: report.place, template: report.template.clone(), from: report.from };
    let former = view.app.issued_before(&of, period(&report)).await?;
    let with = beside(&view, former.as_ref()).await?;
    let words = with.as_ref().map(|p| paper::paragraphs(&p.document));
    let (doc, annexes) = paper::shown(&paper.document, &Edits::default(), words.as_ref());
    let changes = match &with {
        Some(p) => paper::differences(&view, &paper.document, &paper.rows, &p.rows, "issue.differs"),
        None => since(&view, &report, &paper).await?,
    };
    let path = format!("/hub/reports/{id}");
    let diff = former
        .filter(|_| with.is_none())
        .map(|f| json!({"label": visit.t("issue.compare"), "url": view.url(&path, &[("with", &f.id.to_string())])}));
    let figures =
        paper::named(&paper.document).into_iter().filter_map(|i| paper.rows.iter().find(|r| r.indicator == i));
    let values = json!({
        "nav": shell::nav(&staff, NAV).await?,
        "once": visit.once(),
        "kinds": [], "periods": [], "custom": null, "span": "", "compares": [], "as_of": "", "kept": [], "list": view.url("/hub/reports", &[]),
        "exports": paper::exports(|f| view.url(&format!("{path}/{f}"), &[])),
        "issue": null, "diff": diff, "issued": said(&view, &report, with.is_some(), changes.is_empty()), "changes": changes,
        "doc": doc, "figures": figures.map(|r| paper::card(&view, r)).collect::<Vec<_>>(), "annexes": annexes,
    });
    visit.page("hub/report.html", &visit.t(TITLE), values)
}

/// The former report, when it is to stand beside.
pub(super) async fn beside(view: &View<'_>, former: Option<&Issued>) -> Result<Option<Paper>, WebError> {
    match former.filter(|f| view.get("with") == f.id.to_string()) {
        Some(former) => Ok(Some(find(view, former.id).await?.1)),
        None => Ok(None),
    }
}

fn said(view: &View, report: &Issued, compared: bool, same: bool) -> Value {
    let args = [
        ("at", show::full_moment(report.at)),
        ("seq", report.head.0.to_string()),
        ("hash", report.head.1.chars().take(SHORT).collect()),
        ("digest", report.digest.chars().take(SHORT).collect()),
    ];
    let key = match (compared, same) {
        (true, true) => "issue.differs_none",
        (true, false) => "issue.differs_head",
        (false, true) => "issue.since_none",
        (false, false) => "issue.since_head",
    };
    json!({"words": view.visit().t_with("issue.issued_words", &args), "said": view.visit().t(key)})
}

/// Figures that would be other ones if the same report were made today.
async fn since(view: &View<'_>, report: &Issued, paper: &Paper) -> Result<Vec<Value>, WebError> {
    let ids: Vec<&str> = report.figures.iter().map(|f| f.indicator.as_str()).collect();
    let now = view.app.figures(&ids, &[report.place], period(report)).await?;
    let mut rows = Vec::new();
    for frozen in &report.figures {
        let Some(figure) = now.get(&(report.place, frozen.indicator.clone())) else { continue };
        let row = paper.rows.iter().find(|r| r.indicator == frozen.indicator);
        if let Some(row) = row.filter(|_| (figure.numerator, figure.denominator) != (frozen.above, frozen.below)) {
            rows.push(xiangyue_report::FigureRow { value: figure.value, ..row.clone() });
        }
    }
    Ok(paper::differences(view, &paper.document, &rows, &paper.rows, "issue.since"))
}

/// One as a file.
pub(crate) async fn issued_file(Path((id, format)): Path<(ReportId, String)>, staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Report)?;
    let (report, paper) = find(&view, id).await?;
    paper::file(&view, paper, &report.cut_off.to_string(), &format)
}
