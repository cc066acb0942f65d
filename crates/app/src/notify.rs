//! Emptying the outbox: what leaves the platform goes through a channel that the deployment sets up. A channel that is
//! not there leaves its rows visible, tried again later and later; nothing is dropped that somebody could still use.

use crate::error::AppError;
use crate::state::App;
use crate::texts::{CHANNEL, Fate};

/// Rows looked at once, and taken in hand at once.
const TAKE: i64 = 500;
const HAND: usize = 50;
/// Longest wait between two attempts.
const LONGEST_MS: i64 = 6 * 3_600_000;
/// How long rows are held: whoever took them and was cut off gives them back after it.
const HOLD_MS: i64 = 30 * 60_000;

impl App {
    /// Tries what waits; returns how many rows were done.
    pub async fn deliver(&self) -> Result<usize, AppError> {
        let now = self.now();
        let rows = self.pool().outbox_due(self.realm(), now.0, TAKE).await?;
        let wait = |attempts: i64| (60_000 << attempts.clamp(0, 12)).min(LONGEST_MS);
        let mut sent = 0;
        for some in rows.chunks(HAND) {
            let ids: Vec<i64> = some.iter().map(|r| r.id).collect();
            let mine = self.pool().claim_outbox(self.realm(), now.0, &ids, now.0 + HOLD_MS).await?;
            let (mut done, mut failed) = (Vec::new(), Vec::new());
            for row in some.iter().filter(|r| mine.contains(&r.id)) {
                let fate = match row.channel.as_str() {
                    CHANNEL => self.send_text(row).await?,
                    _ => Fate::Failed("通道未配置".to_owned()),
                };
                match fate {
                    Fate::Done => done.push(row.id),
                    Fate::Failed(why) => failed.push((row.id, why, now.0 + wait(row.attempts))),
                }
            }
            self.pool().mark_outbox(self.realm(), self.now().0, &done, &failed).await?;
            sent += done.len();
        }
        Ok(sent)
    }
}
