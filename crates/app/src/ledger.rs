//! Use cases on the ledger: points, goods, money and what they are judged by. Every write is a command with a key, so that
//! the same request sent twice is carried out once.

use crate::command::{Beside, Command, Outcome};
use crate::error::AppError;
use crate::state::App;
use std::collections::HashMap;
use std::sync::Arc;
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::{HouseholdId, LedgerId, TransferId};
use xiangyue_domain::ledger::{Booked, Home, Line, Request, Sweep};
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

/// Accounts and reservations looked at in one go.
const SWEEP: i64 = 200;

impl App {
    /// Gives up reservations whose time has run out; returns how many.
    pub async fn lapse_pending(&self, at: Time) -> Result<usize, AppError> {
        let mut done = 0;
        loop {
            let ids = self.pool().ledger_overdue(self.realm(), at.0, SWEEP).await?;
            if ids.is_empty() {
                return Ok(done);
            }
            done += ids.len();
            let command = Command::Ledger(Arc::new(Request::Lapse(ids)));
            let answer = self.queue_at(at, Who::System, None, command, Beside::default()).await?;
            if answer.await.map_err(|_| AppError::Busy)??.idle {
                tracing::error!("reservations have run out but none was given up");
                return Ok(done);
            }
        }
    }

    /// Books what ran out before a day, account after account; returns how many were looked at.
    pub async fn expire_points(&self, at: Time) -> Result<usize, AppError> {
        let (mut after, mut seen) = (String::new(), 0);
        loop {
            let (accounts, last) = self.pool().ledger_run_out(self.realm(), &after, at.day(), SWEEP).await?;
            if accounts.is_empty() {
                return Ok(seen);
            }
            (after, seen) = (last, seen + accounts.len());
            let command = Command::Ledger(Arc::new(Request::Expire(Sweep { accounts, day: at.day() })));
            let answer = self.queue_at(at, Who::System, None, command, Beside::default()).await?;
            answer.await.map_err(|_| AppError::Busy)??;
        }
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
