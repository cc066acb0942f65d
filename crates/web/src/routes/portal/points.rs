//! `GET|POST /v/{code}/points`: what a village gave and took, with the reason for each and what is being shown in public,
//! and the way to one's own. `GET /h/{token}`: a household's points, its statement and its claims; `…/passbook`, `…/qr`
//! the same on paper. For everybody, for whoever holds the passbook. Households go by number here, never by name, and
//! nothing is ranked.

use super::{code, place, points_board};
use crate::error::WebError;
use crate::form::read_public;
use crate::page::{Answer, see_other, with_status};
use crate::visit::Visit;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::collections::HashMap;
use xiangyue_app::points::{Claim, Entry, claim_kind};
use xiangyue_app::{App, AppError};
use xiangyue_domain::ids::{HouseholdId, RegionId, TransferId};
use xiangyue_domain::ledger::Account;
use xiangyue_domain::policy::{LedgerRules, Level};
use xiangyue_domain::register::Household;

/// Lines on a village's page and on a household's.
const LINES: usize = 60;
/// Lines in a printed passbook.
const PRINTED: usize = 200;

/// What a line of a statement is for: the rule as it read then, the goods, or the kind of transfer.
pub(crate) fn reason(visit: &Visit, rules: &LedgerRules, entry: &Entry) -> String {
    let about = &entry.booked.moved.about;
    let rule = about.version.and_then(|from| rules.rule_version(&about.rule, from));
    let words = if let Some(rule) = rule {
        let item = visit.locale.pick(&rule.item, &rule.item_en);
        if about.times > 1 { format!("{item} ×{}", about.times) } else { item.to_owned() }
    } else if about.lines.is_empty() {
        rules.transfer(&entry.booked.moved.kind).map_or("", |k| visit.locale.pick(&k.name, &k.name_en)).to_owned()
    } else {
        let name = |item: &str| rules.unit(item).map_or("", |u| visit.locale.pick(&u.name, &u.name_en)).to_owned();
        let lines = about.lines.iter().map(|l| format!("{} ×{}", name(&l.item), l.n.abs()));
        visit.list(lines)
    };
    if entry.booked.moved.reverses.is_some() { visit.t_with("points.reversal_of", &[("what", words)]) } else { words }
}

/// A number with its sign.
pub(crate) fn signed(n: i64) -> String {
    if n > 0 { format!("+{n}") } else { n.to_string() }
}

/// Codes of the receipts of entries.
type Codes = HashMap<TransferId, String>;

async fn codes(app: &App, entries: &[Entry]) -> Result<Codes, AppError> {
    app.codes_of(&entries.iter().map(|e| e.booked.moved.id).collect::<Vec<_>>()).await
}

fn line(visit: &Visit, rules: &LedgerRules, entry: &Entry, (amount, codes): (i64, &Codes)) -> Value {
    let moved = &entry.booked.moved;
    let unit = rules.unit(&entry.unit);
    let rule = moved.about.version.and_then(|from| rules.rule_version(&moved.about.rule, from));
    json!({
        "day": moved.day.to_string(), "what": reason(visit, rules, entry), "amount": signed(amount),
        "down": amount < 0, "class": unit.map_or("", |u| visit.locale.pick(&u.name, &u.name_en)),
        "basis": rule.map_or("", |r| r.basis.as_str()), "receipt": entry.booked.seq, "balance": entry.balance,
        "undone": entry.booked.reversed.is_some(), "code": codes.get(&moved.id),
    })
}

/// Classes with what is in each; the whole first.
fn purse(visit: &Visit, rules: &LedgerRules, accounts: &[Account]) -> Value {
    let classes: Vec<Value> = accounts
        .iter()
        .map(|a| {
            let unit = rules.unit(&a.key.unit);
            json!({"name": unit.map_or("", |u| visit.locale.pick(&u.name, &u.name_en)), "n": a.balance,
                "expires": a.expires.filter(|_| a.balance > 0).map(|d| d.to_string())})
        })
        .collect();
    let held: i64 = accounts.iter().map(|a| a.held).sum();
    json!({"total": accounts.iter().map(|a| a.balance).sum::<i64>(), "held": held, "classes": classes})
}

fn claim(visit: &Visit, app: &App, rules: &LedgerRules, claim: &Claim) -> Value {
    let rule = rules.rule(&claim.rule, claim.matter.accepted);
    let policy = app.policy();
    let step = policy.kind_of(&claim.matter).and_then(|k| k.step(&claim.matter.step).cloned());
    let told = step.map(|s| {
        if s.told.is_empty() || visit.locale == crate::Locale::En {
            visit.locale.pick(&s.name, &s.name_en).to_owned()
        } else {
            s.told
        }
    });
    json!({
        "what": rule.map_or(claim.rule.as_str(), |r| visit.locale.pick(&r.item, &r.item_en)),
        "points": rule.map_or(String::new(), |r| signed(r.points)),
        "household": claim.household.1, "number": claim.matter.number, "step": told,
        "until": claim.until.filter(|_| claim.shown).map(|d| d.to_string()),
    })
}

/// `GET /v/{code}/points`
pub(crate) async fn village_points(Path(code): Path<String>, visit: Visit) -> Answer {
    let id = place::by_code(&visit, &code)?;
    show_village(&visit, id, &code, None).await
}

/// `POST /v/{code}/points`: the household of a number and its code.
pub(crate) async fn find_home(Path(code): Path<String>, visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let id = place::by_code(&visit, &code)?;
    let sent = read_public(&visit, request).await?;
    let digits: String = sent.get("code").chars().filter(char::is_ascii_digit).collect();
    match app.look_up_home(id, sent.get("household").trim(), &digits, &visit.from.to_string()).await {
        Ok(home) => Ok(see_other(&format!("/h/{}", app.home_token(home.id)))),
        Err(AppError::Limited(seconds)) => {
            let fault = visit.t_with("points.too_many", &[("n", ((seconds + 59) / 60).to_string())]);
            with_status(show_village(&visit, id, &code, Some(fault)).await, StatusCode::TOO_MANY_REQUESTS)
        }
        Err(AppError::NotFound) => {
            let fault = Some(visit.t("points.find_none"));
            with_status(show_village(&visit, id, &code, fault).await, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

async fn show_village(visit: &Visit, id: RegionId, code: &str, fault: Option<String>) -> Answer {
    let app = visit.app()?;
    let policy = app.policy();
    let rules = &policy.ledger;
    if claim_kind(&policy.kinds, rules).is_none() {
        return Err(WebError::NotFound);
    }
    let entries = app.village_entries(id, LINES).await?;
    let ids: Vec<i64> = entries.iter().map(|e| e.booked.moved.about.household).collect();
    let numbers = app.household_numbers(&ids).await?;
    let codes = codes(app, &entries).await?;
    let lines: Vec<Value> = entries.iter().map(|e| of_home(visit, rules, e, (&numbers, &codes))).collect();
    let claims = app.claims_in(id).await?;
    let shown: Vec<Value> = claims.iter().filter(|c| c.shown).map(|c| claim(visit, app, rules, c)).collect();
    let village = place::values(app, id);
    let title = visit.t("points.village_title");
    let sample = rules.units.iter().any(|u| u.sample);
    let values = json!({"village": village, "lines": lines, "shown": shown, "fault": fault, "sample": sample,
        "board": points_board::board(visit, app, id).await?,
        "action": format!("/v/{code}/points"), "once": visit.once()});
    visit.page("portal/points.html", &title, values)
}

/// A line of the village's page: what the household got or lost, by its number.
fn of_home(
    visit: &Visit,
    rules: &LedgerRules,
    entry: &Entry,
    (numbers, codes): (&HashMap<i64, String>, &Codes),
) -> Value {
    // The village's account mirrors what its households hold.
    let mut value = line(visit, rules, entry, (-entry.amount, codes));
    value["household"] = json!(numbers.get(&entry.booked.moved.about.household));
    value
}

/// `GET /h/{token}`
pub(crate) async fn household(Path(token): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let home = app.home_by_token(&token).await?;
    let mut values = of_household(&visit, app, &home, &token, LINES).await?;
    let policy = app.policy();
    let day = app.now().day();
    let village = app.directory().tree.at_level(home.region, Level::Village, day).unwrap_or(home.region);
    let claims = app.claims_in(village).await?;
    let own = claims.iter().filter(|c| c.household.0 == home.id.0);
    values["claims"] = own.map(|c| claim(&visit, app, &policy.ledger, c)).collect();
    values["claim_url"] = json!(format!("/h/{token}/claim"));
    values["passbook_url"] = json!(format!("/h/{token}/passbook"));
    values["counter_url"] = json!(counter(&visit, app, home.region, &token).await?);
    let title = visit.t("points.mine");
    visit.page("portal/household.html", &title, values)
}

/// The counter where this household may be served by whoever is signed in.
async fn counter(visit: &Visit, app: &App, place: RegionId, token: &str) -> Result<Option<String>, WebError> {
    let Some(user) = &visit.user else { return Ok(None) };
    let parties = app.parties_at(place).await?;
    let serves = parties.into_iter().find(|p| crate::routes::desk::serves(app, user.account.id, p.place));
    Ok(serves.map(|p| format!("/desk/points/{}?home={token}", p.id)))
}

async fn of_household(visit: &Visit, app: &App, home: &Household, token: &str, most: usize) -> Result<Value, WebError> {
    let policy = app.policy();
    let rules = &policy.ledger;
    let accounts = app.purse(home.id).await?;
    let entries = app.home_entries(home.id, most).await?;
    let codes = codes(app, &entries).await?;
    let lines: Vec<Value> = entries.iter().map(|e| line(visit, rules, e, (e.amount, &codes))).collect();
    Ok(json!({
        "village": place::values(app, home.region), "number": home.number, "purse": purse(visit, rules, &accounts),
        "lines": lines, "qr": format!("/h/{token}/qr"), "url": format!("/h/{token}"), "day": app.now().day().to_string(),
    }))
}

/// `GET /h/{token}/passbook`
pub(crate) async fn passbook(Path(token): Path<String>, visit: Visit) -> Answer {
    let app = visit.app()?;
    let home = app.home_by_token(&token).await?;
    let mut values = of_household(&visit, app, &home, &token, PRINTED).await?;
    values["code"] = json!(app.home_code(HouseholdId(home.id.0)));
    if let Some(lines) = values["lines"].as_array_mut() {
        lines.reverse();
    }
    visit.page("portal/passbook.html", &visit.t("points.passbook"), values)
}

/// `GET /h/{token}/qr`
pub(crate) async fn household_code(Path(token): Path<String>, visit: Visit, headers: HeaderMap) -> Answer {
    visit.app()?.home_by_token(&token).await?;
    code::svg_of(&format!("{}/h/{token}", code::origin(&visit, &headers)))
}
