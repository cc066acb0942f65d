//! `POST /desk/matters/{id}/…`: moves, corrections, voiding, merging, the look at a reporter. The rules decide who
//! may; what is wrong is said beside the field, with nothing typed lost.

use super::matter::show_matter;
use super::moves::{self, Again};
use crate::error::WebError;
use crate::form::{Sent, read_staff};
use crate::page::{Answer, see_other, with_status};
use crate::visit::Staff;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use xiangyue_app::AppError;
use xiangyue_app::matter::MoveForm;
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::Holder;

/// After a move: back to where it was made, or to the matter.
fn after(sent: &Sent, id: MatterId) -> axum::response::Response {
    let back = sent.get("back");
    if crate::routes::common::is_local(back) {
        see_other(back)
    } else {
        see_other(&format!("/desk/matters/{id}?said=done"))
    }
}

/// A form that was refused is shown again with what was typed and why, also where somebody else moved first: the page then
/// shows what they did, and the words wait for another look. A refusal of what the page does not offer has a page of its own.
async fn again(staff: &Staff, id: MatterId, mv: &str, sent: Sent, error: AppError) -> Answer {
    let AppError::Refused(refusal) = error else { return Err(error.into()) };
    let app = staff.app()?;
    let account = staff.user.account.id;
    let matter = app.find_matter(account, id).await?;
    let own = ["form", "not_now", "no_level_above", "merge_kind"].contains(&refusal.key.as_str());
    let there = own || moves::is_offered(staff, app, &matter, mv);
    let moved = sent.get("version").parse().is_ok_and(|v: i64| v != matter.version());
    if refusal.key == "busy" || !there && !moved {
        return Err(WebError::Refused(refusal));
    }
    if !there {
        // Somebody else moved first, and this move is over: what they did is shown, and the words can be taken along.
        let lost = Some(moves::typed_words(&staff.visit, app, &matter, mv, &sent.fields));
        let opened = app.open_for(account, matter).await?;
        let page = show_matter(staff, opened, &Again { lost, ..Again::default() }).await;
        return with_status(page, StatusCode::CONFLICT);
    }
    let opened = app.open_for(account, matter).await?;
    let faults = staff.visit.faults(&refusal);
    let stale = refusal.key == "stale";
    let why = match (stale, faults.is_empty()) {
        (true, _) => staff.visit.t("desk.stale_kept"),
        (false, true) => staff.visit.refusal(&refusal),
        (false, false) => String::new(),
    };
    let ticked = sent.values("parts").map(str::to_owned).collect();
    let page =
        show_matter(staff, opened, &Again { typed: sent.fields, ticked, faults, mv: mv.to_owned(), why, lost: None })
            .await;
    if stale { with_status(page, StatusCode::CONFLICT) } else { page }
}

/// `POST /desk/matters/{id}/moves/{mv}`
pub(crate) async fn make_move(Path((id, mv)): Path<(MatterId, String)>, staff: Staff, request: Request) -> Answer {
    let mut sent = read_staff(&staff, request).await?;
    let form = MoveForm {
        mv: mv.clone(),
        version: sent.get("version").parse().ok(),
        typed: sent.fields.clone(),
        to: Holder::parse(sent.get("to")),
        parts: sent.values("parts").filter_map(Holder::parse).collect(),
        files: std::mem::take(&mut sent.photos),
    };
    match staff.app()?.make_move(staff.user.account.id, id, form, sent.once()).await {
        Ok(_) => Ok(after(&sent, id)),
        Err(error) => again(&staff, id, &mv, sent, error).await,
    }
}

/// `POST /desk/matters/{id}/correct`
pub(crate) async fn correct(Path(id): Path<MatterId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let account = staff.user.account.id;
    let matter = app.find_matter(account, id).await?;
    if sent.get("version").parse().is_ok_and(|v: i64| v != matter.version()) {
        return Err(WebError::Refused(Refusal::new("stale")));
    }
    let place = sent.get("place").parse().map(RegionId).unwrap_or(matter.place);
    let policy = app.policy();
    let kind = policy.kind_of(&matter).ok_or(WebError::NotFound)?;
    let mut typed = sent.fields.clone();
    typed.retain(|field, _| kind.intake_fields().iter().any(|f| f.id == *field && f.catalogue.is_some()));
    match app.correct(account, id, place, typed, sent.get("reason"), sent.once()).await {
        Ok(_) => Ok(after(&sent, id)),
        Err(error) => again(&staff, id, "correct", sent, error).await,
    }
}

/// `POST /desk/matters/{id}/void`
pub(crate) async fn void(Path(id): Path<MatterId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    match staff.app()?.void(staff.user.account.id, id, sent.get("reason"), sent.once()).await {
        Ok(_) => Ok(after(&sent, id)),
        Err(error) => again(&staff, id, "void", sent, error).await,
    }
}

/// `POST /desk/matters/{id}/merge`: into the matter whose number is given.
pub(crate) async fn merge(Path(id): Path<MatterId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let account = staff.user.account.id;
    app.find_matter(account, id).await?;
    let found = app.find_number(account, sent.get("into")).await?;
    let Some(into) = found.map(|m| m.id) else {
        return again(&staff, id, "merge", sent, Refusal::field("into", "no_such_matter").into()).await;
    };
    app.merge(account, id, into, sent.once()).await?;
    Ok(see_other(&format!("/desk/matters/{into}?said=done")))
}

/// `POST /desk/matters/{id}/unmask`: the reporter's particulars, with a reason that is logged.
pub(crate) async fn unmask(Path(id): Path<MatterId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let account = staff.user.account.id;
    let matter = app.find_matter(account, id).await?;
    let opened = app.unmask(account, matter, sent.get("reason")).await?;
    show_matter(&staff, opened, &Again::default()).await
}
