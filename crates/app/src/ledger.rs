//! Use cases on the ledger: points, goods, money and what they are judged by. Every write is a command with a key, so that
//! the same request sent twice is carried out once.

use crate::command::{Beside, Command, Outcome};
use crate::error::AppError;
use crate::state::App;
use std::collections::HashMap;
use std::sync::Arc;
use xiangyue_domain::ids::{HouseholdId, LedgerId, TransferId};
use xiangyue_domain::ledger::{Booked, Home, Line, Request};
use xiangyue_domain::matter::Who;

impl App {
    /// Sends a request to the ledger and waits until it is durable or refused.
    pub async fn ledger(&self, by: Who, key: Option<String>, request: Request) -> Result<Outcome, AppError> {
        self.send(by, key, Command::Ledger(Arc::new(request)), Beside::default()).await
    }

    /// A household and where it lives.
    pub async fn home(&self, id: HouseholdId) -> Result<Home, AppError> {
        let found = self.pool().household(self.realm(), id.0).await?.ok_or(AppError::NotFound)?;
        Ok(Home { id: found.id.0, place: found.region })
    }
}

/// A line of a statement with the transfer behind it.
#[derive(Debug, Clone)]
pub struct StatementLine {
    /// The line.
    pub line: Line,
    /// The transfer.
    pub transfer: Booked,
}

impl App {
    /// A page of an account's statement, newest first, below a line's number.
    pub async fn statement_page(
        &self,
        account: LedgerId,
        before: Option<i64>,
        size: i64,
    ) -> Result<Vec<StatementLine>, AppError> {
        let lines = self.pool().ledger_lines(self.realm(), account, before.unwrap_or(i64::MAX), size).await?;
        let ids: Vec<TransferId> = lines.iter().map(|l| l.transfer).collect();
        let found = self.pool().ledger_transfers(self.realm(), &ids).await?;
        let mut by_id: HashMap<TransferId, Booked> = found.into_iter().map(|b| (b.moved.id, b)).collect();
        let both = |line: Line| by_id.remove(&line.transfer).map(|transfer| StatementLine { line, transfer });
        Ok(lines.into_iter().filter_map(both).collect())
    }
}
