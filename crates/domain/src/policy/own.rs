//! A kind whose matters everybody may look up as far as they concern themselves, as a pack writes it. It names what the
//! kind holds; who has proved to be the person is decided elsewhere.

use super::{FieldType, Kind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whoever names a person and the end of that person's number sees that person's matters, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnRules {
    /// Text field with the person's name; enciphered.
    pub name: String,
    /// Text field with the number that stands on the person's card or paper; enciphered.
    pub number: String,
    /// How many of its last digits prove it; from 4 to 8.
    pub digits: u8,
    /// Fields that are shown, in their order.
    pub shown: Vec<String>,
    /// Date field: newest first by it.
    pub dated: String,
    /// Money field that is summed by year; without it nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
    /// Step of what was struck off: no longer shown.
    pub struck: String,
}

impl OwnRules {
    /// A name as it is compared: without blanks.
    pub fn bare(name: &str) -> String {
        name.chars().filter(|c| !c.is_whitespace()).collect()
    }

    /// What proves the person: the name without blanks and the number's last digits; nothing when either is too short.
    pub fn proof(&self, name: &str, number: &str) -> Option<String> {
        let name = OwnRules::bare(name);
        let digits: Vec<char> = crate::form::half_width(number).chars().filter(char::is_ascii_digit).collect();
        let from = digits.len().checked_sub(usize::from(self.digits))?;
        (!name.is_empty()).then(|| format!("{name}/{}", digits[from..].iter().collect::<String>()))
    }

    /// What is wrong with the rules for a kind: the key and what it should have named.
    pub fn faults(&self, kind: &Kind) -> Vec<(&'static str, String)> {
        let secret = |id: &String| kind.field(id).is_some_and(|f| f.kind == FieldType::Text && f.person);
        let of = |id: &String, wanted: FieldType| kind.field(id).is_some_and(|f| f.kind == wanted);
        let mut out = Vec::new();
        for (key, id) in [("name", &self.name), ("number", &self.number)] {
            if !secret(id) {
                out.push((key, id.clone()));
            }
        }
        if !of(&self.dated, FieldType::Date) {
            out.push(("dated", self.dated.clone()));
        }
        if let Some(sum) = self.sum.as_ref().filter(|id| !of(id, FieldType::Money)) {
            out.push(("sum", sum.clone()));
        }
        let missing = self.shown.iter().filter(|id| kind.field(id).is_none_or(|f| f.kind.is_secret()));
        out.extend(missing.map(|id| ("shown", id.clone())));
        if kind.step(&self.struck).is_none() {
            out.push(("struck", self.struck.clone()));
        }
        if !(4..=8).contains(&self.digits) {
            out.push(("digits", self.digits.to_string()));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_the_end_of_a_number_are_the_proof() {
        let rules = OwnRules {
            name: "payee".into(),
            number: "card".into(),
            digits: 6,
            shown: Vec::new(),
            dated: "paid_on".into(),
            sum: None,
            struck: "struck".into(),
        };
        let proof = |name: &str, number: &str| rules.proof(name, number);
        assert_eq!(proof("张 三丰", "6217 0000 0000 123 456"), Some("张三丰/123456".into()));
        assert_eq!(proof(" 张三丰 ", "１２３４５６"), Some("张三丰/123456".into()));
        assert_eq!(proof("张三丰", "12345"), None);
        assert_eq!(proof(" ", "123456"), None);
    }
}
