//! Sessions, tries, one-time links.

use crate::support::{REALM, Twin, twins};
use xiangyue_store::Session;

twins!(
    a_session_begins_is_used_and_ends,
    tries_lock_a_key_and_a_new_window_opens_it,
    tries_at_the_same_time_are_all_counted,
    a_link_is_used_once,
);

fn session(token: &str, account: i64, made_at: i64) -> Session {
    Session { token: token.into(), account, csrf: "c".into(), made_at, seen_at: made_at, until: made_at + 1000 }
}

async fn a_session_begins_is_used_and_ends(twin: Twin) {
    let pool = &twin.pool;
    for (token, account) in [("a", 1), ("b", 1), ("c", 2)] {
        pool.add_session(REALM, &session(token, account, 100)).await.expect("begun");
    }
    assert_eq!(pool.session(REALM, "a").await.expect("read"), Some(session("a", 1, 100)));
    pool.touch_session(REALM, "a", 500).await.expect("used");
    assert_eq!(pool.session(REALM, "a").await.expect("read").map(|s| s.seen_at), Some(500));
    pool.end_sessions(REALM, "c", -1).await.expect("ended");
    assert!(pool.session(REALM, "c").await.expect("read").is_none());
    assert!(pool.session(REALM, "b").await.expect("read").is_some());
    pool.end_sessions(REALM, "", 1).await.expect("all of an account");
    assert!(pool.session(REALM, "a").await.expect("read").is_none());
    pool.add_session(REALM, &session("old", 3, 100)).await.expect("begun");
    pool.add_session(REALM, &session("new", 3, 9000)).await.expect("begun");
    assert!(pool.session(REALM, "old").await.expect("read").is_none(), "what has ended is forgotten");
    assert!(pool.session(REALM + 1, "new").await.expect("read").is_none());
}

async fn tries_lock_a_key_and_a_new_window_opens_it(twin: Twin) {
    let pool = &twin.pool;
    let attempt = async |now: i64| pool.attempt(REALM, "login/x", now, 100, (3, 50)).await.expect("counted");
    assert_eq!(attempt(1000).await, (1, 0));
    assert_eq!(attempt(1001).await, (2, 0));
    assert_eq!(pool.locked_until(REALM, "login/x").await.expect("read"), 0);
    assert_eq!(attempt(1002).await, (3, 1052));
    assert_eq!(pool.locked_until(REALM, "login/x").await.expect("read"), 1052);
    assert_eq!(attempt(1010).await.1, 1052, "a try while locked does not move the lock");
    assert_eq!(attempt(1200).await, (1, 1052), "another window");
    pool.clear_attempts(REALM, "login/x").await.expect("forgotten");
    assert_eq!(attempt(1201).await, (1, 0));
    assert_eq!(pool.locked_until(REALM, "login/y").await.expect("read"), 0);
}

async fn tries_at_the_same_time_are_all_counted(twin: Twin) {
    let tasks: Vec<_> = (0..24)
        .map(|_| {
            let pool = twin.pool.clone();
            tokio::spawn(async move { pool.attempt(REALM, "login/x", 1000, 100, (1000, 50)).await.expect("counted").0 })
        })
        .collect();
    let mut counts = Vec::new();
    for task in tasks {
        counts.push(task.await.expect("it ran"));
    }
    counts.sort_unstable();
    assert_eq!(counts, (1..=24).collect::<Vec<i64>>());
}

async fn a_link_is_used_once(twin: Twin) {
    let pool = &twin.pool;
    pool.add_link(REALM, "t", 7, 500).await.expect("made");
    assert_eq!(pool.link(REALM, "t", 500).await.expect("read"), Some(7));
    assert_eq!(pool.link(REALM, "t", 501).await.expect("read"), None, "it has run out");
    let (a, b) = tokio::join!(pool.use_link(REALM, "t"), pool.use_link(REALM, "t"));
    assert!(a.expect("used") != b.expect("used"), "one of two is first");
    assert_eq!(pool.link(REALM, "t", 1).await.expect("read"), None);
}
