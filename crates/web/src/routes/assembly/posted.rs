//! `GET /v/{code}/decisions`: what a village has posted. `GET /posted/{id}`: all that was posted of one matter.
//! `GET /ballots/{id}`: a vote and its result. `GET /v/{code}/sheet`: the notice sheet for the wall, with the day's heads.
//! For everybody; only words that were published are shown.

use super::{body_name, counted, item, secrecy, stage};
use crate::error::WebError;
use crate::page::Answer;
use crate::routes::portal::place;
use crate::show;
use crate::visit::Visit;
use axum::extract::Path;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_domain::ids::BallotId;
use xiangyue_domain::receipt::DayRoot;

/// Items of a village's list.
const LISTED: usize = 40;
/// Items on the sheet for the wall.
const ON_SHEET: usize = 4;
/// Heads on the sheet for the wall.
const HEADS: i64 = 7;
/// Digits of a head between two blanks.
const GROUP: usize = 8;

/// `GET /v/{code}/decisions`
pub(crate) async fn village(Path(code): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let id = place::by_code(&visit, &code)?;
    let items: Vec<Value> = app.published_at(id, LISTED).await?.iter().map(|p| item(&visit, p)).collect();
    let values = json!({
        "village": place::values(app, id), "items": items, "sheet_url": format!("/v/{code}/sheet"),
    });
    visit.page("assembly/decisions.html", &visit.t("assembly.decisions"), values)
}

/// `GET /posted/{id}`
pub(crate) async fn matter(Path(id): Path<i64>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let posted = app.published_of(&format!("matter:{id}")).await?;
    let last = posted.last().ok_or(WebError::NotFound)?;
    let title = last.title().to_owned();
    let mut ballots = Vec::new();
    for one in app.ballots_of(xiangyue_domain::ids::MatterId(id)).await? {
        ballots.push(json!({
            "url": format!("/ballots/{}", one.id()), "body": body_name(&visit, app, &one), "stage": stage(&visit, &one),
        }));
    }
    let items: Vec<Value> = posted.iter().rev().map(|p| item(&visit, p)).collect();
    visit.page("assembly/posted.html", &title, json!({ "title": title, "items": items, "ballots": ballots }))
}

/// `GET /ballots/{id}`
pub(crate) async fn ballot(Path(id): Path<BallotId>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let outlook = app.outlook(id).await?;
    let ballot = &outlook.ballot;
    // A vote on something that the village has not made public is for those on its roll alone.
    if app.published_of(&format!("matter:{}", ballot.opened.matter)).await?.is_empty() {
        return Err(crate::error::WebError::NotFound);
    }
    let posted = app.published_of(&format!("ballot:{id}")).await?;
    let values = json!({
        "title": xiangyue_domain::mask::scrub(&outlook.title),
        "body": body_name(&visit, app, ballot),
        "secrecy": secrecy(&visit, ballot),
        "stage": stage(&visit, ballot),
        "place": show::place(app, ballot.opened.place, ballot.opened.at.day()),
        "until": show::full_moment(ballot.opened.until),
        "due": ballot.due(),
        "voted": outlook.voted,
        "open": ballot.counted.is_none() && ballot.void.is_none(),
        "counted": counted(&visit, ballot),
        "receipt": posted.last().map(|p| item(&visit, p)),
        "matter_url": format!("/posted/{}", ballot.opened.matter),
    });
    visit.page("assembly/ballot.html", &visit.t("assembly.result"), values)
}

/// `GET /v/{code}/sheet`
pub(crate) async fn sheet(Path(code): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let id = place::by_code(&visit, &code)?;
    let items: Vec<Value> = app.published_at(id, ON_SHEET).await?.iter().map(|p| item(&visit, p)).collect();
    let values = json!({
        "village": place::values(app, id), "items": items, "heads": heads(app, HEADS).await?,
        "today": show::long_day(&visit, app.now().day()), "back": format!("/v/{code}/decisions"),
    });
    visit.page("assembly/sheet.html", &visit.t("assembly.sheet"), values)
}

/// The latest heads, each in groups that can be read out.
pub(super) async fn heads(app: &App, most: i64) -> Result<Vec<Value>, WebError> {
    Ok(app.heads(most).await?.iter().map(head).collect())
}

pub(crate) fn head(root: &DayRoot) -> Value {
    let digits: Vec<char> = root.root.chars().collect();
    let groups: Vec<String> = digits.chunks(GROUP).map(|c| c.iter().collect()).collect();
    json!({ "day": root.day.to_string(), "root": groups.join(" "), "size": root.size })
}
