//! A simulation on a small scale: totals come out exactly, no command is refused, the books hold, nothing lies ahead
//! of now.

use xiangyue_app::period::Period;
use xiangyue_app::{App, AppOptions, Clock, Filter, Scope};
use xiangyue_domain::day::{Day, Time};
use xiangyue_pack::{Loaded, PackFiles, load};
use xiangyue_simulate::{Options, Summary, run, window};

const SCALE: f64 = 0.02;

fn pack() -> Loaded {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(PackFiles::default_name());
    load(PackFiles::at(&dir).unwrap()).unwrap()
}

async fn simulated(dir: &std::path::Path, loaded: &Loaded, now: Time, until: Option<Day>) -> (App, Summary) {
    let options = AppOptions {
        database: dir.join("xiangyue.db").display().to_string(),
        files: dir.join("files"),
        key_file: dir.join("key"),
        clock: Clock::fixed(now),
        seed: Some(7),
    };
    let app = App::open(options, loaded.policy.clone()).await.unwrap();
    let summary = run(&app, loaded, Options { until, scale: SCALE, seed: 7, ..Options::default() }).await.unwrap();
    (app, summary)
}

fn scaled(n: f64) -> f64 {
    (n * SCALE).round()
}

async fn totals_hold(app: &App, loaded: &Loaded, summary: &Summary) {
    let root = app.directory().tree.root(summary.until).unwrap();
    let period = Period::closed(summary.from, summary.until);
    for id in [
        "hotline.accepted",
        "hotline.closed",
        "dispute.accepted",
        "dispute.resolved",
        "aid.accepted",
        "aid.closed",
        "advice.count",
        "difficulty.solved",
    ] {
        let expected = loaded.figures.iter().find(|f| f.indicator == id).unwrap().expected;
        let made = app.figure(id, root, period).await.unwrap();
        assert_eq!(made.value, Some(scaled(expected)), "{id}");
    }
    let grids = app.figure("grid.count", root, period).await.unwrap();
    assert_eq!(grids.value, loaded.figures.iter().find(|f| f.indicator == "grid.count").map(|f| f.expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn totals_are_exact_and_the_books_hold() {
    let loaded = pack();
    let dir = tempfile::tempdir().unwrap();
    let now = Day::ymd(2021, 5, 31).unwrap().at_minute(16 * 60 + 40);
    let (app, summary) = simulated(dir.path(), &loaded, now, None).await;
    assert_eq!((summary.from, summary.until), window(&loaded, now.day()));
    assert_eq!(summary.from, Day::ymd(2020, 1, 1).unwrap());
    assert_eq!(summary.base, Day::ymd(2019, 1, 1).unwrap());
    totals_hold(&app, &loaded, &summary).await;

    let verdict = xiangyue_app::rebuild::verify(app.pool(), app.realm()).await.unwrap();
    assert_eq!(verdict.fault, None);
    assert_eq!(app.check_rebuild().await.unwrap().fault, None);

    let mut after = 0;
    let mut last = Time(i64::MIN);
    loop {
        let rows = app.pool().entries(app.realm(), after, 500).await.unwrap();
        let Some(end) = rows.last().map(|r| r.seq) else { break };
        for row in rows {
            assert!(row.at <= now.0, "{} lies ahead of now", row.seq);
            assert!(row.at >= last.0, "{} is older than the entry before", row.seq);
            last = Time(row.at);
        }
        after = end;
    }
    // Whatever is overdue has risen: no clock waits.
    assert!(app.pool().next_due(app.realm()).await.unwrap().is_none_or(|due| due > now.0));
    assert!(app.demo().await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_window_keeps_the_totals() {
    let loaded = pack();
    let dir = tempfile::tempdir().unwrap();
    // Early on the last day of a long holiday, when little has come in and nothing can be handled in office time.
    let now = Day::ymd(2024, 2, 17).unwrap().at_minute(6 * 60 + 15);
    let (app, summary) = simulated(dir.path(), &loaded, now, None).await;
    totals_hold(&app, &loaded, &summary).await;
    let scope = Scope { all: true, ..Scope::default() };
    let filter = Filter {
        kinds: vec!["hotline".to_owned()],
        phase: "active".to_owned(),
        before: i64::MAX,
        limit: 100,
        ..Filter::default()
    };
    let open = app.pool().list_matters(app.realm(), &scope, &filter).await.unwrap();
    assert_eq!(open.len(), 1);
    assert!(open.iter().all(|m| m.due().is_none_or(|due| due > now)));
}
