//! How good proposals from the past are: a simulated county is learnt up to its last months, these are asked, and what was
//! proposed is held against what was done. Prints first, first three, calibration and memory; holds a floor.

use xiangyue_app::lore::handler_of;
use xiangyue_app::{App, AppOptions, Clock};
use xiangyue_domain::day::Day;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::propose::Proposal;
use xiangyue_pack::{PackFiles, load};
use xiangyue_simulate::{Options, run};

#[derive(Default)]
struct Tally {
    asked: usize,
    first: usize,
    three: usize,
    bins: [(usize, f64, usize); 5],
}

impl Tally {
    fn take(&mut self, made: &[Proposal], done: &str) {
        let Some(best) = made.first() else { return };
        self.asked += 1;
        let right = best.label == done;
        self.first += usize::from(right);
        self.three += usize::from(made.iter().any(|p| p.label == done));
        let bin = &mut self.bins[((best.confidence * 5.0) as usize).min(4)];
        *bin = (bin.0 + 1, bin.1 + best.confidence, bin.2 + usize::from(right));
    }

    fn share(&self, n: usize) -> f64 {
        n as f64 / self.asked.max(1) as f64
    }

    /// How far confidence and outcome lie apart, over all.
    fn apart(&self) -> f64 {
        let far = |(n, sure, right): &(usize, f64, usize)| (sure - *right as f64).abs() * f64::from(u8::from(*n > 0));
        self.bins.iter().map(far).sum::<f64>() / self.asked.max(1) as f64
    }

    fn print(&self, what: &str) {
        let (first, three) = (self.share(self.first), self.share(self.three));
        println!(
            "{what}: {} asked, first {first:.3}, first three {three:.3}, apart by {:.3}",
            self.asked,
            self.apart()
        );
        for (n, sure, right) in self.bins.iter().filter(|b| b.0 > 0) {
            println!("    {n} with confidence {:.2}, right {:.2}", sure / *n as f64, *right as f64 / *n as f64);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proposals_are_right_and_say_how_sure() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(PackFiles::default_name());
    let loaded = load(PackFiles::at(&dir).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let now = Day::ymd(2021, 5, 31).unwrap().at_minute(16 * 60 + 40);
    let options = AppOptions {
        database: folder.path().join("xiangyue.db").display().to_string(),
        files: folder.path().join("files"),
        key_file: folder.path().join("key"),
        clock: Clock::fixed(now),
        seed: Some(5),
    };
    let app = App::open(options, loaded.policy.clone()).await.unwrap();
    run(&app, &loaded, Options { scale: 0.12, seed: 5, ..Options::default() }).await.unwrap();
    let mut matters: Vec<Matter> = Vec::new();
    let mut before = i64::MAX;
    loop {
        let ids = app.pool().matter_ids_before(app.realm(), before, 500).await.unwrap();
        let Some(last) = ids.last() else { break };
        before = *last;
        matters.extend(app.pool().matters_any(app.realm(), &ids).await.unwrap());
    }
    matters.sort_by_key(|m| m.id);
    let held_back = Day::ymd(2021, 3, 1).unwrap();
    let (past, last): (Vec<Matter>, Vec<Matter>) = matters.into_iter().partition(|m| m.accepted < held_back);
    app.learn_from(&past).await.unwrap();
    let (mut handlers, mut categories) = (Tally::default(), Tally::default());
    let mut handed_out = Tally::default();
    for matter in last.iter().filter(|m| !m.voided && m.merged_into.is_none()) {
        let kind = loaded.policy.kind_of(matter).unwrap();
        let Some((case, _)) = app.case_of(matter).await.unwrap() else { continue };
        let (who, what) = app.proposals(&matter.kind, &case, 3);
        if let Some(done) = handler_of(&loaded.policy, kind, matter) {
            handlers.take(&who, &done);
            let by_owner =
                |m: &xiangyue_domain::policy::Move| m.assign.as_ref().is_some_and(|a| a.0.starts_with("owner("));
            if kind.moves.iter().any(by_owner) {
                handed_out.take(&who, &done);
            }
        }
        if !case.category.is_empty() && !case.grams.is_empty() {
            categories.take(&what, &case.category);
        }
    }
    println!("learnt from {} matters, {} KB of memory", past.len(), app.with_lore(|l| l.bytes()) / 1024);
    handlers.print("who handles it");
    handed_out.print("who handles it, of kinds that are handed out by category");
    categories.print("what it is about");
    assert!(handlers.share(handlers.first) >= 0.6 && handlers.share(handlers.three) >= 0.7);
    assert!(categories.share(categories.first) >= 0.6 && categories.share(categories.three) >= 0.75);
    assert!(handlers.apart() <= 0.12 && categories.apart() <= 0.12, "confidence says what comes out");
}
