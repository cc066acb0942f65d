//! Goods, services and offers for points, and what a household hands in for points. Points, stock, budget and money move
//! in one transfer or not at all.

use super::award::Home;
use super::book::Book;
use super::event::{About, LedgerEvent, TradeLine};
use super::lots;
use super::post::{Draft, DraftLeg, book_draft};
use super::record::{Party, PriceVersion, Record, RecordKey};
use super::roles::{Roles, flow_legs, goods, key_of, kind_for, many, party_on};
use super::{MOST, Next, under};
use crate::day::{Day, Time};
use crate::flow::Ctx;
use crate::ids::PartyId;
use crate::policy::{FlowLine, Purpose, Quantity, TransferKind};
use crate::refusal::Refusal;

/// A trade that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Trade {
    /// Kind of transfer.
    pub kind: String,
    /// Household.
    pub home: Home,
    /// Shop, partner or service.
    pub party: PartyId,
    /// Items and how many; prices are the list's.
    pub items: Vec<(String, i64)>,
    /// Money the household adds, in 分.
    pub cash: i64,
    /// Day.
    pub day: Day,
    /// Pending until then.
    pub until: Option<Time>,
    /// Who made it.
    pub about: About,
}

/// `n` pieces at a price for `per` of them, to the nearest whole, half upwards.
fn priced(n: i64, price: i64, per: i64) -> Result<i64, Refusal> {
    let per = per.max(1);
    let product = n.checked_mul(price).filter(|p| p.abs() <= MOST).ok_or_else(|| Refusal::new("ledger_amount"))?;
    Ok((product + per / 2).div_euclid(per))
}

/// What the lines come to.
#[derive(Default)]
struct Bill {
    lines: Vec<TradeLine>,
    /// Points to pay.
    points: i64,
    /// Points earned, by unit.
    earned: Vec<(String, i64)>,
    /// What the budget pays.
    value: i64,
}

fn bill(ctx: Ctx, book: &Book, trade: &Trade, party: &Party) -> Result<Bill, Refusal> {
    let mut bill = Bill::default();
    if trade.items.is_empty() {
        return Err(Refusal::new("ledger_nothing"));
    }
    for (item, n) in &trade.items {
        let n = many(*n)?;
        let price = match book.record(&RecordKey::price(trade.party, item)) {
            Some(Record::Price(price)) => price.on(trade.day),
            _ => None,
        };
        let name = ctx.policy.ledger.unit(item).map_or(item.as_str(), |u| u.name.as_str());
        let none = || Refusal::new("ledger_no_price").with("item", name).with("party", &party.name);
        let PriceVersion { points, value, per, taken_in, .. } = price.ok_or_else(none)?;
        let (points, value) = (priced(n, *points, *per)?, priced(n, *value, *per)?);
        let sign = if taken_in.is_some() { -1 } else { 1 };
        match taken_in {
            Some(unit) => bill.earned.push((unit.clone(), points)),
            None => bill.points += points,
        }
        bill.value += value;
        bill.lines.push(TradeLine { item: item.clone(), n: n * sign, points: points * sign, value });
    }
    if bill.points > MOST || bill.value > MOST {
        return Err(Refusal::new("ledger_amount"));
    }
    Ok(bill)
}

/// Points that money stands for; refused beyond the share that the rule allows.
fn paid_in_money(kind: &TransferKind, points: i64, cash: i64) -> Result<i64, Refusal> {
    if cash == 0 {
        return Ok(0);
    }
    let most = points.saturating_mul(kind.cash_rate).saturating_mul(kind.cash_most) / 100;
    if cash < 0 || kind.cash_rate <= 0 || cash % kind.cash_rate != 0 || cash > most {
        return Err(under("ledger_cash", &kind.name, &kind.basis)
            .with("rate", kind.cash_rate)
            .with("most", most.max(0)));
    }
    Ok(cash / kind.cash_rate)
}

/// Books a trade.
pub(super) fn trade(ctx: Ctx, book: &Book, next: Next<'_>, trade: &Trade) -> Result<Vec<LedgerEvent>, Refusal> {
    let kind = kind_for(ctx, &trade.kind, Purpose::Trade)?;
    let party = party_on(book, trade.party, trade.day)?;
    if trade.day > ctx.now.day() {
        return Err(under("ledger_future", &kind.name, &kind.basis));
    }
    let bill = bill(ctx, book, trade, party)?;
    let by_money = paid_in_money(kind, bill.points, trade.cash)?;
    let roles = Roles { place: party.place, household: Some(trade.home), party: Some((party.id, party.place)) };
    let mut legs = Vec::new();
    for flow in &kind.flows {
        let money = || flow.unit.as_deref().ok_or_else(|| Refusal::new("pack").with("fault", &kind.id));
        match flow.of {
            Quantity::Points => {
                let mut due = bill.points - by_money;
                // What was handed in pays first; what it is worth beyond that is credited in its own class.
                for (unit, earned) in &bill.earned {
                    let paid = due.min(*earned).max(0);
                    due -= paid;
                    legs.extend(flow_legs(ctx, flow, &roles, unit, paid - earned)?);
                }
                legs.extend(pay(ctx, book, kind, flow, &roles, (due, trade.day))?);
            }
            Quantity::Goods => legs.extend(goods(ctx, flow, &roles, bill.lines.iter().map(|l| (&l.item, l.n)))?),
            Quantity::Value => legs.extend(flow_legs(ctx, flow, &roles, money()?, bill.value)?),
            Quantity::Cash => legs.extend(flow_legs(ctx, flow, &roles, money()?, trade.cash)?),
        }
    }
    let about = About {
        household: trade.home.id,
        party: Some(party.id),
        lines: bill.lines,
        cash: trade.cash,
        ..trade.about.clone()
    };
    let draft = Draft { kind, day: trade.day, legs, until: trade.until, reverses: None, about };
    book_draft(&ctx.policy.ledger, book, next, draft)
}

/// Takes points off a household: the oldest lots over all classes that stand for each other.
fn pay(
    ctx: Ctx,
    book: &Book,
    kind: &TransferKind,
    flow: &FlowLine,
    roles: &Roles,
    (due, day): (i64, Day),
) -> Result<Vec<DraftLeg>, Refusal> {
    let rules = &ctx.policy.ledger;
    let account = rules.account(&flow.from).ok_or_else(|| Refusal::new("pack").with("fault", &flow.from))?;
    let mut legs = Vec::new();
    if due <= 0 {
        return Ok(legs);
    }
    // (day made, lot, unit, how much) of everything that can be used.
    let mut open = Vec::new();
    let mut have = 0;
    for unit in rules.units_of(&account.units) {
        let (key, _) = key_of(ctx, &flow.from, roles, &unit.id)?;
        let Some(found) = book.find(&key) else { continue };
        let mut free = if account.lots { lots::free(book, found.id, day, &Vec::new()) } else { found.free().max(0) };
        have += free;
        if !account.lots {
            open.push((Day(0), found.id.0, unit.id.as_str(), free));
            continue;
        }
        for (id, lot) in lots::oldest_first(book, found.id) {
            let part = lot.usable(day).min(free);
            free -= part;
            open.push((lot.made, id.0, unit.id.as_str(), part));
        }
    }
    if have < due {
        let refusal = under("ledger_short", &kind.name, &kind.basis).with("account", &account.name);
        let word = rules.units_of(&account.units).next().map_or("", |u| u.word.as_str());
        return Err(refusal.with("unit", "").with("word", word).with("have", have).with("need", due));
    }
    open.sort_unstable();
    let mut left = due;
    for (_, _, unit, part) in open {
        let n = part.min(left);
        left -= n;
        if n > 0 {
            legs.extend(flow_legs(ctx, flow, roles, unit, n)?);
        }
    }
    Ok(legs)
}
