//! Hotline orders from taking in to the call-back.

use crate::world::*;
use serde_json::json;
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::TermId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::Level;
use xiangyue_domain::region::FOREVER;
use xiangyue_domain::register::{RegisterEvent, Term};

#[test]
fn hotline_order_passed_on_handed_back_and_called_back() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let caller = w.who("county.callback", COUNTY);
    let water = w.who("unit.handler", "unit.water");
    let town = w.who("town.dispatcher", TOWN);
    let head = w.who("town.secretary", TOWN);
    let mut m =
        w.open("hotline", desk.clone(), VILLAGE, "upper", &[category("water.outage"), ("upper_no", json!("WZ-1"))]);
    assert_eq!(m.holder, desk.post().cloned());
    assert_eq!(m.values["urgency"], "urgent");
    assert!(m.clocks.iter().any(|c| c.id == "respond_urgent") && !m.clocks.iter().any(|c| c.id == "respond"));
    w.go(&mut m, &desk, "dispatch", &[]);
    assert_eq!(m.holder, Some(w.holder("unit.handler", "unit.water")));
    w.go(&mut m, &water, "hand_back", &[]);
    assert_eq!(m.step, "accepted");
    w.to(&mut m, &desk, "dispatch_to", &[], town.post().cloned());
    w.go(&mut m, &town, "sign", &[]);
    assert_eq!(w.refused(&mut m, &town, "reply"), "no_right_move");
    w.go(&mut m, &town, "submit", &[]);
    assert_eq!((m.step.as_str(), m.holder.clone()), ("signing", head.post().cloned()));
    w.go(&mut m, &head, "revise", &[]);
    assert_eq!((m.step.as_str(), m.holder.clone()), ("handling", town.post().cloned()));
    w.go(&mut m, &town, "submit", &[]);
    w.go(&mut m, &head, "sign_off", &[]);
    assert_eq!((m.step.as_str(), m.level_done), ("answered", Some(Level::Town)));
    assert_eq!(m.holder, caller.post().cloned());
    w.go(&mut m, &caller, "redo", &[]);
    assert_eq!(m.holder, town.post().cloned());
    w.go(&mut m, &head, "reply", &[]);
    w.go(&mut m, &caller, "call_back", &very());
    assert_eq!(w.refused(&mut m, &caller, "redo"), "move_not_here");
    w.wait(61);
    w.tick(&mut m);
    assert_eq!(m.step, "closed", "an order from above waits for its reply to go back");
    w.go(&mut m, &desk, "fill_back", &[]);
    assert_eq!(w.refused(&mut m, &desk, "fill_back"), "not_now");
    assert_eq!(w.refused(&mut m, &desk, "reopen"), "window_over");
    let all = [m];
    w.sums(
        &all,
        &[
            ("hotline.accepted", 1),
            ("hotline.closed", 1),
            ("hotline.closed_now", 1),
            ("hotline.dispatched", 1),
            ("hotline.direct", 0),
            ("hotline.handed_back", 1),
            ("hotline.redone", 1),
            ("hotline.urgent", 1),
            ("hotline.upper", 1),
            ("hotline.intakes_upper", 1),
            ("hotline.intakes_own", 0),
        ],
    );
    for rate in ["hotline.close_rate", "hotline.satisfaction_rate", "hotline.callback_rate", "hotline.upper_reply_rate"]
    {
        assert_eq!(w.rate(rate, &all), 100.0, "{rate}");
    }
    assert_eq!(w.measure("hotline.closed_by_level", "town", &all), 1);
}

#[test]
fn hotline_order_answered_directly_refused_or_opened_again() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let caller = w.who("county.callback", COUNTY);
    let mut direct = w.open("hotline", desk.clone(), COUNTY, "12345", &[category("consult.policy")]);
    w.go(&mut direct, &desk, "answer_directly", &[]);
    assert_eq!(w.refused(&mut direct, &caller, "redo"), "not_now");
    w.go(&mut direct, &caller, "redo_direct", &[]);
    w.go(&mut direct, &desk, "dispatch", &[]);
    assert_eq!(w.sum("hotline.direct", std::slice::from_ref(&direct)), 0);
    assert_eq!(w.sum("hotline.dispatched", std::slice::from_ref(&direct)), 1);

    let mut again = w.open("hotline", desk.clone(), COUNTY, "12345", &[category("consult.hours")]);
    w.go(&mut again, &desk, "answer_directly", &[]);
    w.go(&mut again, &caller, "call_back", &very());
    w.wait(2);
    w.go(&mut again, &Who::Reporter, "reopen", &[]);
    w.sums(std::slice::from_ref(&again), &[("hotline.closed", 0), ("hotline.closed_now", 1), ("hotline.reopened", 1)]);
    assert_eq!(w.rate("hotline.close_rate", std::slice::from_ref(&again)), 0.0);

    let mut refused = w.open("hotline", desk.clone(), COUNTY, "12345", &[category("consult")]);
    w.go(&mut refused, &desk, "refuse", &[]);
    w.sums(&[refused], &[("hotline.accepted", 0), ("hotline.closed", 0), ("hotline.refused", 1)]);
}

#[test]
fn whoever_handled_an_order_does_not_call_back() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let Who::Account { account, .. } = desk.clone() else { panic!("an account") };
    let post = w.holder("county.callback", COUNTY);
    let term = Term { id: TermId(w.id()), account, holder: post.clone(), from: Day(0), to: FOREVER };
    w.directory.apply(&RegisterEvent::TermsBegun { terms: vec![term] });
    let mut m = w.open("hotline", desk.clone(), COUNTY, "12345", &[category("consult")]);
    w.go(&mut m, &desk, "answer_directly", &[]);
    let same = Who::Account { account, post: Some(post) };
    let request = w.request(&m, "call_back", &very(), None);
    assert_eq!(w.try_go(&mut m, same, request), Err("own_work".to_owned()));
}

#[test]
fn overdue_orders_rise_to_the_person_on_duty() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let mut m = w.open("hotline", desk, VILLAGE, "12345", &[category("power.outage")]);
    w.now = w.now.plus_ms(2 * 3_600_000 + 1);
    w.tick(&mut m);
    assert!(m.watchers.contains(&w.holder("county.duty", COUNTY)));
    w.now = w.now.plus_ms(3_600_000);
    w.tick(&mut m);
    assert!(m.watchers.contains(&w.holder("county.office", COUNTY)));
}

#[test]
fn a_limit_from_above_rules() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let due = Day::ymd(2021, 3, 3).expect("a day");
    let values = [category("road.county"), ("upper_no", json!("WZ-2")), ("upper_due", json!(due.0))];
    let mut m = w.open("hotline", desk.clone(), VILLAGE, "upper", &values);
    w.go(&mut m, &desk, "dispatch", &[]);
    let clock = m.clocks.iter().find(|c| c.id == "handle").expect("a clock");
    assert_eq!(clock.due, due.at_minute(18 * 60));
    let mut own = w.open("hotline", desk.clone(), VILLAGE, "12345", &[category("road.county")]);
    w.go(&mut own, &desk, "dispatch", &[]);
    let clock = own.clocks.iter().find(|c| c.id == "handle").expect("a clock");
    assert_eq!(clock.due, Day::ymd(2021, 3, 8).expect("a day").at_minute(18 * 60));
}
