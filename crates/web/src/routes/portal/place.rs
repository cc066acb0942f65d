//! The village a page belongs to: found by its code (an old one too), with what stands at the head of its pages.

use crate::error::WebError;
use crate::show::phone_display;
use crate::visit::Visit;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_domain::code::DivisionCode;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::Level;
use xiangyue_domain::region::Region;

/// The village that bears a code, or the one that it was merged into.
pub(crate) fn by_code(visit: &Visit, code: &str) -> Result<RegionId, WebError> {
    DivisionCode::parse(code).map_err(|_| WebError::NotFound)?;
    let app = visit.app()?;
    let (directory, day) = (app.directory(), app.now().day());
    let tree = &directory.tree;
    let once = |r: &&Region| r.spans.iter().any(|s| s.code == code);
    let mut found = tree.by_code(code, day).or_else(|| tree.all().find(once)).ok_or(WebError::NotFound)?;
    // A code on a wall outlives its village: where it flowed wholly into one other, that one answers.
    while found.span(day).is_none() {
        let [heir] = found.successors.as_slice() else { return Err(WebError::NotFound) };
        found = tree.get(*heir).ok_or(WebError::NotFound)?;
    }
    if found.level == Level::Village { Ok(found.id) } else { Err(WebError::NotFound) }
}

/// What stands at the head of a village's pages; `place` may lie in it, or above any village.
pub(crate) fn values(app: &App, place: RegionId) -> Value {
    let (directory, day) = (app.directory(), app.now().day());
    let tree = &directory.tree;
    let village = tree.at_level(place, Level::Village, day);
    let here = village.unwrap_or(place);
    let above = tree.at_level(here, Level::Town, day).filter(|t| *t != here);
    let above = above.or_else(|| tree.parent(here, day)).map_or("", |t| tree.display(t, day));
    let code = tree.code(here, day);
    let address = |kind: &str| village.map_or("/".to_owned(), |_| format!("/{kind}/{code}"));
    let phone = village.and_then(|v| office_phone(app, v));
    json!({
        "name": tree.display(here, day),
        "town": above,
        "url": address("v"),
        "report_url": address("r"),
        "decisions_url": village.map_or("/".to_owned(), |_| format!("/v/{code}/decisions")),
        "contact_url": village.map_or("/".to_owned(), |_| format!("/v/{code}/contact")),
        "phone": phone,
        "phone_display": phone.as_deref().map(phone_display),
    })
}

/// Telephone of a place's office: that of its first public post, in the pack's order, which has one.
pub(super) fn office_phone(app: &App, place: RegionId) -> Option<String> {
    let policy = app.policy();
    let held = app.posts_at(place.0);
    let mut public = policy.posts.iter().filter(|p| p.public);
    public.find_map(|post| {
        let (_, account) = held.iter().find(|(t, a)| t.holder.post == post.id && !a.phone.is_empty())?;
        Some(account.phone.clone())
    })
}

/// Telephone at which a village's poster can be verified: the town's, else the village's, else the hotline.
pub(crate) fn town_phone(app: &App, village: RegionId) -> String {
    let town = app.directory().tree.at_level(village, Level::Town, app.now().day());
    let found = town.and_then(|t| office_phone(app, t)).or_else(|| office_phone(app, village));
    found.map(|p| phone_display(&p)).unwrap_or_else(|| hotline(app))
}

/// The hotline's number.
pub(super) fn hotline(app: &App) -> String {
    app.policy().settings.as_ref().map(|s| s.hotline.clone()).unwrap_or_default()
}
