//! `GET /m/{token}/sent`: the receipt after sending. `GET /m/{token}/receipt`: the same on paper. For whoever has the
//! receipt's link; a link from a lookup shows the progress only.

use super::code::origin;
use super::{field, place, story};
use crate::error::WebError;
use crate::page::Answer;
use crate::show;
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::HeaderMap;
use serde_json::{Value, json};
use xiangyue_app::reporter::Followed;

/// `GET /m/{token}/sent`
pub(crate) async fn receipt(Path(token): Path<String>, visit: Visit, headers: HeaderMap) -> Answer {
    let followed = follow(&visit, &token).await?;
    let mut values = values(&visit, &headers, &token, &followed)?;
    values["maybe"] = json!(super::alike::maybe(&visit, &token).await?);
    values["once"] = json!(visit.once());
    visit.page("portal/receipt.html", &visit.t("portal.slip"), values)
}

/// `GET /m/{token}/receipt`
pub(crate) async fn receipt_print(Path(token): Path<String>, visit: Visit, headers: HeaderMap) -> Answer {
    let followed = follow(&visit, &token).await?;
    let mut values = values(&visit, &headers, &token, &followed)?;
    values["receipt"]["words"] = json!(followed.said.texts.get(field::WORDS));
    values["receipt"]["by"] =
        json!(show::channel(&visit, visit.app()?, &followed.said.matter.kind, followed.said.matter.channel()));
    visit.page("portal/receipt_print.html", &visit.t("portal.slip_title"), values)
}

/// The 查询码 follows from the receipt's own token, so only that one shows it.
async fn follow(visit: &Visit, token: &str) -> Result<Followed, WebError> {
    if token.starts_with("p.") {
        return Err(WebError::NotFound);
    }
    Ok(visit.app()?.follow(token).await?)
}

fn values(visit: &Visit, headers: &HeaderMap, token: &str, followed: &Followed) -> Result<Value, WebError> {
    let app = visit.app()?;
    let said = &followed.said;
    let matter = &said.matter;
    let promise = match story::due(visit, app, matter) {
        Some(due) => visit.t_with("portal.promise", &[("limit", due.text)]),
        None => visit.t("portal.promise_open"),
    };
    let received = matter.trail.first().map(|t| t.at).unwrap_or_default();
    Ok(json!({
        "village": place::values(app, matter.place),
        "receipt": {
            "number": matter.number,
            "code": app.code_of(token),
            "url": format!("/m/{token}"),
            "link": format!("{}/m/{token}", origin(visit, headers)),
            "print_url": format!("/m/{token}/receipt"),
            "qr": format!("/m/{token}/qr"),
            "at": story::long_moment(visit, received),
            "category": story::category(visit, app, matter),
            "place": said.texts.get(field::SPOT).cloned().unwrap_or_else(|| show::place(app, matter.place, matter.accepted)),
            "promise": promise,
            "phone": said.left_phone,
        },
    }))
}
