//! `GET|POST /desk/disclosure/accounts`: the township's sheet of accounts for its villages, looked at cell by cell; `…/take`
//! puts its rows into what each village makes public. For whoever keeps the villages' books.

use super::import::parts::say;
use super::shell;
use crate::error::WebError;
use crate::locale::Locale;
use crate::page::{Answer, query, see_other, with_status};
use crate::routes::portal::{item_name, period_words};
use crate::show;
use crate::upload::{SheetForm, read_sheet};
use crate::visit::{Staff, Visit};
use axum::extract::Request;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::due::duty_kind;
use xiangyue_app::import::{Accounts, Sheaf, Standing};
use xiangyue_app::{App, AppError};
use xiangyue_domain::due::{Cadence, Span};
use xiangyue_domain::policy::{AccountsRules, Level, PLACE};

/// What was typed, and what came of it.
#[derive(Default)]
struct Looked {
    item: String,
    period: String,
    fault: String,
    /// Villages that were filled just now.
    filled: Option<usize>,
    read: Option<Accounts>,
}

/// `GET /desk/disclosure/accounts`
pub(crate) async fn accounts(staff: Staff) -> Answer {
    let app = staff.app()?;
    let last = Span::of(Cadence::Month, app.now().day().month_start().plus(-1)).text();
    let filled = query(&staff.visit.path).get("filled").and_then(|n| n.parse().ok());
    show_page(&staff, Looked { period: last, filled, ..Looked::default() }).await
}

/// `POST /desk/disclosure/accounts`
pub(crate) async fn look_accounts(staff: Staff, request: Request) -> Answer {
    let form = read_sheet(&staff, request).await?;
    let (looked, status) = look(&staff, form).await?;
    with_status(show_page(&staff, looked).await, status)
}

/// `POST /desk/disclosure/accounts/take`
pub(crate) async fn take_accounts(staff: Staff, request: Request) -> Answer {
    let app = staff.app()?;
    let form = read_sheet(&staff, request).await?;
    let (mut looked, status) = look(&staff, form).await?;
    let Some(read) = looked.read.as_ref().filter(|r| r.faults.is_empty()) else {
        return with_status(show_page(&staff, looked).await, status);
    };
    let (item, period) = (looked.item.clone(), looked.period.clone());
    // What is made public is read by villagers, whatever language the desk of whoever brings it speaks.
    let public = Visit { locale: Locale::Zh, ..staff.visit.clone() };
    let words = |sheaf: &Sheaf| words_of(&public, app, sheaf, &period);
    match app.take_accounts(staff.user.account.id, (&item, &period), read, &words).await {
        Ok(filled) => Ok(see_other(&format!("/desk/disclosure/accounts?filled={filled}"))),
        Err(AppError::Refused(refusal)) => {
            looked.fault = staff.visit.refusal(&refusal);
            with_status(show_page(&staff, looked).await, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

/// Reads the file, or the rows that an earlier look brought back.
async fn look(staff: &Staff, form: SheetForm) -> Result<(Looked, StatusCode), WebError> {
    let app = staff.app()?;
    let mut looked = Looked {
        item: form.get("item").to_owned(),
        period: form.get("period").trim().to_uppercase(),
        ..Looked::default()
    };
    if form.too_large {
        looked.fault = staff.visit.t("accounts.too_large");
        return Ok((looked, StatusCode::PAYLOAD_TOO_LARGE));
    }
    let rows = form.get("rows").as_bytes().to_vec();
    let bytes = form.file.map_or(rows, |(_, bytes)| bytes);
    if bytes.is_empty() || Span::parse(&looked.period).is_none() {
        looked.fault = staff.visit.t(if bytes.is_empty() { "accounts.no_file" } else { "fault.period" });
        return Ok((looked, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let read = app.read_accounts(staff.user.account.id, (&looked.item, &looked.period), &bytes).await;
    match read {
        Ok(read) => {
            let sound = read.faults.is_empty() && !read.sheaves.is_empty();
            looked.read = Some(read);
            Ok((looked, if sound { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }))
        }
        Err(AppError::Refused(refusal)) => {
            looked.fault = staff.visit.refusal(&refusal);
            Ok((looked, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(other) => Err(other.into()),
    }
}

/// The public words beside the rows of a village.
fn words_of(visit: &Visit, app: &App, sheaf: &Sheaf, period: &str) -> String {
    let sums: Vec<String> = sums(visit, app, sheaf).iter().map(|(label, sum)| format!("{label}{sum}")).collect();
    let says = [
        ("period", period_words(visit, period)),
        ("n", sheaf.lines.len().to_string()),
        ("sums", sums.join(&visit.t("accounts.comma"))),
    ];
    visit.t_with("accounts.words", &says)
}

/// Sums of a village by what its rows are called, in the order of the options.
fn sums(visit: &Visit, app: &App, sheaf: &Sheaf) -> Vec<(String, String)> {
    let policy = app.policy();
    let Some((kind, rules)) = duty_kind(&policy).and_then(|(k, d)| Some((k, d.accounts.as_ref()?))) else {
        return Vec::new();
    };
    let list = kind.field(&rules.lines);
    let label = |side: &String| {
        let column = list.and_then(|l| l.columns.iter().find(|c| c.id == rules.side));
        column.and_then(|c| c.options.get(side)).cloned().unwrap_or_else(|| side.clone())
    };
    let yuan = |cents: &i64| visit.t_with("accounts.yuan", &[("n", show::money(*cents))]);
    sheaf.sums.iter().map(|(side, cents)| (label(side), yuan(cents))).collect()
}

async fn show_page(staff: &Staff, looked: Looked) -> Answer {
    let (app, visit) = (staff.app()?, &staff.visit);
    if !app.may_bring_accounts(staff.user.account.id) {
        return Err(WebError::NotFound);
    }
    let policy = app.policy();
    let (kind, duty) = duty_kind(&policy).ok_or(WebError::NotFound)?;
    let rules = duty.accounts.as_ref().ok_or(WebError::NotFound)?;
    let catalogue = policy.catalogue(&duty.catalogue).ok_or(WebError::NotFound)?;
    let taken =
        catalogue.items.iter().filter(|i| i.cadence.is_some_and(|c| c != Cadence::Event) && rules.takes(&i.code));
    let items: Vec<Value> = taken
        .map(|i| json!({ "value": i.code, "label": visit.locale.pick(&i.name, &i.name_en), "selected": i.code == looked.item }))
        .collect();
    let read = looked.read.as_ref();
    let sound = read.is_some_and(|r| r.faults.is_empty() && !r.sheaves.is_empty());
    let villages: Vec<Value> =
        read.map(|r| r.sheaves.iter().map(|s| sheaf(staff, app, s)).collect()).unwrap_or_default();
    let faults: Vec<Value> = read
        .map(|r| {
            r.faults.iter().map(|f| json!({ "at": f.address(), "why": say(visit, f), "found": f.found })).collect()
        })
        .unwrap_or_default();
    let heads: Vec<&str> = rules.columns.iter().map(|c| c.heading.as_str()).collect();
    let values = json!({
        "nav": shell::nav(staff, "disclosure").await?, "once": visit.once(),
        "items": items, "item": looked.item, "period": looked.period,
        "what": format!("{} {}", item_name(visit, app, &looked.item), period_words(visit, &looked.period)),
        "fault": looked.fault, "filled": looked.filled, "faults": faults, "villages": villages, "sound": sound,
        "looked": read.is_some(), "rows": read.filter(|_| sound).map(|r| rows(app, rules, r)),
        "heads": heads, "kind": visit.locale.pick(&kind.name, &kind.name_en),
    });
    visit.page("desk/accounts.html", &visit.t("accounts.title"), values)
}

fn sheaf(staff: &Staff, app: &App, sheaf: &Sheaf) -> Value {
    let (directory, day) = (app.directory(), app.now().day());
    let town = directory.tree.at_level(sheaf.village, Level::Town, day);
    let (state, url) = match &sheaf.standing {
        Standing::New => (staff.visit.t("accounts.new"), String::new()),
        Standing::Draft(id, number) => {
            (staff.visit.t_with("accounts.draft", &[("number", number.clone())]), format!("/desk/matters/{id}"))
        }
        Standing::Closed(number) => {
            (staff.visit.t_with("accounts.closed", &[("number", number.clone())]), String::new())
        }
    };
    json!({
        "name": directory.tree.display(sheaf.village, day),
        "town": town.map_or("", |t| directory.tree.display(t, day)),
        "n": sheaf.lines.len(),
        "sums": sums(&staff.visit, app, sheaf).iter().map(|(l, s)| format!("{l} {s}")).collect::<Vec<_>>(),
        "state": state, "url": url, "left": matches!(sheaf.standing, Standing::Closed(_)),
    })
}

/// What was read, as a sheet that is read the same way: the second step brings it back.
fn rows(app: &App, rules: &AccountsRules, read: &Accounts) -> String {
    let (directory, day) = (app.directory(), app.now().day());
    // One column a field: what a column of income says besides stands in the column of sides.
    let mut columns: BTreeMap<&str, &str> = BTreeMap::new();
    for column in rules.columns.iter().filter(|c| c.beside.is_empty()) {
        columns.entry(&column.field).or_insert(&column.heading);
    }
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut out: String = columns.values().map(|h| cell(h)).collect::<Vec<_>>().join(",");
    for sheaf in &read.sheaves {
        let code = directory.tree.code(sheaf.village, day);
        for line in &sheaf.lines {
            let text = |field: &&str| if *field == PLACE { code } else { line.get(*field).map_or("", String::as_str) };
            out.push('\n');
            out.push_str(&columns.keys().map(|f| cell(text(f))).collect::<Vec<_>>().join(","));
        }
    }
    out
}
