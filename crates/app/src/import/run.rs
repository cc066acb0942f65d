//! The steps of an import: upload, matching by hand, the word to begin. The work goes on when the page is closed.

use super::job::{Job, Look, State};
use crate::error::AppError;
use crate::state::App;
use std::time::Duration;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::policy::Sheet;
use xiangyue_domain::refusal::Refusal;

/// How far an import is: rows through, rows in all.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// A page waits this long for the work, so that a small file needs no second look.
const PATIENCE: Duration = Duration::from_millis(1500);

impl App {
    /// Takes an upload for a sheet that the account may import, and has it checked. A small file is checked when this
    /// returns; a large one goes on being checked.
    pub async fn upload(&self, account: AccountId, sheet: &str, name: &str, bytes: Vec<u8>) -> Result<Job, AppError> {
        let sheet = self.import_sheet(account, sheet).ok_or_else(|| Refusal::new("no_right"))?;
        let job = self.keep_upload(account.0, &sheet.id, name, bytes).await?;
        self.go_on(&job).await
    }

    /// Matches columns by hand and has the file checked again.
    pub async fn match_columns(
        &self,
        account: AccountId,
        id: &str,
        worksheet: usize,
        head_row: u32,
        columns: Vec<Option<usize>>,
    ) -> Result<Job, AppError> {
        let mut job = self.import_job(account, id).await?;
        if matches!(job.state, State::Trying | State::Importing | State::Done) {
            return Err(Refusal::new("import_runs").into());
        }
        // Another worksheet or another row of headings has other columns.
        let same = job.worksheet == worksheet && job.head_row == head_row;
        job.columns = if same { columns } else { Vec::new() };
        job.head_row = if job.worksheet == worksheet { head_row } else { 0 };
        job.worksheet = worksheet;
        job.state = State::Trying;
        job.touched_at = self.now().0;
        self.put_job(&job).await?;
        self.go_on(&job).await
    }

    /// Begins the import: of all rows, or of those without fault when somebody says so. With faults and without that
    /// word nothing happens.
    pub async fn begin_import(&self, account: AccountId, id: &str, only_good: bool) -> Result<Job, AppError> {
        let mut job = self.import_job(account, id).await?;
        if job.state == State::Importing || job.state == State::Done {
            return Ok(job);
        }
        let missing = !self.look_of(&job).await?.missing.is_empty();
        if job.state != State::Checked || missing || job.good == 0 {
            return Err(Refusal::new("import_not_ready").into());
        }
        if job.bad > 0 && !only_good {
            return Err(Refusal::new("import_faults").with("n", job.bad).into());
        }
        job.state = State::Importing;
        job.only_good = only_good;
        job.touched_at = self.now().0;
        self.put_job(&job).await?;
        self.go_on(&job).await
    }

    /// Has an import worked on, and waits a little for it: a small one is done before the page is made.
    pub async fn go_on(&self, job: &Job) -> Result<Job, AppError> {
        let (app, id, account) = (self.clone(), job.id.clone(), AccountId(job.account));
        if matches!(job.state, State::Trying | State::Importing) && self.workers.begin(&id) {
            let started = job.clone();
            let working = tokio::spawn(async move {
                let _turn = app.workers.turn.acquire().await;
                if let Err(error) = app.work(started, &|_, _| {}).await {
                    tracing::error!(%error, "an import could not go on");
                }
                app.workers.end(&id);
            });
            let _ = tokio::time::timeout(PATIENCE, working).await;
        }
        self.import_job(account, &job.id).await
    }

    /// Goes on with imports that were under way when the process ended, and deletes what has waited too long.
    pub async fn tend_imports(&self) -> Result<(), AppError> {
        self.empty_imports().await?;
        for job in self.jobs_under_way().await? {
            self.go_on(&job).await?;
        }
        Ok(())
    }

    /// Imports a file for the operator: checked as a whole first, then taken in. Nothing is kept afterwards.
    pub async fn import_file(
        &self,
        sheet: &Sheet,
        name: &str,
        bytes: Vec<u8>,
        only_good: Option<bool>,
        progress: Progress<'_>,
    ) -> Result<(Job, Look), AppError> {
        let job = self.keep_upload(0, &sheet.id, name, bytes).await?;
        let checked = self.check(job, progress).await?;
        let look = self.look_of(&checked).await?;
        let ready = checked.state == State::Checked && look.missing.is_empty() && checked.good > 0;
        let wanted = only_good.is_some_and(|only| only || checked.bad == 0);
        let done = if ready && wanted {
            self.take_all(Job { state: State::Importing, ..checked }, progress).await?
        } else {
            checked
        };
        Ok((done, look))
    }
}
