//! Words of a text as they are searched for: one token for each Han character, whole Latin words and short numbers,
//! Traditional folded into Simplified and full width into half. Must never let a long number (a telephone, a citizen's
//! number, a card) become a token, and never hand out a character that has not gone through the key.

use crate::code::{is_blank, is_dash, narrow};
use crate::crypto::hmac_sm3;
use crate::policy::{Field, FieldType};
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// So many digits in a row may be the number of a person, and are left out.
const LONG_NUMBER: usize = 7;
/// Longest word of letters that is kept; what is longer is no word.
const LONGEST_WORD: usize = 40;
/// Most tokens of one text.
const MOST: usize = 4000;
/// Bits of half a character in the permutation: all Han characters lie below 2^18.
const HALF: u32 = 9;
const ROUNDS: usize = 6;
const SIZE: usize = 1 << HALF;
/// Letters of a character's token, and of a word's.
const CHARACTER: usize = 4;
const WORD: usize = 9;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A character that is a word by itself: Han or kana.
    Character(char),
    /// A Latin word, a short number, a word of another alphabet, in lower case.
    Word(String),
    /// Something was left out here; no phrase goes over it.
    Gap,
}

/// Traditional characters by their simplified form, from the table of OpenCC; read once.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let one = |text: &str| {
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    let pairs = hanconv::TSCharacters.iter();
    pairs.filter_map(|(from, to)| Some((one(from)?, one(to)?))).filter(|(from, to)| from != to).collect()
});

/// A character as it is compared: half width, lower case, simplified. It does not look at its neighbours, so that a
/// text and what is looked for in it are always folded alike.
pub fn fold(ch: char) -> char {
    let ch = narrow(ch);
    if ch.is_ascii() {
        return ch.to_ascii_lowercase();
    }
    if is_character(ch) {
        return SIMPLIFIED.get(&ch).copied().unwrap_or(ch);
    }
    let mut lower = ch.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => ch,
    }
}

/// Han of every plane, the private use area in which old systems keep rare characters, and kana.
fn is_character(ch: char) -> bool {
    matches!(ch, '\u{3005}' | '\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{e000}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Variation selectors and joiners, which are no characters of their own.
fn is_mark(ch: char) -> bool {
    matches!(ch, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Digits as they are spelt in Chinese.
fn is_spelt(ch: char) -> bool {
    matches!(ch, '〇' | '零' | '○' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '幺' | '两')
}

/// The pieces of a text, at most a few thousand.
pub fn pieces(text: &str) -> Vec<Piece> {
    let chars: Vec<char> = text.chars().filter(|c| !is_mark(*c)).map(fold).collect();
    let mut out = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() && out.len() < MOST {
        let ch = chars[at];
        at = if ch.is_ascii_digit() {
            number(&chars, at, &mut out)
        } else if is_spelt(ch) {
            spelt(&chars, at, &mut out)
        } else if is_character(ch) {
            out.push(Piece::Character(ch));
            at + 1
        } else if ch.is_alphabetic() {
            word(&chars, at, &mut out)
        } else {
            at + 1
        };
    }
    out
}

/// Digits across blanks and dashes may be one number; only short ones are kept.
fn number(chars: &[char], start: usize, out: &mut Vec<Piece>) -> usize {
    let between = |c: char| is_blank(c) && c != '\n' || is_dash(c) || matches!(c, '(' | ')' | '_' | '.' | '/');
    let (mut end, mut at, mut digits) = (start, start, 0);
    while let Some(ch) = chars.get(at) {
        if ch.is_ascii_digit() {
            digits += 1;
            end = at + 1;
        } else if !between(*ch) || at - end > 2 {
            break;
        }
        at += 1;
    }
    if digits >= LONG_NUMBER {
        out.push(Piece::Gap);
        return end;
    }
    let first = chars[start..end].iter().take_while(|c| c.is_ascii_digit()).count();
    out.push(Piece::Word(chars[start..start + first].iter().collect()));
    start + first
}

fn spelt(chars: &[char], start: usize, out: &mut Vec<Piece>) -> usize {
    let run = chars[start..].iter().take_while(|c| is_spelt(**c)).count();
    if run >= LONG_NUMBER {
        out.push(Piece::Gap);
    } else {
        out.extend(chars[start..start + run].iter().map(|c| Piece::Character(*c)));
    }
    start + run
}

fn word(chars: &[char], start: usize, out: &mut Vec<Piece>) -> usize {
    let letters = chars[start..].iter().take_while(|c| c.is_alphabetic() && !is_character(**c)).count();
    if letters <= LONGEST_WORD {
        out.push(Piece::Word(chars[start..start + letters].iter().collect()));
    } else {
        out.push(Piece::Gap);
    }
    start + letters
}

/// Whether a field's text may be searched: free text that names no person and is no number of one.
pub fn is_searched(field: &Field) -> bool {
    matches!(field.kind, FieldType::Text | FieldType::Longtext) && !field.person && !field.id.starts_with("reporter_")
}

/// The key that words go through before they are stored: a permutation of the characters, and a keyed digest of
/// longer words. Equal characters have equal tokens, so phrases are found exactly; see docs/adr.
#[derive(Clone)]
pub struct WordKey {
    rounds: Box<[[u16; SIZE]; ROUNDS]>,
    words: [u8; 32],
}

impl fmt::Debug for WordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WordKey(hidden)")
    }
}

impl WordKey {
    /// From a secret seed, which a key provider makes.
    pub fn new(seed: &str) -> WordKey {
        let mut rounds = Box::new([[0u16; SIZE]; ROUNDS]);
        let mut stream = Vec::with_capacity(SIZE * ROUNDS * 2);
        let mut block = 0u64;
        while stream.len() < SIZE * ROUNDS * 2 {
            stream.extend_from_slice(&hmac_sm3(seed.as_bytes(), &block.to_be_bytes()));
            block += 1;
        }
        let cells = rounds.iter_mut().flatten();
        for (cell, bytes) in cells.zip(stream.chunks_exact(2)) {
            *cell = u16::from_be_bytes([bytes[0], bytes[1]]) & (SIZE as u16 - 1);
        }
        WordKey { rounds, words: hmac_sm3(seed.as_bytes(), b"words") }
    }

    /// A balanced Feistel network over 18 bits: every character has a token of its own.
    fn permute(&self, ch: char) -> u32 {
        let n = ch as u32;
        let (mut left, mut right) = ((n >> HALF) & (SIZE as u32 - 1), n & (SIZE as u32 - 1));
        for table in self.rounds.iter() {
            (left, right) = (right, left ^ u32::from(table[right as usize]));
        }
        left << HALF | right
    }

    /// The token of a character: four letters.
    fn character(&self, ch: char, out: &mut String) {
        letters(u64::from(self.permute(ch)), CHARACTER, out);
    }

    /// The token of a word: nine letters.
    fn word(&self, word: &str, out: &mut String) {
        let digest = hmac_sm3(&self.words, word.as_bytes());
        let n = digest[..8].iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        letters(n, WORD, out);
    }

    fn piece(&self, piece: &Piece, out: &mut String) {
        match piece {
            Piece::Character(ch) => self.character(*ch, out),
            Piece::Word(word) => self.word(word, out),
            Piece::Gap => out.push_str("zz"),
        }
    }

    /// The tokens of texts, with blanks between; no phrase goes from one text into the next.
    pub fn tokens<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> String {
        let mut out = String::new();
        for text in texts {
            let pieces = pieces(text);
            if !out.is_empty() && !pieces.is_empty() {
                out.push_str(" zz");
            }
            for piece in &pieces {
                if !out.is_empty() {
                    out.push(' ');
                }
                self.piece(piece, &mut out);
            }
        }
        out
    }

    /// Pairs of neighbouring pieces, and longer words, as keyed numbers, each once: what texts are compared by. Nothing of
    /// the text can be read from them without the key.
    pub fn grams<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Vec<u32> {
        let mut out = Vec::new();
        for text in texts {
            let mut before: Option<u32> = None;
            for piece in pieces(text) {
                let now = match &piece {
                    Piece::Character(ch) => self.permute(*ch),
                    Piece::Word(word) => {
                        let digest = hmac_sm3(&self.words, word.as_bytes());
                        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) | 1 << 31
                    }
                    Piece::Gap => {
                        before = None;
                        continue;
                    }
                };
                if let Some(before) = before {
                    out.push(before.wrapping_mul(0x9e37_79b1).rotate_left(13) ^ now.wrapping_mul(0x85eb_ca6b));
                }
                before = Some(now);
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// What is looked for: a phrase of tokens for each word that blanks part, bounded in number and length. What
    /// cannot be looked for (long numbers, signs) is left out.
    pub fn phrases(&self, asked: &str) -> Vec<Vec<String>> {
        const PHRASES: usize = 8;
        const LENGTH: usize = 40;
        let asked: String = asked.chars().take(400).collect();
        // A number that blanks part is one number, so long ones are taken out before the words are parted.
        let mut phrases: Vec<Vec<String>> = Vec::new();
        if pieces(&asked).iter().all(|p| *p == Piece::Gap) {
            return phrases;
        }
        for part in asked.split(is_blank).filter(|p| !p.is_empty()) {
            for run in pieces(part).split(|p| *p == Piece::Gap).filter(|r| !r.is_empty()) {
                let token = |p: &Piece| {
                    let mut out = String::new();
                    self.piece(p, &mut out);
                    out
                };
                let phrase: Vec<String> = run.iter().take(LENGTH).map(token).collect();
                if !phrases.contains(&phrase) && phrases.len() < PHRASES {
                    phrases.push(phrase);
                }
            }
        }
        phrases
    }
}

fn letters(mut n: u64, count: usize, out: &mut String) {
    for _ in 0..count {
        out.push(char::from(b'a' + u8::try_from(n % 26).unwrap_or(0)));
        n /= 26;
    }
}

#[cfg(test)]
mod tests;
