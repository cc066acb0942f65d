//! `GET /check`: the heads of the last days, and a place to put a receipt. `GET /check/{code}`: the receipt of something
//! published, by the code that is printed with it. `POST /check`: a receipt or a code, checked. For everybody, no login.

use super::posted::{head, heads};
use crate::error::WebError;
use crate::form::read_public;
use crate::page::{Answer, see_other, with_status};
use crate::visit::Visit;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_app::receipt::Standing;
use xiangyue_domain::receipt::{DayRoot, Receipt};

/// Heads shown.
const SHOWN: i64 = 30;
/// Checks from one address within a window: each walks the tree of a day.
const CHECKS: u32 = 120;
const WINDOW_MS: i64 = 10 * 60_000;

/// `GET /check`
pub(crate) async fn check(visit: Visit) -> Answer {
    visit.ready()?;
    page(&visit, None, "", None).await
}

/// `GET /check/{code}`
pub(crate) async fn check_code(Path(code): Path<String>, visit: Visit) -> Answer {
    limited(&visit)?;
    let (_, receipt, standing) = visit.app()?.receipt_by_code(&code).await?;
    page(&visit, Some((receipt, standing)), "", None).await
}

/// `POST /check`
pub(crate) async fn check_sent(visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let sent = read_public(&visit, request).await?;
    limited(&visit)?;
    let typed = sent.get("receipt").trim().to_owned();
    let unknown = |key: &str| Some(visit.t(key));
    let fault = if typed.starts_with('{') {
        match Receipt::parse(&typed) {
            Ok(receipt) => {
                let standing = app.check_receipt(&receipt).await?;
                return page(&visit, Some((receipt, standing)), &typed, None).await;
            }
            Err(_) => unknown("assembly.receipt_unreadable"),
        }
    } else {
        match app.published_by_code(&typed).await {
            Ok(published) => return Ok(see_other(&format!("/check/{}", published.code))),
            Err(AppError::NotFound) => unknown("assembly.receipt_unknown"),
            Err(other) => return Err(other.into()),
        }
    };
    with_status(page(&visit, None, &typed, fault).await, StatusCode::UNPROCESSABLE_ENTITY)
}

fn limited(visit: &Visit) -> Result<(), WebError> {
    let now = visit.app()?.now().0;
    visit.web.limits().take("check", visit.from, now, WINDOW_MS, CHECKS).map_err(WebError::Limited)
}

async fn page(visit: &Visit, found: Option<(Receipt, Standing)>, typed: &str, fault: Option<String>) -> Answer {
    let app = visit.app()?;
    let shown = found.as_ref().map(|(receipt, standing)| verdict(visit, receipt, *standing));
    let values = json!({
        "shown": shown, "typed": typed, "fault": fault, "heads": heads(app, SHOWN).await?, "once": visit.once(),
    });
    visit.page("assembly/check.html", &visit.t("assembly.check"), values)
}

fn verdict(visit: &Visit, receipt: &Receipt, standing: Standing) -> Value {
    let (tone, key) = match standing {
        Standing::Holds => ("good", "holds"),
        Standing::Pending => ("warn", "pending"),
        Standing::OtherHead => ("bad", "other_head"),
        Standing::Broken => ("bad", "broken"),
    };
    let root = DayRoot { day: receipt.day, first: 0, last: 0, size: receipt.size, root: receipt.root.clone() };
    let sound = standing == Standing::Holds || standing == Standing::Pending;
    json!({
        "tone": tone,
        "said": visit.t(&format!("assembly.standing_{key}")),
        "what": visit.t(&format!("assembly.standing_{key}_what")),
        "text": receipt.text.lines().collect::<Vec<_>>(),
        "sound": sound,
        "head": head(&root),
        "closed": standing == Standing::Holds,
        "steps": receipt.path.len(),
        "seq": receipt.seq,
        "receipt": serde_json::to_string(receipt).unwrap_or_default(),
    })
}
