//! `xiangyue bench`: how fast a county's server is, beside raw durable commits of SQLite in the same run and on the
//! same disk. The server runs as its own process; the load comes from this one, over the loopback. Nothing here is an
//! assertion: the figures go into docs/BENCHMARKS.md with their machine.

mod burst;
mod county;
mod disclosure;
mod http;
mod load;
mod publish;
mod raw;
mod seed;

use crate::commands::simulate;
use crate::open::{self, Place, Said};
pub use disclosure::Size;
use http::Client;
use load::Script;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use xiangyue_app::{App, Clock};
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::policy::Level;
use xiangyue_domain::register::Holder;

/// After a start the newest matters are read in the background, some ten seconds long.
const SETTLED: Duration = Duration::from_secs(15);

/// One line of the result.
pub struct Measured {
    /// What was measured.
    pub what: String,
    /// The figure with its unit.
    pub figure: String,
    /// What it is beside, or the limit it has.
    pub beside: String,
}

/// Someone signed in for the bench.
#[derive(Clone)]
pub struct Visitor {
    /// Cookie.
    pub cookie: String,
    /// Token of forms.
    pub csrf: String,
    /// Post and seat.
    pub holder: Holder,
}

/// What is run against the server.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Seconds for each thing measured.
    pub seconds: u64,
    /// Connections of the lifecycle.
    pub connections: usize,
    /// Forms per second on a usual day, when a burst of many times that is wanted instead of everything else.
    pub burst: Option<u64>,
    /// The board of disclosures in a sample county of this size, instead of everything else.
    pub disclosure: Option<Size>,
}

/// `bench`
pub async fn bench(data: &Path, matters: u64, plan: Plan, markdown: bool) -> Result<(), Said> {
    if let Some(size) = plan.disclosure {
        let lines = disclosure::bench(data, size).await?;
        print(&lines, markdown);
        return Ok(());
    }
    let place = Place::folder(data);
    let mut lines = Vec::new();
    if !place.exists() {
        let started = Instant::now();
        let (app, loaded) = open::open(&place, None, simulate::clock_for(None), Some(1)).await?;
        simulate::run(&place, (&app, &loaded), (None, None), 1, |_, _| {}).await?;
        app.pool().close().await;
        lines.push(line("模拟 29 个月", format!("{:.1} s", started.elapsed().as_secs_f64()), "≤ 180 s"));
    }
    let raw = raw::commits_per_second(data, Duration::from_secs(plan.seconds.min(5))).await?;
    lines.push(line("SQLite 单行持久提交(WAL, FULL)", format!("{raw:.0} /s"), "同一次运行的对照"));
    let (script, visitors, places, before) = prepare(&place, matters).await?;
    let (mut server, address, first) = start(data, &[])?;
    let result = match plan.burst {
        Some(usual) => {
            let place = places.first().copied().unwrap_or_default();
            let long = Duration::from_secs(plan.seconds);
            let came = burst::burst(address, &script, &visitors, place, (usual, long)).await;
            came.map(|came| lines.extend(told(&came, memory(&server))))
        }
        None => run(&mut lines, &server, address, &script, &visitors, &places, plan, raw).await,
    };
    let _ = server.kill();
    let _ = server.wait();
    result?;
    lines.insert(0, line("启动到第一个 200", format!("{:.0} ms", first.as_secs_f64() * 1000.0), "≤ 1000 ms"));
    let pool = xiangyue_store::Pool::open(&place.database).await.map_err(|e| e.to_string())?;
    for realm in pool.realms().await.map_err(|e| e.to_string())? {
        let head = pool.head(realm).await.map_err(|e| e.to_string())?.unwrap_or_default();
        let matters = stored(&pool, realm).await?;
        lines.push(line("结束时已存", format!("{matters} 件,{} 条日志", head.seq), &format!("开始时 {before} 条日志")));
    }
    print(&lines, markdown);
    Ok(())
}

fn print(lines: &[Measured], markdown: bool) {
    for l in lines {
        if markdown {
            println!("| {} | {} | {} |", l.what, l.figure, l.beside);
        } else {
            println!("{:<36} {:<28} {}", l.what, l.figure, l.beside);
        }
    }
}

/// Matters that are stored, whatever became of them: counted from an index alone, since a file may hold a million.
async fn stored(pool: &xiangyue_store::Pool, realm: i64) -> Result<i64, Said> {
    let rows = pool.rows("select count(*) from matter where realm = $1", &[realm.into()]).await;
    Ok(rows.map_err(|e| e.to_string())?.first().map_or(0, |r| r.int(0)))
}

fn line(what: &str, figure: String, beside: &str) -> Measured {
    Measured { what: what.to_owned(), figure, beside: beside.to_owned() }
}

/// What a burst came to, as lines of the result.
fn told(came: &burst::Came, memory: f64) -> Vec<Measured> {
    let rate = format!("平常每秒 {} 件,{} 倍", came.usual, burst::TIMES);
    let recovered = came.recovered.map_or_else(|| "没有恢复".to_owned(), |r| format!("{:.1} s", r.as_secs_f64()));
    vec![
        line("突发:送来", format!("{} 件", came.sent), &rate),
        line("突发:收下", format!("{} 件,最久 {:.1} s", came.accepted, came.slowest.as_secs_f64()), ""),
        line("突发:503 并说几秒后再来", format!("{} 件", came.refused), ""),
        line("突发:没有答复或答复不对", format!("{} 件", came.lost), "0"),
        line("收下而事后找不到或重复", format!("{} 件(共收下 {} 件)", came.missing, came.all), "0"),
        line("突发以后恢复如常", recovered, "≤ 5 s"),
        line("突发以后内存", format!("{memory:.0} MB"), ""),
    ]
}

/// Signs in whoever the script needs, straight in the database.
async fn prepare(place: &Place, matters: u64) -> Result<(Script, BTreeMap<String, Visitor>, Vec<i64>, i64), Said> {
    let (app, loaded) = open::open(place, None, Clock::System, None).await?;
    let text = loaded.files.text("bench.toml").ok_or("策略包里没有 bench.toml")?;
    let script: Script = toml::from_str(&text).map_err(|e| format!("bench.toml: {e}"))?;
    seed::seed(&app, &script, matters).await?;
    let day = app.now().day();
    let places = app.directory().tree.of_level(Level::Village, day).into_iter().map(|r| r.0).collect();
    let mut visitors = BTreeMap::new();
    for post in script.posts() {
        visitors.insert(post.clone(), sign_in(&app, &post).await?);
    }
    let before = app.pool().head(app.realm()).await.map_err(|e| e.to_string())?.unwrap_or_default().seq;
    app.pool().close().await;
    Ok((script, visitors, places, before))
}

async fn sign_in(app: &App, post: &str) -> Result<Visitor, Said> {
    let directory = app.directory();
    let day = app.now().day();
    let term = directory.terms.values().find(|t| t.holder.post == post && t.from <= day && day <= t.to);
    let (account, holder): (AccountId, Holder) =
        term.map(|t| (t.account, t.holder.clone())).ok_or_else(|| format!("没有人在岗: {post}"))?;
    let signed = app.begin_session(account).await.map_err(|e| e.to_string())?;
    let found = app.session(&signed.token).await.map_err(|e| e.to_string())?;
    let csrf = found.map(|(_, csrf)| csrf).unwrap_or_default();
    Ok(Visitor { cookie: format!("xy_session={}", signed.token), csrf, holder })
}

/// Starts the server as its own process and waits for the first answer.
fn start(data: &Path, more: &[&str]) -> Result<(Child, std::net::SocketAddr, Duration), Said> {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?;
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let started = Instant::now();
    let mut child = Command::new(me)
        .args(["serve", "--listen", &free.to_string(), "--data"])
        .arg(data)
        .args(more)
        .stdout(Stdio::null())
        .spawn()
        .map_err(|e| e.to_string())?;
    loop {
        if http::blocking_ok(free, "/health") {
            return Ok((child, free, started.elapsed()));
        }
        if started.elapsed() > Duration::from_secs(60) || child.try_wait().ok().flatten().is_some() {
            let _ = child.kill();
            return Err("服务没有起来".to_owned());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Memory of a process in MB.
fn memory(child: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let kb = status
        .lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))
        .and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}

#[expect(clippy::too_many_arguments, reason = "one run's parts, used once")]
async fn run(
    lines: &mut Vec<Measured>,
    server: &Child,
    address: std::net::SocketAddr,
    script: &Script,
    visitors: &BTreeMap<String, Visitor>,
    places: &[i64],
    plan: Plan,
    raw: f64,
) -> Result<(), Said> {
    let Plan { seconds, connections, .. } = plan;
    // Pages are timed on a server that has been up for a while, not on one that still learns from the past.
    tokio::time::sleep(SETTLED).await;
    lines.push(line("空闲内存", format!("{:.0} MB", memory(server)), "≤ 60 MB"));
    for (name, page) in &script.pages {
        let visitor = visitors.get(&page.post).ok_or("没有登录")?;
        let times = load::time_page(address, &visitor.cookie, &page.path, 60).await?;
        lines.push(line(&format!("页面 {name} {}", page.path), times.to_string(), ""));
    }
    let weight = page_weight(address).await?;
    lines.push(line("门户首页连同所载(压缩后)", format!("{:.1} KB", weight / 1024.0), "≤ 60 KB"));
    let done = load::lifecycles(address, script, visitors, places, Duration::from_secs(seconds), connections).await?;
    let per_second = done.lives as f64 / done.seconds;
    lines.push(line(
        &format!("全流程(4写1读),{connections} 个连接"),
        format!("{per_second:.0} /s,{},出错 {}", done.times, done.errors),
        "",
    ));
    let entries = per_second * 4.0;
    lines.push(line("日志条目", format!("{entries:.0} /s"), &format!("为 SQLite 单行提交的 {:.2} 倍", entries / raw)));
    lines.push(line("负载后内存", format!("{:.0} MB", memory(server)), "≤ 200 MB"));
    Ok(())
}

/// Bytes over the wire of the portal's first page with everything it loads.
async fn page_weight(address: std::net::SocketAddr) -> Result<f64, Said> {
    let mut client = Client::connect(address).await?;
    let page = client.get("/", "", false).await?;
    let mut total = client.get("/", "", true).await?.body.len();
    let text = String::from_utf8_lossy(&page.body).into_owned();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("\"/static/") {
        rest = &rest[at + 1..];
        let end = rest.find('"').unwrap_or(rest.len());
        total += client.get(&rest[..end], "", true).await?.body.len();
    }
    Ok(total as f64)
}
