//! Exports: a list goes out in the columns of a sheet, under the very scope and filter it has on the screen, masked as
//! it is there. Columns that name a person need a stated purpose, which is logged with every record it opened. Nothing
//! leaves that its reader could not have read.

mod cells;
mod chosen;
mod registers;

pub use chosen::Chosen;

use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use crate::view::{Opened, Sight};
use cells::Words;
use std::collections::BTreeMap;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Direction, FieldType, Right, Sheet};
use xiangyue_domain::refusal::{FieldFault, Refusal};
use xiangyue_sheet::{Out, write_csv, write_xlsx};
use xiangyue_store::{Filter, Scope};

/// Rows of one file at most.
pub const ROWS_MOST: usize = 20_000;
/// Rows read at once.
const STEP: usize = 500;

/// What a file is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileKind {
    /// .xlsx
    #[default]
    Xlsx,
    /// .csv
    Csv,
}

impl FileKind {
    /// From an address or the name of a file.
    pub fn parse(text: &str) -> FileKind {
        if text.ends_with("csv") { FileKind::Csv } else { FileKind::Xlsx }
    }
}

/// A file to take away.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Rows in it.
    pub rows: usize,
}

/// Who takes a file away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taker {
    /// Somebody who signed in.
    Account(AccountId),
    /// The operator of the platform, who holds its keys.
    Operator,
}

impl Taker {
    fn account(self) -> i64 {
        match self {
            Taker::Account(account) => account.0,
            Taker::Operator => 0,
        }
    }
}

impl App {
    /// Sheets that an account may take out: with the right to export, of kinds it may see.
    pub fn export_sheets(&self, account: AccountId) -> Vec<Sheet> {
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        if !directory.has_right_somewhere(&policy, account, Right::Export, day) {
            return Vec::new();
        }
        let sealed = directory.has_right_somewhere(&policy, account, Right::Sealed, day);
        let open = |s: &Sheet| policy.kind(&s.subject).is_none_or(|k| !k.sealed || sealed);
        policy.sheets(Direction::Out).into_iter().filter(open).collect()
    }

    /// A sheet that an account may take out.
    pub fn export_sheet(&self, account: AccountId, id: &str) -> Option<Sheet> {
        self.export_sheets(account).into_iter().find(|s| s.id == id)
    }

    /// Columns of a sheet that name a person.
    pub fn personal_columns(&self, sheet: &Sheet) -> Vec<String> {
        let policy = self.policy();
        let kind = policy.kind(&sheet.subject);
        let by_form = |field: &str| {
            kind.and_then(|k| k.field(field)).is_some_and(|f| matches!(f.kind, FieldType::Phone | FieldType::Citizen))
        };
        let personal = sheet.columns.iter().filter(|c| sheet.is_personal(&c.field) || by_form(&c.field));
        personal.map(|c| c.heading.clone()).collect()
    }

    /// A matter as somebody has it open, in the columns of a sheet: headings with their texts. What names a person stays
    /// empty, since nobody stated a purpose.
    pub fn in_columns(&self, sheet: &Sheet, opened: &Opened) -> Vec<(String, String)> {
        let personal = self.personal_columns(sheet);
        let texts = Words::of(self).row(sheet, opened).into_iter().map(|cell| cell.text);
        let headed = sheet.columns.iter().map(|c| c.heading.clone()).zip(texts);
        headed.map(|(h, text)| if personal.contains(&h) { (h, String::new()) } else { (h, text) }).collect()
    }

    /// A purpose that was stated, where a sheet needs one.
    fn purpose<'p>(&self, sheet: &Sheet, purpose: &'p str) -> Result<&'p str, AppError> {
        let purpose = purpose.trim();
        if purpose.is_empty() && !self.personal_columns(sheet).is_empty() {
            return Err(Refusal::form(vec![FieldFault::new("purpose", "required")]).into());
        }
        if purpose.chars().count() > 200 {
            return Err(Refusal::form(vec![FieldFault::new("purpose", "too_long").with("max", 200)]).into());
        }
        Ok(purpose)
    }

    /// Ids of every matter of a list, newest first; more than a file holds are refused and never cut off in silence.
    pub async fn all_of_list(&self, scope: &Scope, filter: &Filter) -> Result<Vec<i64>, AppError> {
        let mut ids = Vec::new();
        let mut filter = Filter { before: 0, limit: 2000, ..filter.clone() };
        loop {
            let page = self.pool().list_matters(self.realm(), scope, &filter).await?;
            let Some(last) = page.last().map(|m| m.id.0) else { return Ok(ids) };
            ids.extend(page.iter().map(|m| m.id.0));
            if ids.len() > ROWS_MOST {
                return Err(Refusal::new("export_many").with("max", ROWS_MOST).into());
            }
            filter.before = last;
        }
    }

    /// Matters as a file in the columns of a sheet. Those of another kind and those that the taker may not see are
    /// left out.
    pub async fn export_matters(
        &self,
        taker: Taker,
        sheet: &Sheet,
        ids: &[i64],
        purpose: &str,
        note: Option<&str>,
        kind: FileKind,
    ) -> Result<Taken, AppError> {
        let purpose = self.purpose(sheet, purpose)?;
        let personal = !self.personal_columns(sheet).is_empty();
        let scope = match taker {
            Taker::Account(account) => self.scope(account),
            Taker::Operator => std::sync::Arc::new(Scope::system()),
        };
        let mut rows: Vec<Vec<Out>> = Vec::new();
        for some in ids.chunks(STEP) {
            let mut found = self.pool().matters_seen(self.realm(), &scope, some).await?;
            found.retain(|m| m.kind == sheet.subject);
            // In the order they were asked for.
            found.sort_by_key(|m| some.iter().position(|id| *id == m.id.0));
            let opened = self.open_some(taker, found).await?;
            let whole: Vec<i64> = opened
                .iter()
                .filter(|o| personal && o.sight == Sight::Whole && !o.reporter.is_empty())
                .map(|o| o.matter.id.0)
                .collect();
            if !whole.is_empty() {
                self.log_export(taker, &whole, purpose).await?;
            }
            let words = Words::of(self);
            rows.extend(opened.iter().map(|o| words.row(sheet, o)));
        }
        self.log_export(taker, &[0], &format!("{} {purpose}", sheet.id)).await?;
        let count = rows.len();
        Ok(Taken { bytes: file(sheet, note, rows, kind).await?, rows: count })
    }

    async fn log_export(&self, taker: Taker, subjects: &[i64], why: &str) -> Result<(), AppError> {
        let (account, now) = (taker.account(), self.now().0);
        Ok(self.pool().log_reads(self.realm(), subjects, account, now, "export", why.trim()).await?)
    }

    /// Opens matters as their reader sees them, keys loaded with one query.
    async fn open_some(&self, taker: Taker, matters: Vec<Matter>) -> Result<Vec<Opened>, AppError> {
        let names: Vec<String> = matters.iter().map(|m| m.key.clone()).collect();
        self.secrets().warm(self.pool(), self.realm(), &names).await?;
        let mut opened = Vec::with_capacity(matters.len());
        for matter in matters {
            let sight = match taker {
                Taker::Account(account) => self.sight(&matter, account),
                Taker::Operator => Sight::Whole,
            };
            let texts: Option<BTreeMap<i64, Texts>> = self.texts_of(&matter).await?;
            opened.push(App::open_with(matter, texts, sight));
        }
        Ok(opened)
    }
}

/// Writes the rows of a sheet, in a thread of its own.
async fn file(sheet: &Sheet, note: Option<&str>, rows: Vec<Vec<Out>>, kind: FileKind) -> Result<Vec<u8>, AppError> {
    let head: Vec<String> = sheet.columns.iter().map(|c| c.heading.clone()).collect();
    let (name, notes) = (sheet.name.clone(), note.map(str::to_owned).into_iter().collect::<Vec<_>>());
    let write = move || match kind {
        FileKind::Csv => Ok(write_csv(&head, &rows)),
        FileKind::Xlsx => write_xlsx(&name, &notes, &head, &rows).map_err(|e| AppError::Io(e.to_string())),
    };
    tokio::task::spawn_blocking(write).await.map_err(|e| AppError::Io(e.to_string()))?
}
