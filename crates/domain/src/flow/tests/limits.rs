//! Limits by category: the nearest category counts, whatever the depth, and a category never sets a clock going.

use super::fixture::{VILLAGES, World};
use crate::calendar::Limit;
use crate::condition::Condition;
use crate::matter::Matter;
use crate::policy::{Catalogue, Clock, Item, LimitRule};
use proptest::prelude::*;

const LEVELS: [&str; 5] = ["w", "w.a", "w.a.b", "w.a.b.c", "w.a.b.c.d"];

/// A branch of five levels, and a leaf beside each.
fn deep() -> Catalogue {
    let mut items: Vec<Item> = Vec::new();
    for (i, code) in LEVELS.iter().enumerate() {
        let parent = i.checked_sub(1).map_or("", |up| LEVELS[up]).to_owned();
        items.push(Item { code: (*code).into(), parent: parent.clone(), ..Item::default() });
        items.push(Item { code: format!("{code}.beside"), parent: (*code).into(), ..Item::default() });
    }
    // The lines of a file may stand in any order.
    items.reverse();
    Catalogue { id: "things".into(), items, ..Catalogue::default() }
}

fn rule(category: Option<&str>, when: Option<&str>, days: u32) -> LimitRule {
    LimitRule {
        when: when.map(|w| Condition::parse(w).expect("a condition")),
        category: category.map(str::to_owned),
        limit: Limit::WorkingDays(days),
        from: None,
        basis: String::new(),
    }
}

fn world(rules: Vec<LimitRule>) -> World {
    let mut w = World::new();
    w.policy.catalogues.insert("things".into(), deep());
    let clock = w.policy.kinds[0].clocks.iter_mut().find(|c| c.id == "handle").expect("a clock");
    clock.limits = rules;
    clock.limit_field = None;
    clock.over = vec!["accepted".into()];
    w
}

/// Working days that the clock was given, as the event says them.
fn days(w: &mut World, category: &str) -> Option<u32> {
    let m = w.report(VILLAGES[0], category);
    let (seq, change) = &m.changes[0];
    let told = change.clocks.iter().find(|c| c.id == "handle");
    let limit = told.and_then(|c| c.limit);
    // Whoever reads the event again needs no pack: the due time is in it.
    let again = Matter::open(change, *seq).expect("an opening");
    assert_eq!(again.clocks, m.matter.clocks);
    if let (Some(state), Some(limit)) = (told, limit) {
        assert_eq!(state.due, w.policy.calendar.due(w.now, &limit));
    }
    match limit {
        Some(Limit::WorkingDays(n)) => Some(n),
        _ => None,
    }
}

#[test]
fn the_nearest_category_counts() {
    let mut w = world(vec![rule(None, None, 5), rule(Some("w.a"), None, 3), rule(Some("w.a.b.c.d"), None, 1)]);
    for (category, expected) in [
        ("w", 5),
        ("w.beside", 5),
        ("w.a", 3),
        ("w.a.beside", 3),
        ("w.a.b.c", 3),
        ("w.a.b.c.beside", 3),
        ("w.a.b.c.d", 1),
        ("w.a.b.c.d.beside", 1),
    ] {
        assert_eq!(days(&mut w, category), Some(expected), "{category}");
    }
}

#[test]
fn a_category_holds_for_its_urgency_and_sets_no_clock_going() {
    let calm = Some("urgency == 'normal'");
    let urgent = Some("urgency == 'urgent'");
    let mut w = world(vec![
        rule(None, calm, 5),
        rule(Some("w.a.b"), urgent, 1),
        rule(Some("w.a"), calm, 4),
        rule(Some("w.a"), None, 2),
    ]);
    assert_eq!(days(&mut w, "w.a.b.c"), Some(4), "that of the nearest category which holds for its urgency");
    let items = &mut w.policy.catalogues.get_mut("things").expect("a catalogue").items;
    items.iter_mut().find(|i| i.code == "w.a.b").expect("an item").urgency = "urgent".into();
    assert_eq!(days(&mut w, "w.a.b.c"), None, "the clock is for what is not urgent");
    let clock = w.policy.kinds[0].clocks.iter_mut().find(|c| c.id == "handle").expect("a clock");
    clock.limits.push(rule(None, urgent, 9));
    assert_eq!(days(&mut w, "w.a.b.c"), Some(1), "its category's limit for that urgency goes before the urgency's");
    assert_eq!(days(&mut w, "w.a.beside"), Some(4));
}

#[test]
fn a_limit_is_of_the_day_it_began_and_stays_with_the_matter() {
    let from = |day: &str, days| LimitRule { from: Some(day.into()), ..rule(Some("w.a"), None, days) };
    let mut w = world(vec![rule(None, None, 5), from("2030-01-01", 1), from("2021-01-01", 3)]);
    let mut m = w.report(VILLAGES[0], "w.a.b.c");
    let due = m.matter.clocks.iter().find(|c| c.id == "handle").expect("a clock").due;
    w.policy.kinds[0].clocks.iter_mut().for_each(|c| c.limits.retain(|r| r.category.is_none()));
    w.tick(&mut m);
    assert_eq!(m.matter.clocks.iter().find(|c| c.id == "handle").expect("a clock").due, due);
    assert_eq!(due, w.policy.calendar.due(m.matter.clocks[0].started, &Limit::WorkingDays(3)));
}

#[test]
fn a_branch_is_all_that_is_below_at_any_depth() {
    let things = deep();
    assert_eq!(things.branch("w").len(), 10);
    assert_eq!(things.branch("w.a.b.c.d").len(), 2);
    assert!(things.branch("nothing").is_empty());
    let order: Vec<&str> = things.in_order().iter().map(|i| i.code.as_str()).collect();
    assert_eq!(order.len(), 10);
    for (i, code) in order.iter().enumerate() {
        let parent = &things.item(code).expect("an item").parent;
        assert!(parent.is_empty() || order[..i].contains(&parent.as_str()), "{code} follows what is above it");
        let below = things.branch(code);
        assert!(order[i..].iter().take(below.len()).all(|c| below.iter().any(|b| b == c)), "{code} stands together");
    }
}

proptest! {
    #[test]
    fn a_limit_is_found_by_going_up(
        at in 0usize..5,
        rules in prop::collection::vec((prop::option::of(0usize..5), prop::bool::ANY, 1u32..60), 0..12),
    ) {
        let written: Vec<LimitRule> =
            rules.iter().map(|(level, _, days)| rule(level.map(|l| LEVELS[l]), None, *days)).collect();
        let clock = Clock {
            id: "c".into(),
            name: "c".into(),
            name_en: String::new(),
            over: Vec::new(),
            paused_in: Vec::new(),
            limits: written.clone(),
            limit_field: None,
            escalate: None,
        };
        let on: Vec<bool> = rules.iter().map(|(_, on, _)| *on).collect();
        let place = |r: &LimitRule| written.iter().position(|w| std::ptr::eq(w, r) || w == r);
        // Rules that are written alike are judged alike.
        let holds = |r: &LimitRule| place(r).is_some_and(|i| on[i]);
        let chain: Vec<&str> = LEVELS[..=at].iter().rev().copied().collect();
        let first = |category: Option<&str>| written.iter().find(|r| r.category.as_deref() == category && holds(r));
        let expected = first(None).map(|general| {
            (0..=at).rev().find_map(|level| first(Some(LEVELS[level]))).unwrap_or(general).limit
        });
        prop_assert_eq!(clock.limit_for(&chain, &holds).map(|r| r.limit), expected);
    }
}
