//! Reading the file of an import, in a thread of its own and a few chunks ahead of what is done with them.

use super::column::Columns;
use super::ground::Ground;
use super::job::Job;
use super::target::{Draft, Target};
use super::{CHUNK, SAMPLE};
use crate::error::AppError;
use crate::state::App;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::sync::mpsc;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::policy::Sheet;
use xiangyue_sheet::{File, Head, Limits, Refused, Row, detect, rematch};

/// Rows looked at for the headings.
const LOOK_ROWS: usize = 40;
/// Chunks read ahead.
const AHEAD: usize = 2;

/// A file that is being read.
pub(super) struct Reading {
    pub chunks: mpsc::Receiver<Vec<Draft>>,
    thread: tokio::task::JoinHandle<Result<(), Refused>>,
}

impl Reading {
    /// What the reader said in the end.
    pub async fn end(self) -> Result<Result<(), Refused>, AppError> {
        self.thread.await.map_err(|e| AppError::Io(e.to_string()))
    }
}

impl App {
    /// Reads a file in a thread of its own, a few chunks ahead.
    pub(super) fn read(&self, job: &Job, bytes: Arc<Vec<u8>>, sheet: Sheet, keep: bool) -> Reading {
        let (to, chunks) = mpsc::channel(AHEAD);
        let (app, job) = (self.clone(), job.clone());
        let thread = tokio::task::spawn_blocking(move || {
            let account = (job.account > 0).then_some(AccountId(job.account));
            let ground = Ground::of(&app, account);
            let (target, columns) = (Target::of(&sheet), Columns::of(sheet, &ground));
            let mut chunk = Vec::with_capacity(CHUNK);
            below(&bytes, &job, &mut |row| {
                let draft = target.draft(&ground, &columns, &row, &job.columns);
                chunk.push(Draft { cells: keep.then_some(row), ..draft });
                let full = chunk.len() >= CHUNK;
                let gone = full && to.blocking_send(std::mem::take(&mut chunk)).is_err();
                if gone { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if !chunk.is_empty() {
                let _ = to.blocking_send(chunk);
            }
            Ok(())
        });
        Reading { chunks, thread }
    }
}

/// Worksheets of a file and its headings.
pub(super) fn glance(bytes: &[u8], job: &Job, columns: &Columns) -> Result<(Vec<String>, Head), Refused> {
    let file = File::open(bytes, &Limits::default())?;
    let worksheets = file.sheets().to_vec();
    let rows = file.first(job.worksheet, LOOK_ROWS)?;
    let wanted = columns.wanted();
    let head = match job.head_row {
        0 => detect(&rows, &wanted),
        row => rematch(&rows, row, &wanted),
    };
    let mut head = head.ok_or(Refused::Empty)?;
    if job.columns.len() == wanted.len() {
        // Matched by hand: that counts, whatever the names say.
        let width = head.headings.len();
        head.columns = job.columns.iter().map(|c| c.filter(|c| *c < width)).collect();
        head.guessed = Vec::new();
    }
    Ok((worksheets, head))
}

/// Hands on the rows below the headings.
fn below(bytes: &[u8], job: &Job, sink: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Refused> {
    let file = File::open(bytes, &Limits::default())?;
    file.rows(job.worksheet, &mut |row| {
        if row.number <= job.head_row || row.is_blank() { ControlFlow::Continue(()) } else { sink(row) }
    })
}

/// The first rows as they stand.
pub(super) fn sample(bytes: &[u8], job: &Job) -> Vec<(u32, Vec<String>)> {
    let mut rows = Vec::new();
    let read = below(bytes, job, &mut |row| {
        rows.push((row.number, row.cells.iter().map(|c| c.text().chars().take(80).collect()).collect()));
        if rows.len() < SAMPLE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    // What cannot be read any further is said where the whole file is read.
    drop(read);
    rows
}
