//! Connections of the file database in threads of their own, fed from one queue. The thread that worked last is woken first:
//! one is woken for each job and the others sleep on, so that few connections hold pages. Nothing here knows
//! what a connection is; must never be named outside `file.rs`.

use crate::error::StoreError;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a connection waits for work at once.
const SLICE: Duration = Duration::from_millis(250);
/// After how many slices without work a connection gives its pages back. A job that comes after a whole slice is a lonely one,
/// the clock's or of somebody who looks once, and does not count as work.
const CALM: u32 = 12;

type Job<C> = Box<dyn FnOnce(&C) + Send>;

/// Connections in threads of their own, fed from one queue.
pub(crate) struct Workers<C> {
    queue: Arc<Mutex<Queue<C>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What waits, and who waits for it.
struct Queue<C> {
    jobs: VecDeque<Job<C>>,
    /// Threads without work, the one that worked last at the end.
    idle: Vec<Thread>,
    closed: bool,
}

impl<C: Send + 'static> Workers<C> {
    /// Starts a thread for each connection, which `rest`s when nobody has had work for it for a while.
    pub fn start(name: &str, connections: Vec<C>, rest: fn(&C)) -> Result<Workers<C>, StoreError> {
        let queue = Arc::new(Mutex::new(Queue { jobs: VecDeque::new(), idle: Vec::new(), closed: false }));
        let mut threads = Vec::new();
        for connection in connections {
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new().name(name.to_owned());
            let thread = thread.spawn(move || work(&connection, &queue, rest));
            threads.push(thread.map_err(|e| StoreError::File(e.to_string()))?);
        }
        Ok(Workers { queue, threads: Mutex::new(threads) })
    }

    /// Hands a job over without waiting for it; false when the database was closed.
    pub fn send(&self, job: Job<C>) -> bool {
        let mut queue = held(&self.queue);
        if queue.closed {
            return false;
        }
        queue.jobs.push_back(job);
        let called = queue.idle.pop();
        // Called with the queue free again, or it would wake only to wait for it: a fifteenth of all that is done under load.
        drop(queue);
        called.iter().for_each(Thread::unpark);
        true
    }

    /// Hands a job over and waits for what it gives.
    pub async fn run<T: Send + 'static, E: Send + 'static>(
        &self,
        job: impl FnOnce(&C) -> Result<T, E> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        StoreError: From<E>,
    {
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
}

impl<C> Workers<C> {
    /// Nothing is taken in any more; whoever sleeps does what waits, and goes.
    fn end(&self) {
        let mut queue = held(&self.queue);
        queue.closed = true;
        queue.idle.drain(..).for_each(|thread| thread.unpark());
    }
}

impl<C> Drop for Workers<C> {
    fn drop(&mut self) {
        self.end();
    }
}

/// What came of waiting.
enum Next<C> {
    Job(Job<C>),
    /// A slice passed without any.
    Nothing,
    Closed,
}

fn work<C>(connection: &C, queue: &Mutex<Queue<C>>, rest: fn(&C)) {
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
        // The clock looks each second: between two of its looks nobody would ever be idle for long.
        if calm >= CALM && std::mem::take(&mut warm) {
            rest(connection);
            // It sleeps now without counting slices; the next job is a lonely one, whenever it comes.
            lonely = true;
        }
    }
}

/// The next job. Whoever has nothing to give back sleeps until there is one.
fn next<C>(queue: &Mutex<Queue<C>>, warm: bool) -> Next<C> {
    let me = std::thread::current();
    let mut waited = false;
    loop {
        let mut waiting = held(queue);
        // Whoever is called is taken from among the idle; whoever still stands there has waited for nothing. A call that comes
        // late ends the next wait early, which then counts as a slice: rare, and only memory goes by it.
        let here = waiting.idle.iter().position(|thread| thread.id() == me.id());
        let called = here.map(|at| waiting.idle.remove(at)).is_none();
        if let Some(job) = waiting.jobs.pop_front() {
            return Next::Job(job);
        }
        if waiting.closed {
            return Next::Closed;
        }
        if waited && !called {
            return Next::Nothing;
        }
        waiting.idle.push(me.clone());
        drop(waiting);
        if warm {
            std::thread::park_timeout(SLICE)
        } else {
            std::thread::park()
        }
        waited = warm;
    }
}

fn held<C>(queue: &Mutex<Queue<C>>) -> MutexGuard<'_, Queue<C>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workers(n: usize) -> Workers<usize> {
        Workers::start("test", (0..n).collect(), |_| ()).unwrap()
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
        assert!(workers.run(|_| Ok::<_, StoreError>(())).await.is_err());
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
            let failed = workers
                .run(move |_| if round % 2 == 0 { panic!("of a test") } else { Ok::<_, StoreError>(round) })
                .await;
            assert_eq!(failed.is_ok(), round % 2 == 1);
            // Now and then it has gone to sleep meanwhile.
            if round % 10 == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        workers.close().await;
    }
}
