//! A district without a name: its simulation meets the figures of its source, and no motion comes before the villagers
//! unless the designated deputies have carried it.

use xiangyue_app::period::Period;
use xiangyue_app::{App, AppOptions, Clock};
use xiangyue_domain::day::Day;
use xiangyue_pack::{PackFiles, load};
use xiangyue_simulate::{Options, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_hold_and_deputies_come_before_the_villagers() {
    let pack = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/district");
    let loaded = load(PackFiles::at(&pack).unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let options = AppOptions {
        database: dir.path().join("xiangyue.db").display().to_string(),
        files: dir.path().join("files"),
        key_file: dir.path().join("key"),
        clock: Clock::fixed(Day::ymd(2026, 9, 30).unwrap().at_minute(18 * 60)),
        seed: Some(7),
    };
    let app = App::open(options, loaded.policy.clone()).await.unwrap();
    let summary = run(&app, &loaded, Options { seed: 7, ..Options::default() }).await.unwrap();
    let root = app.directory().tree.root(summary.until).unwrap();
    let period = Period::closed(summary.from, summary.until);
    assert_eq!(loaded.figures.len(), 2);
    for figure in &loaded.figures {
        let value = app.figure(&figure.indicator, root, period).await.unwrap().value.unwrap_or(f64::NAN);
        assert!(figure.holds(value), "{} {}: {value}, not {}", figure.figure, figure.indicator, figure.expected);
    }
    let ids = app.pool().matter_ids_before(app.realm(), i64::MAX, 2000).await.unwrap();
    let matters = app.pool().matters_any(app.realm(), &ids).await.unwrap();
    let motions: Vec<_> = matters.iter().filter(|m| m.kind == "motion").collect();
    assert_eq!(motions.len(), 28);
    let past = |step: &str| !["proposed", "discussing", "reviewing", "deputising"].contains(&step);
    let mut carried = 0;
    for motion in motions.iter().filter(|m| past(&m.step)) {
        let vote = motion.values.get("deputy_yes");
        assert!(vote.is_some(), "{} went on without the deputies", motion.step);
        carried += 1;
    }
    assert!(carried > 0);
    assert_eq!(app.check_rebuild().await.unwrap().fault, None);
}
