//! How many statements a page sends to the database, as the store says them.

use std::sync::atomic::{AtomicUsize, Ordering};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

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

/// From now on statements are counted, in the whole process.
pub fn count() {
    tracing::subscriber::set_global_default(Counter).expect("the first subscriber");
}

/// Statements since the last time.
pub fn since() -> usize {
    ASKED.swap(0, Ordering::SeqCst)
}
