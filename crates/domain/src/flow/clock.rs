//! Clocks of a matter: they start and stop with its steps. A due time, once set, is never recomputed in the past.

use super::Ctx;
use crate::calendar::Limit;
use crate::day::{Day, Time};
use crate::matter::{ClockState, Matter};
use crate::policy::{Clock, Extend, Kind, LimitRule};
use crate::refusal::Refusal;
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
            None if over => clocks.extend(start(ctx, kind, clock, matter)),
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

fn start(ctx: Ctx, kind: &Kind, clock: &Clock, matter: &Matter) -> Option<ClockState> {
    let (due, limit) = due(ctx, kind, clock, matter)?;
    Some(ClockState {
        limit,
        since: limit.map(|_| ctx.now),
        next: clock.escalate.as_ref().map(|_| due),
        ..ClockState::new(&clock.id, ctx.now, due)
    })
}

/// When a clock that starts now runs out, and the limit that says so; a day set by the sender has no limit of ours.
fn due(ctx: Ctx, kind: &Kind, clock: &Clock, matter: &Matter) -> Option<(Time, Option<Limit>)> {
    let given = clock.limit_field.as_ref().and_then(|f| matter.values.get(f)).and_then(Value::as_i64);
    if let Some(day) = given.and_then(|d| i32::try_from(d).ok()) {
        return Some((ctx.policy.calendar.closing(Day(day)), None));
    }
    let vars = matter.vars(kind);
    let today = ctx.now.day();
    let holds = |rule: &LimitRule| {
        let begun = rule.from.as_deref().and_then(Day::parse).is_none_or(|from| from <= today);
        begun && rule.when.as_ref().is_none_or(|when| when.holds(&vars).unwrap_or(false))
    };
    let rule = clock.limit_for(&ctx.policy.categories_of(kind, &matter.values), &holds)?;
    Some((ctx.policy.calendar.due(ctx.now, &rule.limit), Some(rule.limit)))
}

/// Puts a running clock off by the working days that the matter holds in a field.
pub(super) fn extend(ctx: Ctx, extend: &Extend, matter: &Matter, clocks: &mut [ClockState]) -> Result<(), Refusal> {
    let days = u32::try_from(matter.number_of(&extend.days)).ok().filter(|n| *n > 0);
    let days = days.ok_or_else(|| Refusal::field(&extend.days, "required"))?;
    let at = may_extend(ctx, extend, clocks)?;
    let state = &mut clocks[at];
    let from = state.due;
    state.due = ctx.policy.calendar.due_working_days(from, days);
    state.limit = Some(Limit::WorkingDays(days));
    state.since = Some(from);
    state.extended += days;
    if state.next.is_some() {
        state.next = Some(state.due);
    }
    Ok(())
}

/// The clock that may be put off: it runs and has not run out.
pub(super) fn may_extend(ctx: Ctx, extend: &Extend, clocks: &[ClockState]) -> Result<usize, Refusal> {
    let running = clocks.iter().position(|c| c.id == extend.clock && c.runs());
    let at = running.ok_or_else(|| Refusal::new("no_limit_runs"))?;
    if clocks[at].due < ctx.now { Err(Refusal::new("too_late_to_extend")) } else { Ok(at) }
}

/// Puts a limit right under another calendar, unless it has been judged; whether it moved.
pub(super) fn reschedule(ctx: Ctx, state: &mut ClockState) -> bool {
    let (Some(limit), Some(since)) = (state.limit, state.since) else { return false };
    if !state.runs() || state.escalated > 0 || state.due <= ctx.now {
        return false;
    }
    let due = ctx.policy.calendar.due(since, &limit);
    // Whoever is in time now is not made late by a day that the calendar takes back afterwards.
    if due == state.due || due <= ctx.now {
        return false;
    }
    state.due = due;
    if state.next.is_some() {
        state.next = Some(due);
    }
    true
}

/// A paused clock goes on with what was left: as many working days, or as many hours. One that had run out before it
/// stood still stays as it was.
fn resume(ctx: Ctx, clock: &Clock, state: &mut ClockState) {
    let Some(paused) = state.paused.take().filter(|paused| *paused <= state.due) else { return };
    let calendar = &ctx.policy.calendar;
    let by_days = match state.limit {
        Some(limit) => matches!(limit, Limit::WorkingDays(_)),
        None => clock.limits.iter().any(|r| matches!(r.limit, Limit::WorkingDays(_))),
    };
    let left = if by_days {
        let days = calendar.working_days_between(paused.day(), state.due.day());
        Limit::WorkingDays(u32::try_from(days).unwrap_or(0))
    } else {
        Limit::WallMinutes(u32::try_from((state.due.0 - paused.0).max(0) / 60_000).unwrap_or(0))
    };
    state.due = calendar.due(ctx.now, &left);
    if state.limit.is_some() {
        (state.limit, state.since) = (Some(left), Some(ctx.now));
    }
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
        clocks.push(ClockState { next: Some(due), ..ClockState::new(&id, ctx.now, due) });
    }
}
