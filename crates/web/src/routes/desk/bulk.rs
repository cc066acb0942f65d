//! `POST /desk/bulk`: one move for many rows that were ticked. Each row is moved for itself, under the same rules as on its
//! own page, and says what became of it; nothing is half done in silence.

use super::moves::{self, Again};
use super::shell;
use crate::error::WebError;
use crate::form::{Sent, read_staff};
use crate::page::Answer;
use crate::visit::Staff;
use axum::extract::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::matter::MoveForm;
use xiangyue_app::{App, AppError};
use xiangyue_domain::flow::{Ctx, candidates, offered};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{FieldType, Kind, Move};
use xiangyue_domain::register::Holder;

/// Rows moved at once at most.
const MOST: usize = 100;

/// The page: which move, what it asks for, or what became of each row.
pub(crate) async fn bulk(staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let picked = picked(&staff, app, &sent).await?;
    // A move that asks for nothing is made by its button alone.
    let one = sent.get("one");
    let wanted = if one.is_empty() { sent.get("mv") } else { one }.to_owned();
    if wanted.is_empty() {
        return choose(&staff, app, &picked).await;
    }
    let (kind, mv) = wanted.split_once(':').ok_or(WebError::NotFound)?;
    let fit: Vec<&Matter> = picked.iter().filter(|m| m.kind == kind && may(&staff, app, m, mv)).collect();
    if one.is_empty() && !sent.ticked("go") {
        return ask(&staff, app, &picked, &fit, mv, &Again::default()).await;
    }
    carry_out(&staff, app, &picked, (kind, mv), &sent).await
}

/// What was ticked and may be seen, in the order of the list.
async fn picked(staff: &Staff, app: &App, sent: &Sent) -> Result<Vec<Matter>, WebError> {
    let mut out = Vec::new();
    for id in sent.values("ids").filter_map(|i| i.parse::<MatterId>().ok()).take(MOST) {
        match app.find_matter(staff.user.account.id, id).await {
            Ok(matter) => out.push(matter),
            Err(AppError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(out)
}

/// Whether a move can be made without papers, which nobody gives for many rows at once.
fn is_plain(kind: &Kind, mv: &Move) -> bool {
    mv.require.iter().filter_map(|f| kind.field(f)).all(|f| f.kind != FieldType::File)
        && mv.open.as_ref().is_none_or(|o| !(o.required && o.assign.0 == "choose"))
}

fn offers(staff: &Staff, app: &App, matter: &Matter) -> Vec<Move> {
    let (policy, directory) = (app.policy(), app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let Some(kind) = policy.kind_of(matter) else { return Vec::new() };
    offered(ctx, matter, staff.user.account.id).into_iter().filter(|m| is_plain(kind, m)).cloned().collect()
}

fn may(staff: &Staff, app: &App, matter: &Matter, mv: &str) -> bool {
    offers(staff, app, matter).iter().any(|m| m.id == mv)
}

/// Who would have each row after the move, in the order of the rows; nothing for a row that does not allow it.
fn receivers(staff: &Staff, app: &App, picked: &[Matter], fit: &[&Matter], mv: &Move) -> Vec<Value> {
    let (policy, directory) = (app.policy(), app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let of = |m: &Matter| {
        let kind = policy.kind_of(m).filter(|_| fit.iter().any(|f| f.id == m.id))?;
        moves::goes_to(&staff.visit, app, ctx, kind, m, mv, staff)
    };
    picked.iter().map(|m| json!(of(m).unwrap_or_default())).collect()
}

/// Moves with the number of rows that allow each, most first.
async fn choose(staff: &Staff, app: &App, picked: &[Matter]) -> Answer {
    let visit = &staff.visit;
    let policy = app.policy();
    let mut counts: BTreeMap<(String, String), (usize, Move)> = BTreeMap::new();
    for matter in picked {
        for mv in offers(staff, app, matter) {
            counts.entry((matter.kind.clone(), mv.id.clone())).or_insert((0, mv)).0 += 1;
        }
    }
    let several = picked.iter().any(|m| m.kind != picked[0].kind);
    let mut list: Vec<(usize, Value)> = Vec::new();
    for ((kind, id), (n, mv)) in counts {
        let name = visit.locale.pick(&mv.name, &mv.name_en);
        let of = policy.kind(&kind).map_or("", |k| visit.locale.pick(&k.name, &k.name_en));
        let label = if several { format!("{name} · {of}") } else { name.to_owned() };
        // What hands rows out shows first to whom each would go.
        let asks = mv.fields.iter().any(|f| mv.require.contains(f)) || mv.hands_on();
        let words = visit.t_with("orders.bulk_n", &[("n", n.to_string())]);
        list.push((n, json!({"value": format!("{kind}:{id}"), "label": label, "words": words, "go": !asks})));
    }
    list.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    let moves: Vec<Value> = list.into_iter().map(|(_, v)| v).collect();
    show(staff, picked, json!({"moves": moves, "form": null, "mv": "", "done": []})).await
}

/// What the move asks for, once for all rows.
async fn ask(staff: &Staff, app: &App, picked: &[Matter], fit: &[&Matter], mv: &str, again: &Again) -> Answer {
    let first = fit.first().ok_or(WebError::NotFound)?;
    let found = offers(staff, app, first).into_iter().find(|m| m.id == mv).ok_or(WebError::NotFound)?;
    let policy = app.policy();
    let kind = policy.kind_of(first).ok_or(WebError::NotFound)?;
    let mut fields = Vec::new();
    if found.assign.as_ref().is_some_and(|a| a.0 == "choose") {
        fields.push(holders(staff, app, fit, &found));
    }
    let plain = found.fields.iter().filter_map(|f| kind.field(f)).filter(|f| f.kind != FieldType::File);
    fields.extend(plain.map(|f| moves::field(&staff.visit, &policy, f, found.require.contains(&f.id), again)));
    let form = json!({"name": staff.visit.locale.pick(&found.name, &found.name_en), "fields": fields,
        "words": staff.visit.t_with("orders.bulk_n", &[("n", fit.len().to_string())])});
    let value = format!("{}:{mv}", first.kind);
    let goes = receivers(staff, app, picked, fit, &found);
    show(staff, picked, json!({"moves": [], "form": form, "mv": value, "done": [], "goes": goes})).await
}

/// Posts that may be chosen for every one of the rows.
fn holders(staff: &Staff, app: &App, fit: &[&Matter], mv: &Move) -> Value {
    let (policy, directory) = (app.policy(), app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let mut common: Option<Vec<Holder>> = None;
    for matter in fit {
        let open = candidates(ctx, matter, mv);
        common = Some(match common {
            Some(list) => list.into_iter().filter(|h| open.contains(h)).collect(),
            None => open,
        });
    }
    moves::holder_field(staff, app, &common.unwrap_or_default(), &Again::default())
}

/// Moves each row and says what became of it.
async fn carry_out(staff: &Staff, app: &App, picked: &[Matter], (kind, mv): (&str, &str), sent: &Sent) -> Answer {
    let visit = &staff.visit;
    let mut done = Vec::new();
    for matter in picked {
        let form = MoveForm {
            mv: mv.to_owned(),
            version: sent.get(&format!("v{}", matter.id)).parse().ok(),
            typed: sent.fields.clone(),
            to: Holder::parse(sent.get("to")),
            ..MoveForm::default()
        };
        let key = sent.once().map(|once| format!("{once}/{}", matter.id));
        let result = if matter.kind == kind {
            app.make_move(staff.user.account.id, matter.id, form, key).await
        } else {
            Err(xiangyue_domain::refusal::Refusal::new("no_move").into())
        };
        done.push(match result {
            Ok(_) => json!({"tone": "good", "words": visit.t("orders.bulk_done")}),
            Err(AppError::Refused(refusal)) => {
                let faults: Vec<String> = visit.faults(&refusal).into_values().collect();
                let words = if faults.is_empty() { visit.refusal(&refusal) } else { faults.join(" ") };
                json!({"tone": "bad", "words": words})
            }
            Err(AppError::NotFound) => json!({"tone": "bad", "words": visit.t("orders.bulk_gone")}),
            Err(error) => return Err(error.into()),
        });
    }
    // Rows are shown as they stand now.
    let mut now = Vec::new();
    for matter in picked {
        now.push(app.find_matter(staff.user.account.id, matter.id).await.unwrap_or_else(|_| matter.clone()));
    }
    show(staff, &now, json!({"moves": [], "form": null, "mv": "", "done": done})).await
}

async fn show(staff: &Staff, picked: &[Matter], state: Value) -> Answer {
    let visit = &staff.visit;
    let mut rows = shell::rows(staff, picked).await?;
    let done = state["done"].as_array().cloned().unwrap_or_default();
    for (n, (row, matter)) in rows.iter_mut().zip(picked).enumerate() {
        row["version"] = json!(matter.version().to_string());
        row["result"] = done.get(n).cloned().unwrap_or(Value::Null);
        row["goes"] = state["goes"].get(n).cloned().unwrap_or_default();
    }
    let goes = rows.iter().any(|r| r["goes"].as_str().is_some_and(|g| !g.is_empty()));
    let good = done.iter().filter(|d| d["tone"] == "good").count();
    let said = [("n", good.to_string()), ("bad", (done.len() - good).to_string())];
    let values = json!({
        "nav": shell::nav(staff, "matters").await?,
        "once": visit.once(),
        "crumbs": [{"label": visit.t("desk.nav_matters"), "url": "/desk/matters"}, {"label": visit.t("orders.bulk"), "url": ""}],
        "rows": rows,
        "goes": goes,
        "moves": state["moves"],
        "form": state["form"],
        "mv": state["mv"],
        "said": if done.is_empty() { Value::Null } else { json!(visit.t_with("orders.bulk_said", &said)) },
    });
    visit.page("desk/bulk.html", &visit.t("orders.bulk"), values)
}
