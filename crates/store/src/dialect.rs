//! The only file that knows which database it speaks to. Every operation has one SQL text and one Rust body; here
//! the text gets its last words (lists as JSON, types of tables), values are bound, and rows are read.

use crate::error::StoreError;
use crate::file::{self, FileDb, FileTx};
use crate::server;
use crate::tail::Tails;
pub use crate::value::{Arg, Row};
use crate::words::{Asked, WORDS};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

/// The database.
#[derive(Clone)]
pub struct Pool(Kind, Arc<Tails>);

/// Which one.
#[derive(Clone)]
enum Kind {
    /// One file; one writer, several readers.
    Sqlite(FileDb),
    /// A server.
    Postgres(PgPool),
}

/// A writing transaction; dropped without commit, it never happened.
pub struct Tx(KindTx);

/// On which one.
enum KindTx {
    /// On SQLite.
    Sqlite(FileTx),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// Columns of a table that is written in sets.
pub struct Table {
    /// Name.
    pub name: &'static str,
    /// Columns with their types: `i` number, `t` text.
    pub columns: &'static [(&'static str, char)],
    /// What follows the values: the conflict clause, or nothing.
    pub conflict: &'static str,
}

/// Rows of a set in one statement on a server.
const SET: usize = 2000;

const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_init.sql")),
    (3, include_str!("../migrations/0003_reported_value.sql")),
    (WORDS_STEP, include_str!("../migrations/0004_words.sql")),
    (5, include_str!("../migrations/0005_ledger.sql")),
    (6, include_str!("../migrations/0006_issued_report.sql")),
    (7, include_str!("../migrations/0007_assembly.sql")),
    (8, include_str!("../migrations/0008_caller.sql")),
    (9, include_str!("../migrations/0009_whole.sql")),
    (12, include_str!("../migrations/0012_posted_said.sql")),
    (14, include_str!("../migrations/0014_subscription.sql")),
    (15, include_str!("../migrations/0015_posted_place.sql")),
    (16, include_str!("../migrations/0016_tail.sql")),
    (WORDS_APART_STEP, "-- words beside their index"),
    (18, include_str!("../migrations/0018_part.sql")),
    (19, include_str!("../migrations/0019_asked.sql")),
    (20, include_str!("../migrations/0020_fact_order.sql")),
    (21, include_str!("../migrations/0021_village_kind.sql")),
];
/// The steps in which the databases differ.
const WORDS_STEP: i64 = 4;
const WORDS_APART_STEP: i64 = 17;
/// What each database does beside a step: a file, and a server. How words are searched differs altogether.
const OWN_STEPS: &[(i64, &str, &str)] = &[
    (WORDS_STEP, include_str!("../migrations/words_sqlite.sql"), include_str!("../migrations/words_postgres.sql")),
    (WORDS_APART_STEP, include_str!("../migrations/words_sqlite_beside.sql"), ""),
];

const SQLITE_INDEXED: &str = "insert or replace into matter_found (rowid, words) values (?1 * 4398046511104 + ?2,
  (select facets || ' ' || words from matter_words where realm = ?1 and id = ?2))";
/// `words_found(…)` in a statement: of realm, query, below which id, how many.
const FOUND: &str = "words_found($1, $2, $3, $4)";
const SQLITE_FOUND: &str = "(select rowid & 4398046511103 as id from matter_found where matter_found match $2
  and rowid >= $1 * 4398046511104 and rowid < $1 * 4398046511104 + $3 order by rowid desc limit $4)";
const POSTGRES_FOUND: &str = "(select id from matter_words where realm = $1 and found @@ $2::text::tsquery
  and id < $3 order by id desc limit $4)";

impl Pool {
    /// Opens `postgres://…` or a SQLite file, which is made if it is missing.
    pub async fn open(url: &str) -> Result<Pool, StoreError> {
        if url.starts_with("postgres") {
            let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(10)).connect(url);
            return Ok(Pool(Kind::Postgres(pool.await?), Arc::default()));
        }
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        Ok(Pool(Kind::Sqlite(FileDb::open(Path::new(path)).await?), Arc::default()))
    }

    /// The same database for work in the background that nobody waits for: on a file with a connection of its own, so that
    /// those that are waited for neither stand behind it nor keep its pages.
    pub fn apart(&self) -> Pool {
        self.read_by(FileDb::apart)
    }

    /// The same for what is decided ahead: whoever decides must not stand behind those who look. On a file it is read in the
    /// thread of whoever asks, however long it takes: never to be asked by a request.
    pub fn ahead(&self) -> Pool {
        self.read_by(FileDb::ahead)
    }

    fn read_by(&self, which: fn(&FileDb) -> FileDb) -> Pool {
        match &self.0 {
            Kind::Sqlite(file) => Pool(Kind::Sqlite(which(file)), Arc::clone(&self.1)),
            Kind::Postgres(_) => self.clone(),
        }
    }

    /// What is kept back of the roll-ups.
    pub(crate) fn tails(&self) -> &Tails {
        &self.1
    }

    /// Whether other processes may write to the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self.0, Kind::Postgres(_))
    }

    /// Brings the schema up to date, each step in its own transaction.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.script("create table if not exists schema_step (step bigint not null primary key)").await?;
        // Each one that is missing, and not those above the last: two branches may have numbered theirs side by side.
        let done = tx.rows("select step from schema_step", &[]).await?;
        let done: Vec<i64> = done.iter().map(|r| r.int(0)).collect();
        for (step, text) in MIGRATIONS.iter().filter(|(step, _)| !done.contains(step)) {
            tx.script(text).await?;
            tx.own_step(*step).await?;
            tx.exec("insert into schema_step (step) values ($1)", &[Arg::Int(*step)]).await?;
        }
        tx.commit().await
    }

    /// Begins a transaction that may write; on SQLite it takes the write lock at once.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx(match &self.0 {
            Kind::Sqlite(file) => KindTx::Sqlite(file.begin().await),
            Kind::Postgres(pool) => KindTx::Postgres(pool.begin().await?),
        }))
    }

    /// Reads outside a transaction.
    pub async fn rows(&self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, StoreError> {
        let rows = match &self.0 {
            // How long the index of words takes is not seen from outside.
            Kind::Sqlite(file) if sql.contains(FOUND) => file.long(sqlite_text(sql), args.to_vec()).await,
            Kind::Sqlite(file) => file.rows(sqlite_text(sql), args.to_vec()).await,
            Kind::Postgres(pool) => {
                let query = sqlx::query_with(AssertSqlSafe(postgres_text(sql)), server::bound(args)?);
                query.fetch_all(pool).await?.iter().map(server::row).collect()
            }
        };
        said(sql);
        rows
    }

    /// Reads with several statements, on a file in one message.
    pub async fn several(&self, asked: Vec<(&'static str, Vec<Arg>)>) -> Result<Vec<Vec<Row>>, StoreError> {
        if let Kind::Sqlite(file) = &self.0 {
            let found = file.all(asked.into_iter().map(|(sql, args)| (sqlite_text(sql), args)).collect()).await;
            said("several");
            return found;
        }
        let mut found = Vec::with_capacity(asked.len());
        for (sql, args) in asked {
            found.push(self.rows(sql, &args).await?);
        }
        Ok(found)
    }

    /// The plan of a statement as text, to see that no list scans a table.
    pub async fn plan(&self, sql: &'static str, args: &[Arg]) -> Result<String, StoreError> {
        let rows: Vec<Row> = match &self.0 {
            Kind::Sqlite(file) => file.plan(sqlite_text(sql)).await?,
            Kind::Postgres(pool) => {
                let text = format!("explain {}", postgres_text(sql));
                let query = sqlx::query_with(AssertSqlSafe(text), server::bound(args)?);
                query.fetch_all(pool).await?.iter().map(server::row).collect::<Result<_, _>>()?
            }
        };
        let line = |r: &Row| r.0.iter().rev().find_map(|a| if let Arg::Text(t) = a { Some(t.clone()) } else { None });
        Ok(rows.iter().filter_map(line).collect::<Vec<_>>().join("\n"))
    }

    /// Writes a consistent copy of the whole database to a file. Only a file database can be copied so.
    pub async fn copy_to(&self, path: &str) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Sqlite(file) => file.alone("vacuum into $1".to_owned(), vec![path.into()]).await,
            Kind::Postgres(_) => Err(StoreError::Unsupported("backup: use pg_dump for a PostgreSQL database")),
        }
    }

    /// A search as the database writes it. Tokens are letters and digits alone, so nothing in them is a sign.
    pub fn words_query(&self, asked: &Asked) -> String {
        let (beside, and, or, mark) = match self.0 {
            Kind::Sqlite(_) => (" ", " AND ", " OR ", '"'),
            Kind::Postgres(_) => ("<->", "&", "|", ' '),
        };
        let phrase = |p: &Vec<String>| format!("{mark}{}{mark}", p.join(beside));
        let mut all: Vec<String> = asked.phrases.iter().map(phrase).collect();
        all.extend(asked.facets.iter().cloned());
        for group in [&asked.any, &asked.categories].into_iter().filter(|g| !g.is_empty()) {
            all.push(format!("({})", group.join(or)));
        }
        all.join(and)
    }

    /// Version of the database engine.
    pub async fn version(&self) -> Result<String, StoreError> {
        let sql = match self.0 {
            Kind::Sqlite(_) => "select 'SQLite ' || sqlite_version()",
            Kind::Postgres(_) => "select version()",
        };
        Ok(self.rows(sql, &[]).await?.first().map_or_else(String::new, |r| r.text(0).to_owned()))
    }

    /// Closes all connections; on SQLite the write-ahead log is folded in.
    pub async fn close(&self) {
        match &self.0 {
            Kind::Sqlite(file) => file.close().await,
            Kind::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Reads inside the transaction.
    pub async fn rows(&mut self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, StoreError> {
        let rows = match &mut self.0 {
            KindTx::Sqlite(tx) => tx.rows(sqlite_text(sql), args.to_vec()).await,
            KindTx::Postgres(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(postgres_text(sql)), server::bound(args)?);
                query.fetch_all(&mut **tx).await?.iter().map(server::row).collect()
            }
        };
        said(sql);
        rows
    }

    /// Writes; returns how many rows were touched.
    pub async fn exec(&mut self, sql: &'static str, args: &[Arg]) -> Result<u64, StoreError> {
        let touched = match &mut self.0 {
            KindTx::Sqlite(tx) => tx.exec(sqlite_text(sql), args.to_vec()).await?,
            KindTx::Postgres(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(postgres_text(sql)), server::bound(args)?);
                query.execute(&mut **tx).await?.rows_affected()
            }
        };
        said(sql);
        Ok(touched)
    }

    /// Reads the realm's head and holds its lock until the end, so that two writers cannot both decide.
    pub async fn lock_head(&mut self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, StoreError> {
        if let KindTx::Postgres(tx) = &mut self.0 {
            let text = format!("{} for update", postgres_text(sql));
            let query = sqlx::query_with(AssertSqlSafe(text), server::bound(args)?);
            return query.fetch_all(&mut **tx).await?.iter().map(server::row).collect();
        }
        self.rows(sql, args).await
    }

    /// Reads the realm's head as [`Tx::lock_head`] does, then with several statements; on a file all in one message.
    pub async fn locked(
        &mut self,
        head: (&'static str, Vec<Arg>),
        then: Vec<(&'static str, Vec<Arg>)>,
    ) -> Result<(Vec<Row>, Vec<Vec<Row>>), StoreError> {
        if let KindTx::Sqlite(tx) = &mut self.0 {
            let asked = std::iter::once(head).chain(then).map(|(sql, args)| (sqlite_text(sql), args)).collect();
            let mut found = tx.all(asked).await?.into_iter();
            said("standing");
            return Ok((found.next().unwrap_or_default(), found.collect()));
        }
        let head = self.lock_head(head.0, &head.1).await?;
        let mut found = Vec::with_capacity(then.len());
        for (sql, args) in then {
            found.push(self.rows(sql, &args).await?);
        }
        Ok((head, found))
    }

    /// Demands that a statement finds something, before anything is written; otherwise the transaction fails with a conflict.
    pub async fn expect(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<(), StoreError> {
        if let KindTx::Sqlite(tx) = &mut self.0 {
            tx.expect(sqlite_text(sql), args);
            return Ok(());
        }
        if self.rows(sql, &args).await?.is_empty() { Err(StoreError::Conflict) } else { Ok(()) }
    }

    /// Writes sets of rows, in order: one statement a row in the file's own thread, where they go over with whatever comes
    /// next, one statement a set on a server.
    pub async fn put(&mut self, sets: Vec<(&'static Table, Vec<Vec<Arg>>)>) -> Result<(), StoreError> {
        match &mut self.0 {
            KindTx::Sqlite(tx) => sets.into_iter().for_each(|(table, rows)| tx.put(file_sets(table, rows))),
            KindTx::Postgres(tx) => {
                for (table, rows) in &sets {
                    let text = cached("p", table.name, table.conflict, || server::insert(table));
                    for chunk in rows.chunks(SET) {
                        let args = server::bound(&[Arg::Text(server::rows_json(chunk))])?;
                        sqlx::query_with(AssertSqlSafe(text.clone()), args).execute(&mut **tx).await?;
                    }
                }
            }
        }
        said("put");
        Ok(())
    }

    /// Runs a migration.
    async fn script(&mut self, text: &str) -> Result<(), StoreError> {
        match &mut self.0 {
            KindTx::Sqlite(tx) => {
                let text = text.replace("bigint", "integer");
                let text = text.replace("\n); -- narrow", "\n) strict, without rowid;");
                tx.script(text.replace("\n);", "\n) strict;")).await?;
            }
            KindTx::Postgres(tx) => {
                sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }

    /// Adds to the table of words what it is searched by.
    /// What this database does beside a step, if anything.
    async fn own_step(&mut self, step: i64) -> Result<(), StoreError> {
        let Some((_, file, server)) = OWN_STEPS.iter().find(|(n, ..)| *n == step) else { return Ok(()) };
        let text = if matches!(self.0, KindTx::Sqlite(_)) { file } else { server };
        self.script(text).await
    }

    /// Takes all words away at once, faster than row by row.
    pub async fn clear_words(&mut self) -> Result<(), StoreError> {
        match &mut self.0 {
            KindTx::Sqlite(tx) => {
                let text = "drop table matter_found; drop trigger matter_words_gone; delete from matter_words;";
                tx.script(text.to_owned()).await?;
                self.own_step(WORDS_STEP).await
            }
            KindTx::Postgres(_) => self.exec("truncate matter_words", &[]).await.map(|_| ()),
        }
    }

    /// Makes everything durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.0 {
            KindTx::Sqlite(tx) => tx.commit().await?,
            KindTx::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// What a set of rows is on a file. Words go into their index with a statement of their own: one that fires a trigger keeps a
/// journal for itself, before which the index writes down each matter alone, and not all of a group at once.
fn file_sets(table: &'static Table, rows: Vec<Vec<Arg>>) -> Vec<file::Set> {
    let text = cached("f", table.name, table.conflict, || file::insert(table));
    if table.name != WORDS.name {
        return vec![(text, rows)];
    }
    let ids = rows.iter().map(|row| row.iter().take(2).cloned().collect()).collect();
    vec![(text, rows), (SQLITE_INDEXED.to_owned(), ids)]
}

/// Says what was asked, for whoever counts statements.
fn said(sql: &str) {
    tracing::debug!(target: "statement", sql);
}

/// Texts that were put together once are kept, so that the driver's statement cache meets the same text again.
fn cached(kind: &str, name: &str, conflict: &str, make: impl FnOnce() -> String) -> String {
    static TEXTS: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);
    let key = format!("{kind}/{name}/{conflict}");
    let mut texts = TEXTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    texts.entry(key).or_insert_with(make).clone()
}

/// `json_ints($2)` and `json_texts($2)` in a statement stand for a list bound as one JSON array.
fn sqlite_text(sql: &'static str) -> String {
    if !sql.contains("json_") && !sql.contains(FOUND) {
        return sql.to_owned();
    }
    cached("rs", sql, "", || {
        let sql = sql.replace(FOUND, SQLITE_FOUND);
        sql.replace("json_ints(", "select value from json_each(").replace("json_texts(", "select value from json_each(")
    })
}

fn postgres_text(sql: &'static str) -> String {
    if !sql.contains("json_") && !sql.contains(FOUND) {
        return sql.to_owned();
    }
    cached("rp", sql, "", || {
        let sql = sql.replace(FOUND, POSTGRES_FOUND);
        let mut out = String::new();
        let mut rest = sql.as_str();
        while let Some(at) = rest.find("json_ints(").or_else(|| rest.find("json_texts(")) {
            let first =
                rest.find("json_ints(").unwrap_or(usize::MAX).min(rest.find("json_texts(").unwrap_or(usize::MAX));
            let at = at.min(first);
            let ints = rest[at..].starts_with("json_ints(");
            let open = at + if ints { "json_ints(".len() } else { "json_texts(".len() };
            let Some(close) = rest[open..].find(')') else { break };
            let arg = &rest[open..open + close];
            out.push_str(&rest[..at]);
            let cast = if ints { "::bigint" } else { "" };
            out.push_str(&format!("select value{cast} from jsonb_array_elements_text({arg}::text::jsonb"));
            rest = &rest[open + close..];
        }
        out.push_str(rest);
        out
    })
}
