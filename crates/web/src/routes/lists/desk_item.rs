//! `GET /desk/lists/{list}/items/{item}`: one item at the desk with the chart of its flow, the way to begin it and, for
//! whoever sits in a village, the sheet that hangs on its wall. For whoever is signed in; an item names nobody.

use super::{chart, list_of, said};
use crate::error::WebError;
use crate::page::Answer;
use crate::routes::desk::intake::may_open;
use crate::routes::desk::shell::nav;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::json;
use xiangyue_domain::policy::Level;

/// The page.
pub(crate) async fn one_item(Path((list, item)): Path<(String, String)>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let policy = app.policy();
    let (head, list) = list_of(&policy, &list).ok_or(WebError::NotFound)?;
    let item = list.leaves().find(|i| i.code == item).ok_or(WebError::NotFound)?;
    let kind = policy.kind(&item.row.flow);
    let begin = kind.filter(|k| may_open(&staff, app, k)).map(|k| chart::begin(k, &head.id, &item.code));
    let wall = village_of(&staff).filter(|_| !head.inside);
    let (name, of) = (visit.locale.pick(&item.name, &item.name_en), visit.locale.pick(&head.name, &head.name_en));
    let values = json!({
        "nav": nav(&staff, "lists").await?, "once": visit.once(),
        "crumbs": [{ "label": visit.t("lists.title"), "url": "/desk/lists" },
            { "label": of, "url": format!("/desk/lists/{}", head.id) }, { "label": name, "url": "" }],
        "list": { "name": of, "from": head.from, "sample": head.sample },
        "item": { "code": item.code, "name": name, "said": said(visit, &policy, list, item) },
        "chart": kind.map(|k| chart::draw(visit, &policy, k, None)),
        "begin_url": begin,
        "wall_url": wall.map(|code| format!("/v/{code}/lists/{}/{}", head.id, item.code)),
    });
    visit.page("lists/desk_item.html", name, values)
}

/// Code of the village that whoever is signed in has a post in.
fn village_of(staff: &Staff) -> Option<String> {
    let app = staff.app().ok()?;
    let (directory, day) = (app.directory(), app.now().day());
    let posts = directory.posts_of(staff.user.account.id, day);
    let village = |r| directory.tree.at_level(r, Level::Village, day);
    let found = posts.iter().filter_map(|h| directory.region_of(h)).find_map(village)?;
    Some(directory.tree.code(found, day).to_owned())
}
