//! What may be the same is suggested from near places and days alone, to whoever may see it; a villager joins in one step.

use crate::stage::{COUNTY, FAR_VILLAGE, SIBLING, Stage, VILLAGE, filled, refusal, twins};
use xiangyue_app::matter::{OpenForm, Receipt};
use xiangyue_app::similar::Likely;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Who;

twins!(
    the_same_words_at_the_same_place_are_suggested,
    a_villager_joins_what_is_open_to_all,
    nothing_is_shown_that_is_kept_from_somebody,
    a_pack_can_switch_it_off with silent,
);

const WORDS: &str = "小卖部南头的路灯不亮,晚上老人出门看不见";

fn silent(policy: &mut xiangyue_domain::policy::Policy) {
    if let Some(settings) = &mut policy.settings {
        settings.similar.days = 0;
    }
}

async fn told(stage: &Stage, place: &str, words: &str, more: &[(&str, &str)]) -> Receipt {
    let mut typed = vec![("category", "lamp"), ("words", words)];
    typed.extend(more);
    stage.open(Who::Reporter, "report", place, &typed).await
}

fn ids(found: &[Likely]) -> Vec<MatterId> {
    found.iter().map(|l| l.matter.id).collect()
}

async fn the_same_words_at_the_same_place_are_suggested(stage: Stage) {
    let first = told(&stage, VILLAGE, WORDS, &[]).await;
    told(&stage, FAR_VILLAGE, WORDS, &[]).await;
    let other = told(&stage, SIBLING, WORDS, &[]).await;
    let second = told(&stage, VILLAGE, "小賣部南頭路燈壞了,老人看不見路", &[]).await;
    let desk = stage.account("county.dispatcher", COUNTY);
    let found = stage.app.similar_to(desk, &stage.matter(second.matter).await).await.expect("read");
    assert_eq!(ids(&found), [first.matter]);
    assert!(found[0].likelihood > 0.35 && found[0].likelihood <= 1.0);
    let sibling = stage.account("village.secretary", SIBLING);
    assert!(stage.app.similar_to(sibling, &stage.matter(second.matter).await).await.expect("read").is_empty());
    let form = OpenForm {
        kind: "report".into(),
        place: stage.place(VILLAGE),
        typed: filled(&[("category", "lamp"), ("words", "小卖部南头路灯坏了")]),
        ..OpenForm::default()
    };
    let beside = stage.app.similar_to_form(desk, &form).await.expect("read");
    assert!(beside.iter().any(|l| l.matter.id == first.matter) && beside.iter().all(|l| l.matter.id != other.matter));
    stage.wait_hours(24 * 30);
    assert!(
        stage.app.similar_to_form(desk, &form).await.expect("read").is_empty(),
        "a month later it is another matter"
    );
    assert!(stage.app.similar_to_form(desk, &OpenForm::default()).await.expect("read").is_empty());
}

async fn a_villager_joins_what_is_open_to_all(stage: Stage) {
    let first = told(&stage, VILLAGE, WORDS, &[]).await;
    let second = told(&stage, VILLAGE, WORDS, &[]).await;
    let found = stage.app.similar_for_reporter(&second.token).await.expect("read");
    assert_eq!(ids(&found), [first.matter]);
    let elsewhere = told(&stage, FAR_VILLAGE, WORDS, &[]).await;
    assert_eq!(refusal(stage.app.join_by_receipt(&second.token, elsewhere.matter, None).await), "join_late");
    stage.app.join_by_receipt(&second.token, first.matter, Some("once".into())).await.expect("joined");
    assert_eq!(stage.matter(first.matter).await.intakes.len(), 2);
    let page = stage.app.follow(&second.token).await.expect("its page");
    assert!(page.merged && page.said.matter.id == second.matter && page.opened.matter.id == first.matter);
    assert_eq!(page.opened.lines.len(), 1, "joining is said once, in its own place");
    stage.sound().await;
}

async fn nothing_is_shown_that_is_kept_from_somebody(stage: Stage) {
    let place = stage.place(VILLAGE);
    let form = |bypass: bool, confidential: bool| OpenForm {
        kind: "report".into(),
        place,
        typed: filled(&[("category", "lamp"), ("words", WORDS)]),
        bypass,
        confidential,
        ..OpenForm::default()
    };
    stage.open_form(Who::Reporter, form(true, false)).await.expect("taken in");
    stage.open_form(Who::Reporter, form(false, true)).await.expect("taken in");
    let own = told(&stage, VILLAGE, WORDS, &[]).await;
    assert!(stage.app.similar_for_reporter(&own.token).await.expect("read").is_empty());
    let over = stage.open_form(Who::Reporter, form(true, false)).await.expect("taken in");
    assert!(stage.app.similar_for_reporter(&over.token).await.expect("read").is_empty());
    // Once somebody has taken it up, it is handled for itself.
    let second = told(&stage, VILLAGE, WORDS, &[]).await;
    assert_eq!(ids(&stage.app.similar_for_reporter(&second.token).await.expect("read")), [own.matter]);
    let secretary = stage.account("village.secretary", VILLAGE);
    stage.go(secretary, second.matter, "solve", &[("reply", "好了")]).await.expect("solved");
    assert!(stage.app.similar_for_reporter(&second.token).await.expect("read").is_empty());
}

async fn a_pack_can_switch_it_off(stage: Stage) {
    told(&stage, VILLAGE, WORDS, &[]).await;
    let second = told(&stage, VILLAGE, WORDS, &[]).await;
    let desk = stage.account("county.dispatcher", COUNTY);
    assert!(stage.app.similar_to(desk, &stage.matter(second.matter).await).await.expect("read").is_empty());
}
