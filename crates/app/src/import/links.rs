//! One-time links for accounts that an import of staff opened: made when the page is printed, since only their
//! digests are kept.

use super::job::What;
use crate::error::AppError;
use crate::state::App;
use std::collections::BTreeSet;
use xiangyue_domain::entry::{Body, Event};
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::RegisterEvent;

/// Entries looked at in one go.
const STEP: usize = 500;
/// Most rows of a sheet of staff whose accounts are looked for.
const ROWS_MOST: usize = 20_000;

/// A link for somebody who has no password yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffLink {
    /// Name.
    pub name: String,
    /// Name to sign in with.
    pub login: String,
    /// Posts as `post@seat`.
    pub posts: Vec<String>,
    /// Token of the link; only its digest is kept.
    pub token: String,
}

impl App {
    /// New links for the accounts that an import opened and that nobody has set a password for. Older links to them
    /// hold until they run out.
    pub async fn links_of(&self, account: AccountId, id: &str) -> Result<Vec<StaffLink>, AppError> {
        let job = self.import_job(account, id).await?;
        let may = self.import_sheet(account, &job.sheet).is_some_and(|s| s.subject == "staff");
        if !may {
            return Err(Refusal::new("no_right").into());
        }
        let rows = self.taken_of(&job, Some(What::New), 0, ROWS_MOST).await?;
        let entries: Vec<i64> = rows.iter().map(|r| r.seq).collect();
        let mut opened: BTreeSet<AccountId> = BTreeSet::new();
        for chunk in entries.chunks(STEP) {
            for row in self.pool().entries_at(self.realm(), chunk).await? {
                let body: Body = serde_json::from_str(&row.body).unwrap_or_default();
                opened.extend(body.events.iter().flat_map(|e| match e {
                    Event::Register(RegisterEvent::AccountsOpened { accounts }) => {
                        accounts.iter().map(|a| a.id).collect()
                    }
                    _ => Vec::new(),
                }));
            }
        }
        let (directory, day) = (self.directory(), self.now().day());
        let mut links = Vec::new();
        for found in opened.iter().filter_map(|id| directory.accounts.get(id)) {
            if let Some(token) = self.link_for(&found.login).await? {
                let posts = directory.posts_of(found.id, day).into_iter().map(|h| h.key()).collect();
                links.push(StaffLink { name: found.name.clone(), login: found.login.clone(), posts, token });
            }
        }
        Ok(links)
    }
}
