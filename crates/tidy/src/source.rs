//! A Rust file as code, strings and comments. It never parses; what it cannot tell apart stays code.

use crate::File;

/// A Rust file, taken apart.
#[derive(Debug, Clone)]
pub struct Source {
    /// The text with comments and the insides of strings blanked; lines stay.
    pub code: String,
    /// String literals with their lines.
    pub strings: Vec<(usize, String)>,
    /// Lines of `#[cfg(test)] mod … { … }`.
    test_lines: Vec<(usize, usize)>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Line of its `fn`.
    pub line: usize,
    /// Lines from `fn` to the closing brace.
    pub lines: usize,
    /// `pub(crate) async`.
    pub handler: bool,
}

impl Source {
    /// Takes a file apart.
    pub fn of(file: &File) -> Source {
        let mut scan =
            Scan { chars: file.text.chars().collect(), at: 0, line: 1, code: String::new(), strings: Vec::new() };
        while scan.at < scan.chars.len() {
            scan.step();
        }
        let mut source = Source { code: scan.code, strings: scan.strings, test_lines: Vec::new() };
        source.test_lines = source.find_test_modules();
        source
    }

    /// Whether a line stands in an inline test module.
    pub fn in_tests(&self, line: usize) -> bool {
        self.test_lines.iter().any(|(from, to)| (*from..=*to).contains(&line))
    }

    /// Lines of code that hold a text, outside inline test modules.
    pub fn lines_with(&self, text: &str) -> Vec<usize> {
        let lines = self.code.lines().enumerate().map(|(i, line)| (i + 1, line));
        lines.filter(|(n, line)| line.contains(text) && !self.in_tests(*n)).map(|(n, _)| n).collect()
    }

    /// Functions with a body.
    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        let bytes = self.code.as_bytes();
        for (at, _) in self.code.match_indices("fn ") {
            let starts_word = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
            let name: String = self.code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !starts_word || name.is_empty() {
                continue;
            }
            let Some(end) = self.body_end(at) else { continue };
            let line = self.line_of(at);
            let before = self.code[..at].rsplit(['\n', ';', '}']).next().unwrap_or_default();
            let handler = before.contains("pub(crate)") && before.contains("async");
            found.push(Function { name, line, lines: self.line_of(end) - line + 1, handler });
        }
        found
    }

    fn line_of(&self, at: usize) -> usize {
        self.code.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1
    }

    /// Where the body that begins after `at` ends; nothing for a declaration.
    fn body_end(&self, at: usize) -> Option<usize> {
        let (mut depth, mut nested) = (0usize, 0isize);
        for (i, c) in self.code[at..].char_indices() {
            match c {
                '(' | '[' => nested += 1,
                ')' | ']' => nested -= 1,
                ';' if depth == 0 && nested == 0 => return None,
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at + i);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn find_test_modules(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (at, mark) in self.code.match_indices("#[cfg(test)]") {
            let after = self.code[at + mark.len()..].trim_start();
            if after.starts_with("mod ")
                && let Some(end) = self.body_end(at + mark.len())
            {
                found.push((self.line_of(at), self.line_of(end)));
            }
        }
        found
    }
}

struct Scan {
    chars: Vec<char>,
    at: usize,
    line: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Scan {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Takes one character, as it is or as a blank.
    fn take(&mut self, shown: bool) -> char {
        let c = self.peek(0);
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        self.code.push(if shown || c == '\n' { c } else { ' ' });
        c
    }

    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => {
                while self.at < self.chars.len() && self.peek(0) != '\n' {
                    self.take(false);
                }
            }
            ('/', '*') => self.block_comment(),
            ('"', _) => self.string(),
            ('r', '"' | '#') if !self.follows_word() => self.raw_string(1),
            ('b' | 'c', 'r') if !self.follows_word() && matches!(self.peek(2), '"' | '#') => self.raw_string(2),
            ('\'', _) => self.quote(),
            _ => {
                self.take(true);
            }
        }
    }

    fn follows_word(&self) -> bool {
        self.at > 0 && self.chars.get(self.at - 1).is_some_and(|c| c.is_alphanumeric() || *c == '_')
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.take(false);
                    continue;
                }
            }
            self.take(false);
            self.take(false);
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let line = self.line;
        let mut text = String::new();
        self.take(true);
        while self.at < self.chars.len() && self.peek(0) != '"' {
            if self.peek(0) == '\\' {
                text.push(self.take(false));
            }
            text.push(self.take(false));
        }
        self.take(true);
        self.strings.push((line, text));
    }

    fn raw_string(&mut self, prefix: usize) {
        let hashes = self.chars[self.at + prefix..].iter().take_while(|c| **c == '#').count();
        if self.peek(prefix + hashes) != '"' {
            // A raw identifier such as `r#type`.
            self.take(true);
            return;
        }
        let line = self.line;
        for _ in 0..=prefix + hashes {
            self.take(true);
        }
        let mut text = String::new();
        while self.at < self.chars.len() {
            if self.peek(0) == '"' && (1..=hashes).all(|i| self.peek(i) == '#') {
                break;
            }
            text.push(self.take(false));
        }
        for _ in 0..=hashes {
            self.take(true);
        }
        self.strings.push((line, text));
    }

    /// A character literal, or a lifetime.
    fn quote(&mut self) {
        let literal = self.peek(1) == '\\' || (self.peek(2) == '\'' && self.peek(1) != '\'');
        self.take(true);
        if !literal {
            return;
        }
        if self.peek(0) == '\\' {
            self.take(false);
        }
        self.take(false);
        while self.at < self.chars.len() && self.peek(0) != '\'' && self.peek(0) != '\n' {
            self.take(false);
        }
        self.take(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::of(&File { path: "x.rs".into(), text: text.into() })
    }

    #[test]
    fn comments_and_strings_are_told_from_code() {
        let text = "//! head\nlet a = \"x // \\\" y\"; /* b /* c */ d */ let z = 'q'; fn f<'a>(s: &'a str) {}\nlet r = r#\"raw \" {\"#;";
        let s = source(text);
        assert_eq!(s.strings, [(2, "x // \\\" y".to_owned()), (3, "raw \" {".to_owned())]);
        assert!(!s.code.contains("head") && !s.code.contains(" c ") && s.code.contains("fn f<'a>(s: &'a str) {}"));
        assert_eq!(s.code.lines().count(), 3);
    }

    #[test]
    fn functions_are_measured() {
        let text = "pub(crate) async fn a(\n    x: [u8; 3],\n) {\n    let _ = '{';\n}\n\ntrait T { fn b(); }\n\n#[cfg(test)]\nmod tests {\n    fn c() {}\n}\n";
        let s = source(text);
        let found: Vec<(String, usize, bool)> =
            s.functions().into_iter().map(|f| (f.name, f.lines, f.handler)).collect();
        assert_eq!(found, [("a".to_owned(), 5, true), ("c".to_owned(), 1, false)]);
        assert!(s.in_tests(11) && !s.in_tests(1));
    }
}
