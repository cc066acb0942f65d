//! What an import and an export ask of the store: which numbers are here already, which households, who reads.

use crate::dialect::{Arg, Pool, Table};
use crate::error::StoreError;
use crate::journal::REPLIES;
use xiangyue_domain::ids::HouseholdId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::register::{Household, Person};

/// A matter that bears one of the tokens asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Token.
    pub token: String,
    /// Matter.
    pub matter: i64,
    /// Number.
    pub number: String,
    /// It was voided: a wrong entry that never happened.
    pub voided: bool,
}

/// A household with how many people it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdRow {
    /// The household.
    pub household: Household,
    /// People of it in the register.
    pub members: i64,
}

const BY_TOKENS: &str = "select s.token, m.id, m.number, case when m.gone = 1 then m.state else '' end
  from search_token s join matter m on m.realm = s.realm and m.id = s.matter
  where s.realm = $1 and s.token in (json_texts($2)) order by m.id";
const NUMBERED: &str = "select number, id from household where realm = $1 and region = $2
  and number in (json_texts($3))";
const PEOPLE: &str = "select p.state, h.number from person p
  left join household h on h.realm = p.realm and h.id = p.household
  where p.realm = $1 and p.region in (json_ints($2)) and p.id > $3 order by p.id limit $4";
const HOUSEHOLDS: &str =
    "select h.state, (select count(*) from person p where p.realm = h.realm and p.household = h.id)
  from household h where h.realm = $1 and h.region in (json_ints($2)) and h.id > $3 order by h.id limit $4";
const READ_LOG: Table = Table {
    name: "read_log",
    columns: &[("realm", 'i'), ("matter", 'i'), ("at", 'i'), ("account", 'i'), ("what", 't'), ("reason", 't')],
    conflict: "on conflict (realm, matter, at, account) do nothing",
};

fn json<T: serde::Serialize>(value: &T) -> Arg {
    Arg::Text(serde_json::to_string(value).unwrap_or_default())
}

impl Pool {
    /// Matters that bear these tokens, whoever may see them: for saying "it is here already", never for showing.
    pub async fn known(&self, realm: i64, tokens: &[String]) -> Result<Vec<Known>, StoreError> {
        let rows = self.rows(BY_TOKENS, &[realm.into(), json(&tokens)]).await?;
        let voided = |state: &str| serde_json::from_str::<Matter>(state).is_ok_and(|m| m.voided);
        Ok(rows
            .iter()
            .map(|r| Known {
                token: r.text(0).to_owned(),
                matter: r.int(1),
                number: r.text(2).to_owned(),
                voided: voided(r.text(3)),
            })
            .collect())
    }

    /// Answers that were given to these keys.
    pub async fn replies(&self, realm: i64, keys: &[String]) -> Result<Vec<(String, String)>, StoreError> {
        let rows = self.rows(REPLIES, &[realm.into(), json(&keys)]).await?;
        Ok(rows.iter().map(|r| (r.text(0).to_owned(), r.text(1).to_owned())).collect())
    }

    /// Households of a region by their numbers.
    pub async fn households_numbered(
        &self,
        realm: i64,
        region: i64,
        numbers: &[String],
    ) -> Result<Vec<(String, HouseholdId)>, StoreError> {
        let rows = self.rows(NUMBERED, &[realm.into(), region.into(), json(&numbers)]).await?;
        Ok(rows.iter().map(|r| (r.text(0).to_owned(), HouseholdId(r.int(1)))).collect())
    }

    /// People of some regions after an id, with the numbers of their households.
    pub async fn people_of(
        &self,
        realm: i64,
        regions: &[i64],
        after: i64,
        limit: i64,
    ) -> Result<Vec<(Person, String)>, StoreError> {
        let rows = self.rows(PEOPLE, &[realm.into(), json(&regions), after.into(), limit.into()]).await?;
        rows.iter()
            .map(|r| {
                let person =
                    serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("person", after, e))?;
                Ok((person, r.text(1).to_owned()))
            })
            .collect()
    }

    /// Households of some regions after an id.
    pub async fn households_of(
        &self,
        realm: i64,
        regions: &[i64],
        after: i64,
        limit: i64,
    ) -> Result<Vec<HouseholdRow>, StoreError> {
        let rows = self.rows(HOUSEHOLDS, &[realm.into(), json(&regions), after.into(), limit.into()]).await?;
        rows.iter()
            .map(|r| {
                let household =
                    serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("household", after, e))?;
                Ok(HouseholdRow { household, members: r.int(1) })
            })
            .collect()
    }

    /// Writes down that somebody read the particulars of several subjects for one reason.
    pub async fn log_reads(
        &self,
        realm: i64,
        subjects: &[i64],
        account: i64,
        now: i64,
        what: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        let row = |subject: &i64| {
            vec![realm.into(), (*subject).into(), now.into(), account.into(), what.into(), reason.into()]
        };
        let rows: Vec<Vec<Arg>> = subjects.iter().map(row).collect();
        let mut tx = self.begin().await?;
        tx.put(vec![(&READ_LOG, rows)]).await?;
        tx.commit().await
    }
}
