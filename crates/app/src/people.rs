//! Posts and their holders: giving a post, ending one, opening an account. Nobody grants beyond their own rights.

use crate::command::Ids;
use crate::error::AppError;
use crate::state::App;
use xiangyue_domain::day::Day;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{AccountId, RegionId, TermId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Policy, Right};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::region::FOREVER;
use xiangyue_domain::register::{Account, Directory, Holder, RegisterEvent, Term};

/// A post to be given.
#[derive(Debug, Clone)]
pub struct NewPost {
    /// Post at its seat.
    pub holder: Holder,
    /// Name of who holds it.
    pub name: String,
    /// Name to sign in with; an existing one gets the post added.
    pub login: String,
    /// Office telephone.
    pub phone: String,
    /// First day.
    pub from: Day,
    /// Last day; without one the term is open.
    pub until: Option<Day>,
}

/// Whether a login is one that may be used.
pub fn sound_login(login: &str) -> bool {
    (3..=40).contains(&login.len()) && login.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Whether a post stands where it can stand: at a place of its own level that is there now, a unit's post at a unit.
pub fn fits(policy: &Policy, directory: &Directory, holder: &Holder, day: Day) -> bool {
    let Some(kind) = policy.post(&holder.post) else { return false };
    match directory.tree.get(RegionId(holder.seat)) {
        Some(region) => !kind.unit && region.level == kind.level && region.span(day).is_some(),
        None => kind.unit && directory.region_of(holder).is_some(),
    }
}

/// Whether an account may give or end a post: it has the right at the post's place, through a post at least as high,
/// and every right of the post is one of its own.
pub fn may_grant(policy: &Policy, directory: &Directory, account: AccountId, holder: &Holder, day: Day) -> bool {
    let Some(kind) = policy.post(&holder.post) else { return false };
    let Some(place) = directory.region_of(holder) else { return false };
    let chain = directory.tree.ancestors(place, day);
    fits(policy, directory, holder, day)
        && directory.posts_of(account, day).into_iter().any(|own| {
            let Some(mine) = policy.post(&own.post) else { return false };
            let over = directory.region_of(own).is_some_and(|r| chain.contains(&r));
            let administers = mine.rights.contains(&Right::Grant);
            over && administers && mine.level >= kind.level && kind.rights.iter().all(|r| mine.rights.contains(r))
        })
}

/// Decides that a post is given, and opens the account if the login is new. Without an account it is the operator who
/// gives it, who may give any.
pub(crate) fn grant(
    ids: &mut Ids,
    directory: &Directory,
    policy: &Policy,
    account: Option<AccountId>,
    new: NewPost,
    day: Day,
) -> Result<Vec<Event>, Refusal> {
    let allowed = match account {
        Some(account) => may_grant(policy, directory, account, &new.holder, day),
        None => fits(policy, directory, &new.holder, day),
    };
    if !allowed {
        return Err(Refusal::new("no_grant"));
    }
    let mut events = Vec::new();
    let existing = directory.accounts.values().find(|a| a.login == new.login).map(|a| a.id);
    let holds = |id: AccountId| directory.posts_of(id, new.from).contains(&&new.holder);
    if existing.is_some_and(holds) {
        return Err(Refusal::field("login", "holds_already"));
    }
    let id = existing.unwrap_or_else(|| AccountId(ids.draw()));
    if existing.is_none() {
        let account = Account {
            id,
            login: new.login,
            name: new.name.trim().to_owned(),
            phone: new.phone.trim().to_owned(),
            person: None,
            password: None,
            closed: false,
            demo: false,
        };
        events.push(Event::Register(RegisterEvent::AccountsOpened { accounts: vec![account] }));
    }
    let to = new.until.unwrap_or(FOREVER);
    let term = Term { id: TermId(ids.draw()), account: id, holder: new.holder, from: new.from, to };
    events.push(Event::Register(RegisterEvent::TermsBegun { terms: vec![term] }));
    Ok(events)
}

impl App {
    /// Gives a post; makes the account if the login is new and returns the token of its one-time link then.
    pub async fn give_post(&self, account: AccountId, new: NewPost) -> Result<Option<String>, AppError> {
        let day = self.now().day();
        if new.name.trim().is_empty() {
            return Err(Refusal::field("name", "required").into());
        }
        let login = new.login.trim().to_owned();
        if !sound_login(&login) {
            return Err(Refusal::field("login", "login").into());
        }
        let new = NewPost { login: login.clone(), ..new };
        let by = Who::Account { account, post: None };
        self.register(self.now(), by, move |ids, directory, policy| {
            grant(ids, directory, policy, Some(account), new, day)
        })
        .await?;
        self.link_for(&login).await
    }

    /// A one-time link for a login that has no password yet; `None` for one that has.
    pub(crate) async fn link_for(&self, login: &str) -> Result<Option<String>, AppError> {
        let made = self.directory().accounts.values().find(|a| a.login == login).cloned();
        match made.filter(|a| a.password.is_none() && !a.demo) {
            Some(made) => {
                let token = self.secrets.random_token();
                self.add_link(&token, made.id).await?;
                Ok(Some(token))
            }
            None => Ok(None),
        }
    }

    /// Ends a post today; whoever held nothing else is signed out.
    pub async fn end_post(&self, account: AccountId, term: TermId) -> Result<(), AppError> {
        let day = self.now().day();
        let by = Who::Account { account, post: None };
        let held = self.directory().terms.get(&term).cloned().ok_or(AppError::NotFound)?;
        self.register(self.now(), by, move |_, directory, policy| {
            let held = directory.terms.get(&term).ok_or_else(|| Refusal::new("not_found"))?;
            // Whoever is back from leave takes the post back from the stand-in.
            let back = directory.terms.values().any(|own| {
                own.account == account && own.holder == held.holder && own.from < held.from && held.to < own.to
            });
            if !back && !may_grant(policy, directory, account, &held.holder, day) {
                return Err(Refusal::new("no_grant"));
            }
            Ok(vec![Event::Register(RegisterEvent::TermEnded { term, last: day.plus(-1) })])
        })
        .await?;
        Ok(self.pool().end_sessions(self.realm(), "", held.account.0).await?)
    }

    /// The highest place at which an account has a right; the first in official order where there are several.
    pub fn top_place(&self, account: AccountId, right: Right) -> Option<RegionId> {
        let (directory, policy, day) = (self.directory(), self.policy(), self.now().day());
        let granted = directory
            .posts_of(account, day)
            .into_iter()
            .filter(|h| policy.post(&h.post).is_some_and(|k| k.rights.contains(&right)))
            .filter_map(|h| directory.tree.get(directory.region_of(h)?));
        granted.min_by_key(|r| (std::cmp::Reverse(r.level), r.order)).map(|r| r.id)
    }

    /// Posts at a seat with their present holders.
    pub fn posts_at(&self, seat: i64) -> Vec<(Term, Account)> {
        let directory = self.directory();
        let day = self.now().day();
        directory
            .terms
            .values()
            .filter(|t| t.holder.seat == seat && t.from <= day && day <= t.to)
            .filter_map(|t| directory.accounts.get(&t.account).map(|a| (t.clone(), a.clone())))
            .collect()
    }

    /// Public posts of a village and its town with names and telephones, for villagers.
    pub fn contacts(&self, village: RegionId) -> Vec<(String, Account)> {
        let (directory, policy, day) = (self.directory(), self.policy(), self.now().day());
        let mut out = Vec::new();
        for place in directory.tree.ancestors(village, day) {
            for (term, account) in self.posts_at(place.0) {
                if let Some(kind) = policy.post(&term.holder.post).filter(|k| k.public) {
                    out.push((kind.name.clone(), account));
                }
            }
        }
        out
    }
}
