//! Numbers of people: the citizen's number (GB 11643-1999) and the telephone. Neither prints itself, and neither is ever
//! stored plain.

use super::{CodeFault, narrow, tidy};
use crate::day::Day;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which document a citizen's number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdKind {
    /// 居民身份证, 18 characters (GB 11643-1999).
    New18,
    /// 居民身份证 before 1999, 15 digits, kept as it is.
    Old15,
    /// 港澳台居民居住证: begins with 81, 82 or 83, same check.
    ResidencePermit,
}

/// A citizen's number (GB 11643-1999). It has no `Display` and no serde, and its `Debug` hides it: the one
/// way out is [`CitizenId::as_str`], for sealing or masking. Its region is where it was issued, not where
/// the person lives, and retired regions stay valid.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CitizenId {
    text: String,
    kind: IdKind,
    birth: Day,
}

impl CitizenId {
    /// Year before which no living person was born.
    const EARLIEST: i16 = 1880;
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

    /// Parses 18 characters or 15 digits; full-width characters, blanks and a small x are tolerated.
    pub fn parse(text: &str) -> Result<CitizenId, CodeFault> {
        let text = tidy(text).to_ascii_uppercase();
        let found = text.chars().count();
        let old = found == 15;
        let bad = text.char_indices().position(|(at, ch)| !(ch.is_ascii_digit() || ch == 'X' && at == 17));
        if let Some(at) = bad {
            let expected = if at == 17 { "0-9, X" } else { "0-9" };
            return Err(CodeFault::Character { position: at + 1, expected });
        }
        if !old && found != 18 {
            return Err(CodeFault::Length { expected: "18, 15", found });
        }
        if text.starts_with('0') {
            return Err(CodeFault::Prefix { expected: "1-9" });
        }
        let date = if old { format!("19{}", &text[6..12]) } else { text[6..14].to_owned() };
        let birth = birth_of(&date)?;
        if !old && text.chars().last() != check_of(&text[..17]) {
            return Err(CodeFault::Check);
        }
        let kind = match &text[..2] {
            _ if old => IdKind::Old15,
            "81" | "82" | "83" => IdKind::ResidencePermit,
            _ => IdKind::New18,
        };
        Ok(CitizenId { text, kind, birth })
    }

    /// The number in its normal form; to be sealed or masked, never shown or logged.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The document it belongs to.
    pub fn kind(&self) -> IdKind {
        self.kind
    }

    /// The birth date inside the number; a 15-digit number means 19xx.
    pub fn birth(&self) -> Day {
        self.birth
    }

    /// Whether the sequence is odd.
    pub fn is_male(&self) -> bool {
        let at = if self.kind == IdKind::Old15 { 14 } else { 16 };
        self.text.as_bytes().get(at).is_some_and(|d| (d - b'0') % 2 == 1)
    }

    /// The number with 18 characters, by which an old and a new document of one person are found equal.
    pub fn long_form(&self) -> String {
        if self.kind != IdKind::Old15 {
            return self.text.clone();
        }
        let mut long = format!("{}19{}", &self.text[..6], &self.text[6..]);
        long.extend(check_of(&long));
        long
    }
}

/// The birth date of `YYYYMMDD`.
fn birth_of(date: &str) -> Result<Day, CodeFault> {
    let part = |from: usize, to: usize| date[from..to].parse::<i16>().map_err(|_| CodeFault::Date);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let month = i8::try_from(month).map_err(|_| CodeFault::Date)?;
    let day = i8::try_from(day).map_err(|_| CodeFault::Date)?;
    let birth = Day::ymd(year, month, day).ok_or(CodeFault::Date)?;
    if year < CitizenId::EARLIEST {
        return Err(CodeFault::TooEarly { earliest: CitizenId::EARLIEST });
    }
    Ok(birth)
}

/// Check character of 17 digits (GB 11643-1999, ISO 7064 MOD 11-2).
pub(super) fn check_of(digits: &str) -> Option<char> {
    let values = digits.bytes().map(|d| u32::from(d - b'0'));
    let sum: u32 = values.zip(CitizenId::WEIGHTS).map(|(value, weight)| value * weight).sum();
    "10X98765432".chars().nth((sum % 11) as usize)
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CitizenId({:?}, hidden)", self.kind)
    }
}

/// A mainland phone: a mobile of 11 digits from 1, or a landline as `0xxx-xxxxxxx`. Like a citizen's
/// number it has no `Display` and no serde, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Parses a phone; full-width digits, blanks, dashes, brackets and +86 are tolerated.
    pub fn parse(text: &str) -> Result<Phone, CodeFault> {
        let kept = |ch: &char| !(is_dash(*ch) || matches!(ch, '(' | ')'));
        let text: String = tidy(text).chars().filter(kept).collect();
        let abroad = text.strip_prefix("+86").or_else(|| text.strip_prefix("0086"));
        // 86 without a plus is the country only when a whole mobile follows.
        let abroad = abroad.or_else(|| text.strip_prefix("86").filter(|rest| is_mobile(rest)));
        let mut number = abroad.unwrap_or(&text).to_owned();
        if let Some(at) = number.chars().position(|ch| !ch.is_ascii_digit()) {
            return Err(CodeFault::Character { position: at + 1, expected: "0-9" });
        }
        if is_mobile(&number) {
            return Ok(Phone(number));
        }
        if abroad.is_some() && !number.starts_with('0') {
            // Abroad the area code loses its 0.
            number.insert(0, '0');
        }
        if !number.starts_with('0') {
            let expected = "1, 0";
            let short = number.starts_with('1') || number.is_empty();
            let length = CodeFault::Length { expected: "11", found: number.len() };
            return Err(if short { length } else { CodeFault::Prefix { expected } });
        }
        let area = if number.starts_with("010") || number.starts_with("02") { 3 } else { 4 };
        let found = number.len();
        if found < area || !(7..=8).contains(&(found - area)) {
            return Err(CodeFault::Length { expected: "10-12", found });
        }
        number.insert(area, '-');
        Ok(Phone(number))
    }

    /// The number in its normal form; to be sealed or masked, never shown or logged.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last four digits.
    pub fn last4(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// Whether it is a mobile, which can receive a text message.
    pub fn is_mobile(&self) -> bool {
        is_mobile(&self.0)
    }
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && digits.bytes().all(|d| d.is_ascii_digit())
}

/// Every dash that a keyboard or a word processor makes, full-width or not.
pub(crate) fn is_dash(ch: char) -> bool {
    matches!(narrow(ch), '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{30fc}' | '\u{fe58}' | '\u{fe63}')
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(hidden)")
    }
}
