//! Disputes: five channels, and a file that must be complete.

use crate::world::*;
use serde_json::json;
use xiangyue_domain::day::Day;

#[test]
fn disputes_come_in_by_five_channels() {
    let mut w = World::new();
    let police = w.who("unit.handler", "unit.police");
    let secretary = w.who("village.secretary", VILLAGE);
    let mediator = w.who("town.mediator", TOWN);
    let mut all = Vec::new();
    for channel in ["public", "procuratorate", "legalaid", "visit", "court"] {
        let risk = if channel == "public" { "criminal" } else { "none" };
        let values = [category("neighbour.wall"), ("risk", json!(risk)), ("source_of", json!("handed"))];
        let mut m = w.open("dispute", police.clone(), VILLAGE, channel, &values);
        assert_eq!(m.holder, secretary.post().cloned());
        w.go(&mut m, &secretary, "accept", &[]);
        match channel {
            "visit" => {
                w.go(&mut m, &secretary, "raise", &[]);
                w.go(&mut m, &mediator, "inform", &[]);
                w.go(&mut m, &mediator, "mediate", &[]);
                w.go(&mut m, &mediator, "fail", &[]);
                w.go(&mut m, &mediator, "transfer", &[("receiver", json!("court"))]);
            }
            "court" => {}
            _ => {
                w.go(&mut m, &secretary, "inform", &[]);
                w.go(&mut m, &secretary, "mediate", &[]);
                w.go(&mut m, &secretary, "agree", &[("agreement", json!("written"))]);
            }
        }
        all.push(m);
    }
    let mut gone = w.open("dispute", police, VILLAGE, "direct", &[category("loan.private")]);
    assert_eq!(gone.holder, mediator.post().cloned());
    w.go(&mut gone, &mediator, "withdraw", &[]);
    all.push(gone);
    w.sums(
        &all,
        &[
            ("dispute.accepted", 5),
            ("dispute.resolved", 3),
            ("dispute.from_public", 1),
            ("dispute.from_visit", 1),
            ("dispute.from_direct", 0),
            ("dispute.failed", 0),
            ("dispute.transferred", 1),
            ("dispute.risk_averted", 1),
        ],
    );
    assert_eq!(w.rate("dispute.resolve_rate", &all), 60.0);
    w.go(&mut all[0], &mediator, "reopen", &[]);
    assert_eq!(w.rate("dispute.resolve_rate", &all), 40.0);
}

/// From the application to the archive: what both sides agreed, the court's confirmation, performance, a call-back,
/// and nothing put away before the required parts are there.
#[test]
fn a_dispute_is_archived_only_with_a_complete_file() {
    let mut w = World::new();
    let mediator = w.who("town.mediator", TOWN);
    let mut m = w.open("dispute", mediator.clone(), VILLAGE, "direct", &[category("loan.private")]);
    assert_eq!(w.refused(&mut m, &mediator, "accept"), "form", "the form asks for it");
    w.go(&mut m, &mediator, "accept", &[("source_of", json!("party"))]);
    w.go(&mut m, &mediator, "inform", &[("id_checked", json!("paper"))]);
    w.go(&mut m, &mediator, "investigate", &[]);
    w.go(&mut m, &mediator, "mediate", &[]);
    let by = Day::ymd(2021, 3, 20).expect("a day");
    let bare = w.request(&m, "agree", &[("agreement", json!("written")), ("perform_mode", json!("once"))], None);
    assert_eq!(w.try_go(&mut m, mediator.clone(), bare), Err("form".to_owned()));
    let agreed = [("agreement", json!("written")), ("perform_mode", json!("once")), ("perform_by", json!(by.0))];
    w.go(&mut m, &mediator, "agree", &agreed);
    let confirm = m.clocks.iter().find(|c| c.id == "confirm").expect("a clock");
    assert_eq!(confirm.due.day(), Day::ymd(2021, 3, 31).expect("a day"));
    let mut silent = m.clone();
    w.go(&mut m, &mediator, "confirm", &[]);
    let perform = m.clocks.iter().find(|c| c.id == "perform").expect("a clock");
    assert_eq!(perform.due.day(), by);
    assert_eq!(w.refused(&mut m, &mediator, "archive"), "move_not_here");
    w.go(&mut m, &mediator, "perform", &[]);
    w.go(&mut m, &mediator, "revisit", &[("performed", json!("full"))]);
    w.go(&mut m, &mediator, "archive", &[]);
    assert_eq!(m.step, "archived");
    w.sums(&[m], &[("dispute.accepted", 1), ("dispute.resolved", 1)]);

    w.wait(31);
    w.tick(&mut silent);
    assert_eq!(silent.step, "performing", "nobody asked the court within thirty days");
    w.wait(31);
    w.tick(&mut silent);
    w.go(&mut silent, &mediator, "breach", &[]);
    w.go(&mut silent, &mediator, "reopen", &[]);
    w.sums(&[silent], &[("dispute.resolved", 0)]);
}
