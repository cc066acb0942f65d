//! What a use case answers when it does not carry out what was asked.

use xiangyue_domain::refusal::Refusal;
use xiangyue_store::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The rules say no; shown to the person, never logged as an error.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// There is no such thing for this reader, which may mean that they may not know of it.
    #[error("not found")]
    NotFound,
    /// More at once than can be carried out; try again shortly.
    #[error("busy")]
    Busy,
    /// Too many tries; how many seconds to wait.
    #[error("too many tries")]
    Limited(i64),
    /// The store failed.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// A file or a key could not be read or written.
    #[error("{0}")]
    Io(String),
}

impl From<std::io::Error> for AppError {
    fn from(error: std::io::Error) -> AppError {
        AppError::Io(error.to_string())
    }
}
