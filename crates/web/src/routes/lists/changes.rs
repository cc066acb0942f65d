//! `GET /desk/lists/{list}/changes?old=&new=`: what changed between two versions, item by item and column by column. For
//! whoever is signed in.

use super::{label, list_of};
use crate::error::WebError;
use crate::page::{Answer, query};
use crate::routes::desk::shell::nav;
use crate::visit::{Staff, Visit};
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_domain::day::Day;
use xiangyue_domain::policy::{Item, RowChange, list_changes};

/// The page; without a choice the version in force beside the one before it.
pub(crate) async fn changes(Path(id): Path<String>, staff: Staff) -> Answer {
    let policy = staff.app()?.policy();
    let visit = &staff.visit;
    let (head, list) = list_of(&policy, &id).ok_or(WebError::NotFound)?;
    let versions = list.versions();
    let asked = query(&visit.path);
    let chosen = |name: &str, usual: usize| -> Option<Day> {
        let day = asked.get(name).and_then(|d| Day::parse(d)).filter(|d| versions.contains(d));
        day.or_else(|| versions.get(usual).copied())
    };
    let (Some(old), Some(new)) = (chosen("old", 1), chosen("new", 0)) else { return Err(WebError::NotFound) };
    let items = |day: Day| list.version(day).unwrap_or_default();
    let option = |chosen: Day| -> Vec<Value> {
        versions.iter().map(|d| json!({ "value": d.to_string(), "selected": *d == chosen })).collect()
    };
    let name = visit.locale.pick(&head.name, &head.name_en).to_owned();
    let url = format!("/desk/lists/{}", head.id);
    let values = json!({
        "nav": nav(&staff, "lists").await?, "once": visit.once(),
        "crumbs": [{ "label": visit.t("lists.title"), "url": "/desk/lists" }, { "label": name, "url": url },
            { "label": visit.t("lists.changes"), "url": "" }],
        "name": name, "old": option(old), "new": option(new),
        "diff": shown(visit, items(old), items(new)),
    });
    visit.page("lists/changes.html", &visit.t("lists.changes"), values)
}

/// Changes as they are shown: `{added, removed, changed, rows}`.
pub(super) fn shown(visit: &Visit, old: &[Item], new: &[Item]) -> Value {
    let changes = list_changes(old, new);
    let count = |which: fn(&RowChange) -> bool| changes.iter().filter(|c| which(c)).count();
    let row = |change: &RowChange| {
        let (tone, key, item, columns) = match change {
            RowChange::Added(i) => ("good", "added", i, &[][..]),
            RowChange::Removed(i) => ("bad", "removed", i, &[][..]),
            RowChange::Changed(i, columns) => ("info", "changed", i, columns.as_slice()),
        };
        let columns: Vec<Value> =
            columns.iter().map(|c| json!({ "label": label(visit, c.column), "old": c.old, "new": c.new })).collect();
        json!({ "tone": tone, "word": visit.t(&format!("lists.{key}")), "code": item.code, "name": item.name, "columns": columns })
    };
    json!({
        "added": count(|c| matches!(c, RowChange::Added(_))),
        "removed": count(|c| matches!(c, RowChange::Removed(_))),
        "changed": count(|c| matches!(c, RowChange::Changed(..))),
        "rows": changes.iter().map(row).collect::<Vec<_>>(),
    })
}
