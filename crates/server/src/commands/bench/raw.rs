//! The yardstick: how many single-row durable commits raw SQLite makes on this disk, through the same driver.

use crate::open::Said;
use std::path::Path;
use std::time::{Duration, Instant};
use xiangyue_store::Pool;

/// Single-row durable commits per second.
pub async fn commits_per_second(dir: &Path, long: Duration) -> Result<f64, Said> {
    let path = dir.join("raw-bench.db");
    let pool = Pool::open(&path.display().to_string()).await.map_err(|e| e.to_string())?;
    pool.migrate().await.map_err(|e| e.to_string())?;
    let started = Instant::now();
    let mut commits = 0i64;
    while started.elapsed() < long {
        let mut tx = pool.begin().await.map_err(|e| e.to_string())?;
        let sql = "insert into setting (realm, name, value) values (1, $1, 'x')";
        tx.exec(sql, &[commits.to_string().into()]).await.map_err(|e| e.to_string())?;
        tx.commit().await.map_err(|e| e.to_string())?;
        commits += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    pool.close().await;
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    Ok(commits as f64 / seconds)
}
