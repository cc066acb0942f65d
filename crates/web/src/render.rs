//! Templates: HTML made on the server, auto-escaped, strict about missing values. Static files bear their digest in
//! the address, so that they can be kept for good.

use crate::locale::{Locale, Locales};
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value};
use rust_embed::RustEmbed;
use std::sync::Arc;
use xiangyue_domain::crypto::hex;

#[derive(RustEmbed)]
#[folder = "templates"]
struct Pages;

#[derive(RustEmbed)]
#[folder = "static"]
pub(crate) struct Static;

#[derive(RustEmbed)]
#[folder = "samples"]
struct Samples;

/// All templates.
pub(crate) struct Templates(Environment<'static>);

/// Address of a static file.
pub(crate) fn asset(name: &str) -> String {
    match Static::get(name) {
        Some(file) => format!("/static/{}/{name}", &hex(&file.metadata.sha256_hash())[..10]),
        None => format!("/static/0/{name}"),
    }
}

impl Templates {
    /// The embedded templates.
    pub fn embedded() -> Templates {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| AutoEscape::Html);
        env.add_function("asset", |name: String| Value::from_safe_string(asset(&name)));
        for path in Pages::iter() {
            let Some(file) = Pages::get(&path) else { continue };
            let text = String::from_utf8_lossy(&file.data).into_owned();
            if let Err(error) = env.add_template_owned(path.to_string(), text) {
                tracing::error!(%path, %error, "a template cannot be read");
            }
        }
        Templates(env)
    }

    /// Makes a page.
    pub fn page(&self, locales: &Arc<Words>, name: &str, values: serde_json::Value) -> Result<String, Error> {
        let words = Arc::clone(locales);
        let t = move |key: String, kwargs: Kwargs| -> Result<String, Error> {
            let mut args = Vec::new();
            for name in kwargs.args() {
                let value: Value = kwargs.get(name)?;
                args.push((name.to_owned(), value.to_string()));
            }
            Ok(words.get(&key, &args))
        };
        let template = self.0.get_template(name)?;
        let own = if let serde_json::Value::Object(own) = values { own } else { serde_json::Map::new() };
        let own = own.into_iter().map(|(name, value)| (name, values_of(value)));
        // One map: where two lie over each other every name is sought in both.
        template.render(own.chain([("t".to_owned(), Value::from_function(t))]).collect::<Value>())
    }
}

/// Values of a page as a template takes them. What was gathered for one page is handed over, not copied.
fn values_of(values: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match values {
        Json::Null => Value::from(()),
        Json::Bool(b) => Value::from(b),
        Json::Number(n) => n.as_i64().map_or_else(|| Value::from_serialize(&n), Value::from),
        Json::String(text) => Value::from(text),
        Json::Array(items) => items.into_iter().map(values_of).collect(),
        Json::Object(map) => map.into_iter().map(|(name, value)| (name, values_of(value))).collect(),
    }
}

/// The words of one language, handed to a template.
pub(crate) struct Words {
    /// All languages.
    pub locales: Arc<Locales>,
    /// This one.
    pub locale: Locale,
}

impl Words {
    /// A text with its slots filled.
    pub fn get(&self, key: &str, args: &[(String, String)]) -> String {
        self.locales.text(self.locale, key, args)
    }
}

/// Renders every template with every sample in every language; returns what does not hold. Also says which keys one
/// language has and another lacks.
pub fn check_templates() -> Vec<String> {
    let templates = Templates::embedded();
    let locales = Arc::new(Locales::embedded());
    let mut faults = Vec::new();
    let (zh, en) = (locales.keys(Locale::Zh), locales.keys(Locale::En));
    faults.extend(zh.iter().filter(|k| !en.contains(k)).map(|k| format!("en lacks {k}")));
    faults.extend(en.iter().filter(|k| !zh.contains(k)).map(|k| format!("zh-CN lacks {k}")));
    for path in Samples::iter() {
        let Some(file) = Samples::get(&path) else { continue };
        let Some((folder, file_name)) = path.rsplit_once('/').map_or(Some(("", &*path)), Some) else { continue };
        let stem = file_name.split('.').next().unwrap_or("");
        let name = if folder.is_empty() { format!("{stem}.html") } else { format!("{folder}/{stem}.html") };
        let values: serde_json::Value = match serde_json::from_slice(&file.data) {
            Ok(values) => values,
            Err(error) => {
                faults.push(format!("{path}: {error}"));
                continue;
            }
        };
        for locale in [Locale::Zh, Locale::En] {
            let words = Arc::new(Words { locales: Arc::clone(&locales), locale });
            match templates.page(&words, &name, values.clone()) {
                Ok(html) => faults.extend(missing_words(&html).map(|k| format!("{path} ({}): {k}", locale.tag()))),
                Err(error) => faults.push(format!("{path} ({}): {error:#}", locale.tag())),
            }
        }
    }
    faults
}

/// Keys that stand on a page because their text is missing.
fn missing_words(html: &str) -> impl Iterator<Item = String> + '_ {
    const AREAS: &[&str] = &[
        "common",
        "portal",
        "demo",
        "session",
        "error",
        "desk",
        "hub",
        "report",
        "refusal",
        "fault",
        "search",
        "import",
        "orders",
        "points",
        "assembly",
        "disclosure",
        "subscribe",
    ];
    html.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_'))
        .filter(|w| {
            w.split_once('.').is_some_and(|(area, key)| {
                AREAS.contains(&area)
                    && !key.is_empty()
                    && !matches!(key, "css" | "js" | "docx" | "xlsx" | "md" | "json" | "html" | "csv" | "svg")
            })
        })
        .map(str::to_owned)
}
