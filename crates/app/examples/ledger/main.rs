//! How fast the ledger is at a county's size, beside raw SQLite in the same run on the same disk. It seeds a data folder
//! once, by commands and copies of what they wrote (see `bulk`), and measures on it. It must never be pointed at real data.
//!
//! `cargo run --release -p xiangyue-app --example ledger -- DIR [households] [transfers] [seconds] [by-commands] [check]`
//! With 5 million transfers the folder takes some 15 GB; `check` holds only after `by-commands`.

mod bulk;
mod ground;
mod load;
mod raw;

use ground::Ground;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

type Said = Box<dyn Error + Send + Sync>;

/// The same as the program's: what is measured is what runs in a county.
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Result<(), Said> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let dir = args.first().ok_or("a folder for the data, please")?;
    let number = |i: usize, usual: i64| args.get(i).and_then(|a| a.parse().ok()).unwrap_or(usual);
    let (households, transfers, seconds) = (number(1, 60_000), number(2, 5_000_000), number(3, 15));
    std::fs::create_dir_all(dir)?;
    let long = Duration::from_secs(u64::try_from(seconds)?);
    let begun = Instant::now();
    let ground = Ground::open(Path::new(dir), households).await?;
    println!("{} 户、{} 个超市在册 {:.1} s", ground.homes.len(), ground.shops.len(), begun.elapsed().as_secs_f64());
    // Each household is given points once by a command; the rest are copies, unless all of it is to go through commands.
    let slowly = args.iter().any(|a| a == "by-commands");
    let sample = ground.count().await? + i64::try_from(ground.homes.len())?;
    load::seed(&ground, if slowly { transfers } else { sample.min(transfers) }).await?;
    let ground = if slowly { ground } else { grown(ground, Path::new(dir), (households, transfers)).await? };
    let size = std::fs::metadata(Path::new(dir).join("ledger.db"))?.len();
    println!("已存 {} 笔转账,库 {:.2} GB", ground.count().await?, size as f64 / 1e9);
    let mut rates = Vec::new();
    for (what, callers) in [("入账", 512), ("入账", 64), ("兑换", 512)] {
        let done = load::run(&ground, what == "兑换", callers, long).await?;
        println!("{what},{callers} 个同时等待:{done}");
        rates.push((what, callers, done.rate()));
    }
    load::reads(&ground, 3000).await?;
    let raw = raw::two_rows(Path::new(dir), 512, 2 * transfers, long.min(Duration::from_secs(8))).await?;
    println!("SQLite 直接插入同样两行,512 笔一批:空表 {:.0} 笔/s,已有 {} 行 {:.0} 笔/s", raw.0, 2 * transfers, raw.1);
    for (what, callers, rate) in rates {
        println!("{what},{callers} 个同时等待:是直接插入的 {:.1} %(已有同样多行)", 100.0 * rate / raw.1);
    }
    println!("目标:入账 ≥ 3000 笔/s,余额和对账单 p95 ≤ 5 ms");
    if args.iter().any(|a| a == "check") {
        let begun = Instant::now();
        println!("{:?} {:.0} s", ground.app.check_rebuild().await?, begun.elapsed().as_secs_f64());
    }
    ground.app.pool().close().await;
    Ok(())
}

/// The ground with copies of what it holds; opened anew, since the head was set beside the application.
async fn grown(ground: Ground, dir: &Path, (households, transfers): (i64, i64)) -> Result<Ground, Said> {
    if ground.count().await? >= transfers {
        return Ok(ground);
    }
    bulk::grow(&ground, transfers).await?;
    ground.app.pool().close().await;
    drop(ground);
    Ground::open(dir, households).await
}
