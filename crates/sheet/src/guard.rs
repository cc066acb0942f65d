//! The door before the workbook reader: a package is unpacked once into nothing, counting as it goes, so that what
//! the reader behind meets is known to be bounded. No size that the package states is believed.

use crate::limits::Limits;
use crate::refused::Refused;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// A number after which the reader would set memory aside, whatever the part really holds.
const CLAIM: &[u8] = b"uniqueCount";
/// Most texts a part may claim.
const CLAIMED_MOST: u64 = 4_000_000;
/// Bytes read at once.
const STEP: usize = 64 * 1024;

/// Walks through all parts; gives the number of bytes they unpack to.
pub(crate) fn check(bytes: &[u8], limits: &Limits) -> Result<u64, Refused> {
    let broken = |e: zip::result::ZipError| Refused::Broken(e.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > limits.parts {
        return Err(Refused::Unpacks(limits.unpacked / MB));
    }
    let mut whole = 0;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(broken)?;
        // Every part is walked through: the package itself says which part is read as what.
        let texts = part.name().map_or(true, |n| n.to_ascii_lowercase().contains("sharedstrings"));
        whole += unpack(part, limits, whole, texts)?;
    }
    Ok(whole)
}

const MB: u64 = 1024 * 1024;

fn unpack(mut part: impl Read, limits: &Limits, before: u64, texts: bool) -> Result<u64, Refused> {
    let mut buffer = vec![0u8; STEP + KEPT];
    // The end of the last piece stays before the next, so that no word is cut in two.
    let mut kept = 0;
    let mut read = 0u64;
    loop {
        let n = part.read(&mut buffer[kept..kept + STEP]).map_err(|e| Refused::Broken(e.to_string()))?;
        if n == 0 {
            return Ok(read);
        }
        read += n as u64;
        if before + read > limits.unpacked {
            return Err(Refused::Unpacks(limits.unpacked / MB));
        }
        if texts && read > limits.texts {
            return Err(Refused::Unpacks(limits.texts / MB));
        }
        let piece = &buffer[..kept + n];
        if texts && claims_too_much(piece) {
            return Err(Refused::Broken("uniqueCount".to_owned()));
        }
        let tail = piece.len().saturating_sub(KEPT);
        kept = piece.len() - tail;
        buffer.copy_within(tail..tail + kept, 0);
    }
}

/// Longest claim with its name, quotes and digits.
const KEPT: usize = 96;

/// Whether a piece holds a claim of more texts than a part of bearable size can hold.
fn claims_too_much(piece: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = find(&piece[from..], CLAIM) {
        let rest = &piece[from + at + CLAIM.len()..];
        let skip = rest.iter().take(KEPT).position(u8::is_ascii_digit);
        if let Some(skip) = skip.filter(|n| *n <= 8) {
            let digits = rest[skip..].iter().take(40).take_while(|b| b.is_ascii_digit());
            let claimed = digits.fold(0u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')));
            if claimed > CLAIMED_MOST {
                return true;
            }
        }
        from += at + CLAIM.len();
    }
    false
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    let first = *word.first()?;
    let mut from = 0;
    while let Some(at) = text.get(from..)?.iter().position(|b| *b == first) {
        if text[from + at..].starts_with(word) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_seen_wherever_a_piece_ends() {
        for gap in [0, 1, STEP - 30, STEP - 12, STEP - 5, STEP, STEP + 7] {
            let text = format!("<sst>{}<x uniqueCount = \"99999999999999\"/>", " ".repeat(gap));
            let seen = unpack(Cursor::new(text.into_bytes()), &Limits::default(), 0, true);
            assert!(matches!(seen, Err(Refused::Broken(_))), "{gap}");
        }
        let honest = format!("<sst uniqueCount=\"120000\">{}", "<si/>".repeat(100_000));
        assert!(unpack(Cursor::new(honest.into_bytes()), &Limits::default(), 0, true).is_ok());
    }

    #[test]
    fn what_unpacks_too_far_is_refused() {
        let limits = Limits { unpacked: 1000, texts: 100, ..Limits::default() };
        assert!(unpack(Cursor::new(vec![b'x'; 900]), &limits, 0, false).is_ok());
        assert!(unpack(Cursor::new(vec![b'x'; 900]), &limits, 101, false).is_err());
        assert!(unpack(Cursor::new(vec![b'x'; 101]), &limits, 0, true).is_err());
    }
}
