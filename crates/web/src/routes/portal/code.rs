//! Codes to scan, as SVG. `GET /q/{code}`: the wall code of a village, or of a thing in it (`?at=&c=`), which opens the
//! report form itself. `GET /m/{token}/qr`: the link of a receipt. For everybody.

use super::place;
use crate::error::WebError;
use crate::page::{Answer, query};
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use axum::response::IntoResponse;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// Longest address in a code; a longer one is hard to scan.
const ADDRESS_MAX: usize = 400;

/// `GET /q/{code}?at=&c=`
pub(crate) async fn wall_code(Path(code): Path<String>, visit: Visit, headers: HeaderMap) -> Answer {
    place::by_code(&visit, &code)?;
    let query = query(&visit.path);
    let pairs: Vec<String> = ["at", "c"]
        .iter()
        .filter_map(|name| query.get(*name).filter(|v| !v.is_empty()).map(|v| format!("{name}={}", encoded(v))))
        .collect();
    let more = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    // A wall code gets dirty and torn, so more of it is spare.
    svg(&format!("{}/r/{code}{more}", origin(&visit, &headers)), EcLevel::Q, "public, max-age=3600")
}

/// `GET /m/{token}/qr`
pub(crate) async fn receipt_code(Path(token): Path<String>, visit: Visit, headers: HeaderMap) -> Answer {
    visit.app()?.matter_by_receipt(&token).await?;
    svg(&format!("{}/m/{token}", origin(&visit, &headers)), EcLevel::M, "no-store")
}

/// Address under which villagers reach the portal: as it was set, else as this visitor came.
pub(crate) fn origin(visit: &Visit, headers: &HeaderMap) -> String {
    let set = visit.web.options().base_url.trim_end_matches('/');
    if !set.is_empty() {
        return set.to_owned();
    }
    let host = headers.get(HOST).and_then(|v| v.to_str().ok()).unwrap_or("127.0.0.1");
    let scheme = if visit.web.options().secure_cookies { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// A code that stands for an address.
pub(crate) fn svg_of(address: &str) -> Answer {
    svg(address, EcLevel::M, "no-store")
}

pub(super) fn svg(address: &str, level: EcLevel, kept: &'static str) -> Answer {
    if address.len() > ADDRESS_MAX {
        return Err(WebError::NotFound);
    }
    let code = QrCode::with_error_correction_level(address, level).map_err(|e| WebError::Fault(e.to_string()))?;
    let image = code.render::<svg::Color>().min_dimensions(240, 240).quiet_zone(true).build();
    Ok(([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, kept)], image).into_response())
}

/// A value within an address.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
