//! Emptying the outbox: notices reach the desks of whoever holds the post now. Delivering one twice does no harm,
//! since a notice has the id of its outbox row.

use crate::error::AppError;
use crate::state::App;
use serde_json::Value;
use std::collections::HashMap;
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::register::{Account, Holder};
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
            let (directory, policy) = (self.directory(), self.policy());
            let ctx = Ctx { now, policy: &policy, directory: &directory };
            let bodies: Vec<Value> = rows.iter().map(|r| serde_json::from_str(&r.body).unwrap_or_default()).collect();
            let ids: Vec<i64> = bodies.iter().filter_map(|b| b["matter"].as_i64()).collect();
            let matters: HashMap<MatterId, Matter> =
                self.pool().matters_any(self.realm(), &ids).await?.into_iter().map(|m| (m.id, m)).collect();
            let (mut notices, mut done, mut failed) = (Vec::new(), Vec::new(), Vec::new());
            for (row, body) in rows.into_iter().zip(bodies) {
                if row.channel != "desk" {
                    let wait = (60_000 << row.attempts.min(12)).min(LONGEST_MS);
                    failed.push((row.id, "通道未配置".to_owned(), now.0 + wait));
                    continue;
                }
                let holder = Holder::parse(&row.recipient);
                let accounts = holder.map(|h| directory.holders_of(&h, now.day())).unwrap_or_default();
                let id = MatterId(body["matter"].as_i64().unwrap_or(0));
                // Whoever may not see it now is not told of it either.
                let sees = |a: &&&Account| matters.get(&id).is_some_and(|m| flow::sees(ctx, m, a.id));
                for account in accounts.iter().filter(sees) {
                    let notice = Notice {
                        id: row.id,
                        at: row.at,
                        matter: id.0,
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
