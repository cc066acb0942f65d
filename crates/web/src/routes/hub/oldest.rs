//! `GET /hub/figures/{indicator}/oldest`: straight from a figure to its oldest record. Whoever may not see that record, and
//! where there is none, is led to the list, which says so.

use super::figure::indicator;
use super::view::View;
use crate::page::{Answer, see_other};
use crate::visit::Staff;
use axum::extract::Path;
use xiangyue_app::composite::is_score;
use xiangyue_app::indicator::is_register;
use xiangyue_domain::policy::Right;

/// The oldest record.
pub(crate) async fn oldest(Path(id): Path<String>, staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Hub)?;
    let policy = view.app.policy();
    let indicator = indicator(&view, &policy, &id)?;
    let list = view.url(&format!("/hub/figures/{id}"), &[]);
    if is_register(indicator) || is_score(indicator) {
        return Ok(see_other(&list));
    }
    let scope = view.app.scope(staff.user.account.id);
    let found = view.app.oldest(&scope, &id, view.place, view.period).await?;
    Ok(see_other(&found.map_or_else(|| format!("{list}#records"), |id| format!("/desk/matters/{id}"))))
}
