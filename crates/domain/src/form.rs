//! Forms: what a person typed becomes typed values, or faults that name the field and what is expected.

use crate::code::{CitizenId, Phone};
use crate::day::Day;
use crate::matter::Values;
use crate::policy::{Field, FieldType, Kind, Policy};
use crate::refusal::FieldFault;
use serde_json::Value;
use std::collections::BTreeMap;

mod rows;

pub use rows::typed as typed_rows;

/// Longest text of a field without its own limit, in characters.
const TEXT_MAX: i64 = 200;
/// Longest name that stands for something of the register, in characters.
const NAME_MAX: usize = 60;
/// Longest text of several lines, in characters.
const LONGTEXT_MAX: i64 = 4000;

/// A form that was read: plain values, and texts that can name a person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filled {
    /// Values kept plain.
    pub plain: Values,
    /// Texts kept only as ciphertext.
    pub secret: BTreeMap<String, String>,
}

/// Reads the named fields of a kind from what was typed. `require` names those that must be filled beyond the
/// fields' own rule.
pub fn read(
    policy: &Policy,
    kind: &Kind,
    ids: &[String],
    require: &[String],
    typed: &BTreeMap<String, String>,
) -> Result<Filled, Vec<FieldFault>> {
    let mut filled = Filled::default();
    let mut faults = Vec::new();
    for id in ids {
        // Papers come beside what is typed; whether they are there is asked where the move is decided.
        let Some(field) = kind.field(id).filter(|f| f.kind != FieldType::File) else { continue };
        if field.kind == FieldType::List {
            let must = field.required || require.contains(id);
            rows::read(policy, field, must, typed, (&mut filled, &mut faults));
            continue;
        }
        let text = typed.get(id).map_or("", |t| t.trim());
        if text.is_empty() {
            if field.required || require.contains(id) {
                faults.push(FieldFault::new(id, "required").with("label", &field.label));
            }
            continue;
        }
        if leads_elsewhere(policy, kind, field, text) {
            faults.push(FieldFault::new(id, "choice").with("label", &field.label));
            continue;
        }
        match read_one(policy, field, text) {
            Ok(Value::String(value)) if field.kind.is_secret() => {
                filled.secret.insert(id.clone(), value);
            }
            Ok(value) => {
                filled.plain.insert(id.clone(), value);
            }
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(filled) } else { Err(faults) }
}

/// Whether an item of a list belongs to another flow, and so may not be run through this one.
pub fn leads_elsewhere(policy: &Policy, kind: &Kind, field: &Field, text: &str) -> bool {
    let item = field.catalogue.as_deref().and_then(|c| policy.catalogue(c)).and_then(|c| c.item(text));
    item.is_some_and(|i| !i.row.flow.is_empty() && i.row.flow != kind.id)
}

fn read_one(policy: &Policy, field: &Field, text: &str) -> Result<Value, FieldFault> {
    let fault = |key: &str| FieldFault::new(&field.id, key).with("label", &field.label);
    let long = |max: i64| i64::try_from(text.chars().count()).unwrap_or(i64::MAX) > max;
    match field.kind {
        FieldType::Text | FieldType::Code => {
            let max = field.max.unwrap_or(TEXT_MAX);
            if long(max) { Err(fault("too_long").with("max", max)) } else { Ok(Value::String(text.to_owned())) }
        }
        FieldType::Longtext => {
            let max = field.max.unwrap_or(LONGTEXT_MAX);
            if long(max) { Err(fault("too_long").with("max", max)) } else { Ok(Value::String(text.to_owned())) }
        }
        FieldType::Matter => {
            let number = half_width(text);
            if is_number(&number) { Ok(Value::String(number)) } else { Err(fault("matter_number")) }
        }
        FieldType::Period => {
            let period = half_width(text).to_uppercase();
            if is_period(&period) { Ok(Value::String(period)) } else { Err(fault("period")) }
        }
        FieldType::File | FieldType::List => Err(fault("choice")),
        FieldType::Household | FieldType::Party => {
            let key = if field.kind == FieldType::Household { "household" } else { "party" };
            named_id(text).map(|_| Value::String(text.to_owned())).ok_or_else(|| fault(key))
        }
        FieldType::Unit => {
            let found = policy.unit_named(text).map(|id| Value::String(id.to_owned()));
            found.ok_or_else(|| fault("unit"))
        }
        FieldType::Phone => {
            Phone::parse(text).map(|p| Value::String(p.as_str().to_owned())).map_err(|f| fault(f.key()))
        }
        FieldType::Citizen => {
            CitizenId::parse(text).map(|c| Value::String(c.as_str().to_owned())).map_err(|f| fault(f.key()))
        }
        FieldType::Choice => {
            let known = match &field.catalogue {
                Some(id) => policy.catalogue(id).is_some_and(|c| c.item(text).is_some()),
                None => field.options.contains_key(text),
            };
            if known { Ok(Value::String(text.to_owned())) } else { Err(fault("choice")) }
        }
        FieldType::Int => {
            let number: i64 = half_width(text).parse().map_err(|_| fault("int"))?;
            let (min, max) = (field.min.unwrap_or(0), field.max.unwrap_or(1_000_000_000));
            let within = (min..=max).contains(&number);
            if within { Ok(Value::from(number)) } else { Err(fault("range").with("min", min).with("max", max)) }
        }
        FieldType::Money => money(&half_width(text)).map(Value::from).ok_or_else(|| fault("money")),
        FieldType::Date => Day::parse(text).map(|d| Value::from(d.0)).ok_or_else(|| fault("date")),
        FieldType::Bool => match text {
            "on" | "true" | "1" | "yes" => Ok(Value::Bool(true)),
            "false" | "0" | "no" => Ok(Value::Bool(false)),
            _ => Err(fault("choice")),
        },
    }
}

pub(crate) fn half_width(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ',' | ' '))
        .map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
            '．' => '.',
            other => other,
        })
        .collect()
}

/// What stands for something of the register or the books: its number or name, and its identity behind it.
pub fn named(label: &str, id: i64) -> String {
    format!("{label}#{id}")
}

/// The identity behind a name.
pub fn named_id(text: &str) -> Option<i64> {
    let (label, id) = text.rsplit_once('#')?;
    let digits = !id.is_empty() && id.len() <= 19 && id.bytes().all(|b| b.is_ascii_digit());
    id.parse().ok().filter(|_| digits && !label.is_empty() && label.chars().count() <= NAME_MAX)
}

/// The name before the identity.
pub fn named_label(text: &str) -> &str {
    text.rsplit_once('#').map_or(text, |(label, _)| label)
}

/// Whether a text names a year, a quarter or a month: `2026`, `2026Q4`, `2026-11`.
pub fn is_period(text: &str) -> bool {
    let year = text.get(..4).and_then(|y| y.parse::<i32>().ok()).is_some_and(|y| (1950..=2199).contains(&y));
    let rest = text.get(4..).unwrap_or("?");
    let month = |m: &str| m.len() == 2 && m.parse::<u8>().is_ok_and(|n| (1..=12).contains(&n));
    year && (rest.is_empty() || matches!(rest, "Q1" | "Q2" | "Q3" | "Q4") || rest.strip_prefix('-').is_some_and(month))
}

/// Whether a text is a matter's number, such as `20231103-0042`, or that of one below it, `20231103-0042-1`.
pub fn is_number(text: &str) -> bool {
    let mut parts = text.split('-');
    let digits =
        |part: &str, least: usize| (least..=9).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let day = parts.next().is_some_and(|p| p.len() == 8 && digits(p, 8));
    let nth = parts.next().is_some_and(|p| digits(p, 4));
    day && nth && parts.all(|p| digits(p, 1))
}

/// Amount in 元 with at most two decimals, as 分.
pub fn money(text: &str) -> Option<i64> {
    let (yuan, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 2 || !rest.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let yuan: i64 = yuan.parse().ok().filter(|y| (0..=1_000_000_000_000).contains(y))?;
    let cents: i64 = format!("{rest:0<2}").parse().ok()?;
    Some(yuan * 100 + cents)
}

/// Money in 元 from 分, as it is read.
pub fn yuan(cents: i64) -> String {
    let (sign, whole, rest) = (if cents < 0 { "-" } else { "" }, (cents / 100).abs(), (cents % 100).abs());
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:02}") }
}

/// Money in 元 from 分 with both decimals, as a form types it and a sheet writes it.
pub fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_kept_where_less_than_a_yuan_is_owed() {
        for (cents, text) in
            [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-99, "-0.99"), (-100, "-1.00"), (-86_050, "-860.50")]
        {
            assert_eq!(decimal(cents), text);
        }
        assert_eq!(decimal(i64::MIN), "-92233720368547758.08");
    }

    #[test]
    fn a_matter_s_number_is_known_by_its_shape() {
        assert!(is_number("20231103-0042") && is_number("20231103-0042-1") && is_number("20231103-12345"));
        for wrong in ["", "2023-0042", "20231103", "20231103-42", "20231103-0042-", "2023110a-0042"] {
            assert!(!is_number(wrong), "{wrong}");
        }
    }

    #[test]
    fn money_is_shown_as_it_is_read() {
        for (cents, text) in [(0, "0"), (400, "4"), (405, "4.05"), (-5, "-0.05"), (-250, "-2.50"), (-300, "-3")] {
            assert_eq!(yuan(cents), text);
        }
        assert!(!yuan(i64::MIN).is_empty());
    }

    #[test]
    fn money_is_read_exactly() {
        assert_eq!(money("860"), Some(86_000));
        assert_eq!(money("0.5"), Some(50));
        assert_eq!(money("1.234"), None);
        assert_eq!(money("-1"), None);
        assert_eq!(money("一百"), None);
    }
}
