//! Connections of the file database that read in the thread of whoever asks. Most of what is asked is found by its key in less
//! time than it takes to call another thread and to be called back, on a small machine several times less. What turns out to
//! be long is broken off and left to the threads, so that nobody who reads long holds up those who read little. Nothing here
//! writes; must never be named outside `file.rs`.

use rusqlite::{Connection, Error, ErrorCode};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Steps of SQLite's machine between two looks at how far it is: some hundredths of a millisecond.
const STRIDE: i32 = 1_000;
/// Strides after which a read is a long one: a few milliseconds.
const LONG: u32 = 50;
/// How often it is looked whether anybody reads.
const SLICE: Duration = Duration::from_secs(3);
/// Up to so many reads within a slice are nobody's work: the clock looks each second.
const LONELY: u32 = 32;

/// A connection with the count of its strides.
struct Loan {
    connection: Connection,
    strides: Arc<AtomicU32>,
}

/// Connections that are lent to whoever asks.
pub(crate) struct Near(Mutex<Lent>);

#[derive(Default)]
struct Lent {
    free: Vec<Loan>,
    closed: bool,
    /// Reads since it was last looked.
    reads: u32,
    /// Whether there are pages to give back.
    warm: bool,
}

/// What came of a read.
pub(crate) struct Read<T> {
    pub found: rusqlite::Result<T>,
    /// It took some strides: others should have their turn now.
    pub some: bool,
}

impl Near {
    /// Lends these connections. Where whoever asks has a thread of its own, nothing is `bounded`.
    pub fn start(connections: Vec<Connection>, bounded: bool, rest: fn(&Connection)) -> rusqlite::Result<Arc<Near>> {
        let loan = |connection: Connection| {
            let strides = Arc::<AtomicU32>::default();
            let counted = Arc::clone(&strides);
            let most = if bounded { LONG } else { u32::MAX };
            let look = move || counted.fetch_add(1, Ordering::Relaxed) >= most;
            connection.progress_handler(STRIDE, Some(look))?;
            if bounded {
                // Where the file is locked the threads wait for it, and not whoever answers requests.
                connection.busy_timeout(Duration::ZERO)?;
            }
            Ok(Loan { connection, strides })
        };
        let free: rusqlite::Result<Vec<Loan>> = connections.into_iter().map(loan).collect();
        let near = Arc::new(Near(Mutex::new(Lent { free: free?, ..Lent::default() })));
        tokio::spawn(tend(Arc::downgrade(&near), rest));
        Ok(near)
    }

    /// Reads now and here; nothing where no connection is free or where it is a long one.
    pub fn run<T>(&self, job: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<Read<T>> {
        let loan = {
            let mut lent = self.lent();
            lent.reads = lent.reads.saturating_add(1);
            lent.free.pop()?
        };
        loan.strides.store(0, Ordering::Relaxed);
        let found = job(&loan.connection);
        let some = loan.strides.load(Ordering::Relaxed) > 0;
        self.back(vec![loan]);
        match found {
            Err(Error::SqliteFailure(error, _))
                if matches!(error.code, ErrorCode::OperationInterrupted | ErrorCode::DatabaseBusy) =>
            {
                None
            }
            found => Some(Read { found, some }),
        }
    }

    /// Takes back what was lent. Whoever closed meanwhile waited for nobody: it is closed here.
    fn back(&self, loans: Vec<Loan>) {
        let mut lent = self.lent();
        if !lent.closed {
            lent.free.extend(loans);
        }
    }

    /// Closes what is free, and what is lent when it comes back.
    pub fn close(&self) {
        let mut lent = self.lent();
        lent.closed = true;
        lent.free.clear();
    }

    /// Those that have pages to give back, where nobody has had work since this was last asked; they are to be brought
    /// [`back`](Near::back).
    fn resting(&self) -> Vec<Loan> {
        let mut lent = self.lent();
        let busy = std::mem::take(&mut lent.reads) > LONELY;
        let warm = std::mem::replace(&mut lent.warm, busy);
        if busy || !warm { Vec::new() } else { std::mem::take(&mut lent.free) }
    }

    fn lent(&self) -> MutexGuard<'_, Lent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks from time to time, as long as there is somebody to look after.
async fn tend(near: Weak<Near>, rest: fn(&Connection)) {
    loop {
        tokio::time::sleep(SLICE).await;
        let Some(near) = near.upgrade() else { return };
        if near.lent().closed {
            return;
        }
        let resting = near.resting();
        if !resting.is_empty() {
            // Giving back walks the heaps, which takes some milliseconds.
            let work = move || {
                resting.iter().for_each(|loan| rest(&loan.connection));
                near.back(resting);
            };
            drop(tokio::task::spawn_blocking(work).await);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(bounded: bool) -> Arc<Near> {
        Near::start(vec![Connection::open_in_memory().unwrap()], bounded, |_| ()).unwrap()
    }

    fn count(near: &Near, to: i64) -> Option<i64> {
        let sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1) select count(*) from n";
        near.run(|c| c.query_row(sql, [to], |row| row.get(0))).map(|read| read.found.unwrap())
    }

    #[tokio::test]
    async fn what_is_short_is_read_here_and_what_is_long_is_left() {
        let near = near(true);
        assert_eq!(count(&near, 10), Some(10));
        assert_eq!(count(&near, 1_000_000), None);
        // Whoever comes next begins to count anew.
        for _ in 0..200 {
            assert_eq!(count(&near, 500), Some(500));
        }
    }

    #[tokio::test]
    async fn whoever_has_a_thread_of_its_own_reads_to_the_end() {
        assert_eq!(count(&near(false), 1_000_000), Some(1_000_000));
    }

    #[tokio::test]
    async fn nobody_waits_for_a_connection_and_none_comes_back_after_closing() {
        let near = near(true);
        let inner = near.run(|_| Ok(near.run(|_| Ok(())).is_none())).unwrap();
        assert!(inner.found.unwrap(), "it is lent already");
        let closing = near.run(|_| {
            near.close();
            Ok(())
        });
        assert!(closing.is_some());
        assert!(near.run(|_| Ok(())).is_none());
    }

    #[tokio::test]
    async fn pages_are_given_back_once_when_the_work_is_over() {
        let near = near(true);
        assert!(near.resting().is_empty(), "nothing was read yet");
        for _ in 0..=LONELY {
            assert_eq!(count(&near, 1), Some(1));
        }
        assert!(near.resting().is_empty(), "somebody has work");
        // The clock alone is nobody's work.
        assert_eq!(count(&near, 1), Some(1));
        let resting = near.resting();
        assert_eq!(resting.len(), 1);
        near.back(resting);
        assert!(near.resting().is_empty(), "it was given back already");
        assert_eq!(count(&near, 1), Some(1));
    }

    #[tokio::test]
    async fn a_fault_is_a_fault_and_no_reason_to_ask_again() {
        let found = near(true).run(|c| c.execute_batch("select from nowhere")).unwrap().found;
        assert!(found.is_err());
    }
}
