//! The only file that knows which database it speaks to. Every operation has one SQL text and one Rust body; here
//! the text gets its last words (lists as JSON, types of tables), values are bound, and rows are read.

use crate::error::StoreError;
pub use crate::value::{Arg, Row};
use crate::words::Asked;
use sqlx::postgres::{PgArguments, PgPoolOptions};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    Arguments, AssertSqlSafe, Column, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction, TypeInfo, ValueRef,
};
use std::collections::HashMap;
use std::path::Path;
use std::str::FromStr;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

/// The database.
#[derive(Clone)]
pub enum Pool {
    /// One file; one writer, several readers.
    Sqlite {
        /// Its single writing connection.
        write: SqlitePool,
        /// Its readers.
        read: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A writing transaction; dropped without commit, it never happened.
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
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

const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_init.sql")),
    (3, include_str!("../migrations/0003_reported_value.sql")),
    (4, include_str!("../migrations/0004_words.sql")),
    (5, include_str!("../migrations/0005_ledger.sql")),
    (7, include_str!("../migrations/0007_assembly.sql")),
];

/// How words are searched differs altogether.
const SQLITE_WORDS: &str = include_str!("../migrations/words_sqlite.sql");
const POSTGRES_WORDS: &str = include_str!("../migrations/words_postgres.sql");
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
            return Ok(Pool::Postgres(pool.await?));
        }
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let options = SqliteConnectOptions::from_str(&format!("sqlite:{path}"))?
            .filename(Path::new(path))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .pragma("secure_delete", "fast")
            .pragma("cache_size", "-48000")
            .pragma("wal_autocheckpoint", "4000")
            .statement_cache_capacity(200);
        let write =
            SqlitePoolOptions::new().max_connections(1).idle_timeout(None).connect_with(options.clone()).await?;
        let read = options.pragma("query_only", "on").pragma("cache_size", "-8000");
        let read = SqlitePoolOptions::new().max_connections(4).idle_timeout(None).connect_with(read).await?;
        Ok(Pool::Sqlite { write, read })
    }

    /// Whether other processes may write to the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self, Pool::Postgres(_))
    }

    /// Brings the schema up to date, each step in its own transaction.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.script("create table if not exists schema_step (step bigint not null primary key)").await?;
        let done = tx.rows("select coalesce(max(step), 0) from schema_step", &[]).await?;
        let done = done.first().map_or(0, |r| r.int(0));
        for (step, text) in MIGRATIONS.iter().filter(|(step, _)| *step > done) {
            tx.script(text).await?;
            if text.contains("create table matter_words") {
                tx.index_words().await?;
            }
            tx.exec("insert into schema_step (step) values ($1)", &[Arg::Int(*step)]).await?;
        }
        tx.commit().await
    }

    /// Begins a transaction that may write; on SQLite it takes the write lock at once.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Pool::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Pool::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Reads outside a transaction.
    pub async fn rows(&self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, StoreError> {
        match self {
            Pool::Sqlite { read, .. } => {
                let query = sqlx::query_with(AssertSqlSafe(sqlite_text(sql)), sqlite_args(args)?);
                query.fetch_all(read).await?.iter().map(sqlite_row).collect()
            }
            Pool::Postgres(pool) => {
                let query = sqlx::query_with(AssertSqlSafe(postgres_text(sql)), postgres_args(args)?);
                query.fetch_all(pool).await?.iter().map(postgres_row).collect()
            }
        }
    }

    /// The plan of a statement as text, to see that no list scans a table.
    pub async fn plan(&self, sql: &'static str, args: &[Arg]) -> Result<String, StoreError> {
        let rows: Vec<Row> = match self {
            Pool::Sqlite { read, .. } => {
                let text = format!("explain query plan {}", sqlite_text(sql));
                let query = sqlx::query_with(AssertSqlSafe(text), sqlite_args(args)?);
                query.fetch_all(read).await?.iter().map(sqlite_row).collect::<Result<_, _>>()?
            }
            Pool::Postgres(pool) => {
                let text = format!("explain {}", postgres_text(sql));
                let query = sqlx::query_with(AssertSqlSafe(text), postgres_args(args)?);
                query.fetch_all(pool).await?.iter().map(postgres_row).collect::<Result<_, _>>()?
            }
        };
        let line = |r: &Row| r.0.iter().rev().find_map(|a| if let Arg::Text(t) = a { Some(t.clone()) } else { None });
        Ok(rows.iter().filter_map(line).collect::<Vec<_>>().join("\n"))
    }

    /// Writes a consistent copy of the whole database to a file. Only a file database can be copied so.
    pub async fn copy_to(&self, path: &str) -> Result<(), StoreError> {
        match self {
            Pool::Sqlite { write, .. } => {
                let args = sqlite_args(&[Arg::from(path)])?;
                sqlx::query_with(AssertSqlSafe("vacuum into $1".to_owned()), args).execute(write).await?;
                Ok(())
            }
            Pool::Postgres(_) => Err(StoreError::Unsupported("backup: use pg_dump for a PostgreSQL database")),
        }
    }

    /// A search as the database writes it. Tokens are letters and digits alone, so nothing in them is a sign.
    pub fn words_query(&self, asked: &Asked) -> String {
        let (beside, and, or, mark) = match self {
            Pool::Sqlite { .. } => (" ", " AND ", " OR ", '"'),
            Pool::Postgres(_) => ("<->", "&", "|", ' '),
        };
        let phrase = |p: &Vec<String>| format!("{mark}{}{mark}", p.join(beside));
        let mut all: Vec<String> = asked.phrases.iter().map(phrase).collect();
        all.extend(asked.facets.iter().cloned());
        if !asked.any.is_empty() {
            all.push(format!("({})", asked.any.join(or)));
        }
        all.join(and)
    }

    /// Version of the database engine.
    pub async fn version(&self) -> Result<String, StoreError> {
        let sql = match self {
            Pool::Sqlite { .. } => "select 'SQLite ' || sqlite_version()",
            Pool::Postgres(_) => "select version()",
        };
        Ok(self.rows(sql, &[]).await?.first().map_or_else(String::new, |r| r.text(0).to_owned()))
    }

    /// Closes all connections; on SQLite the write-ahead log is folded in.
    pub async fn close(&self) {
        match self {
            Pool::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Reads inside the transaction.
    pub async fn rows(&mut self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, StoreError> {
        match self {
            Tx::Sqlite(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(sqlite_text(sql)), sqlite_args(args)?);
                query.fetch_all(&mut **tx).await?.iter().map(sqlite_row).collect()
            }
            Tx::Postgres(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(postgres_text(sql)), postgres_args(args)?);
                query.fetch_all(&mut **tx).await?.iter().map(postgres_row).collect()
            }
        }
    }

    /// Writes; returns how many rows were touched.
    pub async fn exec(&mut self, sql: &'static str, args: &[Arg]) -> Result<u64, StoreError> {
        match self {
            Tx::Sqlite(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(sqlite_text(sql)), sqlite_args(args)?);
                Ok(query.execute(&mut **tx).await?.rows_affected())
            }
            Tx::Postgres(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(postgres_text(sql)), postgres_args(args)?);
                Ok(query.execute(&mut **tx).await?.rows_affected())
            }
        }
    }

    /// Reads the realm's head and holds its lock until the end, so that two writers cannot both decide.
    pub async fn lock_head(&mut self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, StoreError> {
        if let Tx::Postgres(tx) = self {
            let text = format!("{} for update", postgres_text(sql));
            let query = sqlx::query_with(AssertSqlSafe(text), postgres_args(args)?);
            return query.fetch_all(&mut **tx).await?.iter().map(postgres_row).collect();
        }
        self.rows(sql, args).await
    }

    /// Writes a set of rows with one statement. The rows go over as one JSON array of arrays.
    pub async fn put(&mut self, table: &Table, rows: &[Vec<Arg>]) -> Result<(), StoreError> {
        for chunk in rows.chunks(2000) {
            let json = Arg::Text(rows_json(chunk));
            match self {
                Tx::Sqlite(tx) => {
                    let text = cached("s", table.name, table.conflict, || sqlite_put(table));
                    sqlx::query_with(AssertSqlSafe(text), sqlite_args(&[json])?).execute(&mut **tx).await?;
                }
                Tx::Postgres(tx) => {
                    let text = cached("p", table.name, table.conflict, || postgres_put(table));
                    sqlx::query_with(AssertSqlSafe(text), postgres_args(&[json])?).execute(&mut **tx).await?;
                }
            }
        }
        Ok(())
    }

    /// Runs a migration.
    async fn script(&mut self, text: &str) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => {
                let text = text.replace("bigint", "integer");
                let text = text.replace("\n); -- narrow", "\n) strict, without rowid;");
                let text = text.replace("\n);", "\n) strict;");
                sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **tx).await?;
            }
            Tx::Postgres(tx) => {
                sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }

    /// Adds to the table of words what it is searched by.
    async fn index_words(&mut self) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => sqlx::raw_sql(SQLITE_WORDS).execute(&mut **tx).await.map(|_| ())?,
            Tx::Postgres(tx) => sqlx::raw_sql(POSTGRES_WORDS).execute(&mut **tx).await.map(|_| ())?,
        }
        Ok(())
    }

    /// Takes all words away at once, faster than row by row.
    pub async fn clear_words(&mut self) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => {
                let text = "drop table matter_found; drop trigger matter_words_new; drop trigger matter_words_more;
                  drop trigger matter_words_gone; delete from matter_words;";
                sqlx::raw_sql(text).execute(&mut **tx).await?;
                self.index_words().await
            }
            Tx::Postgres(_) => self.exec("truncate matter_words", &[]).await.map(|_| ()),
        }
    }

    /// Makes everything durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await?,
            Tx::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
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

fn sqlite_put(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|c| c.0).collect();
    let values: Vec<String> = (0..names.len()).map(|i| format!("value ->> {i}")).collect();
    format!(
        "insert into {} ({}) select {} from json_each($1) where true {}",
        table.name,
        names.join(", "),
        values.join(", "),
        table.conflict
    )
}

fn postgres_put(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|c| c.0).collect();
    let cast = |kind: char| if kind == 'i' { "::bigint" } else { "" };
    let values: Vec<String> =
        table.columns.iter().enumerate().map(|(i, c)| format!("(value ->> {i}){}", cast(c.1))).collect();
    format!(
        "insert into {} ({}) select {} from jsonb_array_elements($1::text::jsonb) {}",
        table.name,
        names.join(", "),
        values.join(", "),
        table.conflict
    )
}

fn rows_json(rows: &[Vec<Arg>]) -> String {
    let rows: Vec<Vec<Cell>> = rows.iter().map(|r| r.iter().map(Cell).collect()).collect();
    serde_json::to_string(&rows).unwrap_or_default()
}

/// A value as it goes over in a set of rows.
struct Cell<'a>(&'a Arg);

impl serde::Serialize for Cell<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Arg::Int(n) => serializer.serialize_i64(*n),
            // A NUL cannot be stored by PostgreSQL; it has no meaning in any text of ours.
            Arg::Text(s) if s.contains('\0') => serializer.serialize_str(&s.replace('\0', "")),
            Arg::Text(s) => serializer.serialize_str(s),
            Arg::Null => serializer.serialize_unit(),
        }
    }
}

fn sqlite_args(args: &[Arg]) -> Result<SqliteArguments, StoreError> {
    let mut out = SqliteArguments::default();
    for arg in args {
        match arg {
            Arg::Int(n) => out.add(*n),
            Arg::Text(s) => out.add(s.clone()),
            Arg::Null => out.add(None::<i64>),
        }
        .map_err(StoreError::bind)?;
    }
    Ok(out)
}

fn postgres_args(args: &[Arg]) -> Result<PgArguments, StoreError> {
    let mut out = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Int(n) => out.add(*n),
            Arg::Text(s) => out.add(s.replace('\0', "")),
            Arg::Null => out.add(None::<i64>),
        }
        .map_err(StoreError::bind)?;
    }
    Ok(out)
}

fn sqlite_row(row: &sqlx::sqlite::SqliteRow) -> Result<Row, StoreError> {
    let mut out = Vec::with_capacity(row.len());
    for i in 0..row.len() {
        let raw = row.try_get_raw(i)?;
        out.push(if raw.is_null() {
            Arg::Null
        } else if raw.type_info().name() == "INTEGER" {
            Arg::Int(row.try_get(i)?)
        } else {
            Arg::Text(row.try_get_unchecked(i)?)
        });
    }
    Ok(Row(out))
}

fn postgres_row(row: &sqlx::postgres::PgRow) -> Result<Row, StoreError> {
    let mut out = Vec::with_capacity(row.len());
    for i in 0..row.len() {
        let null = row.try_get_raw(i)?.is_null();
        let name = row.column(i).type_info().name().to_owned();
        out.push(match name.as_str() {
            _ if null => Arg::Null,
            "INT8" => Arg::Int(row.try_get(i)?),
            "INT4" => Arg::Int(i64::from(row.try_get::<i32, _>(i)?)),
            "BOOL" => Arg::Int(i64::from(row.try_get::<bool, _>(i)?)),
            _ => Arg::Text(row.try_get(i)?),
        });
    }
    Ok(Row(out))
}
