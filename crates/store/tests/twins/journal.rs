//! The journal, its head and what hangs on it: answers to retries, counters, day heads, settings.

use crate::support::{REALM, Twin, entry, twins, write};
use xiangyue_store::{Arg, Batch, CommandKey, Head, Needed, Pool};

twins!(
    entries_come_back_as_they_were_written,
    a_head_is_made_once_and_moves,
    the_head_is_never_moved_by_two_at_once,
    what_is_not_committed_never_was,
    answers_and_counters_come_back,
    a_realm_knows_nothing_of_another,
);

async fn entries_come_back_as_they_were_written(twin: Twin) {
    let mut batch = Batch::default();
    batch.journal.extend((1000..1005).map(entry));
    batch.row("day_head", vec![7.into(), 1003.into(), "early".into()]);
    batch.row("day_head", vec![7.into(), 1004.into(), "late".into()]);
    batch.row("setting", vec!["pack".into(), "甲".into()]);
    let seq = write(&twin.pool, batch).await;
    let read = twin.pool.entries(REALM, 999, 3).await.expect("entries");
    assert_eq!(read, (1000..1003).map(entry).collect::<Vec<_>>());
    assert_eq!(twin.pool.entries_at(REALM, &[1004, 1001, 5555]).await.expect("entries"), [entry(1001), entry(1004)]);
    assert!(twin.pool.entries(REALM, 1004, 10).await.expect("entries").is_empty());
    assert_eq!(twin.pool.entries(REALM, 0, 1).await.expect("entries"), [entry(seq)]);
    assert_eq!(
        twin.pool.day_heads(REALM).await.expect("heads"),
        [(7, 1004, "late".to_owned())],
        "the last of a key stands"
    );
    assert_eq!(twin.pool.setting(REALM, "pack").await.expect("a setting").as_deref(), Some("甲"));
    let mut again = Batch::default();
    again.row("setting", vec!["pack".into(), "乙".into()]);
    again.row("day_head", vec![7.into(), 1009.into(), "later".into()]);
    write(&twin.pool, again).await;
    assert_eq!(twin.pool.setting(REALM, "pack").await.expect("a setting").as_deref(), Some("乙"));
    assert_eq!(twin.pool.day_heads(REALM).await.expect("heads")[0].1, 1009);
}

async fn a_head_is_made_once_and_moves(twin: Twin) {
    assert_eq!(twin.pool.head(REALM).await.expect("a head"), None);
    let mut tx = twin.pool.begin().await.expect("a transaction");
    let first = tx.head(REALM).await.expect("a head");
    assert_eq!(first, Head { next_id: 1, ..Head::default() });
    let moved = Head { seq: 9, hash: "h".into(), next_id: 44, directory: 3, pack: "p".into(), rolled: 7, part: 2 };
    tx.set_head(REALM, &moved).await.expect("moved");
    tx.commit().await.expect("durable");
    assert_eq!(twin.pool.head(REALM).await.expect("a head"), Some(moved));
    assert_eq!(twin.pool.realms().await.expect("realms"), [REALM]);
}

async fn add_one(pool: Pool) {
    for _ in 0..12 {
        let mut tx = pool.begin().await.expect("a transaction");
        let head = tx.head(REALM).await.expect("a head");
        tx.set_head(REALM, &Head { seq: head.seq + 1, ..head }).await.expect("moved");
        tx.commit().await.expect("durable");
    }
}

async fn the_head_is_never_moved_by_two_at_once(twin: Twin) {
    let other = Pool::open(&twin.url).await.expect("another process");
    let tasks: Vec<_> =
        (0..6).map(|i| tokio::spawn(add_one(if i % 2 == 0 { twin.pool.clone() } else { other.clone() }))).collect();
    for task in tasks {
        task.await.expect("it ran");
    }
    assert_eq!(twin.pool.head(REALM).await.expect("a head").expect("a head").seq, 72);
}

async fn what_is_not_committed_never_was(twin: Twin) {
    let mut batch = Batch::default();
    batch.journal.push(entry(500));
    let mut tx = twin.pool.begin().await.expect("a transaction");
    batch.write(&mut tx, REALM).await.expect("written");
    drop(tx);
    assert!(twin.pool.entries(REALM, 0, 10).await.expect("entries").is_empty());
    // One that cannot be written leaves nothing of the others: the entry's place is taken.
    for (first, value) in [(true, "b"), (false, "c")] {
        let mut batch = Batch::default();
        batch.journal.push(entry(500));
        batch.row("setting", vec!["a".into(), value.into()]);
        let mut tx = twin.pool.begin().await.expect("a transaction");
        let done = batch.write(&mut tx, REALM).await.is_ok() && tx.commit().await.is_ok();
        assert_eq!(done, first, "a file says it with the commit");
    }
    assert_eq!(twin.pool.setting(REALM, "a").await.expect("a setting").as_deref(), Some("b"));
    assert_eq!(twin.pool.entries(REALM, 0, 10).await.expect("entries").len(), 1);
}

async fn answers_and_counters_come_back(twin: Twin) {
    let mut batch = Batch::default();
    batch.keys.push(CommandKey { key: "k'1".into(), seq: 3, reply: "{\"seq\":3}".into() });
    batch.counters.insert("matter/2026-01-01".into(), 4);
    write(&twin.pool, batch).await;
    let mut batch = Batch::default();
    batch.counters.insert("matter/2026-01-01".into(), 9);
    write(&twin.pool, batch).await;
    assert_eq!(twin.pool.reply(REALM, "k'1").await.expect("a reply").as_deref(), Some("{\"seq\":3}"));
    assert_eq!(twin.pool.reply(REALM, "k2").await.expect("none"), None);
    let mut tx = twin.pool.begin().await.expect("a transaction");
    let (keys, counters) = (["k'1".to_owned(), "k2".to_owned()], ["matter/2026-01-01".to_owned(), "x".to_owned()]);
    let needed = Needed { keys: &keys, counters: &counters, ..Needed::default() };
    let (_, standing) = tx.standing(REALM, needed).await.expect("read");
    assert_eq!(standing.replies, [("k'1".to_owned(), "{\"seq\":3}".to_owned())]);
    assert_eq!(standing.counters, [("matter/2026-01-01".to_owned(), 9)]);
    let (_, nothing) = tx.standing(REALM, Needed::default()).await.expect("read");
    assert!(nothing.replies.is_empty() && nothing.counters.is_empty() && nothing.matters.is_empty());
    // The same key twice is a fault of the writer and never silently overwritten.
    let mut twice = Batch::default();
    twice.keys.push(CommandKey { key: "k'1".into(), seq: 8, reply: String::new() });
    let written = twice.write(&mut tx, REALM).await;
    assert!(written.is_err() || tx.commit().await.is_err(), "a file says it with the commit");
}

async fn a_realm_knows_nothing_of_another(twin: Twin) {
    let mut batch = Batch::default();
    batch.row("setting", vec!["pack".into(), "甲".into()]);
    let seq = write(&twin.pool, batch).await;
    assert_eq!(twin.pool.setting(REALM + 1, "pack").await.expect("none"), None);
    assert!(twin.pool.entries(REALM + 1, 0, 10).await.expect("none").is_empty());
    let rows =
        twin.pool.dump("select seq from journal where realm = $1 and seq > $2 order by seq limit $3", REALM, 0, 9);
    assert_eq!(rows.await.expect("rows")[0].0, [Arg::Int(seq)]);
}
