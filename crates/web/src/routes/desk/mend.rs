//! Forms that put right what was entered wrongly: a place or category, the same matter twice, an entry that never should
//! have been. Only for whoever has the right at the matter's place.

use super::matter::has;
use super::moves::{self, Again};
use crate::visit::Staff;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Kind, Right};

/// Puts a wrong place or category right.
pub(super) fn correct(staff: &Staff, app: &App, kind: &Kind, matter: &Matter, again: &Again) -> Value {
    let gone = matter.voided || matter.merged_into.is_some();
    if gone || !has(staff, app, matter, Right::Correct) {
        return Value::Null;
    }
    let visit = &staff.visit;
    if again.mv != "correct" {
        return moves::far(matter, "correct", &visit.t("desk.correct"), false);
    }
    let policy = app.policy();
    let mut fields = Vec::new();
    for field in kind.intake_fields().into_iter().filter(|f| f.catalogue.is_some()) {
        let mut shown = Again { faults: again.faults.clone(), ..Again::default() };
        let now = matter.values.get(&field.id).and_then(Value::as_str).unwrap_or("").to_owned();
        shown.typed.insert(field.id.clone(), again.typed.get(&field.id).cloned().unwrap_or(now));
        fields.push(moves::field(visit, &policy, field, true, &shown));
    }
    fields.push(super::intake::place_field(staff, app, Some(matter.place), again));
    fields.push(moves::plain_field("reason", visit.t("desk.why"), "text", true, "", again));
    let mut form = moves::form(
        "correct",
        visit.t("desk.correct"),
        format!("/desk/matters/{}/correct", matter.id),
        Some(matter),
        fields,
    );
    form["needs"] = json!([visit.t("desk.correct_needs")]);
    form["open"] = json!(true);
    form
}

/// The same matter came in twice: this one flows into the one whose number is given.
pub(super) fn merge(staff: &Staff, app: &App, matter: &Matter, again: &Again) -> Option<Value> {
    let alive = !matter.voided && matter.merged_into.is_none() && matter.phase != xiangyue_domain::policy::Phase::Final;
    if !alive || !has(staff, app, matter, Right::Merge) {
        return None;
    }
    let visit = &staff.visit;
    let none = Again::default();
    let again = if again.mv == "merge" { again } else { &none };
    let field = moves::plain_field("into", visit.t("desk.merge_into"), "text", true, "", again);
    let url = format!("/desk/matters/{}/merge", matter.id);
    let mut form = moves::form("merge", visit.t("desk.merge"), url, Some(matter), vec![field]);
    form["needs"] = json!([visit.t("desk.merge_needs")]);
    form["open"] = json!(!again.faults.is_empty());
    Some(form)
}

/// Voids a wrong entry.
pub(super) fn void(staff: &Staff, app: &App, matter: &Matter, again: &Again) -> Value {
    let gone = matter.voided || matter.merged_into.is_some();
    if gone || !has(staff, app, matter, Right::Void) {
        return Value::Null;
    }
    let visit = &staff.visit;
    let again = if again.mv == "void" { again } else { &Again::default() };
    let fields = vec![moves::plain_field("reason", visit.t("desk.why"), "longtext", true, "", again)];
    let mut form =
        moves::form("void", visit.t("desk.void"), format!("/desk/matters/{}/void", matter.id), Some(matter), fields);
    form["danger"] = json!(true);
    form["warning"] = json!(visit.t("desk.void_warning"));
    form["open"] = json!(!again.faults.is_empty());
    form
}
