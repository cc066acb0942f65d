//! What can go wrong in the store. "Not found" is no error; it is an `Option`.

/// A fault of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The server database or its driver.
    #[error("database: {0}")]
    Driver(#[from] sqlx::Error),
    /// The file database or its driver.
    #[error("database: {0}")]
    Sqlite(rusqlite::Error),
    /// The file database cannot be used.
    #[error("database: {0}")]
    File(String),
    /// A stored row that cannot be read back.
    #[error("{table} row {row} is inconsistent: {fault}")]
    Inconsistent {
        /// Table.
        table: &'static str,
        /// Its key.
        row: String,
        /// What is wrong.
        fault: String,
    },
    /// Two writers at once; the caller may try again.
    #[error("another writer was first")]
    Conflict,
    /// The database cannot do this.
    #[error("{0}")]
    Unsupported(&'static str),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error {
            // Said by the file's thread when what a transaction was decided on stands no more.
            rusqlite::Error::QueryReturnedNoRows => StoreError::Conflict,
            error => StoreError::Sqlite(error),
        }
    }
}

impl StoreError {
    /// Whether it is only that too many ask at once: the same may be tried again shortly.
    pub fn is_busy(&self) -> bool {
        matches!(self, StoreError::Driver(sqlx::Error::PoolTimedOut) | StoreError::Conflict)
    }

    /// A value that could not be bound.
    pub(crate) fn bind(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
        StoreError::Driver(sqlx::Error::Encode(error))
    }

    /// A stored row that cannot be read back.
    pub(crate) fn inconsistent(table: &'static str, row: impl ToString, fault: impl ToString) -> StoreError {
        StoreError::Inconsistent { table, row: row.to_string(), fault: fault.to_string() }
    }
}
