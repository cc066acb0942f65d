//! `GET /desk`: what I have to do, nearest limit first; what is overdue in my places; one matter opened beside.

use super::moves::{self, Again};
use super::{matter, shell, story};
use crate::error::WebError;
use crate::page::{Answer, query, see_other};
use crate::show;
use crate::visit::Staff;
use serde_json::{Value, json};
use xiangyue_app::{App, AppError, Filter};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Matter;

/// Rows on the worklist at most; what is beyond is reached through the list.
const ROWS: i64 = 60;

/// The page.
pub(crate) async fn worklist(staff: Staff) -> Answer {
    let app = staff.app()?;
    let visit = &staff.visit;
    let asked = query(&visit.path);
    let words = asked.get("q").map_or("", String::as_str).trim().to_owned();
    let tab = asked.get("tab").map_or("mine", String::as_str);
    let matters = find(&staff, app, tab, &words).await?;
    if let [only] = matters.as_slice()
        && !words.is_empty()
    {
        return Ok(see_other(&format!("/desk/matters/{}", only.id)));
    }
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
        "brief": [],
        "copy_text": shell::paragraph(&staff, &label, &items)?,
        "bulk": [{"label": visit.t("desk.print_orders"), "url": "/desk/matters/print"}],
        "empty": if items.is_empty() { empty(&staff, tab, &words) } else { Value::Null },
        "pager": {"prev": "", "next": if matters.len() as i64 >= ROWS { "/desk/matters?status=active" } else { "" },
            "words": visit.t_with("desk.rows", &[("n", items.len().to_string())])},
        "items": items,
        "opened": opened,
    });
    visit.page("desk/worklist.html", &label, values)
}

async fn find(staff: &Staff, app: &App, tab: &str, words: &str) -> Result<Vec<Matter>, WebError> {
    let account = staff.user.account.id;
    if !words.is_empty() {
        return Ok(app.search(account, words).await?);
    }
    let scope = app.scope(account);
    let found = match tab {
        "overdue" => app.pool().overdue(app.realm(), &scope, app.now().0, ROWS).await,
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
    let over = app.pool().overdue(app.realm(), &scope, app.now().0, 100).await.map_err(AppError::from)?.len();
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
    let mut history = story::history(staff, app, kind, &opened);
    history.reverse();
    let more = history.len().saturating_sub(6);
    history.truncate(6);
    value["act"] = matter::act(staff, app, &opened, &Again::default())?;
    value["facts"] = json!(story::facts(staff, app, kind, &opened));
    value["history"] = json!(history);
    value["more"] = json!(more);
    Ok(value)
}

fn empty(staff: &Staff, tab: &str, words: &str) -> Value {
    let visit = &staff.visit;
    let key = if words.is_empty() { tab } else { "search" };
    json!({"title": visit.t(&format!("desk.empty_{key}")), "words": visit.t(&format!("desk.empty_{key}_words")),
        "url": "/desk/matters", "label": visit.t("desk.nav_matters")})
}
