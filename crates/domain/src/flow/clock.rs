//! Clocks of a matter: they start and stop with its steps. A due time, once set, is never recomputed in the past.

use super::Ctx;
use crate::calendar::Limit;
use crate::day::{Day, Time};
use crate::matter::{ClockState, Matter};
use crate::policy::{Clock, Kind};
use serde_json::Value;

/// The clocks once the matter stands in `step`; `matter` already bears the new values.
pub(super) fn after_step(ctx: Ctx, kind: &Kind, matter: &Matter, step: &str) -> Vec<ClockState> {
    let mut clocks = matter.clocks.clone();
    for clock in &kind.clocks {
        let open = clocks.iter_mut().find(|c| c.id == clock.id && c.stopped.is_none());
        let over = clock.over.iter().any(|s| s == step);
        let paused = clock.paused_in.iter().any(|s| s == step);
        match open {
            Some(state) if over => resume(ctx, clock, state),
            Some(state) if paused => {
                state.paused.get_or_insert(ctx.now);
            }
            Some(state) => {
                state.stopped = Some(ctx.now);
                state.next = None;
            }
            None if over => clocks.extend(start(ctx, clock, matter)),
            None => {}
        }
    }
    auto_moves(ctx, kind, matter, step, &mut clocks);
    clocks
}

/// All clocks stopped now.
pub(super) fn stopped(ctx: Ctx, matter: &Matter) -> Vec<ClockState> {
    let mut clocks = matter.clocks.clone();
    for clock in clocks.iter_mut().filter(|c| c.stopped.is_none()) {
        clock.stopped = Some(ctx.now);
        clock.next = None;
    }
    clocks.retain(|c| !c.is_auto());
    clocks
}

fn start(ctx: Ctx, clock: &Clock, matter: &Matter) -> Option<ClockState> {
    let due = due(ctx, clock, matter)?;
    Some(ClockState {
        id: clock.id.clone(),
        started: ctx.now,
        due,
        paused: None,
        stopped: None,
        escalated: 0,
        next: clock.escalate.as_ref().map(|_| due),
    })
}

fn due(ctx: Ctx, clock: &Clock, matter: &Matter) -> Option<Time> {
    let given = clock.limit_field.as_ref().and_then(|f| matter.values.get(f)).and_then(Value::as_i64);
    if let Some(day) = given.and_then(|d| i32::try_from(d).ok()) {
        return Some(ctx.policy.calendar.closing(Day(day)));
    }
    let vars = matter.vars();
    let today = ctx.now.day();
    let rule = clock.limits.iter().find(|rule| {
        let begun = rule.from.as_deref().and_then(Day::parse).is_none_or(|from| from <= today);
        begun && rule.when.as_ref().is_none_or(|when| when.holds(&vars).unwrap_or(false))
    })?;
    Some(ctx.policy.calendar.due(ctx.now, &rule.limit))
}

/// A paused clock goes on with what was left: as many working days, or as many hours. One that had run out before it
/// stood still stays as it was.
fn resume(ctx: Ctx, clock: &Clock, state: &mut ClockState) {
    let Some(paused) = state.paused.take().filter(|paused| *paused <= state.due) else { return };
    let calendar = &ctx.policy.calendar;
    let by_days = clock.limits.iter().any(|r| matches!(r.limit, Limit::WorkingDays(_)));
    state.due = if by_days {
        let left = calendar.working_days_between(paused.day(), state.due.day());
        calendar.due_working_days(ctx.now, u32::try_from(left).unwrap_or(0))
    } else {
        ctx.now.plus_ms((state.due.0 - paused.0).max(0))
    };
    if state.next.is_some() && state.escalated == 0 {
        state.next = Some(state.due);
    }
}

/// Moves that make themselves after a time in the step are kept as clocks of their own.
fn auto_moves(ctx: Ctx, kind: &Kind, matter: &Matter, step: &str, clocks: &mut Vec<ClockState>) {
    let stays = matter.step == step;
    clocks.retain(|c| !c.is_auto() || stays);
    for mv in kind.moves.iter().filter(|m| m.from.iter().any(|f| f == step)) {
        let Some(after) = &mv.after else { continue };
        let id = format!("auto:{}", mv.id);
        if clocks.iter().any(|c| c.id == id) {
            continue;
        }
        let due = ctx.policy.calendar.due(ctx.now, after);
        clocks.push(ClockState {
            id,
            started: ctx.now,
            due,
            paused: None,
            stopped: None,
            escalated: 0,
            next: Some(due),
        });
    }
}
