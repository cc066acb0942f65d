//! `GET /hub/figures/{indicator}/xlsx`: the records behind a figure as a spreadsheet, under the same scope as on the
//! screen and without free words. For whoever may take a list out of the place.

use super::figure::indicator;
use super::records::{self, Asked, columns};
use super::say;
use super::view::View;
use crate::error::WebError;
use crate::page::{Answer, XLSX, download};
use crate::show;
use crate::visit::Staff;
use axum::extract::Path;
use xiangyue_domain::policy::Right;
use xiangyue_domain::refusal::Refusal;
use xiangyue_report::model::Cell;

/// Records in one sheet at most.
const MOST: usize = 5000;

/// The spreadsheet.
pub(crate) async fn figure_xlsx(Path(id): Path<String>, staff: Staff) -> Answer {
    let view = View::read(&staff, Right::Hub)?;
    if !records::may_export(&view) {
        return Err(WebError::Refused(Refusal::new("no_right")));
    }
    let (visit, policy) = (view.visit(), view.app.policy());
    let indicator = indicator(&view, &policy, &id)?;
    let mut asked = Asked::read(&view, &policy, indicator);
    asked.page.size = MOST;
    asked.page.after = None;
    let found = records::find(&view, &id, &asked).await?;
    let keys = ["number", "day", "kind", "title", "place", "by", "step", "part"];
    let head: Vec<String> = keys.iter().map(|k| visit.t(&format!("hub.column_{k}"))).collect();
    let rows: Vec<Vec<Cell>> = found
        .records
        .iter()
        .map(|record| {
            let known = columns(&view, indicator, record);
            let kind = policy.kind_of(&record.matter).map_or("", |k| show::kind(visit, k));
            let cell = |key: &str| match key {
                "kind" => Cell::text(kind),
                "title" => Cell::text(show::title(visit, view.app, &record.matter, None, None)),
                "part" => number(indicator.money, record.n),
                _ => Cell::text(known[key].as_str().unwrap_or("")),
            };
            keys.iter().map(|k| cell(k)).collect()
        })
        .collect();
    let name = records::name(&view, indicator, &asked);
    let title = format!("{} {name}", view.name(view.place));
    let note = note(&view, &asked, &found, say::value(indicator, found.figure), say::unit(&view, indicator));
    let bytes = xiangyue_report::write_table_xlsx(&title, Some(&note), &head, &rows)
        .map_err(|e| WebError::Fault(e.to_string()))?;
    Ok(download(&format!("{title}-{}.xlsx", view.period.cut_off), XLSX, bytes))
}

fn number(money: bool, n: i64) -> Cell {
    #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
    let value = if money { n as f64 / 100.0 } else { n as f64 };
    Cell::Number { value, decimals: if money { 2 } else { 0 } }
}

/// The figure itself, its period, what is left out, and that the data are a demonstration.
fn note(view: &View, asked: &Asked, found: &xiangyue_app::explain::Explanation, value: String, unit: &str) -> String {
    let visit = view.visit();
    let total = if asked.page.above { found.above } else { found.below };
    let mut parts = vec![
        visit.t_with(
            "hub.sheet_note",
            &[("days", view.days(view.period)), ("value", format!("{value}{unit}")), ("n", say::grouped(total))],
        ),
        view.as_of(),
    ];
    if found.hidden > 0 {
        parts.push(visit.t_with("hub.sheet_hidden", &[("n", found.hidden.to_string())]));
    }
    if total > i64::try_from(MOST).unwrap_or(i64::MAX) {
        parts.push(visit.t_with("hub.sheet_cut", &[("n", MOST.to_string())]));
    }
    if view.demo().is_some() {
        parts.insert(0, visit.t("common.demo_strip"));
    }
    parts.join(" · ")
}
