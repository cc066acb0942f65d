//! Codes that come from outside and carry their own rules: divisions, grids, citizens, organisations, phones.
//! Must never print a citizen's number or a phone in `Debug`, nor refuse a code only for being unusual.

mod person;

pub(crate) use person::is_dash;
pub use person::{CitizenId, IdKind, Phone};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// What is wrong with a code; positions count from 1 in the text without blanks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// The number of characters does not fit; `expected` names the lengths that do.
    #[error("{found} characters, expected {expected}")]
    Length { expected: &'static str, found: usize },
    /// A character that the code cannot hold there; `expected` names those it can.
    #[error("unexpected character at position {position}, expected {expected}")]
    Character { position: usize, expected: &'static str },
    /// The beginning is none that was ever issued; `expected` names those that are.
    #[error("unexpected beginning, expected {expected}")]
    Prefix { expected: &'static str },
    /// The birth date inside the number does not exist.
    #[error("the birth date inside the number does not exist")]
    Date,
    /// The birth date inside the number is before 1880.
    #[error("the birth date inside the number is before {earliest}")]
    TooEarly { earliest: i16 },
    /// The check character does not follow from the others.
    #[error("the last character does not check, some other character is likely mistyped")]
    Check,
    /// A village-level division code is needed.
    #[error("a division code of village level is needed")]
    Level,
}

impl CodeFault {
    /// Key of the message in the locales; the variant's fields are its arguments.
    pub fn key(&self) -> &'static str {
        match self {
            CodeFault::Length { .. } => "code.length",
            CodeFault::Character { .. } => "code.character",
            CodeFault::Prefix { .. } => "code.prefix",
            CodeFault::Date => "code.date",
            CodeFault::TooEarly { .. } => "code.too_early",
            CodeFault::Check => "code.check",
            CodeFault::Level => "code.level",
        }
    }
}

/// Text as typed on a Chinese keyboard, in plain form: full-width characters become ASCII, blanks and
/// invisible characters go.
pub fn tidy(text: &str) -> String {
    text.chars().filter(|ch| !is_blank(*ch)).map(narrow).collect()
}

/// The ASCII form of a full-width character; others stay.
pub fn narrow(ch: char) -> char {
    match ch {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(ch as u32 - 0xfee0).unwrap_or(ch),
        _ => ch,
    }
}

/// White space and the invisible characters that copying from web pages leaves behind.
pub fn is_blank(ch: char) -> bool {
    ch.is_whitespace()
        || matches!(ch, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// Checks that a text is just `N` digits, and gives them as ASCII bytes.
fn digits<const N: usize>(text: &str, expected: &'static str) -> Result<[u8; N], CodeFault> {
    let found = text.chars().count();
    if let Some(at) = text.chars().position(|ch| !ch.is_ascii_digit()) {
        return Err(CodeFault::Character { position: at + 1, expected: "0-9" });
    }
    text.as_bytes().try_into().map_err(|_| CodeFault::Length { expected, found })
}

/// Gives a checked text code its conversions: display, parsing, serde as text, JSON Schema.
macro_rules! text_code {
    ($name:ident, $pattern:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }
        impl FromStr for $name {
            type Err = CodeFault;
            fn from_str(text: &str) -> Result<$name, CodeFault> {
                $name::parse(text)
            }
        }
        impl TryFrom<String> for $name {
            type Error = CodeFault;
            fn try_from(text: String) -> Result<$name, CodeFault> {
                $name::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.as_str().to_owned()
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

/// Level of a division code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DivisionLevel {
    Province,
    City,
    County,
    Town,
    Village,
}

impl DivisionLevel {
    /// Leading digits that are significant at this level.
    pub fn digits(self) -> usize {
        match self {
            DivisionLevel::Province => 2,
            DivisionLevel::City => 4,
            DivisionLevel::County => 6,
            DivisionLevel::Town => 9,
            DivisionLevel::Village => 12,
        }
    }
}

/// What the last segment says the unit is (国统字〔2009〕91号); a hint, never a reason to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// 001-099 街道.
    Street,
    /// 100-199 镇.
    Town,
    /// 200-399 乡.
    Township,
    /// 400-599 开发区, 工矿区, 农场 and the like.
    TownLike,
    /// 001-199 居委会, including 社区.
    Residents,
    /// 200-399 村委会.
    Villagers,
    /// 400-499 like a 居委会, not recognised by civil affairs.
    ResidentsLike,
    /// 500-599 like a 村委会, not recognised by civil affairs.
    VillagersLike,
    /// Any other number: worth a warning.
    NonStandard,
}

/// A statistical division code of 12 digits: province 2, city 2, county 2, town 3, village 3.
/// Rural or urban must not be derived from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DivisionCode([u8; 12]);

text_code!(DivisionCode, "^[0-9]{12}$");

impl DivisionCode {
    /// Parses 12 digits, full-width ones too; blanks are dropped.
    pub fn parse(text: &str) -> Result<DivisionCode, CodeFault> {
        let code: [u8; 12] = digits(&tidy(text), "12")?;
        if code.starts_with(b"00") {
            return Err(CodeFault::Prefix { expected: "01-99" });
        }
        Ok(DivisionCode(code))
    }

    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The level of the lowest segment that is not zero. A town may lie right under a city: 东莞 and 中山
    /// have no counties, so 441900003000 is a town whose county segment is 00.
    pub fn level(&self) -> DivisionLevel {
        let used = |from: usize, to: usize| self.0[from..to].iter().any(|d| *d != b'0');
        match () {
            () if used(9, 12) => DivisionLevel::Village,
            () if used(6, 9) => DivisionLevel::Town,
            () if used(4, 6) => DivisionLevel::County,
            () if used(2, 4) => DivisionLevel::City,
            () => DivisionLevel::Province,
        }
    }

    /// The code above: this one with its lowest segment zeroed; `None` for a province.
    pub fn parent(&self) -> Option<DivisionCode> {
        let keep = match self.level() {
            DivisionLevel::Province => return None,
            DivisionLevel::City => 2,
            DivisionLevel::County => 4,
            DivisionLevel::Town => 6,
            DivisionLevel::Village => 9,
        };
        let mut code = [b'0'; 12];
        code[..keep].copy_from_slice(&self.0[..keep]);
        Some(DivisionCode(code))
    }

    /// The significant leading digits, by which everything inside is found.
    pub fn prefix(&self) -> &str {
        &self.as_str()[..self.level().digits()]
    }

    /// Whether this is `other` or lies inside it.
    pub fn is_within(&self, other: &DivisionCode) -> bool {
        self.as_str().starts_with(other.prefix())
    }

    /// What the last segment of a town or village code says; `None` at the levels above.
    pub fn segment_kind(&self) -> Option<SegmentKind> {
        let level = self.level();
        let segment = match level {
            DivisionLevel::Town => &self.as_str()[6..9],
            DivisionLevel::Village => &self.as_str()[9..12],
            _ => return None,
        };
        let number: u16 = segment.parse().unwrap_or(0);
        Some(match (level, number) {
            (DivisionLevel::Town, 1..=99) => SegmentKind::Street,
            (DivisionLevel::Town, 100..=199) => SegmentKind::Town,
            (DivisionLevel::Town, 200..=399) => SegmentKind::Township,
            (DivisionLevel::Town, 400..=599) => SegmentKind::TownLike,
            (DivisionLevel::Village, 1..=199) => SegmentKind::Residents,
            (DivisionLevel::Village, 200..=399) => SegmentKind::Villagers,
            (DivisionLevel::Village, 400..=499) => SegmentKind::ResidentsLike,
            (DivisionLevel::Village, 500..=599) => SegmentKind::VillagersLike,
            _ => SegmentKind::NonStandard,
        })
    }
}

/// A grid's code of 16 digits, our own scheme: village code 12, kind 1, sequence 3.
/// A grid belongs to a village or community, never to a town or county (DB6101/T 3185-2024).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GridCode([u8; 16]);

text_code!(GridCode, "^[0-9]{16}$");

impl GridCode {
    /// From its parts: `kind` 0 to 9, `seq` 0 to 999.
    pub fn new(village: &DivisionCode, kind: u8, seq: u16) -> Result<GridCode, CodeFault> {
        if kind > 9 {
            return Err(CodeFault::Character { position: 13, expected: "0-9" });
        }
        if seq > 999 {
            return Err(CodeFault::Character { position: 14, expected: "000-999" });
        }
        GridCode::parse(&format!("{village}{kind}{seq:03}"))
    }

    /// Parses 16 digits, full-width ones too; blanks are dropped.
    pub fn parse(text: &str) -> Result<GridCode, CodeFault> {
        let code: [u8; 16] = digits(&tidy(text), "16")?;
        let grid = GridCode(code);
        let village = DivisionCode::parse(&grid.as_str()[..12])?;
        if village.level() != DivisionLevel::Village {
            return Err(CodeFault::Level);
        }
        Ok(grid)
    }

    /// The 16 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The village or community it belongs to.
    pub fn village(&self) -> DivisionCode {
        let mut code = [b'0'; 12];
        code.copy_from_slice(&self.0[..12]);
        DivisionCode(code)
    }

    /// The digit that tells its kind.
    pub fn kind(&self) -> u8 {
        self.0[12] - b'0'
    }
}

/// A unified social credit code of 18 characters (GB 32100-2015).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode([u8; 18]);

text_code!(CreditCode, "^[0-9A-HJ-NPQRTUWXY]{18}$");

impl CreditCode {
    /// Digits and letters without I, O, S, V, Z.
    const CHARSET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    /// Parses 18 characters; full-width and small letters and blanks are tolerated.
    pub fn parse(text: &str) -> Result<CreditCode, CodeFault> {
        let text = tidy(text).to_ascii_uppercase();
        let mut sum = 0;
        let mut weight = 1;
        let mut last = 0;
        for (at, ch) in text.chars().enumerate() {
            let value = CreditCode::CHARSET.find(ch);
            last = value.ok_or(CodeFault::Character { position: at + 1, expected: "0-9 A-Y, no I O S V" })?;
            if at < 17 {
                sum += last * weight;
                weight = weight * 3 % 31;
            }
        }
        let found = text.len();
        let code = text.as_bytes().try_into().map_err(|_| CodeFault::Length { expected: "18", found })?;
        if (31 - sum % 31) % 31 != last {
            return Err(CodeFault::Check);
        }
        Ok(CreditCode(code))
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
