//! The one engine for flows: hotline orders, disputes, visits and whatever else a pack defines are decided here.
//! It decides and returns a change or a refusal; it never writes, never reads a clock, and knows no kind by name.

mod assign;
mod ballot;
mod chart;
mod clock;
mod escalate;
mod guard;
mod join;
mod keep;
mod parts;
mod posting;
#[cfg(test)]
mod tests;
mod unmet;
mod when;

pub use assign::{among, candidates, resolve};
pub use ballot::{acting, ballot_void, balloted, ballots_offered, may_ballot};
pub use chart::{Chart, Station, chart};
pub use escalate::{hush, tick};
pub use guard::{allowed, offered, offered_to_reporter, sees, shut};
pub(crate) use join::without;
pub use join::{join, merge, unmerge};
pub use keep::{carry, recount, reschedule};
pub use parts::{part_moved, taken_back, takes_back};
pub use posting::{clock_would_post, posting, would_post};
pub use unmet::unmet;

use crate::day::Time;
use crate::fact::{difference, facts_of, place_of};
use crate::ids::{AccountId, MatterId, RegionId};
use crate::matter::{Change, FileRef, Happening, IntakeRecord, Matter, Opened, Values, Who};
use crate::policy::{FieldType, Kind, Level, Move, Phase, Policy};
use crate::receipt::Posted;
use crate::refusal::Refusal;
use crate::register::{Directory, Holder};
use serde_json::Value;

/// What a decision may look up.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// The present, as given by the caller.
    pub now: Time,
    /// The pack in force.
    pub policy: &'a Policy,
    /// Regions, accounts and posts.
    pub directory: &'a Directory,
}

/// A matter to be opened.
#[derive(Debug, Clone, Default)]
pub struct OpenRequest {
    /// Kind.
    pub kind: String,
    /// Finest place known.
    pub place: RegionId,
    /// Channel it came through; empty for the kind's usual one.
    pub channel: String,
    /// Number in the system it came from.
    pub source_no: Option<String>,
    /// Plain values.
    pub values: Values,
    /// Names of the fields whose texts are in `secret`.
    pub texts: Vec<String>,
    /// Texts as ciphertext.
    pub secret: Option<String>,
    /// Name of the key.
    pub key: String,
    /// Digest of the receipt's token.
    pub receipt: Option<String>,
    /// Digest of the 查询码.
    pub code: Option<String>,
    /// Keeps the reporter secret.
    pub confidential: bool,
    /// Straight to the town.
    pub bypass: bool,
    /// Post-holders it names.
    pub named: Vec<AccountId>,
    /// Files.
    pub files: Vec<FileRef>,
}

/// A move to be made.
#[derive(Debug, Clone, Default)]
pub struct MoveRequest {
    /// Move of the flow.
    pub mv: String,
    /// Version of the page it was made on.
    pub version: Option<i64>,
    /// Plain values.
    pub values: Values,
    /// Fields given as texts, by name: their words are in `secret`.
    pub texts: Vec<String>,
    /// Texts as ciphertext.
    pub secret: Option<String>,
    /// Chosen post, where the move lets one choose.
    pub to: Option<Holder>,
    /// Chosen posts of the matters that the move opens.
    pub parts: Vec<Holder>,
    /// Files.
    pub files: Vec<FileRef>,
    /// What the move publishes, as a commitment.
    pub posted: Option<Posted>,
}

/// Opens a matter.
pub fn open(ctx: Ctx, by: Who, id: MatterId, number: String, mut request: OpenRequest) -> Result<Change, Refusal> {
    let kind = ctx.policy.kind(&request.kind).ok_or_else(|| Refusal::new("no_kind"))?;
    let step = kind.steps.first().ok_or_else(|| Refusal::new("no_kind"))?;
    let region = ctx.directory.tree.get(request.place).filter(|r| r.span(ctx.now.day()).is_some());
    region.ok_or_else(|| Refusal::field("place", "place"))?;
    guard::may_open(ctx, kind, &by, request.place)?;
    if kind.duty.is_some() {
        // A duty is the whole village's, whichever part of it was chosen.
        let village = ctx.directory.tree.at_level(request.place, Level::Village, ctx.now.day());
        request.place = village.ok_or_else(|| Refusal::field("place", "place"))?;
    }
    let channel =
        if request.channel.is_empty() { kind.intake.channels.first().cloned() } else { Some(request.channel) };
    let channel =
        channel.filter(|c| kind.intake.channels.contains(c)).ok_or_else(|| Refusal::field("channel", "choice"))?;
    let level_in = match &by {
        Who::Account { post: Some(post), .. } => ctx.policy.level_of(&post.post),
        _ => {
            if request.bypass {
                Level::Town
            } else {
                Level::Village
            }
        }
    };
    let day = ctx.now.day();
    let barred: Vec<String> = request.named.iter().flat_map(|a| ctx.directory.bars_for(ctx.policy, *a, day)).collect();
    let opened = Opened {
        kind: request.kind,
        number,
        place: request.place,
        level_in,
        step: step.id.clone(),
        phase: step.phase,
        intake: IntakeRecord {
            channel,
            source_no: request.source_no,
            at: ctx.now,
            receipt: request.receipt,
            first: id,
        },
        key: request.key,
        code: request.code,
        confidential: request.confidential,
        bypass: request.bypass,
        barred,
        flow: kind.version.clone(),
        parent: None,
        given: None,
    };
    let mut values = request.values;
    when::days_can_be(ctx, kind, &values)?;
    crate::due::settle(ctx.policy, kind, &mut values, day)?;
    let values = with_urgency(ctx.policy, kind, values);
    let mut change = Change {
        values,
        texts: request.texts,
        secret: request.secret,
        files: request.files,
        ..Change::new(id, ctx.now, by, Happening::Opened(Box::new(opened)))
    };
    let mut seen = Matter::open(&change, 0).ok_or_else(|| Refusal::new("no_kind"))?;
    if let Some(assign) = &kind.intake.assign {
        change.holder = assign::resolve(ctx, kind, &seen, assign, &change.by, None)?;
        seen.holder.clone_from(&change.holder);
    }
    change.clocks = clock::after_step(ctx, kind, &seen, &step.id);
    finish(ctx, kind, None, change)
}

/// Makes a move. The first change is the matter's own; matters that the move opens follow, under ids drawn for them.
pub fn make_move(
    ctx: Ctx,
    matter: &Matter,
    by: Who,
    request: MoveRequest,
    draw: &mut dyn FnMut() -> MatterId,
) -> Result<Vec<Change>, Refusal> {
    if request.version.is_some_and(|v| v != matter.version()) {
        return Err(Refusal::new("stale"));
    }
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    let mv = kind.find_move(&request.mv).ok_or_else(|| Refusal::new("no_move"))?;
    let by = guard::may_move(ctx, kind, matter, mv, by)?;
    ballot::may_leave(matter, mv)?;
    let request = MoveRequest { values: ballot::as_counted(matter, request.values), ..request };
    let request = guard::fitting(ctx, kind, matter, mv, request)?;
    guard::is_complete(ctx, kind, matter, mv, &request)?;
    when::days_can_be(ctx, kind, &request.values)?;
    let opened = parts::opened(ctx, kind, matter, mv, (&by, &request), draw)?;
    let mut changes = vec![moved(ctx, (kind, mv), matter, by, request, &opened)?];
    changes.extend(opened);
    Ok(changes)
}

/// The change of a move that may be made and is complete.
fn moved(
    ctx: Ctx,
    (kind, mv): (&Kind, &Move),
    matter: &Matter,
    by: Who,
    request: MoveRequest,
    opened: &[Change],
) -> Result<Change, Refusal> {
    let mut values = request.values;
    for (field, value) in &mv.set {
        // An empty text unsets a field: what an earlier answer said no longer holds.
        let value = if value.is_empty() { Value::Null } else { Value::String(value.clone()) };
        values.insert(field.clone(), value);
    }
    let to = mv.to.clone().unwrap_or_else(|| matter.step.clone());
    let phase = kind.step(&to).map_or(matter.phase, |s| s.phase);
    let handled = if mv.handles { by.post().map(|p| ctx.policy.level_of(&p.post)) } else { None };
    let mut seen = matter.clone();
    seen.values.extend(values.clone());
    let holder = match &mv.assign {
        Some(assign) => assign::resolve(ctx, kind, &seen, assign, &by, request.to.as_ref().map(|h| (h, mv)))?,
        None => matter.holder.clone(),
    };
    let told = mv.notify.iter().filter_map(|a| assign::resolve(ctx, kind, &seen, a, &by, None).ok().flatten());
    let told = told.filter(|t| Some(t) != by.post()).collect();
    // A limit may depend on who has it now.
    seen.holder.clone_from(&holder);
    let mut clocks = clock::after_step(ctx, kind, &seen, &to);
    if let Some(extend) = &mv.extend {
        clock::extend(ctx, extend, &seen, &mut clocks)?;
    }
    let change = Change {
        holder,
        values,
        texts: request.texts,
        secret: request.secret,
        parts: opened.iter().filter_map(parts::of).collect(),
        told,
        files: request.files,
        clocks,
        ..Change::new(matter.id, ctx.now, by, Happening::Moved { mv: mv.id.clone(), to, phase, handled })
    };
    finish(ctx, kind, Some(matter), change)
}

/// Puts a wrong place or value right; the old facts are taken back on their old days.
pub fn correct(
    ctx: Ctx,
    matter: &Matter,
    by: Who,
    place: RegionId,
    values: Values,
    secret: Option<String>,
) -> Result<Change, Refusal> {
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    guard::may(ctx, matter, &by, crate::policy::Right::Correct)?;
    guard::is_alive(matter)?;
    if ctx.directory.tree.get(place).is_none_or(|r| r.span(ctx.now.day()).is_none()) {
        return Err(Refusal::field("place", "place"));
    }
    // What a duty is for was settled when it was begun: a wrong one is voided and begun anew.
    if kind.duty.is_some() && place != matter.place {
        return Err(Refusal::field("place", "duty_settled"));
    }
    if let Some(field) = values.keys().find(|f| kind.duty.as_ref().is_some_and(|d| crate::due::is_settled(d, f))) {
        return Err(Refusal::field(field, "duty_settled"));
    }
    let change = Change {
        holder: matter.holder.clone().and_then(|holder| assign::passed(ctx, matter, holder)),
        values: with_urgency(ctx.policy, kind, values),
        secret,
        clocks: matter.clocks.clone(),
        ..Change::new(matter.id, ctx.now, by, Happening::Corrected { place })
    };
    finish(ctx, kind, Some(matter), change)
}

/// Voids a wrong entry.
pub fn void(ctx: Ctx, matter: &Matter, by: Who, secret: Option<String>) -> Result<Change, Refusal> {
    let kind = ctx.policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
    guard::may(ctx, matter, &by, crate::policy::Right::Void)?;
    guard::is_alive(matter)?;
    let what = Happening::Voided { step: matter.step.clone() };
    let change = plain_change(ctx, matter, by, what, secret);
    finish(ctx, kind, Some(matter), Change { clocks: clock::stopped(ctx, matter), ..change })
}

fn plain_change(ctx: Ctx, matter: &Matter, by: Who, what: Happening, secret: Option<String>) -> Change {
    Change {
        holder: matter.holder.clone(),
        secret,
        clocks: matter.clocks.clone(),
        ..Change::new(matter.id, ctx.now, by, what)
    }
}

/// Adds the difference of the facts, which is what the matter would be after the change against what it is now.
fn finish(ctx: Ctx, kind: &Kind, before: Option<&Matter>, mut change: Change) -> Result<Change, Refusal> {
    let after = match before {
        Some(matter) => {
            let mut after = matter.clone();
            after.apply(&change, 0);
            after
        }
        None => Matter::open(&change, 0).ok_or_else(|| Refusal::new("no_kind"))?,
    };
    let place = place_of(&after, ctx.directory);
    let facts = facts_of(&after, kind, ctx.policy.measures_of(&kind.id), place)
        .map_err(|e| Refusal::new("pack").with("fault", e))?;
    change.facts = difference(before.map_or(&[], |m| m.facts.as_slice()), &facts);
    Ok(change)
}

/// The urgency of a matter follows its category unless it was given.
fn with_urgency(policy: &Policy, kind: &Kind, mut values: Values) -> Values {
    if values.contains_key("urgency") {
        return values;
    }
    for field in kind.fields.iter().filter(|f| f.kind == FieldType::Choice) {
        let Some(catalogue) = field.catalogue.as_deref().and_then(|c| policy.catalogue(c)) else { continue };
        if let Some(Value::String(code)) = values.get(&field.id) {
            let urgency = catalogue.urgency(code).to_owned();
            values.insert("urgency".into(), Value::String(urgency));
            break;
        }
    }
    values
}

/// Whether a matter has left its flow for good.
pub fn is_final(matter: &Matter) -> bool {
    matter.phase == Phase::Final
}
