//! Whatever is changed past the use cases is noticed and named.

use crate::stage::{Stage, VILLAGE, by_hand, twins};

twins!(a_changed_byte_of_the_journal_is_named, a_cut_tail_is_noticed, a_changed_row_is_named);

async fn worked(stage: &Stage) -> i64 {
    let receipt = stage.report(VILLAGE, "lamp").await;
    let seq = stage.head().await;
    let secretary = stage.account("village.secretary", VILLAGE);
    stage.go(secretary, receipt.matter, "solve", &[("reply", "好了")]).await.expect("solved");
    stage.report(VILLAGE, "road").await;
    stage.sound().await;
    seq
}

/// Makes a change and looks; then undoes it, and all must hold again.
async fn changed(stage: &Stage, change: &str, undo: &str) -> (Option<String>, Option<String>) {
    assert_eq!(by_hand(stage.app.pool(), change, &[]).await, 1, "{change}");
    let found = (stage.verify().await, stage.app.check_rebuild().await.expect("checked").fault);
    assert_eq!(by_hand(stage.app.pool(), undo, &[]).await, 1, "{undo}");
    stage.sound().await;
    found
}

async fn a_changed_byte_of_the_journal_is_named(stage: Stage) {
    let seq = worked(&stage).await;
    let at = format!("{}/{seq}:", stage.app.realm());
    for (column, from, to) in [
        ("body", "lamp", "lamq"),
        ("body", "\"who\"", "\"whp\""),
        ("actor", "reporter", "reportes"),
        ("command", "report.open", "report.opeo"),
    ] {
        let swap = |a: &str, b: &str| {
            format!("update journal set {column} = replace({column}, '{a}', '{b}') where seq = {seq}")
        };
        let (verify, _) = changed(&stage, &swap(from, to), &swap(to, from)).await;
        assert!(verify.as_ref().is_some_and(|v| v.starts_with(&at)), "{column}: {verify:?}");
    }
    for (column, change, undo) in [
        ("at", "at + 1", "at - 1"),
        ("hash", "hash || 'x'", "substr(hash, 1, 64)"),
        ("prev", "prev || 'x'", "substr(prev, 1, 64)"),
        ("pack", "pack || 'x'", "substr(pack, 1, 64)"),
    ] {
        let set = |to: &str| format!("update journal set {column} = {to} where seq = {seq}");
        let (verify, _) = changed(&stage, &set(change), &set(undo)).await;
        assert!(verify.as_ref().is_some_and(|v| v.starts_with(&at)), "{column}: {verify:?}");
    }
    let moved = |from: i64, to: i64| format!("update journal set seq = {to} where seq = {from}");
    let (verify, _) = changed(&stage, &moved(seq, 9_999_999), &moved(9_999_999, seq)).await;
    assert!(verify.as_ref().is_some_and(|v| v.starts_with(&at)), "a missing entry: {verify:?}");
}

async fn a_cut_tail_is_noticed(stage: Stage) {
    worked(&stage).await;
    let last = stage.head().await;
    by_hand(stage.app.pool(), &format!("delete from journal where seq = {last}"), &[]).await;
    let missing = format!("{}/{last}:", stage.app.realm());
    assert!(stage.verify().await.is_some_and(|v| v.starts_with(&missing)));
    // Even when the head is made to fit: what was published for the day stands against it.
    let fit =
        format!("update realm_head set seq = {}, hash = (select hash from journal where seq = {})", last - 1, last - 1);
    by_hand(stage.app.pool(), &fit, &[]).await;
    assert!(stage.verify().await.is_some_and(|v| v.starts_with(&missing)));
    assert!(
        stage.app.check_rebuild().await.expect("checked").fault.is_some(),
        "and the tables know more than the journal"
    );
}

async fn a_changed_row_is_named(stage: Stage) {
    worked(&stage).await;
    let id = "(select min(id) from matter)";
    for (table, change, undo) in [
        ("matter", format!("update matter set step = step || 'x' where id = {id}"), format!("update matter set step = substr(step, 1, length(step) - 1) where id = {id}")),
        ("matter", format!("update matter set village = village + 1 where id = {id}"), format!("update matter set village = village - 1 where id = {id}")),
        ("matter", format!("update matter set state = replace(state, 'village', 'villagf') where id = {id}"), format!("update matter set state = replace(state, 'villagf', 'village') where id = {id}")),
        ("matter", format!("update matter set gone = 1 where id = {id}"), format!("update matter set gone = 0 where id = {id}")),
        ("fact", "update fact set delta = delta + 1 where seq = (select min(seq) from fact) and n = 1".into(), "update fact set delta = delta - 1 where seq = (select min(seq) from fact) and n = 1".into()),
        ("fact", "update fact set day = day + 1 where seq = (select max(seq) from fact) and n = 1".into(), "update fact set day = day - 1 where seq = (select max(seq) from fact) and n = 1".into()),
        ("fact", "update fact set seq = seq + 5000 where seq = (select max(seq) from fact) and n = 1".into(), "update fact set seq = seq - 5000 where seq = (select max(seq) from fact) and n = 1".into()),
        ("rollup", "update rollup set n = n + 1 where measure = 'report.accepted' and bucket = 'lamp' and axis = 'd' and grain = 'M' and place = (select min(place) from rollup)".into(),
            "update rollup set n = n - 1 where measure = 'report.accepted' and bucket = 'lamp' and axis = 'd' and grain = 'M' and place = (select min(place) from rollup)".into()),
        ("rollup", "update rollup set place = place + 5000 where measure = 'report.accepted' and bucket = 'lamp' and axis = 'c' and grain = 'D' and place = (select min(place) from rollup)".into(),
            "update rollup set place = place - 5000 where measure = 'report.accepted' and bucket = 'lamp' and axis = 'c' and grain = 'D' and place > 5000".into()),
        ("directory", "update account set state = replace(state, '\"closed\":false', '\"closed\":true') where id = (select min(id) from account)".into(),
            "update account set state = replace(state, '\"closed\":true', '\"closed\":false') where id = (select min(id) from account)".into()),
        ("directory", "update region set state = replace(state, '东坡村', '东坡寸') where state like '%东坡村委会%'".into(),
            "update region set state = replace(state, '东坡寸', '东坡村') where state like '%东坡寸%'".into()),
    ] {
        let (verify, rebuild) = changed(&stage, &change, &undo).await;
        assert_eq!(verify, None, "the journal itself was not touched");
        assert!(rebuild.as_ref().is_some_and(|r| r.starts_with(table)), "{change}: {rebuild:?}");
    }
}
