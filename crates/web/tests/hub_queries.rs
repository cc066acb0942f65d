//! A page of figures asks the database a bounded number of questions, however many places and indicators stand on it:
//! none per town, none per indicator. Statements are counted as the store says them.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use support::{House, YANCHI};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use xiangyue_web::WebOptions;

static ASKED: AtomicUsize = AtomicUsize::new(0);

/// Counts statements.
struct Counter;

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "statement"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        ASKED.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_page_of_figures_asks_a_bounded_number_of_questions() {
    tracing::subscriber::set_global_default(Counter).expect("the first subscriber");
    let house = House::of(YANCHI, WebOptions::default()).await;
    let mut leader = house.signed_in("county.office", "640323000000").await;
    let mut counted = Vec::new();
    // Nine towns, twenty-four villages, some grids.
    for page in [
        "/hub",
        "/hub?region=640323100000",
        "/hub?region=640323100200",
        "/hub?from=2026-01-15&to=2026-10-20",
        "/hub/wall",
        "/hub/figures/hotline.close_rate?region=640323100000",
        "/hub/report",
    ] {
        ASKED.store(0, Ordering::SeqCst);
        leader.get(page).await.is(200);
        counted.push((page, ASKED.load(Ordering::SeqCst)));
    }
    for (page, n) in &counted {
        assert!((1..=48).contains(n), "{page}: {n} questions; all: {counted:?}");
    }
    println!("{counted:?}");
}
