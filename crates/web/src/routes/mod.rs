//! The route table. Every route stands here once, with its method; a test walks the table as nobody, as the wrong
//! role and from a sibling place.

mod assembly;
mod common;
mod demo;
mod desk;
mod hub;
mod lists;
mod portal;
mod posters;
mod session;

use crate::Web;
use crate::form::BODY_MAX;
use crate::gate::gate;
use crate::page::error_pages;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::http::header::HeaderName;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

pub(crate) use portal::origin;

/// Nothing but our own files; no script and no style inside a page.
const CSP: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; \
  object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Every route with its method. Routes under `/desk` and `/hub` are for staff; the others are public.
pub(crate) const TABLE: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/v/{code}"),
    ("GET", "/v/{code}/contact"),
    ("GET", "/v/{code}/open"),
    ("GET", "/v/{code}/open/feed"),
    ("GET", "/v/{code}/open/{id}"),
    ("GET", "/v/{code}/open/{id}/sheet"),
    ("GET", "/v/{code}/open/{id}/qr"),
    ("GET", "/v/{code}/open/{id}/poster"),
    ("GET", "/v/{code}/open/{id}/files/{digest}"),
    ("POST", "/v/{code}/open/{id}/ask"),
    ("GET", "/v/{code}/subscribe"),
    ("POST", "/v/{code}/subscribe"),
    ("POST", "/v/{code}/subscribe/code"),
    ("GET", "/s/{token}"),
    ("POST", "/s/{token}"),
    ("GET", "/v/{code}/boards"),
    ("POST", "/v/{code}/boards/{id}/appeal"),
    ("GET", "/v/{code}/own"),
    ("POST", "/v/{code}/own"),
    ("GET", "/v/{code}/points/rules"),
    ("GET", "/v/{code}/points"),
    ("POST", "/v/{code}/points"),
    ("GET", "/h/{token}"),
    ("GET", "/h/{token}/claim"),
    ("POST", "/h/{token}/claim"),
    ("GET", "/h/{token}/passbook"),
    ("GET", "/h/{token}/qr"),
    ("GET", "/v/{code}/lists"),
    ("GET", "/v/{code}/lists/{list}/{item}"),
    ("GET", "/v/{code}/lists/{list}/{item}/qr"),
    ("GET", "/v/{code}/decisions"),
    ("GET", "/v/{code}/sheet"),
    ("GET", "/posted/{id}"),
    ("GET", "/ballots/{id}"),
    ("GET", "/b"),
    ("POST", "/b"),
    ("GET", "/b/{code}"),
    ("POST", "/b/{code}"),
    ("GET", "/check"),
    ("POST", "/check"),
    ("GET", "/check/{code}"),
    ("GET", "/r/{code}"),
    ("POST", "/r/{code}"),
    ("GET", "/q/{code}"),
    ("GET", "/m/{token}"),
    ("GET", "/m/{token}/sent"),
    ("GET", "/m/{token}/receipt"),
    ("GET", "/m/{token}/qr"),
    ("GET", "/m/{token}/files/{digest}"),
    ("POST", "/m/{token}/answer"),
    ("POST", "/m/{token}/join/{into}"),
    ("POST", "/m/{token}/reopen"),
    ("GET", "/lookup"),
    ("POST", "/lookup"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("GET", "/setup/{token}"),
    ("POST", "/setup/{token}"),
    ("GET", "/demo"),
    ("GET", "/demo/texts"),
    ("POST", "/demo/enter/{card}"),
    ("GET", "/lang/{tag}"),
    ("GET", "/elder/{switch}"),
    ("GET", "/static/{digest}/{*name}"),
    ("GET", "/health"),
    ("GET", "/desk"),
    ("GET", "/desk/matters"),
    ("GET", "/desk/matters.xlsx"),
    ("POST", "/desk/matters/print"),
    ("POST", "/desk/bulk"),
    ("POST", "/desk/matters/{id}/part/{from}"),
    ("POST", "/desk/intake/{kind}/similar"),
    ("POST", "/desk/intake/{kind}/join/{into}"),
    ("POST", "/desk/filters"),
    ("POST", "/desk/filters/{id}/drop"),
    ("GET", "/desk/matters/{id}"),
    ("POST", "/desk/matters/{id}/moves/{mv}"),
    ("POST", "/desk/matters/{id}/correct"),
    ("POST", "/desk/matters/{id}/void"),
    ("POST", "/desk/matters/{id}/merge"),
    ("POST", "/desk/matters/{id}/unmask"),
    ("GET", "/desk/matters/{id}/print"),
    ("GET", "/desk/matters/{id}/papers/{print}"),
    ("GET", "/desk/matters/{id}/files/{digest}"),
    ("GET", "/desk/matters/{id}/sheet/{sheet}"),
    ("GET", "/desk/import"),
    ("POST", "/desk/import"),
    ("GET", "/desk/import/blank/{sheet}"),
    ("GET", "/desk/import/{id}"),
    ("POST", "/desk/import/{id}/match"),
    ("POST", "/desk/import/{id}/run"),
    ("POST", "/desk/import/{id}/drop"),
    ("GET", "/desk/import/{id}/corrected"),
    ("POST", "/desk/import/{id}/links"),
    ("GET", "/desk/export"),
    ("POST", "/desk/export"),
    ("GET", "/desk/export/{id}"),
    ("GET", "/desk/export/{id}/file"),
    ("POST", "/desk/export/{id}/mark"),
    ("GET", "/desk/matters/{id}/register"),
    ("GET", "/desk/matters/{id}/ballots"),
    ("POST", "/desk/matters/{id}/ballots"),
    ("GET", "/desk/ballots/{id}"),
    ("GET", "/desk/ballots/{id}/slips"),
    ("POST", "/desk/ballots/{id}/paper"),
    ("POST", "/desk/ballots/{id}/close"),
    ("POST", "/desk/ballots/{id}/void"),
    ("GET", "/desk/intake"),
    ("GET", "/desk/intake/{kind}"),
    ("POST", "/desk/intake/{kind}"),
    ("GET", "/desk/notices"),
    ("POST", "/desk/notices/read"),
    ("GET", "/desk/people"),
    ("POST", "/desk/people"),
    ("POST", "/desk/people/{term}/end"),
    ("POST", "/desk/people/{term}/stand"),
    ("POST", "/desk/people/{term}/password"),
    ("GET", "/desk/places/{code}"),
    ("GET", "/desk/disclosure"),
    ("GET", "/desk/disclosure/accounts"),
    ("POST", "/desk/disclosure/accounts"),
    ("POST", "/desk/disclosure/accounts/take"),
    ("GET", "/desk/lists"),
    ("GET", "/desk/lists/{list}"),
    ("GET", "/desk/lists/{list}/changes"),
    ("GET", "/desk/lists/{list}/items/{item}"),
    ("GET", "/desk/lists/{list}/xlsx"),
    ("POST", "/desk/lists/{list}/preview"),
    ("POST", "/desk/lists/{list}/csv"),
    ("GET", "/desk/points"),
    ("POST", "/desk/points"),
    ("GET", "/desk/points/passbooks"),
    ("GET", "/desk/points/year"),
    ("POST", "/desk/points/year"),
    ("GET", "/desk/points/consents"),
    ("POST", "/desk/points/consents"),
    ("GET", "/desk/points/consents/{home}/{party}"),
    ("GET", "/desk/points/{party}"),
    ("POST", "/desk/points/{party}/{deed}"),
    ("GET", "/desk/posters"),
    ("GET", "/desk/password"),
    ("POST", "/desk/password"),
    ("GET", "/hub"),
    ("GET", "/hub/figures/{indicator}"),
    ("GET", "/hub/figures/{indicator}/xlsx"),
    ("GET", "/hub/figures/{indicator}/oldest"),
    ("GET", "/hub/report"),
    ("GET", "/hub/report/{format}"),
    ("POST", "/hub/report/wording"),
    ("POST", "/hub/report/issue"),
    ("GET", "/hub/reports"),
    ("GET", "/hub/reports/{id}"),
    ("GET", "/hub/reports/{id}/{format}"),
    ("GET", "/hub/duties"),
    ("GET", "/hub/wall"),
];

/// All pages with their layers.
pub(crate) fn all(web: Web) -> Router {
    let header = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    Router::new()
        .merge(portal_routes())
        .merge(assembly_routes())
        .merge(list_routes())
        .merge(desk_routes())
        .merge(sheet_routes())
        .merge(hub_routes())
        .fallback(common::missing)
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(30)))
        .layer(from_fn_with_state(web.clone(), gate))
        // Outside of both, so that whoever is turned away gets a page that says when to come again.
        .layer(from_fn_with_state(web.clone(), error_pages))
        .layer(CatchPanicLayer::new())
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(header("content-security-policy", CSP))
        .layer(header("x-content-type-options", "nosniff"))
        .layer(header("referrer-policy", "same-origin"))
        .layer(header("x-frame-options", "DENY"))
        .layer(header("permissions-policy", "geolocation=(self), camera=(self), microphone=()"))
        .layer(CompressionLayer::new())
        .with_state(web)
}

fn portal_routes() -> Router<Web> {
    Router::new()
        .route("/", get(portal::home))
        .route("/v/{code}", get(portal::village))
        .route("/v/{code}/contact", get(portal::contact))
        .route("/v/{code}/open", get(portal::open_list))
        .route("/v/{code}/open/feed", get(portal::open_feed))
        .route("/v/{code}/open/{id}", get(portal::open_item))
        .route("/v/{code}/open/{id}/sheet", get(portal::open_sheet))
        .route("/v/{code}/open/{id}/qr", get(portal::open_code))
        .route("/v/{code}/open/{id}/poster", get(portal::open_poster))
        .route("/v/{code}/open/{id}/files/{digest}", get(portal::open_picture))
        .route("/v/{code}/open/{id}/ask", post(portal::ask))
        .route("/v/{code}/subscribe", get(portal::subscribe).post(portal::send_code))
        .route("/v/{code}/subscribe/code", post(portal::take_code))
        .route("/s/{token}", get(portal::stopping).post(portal::stop))
        .route("/v/{code}/boards", get(portal::boards))
        .route("/v/{code}/boards/{id}/appeal", post(portal::appeal))
        .route("/v/{code}/own", get(portal::own).post(portal::look_up_own))
        .route("/v/{code}/points", get(portal::village_points).post(portal::find_home))
        .route("/v/{code}/points/rules", get(portal::points_rules))
        .route("/h/{token}", get(portal::household))
        .route("/h/{token}/claim", get(portal::claim).post(portal::send_claim))
        .route("/h/{token}/passbook", get(portal::passbook))
        .route("/h/{token}/qr", get(portal::household_code))
        .route("/r/{code}", get(portal::report).post(portal::send_report))
        .route("/q/{code}", get(portal::wall_code))
        .route("/m/{token}", get(portal::progress))
        .route("/m/{token}/sent", get(portal::receipt))
        .route("/m/{token}/receipt", get(portal::receipt_print))
        .route("/m/{token}/qr", get(portal::receipt_code))
        .route("/m/{token}/files/{digest}", get(portal::file))
        .route("/m/{token}/answer", post(portal::answer))
        .route("/m/{token}/join/{into}", post(portal::join))
        .route("/m/{token}/reopen", post(portal::reopen))
        .route("/lookup", get(portal::lookup).post(portal::find))
        .route("/sign-in", get(session::sign_in).post(session::enter))
        .route("/sign-out", post(session::sign_out))
        .route("/setup/{token}", get(session::setup).post(session::set_up))
        .route("/demo", get(demo::index))
        .route("/demo/texts", get(demo::texts))
        .route("/demo/enter/{card}", post(demo::enter))
        .route("/lang/{tag}", get(common::language))
        .route("/elder/{switch}", get(common::elder))
        .route("/static/{digest}/{*name}", get(common::asset))
        .route("/health", get(common::health))
}

fn assembly_routes() -> Router<Web> {
    Router::new()
        .route("/v/{code}/decisions", get(assembly::village))
        .route("/v/{code}/sheet", get(assembly::sheet))
        .route("/posted/{id}", get(assembly::matter))
        .route("/ballots/{id}", get(assembly::ballot))
        .route("/b", get(assembly::enter).post(assembly::find))
        .route("/b/{code}", get(assembly::ask).post(assembly::cast))
        .route("/check", get(assembly::check).post(assembly::check_sent))
        .route("/check/{code}", get(assembly::check_code))
        .route("/desk/matters/{id}/register", get(assembly::register))
        .route("/desk/matters/{id}/ballots", get(assembly::new).post(assembly::open))
        .route("/desk/ballots/{id}", get(assembly::kept))
        .route("/desk/ballots/{id}/slips", get(assembly::slips))
        .route("/desk/ballots/{id}/paper", post(assembly::paper))
        .route("/desk/ballots/{id}/close", post(assembly::close))
        .route("/desk/ballots/{id}/void", post(assembly::void))
}

fn list_routes() -> Router<Web> {
    Router::new()
        .route("/v/{code}/lists", get(lists::lists))
        .route("/v/{code}/lists/{list}/{item}", get(lists::item))
        .route("/v/{code}/lists/{list}/{item}/qr", get(lists::code))
        .route("/desk/lists", get(lists::all))
        .route("/desk/lists/{list}", get(lists::one))
        .route("/desk/lists/{list}/changes", get(lists::changes))
        .route("/desk/lists/{list}/items/{item}", get(lists::one_item))
        .route("/desk/lists/{list}/xlsx", get(lists::xlsx))
        .route("/desk/lists/{list}/preview", post(lists::preview))
        .route("/desk/lists/{list}/csv", post(lists::csv))
}

fn desk_routes() -> Router<Web> {
    Router::new()
        .route("/desk", get(desk::worklist))
        .route("/desk/matters", get(desk::matters))
        .route("/desk/matters.xlsx", get(desk::matters_xlsx))
        .route("/desk/matters/print", post(desk::print_some))
        .route("/desk/bulk", post(desk::bulk))
        .route("/desk/matters/{id}/part/{from}", post(desk::part))
        .route("/desk/intake/{kind}/similar", post(desk::look_alike))
        .route("/desk/intake/{kind}/join/{into}", post(desk::join_in))
        .route("/desk/filters", post(desk::save_filter))
        .route("/desk/filters/{id}/drop", post(desk::drop_filter))
        .route("/desk/matters/{id}", get(desk::matter))
        .route("/desk/matters/{id}/moves/{mv}", post(desk::make_move))
        .route("/desk/matters/{id}/correct", post(desk::correct))
        .route("/desk/matters/{id}/void", post(desk::void))
        .route("/desk/matters/{id}/merge", post(desk::merge))
        .route("/desk/matters/{id}/unmask", post(desk::unmask))
        .route("/desk/matters/{id}/print", get(desk::matter_print))
        .route("/desk/matters/{id}/papers/{print}", get(desk::paper))
        .route("/desk/matters/{id}/files/{digest}", get(desk::file))
        .route("/desk/intake", get(desk::intake_choose))
        .route("/desk/intake/{kind}", get(desk::intake).post(desk::take_in))
        .route("/desk/notices", get(desk::notices))
        .route("/desk/notices/read", post(desk::read_notices))
        .route("/desk/people", get(desk::people).post(desk::give_post))
        .route("/desk/people/{term}/end", post(desk::end_post))
        .route("/desk/people/{term}/stand", post(desk::stand_in))
        .route("/desk/people/{term}/password", post(desk::reset_password))
        .route("/desk/places/{code}", get(desk::place))
        .route("/desk/disclosure", get(desk::disclosure))
        .route("/desk/disclosure/accounts", get(desk::accounts).post(desk::look_accounts))
        .route("/desk/disclosure/accounts/take", post(desk::take_accounts))
        .route("/desk/points", get(desk::points).post(desk::add_party))
        .route("/desk/points/passbooks", get(desk::passbooks))
        .route("/desk/points/year", get(desk::points_year).post(desk::end_year))
        .route("/desk/points/consents", get(desk::consents).post(desk::consent))
        .route("/desk/points/consents/{home}/{party}", get(desk::consent_sheet))
        .route("/desk/points/{party}", get(desk::shop))
        .route("/desk/points/{party}/{deed}", post(desk::deed))
        .route("/desk/posters", get(posters::posters))
        .route("/desk/password", get(session::password).post(session::change_password))
}

/// Spreadsheets in and out.
fn sheet_routes() -> Router<Web> {
    Router::new()
        .route("/desk/import", get(desk::start).post(desk::upload))
        .route("/desk/import/blank/{sheet}", get(desk::blank))
        .route("/desk/import/{id}", get(desk::import_job))
        .route("/desk/import/{id}/match", post(desk::match_columns))
        .route("/desk/import/{id}/run", post(desk::run))
        .route("/desk/import/{id}/drop", post(desk::drop_import))
        .route("/desk/import/{id}/corrected", get(desk::corrected))
        .route("/desk/import/{id}/links", post(desk::links))
        .route("/desk/export", get(desk::export).post(desk::make_export))
        .route("/desk/export/{id}", get(desk::export_ready))
        .route("/desk/export/{id}/file", get(desk::export_file))
        .route("/desk/export/{id}/mark", post(desk::export_mark))
        .route("/desk/matters/{id}/sheet/{sheet}", get(desk::one_file))
}

fn hub_routes() -> Router<Web> {
    Router::new()
        .route("/hub", get(hub::index))
        .route("/hub/figures/{indicator}", get(hub::figure))
        .route("/hub/figures/{indicator}/xlsx", get(hub::figure_xlsx))
        .route("/hub/figures/{indicator}/oldest", get(hub::oldest))
        .route("/hub/report", get(hub::report))
        .route("/hub/report/{format}", get(hub::report_file))
        .route("/hub/report/wording", post(hub::word))
        .route("/hub/report/issue", post(hub::issue))
        .route("/hub/reports", get(hub::reports))
        .route("/hub/reports/{id}", get(hub::issued))
        .route("/hub/reports/{id}/{format}", get(hub::issued_file))
        .route("/hub/duties", get(hub::duties))
        .route("/hub/wall", get(hub::wall))
}
