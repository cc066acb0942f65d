//! What an order may go through besides: more time, standing still, talks about who answers for it, others that assist,
//! a leader's word, demands that are left out of the rating, callers that cannot be reached.

use crate::world::*;
use serde_json::json;
use xiangyue_domain::matter::{Matter, Who};

/// An order of the transport office, signed for.
fn signed(w: &mut World) -> (Matter, Who, Who) {
    let desk = w.who("county.dispatcher", COUNTY);
    let unit = w.who("unit.handler", "unit.transport");
    let mut m = w.open("hotline", desk.clone(), VILLAGE, "12345", &[category("road.county")]);
    w.go(&mut m, &desk, "dispatch", &[]);
    w.go(&mut m, &unit, "sign", &[]);
    (m, desk, unit)
}

fn answered(w: &mut World, m: &mut Matter, unit: &Who) -> Who {
    let head = w.who("unit.head", "unit.transport");
    w.go(m, unit, "submit", &[]);
    w.go(m, &head, "sign_off", &[]);
    w.who("county.callback", COUNTY)
}

#[test]
fn more_time_is_asked_for_before_the_limit_and_granted_by_another() {
    let mut w = World::new();
    let (mut m, desk, unit) = signed(&mut w);
    assert_eq!(w.refused(&mut m, &desk, "grant_extend"), "not_now");
    let before = m.due().expect("a limit");
    w.go(&mut m, &unit, "ask_extend", &[("extend_days", json!(3))]);
    assert_eq!(w.refused(&mut m, &unit, "ask_extend"), "not_now", "one request at a time");
    assert!(m.watchers.contains(desk.post().expect("a post")));
    w.go(&mut m, &desk, "grant_extend", &[]);
    assert!(m.due().expect("a limit") > before);
    w.wait(20);
    w.tick(&mut m);
    assert_eq!(w.refused(&mut m, &unit, "ask_extend"), "not_now", "too late");
    w.sums(&[m], &[("hotline.extended", 1)]);
}

#[test]
fn standing_still_stops_the_limit_and_ends_by_itself() {
    let mut w = World::new();
    let (mut m, desk, unit) = signed(&mut w);
    assert_eq!(w.refused(&mut m, &desk, "suspend"), "not_now");
    w.go(&mut m, &unit, "ask_suspend", &[]);
    w.go(&mut m, &desk, "suspend", &[]);
    w.wait(29);
    w.tick(&mut m);
    assert_eq!((m.step.as_str(), m.watchers.len()), ("suspended", 1));
    w.wait(2);
    w.tick(&mut m);
    assert_eq!(m.step, "handling");
    assert!(m.due().expect("a limit") > w.now);
    w.sums(&[m], &[("hotline.suspended", 1)]);
}

#[test]
fn a_second_return_goes_to_talks_and_may_fall_to_the_place() {
    let mut w = World::new();
    let (mut m, desk, unit) = signed(&mut w);
    assert_eq!(w.refused(&mut m, &unit, "dispute_owner"), "not_now", "it was not handed back yet");
    w.go(&mut m, &unit, "hand_back", &[]);
    let other = w.who("unit.handler", "unit.water");
    w.to(&mut m, &desk, "dispatch_to", &[], other.post().cloned());
    assert_eq!(w.refused(&mut m, &other, "hand_back"), "not_now", "once only");
    w.go(&mut m, &other, "dispute_owner", &[]);
    let office = w.who("county.office", COUNTY);
    assert_eq!(m.holder, office.post().cloned());
    let mut silent = m.clone();
    w.to(&mut m, &office, "rule", &[], unit.post().cloned());
    w.go(&mut m, &unit, "sign", &[]);
    assert_eq!(w.refused(&mut m, &unit, "dispute_owner"), "not_now", "what was settled stays settled");
    w.wait(5);
    w.tick(&mut silent);
    assert_eq!(silent.holder, Some(w.holder("town.dispatcher", TOWN)));
    w.sums(&[m], &[("hotline.arbitrated", 1), ("hotline.handed_back", 1)]);
}

#[test]
fn a_return_needs_its_hours_its_list_and_its_proposal() {
    let mut w = World::new();
    let (mut m, _, unit) = signed(&mut w);
    let mut bare = w.request(&m, "hand_back", &[], None);
    bare.texts.retain(|f| f != "duty_basis");
    assert_eq!(w.try_go(&mut m, unit.clone(), bare), Err("form".to_owned()));
    w.wait(1);
    assert_eq!(w.refused(&mut m, &unit, "hand_back"), "window_over");
}

#[test]
fn a_dispatch_is_recalled_until_it_is_signed_for() {
    let mut w = World::new();
    let (mut m, desk, _) = signed(&mut w);
    assert_eq!(w.refused(&mut m, &desk, "recall"), "move_not_here");
    let mut other = w.open("hotline", desk.clone(), VILLAGE, "12345", &[category("road.county")]);
    w.go(&mut other, &desk, "dispatch", &[]);
    w.go(&mut other, &desk, "recall", &[]);
    assert_eq!((other.step.as_str(), other.holder.clone()), ("screened", desk.post().cloned()));
}

#[test]
fn solved_satisfied_and_reached_are_three_things() {
    let mut w = World::new();
    let (mut unsolved, _, unit) = signed(&mut w);
    let caller = answered(&mut w, &mut unsolved, &unit);
    let bare = w.request(&unsolved, "call_back", &[("solved", json!("no")), ("satisfied", json!("ok"))], None);
    assert_eq!(w.try_go(&mut unsolved, caller.clone(), bare), Err("form".to_owned()), "a reason is wanted");
    let told = [("solved", json!("no")), ("satisfied", json!("ok")), ("unsolved_reason", json!("funds"))];
    w.go(&mut unsolved, &caller, "call_back", &told);

    let (mut lost, _, unit) = signed(&mut w);
    answered(&mut w, &mut lost, &unit);
    assert_eq!(w.refused(&mut lost, &caller, "close_unreached"), "not_now");
    w.go(&mut lost, &caller, "missed_call", &[]);
    w.go(&mut lost, &caller, "missed_call", &[]);
    w.go(&mut lost, &caller, "close_unreached", &[]);
    let all = [unsolved, lost];
    w.sums(&all, &[("hotline.closed", 2), ("hotline.unreached", 1)]);
    assert_eq!(w.rate("hotline.solve_rate", &all), 0.0);
    assert_eq!(w.rate("hotline.satisfaction_rate", &all), 100.0);
    assert_eq!(w.rate("hotline.callback_rate", &all), 50.0);
    assert_eq!(w.rate("hotline.unreached_share", &all), 50.0);
    assert_eq!(w.rate("hotline.response_rate", &all), 100.0);
}

#[test]
fn a_demand_is_left_out_of_the_rating_only_by_another() {
    let mut w = World::new();
    let (mut m, _, unit) = signed(&mut w);
    let office = w.who("county.office", COUNTY);
    assert_eq!(w.refused(&mut m, &office, "grant_exclude"), "not_now");
    w.go(&mut m, &unit, "ask_exclude", &[("exclude_kind", json!("beyond"))]);
    assert_eq!(w.refused(&mut m, &unit, "grant_exclude"), "no_right_move");
    w.go(&mut m, &office, "grant_exclude", &[]);
    let caller = answered(&mut w, &mut m, &unit);
    let told = [("solved", json!("no")), ("satisfied", json!("no")), ("unsolved_reason", json!("refuse"))];
    w.go(&mut m, &caller, "call_back", &told);
    let all = [m];
    w.sums(&all, &[("hotline.closed", 1), ("hotline.excluded", 1)]);
    assert_eq!(w.measure("hotline.rated", "", &all), 0);
}
