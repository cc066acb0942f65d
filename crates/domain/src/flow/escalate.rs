//! What the clock causes: an overdue matter rises, a move that makes itself is made. Called for every matter whose
//! next time has come, whether or not anyone holds it.

use super::{Ctx, MoveRequest, assign, finish, guard, make_move, plain_change};
use crate::ids::MatterId;
use crate::matter::{Change, ClockState, Happening, Matter, Who};
use crate::policy::Kind;
use crate::refusal::Refusal;
use crate::register::Holder;

/// Decides what the clock causes now; nothing when nothing is due. Called again until nothing is left.
pub fn tick(ctx: Ctx, matter: &Matter, draw: &mut dyn FnMut() -> MatterId) -> Result<Vec<Change>, Refusal> {
    guard::is_alive(matter)?;
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    let due = matter.clocks.iter().position(|c| c.runs() && c.next.is_some_and(|n| n <= ctx.now));
    let Some(index) = due else { return Ok(Vec::new()) };
    let state = &matter.clocks[index];
    if let Some(mv) = state.id.strip_prefix("auto:") {
        let request = MoveRequest { mv: mv.to_owned(), ..MoveRequest::default() };
        return match make_move(ctx, matter, Who::System, request, draw) {
            Ok(changes) => Ok(changes),
            // The condition of the move does not hold: it is asked no more in this step.
            Err(_) => Ok(vec![silence(ctx, kind, matter, index)?]),
        };
    }
    rise(ctx, kind, matter, index).map(|change| vec![change])
}

/// What is left when the clock's own move was refused further on: it is asked no more in this step.
pub fn hush(ctx: Ctx, matter: &Matter) -> Result<Vec<Change>, Refusal> {
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    let due = matter.clocks.iter().position(|c| c.runs() && c.next.is_some_and(|n| n <= ctx.now));
    due.map(|index| silence(ctx, kind, matter, index)).into_iter().collect()
}

fn rise(ctx: Ctx, kind: &Kind, matter: &Matter, index: usize) -> Result<Change, Refusal> {
    let state = &matter.clocks[index];
    let rule = kind.clocks.iter().find(|c| c.id == state.id).and_then(|c| c.escalate.as_ref());
    let Some(rule) = rule else { return silence(ctx, kind, matter, index) };
    let nth = usize::try_from(state.escalated).unwrap_or(usize::MAX);
    let mut to: Vec<Holder> = Vec::new();
    if let Some(target) = rule.to.get(nth) {
        // Where there is nobody to rise to, the next post in the list is told in its turn.
        to.extend(assign::resolve(ctx, kind, matter, target, &Who::System, None).ok().flatten());
    }
    let mut clocks = matter.clocks.clone();
    let after: &mut ClockState = &mut clocks[index];
    after.escalated += 1;
    after.next = (nth + 1 < rule.to.len()).then(|| ctx.policy.calendar.due(ctx.now, &rule.every));
    let holder = matter.holder.clone().or_else(|| to.first().cloned());
    let what = Happening::Escalated { clock: state.id.clone(), to };
    let change = plain_change(ctx, matter, Who::System, what, None);
    finish(ctx, kind, Some(matter), Change { clocks, holder, ..change })
}

fn silence(ctx: Ctx, kind: &Kind, matter: &Matter, index: usize) -> Result<Change, Refusal> {
    let mut clocks = matter.clocks.clone();
    clocks[index].next = None;
    let what = Happening::Escalated { clock: matter.clocks[index].id.clone(), to: Vec::new() };
    let change = plain_change(ctx, matter, Who::System, what, None);
    finish(ctx, kind, Some(matter), Change { clocks, ..change })
}
