//! What was chosen for a file: the ids of the list as it stood when somebody asked for it, so that what is marked
//! afterwards is what the file holds. No personal data; gone after a day.

use super::{FileKind, Taken, Taker};
use crate::command::MatterRef;
use crate::error::AppError;
use crate::matter::MoveForm;
use crate::state::App;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::{AccountId, RegionId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::refusal::Refusal;

/// What was chosen is kept this long.
const KEPT_MS: i64 = 86_400_000;
/// Moves under way at once.
const CHUNK: usize = 250;

/// What was chosen for a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Name nobody can guess.
    pub id: String,
    /// Who chose.
    pub account: i64,
    /// Sheet.
    pub sheet: String,
    /// When.
    pub made_at: i64,
    /// Stated purpose.
    pub purpose: String,
    /// Matters, in the order of the list; none for a register.
    pub matters: Vec<i64>,
    /// Place of a register.
    pub place: i64,
}

impl App {
    fn exports(&self) -> PathBuf {
        self.files.with_file_name("exports")
    }

    /// Notes what was chosen: matters of a list, or a register at a place.
    pub async fn choose(
        &self,
        account: AccountId,
        sheet: &str,
        purpose: &str,
        matters: Vec<i64>,
        place: RegionId,
    ) -> Result<Chosen, AppError> {
        let sheet = self.export_sheet(account, sheet).ok_or_else(|| Refusal::new("no_right"))?;
        let purpose = self.purpose(&sheet, purpose)?.to_owned();
        if sheet.is_register() {
            self.may_export_register(Taker::Account(account), place)?;
        }
        let made_at = self.now().0;
        let id = self.secrets.random_token();
        let chosen = Chosen { id, account: account.0, sheet: sheet.id, made_at, purpose, matters, place: place.0 };
        let folder = self.exports();
        let text = serde_json::to_vec(&chosen).unwrap_or_default();
        let path = folder.join(format!("{}.json", chosen.id));
        let write = move || -> std::io::Result<()> {
            std::fs::create_dir_all(&folder)?;
            forget_old(&folder, made_at);
            std::fs::write(path, text)
        };
        tokio::task::spawn_blocking(write).await.map_err(|e| AppError::Io(e.to_string()))??;
        Ok(chosen)
    }

    /// What an account chose; nobody else's can be opened.
    pub async fn chosen(&self, account: AccountId, id: &str) -> Result<Chosen, AppError> {
        let sound =
            (16..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if !sound {
            return Err(AppError::NotFound);
        }
        let bytes = tokio::fs::read(self.exports().join(format!("{id}.json"))).await.map_err(|_| AppError::NotFound)?;
        let chosen: Chosen = serde_json::from_slice(&bytes).map_err(|_| AppError::NotFound)?;
        if chosen.account == account.0 { Ok(chosen) } else { Err(AppError::NotFound) }
    }

    /// The file of what was chosen, made with the rights of now.
    pub async fn chosen_file(
        &self,
        account: AccountId,
        chosen: &Chosen,
        note: Option<&str>,
        kind: FileKind,
    ) -> Result<Taken, AppError> {
        let sheet = self.export_sheet(account, &chosen.sheet).ok_or_else(|| Refusal::new("no_right"))?;
        let taker = Taker::Account(account);
        if sheet.is_register() {
            return self.export_register(taker, &sheet, RegionId(chosen.place), &chosen.purpose, note, kind).await;
        }
        self.export_matters(taker, &sheet, &chosen.matters, &chosen.purpose, note, kind).await
    }

    /// Makes the sheet's move for everything that was chosen, where it can be made now; how many moved, and how many
    /// were left out. Asked twice it moves nothing twice.
    pub async fn mark_chosen(&self, account: AccountId, chosen: &Chosen) -> Result<(usize, usize), AppError> {
        let sheet = self.export_sheet(account, &chosen.sheet).ok_or_else(|| Refusal::new("no_right"))?;
        let (scope, by) = (self.scope(account), Who::Account { account, post: None });
        let mut moved = 0;
        for some in chosen.matters.chunks(CHUNK) {
            let found = self.pool().matters_seen(self.realm(), &scope, some).await?;
            let mut waiting = Vec::new();
            for matter in found.iter().filter(|m| m.kind == sheet.subject) {
                let (policy, directory) = (self.policy(), self.directory());
                let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
                if !flow::offered(ctx, matter, account).iter().any(|m| m.id == sheet.done) {
                    continue;
                }
                let subject = self.subject_of(matter).await?;
                let form = MoveForm { mv: sheet.done.clone(), ..MoveForm::default() };
                let Some(kind) = policy.kind_of(matter) else { continue };
                let made = self.prepare_move(kind, MatterRef::Id(matter.id), &subject, (form, Vec::new()), None);
                let Ok((command, beside)) = made else { continue };
                let key = format!("export/{}/{}", chosen.id, matter.id);
                let by = by.clone();
                waiting.push(self.queue_at(self.now(), by, Some(key), command, beside).await?);
            }
            for answer in waiting {
                match answer.await.map_err(|_| AppError::Busy)? {
                    Ok(_) => moved += 1,
                    Err(AppError::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok((moved, chosen.matters.len() - moved))
    }
}

/// Deletes what was chosen more than a day ago.
fn forget_old(folder: &std::path::Path, now: i64) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let old = std::fs::read(entry.path())
            .ok()
            .and_then(|b| serde_json::from_slice::<Chosen>(&b).ok())
            .is_none_or(|c| now - c.made_at > KEPT_MS);
        if old {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
