//! Records that transfers are judged by: a party and its dated prices, a household's consent, the notice before a
//! clearing, a year's honours. Each says itself which posts may enter it.

use super::award::Home;
use super::book::Book;
use super::record::{Consent, Party, Price, PriceVersion, Record, RecordKey};
use super::request::{Request, may, no_post};
use super::roles::party_on;
use super::{MOST, Next, under};
use crate::day::Day;
use crate::flow::Ctx;
use crate::ids::{PartyId, RegionId};
use crate::matter::Who;
use crate::policy::{Honour, Loan, next_date};
use crate::refusal::Refusal;

/// Longest name of a party, in characters.
const NAME_MAX: usize = 60;

pub(super) fn enter(
    ctx: Ctx,
    book: &Book,
    next: Next<'_>,
    by: &Who,
    request: &Request,
) -> Result<Vec<Record>, Refusal> {
    match request {
        Request::Party(wanted) => party(ctx, book, next, by, wanted).map(|r| vec![r]),
        Request::Price { party, item, version } => price(ctx, book, by, (*party, item), version).map(|r| vec![r]),
        Request::Consent { home, party, sheet, to } => {
            consent(ctx, book, by, (*home, *party), (sheet, *to)).map(|r| vec![r])
        }
        Request::Notice { village, clearing } => notice(ctx, by, *village, clearing).map(|r| vec![r]),
        Request::Honours { village, honour, year, points } => honours(ctx, book, by, (*village, honour, *year), points),
        Request::Review { village, honour, year, households } => {
            review(ctx, book, by, (*village, honour, *year), households)
        }
        _ => Err(Refusal::new("no_right")),
    }
}

fn party(ctx: Ctx, book: &Book, next: Next<'_>, by: &Who, wanted: &Party) -> Result<Record, Refusal> {
    let kind = ctx.policy.ledger.party(&wanted.kind).ok_or_else(|| Refusal::field("kind", "choice"))?;
    let day = ctx.now.day();
    if ctx.directory.tree.get(wanted.place).is_none_or(|r| r.span(day).is_none()) {
        return Err(Refusal::field("place", "place"));
    }
    if !may(ctx, by, &kind.by, wanted.place) {
        return Err(no_post(ctx, &kind.name, "", &kind.by));
    }
    let name = wanted.name.trim();
    if name.is_empty() {
        return Err(Refusal::field("name", "required"));
    }
    if name.chars().count() > NAME_MAX {
        return Err(Refusal::field("name", "too_long"));
    }
    let mut party = Party { name: name.to_owned(), ..wanted.clone() };
    if wanted.id == PartyId(0) {
        party.id = PartyId(next());
        return Ok(Record::Party(party));
    }
    // What it is and where it stands is what its accounts hang on; only its name and its end change.
    match book.record(&RecordKey::party(wanted.id)) {
        Some(Record::Party(old)) if old.kind == party.kind && old.place == party.place => Ok(Record::Party(party)),
        _ => Err(Refusal::new("ledger_no_party")),
    }
}

fn price(
    ctx: Ctx,
    book: &Book,
    by: &Who,
    (party, item): (PartyId, &str),
    version: &PriceVersion,
) -> Result<Record, Refusal> {
    let rules = &ctx.policy.ledger;
    let found = party_on(book, party, ctx.now.day())?;
    let kind = rules.party(&found.kind).ok_or_else(|| Refusal::new("ledger_no_party"))?;
    if !may(ctx, by, &kind.by, found.place) {
        return Err(no_post(ctx, &kind.name, "", &kind.by));
    }
    if rules.unit(item).is_none() {
        return Err(Refusal::field("item", "choice"));
    }
    if version.taken_in.as_ref().is_some_and(|unit| rules.unit(unit).is_none()) {
        return Err(Refusal::field("taken_in", "choice"));
    }
    let sane = |n: i64| (0..=MOST).contains(&n);
    if !sane(version.points) || !sane(version.value) || version.per < 1 || version.per > MOST {
        return Err(Refusal::field("points", "range"));
    }
    // A price of a day gone by has been paid; a new one begins today or later.
    if version.from < ctx.now.day() {
        return Err(Refusal::field("from", "past"));
    }
    let mut price = match book.record(&RecordKey::price(party, item)) {
        Some(Record::Price(price)) => price.clone(),
        _ => Price { party, item: item.to_owned(), versions: Vec::new() },
    };
    price.versions.retain(|v| v.from < version.from || v.from < ctx.now.day());
    price.versions.push(version.clone());
    Ok(Record::Price(price))
}

/// The loan rule, if the pack has switched it on.
pub(super) fn loan_on<'a>(ctx: Ctx<'a>) -> Result<&'a Loan, Refusal> {
    ctx.policy.ledger.loan.as_ref().filter(|l| l.on).ok_or_else(|| Refusal::new("ledger_loan_off"))
}

fn consent(
    ctx: Ctx,
    book: &Book,
    by: &Who,
    (home, party): (Home, PartyId),
    (sheet, to): (&str, Option<Day>),
) -> Result<Record, Refusal> {
    let loan = loan_on(ctx)?;
    let today = ctx.now.day();
    if !may(ctx, by, &loan.by, home.place) {
        return Err(no_post(ctx, "", &loan.basis, &loan.by));
    }
    let old = match book.record(&RecordKey::consent(home.id, party)) {
        Some(Record::Consent(old)) => Some(old),
        _ => None,
    };
    if sheet.is_empty() {
        // It ends today; what was looked at before stays on record.
        let old = old.filter(|c| c.to >= today).ok_or_else(|| under("ledger_no_consent", "", &loan.basis))?;
        return Ok(Record::Consent(Consent { to: today.plus(-1), by: by.account(), ..old.clone() }));
    }
    let lender = party_on(book, party, today)?;
    if lender.kind != loan.party {
        return Err(Refusal::new("ledger_no_party"));
    }
    let to = to.unwrap_or_else(|| today.plus(loan.consent_days));
    if to < today {
        return Err(Refusal::field("to", "past"));
    }
    let (household, sheet) = (home.id, sheet.to_owned());
    Ok(Record::Consent(Consent { household, party, from: today, to, sheet, by: by.account() }))
}

fn notice(ctx: Ctx, by: &Who, village: RegionId, clearing: &str) -> Result<Record, Refusal> {
    let rule = ctx.policy.ledger.clearings.iter().find(|c| c.id == clearing);
    let rule = rule.ok_or_else(|| Refusal::new("pack").with("fault", clearing))?;
    let day = ctx.now.day();
    if !may(ctx, by, &rule.by, village) {
        return Err(no_post(ctx, &rule.name, &rule.basis, &rule.by));
    }
    let up_to = next_date(&rule.up_to, day).ok_or_else(|| Refusal::new("pack").with("fault", clearing))?;
    Ok(Record::Notice { place: village, clearing: clearing.to_owned(), up_to, day })
}

/// An honour of the pack, if the actor holds one of these posts over the village.
fn honour_for<'a>(
    ctx: Ctx<'a>,
    by: &Who,
    (village, honour): (RegionId, &str),
    posts: fn(&Honour) -> &Vec<String>,
) -> Result<&'a Honour, Refusal> {
    let rule = ctx.policy.ledger.honours.iter().find(|h| h.id == honour);
    let rule = rule.ok_or_else(|| Refusal::new("pack").with("fault", honour))?;
    if !may(ctx, by, posts(rule), village) {
        return Err(no_post(ctx, &rule.name, &rule.basis, posts(rule)));
    }
    Ok(rule)
}

fn honours(
    ctx: Ctx,
    book: &Book,
    by: &Who,
    (village, honour, year): (RegionId, &str, i16),
    points: &[(i64, i64)],
) -> Result<Vec<Record>, Refusal> {
    let rule = honour_for(ctx, by, (village, honour), |h| &h.by)?;
    let last = Day::ymd(year, 12, 31).ok_or_else(|| Refusal::field("year", "range"))?;
    if last >= ctx.now.day() {
        return Err(under("ledger_year_open", &rule.name, &rule.basis).with("until", last));
    }
    // What was reviewed stands, whoever draws the list up anew.
    let stands = |home: i64| {
        let old = book.record(&RecordKey::honour(home, honour, year));
        matches!(old, Some(Record::Honour { reviewed: Some(_), .. }))
    };
    let reached = points.iter().filter(|(home, n)| *n >= rule.at_least && !stands(*home));
    let honour = |(household, points): &(i64, i64)| Record::Honour {
        household: *household,
        honour: rule.id.clone(),
        year,
        points: *points,
        by: by.account(),
        reviewed: None,
    };
    Ok(reached.map(honour).collect())
}

fn review(
    ctx: Ctx,
    book: &Book,
    by: &Who,
    (village, honour, year): (RegionId, &str, i16),
    households: &[i64],
) -> Result<Vec<Record>, Refusal> {
    let rule = honour_for(ctx, by, (village, honour), |h| &h.review)?;
    let mut records = Vec::new();
    for home in households {
        let old = book.record(&RecordKey::honour(*home, honour, year));
        let Some(Record::Honour { household, points, by: drew, reviewed, .. }) = old else {
            return Err(under("ledger_no_honour", &rule.name, &rule.basis));
        };
        if reviewed.is_some() {
            continue;
        }
        if *drew == by.account() {
            return Err(under("ledger_own_review", &rule.name, &rule.basis));
        }
        let (household, honour) = (*household, rule.id.clone());
        let (by, reviewed) = (*drew, by.account());
        records.push(Record::Honour { household, honour, year, points: *points, by, reviewed });
    }
    Ok(records)
}
