//! The clock's work: every matter whose next time has come is looked at, held by someone or not, oldest first, until
//! none is left. The due times stand in the database, so a restart forgets nothing.

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::state::App;
use std::time::Duration;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Who;

/// Matters looked at in one go.
const SWEEP: i64 = 400;
/// How often a process beside others asks whether posts and places have changed.
const OFTEN: Duration = Duration::from_secs(1);
/// How often the clock looks.
const EVERY: Duration = Duration::from_secs(15);

/// A task that ends with whoever began it.
struct Ended(tokio::task::JoinHandle<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl App {
    /// Empties the outbox, at intervals and at once when something waits that cannot.
    async fn keep_outbox(self) {
        let mut every = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = every.tick() => {}
                () = self.outbox.rung() => {}
            }
            if let Err(error) = self.deliver().await {
                tracing::error!(%error, "the outbox could not be emptied");
            }
        }
    }

    /// Takes in what another process changed of regions, registers and posts, so that a right that ended there ends here.
    pub async fn refresh(&self) -> Result<(), AppError> {
        if let Some(head) = self.pool().head(self.realm()).await? {
            self.shared.directory_at(head.directory).await?;
        }
        Ok(())
    }

    /// Looks at every matter that is due by an instant; returns how many changes that caused.
    pub async fn sweep(&self, at: Time) -> Result<usize, AppError> {
        let mut changes = 0;
        loop {
            let due = self.pool().due_matters(self.realm(), at.0, SWEEP).await?;
            if due.is_empty() {
                return Ok(changes);
            }
            let mut waiting = Vec::with_capacity(due.len());
            for id in due {
                let command = Command::Tick(MatterId(id));
                waiting.push(self.queue_at(at, Who::System, None, command, Beside::default()).await?);
            }
            let before = changes;
            for answer in waiting {
                match answer.await.map_err(|_| AppError::Busy)? {
                    Ok(outcome) if !outcome.idle => changes += 1,
                    Ok(_) | Err(AppError::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            if changes == before {
                // Nothing moved although something was due: a fault worth a line, not an endless loop.
                tracing::error!("matters are due but none could be moved");
                return Ok(changes);
            }
        }
    }

    /// Gives up reservations that ran out, and once a day books the points that did.
    async fn keep_books(&self, swept: &mut Day) -> Result<(), AppError> {
        let now = self.now();
        self.lapse_pending(now).await?;
        if *swept != now.day() {
            self.expire_points(now).await?;
            *swept = now.day();
        }
        Ok(())
    }

    /// Runs the clock and the outbox until the application is dropped.
    pub async fn keep_time(self) {
        let mut swept = Day::default();
        // What leaves the platform waits on others, and the clock does not wait with it.
        let outbox = tokio::spawn(self.clone().keep_outbox());
        let _ended_with_it = Ended(outbox);
        let mut every = tokio::time::interval(EVERY);
        let mut often = tokio::time::interval(OFTEN);
        loop {
            // Beside a file another process is rare, a command of the operator's: it is heard of with the clock's own work.
            let due = tokio::select! {
                _ = every.tick() => true,
                _ = often.tick(), if self.pool().is_shared() => false,
            };
            if let Err(error) = self.refresh().await {
                tracing::error!(%error, "the directory could not be read again");
            }
            if !due {
                continue;
            }
            if let Err(error) = self.sweep(self.now()).await {
                tracing::error!(%error, "the clock could not do its work");
            }
            if let Err(error) = self.close_days(self.now()).await {
                tracing::error!(%error, "the tree of a day could not be closed");
            }
            if let Err(error) = self.keep_books(&mut swept).await {
                tracing::error!(%error, "the books could not be tended");
            }
            if let Err(error) = self.lapse_subscriptions(self.now()).await {
                tracing::error!(%error, "what nobody confirmed could not be forgotten");
            }
            if let Err(error) = self.tend_imports().await {
                tracing::error!(%error, "imports could not be tended");
            }
        }
    }
}
