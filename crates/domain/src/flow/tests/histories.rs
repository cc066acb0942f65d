//! Random histories: whatever order moves, clocks, corrections and mergers come in, the books hold.

use super::fixture::{GRIDS, Kept, TOWNS, VILLAGES, World};
use crate::day::Day;
use crate::fact::Fact;
use crate::flow::{self, OpenRequest};
use crate::ids::{AccountId, RegionId};
use crate::matter::{Matter, Values, Who};
use crate::policy::Phase;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;
use std::collections::BTreeMap;

const CATEGORIES: [&str; 5] = ["water", "water.burst", "road", "lamp", "else"];

/// One thing that happens: what, to whom, and two choices.
type Step = (u8, usize, usize, usize);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec((0u8..20, any::<usize>(), any::<usize>(), any::<usize>()), 1..60)
}

pub(super) fn runs() -> ProptestConfig {
    ProptestConfig {
        cases: 80,
        rng_seed: RngSeed::Fixed(20_210_301),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn places() -> Vec<RegionId> {
    VILLAGES.iter().chain(&GRIDS).chain(&TOWNS).copied().collect()
}

/// Whoever may be asked to act: every account and the reporter.
fn actors(world: &World) -> Vec<Who> {
    let account = |id: &AccountId| Who::Account { account: *id, post: None };
    world.directory.accounts.keys().map(account).chain([Who::Reporter]).collect()
}

pub(super) fn open(world: &mut World, (a, b, c): (usize, usize, usize)) -> Option<Kept> {
    let place = places()[a % places().len()];
    let named: Vec<AccountId> = world.directory.accounts.keys().copied().collect();
    let named = if c.is_multiple_of(4) { vec![named[c / 4 % named.len()]] } else { Vec::new() };
    let values = Values::from([
        ("category".to_owned(), Value::from(CATEGORIES[b % CATEGORIES.len()])),
        ("households".to_owned(), Value::from(b % 7)),
    ]);
    let by = match c % 3 {
        0 => Who::Reporter,
        1 => world.who("desk", 1),
        _ => world.who("clerk", VILLAGES[c % 4].0),
    };
    world.open(by, OpenRequest { place, values, bypass: c.is_multiple_of(5), named, ..OpenRequest::default() }).ok()
}

/// Makes one of the moves that are offered to one of those to whom any is.
pub(super) fn move_on(world: &mut World, kept: &mut Kept, (b, c): (usize, usize)) {
    let mut offers: Vec<(Who, String)> = Vec::new();
    for who in actors(world) {
        let moves = match &who {
            Who::Account { account, .. } => flow::offered(world.ctx(), &kept.matter, *account),
            _ => flow::offered_to_reporter(world.ctx(), &kept.matter),
        };
        offers.extend(moves.into_iter().map(|m| (who.clone(), m.id.clone())));
    }
    let Some((who, mv)) = offers.get(b % offers.len().max(1)).cloned() else { return };
    let open = world.kind().find_move(&mv).map(|m| flow::candidates(world.ctx(), &kept.matter, m)).unwrap_or_default();
    let to = open.get(c % open.len().max(1)).cloned();
    let done = world.go(kept, &who, &mv, to.clone());
    // What is offered is never refused, but for a choice among nobody and papers that are not there yet.
    let chosen = world.kind().find_move(&mv).and_then(|m| m.assign.as_ref()).is_some_and(|a| a.0 == "choose");
    let lacking = done.as_ref().is_err_and(|r| r.key == "lacking" || r.fields.iter().any(|f| f.field == "parts"));
    assert!(done.is_ok() || chosen && to.is_none() || lacking, "{mv} was offered to {who:?} and refused: {done:?}");
}

fn correct(world: &mut World, kept: &mut Kept, (a, b): (usize, usize)) {
    let by = world.who("desk", 1);
    let values = Values::from([("category".to_owned(), Value::from(CATEGORIES[b % CATEGORIES.len()]))]);
    let place = places()[a % places().len()];
    if let Ok(change) = flow::correct(world.ctx(), &kept.matter, by, place, values, None) {
        let seq = world.id();
        kept.take(seq, change);
    }
}

fn merge(world: &mut World, all: &mut [Kept], (a, b): (usize, usize)) {
    let (from, into) = (a % all.len(), b % all.len());
    let by = world.who("desk", 1);
    let Ok((away, taken)) = flow::merge(world.ctx(), &all[from].matter, &all[into].matter, by) else { return };
    let seq = world.id();
    all[from].take(seq, away);
    all[into].take(seq, taken);
}

/// Nothing leads out of a final step, for nobody and not by the clock.
fn stays(world: &World, matter: &Matter) {
    for who in actors(world).into_iter().chain([Who::System]) {
        for mv in &world.kind().moves {
            let texts = mv.require.clone();
            let request = flow::MoveRequest { mv: mv.id.clone(), texts, ..flow::MoveRequest::default() };
            assert!(
                flow::make_move(world.ctx(), matter, who.clone(), request, &mut || 1.into()).is_err(),
                "{} after the end",
                mv.id
            );
        }
    }
    assert!(flow::tick(world.ctx(), matter, &mut || 1.into()).is_err());
    assert_eq!(matter.next_due(), None);
    let desk = world.who("desk", 1);
    assert!(flow::correct(world.ctx(), matter, desk.clone(), matter.place, Values::new(), None).is_err());
    assert!(flow::void(world.ctx(), matter, desk, None).is_err());
}

fn run(steps: Vec<Step>) -> (World, Vec<Kept>) {
    let mut world = World::new();
    let mut all: Vec<Kept> = Vec::new();
    for (what, a, b, c) in steps {
        if all.is_empty() || what < 3 {
            all.extend(open(&mut world, (a, b, c)));
            continue;
        }
        let at = a % all.len();
        match what {
            3 | 4 => world.wait_hours(i64::try_from(b % 400).unwrap_or(0)),
            5 => correct(&mut world, &mut all[at], (b, c)),
            6 => merge(&mut world, &mut all, (b, c)),
            7 if c.is_multiple_of(3) => {
                let by = world.who("desk", 1);
                if let Ok(change) = flow::void(world.ctx(), &all[at].matter, by, None) {
                    let seq = world.id();
                    all[at].take(seq, change);
                }
            }
            8 | 9 => {
                world.tick(&mut all[at]);
            }
            _ => move_on(&mut world, &mut all[at], (b, c)),
        }
        for kept in &all {
            world.holds(kept);
        }
    }
    (world, all)
}

/// Sums of a measure over its facts up to a day.
fn until(facts: &[Fact], measure: &str, day: Day) -> i64 {
    facts.iter().filter(|f| f.measure == measure && f.day <= day).map(|f| f.delta).sum()
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn whatever_happens_the_books_hold(steps in steps()) {
        let (world, all) = run(steps);
        for kept in &all {
            if kept.matter.phase == Phase::Final {
                stays(&world, &kept.matter);
            }
        }
    }

    #[test]
    fn a_stock_is_never_below_nothing_nor_above_one(steps in steps()) {
        let (world, all) = run(steps);
        for kept in &all {
            let facts = &kept.matter.facts;
            for day in facts.iter().map(|f| f.day) {
                for measure in ["order.closed", "order.by_level", "order.satisfied", "order.done", "order.open"] {
                    let n = until(facts, measure, day);
                    prop_assert!((0..=1).contains(&n), "{measure} is {n} on {day}: {:?}", kept.matter.trail);
                }
            }
            let alive = !kept.matter.voided && kept.matter.merged_into.is_none();
            let active = alive && matches!(kept.matter.phase, Phase::Open | Phase::Answered);
            prop_assert_eq!(until(facts, "order.open", world.now.day()), i64::from(active));
        }
    }

    #[test]
    fn of_a_cohort_never_more_than_all_at_any_cut_off(steps in steps()) {
        let (world, all) = run(steps);
        let facts: Vec<&Fact> = all.iter().flat_map(|k| &k.matter.facts).collect();
        let days: Vec<Day> = facts.iter().map(|f| f.day).chain([world.now.day()]).collect();
        let sum = |measure: &str, cut_off: Day| {
            let mut by_cohort: BTreeMap<Day, i64> = BTreeMap::new();
            for fact in facts.iter().filter(|f| f.measure == measure && f.day <= cut_off) {
                *by_cohort.entry(fact.cohort).or_default() += fact.delta;
            }
            by_cohort
        };
        for cut_off in days {
            let (accepted, closed, happy) =
                (sum("order.accepted", cut_off), sum("order.closed", cut_off), sum("order.satisfied", cut_off));
            for (cohort, n) in &closed {
                prop_assert!(*n <= accepted.get(cohort).copied().unwrap_or(0), "closed over accepted at {cut_off}");
                prop_assert!(happy.get(cohort).copied().unwrap_or(0) <= *n, "satisfied over closed at {cut_off}");
            }
        }
    }

    #[test]
    fn a_merger_loses_no_way_in(steps in steps()) {
        let (_, all) = run(steps);
        let standing: Vec<&Matter> = all.iter().map(|k| &k.matter).filter(|m| m.merged_into.is_none()).collect();
        let ways: usize = standing.iter().map(|m| m.intakes.len()).sum();
        prop_assert_eq!(ways, all.len());
        for matter in standing.iter().filter(|m| !m.voided) {
            let counted = until(&matter.facts, "order.intakes", Day(i32::MAX));
            prop_assert_eq!(counted, i64::try_from(matter.intakes.len()).unwrap_or(0));
        }
    }
}
