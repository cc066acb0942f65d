//! Registers: organisations, people, households, accounts and terms of posts, and what follows from them: who may
//! do what where on a given day. Personal numbers and names of villagers stand here only as ciphertext.

use crate::day::Day;
use crate::erasure::Ground;
use crate::ids::{AccountId, FilterId, HouseholdId, OrgId, PersonId, RegionId, TermId};
use crate::policy::{Level, Policy, Right};
use crate::region::{FOREVER, RegionTree};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A post at its seat. Work is assigned to it, so a successor inherits the work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Holder {
    /// Kind of post.
    pub post: String,
    /// Id of the region or organisation it is held at; the two never share an id.
    pub seat: i64,
}

impl Holder {
    /// One text for columns and lists.
    pub fn key(&self) -> String {
        format!("{}@{}", self.post, self.seat)
    }

    /// The reverse of [`Holder::key`].
    pub fn parse(key: &str) -> Option<Holder> {
        let (post, seat) = key.rsplit_once('@')?;
        Some(Holder { post: post.to_owned(), seat: seat.parse().ok()? })
    }
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Org {
    /// Identity.
    pub id: OrgId,
    /// Identifier in the pack, such as `unit.housing`.
    pub unit: String,
    /// Full name.
    pub name: String,
    /// Name as staff say it.
    pub short: String,
    /// Office telephone.
    pub phone: String,
    /// Place in the official order.
    pub order: i64,
    /// Region it serves.
    pub region: RegionId,
}

/// A term of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Identity.
    pub id: TermId,
    /// Who holds it.
    pub account: AccountId,
    /// The post at its seat.
    pub holder: Holder,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

/// Someone who can sign in. Staff act in public office, so their name is kept plain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Identity.
    pub id: AccountId,
    /// Name to sign in with.
    pub login: String,
    /// Name on screen.
    pub name: String,
    /// Office telephone.
    pub phone: String,
    /// Person in the register, if known.
    pub person: Option<PersonId>,
    /// Argon2 hash; absent until the one-time link was used.
    pub password: Option<String>,
    /// Closed accounts sign in no more.
    pub closed: bool,
    /// Of a demo: refused by `serve` unless the data folder is marked demo.
    pub demo: bool,
}

/// A person in the register; what can name them is ciphertext under their key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Identity.
    pub id: PersonId,
    /// Key the ciphertext is under.
    pub key: String,
    /// Ciphertext of name, number, phone, address.
    pub sealed: String,
    /// Village of residence.
    pub region: RegionId,
    /// Household, if known.
    pub household: Option<HouseholdId>,
}

/// A household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Household {
    /// Identity.
    pub id: HouseholdId,
    /// Number within its village, such as `H0012`; names nobody.
    pub number: String,
    /// Grid or village it lies in.
    pub region: RegionId,
}

/// A filter of the list under a name. Name and filter stand only as ciphertext, since both may name a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilter {
    /// Identity.
    pub id: FilterId,
    /// Who saved it.
    pub owner: AccountId,
    /// The post whose holders see it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Holder>,
    /// Key the ciphertext is under.
    pub key: String,
    /// Ciphertext of name and query.
    pub sealed: String,
    /// Taken away.
    #[serde(default)]
    pub dropped: bool,
}

/// What happened to the registers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum RegisterEvent {
    /// Organisations listed by the pack.
    OrgsAdded { orgs: Vec<Org> },
    /// Accounts opened.
    AccountsOpened { accounts: Vec<Account> },
    /// Another password.
    PasswordSet { account: AccountId, password: String },
    /// An account that signs in no more.
    AccountClosed { account: AccountId },
    /// Posts given.
    TermsBegun { terms: Vec<Term> },
    /// A post ends on this day.
    TermEnded { term: TermId, last: Day },
    /// People entered.
    PeopleAdded { people: Vec<Person> },
    /// Households entered.
    HouseholdsAdded { households: Vec<Household> },
    /// Filters of the list saved.
    FiltersSaved { filters: Vec<SavedFilter> },
    /// A saved filter taken away.
    FilterDropped { filter: FilterId },
    /// Keys destroyed because somebody has the right to be forgotten: who each was of, and its name. What they enciphered
    /// stays where it is, and nobody can read it any more.
    KeysDestroyed { ground: Ground, keys: Vec<(i64, String)> },
}

/// Regions, organisations, accounts and posts together: small enough to hold in memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Directory {
    /// The tree of regions.
    pub tree: RegionTree,
    /// Organisations by id.
    pub orgs: BTreeMap<OrgId, Org>,
    /// Accounts by id.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Terms by id.
    pub terms: BTreeMap<TermId, Term>,
    /// Saved filters by id.
    pub filters: BTreeMap<FilterId, SavedFilter>,
    /// Terms by who holds them and by post, since these are asked for with every command.
    by_account: BTreeMap<AccountId, Vec<TermId>>,
    by_holder: BTreeMap<Holder, Vec<TermId>>,
}

impl Directory {
    /// Applies what has been decided; never fails, so replay cannot. People and households live in tables alone.
    pub fn apply(&mut self, event: &RegisterEvent) {
        match event {
            RegisterEvent::OrgsAdded { orgs } => {
                self.orgs.extend(orgs.iter().map(|o| (o.id, o.clone())));
            }
            RegisterEvent::AccountsOpened { accounts } => {
                self.accounts.extend(accounts.iter().map(|a| (a.id, a.clone())));
            }
            RegisterEvent::PasswordSet { account, password } => {
                if let Some(found) = self.accounts.get_mut(account) {
                    found.password = Some(password.clone());
                }
            }
            RegisterEvent::AccountClosed { account } => {
                if let Some(found) = self.accounts.get_mut(account) {
                    found.closed = true;
                }
            }
            RegisterEvent::TermsBegun { terms } => {
                for term in terms {
                    self.by_account.entry(term.account).or_default().push(term.id);
                    self.by_holder.entry(term.holder.clone()).or_default().push(term.id);
                    self.terms.insert(term.id, term.clone());
                }
            }
            RegisterEvent::TermEnded { term, last } => {
                if let Some(found) = self.terms.get_mut(term) {
                    found.to = *last;
                }
            }
            RegisterEvent::FiltersSaved { filters } => {
                self.filters.extend(filters.iter().map(|f| (f.id, f.clone())));
            }
            RegisterEvent::FilterDropped { filter } => {
                if let Some(found) = self.filters.get_mut(filter) {
                    found.dropped = true;
                }
            }
            RegisterEvent::PeopleAdded { .. }
            | RegisterEvent::HouseholdsAdded { .. }
            | RegisterEvent::KeysDestroyed { .. } => {}
        }
    }

    /// Posts that an account holds on a day.
    pub fn posts_of(&self, account: AccountId, day: Day) -> Vec<&Holder> {
        let ids = self.by_account.get(&account).map_or(&[][..], Vec::as_slice);
        ids.iter()
            .filter_map(|id| self.terms.get(id))
            .filter(|t| t.from <= day && day <= t.to)
            .map(|t| &t.holder)
            .collect()
    }

    /// Saved filters that an account sees on a day: its own and those of its posts.
    pub fn filters_of(&self, account: AccountId, day: Day) -> Vec<&SavedFilter> {
        let posts = self.posts_of(account, day);
        let shared = |f: &SavedFilter| f.post.as_ref().is_some_and(|p| posts.contains(&p));
        self.filters.values().filter(|f| !f.dropped && (f.owner == account || shared(f))).collect()
    }

    /// Accounts that hold a post on a day.
    pub fn holders_of(&self, holder: &Holder, day: Day) -> Vec<&Account> {
        let ids = self.by_holder.get(holder).map_or(&[][..], Vec::as_slice);
        ids.iter()
            .filter_map(|id| self.terms.get(id))
            .filter(|t| t.from <= day && day <= t.to)
            .filter_map(|t| self.accounts.get(&t.account))
            .collect()
    }

    /// The region that a post's work concerns: its seat, or the region its unit serves.
    pub fn region_of(&self, holder: &Holder) -> Option<RegionId> {
        let region = RegionId(holder.seat);
        if self.tree.get(region).is_some() {
            return Some(region);
        }
        self.orgs.get(&OrgId(holder.seat)).map(|o| o.region)
    }

    /// Name of a seat as people say it on a day.
    pub fn seat_name(&self, seat: i64, day: Day) -> String {
        if let Some(org) = self.orgs.get(&OrgId(seat)) {
            return org.short.clone();
        }
        self.tree.display(RegionId(seat), day).to_owned()
    }

    /// A unit by the pack's id.
    pub fn unit(&self, id: &str) -> Option<&Org> {
        self.orgs.values().find(|o| o.unit == id)
    }

    /// Whether the account has a right at a region on a day through any of its posts.
    pub fn has_right(&self, policy: &Policy, account: AccountId, right: Right, place: RegionId, day: Day) -> bool {
        let chain = self.tree.in_charge(place, day);
        self.posts_of(account, day).into_iter().any(|holder| {
            let Some(kind) = policy.post(&holder.post) else { return false };
            kind.rights.contains(&right) && self.region_of(holder).is_some_and(|r| chain.contains(&r))
        })
    }

    /// Whether the account has a right anywhere on a day.
    pub fn has_right_somewhere(&self, policy: &Policy, account: AccountId, right: Right, day: Day) -> bool {
        self.posts_of(account, day).into_iter().any(|h| policy.post(&h.post).is_some_and(|k| k.rights.contains(&right)))
    }

    /// The post of a kind over a place on a day, whether or not someone holds it now.
    pub fn post_over(&self, policy: &Policy, post: &str, place: RegionId, day: Day) -> Option<Holder> {
        let kind = policy.post(post)?;
        if kind.unit {
            return None;
        }
        let seat = self.tree.at_level(self.tree.standing(place, day), kind.level, day)?;
        Some(Holder { post: post.to_owned(), seat: seat.0 })
    }

    /// Level at which a post works.
    pub fn level(&self, policy: &Policy, holder: &Holder) -> Level {
        policy.level_of(&holder.post)
    }

    /// Everyone who answers to a post-holder, and the holder: their accounts and posts are barred from a matter that
    /// names that holder. Returns keys `account:ID` and `post@seat`.
    pub fn bars_for(&self, policy: &Policy, named: AccountId, day: Day) -> Vec<String> {
        let mut bars = vec![format!("account:{named}")];
        for holder in self.posts_of(named, day) {
            let Some(place) = self.region_of(holder) else { continue };
            let unit = policy.post(&holder.post).is_some_and(|p| p.unit);
            for post in policy.posts.iter().filter(|p| policy.answers_to(&p.id, &holder.post)) {
                let seats: Vec<i64> = if unit || post.unit {
                    vec![holder.seat]
                } else {
                    let below = self.tree.subtree(place, day);
                    let level = |id: &RegionId| self.tree.get(*id).map(|r| r.level);
                    below.into_iter().filter(|id| level(id) == Some(post.level)).map(|id| id.0).collect()
                };
                bars.extend(seats.into_iter().map(|seat| Holder { post: post.id.clone(), seat }.key()));
            }
        }
        bars.sort();
        bars.dedup();
        bars
    }

    /// A term is open-ended.
    pub fn is_open(term: &Term) -> bool {
        term.to == FOREVER
    }
}
