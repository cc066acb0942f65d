//! What may be asked of the ledger, what each needs at hand, and who may ask. A request that comes from a matter's move
//! was judged by the flow; every other one needs a post that the kind of transfer names.

use super::award::{Award, award};
use super::book::{Book, Status};
use super::event::{About, How, LedgerEvent};
use super::post::{Draft, book_draft};
use super::record::{Party, PriceVersion};
use super::roles::{Roles, flow_legs, kind_for, party_on};
use super::settle::{Sweep, clear, expire, lapse, notice_is_over, reverse, settle};
use super::stock::{Count, Stock, count, stock};
use super::trade::{Trade, trade};
use super::{Next, enter, under};
use crate::day::Day;
use crate::flow::Ctx;
use crate::ids::{LedgerId, MatterId, PartyId, RegionId, TransferId};
use crate::matter::Who;
use crate::policy::{Purpose, Quantity};
use crate::refusal::Refusal;

/// An amount named outright.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    /// Kind of transfer.
    pub kind: String,
    /// Who takes part.
    pub roles: Roles,
    /// Which quantity, in which unit, how much.
    pub amounts: Vec<(Quantity, String, i64)>,
    /// Day.
    pub day: Day,
    /// Who made it.
    pub about: About,
}

/// What may be asked of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Points under a rule.
    Award(Award),
    /// Goods, services and offers.
    Trade(Trade),
    /// Goods that come in.
    Stock(Stock),
    /// A stocktaking.
    Count(Count),
    /// An amount named outright.
    Plain(Plain),
    /// The end of a pending transfer.
    Settle {
        /// Which.
        id: TransferId,
        /// How.
        how: How,
        /// First and last day it was shown.
        shown: Option<(Day, Day)>,
    },
    /// The pending transfers of a matter, or the posted one to be taken back.
    OfMatter {
        /// Matter.
        matter: MatterId,
        /// How it ends; without it, it is taken back.
        how: Option<How>,
        /// First and last day it was shown.
        shown: Option<(Day, Day)>,
        /// Who does it.
        about: About,
    },
    /// A mistake taken back.
    Reverse {
        /// Which.
        id: TransferId,
        /// Day.
        day: Day,
        /// Who did it, and why.
        about: About,
    },
    /// What has run out.
    Expire(Sweep),
    /// Pending transfers whose time has run out.
    Lapse(Vec<TransferId>),
    /// Clearing of a village's households.
    Clear {
        /// Clearing of the pack.
        clearing: String,
        /// Village.
        village: RegionId,
        /// Credits up to this day.
        up_to: Day,
        /// Accounts.
        accounts: Vec<LedgerId>,
    },
    /// A party: new with id 0, or as it is from now on.
    Party(Party),
    /// A price from a day on.
    Price {
        /// Party.
        party: PartyId,
        /// Good or service.
        item: String,
        /// The new version.
        version: PriceVersion,
    },
    /// A household's written consent, or its end.
    Consent {
        /// Household and where it lives.
        home: super::Home,
        /// Who may look.
        party: PartyId,
        /// Digest of the signed sheet; empty to withdraw.
        sheet: String,
        /// Last day; none for the pack's usual length.
        to: Option<Day>,
    },
    /// A notice of a clearing.
    Notice {
        /// Village.
        village: RegionId,
        /// Clearing of the pack.
        clearing: String,
    },
    /// A year's list of honours in a village.
    Honours {
        /// Village.
        village: RegionId,
        /// Honour of the pack.
        honour: String,
        /// Year.
        year: i16,
        /// Households and their points of the year.
        points: Vec<(i64, i64)>,
    },
    /// The review of a year's list.
    Review {
        /// Village.
        village: RegionId,
        /// Honour of the pack.
        honour: String,
        /// Year.
        year: i16,
        /// Households that stand on it.
        households: Vec<i64>,
    },
    /// Several at once, all or none.
    Many(Vec<Request>),
}

impl Request {
    /// One word for the journal.
    pub fn name(&self) -> &'static str {
        match self {
            Request::Award(_) => "award",
            Request::Trade(_) => "trade",
            Request::Stock(_) => "stock",
            Request::Count(_) => "count",
            Request::Plain(_) => "plain",
            Request::Settle { .. } => "settle",
            Request::OfMatter { .. } => "matter",
            Request::Reverse { .. } => "reverse",
            Request::Expire(_) => "expire",
            Request::Lapse(_) => "lapse",
            Request::Clear { .. } => "clear",
            Request::Party(_) => "party",
            Request::Price { .. } => "price",
            Request::Consent { .. } => "consent",
            Request::Notice { .. } => "notice",
            Request::Honours { .. } => "honours",
            Request::Review { .. } => "review",
            Request::Many(_) => "many",
        }
    }
}

/// Whether an actor holds one of these posts over a place.
pub(super) fn may(ctx: Ctx, by: &Who, posts: &[String], place: RegionId) -> bool {
    let Who::Account { account, post } = by else { return false };
    let day = ctx.now.day();
    let chain = ctx.directory.tree.in_charge(place, day);
    ctx.directory.posts_of(*account, day).into_iter().any(|h| {
        post.as_ref().is_none_or(|p| p == h)
            && posts.contains(&h.post)
            && ctx.directory.region_of(h).is_some_and(|r| chain.contains(&r))
    })
}

/// Refuses unless an actor may make, or take back, this kind of transfer over a place.
fn allowed(ctx: Ctx, by: &Who, kind: &str, place: RegionId, back: bool) -> Result<(), Refusal> {
    let kind = ctx.policy.ledger.transfer(kind).ok_or_else(|| Refusal::new("pack").with("fault", kind))?;
    let posts = if back { &kind.reverse_by } else { &kind.by };
    if may(ctx, by, posts, place) {
        return Ok(());
    }
    Err(no_post(ctx, &kind.name, &kind.basis, posts))
}

/// A refusal that says who has the right.
pub(super) fn no_post(ctx: Ctx, what: &str, basis: &str, posts: &[String]) -> Refusal {
    let who: Vec<&str> = posts.iter().filter_map(|p| ctx.policy.post(p)).map(|p| p.name.as_str()).collect();
    if basis.is_empty() {
        return Refusal::new("no_right_move").with("move", what).with("who", who.join("、"));
    }
    under("ledger_no_post", what, basis).with("who", who.join("、"))
}

/// Decides a request that someone sends directly.
pub fn decide(ctx: Ctx, book: &Book, next: Next<'_>, by: &Who, request: &Request) -> Result<Vec<LedgerEvent>, Refusal> {
    let place = |id: PartyId| party_on(book, id, ctx.now.day()).map(|p| p.place);
    match request {
        Request::Award(award) => allowed(ctx, by, &award.kind, award.home.place, false)?,
        Request::Trade(trade) => allowed(ctx, by, &trade.kind, place(trade.party)?, false)?,
        Request::Stock(stock) => allowed(ctx, by, &stock.kind, place(stock.party)?, false)?,
        Request::Count(count) => allowed(ctx, by, &count.kind, place(count.party)?, false)?,
        Request::Plain(plain) => allowed(ctx, by, &plain.kind, plain.roles.place, false)?,
        Request::Settle { id, .. } | Request::Reverse { id, .. } => {
            let booked = book.transfer(*id).ok_or_else(|| Refusal::new("ledger_no_transfer"))?;
            let first = booked.moved.legs.first().and_then(|l| book.account(l.account));
            let place = first.map(|a| a.place).ok_or_else(|| Refusal::new("ledger_no_transfer"))?;
            allowed(ctx, by, &booked.moved.kind, place, matches!(request, Request::Reverse { .. }))?;
            // What a matter's flow booked is settled by its flow alone.
            if booked.moved.about.matter.is_some() && matches!(request, Request::Settle { .. }) {
                return Err(Refusal::new("ledger_by_matter"));
            }
        }
        Request::Expire(_) | Request::Lapse(_) if *by == Who::System => {}
        Request::Expire(_) | Request::Lapse(_) | Request::OfMatter { .. } => return Err(Refusal::new("no_right")),
        // These say themselves who may.
        Request::Clear { .. }
        | Request::Party(_)
        | Request::Price { .. }
        | Request::Consent { .. }
        | Request::Notice { .. }
        | Request::Honours { .. }
        | Request::Review { .. } => {}
        Request::Many(list) => {
            return in_turn(ctx, book, next, list, |ctx, book, next, one| decide(ctx, book, next, by, one));
        }
    }
    carry_out(ctx, book, next, by, request)
}

/// Several requests, each decided after the ones before it; one refusal and none is carried out.
fn in_turn<T>(
    ctx: Ctx,
    book: &Book,
    next: Next<'_>,
    list: &[T],
    mut one: impl FnMut(Ctx, &Book, Next<'_>, &T) -> Result<Vec<LedgerEvent>, Refusal>,
) -> Result<Vec<LedgerEvent>, Refusal> {
    let mut scratch = book.clone();
    let mut events = Vec::new();
    for item in list {
        let more = one(ctx, &scratch, next, item)?;
        for event in &more {
            scratch.apply(event, 0, ctx.now);
        }
        events.extend(more);
    }
    Ok(events)
}

/// Decides a request whose right was established: by a post, or by the flow of a matter.
pub fn carry_out(
    ctx: Ctx,
    book: &Book,
    next: Next<'_>,
    by: &Who,
    request: &Request,
) -> Result<Vec<LedgerEvent>, Refusal> {
    let rules = &ctx.policy.ledger;
    match request {
        Request::Award(request) => award(ctx, book, next, request),
        Request::Trade(request) => trade(ctx, book, next, request),
        Request::Stock(request) => stock(ctx, book, next, request),
        Request::Count(request) => count(ctx, book, next, request),
        Request::Plain(request) => plain(ctx, book, next, request),
        Request::Settle { id, how, shown } => Ok(vec![settle(rules, book, ctx.now, *id, *how, *shown)?]),
        Request::Reverse { id, day, about } => reverse(rules, book, next, *day, *id, about.clone()),
        Request::OfMatter { matter, how, shown, about } => {
            let open = match how {
                Some(_) => Status::Pending,
                None => Status::Posted,
            };
            let is_open = |id: &TransferId| {
                book.transfer(*id)
                    .is_some_and(|b| b.status == open && b.reversed.is_none() && b.moved.reverses.is_none())
            };
            let ids: Vec<TransferId> = book.of_matter(*matter).filter(is_open).collect();
            // What has lapsed needs no giving up.
            if ids.is_empty() && *how == Some(How::Void) {
                return Ok(Vec::new());
            }
            if ids.is_empty() {
                return Err(Refusal::new(if how.is_some() { "ledger_not_pending" } else { "ledger_not_posted" }));
            }
            in_turn(ctx, book, next, &ids, |ctx, book, next, id| match how {
                Some(how) => Ok(vec![settle(&ctx.policy.ledger, book, ctx.now, *id, *how, *shown)?]),
                None => reverse(&ctx.policy.ledger, book, next, ctx.now.day(), *id, about.clone()),
            })
        }
        Request::Lapse(ids) => Ok(ids.iter().filter_map(|id| lapse(book, ctx.now, *id)).collect()),
        Request::Expire(sweep) => in_turn(ctx, book, next, &sweep.accounts, |ctx, book, next, id| {
            Ok(expire(ctx, book, next, sweep.day, *id)?.unwrap_or_default())
        }),
        Request::Clear { clearing, village, up_to, accounts } => {
            let rule = rules.clearings.iter().find(|c| c.id == *clearing);
            let rule = rule.ok_or_else(|| Refusal::new("pack").with("fault", clearing))?;
            if !may(ctx, by, &rule.by, *village) {
                return Err(no_post(ctx, &rule.name, &rule.basis, &rule.by));
            }
            notice_is_over(ctx, book, rule, (*village, *up_to))?;
            in_turn(ctx, book, next, accounts, |ctx, book, next, id| {
                Ok(clear(ctx, book, next, rule, (*village, *up_to), *id)?.unwrap_or_default())
            })
        }
        Request::Many(list) => {
            in_turn(ctx, book, next, list, |ctx, book, next, one| carry_out(ctx, book, next, by, one))
        }
        _ => {
            let entered = enter::enter(ctx, book, next, by, request)?;
            Ok(entered.into_iter().map(LedgerEvent::Recorded).collect())
        }
    }
}

/// Books an amount named outright.
fn plain(ctx: Ctx, book: &Book, next: Next<'_>, plain: &Plain) -> Result<Vec<LedgerEvent>, Refusal> {
    let kind = kind_for(ctx, &plain.kind, Purpose::Plain)?;
    if plain.day > ctx.now.day() {
        return Err(under("ledger_future", &kind.name, &kind.basis));
    }
    let mut legs = Vec::new();
    for flow in &kind.flows {
        for (_, unit, n) in plain.amounts.iter().filter(|(of, _, _)| *of == flow.of) {
            if *n <= 0 {
                return Err(Refusal::new("ledger_amount"));
            }
            legs.extend(flow_legs(ctx, flow, &plain.roles, unit, *n)?);
        }
    }
    let draft = Draft { kind, day: plain.day, legs, until: None, reverses: None, about: plain.about.clone() };
    book_draft(&ctx.policy.ledger, book, next, draft)
}
