//! Who takes part in a transfer, and which accounts that makes: a flow names kinds of accounts, the roles their owners.

use super::MOST;
use super::account::AccountKey;
use super::award::Home;
use super::book::Book;
use super::post::DraftLeg;
use super::record::{Party, Record, RecordKey};
use crate::day::Day;
use crate::flow::Ctx;
use crate::ids::{PartyId, RegionId};
use crate::policy::{FlowLine, OwnerKind, Purpose, TransferKind};
use crate::refusal::Refusal;

/// Who takes part: the owners of the accounts that flows name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// Place whose village, town and county are meant.
    pub place: RegionId,
    /// Household.
    pub household: Option<Home>,
    /// Party and its place.
    pub party: Option<(PartyId, RegionId)>,
}

/// The account of a kind that these roles own in a unit, with its place.
pub(super) fn key_of(ctx: Ctx, kind: &str, roles: &Roles, unit: &str) -> Result<(AccountKey, RegionId), Refusal> {
    let fault = || Refusal::new("pack").with("fault", kind);
    let account = ctx.policy.ledger.account(kind).ok_or_else(fault)?;
    let (owner, place) = match account.owner {
        OwnerKind::Household => roles.household.map(|h| (h.id, h.place)).ok_or_else(fault)?,
        OwnerKind::Party => roles.party.map(|(id, place)| (id.0, place)).ok_or_else(fault)?,
        region => {
            let level = region.level().ok_or_else(fault)?;
            let (tree, day) = (&ctx.directory.tree, ctx.now.day());
            let found = tree.at_level(tree.standing(roles.place, day), level, day);
            let found = found.ok_or_else(|| Refusal::field("place", "place"))?;
            (found.0, found)
        }
    };
    Ok((AccountKey::new(kind, owner, unit), place))
}

/// The two legs of a flow; a negative quantity goes the other way.
pub(super) fn flow_legs(
    ctx: Ctx,
    flow: &FlowLine,
    roles: &Roles,
    unit: &str,
    n: i64,
) -> Result<[DraftLeg; 2], Refusal> {
    let (from, from_place) = key_of(ctx, &flow.from, roles, unit)?;
    let (to, to_place) = key_of(ctx, &flow.to, roles, unit)?;
    let leg = |key, place, n| DraftLeg { key, place, n, first: Vec::new(), may_owe: 0 };
    Ok([leg(from, from_place, -n), leg(to, to_place, n)])
}

/// A party that takes part on a day.
pub(super) fn party_on(book: &Book, id: PartyId, day: Day) -> Result<&Party, Refusal> {
    match book.record(&RecordKey::party(id)) {
        Some(Record::Party(party)) if party.closed.is_none_or(|c| c > day) => Ok(party),
        Some(Record::Party(party)) => Err(Refusal::new("ledger_party_closed").with("party", &party.name)),
        _ => Err(Refusal::new("ledger_no_party")),
    }
}

/// A kind of transfer that is made for this.
pub(super) fn kind_for<'a>(ctx: Ctx<'a>, id: &str, purpose: Purpose) -> Result<&'a TransferKind, Refusal> {
    let kind = ctx.policy.ledger.transfer(id).filter(|k| k.purpose == purpose);
    kind.ok_or_else(|| Refusal::new("pack").with("fault", id))
}

/// A number of pieces, neither nothing nor beyond sense.
pub(super) fn many(n: i64) -> Result<i64, Refusal> {
    if (1..=MOST).contains(&n) { Ok(n) } else { Err(Refusal::new("ledger_amount")) }
}

/// Legs of goods, each in its own unit; what the account does not keep, such as a service, has no stock.
pub(super) fn goods<'a>(
    ctx: Ctx,
    flow: &FlowLine,
    roles: &Roles,
    items: impl Iterator<Item = (&'a String, i64)>,
) -> Result<Vec<DraftLeg>, Refusal> {
    let rules = &ctx.policy.ledger;
    let kept = rules.account(&flow.from).ok_or_else(|| Refusal::new("pack").with("fault", &flow.from))?;
    let mut legs = Vec::new();
    for (item, n) in items.filter(|(item, _)| rules.keeps(kept, item)) {
        legs.extend(flow_legs(ctx, flow, roles, item, n)?);
    }
    Ok(legs)
}
