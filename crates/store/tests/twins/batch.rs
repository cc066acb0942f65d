//! Every table that a group of commands writes: what goes in comes back, and what meets an older row does what its
//! conflict clause says.

use crate::support::{REALM, Twin, Want, all, holder, store, twins, write};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::policy::Phase;
use xiangyue_store::{Arg, Batch, Pool};

twins!(
    a_matter_comes_back_whole,
    a_matter_written_again_is_the_newer_one,
    small_tables_do_what_their_clause_says,
    texts_of_every_kind_come_back,
    more_rows_than_one_statement_takes,
);

async fn a_matter_comes_back_whole(twin: Twin) {
    let want = Want { holder: Some(holder("secretary", 111)), opener: Some(5), due: Some(99), ..Want::new(7, 1111) };
    store(&twin.pool, std::slice::from_ref(&want), false).await;
    let read = twin.pool.find_matter(REALM, &all(), MatterId(7)).await.expect("read").expect("it is there");
    assert_eq!(read, want.matter());
    let mut tx = twin.pool.begin().await.expect("a transaction");
    let read = tx.matters(REALM, &[7, 8]).await.expect("read");
    assert_eq!(read.into_iter().map(|s| s.matter).collect::<Vec<_>>(), [want.matter()]);
}

async fn a_matter_written_again_is_the_newer_one(twin: Twin) {
    store(&twin.pool, &[Want { due: Some(5), ..Want::new(7, 1111) }], false).await;
    let newer = Want { phase: Phase::Closed, ..Want::new(7, 121) };
    store(&twin.pool, std::slice::from_ref(&newer), false).await;
    assert_eq!(twin.pool.count_matters(REALM).await.expect("count"), 1);
    assert_eq!(twin.pool.matters_any(REALM, &[7]).await.expect("read"), [newer.matter()]);
    assert!(twin.pool.due_matters(REALM, 1000, 10).await.expect("due").is_empty(), "its clock is gone");
    store(&twin.pool, &[Want { voided: true, ..newer }], false).await;
    assert_eq!(twin.pool.count_matters(REALM).await.expect("count"), 0);
    assert!(twin.pool.find_matter(REALM, &all(), MatterId(7)).await.expect("read").is_none());
}

async fn rows(pool: &Pool, sql: &'static str) -> Vec<Vec<Arg>> {
    pool.rows(sql, &[REALM.into()]).await.expect("rows").into_iter().map(|r| r.0).collect()
}

async fn small_tables_do_what_their_clause_says(twin: Twin) {
    for word in ["old", "new"] {
        let mut batch = Batch::default();
        batch.row("region", vec![1.into(), "town".into(), word.into(), word.into()]);
        batch.row("natural_unit", vec!["u".into(), 1.into(), word.into()]);
        batch.row("org", vec![1.into(), "unit.x".into(), word.into()]);
        batch.row("account", vec![1.into(), word.into(), word.into()]);
        batch.row(
            "term",
            vec![1.into(), 1.into(), "a@1".into(), 0.into(), i64::from(word == "new").into(), word.into()],
        );
        batch.row("person", vec![1.into(), 1.into(), Arg::Null, word.into()]);
        batch.row("household", vec![1.into(), 1.into(), "H1".into(), word.into()]);
        batch.row("matter_bar", vec![1.into(), "account:1".into()]);
        batch.row("matter_party", vec!["a@1".into(), 1.into()]);
        batch.row("receipt", vec!["d".into(), i64::from(word == "new").into()]);
        batch.row("search_token", vec!["t".into(), 1.into()]);
        batch.row("subject_key", vec!["k".into(), word.into()]);
        write(&twin.pool, batch).await;
    }
    let text = |s: &str| Arg::from(s);
    for (sql, state) in [
        ("select state from region where realm = $1", "new"),
        ("select code from region where realm = $1", "new"),
        ("select state from natural_unit where realm = $1", "new"),
        ("select state from org where realm = $1", "new"),
        ("select state from account where realm = $1", "new"),
        ("select login from account where realm = $1", "new"),
        ("select state from term where realm = $1", "new"),
        ("select state from person where realm = $1", "new"),
        ("select state from household where realm = $1", "new"),
        ("select wrapped from subject_key where realm = $1", "old"),
        ("select key from matter_bar where realm = $1", "account:1"),
        ("select key from matter_party where realm = $1", "a@1"),
        ("select token from search_token where realm = $1", "t"),
    ] {
        assert_eq!(rows(&twin.pool, sql).await, [[text(state)]], "{sql}");
    }
    assert_eq!(rows(&twin.pool, "select to_day from term where realm = $1").await, [[Arg::Int(1)]]);
    assert_eq!(rows(&twin.pool, "select matter from receipt where realm = $1").await, [[Arg::Int(1)]]);
    assert_eq!(rows(&twin.pool, "select household from person where realm = $1").await, [[Arg::Null]]);
}

async fn texts_of_every_kind_come_back(twin: Twin) {
    let odd = ["", "隰县崾崄𠮷", "a'b\"c\\d", "{\"j\":[1]}", "\u{1}\n\r\t", "null", "-17", "1e9", "%_", "👩🏽‍🌾"];
    for (i, word) in (0..).zip(odd) {
        let mut batch = Batch::default();
        batch.row("org", vec![i.into(), word.into(), word.into()]);
        write(&twin.pool, batch).await;
    }
    let read = rows(&twin.pool, "select unit, state from org where realm = $1 order by id").await;
    let expected: Vec<Vec<Arg>> = odd.iter().map(|w| vec![Arg::from(*w), Arg::from(*w)]).collect();
    assert_eq!(read, expected);
    let mut batch = Batch::default();
    batch.row("org", vec![99.into(), "a\0b".into(), i64::MAX.to_string().into()]);
    batch.row("receipt", vec!["most".into(), i64::MAX.into()]);
    batch.row("receipt", vec!["least".into(), i64::MIN.into()]);
    write(&twin.pool, batch).await;
    assert_eq!(rows(&twin.pool, "select unit from org where realm = $1 and id = 99").await, [[Arg::from("ab")]]);
    let ends = rows(&twin.pool, "select matter from receipt where realm = $1 order by matter").await;
    assert_eq!(ends, [[Arg::Int(i64::MIN)], [Arg::Int(i64::MAX)]]);
}

async fn more_rows_than_one_statement_takes(twin: Twin) {
    let wants: Vec<Want> = (1..=4500).map(|id| Want::new(id, 1111)).collect();
    store(&twin.pool, &wants, false).await;
    assert_eq!(twin.pool.count_matters(REALM).await.expect("count"), 4500);
}
