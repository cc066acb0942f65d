//! Telephones that are told: found by token and by village, counted, and forgotten with their keys.

use crate::support::{REALM, Twin, VILLAGES, twins, write};
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::{RegionId, SubscriptionId};
use xiangyue_domain::subscription::{Ask, Deed, Subscription, SubscriptionEvent};
use xiangyue_store::Batch;

twins!(a_number_is_found_and_counted, what_ended_is_forgotten_with_its_key);

fn one(id: i64, village: i64) -> Subscription {
    Subscription {
        id: SubscriptionId(id),
        village: RegionId(village),
        key: format!("key{id}"),
        number: "sealed".into(),
        asked: Some(Ask { deed: Deed::Start, from: Time(10), until: Time(20) }),
        since: None,
        ended: None,
    }
}

async fn put(twin: &Twin, all: &[(&str, &Subscription)]) {
    let mut batch = Batch::default();
    for (token, s) in all {
        batch.row("subject_key", vec![s.key.as_str().into(), "wrapped".into()]);
        batch.subscription(s);
        batch.subscription_token(token, s.id.0);
    }
    write(&twin.pool, batch).await;
}

fn started(mut s: Subscription) -> Subscription {
    s.apply(&SubscriptionEvent::Started { id: s.id, at: Time(15) });
    s
}

async fn a_number_is_found_and_counted(twin: Twin) {
    let (asked, told, other) = (one(1, VILLAGES[0]), started(one(2, VILLAGES[1])), started(one(3, VILLAGES[0])));
    put(&twin, &[("a", &asked), ("a", &told), ("b", &other)]).await;
    assert_eq!(twin.pool.subscriptions_of(REALM, "a").await.expect("found"), [asked.clone(), told.clone()]);
    assert!(twin.pool.subscriptions_of(REALM, "c").await.expect("found").is_empty());
    assert_eq!(twin.pool.subscribers(REALM, VILLAGES[0]).await.expect("counted"), 1, "who only asked is not told");
    let mut tx = twin.pool.begin().await.expect("begun");
    let of_two = tx.told_of(REALM, &VILLAGES).await.expect("found");
    assert_eq!(of_two, [(VILLAGES[0], 3), (VILLAGES[1], 2)]);
    let both = tx.subscriptions_of(REALM, &["a".into(), "b".into()]).await.expect("found");
    assert_eq!(both.iter().map(|(t, s)| (t.as_str(), s.id.0)).collect::<Vec<_>>(), [("a", 1), ("a", 2), ("b", 3)]);
    drop(tx);
    let late = asked.lapses().expect("it lapses").0;
    assert!(twin.pool.lapsed_subscriptions(REALM, late, 9).await.expect("found").is_empty());
    assert_eq!(twin.pool.lapsed_subscriptions(REALM, late + 1, 9).await.expect("found"), [1]);
}

async fn what_ended_is_forgotten_with_its_key(twin: Twin) {
    let (gone, stays) = (started(one(1, VILLAGES[0])), started(one(2, VILLAGES[0])));
    put(&twin, &[("a", &gone), ("b", &stays)]).await;
    let mut ended = gone.clone();
    ended.apply(&SubscriptionEvent::Ended { id: gone.id, at: Time(30) });
    for _ in 0..2 {
        let mut batch = Batch::default();
        batch.subscription(&ended);
        write(&twin.pool, batch).await;
        assert!(twin.pool.subscriptions_of(REALM, "a").await.expect("found").is_empty());
        assert_eq!(twin.pool.wrapped_key(REALM, "key1").await.expect("read"), None);
        assert!(twin.pool.wrapped_key(REALM, "key2").await.expect("read").is_some());
        assert_eq!(twin.pool.subscribers(REALM, VILLAGES[0]).await.expect("counted"), 1);
        assert_eq!(twin.pool.all_subscriptions(REALM).await.expect("read"), [ended.clone(), stays.clone()]);
    }
}
