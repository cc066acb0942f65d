//! Matters that a move opens below another one: units that assist, an instruction to be followed up, a round of talks.
//! Each has a holder, a flow and limits of its own; the matter above knows how far they are and may wait for them.
//! Nothing here may open a matter whose kind the pack does not have, or let a part outlive its parent's barring.

use super::{Ctx, MoveRequest, assign, clock, finish, guard, make_move, moved, plain_change, with_urgency};
use crate::ids::MatterId;
use crate::matter::{Change, Happening, IntakeRecord, Matter, Opened, Part, Values, Who};
use crate::policy::{Join, Kind, Move, Opens, Phase, Policy};
use crate::refusal::{FieldFault, Refusal};
use crate::register::Holder;

/// The openings that a move causes.
pub(super) fn opened(
    ctx: Ctx,
    kind: &Kind,
    matter: &Matter,
    mv: &Move,
    (by, request): (&Who, &MoveRequest),
    draw: &mut dyn FnMut() -> MatterId,
) -> Result<Vec<Change>, Refusal> {
    let Some(opens) = &mv.open else { return Ok(Vec::new()) };
    let child = ctx.policy.kind(&opens.kind).ok_or_else(|| Refusal::new("no_kind"))?;
    let holders = holders(ctx, kind, matter, (mv, opens), (by, request))?;
    if holders.is_empty() && opens.required {
        return Err(Refusal::field("parts", "required"));
    }
    let first = matter.parts.len() + 1;
    let numbered = holders.into_iter().enumerate();
    numbered.map(|(i, h)| one(ctx, (matter, child, opens), h, (by, request), draw(), first + i)).collect()
}

fn holders(
    ctx: Ctx,
    kind: &Kind,
    matter: &Matter,
    (mv, opens): (&Move, &Opens),
    (by, request): (&Who, &MoveRequest),
) -> Result<Vec<Option<Holder>>, Refusal> {
    if opens.assign.0 != "choose" {
        return Ok(vec![assign::resolve(ctx, kind, matter, &opens.assign, by, None)?]);
    }
    let open = assign::among(ctx, matter, &opens.candidates);
    let mut chosen: Vec<Option<Holder>> = Vec::new();
    for holder in &request.parts {
        if !open.contains(holder) {
            return Err(Refusal::field("parts", "choice"));
        }
        if leads(matter, mv, request, holder) {
            let unit = ctx.directory.seat_name(holder.seat, ctx.now.day());
            return Err(Refusal::form(vec![FieldFault::new("parts", "leads_already").with("unit", unit)]));
        }
        if !chosen.contains(&Some(holder.clone())) {
            chosen.push(Some(holder.clone()));
        }
    }
    Ok(chosen)
}

/// Whether a post chosen for a part leads the matter itself: two copies of one task would lie on one desk. Where the lead
/// is chosen by the same move, the whole unit counts; the head of a unit may pass a part down to its own handler.
fn leads(matter: &Matter, mv: &Move, request: &MoveRequest, part: &Holder) -> bool {
    if mv.assign.as_ref().is_some_and(|a| a.0 == "choose") {
        return request.to.as_ref().is_some_and(|lead| lead.seat == part.seat);
    }
    matter.holder.as_ref() == Some(part)
}

fn one(
    ctx: Ctx,
    (matter, child, opens): (&Matter, &Kind, &Opens),
    holder: Option<Holder>,
    (by, request): (&Who, &MoveRequest),
    id: MatterId,
    nth: usize,
) -> Result<Change, Refusal> {
    let step = child.steps.first().ok_or_else(|| Refusal::new("no_kind"))?;
    let intake = IntakeRecord {
        channel: child.intake.channels.first().cloned().unwrap_or_default(),
        source_no: None,
        at: ctx.now,
        receipt: None,
        first: id,
    };
    let words = if opens.words { matter.secrets.first().map(|(_, s)| s.clone()) } else { None };
    let opened = Opened {
        kind: child.id.clone(),
        number: format!("{}-{nth}", matter.number),
        place: matter.place,
        level_in: by.post().map_or(matter.level_in, |p| ctx.policy.level_of(&p.post)),
        step: step.id.clone(),
        phase: step.phase,
        intake,
        key: matter.key.clone(),
        code: None,
        confidential: matter.confidential,
        bypass: matter.bypass,
        barred: matter.barred.clone(),
        flow: child.version.clone(),
        parent: Some(matter.id),
        given: request.secret.clone(),
    };
    let value = |f: &String| request.values.get(f).or_else(|| matter.values.get(f)).map(|v| (f.clone(), v.clone()));
    let values: Values = opens.hand_down.iter().filter_map(value).collect();
    let mut change = Change {
        values: with_urgency(ctx.policy, child, values),
        texts: request.texts.clone(),
        secret: words,
        holder,
        ..Change::new(id, ctx.now, by.clone(), Happening::Opened(Box::new(opened)))
    };
    let mut seen = Matter::open(&change, 0).ok_or_else(|| Refusal::new("no_kind"))?;
    if change.holder.is_none() {
        let assign = child.intake.assign.as_ref();
        change.holder = assign.map(|a| assign::resolve(ctx, child, &seen, a, by, None)).transpose()?.flatten();
    }
    seen.holder.clone_from(&change.holder);
    change.clocks = clock::after_step(ctx, child, &seen, &step.id);
    finish(ctx, child, None, change)
}

/// What the matter above keeps of one that was just opened.
pub(super) fn of(change: &Change) -> Option<Part> {
    let Happening::Opened(opened) = &change.what else { return None };
    Some(Part {
        id: change.matter,
        kind: opened.kind.clone(),
        number: opened.number.clone(),
        holder: change.holder.clone(),
        phase: opened.phase,
    })
}

/// Matters below this one that a move of its flow would take back.
pub fn takes_back<'a>(policy: &Policy, matter: &'a Matter) -> Vec<&'a Part> {
    // Most matters have nothing below them, and nobody looks their flow up.
    if matter.parts_open() == 0 {
        return Vec::new();
    }
    let Some(kind) = policy.kind_of(matter) else { return Vec::new() };
    let named = |part: &&Part| kind.moves.iter().filter_map(|m| m.take_back.as_ref()).any(|t| t.kind == part.kind);
    matter.parts.iter().filter(|p| p.is_open()).filter(named).collect()
}

/// What becomes of a part when the matter above it has just been taken back: its own move of the pack's naming, by the same
/// person and for the same reason. Whose right that move is otherwise is not asked, since the one above was allowed. One
/// that has ended, or stands where the move does not begin, is left as it is.
pub fn taken_back(ctx: Ctx, above: &Matter, change: &Change, part: &Matter) -> Result<Option<Change>, Refusal> {
    let Happening::Moved { mv, .. } = &change.what else { return Ok(None) };
    let made = ctx.policy.kind_of(above).and_then(|k| k.find_move(mv));
    let takes = made.and_then(|m| m.take_back.as_ref()).filter(|t| t.kind == part.kind);
    let Some((takes, kind)) = takes.zip(ctx.policy.kind_of(part)) else { return Ok(None) };
    let own = kind.find_move(&takes.mv).filter(|m| m.from.contains(&part.step));
    let Some(own) = own.filter(|_| guard::is_alive(part).is_ok()) else { return Ok(None) };
    let texts: Vec<String> = change.texts.iter().filter(|f| own.fields.contains(f)).cloned().collect();
    let secret = change.secret.clone().filter(|_| !texts.is_empty());
    let request = MoveRequest { mv: own.id.clone(), texts, secret, ..MoveRequest::default() };
    moved(ctx, (kind, own), part, change.by.clone(), request, &[]).map(Some)
}

/// What the matter above takes in when one below has moved on: how far it is, and the joining move where it is time.
pub fn part_moved(
    ctx: Ctx,
    parent: &Matter,
    part: &Matter,
    draw: &mut dyn FnMut() -> MatterId,
) -> Result<Vec<Change>, Refusal> {
    let known = parent.parts.iter().find(|p| p.id == part.id);
    let phase = if part.voided || part.merged_into.is_some() { Phase::Final } else { part.phase };
    let now =
        Part { id: part.id, kind: part.kind.clone(), number: part.number.clone(), holder: part.holder.clone(), phase };
    if known.is_none_or(|k| *k == now) {
        return Ok(Vec::new());
    }
    let kind = ctx.policy.kind_of(parent).ok_or_else(|| Refusal::new("no_kind"))?;
    let change = Change { parts: vec![now], ..plain_change(ctx, parent, Who::System, Happening::PartMoved, None) };
    let change = finish(ctx, kind, Some(parent), change)?;
    let mut after = parent.clone();
    after.apply(&change, 0);
    let mut changes = vec![change];
    let is_time = |join: Join| match join {
        Join::All => after.parts_open() == 0,
        Join::Any => after.parts_open() < after.parts.len(),
    };
    let joining = kind.moves.iter().filter(|m| m.join.is_some_and(is_time) && m.from.contains(&after.step));
    for mv in joining {
        let request = MoveRequest { mv: mv.id.clone(), ..MoveRequest::default() };
        // A condition of the move that does not hold leaves the matter where it is; somebody else moves it then.
        if let Ok(joined) = make_move(ctx, &after, Who::System, request, draw) {
            changes.extend(joined);
            break;
        }
    }
    Ok(changes)
}
