//! A red or a black board (红黑榜), as a pack writes it: what of a kind hangs in public, and from which step. A black board
//! tells of a matter and never of a person, can be appealed against and ends by itself; it is off unless a county
//! switches it on.

use super::{FieldType, Kind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Praise or blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// Praise.
    Red,
    /// Blame.
    Black,
}

/// What of a kind hangs on a village's board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardRules {
    /// Which board.
    pub colour: Colour,
    /// Whether it is in use; without a word a red one is not either.
    #[serde(default)]
    pub on: bool,
    /// Steps in which an entry hangs.
    pub shown: Vec<String>,
    /// Choice field that is its heading.
    pub title: String,
    /// Kind by which anybody may appeal; its `about` field holds the number.
    #[serde(default)]
    pub appeal: Option<String>,
}

impl BoardRules {
    /// What is wrong with the rules for a kind: the key and why.
    pub fn faults(&self, kind: &Kind) -> Vec<(&'static str, &'static str)> {
        let mut out = Vec::new();
        if kind.field(&self.title).is_none_or(|f| f.kind != FieldType::Choice) {
            out.push(("title", "要指一个选择题"));
        }
        if self.shown.is_empty() || self.shown.iter().any(|s| kind.step(s).is_none()) {
            out.push(("shown", "要写这类事项有的步骤"));
        }
        if self.colour == Colour::Red {
            return out;
        }
        let names = |f: &super::Field| {
            f.person || matches!(f.kind, FieldType::Phone | FieldType::Citizen | FieldType::Household)
        };
        if kind.fields.iter().any(|f| f.public && names(f)) {
            out.push(("colour", "黑榜只写事,不写人:公开的字段里不能有姓名、户、电话、身份证号"));
        }
        if self.appeal.is_none() {
            out.push(("appeal", "黑榜要能申诉,写一类事项"));
        }
        let ends = |step: &String| kind.moves.iter().any(|m| m.after.is_some() && m.from.contains(step));
        if !self.shown.iter().all(ends) {
            out.push(("shown", "黑榜要到期自己撤下:每个展示的步骤都要有一个带 after 的动作"));
        }
        out
    }
}
