//! (being written)
use crate::error::WebError;
use crate::page::Answer;
pub(crate) async fn worklist() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn matters() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn matters_xlsx() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn matter() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn make_move() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn correct() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn void() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn merge() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn unmask() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn matter_print() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn file() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn intake_choose() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn intake() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn take_in() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn notices() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn read_notices() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn people() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn give_post() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn end_post() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn place() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn posters() -> Answer { Err(WebError::NotFound) }
