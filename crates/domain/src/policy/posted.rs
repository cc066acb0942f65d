//! The words in which something is published. They are hashed and printed, so they are the pack's and not the reader's
//! language; each publication keeps what it said, so that a pack may word the next one otherwise.

use super::ledger::{LedgerRules, OwnerKind, Quantity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `posted.toml` says. In a line, `{name}` stands for what is to be said; a line whose words are all there is
/// written, one that lacks any is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostedWords {
    /// 是
    pub yes: String,
    /// 否
    pub no: String,
    /// Lines of a matter: `{title}`, `{kind}`, `{step}`, `{place}`, `{number}`, `{day}`. The first is the heading.
    pub matter: Vec<String>,
    /// A field below them: `{label}`, `{value}`.
    pub field: String,
    /// Lines of a ballot's result: `{title}`, `{body}`, `{how}`, `{place}`, `{day}`, `{due}`, `{present}`, `{yes}`,
    /// `{no}`, `{abstain}`, `{spoilt}`, `{said}`, `{basis}`.
    pub ballot: Vec<String>,
    /// 无记名投票
    pub secret: String,
    /// 记名投票
    pub open: String,
    /// 通过
    pub carried: String,
    /// 没有通过
    pub lost: String,
    /// Lines of an entry in the points book: `{household}`, `{what}`, `{class}`, `{amount}`, `{word}`, `{place}`,
    /// `{number}`, `{day}`, `{basis}`.
    pub points: Vec<String>,
    /// What was done more than once: `{what}`, `{n}`.
    pub times: String,
    /// An entry that takes another one back: `{what}`.
    pub reversal: String,
    /// Lines of something made public as a duty: `{item}`, `{period}`, `{event}`, `{place}`, `{number}`, `{version}`,
    /// `{day}`; its fields stand below them. Without a line such things get no receipt.
    #[serde(default)]
    pub duty: Vec<String>,
    /// A cell of a list among them: `{label}`, `{value}`.
    #[serde(default)]
    pub cell: String,
    /// What stands between two cells.
    #[serde(default)]
    pub between: String,
}

impl PostedWords {
    /// Whether the pack says nothing of how to publish.
    pub fn is_empty(&self) -> bool {
        *self == PostedWords::default()
    }

    /// Lines with their words; those that lack one are left out.
    pub fn fill(lines: &[String], words: &[(&str, String)]) -> Vec<String> {
        lines.iter().filter_map(|line| PostedWords::line(line, words)).collect()
    }

    /// One line; `None` when a word of it is empty or unknown.
    pub fn line(line: &str, words: &[(&str, String)]) -> Option<String> {
        let mut parts = line.split('{');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            let (_, word) = words.iter().find(|(n, w)| *n == name && !w.is_empty())?;
            out.push_str(word);
            out.push_str(rest);
        }
        Some(out)
    }
}

impl LedgerRules {
    /// Whether transfers of a kind stand on the village's page: points that come from its pool or go back there.
    pub fn is_public(&self, kind: &str) -> bool {
        let owner = |account: &str| self.account(account).map(|a| a.owner);
        let flows = self.transfer(kind).map_or(&[][..], |k| k.flows.as_slice());
        flows.iter().filter(|f| f.of == Quantity::Points).any(|f| {
            let ends = [owner(&f.from), owner(&f.to)];
            ends.contains(&Some(OwnerKind::Household)) && ends.contains(&Some(OwnerKind::Village))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_lacks_a_word_is_left_out() {
        let words = [("what", "栽树".to_owned()), ("n", "2".to_owned()), ("basis", String::new())];
        let cases = [
            ("{what} ×{n}", Some("栽树 ×2")),
            ("依据：{basis}", None),
            ("{other}", None),
            ("不用填", Some("不用填")),
            ("{what", None),
        ];
        for (line, out) in cases {
            assert_eq!(PostedWords::line(line, &words).as_deref(), out, "{line}");
        }
    }
}
