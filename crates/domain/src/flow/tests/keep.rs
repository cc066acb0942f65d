//! What a change of rules does to matters under way, and how a limit is put off by somebody else than who asked.

use super::fixture::{BOTH, COUNTY, Kept, VILLAGES, World};
use crate::calendar::{Calendar, DayKind};
use crate::day::{Day, Time};
use crate::flow::{self, MoveRequest};
use crate::matter::{ClockState, FileRef, Values, Who};
use crate::policy::Carry;

fn at(day: i8, hour: u32) -> Time {
    Day::ymd(2021, 3, day).expect("a day").at_minute(hour * 60)
}

fn clock<'a>(kept: &'a Kept, id: &str) -> &'a ClockState {
    kept.matter.clocks.iter().rev().find(|c| c.id == id).expect("the clock")
}

/// In the hands of the secretary since the morning of Monday, 1 March.
fn taken(w: &mut World) -> Kept {
    let mut m = w.report(VILLAGES[0], "lamp");
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "take", None).expect("taken");
    m
}

#[test]
fn a_holiday_that_is_announced_moves_limits_that_run_and_no_others() {
    let mut w = World::new();
    let mut m = taken(&mut w);
    let due = clock(&m, "handle").due;
    assert!(flow::reschedule(w.ctx(), &m.matter).expect("asked").is_none(), "the same calendar moves nothing");
    w.now = at(2, 9);
    let free = [(Day::ymd(2021, 3, 3).expect("a day"), DayKind::Holiday, "节".to_owned())];
    w.policy.calendar = Calendar::new(free.to_vec(), vec![2021]);
    let stopped = clock(&m, "respond").clone();
    let change = flow::reschedule(w.ctx(), &m.matter).expect("asked").expect("it moves");
    let version = m.matter.version();
    m.take(70, change);
    assert_eq!(clock(&m, "handle").due.day(), due.day().plus(1));
    assert_eq!(clock(&m, "handle").next, Some(clock(&m, "handle").due));
    assert_eq!(*clock(&m, "respond"), stopped, "what has ended stays as it was judged");
    assert_eq!(m.matter.version(), version);
    assert!(flow::reschedule(w.ctx(), &m.matter).expect("asked").is_none());
    w.holds(&m);
}

#[test]
fn what_was_judged_overdue_is_never_rewritten() {
    let mut w = World::new();
    let mut m = taken(&mut w);
    w.now = at(12, 9);
    w.tick(&mut m);
    let due = clock(&m, "handle").due;
    let free: Vec<_> = (2..12).map(|d| (at(d, 0).day(), DayKind::Holiday, "节".to_owned())).collect();
    w.policy.calendar = Calendar::new(free, vec![2021]);
    assert!(flow::reschedule(w.ctx(), &m.matter).expect("asked").is_none());
    assert_eq!(clock(&m, "handle").due, due);
}

#[test]
fn a_limit_is_put_off_by_somebody_else_and_before_it_runs_out() {
    let mut w = World::new();
    let mut m = taken(&mut w);
    let due = clock(&m, "handle").due;
    let desk = w.who("desk", COUNTY.0);
    assert_eq!(w.go(&mut m, &desk, "grant_days", None).expect_err("nobody asked").key, "not_now");
    let both = Who::Account { account: BOTH, post: None };
    let ask =
        MoveRequest { mv: "ask_days".into(), values: Values::from([("days".into(), 3.into())]), ..Default::default() };
    let asked = flow::make_move(w.ctx(), &m.matter, both.clone(), ask.clone(), &mut || 1.into()).expect("asked");
    m.take(80, asked.into_iter().next().expect("a change"));
    // The same person, though at another desk as well.
    assert_eq!(w.go(&mut m, &both, "grant_days", None).expect_err("their own request").key, "own_request");
    w.go(&mut m, &desk, "grant_days", None).expect("granted");
    let state = clock(&m, "handle").clone();
    assert_eq!(state.due, w.policy.calendar.due_working_days(due, 3));
    assert_eq!((state.extended, state.next), (3, Some(state.due)));
    assert_eq!(w.go(&mut m, &desk, "grant_days", None).expect_err("granted already").key, "not_now");
    w.now = state.due.plus_ms(1);
    let late = flow::make_move(w.ctx(), &m.matter, both, ask, &mut || 1.into()).expect_err("it has run out");
    assert_eq!(late.key, "not_now");
    w.holds(&m);
}

#[test]
fn an_open_matter_keeps_its_flow_unless_the_pack_carries_it_over() {
    let mut w = World::new();
    for kind in &mut w.policy.kinds {
        kind.version = kind.digest();
    }
    let mut m = taken(&mut w);
    let old = w.policy.kinds[0].clone();
    assert_eq!(m.matter.flow, old.version);
    // The new flow calls a step otherwise and has no answer any more.
    let mut new = old.clone();
    new.moves.retain(|mv| mv.id != "answer");
    new.steps.iter_mut().filter(|s| s.id == "handling").for_each(|s| s.id = "working".into());
    for mv in &mut new.moves {
        mv.from.iter_mut().filter(|f| *f == "handling").for_each(|f| *f = "working".into());
        mv.to.iter_mut().filter(|t| *t == "handling").for_each(|t| *t = "working".into());
    }
    new.version = new.digest();
    assert_ne!(new.version, old.version);
    w.policy.kinds[0] = new.clone();
    w.policy.older = vec![old];
    let secretary = w.who("secretary", VILLAGES[0].0);
    assert!(flow::carry(w.ctx(), &m.matter).expect("asked").is_none(), "it keeps its own");
    assert!(
        flow::offered(w.ctx(), &m.matter, secretary.account().expect("an account")).iter().any(|o| o.id == "answer")
    );
    w.policy.kinds[0].carry = Some(Carry { steps: [("handling".to_owned(), "working".to_owned())].into() });
    let change = flow::carry(w.ctx(), &m.matter).expect("asked").expect("carried over");
    m.take(90, change);
    assert_eq!((m.matter.step.as_str(), m.matter.flow.as_str()), ("working", new.version.as_str()));
    assert!(flow::carry(w.ctx(), &m.matter).expect("asked").is_none());
    assert!(
        !flow::offered(w.ctx(), &m.matter, secretary.account().expect("an account")).iter().any(|o| o.id == "answer")
    );
    w.holds(&m);
}

#[test]
fn a_measure_that_comes_later_is_counted_and_leaves_no_line_in_the_story() {
    let mut w = World::new();
    let mut m = taken(&mut w);
    assert!(flow::recount(w.ctx(), &m.matter).expect("asked").is_none());
    let mut measure = w.policy.kinds[0].measures[0].clone();
    measure.id = "order.again".into();
    w.policy.kinds[0].measures.push(measure);
    let change = flow::recount(w.ctx(), &m.matter).expect("asked").expect("one more fact");
    assert_eq!(change.facts.len(), 1);
    let lines = m.matter.trail.len();
    m.take(95, change);
    assert_eq!(m.matter.trail.len(), lines);
    assert!(flow::recount(w.ctx(), &m.matter).expect("asked").is_none());
    w.holds(&m);
}

#[test]
fn what_must_be_there_is_named_before_it_is_filed_away() {
    let mut w = World::new();
    let mut m = taken(&mut w);
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "answer", None).expect("answered");
    let caller = w.who("caller", COUNTY.0);
    w.go(&mut m, &caller, "check", None).expect("closed");
    let desk = w.who("desk", COUNTY.0);
    let refused = w.go(&mut m, &desk, "file_away", None).expect_err("no paper yet");
    assert_eq!((refused.key.as_str(), refused.args[1].1.as_str()), ("lacking", "paper"));
    let file = FileRef { digest: "d".into(), media: "image/png".into(), bytes: 1, field: "paper".into() };
    m.matter.files.push((1, file));
    w.go(&mut m, &desk, "file_away", None).expect("all there");
    assert_eq!(m.matter.step, "archived");
}
