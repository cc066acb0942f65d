//! `GET|POST /desk/points`: shops of the reader's places, what is being shown, households with their passbooks; a new shop
//! is entered here. `GET /desk/points/passbooks`: the covers for print. For staff with a post over the place.

use super::moves::{Again, plain_field};
use super::shell;
use crate::error::WebError;
use crate::form::read_staff;
use crate::page::{Answer, query, see_other};
use crate::visit::{Staff, Visit};
use axum::extract::Request;
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::{App, AppError};
use xiangyue_domain::ids::{AccountId, PartyId, RegionId};
use xiangyue_domain::ledger::{Party, Request as Asked};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::Level;
use xiangyue_domain::register::{Holder, Household};

/// Households of one page.
const HOUSEHOLDS: i64 = 300;
/// Covers of one page.
const COVERS: i64 = 60;

/// Whether an account holds a post over a place that the ledger's rules name: who sells, awards, corrects, sets up shops.
/// Passbooks and their codes are for nobody else.
pub(crate) fn serves(app: &App, account: AccountId, place: RegionId) -> bool {
    let (directory, day) = (app.directory(), app.now().day());
    let chain = directory.tree.ancestors(place, day);
    let policy = app.policy();
    let named = |h: &&Holder| shell::keeps_books(&policy.ledger, &h.post);
    let posts = directory.posts_of(account, day).into_iter().filter(named);
    posts.filter_map(|h| directory.region_of(h)).any(|r| chain.contains(&r))
}

/// Whether an account holds one of these posts over a place.
pub(super) fn may(app: &App, account: AccountId, by: &[String], place: RegionId) -> bool {
    let (directory, day) = (app.directory(), app.now().day());
    let chain = directory.tree.ancestors(place, day);
    let posts = directory.posts_of(account, day);
    posts.into_iter().any(|h| by.contains(&h.post) && directory.region_of(h).is_some_and(|r| chain.contains(&r)))
}

/// The village asked for, where the reader keeps its books; else the first of the reader's own whose books he keeps.
pub(super) fn village(staff: &Staff, app: &App) -> Option<RegionId> {
    let (directory, day) = (app.directory(), app.now().day());
    let account = staff.user.account.id;
    let asked = query(&staff.visit.path).remove("place").unwrap_or_default();
    let found = directory.tree.by_code(&asked, day).map(|r| r.id).filter(|p| serves(app, account, *p));
    let village = |place: RegionId| directory.tree.at_level(place, Level::Village, day);
    let kept = |v: &RegionId| serves(app, account, *v);
    let own = || {
        let posts = directory.posts_of(account, day).into_iter();
        posts.filter_map(|h| village(directory.region_of(h)?)).find(kept)
    };
    found.and_then(village).filter(kept).or_else(own)
}

/// A page of a village's households, how many there are, and the way to the next page. `from` is the number to begin at,
/// as typed, or number and identity of the last one before.
async fn households(
    staff: &Staff,
    village: RegionId,
    (path, size): (&str, i64),
) -> Result<(Vec<Household>, i64, String), WebError> {
    let app = staff.app()?;
    let from = query(&staff.visit.path).remove("from").unwrap_or_default();
    let (number, id) = match from.split_once('#') {
        Some((number, id)) => (number, id.parse().unwrap_or(i64::MAX)),
        None => (from.trim(), i64::MIN),
    };
    let (mut page, total) = app.households_page(village, (number, id), size + 1).await?;
    let more = i64::try_from(page.len()).unwrap_or(0) > size;
    page.truncate(usize::try_from(size).unwrap_or(0));
    let last = page.last().filter(|_| more);
    let code = app.directory().tree.code(village, app.now().day()).to_owned();
    let next = last.map_or_else(String::new, |h| {
        format!("{path}?place={code}&from={}", crate::routes::portal::encoded(&format!("{}#{}", h.number, h.id)))
    });
    Ok((page, total, next))
}

/// `GET /desk/points?place=`
pub(crate) async fn points(staff: Staff) -> Answer {
    show(&staff, &Again::default()).await
}

/// `POST /desk/points`: a new shop, merchant or bank.
pub(crate) async fn add_party(staff: Staff, request: Request) -> Answer {
    let sent = read_staff(&staff, request).await?;
    let app = staff.app()?;
    let again = Again { typed: sent.fields.clone(), ..Again::default() };
    let (directory, day) = (app.directory(), app.now().day());
    let place = directory.tree.by_code(sent.get("village"), day).map(|r| r.id);
    let place = place.filter(|p| serves(app, staff.user.account.id, *p)).ok_or(WebError::NotFound)?;
    let (kind, name) = (sent.get("kind").to_owned(), sent.get("name").to_owned());
    let party = Party { id: PartyId(0), kind, name, place, closed: None };
    let by = Who::Account { account: staff.user.account.id, post: None };
    match app.ledger(by, sent.once(), Asked::Party(party)).await {
        Ok(done) => Ok(see_other(&format!("/desk/points/{}", done.made.first().copied().unwrap_or_default()))),
        Err(AppError::Refused(refusal)) => {
            let faults = staff.visit.faults(&refusal);
            let why = if faults.is_empty() { staff.visit.refusal(&refusal) } else { String::new() };
            let again = Again { faults, why, ..again };
            crate::page::with_status(show(&staff, &again).await, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

/// The form of a new shop, for whoever may enter one here.
fn add_form(visit: &Visit, app: &App, account: AccountId, place: RegionId, again: &Again) -> Value {
    let (policy, directory, day) = (app.policy(), app.directory(), app.now().day());
    let kinds = policy.ledger.parties.iter().filter(|p| may(app, account, &p.by, place));
    let kinds: Vec<Value> = kinds
        .map(
            |p| json!({"value": p.id, "label": visit.locale.pick(&p.name, &p.name_en), "group": "", "selected": false}),
        )
        .collect();
    if kinds.is_empty() {
        return Value::Null;
    }
    let mut kind = plain_field("kind", visit.t("points.party_kind"), "choice", true, "", again);
    kind["options"] = json!(kinds);
    let name = plain_field("name", visit.t("points.party_name"), "text", true, "", again);
    json!({"fields": [kind, name], "village": directory.tree.code(place, day), "why": again.why})
}

async fn show(staff: &Staff, again: &Again) -> Answer {
    let (app, visit) = (staff.app()?, &staff.visit);
    let place = village(staff, app);
    let (directory, day) = (app.directory(), app.now().day());
    let mut values = json!({"nav": shell::nav(staff, "points").await?, "once": visit.once(), "place": null,
        "shops": [], "households": [], "total": 0, "next": "", "add": null, "year_url": "", "consents_url": "", "code": "", "claims_url": "", "passbooks_url": "", "public_url": ""});
    if let Some(place) = place {
        let code = directory.tree.code(place, day).to_owned();
        let shop = |p: Party| json!({"name": p.name, "url": format!("/desk/points/{}", p.id)});
        values["shops"] = app.parties_at(place).await?.into_iter().map(shop).collect();
        let (homes, total, next) = households(staff, place, ("/desk/points", HOUSEHOLDS)).await?;
        values["total"] = json!(total);
        values["next"] = json!(next);
        let home = |h: &Household| json!({"number": h.number, "url": format!("/h/{}", app.home_token(h.id))});
        values["households"] = homes.iter().map(home).collect();
        values["add"] = add_form(visit, app, staff.user.account.id, place, again);
        values["place"] = json!(directory.tree.display(place, day));
        let kind = xiangyue_app::points::claim_kind(&app.policy().kinds, &app.policy().ledger).map(|(k, _)| k.id);
        values["claims_url"] = json!(kind.map(|k| format!("/desk/matters?kind={k}&place={code}")));
        values["passbooks_url"] = json!(format!("/desk/points/passbooks?place={code}"));
        values["year_url"] = json!(format!("/desk/points/year?place={code}"));
        let loan = app.policy().ledger.loan.as_ref().is_some_and(|l| l.on);
        values["consents_url"] =
            json!(if loan { format!("/desk/points/consents?place={code}") } else { String::new() });
        values["code"] = json!(code);
        values["public_url"] = json!(format!("/v/{code}/points"));
    }
    visit.page("desk/points.html", &visit.t("desk.nav_points"), values)
}

/// `GET /desk/points/passbooks?place=`
pub(crate) async fn passbooks(staff: Staff) -> Answer {
    let (app, visit) = (staff.app()?, &staff.visit);
    let place = village(&staff, app).ok_or(WebError::NotFound)?;
    let (directory, day) = (app.directory(), app.now().day());
    let (homes, _, next) = households(&staff, place, ("/desk/points/passbooks", COVERS)).await?;
    let cover = |h: &Household| {
        let token = app.home_token(h.id);
        json!({"number": h.number, "code": app.home_code(h.id), "qr": format!("/h/{token}/qr")})
    };
    let values = json!({"nav": shell::nav(&staff, "points").await?, "once": visit.once(), "back": "/desk/points", "next": next,
        "place": directory.tree.display(place, day), "covers": homes.iter().map(cover).collect::<Vec<_>>()});
    visit.page("desk/passbooks.html", &visit.t("points.passbooks"), values)
}
