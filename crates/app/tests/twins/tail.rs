//! Sums while roll-ups are being written: whatever is kept back, whoever wrote it and wherever it stops, a sum is what was
//! acknowledged.

use crate::stage::{COUNTY, FAR_VILLAGE, SIBLING, Stage, VILLAGE, twins};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use xiangyue_app::App;
use xiangyue_app::matter::{OpenForm, Typed};
use xiangyue_app::period::Period;
use xiangyue_app::sums::Ask;
use xiangyue_domain::day::Day;
use xiangyue_domain::matter::Who;
use xiangyue_store::{Buckets, Slice};

twins!(
    a_reader_sees_all_that_was_acknowledged,
    two_processes_count_what_the_other_wrote,
    what_was_kept_back_is_there_after_a_restart,
    what_is_half_settled_counts_once,
);

/// How many reports were taken in at a place.
async fn taken_in(app: &App, stage: &Stage, code: &str) -> i64 {
    let (from, today) = (Day::ymd(2021, 1, 1).expect("a day"), app.now().day());
    let ask = Ask {
        measures: &["report.accepted".to_owned()],
        places: &[stage.place(code)],
        period: Period { from, to: today, cut_off: today },
        by_cohort: false,
        buckets: Buckets::Whole,
    };
    app.sums(ask).await.expect("sums").values().sum()
}

fn sibling(stage: &Stage) -> OpenForm {
    OpenForm {
        kind: "report".into(),
        place: stage.place(SIBLING),
        typed: Typed::from([("category".to_owned(), "road".to_owned())]),
        ..OpenForm::default()
    }
}

async fn a_reader_sees_all_that_was_acknowledged(stage: Stage) {
    stage.app.pool().keep_back(6);
    let (acknowledged, sent, over) = (AtomicI64::new(0), AtomicI64::new(0), Arc::new(AtomicBool::new(false)));
    let write = async {
        for round in 0..12 {
            let reports = [VILLAGE, SIBLING, FAR_VILLAGE].map(|code| stage.report(code, ["lamp", "road"][round % 2]));
            sent.fetch_add(3, Ordering::SeqCst);
            let [a, b, c] = reports;
            tokio::join!(a, b, c);
            acknowledged.fetch_add(3, Ordering::SeqCst);
        }
        over.store(true, Ordering::SeqCst);
    };
    let read = async {
        let mut last = 0;
        while !over.load(Ordering::SeqCst) {
            let least = acknowledged.load(Ordering::SeqCst);
            let n = taken_in(&stage.app, &stage, COUNTY).await;
            assert!(n >= least.max(last) && n <= sent.load(Ordering::SeqCst), "{least} {last} {n}");
            last = n;
        }
    };
    tokio::join!(write, read);
    assert_eq!(taken_in(&stage.app, &stage, COUNTY).await, 36);
    assert_eq!(taken_in(&stage.app, &stage, VILLAGE).await, 12);
    stage.sound().await;
}

async fn two_processes_count_what_the_other_wrote(stage: Stage) {
    let other = stage.beside().await;
    for (n, most) in [(1, 4000), (2, 4000), (3, 0), (4, 1), (5, 3)] {
        stage.app.pool().keep_back(most);
        stage.report(VILLAGE, "lamp").await;
        assert_eq!(taken_in(&other, &stage, COUNTY).await, 2 * n - 1);
        other.open_matter(Who::Reporter, sibling(&stage), &format!("other/{n}")).await.expect("it is taken in");
        for app in [&stage.app, &other] {
            assert_eq!(taken_in(app, &stage, COUNTY).await, 2 * n);
            assert_eq!(taken_in(app, &stage, SIBLING).await, n);
        }
    }
    stage.sound().await;
    assert_eq!(other.check_rebuild().await.expect("checked").fault, None);
}

async fn what_was_kept_back_is_there_after_a_restart(stage: Stage) {
    for _ in 0..5 {
        stage.report(VILLAGE, "lamp").await;
    }
    let stage = stage.again().await;
    assert_eq!(taken_in(&stage.app, &stage, VILLAGE).await, 5);
    stage.report(VILLAGE, "road").await;
    assert_eq!(taken_in(&stage.app, &stage, COUNTY).await, 6);
    stage.sound().await;
}

/// What all facts add up to by measure: by the table alone, by the indexes with what is kept back, by the roll-ups with it.
async fn three_ways(app: &App, stage: &Stage) -> [BTreeMap<String, i64>; 3] {
    let plain = "select measure, cast(sum(delta) as bigint) from fact where realm = $1 group by measure";
    let plain = app.pool().rows(plain, &[app.realm().into()]).await.expect("sums");
    let plain: BTreeMap<String, i64> = plain.iter().map(|r| (r.text(0).to_owned(), r.int(1))).collect();
    let measures: Vec<String> = plain.keys().cloned().collect();
    let (from, to) = (Day::ymd(2019, 1, 1).expect("a day"), Day::ymd(2030, 1, 1).expect("a day"));
    let (first, last) = (i64::from(from.0), i64::from(to.0));
    let slice = Slice { measures: measures.clone(), from: first, to: last, cut_off: last, ..Slice::default() };
    let mut by_index = BTreeMap::new();
    for sum in app.pool().fact_sums(app.realm(), &slice, Buckets::Whole).await.expect("sums") {
        *by_index.entry(sum.measure).or_default() += sum.n;
    }
    let ask = Ask {
        measures: &measures,
        places: &[stage.place(COUNTY)],
        period: Period { from, to, cut_off: to },
        by_cohort: false,
        buckets: Buckets::Whole,
    };
    let mut by_sums = BTreeMap::new();
    for ((_, measure, _), n) in app.sums(ask).await.expect("sums") {
        *by_sums.entry(measure).or_default() += n;
    }
    // What came and was taken back again may stand as nought or not at all.
    [plain, by_index, by_sums].map(|sums| sums.into_iter().filter(|(_, n)| *n != 0).collect())
}

async fn what_is_half_settled_counts_once(stage: Stage) {
    let other = stage.beside().await;
    let mut play = crate::play::Play::new(&stage, 5);
    stage.app.pool().keep_back(16);
    let mut halfway = 0;
    // On a server nothing is kept back.
    let (rounds, least) = if stage.app.pool().is_shared() { (20, 0) } else { (150, 5) };
    for round in 0..rounds {
        stage.report(VILLAGE, ["lamp", "road"][round % 2]).await;
        if round % 6 == 0 {
            play.run(2).await;
        }
        let part = stage.app.pool().head(stage.app.realm()).await.expect("a head").map_or(0, |h| h.part);
        halfway += usize::from(part > 0);
        // Now and then the other one writes, and goes on with what this one has half settled.
        if round % 25 == 4 || part > 0 && round % 2 == 0 {
            other.open_matter(Who::Reporter, sibling(&stage), &format!("other/{round}")).await.expect("it is taken in");
        }
        for app in [&stage.app, &other] {
            let [plain, by_index, by_sums] = three_ways(app, &stage).await;
            assert_eq!(by_index, plain, "round {round}");
            assert_eq!(by_sums, plain, "round {round}");
        }
    }
    assert!(halfway >= least, "{halfway}");
    stage.sound().await;
}
