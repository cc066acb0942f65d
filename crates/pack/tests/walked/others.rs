//! Legal aid, difficulties and the kinds of other counties.

use crate::world::*;
use serde_json::json;

#[test]
fn legal_aid_counts_money_in_cents_and_people() {
    let mut w = World::new();
    let aid = w.who("county.aid", COUNTY);
    let mut m = w.open("aid", aid.clone(), VILLAGE, "counter", &[category("wage")]);
    w.go(&mut m, &aid, "accept", &[]);
    w.go(&mut m, &aid, "assign_lawyer", &[]);
    let closing = [("outcome", json!("mediated")), ("recovered", json!(2_350_000)), ("beneficiaries", json!(7))];
    w.go(&mut m, &aid, "close", &closing);
    let mut no = w.open("aid", aid.clone(), VILLAGE, "counter", &[category("land")]);
    w.go(&mut no, &aid, "refuse", &[]);
    let told = w.open("advice", aid, COUNTY, "phone", &[category("family"), ("beneficiaries", json!(2))]);
    w.sums(
        &[m, no, told],
        &[
            ("aid.accepted", 1),
            ("aid.closed", 1),
            ("aid.recovered", 2_350_000),
            ("aid.beneficiaries", 9),
            ("advice.count", 1),
        ],
    );
}

/// S0-25 counts difficulties solved (件), S0-29 occasions of help (次): one difficulty, helped with three times.
#[test]
fn s0_difficulties_count_by_matter_and_help_by_occasion() {
    let mut w = World::new();
    let secretary = w.who("village.secretary", VILLAGE);
    let unit = w.who("unit.handler", "unit.housing");
    let mut m = w.open("difficulty", secretary.clone(), VILLAGE, "visit", &[category("life.house")]);
    w.to(&mut m, &secretary, "assign_to", &[], unit.post().cloned());
    for _ in 0..3 {
        w.go(&mut m, &unit, "help", &[]);
    }
    w.go(&mut m, &unit, "solve", &[("households", json!(4))]);
    let all = [m];
    w.sums(&all, &[("heights.difficulty_solved", 1), ("heights.difficulty_helped", 3), ("difficulty.households", 4)]);
}

/// S3-49..52: 140 taken in, 118 closed in the village, 22 in the township, none left.
#[test]
fn s3_complaint_points_keep_the_level_of_closing() {
    let mut w = World::new();
    let clerk = w.who("village.clerk", VILLAGE);
    let secretary = w.who("village.secretary", VILLAGE);
    let town = w.who("town.dispatcher", TOWN);
    let mut all = Vec::new();
    for n in 0..140 {
        let mut m = w.open("point", clerk.clone(), VILLAGE, "counter", &[category("road")]);
        let mut by = &secretary;
        if n < 22 {
            w.go(&mut m, &secretary, "raise", &[]);
            by = &town;
        }
        let handler = if n < 22 { &town } else { &clerk };
        w.to(&mut m, by, "name_handler", &[], handler.post().cloned());
        w.go(&mut m, handler, "close", &[]);
        all.push(m);
    }
    w.sums(
        &all,
        &[("heights.point_accepted", 140), ("heights.point_closed_village", 118), ("heights.point_closed_town", 22)],
    );
    assert_eq!(w.rate("heights.point_close_rate", &all), 100.0);
    assert_eq!(w.measure("point.accepted", "village", &all), 140);
}

/// S4-25: found = resolved + handed over, with those kept from turning into a breach of the peace or a crime.
#[test]
fn s4_police_screening_resolves_or_hands_over() {
    let mut w = World::new();
    let officer = w.who("village.police", VILLAGE);
    let mut all = Vec::new();
    for n in 0..1_000 {
        let risk = ["none", "security", "criminal"][usize::from(n < 48) + usize::from(n < 5)];
        let values = [category("neighbour"), ("risk", json!(risk))];
        let mut m = w.open("police_dispute", officer.clone(), VILLAGE, "patrol", &values);
        if n >= 990 {
            w.go(&mut m, &officer, "transfer", &[("receiver", json!("party"))]);
        } else {
            w.go(&mut m, &officer, "resolve", &[]);
        }
        all.push(m);
    }
    w.sums(
        &all,
        &[
            ("heights.police_found", 1_000),
            ("heights.police_resolved", 990),
            ("heights.police_transferred", 10),
            ("heights.police_prevented", 48),
        ],
    );
    assert_eq!(w.measure("police.prevented", "criminal", &all), 5);
}
