//! Beside a matter: who leads and who assists with how far each is, the matter above, what the same person reported
//! before, articles of the knowledge base. What a reader may not open is named, and never linked.

use super::moves::{Again, Offers};
use super::shell;
use crate::error::WebError;
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::App;
use xiangyue_app::kin::Below;
use xiangyue_app::view::Opened;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Field, FieldType, Item, Kind, Policy};

/// Articles suggested at most.
const ARTICLES: usize = 3;

/// The unit that leads, then those that assist or follow something up, each with its step, limit and answer.
pub(super) async fn units(staff: &Staff, app: &App, opened: &Opened) -> Result<Vec<Value>, WebError> {
    let matter = &opened.matter;
    let below = app.below(staff.user.account.id, matter).await?;
    if below.is_empty() {
        return Ok(Vec::new());
    }
    let visit = &staff.visit;
    let holder = |m: &Matter| m.holder.as_ref().map(|h| show::holder(visit, app, h)).unwrap_or_default();
    let lead = json!({"unit": holder(matter), "role": visit.t("orders.lead"), "number": "", "url": "", "answer": "",
        "step": show::step(visit, app, &matter.kind, &matter.step), "limit": shell::limit(staff, app, matter)});
    Ok(std::iter::once(lead).chain(below.iter().map(|b| part(staff, app, b, &holder(&b.matter)))).collect())
}

fn part(staff: &Staff, app: &App, below: &Below, holder: &str) -> Value {
    let visit = &staff.visit;
    let part = &below.matter;
    let policy = app.policy();
    let role = policy.kind_of(part).map_or("", |k| show::kind(visit, k));
    let said: Vec<&str> = below.said.values().map(String::as_str).collect();
    // Whoever ended it has it no more; the last one that had it answers for what was done.
    let last = part.previous.last().map(|h| show::holder(visit, app, h)).unwrap_or_default();
    json!({"unit": if holder.is_empty() { last.as_str() } else { holder }, "role": role, "number": part.number,
        "url": if below.seen { format!("/desk/matters/{}", part.id) } else { String::new() },
        "step": show::step(visit, app, &part.kind, &part.step), "limit": shell::limit(staff, app, part),
        "answer": said.join("\n")})
}

/// The matter that this one is a part of.
pub(super) async fn above(staff: &Staff, app: &App, matter: &Matter) -> Result<Value, WebError> {
    let Some((parent, seen)) = app.above(staff.user.account.id, matter).await? else { return Ok(Value::Null) };
    let visit = &staff.visit;
    let policy = app.policy();
    let unit = parent.holder.as_ref().map(|h| show::holder(visit, app, h)).unwrap_or_default();
    Ok(
        json!({"number": parent.number, "kind": policy.kind_of(&parent).map_or("", |k| show::kind(visit, k)), "unit": unit,
        "step": show::step(visit, app, &parent.kind, &parent.step), "limit": shell::limit(staff, app, &parent),
        "url": if seen { format!("/desk/matters/{}", parent.id) } else { String::new() }}),
    )
}

/// Whether one of two matters opened the other, or a third one opened both.
pub(super) fn of_one_family(a: &Matter, b: &Matter) -> bool {
    a.parent == Some(b.id) || b.parent == Some(a.id) || a.parent.is_some() && a.parent == b.parent
}

/// What the same person reported before, as far as the reader may see it.
pub(super) async fn earlier(staff: &Staff, app: &App, opened: &Opened) -> Result<Vec<Value>, WebError> {
    let mut found = app.earlier(staff.user.account.id, opened).await?;
    found.retain(|m| !of_one_family(m, &opened.matter));
    if found.is_empty() { Ok(Vec::new()) } else { shell::rows(staff, &found).await }
}

/// The field of an intake form that names the earlier matter of a repeated request.
pub(super) fn repeats(kind: &Kind) -> Option<&Field> {
    kind.intake_fields().into_iter().find(|f| f.kind == FieldType::Matter)
}

/// What came from the telephone that stands in an intake form, each with what makes it a repeated request. What is about
/// the same sort of thing as the form is marked.
pub(super) async fn calls(staff: &Staff, app: &App, kind: &Kind, again: &Again) -> Result<Value, WebError> {
    let typed = |id: &str| again.typed.get(id).map_or("", String::as_str);
    let found = app.earlier_calls(staff.user.account.id, typed("reporter_phone")).await?;
    let mut rows = if found.is_empty() { Vec::new() } else { shell::rows(staff, &found).await? };
    let field = repeats(kind);
    for (row, matter) in rows.iter_mut().zip(&found) {
        let about = matter.values.get("category").and_then(Value::as_str).unwrap_or("");
        row["same"] = json!(!about.is_empty() && matter.kind == kind.id && about == typed("category"));
        row["fills"] = field.filter(|_| matter.kind == kind.id).map_or(Value::Null, |f| json!(f.id));
    }
    Ok(json!(rows))
}

/// Addresses of the matters that fields of this one name by number, such as the earlier one of a repeated request.
pub(super) async fn links(
    staff: &Staff,
    app: &App,
    kind: &Kind,
    matter: &Matter,
) -> Result<BTreeMap<String, String>, WebError> {
    let mut out = BTreeMap::new();
    for field in kind.fields.iter().filter(|f| f.kind == FieldType::Matter) {
        let Some(number) = matter.values.get(&field.id).and_then(Value::as_str) else { continue };
        if let Some(found) = app.find_number(staff.user.account.id, number).await? {
            out.insert(field.id.clone(), format!("/desk/matters/{}", found.id));
        }
    }
    Ok(out)
}

/// Items of a field's catalogue that are about what the matter is about, nearest first.
pub(super) fn about<'a>(policy: &'a Policy, kind: &Kind, matter: &Matter, field: &Field) -> Vec<&'a Item> {
    let Some(list) = field.catalogue.as_deref().and_then(|c| policy.catalogue(c)) else { return Vec::new() };
    let mut out: Vec<&Item> = Vec::new();
    for other in kind.fields.iter().filter(|f| f.id != field.id) {
        let Some(catalogue) = other.catalogue.as_deref().and_then(|c| policy.catalogue(c)) else { continue };
        let Some(code) = matter.values.get(&other.id).and_then(Value::as_str) else { continue };
        let chain: Vec<&str> = catalogue.chain(code).into_iter().map(|i| i.code.as_str()).collect();
        out.extend(list.about(&chain));
    }
    out
}

/// Articles that may answer the matter, each with the address that puts it into the form of the move.
pub(super) fn knowledge(staff: &Staff, offers: &Offers, kind: &Kind, matter: &Matter) -> Vec<Value> {
    let filled = |id: &String| kind.field(id).filter(|f| f.fills.is_some());
    let Some((mv, field)) = offers.moves.iter().find_map(|mv| Some((mv, mv.fields.iter().find_map(filled)?))) else {
        return Vec::new();
    };
    let one = |item: &Item| {
        json!({"name": staff.visit.locale.pick(&item.name, &item.name_en), "text": item.text, "basis": item.basis,
            "url": format!("/desk/matters/{}?do={}&use={}#do-{}", matter.id, mv.id, item.code, mv.id)})
    };
    about(offers.ctx.policy, kind, matter, field).into_iter().take(ARTICLES).map(one).collect()
}
