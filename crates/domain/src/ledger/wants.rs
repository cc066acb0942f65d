//! What a decision needs at hand. A group of commands asks together, so that each table is read once; what turns up may
//! need more, so it is asked again until nothing is wanted.

use super::AccountKey;
use super::award::{Award, Home, rule_on, use_of};
use super::book::{Book, Use};
use super::record::{Record, RecordKey};
use super::request::Request;
use super::roles::{Roles, flow_legs, key_of};
use crate::flow::Ctx;
use crate::ids::{LedgerId, MatterId, PartyId, TransferId};
use crate::policy::{FlowLine, Quantity};
use std::collections::BTreeSet;

/// What a decision needs and does not have at hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wants {
    /// Accounts by key.
    pub keys: BTreeSet<AccountKey>,
    /// Accounts by id.
    pub ids: BTreeSet<LedgerId>,
    /// Accounts whose lots that are not used up are needed.
    pub lots: BTreeSet<LedgerId>,
    /// Single lots, used up or not.
    pub one_lots: BTreeSet<(LedgerId, TransferId)>,
    /// Transfers.
    pub transfers: BTreeSet<TransferId>,
    /// Matters whose transfers are needed.
    pub matters: BTreeSet<MatterId>,
    /// Uses of caps.
    pub uses: BTreeSet<Use>,
    /// Records.
    pub records: BTreeSet<RecordKey>,
}

impl Wants {
    /// Whether everything is at hand.
    pub fn is_empty(&self) -> bool {
        *self == Wants::default()
    }

    fn key(&mut self, book: &Book, key: AccountKey) {
        if !book.knows(&key) {
            self.keys.insert(key);
        }
    }

    /// An account whose lots are needed as soon as it is known to be there.
    fn with_lots(&mut self, book: &Book, key: AccountKey) {
        match book.find(&key) {
            Some(found) if found.lots && !found.lots_known => {
                self.lots.insert(found.id);
            }
            Some(_) => {}
            None => self.key(book, key),
        }
    }

    fn by_id(&mut self, book: &Book, id: LedgerId, always_lots: bool) {
        match book.account(id) {
            Some(found) if found.lots && !found.lots_known && (always_lots || found.debt > 0) => {
                self.lots.insert(id);
            }
            Some(_) => {}
            None => {
                if !book.asked.ids.contains(&id) {
                    self.ids.insert(id);
                }
            }
        }
    }

    fn used(&mut self, book: &Book, key: Use) {
        if !book.knows_use(&key) {
            self.uses.insert(key);
        }
    }

    /// Adds what another one wants.
    pub fn extend(&mut self, other: Wants) {
        self.keys.extend(other.keys);
        self.ids.extend(other.ids);
        self.lots.extend(other.lots);
        self.one_lots.extend(other.one_lots);
        self.transfers.extend(other.transfers);
        self.matters.extend(other.matters);
        self.uses.extend(other.uses);
        self.records.extend(other.records);
    }

    fn record(&mut self, book: &Book, key: RecordKey) {
        if book.record(&key).is_none() && !book.asked.records.contains(&key) {
            self.records.insert(key);
        }
    }

    /// Both ends of a flow.
    fn flow(&mut self, ctx: Ctx, book: &Book, (flow, roles): (&FlowLine, &Roles), unit: &str, n: i64) {
        let Ok(legs) = flow_legs(ctx, flow, roles, unit, n) else { return };
        for leg in legs {
            let owes = book.find(&leg.key).is_some_and(|a| a.debt > 0);
            if leg.n < 0 || owes { self.with_lots(book, leg.key) } else { self.key(book, leg.key) }
        }
    }

    fn transfer(&mut self, book: &Book, id: TransferId, back: bool) {
        let Some(booked) = book.transfer(id) else {
            if !book.asked.transfers.contains(&id) {
                self.transfers.insert(id);
            }
            return;
        };
        if let Some(party) = booked.moved.about.party {
            self.record(book, RecordKey::party(party));
        }
        for leg in &booked.moved.legs {
            self.by_id(book, leg.account, back || leg.n < 0);
            if !back || !book.account(leg.account).is_some_and(|a| a.lots) {
                continue;
            }
            // A lot that was used up is filled again, so it is needed though nothing is left of it.
            let lots = leg.lots.iter().map(|(lot, _)| (leg.account, *lot)).chain([(leg.account, id)]);
            let missing = |(a, l): &(LedgerId, TransferId)| {
                book.lot(*a, *l).is_none() && !book.asked.one_lots.contains(&(*a, *l))
            };
            self.one_lots.extend(lots.filter(missing));
        }
        if let Some((start, _)) = booked.moved.about.used {
            self.used(book, (booked.moved.about.household, booked.moved.about.rule.clone(), start));
        }
    }
}

/// Adds what a request needs and the book does not have. What turns up may need more, so it is asked again after loading
/// until nothing is wanted.
pub fn wants(ctx: Ctx, book: &Book, request: &Request, wanted: &mut Wants) {
    let rules = &ctx.policy.ledger;
    match request {
        Request::Award(award) => want_award(ctx, book, award, wanted),
        Request::Trade(trade) => {
            for (item, _) in &trade.items {
                wanted.record(book, RecordKey::price(trade.party, item));
            }
            let items: Vec<&str> = trade.items.iter().map(|(i, _)| i.as_str()).collect();
            want_at_party(ctx, book, (&trade.kind, trade.party, Some(trade.home)), &items, wanted);
        }
        Request::Stock(stock) => {
            let items: Vec<&str> = stock.items.iter().map(|(i, _, _)| i.as_str()).collect();
            want_at_party(ctx, book, (&stock.kind, stock.party, None), &items, wanted);
        }
        Request::Count(count) => {
            let items: Vec<&str> = count.items.iter().map(|(i, _)| i.as_str()).collect();
            want_at_party(ctx, book, (&count.kind, count.party, None), &items, wanted);
        }
        Request::Plain(plain) => {
            let Some(kind) = rules.transfer(&plain.kind) else { return };
            for flow in &kind.flows {
                for (_, unit, n) in plain.amounts.iter().filter(|(of, _, _)| *of == flow.of) {
                    wanted.flow(ctx, book, (flow, &plain.roles), unit, *n);
                }
            }
        }
        Request::Settle { id, .. } => wanted.transfer(book, *id, false),
        Request::Reverse { id, .. } => wanted.transfer(book, *id, true),
        Request::Lapse(ids) => ids.iter().for_each(|id| wanted.transfer(book, *id, false)),
        Request::OfMatter { matter, how, .. } => {
            if !book.asked.matters.contains(matter) {
                wanted.matters.insert(*matter);
            }
            for id in book.of_matter(*matter) {
                wanted.transfer(book, id, how.is_none());
            }
        }
        Request::Expire(sweep) => want_swept(ctx, book, &sweep.accounts, None, wanted),
        Request::Clear { clearing, village, up_to, accounts } => {
            wanted.record(book, RecordKey::notice(*village, clearing, *up_to));
            let transfer = rules.clearings.iter().find(|c| c.id == *clearing).map(|c| c.transfer.as_str());
            want_swept(ctx, book, accounts, transfer, wanted);
        }
        Request::Party(party) => wanted.record(book, RecordKey::party(party.id)),
        Request::Price { party, item, .. } => {
            wanted.record(book, RecordKey::party(*party));
            wanted.record(book, RecordKey::price(*party, item));
        }
        Request::Consent { home, party, .. } => {
            wanted.record(book, RecordKey::party(*party));
            wanted.record(book, RecordKey::consent(home.id, *party));
        }
        Request::Notice { .. } => {}
        Request::Honours { honour, year, points, .. } => {
            points.iter().for_each(|(home, _)| wanted.record(book, RecordKey::honour(*home, honour, *year)));
        }
        Request::Review { honour, year, households, .. } => {
            households.iter().for_each(|home| wanted.record(book, RecordKey::honour(*home, honour, *year)));
        }
        Request::Many(list) => list.iter().for_each(|r| wants(ctx, book, r, wanted)),
    }
}

fn want_award(ctx: Ctx, book: &Book, award: &Award, wanted: &mut Wants) {
    let rules = &ctx.policy.ledger;
    let (Ok(rule), Some(kind)) = (rule_on(rules, &award.rule, award.day), rules.transfer(&award.kind)) else { return };
    if let Some((start, _)) = use_of(rule, award.day, award.times) {
        wanted.used(book, (award.home.id, rule.code.clone(), start));
    }
    let roles = Roles { place: award.home.place, household: Some(award.home), party: None };
    for flow in kind.flows.iter().filter(|f| f.of == Quantity::Points) {
        wanted.flow(ctx, book, (flow, &roles), &rule.class, rule.points);
    }
}

/// What a transfer at a party needs: all classes of the household's points, stock of the items, budget and money.
fn want_at_party(
    ctx: Ctx,
    book: &Book,
    (kind, party, home): (&str, PartyId, Option<Home>),
    items: &[&str],
    wanted: &mut Wants,
) {
    let rules = &ctx.policy.ledger;
    wanted.record(book, RecordKey::party(party));
    let (Some(Record::Party(party)), Some(kind)) = (book.record(&RecordKey::party(party)), rules.transfer(kind)) else {
        return;
    };
    let roles = Roles { place: party.place, household: home, party: Some((party.id, party.place)) };
    for flow in &kind.flows {
        match (flow.of, flow.unit.as_deref()) {
            (Quantity::Goods, _) => {
                let Some(kept) = rules.account(&flow.from) else { continue };
                for item in items.iter().filter(|i| rules.keeps(kept, i)) {
                    wanted.flow(ctx, book, (flow, &roles), item, 1);
                    wanted.flow(ctx, book, (flow, &roles), item, -1);
                }
            }
            (Quantity::Points, _) => {
                let units = rules.account(&flow.from).map(|a| a.units.as_slice()).unwrap_or_default();
                for unit in rules.units_of(units) {
                    wanted.flow(ctx, book, (flow, &roles), &unit.id, 1);
                }
            }
            (_, Some(unit)) => wanted.flow(ctx, book, (flow, &roles), unit, 1),
            _ => {}
        }
    }
}

fn want_swept(ctx: Ctx, book: &Book, accounts: &[LedgerId], transfer: Option<&str>, wanted: &mut Wants) {
    let rules = &ctx.policy.ledger;
    for id in accounts {
        wanted.by_id(book, *id, true);
        let Some(account) = book.account(*id) else { continue };
        let kind = transfer.or_else(|| rules.unit(&account.key.unit).and_then(|u| u.expire.as_deref()));
        let Some(kind) = kind.and_then(|k| rules.transfer(k)) else { continue };
        let roles = Roles { place: account.place, household: None, party: None };
        for flow in kind.flows.iter().filter(|f| f.from == account.key.kind) {
            if let Ok((key, _)) = key_of(ctx, &flow.to, &roles, &account.key.unit) {
                wanted.key(book, key);
            }
        }
    }
}
