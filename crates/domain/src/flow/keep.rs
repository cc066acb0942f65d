//! What a change of rules does to matters that are under way: another calendar puts limits right that still run, a
//! new flow takes over where the pack says so, new measures are counted. What was judged before is never rewritten.

use super::{Ctx, clock, finish, guard, plain_change};
use crate::matter::{Change, Happening, Matter, Who};
use crate::refusal::Refusal;

/// Limits that still run, under the calendar in force; `None` when none of them moves.
pub fn reschedule(ctx: Ctx, matter: &Matter) -> Result<Option<Change>, Refusal> {
    if guard::is_alive(matter).is_err() {
        return Ok(None);
    }
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    let mut clocks = matter.clocks.clone();
    let moved: Vec<bool> = clocks.iter_mut().map(|c| clock::reschedule(ctx, c)).collect();
    if !moved.contains(&true) {
        return Ok(None);
    }
    let change = plain_change(ctx, matter, Who::System, Happening::Rescheduled, None);
    finish(ctx, kind, Some(matter), Change { clocks, ..change }).map(Some)
}

/// The matter under the flow in force, where that flow takes over; `None` where it keeps its own.
pub fn carry(ctx: Ctx, matter: &Matter) -> Result<Option<Change>, Refusal> {
    let kind = ctx.policy.kind(&matter.kind).ok_or_else(|| Refusal::new("no_kind"))?;
    let Some(carry) = kind.carry.as_ref().filter(|_| kind.version != matter.flow) else { return Ok(None) };
    if guard::is_alive(matter).is_err() {
        return Ok(None);
    }
    let called = carry.steps.get(&matter.step).unwrap_or(&matter.step);
    // A step that the new flow does not know stays under the old one, where it can be finished.
    let Some(step) = kind.step(called) else { return Ok(None) };
    let what = Happening::Carried { flow: kind.version.clone(), step: step.id.clone(), phase: step.phase };
    let change = plain_change(ctx, matter, Who::System, what, None);
    let clocks = clock::after_step(ctx, kind, matter, &step.id);
    finish(ctx, kind, Some(matter), Change { clocks, ..change }).map(Some)
}

/// The difference that measures in force make to a matter's facts; `None` when they say the same as before.
pub fn recount(ctx: Ctx, matter: &Matter) -> Result<Option<Change>, Refusal> {
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    let change = plain_change(ctx, matter, Who::System, Happening::Recounted, None);
    let change = finish(ctx, kind, Some(matter), change)?;
    Ok(Some(change).filter(|c| !c.facts.is_empty()))
}
