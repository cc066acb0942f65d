//! `GET /v/{code}/points/rules`: what points are given and taken for, by class, with cap, evidence, days in force and the
//! vote that adopted each; versions that are over or to come stand below it. For everybody, no login.

use super::place;
use crate::error::WebError;
use crate::page::Answer;
use crate::visit::Visit;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::points::claim_kind;
use xiangyue_domain::day::Day;
use xiangyue_domain::policy::{Cap, LedgerRules, Legal, Per, PointsRule, UnitKind};
use xiangyue_domain::region::FOREVER;

/// The page.
pub(crate) async fn points_rules(Path(code): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let id = place::by_code(&visit, &code)?;
    let policy = app.policy();
    let rules = &policy.ledger;
    if claim_kind(&policy.kinds, rules).is_none() {
        return Err(WebError::NotFound);
    }
    let today = app.now().day();
    let of = |u: &UnitKind| class(&visit, rules, u, today);
    let classes: Vec<Value> = rules.units.iter().map(of).filter(|c| c["rows"] != json!([])).collect();
    let sample = rules.rules.iter().any(|r| r.sample);
    let values = json!({"village": place::values(app, id), "classes": classes, "sample": sample,
        "back": format!("/v/{code}/points")});
    visit.page("portal/points_rules.html", &visit.t("points_rules.title"), values)
}

/// The rules of a class in force on a day, each with its other versions.
fn class(visit: &Visit, rules: &LedgerRules, unit: &UnitKind, today: Day) -> Value {
    let now = rules.rules.iter().filter(|r| r.class == unit.id && r.from <= today && today <= r.to);
    let row = |rule: &PointsRule| {
        let others = rules.versions(&rule.code).filter(|v| v.from != rule.from);
        let mut value = version(visit, unit, rule);
        value["others"] = others.map(|v| version(visit, unit, v)).collect();
        value
    };
    json!({"name": visit.locale.pick(&unit.name, &unit.name_en), "rows": now.map(row).collect::<Vec<_>>()})
}

fn version(visit: &Visit, unit: &UnitKind, rule: &PointsRule) -> Value {
    let points = if rule.points > 0 { format!("+{}", rule.points) } else { rule.points.to_string() };
    let span = if rule.to >= FOREVER {
        visit.t_with("points_rules.from", &[("day", rule.from.to_string())])
    } else {
        format!("{} — {}", rule.from, rule.to)
    };
    json!({
        "item": visit.locale.pick(&rule.item, &rule.item_en), "points": format!("{points} {}", unit.word), "down": rule.points < 0,
        "per": rule.per, "cap": rule.cap.map(|c| cap(visit, c)), "evidence": rule.evidence, "review": rule.review,
        "collective": rule.legal == Legal::Collective, "note": rule.legal_note, "span": span, "basis": rule.basis,
    })
}

fn cap(visit: &Visit, cap: Cap) -> String {
    let per = match cap.per {
        Per::Day => "day",
        Per::Month => "month",
        Per::Quarter => "quarter",
        Per::Year => "year",
    };
    let what = if cap.times { "times" } else { "points" };
    visit.t_with(&format!("points_rules.cap_{what}_{per}"), &[("n", cap.most.to_string())])
}
