//! What villagers report, what grid workers find and do.

use crate::world::*;
use serde_json::json;
use xiangyue_domain::flow::{MoveRequest, OpenRequest};
use xiangyue_domain::matter::Who;

#[test]
fn a_lamp_reported_by_code_is_mended_in_the_village() {
    let mut w = World::new();
    let secretary = w.who("village.secretary", VILLAGE);
    let clerk = w.who("village.clerk", VILLAGE);
    let grid = w.who("grid.worker", GRID);
    let mut m = w.open("report", Who::Reporter, GRID, "", &[category("lamp")]);
    assert_eq!((m.holder.clone(), m.channel()), (secretary.post().cloned(), "code"));
    w.go(&mut m, &clerk, "accept", &[]);
    w.to(&mut m, &clerk, "assign_grid", &[], grid.post().cloned());
    w.go(&mut m, &grid, "solve", &[]);
    w.go(&mut m, &Who::Reporter, "not_solved", &[]);
    assert_eq!((m.step.as_str(), m.holder.clone()), ("handling", grid.post().cloned()));
    w.go(&mut m, &grid, "solve", &[]);
    w.go(&mut m, &Who::Reporter, "confirm", &[]);
    w.go(&mut m, &Who::Reporter, "rate", &[("satisfied", json!("very"))]);
    assert_eq!(w.refused(&mut m, &Who::Reporter, "rate"), "not_now");

    let mut silent = w.open("report", Who::Reporter, VILLAGE, "", &[category("road")]);
    w.go(&mut silent, &secretary, "solve", &[]);
    w.wait(8);
    w.tick(&mut silent);
    assert_eq!(silent.step, "closed");
    w.go(&mut silent, &Who::Reporter, "reopen", &[]);
    assert_eq!(silent.holder, secretary.post().cloned());
    w.go(&mut silent, &secretary, "solve", &[]);
    w.wait(68);
    w.tick(&mut silent);
    w.wait(61);
    w.tick(&mut silent);
    assert_eq!(silent.step, "archived");

    let mut back = w.open("report", Who::Reporter, VILLAGE, "", &[category("waste")]);
    w.go(&mut back, &Who::Reporter, "withdraw", &[]);
    let all = [m, silent, back];
    w.sums(
        &all,
        &[
            ("report.accepted", 2),
            ("report.closed", 2),
            ("report.closed_grid", 1),
            ("report.closed_village", 1),
            ("report.closed_town", 0),
            ("report.not_solved", 1),
            ("report.reopened", 1),
            ("report.closed_now", 3),
            ("local.closed", 2),
        ],
    );
    assert_eq!(w.rate("local.close_rate", &all), 100.0);
    assert_eq!(w.rate("report.satisfaction_rate", &all), 100.0);
    assert_eq!(w.rate("report.rated_share", &all), 50.0);
}

#[test]
fn a_report_rises_with_its_reason_or_passes_the_village_over() {
    let mut w = World::new();
    let secretary = w.who("village.secretary", VILLAGE);
    let town = w.who("town.dispatcher", TOWN);
    let desk = w.who("county.dispatcher", COUNTY);
    let water = w.who("unit.handler", "unit.water");
    let mut m = w.open("report", Who::Reporter, VILLAGE, "", &[category("water")]);
    let bare = MoveRequest { mv: "raise".into(), ..MoveRequest::default() };
    assert_eq!(w.try_go(&mut m, secretary.clone(), bare), Err("form".to_owned()));
    w.go(&mut m, &secretary, "raise", &[]);
    w.go(&mut m, &town, "raise", &[]);
    assert_eq!(m.holder, desk.post().cloned());
    let unit = water.post().cloned();
    w.to(&mut m, &desk, "assign_unit", &[], unit.clone());
    w.go(&mut m, &water, "hand_back_unit", &[]);
    w.to(&mut m, &desk, "assign_unit", &[], unit);
    w.go(&mut m, &water, "solve", &[]);
    w.go(&mut m, &town, "call_back", &very());
    w.sums(&[m], &[("report.closed_county", 1), ("local.closed", 0), ("report.raised", 1)]);

    let place = w.place(VILLAGE);
    let request = OpenRequest {
        kind: "report".into(),
        place,
        values: values_of(&[category("subsidy")]),
        bypass: true,
        ..OpenRequest::default()
    };
    let mut over = w.open_as(Who::Reporter, request);
    assert_eq!(over.holder, town.post().cloned());
    assert_eq!(w.refused(&mut over, &town, "hand_down"), "not_now");
}

#[test]
fn grid_events_are_solved_on_the_spot_or_checked_by_another() {
    let mut w = World::new();
    let grid = w.who("grid.worker", GRID);
    let town = w.who("town.dispatcher", TOWN);
    let secretary = w.who("village.secretary", VILLAGE);
    let mut here = w.open("grid_event", grid.clone(), GRID, "patrol", &[category("env.pile")]);
    assert_eq!(here.holder, grid.post().cloned());
    w.go(&mut here, &grid, "solve_here", &[]);
    let mut up = w.open("grid_event", grid.clone(), GRID, "patrol", &[category("env.waste")]);
    w.go(&mut up, &grid, "send_up", &[]);
    assert_eq!(up.holder, secretary.post().cloned());
    w.go(&mut up, &secretary, "raise", &[]);
    w.go(&mut up, &town, "sign", &[]);
    w.go(&mut up, &town, "solve", &[]);
    assert_eq!(w.refused(&mut up, &town, "verify"), "own_work");
    w.go(&mut up, &grid, "verify", &[]);
    let all = [here, up];
    w.sums(
        &all,
        &[("grid_event.accepted", 2), ("grid_event.closed", 2), ("grid_event.solved_here", 1), ("local.closed", 1)],
    );
    assert_eq!(w.rate("local.close_rate", &all), 50.0);
}

#[test]
fn a_visit_is_one_step() {
    let mut w = World::new();
    let grid = w.who("grid.worker", GRID);
    let mut all = Vec::new();
    for state in ["fine", "help", "nobody"] {
        all.push(w.open("visit", grid.clone(), GRID, "visit", &[category("elder"), ("state", json!(state))]));
    }
    assert!(all.iter().all(|m| m.next_due().is_none()));
    w.sums(&all, &[("visit.count", 2), ("visit.help", 1)]);
}
