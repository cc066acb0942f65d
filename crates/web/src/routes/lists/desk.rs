//! `GET /desk/lists`: the lists by class, with their versions. `GET /desk/lists/{list}?q=`: one list with its items, each
//! with the way to begin what it names. For whoever is signed in; a list names nobody.

use super::exchange::may_send;
use super::{chart, grouped, list_of, listed, words};
use crate::error::WebError;
use crate::page::{Answer, query};
use crate::routes::desk::shell::nav;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::{Value, json};

/// `GET /desk/lists`
pub(crate) async fn all(staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let policy = app.policy();
    let shown = listed(&policy);
    let of = |class: &str| -> Vec<Value> {
        let own = shown.iter().filter(|(h, _)| h.class == class);
        own.map(|(h, list)| {
            json!({ "name": visit.locale.pick(&h.name, &h.name_en), "count": list.leaves().count(), "from": h.from,
                "owner": h.owner, "basis": h.basis, "sample": h.sample, "versions": list.versions().len(),
                "classes": list.items.iter().filter(|i| i.parent.is_empty()).count(),
                "url": format!("/desk/lists/{}", h.id) })
        })
        .collect()
    };
    let classes = policy.list_classes.iter().map(|c| (c, of(&c.id))).filter(|(_, lists)| !lists.is_empty());
    let classes: Vec<Value> =
        classes.map(|(c, lists)| json!({ "name": visit.locale.pick(&c.name, &c.name_en), "lists": lists })).collect();
    let values = json!({ "nav": nav(&staff, "lists").await?, "once": visit.once(), "classes": classes });
    visit.page("lists/desk.html", &visit.t("lists.title"), values)
}

/// `GET /desk/lists/{list}?q=`
pub(crate) async fn one(Path(id): Path<String>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let policy = app.policy();
    let (head, list) = list_of(&policy, &id).ok_or(WebError::NotFound)?;
    let q = words(query(&visit.path).get("q"));
    let begin = |i: &xiangyue_domain::policy::Item| {
        let kind = policy.kind(&i.row.flow).filter(|k| crate::routes::desk::intake::may_open(&staff, app, k));
        kind.map(|k| chart::begin(k, &head.id, &i.code)).unwrap_or_default()
    };
    let name = visit.locale.pick(&head.name, &head.name_en).to_owned();
    let url = format!("/desk/lists/{}", head.id);
    let values = json!({
        "nav": nav(&staff, "lists").await?, "once": visit.once(),
        "crumbs": [{ "label": visit.t("lists.title"), "url": "/desk/lists" }, { "label": name, "url": "" }],
        "list": { "name": name, "from": head.from, "basis": head.basis, "owner": head.owner, "sample": head.sample,
            "count": list.leaves().count(), "url": url },
        "classes": grouped(visit, list, &q, &|i| format!("{url}/items/{}", i.code), &begin), "search": { "q": q },
        "changes_url": (list.versions().len() > 1).then(|| format!("{url}/changes")),
        "xlsx_url": format!("{url}/xlsx"), "preview_url": may_send(&staff)?.then(|| format!("{url}/preview")), "max": crate::upload::SHEET_MAX_MB,
    });
    visit.page("lists/one.html", &name, values)
}
