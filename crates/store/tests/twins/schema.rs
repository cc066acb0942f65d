//! Rules of the schema, read from the databases' own catalogues: every key begins with the realm, every table of the
//! file database is strict, and bringing the schema up to date twice does no harm.

use crate::support::{self, Twin, twins};
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;
use xiangyue_store::Pool;

/// Tables that belong to no realm.
const OUTSIDE: [&str; 1] = ["schema_step"];
/// What the file database keeps its search index in, and the column that the other one keeps it in.
const FOUND: &str = "matter_found";
const FOUND_COLUMN: (&str, &str) = ("matter_words", "found");

twins!(
    migrating_again_changes_nothing,
    a_step_that_came_later_is_made_all_the_same,
    every_key_begins_with_the_realm,
    who_goes_away_leaves_no_transaction_open
);

async fn migrating_again_changes_nothing(twin: Twin) {
    let before = columns(&twin.pool).await;
    let steps = twin.pool.rows("select step from schema_step", &[]).await.expect("steps");
    twin.pool.migrate().await.expect("again");
    let other = Pool::open(&twin.url).await.expect("from another process");
    other.migrate().await.expect("again");
    assert_eq!(columns(&twin.pool).await, before);
    assert_eq!(twin.pool.rows("select step from schema_step", &[]).await.expect("steps"), steps);
    assert!(before.len() > 20, "{} tables", before.len());
}

/// A step numbered below the last one, that came with another branch, is not passed over.
async fn a_step_that_came_later_is_made_all_the_same(twin: Twin) {
    let all = "select step from schema_step order by step";
    let steps = twin.pool.rows(all, &[]).await.expect("steps");
    let mut tx = twin.pool.begin().await.expect("begun");
    // Step 9 makes no table: it throws roll-ups away, which are made anew.
    tx.exec("delete from schema_step where step = $1", &[9i64.into()]).await.expect("forgotten");
    tx.commit().await.expect("committed");
    twin.pool.migrate().await.expect("again");
    assert_eq!(twin.pool.rows(all, &[]).await.expect("steps"), steps);
}

/// A visitor may leave at any moment, and what waits for them is dropped: the next one writes all the same.
async fn who_goes_away_leaves_no_transaction_open(twin: Twin) {
    let (pool, sql) = (&twin.pool, "insert into schema_step (step) values ($1)");
    for n in 0..40_i32 {
        let leaves = async {
            let mut tx = pool.begin().await.expect("begun");
            tx.exec(sql, &[i64::from(10_000 + n).into()]).await.expect("written");
            tokio::task::yield_now().await;
            tx.commit().await.expect("committed");
        };
        // Dropped after so many steps: while it waits to begin, to write or to commit.
        let mut left = Box::pin(leaves);
        for _ in 0..=n % 3 {
            if poll_fn(|cx| Poll::Ready(left.as_mut().poll(cx).is_ready())).await {
                break;
            }
            tokio::time::sleep(Duration::from_micros(u64::from(n.unsigned_abs()) * 7)).await;
        }
        drop(left);
        let mut tx = pool.begin().await.expect("the next one begins");
        tx.exec(sql, &[i64::from(20_000 + n).into()]).await.expect("writes");
        tx.commit().await.expect("and is done");
    }
    let rows = pool.rows("select count(*) from schema_step where step >= 20000", &[]).await.expect("counted");
    assert_eq!(rows[0].int(0), 40);
}

/// Columns by table.
async fn columns(pool: &Pool) -> BTreeMap<String, Vec<String>> {
    let sql = if pool.is_shared() {
        "select table_name::text, column_name::text from information_schema.columns
             where table_schema = 'public' order by table_name, ordinal_position"
    } else {
        "select m.name, c.name from sqlite_schema m join pragma_table_info(m.name) c
             where m.type = 'table' and m.name not like 'sqlite_%' order by m.name, c.cid"
    };
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in pool.rows(sql, &[]).await.expect("the catalogue") {
        let (table, column) = (row.text(0), row.text(1));
        if !table.starts_with(FOUND) && (table, column) != FOUND_COLUMN {
            out.entry(table.to_owned()).or_default().push(column.to_owned());
        }
    }
    out
}

/// First columns of every unique key, by table.
async fn first_of_keys(pool: &Pool) -> Vec<(String, String)> {
    let sql = if pool.is_shared() {
        "select t.relname::text, a.attname::text from pg_index i join pg_class t on t.oid = i.indrelid
             join pg_namespace n on n.oid = t.relnamespace
             join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
             where n.nspname = 'public' and i.indisunique"
    } else {
        "select m.name, c.name from sqlite_schema m join pragma_table_info(m.name) c
             where m.type = 'table' and c.pk = 1
             union select m.name, c.name from sqlite_schema m join pragma_index_list(m.name) i
             join pragma_index_info(i.name) c where m.type = 'table' and i.\"unique\" = 1 and c.seqno = 0"
    };
    let rows = pool.rows(sql, &[]).await.expect("the catalogue");
    let ours = rows.iter().filter(|r| !r.text(0).starts_with(FOUND));
    ours.map(|r| (r.text(0).to_owned(), r.text(1).to_owned())).collect()
}

async fn every_key_begins_with_the_realm(twin: Twin) {
    let keys = first_of_keys(&twin.pool).await;
    for (table, column) in &keys {
        assert!(column == "realm" || OUTSIDE.contains(&table.as_str()), "a key of {table} begins with {column}");
    }
    let keyed: BTreeSet<&str> = keys.iter().map(|(table, _)| table.as_str()).collect();
    for table in columns(&twin.pool).await.keys() {
        assert!(keyed.contains(table.as_str()), "{table} has no primary key");
    }
}

#[tokio::test]
async fn tables_of_the_file_database_are_strict() {
    let twin = support::sqlite().await.expect("SQLite is always there");
    let sql = "select name from pragma_table_list where schema = 'main' and type = 'table' and strict = 0
      and name not like 'sqlite_%'";
    let loose = twin.pool.rows(sql, &[]).await.expect("the catalogue");
    let loose: Vec<&str> =
        loose.iter().map(|r| r.text(0)).filter(|t| !OUTSIDE.contains(t) && !t.starts_with(FOUND)).collect();
    assert!(loose.is_empty(), "{loose:?}");
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let Some(pg) = support::postgres().await else { return };
    let sqlite = support::sqlite().await.expect("SQLite is always there");
    assert_eq!(columns(&pg.pool).await, columns(&sqlite.pool).await);
}
