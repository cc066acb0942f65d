//! What the staff pages share: the navigation with what waits behind each link, rows of matters, limits.

use super::category;
use crate::error::WebError;
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::App;
use xiangyue_domain::day::Time;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{LedgerRules, Phase, Right};

/// The navigation; links without a right behind them are not shown.
pub(crate) async fn nav(staff: &Staff, current: &str) -> Result<Value, WebError> {
    let app = staff.app()?;
    let account = staff.user.account.id;
    let (directory, policy, day) = (app.directory(), app.policy(), app.now().day());
    let holders = &app.scope(account).holders;
    let (mine, late) =
        app.pool().count_mine(app.realm(), holders, app.now().0).await.map_err(xiangyue_app::AppError::from)?;
    let has = |right| directory.has_right_somewhere(&policy, account, right, day);
    let posts = directory.posts_of(account, day);
    let place = posts.first().and_then(|h| directory.region_of(h)).map(|r| directory.tree.code(r, day).to_owned());
    let link =
        |id: &str, url: String, count: i64, late: bool| json!({"id": id, "url": url, "count": count, "late": late});
    let mut links: Vec<Value> = has(Right::Hub).then(|| link("hub", "/hub".into(), 0, false)).into_iter().collect();
    links.push(link("worklist", "/desk".into(), mine, late > 0));
    links.push(link("matters", "/desk/matters".into(), 0, false));
    links.push(link("notices", "/desk/notices".into(), staff.user.unread, false));
    if has(Right::SeePlace) || has(Right::Grant) {
        links.push(link("people", "/desk/people".into(), 0, false));
    }
    if app.may_import(account) {
        links.push(link("import", "/desk/import".into(), 0, false));
    }
    if let Some(code) = place {
        links.push(link("places", format!("/desk/places/{code}"), 0, false));
        links.push(link("posters", "/desk/posters".into(), 0, false));
    }
    if has(Right::SeePlace) && xiangyue_app::due::duty_kind(&policy).is_some() {
        links.push(link("disclosure", "/desk/disclosure".into(), 0, false));
    }
    if policy.catalogues.values().any(|c| c.head.is_some()) {
        links.push(link("lists", "/desk/lists".into(), 0, false));
    }
    if posts.iter().any(|h| keeps_books(&policy.ledger, &h.post)) {
        links.push(link("points", "/desk/points".into(), 0, false));
    }
    if has(Right::Report) {
        links.push(link("report", "/hub/report".into(), 0, false));
    }
    Ok(json!({"current": current, "links": links}))
}

/// Whether a post moves points or takes parties in, by the pack.
pub(super) fn keeps_books(ledger: &LedgerRules, post: &str) -> bool {
    let moved = ledger.transfers.iter().flat_map(|t| t.by.iter().chain(&t.reverse_by));
    moved.chain(ledger.parties.iter().flat_map(|p| &p.by)).any(|by| by == post)
}

/// A limit with its shape: `ok`, `near`, `over`, `paused`, `done` or `none`.
pub(crate) fn limit(staff: &Staff, app: &App, matter: &Matter) -> Value {
    let said = |state: &str, key: &str| json!({"state": state, "words": staff.visit.t(key), "at": ""});
    if matter.phase == Phase::Closed || matter.phase == Phase::Final {
        // What was refused, sent back or withdrawn has ended, and was not closed.
        let ended =
            if matter.phase == Phase::Final && !ever_closed(app, matter) { "orders.ended" } else { "desk.done" };
        return said("done", if matter.voided { "desk.voided" } else { ended });
    }
    match matter.due() {
        Some(due) => of_due(staff, app, due),
        None if matter.clocks.iter().any(|c| c.paused.is_some() && c.stopped.is_none()) => {
            said("paused", "desk.paused")
        }
        None => json!({"state": "none", "words": "", "at": ""}),
    }
}

/// Whether a matter was closed at any time before now.
fn ever_closed(app: &App, matter: &Matter) -> bool {
    let policy = app.policy();
    let closes =
        |step: &str| policy.kind_of(matter).and_then(|k| k.step(step)).is_some_and(|s| s.phase == Phase::Closed);
    matter.trail.iter().any(|t| closes(&t.to) || closes(&t.from))
}

/// A limit from its due time.
pub(crate) fn of_due(staff: &Staff, app: &App, due: Time) -> Value {
    let limit = show::limit(&staff.visit, app, due);
    let state = if limit.tone.is_empty() { "ok" } else { limit.tone };
    json!({"state": state, "words": limit.left, "at": limit.at})
}

/// Rows of a list, their titles deciphered with one query.
pub(crate) async fn rows(staff: &Staff, matters: &[Matter]) -> Result<Vec<Value>, WebError> {
    let app = staff.app()?;
    let titles = app.titles(matters).await?;
    Ok(matters.iter().map(|m| row(staff, app, m, &titles)).collect())
}

type Titles = BTreeMap<i64, BTreeMap<String, String>>;

fn row(staff: &Staff, app: &App, matter: &Matter, titles: &Titles) -> Value {
    let visit = &staff.visit;
    let policy = app.policy();
    let words = titles.get(&matter.id.0);
    let said = words.and_then(|w| w.get("words")).map(String::as_str);
    let spot = words.and_then(|w| w.get("spot")).map_or("", String::as_str);
    let name = policy.kind_of(matter).map_or("", |k| show::kind(visit, k)).to_owned();
    let id = matter.id.to_string();
    json!({
        "id": id,
        "number": matter.number,
        "title": show::title(visit, app, matter, None, said.filter(|s| !s.is_empty())),
        "kind": name,
        "path": category::of_matter(visit, &policy, matter),
        "taken_full": matter.intakes.first().map(|i| show::full_moment(i.at)).unwrap_or_default(),
        "due": matter.due().map(show::full_moment).unwrap_or_default(),
        "place": show::place(app, matter.place, matter.accepted),
        "note": spot,
        "step": show::step(visit, app, &matter.kind, &matter.step),
        "phase": phase(matter),
        "unit": matter.holder.as_ref().map(|h| show::holder(visit, app, h)).unwrap_or_default(),
        "taken": matter.intakes.first().map(|i| show::moment(i.at)).unwrap_or_default(),
        "urgent": matter.values.get("urgency").and_then(Value::as_str) == Some("urgent"),
        "sealed": matter.confidential,
        "unread": false,
        "limit": limit(staff, app, matter),
        "url": format!("/desk/matters/{id}"),
        "open_url": format!("/desk?open={id}"),
        "quick": [],
        "number_of_channels": matter.intakes.len(),
    })
}

/// The word for a phase in class names.
pub(crate) fn phase(matter: &Matter) -> &'static str {
    match matter.phase {
        Phase::Open => "open",
        Phase::Answered => "answered",
        Phase::Closed | Phase::Final => "closed",
    }
}

/// A list as one paragraph, for a message: count, how many are overdue, and the first few.
pub(crate) fn paragraph(staff: &Staff, label: &str, rows: &[Value]) -> Result<String, WebError> {
    let app = staff.app()?;
    let over = rows.iter().filter(|r| r["limit"]["state"] == "over").count();
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    // Every row of the page, or whoever reads it takes what is left out for done.
    let all: Vec<String> = rows
        .iter()
        .map(|r| {
            let args =
                [("title", text(&r["title"])), ("number", text(&r["number"])), ("limit", text(&r["limit"]["words"]))];
            let key = if r["limit"]["words"] == "" { "desk.paragraph_row" } else { "desk.paragraph_due" };
            staff.visit.t_with(key, &args)
        })
        .collect();
    let args = [
        ("at", show::full_moment(app.now())),
        ("what", label.to_owned()),
        ("n", rows.len().to_string()),
        ("over", over.to_string()),
        ("list", all.join(&staff.visit.t("desk.paragraph_and"))),
    ];
    let key = if rows.is_empty() { "desk.paragraph_none" } else { "desk.paragraph" };
    Ok(staff.visit.t_with(key, &args))
}
