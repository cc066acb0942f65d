//! `POST /desk/filters`, `POST /desk/filters/{id}/drop`: filters of the list kept under a name, and what the list says
//! of a search. For staff; a shared filter shows each reader what that reader may see.

use super::list::{Asked, address};
use crate::error::WebError;
use crate::form::{form_pairs, read_staff};
use crate::page::{Answer, see_other};
use crate::show;
use crate::visit::Staff;
use axum::extract::{Path, Request};
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_app::search::{Found, Sought};
use xiangyue_domain::ids::FilterId;
use xiangyue_domain::register::Holder;

/// What makes up a filter; a page of it does not.
const KEPT: &[&str] = &["kind", "status", "place", "limit", "unit", "holder", "category", "from", "to", "q"];

/// What was looked for, in words; nothing where the list was only narrowed.
pub(super) fn sought(staff: &Staff, asked: &Asked, found: &Found) -> Value {
    if asked.get("q").is_none_or(|q| q.trim().is_empty()) {
        return Value::Null;
    }
    let key = match found.sought {
        Sought::Number => "search.by_number",
        Sought::Person => "search.by_person",
        Sought::Words => "search.by_words",
        // A number that was typed in full and is nobody's is a number all the same.
        Sought::Nothing if asked.get("q").is_some_and(|q| q.bytes().any(|b| b.is_ascii_digit())) => {
            "search.by_no_number"
        }
        Sought::Nothing => "search.by_nothing",
    };
    let part = found.next.is_some() && found.matters.len() < 40;
    json!({"words": staff.visit.t(key), "part": if part { staff.visit.t("search.part") } else { String::new() }})
}

/// An empty list says what to do; a search that has not been through everything goes on.
pub(super) fn empty(staff: &Staff, next: &str) -> Value {
    let visit = &staff.visit;
    if next.is_empty() {
        return json!({"title": visit.t("desk.empty_search"), "words": visit.t("search.empty_words"),
            "url": "/desk/matters", "label": visit.t("desk.filters_clear")});
    }
    json!({"title": visit.t("search.part"), "words": visit.t("search.part_words"), "url": next,
        "label": visit.t("search.go_on")})
}

/// The saved filters, and the form that saves the present one.
pub(super) async fn saved(staff: &Staff, asked: &Asked) -> Result<Value, WebError> {
    let app = staff.app()?;
    let visit = &staff.visit;
    let account = staff.user.account.id;
    let kept = app.filters(account).await?;
    let filters: Vec<Value> = kept
        .into_iter()
        .map(|f| {
            let query = form_pairs(f.query.as_bytes()).into_iter().collect();
            let shared = f.post.as_ref().map(|p| show::holder(visit, app, p)).unwrap_or_default();
            json!({"name": f.name, "url": address("/desk/matters", &query, &[]), "shared": shared,
                "drop_url": format!("/desk/filters/{}/drop", f.id)})
        })
        .collect();
    let query = query(asked);
    let directory = app.directory();
    let posts: Vec<Value> = directory
        .posts_of(account, app.now().day())
        .into_iter()
        .map(|h| json!({"value": h.key(), "label": show::holder(visit, app, h)}))
        .collect();
    Ok(json!({"filters": filters, "query": query, "posts": posts}))
}

/// The filter in force as a query; empty where nothing narrows the list.
fn query(asked: &Asked) -> String {
    let kept = asked.iter().filter(|(k, _)| KEPT.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    address("", &kept, &[]).trim_start_matches('?').to_owned()
}

/// `POST /desk/filters`
pub(crate) async fn save_filter(staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let asked: Asked = form_pairs(sent.get("query").as_bytes()).into_iter().collect();
    let query = query(&asked);
    let post = Holder::parse(sent.get("post"));
    let account = staff.user.account.id;
    match staff.app()?.save_filter(account, sent.get("name"), &query, post, sent.once()).await {
        Ok(()) => Ok(see_other(&format!("/desk/matters?{query}"))),
        Err(AppError::Refused(refusal)) => Err(WebError::Refused(refusal)),
        Err(error) => Err(error.into()),
    }
}

/// `POST /desk/filters/{id}/drop`
pub(crate) async fn drop_filter(Path(id): Path<FilterId>, staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    staff.app()?.drop_filter(staff.user.account.id, id, sent.once()).await?;
    Ok(see_other("/desk/matters"))
}
