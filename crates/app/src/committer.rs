//! The committer: it gathers commands that wait at the same time into one durable transaction. A caller is answered
//! only after the commit that holds its entry, so an acknowledged write is never lost. While one group is being written the
//! next one is decided already, on what that one will leave behind; should it not become durable, nor does the next.

mod group;
mod needs;

use crate::command::{Envelope, Outcome};
use crate::error::AppError;
use crate::state::{Measures, Shared};
use group::Group;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::Directory;
use xiangyue_store::{Kept, StoreError};

/// Most commands in one transaction.
const GROUP: usize = 512;

/// Matters stand at most this deep below one another.
const PARENTS: usize = 4;

/// Groups that are decided within their own transaction once another process has written in between: while it goes on
/// writing, what is decided ahead would not stand.
const ALONE: u32 = 256;

/// Whoever waits, and what they will be told.
type Answer = (oneshot::Sender<Result<Outcome, AppError>>, Result<Outcome, Refusal>);
type Written = Pin<Box<dyn Future<Output = Result<(), StoreError>>>>;

/// A group that is being written, with what becomes of everything once it is durable.
struct Flight {
    written: Written,
    answers: Vec<Answer>,
    kept: Option<Kept>,
    measures: Arc<Measures>,
    /// Regions and registers, if it changed them, with their version.
    directory: Option<(Arc<Directory>, i64)>,
}

/// Starts it in a thread of its own: everybody waits for it, so it must not wait its turn among the requests.
pub(crate) fn start(shared: Arc<Shared>, incoming: mpsc::Receiver<Envelope>) -> Result<(), AppError> {
    let runtime = tokio::runtime::Handle::current();
    let thread = std::thread::Builder::new().name("committer".to_owned());
    thread.spawn(move || runtime.block_on(run(shared, incoming)))?;
    Ok(())
}

/// Runs until every sender is gone.
async fn run(shared: Arc<Shared>, mut incoming: mpsc::Receiver<Envelope>) {
    let mut flight: Option<Flight> = None;
    let mut group = Group::default();
    loop {
        let (mut waiting, mut landed) = (Vec::new(), false);
        if let Some(flying) = &mut flight {
            let room = group.room();
            tokio::select! {
                biased;
                written = &mut flying.written => {
                    landed = land(&shared, flight.take(), written);
                    group = if landed { group.after_landing() } else { group.forsaken() };
                }
                _ = incoming.recv_many(&mut waiting, room), if room > 0 && !incoming.is_closed() => {}
            }
        } else if group.len() == 0 && incoming.recv_many(&mut waiting, GROUP).await == 0 {
            return;
        }
        if !waiting.is_empty() {
            group = group.take(&shared, &mut flight, waiting).await;
        }
        if flight.is_none() && group.len() > 0 {
            (group, flight) = group.depart(&shared).await;
        }
        if landed {
            // The writer has its work by now.
            shared.pool.sum_up(shared.realm);
        }
    }
}

/// Takes in what has become durable and answers everybody, before the next group is handed over: those who are answered have
/// work for the other core meanwhile, and the lifecycle was a twentieth slower the other way round. Where it did not become
/// durable, everybody is told to come back. Says whether it did.
fn land(shared: &Shared, flight: Option<Flight>, written: Result<(), StoreError>) -> bool {
    let Some(Flight { answers, kept, measures, directory, .. }) = flight else { return false };
    if let Err(error) = written {
        tracing::error!(%error, "a group of commands could not be written");
        busy(answers);
        return false;
    }
    if let Some(kept) = kept {
        shared.pool.keep(shared.realm, kept);
    }
    shared.set_measures(measures);
    if let Some((directory, version)) = directory {
        shared.set_directory(directory, version);
    }
    answered(answers);
    true
}

fn answered(answers: Vec<Answer>) {
    for (reply, answer) in answers {
        // A caller that has gone away is no fault: its command stands.
        let _ = reply.send(answer.map_err(AppError::Refused));
    }
}

/// Nothing of it was carried out; everybody is told so.
fn busy(answers: Vec<Answer>) {
    for (reply, _) in answers {
        let _ = reply.send(Err(AppError::Busy));
    }
}
