//! A kind's flow as a chart: the usual way from the first step to the end as a column of stations, with what leaves
//! each of them. It is made from the flow itself, so that the picture can never say anything else than what is run.

use crate::policy::{Clock, Kind, Move, Phase, Step};

/// A step with what can be done in it.
#[derive(Debug, Clone)]
pub struct Station<'k> {
    /// The step.
    pub step: &'k Step,
    /// Moves to the next station of the usual way.
    pub on: Vec<&'k Move>,
    /// Moves to any other step, with that step.
    pub off: Vec<(&'k Move, &'k Step)>,
    /// Clocks that run here.
    pub clocks: Vec<&'k Clock>,
}

/// The chart of a flow.
#[derive(Debug, Clone)]
pub struct Chart<'k> {
    /// The usual way, from the first step on.
    pub main: Vec<Station<'k>>,
    /// Steps beside it, in the pack's order.
    pub aside: Vec<Station<'k>>,
}

/// Draws up the chart of a kind.
pub fn chart(kind: &Kind) -> Chart<'_> {
    let mut way: Vec<&Step> = kind.steps.first().into_iter().collect();
    while let Some(next) = way.last().and_then(|at| next(kind, at, &way)) {
        way.push(next);
    }
    let after = |i: usize| way.get(i + 1).copied();
    let main = way.iter().enumerate().map(|(i, step)| station(kind, step, after(i))).collect();
    let beside = kind.steps.iter().filter(|s| !way.iter().any(|w| w.id == s.id));
    Chart { main, aside: beside.map(|s| station(kind, s, None)).collect() }
}

/// The step that usually comes next: by the primary move, else by the first that does not break off.
fn next<'k>(kind: &'k Kind, at: &Step, way: &[&Step]) -> Option<&'k Step> {
    let leaving = || leaving(kind, at).filter(|(m, to)| !m.reopen && !way.iter().any(|w| w.id == to.id));
    let ends = at.phase == Phase::Closed || at.phase == Phase::Answered;
    let fits = |to: &Step| ends || to.phase != Phase::Final;
    let primary = leaving().find(|(m, to)| m.primary && fits(to));
    let found = primary.or_else(|| leaving().find(|(_, to)| fits(to))).or_else(|| leaving().next());
    found.map(|(_, to)| to)
}

/// Moves that lead out of a step, with where they lead.
fn leaving<'k>(kind: &'k Kind, at: &Step) -> impl Iterator<Item = (&'k Move, &'k Step)> {
    let id = at.id.clone();
    kind.moves.iter().filter(move |m| m.from.contains(&id)).filter_map(move |m| {
        let to = m.to.as_ref().filter(|to| !m.from.contains(to) || m.from.len() > 1)?;
        Some((m, kind.steps.iter().find(|s| s.id == *to)?))
    })
}

fn station<'k>(kind: &'k Kind, step: &'k Step, next: Option<&Step>) -> Station<'k> {
    let (on, off): (Vec<_>, Vec<_>) =
        leaving(kind, step).filter(|(_, to)| to.id != step.id).partition(|(_, to)| next.is_some_and(|n| n.id == to.id));
    Station {
        step,
        on: on.into_iter().map(|(m, _)| m).collect(),
        off,
        clocks: kind.clocks.iter().filter(|c| c.over.contains(&step.id)).collect(),
    }
}
