//! Values of a choice without a catalogue, in the pack's own order: 满意 stands before 不满意 because the pack says so.

use super::field::Field;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// `value = label` pairs, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options(Vec<(String, String)>);

impl Options {
    /// Label of a value.
    pub fn get(&self, value: &str) -> Option<&String> {
        self.0.iter().find(|(v, _)| v == value).map(|(_, label)| label)
    }

    /// Whether a value is one of them.
    pub fn contains_key(&self, value: &str) -> bool {
        self.get(value).is_some()
    }

    /// Values with their labels, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter().map(|(value, label)| (value, label))
    }

    /// Values, in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(value, _)| value)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl Field {
    /// Label of a value, in English where the pack has it.
    pub fn option_name(&self, value: &str, english: bool) -> Option<&str> {
        let own = if english { self.options_en.get(value) } else { None };
        own.or_else(|| self.options.get(value)).map(String::as_str)
    }
}

impl Serialize for Options {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Options, D::Error> {
        deserializer.deserialize_map(Pairs)
    }
}

/// Takes pairs as they come.
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Options;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a table of values and labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Options, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Options(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_both_ways() {
        let text = r#"{"very":"满意","ok":"基本满意","no":"不满意"}"#;
        let options: Options = serde_json::from_str(text).expect("a map");
        assert_eq!(options.keys().collect::<Vec<_>>(), ["very", "ok", "no"]);
        assert_eq!(serde_json::to_string(&options).expect("a map"), text);
        assert_eq!(options.get("ok").map(String::as_str), Some("基本满意"));
        assert!(!options.contains_key("bad") && options.len() == 3);
    }
}
