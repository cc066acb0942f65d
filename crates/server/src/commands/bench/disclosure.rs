//! `bench --disclosure`: the board of disclosures and a village's public page at the size of a large county, in a sample
//! county of its own. Figures go into docs/BENCHMARKS.md with their machine; nothing here is an assertion, but for the
//! board showing every village.

use super::http::Client;
use super::publish::{Writing, months, publish};
use super::{Measured, Visitor, county, line, load, memory, sign_in, start, stored};
use crate::open::{Place, Said};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};
use xiangyue_app::disclosure::Asked;
use xiangyue_app::{App, Clock};
use xiangyue_domain::policy::Level;

/// Times that each page is asked for.
const TIMES: usize = 60;
/// Rest after the start, in which the server does what it does once.
const SETTLED: Duration = Duration::from_secs(15);
/// Limits of what was promised, by the page's name in `bench.toml`.
const LIMITS: [(&str, &str); 2] = [("board", "p95 ≤ 50 ms"), ("village_open", "≤ 10 ms,≤ 60 KB")];

/// How large.
#[derive(Clone, Copy)]
pub struct Size {
    /// Months that are published.
    pub months: usize,
    /// Villages.
    pub villages: usize,
}

/// Fills the folder if it is empty, starts a server on it and times its pages.
pub async fn bench(data: &Path, size: Size) -> Result<Vec<Measured>, Said> {
    let place = Place::folder(data);
    let pack = county::write_pack(data, size.villages)?;
    let mut lines = Vec::new();
    let today = Clock::System.now().day();
    let spans = months(today, size.months);
    let first = spans.first().ok_or("至少要一期")?.first;
    let fresh = !place.exists();
    let at = if fresh { first.plus(-1).at_minute(600) } else { Clock::System.now() };
    let (app, _, writing) = county::open_county(&place, &pack, Writing::of, at).await?;
    if fresh {
        let begun = Instant::now();
        let n = publish(&app, writing.clone(), &spans).await?;
        let long = begun.elapsed().as_secs_f64();
        lines.push(line("公开(全部经由写入队列)", format!("{n} 件,{long:.0} s"), "样例县,每一项都按月"));
    }
    app.clock().set(Clock::System.now());
    let asked = ready(&app, &writing).await?;
    let done = stored(app.pool(), app.realm()).await?;
    app.pool().close().await;
    drop(app);
    let size_of = std::fs::metadata(&place.database).map_or(0, |m| m.len());
    lines.push(line("已存", format!("{done} 件,库 {:.2} GB", size_of as f64 / 1e9), ""));
    let (mut server, address, _) = start(data, &["--pack", &pack.display().to_string()])?;
    let timed = time(&mut lines, &server, address, &writing, &asked, size).await;
    let _ = server.kill();
    let _ = server.wait();
    timed.map(|()| lines)
}

/// What the pages are asked with: who is signed in, and what stands in their addresses.
struct AskedWith {
    visitors: BTreeMap<String, Visitor>,
    village: String,
    item: String,
}

async fn ready(app: &App, writing: &Writing) -> Result<AskedWith, Said> {
    let mut visitors = BTreeMap::new();
    for post in writing.pages.values().map(|p| p.post.clone()).filter(|p| !p.is_empty()) {
        visitors.insert(post.clone(), sign_in(app, &post).await?);
    }
    let (directory, day) = (app.directory(), app.now().day());
    let villages = directory.tree.of_level(Level::Village, day);
    let village = *villages.get(villages.len() / 2).ok_or("没有村")?;
    let page = app.disclosures(village, &Asked::default(), 1).await.map_err(|e| e.to_string())?;
    let item = page.lines.first().ok_or("没有公开过")?.id.to_string();
    Ok(AskedWith { visitors, village: directory.tree.code(village, day).to_owned(), item })
}

async fn time(
    lines: &mut Vec<Measured>,
    server: &Child,
    address: SocketAddr,
    writing: &Writing,
    asked: &AskedWith,
    size: Size,
) -> Result<(), Said> {
    tokio::time::sleep(SETTLED).await;
    for (name, page) in &writing.pages {
        let path = page.path.replace("{village}", &asked.village).replace("{item}", &asked.item);
        let cookie = asked.visitors.get(&page.post).map_or("", |v| &v.cookie);
        let times = load::time_page(address, cookie, &path, TIMES).await?;
        let mut client = Client::connect(address).await?;
        let plain = client.get(&path, cookie, false).await?.body;
        let packed = client.get(&path, cookie, true).await?.body.len();
        let kb = |n: usize| n as f64 / 1024.0;
        let limit = LIMITS.iter().find(|(n, _)| n == name).map_or("", |(_, limit)| limit);
        let figure = format!("{times},{:.1} KB,压缩后 {:.1} KB", kb(plain.len()), kb(packed));
        lines.push(line(&format!("页面 {name}"), figure, limit));
        let rows = String::from_utf8_lossy(&plain).matches("data-row").count();
        if name == "board" && rows != size.villages {
            return Err(format!("公开进度板上有 {rows} 个村,应有 {}", size.villages));
        }
    }
    lines.push(line("内存", format!("{:.0} MB", memory(server)), ""));
    Ok(())
}
