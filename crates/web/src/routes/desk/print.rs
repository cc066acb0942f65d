//! `GET /desk/matters/{id}/print` and `POST /desk/matters/print`: work orders on A4, one a sheet.

use super::story;
use crate::error::WebError;
use crate::form::read_staff;
use crate::page::Answer;
use crate::show;
use crate::visit::Staff;
use axum::extract::{Path, Request};
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_domain::ids::MatterId;

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
    let cell = |label: String, value: &Value, wide: bool| json!({"label": label, "value": value, "wide": wide});
    let mut cells: Vec<Value> = story::facts(staff, app, kind, &opened, &Default::default())
        .iter()
        .map(|f| cell(f["label"].as_str().unwrap_or("").to_owned(), &f["value"], false))
        .collect();
    cells.push(cell(
        visit.t("desk.place"),
        &json!(show::place(app, opened.matter.place, opened.matter.accepted)),
        false,
    ));
    cells.push(cell(visit.t("desk.reporter"), &reporter["name"], false));
    cells.push(cell(visit.t("desk.phone"), &reporter["phone_display"], false));
    let mut rows: Vec<Value> = cells.chunks(2).map(|c| json!(c)).collect();
    rows.push(json!([cell(
        visit.t("desk.request"),
        &json!(opened.texts.get("words").cloned().unwrap_or_default()),
        true
    )]));
    let history: Vec<Value> = story::history(staff, app, kind, &opened)
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
