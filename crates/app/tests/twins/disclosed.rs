//! What stands behind a disclosure once it is public: a receipt for each version, and a window for questions. Refusals name
//! the rule and its basis.

use crate::disclosure::{MONEY, begin, go, publish, typed};
use crate::stage::*;
use xiangyue_app::AppError;
use xiangyue_app::matter::{MoveForm, OpenForm};
use xiangyue_app::people::NewPost;
use xiangyue_app::receipt::Standing;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::Policy;
use xiangyue_domain::refusal::Refusal;

twins!(
    a_question_comes_within_its_window,
    an_item_has_a_window_of_its_own with a_week_for_money,
    nobody_publishes_unchecked_or_checks_their_own,
    each_version_has_a_receipt_that_leads_to_the_day_s_head,
);

fn a_week_for_money(policy: &mut Policy) {
    for catalogue in policy.catalogues.values_mut() {
        for item in catalogue.items.iter_mut().filter(|i| i.code == "finance.month") {
            item.window = Some(7);
        }
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, AppError>) -> Refusal {
    match result {
        Err(AppError::Refused(refusal)) => refusal,
        other => panic!("no refusal: {other:?}"),
    }
}

fn arg<'a>(refusal: &'a Refusal, name: &str) -> &'a str {
    refusal.args.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
}

async fn ask(stage: &Stage, id: MatterId, key: &str) -> Result<MatterId, AppError> {
    let about = stage.app.disclosure(stage.place(VILLAGE), id, None).await?.line.number;
    let form = OpenForm {
        kind: "objection".into(),
        place: stage.place(VILLAGE),
        typed: typed(&[("about", &about), ("words", "凭证在哪里看")]),
        ..OpenForm::default()
    };
    stage.app.open_matter(Who::Reporter, form, key).await.map(|r| r.matter)
}

async fn a_question_comes_within_its_window(stage: Stage) {
    let id = begin(&stage, MONEY, "first").await.expect("it is begun");
    publish(&stage, id).await;
    let asked = ask(&stage, id, "in-time").await.expect("it is taken");
    stage.set(day(3, 31).at_minute(23 * 60 + 59));
    ask(&stage, id, "last-day").await.expect("the last day counts");
    stage.set(day(4, 1).at_minute(1));
    let late = refused(ask(&stage, id, "late").await);
    assert_eq!((late.key.as_str(), arg(&late, "until"), arg(&late, "days")), ("question_over", "2021-03-31", "30"));
    assert!(arg(&late, "basis").contains("村务公开办法"), "{late:?}");
    assert!(arg(&late, "instead").contains("信访"), "{late:?}");
    assert_eq!(
        ask(&stage, id, "in-time").await.expect("the same"),
        asked,
        "what was taken is not refused when sent again"
    );
    let questions = stage.app.disclosure(stage.place(VILLAGE), id, None).await.expect("public").questions;
    assert_eq!(questions.len(), 2, "nothing is half taken");
    // A correction is a new publication: its window begins anew.
    go(&stage, "village.clerk", id, "amend", &[("reason", "少记一笔")]).await.expect("it is corrected");
    publish(&stage, id).await;
    ask(&stage, id, "about-the-second").await.expect("it is taken");
    stage.sound().await;
}

async fn an_item_has_a_window_of_its_own(stage: Stage) {
    let id = begin(&stage, MONEY, "first").await.expect("it is begun");
    publish(&stage, id).await;
    stage.set(day(3, 8).at_minute(600));
    ask(&stage, id, "in-time").await.expect("it is taken");
    stage.set(day(3, 9).at_minute(600));
    let late = refused(ask(&stage, id, "late").await);
    assert_eq!((arg(&late, "until"), arg(&late, "days")), ("2021-03-08", "7"));
}

async fn nobody_publishes_unchecked_or_checks_their_own(stage: Stage) {
    let id = begin(&stage, MONEY, "first").await.expect("it is begun");
    let clerk = stage.account("village.clerk", VILLAGE);
    let make = |mv: &str| MoveForm { mv: mv.into(), typed: typed(&[("opinion", "好")]), ..MoveForm::default() };
    let unchecked = refused(stage.app.make_move(clerk, id, make("publish"), None).await);
    assert_eq!(unchecked.key, "move_not_here");
    assert!(arg(&unchecked, "basis").contains("第三十二条"), "{unchecked:?}");
    go(&stage, "village.clerk", id, "submit", &[]).await.expect("sent");
    // Whoever drafted it now sits on the committee as well.
    let post = NewPost {
        login: format!("village.clerk-{VILLAGE}"),
        name: "村文书甲".into(),
        phone: String::new(),
        holder: stage.holder("village.supervisor", VILLAGE),
        from: stage.app.now().day(),
        until: None,
    };
    stage.app.give_post(stage.account("county.admin", COUNTY), post).await.expect("appointed");
    let own = refused(stage.app.make_move(clerk, id, make("check_money"), None).await);
    assert_eq!(own.key, "own_request");
    assert!(arg(&own, "basis").contains("不能自己审核"), "{own:?}");
    assert!(
        stage.app.disclosures(stage.place(VILLAGE), &Default::default(), 9).await.expect("a list").lines.is_empty()
    );
}

async fn each_version_has_a_receipt_that_leads_to_the_day_s_head(stage: Stage) {
    let village = stage.place(VILLAGE);
    let id = begin(&stage, MONEY, "first").await.expect("it is begun");
    publish(&stage, id).await;
    let first = stage.app.disclosure(village, id, None).await.expect("public").code.expect("a receipt");
    let (said, _, standing) = stage.app.receipt_by_code(&first).await.expect("a receipt");
    assert_eq!((said.title(), standing), ("当月收支明细 2021-02", Standing::Pending));
    for word in ["第1版", "张**", "02-001", "300.00", "与代管账一致", "138****8000"] {
        assert!(said.text.contains(word), "{word} in {}", said.text);
    }
    for whole in ["13800138000", "110101199003070038", "张三丰"] {
        assert!(!said.text.contains(whole), "{whole} in {}", said.text);
    }
    assert!(stage.app.published_at(village, 9).await.expect("read").is_empty(), "it is no decision");
    stage.wait_hours(24);
    stage.app.close_days(stage.app.now()).await.expect("the day is closed");
    let (_, held, standing) = stage.app.receipt_by_code(&first).await.expect("a receipt");
    assert_eq!(standing, Standing::Holds);
    let mut other = held.clone();
    other.text = other.text.replace("300.00", "3000.00");
    assert_eq!(stage.app.check_receipt(&other).await.expect("checked"), Standing::Broken);
    // The second version has one of its own, and the first keeps its.
    go(&stage, "village.clerk", id, "amend", &[("reason", "少记一笔")]).await.expect("it is corrected");
    go(&stage, "village.clerk", id, "revise", &[("words", "二月收入500元")]).await.expect("it is revised");
    publish(&stage, id).await;
    let second = code_of(&stage, id, None).await;
    assert_eq!(code_of(&stage, id, Some(1)).await, first);
    assert_ne!(second, first);
    assert!(stage.app.receipt_by_code(&second).await.expect("a receipt").0.text.contains("第2版"));
    // What is withdrawn is shown no more; what somebody holds is checked all the same.
    go(&stage, "village.secretary", id, "withdraw", &[("reason", "写了不该写的")]).await.expect("withdrawn");
    assert_eq!(refused(stage.app.receipt_by_code(&first).await).key, "receipt_withdrawn");
    assert_eq!(stage.app.disclosure(village, id, None).await.expect("the reason").code, None);
    assert_eq!(stage.app.check_receipt(&held).await.expect("checked"), Standing::Holds);
    stage.sound().await;
}

async fn code_of(stage: &Stage, id: MatterId, version: Option<usize>) -> String {
    let found = stage.app.disclosure(stage.place(VILLAGE), id, version).await.expect("public");
    found.code.expect("a receipt")
}
