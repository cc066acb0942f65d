//! What was published and its receipts: words with a commitment in the journal, a tree over each day's entries, and the
//! check of a receipt against the day's head. A receipt shows what everybody could read, and nothing else of the entry.

mod duty;
mod trees;
mod words;

pub(crate) use duty::duty_subject;
pub(crate) use trees::Trees;
pub(crate) use words::{post_entry, post_of};

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::keys::Texts;
use crate::matter::Typed;
use crate::state::App;
use std::collections::HashSet;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::form;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::{Kind, Level};
use xiangyue_domain::receipt::{DayRoot, Receipt, Tree, code_of, commitment};
use xiangyue_domain::refusal::Refusal;
use xiangyue_store::PostedRow;

/// Entries that one closed tree holds at most.
const DAY_MOST: i64 = 50_000;
/// Rows read for a village's page.
const READ: i64 = 120;

/// Something published, as everybody may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// What it is of.
    pub subject: String,
    /// Entry.
    pub seq: i64,
    /// The words.
    pub text: String,
    /// Short code.
    pub code: String,
}

impl Published {
    /// The heading: its first line.
    pub fn title(&self) -> &str {
        self.text.lines().next().unwrap_or("")
    }

    /// What stands below the heading.
    pub fn lines(&self) -> Vec<&str> {
        self.text.lines().skip(1).collect()
    }
}

/// How a receipt stands against the published heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its words lead to the day's published head.
    Holds,
    /// Its day is not closed yet: the words are in the journal, the head comes after midnight.
    Pending,
    /// It leads to a head that was never published here.
    OtherHead,
    /// Words or path were changed.
    Broken,
}

impl App {
    /// The village that something stands on the page of.
    pub(crate) fn posted_place(&self, place: RegionId) -> RegionId {
        self.directory().tree.at_level(place, Level::Village, self.now().day()).unwrap_or(place)
    }

    /// The place in words, from the county down.
    pub(crate) fn posted_head(&self, place: RegionId) -> String {
        let (directory, day) = (self.directory(), self.now().day());
        let here = self.posted_place(place);
        let mut names: Vec<String> =
            directory.tree.ancestors(here, day).iter().map(|r| directory.tree.display(*r, day).to_owned()).collect();
        names.reverse();
        names.concat()
    }

    /// The latest of each text of a matter.
    pub(crate) async fn said_of(&self, matter: &Matter) -> Result<Texts, AppError> {
        let by_entry = self.texts_of(matter).await?.unwrap_or_default();
        Ok(by_entry.into_values().fold(Texts::new(), |mut all, one| {
            all.extend(one);
            all
        }))
    }

    /// What somebody typed of the public fields of a kind that publishes words, for whoever makes its moves without reading
    /// them back.
    pub fn told(&self, kind: &Kind, typed: &Typed) -> Texts {
        let policy = self.policy();
        let is_typed =
            |id: &str| typed.keys().any(|k| k == id || k.strip_prefix(id).is_some_and(|r| r.starts_with('.')));
        let publishes = kind.posted.is_some() || kind.duty.is_some();
        let public = kind.fields.iter().filter(|f| publishes && f.public && is_typed(&f.id));
        let ids: Vec<String> = public.map(|f| f.id.clone()).collect();
        form::read(&policy, kind, &ids, &[], typed).map(|filled| filled.secret).unwrap_or_default()
    }

    /// The heading of a matter: the field that its kind names, else the kind's name.
    pub(crate) async fn heading_of(&self, matter: &Matter) -> Result<String, AppError> {
        let policy = self.policy();
        let Some(kind) = policy.kind_of(matter) else { return Ok(String::new()) };
        let said = self.said_of(matter).await?;
        Ok(words::heading(&policy, kind, matter, &said))
    }

    pub(super) async fn published(&self, row: PostedRow) -> Result<Option<(Published, String)>, AppError> {
        let Some(subject) = self.secrets().find(self.pool(), self.realm(), &row.posted.key).await? else {
            return Ok(None);
        };
        let plain = self.secrets().open_bytes(&subject, &row.posted.sealed).unwrap_or_default();
        let Ok((salt, text)) = serde_json::from_slice::<(String, String)>(&plain) else { return Ok(None) };
        let code = code_of(&row.posted.digest);
        Ok(Some((Published { subject: row.posted.subject, seq: row.seq, text, code }, salt)))
    }

    /// What was published of a subject, oldest first; what was erased is left out.
    pub async fn published_of(&self, subject: &str) -> Result<Vec<Published>, AppError> {
        let mut all = Vec::new();
        for row in self.pool().posted_of(self.realm(), subject).await? {
            all.extend(self.published(row).await?.map(|(p, _)| p));
        }
        Ok(all)
    }

    /// The words that were published of a subject.
    pub(crate) async fn posted_words(&self, subject: &str) -> Result<Vec<String>, AppError> {
        Ok(self.published_of(subject).await?.into_iter().map(|p| p.text).collect())
    }

    /// What a village published lately: the latest of each subject, newest first.
    pub async fn published_at(&self, village: RegionId, most: usize) -> Result<Vec<Published>, AppError> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for row in self.pool().posted_at(self.realm(), village.0, READ).await? {
            if all.len() < most && seen.insert(row.posted.subject.clone()) {
                all.extend(self.published(row).await?.map(|(p, _)| p));
            }
        }
        Ok(all)
    }

    pub(super) async fn row_by_code(&self, code: &str) -> Result<PostedRow, AppError> {
        let beginning: String = code.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect();
        if !(8..=64).contains(&beginning.len()) {
            return Err(AppError::NotFound);
        }
        let mut rows = self.pool().posted_by(self.realm(), &beginning).await?;
        if rows.len() == 1 { Ok(rows.remove(0)) } else { Err(AppError::NotFound) }
    }

    /// Refuses to show again what a village has withdrawn since; a receipt that somebody holds is checked all the same.
    async fn is_still_public(&self, row: &PostedRow) -> Result<(), AppError> {
        let Some(id) = duty::duty_of(&row.posted.subject) else { return Ok(()) };
        let matter = self.pool().matters_any(self.realm(), &[id.0]).await?.pop().ok_or(AppError::NotFound)?;
        let policy = self.policy();
        let rules = policy.kind_of(&matter).and_then(|k| k.duty.as_ref());
        if rules.is_some_and(|r| crate::due::is_public(r, &matter)) {
            return Ok(());
        }
        Err(Refusal::new("receipt_withdrawn").with("number", &matter.number).into())
    }

    /// The receipt of something published, by its code; the day's head is still open for what was entered today.
    pub async fn receipt_by_code(&self, code: &str) -> Result<(Published, Receipt, Standing), AppError> {
        let row = self.row_by_code(code).await?;
        self.is_still_public(&row).await?;
        let seq = row.seq;
        let (published, salt) = self.published(row).await?.ok_or(AppError::NotFound)?;
        let (pool, realm) = (self.pool(), self.realm());
        // What is open is asked first: a day that is closed between the two questions is then found among the closed ones.
        let open = pool.last_roots(realm, 1).await?.first().map_or(1, |last| last.last + 1);
        let (tree, day, standing) = match pool.root_of(realm, seq).await? {
            Some(root) => (self.trees.closed(pool, realm, &root).await?, root.day, Standing::Holds),
            None => (self.trees.open(pool, realm, (open, seq)).await?, self.now().day(), Standing::Pending),
        };
        let words = (salt, published.text.clone());
        let receipt = Receipt::new(realm, day, seq, words, &tree).ok_or(AppError::NotFound)?;
        Ok((published, receipt, standing))
    }

    /// How a receipt that somebody holds stands against the published heads.
    pub async fn check_receipt(&self, receipt: &Receipt) -> Result<Standing, AppError> {
        if receipt.check().is_err() || receipt.realm != self.realm() {
            return Ok(Standing::Broken);
        }
        let Some(root) = self.pool().root_of(self.realm(), receipt.seq).await? else {
            let known = self.pool().posted_by(self.realm(), &commitment(&receipt.salt, &receipt.text)).await?;
            return Ok(if known.is_empty() { Standing::OtherHead } else { Standing::Pending });
        };
        let same = root.root == receipt.root && root.size == receipt.size;
        if same {
            return Ok(Standing::Holds);
        }
        // A slip that was made before its day closed leads to no head; what it says may still be there.
        let known = self.pool().posted_by(self.realm(), &receipt.digest()).await?;
        Ok(if known.iter().any(|k| k.seq == receipt.seq) { Standing::Pending } else { Standing::OtherHead })
    }

    /// The latest heads, newest first.
    pub async fn heads(&self, most: i64) -> Result<Vec<DayRoot>, AppError> {
        Ok(self.pool().last_roots(self.realm(), most).await?)
    }

    /// Closes the trees of days that are over; asked again on the same day it does nothing.
    pub async fn close_days(&self, at: Time) -> Result<(), AppError> {
        loop {
            let through = self.heads(1).await?.first().map_or(0, |r| r.last);
            let before = self.pool().last_before(self.realm(), at.day().0.into()).await?;
            let Some((last, day)) = before.filter(|(last, _)| *last > through) else { return Ok(()) };
            let last = last.min(through + DAY_MOST);
            let tree = Tree::of(self.pool().leaves(self.realm(), through + 1, last).await?);
            let day = Day(i32::try_from(day).unwrap_or(at.day().0));
            let root = DayRoot { day, first: through + 1, last, size: tree.size(), root: tree.root() };
            self.send_at(at, Who::System, None, Command::CloseDay(root), Beside::default()).await?;
        }
    }
}
