//! The folder where imports wait: the head of each in plain, which names nobody; what was uploaded and what was found
//! in it enciphered under a key of its own, which is wrapped under the master key and kept beside it.

use super::job::{Job, Look, State, TakenRow, What};
use super::{KEPT_MS, RESULT_KEPT_MS, WAITING_MOST};
use crate::error::AppError;
use crate::keys::Subject;
use crate::state::App;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Semaphore;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::refusal::Refusal;

/// Workers on imports in this process: one at a time, so that memory is bounded.
pub(crate) struct Workers {
    pub turn: Semaphore,
    /// Files to take away are made one at a time as well.
    pub making: Semaphore,
    busy: Mutex<HashSet<String>>,
}

impl Default for Workers {
    fn default() -> Workers {
        Workers { turn: Semaphore::new(1), making: Semaphore::new(1), busy: Mutex::default() }
    }
}

impl Workers {
    /// Whether nobody works on it yet; from now on somebody does.
    pub fn begin(&self, id: &str) -> bool {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned())
    }

    /// Nobody works on it any more.
    pub fn end(&self, id: &str) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

const HEAD: &str = "head.json";
const UPLOAD: &str = "upload";
const LOOK: &str = "look";
const TAKEN: &str = "taken";

/// A job's name is a token of our own; anything else is no name and leads nowhere in the folder.
fn is_id(id: &str) -> bool {
    (16..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

fn put(path: &Path, bytes: &[u8], durable: bool) -> std::io::Result<()> {
    use std::io::Write;
    let part = path.with_extension("part");
    let mut out = private(&part)?;
    out.write_all(bytes)?;
    if durable {
        out.sync_all()?;
    }
    std::fs::rename(&part, path)
}

/// A file that its owner alone may read.
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| AppError::Io(e.to_string()))
}

impl App {
    fn imports(&self) -> PathBuf {
        self.files.with_file_name("imports")
    }

    fn folder(&self, id: &str) -> PathBuf {
        self.imports().join(id)
    }

    /// Keeps an upload, enciphered.
    pub(crate) async fn keep_upload(
        &self,
        account: i64,
        sheet: &str,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<Job, AppError> {
        self.empty_imports().await?;
        if account > 0 && self.jobs(account).await?.iter().filter(|j| !j.emptied).count() >= WAITING_MOST {
            return Err(Refusal::new("imports_wait").with("max", WAITING_MOST).into());
        }
        let (subject, wrapped) = self.secrets.subject();
        let now = self.now().0;
        let job = Job {
            id: self.secrets.random_token(),
            account,
            sheet: sheet.to_owned(),
            made_at: now,
            touched_at: now,
            digest: xiangyue_domain::crypto::sm3_hex(&bytes),
            state: State::Trying,
            key: (subject.name.clone(), wrapped),
            worksheet: 0,
            head_row: 0,
            columns: Vec::new(),
            rows: 0,
            good: 0,
            bad: 0,
            same: 0,
            faults: 0,
            done: 0,
            taken: 0,
            only_good: false,
            refused: None,
            emptied: false,
        };
        let folder = self.folder(&job.id);
        std::fs::create_dir_all(&folder)?;
        let look = Look { name: name.chars().take(120).collect(), ..Look::default() };
        self.put_look(&job, &look).await?;
        let secrets = self.secrets.clone();
        aside(move || put(&folder.join(UPLOAD), secrets.seal_bytes(&subject, &bytes).as_bytes(), true)).await??;
        self.put_job(&job).await?;
        Ok(job)
    }

    fn subject_of_job(&self, job: &Job) -> Result<Subject, AppError> {
        self.secrets.subject_of(&job.key.0, &job.key.1)
    }

    /// The uploaded file.
    pub(crate) async fn upload_of(&self, job: &Job) -> Result<Vec<u8>, AppError> {
        let (secrets, subject) = (self.secrets.clone(), self.subject_of_job(job)?);
        let path = self.folder(&job.id).join(UPLOAD);
        let read = move || {
            let sealed = std::fs::read_to_string(path).map_err(|_| AppError::NotFound)?;
            secrets.open_bytes(&subject, &sealed).ok_or(AppError::NotFound)
        };
        aside(read).await?
    }

    /// What was found in the file.
    pub async fn look_of(&self, job: &Job) -> Result<Look, AppError> {
        let (secrets, subject) = (self.secrets.clone(), self.subject_of_job(job)?);
        let path = self.folder(&job.id).join(LOOK);
        aside(move || {
            let sealed = std::fs::read_to_string(path).ok()?;
            serde_json::from_slice(&secrets.open_bytes(&subject, &sealed)?).ok()
        })
        .await
        .map(Option::unwrap_or_default)
    }

    pub(crate) async fn put_look(&self, job: &Job, look: &Look) -> Result<(), AppError> {
        let (secrets, subject) = (self.secrets.clone(), self.subject_of_job(job)?);
        let plain = serde_json::to_vec(look).unwrap_or_default();
        let path = self.folder(&job.id).join(LOOK);
        aside(move || put(&path, secrets.seal_bytes(&subject, &plain).as_bytes(), false)).await??;
        Ok(())
    }

    pub(crate) async fn put_job(&self, job: &Job) -> Result<(), AppError> {
        let text = serde_json::to_vec(job).unwrap_or_default();
        let path = self.folder(&job.id).join(HEAD);
        aside(move || put(&path, &text, true)).await??;
        Ok(())
    }

    async fn read_job(&self, id: &str) -> Result<Job, AppError> {
        if !is_id(id) {
            return Err(AppError::NotFound);
        }
        let path = self.folder(id).join(HEAD);
        aside(move || read_json(&path)).await?.ok_or(AppError::NotFound)
    }

    /// An import of an account. Nobody else's can be opened, whoever knows its name.
    pub async fn import_job(&self, account: AccountId, id: &str) -> Result<Job, AppError> {
        let job = self.read_job(id).await?;
        if job.account == account.0 { Ok(job) } else { Err(AppError::NotFound) }
    }

    async fn all_jobs(&self) -> Result<Vec<Job>, AppError> {
        let folder = self.imports();
        aside(move || {
            let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
            let found = entries.flatten().filter_map(|e| read_json::<Job>(&e.path().join(HEAD)));
            let mut jobs: Vec<Job> = found.filter(|j| is_id(&j.id)).collect();
            jobs.sort_by_key(|j| std::cmp::Reverse(j.made_at));
            jobs
        })
        .await
    }

    /// Imports of an account, newest first.
    pub async fn jobs(&self, account: i64) -> Result<Vec<Job>, AppError> {
        Ok(self.all_jobs().await?.into_iter().filter(|j| j.account == account).collect())
    }

    /// Imports that were under way when the process ended.
    pub(crate) async fn jobs_under_way(&self) -> Result<Vec<Job>, AppError> {
        let under_way = |j: &Job| matches!(j.state, State::Trying | State::Importing) && j.account > 0;
        Ok(self.all_jobs().await?.into_iter().filter(under_way).collect())
    }

    /// Throws an import away; one that is under way goes on.
    pub async fn drop_import(&self, account: AccountId, id: &str) -> Result<(), AppError> {
        let job = self.import_job(account, id).await?;
        if job.state == State::Importing {
            return Err(Refusal::new("import_runs").into());
        }
        self.remove_job(&job).await
    }

    /// Forgets an import of the operator.
    pub async fn forget_import(&self, job: &Job) -> Result<(), AppError> {
        self.remove_job(job).await
    }

    async fn remove_job(&self, job: &Job) -> Result<(), AppError> {
        let folder = self.folder(&job.id);
        aside(move || std::fs::remove_dir_all(folder)).await?.or_else(gone)?;
        Ok(())
    }

    /// Deletes what has waited too long: uploads after an hour, results after a month.
    pub(crate) async fn empty_imports(&self) -> Result<(), AppError> {
        let now = self.now().0;
        for mut job in self.all_jobs().await? {
            let idle = now - job.touched_at;
            match job.state {
                // The operator's own command was killed: nobody comes back for its file.
                State::Importing if job.account == 0 && idle > 24 * KEPT_MS => self.remove_job(&job).await?,
                State::Importing => {}
                State::Done if idle > RESULT_KEPT_MS => self.remove_job(&job).await?,
                State::Done if idle > KEPT_MS && !job.emptied => {
                    let folder = self.folder(&job.id);
                    for name in [UPLOAD, LOOK] {
                        std::fs::remove_file(folder.join(name)).or_else(gone)?;
                    }
                    job.emptied = true;
                    self.put_job(&job).await?;
                }
                State::Done => {}
                _ if idle > KEPT_MS => self.remove_job(&job).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds rows to the result; the first call begins it anew.
    pub(crate) async fn put_taken(&self, job: &Job, rows: Vec<TakenRow>, anew: bool) -> Result<(), AppError> {
        let path = self.folder(&job.id).join(TAKEN);
        aside(move || {
            use std::io::Write;
            let mut options = std::fs::OpenOptions::new();
            options.create(true).write(true).append(!anew).truncate(anew);
            let mut out = options.open(path)?;
            let mut text = String::new();
            for row in &rows {
                text.push_str(&serde_json::to_string(row).unwrap_or_default());
                text.push('\n');
            }
            out.write_all(text.as_bytes())
        })
        .await??;
        Ok(())
    }

    /// A page of the result, in the order of the file.
    pub async fn taken_of(
        &self,
        job: &Job,
        what: Option<What>,
        skip: usize,
        most: usize,
    ) -> Result<Vec<TakenRow>, AppError> {
        let path = self.folder(&job.id).join(TAKEN);
        aside(move || {
            use std::io::BufRead;
            let Ok(file) = std::fs::File::open(path) else { return Vec::new() };
            let lines = std::io::BufReader::new(file).lines().map_while(Result::ok);
            let rows = lines.filter_map(|l| serde_json::from_str::<TakenRow>(&l).ok());
            rows.filter(|r| what.is_none_or(|w| r.what == w)).skip(skip).take(most).collect()
        })
        .await
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// What is not there any more need not be removed.
fn gone(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
