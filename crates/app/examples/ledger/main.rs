//! How fast the ledger is at a county's size, beside raw SQLite in the same run on the same disk. It seeds a data folder
//! once, through the same commands that people cause, and measures on it. It must never be pointed at real data.
//!
//! `cargo run --release -p xiangyue-app --example ledger -- DIR [households] [transfers] [seconds]`

mod ground;
mod load;
mod raw;

use ground::Ground;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

type Said = Box<dyn Error + Send + Sync>;

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
    load::seed(&ground, transfers).await?;
    let size = std::fs::metadata(Path::new(dir).join("ledger.db"))?.len();
    println!("已存 {} 笔转账,库 {:.2} GB", ground.count().await?, size as f64 / 1e9);
    for (what, callers) in [("入账", 512), ("入账", 64), ("兑换", 512)] {
        let done = load::run(&ground, what == "兑换", callers, long).await?;
        println!("{what},{callers} 个同时等待:{done}");
    }
    load::reads(&ground, 3000).await?;
    let raw = raw::two_rows(Path::new(dir), 512, long.min(Duration::from_secs(8))).await?;
    println!("SQLite 直接插入同样两行,512 笔一批:空表 {:.0} 笔/s,已有一千万行 {:.0} 笔/s", raw.0, raw.1);
    if args.iter().any(|a| a == "check") {
        let begun = Instant::now();
        println!("{:?} {:.0} s", ground.app.check_rebuild().await?, begun.elapsed().as_secs_f64());
    }
    ground.app.pool().close().await;
    Ok(())
}
