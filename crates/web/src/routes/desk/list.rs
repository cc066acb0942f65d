//! `GET /desk/matters`: every matter in my scope, filtered, paged by key. The spreadsheet of the same list is `list_file.rs`;
//! both find through [`find`], so that a file never holds another list than the page.

use super::{category, list_file, saved, shell};
use crate::error::WebError;
use crate::page::{Answer, query};
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::search::{Found, Sought};
use xiangyue_app::{App, Filter};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::Level;
use xiangyue_domain::register::Holder;

/// Rows on a page.
const PAGE: i64 = 40;
/// Values of `holder` besides a post: nobody has it; somebody at the place of the list or below.
pub(crate) const NOBODY: &str = "nobody";
pub(crate) const HERE: &str = "here";
/// Letters of a search that a label shows.
const SHOWN: usize = 24;

pub(super) type Asked = BTreeMap<String, String>;

pub(super) fn filter(app: &App, asked: &Asked, limit: i64) -> Filter {
    let get = |k: &str| asked.get(k).cloned().unwrap_or_default();
    let day = |k: &str| Day::parse(&get(k)).map_or(0, |d| i64::from(d.0));
    let today = app.now().day();
    let (now, limited) = (app.now(), get("limit"));
    let place = app.directory().tree.by_code(&get("place"), today).map_or(0, |r| r.id.0);
    Filter {
        kinds: get("kind").split(',').filter(|k| !k.is_empty()).map(str::to_owned).collect(),
        phase: get("status"),
        place,
        categories: category::narrowed(&app.policy(), &get("kind"), &get("category")),
        overdue_at: if limited == "over" { now.0 } else { 0 },
        in_limit_at: if limited == "today" || limited == "in" { now.0 } else { 0 },
        due_before: if limited == "today" { now.day().plus(1).start().0 } else { 0 },
        holders: holders(app, asked),
        from: day("from"),
        to: day("to"),
        before: get("after").parse().unwrap_or(0),
        limit,
    }
}

/// Posts that the list is narrowed to: the one that is named, those of the place and below, or every post of a unit. None
/// for no unit, and one that nobody holds for an unknown one.
fn holders(app: &App, asked: &Asked) -> Vec<String> {
    let get = |k: &str| asked.get(k).map_or("", String::as_str);
    let unit = get("unit");
    match get("holder") {
        "" if unit.is_empty() => return Vec::new(),
        "" => {}
        NOBODY => return vec![String::new()],
        HERE => return holders_at(app, get("place")),
        post => return vec![post.to_owned()],
    }
    let directory = app.directory();
    let seat = directory.unit(unit).map_or(0, |o| o.id.0);
    let key = |post: &str| Holder { post: post.to_owned(), seat }.key();
    app.policy().posts.iter().filter(|p| p.unit).map(|p| key(&p.id)).collect()
}

/// Every post at a place and below, and nobody: what lies there and no post has taken is there as well.
fn holders_at(app: &App, code: &str) -> Vec<String> {
    let (directory, policy, day) = (app.directory(), app.policy(), app.now().day());
    let mut out = vec![String::new()];
    let mut left: Vec<RegionId> = directory.tree.by_code(code, day).map(|r| r.id).into_iter().collect();
    while let Some(place) = left.pop() {
        let level = directory.tree.get(place).map(|r| r.level);
        let here = policy.posts.iter().filter(|p| !p.unit && Some(p.level) == level);
        out.extend(here.map(|p| Holder { post: p.id.clone(), seat: place.0 }.key()));
        left.extend(directory.tree.children(place, day));
    }
    out
}

/// Rows of the list, or of what was searched for, and where the next page begins.
pub(super) async fn find(staff: &Staff, asked: &Asked, limit: i64) -> Result<Found, WebError> {
    let app = staff.app()?;
    let account = staff.user.account.id;
    let words = asked.get("q").map_or("", |q| q.trim());
    let filter = filter(app, asked, limit);
    if let Some(id) = asked.get("same").and_then(|id| id.parse().ok()) {
        let matters = app.of_same_caller(account, id).await?;
        return Ok(Found { matters, next: None, sought: Sought::Words });
    }
    if !words.is_empty() {
        return Ok(app.search_for(account, words, &filter).await?);
    }
    // One more than fits says that there is a next page.
    let more = Filter { limit: limit + 1, ..filter };
    let mut matters = app.list(account, &more).await?;
    let full = matters.len() as i64 > limit;
    matters.truncate(usize::try_from(limit).unwrap_or(0));
    let next = matters.last().map(|m| m.id.0).filter(|_| full);
    Ok(Found { matters, next, sought: Sought::Words })
}

/// The page.
pub(crate) async fn matters(staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let asked = query(&visit.path);
    let found = find(&staff, &asked, PAGE).await?;
    let rows = shell::rows(&staff, &found.matters).await?;
    let next = found.next.map(|n| address("/desk/matters", &asked, &[("after", &n.to_string())])).unwrap_or_default();
    let label = visit.t("desk.nav_matters");
    let filters = filters(&staff, app, &asked);
    let values = json!({
        "nav": shell::nav(&staff, "matters").await?,
        "once": visit.once(),
        "q": asked.get("q").cloned().unwrap_or_default(),
        "sought": saved::sought(&staff, &asked, &found),
        "saved": saved::saved(&staff, &asked).await?,
        "filters": filters,
        "active": active(&staff, &asked, &filters),
        "clear_url": "/desk/matters",
        "copy_text": shell::paragraph(&staff, &label, &rows)?,
        "total_words": total(&staff, &asked, rows.len(), &next),
        "as_of": visit.t_with("desk.as_of", &[("at", show::full_moment(app.now()))]),
        "sorted_words": visit.t("desk.sorted"),
        "pager": {"prev": if asked.contains_key("after") { address("/desk/matters", &asked, &[("after", "")]) } else { String::new() },
            "next": next,
            "words": visit.t_with("desk.rows", &[("n", rows.len().to_string())])},
        "export_url": if list_file::may(&staff, app) { address("/desk/matters.xlsx", &asked, &[("after", "")]) } else { String::new() },
        "sheets_url": if app.export_sheets(staff.user.account.id).is_empty() { String::new() } else { address("/desk/export", &asked, &[("after", "")]) },
        "bulk": [{"label": visit.t("orders.bulk"), "url": "/desk/bulk"}, {"label": visit.t("desk.print_orders"), "url": "/desk/matters/print"}],
        "empty": if rows.is_empty() { saved::empty(&staff, &next) } else { Value::Null },
        "rows": rows,
    });
    visit.page("desk/matters.html", &label, values)
}

/// How many rows there are. Where the list was opened by a number, that number is said as the overview's, and not counted a
/// second time; where fewer are here, that is said as well.
fn total(staff: &Staff, asked: &Asked, rows: usize, next: &str) -> String {
    let first = asked.get("after").is_none_or(String::is_empty);
    let counted = asked.get("counted").and_then(|n| n.parse::<usize>().ok()).filter(|n| *n >= rows && rows > 0);
    let more = if next.is_empty() { "" } else { "+" };
    let (key, n) = match counted {
        None => ("desk.rows", format!("{rows}{more}")),
        Some(n) if n == rows && first && next.is_empty() => ("list.counted", n.to_string()),
        Some(n) if !first => ("list.counted_page", n.to_string()),
        Some(n) if next.is_empty() => ("list.counted_fewer", n.to_string()),
        Some(n) => ("list.counted_first", n.to_string()),
    };
    staff.visit.t_with(key, &[("n", n), ("rows", rows.to_string())])
}

/// The filters in force, in words.
pub(super) fn active_words(staff: &Staff, app: &App, asked: &Asked) -> Vec<Value> {
    active(staff, asked, &filters(staff, app, asked)).into_iter().map(|a| a["label"].clone()).collect()
}

/// An address with some values replaced; empty ones are left out.
pub(super) fn address(path: &str, asked: &Asked, change: &[(&str, &str)]) -> String {
    let mut all: BTreeMap<&str, &str> = asked.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    all.extend(change.iter().copied());
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() || b"-._".contains(&b) {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect()
    };
    let pairs: Vec<String> =
        all.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

fn filters(staff: &Staff, app: &App, asked: &Asked) -> Value {
    let visit = &staff.visit;
    let get = |k: &str| asked.get(k).cloned().unwrap_or_default();
    let option = |value: &str, label: String, group: &str, chosen: &str| json!({"value": value, "label": label, "group": group, "selected": value == chosen});
    let any = |key: &str, chosen: &str| option("", visit.t(key), "", chosen);
    let policy = app.policy();
    let mut kinds = vec![any("desk.any", &get("kind"))];
    kinds.extend(
        policy
            .kinds
            .iter()
            .filter(|k| !k.sealed)
            .map(|k| option(&k.id, show::kind(visit, k).to_owned(), "", &get("kind"))),
    );
    // Several kinds stand in one number of the hub; as a choice they stand together.
    if get("kind").contains(',') {
        let all = get("kind");
        let names = all.split(',').filter_map(|k| policy.kind(k)).map(|k| show::kind(visit, k).to_owned());
        kinds.push(option(&all, visit.list(names), "", &all));
    }
    let mut status = vec![any("desk.any", &get("status"))];
    for phase in ["active", "open", "answered", "closed", "final"] {
        status.push(option(phase, visit.t(&format!("desk.phase_{phase}")), "", &get("status")));
    }
    let mut limit = vec![any("desk.any", &get("limit"))];
    limit.extend(["over", "today", "in"].map(|l| option(l, visit.t(&format!("desk.limit_{l}")), "", &get("limit"))));
    json!({"kind": kinds, "status": status, "place": places(staff, app, &get("place")), "limit": limit,
        "category": category::filter(visit, &policy, &get("kind"), &get("category")), "unit": units(staff, app, &get("unit")),
        "from": get("from"), "to": get("to"), "holder": get("holder")})
}

/// Places below the reader's own: what lies directly below each, and of the one that is chosen what lies below it and beside.
fn places(staff: &Staff, app: &App, chosen: &str) -> Vec<Value> {
    let directory = app.directory();
    let (tree, day) = (&directory.tree, app.now().day());
    let option = |id: RegionId, group: &str| {
        let code = tree.code(id, day);
        json!({"value": code, "label": tree.display(id, day), "group": group, "selected": code == chosen})
    };
    let mut out = vec![
        json!({"value": "", "label": staff.visit.t("desk.any_place"), "group": "", "selected": chosen.is_empty()}),
    ];
    let mut roots: Vec<RegionId> =
        directory.posts_of(staff.user.account.id, day).iter().filter_map(|h| directory.region_of(h)).collect();
    roots.sort();
    roots.dedup();
    // Towns, villages and grids on the way to the chosen one are unfolded.
    let way: Vec<RegionId> = tree.by_code(chosen, day).map(|r| tree.ancestors(r.id, day)).unwrap_or_default();
    for root in roots {
        if tree.get(root).is_some_and(|r| r.level != Level::County) {
            out.push(option(root, ""));
        }
        out.extend(tree.children(root, day).into_iter().map(|t| option(t, "")));
        for up in way.iter().rev().filter(|up| **up != root && tree.ancestors(**up, day).contains(&root)) {
            let group = tree.display(*up, day);
            out.extend(tree.children(*up, day).into_iter().map(|t| option(t, group)));
        }
    }
    out
}

/// Units that may have something of the list, in the official order; for whoever is above them.
fn units(staff: &Staff, app: &App, chosen: &str) -> Vec<Value> {
    let (directory, day) = (app.directory(), app.now().day());
    let option =
        |value: &str, label: &str| json!({"value": value, "label": label, "group": "", "selected": value == chosen});
    let mut out = vec![option("", &staff.visit.t("desk.any"))];
    let at: Vec<RegionId> = directory
        .posts_of(staff.user.account.id, day)
        .iter()
        .filter(|h| directory.tree.get(RegionId(h.seat)).is_some())
        .map(|h| RegionId(h.seat))
        .collect();
    let mut orgs: Vec<_> = directory.orgs.values().filter(|o| at.contains(&o.region)).collect();
    orgs.sort_by_key(|o| o.order);
    out.extend(orgs.into_iter().map(|o| option(&o.unit, &o.short)));
    out
}

/// The whole path of the category that the list is narrowed to.
fn path_of(staff: &Staff, asked: &Asked, code: &str) -> Option<String> {
    let kind = asked.get("kind").map_or("", String::as_str);
    let path = category::path(&staff.visit, &staff.app().ok()?.policy(), kind, code);
    Some(path).filter(|path| !path.is_empty())
}

/// The beginning of what was searched for, as a label has room for.
fn cut(words: &str) -> String {
    let mut shown: String = words.chars().take(SHOWN).collect();
    if shown.len() < words.len() {
        shown.push('…');
    }
    shown
}

/// Name of a unit as staff say it.
fn app_unit(staff: &Staff, unit: &str) -> String {
    let short = staff.app().ok().and_then(|app| app.directory().unit(unit).map(|o| o.short.clone()));
    short.unwrap_or_else(|| unit.to_owned())
}

/// Who has it, as the filter says it.
fn holder_words(staff: &Staff, holder: &str) -> String {
    match (holder, Holder::parse(holder), staff.app()) {
        (NOBODY, ..) => staff.visit.t("hub.nobody"),
        (HERE, ..) => staff.visit.t("list.holder_here"),
        (_, Some(post), Ok(app)) => show::holder(&staff.visit, app, &post),
        _ => holder.to_owned(),
    }
}

fn active(staff: &Staff, asked: &Asked, filters: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    for key in ["kind", "category", "status", "place", "limit", "unit", "holder", "from", "to", "q"] {
        let Some(value) = asked.get(key).filter(|v| !v.is_empty()) else { continue };
        let named = filters[key].as_array().and_then(|a| a.iter().find(|o| o["value"] == json!(value)));
        let label = named.and_then(|o| o["label"].as_str()).unwrap_or(value).to_owned();
        let shown = match key {
            "category" => match path_of(staff, asked, value) {
                Some(path) => path,
                None => continue,
            },
            "unit" => app_unit(staff, value),
            "holder" => holder_words(staff, value),
            "q" => cut(&label),
            "from" | "to" => format!("{} {label}", staff.visit.t(&format!("desk.{key}"))),
            _ => label,
        };
        out.push(json!({"label": shown, "url": address("/desk/matters", asked, &[(key, ""), ("after", ""), ("counted", "")])}));
    }
    out
}
