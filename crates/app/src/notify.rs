//! Emptying the outbox: notices reach the desks of whoever holds the post now. Delivering one twice does no harm,
//! since a notice has the id of its outbox row.

use crate::error::AppError;
use crate::state::App;
use serde_json::Value;
use xiangyue_domain::register::Holder;
use xiangyue_store::Notice;

/// Rows taken at once.
const TAKE: i64 = 500;
/// Longest wait between two attempts.
const LONGEST_MS: i64 = 6 * 3_600_000;

impl App {
    /// Delivers what waits; returns how many rows were done.
    pub async fn deliver(&self) -> Result<usize, AppError> {
        let mut total = 0;
        loop {
            let now = self.now();
            let rows = self.pool().outbox_due(self.realm(), now.0, TAKE).await?;
            if rows.is_empty() {
                return Ok(total);
            }
            let directory = self.directory();
            let (mut notices, mut done, mut failed) = (Vec::new(), Vec::new(), Vec::new());
            for row in rows {
                let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
                if row.channel != "desk" {
                    let wait = (60_000 << row.attempts.min(12)).min(LONGEST_MS);
                    failed.push((row.id, "通道未配置".to_owned(), now.0 + wait));
                    continue;
                }
                let holder = Holder::parse(&row.recipient);
                let accounts = holder.map(|h| directory.holders_of(&h, now.day())).unwrap_or_default();
                for account in accounts {
                    let notice = Notice {
                        id: row.id,
                        at: row.at,
                        matter: body["matter"].as_i64().unwrap_or(0),
                        what: body["what"].as_str().unwrap_or("").to_owned(),
                        read: false,
                    };
                    notices.push((account.id.0, notice));
                }
                done.push(row.id);
            }
            self.pool().deliver(self.realm(), now.0, &notices, &done, &failed).await?;
            total += done.len();
            if done.is_empty() {
                return Ok(total);
            }
        }
    }
}
