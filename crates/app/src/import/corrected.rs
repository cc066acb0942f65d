//! Files about a file: the corrected one with the wrong cells marked and the reason beside them, and the empty form of
//! a sheet.

use super::examine::{Origin, Verdict};
use super::job::{CellFault, Job, State, What};
use crate::error::AppError;
use crate::state::App;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use xiangyue_domain::policy::{Direction, Sheet};
use xiangyue_sheet::{Mark, Out, Row, write_xlsx};

/// Rows of a corrected file, and cells; of a larger file the wrong rows alone are given.
const ROWS_MOST: usize = 20_000;
const CELLS_MOST: usize = 600_000;

/// Words of a corrected file, in the reader's language.
pub struct Corrected<'a> {
    /// Heading of the column with the row's number in the file that was sent.
    pub row: String,
    /// Heading of the column with the reasons.
    pub reason: String,
    /// What a row says that is here already.
    pub same: String,
    /// Lines above the table.
    pub notes: Vec<String>,
    /// A fault in words.
    pub say: &'a (dyn Fn(&CellFault) -> String + Sync),
}

impl App {
    /// The file that was sent with its wrong cells marked and a column that says why. Before the import it holds every
    /// row, after it those that were not taken in.
    pub async fn corrected(&self, job: &Job, words: &Corrected<'_>) -> Result<Vec<u8>, AppError> {
        let _turn = self.workers.making.acquire().await;
        let bytes = Arc::new(self.upload_of(job).await?);
        let look = self.look_of(job).await?;
        let sheet = self.policy().sheet(Direction::In, &job.sheet).ok_or(AppError::NotFound)?;
        let title = sheet.name.clone();
        let bad = match job.state {
            State::Done => self.taken_of(job, Some(What::Bad), 0, ROWS_MOST).await?,
            _ => Vec::new(),
        };
        let left_out: HashSet<u32> = bad.iter().map(|r| r.row).collect();
        let mut head = vec![words.row.clone(), words.reason.clone()];
        head.extend(look.headings.iter().cloned());
        let mut out: Vec<Vec<Out>> = Vec::new();
        let most = ROWS_MOST.min(CELLS_MOST / head.len());
        let wrong_only = job.state == State::Done || job.rows > most as u64;
        let (origin, mut seen) = (Origin::of(job), HashMap::new());
        let mut reading = self.read(job, bytes, sheet, true);
        while let Some(mut drafts) = reading.chunks.recv().await {
            let rows: Vec<Row> = drafts.iter_mut().filter_map(|d| d.cells.take()).collect();
            for (verdict, row) in self.examine(&origin, drafts, &mut seen).await?.into_iter().zip(rows) {
                let faults = if let Verdict::Bad { draft } = &verdict { draft.faults.as_slice() } else { &[] };
                let same = matches!(verdict, Verdict::Same { .. } | Verdict::Taken { .. });
                let wrong = !faults.is_empty() || left_out.contains(&row.number);
                if out.len() < most && (wrong || !wrong_only) {
                    out.push(line(&row, faults, same, look.headings.len(), words));
                }
            }
        }
        reading.end().await?.map_err(|e| AppError::Io(e.to_string()))?;
        write_xlsx(&title, &words.notes, &head, &out).map_err(|e| AppError::Io(e.to_string()))
    }

    /// The empty form of a sheet: its headings, and under each what belongs there.
    pub fn blank_form(&self, sheet: &Sheet, notes: &[String]) -> Result<Vec<u8>, AppError> {
        let head: Vec<String> = sheet.columns.iter().map(|c| c.heading.clone()).collect();
        let hints: Vec<String> = sheet
            .columns
            .iter()
            .filter(|c| !c.hint.is_empty())
            .map(|c| format!("{}：{}", c.heading, c.hint))
            .chain(notes.iter().cloned())
            .collect();
        write_xlsx(&sheet.name, &hints, &head, &[]).map_err(|e| AppError::Io(e.to_string()))
    }
}

fn line(row: &Row, faults: &[CellFault], same: bool, width: usize, words: &Corrected<'_>) -> Vec<Out> {
    let reasons: Vec<String> = faults.iter().map(|f| format!("{} {}", f.address(), (words.say)(f))).collect();
    let reason = if same { words.same.clone() } else { reasons.join("\n") };
    let mut cells = vec![Out::plain(row.number.to_string()), Out::remark(reason)];
    cells.extend((0..width).map(|column| {
        let wrong = faults.iter().any(|f| f.column == Some(column));
        let mark = if wrong { Mark::Wrong } else { Mark::None };
        Out { text: row.cell(column).text().into_owned(), mark }
    }));
    cells
}
