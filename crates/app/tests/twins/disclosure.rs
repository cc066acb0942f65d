//! Disclosures from draft to correction: what is due, what is refused, what leaves to the public and how many queries a
//! board takes.

use crate::stage::*;
use xiangyue_app::disclosure::Asked;
use xiangyue_app::matter::{OpenForm, Typed};
use xiangyue_app::{AppError, Outcome};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Who;

twins!(
    a_month_s_accounts_from_draft_to_correction,
    numbers_of_persons_never_leave,
    a_board_tells_who_is_late,
    a_board_counts_what_its_villages_show_on_every_day,
    a_list_has_pages_and_a_question_its_item,
);

pub(crate) fn typed(pairs: &[(&str, &str)]) -> Typed {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

pub(crate) async fn begin(stage: &Stage, pairs: &[(&str, &str)], key: &str) -> Result<MatterId, String> {
    let clerk = stage.account("village.clerk", VILLAGE);
    let by = Who::Account { account: clerk, post: None };
    let form = OpenForm {
        kind: "village_disclosure".into(),
        place: stage.place(VILLAGE),
        typed: typed(pairs),
        ..OpenForm::default()
    };
    stage.app.open_matter(by, form, key).await.map(|r| r.matter).map_err(said)
}

pub(crate) fn said(error: AppError) -> String {
    match error {
        AppError::Refused(r) if r.key == "form" => r.fields.first().map(|f| f.key.clone()).unwrap_or_default(),
        AppError::Refused(r) => r.key,
        other => other.to_string(),
    }
}

pub(crate) async fn go(
    stage: &Stage,
    post: &str,
    id: MatterId,
    mv: &str,
    pairs: &[(&str, &str)],
) -> Result<Outcome, String> {
    let seat = if post.starts_with("town") { TOWN } else { VILLAGE };
    let account = stage.account(post, seat);
    let form = xiangyue_app::matter::MoveForm { mv: mv.into(), typed: typed(pairs), ..Default::default() };
    stage.app.make_move(account, id, form, None).await.map_err(said)
}

pub(crate) const MONEY: &[(&str, &str)] = &[
    ("category", "finance.month"),
    ("period", "2021-02"),
    ("words", "二月收入300元。经办电话13800138000"),
    ("lines.0.what", "补助,身份证110101199003070038"),
    ("lines.0.side", "in"),
    ("lines.0.amount", "300"),
    ("lines.0.who", "张三丰"),
    ("lines.0.voucher", "02-001"),
];

/// Publishes it, by the posts that have to.
pub(crate) async fn publish(stage: &Stage, id: MatterId) {
    let opinion = [("opinion", "已核对凭证")];
    assert_eq!(go(stage, "village.clerk", id, "submit", &[]).await.map(|o| o.idle), Ok(false));
    go(stage, "village.supervisor", id, "check_money", &opinion).await.expect("the committee checks");
    go(stage, "town.dispatcher", id, "review", &[("town_opinion", "与代管账一致")]).await.expect("the town reviews");
    go(stage, "village.clerk", id, "publish", &[]).await.expect("it is public");
}

async fn a_month_s_accounts_from_draft_to_correction(stage: Stage) {
    let village = stage.place(VILLAGE);
    // What is wrong says which rule; nothing is begun by it.
    for (period, fault) in [("2021Q1", "duty_period"), ("2021-04", "duty_future"), ("", "duty_period")] {
        let mut pairs = MONEY.to_vec();
        pairs[1] = ("period", period);
        assert_eq!(begin(&stage, &pairs, &format!("k{period}")).await, Err(fault.to_owned()), "{period}");
    }
    let event = [("category", "village.decision"), ("words", "决定修路")];
    assert_eq!(begin(&stage, &event, "ke").await, Err("duty_event".to_owned()));
    let id = begin(&stage, MONEY, "first").await.expect("it is begun");
    assert_eq!(begin(&stage, MONEY, "first").await, Ok(id), "a retry is the same");
    assert_eq!(begin(&stage, MONEY, "second").await, Err("duty_there".to_owned()));
    // Nothing is public before it is published, and nobody publishes without the check.
    assert!(go(&stage, "village.clerk", id, "publish", &[]).await.is_err());
    assert!(matches!(stage.app.disclosure(village, id, None).await, Err(AppError::NotFound)));
    publish(&stage, id).await;
    let first = stage.app.disclosure(village, id, None).await.expect("everybody may read it");
    assert_eq!((first.version, first.said[1].rows[0][2].as_str()), (1, "300.00"));
    // While it is corrected, what was published stays as it was.
    go(&stage, "village.clerk", id, "amend", &[("reason", "少记一笔")]).await.expect("it is corrected");
    go(&stage, "village.clerk", id, "revise", &[("words", "二月收入500元")]).await.expect("it is revised");
    let meanwhile = stage.app.disclosure(village, id, None).await.expect("still there");
    assert!(meanwhile.amending && meanwhile.said == first.said);
    publish(&stage, id).await;
    let second = stage.app.disclosure(village, id, None).await.expect("the second version");
    assert_eq!((second.version, second.said[0].text.as_str()), (2, "二月收入500元"));
    let old = stage.app.disclosure(village, id, Some(1)).await.expect("the first version");
    assert_eq!((old.said, old.reason.as_str()), (first.said, "少记一笔"));
    // A withdrawal keeps its reason and shows nothing else.
    go(&stage, "village.secretary", id, "withdraw", &[("reason", "两个月混在一起")]).await.expect("withdrawn");
    let gone = stage.app.disclosure(village, id, None).await.expect("the reason stays");
    assert_eq!((gone.said.len(), gone.reason.as_str()), (0, "两个月混在一起"));
    let third = begin(&stage, MONEY, "third").await.expect("a withdrawn one may be begun anew");
    // And so may one that was entered by mistake, as often as that happens.
    let clerk = stage.account("village.clerk", VILLAGE);
    stage.app.void(clerk, third, "录错了", None).await.expect("void");
    let fourth = begin(&stage, MONEY, "fourth").await.expect("a void one may be begun anew");
    stage.app.void(clerk, fourth, "又录错了", None).await.expect("void");
    begin(&stage, MONEY, "fifth").await.expect("and again");
    assert_eq!(begin(&stage, MONEY, "sixth").await, Err("duty_there".to_owned()));
    stage.sound().await;
}

async fn numbers_of_persons_never_leave(stage: Stage) {
    let village = stage.place(VILLAGE);
    let id = begin(&stage, MONEY, "first").await.expect("it is begun");
    publish(&stage, id).await;
    let shown = format!("{:?}", stage.app.disclosure(village, id, None).await.expect("public").said);
    for whole in ["13800138000", "110101199003070038", "张三丰"] {
        assert!(!shown.contains(whole), "{whole} in {shown}");
    }
    assert!(shown.contains("张**") && shown.contains("02-001"), "{shown}");
}

async fn a_board_tells_who_is_late(stage: Stage) {
    let villages = [stage.place(VILLAGE), stage.place(SIBLING)];
    let today = stage.app.now().day();
    let before = stage.app.duty_board(&villages, today).await.expect("a board");
    assert_eq!(before[&villages[0]], before[&villages[1]]);
    assert_eq!(before[&villages[0]].late(), 0, "nobody is late with days before the county began");
    // February's accounts fall due on 10 March.
    let id = begin(&stage, MONEY, "first").await.expect("it is begun");
    publish(&stage, id).await;
    let same = stage.app.duty_board(&villages, today).await.expect("a board");
    assert_eq!(same[&villages[0]].late(), before[&villages[0]].late(), "it is not due yet");
    stage.set(day(3, 11).at_minute(600));
    let after = stage.app.duty_board(&villages, stage.app.now().day()).await.expect("a board");
    let (own, other) = (after[&villages[0]], after[&villages[1]]);
    assert_eq!((own.late() + 1, own.in_time, other.in_time), (other.late(), 1, 0));
    assert!(other.late() > 0);
    let cells = stage.app.duties_of(villages[0], day(3, 1), day(3, 31)).await.expect("its duties");
    let done: Vec<&str> = cells.iter().filter(|c| c.done).map(|c| c.due.item.as_str()).collect();
    assert_eq!(done, ["finance.month"]);
    let line = &stage.app.disclosures(villages[0], &Asked::default(), 40).await.expect("a list").lines[0];
    assert_eq!((line.item.as_str(), line.period.as_str(), line.versions), ("finance.month", "2021-02", 1));
    let asked = Asked { words: "低保".into(), ..Asked::default() };
    assert!(stage.app.disclosures(villages[0], &asked, 40).await.expect("a list").lines.is_empty());
}

/// Whether the month that runs is added up or what is left of it taken off: the board says what the cells say, also of what
/// was entered at a grid of the village, before its day, in time or late.
async fn a_board_counts_what_its_villages_show_on_every_day(stage: Stage) {
    let village = stage.place(VILLAGE);
    let clerk = stage.account("village.clerk", VILLAGE);
    let mut n = 0;
    for (month, at, place) in [
        ("2021-01", day(3, 2), VILLAGE),
        ("2021-02", day(3, 4), GRID),
        ("2021-03", day(4, 3), GRID),
        ("2021-04", day(5, 14), VILLAGE),
    ] {
        stage.set(at.at_minute(600));
        for item in ["village.hygiene", "finance.balance"] {
            n += 1;
            let form = OpenForm {
                kind: "village_disclosure".into(),
                place: stage.place(place),
                typed: typed(&[("category", item), ("period", month), ("words", "样例")]),
                ..OpenForm::default()
            };
            let by = Who::Account { account: clerk, post: None };
            let id = stage.app.open_matter(by, form, &format!("b{n}")).await.expect("begun").matter;
            go(&stage, "village.clerk", id, "submit", &[]).await.expect("sent");
            if item.starts_with("finance") {
                go(&stage, "village.supervisor", id, "check_money", &[("opinion", "看过")]).await.expect("checked");
                go(&stage, "town.dispatcher", id, "review", &[("town_opinion", "看过")]).await.expect("reviewed");
            } else {
                go(&stage, "village.supervisor", id, "check", &[("opinion", "看过")]).await.expect("checked");
            }
            go(&stage, "village.clerk", id, "publish", &[]).await.expect("public");
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    for back in 0..75 {
        let today = day(5, 15).plus(-back);
        let own = stage.app.duty_board(&[village], today).await.expect("a board")[&village];
        let (first, last) = stage.app.board_days(today).await.expect("days");
        let cells = stage.app.duties_of(village, first, last).await.expect("its duties");
        let done = i64::try_from(cells.iter().filter(|c| c.done).count()).expect("few");
        assert_eq!((own.due, own.done), (i64::try_from(cells.len()).expect("few"), done), "{today}");
        let ahead = stage.app.duties_of(village, today, today.plus(xiangyue_app::due::AHEAD)).await.expect("duties");
        assert_eq!(own.coming, i64::try_from(ahead.iter().filter(|c| !c.done).count()).expect("few"), "{today}");
        seen.insert((own.done, own.in_time, own.coming));
    }
    assert!(seen.len() > 4, "days differ: {seen:?}");
}

/// However much a village has made public, every page of its list and every question of an item is found.
async fn a_list_has_pages_and_a_question_its_item(stage: Stage) {
    let village = stage.place(VILLAGE);
    let mut ids = Vec::new();
    for n in 0..5 {
        let period = format!("2020-{:02}", n + 1);
        let pairs = [("category", "village.hygiene"), ("period", period.as_str()), ("words", "保洁员3名")];
        let id = begin(&stage, &pairs, &format!("h{n}")).await.expect("it is begun");
        go(&stage, "village.clerk", id, "submit", &[]).await.expect("sent");
        go(&stage, "village.supervisor", id, "check", &[("opinion", "看过")]).await.expect("checked");
        go(&stage, "village.clerk", id, "publish", &[]).await.expect("public");
        ids.push(id);
    }
    begin(&stage, MONEY, "draft").await.expect("a draft is on no page");
    let mut asked = Asked::default();
    let mut seen = Vec::new();
    for size in [2, 2, 1] {
        let page = stage.app.disclosures(village, &asked, 2).await.expect("a page");
        assert_eq!(page.lines.len(), size);
        seen.extend(page.lines.iter().map(|l| l.id));
        asked.before = page.next;
    }
    assert_eq!(asked.before, None, "the last page has no next one");
    seen.sort();
    assert_eq!(seen, ids);
    let by_period = Asked { words: "2020-03".into(), ..Asked::default() };
    let page = stage.app.disclosures(village, &by_period, 2).await.expect("a page");
    assert_eq!(page.lines.iter().map(|l| l.id).collect::<Vec<_>>(), [ids[2]]);
    // A question belongs to the item that it names, and to no other.
    let number = page.lines[0].number.clone();
    let form = OpenForm {
        kind: "objection".into(),
        place: village,
        typed: typed(&[("about", &number), ("words", "清运的车呢")]),
        ..OpenForm::default()
    };
    stage.app.open_matter(Who::Reporter, form, "q").await.expect("asked");
    let questions = |n: usize| stage.app.disclosure(village, ids[n], None);
    assert_eq!(questions(2).await.expect("public").questions.len(), 1);
    assert!(questions(1).await.expect("public").questions.is_empty());
}
