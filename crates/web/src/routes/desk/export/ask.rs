//! `GET|POST /desk/export`: as which sheet, and what for; the list's filter comes along.

use crate::error::WebError;
use crate::form::read_staff;
use crate::page::{Answer, query, see_other, with_status};
use crate::routes::desk::list::{self, Asked};
use crate::routes::desk::list_file;
use crate::routes::desk::shell;
use crate::visit::Staff;
use axum::extract::Request;
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::export::ROWS_MOST;
use xiangyue_app::{App, AppError};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Right, Sheet};
use xiangyue_domain::refusal::Refusal;

/// Filters of the list that come along.
const FILTERS: &[&str] = &["q", "kind", "status", "place", "limit", "unit", "holder", "category", "from", "to"];

/// `GET /desk/export?sheet=&…`
pub(crate) async fn export(staff: Staff) -> Answer {
    let asked = query(&staff.visit.path);
    show_ask(&staff, &asked, "", "").await
}

/// The filter with the kind that a sheet is of.
fn filter_for(asked: &Asked, sheet: &Sheet) -> Asked {
    let mut asked = asked.clone();
    asked.retain(|k, _| FILTERS.contains(&k.as_str()));
    if !sheet.is_register() {
        asked.insert("kind".to_owned(), sheet.subject.clone());
    }
    asked
}

async fn show_ask(staff: &Staff, asked: &Asked, purpose: &str, fault: &str) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let sheets = offered(staff, app, asked)?;
    let chosen = asked.get("sheet").cloned().unwrap_or_default();
    let option = |sheet: &Sheet| {
        let personal = app.personal_columns(sheet);
        json!({"id": sheet.id, "name": visit.locale.pick(&sheet.name, &sheet.name_en), "selected": sheet.id == chosen,
            "register": sheet.is_register(), "sample": sheet.sample,
            "personal": if personal.is_empty() { String::new() } else { visit.t_with("import.export_personal", &[("list", visit.list(&personal))]) }})
    };
    let hidden: Vec<Value> = asked
        .iter()
        .filter(|(k, v)| FILTERS.contains(&k.as_str()) && !v.is_empty())
        .map(|(k, v)| json!({"name": k, "value": v}))
        .collect();
    let values = json!({
        "nav": shell::nav(staff, "matters").await?,
        "once": visit.once(),
        "sheets": sheets.iter().map(option).collect::<Vec<_>>(),
        "hidden": hidden,
        "active": list::active_words(staff, app, asked),
        "purpose": purpose,
        "fault": fault,
        "most": ROWS_MOST,
    });
    visit.page("desk/export.html", &visit.t("import.export_title"), values)
}

/// Sheets that go with the filter: of its kind, or of any, and the registers.
fn offered(staff: &Staff, app: &App, asked: &Asked) -> Result<Vec<Sheet>, WebError> {
    let all = app.export_sheets(staff.user.account.id);
    if all.is_empty() {
        return Err(WebError::Refused(Refusal::new("no_right")));
    }
    let kind = asked.get("kind").map_or("", String::as_str);
    let fits = |s: &Sheet| kind.is_empty() || s.subject == kind;
    Ok(all.into_iter().filter(fits).collect())
}

/// `POST /desk/export`
pub(crate) async fn make_export(staff: Staff, request: Request) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    if app.export_sheets(account).is_empty() {
        return Err(WebError::Refused(Refusal::new("no_right")));
    }
    let sent = read_staff(&staff, request).await?;
    let sheet = app.export_sheet(account, sent.get("sheet")).ok_or(WebError::NotFound)?;
    let asked = filter_for(&sent.fields, &sheet);
    let (ids, place) = if sheet.is_register() {
        (Vec::new(), place_of(&staff, app, &asked)?)
    } else {
        (list_file::every(&staff, &asked).await?, RegionId(0))
    };
    match app.choose(account, &sheet.id, sent.get("purpose"), ids, place).await {
        Ok(chosen) => Ok(see_other(&format!("/desk/export/{}", chosen.id))),
        Err(AppError::Refused(refusal)) if !refusal.fields.is_empty() => {
            let fault = staff.visit.faults(&refusal).into_values().collect::<Vec<_>>().join(" ");
            let shown = show_ask(&staff, &sent.fields, sent.get("purpose"), &fault).await;
            with_status(shown, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => Err(error.into()),
    }
}

/// The place of the filter, or the highest one at which the reader may export.
fn place_of(staff: &Staff, app: &App, asked: &Asked) -> Result<RegionId, WebError> {
    let code = asked.get("place").map_or("", String::as_str);
    let found = app.directory().tree.by_code(code, app.now().day()).map(|r| r.id);
    let own = app.top_place(staff.user.account.id, Right::Export);
    found.or(own).ok_or_else(|| WebError::Refused(Refusal::new("no_right")))
}
