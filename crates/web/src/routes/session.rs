//! (being written)
use crate::error::WebError;
use crate::page::Answer;
pub(crate) async fn sign_in() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn enter() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn sign_out() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn setup() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn set_up() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn password() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn change_password() -> Answer { Err(WebError::NotFound) }
