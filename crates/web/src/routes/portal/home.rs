//! `GET /`: which village? `GET /v/{code}`: a village's page with what it has done lately. For everybody.

use super::place;
use crate::page::{Answer, query};
use crate::visit::Visit;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_app::works::Work;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::Level;

/// Villages that a search shows at most.
const FOUND: usize = 60;
/// Works shown on a village's page.
const RECENT: usize = 6;
/// Longest search.
const SEARCH_MAX: usize = 20;
/// Endings that people say or leave out.
const ENDINGS: &[&str] = &["村民委员会", "居民委员会", "村委会", "居委会", "社区", "村", "嘎查"];

/// `GET /?q=`
pub(crate) async fn home(visit: Visit) -> Answer {
    let app = visit.app()?;
    let q: String = query(&visit.path).remove("q").unwrap_or_default().trim().chars().take(SEARCH_MAX).collect();
    let directory = app.directory();
    let (tree, day) = (&directory.tree, app.now().day());
    let below = |id: RegionId, level: Level| {
        let list = tree.children(id, day);
        list.into_iter().filter(move |r| tree.get(*r).is_some_and(|r| r.level == level))
    };
    let towns: Vec<(RegionId, Vec<RegionId>)> = tree
        .root(day)
        .map(|root| below(root, Level::Town).map(|t| (t, below(t, Level::Village).collect())).collect())
        .unwrap_or_default();
    let link = |v: &RegionId| json!({ "name": tree.display(*v, day), "url": format!("/v/{}", tree.code(*v, day)) });
    let shown: Vec<Value> = towns
        .iter()
        .filter(|(_, villages)| !villages.is_empty())
        .map(|(town, villages)| {
            json!({
                "name": tree.display(*town, day),
                "count": villages.len(),
                "open": towns.len() == 1,
                "villages": villages.iter().map(link).collect::<Vec<_>>(),
            })
        })
        .collect();
    let results = if q.is_empty() { Value::Null } else { json!(search(app, &towns, &q)) };
    let title = visit.t("portal.home_title");
    visit.page("portal/home.html", &title, json!({ "towns": shown, "search": { "q": q, "results": results } }))
}

/// Villages whose name holds what was typed; the ending does not matter.
fn search(app: &App, towns: &[(RegionId, Vec<RegionId>)], q: &str) -> Vec<Value> {
    let directory = app.directory();
    let (tree, day) = (&directory.tree, app.now().day());
    let stem = ENDINGS.iter().find_map(|e| q.strip_suffix(e)).filter(|s| !s.is_empty()).unwrap_or(q);
    let named = |id: &RegionId, text: &str| {
        let span = tree.get(*id).and_then(|r| r.span(day));
        span.is_some_and(|s| s.display.contains(text) || s.name.contains(text))
    };
    let all = || towns.iter().flat_map(|(town, villages)| villages.iter().map(move |v| (*town, *v)));
    let exact: Vec<_> = all().filter(|(_, v)| named(v, q)).collect();
    let found = if exact.is_empty() { all().filter(|(_, v)| named(v, stem)).collect() } else { exact };
    let line = |(town, v): (RegionId, RegionId)| {
        let url = format!("/v/{}", tree.code(v, day));
        json!({ "name": tree.display(v, day), "town": tree.display(town, day), "url": url })
    };
    found.into_iter().take(FOUND).map(line).collect()
}

/// `GET /v/{code}`
pub(crate) async fn village(Path(code): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let id = place::by_code(&visit, &code)?;
    let recent: Vec<Value> = app.public_works(id, RECENT).await?.iter().map(|w| work(&visit, w)).collect();
    let village = place::values(app, id);
    let title = village["name"].as_str().unwrap_or_default().to_owned();
    let policy = app.policy();
    let points = xiangyue_app::points::claim_kind(&policy.kinds, &policy.ledger).map(|_| format!("/v/{code}/points"));
    let open = xiangyue_app::due::duty_kind(&policy).map(|_| format!("/v/{code}/open"));
    let boards = xiangyue_app::board::board_kinds(&policy).next().map(|_| format!("/v/{code}/boards"));
    let listed = policy.catalogues.values().filter_map(|c| c.head.as_ref()).any(|h| !h.inside);
    let lists = listed.then(|| format!("/v/{code}/lists"));
    let own = xiangyue_app::own::own_kind(&policy).map(|_| format!("/v/{code}/own"));
    let values = json!({
        "village": village, "recent": recent, "points_url": points, "open_url": open, "own_url": own, "lists_url": lists,
        "boards_url": boards, "boards_title": super::board::title(&visit, &policy),
    });
    visit.page("portal/village.html", &title, values)
}

fn work(visit: &Visit, work: &Work) -> Value {
    let category = visit.locale.pick(&work.category.0, &work.category.1).to_owned();
    let text = match &work.words {
        Some(words) => visit.t_with("portal.work_told", &[("what", category), ("words", words.clone())]),
        None => visit.t_with("portal.work_done", &[("what", category)]),
    };
    let day = work.day.to_string();
    json!({ "text": text, "date": day[5..], "iso": day, "url": null })
}
