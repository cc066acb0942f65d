//! Choices by the words people write: a code, a name, a whole path of names, or the other side's word for it.

use std::collections::HashMap;
use xiangyue_domain::code::tidy;
use xiangyue_domain::policy::{Catalogue, Field, Policy};

/// What a text means among choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meant {
    /// This value.
    One(String),
    /// Several; their whole names.
    Several(Vec<String>),
    /// None.
    None,
}

/// Choices by their spellings.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    by_text: HashMap<String, Vec<String>>,
    /// Whole name of each value, for saying what may be written.
    names: Vec<(String, String)>,
    /// Words of the other side go before everything else.
    words: HashMap<String, String>,
}

/// A text as it is compared: without blanks and without the marks between the names of a path.
fn plain(text: &str) -> String {
    tidy(text).to_lowercase().chars().filter(|c| !matches!(c, '/' | '\\' | '-' | '>' | '|' | '·' | '—' | '_')).collect()
}

impl Choices {
    /// Adds a value with one more spelling.
    pub fn add(&mut self, value: &str, spelling: &str) {
        let spelling = plain(spelling);
        if spelling.is_empty() {
            return;
        }
        let held = self.by_text.entry(spelling).or_default();
        if !held.iter().any(|v| v == value) {
            held.push(value.to_owned());
        }
    }

    /// Adds a value with its whole name.
    pub fn put(&mut self, value: &str, name: &str) {
        self.names.push((value.to_owned(), name.to_owned()));
        self.add(value, name);
        self.add(value, value);
    }

    /// Adds a word of the other side.
    pub fn word(&mut self, word: &str, value: &str) {
        self.words.insert(plain(word), value.to_owned());
    }

    /// The choices of a field.
    pub fn of_field(policy: &Policy, field: &Field) -> Choices {
        let mut choices = Choices::default();
        match field.catalogue.as_deref().and_then(|id| policy.catalogue(id)) {
            Some(catalogue) => choices.fill(catalogue),
            None => field.options.iter().for_each(|(value, label)| choices.put(value, label)),
        }
        choices
    }

    fn fill(&mut self, catalogue: &Catalogue) {
        for item in &catalogue.items {
            self.put(&item.code, &catalogue.path_name(&item.code, false));
            self.add(&item.code, &item.name);
            self.add(&item.code, &item.name_en);
        }
    }

    /// What a text means. Of a path that is longer than ours the end is looked for.
    pub fn find(&self, text: &str) -> Meant {
        let mut rest = text;
        loop {
            let spelling = plain(rest);
            if let Some(value) = self.words.get(&spelling) {
                return Meant::One(value.clone());
            }
            match self.by_text.get(&spelling).map(Vec::as_slice) {
                Some([one]) => return Meant::One(one.clone()),
                Some(several) => {
                    let name = |v: &String| self.names.iter().find(|(value, _)| value == v).map(|(_, n)| n.clone());
                    return Meant::Several(several.iter().filter_map(name).collect());
                }
                None => {}
            }
            match rest.split_once(['/', '>', '|', '-', '—']) {
                Some((_, end)) => rest = end,
                None => return Meant::None,
            }
        }
    }

    /// A few names, for saying what is expected.
    pub fn some(&self) -> String {
        let names: Vec<&str> = self.names.iter().take(4).map(|(_, n)| n.as_str()).collect();
        names.join("、")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_found_by_any_of_its_spellings() {
        let mut choices = Choices::default();
        for (code, path, name) in [
            ("water", "供水", "供水"),
            ("water.outage", "供水 / 停水", "停水"),
            ("water.other", "供水 / 其他", "其他"),
            ("power.other", "供电 / 其他", "其他"),
        ] {
            choices.put(code, path);
            choices.add(code, name);
        }
        choices.word("断水", "water.outage");
        let one = |v: &str| Meant::One(v.to_owned());
        for (text, meant) in [
            ("停水", one("water.outage")),
            ("供水/停水", one("water.outage")),
            (" 供水 － 停水 ", one("water.outage")),
            ("城乡建设/供水/停水", one("water.outage")),
            ("城建>公用>其他", Meant::Several(vec!["供水 / 其他".into(), "供电 / 其他".into()])),
            ("供电-其他", one("power.other")),
            ("WATER.OUTAGE", one("water.outage")),
            ("断水", one("water.outage")),
            ("某事", Meant::None),
            ("", Meant::None),
        ] {
            assert_eq!(choices.find(text), meant, "{text}");
        }
    }
}
