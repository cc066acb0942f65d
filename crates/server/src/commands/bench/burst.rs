//! A burst over HTTP: forms come in at a steady usual rate, then at many times that rate whether or not the server
//! keeps up, then at the usual rate again. What was accepted, refused or not answered, and how soon it is as before.

use super::Visitor;
use super::http::Client;
use super::load::{Script, opening};
use crate::open::Said;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// What the burst is, as a multiple of the usual.
pub const TIMES: u64 = 35;
/// Connections kept open between two forms; more are opened when these are in use.
const IDLE: usize = 512;
/// Nobody waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(35);
/// How long the usual load is watched before and after.
const WATCH: Duration = Duration::from_secs(10);

/// One form that was sent.
#[derive(Debug, Clone)]
struct Sent {
    /// Since the beginning of its phase.
    at: Duration,
    took: Duration,
    status: u16,
    /// Seconds of `Retry-After`.
    retry: Option<u64>,
    location: String,
}

/// What came of a burst.
pub struct Came {
    /// Forms per second before, between and after.
    pub usual: u64,
    /// Forms sent in the burst.
    pub sent: usize,
    /// Answered with a receipt.
    pub accepted: usize,
    /// Answered with 503 and `Retry-After`.
    pub refused: usize,
    /// No answer, or another one.
    pub lost: usize,
    /// Accepted in any phase, and not found afterwards.
    pub missing: usize,
    /// Accepted in all phases.
    pub all: usize,
    /// Longest that an accepted form of the burst took.
    pub slowest: Duration,
    /// From the end of the burst until every form is accepted as fast as before; none within the time watched.
    pub recovered: Option<Duration>,
}

#[derive(Clone)]
struct Sender {
    address: SocketAddr,
    idle: Arc<Mutex<Vec<Client>>>,
    path: String,
    cookie: String,
    form: String,
}

impl Sender {
    async fn once(self, begun: Instant) -> Option<Sent> {
        let (at, started) = (begun.elapsed(), Instant::now());
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let work = async {
            let mut client = match kept {
                Some(client) => client,
                None => Client::connect(self.address).await?,
            };
            let answer = client.post(&self.path, &self.cookie, &self.form).await?;
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE {
                idle.push(client);
            }
            Ok::<_, Said>(answer)
        };
        let answer = tokio::time::timeout(PATIENCE, work).await.ok()?.ok()?;
        let retry = answer.retry_after.parse().ok();
        Some(Sent { at, took: started.elapsed(), status: answer.status, retry, location: answer.location })
    }

    /// Sends at a steady rate, whether or not answers come.
    async fn steady(&self, rate: u64, long: Duration) -> (usize, Vec<Sent>) {
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        let mut sent = 0u32;
        while begun.elapsed() < long {
            let due = Duration::from_secs_f64(f64::from(sent) / rate.max(1) as f64);
            tokio::time::sleep(due.saturating_sub(begun.elapsed())).await;
            tasks.spawn(self.clone().once(begun));
            sent += 1;
        }
        let answers = tasks.join_all().await;
        (usize::try_from(sent).unwrap_or(0), answers.into_iter().flatten().collect())
    }
}

/// Runs the three phases and looks for what was accepted.
pub async fn burst(
    address: SocketAddr,
    script: &Script,
    visitors: &std::collections::BTreeMap<String, Visitor>,
    place: i64,
    (usual, long): (u64, Duration),
) -> Result<Came, Said> {
    let (path, visitor, form) = opening(script, visitors, place)?;
    let cookie = visitor.cookie.clone();
    let sender = Sender { address, idle: Arc::default(), path, cookie: cookie.clone(), form };
    let (_, before) = sender.steady(usual, WATCH).await;
    let quick = Duration::from_millis(250).max(longest(&before) * 2);
    let (sent, answers) = sender.steady(usual * TIMES, long).await;
    // Answers to the burst that are still outstanding were waited for, so the time until they were all in counts.
    let tail = answers.iter().map(|s| s.at + s.took).max().unwrap_or(long).saturating_sub(long);
    let (_, after) = sender.steady(usual, WATCH).await;
    let bad = after.iter().filter(|s| s.status != 303 || s.took > quick).map(|s| s.at + s.took).max();
    let recovered = bad.unwrap_or_default() + tail;
    let accepted: Vec<&Sent> = answers.iter().filter(|s| s.status == 303).collect();
    let refused = answers.iter().filter(|s| s.status == 503 && s.retry.is_some()).count();
    let all: Vec<&Sent> = before.iter().chain(&answers).chain(&after).filter(|s| s.status == 303).collect();
    Ok(Came {
        usual,
        sent,
        accepted: accepted.len(),
        refused,
        lost: sent - accepted.len() - refused,
        missing: missing(address, &cookie, &all).await?,
        all: all.len(),
        slowest: accepted.iter().map(|s| s.took).max().unwrap_or_default(),
        recovered: (recovered < WATCH).then_some(recovered),
    })
}

fn longest(sent: &[Sent]) -> Duration {
    sent.iter().map(|s| s.took).max().unwrap_or_default()
}

/// Opens every matter whose receipt was given, each one only once.
async fn missing(address: SocketAddr, cookie: &str, all: &[&Sent]) -> Result<usize, Said> {
    let mut client = Client::connect(address).await?;
    let mut seen = std::collections::BTreeSet::new();
    let mut missing = 0;
    for sent in all {
        let found = client.get(&sent.location, cookie, true).await?.status == 200;
        missing += usize::from(!found || !seen.insert(&sent.location));
    }
    Ok(missing)
}
