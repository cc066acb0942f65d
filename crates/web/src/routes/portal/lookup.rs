//! `GET /lookup`, `POST /lookup`: a matter by its number and 查询码, for whoever has lost the link. Tries are limited;
//! a wrong number and a wrong code are answered alike, and the right ones lead on by a link that lasts an hour.

use crate::form::read_public;
use crate::page::{Answer, see_other, with_status};
use crate::visit::Visit;
use axum::extract::Request;
use axum::http::StatusCode;
use serde_json::json;
use xiangyue_app::AppError;

/// Digits of the day in a number, and fewest after it.
const DAY_DIGITS: usize = 8;
const SERIAL_DIGITS: usize = 4;
/// Digits of a 查询码.
const CODE_DIGITS: usize = 4;

/// What was typed and what is wrong with it.
#[derive(Default)]
struct Typing {
    number: String,
    number_error: Option<String>,
    code: String,
    code_error: Option<String>,
    fault: Option<String>,
    locked_minutes: Option<i64>,
}

/// `GET /lookup`
pub(crate) async fn lookup(visit: Visit) -> Answer {
    visit.ready()?;
    page(&visit, &Typing::default())
}

/// `POST /lookup`
pub(crate) async fn find(visit: Visit, request: Request) -> Answer {
    let app = visit.app()?;
    let sent = read_public(&visit, request).await?;
    let mut typing = Typing { number: sent.get("number").into(), code: sent.get("code").into(), ..Typing::default() };
    let (number, code) = (number_of(sent.get("number")), digits(sent.get("code")));
    let (Some(number), CODE_DIGITS) = (&number, code.len()) else {
        typing.number_error = number.is_none().then(|| visit.t("portal.number_fault"));
        typing.code_error = (code.len() != CODE_DIGITS).then(|| visit.t("portal.code_fault"));
        return with_status(page(&visit, &typing), StatusCode::UNPROCESSABLE_ENTITY);
    };
    match app.look_up(number, &code, &visit.from.to_string()).await {
        Ok(id) => Ok(see_other(&format!("/m/{}", app.pass(id)))),
        Err(AppError::Limited(seconds)) => {
            typing.locked_minutes = Some((seconds + 59) / 60);
            with_status(page(&visit, &typing), StatusCode::TOO_MANY_REQUESTS)
        }
        Err(AppError::NotFound) => {
            typing.fault = Some(visit.t("portal.lookup_none"));
            with_status(page(&visit, &typing), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

fn page(visit: &Visit, typing: &Typing) -> Answer {
    let values = json!({
        "form": {
            "number": { "value": typing.number, "error": typing.number_error },
            "code": { "value": typing.code, "error": typing.code_error },
        },
        "fault": typing.fault,
        "locked": typing.locked_minutes.map(|n| json!({ "minutes": n })),
        "once": visit.once(),
    });
    visit.page("portal/lookup.html", &visit.t("portal.progress"), values)
}

/// The digits of what was typed, full-width ones too.
pub(super) fn digits(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32),
        other => other.is_ascii_digit().then_some(other),
    };
    text.chars().filter_map(narrow).collect()
}

/// The number as it is kept, however it was typed: `202311030042` is `20231103-0042`.
fn number_of(text: &str) -> Option<String> {
    let digits = digits(text);
    let fits = (DAY_DIGITS + SERIAL_DIGITS..DAY_DIGITS + 2 * SERIAL_DIGITS).contains(&digits.len());
    fits.then(|| format!("{}-{}", &digits[..DAY_DIGITS], &digits[DAY_DIGITS..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_however_it_was_typed() {
        for text in ["20231103-0042", "202311030042", " 2023 1103 0042 ", "２０２３１１０３－００４２", "20231103—0042"]
        {
            assert_eq!(number_of(text).as_deref(), Some("20231103-0042"), "{text}");
        }
        assert_eq!(number_of("20231103-10042").as_deref(), Some("20231103-10042"));
        assert!(number_of("20231103-42").is_none() && number_of("").is_none() && number_of("路灯").is_none());
    }
}
