//! `GET /desk/matters/{id}/register`: the register of a decision on paper, one sheet a stage, as the pack lays it out. For
//! whoever may see the matter.

use crate::error::WebError;
use crate::page::Answer;
use crate::show;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::view::Opened;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::policy::{Kind, Move, RegisterPage};
use xiangyue_domain::refusal::Refusal;

/// The register.
pub(crate) async fn register(Path(id): Path<MatterId>, staff: Staff) -> Answer {
    let (app, visit, account) = (staff.app()?, &staff.visit, staff.user.account.id);
    let matter = app.find_matter(account, id).await?;
    let opened = app.open_for(account, matter).await?;
    let policy = app.policy();
    // Pages are words on paper and move nothing: those in force are printed, whatever flow the matter runs under.
    let kind = policy.kind(&opened.matter.kind).ok_or(WebError::NotFound)?;
    if kind.pages.is_empty() {
        return Err(WebError::Refused(Refusal::new("no_register")));
    }
    let vars = opened.matter.vars(kind);
    let holds = |p: &&RegisterPage| p.when.as_ref().is_none_or(|when| when.holds(&vars).unwrap_or(false));
    let there: Vec<&RegisterPage> = kind.pages.iter().filter(holds).collect();
    let total = there.len();
    let pages: Vec<Value> = (1..).zip(there).map(|(n, page)| sheet(&staff, kind, &opened, page, (n, total))).collect();
    let values = json!({
        "once": visit.once(),
        "back": format!("/desk/matters/{id}"),
        "number": opened.matter.number,
        "heading": format!("{}{}", show::place(app, opened.matter.place, opened.matter.accepted), show::kind(visit, kind)),
        "pages": pages,
    });
    visit.page("assembly/register.html", &visit.t("assembly.register"), values)
}

/// The body that decided on this page: that of the move made; before one is made, of the move that can be.
fn body_of<'a>(kind: &'a Kind, opened: &Opened, page: &'a RegisterPage) -> Option<&'a str> {
    let vars = opened.matter.vars(kind);
    let made =
        opened.matter.trail.iter().rev().find(|t| page.moves.contains(&t.mv)).and_then(|t| kind.find_move(&t.mv));
    let fits = |m: &&Move| m.when.as_ref().is_none_or(|when| when.holds(&vars).unwrap_or(false));
    let can = || page.moves.iter().filter_map(|id| kind.find_move(id)).find(fits);
    let vote = made.or_else(can).and_then(|m| m.vote.as_ref());
    vote.map(|v| v.body.as_str()).or(page.body.as_deref())
}

fn sheet(staff: &Staff, kind: &Kind, opened: &Opened, page: &RegisterPage, (n, total): (usize, usize)) -> Value {
    let (visit, matter) = (&staff.visit, &opened.matter);
    let Ok(app) = staff.app() else { return Value::Null };
    let policy = app.policy();
    let made = matter.trail.iter().rev().find(|t| page.moves.contains(&t.mv));
    let body = body_of(kind, opened, page).and_then(|b| policy.body(b));
    let day = made.map_or_else(|| app.now().day(), |t| t.at.day());
    let row = |id: &String| {
        let field = kind.field(id)?;
        let plain = matter.values.get(id).map(|v| show::value(visit, app, kind, id, v));
        let channel = (id == "channel").then(|| show::channel(visit, app, &matter.kind, matter.channel()));
        let value = plain.or_else(|| opened.texts.get(id).cloned()).or(channel).unwrap_or_default();
        Some(json!({ "label": visit.locale.pick(&field.label, &field.label_en), "value": value }))
    };
    json!({
        "n": n, "total": total,
        "name": visit.locale.pick(&page.name, &page.name_en),
        "at": made.map(|t| show::full_moment(t.at)),
        "by": made.map(|t| show::who(visit, app, &t.by)),
        "rows": page.fields.iter().filter_map(row).collect::<Vec<_>>(),
        "basis": body.and_then(|b| b.rule(day)).map(|r| r.basis.clone()),
        "sign": page.sign,
    })
}
