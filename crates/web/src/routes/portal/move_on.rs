//! `POST /m/{token}/answer`: solved, not solved, the grade. `POST /m/{token}/reopen`: still not right. Which moves of
//! the pack these are follows from their steps and flags. For whoever has the link; the flow decides.

use super::field;
use crate::form::{Sent, read_public};
use crate::page::{Answer, see_other};
use crate::visit::Visit;
use axum::extract::{Path, Request};
use xiangyue_app::App;
use xiangyue_app::matter::{MoveForm, Typed};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Move, Phase};

/// What the flow offers to the reporter now.
#[derive(Default)]
pub(super) struct Offers {
    /// 「解决了」
    pub solved: Option<Move>,
    /// 「没解决」, handle it again.
    pub again: Option<Move>,
    /// 「没解决」, and leave it at that.
    pub noted: Option<Move>,
    /// 「满意」, 「不满意」.
    pub grade: Option<Move>,
    /// 「又坏了」
    pub reopen: Option<Move>,
}

impl Offers {
    /// By where a move leads: from answered to closed is 「解决了」, back to open 「没解决」; a closed one is graded or
    /// reopened.
    pub fn of(app: &App, matter: &Matter) -> Offers {
        let policy = app.policy();
        let Some(kind) = policy.kind_of(matter) else { return Offers::default() };
        let mut offers = Offers::default();
        for mv in app.reporter_moves(matter) {
            let to = mv.to.as_deref().and_then(|to| kind.step(to)).map_or(matter.phase, |s| s.phase);
            let unsolved = mv.set.get(field::SOLVED).is_some_and(|v| v == "no");
            let slot = match (matter.phase, to) {
                _ if mv.reopen => &mut offers.reopen,
                (Phase::Answered, Phase::Closed) if unsolved => &mut offers.noted,
                (Phase::Answered, Phase::Closed) => &mut offers.solved,
                (Phase::Answered, Phase::Open) => &mut offers.again,
                (Phase::Closed, Phase::Closed) if mv.fields.iter().any(|f| f == field::GRADE) => &mut offers.grade,
                _ => continue,
            };
            slot.get_or_insert(mv);
        }
        offers
    }
}

/// `POST /m/{token}/answer`
pub(crate) async fn answer(Path(token): Path<String>, visit: Visit, request: Request) -> Answer {
    let sent = read_public(&visit, request).await?;
    make(&visit, &token, &sent, |offers| match sent.get("answer") {
        "solved" => offers.solved,
        "again" => offers.again,
        "unsolved" => offers.noted,
        _ if !sent.get("grade").is_empty() => offers.grade,
        _ => None,
    })
    .await
}

/// `POST /m/{token}/reopen`
pub(crate) async fn reopen(Path(token): Path<String>, visit: Visit, request: Request) -> Answer {
    let sent = read_public(&visit, request).await?;
    make(&visit, &token, &sent, |offers| offers.reopen).await
}

/// Makes the chosen move. What is not offered any more was done already or came too late: the page says how it stands.
async fn make(visit: &Visit, token: &str, sent: &Sent, choose: impl FnOnce(Offers) -> Option<Move>) -> Answer {
    let app = visit.app()?;
    let matter = app.matter_by_receipt(token).await?;
    if let Some(mv) = choose(Offers::of(app, &matter)) {
        let typed = typed(app, &matter, &mv, sent);
        let form = MoveForm { mv: mv.id, typed, files: sent.photos.clone(), ..MoveForm::default() };
        app.make_move_by_receipt(token, form, sent.once()).await?;
    }
    Ok(see_other(&format!("/m/{token}")))
}

/// The words into the move's first text, the grade into its field.
fn typed(app: &App, matter: &Matter, mv: &Move, sent: &Sent) -> Typed {
    let policy = app.policy();
    let kind = policy.kind_of(matter);
    let text = |id: &&String| kind.and_then(|k| k.field(id)).is_some_and(|f| f.kind.is_secret());
    let mut typed = Typed::new();
    if let Some(id) = mv.fields.iter().find(text) {
        typed.insert(id.clone(), sent.get("words").to_owned());
    }
    if mv.fields.iter().any(|f| f == field::GRADE) {
        typed.insert(field::GRADE.to_owned(), sent.get("grade").to_owned());
    }
    typed
}
