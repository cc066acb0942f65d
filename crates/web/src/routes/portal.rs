//! (being written)
use crate::error::WebError;
use crate::page::Answer;
pub(crate) async fn home() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn village() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn contact() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn report() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn send_report() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn wall_code() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn progress() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn receipt() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn receipt_print() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn receipt_code() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn file() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn answer() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn reopen() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn lookup() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn find() -> Answer { Err(WebError::NotFound) }
