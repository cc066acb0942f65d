//! Accounts and posts: sessions, lock-out, grants.

use crate::stage::{COUNTY, OTHER_TOWN, Stage, TOWN, VILLAGE, refusal, twins};
use xiangyue_app::AppError;
use xiangyue_app::people::NewPost;
use xiangyue_domain::ids::AccountId;

twins!(
    a_session_ends_with_the_last_post,
    five_wrong_passwords_lock_for_a_while,
    nobody_grants_beyond_their_own_rights,
    a_link_sets_a_password_once,
    a_session_ends_by_itself,
);

/// Gives an account a password by a link, as the first one gets it.
async fn with_password(stage: &Stage, post: &str, seat: &str) -> (AccountId, String) {
    let admin = stage.account("county.admin", COUNTY);
    let login = format!("{post}-{seat}");
    let new = NewPost {
        holder: stage.holder("village.supervisor", VILLAGE),
        name: "甲".into(),
        login: login.clone(),
        phone: String::new(),
        from: stage.app.now().day(),
        until: None,
    };
    let link = stage.app.give_post(admin, new).await.expect("given").expect("a link, since there is no password yet");
    let signed = stage.app.set_password_by_link(&link, "long-enough-1").await.expect("set");
    assert_eq!(signed.account, stage.account(post, seat));
    (signed.account, login)
}

async fn a_session_ends_with_the_last_post(stage: Stage) {
    let (account, login) = with_password(&stage, "village.clerk", VILLAGE).await;
    let signed = stage.app.sign_in(&login, "long-enough-1", "1.1.1.1").await.expect("signed in");
    assert_eq!(stage.app.session(&signed.token).await.expect("read").map(|s| s.0.id), Some(account));
    let admin = stage.account("county.admin", COUNTY);
    let directory = stage.app.directory();
    let terms: Vec<_> = directory.terms.values().filter(|t| t.account == account).map(|t| t.id).collect();
    assert_eq!(terms.len(), 2);
    for term in terms {
        stage.app.end_post(admin, term).await.expect("ended");
    }
    assert!(stage.app.session(&signed.token).await.expect("read").is_none());
    assert_eq!(refusal(stage.app.sign_in(&login, "long-enough-1", "1.1.1.1").await), "form");
    // A term that runs out by itself ends the session as well, though nobody touched it.
    let stage = stage.again().await;
    assert!(stage.app.session(&signed.token).await.expect("read").is_none());
    stage.sound().await;
}

async fn five_wrong_passwords_lock_for_a_while(stage: Stage) {
    let (_, login) = with_password(&stage, "village.clerk", VILLAGE).await;
    for _ in 0..5 {
        assert_eq!(refusal(stage.app.sign_in(&login, "wrong-pass-1", "1.1.1.1").await), "form");
    }
    let locked = stage.app.sign_in(&login, "long-enough-1", "2.2.2.2").await;
    assert!(matches!(locked, Err(AppError::Limited(s)) if s > 0 && s <= 900), "{locked:?}");
    let other = stage.app.sign_in("nobody-here", "long-enough-1", "1.1.1.1").await;
    assert_eq!(refusal(other), "form", "others may still try, and an unknown name is answered alike");
    let stage = stage.again().await;
    assert!(stage.app.sign_in(&login, "long-enough-1", "2.2.2.2").await.is_err(), "a restart opens nothing");
    stage.set(stage.app.now().plus_ms(15 * 60_000 + 1));
    stage.app.sign_in(&login, "long-enough-1", "2.2.2.2").await.expect("after a quarter of an hour");
}

async fn nobody_grants_beyond_their_own_rights(stage: Stage) {
    let day = stage.app.now().day();
    let give = async |by: AccountId, post: &str, seat: &str, login: &str| {
        let new = NewPost {
            holder: stage.holder(post, seat),
            name: "乙".into(),
            login: login.into(),
            phone: String::new(),
            from: day,
            until: None,
        };
        stage.app.give_post(by, new).await
    };
    let admin = stage.account("county.admin", COUNTY);
    give(admin, "town.dispatcher", TOWN, "newcomer").await.expect("an administrator may");
    assert_eq!(refusal(give(admin, "town.dispatcher", TOWN, "newcomer").await), "form", "not twice");
    let head = stage.head().await;
    for by in ["county.dispatcher", "county.office", "county.auditor"] {
        let by = stage.account(by, COUNTY);
        assert_eq!(refusal(give(by, "grid.worker", "9911011002001001", "someone").await), "no_grant");
    }
    let town = stage.account("town.dispatcher", TOWN);
    assert_eq!(refusal(give(town, "town.dispatcher", OTHER_TOWN, "someone").await), "no_grant");
    // A post stands at a seat of its own level.
    for (post, seat) in [
        ("village.secretary", TOWN),
        ("town.dispatcher", VILLAGE),
        ("unit.handler", COUNTY),
        ("county.duty", "unit.water"),
    ] {
        assert_eq!(refusal(give(admin, post, seat, "someone").await), "no_grant", "{post} at {seat}");
    }
    for login in ["", "ab", "名字", "a b c", "x'; drop"] {
        assert_eq!(refusal(give(admin, "village.clerk", VILLAGE, login).await), "form", "{login:?}");
    }
    assert_eq!(stage.head().await, head, "nothing was written");
    let term = stage.app.directory().terms.values().find(|t| t.account == admin).expect("a term").id;
    assert_eq!(refusal(stage.app.end_post(town, term).await), "no_grant");
}

async fn a_link_sets_a_password_once(stage: Stage) {
    let admin = stage.account("county.admin", COUNTY);
    let new = NewPost {
        holder: stage.holder("village.clerk", VILLAGE),
        name: "丙".into(),
        login: "third".into(),
        phone: String::new(),
        from: stage.app.now().day(),
        until: None,
    };
    let link = stage.app.give_post(admin, new).await.expect("given").expect("a link");
    assert_eq!(stage.app.link_login(&link).await.expect("read").as_deref(), Some("third"));
    for weak in ["short1", "onlyletters", "12345678"] {
        assert_eq!(refusal(stage.app.set_password_by_link(&link, weak).await), "form", "{weak}");
    }
    let (a, b) = tokio::join!(
        stage.app.set_password_by_link(&link, "long-enough-1"),
        stage.app.set_password_by_link(&link, "long-enough-2"),
    );
    assert!(a.is_ok() != b.is_ok(), "one of two is first");
    assert_eq!(refusal(stage.app.set_password_by_link(&link, "long-enough-3").await), "not_found");
    stage.sound().await;
}

async fn a_session_ends_by_itself(stage: Stage) {
    let (_, login) = with_password(&stage, "village.clerk", VILLAGE).await;
    let idle = stage.app.sign_in(&login, "long-enough-1", "1.1.1.1").await.expect("signed in").token;
    stage.wait_hours(2);
    assert!(stage.app.session(&idle).await.expect("read").is_some());
    stage.wait_hours(3);
    assert!(stage.app.session(&idle).await.expect("read").is_none(), "nobody used it");
    let busy = stage.app.sign_in(&login, "long-enough-1", "1.1.1.1").await.expect("signed in").token;
    for _ in 0..12 {
        stage.wait_hours(1);
        assert!(stage.app.session(&busy).await.expect("read").is_some());
    }
    stage.wait_hours(1);
    assert!(stage.app.session(&busy).await.expect("read").is_none(), "nor does a used one last for ever");
    let gone = stage.app.sign_in(&login, "long-enough-1", "1.1.1.1").await.expect("signed in").token;
    stage.app.sign_out(&gone).await.expect("signed out");
    assert!(stage.app.session(&gone).await.expect("read").is_none());
}
