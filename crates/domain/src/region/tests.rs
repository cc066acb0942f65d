//! Tests of the tree: renames, mergers and splits, and random lineages.

use super::*;
use crate::day::Day;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn at(id: i64, level: Level, parent: Option<i64>, from: i32) -> Region {
    let code = if level == Level::Grid { format!("9900000000{id:02}1001") } else { format!("99{id:010}") };
    let span = RegionSpan {
        from: Day(from),
        to: FOREVER,
        name: format!("{id}村委会"),
        display: format!("{id}村"),
        code,
        parent: parent.map(RegionId),
    };
    Region { id: RegionId(id), level, order: 100 - id, spans: vec![span], successors: Vec::new(), simulated: false }
}

/// A county of two towns; three villages in the first, one in the second; a grid in each village.
fn county() -> RegionTree {
    let mut tree = RegionTree::default();
    let mut regions =
        vec![at(1, Level::County, None, 0), at(2, Level::Town, Some(1), 0), at(3, Level::Town, Some(1), 0)];
    for (id, town) in [(11, 2), (12, 2), (13, 2), (14, 3)] {
        regions.push(at(id, Level::Village, Some(town), 0));
        regions.push(at(id + 10, Level::Grid, Some(id), 0));
    }
    tree.apply(&RegionEvent::Added { regions });
    tree
}

fn ids(list: &[i64]) -> Vec<RegionId> {
    list.iter().copied().map(RegionId).collect()
}

#[test]
fn children_stand_in_the_official_order() {
    let tree = county();
    assert_eq!(tree.children(RegionId(2), Day(5)), ids(&[13, 12, 11]));
    assert_eq!(tree.root(Day(5)), Some(RegionId(1)));
    assert_eq!(tree.subtree(RegionId(3), Day(5)), ids(&[3, 14, 24]));
    assert_eq!(tree.of_level(Level::Village, Day(5)), ids(&[14, 13, 12, 11]));
    assert_eq!(tree.root(Day(-1)), None, "before it there was nothing");
}

#[test]
fn a_renamed_region_is_one_region_with_two_names() {
    let mut tree = county();
    let event = RegionEvent::Renamed {
        id: RegionId(11),
        from: Day(100),
        code: "990000000099".into(),
        name: "新村委会".into(),
        display: "新村".into(),
    };
    tree.apply(&event);
    assert_eq!((tree.display(RegionId(11), Day(99)), tree.display(RegionId(11), Day(100))), ("11村", "新村"));
    assert_eq!(tree.by_code("990000000011", Day(99)).map(|r| r.id), Some(RegionId(11)));
    assert!(tree.by_code("990000000011", Day(100)).is_none());
    assert_eq!(tree.by_code("990000000099", Day(100)).map(|r| r.id), Some(RegionId(11)));
    assert_eq!(tree.subtree(RegionId(2), Day(99)), tree.subtree(RegionId(2), Day(100)));
    assert_eq!(tree.then_nodes(RegionId(11), Day(200)), ids(&[11, 21]));
}

#[test]
fn a_merged_village_lives_on_in_its_successor() {
    let mut tree = county();
    tree.apply(&RegionEvent::Merged { from: ids(&[11]), into: RegionId(12), day: Day(100) });
    assert_eq!(tree.children(RegionId(2), Day(99)), ids(&[13, 12, 11]));
    assert_eq!(tree.children(RegionId(2), Day(100)), ids(&[13, 12]));
    assert_eq!(tree.children(RegionId(12), Day(99)), ids(&[22]));
    assert_eq!(tree.children(RegionId(12), Day(100)), ids(&[22, 21]), "its grid moved with it");
    assert_eq!(tree.ancestors(RegionId(21), Day(99)), ids(&[21, 11, 2, 1]));
    assert_eq!(tree.ancestors(RegionId(21), Day(100)), ids(&[21, 12, 2, 1]));
    assert_eq!(tree.then_nodes(RegionId(12), Day(100)), ids(&[11, 12, 21, 22]));
    assert_eq!(tree.then_nodes(RegionId(13), Day(100)), ids(&[13, 23]));
    assert_eq!(tree.then_nodes(RegionId(12), Day(99)), ids(&[12, 22]), "the day before, each stood for itself");
    assert_eq!(tree.then_nodes(RegionId(11), Day(99)), ids(&[11, 21]));
    assert!(tree.get(RegionId(11)).is_some_and(|r| r.span(Day(100)).is_none()));
    assert_eq!(tree.display(RegionId(11), Day(500)), "11村", "a name is always had");
}

#[test]
fn mergers_of_mergers_flow_on() {
    let mut tree = county();
    tree.apply(&RegionEvent::Merged { from: ids(&[11]), into: RegionId(12), day: Day(100) });
    tree.apply(&RegionEvent::Merged { from: ids(&[12]), into: RegionId(13), day: Day(200) });
    assert_eq!(tree.then_nodes(RegionId(13), Day(200)), ids(&[11, 12, 13, 21, 22, 23]));
    assert_eq!(tree.at_level(RegionId(21), Level::Village, Day(50)), Some(RegionId(11)));
    assert_eq!(tree.at_level(RegionId(21), Level::Village, Day(150)), Some(RegionId(12)));
    assert_eq!(tree.at_level(RegionId(21), Level::Village, Day(250)), Some(RegionId(13)));
}

#[test]
fn what_a_split_parted_is_not_guessed() {
    let mut tree = county();
    let regions = vec![at(15, Level::Village, Some(2), 100), at(16, Level::Village, Some(3), 100)];
    tree.apply(&RegionEvent::Added { regions });
    tree.apply(&RegionEvent::Split { from: RegionId(11), into: ids(&[15, 16]), day: Day(100) });
    assert!(tree.then_nodes(RegionId(2), Day(100)).iter().all(|id| *id != RegionId(11)), "half went to the other town");
    assert!(tree.then_nodes(RegionId(1), Day(100)).contains(&RegionId(11)), "all of it stayed in the county");
    assert!(tree.then_nodes(RegionId(1), Day(100)).contains(&RegionId(21)), "and so did its grid, not yet placed");
    assert_eq!(tree.children(RegionId(2), Day(99)), ids(&[13, 12, 11]));
    assert_eq!(tree.children(RegionId(2), Day(100)), ids(&[15, 13, 12]));
}

#[test]
fn an_addition_is_checked() {
    let tree = county();
    let none = BTreeMap::new();
    assert!(tree.check(&at(15, Level::Village, Some(2), 0), &none).is_ok());
    assert!(matches!(tree.check(&at(15, Level::Village, Some(77), 0), &none), Err(RegionFault::NoParent(_))));
    assert!(matches!(tree.check(&at(25, Level::Grid, Some(2), 0), &none), Err(RegionFault::GridNotUnderVillage(_))));
    let mut twice = at(15, Level::Village, Some(2), 0);
    twice.spans[0].code = "990000000012".into();
    assert!(matches!(tree.check(&twice, &none), Err(RegionFault::Duplicate(_))));
    twice.spans[0].code = "99000000001X".into();
    assert!(matches!(tree.check(&twice, &none), Err(RegionFault::Code(_))));
}

#[test]
fn a_unit_mapped_again_is_still_one() {
    let mut tree = county();
    let unit = |name: &str| NaturalUnit {
        id: "u1".into(),
        name: name.into(),
        kind: "自然村".into(),
        village: RegionId(11),
        grids: ids(&[21]),
    };
    tree.apply(&RegionEvent::Mapped { units: vec![unit("上庄")] });
    tree.apply(&RegionEvent::Mapped { units: vec![unit("下庄")] });
    assert_eq!(tree.natural_units, [unit("下庄")]);
}

/// What happens to a random county, with the days it waits before.
#[derive(Debug, Clone)]
enum Turn {
    Rename(usize),
    Merge(usize, usize),
    Split(usize, bool),
    /// A whole town into another.
    MergeTown(usize),
}

fn turns() -> impl Strategy<Value = Vec<(i32, Turn)>> {
    let turn = prop_oneof![
        any::<usize>().prop_map(Turn::Rename),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Turn::Merge(a, b)),
        (any::<usize>(), any::<bool>()).prop_map(|(a, b)| Turn::Split(a, b)),
        any::<usize>().prop_map(Turn::MergeTown),
    ];
    proptest::collection::vec((0i32..40, turn), 0..14)
}

/// Plays the turns as an office would decide them: only on what stands on that day.
fn lived(turns: &[(i32, Turn)]) -> (RegionTree, Day) {
    let mut tree = county();
    let (mut day, mut next) = (Day(10), 30);
    for (wait, turn) in turns {
        day = day.plus(*wait);
        let villages = tree.of_level(Level::Village, day);
        let towns = tree.of_level(Level::Town, day);
        let pick = |list: &[RegionId], n: usize| list[n % list.len()];
        match turn {
            Turn::Rename(n) => {
                let (id, code) = (pick(&villages, *n), format!("98{next:010}"));
                next += 1;
                let (name, display) = (format!("{next}村委会"), format!("{next}村"));
                tree.apply(&RegionEvent::Renamed { id, from: day, code, name, display });
            }
            Turn::Merge(a, b) if pick(&villages, *a) != pick(&villages, *b) => {
                let (from, into) = (vec![pick(&villages, *a)], pick(&villages, *b));
                tree.apply(&RegionEvent::Merged { from, into, day });
            }
            Turn::Split(n, apart) => {
                let from = pick(&villages, *n);
                let own = tree.at_level(from, Level::Town, day).expect("a town").0;
                let other = if *apart { pick(&towns, *n).0 } else { own };
                let regions =
                    vec![at(next, Level::Village, Some(own), day.0), at(next + 1, Level::Village, Some(other), day.0)];
                tree.apply(&RegionEvent::Added { regions });
                tree.apply(&RegionEvent::Split { from, into: ids(&[next, next + 1]), day });
                next += 2;
            }
            Turn::MergeTown(n) if towns.len() > 1 => {
                let (from, into) = (towns[n % towns.len()], towns[(n + 1) % towns.len()]);
                tree.apply(&RegionEvent::Merged { from: vec![from], into, day });
            }
            Turn::Merge(..) | Turn::MergeTown(_) => {}
        }
    }
    (tree, day.plus(5))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn the_tree_of_every_day_is_a_tree(turns in turns()) {
        let (tree, last) = lived(&turns);
        for day in (0..=last.0).map(Day) {
            let alive: Vec<&Region> = tree.all().filter(|r| r.span(day).is_some()).collect();
            let roots = alive.iter().filter(|r| r.span(day).is_some_and(|s| s.parent.is_none())).count();
            prop_assert_eq!(roots, 1);
            let whole = tree.subtree(RegionId(1), day);
            let distinct: BTreeSet<RegionId> = whole.iter().copied().collect();
            prop_assert_eq!(distinct.len(), whole.len(), "no region stands twice");
            for region in &alive {
                let chain = tree.ancestors(region.id, day);
                prop_assert_eq!(chain.last(), Some(&RegionId(1)), "every chain ends at the root");
                let levels: Vec<Level> = chain.iter().filter_map(|id| tree.get(*id)).map(|r| r.level).collect();
                prop_assert!(levels.windows(2).all(|w| w[0] < w[1]), "each stands under a higher one");
            }
            let codes: BTreeSet<&str> = alive.iter().filter_map(|r| r.span(day)).map(|s| s.code.as_str()).collect();
            prop_assert_eq!(codes.len(), alive.len(), "one code, one region");
            for region in &alive {
                let code = &region.span(day).expect("alive").code;
                prop_assert_eq!(tree.by_code(code, day).map(|r| r.id), Some(region.id));
            }
        }
    }

    #[test]
    fn spans_of_a_region_never_overlap(turns in turns()) {
        let (tree, _) = lived(&turns);
        for region in tree.all() {
            prop_assert!(region.spans.iter().all(|s| s.from <= s.to));
            prop_assert!(region.spans.windows(2).all(|w| w[0].to < w[1].from), "{:?}", region.spans);
        }
    }

    #[test]
    fn a_tree_read_back_from_its_regions_is_the_same_tree(turns in turns()) {
        let (tree, _) = lived(&turns);
        let mut again = RegionTree::default();
        again.apply(&RegionEvent::Added { regions: tree.all().cloned().collect() });
        prop_assert_eq!(again, tree);
    }

    #[test]
    fn the_tree_of_now_holds_all_that_ever_was(turns in turns()) {
        let (tree, now) = lived(&turns);
        let all: Vec<RegionId> = tree.all().map(|r| r.id).collect();
        prop_assert_eq!(tree.then_nodes(RegionId(1), now), all);
        // Siblings share nothing: a record counts under one of them at most.
        for (above, level) in [(RegionId(1), Level::Town), (RegionId(1), Level::Village)] {
            let below = tree.subtree(above, now);
            let nodes = below.iter().filter(|id| tree.get(**id).is_some_and(|r| r.level == level));
            let mut seen = BTreeSet::new();
            for node in nodes.flat_map(|id| tree.then_nodes(*id, now)) {
                prop_assert!(seen.insert(node), "{node} counts twice");
            }
        }
    }
}
