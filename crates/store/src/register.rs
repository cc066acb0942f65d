//! Registers: what the directory is read back from, and people and households, which live in tables alone.

use crate::batch::Batch;
use crate::dialect::{Arg, Pool, Tx};
use crate::error::StoreError;
use serde::de::DeserializeOwned;
use xiangyue_domain::entry::Event;
use xiangyue_domain::region::{NaturalUnit, Region, RegionEvent};
use xiangyue_domain::register::{Account, Directory, Household, Org, Person, RegisterEvent, SavedFilter, Term};

/// Rows of the registers that an event touches.
pub struct RegisterRows;

/// Counts of people and households.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct People {
    /// People.
    pub people: i64,
    /// Households.
    pub households: i64,
}

fn json<T: serde::Serialize>(value: &T) -> Arg {
    Arg::Text(serde_json::to_string(value).unwrap_or_default())
}

/// Code of a region as it stands last.
fn last_code(region: &Region) -> String {
    region.spans.last().map(|s| s.code.clone()).unwrap_or_default()
}

impl RegisterRows {
    /// Adds the rows of the registers that an event touched; `directory` already has the event applied.
    pub fn project(batch: &mut Batch, event: &Event, directory: &Directory) {
        match event {
            Event::Region(event) => Self::region(batch, event, directory),
            Event::Register(event) => Self::register(batch, event, directory),
            Event::Report(event) => crate::issued::project(batch, event),
            Event::Reported { values } => values.iter().for_each(|v| crate::reported::put(batch, v)),
            // Votes, what was published and subscriptions are projected where their state is at hand.
            Event::Ballot(_) | Event::Posted(_) | Event::DayClosed(_) | Event::Subscription(_) => {}
            Event::Matter(_) | Event::Ledger(_) | Event::Pack { .. } | Event::Kept { .. } | Event::Demo { .. } => {}
        }
    }

    fn put_region(batch: &mut Batch, region: &Region) {
        let row = vec![region.id.0.into(), region.level.as_str().into(), last_code(region).into(), json(region)];
        batch.row("region", row);
    }

    fn region(batch: &mut Batch, event: &RegionEvent, directory: &Directory) {
        match event {
            RegionEvent::Added { regions } => regions.iter().for_each(|r| Self::put_region(batch, r)),
            RegionEvent::Mapped { units } => {
                for unit in units {
                    batch.row("natural_unit", vec![unit.id.as_str().into(), unit.village.0.into(), json(unit)]);
                }
            }
            // Whatever hung below may have moved as well, so the regions concerned are written as they stand.
            RegionEvent::Renamed { .. } | RegionEvent::Merged { .. } | RegionEvent::Split { .. } => {
                directory.tree.all().for_each(|r| Self::put_region(batch, r));
            }
        }
    }

    fn register(batch: &mut Batch, event: &RegisterEvent, directory: &Directory) {
        match event {
            RegisterEvent::OrgsAdded { orgs } => {
                for org in orgs {
                    batch.row("org", vec![org.id.0.into(), org.unit.as_str().into(), json(org)]);
                }
            }
            RegisterEvent::AccountsOpened { accounts } => {
                accounts.iter().for_each(|a| Self::put_account(batch, a));
            }
            RegisterEvent::PasswordSet { account, .. } | RegisterEvent::AccountClosed { account } => {
                directory.accounts.get(account).into_iter().for_each(|a| Self::put_account(batch, a));
            }
            RegisterEvent::TermsBegun { terms } => terms.iter().for_each(|t| Self::put_term(batch, t)),
            RegisterEvent::TermEnded { term, .. } => {
                directory.terms.get(term).into_iter().for_each(|t| Self::put_term(batch, t));
            }
            RegisterEvent::PeopleAdded { people } => {
                for p in people {
                    let row: Vec<Arg> =
                        vec![p.id.0.into(), p.region.0.into(), Arg::from(p.household.map(|h| h.0)), json(p)];
                    batch.row("person", row);
                }
            }
            RegisterEvent::FiltersSaved { filters } => {
                for f in filters {
                    batch.row("saved_filter", vec![f.id.0.into(), json(f)]);
                }
            }
            RegisterEvent::FilterDropped { filter } => {
                if let Some(f) = directory.filters.get(filter) {
                    batch.row("saved_filter", vec![f.id.0.into(), json(f)]);
                }
            }
            RegisterEvent::KeysDestroyed { keys, .. } => batch.forgotten.extend(keys.iter().cloned()),
            RegisterEvent::HouseholdsAdded { households } => {
                for h in households {
                    batch.row("household", vec![h.id.0.into(), h.region.0.into(), h.number.as_str().into(), json(h)]);
                }
            }
        }
    }

    fn put_account(batch: &mut Batch, account: &Account) {
        batch.row("account", vec![account.id.0.into(), account.login.as_str().into(), json(account)]);
    }

    fn put_term(batch: &mut Batch, term: &Term) {
        batch.row(
            "term",
            vec![
                term.id.0.into(),
                term.account.0.into(),
                term.holder.key().into(),
                i64::from(term.from.0).into(),
                i64::from(term.to.0).into(),
                json(term),
            ],
        );
    }
}

impl Pool {
    async fn states<T: DeserializeOwned>(
        &self,
        realm: i64,
        sql: &'static str,
        table: &'static str,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.rows(sql, &[realm.into()]).await?;
        rows.iter()
            .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent(table, r.text(0), e)))
            .collect()
    }

    /// Regions, organisations, accounts and terms as they stand.
    pub async fn directory(&self, realm: i64) -> Result<Directory, StoreError> {
        let mut directory = Directory::default();
        let regions: Vec<Region> =
            self.states(realm, "select state from region where realm = $1 order by id", "region").await?;
        directory.tree.apply(&RegionEvent::Added { regions });
        let units: Vec<NaturalUnit> =
            self.states(realm, "select state from natural_unit where realm = $1 order by id", "natural_unit").await?;
        directory.tree.apply(&RegionEvent::Mapped { units });
        let orgs: Vec<Org> = self.states(realm, "select state from org where realm = $1 order by id", "org").await?;
        directory.apply(&RegisterEvent::OrgsAdded { orgs });
        let accounts: Vec<Account> =
            self.states(realm, "select state from account where realm = $1 order by id", "account").await?;
        directory.apply(&RegisterEvent::AccountsOpened { accounts });
        let terms: Vec<Term> =
            self.states(realm, "select state from term where realm = $1 order by id", "term").await?;
        directory.apply(&RegisterEvent::TermsBegun { terms });
        let filters: Vec<SavedFilter> =
            self.states(realm, "select state from saved_filter where realm = $1 order by id", "saved_filter").await?;
        directory.apply(&RegisterEvent::FiltersSaved { filters });
        Ok(directory)
    }

    /// How many people and households the register holds.
    pub async fn count_people(&self, realm: i64) -> Result<People, StoreError> {
        let people = self.rows("select count(*) from person where realm = $1", &[realm.into()]).await?;
        let households = self.rows("select count(*) from household where realm = $1", &[realm.into()]).await?;
        Ok(People {
            people: people.first().map_or(0, |r| r.int(0)),
            households: households.first().map_or(0, |r| r.int(0)),
        })
    }

    /// A person by id.
    pub async fn find_person(&self, realm: i64, id: i64) -> Result<Option<Person>, StoreError> {
        let rows =
            self.rows("select state from person where realm = $1 and id = $2", &[realm.into(), id.into()]).await?;
        rows.first()
            .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("person", id, e)))
            .transpose()
    }

    /// A household by id.
    pub async fn household(&self, realm: i64, id: i64) -> Result<Option<Household>, StoreError> {
        let rows =
            self.rows("select state from household where realm = $1 and id = $2", &[realm.into(), id.into()]).await?;
        rows.first()
            .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("household", id, e)))
            .transpose()
    }

    /// Households of a region.
    pub async fn households(&self, realm: i64, region: i64) -> Result<Vec<Household>, StoreError> {
        let sql = "select state from household where realm = $1 and region = $2 order by number limit 500";
        let rows = self.rows(sql, &[realm.into(), region.into()]).await?;
        rows.iter()
            .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("household", region, e)))
            .collect()
    }

    /// The wrapped key of a subject; `None` once it was destroyed.
    pub async fn wrapped_key(&self, realm: i64, key: &str) -> Result<Option<String>, StoreError> {
        let sql = "select wrapped from subject_key where realm = $1 and key = $2";
        Ok(self.rows(sql, &[realm.into(), key.into()]).await?.first().map(|r| r.text(0).to_owned()))
    }

    /// The wrapped keys of these subjects.
    pub async fn wrapped_keys(&self, realm: i64, keys: &[String]) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "select key, wrapped from subject_key where realm = $1 and key in (json_texts($2))";
        let keys = serde_json::to_string(keys).unwrap_or_default();
        let rows = self.rows(sql, &[realm.into(), keys.into()]).await?;
        Ok(rows.iter().map(|r| (r.text(0).to_owned(), r.text(1).to_owned())).collect())
    }
}

impl Pool {
    /// Moves the wrapped keys out of a backup copy into a file of their own, and leaves the words of the search index
    /// out, which would outlive a destroyed key. Only on a copy of a file database.
    pub async fn move_keys_to(&self, path: &str) -> Result<(), StoreError> {
        let keys = Pool::open(path).await?;
        keys.migrate().await?;
        let rows = self.rows("select realm, key, wrapped from subject_key order by realm, key", &[]).await?;
        keys.put_keys(&rows).await?;
        keys.close().await;
        let mut tx = self.begin().await?;
        tx.exec("delete from subject_key", &[]).await?;
        tx.clear_words().await?;
        tx.commit().await
    }

    /// Takes wrapped keys back from a file of their own.
    pub async fn take_keys_from(&self, path: &str) -> Result<(), StoreError> {
        let keys = Pool::open(path).await?;
        let rows = keys.rows("select realm, key, wrapped from subject_key order by realm, key", &[]).await?;
        keys.close().await;
        self.put_keys(&rows).await
    }

    async fn put_keys(&self, rows: &[crate::dialect::Row]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for row in rows {
            let sql =
                "insert into subject_key (realm, key, wrapped) values ($1, $2, $3) on conflict (realm, key) do nothing";
            tx.exec(sql, &row.0).await?;
        }
        tx.commit().await
    }
}

impl Tx {
    /// Numbers of households, by id.
    pub async fn household_numbers(&mut self, realm: i64, ids: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
        let sql = "select id, number from household where realm = $1 and id in (json_ints($2))";
        let ids = serde_json::to_string(ids).unwrap_or_default();
        let rows = self.rows(sql, &[realm.into(), ids.into()]).await?;
        Ok(rows.iter().map(|r| (r.int(0), r.text(1).to_owned())).collect())
    }
}

impl Pool {
    /// Households by id.
    pub async fn households_by_id(&self, realm: i64, ids: &[i64]) -> Result<Vec<Household>, StoreError> {
        let sql = "select state from household where realm = $1 and id in (json_ints($2))";
        let ids = serde_json::to_string(ids).unwrap_or_default();
        let rows = self.rows(sql, &[realm.into(), ids.into()]).await?;
        rows.iter()
            .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("household", "", e)))
            .collect()
    }

    /// A page of the households of a village and its grids, by number: those behind a number and identity.
    pub async fn households_page(
        &self,
        realm: i64,
        regions: &[i64],
        (number, id): (&str, i64),
        limit: i64,
    ) -> Result<Vec<Household>, StoreError> {
        let sql = "select state from household where realm = $1 and region in (json_ints($2))
          and number >= $3 and (number > $3 or id > $4) order by number, id limit $5";
        let regions = serde_json::to_string(regions).unwrap_or_default();
        let args = [realm.into(), regions.into(), number.into(), id.into(), limit.into()];
        let rows = self.rows(sql, &args).await?;
        rows.iter()
            .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("household", "", e)))
            .collect()
    }

    /// How many households a village and its grids have.
    pub async fn count_households(&self, realm: i64, regions: &[i64]) -> Result<i64, StoreError> {
        let sql = "select count(*) from household where realm = $1 and region in (json_ints($2))";
        let regions = serde_json::to_string(regions).unwrap_or_default();
        Ok(self.rows(sql, &[realm.into(), regions.into()]).await?.first().map_or(0, |r| r.int(0)))
    }

    /// Households of a village and its grids, by number.
    pub async fn households_in(&self, realm: i64, regions: &[i64], limit: i64) -> Result<Vec<Household>, StoreError> {
        let sql =
            "select state from household where realm = $1 and region in (json_ints($2)) order by number, id limit $3";
        let regions = serde_json::to_string(regions).unwrap_or_default();
        let rows = self.rows(sql, &[realm.into(), regions.into(), limit.into()]).await?;
        rows.iter()
            .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("household", "", e)))
            .collect()
    }

    /// The household of a number within one of these regions.
    pub async fn household_in(
        &self,
        realm: i64,
        regions: &[i64],
        number: &str,
    ) -> Result<Option<Household>, StoreError> {
        let sql = "select state from household where realm = $1 and region in (json_ints($2)) and number = $3
          order by id limit 1";
        let regions = serde_json::to_string(regions).unwrap_or_default();
        let rows = self.rows(sql, &[realm.into(), regions.into(), number.into()]).await?;
        rows.first()
            .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("household", number, e)))
            .transpose()
    }

    /// The household of a number within a region.
    pub async fn household_by_number(&self, realm: i64, region: i64, number: &str) -> Result<Option<i64>, StoreError> {
        let sql = "select id from household where realm = $1 and region = $2 and number = $3";
        let rows = self.rows(sql, &[realm.into(), region.into(), number.into()]).await?;
        Ok(rows.first().map(|r| r.int(0)))
    }
}
