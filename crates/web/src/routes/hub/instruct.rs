//! What waits for a word of whoever leads: overdue matters, the longest first, each leading straight to the form of the
//! instruction. Only what the reader may give one on is here.

use super::view::View;
use crate::error::WebError;
use crate::show;
use serde_json::{Value, json};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::Policy;

/// Matters shown at most.
pub(super) const MOST: usize = 5;

/// The move by which an instruction is given.
pub(super) fn by(policy: &Policy) -> &str {
    policy.settings.as_ref().map_or("", |s| s.warnings.instruct.as_str())
}

/// The list, with the name that the pack gives the move.
pub(super) async fn list(view: &View<'_>, policy: &Policy, matters: &[Matter]) -> Result<Value, WebError> {
    let (visit, mv) = (view.visit(), by(policy));
    let titles = view.app.titles(matters).await?;
    let named = matters.first().and_then(|m| policy.kind_of(m)?.find_move(mv));
    let name = named.map_or("", |m| visit.locale.pick(&m.name, &m.name_en));
    let row = |matter: &Matter| {
        let words = titles.get(&matter.id.0).and_then(|t| t.get("words")).map(String::as_str).filter(|w| !w.is_empty());
        let late = matter.due().map(|due| show::limit(visit, view.app, due));
        json!({
            "title": show::title(visit, view.app, matter, None, words),
            "number": matter.number,
            "place": show::place(view.app, matter.place, view.day),
            "late": late.map(|l| l.left).unwrap_or_default(),
            "url": format!("/desk/matters/{}?do={mv}#do-{mv}", matter.id),
        })
    };
    // What was instructed is followed in a list of its own, until it is struck off.
    let task = policy.settings.as_ref().and_then(|s| policy.kind(&s.warnings.task));
    let follow = task.map(|k| {
        let url = format!("/desk/matters?kind={}&status=active", k.id);
        json!({"url": url, "label": visit.t_with("leader.follow", &[("what", show::kind(visit, k).to_owned())])})
    });
    Ok(json!({"name": name, "follow": follow, "rows": matters.iter().map(row).collect::<Vec<_>>()}))
}
