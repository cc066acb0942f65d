//! `GET|POST /desk/import`: which sheet, and the file; `GET /desk/import/blank/{sheet}`: the empty form of a sheet.

use crate::error::WebError;
use crate::page::{Answer, XLSX, download, query, see_other, with_status};
use crate::routes::desk::shell;
use crate::show;
use crate::upload::{SHEET_MAX_MB, read_sheet, unread};
use crate::visit::Staff;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_app::import::{Job, State};
use xiangyue_domain::day::Time;
use xiangyue_domain::policy::{Sheet, SheetColumn};
use xiangyue_domain::refusal::Refusal;

/// Imports listed.
const RECENT: usize = 12;

/// `GET /desk/import?sheet=`
pub(crate) async fn start(staff: Staff) -> Answer {
    let chosen = query(&staff.visit.path).remove("sheet").unwrap_or_default();
    show_start(&staff, &chosen, "").await
}

async fn show_start(staff: &Staff, chosen: &str, fault: &str) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let account = staff.user.account.id;
    let sheets = app.import_sheets(account);
    if sheets.is_empty() {
        return Err(WebError::Refused(Refusal::new("no_right")));
    }
    let jobs = app.jobs(account.0).await?;
    let values = json!({
        "nav": shell::nav(staff, "import").await?,
        "once": visit.once(),
        "sheets": sheets.iter().map(|s| one_sheet(staff, s, chosen)).collect::<Vec<_>>(),
        "jobs": jobs.iter().take(RECENT).map(|j| one_job(staff, app, j)).collect::<Vec<_>>(),
        "fault": fault,
        "max": SHEET_MAX_MB,
        "export_url": if app.export_sheets(account).is_empty() { "" } else { "/desk/export" },
    });
    visit.page("desk/import.html", &visit.t("import.title"), values)
}

fn one_sheet(staff: &Staff, sheet: &Sheet, chosen: &str) -> Value {
    let list = |needed: bool| -> String {
        let columns = sheet.columns.iter().filter(|c| c.required == needed);
        staff.visit.list(columns.map(|c: &SheetColumn| c.heading.as_str()))
    };
    json!({
        "id": sheet.id,
        "name": staff.visit.locale.pick(&sheet.name, &sheet.name_en),
        "selected": sheet.id == chosen,
        "needs": list(true),
        "accepts": list(false),
        "sample": sheet.sample,
        "blank": format!("/desk/import/blank/{}", sheet.id),
    })
}

fn one_job(staff: &Staff, app: &App, job: &Job) -> Value {
    let visit = &staff.visit;
    let sheet = app.policy().sheet(xiangyue_domain::policy::Direction::In, &job.sheet);
    let state = job.state.word();
    let counts = if job.state == State::Done {
        format!("{} {}", visit.t("import.taken"), job.taken)
    } else {
        format!("{} {}", job.rows, visit.t("import.rows"))
    };
    json!({
        "url": format!("/desk/import/{}", job.id),
        "name": sheet.map(|s| visit.locale.pick(&s.name, &s.name_en).to_owned()).unwrap_or_default(),
        "state": visit.t(&format!("import.state_{state}")),
        "tone": match job.state { State::Done => "good", State::Refused => "bad", State::Checked => "warn", _ => "info" },
        "at": show::moment(Time(job.made_at)),
        "counts": counts,
    })
}

/// `POST /desk/import`
pub(crate) async fn upload(staff: Staff, request: Request) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    if !app.may_import(account) {
        return Err(WebError::Refused(Refusal::new("no_right")));
    }
    let form = read_sheet(&staff, request).await?;
    let sheet = form.get("sheet").to_owned();
    if form.too_large {
        let fault = unread(&staff.visit, "too_large", u64::try_from(SHEET_MAX_MB).ok());
        return with_status(show_start(&staff, &sheet, &fault).await, StatusCode::PAYLOAD_TOO_LARGE);
    }
    let Some((name, bytes)) = form.file else {
        let fault = staff.visit.t("fault.required");
        return with_status(show_start(&staff, &sheet, &fault).await, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let job = app.upload(account, &sheet, &name, bytes).await?;
    Ok(see_other(&format!("/desk/import/{}", job.id)))
}

/// `GET /desk/import/blank/{sheet}`
pub(crate) async fn blank(Path(id): Path<String>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let sheet = app.import_sheet(staff.user.account.id, &id).ok_or(WebError::NotFound)?;
    let mut notes = vec![visit.t("import.blank_note")];
    if app.demo().await?.is_some() {
        notes.insert(0, visit.t("common.demo_strip"));
    }
    let bytes = app.blank_form(&sheet, &notes)?;
    Ok(download(&format!("{}.xlsx", sheet.name), XLSX, bytes))
}
