//! The yardstick: the two rows of a transfer's legs, put into a table of their own in batches, by the same driver under
//! the same settings, with nothing around them.

use crate::Said;
use crate::load::Dice;
use std::path::Path;
use std::time::{Duration, Instant};
use xiangyue_store::{Arg, Pool};

const ROWS: &str = "insert into ledger_leg (realm, account, n, transfer, amount, balance)
  select 1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 from json_each($1) where true";
const MANY: &str = "insert into ledger_leg (realm, account, n, transfer, amount, balance)
  with recursive k(i) as (select 0 union all select i + 1 from k where i < $1 - 1)
  select 1, 1000 + i % 60000, i / 60000, i, 1, i from k";

/// Transfers per second into an empty table, and into one that holds so many rows already.
pub async fn two_rows(dir: &Path, batch: i64, rows: i64, long: Duration) -> Result<(f64, f64), Said> {
    let path = dir.join("raw.db");
    drop(std::fs::remove_file(&path));
    let pool = Pool::open(&path.display().to_string()).await?;
    pool.migrate().await?;
    let empty = insert(&pool, batch, long, 200_000_000).await?;
    let mut tx = pool.begin().await?;
    tx.exec(MANY, &[rows.into()]).await?;
    tx.commit().await?;
    let full = insert(&pool, batch, long, 400_000_000).await?;
    pool.close().await;
    for ending in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(dir.join(format!("raw.db{ending}"))));
    }
    Ok((empty, full))
}

async fn insert(pool: &Pool, batch: i64, long: Duration, first: i64) -> Result<f64, Said> {
    let begun = Instant::now();
    let mut dice = Dice::new(5);
    let mut n = first;
    while begun.elapsed() < long {
        let mut rows = Vec::new();
        for _ in 0..batch {
            n += 1;
            let home = i64::try_from(dice.draw() % 60_000)?;
            rows.push([1000 + home, n, n, 5, 5]);
            rows.push([home % 100, n, n, -5, -5]);
        }
        rows.sort_unstable();
        let mut tx = pool.begin().await?;
        tx.exec(ROWS, &[Arg::from(serde_json::to_string(&rows)?)]).await?;
        tx.commit().await?;
    }
    Ok((n - first) as f64 / begun.elapsed().as_secs_f64())
}
