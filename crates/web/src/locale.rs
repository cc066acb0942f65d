//! Interface words: every visible string stands in a locale file, Chinese first, English second. Data bring their own
//! names.

use rust_embed::RustEmbed;
use std::collections::HashMap;

#[derive(RustEmbed)]
#[folder = "locales"]
struct Files;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// 简体中文
    #[default]
    Zh,
    /// English
    En,
}

impl Locale {
    /// Every language, Chinese first.
    pub const ALL: [Locale; 2] = [Locale::Zh, Locale::En];

    /// As in `lang` attributes and folders.
    pub fn tag(self) -> &'static str {
        match self {
            Locale::Zh => "zh-CN",
            Locale::En => "en",
        }
    }

    /// From a tag.
    pub fn parse(tag: &str) -> Option<Locale> {
        Locale::ALL.into_iter().find(|l| l.tag() == tag)
    }

    /// The name in this language: English where there is one.
    pub fn pick<'a>(self, name: &'a str, name_en: &'a str) -> &'a str {
        if self == Locale::En && !name_en.is_empty() { name_en } else { name }
    }
}

/// Words by language and key.
pub struct Locales(HashMap<Locale, HashMap<String, String>>);

impl Locales {
    /// The embedded files.
    pub fn embedded() -> Locales {
        let mut all: HashMap<Locale, HashMap<String, String>> = HashMap::new();
        for path in Files::iter() {
            let Some((tag, file)) = path.split_once('/') else { continue };
            let (Some(locale), Some(bytes)) = (Locale::parse(tag), Files::get(&path)) else { continue };
            let area = file.trim_end_matches(".toml");
            let text = String::from_utf8_lossy(&bytes.data).into_owned();
            let table: toml::Table = match text.parse() {
                Ok(table) => table,
                Err(error) => {
                    tracing::error!(%path, %error, "a locale file cannot be read");
                    continue;
                }
            };
            let words = all.entry(locale).or_default();
            flatten(words, "", &table, area);
        }
        Locales(all)
    }

    /// A text with its slots filled; the key itself where it is missing, which a test finds.
    pub fn text(&self, locale: Locale, key: &str, args: &[(String, String)]) -> String {
        let found = self.0.get(&locale).and_then(|w| w.get(key)).cloned();
        let mut text = found.unwrap_or_else(|| key.to_owned());
        for (name, value) in args {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// Words one after the other, as a language strings them together: 甲、乙 and a, b.
    pub fn list<T: AsRef<str>>(&self, locale: Locale, words: impl IntoIterator<Item = T>) -> String {
        let and = self.text(locale, "common.list_and", &[]);
        let mut words = words.into_iter();
        let first = words.next().map(|w| w.as_ref().to_owned()).unwrap_or_default();
        words.fold(first, |said, word| said + &and + word.as_ref())
    }

    /// A sentence for the operator's terminal, in Chinese.
    pub fn say(&self, key: &str, args: &[(String, String)]) -> String {
        self.text(Locale::Zh, key, args)
    }

    /// Words one after the other for the operator's terminal.
    pub fn say_list<T: AsRef<str>>(&self, words: impl IntoIterator<Item = T>) -> String {
        self.list(Locale::Zh, words)
    }

    /// Keys of a language, in order.
    pub fn keys(&self, locale: Locale) -> Vec<&str> {
        let mut keys: Vec<&str> = self.0.get(&locale).into_iter().flat_map(|w| w.keys().map(String::as_str)).collect();
        keys.sort_unstable();
        keys
    }
}

/// Keys are `area.key`, whether the file writes them plain or under a table of the area's name.
fn flatten(words: &mut HashMap<String, String>, prefix: &str, table: &toml::Table, area: &str) {
    for (key, value) in table {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(inner) => flatten(words, &path, inner, area),
            other => {
                let text = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
                let full = if path.starts_with(&format!("{area}.")) { path } else { format!("{area}.{path}") };
                words.insert(full, text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_strung_together_as_a_language_does() {
        let locales = Locales::embedded();
        let words = ["水", "电", "路"];
        assert_eq!(locales.list(Locale::Zh, words), "水、电、路");
        assert_eq!(locales.list(Locale::En, words), "水, 电, 路");
        assert_eq!((locales.say_list(["水"]), locales.say_list([""; 0])), ("水".to_owned(), String::new()));
    }
}
