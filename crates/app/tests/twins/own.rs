//! Looking up one's own payments: only by name and the card's last digits, only in one's village, with limited tries, and
//! every look written down.

use crate::stage::*;
use xiangyue_app::AppError;
use xiangyue_app::matter::{MoveForm, OpenForm};
use xiangyue_domain::ids::MatterId;

twins!(one_sees_one_s_own_and_nobody_else_s, tries_are_limited_by_name_and_address);

const CARD: &str = "6217009876543210123";

async fn pay(stage: &Stage, key: &str, (name, card): (&str, &str), amount: &str) -> MatterId {
    let typed = filled(&[
        ("category", "farm.grain"),
        ("payee", name),
        ("card", card),
        ("amount", amount),
        ("paid_on", "2021-02-10"),
        ("batch", key),
    ]);
    let form = OpenForm { kind: "card_payment".into(), place: stage.place(VILLAGE), typed, ..OpenForm::default() };
    stage.app.open_matter(stage.who("town.dispatcher", TOWN), form, key).await.expect("it is taken in").matter
}

fn said<T: std::fmt::Debug>(answer: Result<T, AppError>) -> &'static str {
    match answer {
        Err(AppError::NotFound) => "none",
        Err(AppError::Limited(_)) => "limited",
        Ok(_) => "shown",
        Err(_) => "fault",
    }
}

async fn one_sees_one_s_own_and_nobody_else_s(stage: Stage) {
    let (village, other) = (stage.place(VILLAGE), stage.place(SIBLING));
    let first = pay(&stage, "p1", ("王甲一", CARD), "1036.40").await;
    let second = pay(&stage, "p2", ("王甲一", CARD), "250").await;
    pay(&stage, "p3", ("李乙二", "6217000000000999888"), "88").await;
    let lines = stage.app.look_up_own(village, ("王 甲一", "210123"), "a").await.expect("one's own");
    let amounts: Vec<i64> = lines.iter().filter_map(|l| l.values["amount"].as_i64()).collect();
    assert_eq!(amounts, [25_000, 103_640]);
    assert!(lines.iter().all(|l| !l.values.contains_key("payee") && !l.values.contains_key("card")));
    for (place, name, number) in [
        (village, "李乙二", "210123"),
        (village, "王甲一", "999888"),
        (village, "王甲一", "10123"),
        (village, "", "210123"),
        (other, "王甲一", "210123"),
    ] {
        assert_eq!(said(stage.app.look_up_own(place, (name, number), "b").await), "none", "{name} {number}");
    }
    // Every look is written down; what is struck off is no longer shown.
    let reads = stage.app.pool().reads(stage.app.realm(), first.0).await.expect("the log");
    assert_eq!(reads.iter().map(|r| (r.1, r.2.as_str())).collect::<Vec<_>>(), [(0, "own")]);
    let town = stage.account("town.dispatcher", TOWN);
    let strike = MoveForm { mv: "strike".into(), typed: filled(&[("reason", "重复发放")]), ..MoveForm::default() };
    stage.app.make_move(town, second, strike, None).await.expect("struck off");
    assert_eq!(stage.app.look_up_own(village, ("王甲一", CARD), "a").await.expect("one is left").len(), 1);
    stage.sound().await;
}

async fn tries_are_limited_by_name_and_address(stage: Stage) {
    let village = stage.place(VILLAGE);
    pay(&stage, "p1", ("王甲一", CARD), "1036.40").await;
    // From many addresses: the name is locked, and for its right digits as well.
    let mut answers = Vec::new();
    for n in 0..9 {
        let wrong = format!("11111{n}");
        answers.push(said(stage.app.look_up_own(village, ("王甲一", &wrong), &format!("from{n}")).await));
    }
    assert!(answers.contains(&"limited"), "{answers:?}");
    assert_eq!(said(stage.app.look_up_own(village, ("王甲一", CARD), "c").await), "limited");
    // From one address many names.
    let mut last = "";
    for n in 0..32 {
        last = said(stage.app.look_up_own(village, (&format!("赵丙{n}"), "123456"), "one").await);
    }
    assert_eq!(last, "limited");
    stage.wait_hours(2);
    assert_eq!(said(stage.app.look_up_own(village, ("王甲一", CARD), "c").await), "shown");
}
