//! Merged and taken apart again is as if never merged: state, limits, ways in, facts.

use super::fixture::{Kept, VILLAGES, World};
use super::histories::{move_on, open};
use crate::fact::{difference, facts_of, place_of};
use crate::flow::{self, OpenRequest};
use crate::matter::{Matter, Values, Who};
use crate::policy::Phase;
use proptest::prelude::*;
use serde_json::Value;

const LINES: [&str; 4] = ["merge", "absorb", "restore", "release"];

/// A matter without the lines that merging wrote.
fn bare(matter: &Matter) -> Matter {
    let mut bare = matter.clone();
    bare.trail.retain(|t| !LINES.contains(&t.mv.as_str()));
    bare
}

fn merged(world: &mut World, from: &mut Kept, into: &mut Kept) -> bool {
    let by = world.who("desk", 1);
    let Ok((away, taken)) = flow::merge(world.ctx(), &from.matter, &into.matter, by) else { return false };
    let seq = world.id();
    from.take(seq, away);
    into.take(seq, taken);
    true
}

fn parted(world: &mut World, from: &mut Kept, into: &mut Kept) {
    let by = world.who("desk", 1);
    let (back, given) = flow::unmerge(world.ctx(), &from.matter, &into.matter, by).expect("it comes apart");
    let seq = world.id();
    from.take(seq, back);
    into.take(seq, given);
}

fn recomputed(world: &World, matter: &Matter) {
    let kind = world.ctx().policy.kind_of(matter).expect("its kind");
    let facts = facts_of(matter, kind, world.ctx().policy.measures_of(&kind.id), place_of(matter, &world.directory))
        .expect("facts");
    assert_eq!(difference(&matter.facts, &facts), Vec::new());
}

proptest! {
    #![proptest_config(super::histories::runs())]

    #[test]
    fn apart_again_is_as_never_merged(
        one in any::<(usize, usize, usize)>(), two in any::<(usize, usize, usize)>(),
        before in proptest::collection::vec(any::<(usize, usize)>(), 0..6),
        between in proptest::collection::vec(any::<(usize, usize)>(), 0..5),
        hours in 0i64..400,
    ) {
        let mut world = World::new();
        let (Some(mut from), Some(mut into)) = (open(&mut world, one), open(&mut world, two)) else { return Ok(()) };
        for (b, c) in before {
            move_on(&mut world, &mut from, (b, c));
            move_on(&mut world, &mut into, (c, b));
        }
        let was = from.matter.clone();
        if !merged(&mut world, &mut from, &mut into) {
            return Ok(());
        }
        prop_assert!(from.matter.facts.is_empty());
        world.wait_hours(hours);
        for (b, c) in between {
            move_on(&mut world, &mut into, (b, c));
        }
        let ways = into.matter.intakes.len() - from.matter.intakes.len();
        parted(&mut world, &mut from, &mut into);
        prop_assert_eq!(bare(&from.matter), bare(&was));
        prop_assert_eq!(into.matter.intakes.len(), ways);
        prop_assert!(into.matter.intakes.iter().all(|i| i.first == into.matter.id));
        for kept in [&from, &into] {
            world.holds(kept);
            recomputed(&world, &kept.matter);
        }
        // What the other one did meanwhile counts as if it had been alone all the time.
        let mut alone = bare(&into.matter);
        alone.facts.clear();
        let kind = world.kind();
        let facts = facts_of(&alone, kind, world.ctx().policy.measures_of(&kind.id), place_of(&alone, &world.directory)).expect("facts");
        prop_assert_eq!(difference(&into.matter.facts, &facts), Vec::new());
    }
}

fn report(world: &mut World, bypass: bool) -> Kept {
    let values = Values::from([("category".to_owned(), Value::from("road"))]);
    let request = OpenRequest { place: VILLAGES[0], values, bypass, ..OpenRequest::default() };
    world.open(Who::Reporter, request).expect("taken in")
}

#[test]
fn a_chain_comes_apart_from_its_end() {
    let mut world = World::new();
    let (mut a, mut b, mut c) = (report(&mut world, false), report(&mut world, false), report(&mut world, false));
    assert!(merged(&mut world, &mut a, &mut b) && merged(&mut world, &mut b, &mut c));
    assert_eq!(c.matter.intakes.len(), 3);
    let desk = world.who("desk", 1);
    let refused = |from: &Kept, into: &Kept| {
        flow::unmerge(world.ctx(), &from.matter, &into.matter, desk.clone()).expect_err("refused").key
    };
    assert_eq!(refused(&a, &b), "merged");
    assert_eq!(refused(&a, &c), "not_merged");
    assert_eq!(refused(&c, &a), "not_merged");
    parted(&mut world, &mut b, &mut c);
    assert_eq!((b.matter.intakes.len(), c.matter.intakes.len()), (2, 1));
    parted(&mut world, &mut a, &mut b);
    for kept in [&a, &b, &c] {
        assert_eq!(kept.matter.intakes.len(), 1);
        assert_eq!(kept.matter.phase, Phase::Open);
        world.holds(kept);
    }
    let clerk = world.who("clerk", VILLAGES[1].0);
    assert!(flow::merge(world.ctx(), &a.matter, &b.matter, clerk).is_err(), "not from elsewhere");
}

#[test]
fn a_reporter_joins_what_is_fresh_and_open_to_all() {
    let mut world = World::new();
    let (mut own, other, over) = (report(&mut world, false), report(&mut world, false), report(&mut world, true));
    let join = |world: &World, from: &Kept, into: &Kept, by: Who| {
        flow::join(world.ctx(), &from.matter, &into.matter, by).map(|_| ()).map_err(|r| r.key)
    };
    assert_eq!(join(&world, &own, &other, Who::Reporter), Ok(()));
    assert_eq!(join(&world, &own, &own, Who::Reporter), Err("merge_kind".into()));
    assert_eq!(join(&world, &over, &other, Who::Reporter), Err("join_late".into()), "the village is kept out of it");
    assert_eq!(join(&world, &own, &over, Who::Reporter), Err("join_late".into()));
    let clerk = world.who("clerk", VILLAGES[0].0);
    assert_eq!(join(&world, &own, &other, clerk), Err("no_right".into()), "not theirs");
    assert_eq!(join(&world, &own, &other, Who::System), Err("no_right".into()));
    move_on(&mut world, &mut own, (0, 0));
    if own.matter.trail.len() > 1 {
        assert_eq!(join(&world, &own, &other, Who::Reporter), Err("join_late".into()), "somebody is at it");
    }
}
