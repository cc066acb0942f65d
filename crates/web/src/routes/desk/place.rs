//! `GET /desk/places/{code}`: all that concerns a place, for whoever has a post over it or in it.

use super::shell;
use crate::error::WebError;
use crate::page::Answer;
use crate::visit::Staff;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::composite::is_ratio;
use xiangyue_app::indicator::Figures;
use xiangyue_app::period::{Change, Period, Span, compare};
use xiangyue_app::{App, AppError, Filter};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Level, Right};

/// The page.
pub(crate) async fn place(Path(code): Path<String>, staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let (directory, day) = (app.directory(), app.now().day());
    let id = directory.tree.by_code(&code, day).map(|r| r.id).ok_or(WebError::NotFound)?;
    if !is_mine(&staff, app, id) {
        return Err(WebError::NotFound);
    }
    let name = directory.tree.display(id, day).to_owned();
    let level = directory.tree.get(id).map_or(Level::County, |r| r.level);
    let filter = Filter {
        place: if level == Level::County { 0 } else { id.0 },
        phase: "active".to_owned(),
        limit: 12,
        ..Filter::default()
    };
    let found = app.list(staff.user.account.id, &filter).await?;
    let matters = shell::rows(&staff, &found).await?;
    let period = Period::of(Span::Year, day, 0, (day, day));
    let children = children(app, id).await?;
    let crumbs = crumbs(app, id);
    let values = json!({
        "nav": shell::nav(&staff, "places").await?, "once": visit.once(), "crumbs": crumbs,
        "place": {"name": name, "code": code, "level": visit.t(&format!("desk.level_{}", level.as_str())), "words": words(&staff, app, id).await?},
        "period": visit.t_with("desk.place_period", &[("from", period.from.to_string()), ("to", period.to.to_string())]),
        "figures": figures(&staff, app, id, period).await?,
        "people": people(&staff, app, id), "people_url": format!("/desk/people?place={code}"),
        "copy_text": shell::paragraph(&staff, &name, &matters)?,
        "matters_words": visit.t_with("desk.rows", &[("n", matters.len().to_string())]),
        "matters": matters, "matters_url": format!("/desk/matters?place={code}"),
        "duties": [], "done": [], "children": children,
        "children_label": visit.t("desk.places_below"),
    });
    visit.page("desk/place.html", &name, values)
}

/// The places above, from the root down.
fn crumbs(app: &App, id: RegionId) -> Vec<Value> {
    let (directory, day) = (app.directory(), app.now().day());
    let crumb = |a: &RegionId| {
        let url = if *a == id { String::new() } else { format!("/desk/places/{}", directory.tree.code(*a, day)) };
        json!({"label": directory.tree.display(*a, day), "url": url})
    };
    directory.tree.ancestors(id, day).iter().rev().map(crumb).collect()
}

/// Whether the place lies in one of the account's own, or one of them in it.
fn is_mine(staff: &Staff, app: &App, id: RegionId) -> bool {
    let (directory, day) = (app.directory(), app.now().day());
    directory
        .posts_of(staff.user.account.id, day)
        .iter()
        .filter_map(|h| directory.region_of(h))
        .any(|own| directory.tree.ancestors(id, day).contains(&own) || directory.tree.ancestors(own, day).contains(&id))
}

async fn words(staff: &Staff, app: &App, id: RegionId) -> Result<String, WebError> {
    let day = app.now().day();
    let mut parts = Vec::new();
    for what in ["village", "grid", "natural_unit"] {
        let n = app.count_register(what, id, day).await?;
        if n > 0 {
            parts.push(staff.visit.t_with(&format!("desk.count_{what}"), &[("n", n.to_string())]));
        }
    }
    Ok(parts.join(&staff.visit.t("desk.comma")))
}

async fn figures(staff: &Staff, app: &App, id: RegionId, period: Period) -> Result<Vec<Value>, WebError> {
    let (policy, directory, day) = (app.policy(), app.directory(), app.now().day());
    let visit = &staff.visit;
    let hub = directory.has_right(&policy, staff.user.account.id, Right::Hub, id, day);
    if !hub {
        return Ok(Vec::new());
    }
    let shown: Vec<_> = policy.indicators.iter().filter(|i| i.headline).collect();
    let ids: Vec<&str> = shown.iter().map(|i| i.id.as_str()).collect();
    let now = app.figures(&ids, &[id], period).await?;
    let before = match period.year_before() {
        Some(base) => app.figures(&ids, &[id], base).await?,
        None => Figures::default(),
    };
    let code = directory.tree.code(id, day);
    let mut out = Vec::new();
    for indicator in shown {
        let key = (id, indicator.id.clone());
        let value = now.get(&key).and_then(|f| f.value);
        let change = compare(value, before.get(&key).and_then(|f| f.value), is_ratio(indicator));
        let compare = match change {
            Change::Percent(p) => format!("{p:+.1}%"),
            Change::Points(p) => visit.t_with("desk.points", &[("n", format!("{p:+.2}"))]),
            Change::BaseZero => visit.t("desk.base_zero"),
            Change::None => String::new(),
        };
        let text = value.map_or_else(
            || "—".to_owned(),
            |v| if is_ratio(indicator) { format!("{v:.2}") } else { format!("{v:.0}") },
        );
        out.push(json!({"label": visit.locale.pick(&indicator.name, &indicator.name_en), "value": text,
            "unit": visit.locale.pick(&indicator.unit, &indicator.unit_en), "compare": compare,
            "url": format!("/hub/figures/{}?region={code}&period=year", indicator.id)}));
    }
    Ok(out)
}

fn people(staff: &Staff, app: &App, id: RegionId) -> Vec<Value> {
    let policy = app.policy();
    app.posts_at(id.0)
        .into_iter()
        .take(12)
        .map(|(term, account)| {
            let post = policy.post(&term.holder.post).map_or("", |p| staff.visit.locale.pick(&p.name, &p.name_en)).to_owned();
            json!({"post": post, "holder": account.name, "phone": account.phone.chars().filter(char::is_ascii_digit).collect::<String>(),
                "phone_display": account.phone, "state": "ok", "term": ""})
        })
        .collect()
}

/// Places below with what is open and overdue there, from two queries.
async fn children(app: &App, id: RegionId) -> Result<Vec<Value>, WebError> {
    let (directory, day) = (app.directory(), app.now().day());
    let root = directory.tree.root(day) == Some(id);
    let open = app.pool().open_by_place(app.realm(), if root { 0 } else { id.0 }).await.map_err(AppError::from)?;
    let below = directory.tree.children(id, day);
    let list = below.iter().map(|child| {
        let inside = |place: i64| directory.tree.ancestors(RegionId(place), day).contains(child);
        let n: i64 = open.iter().filter(|(p, _)| inside(*p)).map(|(_, n)| n).sum();
        json!({"name": directory.tree.display(*child, day), "url": format!("/desk/places/{}", directory.tree.code(*child, day)), "open": n, "late": 0})
    });
    Ok(list.collect())
}
