//! Codes that come from outside and carry their own rules: divisions, grids, citizens, organisations, phones.
//! Must never print a citizen's number or a phone in `Debug`, nor refuse a code only for being unusual.

use crate::day::Day;
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
pub(crate) fn tidy(text: &str) -> String {
    text.chars().filter(|ch| !is_blank(*ch)).map(narrow).collect()
}

/// The ASCII form of a full-width character; others stay.
pub(crate) fn narrow(ch: char) -> char {
    match ch {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(ch as u32 - 0xfee0).unwrap_or(ch),
        _ => ch,
    }
}

/// White space and the invisible characters that copying from web pages leaves behind.
pub(crate) fn is_blank(ch: char) -> bool {
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
fn check_of(digits: &str) -> Option<char> {
    let values = digits.bytes().map(|d| u32::from(d - b'0'));
    let sum: u32 = values.zip(CitizenId::WEIGHTS).map(|(value, weight)| value * weight).sum();
    "10X98765432".chars().nth((sum % 11) as usize)
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CitizenId({:?}, hidden)", self.kind)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn division_codes_know_their_place() {
        let village = DivisionCode::parse(" ６２０５２２100201 ").unwrap();
        let chain: Vec<String> =
            std::iter::successors(village.parent(), DivisionCode::parent).map(String::from).collect();
        assert_eq!(chain, ["620522100000", "620522000000", "620500000000", "620000000000"]);
        assert_eq!(village.level(), DivisionLevel::Village);
        assert_eq!(village.segment_kind(), Some(SegmentKind::Villagers));
        assert!(chain.iter().all(|above| village.is_within(&above.parse().unwrap())));
        assert!(!village.parent().unwrap().is_within(&village));
        assert!(!village.is_within(&"620523000000".parse().unwrap()));
    }

    #[test]
    fn a_town_right_under_a_city_is_accepted() {
        let town = DivisionCode::parse("441900003000").unwrap();
        assert_eq!((town.level(), town.segment_kind()), (DivisionLevel::Town, Some(SegmentKind::Street)));
        assert_eq!(town.parent().unwrap().as_str(), "441900000000");
        assert!(town.is_within(&town.parent().unwrap()));
        let odd = DivisionCode::parse("441900803000").unwrap();
        assert_eq!(odd.segment_kind(), Some(SegmentKind::NonStandard));
    }

    #[test]
    fn wrong_division_codes_say_where() {
        let short = CodeFault::Length { expected: "12", found: 6 };
        assert_eq!(DivisionCode::parse("620522"), Err(short));
        let letter = CodeFault::Character { position: 4, expected: "0-9" };
        assert_eq!(DivisionCode::parse("620O22100201"), Err(letter.clone()));
        assert_eq!(letter.key(), "code.character");
        assert!(serde_json::from_str::<DivisionCode>("\"000000000000\"").is_err());
        let code: DivisionCode = serde_json::from_str("\"620522100201\"").unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"620522100201\"");
    }

    #[test]
    fn a_grid_hangs_on_a_village() {
        let village = DivisionCode::parse("620522100201").unwrap();
        let grid = GridCode::new(&village, 1, 7).unwrap();
        assert_eq!((grid.as_str(), grid.kind()), ("6205221002011007", 1));
        assert_eq!(GridCode::parse("6205221002011007").unwrap().village(), village);
        assert_eq!(GridCode::new(&village.parent().unwrap(), 1, 7), Err(CodeFault::Level));
        assert!(GridCode::new(&village, 10, 7).is_err() && GridCode::new(&village, 1, 1000).is_err());
    }

    #[test]
    fn citizen_numbers_check_and_hide() {
        let id = CitizenId::parse("１１０１０５ 19491231 ００２ｘ").unwrap();
        assert_eq!((id.as_str(), id.kind()), ("11010519491231002X", IdKind::New18));
        assert_eq!((id.birth().to_string().as_str(), id.is_male()), ("1949-12-31", false));
        assert!(CitizenId::parse("34052419800101001X").unwrap().is_male());
        assert_eq!(format!("{id:?}"), "CitizenId(New18, hidden)");
        let old = CitizenId::parse("110105491231002").unwrap();
        assert_eq!((old.kind(), old.long_form().as_str()), (IdKind::Old15, id.as_str()));
        assert_eq!((old.birth(), old.is_male()), (id.birth(), false));
    }

    #[test]
    fn wrong_citizen_numbers_say_why() {
        let fault = |text: &str| CitizenId::parse(text).unwrap_err().key();
        assert_eq!(fault("110105194912310021"), "code.check");
        assert_eq!(fault("11010519490231002X"), "code.date");
        assert_eq!(fault("11010518791231002X"), "code.too_early");
        assert_eq!(fault("1101051949123100"), "code.length");
        assert_eq!(fault("1101051949123X002X"), "code.character");
        assert_eq!(fault("01010519491231002X"), "code.prefix");
        assert_eq!(fault("身份证"), "code.character");
        let mut permit = "81000019900101001".to_owned();
        permit.extend(check_of(&permit));
        assert_eq!(CitizenId::parse(&permit).unwrap().kind(), IdKind::ResidencePermit);
    }

    #[test]
    fn credit_codes_follow_the_vectors() {
        assert!(CreditCode::parse("11320000mb151840xj").is_ok());
        assert!(CreditCode::parse("91350100M000100Y43").is_ok());
        assert_eq!(CreditCode::parse("91350100M000100Y4Z").unwrap_err().key(), "code.character");
        assert_eq!(CreditCode::parse("91350100M000100Y44"), Err(CodeFault::Check));
        assert_eq!(CreditCode::parse("91350100").unwrap_err().key(), "code.length");
    }

    #[test]
    fn phones_are_read_as_people_write_them() {
        for text in ["13800138000", "+86 138-0013-8000", "0086１３８００１３８０００", "86 138 0013 8000"] {
            let phone = Phone::parse(text).unwrap();
            assert_eq!((phone.as_str(), phone.last4(), phone.is_mobile()), ("13800138000", "8000", true));
            assert_eq!(format!("{phone:?}"), "Phone(hidden)");
        }
        for text in ["(010)6234 5678", "010－62345678", "+86 10 62345678", "01062345678"] {
            assert_eq!(Phone::parse(text).unwrap().as_str(), "010-62345678", "{text}");
        }
        assert_eq!(Phone::parse("0477-8123456").unwrap().as_str(), "0477-8123456");
        for (text, key) in [("", "length"), ("1380013800", "length"), ("23800138000", "prefix"), ("0477", "length")] {
            assert_eq!(Phone::parse(text).unwrap_err().key(), format!("code.{key}"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in "[0-9０-９Xx+ \\-一-龥A-Z]{0,24}|.{0,24}") {
            let _ = DivisionCode::parse(&text);
            let _ = GridCode::parse(&text);
            let _ = CitizenId::parse(&text);
            let _ = CreditCode::parse(&text);
            let _ = Phone::parse(&text);
        }

        #[test]
        fn one_mistyped_digit_of_a_citizen_number_is_noticed(at in 0usize..17, digit in 0u8..10) {
            let mut typed = b"11010519491231002X".to_vec();
            let changed = typed[at] != b'0' + digit;
            typed[at] = b'0' + digit;
            prop_assert_eq!(CitizenId::parse(std::str::from_utf8(&typed).unwrap()).is_err(), changed);
        }
    }
}
