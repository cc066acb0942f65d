//! (being written)
use crate::error::WebError;
use crate::page::Answer;
pub(crate) async fn index() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn enter() -> Answer { Err(WebError::NotFound) }
