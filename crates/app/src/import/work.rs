//! The work itself: a file is checked from its first row to its last, or taken in. Beginning again from the first row
//! is always right: what was taken in answers by its key.

use super::FAULTS_KEPT;
use super::column::Columns;
use super::examine::{Origin, Verdict};
use super::ground::Ground;
use super::job::{Job, Look, State, TakenRow, What};
use super::reading::{glance, sample};
use super::run::Progress;
use super::send::Sent;
use crate::error::AppError;
use crate::state::App;
use std::collections::HashMap;
use std::sync::Arc;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Direction, Sheet};
use xiangyue_sheet::Refused;

impl App {
    /// Checks or imports, whichever the job waits for.
    pub(super) async fn work(&self, job: Job, progress: Progress<'_>) -> Result<(), AppError> {
        // What was asked meanwhile counts, not what was asked first.
        let job = if job.account > 0 { self.import_job(AccountId(job.account), &job.id).await? } else { job };
        match job.state {
            State::Trying => self.check(job, progress).await.map(|_| ()),
            State::Importing => self.take_all(job, progress).await.map(|_| ()),
            _ => Ok(()),
        }
    }

    fn sheet_of(&self, job: &Job) -> Result<Sheet, AppError> {
        self.policy().sheet(Direction::In, &job.sheet).ok_or(AppError::NotFound)
    }

    /// Looks at the whole file: which rows hold, what is wrong with the others.
    pub(super) async fn check(&self, mut job: Job, progress: Progress<'_>) -> Result<Job, AppError> {
        let sheet = self.sheet_of(&job)?;
        let bytes = Arc::new(self.upload_of(&job).await?);
        let mut look = Look { name: self.look_of(&job).await?.name, ..Look::default() };
        let columns = Columns::of(sheet.clone(), &Ground::of(self, None));
        match glance(&bytes, &job, &columns) {
            Ok((worksheets, head)) => {
                look.worksheets = worksheets;
                job.head_row = head.row;
                job.columns = head.columns;
                look.headings = head.headings;
                look.guessed = head.guessed;
                look.missing = columns.missing(&job.columns);
            }
            Err(refused) => return self.refuse(job, &look, &refused).await,
        }
        (job.rows, job.good, job.bad, job.same, job.faults) = (0, 0, 0, 0, 0);
        if look.missing.is_empty() {
            if let Err(error) = self.check_rows(&mut job, &mut look, bytes, sheet, progress).await? {
                return self.refuse(job, &look, &error).await;
            }
        } else {
            look.sample = sample(&bytes, &job);
        }
        job.state = State::Checked;
        self.put_look(&job, &look).await?;
        self.put_job(&job).await?;
        Ok(job)
    }

    async fn refuse(&self, mut job: Job, look: &Look, refused: &Refused) -> Result<Job, AppError> {
        job.state = State::Refused;
        job.refused = Some((refused.key().to_owned(), refused.most()));
        self.put_look(&job, look).await?;
        self.put_job(&job).await?;
        Ok(job)
    }

    async fn check_rows(
        &self,
        job: &mut Job,
        look: &mut Look,
        bytes: Arc<Vec<u8>>,
        sheet: Sheet,
        progress: Progress<'_>,
    ) -> Result<Result<(), Refused>, AppError> {
        look.sample = sample(&bytes, job);
        let origin = Origin::of(job);
        let mut reading = self.read(job, bytes, sheet, false);
        let mut seen = HashMap::new();
        while let Some(drafts) = reading.chunks.recv().await {
            for verdict in self.examine(&origin, drafts, &mut seen).await? {
                job.rows += 1;
                match verdict {
                    Verdict::Good { .. } => job.good += 1,
                    Verdict::Taken { row, outcome } | Verdict::Same { row, outcome } => {
                        job.same += 1;
                        if look.same.len() < FAULTS_KEPT {
                            look.same.push((row, outcome.number));
                        }
                    }
                    Verdict::Bad { draft } => {
                        job.bad += 1;
                        job.faults += draft.faults.len() as u64;
                        let room = FAULTS_KEPT.saturating_sub(look.faults.len());
                        look.faults.extend(draft.faults.into_iter().take(room));
                    }
                }
            }
            progress(job.rows, 0);
            self.put_job(job).await?;
        }
        reading.end().await
    }

    /// Takes all rows in that hold.
    pub(super) async fn take_all(&self, mut job: Job, progress: Progress<'_>) -> Result<Job, AppError> {
        let sheet = self.sheet_of(&job)?;
        let bytes = Arc::new(self.upload_of(&job).await?);
        let origin = Origin::of(&job);
        let who = self.who(&job);
        let mut reading = self.read(&job, bytes, sheet, false);
        let mut seen = HashMap::new();
        let mut before: Vec<Sent> = Vec::new();
        (job.done, job.taken, job.same, job.bad) = (0, 0, 0, 0);
        self.put_taken(&job, Vec::new(), true).await?;
        while let Some(drafts) = reading.chunks.recv().await {
            let (rows, sent) = self.send_chunk(&origin, &who, drafts, &mut seen).await?;
            // The chunk before is answered while this one waits for its turn.
            let answered = self.answered(std::mem::replace(&mut before, sent)).await?;
            self.note(&mut job, rows, answered).await?;
            progress(job.done, job.rows);
        }
        let answered = self.answered(before).await?;
        self.note(&mut job, Vec::new(), answered).await?;
        if let Err(refused) = reading.end().await? {
            // It was read once already, so this is the disk's fault and not the file's.
            return Err(AppError::Io(refused.to_string()));
        }
        job.state = State::Done;
        job.touched_at = self.now().0;
        self.put_job(&job).await?;
        Ok(job)
    }

    fn who(&self, job: &Job) -> Who {
        if job.account > 0 { Who::Account { account: AccountId(job.account), post: None } } else { Who::System }
    }

    async fn note(&self, job: &mut Job, mut rows: Vec<TakenRow>, answered: Vec<TakenRow>) -> Result<(), AppError> {
        rows.extend(answered);
        rows.sort_by_key(|r| r.row);
        job.done += rows.len() as u64;
        let count = |what: What| rows.iter().filter(|r| r.what == what).count() as u64;
        job.taken += count(What::New);
        job.same += count(What::Same);
        job.bad += count(What::Bad);
        self.put_taken(job, rows, false).await?;
        self.put_job(job).await
    }
}
