//! `GET /v/{code}/lists?q=`: every list that is not kept inside, searched. `GET /v/{code}/lists/{list}/{item}`: one item on
//! one page, with the chart of its flow, to print; `…/qr`: its address to scan. For everybody.

use super::{chart, grouped, list_of, listed, said, words};
use crate::error::WebError;
use crate::page::{Answer, query};
use crate::routes::portal::{origin, place, svg_of};
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::HeaderMap;
use serde_json::{Value, json};

/// `GET /v/{code}/lists?q=`
pub(crate) async fn lists(Path(code): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(&visit, &code)?;
    let policy = app.policy();
    let mut asked = query(&visit.path);
    let q = words(asked.remove("q").as_ref());
    let open = asked.remove("list").unwrap_or_default();
    let of = |(head, list): &(&xiangyue_domain::policy::ListHead, &xiangyue_domain::policy::Catalogue)| {
        let classes =
            grouped(&visit, list, &q, &|i| format!("/v/{code}/lists/{}/{}", head.id, i.code), &|_| String::new());
        let count: usize = classes.iter().filter_map(|c| c["items"].as_array()).map(Vec::len).sum();
        (count > 0).then(|| {
            json!({ "name": visit.locale.pick(&head.name, &head.name_en), "count": count, "sample": head.sample,
                "from": head.from, "basis": head.basis, "classes": classes, "open": !q.is_empty() || open == head.id })
        })
    };
    let shown = listed(&policy);
    let shown = shown.iter().filter(|(h, _)| !h.inside);
    let lists: Vec<Value> = shown.filter_map(of).collect();
    let values = json!({ "village": place::values(app, village), "lists": lists, "search": { "q": q } });
    visit.page("lists/public.html", &visit.t("lists.title"), values)
}

/// `GET /v/{code}/lists/{list}/{item}`
pub(crate) async fn item(Path((code, list, item)): Path<(String, String, String)>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(&visit, &code)?;
    let policy = app.policy();
    let (head, list) = list_of(&policy, &list).filter(|(h, _)| !h.inside).ok_or(WebError::NotFound)?;
    let item = list.leaves().find(|i| i.code == item).ok_or(WebError::NotFound)?;
    let kind = policy.kind(&item.row.flow);
    let url = format!("/v/{code}/lists/{}/{}", head.id, item.code);
    let name = visit.locale.pick(&item.name, &item.name_en).to_owned();
    let values = json!({
        "village": place::values(app, village),
        "list": { "name": visit.locale.pick(&head.name, &head.name_en), "from": head.from, "sample": head.sample,
            "url": format!("/v/{code}/lists?list={}", head.id) },
        "item": { "code": item.code, "name": name, "url": url, "said": said(&visit, &policy, list, item) },
        "chart": kind.map(|k| chart::draw(&visit, &policy, k, None)),
        "begin_url": kind.filter(|k| !k.intake.by.is_empty()).map(|k| chart::begin(k, &head.id, &item.code)),
        "qr": format!("{url}/qr"),
    });
    visit.page("lists/item.html", &name, values)
}

/// `GET /v/{code}/lists/{list}/{item}/qr`
pub(crate) async fn code(
    Path((code, list, item)): Path<(String, String, String)>,
    visit: Visit,
    headers: HeaderMap,
) -> Answer {
    place::by_code(&visit, &code)?;
    let policy = visit.app()?.policy();
    let (head, list) = list_of(&policy, &list).filter(|(h, _)| !h.inside).ok_or(WebError::NotFound)?;
    let item = list.leaves().find(|i| i.code == item).ok_or(WebError::NotFound)?;
    svg_of(&format!("{}/v/{code}/lists/{}/{}", origin(&visit, &headers), head.id, item.code))
}
