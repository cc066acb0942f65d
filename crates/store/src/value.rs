//! Values as they go to a database and come back. Numbers and texts are all there is, in tables as in statements.

/// A value bound to a statement or read from a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Arg {
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Nothing.
    Null,
}

impl From<i64> for Arg {
    fn from(n: i64) -> Arg {
        Arg::Int(n)
    }
}

impl From<&str> for Arg {
    fn from(s: &str) -> Arg {
        Arg::Text(s.to_owned())
    }
}

impl From<String> for Arg {
    fn from(s: String) -> Arg {
        Arg::Text(s)
    }
}

impl<T: Into<Arg>> From<Option<T>> for Arg {
    fn from(value: Option<T>) -> Arg {
        value.map_or(Arg::Null, Into::into)
    }
}

/// A row that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<Arg>);

impl Row {
    /// A number; 0 where there is none.
    pub fn int(&self, i: usize) -> i64 {
        match self.0.get(i) {
            Some(Arg::Int(n)) => *n,
            _ => 0,
        }
    }

    /// A number, if any.
    pub fn maybe(&self, i: usize) -> Option<i64> {
        match self.0.get(i) {
            Some(Arg::Int(n)) => Some(*n),
            _ => None,
        }
    }

    /// Text; empty where there is none.
    pub fn text(&self, i: usize) -> &str {
        match self.0.get(i) {
            Some(Arg::Text(s)) => s,
            _ => "",
        }
    }
}
