//! (being written)
use crate::error::WebError;
use crate::page::Answer;
pub(crate) async fn index() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn figure() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn figure_xlsx() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn report() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn report_file() -> Answer { Err(WebError::NotFound) }
pub(crate) async fn wall() -> Answer { Err(WebError::NotFound) }
