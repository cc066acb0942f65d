//! The load: transfers one after another from many callers, each answered only when its entry is durable; and readers.

use crate::Said;
use crate::ground::{Ground, first_day};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot::Receiver;
use xiangyue_app::{AppError, Beside, Command, Outcome};
use xiangyue_domain::day::DAY_MS;
use xiangyue_domain::ledger::AccountKey;

type Waiting = Receiver<Result<Outcome, AppError>>;

/// Days over which the seed is spread.
const DAYS: i64 = 3 * 365;

/// Draws that are the same each time.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn draw(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0)
    }
}

/// What a run did.
pub struct Done {
    durable: usize,
    refused: usize,
    seconds: f64,
    times: Vec<f64>,
}

fn at(sorted: &[f64], share: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into a list")]
    let index = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(index).copied().unwrap_or(0.0)
}

impl Done {
    /// Durable transfers a second.
    pub fn rate(&self) -> f64 {
        self.durable as f64 / self.seconds
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut sorted = self.times.clone();
        sorted.sort_by(f64::total_cmp);
        let (p50, p95, p99) = (at(&sorted, 0.5), at(&sorted, 0.95), at(&sorted, 0.99));
        let rate = self.rate();
        write!(f, "{rate:.0} 笔/s,p50 {p50:.1} ms p95 {p95:.1} ms p99 {p99:.1} ms,拒绝 {}", self.refused)
    }
}

/// Books awards by commands until so many transfers are stored, household after household, spread over three years.
pub async fn seed(ground: &Ground, wanted: i64) -> Result<(), Said> {
    let first = ground.count().await?;
    let (begun, mut waiting) = (Instant::now(), VecDeque::new());
    for n in first..wanted {
        let now = first_day().at_minute(600).plus_ms(n.saturating_mul(DAYS * DAY_MS) / wanted.max(1));
        let which = usize::try_from(n - first)?;
        let request = ground.award(which, which / ground.homes.len().max(1), now);
        let command = Command::Ledger(Arc::new(request));
        waiting.push_back(
            ground.app.queue_at(now, ground.keeper(), Some(ground.key()), command, Beside::default()).await?,
        );
        if waiting.len() >= 4000 {
            settled(waiting.drain(..2000)).await?;
        }
        if (n + 1) % 250_000 == 0 {
            eprintln!("{}/{wanted} {:.0}/s", n + 1, (n + 1 - first) as f64 / begun.elapsed().as_secs_f64());
        }
    }
    settled(waiting.drain(..)).await
}

async fn settled(answers: impl Iterator<Item = Waiting>) -> Result<(), Said> {
    for answer in answers {
        match answer.await? {
            Ok(_) | Err(AppError::Refused(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

/// Callers that each wait for their answer before they ask again.
pub async fn run(ground: &Ground, trade: bool, callers: u64, long: Duration) -> Result<Done, Said> {
    let now = first_day().at_minute(600).plus_ms(DAYS * DAY_MS);
    ground.clock.set(now);
    let begun = Instant::now();
    let salt = u64::try_from(ground.count().await?)?;
    let one = |caller: u64| async move {
        let mut dice = Dice::new(salt + caller * 7919 + 1);
        let (mut times, mut refused) = (Vec::new(), 0);
        while begun.elapsed() < long {
            let request =
                if trade { ground.trade(dice.draw(), now) } else { ground.award(dice.draw(), dice.draw(), now) };
            let started = Instant::now();
            match ground.app.ledger(ground.keeper(), Some(ground.key()), request).await {
                Ok(_) => times.push(started.elapsed().as_secs_f64() * 1000.0),
                Err(AppError::Refused(_)) => refused += 1,
                Err(other) => return Err(Said::from(other)),
            }
        }
        Ok::<_, Said>((times, refused))
    };
    let mut open: Vec<_> = (0..callers).map(|c| Box::pin(one(c))).collect();
    let mut done = Done { durable: 0, refused: 0, seconds: 0.0, times: Vec::new() };
    std::future::poll_fn(|cx| {
        open.retain_mut(|future| match future.as_mut().poll(cx) {
            std::task::Poll::Ready(answer) => {
                if let Ok((times, refused)) = answer {
                    done.durable += times.len();
                    done.refused += refused;
                    done.times.extend(times);
                }
                false
            }
            std::task::Poll::Pending => true,
        });
        if open.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.seconds = begun.elapsed().as_secs_f64();
    Ok(done)
}

/// Balances of a household, and pages of a statement.
pub async fn reads(ground: &Ground, times: usize) -> Result<(), Said> {
    let mut dice = Dice::new(99);
    let policy = ground.app.policy();
    let account = policy.ledger.accounts.iter().find(|a| a.lots).ok_or("no account with lots")?;
    let units: Vec<&str> = policy.ledger.units_of(&account.units).map(|u| u.id.as_str()).collect();
    let (mut balances, mut pages, mut villages) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..times {
        let home = ground.homes[dice.draw() % ground.homes.len()];
        let keys: Vec<AccountKey> = units.iter().map(|u| AccountKey::new(&account.id, home.id, u)).collect();
        let started = Instant::now();
        let found = ground.app.pool().ledger_accounts(ground.app.realm(), &keys).await?;
        balances.push(started.elapsed().as_secs_f64() * 1000.0);
        let Some(one) = found.first() else { continue };
        let started = Instant::now();
        let page = ground.app.statement_page(one.id, None, 20).await?;
        pages.push(started.elapsed().as_secs_f64() * 1000.0);
        // The other side of the newest line: the village's pool, with hundreds of thousands of lines.
        let pool = page.first().and_then(|l| l.transfer.moved.legs.iter().find(|l| l.account != one.id));
        if let (Some(leg), true) = (pool, i % 10 == 0) {
            let started = Instant::now();
            ground.app.statement_page(leg.account, None, 50).await?;
            villages.push(started.elapsed().as_secs_f64() * 1000.0);
        }
    }
    for (what, mut list) in [("余额", balances), ("对账单一页 20 行", pages), ("全村公示一页 50 行", villages)]
    {
        list.sort_by(f64::total_cmp);
        println!("{what}:p50 {:.2} ms p95 {:.2} ms p99 {:.2} ms", at(&list, 0.5), at(&list, 0.95), at(&list, 0.99));
    }
    Ok(())
}
