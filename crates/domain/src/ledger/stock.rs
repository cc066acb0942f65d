//! Goods that come in, and what is counted on the shelves. A difference is booked as one, with what the books said beside
//! what was counted; it is never written over.

use super::book::Book;
use super::event::{About, LedgerEvent, TradeLine};
use super::post::{Draft, book_draft};
use super::record::Record;
use super::roles::{Roles, flow_legs, key_of, kind_for, many, party_on};
use super::{MOST, Next, under};
use crate::day::Day;
use crate::flow::Ctx;
use crate::ids::PartyId;
use crate::policy::{Purpose, Quantity};
use crate::refusal::Refusal;

/// Goods that come in.
#[derive(Debug, Clone, PartialEq)]
pub struct Stock {
    /// Kind of transfer.
    pub kind: String,
    /// Shop.
    pub party: PartyId,
    /// Good, how many, and what they cost together, in 分.
    pub items: Vec<(String, i64, i64)>,
    /// Day.
    pub day: Day,
    /// Who made it.
    pub about: About,
}

/// What was counted on the shelves.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// Kind of transfer that books the difference.
    pub kind: String,
    /// Shop.
    pub party: PartyId,
    /// Good and how many are there.
    pub items: Vec<(String, i64)>,
    /// Day.
    pub day: Day,
    /// Who counted.
    pub about: About,
}

/// Books goods that come in.
pub(super) fn stock(ctx: Ctx, book: &Book, next: Next<'_>, stock: &Stock) -> Result<Vec<LedgerEvent>, Refusal> {
    let kind = kind_for(ctx, &stock.kind, Purpose::Stock)?;
    let party = party_on(book, stock.party, stock.day)?;
    if stock.day > ctx.now.day() {
        return Err(under("ledger_future", &kind.name, &kind.basis));
    }
    let roles = Roles { place: party.place, household: None, party: Some((party.id, party.place)) };
    let (mut lines, mut value) = (Vec::new(), 0i64);
    for (item, n, cost) in &stock.items {
        if *cost < 0 || *cost > MOST || ctx.policy.ledger.unit(item).is_none() {
            return Err(Refusal::new("ledger_amount"));
        }
        value += cost;
        lines.push(TradeLine { item: item.clone(), n: many(*n)?, points: 0, value: *cost });
    }
    let mut legs = Vec::new();
    for flow in &kind.flows {
        match (flow.of, flow.unit.as_deref()) {
            (Quantity::Goods, _) => {
                for line in &lines {
                    legs.extend(flow_legs(ctx, flow, &roles, &line.item, line.n)?);
                }
            }
            (Quantity::Value, Some(unit)) => legs.extend(flow_legs(ctx, flow, &roles, unit, value)?),
            _ => return Err(Refusal::new("pack").with("fault", &kind.id)),
        }
    }
    let about = About { party: Some(party.id), lines, ..stock.about.clone() };
    let draft = Draft { kind, day: stock.day, legs, until: None, reverses: None, about };
    book_draft(&ctx.policy.ledger, book, next, draft)
}

/// Records a stocktaking and books what differs from the books; nothing is booked when nothing differs.
pub(super) fn count(ctx: Ctx, book: &Book, next: Next<'_>, count: &Count) -> Result<Vec<LedgerEvent>, Refusal> {
    let kind = kind_for(ctx, &count.kind, Purpose::Count)?;
    let party = party_on(book, count.party, count.day)?;
    let roles = Roles { place: party.place, household: None, party: Some((party.id, party.place)) };
    let flow = kind.flows.iter().find(|f| f.of == Quantity::Goods);
    let flow = flow.ok_or_else(|| Refusal::new("pack").with("fault", &kind.id))?;
    let (mut seen, mut legs, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (item, counted) in &count.items {
        if *counted < 0 || *counted > MOST || seen.iter().any(|(i, _, _)| i == item) {
            return Err(Refusal::new("ledger_amount"));
        }
        let (key, _) = key_of(ctx, &flow.to, &roles, item)?;
        let booked = book.find(&key).map_or(0, |a| a.balance);
        seen.push((item.clone(), booked, *counted));
        if *counted != booked {
            legs.extend(flow_legs(ctx, flow, &roles, item, counted - booked)?);
            lines.push(TradeLine { item: item.clone(), n: counted - booked, points: 0, value: 0 });
        }
    }
    if seen.is_empty() {
        return Err(Refusal::new("ledger_nothing"));
    }
    let record = Record::Count { party: party.id, day: count.day, lines: seen };
    let mut events = vec![LedgerEvent::Recorded(record)];
    if !legs.is_empty() {
        let about = About { party: Some(party.id), lines, ..count.about.clone() };
        let draft = Draft { kind, day: count.day, legs, until: None, reverses: None, about };
        events.extend(book_draft(&ctx.policy.ledger, book, next, draft)?);
    }
    Ok(events)
}
