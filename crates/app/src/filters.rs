//! Filters of the list that are kept under a name, for oneself or for the holders of a post. Name and filter may hold a
//! villager's name, so they are enciphered before they are sent; a shared filter opens nothing that its reader may not
//! see, since the list itself is asked under the reader's scope.

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{AccountId, FilterId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::{Holder, RegisterEvent, SavedFilter};

/// Longest name and longest filter.
const NAME_MAX: usize = 30;
const QUERY_MAX: usize = 1000;
/// Filters that one account may see; beyond it some must go first.
const MOST: usize = 40;

/// A saved filter as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Identity.
    pub id: FilterId,
    /// Its name.
    pub name: String,
    /// The list's own query.
    pub query: String,
    /// The post whose holders share it.
    pub post: Option<Holder>,
}

impl App {
    /// Filters that an account sees, by name.
    pub async fn filters(&self, account: AccountId) -> Result<Vec<Kept>, AppError> {
        let directory = self.directory();
        let seen = directory.filters_of(account, self.now().day());
        let keys: Vec<String> = seen.iter().map(|f| f.key.clone()).collect();
        self.secrets.warm(self.pool(), self.realm(), &keys).await?;
        let mut out = Vec::new();
        for filter in seen {
            let Some(subject) = self.secrets.find(self.pool(), self.realm(), &filter.key).await? else { continue };
            let texts = self.secrets.open(&subject, &filter.sealed);
            let text = |name: &str| texts.get(name).cloned().unwrap_or_default();
            out.push(Kept { id: filter.id, name: text("name"), query: text("query"), post: filter.post.clone() });
        }
        out.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(out)
    }

    /// Keeps a filter under a name, perhaps for everybody who holds one of the account's posts.
    pub async fn save_filter(
        &self,
        account: AccountId,
        name: &str,
        query: &str,
        post: Option<Holder>,
        key: Option<String>,
    ) -> Result<(), AppError> {
        let (name, day) = (name.trim(), self.now().day());
        if name.is_empty() {
            return Err(Refusal::field("name", "required").into());
        }
        if name.chars().count() > NAME_MAX || query.len() > QUERY_MAX {
            return Err(Refusal::field("name", "too_long").into());
        }
        let (subject, wrapped) = self.secrets.subject();
        let texts = Texts::from([("name".to_owned(), name.to_owned()), ("query".to_owned(), query.to_owned())]);
        let sealed = self.secrets.seal(&subject, &texts).unwrap_or_default();
        let key_name = subject.name.clone();
        let command = Command::Register(Box::new(move |ids, directory, _| {
            let posts = directory.posts_of(account, day);
            if posts.is_empty() || post.as_ref().is_some_and(|p| !posts.contains(&p)) {
                return Err(Refusal::new("no_right"));
            }
            if directory.filters_of(account, day).len() >= MOST {
                return Err(Refusal::new("filters_full"));
            }
            let id = FilterId(ids.draw());
            let filter = SavedFilter { id, owner: account, post, key: key_name, sealed, dropped: false };
            Ok(vec![Event::Register(RegisterEvent::FiltersSaved { filters: vec![filter] })])
        }));
        let beside = Beside { key: Some((subject.name, wrapped)), ..Beside::default() };
        self.send(Who::Account { account, post: None }, key, command, beside).await.map(|_| ())
    }

    /// Takes a filter away; whoever sees it may, since a post's filters belong to its holders.
    pub async fn drop_filter(&self, account: AccountId, id: FilterId, key: Option<String>) -> Result<(), AppError> {
        let day = self.now().day();
        let command = Command::Register(Box::new(move |_, directory, _| {
            if !directory.filters_of(account, day).iter().any(|f| f.id == id) {
                return Err(Refusal::new("not_found"));
            }
            Ok(vec![Event::Register(RegisterEvent::FilterDropped { filter: id })])
        }));
        self.send(Who::Account { account, post: None }, key, command, Beside::default()).await.map(|_| ())
    }
}
