//! The outbox, notices on desks, and the log of who read whose particulars.

use crate::support::{REALM, Twin, twins, write};
use xiangyue_store::{Arg, Batch, Notice};

twins!(
    the_outbox_is_emptied_once,
    a_notice_is_on_one_desk_once,
    what_fails_waits_and_tells_why,
    what_one_has_in_hand_no_other_takes,
    reads_are_written_down
);

async fn posted(twin: &Twin, ids: &[i64]) {
    let mut batch = Batch::default();
    for id in ids {
        let row: Vec<Arg> = vec![
            (*id).into(),
            100.into(),
            "sms".into(),
            "5".into(),
            "{}".into(),
            0.into(),
            (100 + id).into(),
            Arg::Null,
            "".into(),
        ];
        batch.row("outbox", row);
    }
    write(&twin.pool, batch).await;
}

fn notice(id: i64) -> Notice {
    Notice { id, at: 100, matter: 5, what: "assigned".into(), read: false }
}

async fn the_outbox_is_emptied_once(twin: Twin) {
    posted(&twin, &[1, 2, 3]).await;
    let due = twin.pool.outbox_due(REALM, 102, 10).await.expect("due");
    assert_eq!(due.iter().map(|r| r.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((due[0].recipient.as_str(), due[0].attempts), ("5", 0));
    for _ in 0..2 {
        twin.pool.mark_outbox(REALM, 200, &[1, 2], &[]).await.expect("done, and again");
    }
    assert_eq!(twin.pool.outbox_due(REALM, 999, 10).await.expect("due").len(), 1);
}

async fn a_notice_is_on_one_desk_once(twin: Twin) {
    for _ in 0..2 {
        let mut batch = Batch::default();
        for (account, id) in [(9, 1), (9, 2), (8, 1)] {
            let row: Vec<Arg> = [account, id, 100, 5].map(Arg::Int).to_vec();
            batch.row("notice", row.into_iter().chain(["assigned".into(), Arg::Null]).collect());
        }
        write(&twin.pool, batch).await;
    }
    assert_eq!(twin.pool.notices(REALM, 9, 10).await.expect("notices"), [notice(2), notice(1)]);
    assert_eq!(twin.pool.unread(REALM, 9).await.expect("unread"), 2);
    twin.pool.mark_read(REALM, 9, 300).await.expect("read");
    assert_eq!(twin.pool.unread(REALM, 9).await.expect("unread"), 0);
    assert_eq!(twin.pool.unread(REALM, 8).await.expect("unread"), 1, "somebody else's stay");
    assert!(twin.pool.notices(REALM, 9, 1).await.expect("notices")[0].read);
}

async fn what_fails_waits_and_tells_why(twin: Twin) {
    posted(&twin, &[1]).await;
    twin.pool.mark_outbox(REALM, 200, &[], &[(1, "没有通道".into(), 900)]).await.expect("noted");
    assert!(twin.pool.outbox_due(REALM, 899, 10).await.expect("due").is_empty());
    let due = twin.pool.outbox_due(REALM, 900, 10).await.expect("due");
    assert_eq!(due[0].attempts, 1);
    let error = twin.pool.rows("select error from outbox where realm = $1", &[REALM.into()]).await.expect("rows");
    assert_eq!(error[0].text(0), "没有通道");
}

async fn what_one_has_in_hand_no_other_takes(twin: Twin) {
    posted(&twin, &[1, 2]).await;
    assert_eq!(twin.pool.claim_outbox(REALM, 101, &[1, 2], 900).await.expect("taken"), [1], "the other is not due");
    assert!(twin.pool.claim_outbox(REALM, 101, &[1, 2], 900).await.expect("taken").is_empty());
    assert_eq!(twin.pool.claim_outbox(REALM, 900, &[1], 999).await.expect("taken"), [1], "given back after a while");
    twin.pool.mark_outbox(REALM, 901, &[1], &[]).await.expect("done");
    assert!(twin.pool.claim_outbox(REALM, 9999, &[1], 99_999).await.expect("taken").is_empty());
}

async fn reads_are_written_down(twin: Twin) {
    for (at, account, reason) in [(60_000, 1, ""), (60_500, 1, "again"), (61_000, 2, "因回访"), (120_000, 1, "")] {
        let mut batch = Batch::default();
        let row: Vec<Arg> = [5, at - at % 60_000, account].map(Arg::Int).to_vec();
        batch.row("read_log", row.into_iter().chain(["reporter".into(), reason.into()]).collect());
        write(&twin.pool, batch).await;
    }
    let reads = twin.pool.reads(REALM, 5).await.expect("reads");
    let who: Vec<(i64, i64, &str)> = reads.iter().map(|r| (r.0, r.1, r.3.as_str())).collect();
    assert_eq!(who, [(120_000, 1, ""), (60_000, 1, ""), (60_000, 2, "因回访")]);
    assert!(twin.pool.reads(REALM, 6).await.expect("reads").is_empty());
}
