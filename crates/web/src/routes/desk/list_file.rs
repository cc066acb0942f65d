//! `GET /desk/matters.xlsx`: the list as a spreadsheet, all its pages and nothing else, for whoever may export. Must never
//! be cut without a word: what is too long for a file is refused.

use super::list::{self, Asked, active_words, find};
use super::shell;
use crate::error::WebError;
use crate::page::{Answer, XLSX, download, query};
use crate::show;
use crate::visit::Staff;
use serde_json::Value;
use xiangyue_app::App;
use xiangyue_app::export::ROWS_MOST;
use xiangyue_domain::policy::Right;
use xiangyue_domain::refusal::Refusal;
use xiangyue_report::model::Cell;

/// Rows read at once.
const STEP: i64 = 500;
/// Columns, as rows of the list call them, each with its heading.
const COLUMNS: [(&str, &str); 10] = [
    ("number", "desk.number"),
    ("taken_full", "desk.taken_at"),
    ("kind", "desk.kind"),
    ("path", "category.label"),
    ("title", "desk.title"),
    ("place", "desk.place"),
    ("unit", "desk.unit"),
    ("step", "desk.status"),
    ("due", "list.due_at"),
    ("limit", "desk.limit"),
];

/// Whether a reader may take the list along.
pub(super) fn may(staff: &Staff, app: &App) -> bool {
    app.directory().has_right_somewhere(&app.policy(), staff.user.account.id, Right::Export, app.now().day())
}

/// Ids of everything that the list shows, on all its pages, for a file.
pub(super) async fn every(staff: &Staff, asked: &Asked) -> Result<Vec<i64>, WebError> {
    let app = staff.app()?;
    if asked.get("q").is_none_or(|q| q.trim().is_empty()) && !asked.contains_key("same") {
        let scope = app.scope(staff.user.account.id);
        return Ok(app.all_of_list(&scope, &list::filter(app, asked, STEP)).await?);
    }
    let mut ids = Vec::new();
    let mut asked = asked.clone();
    loop {
        let found = find(staff, &asked, STEP).await?;
        ids.extend(found.matters.iter().map(|m| m.id.0));
        let Some(next) = found.next.filter(|_| ids.len() < ROWS_MOST) else { return Ok(ids) };
        asked.insert("after".to_owned(), next.to_string());
    }
}

/// `GET /desk/matters.xlsx`
pub(crate) async fn matters_xlsx(staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    if !may(&staff, app) {
        return Err(WebError::Refused(Refusal::new("no_right")));
    }
    let mut asked = query(&visit.path);
    let conditions = active_words(&staff, app, &asked);
    asked.remove("after");
    let head: Vec<String> = COLUMNS.iter().map(|(_, heading)| visit.t(heading)).collect();
    let mut cells: Vec<Vec<Cell>> = Vec::new();
    loop {
        let found = find(&staff, &asked, STEP).await?;
        let rows = shell::rows(&staff, &found.matters).await?;
        cells.extend(rows.iter().map(|r| COLUMNS.iter().map(|(c, _)| Cell::text(text(r, c))).collect()));
        if cells.len() > ROWS_MOST {
            return Err(WebError::Refused(Refusal::new("export_many").with("max", ROWS_MOST)));
        }
        let Some(next) = found.next else { break };
        asked.insert("after".to_owned(), next.to_string());
    }
    let as_of = visit.t_with("desk.as_of", &[("at", show::full_moment(app.now()))]);
    let mut note: Vec<String> = app.demo().await?.map(|_| visit.t("common.demo_strip")).into_iter().collect();
    note.push(format!("{as_of} {}", visit.t_with("list.in_file", &[("n", cells.len().to_string())])));
    note.extend(conditions.iter().filter_map(|c| c.as_str().map(str::to_owned)));
    let title = visit.t("desk.nav_matters");
    let book = xiangyue_report::write_table_xlsx(&title, Some(&note.join(" · ")), &head, &cells);
    let bytes = book.map_err(|e| WebError::Fault(e.to_string()))?;
    Ok(download(&format!("{title}-{}.xlsx", app.now().day()), XLSX, bytes))
}

fn text(row: &Value, column: &str) -> String {
    match column {
        "limit" => row["limit"]["words"].as_str().unwrap_or("").to_owned(),
        _ => row[column].as_str().unwrap_or("").to_owned(),
    }
}
