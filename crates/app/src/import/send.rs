//! Sending: what holds of a chunk becomes commands, many under way at once, each under a key of its own.

use super::examine::{Origin, Verdict};
use super::job::{CellFault, TakenRow, What};
use super::people;
use super::reported;
use super::target::{Body, Draft};
use crate::command::{Beside, Command, Ids, Outcome};
use crate::error::AppError;
use crate::people::grant;
use crate::state::App;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use xiangyue_domain::matter::Who;
use xiangyue_domain::refusal::Refusal;

/// How often a chunk is tried again when the platform is busy, and the wait before.
const TRIES: u32 = 6;
const WAIT: Duration = Duration::from_millis(200);

/// A command that was sent, and the row it came from.
pub(super) struct Sent {
    row: u32,
    answer: oneshot::Receiver<Result<Outcome, AppError>>,
}

/// A row ready to be sent.
struct Parcel {
    row: u32,
    who: Who,
    key: String,
    command: Command,
    beside: Beside,
}

impl App {
    /// Judges a chunk and sends what holds; gives the rows that are settled already and those that were sent.
    pub(super) async fn send_chunk(
        &self,
        origin: &Origin,
        who: &Who,
        drafts: Vec<Draft>,
        seen: &mut HashMap<String, u32>,
    ) -> Result<(Vec<TakenRow>, Vec<Sent>), AppError> {
        let mut settled = Vec::new();
        let mut good = Vec::new();
        for verdict in self.examine(origin, drafts, seen).await? {
            match verdict {
                Verdict::Good { draft, key, claims } => good.push((draft, key, claims)),
                Verdict::Taken { row, outcome } => settled.push(TakenRow::of(row, What::New, outcome)),
                Verdict::Same { row, outcome } => settled.push(TakenRow::of(row, What::Same, outcome)),
                Verdict::Bad { draft } => settled.push(TakenRow::bad(draft.row, first_key(&draft.faults))),
            }
        }
        let (parcels, refused) = self.parcels(who, good).await?;
        settled.extend(refused);
        let mut sent = Vec::with_capacity(parcels.len());
        for Parcel { row, who, key, command, beside } in parcels {
            let answer = self.queue_at(self.now(), who, Some(key), command, beside).await?;
            sent.push(Sent { row, answer });
        }
        Ok((settled, sent))
    }

    pub(super) async fn answered(&self, sent: Vec<Sent>) -> Result<Vec<TakenRow>, AppError> {
        let mut rows = Vec::with_capacity(sent.len());
        for Sent { row, answer } in sent {
            rows.push(match answer.await.map_err(|_| AppError::Busy)? {
                Ok(outcome) => TakenRow::of(row, What::New, outcome),
                Err(AppError::Refused(refusal)) if refusal.key == "claimed" => {
                    let number = refusal.args.into_iter().find(|(k, _)| k == "number").map(|(_, v)| v);
                    let outcome = Outcome { number: number.unwrap_or_default(), ..Outcome::default() };
                    TakenRow::of(row, What::Same, outcome)
                }
                Err(AppError::Refused(refusal)) => TakenRow::bad(row, refused_key(&refusal)),
                Err(error) => return Err(error),
            });
        }
        Ok(rows)
    }

    /// Makes commands of rows. What is enciphered for each takes time, so a chunk is shared between two threads.
    async fn parcels(
        &self,
        who: &Who,
        good: Vec<(Draft, String, Vec<String>)>,
    ) -> Result<(Vec<Parcel>, Vec<TakenRow>), AppError> {
        let residents: Vec<&people::Resident> = good
            .iter()
            .filter_map(|(d, _, _)| if let Some(Body::Person(r)) = &d.body { Some(r.as_ref()) } else { None })
            .collect();
        let houses = if residents.is_empty() {
            people::Houses::new()
        } else {
            self.with_patience(|| people::houses(self, who, &residents)).await?
        };
        let houses = Arc::new(houses);
        let mut halves = vec![Vec::new(), Vec::new()];
        let half = good.len().div_ceil(2);
        for (i, one) in good.into_iter().enumerate() {
            halves[usize::from(i >= half)].push(one);
        }
        let working: Vec<_> = halves
            .into_iter()
            .map(|part| {
                let (app, houses, who) = (self.clone(), Arc::clone(&houses), who.clone());
                tokio::task::spawn_blocking(move || {
                    part.into_iter().map(|(d, k, c)| parcel(&app, &houses, &who, d, k, c)).collect::<Vec<_>>()
                })
            })
            .collect();
        let (mut parcels, mut refused) = (Vec::new(), Vec::new());
        for work in working {
            for made in work.await.map_err(|e| AppError::Io(e.to_string()))? {
                match made {
                    Ok(parcel) => parcels.push(parcel),
                    Err(row) => refused.push(row),
                }
            }
        }
        Ok((parcels, refused))
    }

    /// Tries again when the platform is busy.
    async fn with_patience<T, F: Future<Output = Result<T, AppError>>>(
        &self,
        work: impl Fn() -> F,
    ) -> Result<T, AppError> {
        for tried in 1.. {
            match work().await {
                Err(AppError::Busy) if tried < TRIES => tokio::time::sleep(WAIT * tried).await,
                done => return done,
            }
        }
        Err(AppError::Busy)
    }
}

impl TakenRow {
    fn of(row: u32, what: What, outcome: Outcome) -> TakenRow {
        let matter = outcome.matter.map(|m| m.0);
        TakenRow { row, what, seq: outcome.seq, matter, number: outcome.number, why: String::new() }
    }

    fn bad(row: u32, why: String) -> TakenRow {
        TakenRow { row, what: What::Bad, seq: 0, matter: None, number: String::new(), why }
    }
}

fn first_key(faults: &[CellFault]) -> String {
    faults.first().map(|f| f.key.clone()).unwrap_or_default()
}

fn refused_key(refusal: &Refusal) -> String {
    refusal.fields.first().map_or_else(|| format!("refusal.{}", refusal.key), |f| format!("fault.{}", f.key))
}

/// The command of one row.
fn parcel(
    app: &App,
    houses: &people::Houses,
    who: &Who,
    draft: Draft,
    key: String,
    claims: Vec<String>,
) -> Result<Parcel, TakenRow> {
    let row = draft.row;
    let (who, command, mut beside) = match draft.body {
        Some(Body::Order(order)) => {
            order.prepare(app, &key).map_err(|refusal| TakenRow::bad(row, refused_key(&refusal)))?
        }
        Some(Body::Person(resident)) => {
            let (command, beside) = resident.prepare(app, houses);
            (who.clone(), command, beside)
        }
        Some(Body::Post(new)) => {
            let (account, day) = (who.account(), app.now().day());
            let decide =
                move |ids: &mut Ids, directory: &_, policy: &_| grant(ids, directory, policy, account, *new, day);
            (who.clone(), Command::Register(Box::new(decide)), Beside::default())
        }
        Some(Body::Value(value)) => {
            let (command, beside) = reported::command(value);
            (who.clone(), command, beside)
        }
        None => return Err(TakenRow::bad(row, first_key(&draft.faults))),
    };
    beside.claims = claims;
    Ok(Parcel { row, who, key, command, beside })
}
