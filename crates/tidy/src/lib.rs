//! Reading the repository for the house rules in `tests/house.rs`. It knows just enough of Rust's text to tell code
//! from comments and strings; it depends on nothing, so that the rules are checked within seconds.

mod source;

pub use source::{Function, Source};

use std::path::{Path, PathBuf};

/// A file of the repository.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the repository's root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files under a folder of the repository whose name ends so, in order. Folders that hold no work of ours are
/// left out.
pub fn files(folder: &str, ending: &str) -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.join(folder)];
    while let Some(at) = open.pop() {
        let Ok(items) = std::fs::read_dir(&at) else { continue };
        for path in items.flatten().map(|i| i.path()) {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "node_modules" | ".git" | "data") {
                    open.push(path);
                }
            } else if name.ends_with(ending)
                && let (Ok(inner), Ok(text)) = (path.strip_prefix(&root), std::fs::read_to_string(&path))
            {
                found.push(File { path: inner.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// One file of the repository.
pub fn file(path: &str) -> File {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_default();
    File { path: path.to_owned(), text }
}

impl File {
    /// Whether it is test code by its place.
    pub fn is_test(&self) -> bool {
        self.path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "test_support.rs"))
    }

    /// Its lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(i, line)| (i + 1, line))
    }
}

/// Whether a character is Chinese script or Chinese punctuation.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}')
}

/// A text with everything between two marks replaced by blanks; line breaks stay, so that line numbers hold.
pub fn without(text: &str, open: &str, close: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(open) {
        let end = rest[at..].find(close).map_or(rest.len(), |e| at + e + close.len());
        out.push_str(&rest[..at]);
        out.extend(rest[at..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}
