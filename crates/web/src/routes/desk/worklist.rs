//! `GET /desk`: what I have to do, nearest limit first; what is overdue in my places; one matter opened beside.

use super::moves::{self, Again, Offers};
use super::{matter, shell, story};
use crate::error::WebError;
use crate::page::{Answer, query, see_other};
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use xiangyue_app::search::Sought;
use xiangyue_app::{App, AppError, Filter};
use xiangyue_domain::flow::Ctx;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Matter;

/// Rows on the worklist at most; what is beyond is reached through the list.
const ROWS: i64 = 60;

/// Lines of its story that the matter beside the list shows.
const LAST: usize = 6;

/// Requests that stand above the list.
const ASKED: usize = 8;

/// The page.
pub(crate) async fn worklist(staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let asked = query(&visit.path);
    let words = asked.get("q").map_or("", String::as_str).trim().to_owned();
    let tab = asked.get("tab").map_or("mine", String::as_str);
    if !words.is_empty() {
        return searched(&staff, app, &words).await;
    }
    let matters = find(&staff, app, tab).await?;
    let mut items = shell::rows(&staff, &matters).await?;
    for (item, matter) in items.iter_mut().zip(&matters) {
        item["quick"] = json!(quick(&staff, app, matter));
        item["open_url"] = json!(format!("/desk?tab={tab}&open={}", matter.id));
    }
    let opened = match asked.get("open").and_then(|o| o.parse::<MatterId>().ok()).or(matters.first().map(|m| m.id)) {
        Some(id) => opened(&staff, app, id).await?,
        None => Value::Null,
    };
    let label = visit.t("desk.nav_worklist");
    let values = json!({
        "nav": shell::nav(&staff, "worklist").await?,
        "once": visit.once(),
        "tabs": tabs(&staff, app, tab).await?,
        "q": words,
        "kept": [{"name": "tab", "value": tab}],
        "intake": super::intake::link(&staff, app),
        "brief": waiting(&staff, app).await?,
        "copy_text": shell::paragraph(&staff, &label, &items)?,
        "bulk": [{"label": visit.t("orders.bulk"), "url": "/desk/bulk"}, {"label": visit.t("desk.print_orders"), "url": "/desk/matters/print"}],
        "empty": if items.is_empty() { empty(&staff, tab) } else { Value::Null },
        "pager": {"prev": "", "next": if matters.len() as i64 >= ROWS { "/desk/matters?status=active" } else { "" },
            "words": visit.t_with("desk.rows", &[("n", items.len().to_string())])},
        "items": items,
        "opened": opened,
    });
    visit.page("desk/worklist.html", &label, values)
}

/// What somebody asks the reader to decide, a line each above the list.
async fn waiting(staff: &Staff, app: &App) -> Result<Vec<Value>, WebError> {
    let visit = &staff.visit;
    let asked = app.asked_of(staff.user.account.id).await?;
    let policy = app.policy();
    let matters: Vec<Matter> = asked.iter().take(ASKED).map(|(m, _)| m.clone()).collect();
    let rows = shell::rows(staff, &matters).await?;
    let line = |(row, (matter, mv)): (&Value, &(Matter, String))| {
        let named = policy.kind_of(matter).and_then(|k| k.find_move(mv));
        let what = named.map_or_else(String::new, |m| visit.locale.pick(&m.name, &m.name_en).to_owned());
        let title = row["title"].as_str().unwrap_or_default().to_owned();
        json!({"words": visit.t_with("desk.asked", &[("what", what), ("title", title)]), "url": row["url"]})
    };
    let mut lines: Vec<Value> = rows.iter().zip(&asked).map(line).collect();
    if asked.len() > ASKED {
        let n = (asked.len() - ASKED).to_string();
        lines.push(json!({"words": visit.t_with("desk.asked_more", &[("n", n)]), "url": "/desk/notices"}));
    }
    Ok(lines)
}

/// A number or a person that stands for one matter leads to it; everything else is looked for in the list.
async fn searched(staff: &Staff, app: &App, words: &str) -> Answer {
    let filter = Filter { limit: 2, ..Filter::default() };
    let found = app.search_for(staff.user.account.id, words, &filter).await?;
    match found.matters.as_slice() {
        [only] if found.sought != Sought::Words => Ok(see_other(&format!("/desk/matters/{}", only.id))),
        _ => {
            let asked = [("q".to_owned(), words.to_owned())].into();
            Ok(see_other(&super::list::address("/desk/matters", &asked, &[])))
        }
    }
}

async fn find(staff: &Staff, app: &App, tab: &str) -> Result<Vec<Matter>, WebError> {
    let scope = app.scope(staff.user.account.id);
    let found = match tab {
        "overdue" => app.pool().overdue(app.realm(), &scope, app.now().0, 0, ROWS).await,
        "unit" => {
            let filter = Filter { phase: "active".to_owned(), limit: ROWS, ..Filter::default() };
            app.pool().list_matters(app.realm(), &scope, &filter).await
        }
        _ => app.pool().worklist(app.realm(), &scope, ROWS).await,
    };
    Ok(found.map_err(AppError::from)?)
}

async fn tabs(staff: &Staff, app: &App, current: &str) -> Result<Value, WebError> {
    let visit = &staff.visit;
    let scope = app.scope(staff.user.account.id);
    let (mine, late) = app.pool().count_mine(app.realm(), &scope.holders, app.now().0).await.map_err(AppError::from)?;
    let over = app.pool().overdue(app.realm(), &scope, app.now().0, 0, 100).await.map_err(AppError::from)?.len();
    let tab = |id: &str, count: i64, late: bool| {
        json!({"id": id, "label": visit.t(&format!("desk.tab_{id}")), "url": format!("/desk?tab={id}"), "count": count,
            "current": id == current, "late": late})
    };
    Ok(json!([tab("mine", mine, late > 0), tab("unit", 0, false), tab("overdue", over as i64, over > 0)]))
}

/// At most two moves for the phone: the usual one, and one that hands it on.
fn quick(staff: &Staff, app: &App, matter: &Matter) -> Vec<Value> {
    moves::first_moves(staff, app, matter, 2)
}

/// The matter opened beside the list; one that may not be seen is simply not opened.
async fn opened(staff: &Staff, app: &App, id: MatterId) -> Result<Value, WebError> {
    let account = staff.user.account.id;
    let found = match app.find_matter(account, id).await {
        Ok(found) => found,
        Err(AppError::NotFound) => return Ok(Value::Null),
        Err(error) => return Err(error.into()),
    };
    let opened = app.open_for(account, found).await?;
    let policy = app.policy();
    let Some(kind) = policy.kind_of(&opened.matter) else { return Ok(Value::Null) };
    let title = show::title(&staff.visit, app, &opened.matter, Some(&opened), None);
    let mut value = matter::head(staff, app, kind, &opened, &title);
    let more = opened.lines.len().saturating_sub(LAST);
    let mut history = story::history(staff, app, kind, &opened, more).await?;
    history.reverse();
    let directory = app.directory();
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let offers = Offers::of(staff, ctx, &opened.matter);
    value["act"] = matter::act(staff, app, &offers, &opened, &Again::default()).await?;
    value["facts"] = json!(story::facts(staff, app, kind, &opened, &Default::default()));
    value["history"] = json!(history);
    value["more"] = json!(more);
    Ok(value)
}

fn empty(staff: &Staff, tab: &str) -> Value {
    let visit = &staff.visit;
    json!({"title": visit.t(&format!("desk.empty_{tab}")), "words": visit.t(&format!("desk.empty_{tab}_words")),
        "url": "/desk/matters", "label": visit.t("desk.nav_matters")})
}
