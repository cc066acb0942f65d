//! From a move to what it asks of the books. The fields named by the pack say for whom, under which rule and how much;
//! the ledger decides whether it may be. Nothing here knows a kind, a scheme or a points rule.

use super::{Ctx, MoveRequest};
use crate::day::{Day, Time};
use crate::form::named_id;
use crate::ids::PartyId;
use crate::ledger::{About, Award, Home, How, Plain, Request, Roles, Trade};
use crate::matter::{Change, Happening, Matter, Who};
use crate::policy::{Books, Move, Posting, Purpose, Quantity};
use crate::refusal::Refusal;
use serde_json::Value;

/// What a change asks of the books; nothing where its move has no effect on them.
pub fn posting(ctx: Ctx, before: &Matter, change: &Change) -> Result<Option<Request>, Refusal> {
    let Happening::Moved { mv, .. } = &change.what else { return Ok(None) };
    let kind = ctx.policy.kind_of(before).ok_or_else(|| Refusal::new("no_kind"))?;
    let Some(mv) = kind.find_move(mv).filter(|m| m.post.is_some()) else { return Ok(None) };
    let mut after = before.clone();
    after.apply(change, 0);
    of(ctx, mv, &after, (&change.by, before.since()))
}

/// What a move would ask, so that the books it wants are at hand when it is decided. A move that could not be made asks
/// nothing; whether it may be made is not asked here.
pub fn would_post(ctx: Ctx, matter: &Matter, request: &MoveRequest) -> Option<Request> {
    let mv = ctx.policy.kind_of(matter)?.find_move(&request.mv).filter(|m| m.post.is_some())?;
    let mut after = matter.clone();
    after.values.extend(request.values.clone());
    of(ctx, mv, &after, (&Who::System, matter.since())).ok().flatten()
}

/// The same for moves that the clock may make now.
pub fn clock_would_post(ctx: Ctx, matter: &Matter) -> Vec<Request> {
    let due = matter.clocks.iter().filter(|c| c.runs() && c.next.is_some_and(|n| n <= ctx.now));
    let moves = due.filter_map(|c| c.id.strip_prefix("auto:"));
    let asked = |mv: &str| would_post(ctx, matter, &MoveRequest { mv: mv.to_owned(), ..MoveRequest::default() });
    moves.filter_map(asked).collect()
}

fn of(
    ctx: Ctx,
    mv: &Move,
    matter: &Matter,
    (by, since): (&Who, Option<Time>),
) -> Result<Option<Request>, Refusal> {
    let Some(rule) = &mv.post else { return Ok(None) };
    let about = about(mv, rule, matter, by);
    let settle = |how, shown| Request::OfMatter { matter: matter.id, how, shown, about: about.clone() };
    let today = ctx.now.day();
    Ok(Some(match rule.does {
        Books::Make | Books::Hold => made(ctx, rule, matter, about)?,
        Books::Post => settle(Some(How::Posted), Some((since.map_or(today, Time::day), today))),
        Books::Void => settle(Some(How::Void), None),
        Books::Reverse => settle(None, None),
    }))
}

/// Who proposed it and who reviewed it, as the matter's own history says.
fn about(mv: &Move, rule: &Posting, matter: &Matter, by: &Who) -> About {
    let reviewed = matter.trail.iter().rev().find(|t| rule.review.contains(&t.mv)).map(|t| &t.by);
    let now = rule.review.contains(&mv.id).then_some(by);
    About {
        matter: Some(matter.id),
        by: by.account(),
        proposer: matter.opener,
        reviewer: now.or(reviewed).and_then(Who::account),
        evidence: u32::try_from(matter.files.len()).unwrap_or(u32::MAX),
        ..About::default()
    }
}

fn made(ctx: Ctx, rule: &Posting, matter: &Matter, about: About) -> Result<Request, Refusal> {
    let kind = ctx.policy.ledger.transfer(&rule.transfer);
    let kind = kind.ok_or_else(|| Refusal::new("pack").with("fault", &rule.transfer))?;
    let until = rule.until.as_ref().map(|limit| ctx.policy.calendar.due(ctx.now, limit));
    let home = named(matter, &rule.household).map(|id| Home { id, place: matter.place });
    let day = whole(matter, &rule.day).and_then(|d| i32::try_from(d).ok()).map_or(matter.accepted, Day);
    let lacking = |field: &str| Refusal::field(field, "required");
    let text = |field: &str| matter.values.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(match kind.purpose {
        Purpose::Award => Request::Award(Award {
            kind: kind.id.clone(),
            home: home.ok_or_else(|| lacking(&rule.household))?,
            rule: text(&rule.rule),
            times: whole(matter, &rule.times).unwrap_or(1),
            day,
            until,
            about,
        }),
        Purpose::Trade => Request::Trade(Trade {
            kind: kind.id.clone(),
            home: home.ok_or_else(|| lacking(&rule.household))?,
            party: named(matter, &rule.party).map(PartyId).ok_or_else(|| lacking(&rule.party))?,
            items: vec![(text(&rule.item), whole(matter, &rule.count).unwrap_or(1))],
            cash: whole(matter, &rule.cash).unwrap_or(0),
            // Goods are priced on the day they are set aside, not on that of the wish.
            day: ctx.now.day(),
            until,
            about,
        }),
        Purpose::Plain => {
            let unit = |q: Quantity| kind.flows.iter().find(|f| f.of == q).and_then(|f| f.unit.clone());
            let amount = whole(matter, &rule.amount).ok_or_else(|| lacking(&rule.amount))?;
            let roles = Roles { place: matter.place, household: home, party: None };
            let amounts = vec![(Quantity::Value, unit(Quantity::Value).unwrap_or_default(), amount)];
            Request::Plain(Plain { kind: kind.id.clone(), roles, amounts, day, about })
        }
        _ => return Err(Refusal::new("pack").with("fault", &rule.transfer)),
    })
}

fn whole(matter: &Matter, field: &str) -> Option<i64> {
    matter.values.get(field).and_then(Value::as_i64)
}

fn named(matter: &Matter, field: &str) -> Option<i64> {
    named_id(matter.values.get(field)?.as_str()?)
}
