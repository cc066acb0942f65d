//! A form that brings a spreadsheet: bounded in size while it is read, whatever it claims, and checked to come from our
//! own page. What it holds is read elsewhere, in a thread of its own.

use crate::error::WebError;
use crate::form::{of_part, own_page};
use crate::visit::{Staff, Visit};
use axum::extract::{FromRequest, Multipart, Request};
use std::collections::BTreeMap;

/// Largest spreadsheet taken, in MB.
pub(crate) const SHEET_MAX_MB: usize = 20;
const SHEET_MAX: usize = SHEET_MAX_MB * 1024 * 1024;
/// Longest text of such a form: rows that were looked at come back as text.
const TEXT_MAX: usize = 1024 * 1024;

/// What the form brought.
#[derive(Debug, Default)]
pub(crate) struct SheetForm {
    /// Fields.
    pub fields: BTreeMap<String, String>,
    /// Name of the file and its bytes; none when no file was picked.
    pub file: Option<(String, Vec<u8>)>,
    /// The file was larger than is taken; nothing of it was kept.
    pub too_large: bool,
}

impl SheetForm {
    /// A field; empty when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// Why a file is not read, in words; the same wherever files are taken.
pub(crate) fn unread(visit: &Visit, key: &str, most: Option<u64>) -> String {
    let max = most.map(|m| m.to_string()).unwrap_or_default();
    visit.t_with(&format!("refusal.sheet_{key}"), &[("max", max)])
}

/// Reads such a form of whoever is signed in.
pub(crate) async fn read_sheet(staff: &Staff, request: Request) -> Result<SheetForm, WebError> {
    own_page(&request)?;
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| WebError::Unreadable)?;
    let mut form = SheetForm::default();
    loop {
        let part = match parts.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(error) if matches!(of_part(&error), WebError::TooLarge) => {
                form.too_large = true;
                break;
            }
            Err(error) => return Err(of_part(&error)),
        };
        let (field, name) = (part.name().unwrap_or("").to_owned(), part.file_name().map(str::to_owned));
        let most = if name.is_some() { SHEET_MAX } else { TEXT_MAX };
        match (read_part(part, most).await?, name) {
            (Some(bytes), Some(name)) if !bytes.is_empty() => form.file = Some((name, bytes)),
            (Some(_), Some(_)) => {}
            (None, Some(_)) => form.too_large = true,
            (Some(bytes), None) => {
                form.fields.insert(field, String::from_utf8_lossy(&bytes).into_owned());
            }
            (None, None) => return Err(WebError::TooLarge),
        }
    }
    if form.too_large {
        // Nothing of it is kept and nothing happens, so it is only said; the token may lie in what was cut off.
        form.file = None;
    } else if form.get("csrf") != staff.user.csrf {
        return Err(WebError::Forged);
    }
    Ok(form)
}

/// The bytes of a part; none when there are too many, which are dropped as they come.
async fn read_part(mut part: axum::extract::multipart::Field<'_>, most: usize) -> Result<Option<Vec<u8>>, WebError> {
    let mut bytes = Vec::new();
    let mut whole = true;
    loop {
        match part.chunk().await {
            Ok(Some(bit)) => {
                whole = whole && bytes.len() + bit.len() <= most;
                if whole {
                    bytes.extend_from_slice(&bit);
                } else {
                    bytes = Vec::new();
                }
            }
            Ok(None) => return Ok(whole.then_some(bytes)),
            Err(error) if matches!(of_part(&error), WebError::TooLarge) => return Ok(None),
            Err(error) => return Err(of_part(&error)),
        }
    }
}
