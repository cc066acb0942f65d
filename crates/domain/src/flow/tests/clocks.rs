//! Clocks: when they start, stop, stand still and go on; what rises, and what moves by itself.

use super::fixture::{COUNTY, GRIDS, Kept, TOWNS, VILLAGES, World, holder};
use crate::day::{Day, Time};
use crate::flow::{MoveRequest, OpenRequest, make_move};
use crate::ids::AccountId;
use crate::matter::{ClockState, Values, Who};
use crate::policy::Phase;
use crate::register::RegisterEvent;

fn clock<'a>(m: &'a Kept, id: &str) -> &'a ClockState {
    m.matter.clocks.iter().rfind(|c| c.id == id).expect("a clock")
}

fn at(day: i8, hour: u32) -> Time {
    Day::ymd(2021, 3, day).expect("a day").at_minute(hour * 60)
}

#[test]
fn a_clock_runs_over_its_steps_and_stops_after_them() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    assert_eq!(clock(&m, "respond").due.day(), at(2, 0).day(), "the day it came in does not count");
    assert!(m.matter.clocks.iter().all(|c| c.id != "handle"));
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.wait_hours(1);
    w.go(&mut m, &secretary, "take", None).expect("taken");
    assert_eq!(clock(&m, "respond").stopped, Some(w.now));
    assert_eq!(clock(&m, "handle").due.day(), at(8, 0).day(), "five working days");
    assert_eq!(clock(&m, "hours").due, w.now.plus_ms(48 * 3_600_000));
    w.go(&mut m, &secretary, "hand_back", None).expect("handed back");
    w.go(&mut m, &w.who("clerk", VILLAGES[0].0), "take", None).expect("taken again");
    let handles = m.matter.clocks.iter().filter(|c| c.id == "handle").count();
    assert_eq!(handles, 2, "each time in hand has a clock of its own");
}

#[test]
fn an_urgent_matter_runs_round_the_clock() {
    let mut w = World::new();
    w.now = at(5, 23);
    let m = w.report(VILLAGES[0], "water.burst");
    assert_eq!(clock(&m, "respond").due, at(6, 1), "on a Saturday at one in the morning");
}

#[test]
fn a_day_set_by_the_sender_is_the_limit() {
    let mut w = World::new();
    let wanted = Day::ymd(2021, 3, 4).expect("a day");
    let values = Values::from([("wanted_by".to_owned(), wanted.0.into())]);
    let mut m =
        w.open(Who::Reporter, OpenRequest { place: VILLAGES[0], values, ..OpenRequest::default() }).expect("open");
    w.go(&mut m, &w.who("secretary", VILLAGES[0].0), "take", None).expect("taken");
    assert_eq!(clock(&m, "handle").due, w.policy.calendar.closing(wanted));
}

#[test]
fn a_clock_that_stood_still_goes_on_with_what_was_left() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "take", None).expect("taken");
    w.now = at(3, 9);
    w.go(&mut m, &secretary, "wait", None).expect("waits");
    assert!(!clock(&m, "handle").runs());
    assert_eq!(m.matter.due(), None, "no limit runs while it waits");
    w.now = at(12, 9);
    assert_eq!(w.tick(&mut m), 0, "what stands still does not rise");
    w.now = at(15, 9);
    w.go(&mut m, &secretary, "go_on", None).expect("goes on");
    assert_eq!(clock(&m, "handle").due.day(), at(18, 0).day(), "three working days were left");
    assert_eq!(clock(&m, "hours").due, w.now.plus_ms(0), "two days had gone by");
}

#[test]
fn what_was_overdue_stays_overdue_through_a_pause() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "take", None).expect("taken");
    let due = clock(&m, "handle").due;
    w.now = at(10, 9);
    w.tick(&mut m);
    assert!(clock(&m, "handle").is_overdue(w.now));
    w.go(&mut m, &secretary, "wait", None).expect("waits");
    w.now = at(12, 9);
    w.go(&mut m, &secretary, "go_on", None).expect("goes on");
    assert_eq!(clock(&m, "handle").due, due, "a pause forgives nothing");
    assert!(clock(&m, "handle").is_overdue(w.now));
}

#[test]
fn an_overdue_matter_rises_post_by_post() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    w.now = clock(&m, "respond").due.plus_ms(-1);
    assert_eq!(w.tick(&mut m), 0, "not a moment early");
    w.now = clock(&m, "respond").due.plus_ms(1);
    assert_eq!(w.tick(&mut m), 1);
    assert_eq!(m.matter.watchers, [holder("dispatcher", TOWNS[0].0)]);
    assert_eq!(m.matter.holder, Some(holder("secretary", VILLAGES[0].0)), "it stays with whoever has it");
    assert_eq!(w.tick(&mut m), 0);
    w.wait_hours(24 * 4);
    assert_eq!(w.tick(&mut m), 1);
    assert_eq!(m.matter.watchers[1], holder("office", COUNTY.0));
    w.wait_hours(24 * 30);
    assert_eq!(w.tick(&mut m), 0, "nobody is left to tell");
    w.holds(&m);
}

#[test]
fn an_unassigned_matter_rises_as_well_and_falls_to_whoever_is_told() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    m.matter.holder = None;
    m.changes[0].1.holder = None;
    w.now = clock(&m, "respond").due.plus_ms(1);
    assert_eq!(w.tick(&mut m), 1);
    assert_eq!(m.matter.holder, Some(holder("dispatcher", TOWNS[0].0)));
    w.holds(&m);
}

#[test]
fn a_rise_skips_whoever_is_named() {
    let mut w = World::new();
    let dispatcher = w.account("dispatcher", TOWNS[0].0);
    let request = OpenRequest { place: GRIDS[0], named: vec![dispatcher], ..OpenRequest::default() };
    let mut m = w.open(Who::Reporter, request).expect("it opens");
    assert_eq!(m.matter.holder, Some(holder("mayor", TOWNS[0].0)));
    w.now = clock(&m, "respond").due.plus_ms(1);
    w.tick(&mut m);
    assert_eq!(m.matter.watchers, [holder("mayor", TOWNS[0].0)]);
    w.holds(&m);
}

#[test]
fn a_rise_to_nobody_does_not_stop_the_clock_for_good() {
    let mut w = World::new();
    let mut m = w.report(COUNTY, "else");
    let desk = w.who("desk", COUNTY.0);
    w.go(&mut m, &desk, "take", None).expect("taken");
    w.now = clock(&m, "handle").due.plus_ms(1);
    // `level.up` leads nowhere from the top; the next post in the list is told in its turn.
    w.tick(&mut m);
    w.wait_hours(24 * 4);
    w.tick(&mut m);
    assert_eq!(m.matter.watchers, [holder("office", COUNTY.0)]);
    assert!(m.matter.next_due().is_none_or(|next| next > w.now));
}

#[test]
fn a_move_makes_itself_after_its_time() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    w.go(&mut m, &w.who("secretary", VILLAGES[0].0), "answer", None).expect("answered");
    w.wait_hours(7 * 24 - 1);
    assert_eq!(w.tick(&mut m), 0);
    w.wait_hours(2);
    assert_eq!(w.tick(&mut m), 1);
    assert_eq!((m.matter.step.as_str(), &m.matter.trail.last().expect("a line").by), ("closed", &Who::System));
    w.wait_hours(61 * 24);
    w.tick(&mut m);
    assert_eq!((m.matter.step.as_str(), m.matter.phase), ("archived", Phase::Final));
    w.holds(&m);
}

#[test]
fn a_move_whose_condition_does_not_hold_is_asked_once() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    w.go(&mut m, &w.who("secretary", VILLAGES[0].0), "answer", None).expect("answered");
    let values = Values::from([("satisfied".to_owned(), "no".into())]);
    let request = MoveRequest { mv: "check".into(), values, ..MoveRequest::default() };
    let changes = make_move(w.ctx(), &m.matter, w.who("caller", COUNTY.0), request, &mut || 1.into()).expect("closed");
    m.take(99, changes.into_iter().next().expect("its own change"));
    w.wait_hours(61 * 24);
    assert_eq!(w.tick(&mut m), 1);
    assert_eq!(m.matter.step, "closed");
    assert_eq!(m.matter.next_due(), None);
}

#[test]
fn work_is_the_posts_and_not_the_persons() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    let old = w.who("secretary", VILLAGES[0].0);
    let post = holder("secretary", VILLAGES[0].0);
    let term = w.directory.terms.values().find(|t| t.holder == post).expect("a term").id;
    w.directory.apply(&RegisterEvent::TermEnded { term, last: w.now.day().plus(-1) });
    let new = AccountId(7000);
    w.appoint(new, &post);
    assert!(w.go(&mut m, &old, "take", None).is_err(), "the term is over");
    let new = Who::Account { account: new, post: None };
    w.go(&mut m, &new, "take", None).expect("the successor goes on");
}
