//! The committer: it gathers commands that wait at the same time into one durable transaction. A caller is answered
//! only after the commit that holds its entry, so an acknowledged write is never lost.

use crate::command::{Command, Envelope, MatterRef, Outcome};
use crate::error::AppError;
use crate::state::Shared;
use crate::world::{World, asked_late, asked_of_books, counter_name, load_books, load_subscribers, spread_news};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use xiangyue_domain::ids::BallotId;
use xiangyue_domain::ledger::Book;
use xiangyue_domain::refusal::Refusal;
use xiangyue_store::{Batch, Mark, Needed, Standing, StoreError, Stored, Tx};

/// Most commands in one transaction.
const GROUP: usize = 512;
/// Matters stand at most this deep below one another.
const PARENTS: usize = 4;

/// Starts it in a thread of its own: everybody waits for it, so it must not wait its turn among the requests.
pub(crate) fn start(shared: Arc<Shared>, incoming: mpsc::Receiver<Envelope>) -> Result<(), AppError> {
    let runtime = tokio::runtime::Handle::current();
    let thread = std::thread::Builder::new().name("committer".to_owned());
    thread.spawn(move || runtime.block_on(run(shared, incoming)))?;
    Ok(())
}

/// Runs until every sender is gone.
async fn run(shared: Arc<Shared>, mut incoming: mpsc::Receiver<Envelope>) {
    let mut waiting = Vec::with_capacity(GROUP);
    while incoming.recv_many(&mut waiting, GROUP).await > 0 {
        let group = std::mem::take(&mut waiting);
        commit_group(&shared, group).await;
    }
}

type Answer = (oneshot::Sender<Result<Outcome, AppError>>, Result<Outcome, Refusal>);

async fn commit_group(shared: &Shared, group: Vec<Envelope>) {
    let mut answers = Vec::with_capacity(group.len());
    match write_group(shared, group, &mut answers).await {
        Ok(()) => {
            for (reply, answer) in answers {
                // A caller that has gone away is no fault: its command stands.
                let _ = reply.send(answer.map_err(AppError::Refused));
            }
        }
        Err(error) => {
            tracing::error!(%error, "a group of commands could not be written");
            for (reply, _) in answers {
                let _ = reply.send(Err(AppError::Busy));
            }
        }
    }
}

async fn write_group(shared: &Shared, group: Vec<Envelope>, answers: &mut Vec<Answer>) -> Result<(), StoreError> {
    let realm = shared.realm;
    let needs = Needs::of(&group);
    let begun = async {
        let mut tx = shared.pool.begin().await?;
        let world = load(shared, &mut tx, needs).await?;
        Ok::<_, StoreError>((tx, world))
    };
    let (mut tx, mut world) = match begun.await {
        Ok(begun) => begun,
        Err(error) => return Err(fail(group, answers, error)),
    };
    let before = Mark::of(&world.head);
    let asked = asked_of_books(&world, &group);
    if let Err(error) = load_books(&mut tx, &mut world, &asked).await {
        return Err(fail(group, answers, error));
    }
    let mut waiting = group.into_iter();
    while let Some(envelope) = waiting.next() {
        let late = asked_late(&world, &envelope);
        if let Err(error) = load_books(&mut tx, &mut world, &late).await {
            return Err(fail(std::iter::once(envelope).chain(waiting).collect(), answers, error));
        }
        let Envelope { at, by, key, command, beside, reply } = envelope;
        let answer = world.carry_out(at, by, key, command, beside);
        answers.push((reply, answer));
    }
    spread_news(&mut tx, &mut world).await?;
    let World { mut batch, mut head, directory, measures, .. } = world;
    if batch.is_empty() {
        return Ok(());
    }
    let changed = !Arc::ptr_eq(&directory, &shared.directory());
    let mut kept = None;
    if batch.has_entries() {
        let to = (&mut batch, &mut head);
        // What counts where goes by the tree: with a new one nothing is kept back.
        kept = Some(tx.settle(&shared.pool, (realm, before), to, &directory, changed).await?);
        tx.set_head(realm, &head).await?;
    }
    batch.write(&mut tx, realm).await?;
    tx.commit().await?;
    if let Some(kept) = kept {
        shared.pool.keep(realm, kept);
    }
    shared.set_measures(measures);
    if changed {
        shared.set_directory(directory, head.directory);
    }
    Ok(())
}

/// Nothing of the group was carried out; everybody is told so.
fn fail(group: Vec<Envelope>, answers: &mut Vec<Answer>, error: StoreError) -> StoreError {
    answers.extend(group.into_iter().map(|e| (e.reply, Err(Refusal::new("busy")))));
    error
}

/// What a group's decisions may ask for.
#[derive(Default)]
struct Needs {
    keys: Vec<String>,
    ids: Vec<i64>,
    counters: Vec<String>,
    ballots: Vec<BallotId>,
    days: bool,
    numbers: Vec<String>,
    subscriptions: Vec<i64>,
}

impl Needs {
    fn of(group: &[Envelope]) -> Needs {
        let mut needs = Needs::default();
        for envelope in group {
            needs.keys.extend(envelope.key.iter().chain(&envelope.beside.claims).cloned());
            match &envelope.command {
                Command::Open(_) => needs.counters.push(counter_name(envelope.at)),
                Command::Move(MatterRef::Id(id), _) | Command::Tick(id) => needs.ids.push(id.0),
                Command::Move(MatterRef::Opened(key), _) => needs.keys.push(key.clone()),
                Command::Correct { matter, .. } | Command::Void { matter, .. } => needs.ids.push(matter.0),
                Command::Join(_, pair) => needs.ids.extend([pair.from.0, pair.into.0]),
                Command::Keep(_, ids) => needs.ids.extend(ids.iter().map(|m| m.0)),
                Command::Ballot(what) => {
                    needs.ids.push(what.matter().0);
                    needs.ballots.extend(what.ballot());
                }
                Command::Subscription(what) => {
                    needs.numbers.extend(what.token().map(str::to_owned));
                    needs.subscriptions.extend(what.ids());
                }
                Command::CloseDay(_) => needs.days = true,
                Command::Register(_) | Command::Ledger(_) | Command::Aside(_) => {}
            }
        }
        needs.counters.sort();
        needs.counters.dedup();
        needs
    }
}

/// Loads all that the group's decisions may ask for, with one query per table.
async fn load(shared: &Shared, tx: &mut Tx, mut needs: Needs) -> Result<World, StoreError> {
    let realm = shared.realm;
    needs.ids.sort_unstable();
    needs.ids.dedup();
    let needed = Needed { keys: &needs.keys, counters: &needs.counters, matters: &needs.ids };
    let Standing { head, replies, counters, mut matters } = tx.standing(realm, needed).await?;
    let replies: HashMap<String, Outcome> =
        replies.into_iter().map(|(key, reply)| (key, serde_json::from_str(&reply).unwrap_or_default())).collect();
    let missing = |matters: &[Stored], ids: &mut dyn Iterator<Item = i64>| -> Vec<i64> {
        let ids: BTreeSet<i64> = ids.filter(|id| matters.iter().all(|m| m.matter.id.0 != *id)).collect();
        ids.into_iter().collect()
    };
    let opened = missing(&matters, &mut replies.values().filter_map(|o| o.matter).map(|m| m.0));
    if !opened.is_empty() {
        matters.extend(tx.matters(realm, &opened).await?);
    }
    // A matter that moves on is news for the one above it, and that one's joining move for the next.
    for _ in 0..PARENTS {
        let above = missing(&matters, &mut matters.iter().filter_map(|m| m.matter.parent).map(|m| m.0));
        if above.is_empty() {
            break;
        }
        matters.extend(tx.matters(realm, &above).await?);
    }
    let in_hand = if needs.ballots.is_empty() { Vec::new() } else { tx.ballots(realm, &needs.ballots).await? };
    let closed_through = if needs.days { tx.closed_through(realm).await? } else { 0 };
    let subscribers = load_subscribers(tx, realm, (&needs.numbers, &needs.subscriptions)).await?;
    let directory = shared.directory_at(head.directory).await?;
    Ok(World {
        realm,
        policy: shared.policy(),
        directory,
        head,
        stored: matters.iter().map(|m| (m.matter.id.0, (m.matter.place.0, m.places))).collect(),
        matters: matters.into_iter().map(|m| (m.matter.id.0, m.matter)).collect(),
        counters: counters.into_iter().collect(),
        replies,
        book: Book::default(),
        numbers: HashMap::new(),
        secrets: Arc::clone(&shared.secrets),
        ballots: in_hand.into_iter().map(|b| (b.ballot.id().0, b)).collect(),
        closed_through,
        subscribers,
        measures: shared.measures(),
        batch: Batch::default(),
    })
}
