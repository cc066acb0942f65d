//! What a village has made public. `GET /v/{code}/open`: the list, searched by words, class and year; `…/feed`: the same
//! as an Atom feed; `…/{id}`: one item with its versions and questions. For everybody; numbers of persons never leave.

mod ask;
mod item;

pub(crate) use ask::ask;
pub(crate) use item::{open_code, open_item, open_picture, open_poster, open_sheet};

use super::{code, place};
use crate::error::WebError;
use crate::page::{Answer, query};
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_app::disclosure::{Asked, Listed};
use xiangyue_app::due::duty_kind;
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::policy::Catalogue;

/// Items on a page.
const SHOWN: usize = 40;
/// Longest search.
const WORDS_MAX: usize = 30;

/// `GET /v/{code}/open?q=&class=&year=`
pub(crate) async fn open_list(Path(code): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(&visit, &code)?;
    let query = query(&visit.path);
    let get = |name: &str| query.get(name).map_or("", |v| v.trim()).chars().take(WORDS_MAX).collect::<String>();
    let before = get("before").parse().ok().map(MatterId);
    let asked = Asked { words: get("q"), class: get("class"), year: get("year").parse().unwrap_or(0), before };
    let page = app.disclosures(village, &asked, SHOWN).await?;
    let next = page.next.map(|id| more(&code, &asked, id));
    let lines: Vec<Value> = page.lines.iter().map(|l| line(&visit, app, village, l)).collect();
    let this = app.now().day().date().year();
    let years: Vec<Value> =
        (0..4).map(|n| this - n).map(|y| json!({ "value": y, "selected": y == asked.year })).collect();
    let values = json!({
        "village": place::values(app, village),
        "lines": lines,
        "search": { "q": asked.words, "any": asked != Asked::default() },
        "next": next, "first": asked.before.is_none(),
        "classes": classes(&visit, app, &asked.class),
        "years": years,
        "phone": app.text_rules().is_some(), "once": visit.once(),
    });
    visit.page("portal/open.html", &visit.t("disclosure.title"), values)
}

/// `GET /v/{code}/open/feed`
pub(crate) async fn open_feed(Path(code): Path<String>, visit: Visit, headers: HeaderMap) -> Answer {
    let app = visit.app()?;
    let village = place::by_code(&visit, &code)?;
    let lines = app.disclosures(village, &Asked::default(), SHOWN).await?.lines;
    let last = lines.first().map_or(app.now().day().start(), |l| l.at);
    let lines: Vec<Value> = lines.iter().map(|l| line(&visit, app, village, l)).collect();
    let values = json!({
        "village": place::values(app, village),
        "origin": code::origin(&visit, &headers),
        "updated": instant(last),
        "lines": lines,
    });
    let feed = visit.web.templates().page(&visit.words(), "portal/open_feed.xml", values)?;
    Ok(([(CONTENT_TYPE, "application/atom+xml; charset=utf-8"), (CACHE_CONTROL, "no-store")], feed).into_response())
}

/// Address of the next page.
fn more(code: &str, asked: &Asked, before: MatterId) -> String {
    let year = if asked.year == 0 { String::new() } else { asked.year.to_string() };
    let (q, class) = (code::encoded(&asked.words), code::encoded(&asked.class));
    format!("/v/{code}/open?q={q}&class={class}&year={year}&before={before}")
}

/// A line of the list.
fn line(visit: &Visit, app: &App, village: RegionId, line: &Listed) -> Value {
    let code = app.directory().tree.code(village, app.now().day()).to_owned();
    let day = line.at.day().to_string();
    json!({
        "name": item_name(visit, app, &line.item),
        "class": class_name(visit, app, &line.item),
        "period": period_words(visit, &line.period),
        "date": day,
        "at": instant(line.at),
        "versions": line.versions,
        "withdrawn": line.withdrawn,
        "number": line.number,
        "url": format!("/v/{code}/open/{}", line.id),
    })
}

fn catalogue_of<T>(app: &App, read: impl FnOnce(&Catalogue) -> T) -> Option<T> {
    let policy = app.policy();
    let (_, rules) = duty_kind(&policy)?;
    policy.catalogue(&rules.catalogue).map(read)
}

/// Name of an item.
pub(crate) fn item_name(visit: &Visit, app: &App, code: &str) -> String {
    let name = catalogue_of(app, |c| c.item(code).map(|i| visit.locale.pick(&i.name, &i.name_en).to_owned()));
    name.flatten().unwrap_or_else(|| code.to_owned())
}

/// Name of an item's class.
pub(crate) fn class_name(visit: &Visit, app: &App, code: &str) -> String {
    let name = |c: &Catalogue| c.chain(code).last().map(|i| visit.locale.pick(&i.name, &i.name_en).to_owned());
    catalogue_of(app, name).flatten().unwrap_or_default()
}

/// A period as people say it.
pub(crate) fn period_words(visit: &Visit, period: &str) -> String {
    let (year, rest) = period.split_at(period.len().min(4));
    let with = |key: &str, n: &str| {
        let n = n.trim_start_matches('0').to_owned();
        visit.t_with(key, &[("year", year.to_owned()), ("n", n)])
    };
    match (rest.strip_prefix('Q'), rest.strip_prefix('-')) {
        (Some(quarter), _) => with("disclosure.quarter", quarter),
        (_, Some(month)) => with("disclosure.month", month),
        _ => with("disclosure.year", ""),
    }
}

fn classes(visit: &Visit, app: &App, chosen: &str) -> Vec<Value> {
    let list = |c: &Catalogue| {
        let top = c.items.iter().filter(|i| i.parent.is_empty());
        let one = |i: &xiangyue_domain::policy::Item| json!({ "value": i.code, "label": visit.locale.pick(&i.name, &i.name_en), "selected": i.code == chosen });
        top.map(one).collect()
    };
    catalogue_of(app, list).unwrap_or_default()
}

/// An instant as feeds write it.
fn instant(at: Time) -> String {
    let minute = at.minute_of_day();
    format!("{}T{:02}:{:02}:00+08:00", at.day(), minute / 60, minute % 60)
}

/// The id in an address.
fn id_of(text: &str) -> Result<MatterId, WebError> {
    text.parse::<i64>().map(MatterId).map_err(|_| WebError::NotFound)
}
