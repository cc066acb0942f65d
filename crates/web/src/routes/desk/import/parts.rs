//! Parts of the page of an import: the matching of columns, faults in words.

use crate::visit::{Staff, Visit};
use serde_json::{Value, json};
use xiangyue_app::import::{CellFault, Job, Look, State};
use xiangyue_domain::policy::Sheet;
use xiangyue_sheet::column_letters;

/// Letters of a column.
pub(super) fn letters(column: usize) -> String {
    column_letters(column)
}

/// A fault in words.
pub(in crate::routes::desk) fn say(visit: &Visit, fault: &CellFault) -> String {
    visit.web.locales().text(visit.locale, &fault.key, &fault.args)
}

/// The form by which columns are matched by hand.
pub(super) fn matching(staff: &Staff, sheet: &Sheet, job: &Job, look: &Look) -> Value {
    if job.state != State::Checked {
        return Value::Null;
    }
    let visit = &staff.visit;
    let columns: Vec<Value> = sheet
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let chosen = job.columns.get(i).copied().flatten();
            let option = |(at, heading): (usize, &String)| {
                json!({"value": at, "label": format!("{} {heading}", letters(at)), "selected": chosen == Some(at)})
            };
            json!({
                "name": format!("c{i}"),
                "label": column.heading,
                "required": column.required,
                "hint": column.hint,
                "guess": look.guessed.contains(&i),
                "missing": column.required && chosen.is_none(),
                "options": look.headings.iter().enumerate().map(option).collect::<Vec<_>>(),
            })
        })
        .collect();
    let used: Vec<usize> = job.columns.iter().flatten().copied().collect();
    let unused: Vec<String> = look
        .headings
        .iter()
        .enumerate()
        .filter(|(i, h)| !used.contains(i) && !h.is_empty())
        .map(|(i, h)| format!("{} {h}", letters(i)))
        .collect();
    let worksheet = |(i, name): (usize, &String)| json!({"value": i, "label": name, "selected": i == job.worksheet});
    json!({
        "open": !look.missing.is_empty(),
        "columns": columns,
        "head_row": job.head_row,
        "worksheets": if look.worksheets.len() > 1 { look.worksheets.iter().enumerate().map(worksheet).collect() } else { Vec::new() },
        "worksheet": job.worksheet,
        "unused": if unused.is_empty() { String::new() } else { visit.t_with("import.unused", &[("list", visit.list(&unused))]) },
    })
}
