//! Red and black boards: passed by somebody else, black ones off unless switched on, down by themselves, open to appeal.

use crate::stage::*;
use xiangyue_app::matter::OpenForm;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Colour, Policy};

twins!(
    praise_is_passed_by_somebody_else_and_ends,
    blame_is_off_by_default,
    blame_that_is_on_can_be_appealed_against_and_ends with blame_on,
);

fn blame_on(policy: &mut Policy) {
    for kind in policy.kinds.iter_mut().filter(|k| k.id == "black_entry") {
        kind.board.as_mut().expect("a board").on = true;
    }
}

async fn praise_is_passed_by_somebody_else_and_ends(stage: Stage) {
    let village = stage.place(VILLAGE);
    let by = stage.who("village.clerk", VILLAGE);
    let typed = [("category", "help"), ("who", "王甲一"), ("words", "帮邻居收玉米，电话13800138000")];
    let entry = stage.open(by, "red_entry", VILLAGE, &typed).await;
    assert!(stage.app.boards(village).await.expect("a board").is_empty(), "what is proposed hangs nowhere");
    let clerk = stage.account("village.clerk", VILLAGE);
    assert!(stage.go(clerk, entry.matter, "pass", &[]).await.is_err());
    stage.go(stage.account("village.supervisor", VILLAGE), entry.matter, "pass", &[]).await.expect("it is passed");
    let hanging = stage.app.boards(village).await.expect("a board");
    assert_eq!((hanging.len(), hanging[0].colour, hanging[0].title.as_str()), (1, Colour::Red, "help"));
    let said: Vec<&str> = hanging[0].said.iter().map(|s| s.text.as_str()).collect();
    assert_eq!(said, ["王**", "帮邻居收玉米，电话138****8000"]);
    assert!(stage.app.boards(stage.place(SIBLING)).await.expect("a board").is_empty());
    stage.wait_hours(181 * 24);
    stage.app.sweep(stage.app.now()).await.expect("the clock");
    assert!(stage.app.boards(village).await.expect("a board").is_empty(), "it is down by itself");
    stage.sound().await;
}

async fn blame_is_off_by_default(stage: Stage) {
    let form = OpenForm {
        kind: "black_entry".into(),
        place: stage.place(VILLAGE),
        typed: filled(&[("category", "pile"), ("words", "渠口堆料")]),
        ..OpenForm::default()
    };
    let refused = stage.open_form(stage.who("village.clerk", VILLAGE), form).await;
    assert_eq!(refusal(refused), "board_off");
}

async fn blame_that_is_on_can_be_appealed_against_and_ends(stage: Stage) {
    let village = stage.place(VILLAGE);
    let by = stage.who("village.clerk", VILLAGE);
    let entry = stage.open(by, "black_entry", VILLAGE, &[("category", "pile"), ("words", "渠口堆料")]).await;
    stage.go(stage.account("village.supervisor", VILLAGE), entry.matter, "pass", &[]).await.expect("it is passed");
    let hanging = stage.app.boards(village).await.expect("a board");
    assert_eq!((hanging.len(), hanging[0].colour), (1, Colour::Black));
    assert_eq!(hanging[0].until, Some(stage.app.now().day().plus(30)), "the day on which it comes down is said");
    let typed = [("about", entry.number.as_str()), ("words", "早就清走了")];
    let appeal = stage.open(Who::Reporter, "board_appeal", VILLAGE, &typed).await;
    let town = stage.account("town.dispatcher", TOWN);
    stage.go(town, appeal.matter, "answer", &[("reply", "已核实，撤下")]).await.expect("answered");
    stage.go(town, entry.matter, "take_down", &[("reason", "申诉属实")]).await.expect("taken down");
    assert!(stage.app.boards(village).await.expect("a board").is_empty());
    stage.sound().await;
}
