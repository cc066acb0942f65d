//! What came back: status, headers and text of a page, with the little reading that tests need.

use axum::http::{HeaderMap, StatusCode};

/// An answer.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub bytes: Vec<u8>,
    /// Body as text.
    pub text: String,
}

/// A part of a form with files.
pub enum Part<'a> {
    /// A plain field.
    Field(&'a str, &'a str),
    /// A file: field, name, bytes.
    File(&'a str, &'a str, &'a [u8]),
}

impl Sheet {
    /// A header, empty when missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    /// Where a redirect leads; the test fails when it is none.
    #[track_caller]
    pub fn to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "no redirect:\n{}", self.words());
        self.header("location")
    }

    /// The page itself; the test fails when the status is another.
    #[track_caller]
    pub fn is(self, status: u16) -> Sheet {
        assert_eq!(self.status.as_u16(), status, "to {}:\n{}", self.header("location"), self.words());
        self
    }

    /// Whether a text stands on it.
    pub fn has(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// Fails unless all the texts stand on it.
    #[track_caller]
    pub fn says(&self, texts: &[&str]) -> &Sheet {
        for text in texts {
            assert!(self.has(text), "「{text}」 is not on the page:\n{}", self.words());
        }
        self
    }

    /// Value of a hidden field, such as `once` or `csrf`.
    #[track_caller]
    pub fn hidden(&self, name: &str) -> String {
        let found = self.between(&format!("name=\"{name}\" value=\""), "\"");
        found.unwrap_or_else(|| panic!("no field {name}:\n{}", self.words()))
    }

    /// The first text between two others.
    pub fn between(&self, start: &str, end: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(start)?;
        rest.split_once(end).map(|(found, _)| found.to_owned())
    }

    /// Every address of an attribute such as `href` or `action`.
    pub fn all(&self, attribute: &str) -> Vec<String> {
        let mark = format!(" {attribute}=\"");
        self.text
            .split(mark.as_str())
            .skip(1)
            .filter_map(|t| Some(t.split_once('"')?.0.replace("&amp;", "&")))
            .collect()
    }

    /// The text without tags, as a person reads it.
    pub fn words(&self) -> String {
        let mut out = String::new();
        let mut tag = false;
        for ch in self.text.chars() {
            match ch {
                '<' => tag = true,
                '>' => {
                    tag = false;
                    out.push(' ');
                }
                _ if !tag => out.push(ch),
                _ => {}
            }
        }
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Runs of digits of a length, such as telephones: 11 digits that no other digit touches.
    pub fn numbers(&self, digits: usize) -> Vec<String> {
        let words = self.words();
        let runs = words.split(|c: char| !c.is_ascii_digit());
        runs.filter(|r| r.len() == digits).map(str::to_owned).collect()
    }
}
