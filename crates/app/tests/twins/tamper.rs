//! Whatever is changed past the use cases is noticed and named.

use crate::ledger::homes;
use crate::stage::{Stage, VILLAGE, by_hand, filled, twins};
use xiangyue_app::matter::OpenForm;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{HouseholdId, PersonId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::register::{Person, RegisterEvent};

twins!(
    a_changed_byte_of_the_journal_is_named,
    a_cut_tail_is_noticed,
    a_changed_row_is_named,
    what_hangs_on_matters_and_registers_is_compared,
);

async fn worked(stage: &Stage) -> i64 {
    let receipt = stage.report(VILLAGE, "lamp").await;
    let seq = stage.head().await;
    let secretary = stage.account("village.secretary", VILLAGE);
    stage.go(secretary, receipt.matter, "solve", &[("reply", "好了")]).await.expect("solved");
    stage.report(VILLAGE, "road").await;
    stage.sound().await;
    // What is kept back cannot be tampered with in the table.
    stage.app.settle_facts().await.expect("written");
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

/// A household with somebody in it, and a report that names the village's secretary.
async fn peopled(stage: &Stage) {
    let home = homes(stage, VILLAGE, 2).await[0];
    let (key, sealed) = ("p-key".to_owned(), "c2VhbGVk".to_owned());
    let person =
        Person { id: PersonId(home.id + 50), key, sealed, region: home.place, household: Some(HouseholdId(home.id)) };
    let event = Event::Register(RegisterEvent::PeopleAdded { people: vec![person] });
    let decide = move |_: &mut xiangyue_app::Ids, _: &_, _: &_| Ok(vec![event]);
    let command = xiangyue_app::Command::Register(Box::new(decide));
    stage.app.send(Who::System, None, command, xiangyue_app::Beside::default()).await.expect("entered");
    let named = vec![stage.account("village.secretary", VILLAGE)];
    let typed = filled(&[("category", "lamp"), ("words", "灯不亮")]);
    let form = OpenForm { kind: "report".into(), place: stage.place(VILLAGE), typed, named, ..OpenForm::default() };
    stage.open_form(Who::Reporter, form).await.expect("taken in");
}

async fn what_hangs_on_matters_and_registers_is_compared(stage: Stage) {
    worked(&stage).await;
    peopled(&stage).await;
    stage.sound().await;
    let one = |table: &str, key: &str| format!("{key} = (select min({key}) from {table})");
    for (table, key, change, undo) in [
        ("person", "id", "household = household + 1", "household = household - 1"),
        ("person", "id", "region = region + 1", "region = region - 1"),
        ("person", "id", "state = replace(state, 'p-key', 'q-key')", "state = replace(state, 'q-key', 'p-key')"),
        ("household", "id", "number = number || 'x'", "number = substr(number, 1, length(number) - 1)"),
        ("household", "id", "state = replace(state, 'H000', 'G000')", "state = replace(state, 'G000', 'H000')"),
        ("counter", "name", "n = n + 1", "n = n - 1"),
        ("receipt", "digest", "matter = matter + 1", "matter = matter - 1"),
        ("day_head", "day", "seq = seq - 1", "seq = seq + 1"),
        ("matter_bar", "key", "matter = matter + 7000", "matter = matter - 7000"),
    ] {
        let (from, to) = (format!("update {table} set {change} where "), format!("update {table} set {undo} where "));
        let (_, rebuild) = changed(&stage, &(from + &one(table, key)), &(to + &one(table, key))).await;
        assert!(rebuild.as_ref().is_some_and(|r| r.starts_with(table)), "{table} {change}: {rebuild:?}");
    }
    // A key comes under another matter, and one that never was among them: both ways are compared.
    for (table, columns) in [("matter_party", "key, matter"), ("matter_bar", "matter, key")] {
        let more = format!(
            "insert into {table} (realm, {columns}) select realm, {} from {table} order by key, matter limit 1",
            columns.replace("key", "key || '~'")
        );
        let (_, rebuild) = changed(&stage, &more, &format!("delete from {table} where key like '%~'")).await;
        assert!(rebuild.as_ref().is_some_and(|r| r.starts_with(table)), "{table}: {rebuild:?}");
    }
    // The last one compared goes first, so that each is found although those before are gone already.
    for table in ["day_head", "counter", "receipt", "matter_party", "matter_bar", "household", "person"] {
        assert!(by_hand(stage.app.pool(), &format!("delete from {table}"), &[]).await > 0, "{table} has rows");
        let rebuild = stage.app.check_rebuild().await.expect("checked").fault;
        assert!(rebuild.as_ref().is_some_and(|r| r.starts_with(table)), "{table}: {rebuild:?}");
    }
}
