//! Emptying the outbox: what leaves the platform goes through a channel that the deployment sets up. A channel that is
//! not there leaves its rows visible, tried again later and later; nothing is dropped.

use crate::error::AppError;
use crate::state::App;

/// Rows taken at once.
const TAKE: i64 = 500;
/// Longest wait between two attempts.
const LONGEST_MS: i64 = 6 * 3_600_000;

impl App {
    /// Tries what waits; returns how many rows were done. No channel is set up in this version, so none is.
    pub async fn deliver(&self) -> Result<usize, AppError> {
        let now = self.now();
        let rows = self.pool().outbox_due(self.realm(), now.0, TAKE).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let wait = |attempts: i64| (60_000 << attempts.clamp(0, 12)).min(LONGEST_MS);
        let failed: Vec<(i64, String, i64)> =
            rows.iter().map(|r| (r.id, "通道未配置".to_owned(), now.0 + wait(r.attempts))).collect();
        self.pool().mark_outbox(self.realm(), now.0, &[], &failed).await?;
        Ok(0)
    }
}
