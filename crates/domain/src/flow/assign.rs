//! Assignment: which post has a matter next. A post that the matter names, that answers to one it names, or that
//! the villager asked to pass over, is skipped towards its superior.

use super::Ctx;
use crate::ids::RegionId;
use crate::matter::{Matter, Who};
use crate::policy::{Assign, FieldType, Kind, Level, Move};
use crate::refusal::Refusal;
use crate::register::Holder;
use serde_json::Value;

/// Resolves an assignment for a matter; `None` leaves it unassigned.
pub fn resolve(
    ctx: Ctx,
    kind: &Kind,
    matter: &Matter,
    assign: &Assign,
    by: &Who,
    chosen: Option<(&Holder, &Move)>,
) -> Result<Option<Holder>, Refusal> {
    let day = ctx.now.day();
    let over = |post: &str| ctx.directory.post_over(ctx.policy, post, matter.place, day);
    let found = match assign.0.as_str() {
        "keep" => return Ok(matter.holder.clone()),
        "none" => return Ok(None),
        "actor" => by.post().cloned(),
        "previous" => matter.previous.last().cloned(),
        "handler" => last_handler(kind, matter).or_else(|| matter.previous.last().cloned()),
        "superior" => return Ok(superior(ctx, matter)),
        "level.up" => return level_up(ctx, kind, matter),
        "level.home" => home(ctx, kind, matter),
        "opener" => opener(ctx, matter),
        "choose" => {
            let (holder, mv) = chosen.ok_or_else(|| Refusal::field("to", "required"))?;
            let open = candidates(ctx, matter, mv);
            if !open.contains(holder) {
                return Err(Refusal::field("to", "choice"));
            }
            return Ok(Some(holder.clone()));
        }
        text => match text.split_once(':') {
            Some(("post", post)) => over(post),
            _ => owner(ctx, kind, matter, text),
        },
    };
    Ok(found.and_then(|holder| skip_barred(ctx, matter, holder)))
}

/// Posts that may be chosen for a move: over the matter's place, below it, or at units.
pub fn candidates(ctx: Ctx, matter: &Matter, mv: &Move) -> Vec<Holder> {
    among(ctx, matter, &mv.candidates)
}

/// Posts of these kinds over the matter's place, below it, or at units; those that may not have it left out.
pub fn among(ctx: Ctx, matter: &Matter, posts: &[String]) -> Vec<Holder> {
    let day = ctx.now.day();
    let mut out: Vec<Holder> = Vec::new();
    for post in posts.iter().filter_map(|p| ctx.policy.post(p)) {
        if post.unit {
            let mut orgs: Vec<_> = ctx.directory.orgs.values().collect();
            orgs.sort_by_key(|o| o.order);
            out.extend(orgs.into_iter().map(|o| Holder { post: post.id.clone(), seat: o.id.0 }));
        } else if let Some(over) = ctx.directory.post_over(ctx.policy, &post.id, matter.place, day) {
            out.push(over);
        } else {
            let below = ctx.directory.tree.subtree(matter.place, day);
            let at = |id: &&crate::ids::RegionId| ctx.directory.tree.get(**id).is_some_and(|r| r.level == post.level);
            out.extend(below.iter().filter(at).map(|id| Holder { post: post.id.clone(), seat: id.0 }));
        }
    }
    out.retain(|h| !is_barred(ctx, matter, h));
    out
}

fn last_handler(kind: &Kind, matter: &Matter) -> Option<Holder> {
    matter
        .trail
        .iter()
        .rev()
        .find(|t| kind.find_move(&t.mv).is_some_and(|m| m.handles))
        .and_then(|t| t.by.post().cloned())
}

/// The post under which it was entered, or one that whoever entered it holds now.
fn opener(ctx: Ctx, matter: &Matter) -> Option<Holder> {
    let under = matter.trail.first().and_then(|t| t.by.post().cloned());
    under.or_else(|| ctx.directory.posts_of(matter.opener?, ctx.now.day()).first().map(|h| (*h).clone()))
}

/// The post that the present holder answers to: at the same unit, or over the matter's place.
fn superior(ctx: Ctx, matter: &Matter) -> Option<Holder> {
    let holder = matter.holder.as_ref()?;
    let up = ctx.policy.post(&holder.post)?.superior.clone()?;
    let above = if ctx.policy.post(&up).is_some_and(|p| p.unit) {
        Holder { post: up, seat: holder.seat }
    } else {
        ctx.directory.post_over(ctx.policy, &up, matter.place, ctx.now.day())?
    };
    skip_barred(ctx, matter, above)
}

/// The post at the lowest level of the kind that lies at or above the matter's place.
fn home(ctx: Ctx, kind: &Kind, matter: &Matter) -> Option<Holder> {
    let day = ctx.now.day();
    kind.levels
        .iter()
        .filter(|(level, _)| !(matter.bypass && **level <= Level::Village))
        .find_map(|(_, post)| ctx.directory.post_over(ctx.policy, post, matter.place, day))
}

/// The post at the next level above the present holder's.
fn level_up(ctx: Ctx, kind: &Kind, matter: &Matter) -> Result<Option<Holder>, Refusal> {
    let now = matter.holder.as_ref().map_or(Level::Grid, |h| ctx.policy.level_of(&h.post));
    let day = ctx.now.day();
    let above = kind.levels.iter().filter(|(level, _)| **level > now);
    for (_, post) in above {
        let found = ctx.directory.post_over(ctx.policy, post, matter.place, day);
        if let Some(holder) = found.and_then(|h| skip_barred(ctx, matter, h)) {
            return Ok(Some(holder));
        }
    }
    Err(Refusal::new("no_level_above"))
}

/// `owner(field)`: the owner that the catalogue names for the field's value, or the unit that the field itself names; where
/// it names none, whoever is in charge of the place.
fn owner(ctx: Ctx, kind: &Kind, matter: &Matter, text: &str) -> Option<Holder> {
    let field = kind.field(text.strip_prefix("owner(")?.strip_suffix(')')?)?;
    let code = matter.values.get(&field.id).and_then(Value::as_str);
    if field.kind == FieldType::Unit {
        return owned(ctx, kind, matter, code.unwrap_or_default()).or_else(|| home(ctx, kind, matter));
    }
    owned(ctx, kind, matter, ctx.policy.catalogue(field.catalogue.as_deref()?)?.owner(code?))
}

fn owned(ctx: Ctx, kind: &Kind, matter: &Matter, owner: &str) -> Option<Holder> {
    if let Some(org) = ctx.directory.unit(owner) {
        let post = ctx.policy.posts.iter().find(|p| p.unit)?;
        return Some(Holder { post: post.id.clone(), seat: org.id.0 });
    }
    let level = Level::parse(owner).filter(|l| !(matter.bypass && *l <= Level::Village));
    let post = level.and_then(|l| kind.levels.get(&l));
    match post {
        Some(post) => ctx.directory.post_over(ctx.policy, post, matter.place, ctx.now.day()),
        None => home(ctx, kind, matter),
    }
}

fn is_barred(ctx: Ctx, matter: &Matter, holder: &Holder) -> bool {
    if matter.bypass && ctx.policy.level_of(&holder.post) <= Level::Village {
        return true;
    }
    if matter.barred.is_empty() {
        return false;
    }
    let day = ctx.now.day();
    matter.barred.contains(&holder.key())
        || ctx.directory.holders_of(holder, day).iter().any(|a| matter.bars(a.id, &ctx.directory.posts_of(a.id, day)))
}

/// The post that has a holder's work now: where its place flowed into another one, the same post there.
pub(super) fn passed(ctx: Ctx, matter: &Matter, holder: Holder) -> Option<Holder> {
    let seat = RegionId(holder.seat);
    let now = ctx.directory.tree.standing(seat, ctx.now.day());
    if now == seat { Some(holder) } else { skip_barred(ctx, matter, Holder { seat: now.0, ..holder }) }
}

/// The holder, or the nearest superior who may have the matter.
fn skip_barred(ctx: Ctx, matter: &Matter, holder: Holder) -> Option<Holder> {
    let mut at = holder;
    for _ in 0..=ctx.policy.posts.len() {
        if !is_barred(ctx, matter, &at) {
            return Some(at);
        }
        let up = ctx.policy.post(&at.post).and_then(|p| p.superior.clone())?;
        if ctx.policy.post(&up).is_some_and(|p| p.unit) {
            at = Holder { post: up, seat: at.seat };
            continue;
        }
        at = ctx.directory.post_over(ctx.policy, &up, matter.place, ctx.now.day())?;
    }
    None
}
