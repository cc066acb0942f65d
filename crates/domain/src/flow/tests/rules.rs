//! Who may do what, and who is passed over.

use super::fixture::{BOTH, COUNTY, GRIDS, Kept, TOWNS, UNITS, VILLAGES, World, holder};
use crate::flow::{self, MoveRequest, OpenRequest};
use crate::ids::{AccountId, RegionId};
use crate::matter::{Values, Who};
use crate::policy::Level;
use std::collections::BTreeSet;

fn key(done: Result<(), crate::refusal::Refusal>) -> String {
    done.expect_err("refused").key
}

#[test]
fn a_report_begins_at_the_lowest_level_over_its_place() {
    let mut w = World::new();
    assert_eq!(w.report(GRIDS[0], "lamp").matter.holder, Some(holder("secretary", VILLAGES[0].0)));
    assert_eq!(w.report(TOWNS[1], "lamp").matter.holder, Some(holder("dispatcher", TOWNS[1].0)));
    assert_eq!(w.report(COUNTY, "lamp").matter.holder, Some(holder("desk", COUNTY.0)));
}

#[test]
fn a_catalogue_names_the_owner() {
    let mut w = World::new();
    let desk = w.who("desk", COUNTY.0);
    for (category, owner) in [
        ("water.burst", holder("handler", UNITS[0].0)),
        ("road", holder("dispatcher", TOWNS[0].0)),
        ("lamp", holder("secretary", VILLAGES[0].0)),
        ("else", holder("secretary", VILLAGES[0].0)),
    ] {
        let mut m = w.report(GRIDS[0], category);
        w.go(&mut m, &desk, "dispatch", None).expect("it is dispatched");
        assert_eq!(m.matter.holder, Some(owner), "{category}");
    }
}

#[test]
fn what_names_a_post_holder_passes_over_them_and_whoever_answers_to_them() {
    let mut w = World::new();
    let secretary = w.account("secretary", VILLAGES[0].0);
    let request = OpenRequest { place: GRIDS[0], named: vec![secretary], ..OpenRequest::default() };
    let mut m = w.open(Who::Reporter, request).expect("it opens");
    assert_eq!(m.matter.holder, Some(holder("dispatcher", TOWNS[0].0)));
    for (post, seat) in [("secretary", VILLAGES[0]), ("clerk", VILLAGES[0]), ("worker", GRIDS[0])] {
        let account = w.account(post, seat.0);
        assert!(!flow::sees(w.ctx(), &m.matter, account), "{post} sees it");
        let who = w.who(post, seat.0);
        assert_eq!(key(w.go(&mut m, &who, "take", None)), "not_found", "{post} is told it exists");
        assert!(flow::offered(w.ctx(), &m.matter, account).is_empty());
    }
    // The next village is no business of theirs, and the town's people are not barred.
    assert!(!flow::sees(w.ctx(), &m.matter, w.account("secretary", VILLAGES[1].0)));
    assert!(flow::sees(w.ctx(), &m.matter, w.account("mayor", TOWNS[0].0)));
    let dispatcher = w.who("dispatcher", TOWNS[0].0);
    w.go(&mut m, &dispatcher, "hand_down", None).expect("it is handed down");
    assert_eq!(m.matter.holder, Some(holder("dispatcher", TOWNS[0].0)), "to the nearest who may have it");
    let give = w.kind().find_move("give").expect("a move").clone();
    let open = flow::candidates(w.ctx(), &m.matter, &give);
    assert!(!open.iter().any(|h| [VILLAGES[0].0, GRIDS[0].0].contains(&h.seat)), "{open:?}");
    let forced = w.go(&mut m, &dispatcher, "give", Some(holder("worker", GRIDS[0].0)));
    assert_eq!(key(forced), "form");
}

#[test]
fn a_successor_in_the_post_is_not_barred_but_a_second_post_of_the_same_person_is() {
    let mut w = World::new();
    let secretary = w.account("secretary", VILLAGES[0].0);
    w.appoint(secretary, &holder("caller", COUNTY.0));
    let request = OpenRequest { place: VILLAGES[0], named: vec![secretary], ..OpenRequest::default() };
    let m = w.open(Who::Reporter, request).expect("it opens");
    assert!(!flow::sees(w.ctx(), &m.matter, secretary));
    let next = AccountId(7000);
    w.appoint(next, &holder("secretary", VILLAGES[0].0));
    assert!(flow::sees(w.ctx(), &m.matter, next));
}

#[test]
fn what_passes_over_the_village_never_comes_back_to_it() {
    let mut w = World::new();
    let request = OpenRequest { place: GRIDS[1], bypass: true, ..OpenRequest::default() };
    let mut m = w.open(Who::Reporter, request).expect("it opens");
    assert_eq!(m.matter.holder, Some(holder("dispatcher", TOWNS[0].0)));
    assert_eq!(m.matter.level_in, Level::Town);
    let desk = w.who("desk", COUNTY.0);
    w.go(&mut m, &desk, "hand_down", None).expect("it is handed down");
    assert_eq!(m.matter.holder, Some(holder("dispatcher", TOWNS[0].0)));
    for (post, seat) in [("secretary", VILLAGES[1]), ("clerk", VILLAGES[1]), ("worker", GRIDS[1])] {
        assert!(!flow::sees(w.ctx(), &m.matter, w.account(post, seat.0)), "{post} sees it");
        let who = w.who(post, seat.0);
        assert!(w.go(&mut m, &who, "take", None).is_err(), "{post} moves it");
    }
    let give = w.kind().find_move("give").expect("a move").clone();
    let low = |h: &crate::register::Holder| w.policy.level_of(&h.post) <= Level::Village;
    assert!(!flow::candidates(w.ctx(), &m.matter, &give).iter().any(low));
}

fn correct(w: &World, kept: &mut Kept, by: &Who, place: RegionId) {
    let values = kept.matter.values.clone();
    let change = flow::correct(w.ctx(), &kept.matter, by.clone(), place, values, None).expect("corrected");
    kept.take(99, change);
}

#[test]
fn what_somebody_is_kept_from_counts_above_them() {
    let mut w = World::new();
    let counted = |m: &Kept| m.matter.facts.iter().map(|f| f.place).collect::<BTreeSet<_>>();
    let plain = w.report(GRIDS[0], "else");
    assert_eq!(counted(&plain), [GRIDS[0]].into());
    let bypass = OpenRequest { place: GRIDS[0], bypass: true, ..OpenRequest::default() };
    let mut m = w.open(Who::Reporter, bypass).expect("it opens");
    assert_eq!(counted(&m), [TOWNS[0]].into(), "the village's sum does not hold it");
    w.holds(&m);
    let (desk, clerk) = (w.who("desk", COUNTY.0), w.account("clerk", VILLAGES[0].0));
    correct(&w, &mut m, &desk, VILLAGES[1]);
    assert_eq!(counted(&m), [TOWNS[0]].into());
    correct(&w, &mut m, &desk, VILLAGES[2]);
    assert_eq!(counted(&m), [TOWNS[1]].into());
    for (named, place, at) in [
        (w.account("secretary", VILLAGES[0].0), GRIDS[0], TOWNS[0]),
        (clerk, VILLAGES[0], TOWNS[0]),
        (w.account("secretary", VILLAGES[1].0), GRIDS[0], GRIDS[0]),
        (w.account("mayor", TOWNS[0].0), GRIDS[0], COUNTY),
        (w.account("mayor", TOWNS[0].0), GRIDS[2], GRIDS[2]),
        (w.account("desk", COUNTY.0), VILLAGES[0], VILLAGES[0]),
    ] {
        let request = OpenRequest { place, named: vec![named], ..OpenRequest::default() };
        let m = w.open(Who::Reporter, request).expect("it opens");
        assert_eq!(counted(&m), [at].into(), "{named} at {place}");
    }
}

#[test]
fn whoever_handled_it_does_not_check_it_under_any_post() {
    let mut w = World::new();
    let mut m = w.report(COUNTY, "else");
    let desk = Who::Account { account: BOTH, post: Some(holder("desk", COUNTY.0)) };
    w.go(&mut m, &desk, "answer", None).expect("it is answered");
    let as_caller = Who::Account { account: BOTH, post: Some(holder("caller", COUNTY.0)) };
    assert_eq!(key(w.go(&mut m, &as_caller, "check", None)), "own_work");
    assert!(!flow::offered(w.ctx(), &m.matter, BOTH).iter().any(|mv| mv.not_handler));
    let caller = w.who("caller", COUNTY.0);
    w.go(&mut m, &caller, "check", None).expect("somebody else checks it");
}

#[test]
fn a_page_that_is_stale_changes_nothing() {
    let mut w = World::new();
    let m = w.report(VILLAGES[0], "lamp");
    let by = w.who("secretary", VILLAGES[0].0);
    for version in [m.matter.version() - 1, m.matter.version() + 1] {
        let request = MoveRequest { mv: "take".into(), version: Some(version), ..MoveRequest::default() };
        let refused = flow::make_move(w.ctx(), &m.matter, by.clone(), request, &mut || 1.into()).expect_err("stale");
        assert_eq!(refused.key, "stale");
    }
    let request = MoveRequest { mv: "take".into(), version: Some(m.matter.version()), ..MoveRequest::default() };
    assert!(flow::make_move(w.ctx(), &m.matter, by, request, &mut || 1.into()).is_ok());
}

#[test]
fn what_a_move_requires_is_named() {
    let mut w = World::new();
    let m = w.report(VILLAGES[0], "lamp");
    let by = w.who("secretary", VILLAGES[0].0);
    let bare = MoveRequest { mv: "answer".into(), ..MoveRequest::default() };
    let refused = flow::make_move(w.ctx(), &m.matter, by, bare, &mut || 1.into()).expect_err("a reply is required");
    assert_eq!((refused.key.as_str(), refused.fields[0].field.as_str()), ("form", "reply"));
}

#[test]
fn a_closed_step_is_left_only_by_reopening_inside_its_window() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "answer", None).expect("answered");
    w.go(&mut m, &Who::Reporter, "confirm", None).expect("closed");
    assert_eq!(key(w.go(&mut m, &Who::Reporter, "slip", None)), "closed");
    let mut late = m.clone();
    w.go(&mut m, &Who::Reporter, "reopen", None).expect("reopened");
    assert_eq!(m.matter.holder, secretary.post().cloned(), "whoever handled it has it again");
    w.wait_hours(31 * 24);
    assert_eq!(key(w.go(&mut late, &Who::Reporter, "reopen", None)), "window_over");
}

#[test]
fn nobody_acts_from_a_sibling_place_or_a_lower_one() {
    let mut w = World::new();
    let mut m = w.report(TOWNS[0], "road");
    for (post, seat) in [("dispatcher", TOWNS[1].0), ("secretary", VILLAGES[0].0), ("handler", UNITS[1].0)] {
        let who = w.who(post, seat);
        assert!(w.go(&mut m, &who, "take", None).is_err(), "{post}@{seat}");
        assert!(!flow::sees(w.ctx(), &m.matter, w.account(post, seat)), "{post}@{seat}");
    }
    assert!(
        w.open(w.who("clerk", VILLAGES[0].0), OpenRequest { place: VILLAGES[1], ..OpenRequest::default() }).is_err()
    );
    let nowhere = OpenRequest { place: RegionId(777), ..OpenRequest::default() };
    assert_eq!(
        w.open(Who::Reporter, nowhere).map(|_| ()).map_err(|r| r.fields[0].key.clone()),
        Err("place".to_owned())
    );
}

#[test]
fn a_matter_is_merged_with_its_like_and_not_with_itself() {
    let mut w = World::new();
    let (a, mut b) = (w.report(VILLAGES[0], "lamp"), w.report(VILLAGES[1], "lamp"));
    let desk = w.who("desk", COUNTY.0);
    assert!(flow::merge(w.ctx(), &a.matter, &a.matter, desk.clone()).is_err());
    let clerk = w.who("clerk", VILLAGES[0].0);
    assert!(flow::merge(w.ctx(), &a.matter, &b.matter, clerk).is_err(), "without the right");
    let done = flow::void(w.ctx(), &b.matter, desk.clone(), None).expect("void");
    b.take(99, done);
    assert_eq!(flow::merge(w.ctx(), &a.matter, &b.matter, desk).expect_err("void").key, "voided");
}

#[test]
fn a_category_put_right_brings_its_own_urgency() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    assert_eq!(m.matter.values["urgency"], "normal");
    let values = Values::from([("category".to_owned(), "water.burst".into())]);
    let by = w.who("desk", COUNTY.0);
    let change = flow::correct(w.ctx(), &m.matter, by, VILLAGES[1], values, None).expect("corrected");
    m.take(99, change);
    w.holds(&m);
    assert_eq!(m.matter.values["urgency"], "urgent");
    assert!(m.matter.facts.iter().all(|f| f.place == VILLAGES[1]));
}
