//! `GET /v/{code}/contact`: the public posts of a village, its grids and its town, with their office telephones. For
//! everybody.

use super::place;
use crate::page::Answer;
use crate::show;
use crate::show::phone_display;
use crate::visit::Visit;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::Level;

/// `GET /v/{code}/contact`
pub(crate) async fn contact(Path(code): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let id = place::by_code(&visit, &code)?;
    let directory = app.directory();
    let (tree, day) = (&directory.tree, app.now().day());
    let grids: Vec<RegionId> =
        tree.children(id, day).into_iter().filter(|g| tree.get(*g).is_some_and(|r| r.level == Level::Grid)).collect();
    let mut groups = vec![
        json!({ "body": tree.display(id, day), "posts": posts(&visit, app, id) }),
        json!({
            "body": visit.t("portal.grids"),
            "posts": grids.into_iter().flat_map(|g| posts(&visit, app, g)).collect::<Vec<_>>(),
        }),
    ];
    if let Some(town) = tree.at_level(id, Level::Town, day) {
        groups.push(json!({ "body": tree.display(town, day), "posts": posts(&visit, app, town) }));
    }
    groups.retain(|g| g["posts"].as_array().is_some_and(|p| !p.is_empty()));
    let mut village = place::values(app, id);
    village["address"] = Value::Null;
    village["hours"] = hours(&visit, app);
    visit.page("portal/contact.html", &visit.t("portal.contact"), json!({ "village": village, "groups": groups }))
}

/// Public posts at a seat that somebody holds, in the pack's order.
fn posts(visit: &Visit, app: &App, seat: RegionId) -> Vec<Value> {
    let policy = app.policy();
    let held = app.posts_at(seat.0);
    let mut out = Vec::new();
    for post in policy.posts.iter().filter(|p| p.public) {
        for (term, account) in held.iter().filter(|(t, _)| t.holder.post == post.id) {
            let grid = post.level == Level::Grid;
            let name = visit.locale.pick(&post.name, &post.name_en);
            out.push(json!({
                "post": if grid { show::holder(visit, app, &term.holder) } else { name.to_owned() },
                "name": (!account.demo).then_some(account.name.as_str()),
                "does": null,
                "phone": (!account.phone.is_empty()).then_some(account.phone.as_str()),
                "phone_display": phone_display(&account.phone),
            }));
        }
    }
    out
}

/// Office hours as the pack has them.
fn hours(visit: &Visit, app: &App) -> Value {
    let policy = app.policy();
    let hours = policy.settings.as_ref().map(|s| s.office_hours.as_slice()).unwrap_or_default();
    let spans: Vec<String> = hours.iter().map(|(from, to)| format!("{from}-{to}")).collect();
    if spans.is_empty() { Value::Null } else { json!(visit.t_with("portal.hours", &[("hours", visit.list(&spans))])) }
}
