//! Bodies that decide: the villagers' assembly, the representatives' meeting, the Party members' meeting. Each has a
//! quorum and a majority by law, dated and with the article, so that a result is computed and never asserted.

use crate::day::Day;
use crate::refusal::{FieldFault, Refusal};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A body and its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Identifier such as `representatives`.
    pub id: String,
    /// Name, exact: 村民代表会议.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Its rules, the newest last; that of the day of the vote holds.
    pub rule: Vec<BodyRule>,
}

/// A rule in force from a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyRule {
    /// First day; without it, always.
    #[serde(default)]
    pub from: Option<String>,
    /// Who has to be there: `>=2/3 due`.
    pub quorum: Share,
    /// How many have to be for it: `>1/2 present` or `>1/2 due`.
    pub majority: Share,
    /// The article.
    pub basis: String,
}

/// A share that has to be reached or passed: `>1/2 present`, `>=2/3 due`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Share {
    over: i64,
    under: i64,
    strict: bool,
    of_due: bool,
}

impl Share {
    /// Reads e.g. `>=2/3 due`.
    pub fn parse(text: &str) -> Option<Share> {
        let text = text.trim();
        let (strict, rest) = match text.strip_prefix(">=") {
            Some(rest) => (false, rest),
            None => (true, text.strip_prefix('>')?),
        };
        let (share, of) = rest.trim().split_once(' ')?;
        let (over, under) = share.split_once('/')?;
        let (over, under): (i64, i64) = (over.trim().parse().ok()?, under.trim().parse().ok()?);
        let of_due = match of.trim() {
            "due" => true,
            "present" => false,
            _ => return None,
        };
        (over > 0 && over <= under && under <= 100).then_some(Share { over, under, strict, of_due })
    }

    fn holds(self, n: i64, due: i64, present: i64) -> bool {
        let whole = if self.of_due { due } else { present };
        let (have, need) = (n.saturating_mul(self.under), whole.saturating_mul(self.over));
        if self.strict { have > need } else { have >= need }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, of) = (if self.strict { ">" } else { ">=" }, if self.of_due { "due" } else { "present" });
        write!(f, "{sign}{}/{} {of}", self.over, self.under)
    }
}

impl TryFrom<String> for Share {
    type Error = String;
    fn try_from(text: String) -> Result<Share, String> {
        Share::parse(&text).ok_or_else(|| format!("{text:?}: expected e.g. >=2/3 due or >1/2 present"))
    }
}

impl From<Share> for String {
    fn from(share: Share) -> String {
        share.to_string()
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^>=?[0-9]{1,3}/[0-9]{1,3} (due|present)$",
            "description": "A share to be reached (>=) or passed (>): >=2/3 due, >1/2 present",
        })
    }
}

/// Heads and votes that were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// 应到.
    pub due: i64,
    /// 实到.
    pub present: i64,
    /// For.
    pub yes: i64,
    /// Against.
    pub no: i64,
    /// Abstained.
    pub abstain: i64,
}

impl Body {
    /// The rule in force on a day.
    pub fn rule(&self, day: Day) -> Option<&BodyRule> {
        let begun = |r: &&BodyRule| r.from.as_deref().and_then(Day::parse).is_none_or(|from| from <= day);
        self.rule.iter().rev().find(begun)
    }

    /// Whether a vote was carried. Without a quorum there is no vote, carried or not.
    pub fn carried(&self, count: Count, day: Day) -> Result<bool, Refusal> {
        let rule = self.rule(day).ok_or_else(|| Refusal::new("no_rule").with("body", &self.name))?;
        if !rule.quorum.holds(count.present, count.due, count.present) {
            return Err(Refusal::new("no_quorum")
                .with("body", &self.name)
                .with("due", count.due)
                .with("present", count.present)
                .with("basis", &rule.basis));
        }
        Ok(rule.majority.holds(count.yes, count.due, count.present))
    }
}

impl Count {
    /// Whether the numbers can be true; names the field that cannot. `names` are those of present, yes and no.
    pub fn check(&self, due: &str, present: &str, yes: &str) -> Result<(), Refusal> {
        let fault =
            |field: &str, key: &str, max: i64| Refusal::form(vec![FieldFault::new(field, key).with("max", max)]);
        if self.due <= 0 {
            return Err(fault(due, "required", 0));
        }
        if self.present > self.due {
            return Err(fault(present, "more_than_due", self.due));
        }
        if self.yes + self.no + self.abstain > self.present {
            return Err(fault(yes, "more_than_present", self.present));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Body {
        let rule = |from: &str, quorum: &str, majority: &str| BodyRule {
            from: Some(from.to_owned()),
            quorum: Share::parse(quorum).unwrap(),
            majority: Share::parse(majority).unwrap(),
            basis: "第二十五条".into(),
        };
        Body {
            id: "representatives".into(),
            name: "村民代表会议".into(),
            name_en: String::new(),
            rule: vec![rule("1998-11-04", ">1/2 due", ">1/2 present"), rule("2010-10-28", ">=2/3 due", ">1/2 present")],
        }
    }

    fn count(due: i64, present: i64, yes: i64) -> Count {
        Count { due, present, yes, ..Count::default() }
    }

    #[test]
    fn quorum_and_majority_are_computed_exactly() {
        let day = Day::ymd(2026, 11, 25).unwrap();
        let cases = [
            (count(30, 19, 19), Err(())),
            (count(30, 20, 10), Ok(false)),
            (count(30, 20, 11), Ok(true)),
            (count(31, 21, 21), Ok(true)),
            (count(31, 20, 20), Err(())),
        ];
        for (n, expected) in cases {
            assert_eq!(body().carried(n, day).map_err(|_| ()), expected, "{n:?}");
        }
        let refused = body().carried(count(30, 19, 19), day).unwrap_err();
        assert_eq!(refused.key, "no_quorum");
        assert!(refused.args.iter().any(|(k, v)| k == "basis" && v == "第二十五条"));
    }

    #[test]
    fn the_rule_of_the_day_holds() {
        assert_eq!(body().carried(count(30, 16, 9), Day::ymd(2005, 1, 1).unwrap()), Ok(true));
        assert!(body().carried(count(30, 16, 9), Day::ymd(1990, 1, 1).unwrap()).is_err());
    }

    #[test]
    fn numbers_that_cannot_be_true_name_their_field() {
        assert_eq!(count(30, 31, 1).check("due", "present", "yes").unwrap_err().fields[0].field, "present");
        assert_eq!(count(30, 20, 21).check("due", "present", "yes").unwrap_err().fields[0].field, "yes");
        assert_eq!(count(0, 0, 0).check("due", "present", "yes").unwrap_err().fields[0].field, "due");
        assert!(count(30, 20, 20).check("due", "present", "yes").is_ok());
    }

    #[test]
    fn a_share_is_read_and_written_alike() {
        for text in [">1/2 present", ">=2/3 due"] {
            assert_eq!(Share::parse(text).unwrap().to_string(), text);
        }
        for wrong in ["1/2 due", ">3/2 due", ">1/0 due", ">1/2", ">1/2 all", ">=0/3 due"] {
            assert!(Share::parse(wrong).is_none(), "{wrong}");
        }
    }
}
