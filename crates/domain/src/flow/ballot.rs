//! What a vote by ballot does to its matter: while it runs the matter does not move on, and once it is counted its
//! numbers stand in the matter's fields, where nobody types others.

use super::{Ctx, finish, guard, plain_change};
use crate::ballot::Counted;
use crate::ids::BallotId;
use crate::matter::{BallotRef, Change, Happening, Matter, Values, Who};
use crate::policy::{BallotRule, Move, Mover};
use crate::refusal::Refusal;
use serde_json::Value;

/// Whether somebody is one of these movers over the matter; returns them with the post they act under.
pub fn acting(ctx: Ctx, matter: &Matter, movers: &[Mover], what: &str, by: Who) -> Result<Who, Refusal> {
    guard::is_alive(matter)?;
    let Who::Account { account, .. } = by else { return Err(Refusal::new("no_right")) };
    if !guard::sees(ctx, matter, account) {
        return Err(Refusal::new("not_found"));
    }
    let ids: Vec<&str> = movers.iter().map(|m| m.0.as_str()).collect();
    match guard::acting_post(ctx, matter, &ids, account) {
        Some(post) => Ok(Who::Account { account, post: Some(post) }),
        None => Err(guard::no_right_of(ctx, movers, what)),
    }
}

/// Whether a vote of this rule may be opened on the matter now.
pub fn may_ballot(ctx: Ctx, matter: &Matter, rule: &BallotRule) -> Result<(), Refusal> {
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    if !rule.steps.contains(&matter.step) {
        let step = kind.step(&matter.step).map_or("", |s| s.name.as_str());
        return Err(Refusal::new("move_not_here").with("move", &rule.name).with("step", step));
    }
    if matter.ballots.iter().any(|b| b.open) {
        return Err(Refusal::new("ballot_open"));
    }
    if let Some(when) = &rule.when {
        let holds = when.holds(&matter.vars(kind)).map_err(|e| Refusal::new("pack").with("fault", e))?;
        if !holds {
            return Err(Refusal::new("not_now").with("why", &rule.name));
        }
    }
    if let Some(wait) = &rule.not_before {
        let from = ctx.policy.calendar.due(matter.since().unwrap_or(ctx.now), wait);
        if ctx.now < from {
            return Err(Refusal::new("too_early").with("move", &rule.name).with("day", from.day()));
        }
    }
    Ok(())
}

/// Votes that this account could open on the matter now.
pub fn ballots_offered<'a>(ctx: Ctx<'a>, matter: &Matter, account: crate::ids::AccountId) -> Vec<&'a BallotRule> {
    let Some(kind) = ctx.policy.kind_of(matter) else { return Vec::new() };
    let by = Who::Account { account, post: None };
    let fits = |rule: &&BallotRule| {
        may_ballot(ctx, matter, rule).is_ok() && acting(ctx, matter, &rule.by, &rule.name, by.clone()).is_ok()
    };
    kind.ballots.iter().filter(fits).collect()
}

/// What opening or counting a vote does to the matter.
pub fn balloted(
    ctx: Ctx,
    matter: &Matter,
    by: Who,
    (id, rule): (BallotId, &BallotRule),
    counted: Option<&Counted>,
) -> Result<Change, Refusal> {
    let mark = BallotRef { id, rule: rule.id.clone(), open: counted.is_none() };
    let mut change = plain_change(ctx, matter, by, Happening::Balloted { ballot: mark, fixed: Vec::new() }, None);
    if let Some(counted) = counted {
        let count = Counted::count(counted.due, counted.present, counted.tally);
        let filled = [
            (&rule.due, count.due),
            (&rule.present, count.present),
            (&rule.yes, count.yes),
            (&rule.no, count.no),
            (&rule.abstain, count.abstain),
        ];
        let mark = BallotRef { id, rule: rule.id.clone(), open: false };
        let fixed = filled.iter().map(|(field, _)| (*field).clone()).collect();
        change.what = Happening::Balloted { ballot: mark, fixed };
        change.values = filled.into_iter().map(|(field, n)| (field.clone(), Value::from(n))).collect();
    }
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    finish(ctx, kind, Some(matter), change)
}

/// What calling a vote off does to the matter.
pub fn ballot_void(ctx: Ctx, matter: &Matter, by: Who, (id, rule): (BallotId, &BallotRule)) -> Result<Change, Refusal> {
    let mark = BallotRef { id, rule: rule.id.clone(), open: false };
    let change = plain_change(ctx, matter, by, Happening::Balloted { ballot: mark, fixed: Vec::new() }, None);
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    finish(ctx, kind, Some(matter), change)
}

/// What somebody typed, with the numbers that a ballot has counted in their place: they cannot be typed over.
pub(super) fn as_counted(matter: &Matter, values: Values) -> Values {
    let mut values = values;
    for field in &matter.fixed {
        if values.contains_key(field) {
            values.remove(field);
        }
    }
    values
}

/// Whether a running vote keeps the move from being made.
pub(super) fn may_leave(matter: &Matter, mv: &Move) -> Result<(), Refusal> {
    let leaves = mv.vote.is_some() || mv.to.as_ref().is_some_and(|to| *to != matter.step);
    if leaves && matter.ballots.iter().any(|b| b.open) {
        return Err(Refusal::new("ballot_open"));
    }
    Ok(())
}
