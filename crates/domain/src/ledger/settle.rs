//! What follows a transfer: a pending one is posted, given up or lapses; a mistake is taken back once and whole; what has
//! run out is booked against the very lots that ran out.

use super::account::AccountKey;
use super::book::{Book, Booked, Status};
use super::event::{About, How, LedgerEvent, Leg, Settled};
use super::post::{Draft, DraftLeg, book_draft, party_kind};
use super::record::{Record, RecordKey};
use super::roles::{Roles, key_of};
use super::{Next, count, lots, under};
use crate::day::{Day, Time};
use crate::flow::Ctx;
use crate::ids::{LedgerId, RegionId, TransferId};
use crate::policy::{Clearing, LedgerRules, Quantity, TransferKind};
use crate::refusal::Refusal;

fn pending(book: &Book, id: TransferId) -> Result<&Booked, Refusal> {
    let booked = book.transfer(id).ok_or_else(|| Refusal::new("ledger_no_transfer"))?;
    if booked.status == Status::Pending { Ok(booked) } else { Err(Refusal::new("ledger_not_pending")) }
}

fn kind_of<'a>(rules: &'a LedgerRules, id: &str) -> Result<&'a TransferKind, Refusal> {
    rules.transfer(id).ok_or_else(|| Refusal::new("pack").with("fault", id))
}

/// Posts a pending transfer, or gives it up. What was held is what is taken.
pub fn settle(
    rules: &LedgerRules,
    book: &Book,
    now: Time,
    id: TransferId,
    how: How,
    shown: Option<(Day, Day)>,
) -> Result<LedgerEvent, Refusal> {
    let booked = pending(book, id)?;
    let (moved, day) = (&booked.moved, now.day());
    let plain = |how| LedgerEvent::Settled(Settled { id, how, day, legs: Vec::new(), facts: Vec::new(), shown: None });
    if how != How::Posted {
        return Ok(plain(how));
    }
    let kind = kind_of(rules, &moved.kind)?;
    if moved.until.is_some_and(|until| until < now) {
        return Err(under("ledger_pending_over", &kind.name, &kind.basis));
    }
    let mut legs: Vec<Leg> = Vec::with_capacity(moved.legs.len());
    let mut keys: Vec<AccountKey> = Vec::with_capacity(moved.legs.len());
    for leg in &moved.legs {
        let account = book.account(leg.account).ok_or_else(|| Refusal::new("ledger_not_at_hand"))?;
        keys.push(account.key.clone());
        legs.push(if account.lots { as_posted(rules, book, leg, day)? } else { leg.clone() });
    }
    let facts = count::facts(rules, &moved.kind, &legs, &keys, &moved.about, &party_kind(book, &moved.about));
    Ok(LedgerEvent::Settled(Settled { id, how, day, legs, facts, shown }))
}

/// A leg on an account with lots as it is posted: what was held is taken, what found nothing to hold takes what has come
/// in since, and a credit pays what is owed by now.
fn as_posted(rules: &LedgerRules, book: &Book, leg: &Leg, day: Day) -> Result<Leg, Refusal> {
    let account = book.account(leg.account).ok_or_else(|| Refusal::new("ledger_not_at_hand"))?;
    let own = leg.own();
    if !account.lots_known && (account.debt > 0 || leg.n < 0) {
        return Err(Refusal::new("ledger_not_at_hand"));
    }
    let mut posted = leg.clone();
    if leg.n > 0 {
        posted.lots = if account.debt > 0 { lots::give(book, leg.account, leg.n, &Vec::new()) } else { Vec::new() };
        posted.expires = rules.last_day(&account.key.unit, day);
    } else if own < 0 {
        for (lot, n) in lots::take(book, leg.account, -own, day, &Vec::new()).0 {
            match posted.lots.iter_mut().find(|(l, _)| *l == lot) {
                Some((_, sum)) => *sum += n,
                None => posted.lots.push((lot, n)),
            }
        }
    }
    Ok(posted)
}

/// Gives up a pending transfer whose time has run out; `None` when there is nothing to do.
pub fn lapse(book: &Book, now: Time, id: TransferId) -> Option<LedgerEvent> {
    let booked = pending(book, id).ok()?;
    if booked.moved.until.is_none_or(|until| until >= now) {
        return None;
    }
    let (how, day) = (How::Lapsed, now.day());
    Some(LedgerEvent::Settled(Settled { id, how, day, legs: Vec::new(), facts: Vec::new(), shown: None }))
}

/// Takes a transfer back by one that is linked to it. Lots are filled up again and taken away again as far as they are
/// still what they were; facts are taken back on their old day.
pub fn reverse(
    rules: &LedgerRules,
    book: &Book,
    next: Next<'_>,
    day: Day,
    id: TransferId,
    about: About,
) -> Result<Vec<LedgerEvent>, Refusal> {
    let booked = book.transfer(id).ok_or_else(|| Refusal::new("ledger_no_transfer"))?;
    let moved = &booked.moved;
    let kind = kind_of(rules, &moved.kind)?;
    if moved.reverses.is_some() {
        return Err(under("ledger_reversal_of_reversal", &kind.name, &kind.basis));
    }
    if booked.reversed.is_some() {
        return Err(under("ledger_reversed_already", &kind.name, &kind.basis));
    }
    if booked.status != Status::Posted {
        return Err(under("ledger_not_posted", &kind.name, &kind.basis));
    }
    let rule = moved.about.version.and_then(|from| rules.rule_version(&moved.about.rule, from));
    let owes = rule.is_some_and(|r| r.below_zero);
    let mut legs = Vec::with_capacity(moved.legs.len());
    for leg in &moved.legs {
        let account = book.account(leg.account).ok_or_else(|| Refusal::new("ledger_not_at_hand"))?;
        let mut leg_back = DraftLeg {
            key: account.key.clone(),
            place: account.place,
            n: -leg.n,
            first: Vec::new(),
            may_owe: if owes { i64::MAX } else { 0 },
        };
        if account.lots {
            // What it had paid of debts may be owed again.
            let paid = |lot: &TransferId| book.lot(leg.account, *lot).is_some_and(|l| l.amount < 0);
            let again = leg.lots.iter().filter(|(lot, n)| *n > 0 && paid(lot)).map(|(_, n)| n).sum();
            leg_back.may_owe = leg_back.may_owe.max(again);
            let own = (leg.own() != 0).then(|| (id, leg.own()));
            leg_back.first = leg.lots.iter().copied().chain(own).map(|(lot, n)| (lot, n.abs())).collect();
        }
        legs.push(leg_back);
    }
    let draft = Draft {
        kind,
        day,
        legs,
        until: None,
        reverses: Some(id),
        about: About {
            household: moved.about.household,
            party: moved.about.party,
            rule: moved.about.rule.clone(),
            version: moved.about.version,
            ..about
        },
    };
    book_draft(rules, book, next, draft)
}

/// Accounts to be swept: which, and the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// Accounts.
    pub accounts: Vec<LedgerId>,
    /// What ended before this day is booked.
    pub day: Day,
}

/// Books what has run out on one account, against the lots that ran out. `None` when nothing has.
pub fn expire(
    ctx: Ctx,
    book: &Book,
    next: Next<'_>,
    day: Day,
    account: LedgerId,
) -> Result<Option<Vec<LedgerEvent>>, Refusal> {
    let rules = &ctx.policy.ledger;
    let Some(found) = book.account(account) else { return Ok(None) };
    let Some(kind) = rules.unit(&found.key.unit).and_then(|u| u.expire.as_deref()) else { return Ok(None) };
    let gone: Vec<(TransferId, i64)> =
        lots::oldest_first(book, account).into_iter().map(|(id, lot)| (id, lot.run_out(day))).collect();
    write_off(ctx, book, next, day, account, kind_of(rules, kind)?, gone)
}

/// Refuses a clearing before its notice has hung long enough.
pub(super) fn notice_is_over(
    ctx: Ctx,
    book: &Book,
    clearing: &Clearing,
    (village, up_to): (RegionId, Day),
) -> Result<(), Refusal> {
    let hung = match book.record(&RecordKey::notice(village, &clearing.id, up_to)) {
        Some(Record::Notice { day, .. }) => Some(*day),
        _ => None,
    };
    let rule = || under("ledger_no_notice", &clearing.name, &clearing.basis).with("days", clearing.notice_days);
    let open = hung.ok_or_else(rule)?.plus(clearing.notice_days).max(up_to);
    if open > ctx.now.day() {
        return Err(under("ledger_notice_hangs", &clearing.name, &clearing.basis).with("until", open));
    }
    Ok(())
}

/// Clears what is left of credits up to a day on one account, once the notice has hung long enough.
pub fn clear(
    ctx: Ctx,
    book: &Book,
    next: Next<'_>,
    clearing: &Clearing,
    (village, up_to): (RegionId, Day),
    account: LedgerId,
) -> Result<Option<Vec<LedgerEvent>>, Refusal> {
    let rules = &ctx.policy.ledger;
    let today = ctx.now.day();
    notice_is_over(ctx, book, clearing, (village, up_to))?;
    let Some(found) = book.account(account) else { return Ok(None) };
    let covered = rules.units_of(&clearing.units).any(|u| u.id == found.key.unit);
    if found.key.kind != clearing.account || !covered {
        return Ok(None);
    }
    let left: Vec<(TransferId, i64)> = lots::oldest_first(book, account)
        .into_iter()
        .filter(|(_, lot)| lot.made <= up_to)
        .map(|(id, lot)| (id, (lot.rest - lot.held).max(0)))
        .collect();
    write_off(ctx, book, next, today, account, kind_of(rules, &clearing.transfer)?, left)
}

/// Takes these parts of lots off an account, the other way through the flows of a kind of transfer.
fn write_off(
    ctx: Ctx,
    book: &Book,
    next: Next<'_>,
    day: Day,
    account: LedgerId,
    kind: &TransferKind,
    parts: Vec<(TransferId, i64)>,
) -> Result<Option<Vec<LedgerEvent>>, Refusal> {
    let Some(found) = book.account(account) else { return Ok(None) };
    let sum = parts.iter().map(|(_, n)| n).sum::<i64>();
    let first: Vec<(TransferId, i64)> = parts.into_iter().filter(|(_, n)| *n > 0).collect();
    if sum <= 0 {
        return Ok(None);
    }
    if !found.lots_known {
        return Err(Refusal::new("ledger_not_at_hand"));
    }
    let roles = Roles { place: found.place, household: None, party: None };
    let flow = kind.flows.iter().find(|f| f.of == Quantity::Points && f.from == found.key.kind);
    let flow = flow.ok_or_else(|| Refusal::new("pack").with("fault", &kind.id))?;
    let (to, to_place) = key_of(ctx, &flow.to, &roles, &found.key.unit)?;
    let about = About { household: found.key.owner, ..About::default() };
    let legs = vec![
        // Exactly these lots go, whatever is owed beside them.
        DraftLeg { key: found.key.clone(), place: found.place, n: -sum, first, may_owe: i64::MAX },
        DraftLeg { key: to, place: to_place, n: sum, first: Vec::new(), may_owe: 0 },
    ];
    let draft = Draft { kind, day, legs, until: None, reverses: None, about };
    book_draft(&ctx.policy.ledger, book, next, draft).map(Some)
}
