//! `xiangyue demo` and `xiangyue serve`. A demo shows its first page at once, with the simulation's progress until the
//! county is there; `serve` has no one-click sign-in.

use super::simulate;
use crate::cli::Data;
use crate::open::{self, Place, Said};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use xiangyue_app::texts::TextWay;
use xiangyue_app::{App, Clock};
use xiangyue_pack::{Loaded, PackFiles};
use xiangyue_web::{Network, Ready, Web, WebOptions};

/// Address that villagers would open.
fn address(listen: SocketAddr) -> String {
    format!("http://{listen}")
}

/// Serves until Ctrl-C or SIGTERM.
async fn listen_on(web: &Web, listener: TcpListener) -> Result<(), Said> {
    let service = web.router().into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop()).await.map_err(|e| e.to_string())
}

async fn stop() {
    let ctrl_c = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let term = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let term = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = term => {}
    }
}

async fn bind(listen: SocketAddr) -> Result<TcpListener, Said> {
    TcpListener::bind(listen).await.map_err(|e| format!("{listen} 打不开: {e};换一个 --listen 地址"))
}

async fn ready(app: App, loaded: Loaded) -> Ready {
    let demo = open::demo_period(&app).await;
    tokio::spawn(app.clone().keep_time());
    let keeper = app.clone();
    tokio::spawn(async move {
        if let Err(error) = keeper.catch_up().await {
            tracing::error!(%error, "what the pack changed for matters under way could not be done");
        }
    });
    tokio::spawn(index(app.clone()));
    tokio::spawn(learn(app.clone()));
    Ready { app, loaded: Arc::new(loaded), demo }
}

/// Books from before there was a search, or from a backup, get their index while people work.
async fn index(app: App) {
    if let Ok(true) = app.needs_index().await
        && let Err(error) = app.reindex(&|_| {}).await
    {
        eprintln!("xiangyue: 检索索引没有建成: {error};请运行 xiangyue doctor --reindex");
    }
}

/// What the county's past teaches, read while people work.
async fn learn(app: App) {
    if let Err(error) = app.learn().await {
        eprintln!("xiangyue: 没有学到以往的派单: {error}");
    }
}

/// `demo`
pub async fn demo(
    pack: Option<String>,
    data: PathBuf,
    listen: SocketAddr,
    until: Option<String>,
    seed: u64,
) -> Result<(), Said> {
    if !listen.ip().is_loopback() {
        return Err("演示有一键登录,只能在本机打开(127.0.0.1);对外请用 xiangyue serve".to_owned());
    }
    let name = pack.unwrap_or_else(PackFiles::default_name);
    let loaded = open::pack(&name)?;
    let until = open::day(until.as_deref())?;
    let listener = bind(listen).await?;
    let options = WebOptions { demo_cards: true, base_url: address(listen), ..WebOptions::default() };
    let web = Web::new(options, &loaded.policy.county);
    println!("演示: {}/demo", address(listen));
    let filling = web.clone();
    tokio::spawn(async move {
        match fill(&filling, &name, data, until, seed).await {
            Ok(ready) => {
                ready.app.send_texts_by(TextWay::shown(&address(listen)));
                filling.set_ready(ready);
            }
            Err(said) => {
                eprintln!("xiangyue: {said}");
                filling.progress().fail(said);
            }
        }
    });
    listen_on(&web, listener).await
}

/// Simulates beside the folder and moves the result in place, so that a demo that was cut short is never served.
async fn fill(
    web: &Web,
    name: &str,
    data: PathBuf,
    until: Option<xiangyue_domain::day::Day>,
    seed: u64,
) -> Result<Ready, Said> {
    let place = Place::folder(&data);
    if !place.exists() {
        let mut part = data.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        if part.exists() {
            std::fs::remove_dir_all(&part).map_err(|e| format!("{}: {e}", part.display()))?;
        }
        let made = Place::folder(&part);
        let (app, loaded) = open::open(&made, Some(name), simulate::clock_for(until), Some(seed)).await?;
        let shown = web.clone();
        simulate::run(&made, (&app, &loaded), (None, until), seed, move |done, total| {
            shown.progress().set(done, total);
        })
        .await?;
        app.pool().close().await;
        if data.exists() {
            std::fs::remove_dir(&data).map_err(|e| format!("{} 不是空的: {e}", data.display()))?;
        }
        std::fs::rename(&part, &data).map_err(|e| format!("{}: {e}", data.display()))?;
    }
    let (app, loaded) = open::open(&place, None, Clock::System, None).await?;
    if open::demo_period(&app).await.is_none() {
        return Err(format!("{} 不是演示数据;演示请换一个 --data 文件夹", data.display()));
    }
    Ok(ready(app, loaded).await)
}

/// How visitors come in.
pub struct Door {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Address that villagers open; empty for the one listened on.
    pub base_url: String,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<Network>,
    /// Requests under way at once; 0 for the usual number.
    pub at_once: usize,
    /// Program that sends text messages.
    pub text_program: Option<PathBuf>,
}

/// `serve`
pub async fn serve(data: Data, pack: Option<String>, door: Door) -> Result<(), Said> {
    let Door { listen, base_url, trusted_proxies, at_once, text_program } = door;
    let place = Place::of(&data)?;
    let (app, loaded) = open::open(&place, pack.as_deref(), Clock::System, None).await?;
    open::install(&place, &app, &loaded, app.now()).await?;
    let listener = bind(listen).await?;
    let base_url = if base_url.is_empty() { address(listen) } else { base_url.trim_end_matches('/').to_owned() };
    if let Some(program) = text_program {
        app.send_texts_by(TextWay::program(program, &base_url));
    }
    let secure_cookies = base_url.starts_with("https://");
    let options =
        WebOptions { demo_cards: false, base_url: base_url.clone(), secure_cookies, trusted_proxies, at_once };
    let web = Web::new(options, &loaded.policy.county);
    if let Some(token) = app.first_administrator().await.map_err(|e| e.to_string())? {
        println!("首位管理员请在24小时内打开(只能用一次): {base_url}/setup/{token}");
    }
    web.set_ready(ready(app, loaded).await);
    println!("已打开: {}", address(listen));
    listen_on(&web, listener).await
}
