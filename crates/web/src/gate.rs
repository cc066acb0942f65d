//! The gate: how many requests are under way at once. Whoever comes when all places are taken is told at once to come
//! again, instead of waiting behind a queue that only grows; nothing that was let in is ever turned away for it.

use crate::Web;
use crate::error::WebError;
use crate::form::BODY_MAX;
use crate::peer;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Requests under way at once, unless the operator says otherwise: each may hold a form with photos in memory.
const AT_ONCE: usize = 256;
/// One address may hold this part of the places, so that a handful of slow senders do not shut everybody out.
const SHARE: usize = 4;
/// How long what a refused sender is still sending is read and thrown away, so that the answer arrives.
const DRAIN: Duration = Duration::from_secs(10);

/// Places, and who holds how many.
#[derive(Debug)]
pub(crate) struct Gate {
    most: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<IpAddr, usize>,
}

/// A place, given back when it is dropped: also when a handler panics or a visitor goes away.
struct Place {
    web: Web,
    from: IpAddr,
}

impl Gate {
    /// A gate of so many places; 0 means the usual number.
    pub(crate) fn new(most: usize) -> Gate {
        Gate { most: if most == 0 { AT_ONCE } else { most }, taken: Mutex::default() }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place. This very machine has no share: a proxy that nobody named stands there for all its visitors.
    fn enter(&self, from: IpAddr) -> bool {
        let mut taken = self.taken();
        let own = taken.by.get(&from).copied().unwrap_or(0);
        let share = if from.is_loopback() { self.most } else { (self.most / SHARE).max(1) };
        if taken.all >= self.most || own >= share {
            return false;
        }
        taken.all += 1;
        taken.by.insert(from, own + 1);
        true
    }

    fn leave(&self, from: IpAddr) {
        let mut taken = self.taken();
        taken.all = taken.all.saturating_sub(1);
        match taken.by.get(&from).copied().unwrap_or(0) {
            0 | 1 => taken.by.remove(&from),
            n => taken.by.insert(from, n - 1),
        };
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.web.gate().leave(self.from);
    }
}

/// Lets a request in, or answers 503 at once. What costs nothing is always answered: whether the server lives, and
/// the style of the page that says to wait.
pub(crate) async fn gate(State(web): State<Web>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path == "/health" || path.starts_with("/static/") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let from = peer::of(&web, &parts);
    if !web.gate().enter(from) {
        let _ = tokio::time::timeout(DRAIN, drain(body)).await;
        return WebError::Busy.into_response();
    }
    let _place = Place { web, from };
    next.run(Request::from_parts(parts, body)).await
}

/// Reads what is still coming, without keeping it.
async fn drain(mut body: Body) {
    let mut left = BODY_MAX;
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        left = left.saturating_sub(frame.data_ref().map_or(0, |d| d.len()));
        if left == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_few_shared_and_given_back() {
        let gate = Gate::new(8);
        let [a, b, here] = [[203, 0, 113, 1], [203, 0, 113, 2], [127, 0, 0, 1]].map(IpAddr::from);
        assert!(gate.enter(a) && gate.enter(a) && !gate.enter(a), "a quarter for one address");
        assert!(gate.enter(b));
        gate.leave(a);
        assert!(gate.enter(a));
        while gate.enter(here) {}
        assert!(!gate.enter(b), "all eight are taken");
        assert_eq!(gate.taken().all, 8);
        gate.leave(here);
        assert!(gate.enter(b));
        for from in [a, a, b, b] {
            gate.leave(from);
        }
        assert_eq!(gate.taken().by.len(), 1, "nobody is remembered who holds nothing");
    }
}
