//! What can go wrong in a simulation.

use xiangyue_app::AppError;

/// Why a simulation stopped.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The pack's scenario does not hold.
    #[error("scenario: {0}")]
    Scenario(String),
    /// A command that a person could not have given.
    #[error("{what}: {refusal}")]
    Refused {
        /// Stream, path and move.
        what: String,
        /// Why.
        refusal: String,
    },
    /// The application failed.
    #[error(transparent)]
    App(#[from] AppError),
}
