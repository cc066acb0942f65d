//! `GET /desk/matters/{id}/print` and `POST /desk/matters/print`: work orders on A4, one a sheet.

use super::{papers, story};
use crate::error::WebError;
use crate::form::read_staff;
use crate::page::Answer;
use crate::show;
use crate::visit::Staff;
use axum::extract::{Path, Request};
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Kind, Phase};

/// Orders printed at once at most.
const MOST: usize = 50;

/// One order.
pub(crate) async fn matter_print(Path(id): Path<MatterId>, staff: Staff) -> Answer {
    sheets(&staff, &[id], format!("/desk/matters/{id}")).await
}

/// Several orders.
pub(crate) async fn print_some(staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let ids: Vec<MatterId> = sent.values("ids").filter_map(|i| i.parse().ok()).take(MOST).collect();
    sheets(&staff, &ids, "/desk".to_owned()).await
}

async fn sheets(staff: &Staff, ids: &[MatterId], back: String) -> Answer {
    let app = staff.app()?;
    let mut orders = Vec::new();
    for id in ids {
        match sheet(staff, app, *id).await {
            // Of many, one that went out of sight meanwhile keeps nobody from printing the others.
            Err(WebError::NotFound) if ids.len() > 1 => {}
            found => orders.push(found?),
        }
    }
    let values = json!({"once": staff.visit.once(), "orders": orders, "back": back});
    staff.visit.page("desk/matter_print.html", &staff.visit.t("desk.print_title"), values)
}

async fn sheet(staff: &Staff, app: &App, id: MatterId) -> Result<Value, WebError> {
    let visit = &staff.visit;
    let account = staff.user.account.id;
    let matter = app.find_matter(account, id).await?;
    let opened = app.open_for(account, matter).await?;
    let policy = app.policy();
    let kind = policy.kind_of(&opened.matter).ok_or(WebError::NotFound)?;
    let reporter = story::reporter(staff, &opened, Value::Null);
    let mut cells = charge(staff, app, kind, &opened.matter);
    let facts = story::facts(staff, app, kind, &opened, &Default::default());
    cells.extend(facts.iter().map(|f| cell(f["label"].as_str().unwrap_or("").to_owned(), &f["value"], false)));
    cells.push(cell(
        visit.t("desk.place"),
        &json!(show::place(app, opened.matter.place, opened.matter.accepted)),
        false,
    ));
    cells.push(cell(visit.t("desk.reporter"), &reporter["name"], false));
    cells.push(cell(visit.t("desk.phone"), &reporter["phone_display"], false));
    cells.push(cell(visit.t("orders.reporter_address"), &reporter["address"], false));
    // A cell with nothing in it takes room and says nothing.
    cells.retain(|c| c["value"].as_str().is_some_and(|v| !v.is_empty()));
    let mut rows: Vec<Value> = cells.chunks(2).map(|c| json!(c)).collect();
    let limits = limits(staff, app, kind, &opened.matter);
    let below = assisting(staff, app, &opened.matter).await?;
    let across = [(visit.t("orders.assisting"), below), (visit.t("orders.limits"), limits)];
    let across = across.into_iter().filter(|(_, lines)| !lines.is_empty());
    rows.extend(across.map(|(label, lines)| json!([cell(label, &json!(lines.join("\n")), true)])));
    rows.push(json!([cell(
        visit.t("desk.request"),
        &json!(opened.texts.get("words").cloned().unwrap_or_default()),
        true
    )]));
    let history: Vec<Value> = story::history(staff, app, kind, &opened, 0)
        .await?
        .iter()
        .map(|e| {
            let text = |k: &str| e[k].as_str().unwrap_or("").to_owned();
            let said: Vec<String> =
                ["title", "words", "reply", "note"].iter().map(|k| text(k)).filter(|t| !t.is_empty()).collect();
            json!({"at": format!("{} {}", text("day"), text("time")), "by": text("by"), "words": said.join(" ")})
        })
        .collect();
    let name = show::kind(visit, kind);
    Ok(json!({
        "number": opened.matter.number,
        "heading": format!("{}{name}", visit.web.county()),
        "printed": visit.t_with("desk.printed", &[("at", show::full_moment(app.now())), ("who", staff.user.account.name.clone())]),
        "rows": rows, "history": history,
        "sign": [visit.t("desk.sign_handler"), visit.t("desk.sign_head"), visit.t("desk.sign_date")],
        "reply": opened.texts.get("reply").cloned().unwrap_or_default(),
    }))
}

fn cell(label: String, value: &Value, wide: bool) -> Value {
    json!({"label": label, "value": value, "wide": wide})
}

/// When it was taken in, how urgent it is, and who answers for it: whoever has it, or handled it once it is answered.
fn charge(staff: &Staff, app: &App, kind: &Kind, matter: &Matter) -> Vec<Value> {
    let visit = &staff.visit;
    let has = || matter.holder.as_ref().map(|h| show::holder(visit, app, h)).unwrap_or_default();
    let handled = papers::handler(staff, app, kind, matter);
    let unit = if matter.phase == Phase::Open || handled.is_empty() { has() } else { handled };
    let urgent = matter.values.get("urgency").and_then(Value::as_str);
    let urgency = urgent.map(|u| visit.t(if u == "urgent" { "desk.urgent" } else { "orders.not_urgent" }));
    let taken = matter.intakes.first().map(|i| show::full_moment(i.at)).unwrap_or_default();
    vec![
        cell(visit.t("orders.lead_unit"), &json!(unit), false),
        cell(visit.t("orders.urgency"), &json!(urgency.unwrap_or_default()), false),
        cell(visit.t("orders.taken_at"), &json!(taken), false),
    ]
}

/// Its limits, each with its day and how near that is.
fn limits(staff: &Staff, app: &App, kind: &Kind, matter: &Matter) -> Vec<String> {
    let text = |c: &Value, key: &str| c[key].as_str().unwrap_or("").to_owned();
    let line = |c: Value| {
        let slots = [("name", text(&c, "name")), ("due", text(&c, "due")), ("left", text(&c, "words"))];
        staff.visit.t_with("orders.limit_line", &slots)
    };
    story::clocks(staff, app, kind, matter).into_iter().map(line).collect()
}

/// Units that were called in and have not been let go, each with how far it is.
async fn assisting(staff: &Staff, app: &App, matter: &Matter) -> Result<Vec<String>, WebError> {
    let visit = &staff.visit;
    let policy = app.policy();
    let called = |part: &str| {
        let moves = policy.kind_of(matter).into_iter().flat_map(|k| &k.moves);
        moves.filter_map(|m| m.open.as_ref()).any(|o| o.kind == part && o.assign.0 == "choose")
    };
    let below = app.below(staff.user.account.id, matter).await?;
    let of = below.iter().map(|b| &b.matter).filter(|m| called(&m.kind) && m.phase != Phase::Final);
    let line = |m: &Matter| {
        let who = m.holder.as_ref().map(|h| show::holder(visit, app, h)).unwrap_or_default();
        visit.t_with("orders.part_line", &[("who", who), ("step", show::step(visit, app, &m.kind, &m.step))])
    };
    Ok(of.map(line).collect())
}
