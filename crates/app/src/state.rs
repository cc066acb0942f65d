//! The application: pack in force, directory in memory, database, keys, clock, and the way to the committer.

use crate::account::Sessions;
use crate::clock::{Clock, Entropy};
use crate::command::{Beside, Command, Envelope, Outcome};
use crate::committer;
use crate::error::AppError;
use crate::import::Workers;
use crate::judged::Judgements;
use crate::keys::Secrets;
use crate::lore::Lore;
use crate::matter::Scopes;
use crate::receipt::Trees;
use crate::texts::Outbox;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::{mpsc, oneshot};
use xiangyue_domain::day::Time;
use xiangyue_domain::entry::MeasureVersion;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Kind, Policy};
use xiangyue_domain::register::Directory;
use xiangyue_store::{Pool, StoreError};

/// Commands that may wait at once; beyond it callers are asked to come back.
const QUEUE: usize = 8192;

/// What the committer and the use cases share.
pub(crate) struct Shared {
    pub realm: i64,
    pub pool: Pool,
    policy: RwLock<Arc<Policy>>,
    directory: RwLock<Arc<Directory>>,
    directory_version: AtomicI64,
    pub lore: RwLock<Lore>,
    pub secrets: Arc<Secrets>,
    measures: RwLock<Arc<Measures>>,
}

/// Definitions of measures in force, with the entry that brought each.
pub(crate) type Measures = BTreeMap<String, (i64, MeasureVersion)>;

impl Shared {
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn measures(&self) -> Arc<Measures> {
        Arc::clone(&self.measures.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn set_measures(&self, measures: Arc<Measures>) {
        *self.measures.write().unwrap_or_else(PoisonError::into_inner) = measures;
    }

    pub fn set_directory(&self, directory: Arc<Directory>, version: i64) {
        *self.directory.write().unwrap_or_else(PoisonError::into_inner) = directory;
        self.directory_version.store(version, Ordering::SeqCst);
    }

    /// The directory at a version; read anew when another process has changed it.
    pub async fn directory_at(&self, version: i64) -> Result<Arc<Directory>, StoreError> {
        if self.directory_version.load(Ordering::SeqCst) != version {
            let read = Arc::new(self.pool.directory(self.realm).await?);
            self.set_directory(read, version);
            // A key that was destroyed there opens nothing here.
            self.secrets.forget_all();
        }
        Ok(self.directory())
    }
}

/// How the application is opened.
pub struct AppOptions {
    /// `postgres://…` or the path of a SQLite file.
    pub database: String,
    /// Folder of attachments.
    pub files: PathBuf,
    /// File of the master key.
    pub key_file: PathBuf,
    /// Clock.
    pub clock: Clock,
    /// Seed of randomness for the simulator; without it the operating system's.
    pub seed: Option<u64>,
}

/// The pack with the earlier flows that matters may still run under.
pub(crate) async fn with_older(pool: &Pool, mut policy: Policy) -> Result<Policy, AppError> {
    for (kind, version, body) in pool.flow_versions(policy.realm).await? {
        if policy.kind(&kind).is_some_and(|k| k.version == version) {
            continue;
        }
        // A version that this program no longer reads leaves its matters under the flow in force.
        if let Ok(older) = serde_json::from_str::<Kind>(&body) {
            policy.older.push(Kind { version, ..older });
        }
    }
    Ok(policy)
}

/// The application.
#[derive(Clone)]
pub struct App {
    pub(crate) shared: Arc<Shared>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) files: PathBuf,
    pub(crate) workers: Arc<Workers>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) scopes: Arc<Mutex<Scopes>>,
    pub(crate) judgements: Arc<Mutex<Judgements>>,
    pub(crate) judging: Arc<tokio::sync::Mutex<()>>,
    pub(crate) trees: Arc<Trees>,
    pub(crate) outbox: Arc<Outbox>,
    clock: Clock,
    queue: mpsc::Sender<Envelope>,
}

impl App {
    /// Opens the database, brings its schema up to date and starts the committer.
    pub async fn open(options: AppOptions, policy: Policy) -> Result<App, AppError> {
        let pool = Pool::open(&options.database).await?;
        pool.migrate().await?;
        let realm = policy.realm;
        let policy = with_older(&pool, policy).await?;
        let measures = Arc::new(pool.measures(realm).await?.into_iter().collect());
        let directory = Arc::new(pool.directory(realm).await?);
        crate::recount::roll_up_all(&pool, realm, &directory.tree).await?;
        let version = pool.head(realm).await?.map_or(0, |h| h.directory);
        let entropy = options.seed.map_or_else(Entropy::system, Entropy::seeded);
        let secrets = Arc::new(Secrets::at(&options.key_file, entropy)?);
        let shared = Arc::new(Shared {
            realm,
            pool,
            policy: RwLock::new(Arc::new(policy)),
            directory: RwLock::new(directory),
            directory_version: AtomicI64::new(version),
            lore: RwLock::default(),
            secrets: Arc::clone(&secrets),
            measures: RwLock::new(measures),
        });
        let (queue, incoming) = mpsc::channel(QUEUE);
        committer::start(Arc::clone(&shared), incoming)?;
        let app = App {
            shared,
            secrets,
            files: options.files,
            workers: Arc::default(),
            sessions: Arc::default(),
            scopes: Arc::default(),
            judgements: Arc::default(),
            judging: Arc::default(),
            trees: Arc::default(),
            outbox: Arc::default(),
            clock: options.clock,
            queue,
        };
        app.settle_facts().await?;
        Ok(app)
    }

    /// The realm.
    pub fn realm(&self) -> i64 {
        self.shared.realm
    }

    /// The pack in force.
    pub fn policy(&self) -> Arc<Policy> {
        self.shared.policy()
    }

    /// Regions, organisations, accounts and posts.
    pub fn directory(&self) -> Arc<Directory> {
        self.shared.directory()
    }

    /// The database.
    pub fn pool(&self) -> &Pool {
        &self.shared.pool
    }

    /// Keys.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Now.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether the data folder was made by `simulate`, and the scenario's period.
    pub async fn demo(&self) -> Result<Option<String>, AppError> {
        Ok(self.pool().setting(self.realm(), "demo").await?)
    }

    /// Takes another pack into force for decisions from now on.
    pub(crate) fn set_policy(&self, policy: Policy) {
        *self.shared.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }

    /// Sends a command and waits until it is durable or refused.
    pub async fn send(
        &self,
        by: Who,
        key: Option<String>,
        command: Command,
        beside: Beside,
    ) -> Result<Outcome, AppError> {
        self.send_at(self.now(), by, key, command, beside).await
    }

    /// The same at a given instant, for the simulator and the clock.
    pub async fn send_at(
        &self,
        at: Time,
        by: Who,
        key: Option<String>,
        command: Command,
        beside: Beside,
    ) -> Result<Outcome, AppError> {
        let (reply, answer) = oneshot::channel();
        let envelope = Envelope { at, by, key, command, beside, reply };
        self.queue.try_send(envelope).map_err(|_| AppError::Busy)?;
        answer.await.map_err(|_| AppError::Busy)?
    }

    /// Queues a command without waiting for the answer; commands queued one after another keep their order.
    pub async fn queue_at(
        &self,
        at: Time,
        by: Who,
        key: Option<String>,
        command: Command,
        beside: Beside,
    ) -> Result<oneshot::Receiver<Result<Outcome, AppError>>, AppError> {
        let (reply, answer) = oneshot::channel();
        let envelope = Envelope { at, by, key, command, beside, reply };
        self.queue.send(envelope).await.map_err(|_| AppError::Busy)?;
        Ok(answer)
    }
}
