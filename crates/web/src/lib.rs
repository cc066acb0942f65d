//! The only crate that knows HTTP and HTML. A handler extracts, calls one use case, and makes a page of what comes
//! back; no rule of the field stands here, and no page is made by a script in the browser.

mod error;
mod form;
mod gate;
mod guard;
mod locale;
mod page;
mod peer;
mod render;
mod routes;
mod show;
mod upload;
mod visit;

pub use guard::Limits;
pub use locale::{Locale, Locales};
pub use peer::Network;
pub use render::check_templates;

use crate::render::Templates;
use axum::Router;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use xiangyue_app::App;
use xiangyue_domain::day::Day;
use xiangyue_pack::Loaded;

/// How the pages are served.
#[derive(Debug, Clone, Default)]
pub struct WebOptions {
    /// Role cards with one-click sign-in: only for `demo`, only on the loopback.
    pub demo_cards: bool,
    /// Address under which villagers reach the portal, for codes and receipts, such as `https://xx.gov.cn`.
    pub base_url: String,
    /// Cookies only over TLS.
    pub secure_cookies: bool,
    /// Proxies whose word is taken for where a visitor comes from.
    pub trusted_proxies: Vec<Network>,
    /// Requests under way at once; 0 means the usual number. Beyond it the answer is 503 with `Retry-After`.
    pub at_once: usize,
}

/// Progress of the simulation that fills a demo.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    failed: OnceLock<String>,
}

impl Progress {
    /// Notes how far it is.
    pub fn set(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Notes that it failed.
    pub fn fail(&self, why: String) {
        let _ = self.failed.set(why);
    }

    /// Done, total, and why it failed.
    pub fn get(&self) -> (u64, u64, Option<&str>) {
        let load = |n: &AtomicU64| n.load(Ordering::Relaxed);
        (load(&self.done), load(&self.total), self.failed.get().map(String::as_str))
    }
}

/// What a page may draw on once the data is there.
pub struct Ready {
    /// The application.
    pub app: App,
    /// The pack with its rows.
    pub loaded: Arc<Loaded>,
    /// The scenario's period, when this is a demo.
    pub demo: Option<(Day, Day)>,
}

/// The state of the pages.
#[derive(Clone)]
pub struct Web {
    inner: Arc<Inner>,
}

struct Inner {
    ready: OnceLock<Ready>,
    progress: Progress,
    templates: Templates,
    locales: Arc<Locales>,
    limits: Limits,
    gate: gate::Gate,
    options: WebOptions,
    county: String,
}

impl Web {
    /// Pages before the data is there: they show the progress.
    pub fn new(options: WebOptions, county: &str) -> Web {
        let inner = Inner {
            ready: OnceLock::new(),
            progress: Progress::default(),
            templates: Templates::embedded(),
            locales: Arc::new(Locales::embedded()),
            limits: Limits::default(),
            gate: gate::Gate::new(options.at_once),
            options,
            county: county.to_owned(),
        };
        Web { inner: Arc::new(inner) }
    }

    /// Opens the pages.
    pub fn set_ready(&self, ready: Ready) {
        let _ = self.inner.ready.set(ready);
    }

    /// The progress of the simulation.
    pub fn progress(&self) -> &Progress {
        &self.inner.progress
    }

    /// All pages.
    pub fn router(&self) -> Router {
        routes::all(self.clone())
    }

    /// Every route with its method, for the test that walks them.
    pub fn route_table() -> &'static [(&'static str, &'static str)] {
        routes::TABLE
    }

    pub(crate) fn ready(&self) -> Option<&Ready> {
        self.inner.ready.get()
    }

    pub(crate) fn templates(&self) -> &Templates {
        &self.inner.templates
    }

    pub(crate) fn locales(&self) -> &Locales {
        &self.inner.locales
    }

    pub(crate) fn locales_arc(&self) -> Arc<Locales> {
        Arc::clone(&self.inner.locales)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    pub(crate) fn gate(&self) -> &gate::Gate {
        &self.inner.gate
    }

    pub(crate) fn options(&self) -> &WebOptions {
        &self.inner.options
    }

    pub(crate) fn county(&self) -> &str {
        &self.inner.county
    }
}
