//! `POST /m/{token}/join/{into}`: the sender of a report says that it is the same as one that was reported before. For
//! whoever has the receipt's link; of other matters only what everybody may know is shown: place, kind of thing, day, state.

use super::story;
use crate::error::WebError;
use crate::form::read_public;
use crate::page::{Answer, see_other};
use crate::show;
use crate::visit::Visit;
use axum::extract::{Path, Request};
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::policy::Phase;

/// Most that are shown: a phone's page is short.
const SHOWN: usize = 3;

/// What others reported already and may be the same.
pub(super) async fn maybe(visit: &Visit, token: &str) -> Result<Vec<Value>, WebError> {
    let app = visit.app()?;
    let policy = app.policy();
    let found = app.similar_for_reporter(token).await?;
    let line = |matter: &xiangyue_domain::matter::Matter| {
        let kind = policy.kind_of(matter);
        let step = kind.and_then(|k| k.step(&matter.step));
        let place = show::place(app, matter.place, matter.accepted);
        let what = story::category(visit, app, matter);
        json!({
            "line": visit.t_with("search.maybe_line", &[("place", place), ("what", what)]),
            "at": visit.t_with("search.maybe_at", &[("day", show::long_day(visit, matter.accepted))]),
            "state": step.map_or_else(String::new, |s| story::told(visit, s)),
            "url": format!("/m/{token}/join/{}", matter.id),
        })
    };
    let open = |m: &xiangyue_domain::matter::Matter| matches!(m.phase, Phase::Open | Phase::Answered);
    Ok(found.iter().map(|l| &l.matter).filter(|m| open(m)).take(SHOWN).map(line).collect())
}

/// `POST /m/{token}/join/{into}`
pub(crate) async fn join(Path((token, into)): Path<(String, MatterId)>, visit: Visit, request: Request) -> Answer {
    let sent = read_public(&visit, request).await?;
    match visit.app()?.join_by_receipt(&token, into, sent.once()).await {
        // What has changed meanwhile is no fault of the sender's: the page says how it stands.
        Ok(_) | Err(AppError::Refused(_)) => Ok(see_other(&format!("/m/{token}"))),
        Err(error) => Err(error.into()),
    }
}
