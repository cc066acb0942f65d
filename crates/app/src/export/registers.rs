//! Registers that go out: people masked unless the taker may see through masks there, households with their numbers.

use super::cells::Words;
use super::{FileKind, ROWS_MOST, Taken, Taker, file};
use crate::error::AppError;
use crate::state::App;
use std::collections::BTreeMap;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::mask;
use xiangyue_domain::policy::{Right, Sheet};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::Person;
use xiangyue_sheet::Out;

/// Rows read at once.
const STEP: i64 = 1000;

type Cells = BTreeMap<&'static str, String>;
type Masked = fn(&str) -> String;

/// How each text of a person is masked.
const MASKS: [(&str, Masked); 4] = [
    ("name", mask::mask_name),
    ("citizen", mask::mask_id),
    ("phone", mask::mask_phone),
    ("address", mask::mask_address),
];

impl App {
    /// Whether somebody may take the registers of a place out: with the rights to export and to see it.
    pub(super) fn may_export_register(&self, taker: Taker, place: RegionId) -> Result<(), AppError> {
        let Taker::Account(account) = taker else { return Ok(()) };
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        let has = |right| directory.has_right(&policy, account, right, place, day);
        if has(Right::Export) && has(Right::SeePlace) { Ok(()) } else { Err(Refusal::new("no_right").into()) }
    }

    /// People or households of a place as a file in the columns of a sheet.
    pub async fn export_register(
        &self,
        taker: Taker,
        sheet: &Sheet,
        place: RegionId,
        purpose: &str,
        note: Option<&str>,
        kind: FileKind,
    ) -> Result<Taken, AppError> {
        self.may_export_register(taker, place)?;
        let purpose = self.purpose(sheet, purpose)?;
        let regions: Vec<i64> =
            self.directory().tree.then_nodes(place, self.now().day()).into_iter().map(|r| r.0).collect();
        let rows = match sheet.subject.as_str() {
            "people" => self.people_rows(taker, sheet, &regions, purpose).await?,
            "households" => self.household_rows(sheet, &regions).await?,
            _ => return Err(AppError::NotFound),
        };
        self.log_export(taker, &[0], &format!("{} {purpose}", sheet.id)).await?;
        let count = rows.len();
        Ok(Taken { bytes: file(sheet, note, rows, kind).await?, rows: count })
    }

    async fn people_rows(
        &self,
        taker: Taker,
        sheet: &Sheet,
        regions: &[i64],
        purpose: &str,
    ) -> Result<Vec<Vec<Out>>, AppError> {
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        let whole = |region: RegionId| match taker {
            Taker::Account(account) => directory.has_right(&policy, account, Right::Unmask, region, day),
            Taker::Operator => true,
        };
        let words = Words::of(self);
        let (mut rows, mut after) = (Vec::new(), 0);
        loop {
            let page = self.pool().people_of(self.realm(), regions, after, STEP).await?;
            let Some(last) = page.last().map(|(p, _)| p.id.0) else { return Ok(rows) };
            let names: Vec<String> = page.iter().map(|(p, _)| p.key.clone()).collect();
            self.secrets().warm(self.pool(), self.realm(), &names).await?;
            let mut seen = Vec::new();
            for (person, household) in &page {
                let plain = whole(person.region);
                if plain {
                    seen.push(-person.id.0);
                }
                let mut cells = self.person_cells(person, plain).await?;
                cells.insert("place", words.place(person.region));
                cells.insert("household", household.clone());
                rows.push(row(sheet, &cells));
            }
            if !seen.is_empty() {
                self.log_export(taker, &seen, purpose).await?;
            }
            if rows.len() > ROWS_MOST {
                return Err(Refusal::new("export_many").with("max", ROWS_MOST).into());
            }
            after = last;
        }
    }

    /// What is known of a person; nothing when their key was destroyed.
    async fn person_cells(&self, person: &Person, plain: bool) -> Result<Cells, AppError> {
        let subject = self.secrets().find(self.pool(), self.realm(), &person.key).await?;
        let Some(subject) = subject else { return Ok(Cells::new()) };
        let texts = self.secrets().open(&subject, &person.sealed);
        let cell = |(field, masked): (&'static str, Masked)| {
            let text = texts.get(field)?;
            Some((field, if plain { text.clone() } else { masked(text) }))
        };
        Ok(MASKS.into_iter().filter_map(cell).collect())
    }

    async fn household_rows(&self, sheet: &Sheet, regions: &[i64]) -> Result<Vec<Vec<Out>>, AppError> {
        let words = Words::of(self);
        let (mut rows, mut after) = (Vec::new(), 0);
        loop {
            let page = self.pool().households_of(self.realm(), regions, after, STEP).await?;
            let Some(last) = page.last().map(|h| h.household.id.0) else { return Ok(rows) };
            for found in &page {
                let cells = Cells::from([
                    ("household", found.household.number.clone()),
                    ("place", words.place(found.household.region)),
                    ("members", found.members.to_string()),
                ]);
                rows.push(row(sheet, &cells));
            }
            if rows.len() > ROWS_MOST {
                return Err(Refusal::new("export_many").with("max", ROWS_MOST).into());
            }
            after = last;
        }
    }
}

fn row(sheet: &Sheet, cells: &Cells) -> Vec<Out> {
    let cell = |field: &str| cells.get(field).cloned().unwrap_or_default();
    let columns = sheet.columns.iter();
    columns.map(|c| Out::plain(if c.field.is_empty() { c.fill.clone() } else { cell(&c.field) })).collect()
}
