//! `/desk/export/{id}`: what was chosen, its file, and the move that says the reply went back; and the one-row file of
//! a matter.

use crate::error::WebError;
use crate::form::read_staff;
use crate::page::{Answer, XLSX, download, query, see_other};
use crate::routes::desk::shell;
use crate::show;
use crate::visit::Staff;
use axum::extract::{Path, Request};
use axum::response::Response;
use serde_json::{Value, json};
use xiangyue_app::export::{FileKind, Taken, Taker};
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::policy::{Right, Sheet};
use xiangyue_domain::refusal::Refusal;

/// `GET /desk/export/{id}`
pub(crate) async fn export_ready(Path(id): Path<String>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let account = staff.user.account.id;
    let chosen = app.chosen(account, &id).await?;
    let sheet = app.export_sheet(account, &chosen.sheet).ok_or(WebError::NotFound)?;
    let asked = query(&visit.path);
    let n = chosen.matters.len();
    let words = [("n", n.to_string()), ("at", show::moment(Time(chosen.made_at)))];
    let name = visit.locale.pick(&sheet.name, &sheet.name_en).to_owned();
    let said = match (asked.get("marked"), asked.get("skipped")) {
        (Some(n), Some(s)) => {
            let digits = |t: &String| t.chars().filter(char::is_ascii_digit).take(6).collect::<String>();
            visit.t_with("import.export_marked", &[("n", digits(n)), ("skipped", digits(s))])
        }
        _ => String::new(),
    };
    let files = ["xlsx", "csv"].map(|k| json!({"label": k, "url": format!("/desk/export/{id}/file?as={k}")}));
    let values = json!({
        "nav": shell::nav(&staff, "matters").await?,
        "once": visit.once(),
        "name": name,
        "words": if sheet.is_register() { String::new() } else { visit.t_with("import.export_ready_words", &words) },
        "files": files,
        "mark": mark(&staff, &sheet, &id, n),
        "said": said,
        "empty": n == 0 && !sheet.is_register(),
    });
    visit.page("desk/export_ready.html", &visit.t("import.export_ready"), values)
}

/// The move for everything on the sheet, where it has one.
fn mark(staff: &Staff, sheet: &Sheet, id: &str, n: usize) -> Value {
    let Ok(app) = staff.app() else { return Value::Null };
    let policy = app.policy();
    let Some(mv) = policy.kind(&sheet.subject).and_then(|k| k.find_move(&sheet.done)).filter(|_| n > 0) else {
        return Value::Null;
    };
    let name = staff.visit.locale.pick(&mv.name, &mv.name_en).to_owned();
    json!({"url": format!("/desk/export/{id}/mark"),
        "words": staff.visit.t_with("import.export_mark_words", &[("n", n.to_string()), ("move", name)])})
}

async fn sent_file(staff: &Staff, sheet: &Sheet, taken: Taken, kind: FileKind) -> Result<Response, WebError> {
    let day = staff.app()?.now().day();
    let (ending, media) = match kind {
        FileKind::Csv => ("csv", "text/csv; charset=utf-8"),
        FileKind::Xlsx => ("xlsx", XLSX),
    };
    Ok(download(&format!("{}-{day}.{ending}", sheet.name), media, taken.bytes))
}

async fn note(staff: &Staff) -> Result<Option<String>, WebError> {
    Ok(staff.app()?.demo().await?.map(|_| staff.visit.t("common.demo_strip")))
}

/// `GET /desk/export/{id}/file?as=`
pub(crate) async fn export_file(Path(id): Path<String>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    let chosen = app.chosen(account, &id).await?;
    let sheet = app.export_sheet(account, &chosen.sheet).ok_or(WebError::NotFound)?;
    let kind = FileKind::parse(query(&staff.visit.path).get("as").map_or("", String::as_str));
    let taken = app.chosen_file(account, &chosen, note(&staff).await?.as_deref(), kind).await?;
    sent_file(&staff, &sheet, taken, kind).await
}

/// `POST /desk/export/{id}/mark`
pub(crate) async fn export_mark(Path(id): Path<String>, staff: Staff, request: Request) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    let chosen = app.chosen(account, &id).await?;
    read_staff(&staff, request).await?;
    let (moved, left) = app.mark_chosen(account, &chosen).await?;
    Ok(see_other(&format!("/desk/export/{id}?marked={moved}&skipped={left}")))
}

/// `GET /desk/matters/{id}/sheet/{sheet}`: one matter as a file of one row.
pub(crate) async fn one_file(Path((id, sheet)): Path<(MatterId, String)>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let account = staff.user.account.id;
    let matter = app.find_matter(account, id).await?;
    let may = app.directory().has_right(&app.policy(), account, Right::Export, matter.place, app.now().day());
    if !may {
        return Err(WebError::Refused(Refusal::new("no_right")));
    }
    let sheet = app.export_sheet(account, &sheet).filter(|s| s.subject == matter.kind).ok_or(WebError::NotFound)?;
    let taker = Taker::Account(account);
    let taken = app.export_matters(taker, &sheet, &[id.0], "", note(&staff).await?.as_deref(), FileKind::Xlsx).await?;
    sent_file(&staff, &sheet, taken, FileKind::Xlsx).await
}
