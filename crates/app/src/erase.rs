//! The right to be forgotten: what stands here of a person is found, and the keys it stands under are destroyed. State,
//! journal and files keep what nobody can read; what leads to the person beside them goes as well. Must never destroy
//! what somebody is still working on, nor what was made public in the village's name.

use crate::command::{Beside, Command, Outcome};
use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use crate::subscription::SubscriptionDo;
use std::collections::{BTreeMap, BTreeSet};
use xiangyue_domain::code::{CitizenId, Phone};
use xiangyue_domain::entry::{Body, Event};
use xiangyue_domain::erasure::{Ground, Kept};
use xiangyue_domain::ids::SubscriptionId;
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::Phase;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::{Person, RegisterEvent};
use xiangyue_store::Leads;

/// Matters of one person at most.
const MOST: i64 = 2000;
/// How often an entry in the register may have been struck off and come again.
const AGAIN_MOST: usize = 6;
/// Matters below matters are followed this far.
const DEPTH: usize = 8;

/// Whom, or what, to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Everything that was reported or is told under a telephone number.
    Phone(String),
    /// The person of the register with a citizen's number.
    Citizen(String),
    /// One matter by its number.
    Number(String),
}

/// Why a matter stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// Somebody is working on it, or on one that hangs on it.
    Open,
    /// It was published by the village, or voted on.
    Public,
    /// Its key is gone already.
    Gone,
    /// The time for which it must be kept is not over.
    Kept(Kept),
}

/// A matter that was found, with those below it: one key is theirs.
#[derive(Debug, Clone, PartialEq)]
pub struct OfPerson {
    /// The matter at the top.
    pub matter: Matter,
    /// Those below.
    pub below: Vec<Matter>,
    /// Why nothing is done with it.
    pub stays: Option<Stays>,
}

/// What stands here of a person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remains {
    /// Matters.
    pub matters: Vec<OfPerson>,
    /// People of the register, each with the claim on their number.
    pub people: Vec<(Person, String)>,
    /// Telephones that are told of what villages make public.
    pub told: Vec<SubscriptionId>,
}

/// What was destroyed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Destroyed {
    /// Keys of matters.
    pub matters: usize,
    /// Keys of people.
    pub people: usize,
    /// Telephones that are told no more.
    pub told: usize,
    /// Files that were taken off the disk.
    pub files: usize,
}

impl Remains {
    /// Whether there is anything to destroy.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.told.is_empty() && self.matters.iter().all(|m| m.stays.is_some())
    }

    /// Adds what else was found; nothing stands twice.
    pub fn join(&mut self, more: Remains) {
        let new = |m: &OfPerson| self.matters.iter().all(|own| own.matter.id != m.matter.id);
        let matters: Vec<OfPerson> = more.matters.into_iter().filter(new).collect();
        self.matters.extend(matters);
        let people: Vec<_> = more.people.into_iter().filter(|p| !self.people.contains(p)).collect();
        self.people.extend(people);
        let told: Vec<_> = more.told.into_iter().filter(|t| !self.told.contains(t)).collect();
        self.told.extend(told);
    }

    fn going(&self) -> impl Iterator<Item = &OfPerson> {
        self.matters.iter().filter(|m| m.stays.is_none())
    }
}

impl OfPerson {
    fn all(&self) -> impl Iterator<Item = &Matter> {
        std::iter::once(&self.matter).chain(&self.below)
    }
}

impl App {
    /// What stands here of a person. Nothing is changed.
    pub async fn remains_of(&self, whose: &Whose) -> Result<Remains, AppError> {
        let mut found = Remains::default();
        let ids = match whose {
            Whose::Phone(typed) => {
                let phone = Phone::parse(typed).map_err(|f| Refusal::field("phone", f.key()))?;
                let digits: String = phone.as_str().chars().filter(char::is_ascii_digit).collect();
                let token = self.secrets.token("subscriber", phone.as_str());
                let told = self.pool().subscriptions_of(self.realm(), &token).await?;
                found.told = told.into_iter().filter(|s| s.ended.is_none()).map(|s| s.id).collect();
                self.pool().matters_under(self.realm(), &[self.secrets.token("phone", &digits)], MOST).await?
            }
            Whose::Citizen(typed) => {
                let id = CitizenId::parse(typed).map_err(|f| Refusal::field("citizen", f.key()))?;
                found.people = self.people_numbered(&id).await?;
                Vec::new()
            }
            Whose::Number(number) => {
                let found = self.pool().matters_for_lookup(self.realm(), number.trim()).await?;
                found.into_iter().map(|m| m.id.0).collect()
            }
        };
        let mut seen = BTreeSet::new();
        for matter in self.pool().matters_any(self.realm(), &ids).await? {
            let one = self.with_below(matter).await?;
            if seen.insert(one.matter.id) {
                found.matters.push(one);
            }
        }
        Ok(found)
    }

    /// The matter at the top with all below it, and why it stays.
    async fn with_below(&self, mut matter: Matter) -> Result<OfPerson, AppError> {
        for _ in 0..DEPTH {
            let Some(parent) = matter.parent else { break };
            let Some(above) = self.pool().matters_any(self.realm(), &[parent.0]).await?.pop() else { break };
            if above.key != matter.key {
                break;
            }
            matter = above;
        }
        let mut below: Vec<Matter> = Vec::new();
        let mut next: Vec<i64> = matter.parts.iter().map(|p| p.id.0).collect();
        for _ in 0..DEPTH {
            if next.is_empty() {
                break;
            }
            let parts = self.pool().matters_any(self.realm(), &next).await?;
            next = parts.iter().flat_map(|m| &m.parts).map(|p| p.id.0).collect();
            below.extend(parts.into_iter().filter(|m| m.key == matter.key));
        }
        let mut one = OfPerson { matter, below, stays: None };
        one.stays = self.why_it_stays(&one).await?;
        Ok(one)
    }

    async fn why_it_stays(&self, one: &OfPerson) -> Result<Option<Stays>, AppError> {
        if self.secrets.find(self.pool(), self.realm(), &one.matter.key).await?.is_none() {
            return Ok(Some(Stays::Gone));
        }
        let policy = self.policy();
        let public = |m: &Matter| policy.kind_of(m).is_some_and(|k| k.duty.is_some()) || !m.ballots.is_empty();
        if one.all().any(public) {
            return Ok(Some(Stays::Public));
        }
        let done = |m: &Matter| m.voided || matches!(m.phase, Phase::Closed | Phase::Final);
        let mut open = one.all().any(|m| m.merged_into.is_none() && !done(m));
        let into: Vec<i64> = one.all().filter_map(|m| m.merged_into).map(|id| id.0).collect();
        // What it was merged into goes on for this reporter as well.
        open |= self.pool().matters_any(self.realm(), &into).await?.iter().any(|m| !done(m));
        if open {
            return Ok(Some(Stays::Open));
        }
        let kept = one.all().filter_map(|m| Some(policy.kind_of(m)?.retention.as_ref()?.of(m))).max();
        let today = self.now().day();
        Ok(kept.filter(|kept| *kept > Kept::Until(today)).map(Stays::Kept))
    }

    /// People of the register with a citizen's number, by the claim that brought it in.
    async fn people_numbered(&self, id: &CitizenId) -> Result<Vec<(Person, String)>, AppError> {
        let claim = format!("person/{}", self.secrets.token("citizen", &id.long_form()));
        let names: Vec<String> =
            (0..AGAIN_MOST).map(|n| if n == 0 { claim.clone() } else { format!("{claim}#{n}") }).collect();
        let replies = self.pool().replies(self.realm(), &names).await?;
        let entry = |(name, reply): (String, String)| Some((serde_json::from_str::<Outcome>(&reply).ok()?.seq, name));
        let claims: BTreeMap<i64, String> = replies.into_iter().filter_map(entry).collect();
        let entries: Vec<i64> = claims.keys().copied().collect();
        let mut people = Vec::new();
        for row in self.pool().entries_at(self.realm(), &entries).await? {
            let body: Body = serde_json::from_str(&row.body).unwrap_or_default();
            let added = |event| match event {
                Event::Register(RegisterEvent::PeopleAdded { people }) => people,
                _ => Vec::new(),
            };
            let mut added: Vec<Person> = body.events.into_iter().flat_map(added).collect();
            // A claim stands for one person: where an entry brought several in, it does not say which of them.
            if let (Some(person), true, Some(claim)) = (added.pop(), added.is_empty(), claims.get(&row.seq)) {
                people.push((person, claim.clone()));
            }
        }
        Ok(people)
    }

    /// The rules under which a matter and those below it are kept.
    pub fn retention_bases(&self, one: &OfPerson) -> Vec<String> {
        let policy = self.policy();
        one.all().filter_map(|m| Some(policy.kind_of(m)?.retention.as_ref()?.basis.clone())).collect()
    }

    /// Destroys what was found: what leads to it first, then the keys with an entry that says why, then the files.
    pub async fn destroy(&self, remains: &Remains, ground: Ground) -> Result<Destroyed, AppError> {
        let leads = self.leads(remains).await?;
        let mut tx = self.pool().begin().await?;
        tx.cut_leads(self.realm(), &leads).await?;
        tx.commit().await?;
        for id in &remains.told {
            let stop = Command::Subscription(Box::new(SubscriptionDo::Stop(*id)));
            self.send(Who::System, None, stop, Beside::default()).await?;
        }
        let of_matters = remains.going().map(|m| (m.matter.id.0, m.matter.key.clone()));
        let keys: Vec<(i64, String)> =
            of_matters.chain(remains.people.iter().map(|(p, _)| (p.id.0, p.key.clone()))).collect();
        if !keys.is_empty() {
            let gone = keys.clone();
            let decide = Command::Register(Box::new(move |_, _, _| {
                Ok(vec![Event::Register(RegisterEvent::KeysDestroyed { ground, keys })])
            }));
            self.send(Who::System, None, decide, Beside::default()).await?;
            gone.iter().for_each(|(_, name)| self.secrets.forget(name));
        }
        let files = self.drop_files(remains).await?;
        let (people, told) = (remains.people.len(), remains.told.len());
        Ok(Destroyed { matters: remains.going().count(), people, told, files })
    }

    /// Tokens and claims, made anew from what can still be read.
    async fn leads(&self, remains: &Remains) -> Result<Leads, AppError> {
        let policy = self.policy();
        let mut leads =
            Leads { claims: remains.people.iter().map(|(_, claim)| claim.clone()).collect(), ..Leads::default() };
        for matter in remains.going().flat_map(OfPerson::all) {
            leads.matters.push(matter.id.0);
            let said: BTreeMap<i64, Texts> = self.texts_of(matter).await?.unwrap_or_default();
            for texts in said.values() {
                leads.tokens.extend(self.tokens(texts));
                let own = policy.kind_of(matter).and_then(|k| Some((k, k.own.as_ref()?)));
                leads.tokens.extend(own.and_then(|(kind, own)| self.own_token(&kind.id, own, texts)));
            }
        }
        leads.tokens.sort();
        leads.tokens.dedup();
        Ok(leads)
    }

    /// Takes attachments off the disk. They are unreadable by now, so one that is not there is no fault.
    async fn drop_files(&self, remains: &Remains) -> Result<usize, AppError> {
        let mut dropped = 0;
        for (_, file) in remains.going().flat_map(OfPerson::all).flat_map(|m| &m.files) {
            let Some(path) = self.file_path(&file.digest) else { continue };
            match tokio::fs::remove_file(path).await {
                Ok(()) => dropped += 1,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(dropped)
    }
}
