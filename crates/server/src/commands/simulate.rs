//! `xiangyue simulate`: the pack's scenario through the same commands a person would cause.

use crate::cli::Data;
use crate::open::{self, Place, Said};
use indicatif::{ProgressBar, ProgressStyle};
use xiangyue_app::{App, Clock};
use xiangyue_domain::day::{DAY_MS, Day, Time};
use xiangyue_pack::Loaded;
use xiangyue_simulate::{Options, Summary};

/// Clock of a simulation: now, or the end of a last day that has passed.
pub fn clock_for(until: Option<Day>) -> Clock {
    let now = Clock::System.now();
    match until {
        Some(day) if day < now.day() => Clock::fixed(Time(day.start().0 + DAY_MS - 1)),
        _ => Clock::fixed(now),
    }
}

/// Runs the scenario on an open application.
pub async fn run(
    place: &Place,
    (app, loaded): (&App, &Loaded),
    (from, until): (Option<Day>, Option<Day>),
    seed: u64,
    progress: impl Fn(u64, u64) + Send + Sync + 'static,
) -> Result<Summary, Said> {
    let (first, _) = xiangyue_simulate::window(loaded, until.unwrap_or_else(|| app.now().day()));
    // The base year stands before the period, and the county was set up before that.
    let begin = from.unwrap_or(first).plus_months(-12).plus(-2);
    open::install(place, app, loaded, begin.at_minute(9 * 60)).await?;
    let options = Options { from, until, seed, progress: Box::new(progress), ..Options::default() };
    let summary = xiangyue_simulate::run(app, loaded, options).await.map_err(|e| e.to_string())?;
    app.deliver().await.map_err(|e| e.to_string())?;
    let yesterday = app.now().plus_ms(-DAY_MS).0;
    app.pool().mark_read_before(app.realm(), yesterday).await.map_err(|e| e.to_string())?;
    Ok(summary)
}

/// `simulate`
pub async fn simulate(
    pack: Option<String>,
    data: &Data,
    from: Option<String>,
    until: Option<String>,
    seed: u64,
) -> Result<(), Said> {
    let place = Place::of(data)?;
    let (from, until) = (open::day(from.as_deref())?, open::day(until.as_deref())?);
    let started = std::time::Instant::now();
    let (app, loaded) = open::open(&place, pack.as_deref(), clock_for(until), Some(seed)).await?;
    if app.pool().head(app.realm()).await.map_err(|e| e.to_string())?.is_some_and(|h| h.seq > 0) {
        return Err("这里已有数据;模拟要写到空的文件夹或空的数据库".to_owned());
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("模拟 [{bar:40}] {pos}/{len} 件次 {elapsed} 剩余 {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    let shown = bar.clone();
    let summary = run(&place, (&app, &loaded), (from, until), seed, move |done, total| {
        shown.set_length(total);
        shown.set_position(done);
    })
    .await?;
    bar.finish_and_clear();
    app.pool().close().await;
    let (base, period) = summary.matters.values().fold((0, 0), |(a, b), (x, y)| (a + x, b + y));
    println!(
        "模拟完成: {} 至 {} 共 {period} 件,之前一年 {base} 件,{} 条命令(其中时钟 {} 条),用时 {:.1} 秒",
        summary.from,
        summary.until,
        summary.commands,
        summary.ticks,
        started.elapsed().as_secs_f64()
    );
    Ok(())
}
