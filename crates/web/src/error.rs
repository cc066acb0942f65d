//! What a handler answers when it cannot answer with a page: one type, turned into a page or a redirect at the edge.
//! A refusal of the rules is shown and never logged; a fault of the platform is logged once and shown without detail.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use xiangyue_app::AppError;
use xiangyue_domain::refusal::Refusal;

/// Why there is no page.
#[derive(Debug)]
pub enum WebError {
    /// There is no such thing for this reader.
    NotFound,
    /// Signing in is needed first.
    SignIn,
    /// The rules say no.
    Refused(Refusal),
    /// The form came from elsewhere or is too old.
    Forged,
    /// Too many tries; seconds to wait.
    Limited(i64),
    /// More was sent than is taken.
    TooLarge,
    /// What was sent cannot be read.
    Unreadable,
    /// Too much at once.
    Busy,
    /// The simulation is not done.
    NotReady,
    /// A fault of the platform.
    Fault(String),
}

impl From<AppError> for WebError {
    fn from(error: AppError) -> WebError {
        match error {
            AppError::Refused(refusal) if refusal.key == "not_found" => WebError::NotFound,
            AppError::Refused(refusal) => WebError::Refused(refusal),
            AppError::NotFound => WebError::NotFound,
            AppError::Busy => WebError::Busy,
            AppError::Store(error) if error.is_busy() => WebError::Busy,
            AppError::Limited(seconds) => WebError::Limited(seconds),
            other => WebError::Fault(other.to_string()),
        }
    }
}

impl From<minijinja::Error> for WebError {
    fn from(error: minijinja::Error) -> WebError {
        WebError::Fault(format!("{error:#}"))
    }
}

impl WebError {
    /// Status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            WebError::NotFound => StatusCode::NOT_FOUND,
            WebError::SignIn => StatusCode::SEE_OTHER,
            WebError::Refused(refusal) => match refusal.key.as_str() {
                "stale" => StatusCode::CONFLICT,
                "no_right" | "no_right_move" | "no_right_open" | "own_work" | "no_grant" => StatusCode::FORBIDDEN,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            },
            WebError::Forged => StatusCode::FORBIDDEN,
            WebError::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
            WebError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            WebError::Unreadable => StatusCode::BAD_REQUEST,
            WebError::Busy | WebError::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            WebError::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for WebError {
    /// The page itself is made by the layer in `page`, which knows the reader's language.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}
