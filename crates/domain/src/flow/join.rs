//! The same matter from many sides: merging one into another, and taking it apart again as if it had never been. A
//! merged matter counts once, its ways in all count; whoever reported it follows the one that stands for it.

use super::{Ctx, finish, guard, plain_change};
use crate::matter::{Change, Happening, IntakeRecord, Matter, Who};
use crate::policy::{Kind, Phase, Right};
use crate::refusal::Refusal;

fn kind_of<'a>(ctx: Ctx<'a>, matter: &Matter) -> Result<&'a Kind, Refusal> {
    ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))
}

/// Merges a matter into another one: its intakes move over, so no count of intakes is lost and handling counts once.
pub fn merge(ctx: Ctx, from: &Matter, into: &Matter, by: Who) -> Result<(Change, Change), Refusal> {
    for matter in [from, into] {
        guard::may(ctx, matter, &by, Right::Merge)?;
    }
    together(ctx, from, into, by)
}

/// Merges a matter that nobody has handled yet into another one, for whoever sent or entered it a moment ago. What was
/// to be kept from somebody is not joined to what is not.
pub fn join(ctx: Ctx, from: &Matter, into: &Matter, by: Who) -> Result<(Change, Change), Refusal> {
    let own = match &by {
        Who::Reporter => from.opener.is_none() && into.barred.is_empty() && !into.confidential,
        Who::Account { account, .. } => from.opener == Some(*account) && guard::sees(ctx, into, *account),
        Who::System => false,
    };
    if !own {
        return Err(Refusal::new("no_right"));
    }
    let fresh = from.trail.iter().all(|t| t.mv == "open") && from.intakes.len() == 1;
    let active = matches!(into.phase, Phase::Open | Phase::Answered);
    let apart = from.bypass != into.bypass || from.confidential || !from.barred.is_empty();
    if !fresh || !active || apart {
        return Err(Refusal::new("join_late"));
    }
    together(ctx, from, into, by)
}

fn together(ctx: Ctx, from: &Matter, into: &Matter, by: Who) -> Result<(Change, Change), Refusal> {
    if from.id == into.id || from.kind != into.kind {
        return Err(Refusal::new("merge_kind"));
    }
    for matter in [from, into] {
        guard::is_alive(matter)?;
    }
    if from.parts_open() > 0 {
        return Err(Refusal::new("merge_parts"));
    }
    let away = plain_change(ctx, from, by.clone(), Happening::Merged { into: into.id }, None);
    let away =
        finish(ctx, kind_of(ctx, from)?, Some(from), Change { clocks: super::clock::stopped(ctx, from), ..away })?;
    let what = Happening::Absorbed { from: from.id, intakes: from.intakes.clone() };
    let taken = finish(ctx, kind_of(ctx, into)?, Some(into), plain_change(ctx, into, by, what, None))?;
    Ok((away, taken))
}

/// Takes a merged matter out again: step, limits, holder and intakes as they were, the other one without its intakes. What
/// either did meanwhile stays its own.
pub fn unmerge(ctx: Ctx, from: &Matter, into: &Matter, by: Who) -> Result<(Change, Change), Refusal> {
    if from.merged_into != Some(into.id) {
        return Err(Refusal::new("not_merged"));
    }
    if let Some(further) = into.merged_into {
        return Err(Refusal::new("merged").with("into", further));
    }
    for matter in [from, into] {
        guard::may(ctx, matter, &by, Right::Merge)?;
    }
    let kind = kind_of(ctx, from)?;
    let phase = kind.step(&from.step).ok_or_else(|| Refusal::new("no_kind"))?.phase;
    let back = plain_change(ctx, from, by.clone(), Happening::Restored { out_of: into.id, phase }, None);
    let back = finish(ctx, kind, Some(from), Change { clocks: from.aside.clone(), ..back })?;
    let what = Happening::Released { to: from.id, intakes: from.intakes.clone() };
    let given = finish(ctx, kind_of(ctx, into)?, Some(into), plain_change(ctx, into, by, what, None))?;
    Ok((back, given))
}

/// The ways in that are left when these are taken away, each once.
pub(crate) fn without(all: &[IntakeRecord], gone: &[IntakeRecord]) -> Vec<IntakeRecord> {
    let mut left = all.to_vec();
    for intake in gone {
        // From the end: what came last was taken in last.
        if let Some(at) = left.iter().rposition(|i| i == intake) {
            left.remove(at);
        }
    }
    left
}
