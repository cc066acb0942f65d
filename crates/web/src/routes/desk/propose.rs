//! What is proposed to whoever hands a matter out: the catalogue's owner, or whom the county's past names more clearly; how
//! sure that is, and the nearest cases. One key accepts it; the person decides.

use super::moves::{self, Offers};
use super::shell;
use crate::error::WebError;
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_domain::flow::{candidates, resolve};
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::Move;
use xiangyue_domain::register::Holder;

/// Least confidence at which the past is put before the catalogue, and at which another category is mentioned.
const CLEAR: f64 = 0.6;

/// The proposal with its reasons; nothing where the usual next move is no handing out.
pub(super) async fn proposal(
    staff: &Staff,
    app: &App,
    offers: &Offers<'_>,
    matter: &Matter,
) -> Result<Value, WebError> {
    let mut value = moves::proposal(staff, app, offers, matter);
    if value.is_null() || app.policy().settings.as_ref().is_some_and(|s| !s.propose) {
        return Ok(value);
    }
    let advice = app.advice(matter).await?;
    let usual = usual(staff, offers, matter);
    let past = advice.handlers.first().cloned();
    let chosen = match (&past, &usual) {
        (Some((holder, sure)), Some(owner)) if holder != owner && *sure >= CLEAR => {
            hand_to(staff, app, offers, matter, holder, &mut value).then(|| holder.clone())
        }
        _ => None,
    };
    let Some(to) = chosen.or(usual) else { return Ok(value) };
    let sure = advice.handlers.iter().find(|(h, _)| *h == to).map(|(_, sure)| *sure);
    value["sure"] = json!(sure.map(|s| percent(staff, s)).unwrap_or_default());
    let near = app.nearest(staff.user.account.id, matter).await?;
    if !near.is_empty() {
        let same = near.iter().filter(|p| app.was_handled_by(p, &to)).count();
        let key = if same == near.len() { "search.near_all" } else { "search.near_some" };
        let slots = [("n", near.len().to_string()), ("k", same.to_string())];
        value["why"] = json!(staff.visit.t_with(key, &slots));
        let matters: Vec<Matter> = near.iter().map(|p| p.matter.clone()).collect();
        let mut rows = shell::rows(staff, &matters).await?;
        for (row, past) in rows.iter_mut().zip(&near) {
            row["unit"] = json!(handler(staff, app, &past.handler, &past.matter));
        }
        value["similar"] = json!(rows);
    }
    value["category"] = category(staff, app, matter, &advice);
    Ok(value)
}

fn percent(staff: &Staff, share: f64) -> String {
    staff.visit.t_with("search.confidence", &[("n", format!("{:.0}", (share * 100.0).floor()))])
}

/// The move that one key makes: the usual one, where it goes by the catalogue.
fn usual(staff: &Staff, offers: &Offers, matter: &Matter) -> Option<Holder> {
    let ctx = offers.ctx;
    let kind = ctx.policy.kind_of(matter)?;
    let mv = offers.usual()?;
    let by = Who::Account { account: staff.user.account.id, post: matter.holder.clone() };
    resolve(ctx, kind, matter, mv.assign.as_ref()?, &by, None).ok().flatten()
}

/// Turns the proposal to a move that lets one choose this post; `false` where there is none.
fn hand_to(staff: &Staff, app: &App, offers: &Offers, matter: &Matter, to: &Holder, value: &mut Value) -> bool {
    let ctx = offers.ctx;
    let chooses = |mv: &&Move| {
        let free = mv.assign.as_ref().is_some_and(|a| a.0 == "choose") && mv.require.is_empty();
        free && candidates(ctx, matter, mv).contains(to)
    };
    let Some(mv) = offers.moves.iter().copied().find(chooses) else { return false };
    value["words"] = json!(show::holder(&staff.visit, app, to));
    value["label"] = json!(staff.visit.locale.pick(&mv.name, &mv.name_en));
    value["url"] = json!(format!("/desk/matters/{}/moves/{}", matter.id, mv.id));
    value["hidden"] = json!([{"name": "to", "value": to.key()}]);
    true
}

/// Who handled a past case, by name.
fn handler(staff: &Staff, app: &App, label: &str, matter: &Matter) -> String {
    let holder =
        Holder::parse(label).or_else(|| app.directory().post_over(&app.policy(), label, matter.place, app.now().day()));
    holder.map(|h| show::holder(&staff.visit, app, &h)).unwrap_or_default()
}

/// Another category that the words speak for more clearly than for the one that was entered.
fn category(staff: &Staff, app: &App, matter: &Matter, advice: &xiangyue_app::advice::Advice) -> Value {
    let entered = matter.values.get("category").and_then(Value::as_str).unwrap_or("");
    let Some(best) = advice.categories.first() else { return Value::Null };
    let policy = app.policy();
    let list = policy.kind_of(matter).and_then(|k| k.field("category")).and_then(|f| f.catalogue.as_deref());
    let Some(item) = list.and_then(|c| policy.catalogue(c)).and_then(|c| c.item(&best.label)) else {
        return Value::Null;
    };
    if best.label == entered || best.confidence < CLEAR {
        return Value::Null;
    }
    let name = staff.visit.locale.pick(&item.name, &item.name_en).to_owned();
    let n = format!("{:.0}", (best.confidence * 100.0).floor());
    json!(staff.visit.t_with("search.category_maybe", &[("what", name), ("n", n)]))
}
