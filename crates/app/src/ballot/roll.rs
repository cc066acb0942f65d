//! The roll as it is typed or pasted: one voter a line, a name and, if there is one, a telephone behind it. Nobody
//! stands on it twice.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use xiangyue_domain::refusal::{FieldFault, Refusal};

/// Longest name, in characters.
const NAME: usize = 40;

/// A voter of the roll.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RollLine {
    /// Name, or the number of a household.
    pub name: String,
    /// Telephone; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// Reads a roll.
pub fn parse_roll(text: &str) -> Result<Vec<RollLine>, Refusal> {
    let mut voters: Vec<RollLine> = Vec::new();
    let mut seen: HashMap<RollLine, usize> = HashMap::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let mut parts = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | ';' | '；'));
        let name = parts.next().unwrap_or("").trim().to_owned();
        let phone: String = parts.collect::<String>().chars().filter(char::is_ascii_digit).collect();
        let fault = |key: &str| FieldFault::new("roll", key).with("line", i + 1);
        if name.is_empty() || name.chars().count() > NAME {
            return Err(Refusal::form(vec![fault("roll_line")]));
        }
        let voter = RollLine { name, phone };
        if let Some(first) = seen.insert(voter.clone(), i + 1) {
            return Err(Refusal::form(vec![fault("roll_twice").with("first", first)]));
        }
        voters.push(voter);
    }
    Ok(voters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roll_is_read_line_by_line() {
        let roll = parse_roll("甲一 19900000001\n\n乙二，199 0000 0002\n丙三").unwrap();
        assert_eq!(roll.len(), 3);
        assert_eq!(roll[1], RollLine { name: "乙二".into(), phone: "19900000002".into() });
    }

    #[test]
    fn nobody_stands_on_it_twice() {
        let refused = parse_roll("甲一\n乙二\n甲一").unwrap_err();
        assert_eq!(refused.fields[0].key, "roll_twice");
        assert!(parse_roll("甲一 19900000001\n甲一 19900000002").is_ok());
    }
}
