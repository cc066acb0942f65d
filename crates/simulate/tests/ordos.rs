//! A city's roll-out of two modes of governance: every village that counts has one record, and the rates of its
//! `figures.csv` come out of these records exactly.

use std::collections::BTreeSet;
use xiangyue_app::period::Period;
use xiangyue_app::{App, AppOptions, Clock};
use xiangyue_domain::day::Day;
use xiangyue_domain::policy::Level;
use xiangyue_pack::{PackFiles, load};
use xiangyue_simulate::{Options, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roll_out_rates_come_from_the_records() {
    let pack = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/ordos");
    let loaded = load(PackFiles::at(&pack).unwrap()).unwrap();
    let counted = loaded.regions.iter().filter(|r| r.level == Level::Village).count();
    assert_eq!(counted, 1011, "villages and communities of the public list");
    let dir = tempfile::tempdir().unwrap();
    let options = AppOptions {
        database: dir.path().join("xiangyue.db").display().to_string(),
        files: dir.path().join("files"),
        key_file: dir.path().join("key"),
        clock: Clock::fixed(Day::ymd(2022, 11, 30).unwrap().at_minute(18 * 60)),
        seed: Some(3),
    };
    let app = App::open(options, loaded.policy.clone()).await.unwrap();
    let summary = run(&app, &loaded, Options { seed: 3, ..Options::default() }).await.unwrap();
    let root = app.directory().tree.root(summary.until).unwrap();
    let period = Period::closed(summary.from, summary.until);
    for figure in &loaded.figures {
        let made = app.figure(&figure.indicator, root, period).await.unwrap();
        let value = made.value.unwrap_or(f64::NAN);
        assert!(figure.holds(value), "{} {}: {value}, not {}", figure.figure, figure.indicator, figure.expected);
    }
    let points = app.figure("rollout.points_rate", root, period).await.unwrap();
    assert_eq!((points.numerator, points.denominator), (439, Some(735)));
    let ids = app.pool().matter_ids_before(app.realm(), i64::MAX, 2000).await.unwrap();
    let matters = app.pool().matters_any(app.realm(), &ids).await.unwrap();
    let places: BTreeSet<_> = matters.iter().map(|m| m.place).collect();
    assert_eq!((matters.len(), places.len()), (735, 735), "one record for every village that counts");
    assert_eq!(app.check_rebuild().await.unwrap().fault, None);
}
