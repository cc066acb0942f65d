//! Who may see, open and move a matter. Access fails closed: whatever is not plainly allowed is refused.

use super::{Ctx, MoveRequest};
use crate::condition::Over;
use crate::day::Day;
use crate::ids::{AccountId, RegionId};
use crate::matter::{Matter, MatterVars, Trail, Who};
use crate::policy::{Kind, Level, Move, Mover, Phase, Right, Vote, VoteCount};
use crate::refusal::{FieldFault, Refusal};
use crate::register::Holder;
use serde_json::Value;

/// Whether an account may see a matter: through its posts' places, its work, or because it entered it.
pub fn sees(ctx: Ctx, matter: &Matter, account: AccountId) -> bool {
    let day = ctx.now.day();
    let posts = ctx.directory.posts_of(account, day);
    if matter.bars(account, &posts) || posts.is_empty() {
        return false;
    }
    let place = matter.place;
    if ctx.policy.kind(&matter.kind).is_some_and(|k| k.sealed)
        && !ctx.directory.has_right(ctx.policy, account, Right::Sealed, place, day)
    {
        return false;
    }
    let concerned = |h: &&Holder| {
        matter.holder.as_ref() == Some(*h) || matter.watchers.contains(*h) || matter.previous.contains(*h)
    };
    if posts.iter().any(concerned) || matter.opener == Some(account) {
        return true;
    }
    let chain = ctx.directory.tree.in_charge(place, day);
    posts.iter().any(|h| {
        let Some(kind) = ctx.policy.post(&h.post) else { return false };
        let kept_from = matter.bypass && kind.level <= Level::Village;
        !kept_from
            && kind.rights.contains(&Right::SeePlace)
            && ctx.directory.region_of(h).is_some_and(|r| chain.contains(&r))
    })
}

/// Whether this account is among those the matter is assigned to now.
pub fn allowed(ctx: Ctx, matter: &Matter, account: AccountId) -> bool {
    let posts = ctx.directory.posts_of(account, ctx.now.day());
    matter.holder.as_ref().is_some_and(|h| posts.contains(&h))
}

/// The post under which an account may act as one of these movers.
pub(super) fn acting_post(ctx: Ctx, matter: &Matter, movers: &[&str], account: AccountId) -> Option<Holder> {
    let day = ctx.now.day();
    let posts = ctx.directory.posts_of(account, day);
    let chain = ctx.directory.tree.in_charge(matter.place, day);
    let kept_from = |h: &Holder| matter.bypass && ctx.policy.level_of(&h.post) <= Level::Village;
    let of_kind = |h: &&&Holder| {
        !kept_from(h)
            && movers.contains(&h.post.as_str())
            && ctx.directory.region_of(h).is_some_and(|r| chain.contains(&r))
    };
    if movers.contains(&"holder")
        && let Some(holder) = matter.holder.as_ref().filter(|h| posts.contains(h))
    {
        return Some(holder.clone());
    }
    if let Some(found) = posts.iter().find(of_kind) {
        return Some((*found).clone());
    }
    if movers.contains(&"opener") && matter.opener == Some(account) {
        return posts.first().map(|h| (*h).clone());
    }
    None
}

/// Moves that an account could make now, in the pack's order.
pub fn offered<'a>(ctx: Ctx<'a>, matter: &Matter, account: AccountId) -> Vec<&'a Move> {
    let Some(kind) = ctx.policy.kind_of(matter) else { return Vec::new() };
    let by = Who::Account { account, post: None };
    let vars = matter.vars_now(kind, ctx.now);
    let may = |mv: &&Move| {
        permitted(ctx, kind, matter, mv, by.clone(), &vars).is_ok() && leads_somewhere(ctx, kind, matter, mv, &by)
    };
    here(kind, matter).filter(may).collect()
}

/// Moves that start at the step where the matter is: what starts elsewhere need not be refused in words.
fn here<'a>(kind: &'a Kind, matter: &Matter) -> impl Iterator<Item = &'a Move> {
    kind.moves.iter().filter(|mv| mv.from.contains(&matter.step))
}

/// Moves that an account could make but for a notice that still has to stand, each with the day from which it may be made.
pub fn shut<'a>(ctx: Ctx<'a>, matter: &Matter, account: AccountId) -> Vec<(&'a Move, Day)> {
    let Some(kind) = ctx.policy.kind_of(matter) else { return Vec::new() };
    let by = Who::Account { account, post: None };
    let vars = matter.vars_now(kind, ctx.now);
    let waits = |mv: &'a Move| {
        let wait = mv.not_before.as_ref()?;
        let from = ctx.policy.calendar.due(matter.since().unwrap_or(ctx.now), wait).day();
        let refused = permitted(ctx, kind, matter, mv, by.clone(), &vars).err()?;
        let meant = mv.when.as_ref().is_none_or(|w| w.holds(&vars).is_ok_and(|holds| holds));
        (refused.key == "too_early" && meant).then_some((mv, from))
    };
    here(kind, matter).filter_map(waits).collect()
}

/// Moves that the reporter could make now, in the pack's order.
pub fn offered_to_reporter<'a>(ctx: Ctx<'a>, matter: &Matter) -> Vec<&'a Move> {
    let Some(kind) = ctx.policy.kind_of(matter) else { return Vec::new() };
    let vars = matter.vars_now(kind, ctx.now);
    let may = |mv: &&Move| {
        permitted(ctx, kind, matter, mv, Who::Reporter, &vars).is_ok()
            && leads_somewhere(ctx, kind, matter, mv, &Who::Reporter)
    };
    here(kind, matter).filter(may).collect()
}

/// Whether there is a level above to take a matter that the move sends up.
fn leads_somewhere(ctx: Ctx, kind: &Kind, matter: &Matter, mv: &Move, by: &Who) -> bool {
    let up = mv.assign.as_ref().filter(|a| a.0 == "level.up");
    up.is_none_or(|a| super::resolve(ctx, kind, matter, a, by, None).is_ok())
}

/// Whether a matter of this kind may be opened here by this actor.
pub(super) fn may_open(ctx: Ctx, kind: &Kind, by: &Who, place: RegionId) -> Result<(), Refusal> {
    match by {
        Who::System => Ok(()),
        Who::Reporter if kind.intake.portal => Ok(()),
        Who::Reporter => Err(Refusal::new("no_right")),
        Who::Account { account, post } => {
            let day = ctx.now.day();
            let chain = ctx.directory.tree.ancestors(place, day);
            let holds = ctx.directory.posts_of(*account, day).into_iter().any(|h| {
                post.as_ref().is_none_or(|p| p == h)
                    && kind.intake.by.contains(&h.post)
                    && ctx.directory.region_of(h).is_some_and(|r| chain.contains(&r))
            });
            if holds { Ok(()) } else { Err(Refusal::new("no_right_open").with("kind", &kind.name)) }
        }
    }
}

/// Whether the move may be made now by this actor; returns the actor with the post it acts under.
pub(super) fn may_move(ctx: Ctx, kind: &Kind, matter: &Matter, mv: &Move, by: Who) -> Result<Who, Refusal> {
    let based = |refusal: Refusal| if mv.basis.is_empty() { refusal } else { refusal.with("basis", &mv.basis) };
    permitted(ctx, kind, matter, mv, by, &matter.vars_now(kind, ctx.now)).map_err(based)
}

/// The same for one of several moves: what their conditions may speak of is gathered once for all of them.
fn permitted(
    ctx: Ctx,
    kind: &Kind,
    matter: &Matter,
    mv: &Move,
    by: Who,
    vars: &MatterVars<'_>,
) -> Result<Who, Refusal> {
    is_alive(matter)?;
    if !mv.from.contains(&matter.step) {
        let step = kind.step(&matter.step).map_or("", |s| s.name.as_str());
        return Err(Refusal::new("move_not_here").with("move", &mv.name).with("step", step));
    }
    if matter.phase == Phase::Closed && mv.to.is_some() && !mv.reopen && mv.to.as_deref() != Some(&matter.step) {
        let ends = mv.to.as_deref().and_then(|to| kind.step(to)).is_some_and(|s| s.phase == Phase::Final);
        if !ends {
            return Err(Refusal::new("closed"));
        }
    }
    let movers: Vec<&str> = mv.by.iter().map(|m| m.0.as_str()).collect();
    let acting = match by {
        Who::System if movers.contains(&"system") || mv.after.is_some() || mv.join.is_some() => Who::System,
        Who::Reporter if movers.contains(&"reporter") => Who::Reporter,
        Who::Account { account, .. } => {
            let posts = ctx.directory.posts_of(account, ctx.now.day());
            if matter.bars(account, &posts) {
                return Err(Refusal::new("not_found"));
            }
            let post = acting_post(ctx, matter, &movers, account);
            let Some(post) = post else { return Err(no_right(ctx, mv)) };
            if mv.not_handler && matter.handlers.contains(&account) {
                return Err(Refusal::new("own_work").with("move", &mv.name));
            }
            let asked = |t: &Trail| mv.not_by.contains(&t.mv) && t.by.account() == Some(account);
            if matter.trail.iter().any(asked) {
                return Err(Refusal::new("own_request").with("move", &mv.name));
            }
            Who::Account { account, post: Some(post) }
        }
        _ => return Err(no_right(ctx, mv)),
    };
    if let Some(within) = &mv.within {
        let since = matter.since().unwrap_or(ctx.now);
        if ctx.policy.calendar.due(since, within) < ctx.now {
            return Err(Refusal::new("window_over").with("move", &mv.name));
        }
    }
    if let Some(wait) = &mv.not_before {
        let from = ctx.policy.calendar.due(matter.since().unwrap_or(ctx.now), wait);
        if ctx.now < from {
            return Err(Refusal::new("too_early").with("move", &mv.name).with("day", from.day()));
        }
    }
    if let Some(extend) = &mv.extend {
        super::clock::may_extend(ctx, extend, &matter.clocks)?;
    }
    if let Some(when) = &mv.when {
        let holds = when.holds(vars).map_err(|e| Refusal::new("pack").with("fault", e))?;
        if !holds {
            let said = if mv.unless_said.is_empty() { mv.name.as_str() } else { mv.unless_said.as_str() };
            return Err(Refusal::new("not_now").with("why", said));
        }
    }
    Ok(acting)
}

/// A refusal that says who has the right.
fn no_right(ctx: Ctx, mv: &Move) -> Refusal {
    no_right_of(ctx, &mv.by, &mv.name)
}

/// The same for whatever has movers.
pub(super) fn no_right_of(ctx: Ctx, movers: &[Mover], what: &str) -> Refusal {
    let who: Vec<String> = movers
        .iter()
        .filter_map(|m| match m.0.as_str() {
            "system" => None,
            "holder" => Some("承办人".to_owned()),
            "reporter" => Some("反映人".to_owned()),
            "opener" => Some("登记人".to_owned()),
            post => ctx.policy.post(post).map(|p| p.name.clone()),
        })
        .collect();
    Refusal::new("no_right_move").with("move", what).with("who", who.join("、"))
}

/// What was given, without what the other answers leave no room for: a reason why not, where it was done. What an earlier
/// move gave there holds no more either.
pub(super) fn fitting(
    ctx: Ctx,
    kind: &Kind,
    matter: &Matter,
    mv: &Move,
    mut request: MoveRequest,
) -> Result<MoveRequest, Refusal> {
    if mv.only_when.is_empty() {
        return Ok(request);
    }
    let now = matter.vars_now(kind, ctx.now);
    let mut left_out: Vec<&String> = Vec::new();
    for rule in &mv.only_when {
        let vars = Over(&request.values, &now);
        if !rule.when.holds(&vars).map_err(|e| Refusal::new("pack").with("fault", e))? {
            left_out.extend(&rule.fields);
        }
    }
    for field in left_out {
        request.values.remove(field);
        if matter.values.contains_key(field) {
            request.values.insert(field.clone(), Value::Null);
        }
    }
    Ok(request)
}

/// Whether everything the move requires was given, or is there already where it must be by now.
pub(super) fn is_complete(
    ctx: Ctx,
    kind: &Kind,
    matter: &Matter,
    mv: &Move,
    request: &MoveRequest,
) -> Result<(), Refusal> {
    let paper = |f: &String| request.files.iter().any(|file| file.field == *f);
    let given = |f: &String| request.values.contains_key(f) || request.texts.contains(f) || paper(f);
    // What a ballot has counted is there and is not typed.
    let lacks = |f: &&String| !given(f) && !matter.holds(f);
    let mut missing: Vec<&String> = mv.require.iter().filter(|f| !given(f) && !matter.fixed.contains(f)).collect();
    // What the matter must hold and the form asks for is said beside its field.
    missing.extend(mv.holds.iter().filter(lacks).filter(|f| mv.fields.contains(f)));
    if !mv.require_when.is_empty() {
        let now = matter.vars_now(kind, ctx.now);
        let vars = Over(&request.values, &now);
        for rule in &mv.require_when {
            if rule.when.holds(&vars).map_err(|e| Refusal::new("pack").with("fault", e))? {
                missing.extend(rule.fields.iter().filter(|f| !given(f)));
            }
        }
    }
    if !missing.is_empty() {
        let fault = |f: &String| {
            let label = kind.field(f).map_or(f.as_str(), |field| field.label.as_str());
            FieldFault::new(f, "required").with("label", label)
        };
        return Err(Refusal::form(missing.into_iter().map(fault).collect()));
    }
    if let Some(vote) = &mv.vote {
        voted(ctx, matter, mv, vote, request)?;
    }
    let lacking: Vec<&str> =
        mv.holds.iter().filter(lacks).map(|f| kind.field(f).map_or(f.as_str(), |field| &field.label)).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Refusal::new("lacking").with("move", &mv.name).with("what", lacking.join("、")))
}

/// Whether the vote came out as the move says; the body's rule decides, with its article.
fn voted(ctx: Ctx, matter: &Matter, mv: &Move, vote: &Vote, request: &MoveRequest) -> Result<(), Refusal> {
    let body = ctx.policy.body(&vote.body).ok_or_else(|| Refusal::new("no_rule").with("body", &vote.body))?;
    let number = |field: &str| {
        let given = request.values.get(field).and_then(Value::as_i64);
        given.unwrap_or_else(|| matter.number_of(field))
    };
    let count = VoteCount {
        due: number(&vote.due),
        present: number(&vote.present),
        yes: number(&vote.yes),
        no: number(&vote.no),
        abstain: number(&vote.abstain),
    };
    count.check(&vote.due, &vote.present, &vote.yes)?;
    let day = ctx.now.day();
    if body.carried(count, day)? == vote.passed {
        return Ok(());
    }
    let key = if vote.passed { "not_carried" } else { "carried" };
    let basis = body.rule(day).map_or("", |r| r.basis.as_str());
    Err(Refusal::new(key)
        .with("move", &mv.name)
        .with("body", &body.name)
        .with("yes", count.yes)
        .with("present", count.present)
        .with("basis", basis))
}

/// Whether a matter can still change at all.
pub(super) fn is_alive(matter: &Matter) -> Result<(), Refusal> {
    if let Some(into) = matter.merged_into {
        return Err(Refusal::new("merged").with("into", into));
    }
    if matter.voided {
        return Err(Refusal::new("voided"));
    }
    if matter.phase == Phase::Final {
        return Err(Refusal::new("final"));
    }
    Ok(())
}

/// Whether an actor has a right at the matter's place, or is the one who entered it a moment ago.
pub(super) fn may(ctx: Ctx, matter: &Matter, by: &Who, right: Right) -> Result<(), Refusal> {
    match by {
        Who::System => Ok(()),
        Who::Reporter => Err(Refusal::new("no_right")),
        Who::Account { account, .. } => {
            let sees = sees(ctx, matter, *account);
            if !sees {
                return Err(Refusal::new("not_found"));
            }
            let day = ctx.now.day();
            let has = ctx.directory.has_right(ctx.policy, *account, right, matter.place, day);
            if has { Ok(()) } else { Err(Refusal::new("no_right")) }
        }
    }
}
