//! The wording grammar of a pack: topics with phrases and slots, filled the same way every time for one matter. All
//! words come from the pack; none may stand in Rust.

use crate::dice::{mix, of_text};
use crate::error::SimulateError;
use serde::Deserialize;
use std::collections::BTreeMap;
use xiangyue_pack::PackFiles;

/// Slots nested deeper than this are left out: a grammar must not be able to loop.
const DEPTH: usize = 6;

#[derive(Debug, Default, Deserialize)]
struct TopicFile {
    #[serde(default)]
    topic: Vec<Topic>,
}

/// What is said about one category.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Topic {
    pub category: String,
    pub weight: f64,
    #[serde(default)]
    pub months: Vec<f64>,
    /// `any`, `community` or `village`.
    #[serde(default)]
    pub place: String,
    /// Share that is answered at once.
    #[serde(default)]
    pub direct_share: f64,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    reply: Vec<String>,
    #[serde(default)]
    direct: Vec<String>,
    #[serde(default)]
    steps: Vec<String>,
    #[serde(default)]
    slots: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
struct Common {
    #[serde(default)]
    slots: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    remarks: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    names: Names,
}

#[derive(Debug, Default, Deserialize)]
struct Names {
    #[serde(default)]
    surnames: Vec<String>,
    #[serde(default)]
    given: Vec<String>,
}

/// All that can be said.
#[derive(Debug, Default)]
pub(crate) struct Wording {
    topics: BTreeMap<String, Vec<Topic>>,
    common: Common,
}

/// What the slots of one matter are filled from.
pub(crate) struct Voice<'a> {
    /// Follows from the matter: the same slot has the same value throughout.
    pub seed: u64,
    /// Follows from the person: name and telephone.
    pub caller: u64,
    /// Follows from the move: remarks and steps differ from move to move.
    pub turn: u64,
    /// Another telling of the matter, 0 for the first; slots in `keep` stay the same in all.
    pub retold: u64,
    pub keep: &'a [String],
    pub topic: &'a Topic,
    /// Values known from elsewhere, such as `village` or `day`.
    pub known: &'a dyn Fn(&str) -> Option<String>,
}

impl Topic {
    /// A category about which nothing is said.
    pub fn silent(category: &str) -> Topic {
        Topic { category: category.to_owned(), ..Topic::default() }
    }

    /// How much more often than in an average month.
    pub fn in_month(&self, month: usize) -> f64 {
        let sum: f64 = self.months.iter().sum();
        match self.months.get(month.wrapping_sub(1)) {
            Some(weight) if sum > 0.0 => weight * 12.0 / sum,
            _ => 1.0,
        }
    }

    fn list(&self, slot: &str) -> Option<&Vec<String>> {
        let own = match slot {
            "words" => &self.words,
            "reply" => &self.reply,
            "direct" => {
                if self.direct.is_empty() {
                    &self.reply
                } else {
                    &self.direct
                }
            }
            "steps" => &self.steps,
            _ => self.slots.get(slot)?,
        };
        Some(own)
    }
}

impl Wording {
    pub fn load(files: &PackFiles) -> Result<Wording, SimulateError> {
        const FOLDER: &str = "scenario/wording/";
        let mut wording = Wording::default();
        for path in files.under(FOLDER, ".toml") {
            let text = files.text(path).unwrap_or_default();
            let fault = |e: toml::de::Error| SimulateError::Scenario(format!("{path}: {e}"));
            let id = path.trim_start_matches(FOLDER).trim_end_matches(".toml");
            if id == "common" {
                wording.common = toml::from_str(&text).map_err(fault)?;
            } else {
                let file: TopicFile = toml::from_str(&text).map_err(fault)?;
                wording.topics.insert(id.to_owned(), file.topic);
            }
        }
        Ok(wording)
    }

    /// Topics of a stream.
    pub fn topics(&self, id: &str) -> &[Topic] {
        self.topics.get(id).map_or(&[], Vec::as_slice)
    }

    /// Fills a text's slots; an unknown slot is left out.
    pub fn fill(&self, voice: &Voice, text: &str) -> String {
        let mut out = String::with_capacity(text.len() * 2);
        self.expand(voice, text, &mut out, 0);
        let trimmed = out.trim().trim_start_matches(['，', '。', '、']);
        trimmed.to_owned()
    }

    fn expand(&self, voice: &Voice, text: &str, out: &mut String, depth: usize) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((slot, tail)) = after.split_once('}') else {
                out.push_str(after);
                return;
            };
            if depth < DEPTH {
                self.slot(voice, slot, out, depth);
            }
            rest = tail;
        }
        out.push_str(rest);
    }

    fn slot(&self, voice: &Voice, slot: &str, out: &mut String, depth: usize) {
        if let Some(value) = (voice.known)(slot) {
            // What is known may itself name a list, such as a remark that goes with a grade.
            match value.strip_prefix('@') {
                Some(other) => self.slot(voice, other, out, depth + 1),
                None => out.push_str(&value),
            }
            return;
        }
        let varies = slot == "steps" || slot.contains('.');
        let of_person = slot == "name" || slot == "phone";
        let other = voice.retold != 0 && !voice.keep.iter().any(|k| k == slot);
        let told = if other { mix(voice.retold) } else { 0 };
        let seed = if of_person { voice.caller } else { voice.seed };
        let n = of_text(seed ^ told ^ if varies { mix(voice.turn) } else { 0 }, slot);
        if let Some(list) = self.list(voice.topic, slot) {
            if let Some(chosen) = choose(list, n) {
                self.expand(voice, chosen, out, depth + 1);
            }
        } else if slot == "name" {
            let names = &self.common.names;
            for part in [choose(&names.surnames, n), choose(&names.given, mix(n))].into_iter().flatten() {
                out.push_str(part);
            }
        } else if slot == "phone" {
            // Eleven digits that pass as a mobile; no carrier has numbers beginning with 10.
            out.push_str(&format!("100{:08}", n % 100_000_000));
        } else if slot == "n" {
            out.push_str(&(2 + n % 8).to_string());
        }
    }

    fn list<'a>(&'a self, topic: &'a Topic, slot: &str) -> Option<&'a Vec<String>> {
        if let Some(name) = slot.strip_prefix("remarks.") {
            return self.common.remarks.get(name);
        }
        topic.list(slot).or_else(|| self.common.slots.get(slot))
    }
}

fn choose(list: &[String], n: u64) -> Option<&String> {
    let len = u64::try_from(list.len()).unwrap_or(0);
    if len == 0 {
        return None;
    }
    // The low bits are as good as the high ones after mixing.
    list.get(usize::try_from(n % len).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_matter_keeps_its_slots() {
        let topic = Topic {
            words: vec!["{what}{village}{what}".to_owned()],
            slots: BTreeMap::from([("what".to_owned(), vec!["a".to_owned(), "b".to_owned(), "c".to_owned()])]),
            ..Topic::default()
        };
        let wording = Wording::default();
        let known = |slot: &str| (slot == "village").then(|| "-".to_owned());
        for seed in 0..20 {
            let voice = Voice { seed, caller: seed, turn: seed, retold: 0, keep: &[], topic: &topic, known: &known };
            let text = wording.fill(&voice, "{words}");
            let (first, second) = text.split_once('-').unwrap();
            assert_eq!(first, second);
            assert_eq!(wording.fill(&voice, "{words}{none}"), text);
        }
    }
}
