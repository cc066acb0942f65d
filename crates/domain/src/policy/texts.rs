//! Text messages to those who asked to be told of what a village makes public, as a pack writes it: how many, and in
//! which words. A message names village, item, period and an address, never what the item says.

use super::PostedWords;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `texts.toml`. In a line, `{name}` stands for what is to be said; every one of its words is there whenever it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextRules {
    /// Whether villages offer it at all.
    pub on: bool,
    /// Villages that one number may be told of.
    pub per_number: i64,
    /// Codes that are sent for one village in a day.
    pub per_village: i64,
    /// The code for beginning: `{village}`, `{code}`, `{minutes}`.
    pub start: String,
    /// The code for ending it: `{village}`, `{code}`, `{minutes}`.
    pub stop: String,
    /// Something was made public: `{village}`, `{item}`, `{period}`, `{url}`, `{stop_url}`.
    pub published: String,
    /// It was put right, as a new version: the same words.
    pub corrected: String,
    /// It was taken back: the same words.
    pub withdrawn: String,
}

/// Most of each limit; more is a slip of the pen.
const MOST: i64 = 10_000;

impl TextRules {
    /// Keys that are wrong, each with what stands in the way.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let numbers = [("per_number", self.per_number), ("per_village", self.per_village)];
        let limit = |(key, n): (&'static str, i64)| {
            (!(1..=MOST).contains(&n)).then(|| (key, format!("{key} 要在 1 到 {MOST} 之间")))
        };
        let code = ["village", "code", "minutes"];
        let told = ["village", "item", "period", "url", "stop_url"];
        let lines = [
            ("start", &self.start, code.as_slice(), "code"),
            ("stop", &self.stop, code.as_slice(), "code"),
            ("published", &self.published, told.as_slice(), "stop_url"),
            ("corrected", &self.corrected, told.as_slice(), "stop_url"),
            ("withdrawn", &self.withdrawn, told.as_slice(), "stop_url"),
        ];
        let line = |(key, line, known, must): (&'static str, &String, &[&str], &str)| {
            let words: Vec<(&str, String)> = known.iter().map(|w| (*w, "x".to_owned())).collect();
            let sound = PostedWords::line(line, &words).is_some() && line.contains(&format!("{{{must}}}"));
            let all = known.iter().map(|w| format!("{{{w}}}")).collect::<Vec<_>>().join("、");
            (!sound).then(|| (key, format!("{key} 里只能用 {all},并且要有 {{{must}}}")))
        };
        numbers.into_iter().filter_map(limit).chain(lines.into_iter().filter_map(line)).collect()
    }
}
