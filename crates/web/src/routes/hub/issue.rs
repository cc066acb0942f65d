//! `POST /hub/report/wording`: a paragraph written anew; `POST /hub/report/issue`: the report is frozen. For whoever may
//! make reports, and only of their own places.

use super::paper::failed;
use super::report::{Draft, page};
use super::view::View;
use crate::error::WebError;
use crate::form::read_staff;
use crate::page::{Answer, see_other, with_status};
use crate::visit::Staff;
use axum::extract::Request;
use axum::http::StatusCode;
use xiangyue_app::issued::{ReportOf, ToIssue};
use xiangyue_app::period::Period;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::report::Frozen;
use xiangyue_report::frame::{Paper, WordingFault};
use xiangyue_report::source::Made;

/// Times that a report is made anew because the journal grew meanwhile.
const TRIES: usize = 3;

fn of(draft: &Draft) -> ReportOf {
    draft.of.clone()
}

/// A paragraph written anew, or given back to the template.
pub(crate) async fn word(staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let view = View::of_report(&staff)?;
    let mut draft = Draft::read(&view).await?;
    let id = sent.get("version").to_owned();
    let found = draft.edits.frames.iter().find(|(_, f)| f.id == id).map(|(at, f)| (*at, f.clone()));
    let Some((at, frame)) = found else { return Err(WebError::Refused(Refusal::new("stale"))) };
    let back = sent.ticked("back");
    let words = sent.get("text").to_owned();
    if !back && let Err(fault) = frame.fill(&words) {
        let visit = view.visit();
        let said = match fault {
            WordingFault::Empty => visit.t("issue.fault_empty"),
            WordingFault::Unknown(name) => visit.t_with("issue.fault_unknown", &[("name", name)]),
            WordingFault::Digits(n) => visit.t_with("issue.fault_digits", &[("n", n)]),
            WordingFault::Bracket => visit.t("issue.fault_bracket"),
        };
        draft.edits.fault = Some((id, words, said));
        return with_status_of(page(&view, draft).await);
    }
    let text = (!back && words.trim() != frame.text).then(|| words.trim().to_owned());
    view.app.word(staff.user.account.id, of(&draft), id, text, sent.once()).await?;
    Ok(see_other(&format!("{}#b{at}", view.url("/hub/report", &[("template", view.get("template"))]))))
}

fn with_status_of(answer: Answer) -> Answer {
    with_status(answer, StatusCode::UNPROCESSABLE_ENTITY)
}

/// A draft whose figures stand on one state of the books, with the head of the journal they stand on: where something
/// came in while they were made, they are made anew.
async fn standing(view: &View<'_>) -> Result<((i64, String), Draft), WebError> {
    for _ in 0..TRIES {
        let head = view.app.journal_head().await?;
        let draft = Draft::read(view).await?;
        if view.app.journal_head().await? == head {
            return Ok((head, draft));
        }
    }
    Err(WebError::Refused(Refusal::new("report_moving")))
}

/// The report is issued as it stands.
pub(crate) async fn issue(staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let view = View::of_report(&staff)?;
    let app = view.app;
    let (head, draft) = standing(&view).await?;
    if draft.counting(&view) {
        return Err(WebError::Refused(Refusal::new("report_counting")));
    }
    let frozen =
        |m: &Made| Frozen { indicator: m.indicator.id.clone(), above: m.now.numerator, below: m.now.denominator };
    let period: Period = draft.made.period;
    let new = ToIssue {
        of: of(&draft),
        period,
        head,
        figures: draft.made.figures.iter().map(frozen).collect(),
        body: Paper::of(&draft.made).write().map_err(failed)?,
    };
    let id = app.issue_report(staff.user.account.id, new, sent.once()).await?;
    Ok(see_other(&format!("/hub/reports/{id}?region={}", view.code(view.place))))
}
