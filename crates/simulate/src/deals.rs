//! What passes through the books beside matters: households of the register, money that comes in, shops with their goods,
//! and what is bought there week by week. Sent as the same requests a clerk or a shopkeeper would send.

use crate::error::SimulateError;
use crate::ground::Ground;
use crate::plan::Frame;
use crate::scenario::{Scenario, Shop};
use std::sync::Arc;
use xiangyue_app::{App, AppError, Beside, Command, Ids, Outcome};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::entry::Event;
use xiangyue_domain::form::{named, named_id};
use xiangyue_domain::ids::{HouseholdId, PartyId, RegionId};
use xiangyue_domain::ledger::{About, Home, Party, Plain, PriceVersion, Request, Roles, Stock, Trade};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::Quantity;
use xiangyue_domain::register::{Holder, Household, RegisterEvent};

/// Minutes between two customers of a market day.
const APART: i64 = 11;
/// A market day begins at this minute.
const OPENS: u32 = 9 * 60 + 30;

/// A request at an instant.
pub(crate) struct Deal {
    pub at: Time,
    pub who: Who,
    pub request: Arc<Request>,
}

/// Enters households in every village; they bear numbers and no names. Returns how each village's are named on a form.
pub(crate) async fn households(
    app: &App,
    scenario: &Scenario,
    villages: &[RegionId],
    at: Time,
) -> Result<Vec<Vec<String>>, SimulateError> {
    let Some(shape) = scenario.households.clone() else { return Ok(Vec::new()) };
    let places = villages.to_vec();
    let number = move |n: usize| shape.number.replace("{n}", &format!("{:03}", n + 1));
    let entered = places.clone();
    let numbered = number.clone();
    let each = shape.each;
    let decide = move |ids: &mut Ids, _: &_, _: &_| {
        let new = |region: &RegionId, n: usize, ids: &mut Ids| Household {
            id: HouseholdId(ids.draw()),
            number: numbered(n),
            region: *region,
        };
        let mut households = Vec::new();
        for region in &entered {
            households.extend((0..each).map(|n| new(region, n, ids)));
        }
        Ok(vec![Event::Register(RegisterEvent::HouseholdsAdded { households })])
    };
    send(app, at, Who::System, Command::Register(Box::new(decide))).await?;
    let mut out = Vec::new();
    for village in places {
        let most = i64::try_from(each).unwrap_or(i64::MAX);
        let found = app.pool().households_in(app.realm(), &[village.0], most).await.map_err(AppError::from)?;
        out.push(found.iter().map(|h| named(&h.number, h.id.0)).collect());
    }
    Ok(out)
}

async fn send(app: &App, at: Time, who: Who, command: Command) -> Result<Outcome, SimulateError> {
    let answer = app.queue_at(at, who, None, command, Beside::default()).await?;
    Ok(answer.await.map_err(|_| AppError::Busy)??)
}

/// Whoever holds a post over a place.
fn who(app: &App, post: &str, place: RegionId, day: Day) -> Result<Who, SimulateError> {
    let (directory, policy) = (app.directory(), app.policy());
    let fault = || SimulateError::Scenario(format!("nobody holds {post}"));
    let level = policy.level_of(post);
    let seat = directory.tree.at_level(place, level, day).ok_or_else(fault)?;
    let holder = Holder { post: post.to_owned(), seat: seat.0 };
    let account = directory.holders_of(&holder, day).first().map(|a| a.id).ok_or_else(fault)?;
    Ok(Who::Account { account, post: Some(holder) })
}

/// Sets shops and accounts up on the first day and gives what is bought later, in order.
pub(crate) async fn set_up(
    app: &App,
    scenario: &Scenario,
    ground: &Ground,
    frame: Frame,
) -> Result<Vec<Deal>, SimulateError> {
    let (first, day) = (frame.base.start(), frame.base);
    for line in &scenario.income {
        for village in &ground.villages {
            let by = who(app, &line.by, village.id, day)?;
            let plain = plain(&line.transfer, &line.unit, line.yuan, village.id, day);
            send(app, first, by, Command::Ledger(Arc::new(plain))).await?;
        }
    }
    let mut deals = Vec::new();
    for shop in &scenario.shop {
        deals.extend(open(app, shop, ground, frame).await?);
    }
    deals.sort_by_key(|d| d.at);
    Ok(deals)
}

fn plain(transfer: &str, unit: &str, yuan: i64, place: RegionId, day: Day) -> Request {
    let roles = Roles { place, household: None, party: None };
    let amounts = vec![(Quantity::Value, unit.to_owned(), yuan * 100)];
    Request::Plain(Plain { kind: transfer.to_owned(), roles, amounts, day, about: About::default() })
}

async fn open(app: &App, shop: &Shop, ground: &Ground, frame: Frame) -> Result<Vec<Deal>, SimulateError> {
    let (first, day) = (frame.base.start(), frame.base);
    let at = ground.villages.iter().position(|v| v.code == shop.place);
    let at = at.ok_or_else(|| SimulateError::Scenario(format!("shop {}: no such place", shop.name)))?;
    let place = ground.villages[at].id;
    let clerk = who(app, &shop.by, place, day)?;
    let keeper = who(app, &shop.keeper, place, day)?;
    let party = Party { id: PartyId(0), kind: shop.kind.clone(), name: shop.name.clone(), place, closed: None };
    let made = send(app, first, clerk.clone(), Command::Ledger(Arc::new(Request::Party(party)))).await?;
    let party = PartyId(made.made.first().copied().unwrap_or_default());
    for ware in &shop.goods {
        let version =
            PriceVersion { from: day, points: ware.points, value: ware.yuan * 100, per: 1, taken_in: None, off: false };
        let price = Request::Price { party, item: ware.item.clone(), version };
        send(app, first, clerk.clone(), Command::Ledger(Arc::new(price))).await?;
        if ware.stock > 0 {
            let items = vec![(ware.item.clone(), ware.stock, 0)];
            let stock = Stock { kind: shop.purchase.clone(), party, items, day, about: About::default() };
            send(app, first, keeper.clone(), Command::Ledger(Arc::new(Request::Stock(stock)))).await?;
        }
    }
    let fund = plain(&shop.fund.transfer, &shop.fund.unit, shop.fund.yuan, place, day);
    let by = who(app, &shop.fund.by, place, day)?;
    send(app, first, by, Command::Ledger(Arc::new(fund))).await?;
    let homes = ground.households.get(at).map(Vec::as_slice).unwrap_or_default();
    Ok(sales(shop, &keeper, (party, place), homes, frame))
}

/// A few customers on every market day, in turn; whoever has not enough points goes home without.
fn sales(shop: &Shop, keeper: &Who, (party, place): (PartyId, RegionId), homes: &[String], frame: Frame) -> Vec<Deal> {
    let mut deals = Vec::new();
    let mut nth = 0;
    let days = (frame.from.0..=frame.until.0).map(Day).filter(|d| d.weekday() == shop.market_day);
    for day in days.step_by(shop.weeks.get()) {
        for customer in 0..shop.customers {
            let (Some(home), Some(ware)) =
                (homes.get(nth % homes.len().max(1)), shop.goods.get(nth % shop.goods.len().max(1)))
            else {
                continue;
            };
            nth += 1;
            let minutes = i64::try_from(customer).unwrap_or(0) * APART;
            let at = Time(day.at_minute(OPENS).0 + minutes * 60_000);
            if at > frame.cut {
                continue;
            }
            let trade = Trade {
                kind: shop.trade.clone(),
                home: Home { id: named_id(home).unwrap_or_default(), place },
                party,
                items: vec![(ware.item.clone(), 1)],
                cash: 0,
                day,
                until: None,
                about: About::default(),
            };
            deals.push(Deal { at, who: keeper.clone(), request: Arc::new(Request::Trade(trade)) });
        }
    }
    deals
}
