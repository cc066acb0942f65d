//! Settling the totals: which of a stream's matters are still open at the cut-off, which are hurried so that they close
//! before it, and the grades and amounts that have to come to an exact sum.

use crate::act::Stage;
use crate::case::Case;
use crate::dice::{Dice, mix};
use crate::error::SimulateError;
use crate::plan::Frame;
use crate::scenario::{Amount, Fill, Mark, Stream};
use crate::shadow::Kin;
use xiangyue_domain::day::Time;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::Phase;

/// Decides which of a stream's matters stay open. `told_open` of them are told by stories.
pub(crate) fn settle(
    stage: &Stage,
    stream: &Stream,
    cases: &mut [Case],
    frame: Frame,
    told_open: usize,
) -> Result<(), SimulateError> {
    let Some(closed) = stream.closed else { return Ok(()) };
    let script = |case: &Case| &stage.scripts[case.script];
    let total = frame.scaled(stream.total);
    let never: usize = cases.iter().filter(|c| script(c).counted && !script(c).done).count();
    let mut open = total.saturating_sub(frame.scaled(closed) + never + told_open);
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(cases[*i].end()));
    for i in order {
        reach_milestone(stage, stream, &mut cases[i], frame.cut);
        let good = script(&cases[i]).done && script(&cases[i]).counted;
        if open > 0 && good && leave_open(stage, stream, &mut cases[i], frame.cut)? {
            open -= 1;
            continue;
        }
        let milestone = stream.closed_after.as_ref().filter(|_| good).and_then(|mv| made_at(stage, &cases[i], mv));
        let last = milestone.unwrap_or(cases[i].plan.len().saturating_sub(1));
        if cases[i].plan.get(last).map_or(cases[i].open, |p| p.0) >= frame.cut {
            hurry(&mut cases[i], last, frame.cut);
        }
    }
    if open > 0 {
        return Err(SimulateError::Scenario(format!(
            "{}: {open} more would have to be open at the cut-off",
            stream.id
        )));
    }
    Ok(())
}

fn hurry(case: &mut Case, last: usize, cut: Time) {
    let mut dice = Dice::new(case.seed ^ 0x77);
    let spare = i64::try_from(dice.below(18) + 1).unwrap_or(1) * 60_000;
    case.hurry(last, cut.plus_ms(-spare));
}

/// Place in the plan at which a move is made for the last time.
fn made_at(stage: &Stage, case: &Case, mv: &str) -> Option<usize> {
    let steps = &stage.scripts[case.script].steps;
    case.plan.iter().rposition(|p| steps[p.1].mv == mv)
}

/// What is counted only after a move must have made it by the cut-off.
fn reach_milestone(stage: &Stage, stream: &Stream, case: &mut Case, cut: Time) {
    let Some(mv) = &stream.counts_after else { return };
    let script = &stage.scripts[case.script];
    if let Some(at) = case.plan.iter().position(|p| script.steps[p.1].mv == *mv) {
        case.hurry(at, cut.plus_ms(-60_000));
    }
}

/// Tries to leave a case open and within its limit; `false` when that cannot be.
fn leave_open(stage: &Stage, stream: &Stream, case: &mut Case, cut: Time) -> Result<bool, SimulateError> {
    let mut tried = case.clone();
    tried.plan.retain(|p| p.0 < cut);
    loop {
        let matter = rehearse(stage, &tried, cut)?;
        let open = match &stream.closed_after {
            Some(mv) => made_at(stage, &tried, mv).is_none() && matter.phase == Phase::Open,
            None => matches!(matter.phase, Phase::Open | Phase::Answered),
        };
        if open {
            if matter.due().is_some_and(|due| due < cut) {
                return Ok(false);
            }
            break;
        }
        if tried.plan.pop().is_none() {
            return Ok(false);
        }
    }
    let script = &stage.scripts[tried.script];
    let made = |mv: &String| tried.plan.iter().any(|p| script.steps[p.1].mv == *mv);
    if stream.counts_after.as_ref().is_some_and(|mv| !made(mv)) {
        return Ok(false);
    }
    tried.left_open = true;
    *case = tried;
    Ok(true)
}

/// What becomes of a case by the cut-off, without sending anything.
fn rehearse(stage: &Stage, case: &Case, cut: Time) -> Result<Matter, SimulateError> {
    let refused = |turn: usize, refusal: String| SimulateError::Refused { what: stage.what(case, turn), refusal };
    let (who, form) = stage.opening(case)?;
    let opened = stage.shadow.open(case.open, who, 1, &form);
    let mut kin = Kin::new(opened.map_err(|r| refused(0, format!("{r:?}")))?);
    for (at, turn) in case.plan.iter().filter(|p| p.0 < cut) {
        catch_up(stage, &mut kin, *at);
        let step = &stage.scripts[case.script].steps[*turn];
        if step.mv.is_empty() {
            continue;
        }
        let (who, form) = stage.moving(case, &kin, *turn, *at)?;
        let made = stage.shadow.make(&mut kin, step.part, *at, who, &form);
        made.map_err(|r| refused(turn + 1, format!("{r:?}")))?;
    }
    catch_up(stage, &mut kin, cut);
    Ok(kin.own)
}

/// What the clocks cause up to an instant.
fn catch_up(stage: &Stage, kin: &mut Kin, to: Time) {
    loop {
        let dues = kin.dues();
        let next = dues.iter().enumerate().filter_map(|(nth, due)| Some((*due.as_ref()?, nth))).min();
        match next.filter(|(due, _)| *due <= to) {
            Some((due, nth)) if stage.shadow.tick(kin, nth, due) => {}
            _ => return,
        }
    }
}

/// Draws grades and amounts before anything is known of how matters end.
pub(crate) fn draw(stream: &Stream, cases: &mut [Case], frame: Frame) {
    for (at, mark) in stream.mark.iter().enumerate() {
        let mut dice = Dice::new(frame.seed ^ mix(u64::try_from(at + cases.len()).unwrap_or(0)));
        let values: Vec<(&String, f64)> = mark.of.iter().map(|(v, w)| (v, *w)).collect();
        for case in cases.iter_mut() {
            let rare = mark.base.iter().find(|(_, share)| !case.in_period && dice.chance(**share)).map(|(v, _)| v);
            let usual = values.get(dice.weighted(values.iter().map(|v| v.1))).map(|v| v.0);
            case.marks.push(rare.or(usual).cloned().unwrap_or_default());
        }
    }
    for amount in &stream.amount {
        let mut dice = Dice::new(frame.seed ^ mix(amount.low.to_bits()));
        for case in cases.iter_mut() {
            let more = if dice.chance(amount.plain) { 0.0 } else { dice.skewed(amount.low, amount.high) - amount.min };
            case.amounts.push(rounded(amount, more.max(0.0)));
        }
    }
}

fn rounded(amount: &Amount, more: f64) -> i64 {
    let step = amount.step.max(0.01);
    let value = amount.min + (more / step).round() * step;
    #[expect(clippy::cast_possible_truncation, reason = "an amount of a county fits")]
    let value = value.round() as i64;
    value
}

/// Brings grades and amounts of the period's closed ones to their exact sums; `used` are grades told by stories.
pub(crate) fn fix(stage: &Stage, stream: &Stream, cases: &mut [Case], frame: Frame, used: &[(String, String)]) {
    for (at, mark) in stream.mark.iter().enumerate() {
        fix_mark(stage, mark, at, cases, frame, used);
    }
    let closed: Vec<usize> = (0..cases.len()).filter(|i| is_closed(stage, &cases[*i])).collect();
    for (at, amount) in stream.amount.iter().enumerate() {
        let Some(total) = amount.total else { continue };
        let more = |c: &Case| float(c.amounts[at]) - amount.min;
        let sum: f64 = closed.iter().map(|i| more(&cases[*i])).sum();
        let least = amount.min * float(i64::try_from(closed.len()).unwrap_or(0));
        let factor = if sum > 0.0 { (total * frame.scale - least).max(0.0) / sum } else { 1.0 };
        for case in cases.iter_mut() {
            case.amounts[at] = rounded(amount, more(case) * factor);
        }
    }
}

fn is_closed(stage: &Stage, case: &Case) -> bool {
    let script = &stage.scripts[case.script];
    case.in_period && script.done && script.counted && !case.left_open
}

#[expect(clippy::cast_precision_loss, reason = "counts and amounts of a county stay far below 2^52")]
fn float(n: i64) -> f64 {
    n as f64
}

fn fix_mark(stage: &Stage, mark: &Mark, at: usize, cases: &mut [Case], frame: Frame, used: &[(String, String)]) {
    let mut dice = Dice::new(frame.seed ^ mix(u64::try_from(at).unwrap_or(0)));
    let graded = |c: &Case| {
        let script = &stage.scripts[c.script];
        // A move that says something else does not give the grade.
        let says = format!("{{mark.{}}}", mark.id);
        let given = |f: &Fill| matches!(f, Fill::Always(text) if *text == says);
        let gives = |p: &(Time, usize)| {
            let step = &script.steps[p.1];
            step.mv == mark.on && step.fields.values().any(given)
        };
        mark.on.is_empty() || c.plan.iter().any(gives)
    };
    let fit = |c: &Case| is_closed(stage, c) && c.story.is_none() && graded(c);
    let mut fitting: Vec<usize> = (0..cases.len()).filter(|i| fit(&cases[*i])).collect();
    for (value, n) in &mark.exact {
        let told = used.iter().filter(|(id, v)| *id == mark.id && v == value).count();
        for _ in 0..frame.scaled(*n).saturating_sub(told) {
            if fitting.is_empty() {
                return;
            }
            let chosen = fitting.swap_remove(dice.below(fitting.len()));
            cases[chosen].marks[at].clone_from(value);
        }
    }
}
