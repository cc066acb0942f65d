//! A post while its holder is away, a lost password, and what a caller reported before.

use crate::stage::{COUNTY, FAR_VILLAGE, OTHER_TOWN, Stage, TOWN, VILLAGE, WATER, refusal, twins};
use xiangyue_app::people::NewPost;
use xiangyue_app::stand::StandIn;
use xiangyue_domain::ids::{AccountId, TermId};
use xiangyue_domain::matter::Who;

twins!(
    a_stand_in_does_the_post_for_the_days_named,
    nobody_lends_what_is_not_theirs,
    a_lost_password_is_void_at_once,
    a_caller_s_earlier_matters_follow_the_readers_scope,
);

fn term(stage: &Stage, post: &str, seat: &str) -> TermId {
    let (holder, account) = (stage.holder(post, seat), stage.account(post, seat));
    let directory = stage.app.directory();
    let found = directory.terms.values().find(|t| t.holder == holder && t.account == account);
    found.expect("a term").id
}

async fn a_stand_in_does_the_post_for_the_days_named(stage: Stage) {
    let (secretary, clerk) = (stage.account("village.secretary", VILLAGE), stage.account("village.clerk", VILLAGE));
    let receipt = stage.report(VILLAGE, "lamp").await;
    let day = stage.app.now().day();
    let new = StandIn {
        term: term(&stage, "village.secretary", VILLAGE),
        account: clerk,
        from: day.plus(1),
        to: day.plus(3),
    };
    stage.app.stand_in(secretary, new).await.expect("lent");
    assert_eq!(refusal(stage.app.stand_in(secretary, new).await), "form", "not twice for the same days");
    let holder = stage.holder("village.secretary", VILLAGE);
    let holds = |d: i32| stage.app.directory().posts_of(clerk, day.plus(d)).contains(&&holder);
    assert_eq!([0, 1, 3, 4].map(holds), [false, true, true, false]);
    stage.wait_hours(24);
    // The work stays on the post; both may do it.
    stage.go(clerk, receipt.matter, "solve", &[("reply", "换了灯泡")]).await.expect("done by the stand-in");
    let stage = stage.again().await;
    let lent = stage.app.directory().terms.values().find(|t| t.account == clerk && t.holder == holder).cloned();
    // Back early, the holder takes the post back; the stand-in cannot take it from the holder.
    let own = term(&stage, "village.secretary", VILLAGE);
    assert_eq!(refusal(stage.app.end_post(clerk, own).await), "no_grant");
    stage.app.end_post(secretary, lent.expect("lent").id).await.expect("taken back");
    assert!(!stage.app.directory().posts_of(clerk, stage.app.now().day()).contains(&&holder));
    stage.sound().await;
}

async fn nobody_lends_what_is_not_theirs(stage: Stage) {
    let day = stage.app.now().day();
    let id = term(&stage, "village.secretary", VILLAGE);
    let ask = async |by: AccountId, account: AccountId, to: i32| {
        refusal(stage.app.stand_in(by, StandIn { term: id, account, from: day, to: day.plus(to) }).await)
    };
    let (secretary, clerk) = (stage.account("village.secretary", VILLAGE), stage.account("village.clerk", VILLAGE));
    let far = stage.account("village.secretary", FAR_VILLAGE);
    assert_eq!(ask(clerk, clerk, 3).await, "no_grant", "a colleague's post");
    assert_eq!(ask(far, clerk, 3).await, "no_grant", "another village's post");
    assert_eq!(ask(secretary, far, 3).await, "form", "a stranger stands in");
    assert_eq!(ask(secretary, stage.account("town.secretary", OTHER_TOWN), 3).await, "form", "another town's people");
    assert_eq!(ask(secretary, clerk, -1).await, "form", "the days run backwards");
    let forever = StandIn { term: id, account: clerk, from: day, to: xiangyue_domain::region::FOREVER };
    assert_eq!(refusal(stage.app.stand_in(secretary, forever).await), "form", "without an end");
    let head = stage.account("town.secretary", TOWN);
    let new = StandIn { term: id, account: head, from: day, to: day.plus(2) };
    stage.app.stand_in(secretary, new).await.expect("the superior stands in");
    stage.sound().await;
}

async fn a_lost_password_is_void_at_once(stage: Stage) {
    let admin = stage.account("county.admin", COUNTY);
    let clerk = stage.account("village.clerk", VILLAGE);
    let login = format!("village.clerk-{VILLAGE}");
    let new = NewPost {
        holder: stage.holder("village.supervisor", VILLAGE),
        name: "甲".into(),
        login: login.clone(),
        phone: String::new(),
        from: stage.app.now().day(),
        until: None,
    };
    let link = stage.app.give_post(admin, new).await.expect("given").expect("a link");
    let signed = stage.app.set_password_by_link(&link, "long-enough-1").await.expect("set");
    for by in [stage.account("village.secretary", VILLAGE), stage.account("county.dispatcher", COUNTY), clerk] {
        assert_eq!(refusal(stage.app.reset_password(by, clerk).await), "no_grant");
    }
    assert!(stage.app.session(&signed.token).await.expect("read").is_some(), "a refusal changes nothing");
    let token = stage.app.reset_password(admin, clerk).await.expect("void");
    assert!(stage.app.session(&signed.token).await.expect("read").is_none(), "signed out everywhere");
    assert_eq!(refusal(stage.app.sign_in(&login, "long-enough-1", "1.1.1.1").await), "form");
    assert_eq!(refusal(stage.app.sign_in(&login, "", "1.1.1.1").await), "form", "no password is no way in");
    stage.app.set_password_by_link(&token, "another-one-2").await.expect("set anew");
    assert!(stage.app.set_password_by_link(&token, "another-one-3").await.is_err(), "the link is used up");
    stage.app.sign_in(&login, "another-one-2", "1.1.1.1").await.expect("signed in");
    stage.sound().await;
}

async fn a_caller_s_earlier_matters_follow_the_readers_scope(stage: Stage) {
    let by = stage.who("county.dispatcher", COUNTY);
    let typed = [("category", "water.outage"), ("words", "停水两天了"), ("reporter_phone", "139-0000-0001")];
    let first = stage.open(by.clone(), "hotline", VILLAGE, &typed).await;
    let typed = [("category", "lamp"), ("words", "灯又不亮"), ("reporter_phone", "13900000001")];
    let second = stage.open(Who::Reporter, "report", FAR_VILLAGE, &typed).await;
    let desk = stage.account("county.dispatcher", COUNTY);
    let calls = async |account, phone: &str| {
        let found = stage.app.earlier_calls(account, phone).await.expect("read");
        found.iter().map(|m| m.number.clone()).collect::<Vec<_>>()
    };
    let mut both = calls(desk, "139 0000 0001").await;
    both.sort();
    assert_eq!(both, [first.number.clone(), second.number.clone()]);
    assert!(calls(desk, "0001").await.is_empty(), "the last four digits are no caller");
    assert!(calls(stage.account("unit.handler", WATER), "13900000001").await.is_empty(), "not theirs to see");
    assert_eq!(calls(stage.account("village.secretary", FAR_VILLAGE), "13900000001").await, [second.number]);
}
