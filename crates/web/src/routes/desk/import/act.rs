//! What can be done with an import: match its columns, begin it, throw it away, take the corrected file along, print
//! the sign-in links of whoever it brought.

use super::job::show_job;
use super::parts;
use crate::error::WebError;
use crate::form::read_staff;
use crate::page::{Answer, XLSX, download, see_other, with_status};
use crate::show;
use crate::visit::Staff;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_app::import::{CellFault, Corrected, StaffLink};
use xiangyue_domain::register::Holder;

fn page_of(id: &str) -> String {
    format!("/desk/import/{id}")
}

/// A refusal of the rules is said on the page itself; everything else has a page of its own.
async fn again(staff: &Staff, id: &str, error: AppError) -> Answer {
    let AppError::Refused(refusal) = error else { return Err(error.into()) };
    let job = staff.app()?.import_job(staff.user.account.id, id).await?;
    let fault = staff.visit.refusal(&refusal);
    with_status(show_job(staff, &job, &fault).await, StatusCode::UNPROCESSABLE_ENTITY)
}

/// `POST /desk/import/{id}/match`
pub(crate) async fn match_columns(Path(id): Path<String>, staff: Staff, request: Request) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    let job = app.import_job(account, &id).await?;
    let sent = read_staff(&staff, request).await?;
    let sheet = app.import_sheet(account, &job.sheet).ok_or(WebError::NotFound)?;
    let columns = (0..sheet.columns.len()).map(|i| sent.get(&format!("c{i}")).parse().ok()).collect();
    let worksheet = sent.get("worksheet").parse().unwrap_or(0);
    let head_row = sent.get("head_row").parse().unwrap_or(0);
    match app.match_columns(account, &id, worksheet, head_row, columns).await {
        Ok(_) => Ok(see_other(&page_of(&id))),
        Err(error) => again(&staff, &id, error).await,
    }
}

/// `POST /desk/import/{id}/run`
pub(crate) async fn run(Path(id): Path<String>, staff: Staff, request: Request) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    app.import_job(account, &id).await?;
    let sent = read_staff(&staff, request).await?;
    match app.begin_import(account, &id, sent.ticked("only_good")).await {
        Ok(_) => Ok(see_other(&page_of(&id))),
        Err(error) => again(&staff, &id, error).await,
    }
}

/// `POST /desk/import/{id}/drop`
pub(crate) async fn drop_import(Path(id): Path<String>, staff: Staff, request: Request) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    app.import_job(account, &id).await?;
    read_staff(&staff, request).await?;
    match app.drop_import(account, &id).await {
        Ok(()) => Ok(see_other("/desk/import")),
        Err(error) => again(&staff, &id, error).await,
    }
}

/// `GET /desk/import/{id}/corrected`
pub(crate) async fn corrected(Path(id): Path<String>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let job = app.import_job(staff.user.account.id, &id).await?;
    let say = |fault: &CellFault| parts::say(visit, fault);
    let words = Corrected {
        row: visit.t("import.column_row"),
        reason: visit.t("import.column_reason"),
        same: visit.t("import.already"),
        notes: app.demo().await?.map(|_| visit.t("common.demo_strip")).into_iter().collect(),
        say: &say,
    };
    let bytes = app.corrected(&job, &words).await?;
    let name = format!("{}-{}.xlsx", visit.t("import.corrected_name"), app.now().day());
    Ok(download(&name, XLSX, bytes))
}

/// `POST /desk/import/{id}/links`: new one-time links, shown once and for print.
pub(crate) async fn links(Path(id): Path<String>, staff: Staff, request: Request) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let account = staff.user.account.id;
    app.import_job(account, &id).await?;
    let origin = crate::routes::origin(visit, request.headers());
    read_staff(&staff, request).await?;
    let links = app.links_of(account, &id).await?;
    let values = json!({
        "links": links.iter().map(|l| one_link(&staff, l, &origin)).collect::<Vec<_>>(),
        "back": page_of(&id),
    });
    visit.page("desk/import_links.html", &visit.t("import.links_title"), values)
}

fn one_link(staff: &Staff, link: &StaffLink, origin: &str) -> Value {
    let visit = &staff.visit;
    let posts: Vec<String> = link
        .posts
        .iter()
        .filter_map(|key| Some(show::holder(visit, visit.app().ok()?, &Holder::parse(key)?)))
        .collect();
    let url = format!("{origin}/setup/{}", link.token);
    json!({"name": link.name, "login": link.login, "posts": visit.list(&posts), "qr": code_of(&url), "url": url})
}

/// A code to scan, within the page: the address must stand nowhere else.
fn code_of(url: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(url, EcLevel::M) else { return String::new() };
    let image = code.render::<svg::Color>().min_dimensions(120, 120).quiet_zone(true).build();
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(image))
}
