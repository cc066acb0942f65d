//! `GET /demo/texts`: text messages of a demo, which are shown here instead of being sent. Only for `demo`, on this very
//! machine; numbers are masked.

use super::only_here;
use crate::page::Answer;
use crate::visit::Visit;
use axum::http::HeaderMap;
use serde_json::{Value, json};

/// The page.
pub(crate) async fn texts(visit: Visit, headers: HeaderMap) -> Answer {
    only_here(&visit, &headers)?;
    let shown = visit.app()?.shown_texts();
    let lines: Vec<Value> =
        shown.iter().map(|s| json!({ "at": s.at.to_string(), "to": s.to, "text": s.text })).collect();
    visit.page("demo/texts.html", &visit.t("subscribe.texts"), json!({ "lines": lines }))
}
