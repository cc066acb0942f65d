//! Forms as they arrive: plain or with photos, bounded in size, checked to come from our own pages. Photos are checked
//! and re-made here, so nothing behind this sees what was uploaded.

use crate::error::WebError;
use crate::visit::{Staff, Visit};
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use std::collections::BTreeMap;
use xiangyue_app::file::{MAX_BYTES, MAX_FILES, Upload, check_photo};
use xiangyue_domain::crypto::sm3_hex;
use xiangyue_domain::refusal::{FieldFault, Refusal};

/// Longest form without photos.
const FORM_MAX: usize = 256 * 1024;
/// Longest form with photos; the router's own limit stands above it.
pub(crate) const BODY_MAX: usize = MAX_BYTES * MAX_FILES + FORM_MAX;

/// What a form brought.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// Fields, each with the last value given.
    pub fields: BTreeMap<String, String>,
    /// Every value of every field.
    pub all: Vec<(String, String)>,
    /// Photos.
    pub photos: Vec<Upload>,
    /// What is wrong with the photos; what was typed is kept, so that the form can be shown again.
    pub photo_fault: Option<Refusal>,
    /// Address it was sent to.
    path: String,
}

impl Sent {
    /// A field; empty when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Whether a box was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        matches!(self.get(name), "on" | "true" | "1")
    }

    /// Every value of a field.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The key that makes sending twice the same as sending once; without one every sending is its own. The forms of
    /// one page share a word, so the address is part of the key; it may hold a receipt's token, so a digest is kept.
    pub fn once(&self) -> Option<String> {
        let once = self.get("once");
        (8..=80).contains(&once.len()).then(|| format!("form/{}", sm3_hex(format!("{}#{once}", self.path).as_bytes())))
    }

    /// Checks a photo and keeps it, or keeps what is wrong with it.
    async fn take_photo(&mut self, field: &str, bytes: Vec<u8>) -> Result<(), WebError> {
        if self.photos.len() >= MAX_FILES {
            let fault = FieldFault::new("photos", "photo_many").with("max", MAX_FILES);
            self.photo_fault = Some(Refusal::form(vec![fault]));
            return Ok(());
        }
        let checked = tokio::task::spawn_blocking(move || check_photo(&bytes)).await;
        match checked.map_err(|e| WebError::Fault(e.to_string()))? {
            Ok(photo) => {
                let field = if field == "photos" { String::new() } else { field.to_owned() };
                self.photos.push(Upload { field, ..photo });
            }
            Err(fault) => self.photo_fault = Some(fault),
        }
        Ok(())
    }

    fn put(&mut self, name: String, value: String) {
        self.fields.insert(name.clone(), value.clone());
        self.all.push((name, value));
    }
}

/// Reads a form of whoever is signed in; the form token must be the session's.
pub(crate) async fn read_staff(staff: &Staff, request: Request) -> Result<Sent, WebError> {
    own_page(&request)?;
    let mut sent = read(request).await?;
    if sent.get("csrf") != staff.user.csrf {
        return Err(WebError::Forged);
    }
    sent.photo_fault.take().map_or(Ok(sent), |fault| Err(WebError::Refused(fault)))
}

/// Reads a public form. It carries nobody's authority, so it is only checked to come from our own page. A fault of the
/// photos is left in it for the handler to say.
pub(crate) async fn read_public(visit: &Visit, request: Request) -> Result<Sent, WebError> {
    own_page(&request)?;
    let sent = read(request).await?;
    match &visit.user {
        Some(user) if !sent.get("csrf").is_empty() && sent.get("csrf") != user.csrf => Err(WebError::Forged),
        _ => Ok(sent),
    }
}

/// A browser names the origin of a form; one from elsewhere is refused.
pub(crate) fn own_page(request: &Request) -> Result<(), WebError> {
    let header = |name| request.headers().get(name).and_then(|v| v.to_str().ok());
    let Some(origin) = header(ORIGIN).filter(|o| *o != "null") else { return Ok(()) };
    let host = header(HOST).unwrap_or("");
    let from = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    if from == host { Ok(()) } else { Err(WebError::Forged) }
}

async fn read(request: Request) -> Result<Sent, WebError> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let mut sent = Sent { path: request.uri().path().to_owned(), ..Sent::default() };
    if kind.starts_with("multipart/form-data") {
        let parts = Multipart::from_request(request, &()).await.map_err(|_| WebError::Unreadable)?;
        return read_parts(parts, sent).await;
    }
    let bytes = Bytes::from_request(request, &()).await.map_err(|_| WebError::TooLarge)?;
    if bytes.len() > FORM_MAX {
        return Err(WebError::TooLarge);
    }
    for (name, value) in form_pairs(&bytes) {
        sent.put(name, value);
    }
    Ok(sent)
}

async fn read_parts(mut parts: Multipart, mut sent: Sent) -> Result<Sent, WebError> {
    let mut text = 0;
    loop {
        let part = parts.next_field().await.map_err(|e| of_part(&e))?;
        let Some(mut part) = part else { return Ok(sent) };
        let name = part.name().unwrap_or("").to_owned();
        let is_file = part.file_name().is_some();
        let mut bytes = Vec::new();
        // Read bit by bit, so that what is too large is dropped before it fills memory.
        let most = if is_file { MAX_BYTES } else { FORM_MAX };
        let mut whole = true;
        while let Some(bit) = part.chunk().await.map_err(|e| of_part(&e))? {
            whole = whole && bytes.len() + bit.len() <= most;
            if whole {
                bytes.extend_from_slice(&bit);
            } else {
                bytes = Vec::new();
            }
        }
        if !is_file {
            text += bytes.len();
            if !whole || text > FORM_MAX {
                return Err(WebError::TooLarge);
            }
            sent.put(name, String::from_utf8_lossy(&bytes).into_owned());
        } else if !whole {
            sent.photo_fault = Some(Refusal::field("photos", "photo_size"));
        } else if !bytes.is_empty() && sent.photo_fault.is_none() {
            sent.take_photo(&name, bytes).await?;
        }
    }
}

pub(crate) fn of_part(error: &axum::extract::multipart::MultipartError) -> WebError {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE { WebError::TooLarge } else { WebError::Unreadable }
}

/// Pairs of an urlencoded text.
pub(crate) fn form_pairs(bytes: &[u8]) -> Vec<(String, String)> {
    bytes
        .split(|b| *b == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            (decode(&pair[..at]), decode(pair.get(at + 1..).unwrap_or(&[])))
        })
        .collect()
}

fn decode(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut i = 0;
    while i < text.len() {
        match text[i] {
            b'+' => out.push(b' '),
            b'%' => {
                let hex = text.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok());
                match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
                    Some(byte) => {
                        out.push(byte);
                        i += 2;
                    }
                    None => out.push(b'%'),
                }
            }
            other => out.push(other),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_and_nothing_panics() {
        assert_eq!(
            form_pairs(b"a=%E6%9D%91+1&b=&c"),
            vec![("a".into(), "村 1".into()), ("b".into(), String::new()), ("c".into(), String::new())]
        );
        for junk in [&b"%"[..], b"%zz=%", b"&&&=", b"\xff\xfe=%f"] {
            let _ = form_pairs(junk);
        }
    }
}
