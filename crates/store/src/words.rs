//! Search by words: candidates from the index of keyed tokens, newest first, then the matters among them that the
//! reader may see. Every step is bounded; what was not looked at yet is said, so that the next page goes on there.

use crate::batch::Batch;
use crate::dialect::{Arg, Pool, Table, Tx};
use crate::error::StoreError;
use crate::matter::{Filter, filter_args, read};
use crate::scope::{Scope, scoped};
use std::collections::BTreeMap;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::register::Holder;

/// Hits taken from the index at once: a page is mostly full after the first.
const FIRST: i64 = 200;
const MORE: i64 = 2000;
/// Rounds before the reader is asked whether to go on.
const ROUNDS: usize = 6;

/// Words of a matter in the index.
pub(crate) const WORDS: Table = Table {
    name: "matter_words",
    columns: &[("realm", 'i'), ("id", 'i'), ("facets", 't'), ("words", 't')],
    conflict: "on conflict (realm, id) do update set
      facets = case when excluded.facets = '' then matter_words.facets else excluded.facets end,
      words = case when excluded.words = '' then matter_words.words
        when matter_words.words = '' then excluded.words else matter_words.words || ' zz ' || excluded.words end",
};

/// Words and facets of one matter, to be added to the index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WordsRow {
    /// What narrows a search to a scope or a filter; empty leaves it as it is.
    pub facets: String,
    /// Tokens, added to those that are there.
    pub words: String,
}

/// What is looked for in the index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Phrases of tokens; a matter has all of them.
    pub phrases: Vec<Vec<String>>,
    /// Facets; a matter has all of them.
    pub facets: Vec<String>,
    /// Facets of which a matter has one; empty for any.
    pub any: Vec<String>,
    /// Facets of categories of which a matter has one; empty for any.
    pub categories: Vec<String>,
}

/// A page of what was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hits {
    /// Matters, newest first.
    pub matters: Vec<Matter>,
    /// Where the next page begins; `None` when everything was looked at.
    pub next: Option<i64>,
}

const HITS: &str = "select h.id from words_found($1, $2, $3, $4) h order by h.id desc";
const AMONG: &str = scoped!(
    "select m.state",
    "and m.id < $10 and ($11 = '[]' or m.kind in (json_texts($11)))
     and ($12 = '' or m.phase = $12 or ($12 = 'active' and m.phase in ('open', 'answered')))
     and ($13 = 0 or m.town = $13 or m.village = $13 or m.place = $13) and ($14 = '[]' or m.category in (json_texts($14)))
     and ($15 = 0 or (m.due < $15 and m.phase in ('open', 'answered')))
     and ($16 = 0 or m.accepted >= $16) and ($17 = 0 or m.accepted <= $17)
     and ($19 = 0 or ((m.due >= $19 or m.due is null) and m.phase in ('open', 'answered')))
     and ($20 = 0 or m.due < $20) and ($21 = '[]' or m.holder in (json_texts($21)))
     and m.id in (json_ints($22)) order by m.id desc limit $18"
);

fn plain(prefix: char, word: &str) -> String {
    let mut out = format!("{prefix}9");
    out.extend(word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
    out
}

/// The facet of a place.
pub fn place_facet(place: i64) -> String {
    format!("p{place}")
}

/// Facets of a matter: its places, kind, category, opener and every post it was with. Village and town are those of its
/// row.
pub fn facets_of(matter: &Matter, (village, town): (i64, i64)) -> String {
    let mut places = vec![matter.place.0, village, town];
    places.sort_unstable();
    places.dedup();
    let mut facets: Vec<String> = places.into_iter().filter(|p| *p > 0).map(place_facet).collect();
    facets.push(plain('k', &matter.kind));
    if let Some(category) = matter.values.get("category").and_then(serde_json::Value::as_str) {
        facets.push(plain('c', category));
    }
    facets.extend(matter.opener.map(|a| format!("o{}", a.0)));
    let mut party: Vec<String> =
        matter.holder.iter().chain(&matter.previous).chain(&matter.watchers).map(Holder::key).collect();
    party.sort_unstable();
    party.dedup();
    facets.extend(party.iter().map(|h| plain('h', h)));
    facets.join(" ")
}

impl Batch {
    /// Adds words of a matter; several texts of one group go one behind the other.
    pub fn add_words(&mut self, matter: i64, facets: String, words: &str) {
        let row = self.words.entry(matter).or_default();
        if !facets.is_empty() {
            row.facets = facets;
        }
        if !words.is_empty() && !row.words.is_empty() {
            row.words.push_str(" zz ");
        }
        row.words.push_str(words);
    }
}

/// Rows of the index for a set statement.
pub(crate) fn word_rows(realm: &Arg, words: BTreeMap<i64, WordsRow>) -> Vec<Vec<Arg>> {
    words.into_iter().map(|(id, w)| vec![realm.clone(), id.into(), w.facets.into(), w.words.into()]).collect()
}

/// Candidates, newest first, and down to which id all of them are there.
struct Candidates {
    ids: Vec<i64>,
    down_to: i64,
}

impl Candidates {
    fn of(ids: Vec<i64>, limit: i64) -> Candidates {
        let full = i64::try_from(ids.len()).unwrap_or(0) >= limit;
        let down_to = if full { ids.last().copied().unwrap_or(0) } else { 0 };
        Candidates { ids, down_to }
    }
}

impl Pool {
    /// Matters with these words within a scope and a filter, newest first.
    pub async fn find_words(
        &self,
        realm: i64,
        scope: &Scope,
        phrases: Vec<Vec<String>>,
        filter: &Filter,
    ) -> Result<Hits, StoreError> {
        if phrases.is_empty() {
            return Ok(Hits::default());
        }
        let mut asked = Asked { phrases, ..Asked::default() };
        if filter.place > 0 {
            asked.facets.push(place_facet(filter.place));
        }
        // All facets hold at once; of several kinds, any one, which the rows themselves are asked for.
        if let [kind] = filter.kinds.as_slice() {
            asked.facets.push(plain('k', kind));
        }
        asked.categories = filter.categories.iter().map(|c| plain('c', c)).collect();
        let mut before = if filter.before > 0 { filter.before } else { i64::from(u32::MAX) * 1000 };
        let wanted = usize::try_from(filter.limit.clamp(1, 5000)).unwrap_or(1);
        let mut hits = Hits::default();
        for round in 0..ROUNDS {
            let limit = if round == 0 { FIRST } else { MORE };
            let found = self.candidates(realm, scope, &asked, before, limit).await?;
            let left = i64::try_from(wanted - hits.matters.len()).unwrap_or(0);
            let narrowed = Filter { before, limit: left, ..filter.clone() };
            hits.matters.extend(self.among(realm, scope, &narrowed, &found.ids).await?);
            if hits.matters.len() >= wanted {
                hits.next = hits.matters.last().map(|m| m.id.0);
                return Ok(hits);
            }
            if found.down_to == 0 {
                return Ok(hits);
            }
            before = found.down_to;
        }
        hits.next = Some(before);
        Ok(hits)
    }

    /// The newest matters of a kind and category within a scope.
    pub async fn matters_like(
        &self,
        realm: i64,
        scope: &Scope,
        (kind, category): (&str, &str),
        limit: i64,
    ) -> Result<Vec<Matter>, StoreError> {
        let asked = Asked { facets: vec![plain('k', kind), plain('c', category)], ..Asked::default() };
        let before = i64::from(u32::MAX) * 1000;
        let found = self.candidates(realm, scope, &asked, before, limit * 3).await?;
        let filter =
            Filter { kinds: vec![kind.to_owned()], categories: vec![category.to_owned()], limit, ..Filter::default() };
        self.among(realm, scope, &filter, &found.ids).await
    }

    /// The scope as facets of the index: places, posts, the account that entered it. They only narrow; the scope itself
    /// is asked of the rows afterwards.
    async fn candidates(
        &self,
        realm: i64,
        scope: &Scope,
        asked: &Asked,
        before: i64,
        limit: i64,
    ) -> Result<Candidates, StoreError> {
        let mut asked = asked.clone();
        if !scope.all {
            let places = [&scope.towns, &scope.villages, &scope.grids];
            asked.any.extend(places.into_iter().flatten().map(|p| place_facet(*p)));
            asked.any.extend(scope.holders.iter().map(|h| plain('h', h)));
            asked.any.extend(Some(scope.account).filter(|a| *a > 0).map(|a| format!("o{a}")));
            if asked.any.is_empty() {
                return Ok(Candidates { ids: Vec::new(), down_to: 0 });
            }
        }
        let args = [realm.into(), Arg::Text(self.words_query(&asked)), before.into(), limit.into()];
        let rows = self.rows(HITS, &args).await?;
        Ok(Candidates::of(rows.iter().map(|r| r.int(0)).collect(), limit))
    }

    /// Of these matters, those within the scope and the filter.
    async fn among(&self, realm: i64, scope: &Scope, filter: &Filter, ids: &[i64]) -> Result<Vec<Matter>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut args = scope.args(realm);
        args.extend(filter_args(filter));
        args.push(serde_json::to_string(ids).unwrap_or_default().into());
        read(&self.rows(AMONG, &args).await?)
    }

    /// Whether there are matters, and none has words.
    pub async fn lacks_words(&self, realm: i64) -> Result<bool, StoreError> {
        let sql = "select case when exists (select 1 from matter where realm = $1)
          and not exists (select 1 from matter_words where realm = $1) then 1 else 0 end + 0";
        Ok(self.rows(sql, &[realm.into()]).await?.first().is_some_and(|r| r.int(0) == 1))
    }

    /// How many matters have words in the index.
    pub async fn count_words(&self, realm: i64) -> Result<i64, StoreError> {
        let rows = self.rows("select count(*) from matter_words where realm = $1", &[realm.into()]).await?;
        Ok(rows.first().map_or(0, |r| r.int(0)))
    }

    /// Statements of the search, for the test that looks at their plans.
    pub fn word_statements() -> Vec<(&'static str, &'static str)> {
        vec![("hits", HITS), ("among", AMONG)]
    }
}

impl Tx {
    /// Writes the words of these matters anew; matters that are not among `rows` lose theirs.
    pub async fn reindex(&mut self, realm: i64, ids: &[i64], rows: BTreeMap<i64, WordsRow>) -> Result<(), StoreError> {
        let list = serde_json::to_string(ids).unwrap_or_default();
        let sql = "delete from matter_words where realm = $1 and id in (json_ints($2))";
        self.exec(sql, &[realm.into(), list.into()]).await?;
        self.put(vec![(&WORDS, word_rows(&Arg::Int(realm), rows))]).await
    }
}
