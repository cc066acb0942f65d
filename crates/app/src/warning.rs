//! What is in hand now: how much is open, what is past its limit or near it, and with whom. Counts come before people: a
//! warning names a place, a unit or a post, never a person.

use crate::composite::shares;
use crate::error::AppError;
use crate::indicator::parts;
use crate::matter::OpenForm;
use crate::period::Period;
use crate::state::App;
use std::collections::{BTreeMap, HashMap};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::flow::{Ctx, offered};
use xiangyue_domain::ids::{AccountId, OrgId, RegionId};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Count, Indicator, IndicatorSource, Level, Phase, Policy, Right};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::region::RegionTree;
use xiangyue_domain::register::{Directory, Holder};
use xiangyue_store::{Reader, Scope};

/// Overdue matters that are looked at for the few that one may do something about.
const LOOKED_AT: i64 = 60;

/// The plain value that names the warning a matter was made of.
pub const MADE_OF: &str = "made_of";

/// Longest name of a warning.
const NAME_MOST: usize = 120;

/// With whom something waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum With {
    /// A place below the one asked about.
    Place(RegionId),
    /// A unit.
    Unit(OrgId),
    /// A post of the place itself, or above it.
    Post(Holder),
    /// Nobody has it.
    Nobody,
}

/// What waits with somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// With whom.
    pub with: With,
    /// How many matters.
    pub n: i64,
    /// The earliest limit.
    pub due: Time,
}

/// What is open at a place now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Open {
    /// How many matters.
    pub n: i64,
    /// How many of them are past their limit.
    pub late: i64,
}

/// Whether a text may be the name of a warning: it is kept in plain and so holds no words.
pub fn is_warning(name: &str) -> bool {
    name.len() <= NAME_MOST && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._@-".contains(&b))
}

/// What is open at a place now, by kind and by the place directly below it.
#[derive(Debug, Clone, Default)]
pub struct InHand {
    rows: Vec<(Option<RegionId>, String, Open)>,
}

impl InHand {
    fn of<'a>(&'a self, kinds: &'a [String]) -> impl Iterator<Item = (Option<RegionId>, Open)> + 'a {
        let asked = |kind: &String| kinds.is_empty() || kinds.contains(kind);
        self.rows.iter().filter(move |(_, kind, _)| asked(kind)).map(|(place, _, open)| (*place, *open))
    }

    /// At the place as a whole, of these kinds; of all of them where none is named.
    pub fn whole(&self, kinds: &[String]) -> Open {
        self.of(kinds).fold(Open::default(), |sum, (_, open)| sum.and(open))
    }

    /// By the places directly below, of these kinds; of all of them where none is named.
    pub fn below(&self, kinds: &[String]) -> BTreeMap<RegionId, Open> {
        let mut out: BTreeMap<RegionId, Open> = BTreeMap::new();
        for (place, open) in self.of(kinds) {
            let Some(place) = place else { continue };
            let sum = out.entry(place).or_default();
            *sum = sum.and(open);
        }
        out
    }
}

impl Open {
    fn and(self, other: Open) -> Open {
        Open { n: self.n + other.n, late: self.late + other.late }
    }
}

impl App {
    /// Matters of a kind that were made of these warnings and are under way, by the name of the warning.
    pub async fn made_of(
        &self,
        scope: &Scope,
        kind: &str,
        warnings: &[String],
    ) -> Result<BTreeMap<String, Matter>, AppError> {
        if warnings.is_empty() {
            return Ok(BTreeMap::new());
        }
        let tokens: Vec<String> = warnings.iter().map(|w| self.made_token(kind, w)).collect();
        let found = self.pool().matters_by_token(self.realm(), scope, &tokens).await?;
        let lives = |m: &Matter| matches!(m.phase, Phase::Open | Phase::Answered);
        let named = |m: Matter| Some((m.values.get(MADE_OF)?.as_str()?.to_owned(), m));
        Ok(found.into_iter().filter(lives).filter_map(named).collect())
    }

    /// Whether no matter under way was made of the same warning; sent twice, a form finds its own and is answered alike.
    pub(crate) async fn is_not_made(&self, form: &OpenForm, key: &str) -> Result<(), AppError> {
        if form.made_of.is_empty() || self.matter_by_command_key(key).await?.is_some() {
            return Ok(());
        }
        let found = self.made_of(&Scope::system(), &form.kind, std::slice::from_ref(&form.made_of)).await?;
        match found.values().next() {
            Some(first) => Err(Refusal::new("made_already").with("number", &first.number).into()),
            None => Ok(()),
        }
    }

    /// The token by which a matter is found by the warning that it was made of.
    pub(crate) fn made_token(&self, kind: &str, warning: &str) -> String {
        self.about_token(kind, &format!("{MADE_OF}/{warning}"))
    }

    /// For whom what is in hand at a place is counted: what passes over the village is known to whoever may see figures of
    /// its town.
    fn reader<'a>(&self, account: AccountId, place: RegionId, scope: &'a Scope) -> Reader<'a> {
        let (directory, policy, day) = (self.directory(), self.policy(), self.now().day());
        let town = directory.tree.at_level(place, Level::Town, day).or_else(|| directory.tree.root(day));
        let bypass = town.is_some_and(|t| directory.has_right(&policy, account, Right::Hub, t, day));
        let place = if directory.tree.root(day) == Some(place) { 0 } else { place.0 };
        Reader { place, bypass, scope }
    }

    /// What is open at a place now.
    pub async fn open_now(&self, account: AccountId, place: RegionId) -> Result<InHand, AppError> {
        let directory = self.directory();
        let (now, day) = (self.now(), self.now().day());
        let scope = self.scope(account);
        let rows = self.pool().active(self.realm(), now.0, self.reader(account, place, &scope)).await?;
        let rows = rows.into_iter().map(|row| {
            let child = child_of(&directory.tree, place, RegionId(row.place), day);
            (child, row.kind, Open { n: row.n, late: row.late })
        });
        Ok(InHand { rows: rows.collect() })
    }

    /// What of the matters taken in during a period is open now, by kind.
    pub async fn open_of(
        &self,
        account: AccountId,
        place: RegionId,
        period: Period,
    ) -> Result<HashMap<String, Open>, AppError> {
        let span = (i64::from(period.from.0), i64::from(period.to.0));
        let scope = self.scope(account);
        let reader = self.reader(account, place, &scope);
        let rows = self.pool().active_taken(self.realm(), self.now().0, span, reader).await?;
        let mut out: HashMap<String, Open> = HashMap::new();
        for (kind, n, late) in rows {
            let open = out.entry(kind).or_default();
            open.n += n;
            open.late += late;
        }
        Ok(out)
    }

    /// What is past its limit at a place, longest first.
    pub async fn overdue_at(&self, account: AccountId, place: RegionId) -> Result<Vec<Waiting>, AppError> {
        self.waiting(account, place, (Time(i64::MIN / 2), self.now())).await
    }

    /// What runs out at a place before the day is over, nearest first.
    pub async fn due_today(&self, account: AccountId, place: RegionId) -> Result<Vec<Waiting>, AppError> {
        self.due_at(account, place, self.now().day().plus(1).start()).await
    }

    /// What runs out at a place before an instant, nearest first.
    pub async fn due_at(&self, account: AccountId, place: RegionId, until: Time) -> Result<Vec<Waiting>, AppError> {
        self.waiting(account, place, (self.now(), until)).await
    }

    /// What is past its limit at a place, longest first, on which the account may make a move that nobody has made yet.
    pub async fn overdue_for(
        &self,
        account: AccountId,
        place: RegionId,
        mv: &str,
        most: usize,
    ) -> Result<Vec<Matter>, AppError> {
        let (policy, directory, now) = (self.policy(), self.directory(), self.now());
        if mv.is_empty() {
            return Ok(Vec::new());
        }
        let ctx = Ctx { now, policy: &policy, directory: &directory };
        let root = directory.tree.root(now.day()) == Some(place);
        let at = if root { 0 } else { place.0 };
        // Those that somebody has made it on are left out by the database: they would fill the page of those looked at.
        let found = self.pool().overdue_without(self.realm(), &self.scope(account), now.0, (at, mv), LOOKED_AT).await?;
        let open = |m: &Matter| offered(ctx, m, account).iter().any(|o| o.id == mv);
        Ok(found.into_iter().filter(open).take(most).collect())
    }

    async fn waiting(
        &self,
        account: AccountId,
        place: RegionId,
        (from, to): (Time, Time),
    ) -> Result<Vec<Waiting>, AppError> {
        let directory = self.directory();
        let day = self.now().day();
        let scope = self.scope(account);
        let rows = self.pool().loads(self.realm(), (from.0, to.0), self.reader(account, place, &scope)).await?;
        let mut out: Vec<Waiting> = Vec::new();
        for row in rows {
            let with = with_whom(&directory, place, &row.holder, RegionId(row.town), day);
            match out.iter_mut().find(|w| w.with == with) {
                Some(found) => found.n += row.n,
                None => out.push(Waiting { with, n: row.n, due: Time(row.due) }),
            }
        }
        Ok(out)
    }
}

/// Kinds of which a rate says how many of those taken in were closed; of these, what is open can be said beside it.
pub fn kinds_closed(policy: &Policy, indicator: &Indicator) -> Vec<String> {
    let IndicatorSource::Rate { over, under } = &indicator.source else { return Vec::new() };
    let mut kinds = Vec::new();
    for (closed, taken) in over.iter().zip(under) {
        let (Some((kind, closed)), Some((same, taken))) = (policy.measure(closed), policy.measure(taken)) else {
            return Vec::new();
        };
        let all = closed.filter.is_none() || closed.filter == taken.filter;
        if kind.id != same.id || taken.on != "open" || closed.count != Count::Holding || !all {
            return Vec::new();
        }
        kinds.push(kind.id.clone());
    }
    if over.len() == under.len() { kinds } else { Vec::new() }
}

/// Kinds that an indicator counts, by way of its measures and of those of its parts.
pub fn kinds_of(policy: &Policy, indicator: &Indicator) -> Vec<String> {
    let (over, under) = parts(indicator);
    let mut kinds: Vec<String> =
        over.iter().chain(&under).filter_map(|m| policy.measure(m)).map(|(kind, _)| kind.id.clone()).collect();
    kinds.extend(shares(policy, indicator).iter().flat_map(|part| kinds_of(policy, part.indicator)));
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The place directly below `place` that a region lies in.
fn child_of(tree: &RegionTree, place: RegionId, region: RegionId, day: Day) -> Option<RegionId> {
    let chain = tree.ancestors(region, day);
    let at = chain.iter().position(|r| *r == place)?;
    at.checked_sub(1).map(|i| chain[i])
}

fn with_whom(directory: &Directory, place: RegionId, holder: &str, town: RegionId, day: Day) -> With {
    let Some(holder) = Holder::parse(holder) else {
        return child_of(&directory.tree, place, town, day).map_or(With::Nobody, With::Place);
    };
    if directory.orgs.contains_key(&OrgId(holder.seat)) {
        return With::Unit(OrgId(holder.seat));
    }
    child_of(&directory.tree, place, RegionId(holder.seat), day).map_or(With::Post(holder), With::Place)
}
