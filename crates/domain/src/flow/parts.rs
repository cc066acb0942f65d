//! Matters that a move opens below another one: units that assist, an instruction to be followed up, a round of talks.
//! Each has a holder, a flow and limits of its own; the matter above knows how far they are and may wait for them.
//! Nothing here may open a matter whose kind the pack does not have, or let a part outlive its parent's barring.

use super::{Ctx, MoveRequest, assign, clock, finish, make_move, plain_change, with_urgency};
use crate::ids::MatterId;
use crate::matter::{Change, Happening, IntakeRecord, Matter, Opened, Part, Values, Who};
use crate::policy::{Join, Kind, Move, Opens, Phase};
use crate::refusal::Refusal;
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
    let holders = holders(ctx, kind, matter, opens, (by, request))?;
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
    opens: &Opens,
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
        if !chosen.contains(&Some(holder.clone())) {
            chosen.push(Some(holder.clone()));
        }
    }
    Ok(chosen)
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
