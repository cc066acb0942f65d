//! Connections of the file database in threads of their own, fed from one queue. The thread that worked last is woken first:
//! one is woken for each job and the others sleep on, so that few connections hold pages. Nothing here knows SQL beyond giving
//! memory back; must never be named outside `file.rs`.

use crate::error::StoreError;
use rusqlite::Connection;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long a connection waits for work at once.
const SLICE: Duration = Duration::from_millis(250);
/// After how many slices without work a connection gives its pages back. A job that comes after a whole slice is a lonely one,
/// the clock's or of somebody who looks once, and does not count as work.
const CALM: u32 = 12;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// Connections in threads of their own, fed from one queue.
pub(crate) struct Workers {
    queue: Arc<Mutex<Queue>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What waits, and who waits for it.
#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// Threads without work, the one that worked last at the end.
    idle: Vec<Thread>,
    closed: bool,
}

impl Workers {
    /// Starts a thread for each connection.
    pub fn start(name: &str, connections: Vec<Connection>) -> Result<Workers, StoreError> {
        let queue = Arc::<Mutex<Queue>>::default();
        let mut threads = Vec::new();
        for connection in connections {
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new().name(name.to_owned());
            let thread = thread.spawn(move || work(&connection, &queue));
            threads.push(thread.map_err(|e| StoreError::File(e.to_string()))?);
        }
        Ok(Workers { queue, threads: Mutex::new(threads) })
    }

    /// Hands a job over without waiting for it; false when the database was closed.
    pub fn send(&self, job: Job) -> bool {
        let mut queue = held(&self.queue);
        if queue.closed {
            return false;
        }
        queue.jobs.push_back(job);
        let woken = queue.idle.pop();
        drop(queue);
        if let Some(thread) = woken {
            thread.unpark();
        }
        true
    }

    /// Hands a job over and waits for what it gives.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, answer) = oneshot::channel();
        let sent = self.send(Box::new(move |connection| {
            // A caller that went away is no fault.
            let _ = done.send(job(connection));
        }));
        if !sent {
            return Err(StoreError::File("the database is closed".to_owned()));
        }
        Ok(answer.await.map_err(|_| StoreError::File("the database is closed".to_owned()))??)
    }

    /// Lets what waits be done, then closes the connections.
    pub async fn close(&self) {
        self.end();
        let threads: Vec<JoinHandle<()>> =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|t| drop(t.join()))).await;
        drop(joined);
    }

    /// Nothing is taken in any more; whoever sleeps does what waits, and goes.
    fn end(&self) {
        let mut queue = held(&self.queue);
        queue.closed = true;
        queue.idle.drain(..).for_each(|thread| thread.unpark());
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.end();
    }
}

/// What came of waiting.
enum Next {
    Job(Job),
    /// A slice passed without any.
    Nothing,
    Closed,
}

fn work(connection: &Connection, queue: &Mutex<Queue>) {
    // Slices that passed since somebody was busy, and since the last job.
    let (mut calm, mut lonely, mut warm) = (0, false, false);
    loop {
        match next(queue, warm) {
            Next::Job(job) => {
                if !std::mem::take(&mut lonely) {
                    calm = 0;
                }
                warm = true;
                // One job that panics must not take the only writer along; whoever waits for it is told that it failed.
                if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(connection))).is_err() {
                    tracing::error!("a job of the database panicked");
                }
            }
            Next::Nothing => {
                calm += 1;
                lonely = true;
            }
            Next::Closed => return,
        }
        // With nothing to do its pages are given back; the operating system has them still. The clock looks each second:
        // between two of its looks nobody would ever be idle for long.
        if calm >= CALM && std::mem::take(&mut warm) {
            drop(connection.execute_batch("pragma shrink_memory"));
            xiangyue_memory::give_back();
        }
    }
}

/// The next job. Whoever has nothing to give back sleeps until there is one.
fn next(queue: &Mutex<Queue>, warm: bool) -> Next {
    let me = std::thread::current();
    let mut waited = false;
    loop {
        let mut waiting = held(queue);
        waiting.idle.retain(|thread| thread.id() != me.id());
        if let Some(job) = waiting.jobs.pop_front() {
            return Next::Job(job);
        }
        if waiting.closed {
            return Next::Closed;
        }
        if waited {
            return Next::Nothing;
        }
        waiting.idle.push(me.clone());
        drop(waiting);
        // Somebody else may have taken what it was woken for, and it wakes early: that is no slice.
        let since = Instant::now();
        if warm { std::thread::park_timeout(SLICE) } else { std::thread::park() }
        waited = warm && since.elapsed() >= SLICE;
    }
}

fn held(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workers(n: usize) -> Workers {
        let connections = (0..n).map(|_| Connection::open_in_memory().unwrap()).collect();
        Workers::start("test", connections).unwrap()
    }

    #[tokio::test]
    async fn what_was_handed_over_is_done_before_closing_and_nothing_after() {
        let workers = Arc::new(workers(3));
        let (done, answers) = std::sync::mpsc::channel();
        for n in 0..500 {
            let done = done.clone();
            assert!(workers.send(Box::new(move |_| done.send(n).expect("somebody listens"))));
        }
        workers.close().await;
        let mut answers: Vec<i32> = answers.try_iter().collect();
        answers.sort_unstable();
        assert_eq!(answers, Vec::from_iter(0..500));
        assert!(!workers.send(Box::new(|_| ())));
        assert!(workers.run(|_| Ok(())).await.is_err());
    }

    #[test]
    fn whoever_drops_them_ends_their_threads() {
        let workers = workers(2);
        let threads = std::mem::take(&mut *workers.threads.lock().unwrap());
        drop(workers);
        threads.into_iter().for_each(|thread| thread.join().expect("it ended"));
    }

    #[tokio::test]
    async fn whoever_sleeps_is_woken_and_a_job_that_panics_takes_nobody_along() {
        let workers = workers(1);
        for round in 0..50 {
            let failed = workers.run(move |_| if round % 2 == 0 { panic!("of a test") } else { Ok(round) }).await;
            assert_eq!(failed.is_ok(), round % 2 == 1);
            // Now and then it has gone to sleep meanwhile.
            if round % 10 == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        workers.close().await;
    }
}
