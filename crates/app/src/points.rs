//! Points as people read them: what a household has and why, what a village gave, what is being shown in public. A
//! household's page is opened by the link in its passbook, or by its number and the code printed there; no account and no
//! cookie. Nothing here names a person: households go by their number.

use crate::error::AppError;
use crate::reporter::digits;
use crate::state::App;
use std::collections::{BTreeMap, HashMap};
use xiangyue_domain::crypto::sm3_hex;
use xiangyue_domain::day::Day;
use xiangyue_domain::form::{named_id, named_label};
use xiangyue_domain::ids::{HouseholdId, PartyId, RegionId, TransferId};
use xiangyue_domain::ledger::{Account, AccountKey, Booked, Price, Record};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{Books, Kind, LedgerRules, OwnerKind, Posting, Purpose, Quantity};
use xiangyue_domain::register::Household;
use xiangyue_store::{Filter, Scope};

/// Prices of a shop, and what stands on its shelves by item.
pub type Shelf = (Vec<Price>, HashMap<String, Account>);

/// Tries of a passbook's code in an hour: for one household, and from one address.
const TRIES: (i64, i64) = (8, 30);
const HOUR_MS: i64 = 3_600_000;
/// Claims of a village that are looked through.
const CLAIMS: i64 = 200;

/// A line of a statement over several accounts.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Unit.
    pub unit: String,
    /// Amount.
    pub amount: i64,
    /// Balance of that unit after it.
    pub balance: i64,
    /// The transfer.
    pub booked: Booked,
}

/// A claim of points that is under way.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The matter.
    pub matter: Matter,
    /// Household: its identity and its number.
    pub household: (i64, String),
    /// Code of the rule.
    pub rule: String,
    /// It is being shown in public.
    pub shown: bool,
    /// Last day of objection.
    pub until: Option<Day>,
}

/// Kinds of accounts of an owner that points are kept in, by what kinds of transfers move them.
fn point_accounts(rules: &LedgerRules, owner: OwnerKind, purpose: Purpose) -> Vec<(String, Vec<String>)> {
    let flows = rules.transfers.iter().filter(|t| t.purpose == purpose).flat_map(|t| &t.flows);
    let ends = flows.filter(|f| f.of == Quantity::Points).flat_map(|f| [&f.from, &f.to]);
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for kind in ends.filter_map(|id| rules.account(id)).filter(|k| k.owner == owner) {
        out.insert(kind.id.clone(), rules.units_of(&kind.units).map(|u| u.id.clone()).collect());
    }
    out.into_iter().collect()
}

/// The kind whose moves reserve points of a rule: where a household claims what it did.
pub fn claim_kind(kinds: &[Kind], rules: &LedgerRules) -> Option<(Kind, Posting)> {
    let awards = |p: &&Posting| rules.transfer(&p.transfer).is_some_and(|t| t.purpose == Purpose::Award);
    kinds.iter().find_map(|k| {
        let post = k.moves.iter().filter_map(|m| m.post.as_ref()).find(awards)?;
        Some((k.clone(), post.clone()))
    })
}

impl App {
    /// The secret part of a household's link; it follows from the key provider, so that nothing has to be kept.
    pub fn home_token(&self, id: HouseholdId) -> String {
        format!("{id}.{}", &self.secrets().token("household", &id.to_string())[..16])
    }

    /// The household that a link opens.
    pub async fn home_by_token(&self, token: &str) -> Result<Household, AppError> {
        let id = token.split_once('.').and_then(|(id, _)| id.parse().ok()).ok_or(AppError::NotFound)?;
        let own = self.home_token(HouseholdId(id));
        // Digests are compared, so that the time it takes says nothing about the token.
        if sm3_hex(own.as_bytes()) != sm3_hex(token.as_bytes()) {
            return Err(AppError::NotFound);
        }
        self.pool().household(self.realm(), id).await?.ok_or(AppError::NotFound)
    }

    /// The code printed in a household's passbook.
    pub fn home_code(&self, id: HouseholdId) -> String {
        digits(&self.secrets().token("household-code", &id.to_string()))
    }

    /// A household by its number in a village and its code. Tries are limited, and a wrong number and a wrong code are
    /// answered alike.
    pub async fn look_up_home(
        &self,
        village: RegionId,
        number: &str,
        code: &str,
        asker: &str,
    ) -> Result<Household, AppError> {
        let now = self.now().0;
        let of_home = format!("home/{village}/{}", number.to_uppercase());
        for (key, limit) in [(&of_home, TRIES.0), (&format!("home-from/{asker}"), TRIES.1)] {
            let (_, until) = self.pool().attempt(self.realm(), key, now, HOUR_MS, (limit, HOUR_MS)).await?;
            if until > now {
                return Err(AppError::Limited((until - now) / 1000));
            }
        }
        let plain = if named_id(number).is_some() { "" } else { number };
        let found = self.household_typed(village, plain).await?.filter(|h| self.home_code(h.id) == code);
        let home = found.ok_or(AppError::NotFound)?;
        self.pool().clear_attempts(self.realm(), &of_home).await?;
        Ok(home)
    }

    async fn accounts_of(&self, owner: i64, kind: OwnerKind, purpose: Purpose) -> Result<Vec<Account>, AppError> {
        let policy = self.policy();
        let kinds = point_accounts(&policy.ledger, kind, purpose);
        let keys = kinds.iter().flat_map(|(k, units)| units.iter().map(|u| AccountKey::new(k, owner, u)));
        Ok(self.pool().ledger_accounts(self.realm(), &keys.collect::<Vec<_>>()).await?)
    }

    /// What a household has, by class.
    pub async fn purse(&self, home: HouseholdId) -> Result<Vec<Account>, AppError> {
        self.accounts_of(home.0, OwnerKind::Household, Purpose::Award).await
    }

    /// A household's statement, newest first.
    pub async fn home_entries(&self, home: HouseholdId, most: usize) -> Result<Vec<Entry>, AppError> {
        let accounts = self.purse(home).await?;
        self.entries(&accounts, most).await
    }

    /// What a village gave and took, newest first.
    pub async fn village_entries(&self, village: RegionId, most: usize) -> Result<Vec<Entry>, AppError> {
        let accounts = self.accounts_of(village.0, OwnerKind::Village, Purpose::Award).await?;
        self.entries(&accounts, most).await
    }

    /// What was redeemed at a shop, newest first.
    pub async fn party_entries(&self, party: PartyId, most: usize) -> Result<Vec<Entry>, AppError> {
        let accounts = self.accounts_of(party.0, OwnerKind::Party, Purpose::Trade).await?;
        self.entries(&accounts, most).await
    }

    async fn entries(&self, accounts: &[Account], most: usize) -> Result<Vec<Entry>, AppError> {
        let size = i64::try_from(most).unwrap_or(i64::MAX);
        let mut lines = Vec::new();
        for account in accounts {
            let page = self.pool().ledger_lines(self.realm(), account.id, i64::MAX, size).await?;
            lines.extend(page.into_iter().map(|l| (account.key.unit.clone(), l)));
        }
        let ids: Vec<TransferId> = lines.iter().map(|(_, l)| l.transfer).collect();
        let found = self.pool().ledger_transfers(self.realm(), &ids).await?;
        let by_id: HashMap<TransferId, Booked> = found.into_iter().map(|b| (b.moved.id, b)).collect();
        let entry = |(unit, line): (String, xiangyue_domain::ledger::Line)| {
            let booked = by_id.get(&line.transfer)?.clone();
            Some(Entry { unit, amount: line.amount, balance: line.balance, booked })
        };
        let mut entries: Vec<Entry> = lines.into_iter().filter_map(entry).collect();
        entries.sort_by_key(|e| std::cmp::Reverse((e.booked.at, e.booked.moved.id)));
        entries.truncate(most);
        Ok(entries)
    }

    /// Numbers of households by identity.
    pub async fn household_numbers(&self, ids: &[i64]) -> Result<HashMap<i64, String>, AppError> {
        let found = self.pool().households_by_id(self.realm(), ids).await?;
        Ok(found.into_iter().map(|h| (h.id.0, h.number)).collect())
    }

    /// Claims under way in a village.
    pub async fn claims_in(&self, village: RegionId) -> Result<Vec<Claim>, AppError> {
        let policy = self.policy();
        let Some((kind, post)) = claim_kind(&policy.kinds, &policy.ledger) else { return Ok(Vec::new()) };
        let filter = Filter {
            kinds: vec![kind.id.clone()],
            phase: "active".to_owned(),
            place: village.0,
            limit: CLAIMS,
            ..Filter::default()
        };
        let found = self.pool().list_matters(self.realm(), &Scope::system(), &filter).await?;
        let posts = |m: &&xiangyue_domain::policy::Move| m.post.as_ref().is_some_and(|p| p.does == Books::Post);
        let shown: Vec<&String> = kind.moves.iter().filter(posts).flat_map(|m| &m.from).collect();
        let claim = |matter: Matter| {
            let text = |f: &str| matter.values.get(f).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
            let household = text(&post.household);
            let until = matter.clocks.iter().find(|c| c.runs() && c.is_auto()).map(|c| c.due.day());
            Claim {
                household: (named_id(&household).unwrap_or(0), named_label(&household).to_owned()),
                rule: text(&post.rule),
                shown: shown.contains(&&matter.step),
                until,
                matter,
            }
        };
        Ok(found.into_iter().map(claim).collect())
    }

    /// Prices of a shop, and what stands on its shelves by item: in the books, and held for orders.
    pub async fn shelf(&self, party: PartyId) -> Result<Shelf, AppError> {
        Ok(self.shelves(&[party]).await?.remove(&party).unwrap_or_default())
    }

    /// The same for several shops, with two questions however many there are.
    pub async fn shelves(&self, parties: &[PartyId]) -> Result<HashMap<PartyId, Shelf>, AppError> {
        let owners: Vec<i64> = parties.iter().map(|p| p.0).collect();
        let mut out: HashMap<PartyId, Shelf> = HashMap::new();
        for record in self.pool().ledger_records_of_owners(self.realm(), "price", &owners).await? {
            if let Record::Price(price) = record {
                out.entry(price.party).or_default().0.push(price);
            }
        }
        let policy = self.policy();
        let rules = &policy.ledger;
        let stocks = rules.transfers.iter().filter(|t| t.purpose == Purpose::Stock).flat_map(|t| &t.flows);
        let kinds: Vec<_> = stocks.filter(|f| f.of == Quantity::Goods).filter_map(|f| rules.account(&f.to)).collect();
        let units: Vec<&str> = kinds.iter().flat_map(|k| rules.units_of(&k.units)).map(|u| u.id.as_str()).collect();
        let of = |owner: i64| {
            kinds.iter().flat_map(|k| units.iter().map(move |u| AccountKey::new(&k.id, owner, u))).collect::<Vec<_>>()
        };
        let keys: Vec<AccountKey> = owners.iter().flat_map(|o| of(*o)).collect();
        for account in self.pool().ledger_accounts(self.realm(), &keys).await? {
            let shelf = out.entry(PartyId(account.key.owner)).or_default();
            shelf.1.insert(account.key.unit.clone(), account);
        }
        Ok(out)
    }

    /// What a village has set aside for goods, in 分; nothing where no trade is paid from such an account.
    pub async fn budget(&self, village: RegionId) -> Result<Option<i64>, AppError> {
        let policy = self.policy();
        let rules = &policy.ledger;
        let trades = rules.transfers.iter().filter(|t| t.purpose == Purpose::Trade).flat_map(|t| &t.flows);
        let paid = trades.filter(|f| f.of == Quantity::Value).find_map(|f| {
            let kind = rules.account(&f.from).filter(|k| k.owner == OwnerKind::Village)?;
            Some(AccountKey::new(&kind.id, village.0, f.unit.as_deref()?))
        });
        let Some(key) = paid else { return Ok(None) };
        let found = self.pool().ledger_accounts(self.realm(), &[key]).await?;
        Ok(Some(found.first().map_or(0, Account::free)))
    }
}
