//! The end of a points year in a village: who reached an honour, what is left to be cleared, which notices hang; and a
//! bank's look at a household that consented. Households go by number; a list is in their order and never ranked.

use crate::command::{Beside, Command, Outcome};
use crate::error::AppError;
use crate::file::Upload;
use crate::state::App;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::{AccountId, HouseholdId, LedgerId, PartyId, RegionId};
use xiangyue_domain::ledger::{Account, AccountKey, Consent, Home, Record, RecordKey, Request};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Clearing, Honour, Purpose};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::Household;

/// Households of a village that are looked at; the largest have some thousands.
const HOUSEHOLDS: i64 = 20_000;
/// Accounts in one command of a clearing.
const AT_ONCE: usize = 200;

/// A household on a year's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Honoured {
    /// Household.
    pub household: i64,
    /// Its number.
    pub number: String,
    /// Points that count.
    pub points: i64,
    /// Who drew the list up.
    pub by: Option<AccountId>,
    /// It was reviewed.
    pub reviewed: bool,
}

/// A notice of a clearing that hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hangs {
    /// Clearing of the pack.
    pub clearing: String,
    /// Credits up to this day are cleared.
    pub up_to: Day,
    /// Day it was put up.
    pub day: Day,
}

impl App {
    fn regions_of(&self, village: RegionId) -> Vec<i64> {
        let (directory, day) = (self.directory(), self.now().day());
        directory.tree.children(village, day).iter().chain([&village]).map(|r| r.0).collect()
    }

    /// Households of a village and its grids, by number.
    pub async fn households_of(&self, village: RegionId) -> Result<Vec<Household>, AppError> {
        Ok(self.pool().households_in(self.realm(), &self.regions_of(village), HOUSEHOLDS).await?)
    }

    /// A page of them behind a number and identity, and how many there are.
    pub async fn households_page(
        &self,
        village: RegionId,
        after: (&str, i64),
        size: i64,
    ) -> Result<(Vec<Household>, i64), AppError> {
        let (pool, realm, below) = (self.pool(), self.realm(), self.regions_of(village));
        let page = pool.households_page(realm, &below, after, size).await?;
        Ok((page, pool.count_households(realm, &below).await?))
    }

    /// Accounts of households in these units, those that were opened.
    async fn accounts_in(&self, homes: &[Household], kind: &str, units: &[String]) -> Result<Vec<Account>, AppError> {
        let policy = self.policy();
        let units: Vec<&str> = policy.ledger.units_of(units).map(|u| u.id.as_str()).collect();
        let keys = homes.iter().flat_map(|h| units.iter().map(|u| AccountKey::new(kind, h.id.0, u)));
        Ok(self.pool().ledger_accounts(self.realm(), &keys.collect::<Vec<_>>()).await?)
    }

    /// Points of a year by household: what was awarded on its days, less what was taken off; what was taken back does not
    /// count, nor does what was spent.
    pub async fn year_points(
        &self,
        village: RegionId,
        honour: &Honour,
        year: i16,
    ) -> Result<Vec<(i64, i64)>, AppError> {
        let homes = self.households_of(village).await?;
        let accounts = self.accounts_in(&homes, &honour.account, &honour.units).await?;
        let owner: HashMap<LedgerId, i64> = accounts.iter().map(|a| (a.id, a.key.owner)).collect();
        let (first, last) = (Day::ymd(year, 1, 1), Day::ymd(year, 12, 31));
        let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
        let policy = self.policy();
        let awards = |kind: &str| policy.ledger.transfer(kind).is_some_and(|t| t.purpose == Purpose::Award);
        let ids: Vec<LedgerId> = owner.keys().copied().collect();
        let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
        for (account, n, booked) in self.pool().ledger_moves_since(self.realm(), &ids, first.at_minute(0).0).await? {
            let moved = &booked.moved;
            let counts = booked.reversed.is_none() && moved.reverses.is_none() && awards(&moved.kind);
            if counts && first <= moved.day && moved.day <= last {
                *sums.entry(owner.get(&account).copied().unwrap_or(0)).or_default() += n;
            }
        }
        Ok(sums.into_iter().collect())
    }

    /// Draws up a year's list.
    pub async fn draw_honours(
        &self,
        by: Who,
        (village, honour, year): (RegionId, &Honour, i16),
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        let points = self.year_points(village, honour, year).await?;
        self.ledger(by, key, Request::Honours { village, honour: honour.id.clone(), year, points }).await
    }

    /// A year's list in a village, by number.
    pub async fn honoured(&self, village: RegionId, honour: &str, year: i16) -> Result<Vec<Honoured>, AppError> {
        let homes = self.households_of(village).await?;
        let mut out = Vec::new();
        let owners: Vec<i64> = homes.iter().map(|h| h.id.0).collect();
        let item = RecordKey::honour(0, honour, year).item;
        let found = self.pool().ledger_record_of_each(self.realm(), ("honour", &item), &owners).await?;
        let records: HashMap<i64, Record> = found.into_iter().map(|r| (r.key().owner, r)).collect();
        for home in &homes {
            if let Some(Record::Honour { household, points, by, reviewed, .. }) = records.get(&home.id.0) {
                let (number, reviewed) = (home.number.clone(), reviewed.is_some());
                out.push(Honoured { household: *household, number, points: *points, by: *by, reviewed });
            }
        }
        Ok(out)
    }

    /// Reviews honours of a village's list; whoever is not on it is not reviewed with it.
    pub async fn review_honours(
        &self,
        by: Who,
        (village, honour, year): (RegionId, &Honour, i16),
        key: Option<String>,
        households: Vec<i64>,
    ) -> Result<Outcome, AppError> {
        let listed = self.honoured(village, &honour.id, year).await?;
        if !households.iter().all(|home| listed.iter().any(|h| h.household == *home)) {
            return Err(AppError::NotFound);
        }
        let honour = honour.id.clone();
        self.ledger(by, key, Request::Review { village, honour, year, households }).await
    }

    /// Notices of clearings in a village, the latest first.
    pub async fn notices_at(&self, village: RegionId) -> Result<Vec<Hangs>, AppError> {
        let records = self.pool().ledger_records(self.realm(), "notice", village.0).await?;
        let one = |r: Record| match r {
            Record::Notice { clearing, up_to, day, .. } => Some(Hangs { clearing, up_to, day }),
            _ => None,
        };
        let mut all: Vec<Hangs> = records.into_iter().filter_map(one).collect();
        all.sort_by_key(|h| std::cmp::Reverse((h.up_to, h.day)));
        Ok(all)
    }

    /// Accounts that a clearing would look at: those with something on them.
    pub async fn to_clear(&self, village: RegionId, clearing: &Clearing) -> Result<Vec<Account>, AppError> {
        let homes = self.households_of(village).await?;
        let all = self.accounts_in(&homes, &clearing.account, &clearing.units).await?;
        Ok(all.into_iter().filter(|a| a.balance > 0).collect())
    }

    /// Clears a village once its notice has hung; some accounts at a time. Sent again it goes on where it was.
    pub async fn clear_village(
        &self,
        by: Who,
        (village, clearing, up_to): (RegionId, &Clearing, Day),
    ) -> Result<usize, AppError> {
        let accounts: Vec<LedgerId> = self.to_clear(village, clearing).await?.iter().map(|a| a.id).collect();
        // Nothing to clear is still judged by its notice.
        let parts: Vec<&[LedgerId]> = if accounts.is_empty() { vec![&[]] } else { accounts.chunks(AT_ONCE).collect() };
        for part in parts {
            let (id, part) = (clearing.id.clone(), part.to_vec());
            let request = Request::Clear { clearing: id, village, up_to, accounts: part };
            self.send(by.clone(), None, Command::Ledger(Arc::new(request)), Beside::default()).await?;
        }
        Ok(accounts.len())
    }

    /// Consents of a household, whoever may look.
    pub async fn consents_of(&self, home: HouseholdId) -> Result<Vec<Consent>, AppError> {
        let records = self.pool().ledger_records(self.realm(), "consent", home.0).await?;
        Ok(records.into_iter().filter_map(|r| if let Record::Consent(c) = r { Some(c) } else { None }).collect())
    }

    /// What a bank may see of a household: its points and the grade they reach, while a consent is in force.
    pub async fn credit_of(&self, home: HouseholdId) -> Result<(Consent, i64, String), AppError> {
        let policy = self.policy();
        let loan = policy.ledger.loan.as_ref().filter(|l| l.on).ok_or_else(|| Refusal::new("ledger_loan_off"))?;
        let today = self.now().day();
        let consents = self.consents_of(home).await?;
        let consent = consents.into_iter().find(|c| c.from <= today && today <= c.to);
        let none = || Refusal::new("ledger_no_consent").with("rule", "").with("basis", &loan.basis);
        let consent = consent.ok_or_else(none)?;
        let points: i64 =
            self.purse(home).await?.iter().filter(|a| a.key.kind == loan.account).map(Account::free).sum();
        let grade = loan.grades.iter().find(|g| points >= g.points).map_or_else(String::new, |g| g.name.clone());
        Ok((consent, points, grade))
    }
}

impl App {
    /// Records a household's written consent with the photo of the signed sheet, which is kept as ciphertext.
    pub async fn record_consent(
        &self,
        by: Who,
        (home, party, to): (&Household, PartyId, Option<Day>),
        sheet: Upload,
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        let subject = self.secrets().of_household(home.id.0);
        let stored = self.store_files(&subject, vec![sheet]).await?;
        let sheet = stored.first().map_or_else(String::new, |f| f.digest.clone());
        let lives = Home { id: home.id.0, place: home.region };
        self.ledger(by, key, Request::Consent { home: lives, party, sheet, to }).await
    }

    /// Consents in force among the households of a village, with the household's number, by number.
    pub async fn consents_in(&self, village: RegionId) -> Result<Vec<(String, Consent)>, AppError> {
        let today = self.now().day();
        let homes = self.households_of(village).await?;
        let numbers: HashMap<i64, &String> = homes.iter().map(|h| (h.id.0, &h.number)).collect();
        let records = self.pool().ledger_records_of(self.realm(), "consent").await?;
        let one = |r: Record| match r {
            Record::Consent(c) if c.to >= today => Some(((*numbers.get(&c.household)?).clone(), c)),
            _ => None,
        };
        let mut all: Vec<(String, Consent)> = records.into_iter().filter_map(one).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(all)
    }
}
