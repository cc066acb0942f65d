//! Conditions in packs, written in CEL. A condition can neither loop nor reach outside the values it is given;
//! anything but a plain yes or no is an error, never a silent false.

use cel::{Context, Program, Value as Cel};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Values a condition may speak of, by name.
pub type Vars = BTreeMap<String, Value>;

/// Whatever a condition may speak of, asked by name.
pub trait Spoken {
    /// The value under a name, if there is one.
    fn value(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// The same as conditions take it. Whoever is asked for something large again and again keeps it ready.
    fn ready(&self, name: &str) -> Option<Cel> {
        self.value(name).map(|value| to_cel(&value))
    }
}

impl Spoken for Vars {
    fn value(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.get(name).map(Cow::Borrowed)
    }
}

/// Values that come before others of the same name.
pub struct Over<'a>(pub &'a Vars, pub &'a dyn Spoken);

impl Spoken for Over<'_> {
    fn value(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.0.value(name).or_else(|| self.1.value(name))
    }

    fn ready(&self, name: &str) -> Option<Cel> {
        self.0.ready(name).or_else(|| self.1.ready(name))
    }
}

/// A compiled condition and its source.
#[derive(Clone)]
pub struct Condition {
    source: String,
    program: Arc<Program>,
    /// Names it speaks of, sought once: a condition is judged far more often than it is read.
    names: Arc<[String]>,
}

impl Condition {
    /// Compiles a condition; the error says what the parser found.
    pub fn parse(source: &str) -> Result<Condition, String> {
        match Program::compile(source) {
            Ok(program) => {
                let names = program.references().variables().iter().map(ToString::to_string).collect();
                Ok(Condition { source: source.to_owned(), program: Arc::new(program), names })
            }
            Err(error) => {
                let first = error.to_string();
                Err(format!("条件写法不对: {source}\n{first}"))
            }
        }
    }

    /// The text in the pack.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Names it speaks of.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it holds for these values. A name that has no value reads as an empty text.
    pub fn holds(&self, vars: &dyn Spoken) -> Result<bool, String> {
        static ROOT: OnceLock<Context<'static, 'static>> = OnceLock::new();
        let root = ROOT.get_or_init(Context::default);
        let mut scope = root.new_inner_scope();
        for name in self.names.iter() {
            scope.add_variable_from_value(name.clone(), vars.ready(name).unwrap_or_else(|| Cel::from("")));
        }
        match self.program.execute(&scope) {
            Ok(Cel::Bool(answer)) => Ok(answer),
            Ok(other) => Err(format!("条件 {} 得出的不是真或假: {other:?}", self.source)),
            Err(error) => Err(format!("条件 {} 无法判断: {error}", self.source)),
        }
    }
}

/// A value as conditions take it.
pub(crate) fn to_cel(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::from(""),
        Value::Bool(b) => Cel::Bool(*b),
        Value::Number(n) => n.as_i64().map_or_else(|| Cel::Float(n.as_f64().unwrap_or(0.0)), Cel::Int),
        Value::String(s) => Cel::from(s.as_str()),
        Value::Array(items) => Cel::from(items.iter().map(to_cel).collect::<Vec<_>>()),
        Value::Object(map) => {
            let map: std::collections::HashMap<String, Cel> = map.iter().map(|(k, v)| (k.clone(), to_cel(v))).collect();
            Cel::from(map)
        }
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Condition({})", self.source)
    }
}

impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Condition::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "description": "A condition in CEL over the matter's fields"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn vars() -> Vars {
        Vars::from([("urgency".into(), json!("urgent")), ("n".into(), json!(3))])
    }

    #[test]
    fn a_condition_answers_yes_or_no() {
        assert_eq!(Condition::parse("urgency == 'urgent' && n > 2").unwrap().holds(&vars()), Ok(true));
        assert_eq!(Condition::parse("missing == 'x'").unwrap().holds(&vars()), Ok(false));
        assert_eq!(Condition::parse("urgency in ['a','urgent']").unwrap().holds(&vars()), Ok(true));
    }

    #[test]
    fn anything_else_is_an_error() {
        assert!(Condition::parse("n").unwrap().holds(&vars()).is_err());
        assert!(Condition::parse("n = 2").is_err());
        assert!(Condition::parse("urgency / 2 == 1").unwrap().holds(&vars()).is_err());
    }
}
