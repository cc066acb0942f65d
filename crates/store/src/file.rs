//! The file database: SQLite behind `dialect.rs`. One connection writes, in a thread of its own; a few others read, in the
//! thread of whoever asks and, what takes long, in threads of their own. A statement is prepared once and a set of rows goes over
//! in one message, since what costs here is crossing threads and not SQLite. Nothing here decides anything; must never be named
//! outside `dialect.rs`.

use crate::dialect::Table;
use crate::error::StoreError;
use crate::near::Near;
use crate::value::{Arg, Row};
use crate::workers;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Statement, ToSql, params_from_iter};
use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;

/// Connections that are lent to whoever reads, and those for what takes long.
const LENT: usize = 3;
const READERS: usize = 2;
/// Prepared statements kept by a connection.
const STATEMENTS: usize = 256;
/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

/// Pages in the write-ahead log from which it is folded into the file, beside the writer.
///
/// A hot page stands in the log once for each commit that touched it and is copied once for each folding, so that rare
/// foldings write less; the log is read through at a start, some hundredths of a second for each hundred megabytes.
const FOLD: i32 = 12_000;
/// How long the folding waits for readers while the writer stands still.
const PATIENCE: Duration = Duration::from_millis(200);

thread_local! {
    /// Pages in the write-ahead log after the last commit of this thread's connection.
    static PAGES: Cell<i32> = const { Cell::new(0) };
}

type Workers = workers::Workers<Connection>;

fn start(name: &str, connections: Vec<Connection>) -> Result<Workers, StoreError> {
    Workers::start(name, connections, rest)
}

/// With nothing to do its pages are given back; the operating system has them still.
fn rest(connection: &Connection) {
    drop(connection.execute_batch("pragma shrink_memory"));
    xiangyue_memory::give_back();
}

/// Folds the write-ahead log into the file in a thread of its own, so that no commit has to wait for it. What came while it did
/// is folded before the next commit, which waits for it: it is little, and the log begins anew.
struct Fold {
    workers: Workers,
    /// The log was folded but for what came meanwhile.
    behind: Arc<AtomicBool>,
    /// Pages from which it is folded next.
    limit: AtomicI32,
}

impl Fold {
    /// After a commit that left so many pages in the log.
    fn after_commit(&self, pages: i32) {
        if pages < FOLD {
            self.limit.store(FOLD, Ordering::Relaxed);
        }
        if pages < self.limit.load(Ordering::Relaxed) {
            return;
        }
        // Where somebody reads for long the log cannot begin anew: it is tried again once it has grown, not each time.
        self.limit.store(pages.saturating_add(FOLD), Ordering::Relaxed);
        let behind = Arc::clone(&self.behind);
        self.workers.send(Box::new(move |c| match c.execute_batch("pragma wal_checkpoint(passive)") {
            Ok(()) => behind.store(true, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be folded"),
        }));
    }

    /// While nobody writes: what is left is little, and the log begins anew.
    async fn catch_up(&self) {
        if self.behind.swap(false, Ordering::Relaxed) {
            let folded = self.workers.run(|c| c.execute_batch("pragma wal_checkpoint(restart)")).await;
            if let Err(error) = folded {
                tracing::warn!(%error, "the write-ahead log could not be folded");
            }
        }
    }
}

/// A database in one file.
#[derive(Clone)]
pub(crate) struct FileDb {
    write: Arc<Workers>,
    fold: Arc<Fold>,
    /// Whoever holds this writes.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Reads in the thread of whoever asks, where there is somebody who waits.
    near: Option<Arc<Near>>,
    /// Reads what takes long.
    read: Arc<Workers>,
    /// Reads for work that nobody waits for, with little memory.
    apart: Arc<Workers>,
    /// Reads for the one who decides, in its own thread.
    ahead: Arc<Near>,
}

/// A transaction that writes. Dropped without commit, it never happened.
pub(crate) struct FileTx {
    write: Arc<Workers>,
    fold: Arc<Fold>,
    _turn: OwnedMutexGuard<()>,
    /// Whether the writer's thread was told to begin.
    open: bool,
    /// Rows that go over with the next message.
    sets: Vec<Set>,
    /// What must be found once it has begun.
    expected: Option<(String, Vec<Arg>)>,
}

/// A statement, and the rows it is carried out for.
pub(crate) type Set = (String, Vec<Vec<Arg>>);

fn connect(path: &Path, cache_kb: u32) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(&format!(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma secure_delete = fast;
         pragma cache_size = -{cache_kb}; pragma wal_autocheckpoint = 0;"
    ))?;
    Ok(connection)
}

/// All connections of a file.
struct Connections {
    write: Connection,
    fold: Connection,
    near: Vec<Connection>,
    read: Vec<Connection>,
    apart: Connection,
    ahead: Connection,
}

fn connections(path: &Path) -> rusqlite::Result<Connections> {
    let reader = |cache_kb| {
        let connection = connect(path, cache_kb)?;
        connection.execute_batch("pragma query_only = on")?;
        Ok::<_, rusqlite::Error>(connection)
    };
    let write = connect(path, 32_000)?;
    write.wal_hook(Some(|_, pages| {
        PAGES.set(pages);
        Ok(())
    }));
    let fold = connect(path, 1_000)?;
    fold.busy_timeout(PATIENCE)?;
    let readers = |many| (0..many).map(|_| reader(8_000)).collect();
    let (near, read): (rusqlite::Result<_>, rusqlite::Result<_>) = (readers(LENT), readers(READERS));
    Ok(Connections { write, fold, near: near?, read: read?, apart: reader(1_000)?, ahead: reader(4_000)? })
}

impl FileDb {
    /// Opens a file, which is made if it is missing.
    pub async fn open(path: &Path) -> Result<FileDb, StoreError> {
        let path = path.to_path_buf();
        let opened = tokio::task::spawn_blocking(move || connections(&path)).await;
        let Connections { write, fold, near, read, apart, ahead } =
            opened.map_err(|e| StoreError::File(e.to_string()))??;
        Ok(FileDb {
            write: Arc::new(start("sqlite-write", vec![write])?),
            fold: Arc::new(Fold {
                workers: start("sqlite-fold", vec![fold])?,
                behind: Arc::default(),
                limit: AtomicI32::new(FOLD),
            }),
            turn: Arc::default(),
            near: Some(Near::start(near, true, rest)?),
            read: Arc::new(start("sqlite-read", read)?),
            apart: Arc::new(start("sqlite-apart", vec![apart])?),
            ahead: Near::start(vec![ahead], false, rest)?,
        })
    }

    /// The same, read by the connection of the background.
    pub fn apart(&self) -> FileDb {
        FileDb { near: None, read: Arc::clone(&self.apart), ..self.clone() }
    }

    /// The same, read in the caller's thread to the end: for the committer, whose thread is its own.
    pub fn ahead(&self) -> FileDb {
        FileDb { near: Some(Arc::clone(&self.ahead)), ..self.clone() }
    }

    /// Begins a transaction that writes. Nobody else of this process writes from now on; the file is locked with the
    /// first message, which saves one.
    pub async fn begin(&self) -> FileTx {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        self.fold.catch_up().await;
        let (write, fold) = (Arc::clone(&self.write), Arc::clone(&self.fold));
        FileTx { write, fold, _turn: turn, open: false, sets: Vec::new(), expected: None }
    }

    /// Reads.
    pub async fn rows(&self, sql: String, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        if let Some(found) = self.at_once(|c| read(c, &sql, &args)).await {
            return found;
        }
        self.read.run(move |c| read(c, &sql, &args)).await
    }

    /// Reads what is known to take long.
    pub async fn long(&self, sql: String, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        self.read.run(move |c| read(c, &sql, &args)).await
    }

    /// Reads with several statements in one message, all of the same moment.
    pub async fn all(&self, asked: Vec<(String, Vec<Arg>)>) -> Result<Vec<Vec<Row>>, StoreError> {
        if let Some(found) = self.at_once(|c| read_all(c, &asked)).await {
            return found;
        }
        self.read.run(move |c| read_all(c, &asked)).await
    }

    /// Reads in this thread; nothing where it would take long. Whoever reads again and again lets others have their turn.
    async fn at_once<T>(&self, job: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<Result<T, StoreError>> {
        let read = self.near.as_ref()?.run(job)?;
        if read.some {
            tokio::task::yield_now().await;
        } else {
            tokio::task::consume_budget().await;
        }
        Some(read.found.map_err(StoreError::from))
    }

    /// The plan of a statement, which needs no arguments.
    pub async fn plan(&self, sql: String) -> Result<Vec<Row>, StoreError> {
        self.read.run(move |c| gathered(&mut c.prepare(&format!("explain query plan {sql}"))?)).await
    }

    /// Runs a statement that may stand in no transaction.
    pub async fn alone(&self, sql: String, args: Vec<Arg>) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        self.write.run(move |c| write(c, &sql, &args).map(|_| ())).await
    }

    /// Closes all connections; the write-ahead log is folded in.
    pub async fn close(&self) {
        self.near.iter().for_each(|near| near.close());
        self.ahead.close();
        self.read.close().await;
        self.apart.close().await;
        self.fold.workers.close().await;
        self.write.close().await;
    }
}

impl FileTx {
    /// Hands a job over with all that has to be done before it, and waits for what it gives.
    async fn run<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        // It stands before it is asked for: whoever goes away while waiting leaves no open transaction behind.
        let begun = std::mem::replace(&mut self.open, true);
        let sets = std::mem::take(&mut self.sets);
        let expected = self.expected.take();
        let whole = move |c: &Connection| {
            if !begun {
                c.execute_batch("begin immediate")?;
            }
            if let Some((sql, args)) = expected
                && read(c, &sql, &args)?.is_empty()
            {
                return Err(rusqlite::Error::QueryReturnedNoRows);
            }
            for (text, rows) in sets {
                put(&mut *c.prepare_cached(&text)?, &rows)?;
            }
            job(c)
        };
        self.write.run(whole).await
    }

    /// Reads inside the transaction.
    pub async fn rows(&mut self, sql: String, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        self.run(move |c| read(c, &sql, &args)).await
    }

    /// Reads with several statements in one message.
    pub async fn all(&mut self, asked: Vec<(String, Vec<Arg>)>) -> Result<Vec<Vec<Row>>, StoreError> {
        self.run(move |c| asked.iter().map(|(sql, args)| read(c, sql, args)).collect()).await
    }

    /// Demands that a statement finds something once the transaction has begun.
    pub fn expect(&mut self, sql: String, args: Vec<Arg>) {
        self.expected = Some((sql, args));
    }

    /// Writes; returns how many rows were touched.
    pub async fn exec(&mut self, sql: String, args: Vec<Arg>) -> Result<u64, StoreError> {
        let touched = self.run(move |c| write(c, &sql, &args)).await?;
        Ok(u64::try_from(touched).unwrap_or(0))
    }

    /// Writes sets of rows, in order, with the next message.
    pub fn put(&mut self, sets: Vec<Set>) {
        self.sets.extend(sets);
    }

    /// Runs several statements.
    pub async fn script(&mut self, text: String) -> Result<(), StoreError> {
        self.run(move |c| c.execute_batch(&text)).await
    }

    /// Makes everything durable.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let pages = self.run(|c| c.execute_batch("commit").map(|()| PAGES.get())).await?;
        self.open = false;
        self.fold.after_commit(pages);
        Ok(())
    }
}

impl Drop for FileTx {
    fn drop(&mut self) {
        if self.open {
            // The writer's thread does it before it begins anything else.
            self.write.send(Box::new(|c| drop(c.execute_batch("rollback"))));
        }
    }
}

fn put(statement: &mut Statement, rows: &[Vec<Arg>]) -> rusqlite::Result<()> {
    for row in rows {
        statement.execute(bound(row))?;
    }
    Ok(())
}

/// The statement that writes a row of a table.
pub(crate) fn insert(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|c| c.0).collect();
    let places: Vec<String> = (1..=names.len()).map(|n| format!("?{n}")).collect();
    format!("insert into {} ({}) values ({}) {}", table.name, names.join(", "), places.join(", "), table.conflict)
}

fn read(connection: &Connection, sql: &str, args: &[Arg]) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, args)?;
    gathered(&mut statement)
}

/// With several statements, all of the same moment.
fn read_all(connection: &Connection, asked: &[(String, Vec<Arg>)]) -> rusqlite::Result<Vec<Vec<Row>>> {
    let _moment = connection.unchecked_transaction()?;
    asked.iter().map(|(sql, args)| read(connection, sql, args)).collect()
}

fn gathered(statement: &mut Statement) -> rusqlite::Result<Vec<Row>> {
    let width = statement.column_count();
    let mut found = statement.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values: rusqlite::Result<Vec<Arg>> = (0..width).map(|i| Ok(value(row.get_ref(i)?))).collect();
        rows.push(Row(values?));
    }
    Ok(rows)
}

fn write(connection: &Connection, sql: &str, args: &[Arg]) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, args)?;
    statement.raw_execute()
}

/// Binds by the number in a parameter's name: SQLite takes `$2` for a name, and numbers names as it meets them.
fn bind(statement: &mut Statement, args: &[Arg]) -> rusqlite::Result<()> {
    for index in 1..=statement.parameter_count() {
        let number = statement.parameter_name(index).and_then(|name| name[1..].parse::<usize>().ok());
        let Some(arg) = args.get(number.unwrap_or(index).wrapping_sub(1)) else {
            return Err(rusqlite::Error::InvalidParameterCount(args.len(), index));
        };
        statement.raw_bind_parameter(index, Bound(arg))?;
    }
    Ok(())
}

fn value(found: ValueRef) -> Arg {
    match found {
        ValueRef::Null => Arg::Null,
        ValueRef::Integer(n) => Arg::Int(n),
        ValueRef::Real(n) => Arg::Text(n.to_string()),
        // What is sound, and all that was written by us is, is looked through much faster than what has to be mended.
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Arg::Text(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        }),
    }
}

fn bound(args: &[Arg]) -> rusqlite::ParamsFromIter<impl Iterator<Item = Bound<'_>>> {
    params_from_iter(args.iter().map(Bound))
}

/// A value on its way into a statement.
struct Bound<'a>(&'a Arg);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Arg::Int(n) => ToSqlOutput::Owned(Value::Integer(*n)),
            // A NUL cannot be stored by PostgreSQL; it has no meaning in any text of ours.
            Arg::Text(s) if s.contains('\0') => ToSqlOutput::Owned(Value::Text(s.replace('\0', ""))),
            Arg::Text(s) => ToSqlOutput::Borrowed(ValueRef::Text(s.as_bytes())),
            Arg::Null => ToSqlOutput::Owned(Value::Null),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_read_is_as_right_as_a_short_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = FileDb::open(&folder.path().join("x.db")).await.unwrap();
        let sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < $1) select count(*) from n";
        for many in [10, 1_000_000] {
            let asked = || (sql.to_owned(), vec![Arg::Int(many)]);
            let alone = file.rows(asked().0, asked().1).await.unwrap();
            let together = file.all(vec![asked(), asked()]).await.unwrap();
            assert_eq!(alone[0].int(0), many);
            assert!(together.iter().all(|rows| rows[0].int(0) == many));
        }
        file.close().await;
        assert!(file.rows("select 1".to_owned(), Vec::new()).await.is_err());
    }
}
