//! Matters: reads under a scope. Lists page by key and never count what they do not show.

mod row;

pub use row::Stand;

use crate::dialect::{Arg, Pool, Row, Tx};
use crate::error::StoreError;
use crate::scope::{Scope, scoped};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Matter;

/// What a list is narrowed to; empty and zero mean "any".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Kinds, any of them.
    pub kinds: Vec<String>,
    /// Phase: `open`, `answered`, `closed`, `final`, or `active` for open and answered.
    pub phase: String,
    /// Place at any level.
    pub place: i64,
    /// Categories, any of them; a page gives the one that was asked for and all below it.
    pub categories: Vec<String>,
    /// Overdue at this instant.
    pub overdue_at: i64,
    /// Active, and not past its limit at this instant.
    pub in_limit_at: i64,
    /// With a limit before this instant.
    pub due_before: i64,
    /// Held by one of these posts, as `post@seat`.
    pub holders: Vec<String>,
    /// First day of acceptance.
    pub from: i64,
    /// Last day of acceptance.
    pub to: i64,
    /// Only those with ids below this one: the next page.
    pub before: i64,
    /// Rows wanted.
    pub limit: i64,
}

/// Where and when candidates for the same matter are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Around {
    /// Village; 0 for what is known of the town alone.
    pub village: i64,
    /// Town.
    pub town: i64,
    /// First instant.
    pub from: i64,
    /// Last instant.
    pub until: i64,
}

/// Binds `$10` to `$21` of a filtered statement.
pub(crate) fn filter_args(filter: &Filter) -> [Arg; 12] {
    let before = if filter.before > 0 { filter.before } else { i64::MAX };
    [
        Arg::Int(before),
        serde_json::to_string(&filter.kinds).unwrap_or_default().into(),
        filter.phase.as_str().into(),
        filter.place.into(),
        serde_json::to_string(&filter.categories).unwrap_or_default().into(),
        filter.overdue_at.into(),
        filter.from.into(),
        filter.to.into(),
        filter.limit.clamp(1, 5000).into(),
        filter.in_limit_at.into(),
        filter.due_before.into(),
        serde_json::to_string(&filter.holders).unwrap_or_default().into(),
    ]
}

/// A matter in a list.
pub type Listed = Matter;

const BY_ID: &str = scoped!("select m.state", "and m.id = $10");
const BY_NUMBER: &str = scoped!("select m.state", "and m.number = $10 order by m.id limit 5");
const LIST: &str = scoped!(
    "select m.state",
    "and m.id < $10 and ($11 = '[]' or m.kind in (json_texts($11)))
     and ($12 = '' or m.phase = $12 or ($12 = 'active' and m.phase in ('open', 'answered')))
     and ($13 = 0 or m.town = $13 or m.village = $13 or m.place = $13) and ($14 = '[]' or m.category in (json_texts($14)))
     and ($15 = 0 or (m.due < $15 and m.phase in ('open', 'answered')))
     and ($16 = 0 or m.accepted >= $16) and ($17 = 0 or m.accepted <= $17)
     and ($19 = 0 or ((m.due >= $19 or m.due is null) and m.phase in ('open', 'answered')))
     and ($20 = 0 or m.due < $20) and ($21 = '[]' or m.holder in (json_texts($21)))
     order by m.id desc limit $18"
);
const MINE: &str = scoped!(
    "select m.state",
    "and m.holder in (json_texts($6)) and m.phase in ('open', 'answered')
     order by m.due is null, m.due, m.id limit $10"
);
const OVERDUE: &str = scoped!(
    "select m.state",
    "and m.phase in ('open', 'answered') and m.due < $10
     and ($12 = 0 or m.town = $12 or m.village = $12 or m.place = $12) order by m.due, m.id limit $11"
);
const BY_TOKEN: &str = scoped!(
    "select m.state",
    "and m.id in (select s.matter from search_token s where s.realm = m.realm and s.token in (json_texts($10)))
     order by m.id desc limit 50"
);
const MERGED_BY_TOKEN: &str =
    "select m.state from search_token s join matter m on m.realm = s.realm and m.id = s.matter
  where s.realm = $1 and s.token in (json_texts($2)) and m.gone = 1 order by m.id desc limit 20";
/// The newest of a village, with what is known of its town alone; without a village the newest of the town.
const AROUND: &str = scoped!(
    "select m.state",
    "and m.opened_at >= $12 and m.opened_at <= $13 and m.id in (
       select a.id from (select x.id from matter x where x.realm = $1 and x.village = $10 and $10 <> 0
         order by x.id desc limit 200) a
       union select b.id from (select y.id, y.town from matter y where y.realm = $1 and y.village = 0
         order by y.id desc limit 200) b where b.town = $11
       union select c.id from (select z.id from matter z where z.realm = $1 and z.town = $11 and $10 = 0
         order by z.id desc limit 200) c)
     order by m.id desc limit 80"
);
const SOME: &str = scoped!("select m.state", "and m.id in (json_ints($10)) order by m.id");
const COUNT_MINE: &str = "select count(*), coalesce(sum(case when due < $3 then 1 else 0 end), 0) from matter
  where realm = $1 and holder in (json_texts($2)) and phase in ('open', 'answered') and gone = 0";
const COUNT_DUE: &str = "select town + 0, count(*), min(due) from matter
  where realm = $1 and phase in ('open', 'answered') and gone = 0 and due >= $2 and due < $3
  and ($4 = 0 or town = $4 or village = $4 or place = $4) group by town + 0";
const DUE: &str = "select id from matter where realm = $1 and next_due <= $2 order by next_due, id limit $3";
const NEXT_DUE: &str = "select min(next_due) from matter where realm = $1 and next_due is not null";
pub(crate) const STATES: &str = "select state, village, town from matter where realm = $1 and id in (json_ints($2))";
const BY_RECEIPT: &str = "select m.state from receipt r join matter m on m.realm = r.realm and m.id = r.matter
  where r.realm = $1 and r.digest = $2";
const OWN: &str = "select m.state from search_token s join matter m on m.realm = s.realm and m.id = s.matter
  where s.realm = $1 and s.token = $2 and m.village = $3 and m.kind = $4 and m.gone = 0 order by m.id desc limit $5";
const NUMBER_ANY: &str = "select state from matter where realm = $1 and number = $2 order by id limit 5";
const RECENT_PUBLIC: &str = "select state from matter where realm = $1 and village = $2 and gone = 0 and sealed = 0
  and kind = $3 and phase in ('closed', 'final') order by id desc limit $4";
const OF_VILLAGE: &str = "select state from matter where realm = $1 and village = $2 and gone = 0 and sealed = 0
  and kind = $3 and accepted >= $4 and accepted <= $5 and ($6 = '[]' or category in (json_texts($6)))
  and id < $8 order by id desc limit $7";
const OF_VILLAGES: &str =
    "select village, state from matter where realm = $1 and village in (json_ints($2)) and gone = 0
  and sealed = 0 and kind = $3 and category = $4 and accepted >= $5 order by id desc";
// Of many villages, by the kind: of what was taken in last, a part lies in each town.
const RECENT_AROUND: &str = "select state from matter where realm = $1 and ($2 = 0 or town = $2) and gone = 0
  and sealed = 0 and kind = $3 and phase in ('closed', 'final') order by id desc limit $4";
const OPEN_BY_PLACE: &str = "select place + 0, count(*) from matter
  where realm = $1 and phase in ('open', 'answered') and gone = 0 and ($2 = 0 or town = $2 or village = $2)
  group by place + 0";

pub(crate) fn read(rows: &[Row]) -> Result<Vec<Matter>, StoreError> {
    rows.iter()
        .map(|r| serde_json::from_str(r.text(0)).map_err(|e| StoreError::inconsistent("matter", r.text(0).len(), e)))
        .collect()
}

/// A matter to decide on, and where it is stored to stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its state.
    pub matter: Matter,
    /// Where its row stands.
    pub stand: Stand,
}

pub(crate) fn stored(rows: &[Row]) -> Result<Vec<Stored>, StoreError> {
    let matters = read(rows)?.into_iter();
    let one = |(matter, r): (Matter, &Row)| {
        let stand = Stand { place: matter.place.0, village: r.int(1), town: r.int(2) };
        Stored { matter, stand }
    };
    Ok(matters.zip(rows).map(one).collect())
}

impl Tx {
    /// States of matters by id, for deciding on them.
    pub async fn matters(&mut self, realm: i64, ids: &[i64]) -> Result<Vec<Stored>, StoreError> {
        let ids = serde_json::to_string(ids).unwrap_or_default();
        stored(&self.rows(STATES, &[realm.into(), ids.into()]).await?)
    }

    /// States of all matters, a page after another, for what is derived from them.
    pub async fn matters_after(&mut self, realm: i64, after: i64, limit: i64) -> Result<Vec<Matter>, StoreError> {
        let sql = "select state from matter where realm = $1 and id > $2 order by id limit $3";
        read(&self.rows(sql, &[realm.into(), after.into(), limit.into()]).await?)
    }
}

impl Pool {
    /// The same outside a transaction.
    pub async fn matters_stored(&self, realm: i64, ids: &[i64]) -> Result<Vec<Stored>, StoreError> {
        let ids = serde_json::to_string(ids).unwrap_or_default();
        stored(&self.rows(STATES, &[realm.into(), ids.into()]).await?)
    }

    /// A matter by id.
    pub async fn find_matter(&self, realm: i64, scope: &Scope, id: MatterId) -> Result<Option<Matter>, StoreError> {
        let mut args = scope.args(realm);
        args.push(id.0.into());
        Ok(read(&self.rows(BY_ID, &args).await?)?.pop())
    }

    /// Matters by the number people read out.
    pub async fn matters_by_number(&self, realm: i64, scope: &Scope, number: &str) -> Result<Vec<Matter>, StoreError> {
        let mut args = scope.args(realm);
        args.push(number.into());
        read(&self.rows(BY_NUMBER, &args).await?)
    }

    /// Matters by tokens of a name or a telephone.
    pub async fn matters_by_token(
        &self,
        realm: i64,
        scope: &Scope,
        tokens: &[String],
    ) -> Result<Vec<Matter>, StoreError> {
        let mut args = scope.args(realm);
        args.push(serde_json::to_string(tokens).unwrap_or_default().into());
        read(&self.rows(BY_TOKEN, &args).await?)
    }

    /// Matters that were merged into others, by tokens of a name or a telephone. Who may know of them is for the caller to say.
    pub async fn merged_by_token(&self, realm: i64, tokens: &[String]) -> Result<Vec<Matter>, StoreError> {
        let tokens = serde_json::to_string(tokens).unwrap_or_default();
        read(&self.rows(MERGED_BY_TOKEN, &[realm.into(), tokens.into()]).await?)
    }

    /// Candidates for the same matter: lately taken in at a place or the one above it, newest first.
    pub async fn matters_around(&self, realm: i64, scope: &Scope, around: &Around) -> Result<Vec<Matter>, StoreError> {
        let mut args = scope.args(realm);
        args.extend([around.village, around.town, around.from, around.until].map(Arg::Int));
        read(&self.rows(AROUND, &args).await?)
    }

    /// Ids below one, newest first.
    pub async fn matter_ids_before(&self, realm: i64, before: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
        let sql = "select id from matter where realm = $1 and id < $2 order by id desc limit $3";
        let rows = self.rows(sql, &[realm.into(), before.into(), limit.into()]).await?;
        Ok(rows.iter().map(|r| r.int(0)).collect())
    }

    /// Matters by ids, those that the reader may see.
    pub async fn matters_seen(&self, realm: i64, scope: &Scope, ids: &[i64]) -> Result<Vec<Matter>, StoreError> {
        let mut args = scope.args(realm);
        args.push(serde_json::to_string(ids).unwrap_or_default().into());
        read(&self.rows(SOME, &args).await?)
    }

    /// A page of a list, newest first.
    pub async fn list_matters(&self, realm: i64, scope: &Scope, filter: &Filter) -> Result<Vec<Matter>, StoreError> {
        let mut args = scope.args(realm);
        args.extend(filter_args(filter));
        read(&self.rows(LIST, &args).await?)
    }

    /// What waits for the reader's posts, nearest limit first.
    pub async fn worklist(&self, realm: i64, scope: &Scope, limit: i64) -> Result<Vec<Matter>, StoreError> {
        let mut args = scope.args(realm);
        args.push(limit.into());
        read(&self.rows(MINE, &args).await?)
    }

    /// What is overdue within the scope at a place, longest first; 0 means anywhere.
    pub async fn overdue(
        &self,
        realm: i64,
        scope: &Scope,
        now: i64,
        place: i64,
        limit: i64,
    ) -> Result<Vec<Matter>, StoreError> {
        let mut args = scope.args(realm);
        args.extend([now.into(), limit.into(), place.into()]);
        read(&self.rows(OVERDUE, &args).await?)
    }

    /// How much waits for these posts, and how much of it is overdue.
    pub async fn count_mine(&self, realm: i64, holders: &[String], now: i64) -> Result<(i64, i64), StoreError> {
        let holders = serde_json::to_string(holders).unwrap_or_default();
        let rows = self.rows(COUNT_MINE, &[realm.into(), holders.into(), now.into()]).await?;
        Ok(rows.first().map_or((0, 0), |r| (r.int(0), r.int(1))))
    }

    /// Active matters whose limit lies in a span, by town: town, count, earliest limit. `place` 0 means the realm.
    pub async fn count_due(
        &self,
        realm: i64,
        from: i64,
        to: i64,
        place: i64,
    ) -> Result<Vec<(i64, i64, i64)>, StoreError> {
        let rows = self.rows(COUNT_DUE, &[realm.into(), from.into(), to.into(), place.into()]).await?;
        Ok(rows.iter().map(|r| (r.int(0), r.int(1), r.int(2))).collect())
    }

    /// Active matters by place.
    pub async fn open_by_place(&self, realm: i64, within: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let rows = self.rows(OPEN_BY_PLACE, &[realm.into(), within.into()]).await?;
        Ok(rows.iter().map(|r| (r.int(0), r.int(1))).collect())
    }

    /// Matters whose clock wants something by now, longest waiting first.
    pub async fn due_matters(&self, realm: i64, now: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
        Ok(self.rows(DUE, &[realm.into(), now.into(), limit.into()]).await?.iter().map(|r| r.int(0)).collect())
    }

    /// The next instant at which a clock wants something.
    pub async fn next_due(&self, realm: i64) -> Result<Option<i64>, StoreError> {
        Ok(self.rows(NEXT_DUE, &[realm.into()]).await?.first().and_then(|r| r.maybe(0)))
    }

    /// The matter that a receipt opens: the receipt itself is the right to see it.
    pub async fn matter_by_receipt(&self, realm: i64, digest: &str) -> Result<Option<Matter>, StoreError> {
        Ok(read(&self.rows(BY_RECEIPT, &[realm.into(), digest.into()]).await?)?.pop())
    }

    /// Matters of a kind in a village that bear a token: whoever could make the token has proved whom they concern.
    pub async fn own_matters(
        &self,
        realm: i64,
        (village, kind): (i64, &str),
        token: &str,
        limit: i64,
    ) -> Result<Vec<Matter>, StoreError> {
        let args = [realm.into(), token.into(), village.into(), kind.into(), limit.into()];
        read(&self.rows(OWN, &args).await?)
    }

    /// Matters that bear a number, for comparing the 查询码; never shown without it.
    pub async fn matters_for_lookup(&self, realm: i64, number: &str) -> Result<Vec<Matter>, StoreError> {
        read(&self.rows(NUMBER_ANY, &[realm.into(), number.into()]).await?)
    }

    /// Matters by id, whatever became of them: for following one that was merged away.
    pub async fn matters_any(&self, realm: i64, ids: &[i64]) -> Result<Vec<Matter>, StoreError> {
        let ids = serde_json::to_string(ids).unwrap_or_default();
        read(&self.rows(STATES, &[realm.into(), ids.into()]).await?)
    }

    /// How many matters stand in the realm.
    pub async fn count_matters(&self, realm: i64) -> Result<i64, StoreError> {
        let rows = self.rows("select count(*) from matter where realm = $1 and gone = 0", &[realm.into()]).await?;
        Ok(rows.first().map_or(0, |r| r.int(0)))
    }

    /// Matters of a kind that a village brought to an end lately; what of them is public is the caller's to choose.
    pub async fn recent_public(
        &self,
        realm: i64,
        village: i64,
        kind: &str,
        limit: i64,
    ) -> Result<Vec<Matter>, StoreError> {
        read(&self.rows(RECENT_PUBLIC, &[realm.into(), village.into(), kind.into(), limit.into()]).await?)
    }

    /// Matters of a kind in a village, newest first, taken in within some days and under some categories (none for all);
    /// what of them a reader sees is the caller's to choose.
    pub async fn village_matters(
        &self,
        realm: i64,
        (village, kind): (i64, &str),
        (from, to): (i64, i64),
        categories: &[String],
        limit: i64,
    ) -> Result<Vec<Matter>, StoreError> {
        self.village_page(realm, (village, kind), (from, to), categories, (i64::MAX, limit)).await
    }

    /// The same, those before an id.
    pub async fn village_page(
        &self,
        realm: i64,
        (village, kind): (i64, &str),
        (from, to): (i64, i64),
        categories: &[String],
        (before, limit): (i64, i64),
    ) -> Result<Vec<Matter>, StoreError> {
        let categories = serde_json::to_string(categories).unwrap_or_default();
        let mut args = vec![realm.into(), village.into(), kind.into(), from.into(), to.into(), categories.into()];
        args.extend([Arg::Int(limit), Arg::Int(before)]);
        read(&self.rows(OF_VILLAGE, &args).await?)
    }

    /// Matters of a kind and category in some villages, each with its village, newest first, taken in since a day.
    pub async fn duty_matters(
        &self,
        realm: i64,
        villages: &[i64],
        (kind, category): (&str, &str),
        since: i64,
    ) -> Result<Vec<(i64, Matter)>, StoreError> {
        let villages = serde_json::to_string(villages).unwrap_or_default();
        let args = [realm.into(), villages.into(), kind.into(), category.into(), since.into()];
        let matter =
            |r: &Row| serde_json::from_str(r.text(1)).map_err(|e| StoreError::inconsistent("matter", r.int(0), e));
        self.rows(OF_VILLAGES, &args).await?.iter().map(|r| Ok((r.int(0), matter(r)?))).collect()
    }

    /// The last ones that ended, of all villages of a town, or of the realm for 0.
    pub async fn recent_around(
        &self,
        realm: i64,
        town: i64,
        kind: &str,
        limit: i64,
    ) -> Result<Vec<Matter>, StoreError> {
        read(&self.rows(RECENT_AROUND, &[realm.into(), town.into(), kind.into(), limit.into()]).await?)
    }

    /// Every statement over matters, for the test that looks at their plans.
    pub fn matter_statements() -> Vec<(&'static str, &'static str)> {
        vec![
            ("by_id", BY_ID),
            ("by_number", BY_NUMBER),
            ("list", LIST),
            ("mine", MINE),
            ("overdue", OVERDUE),
            ("by_token", BY_TOKEN),
            ("merged_by_token", MERGED_BY_TOKEN),
            ("around", AROUND),
            ("some", SOME),
            ("count_mine", COUNT_MINE),
            ("count_due", COUNT_DUE),
            ("due", DUE),
            ("next_due", NEXT_DUE),
            ("states", STATES),
            ("by_receipt", BY_RECEIPT),
            ("own", OWN),
            ("number_any", NUMBER_ANY),
            ("recent_public", RECENT_PUBLIC),
            ("of_village", OF_VILLAGE),
            ("of_villages", OF_VILLAGES),
            ("recent_around", RECENT_AROUND),
            ("open_by_place", OPEN_BY_PLACE),
        ]
    }
}
