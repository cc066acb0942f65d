//! Attachments: checked by what they are and not by what they are called, re-made so that no position data stays,
//! stored under the digest of their ciphertext, synced before the commit that names them.

use crate::error::AppError;
use crate::keys::Subject;
use crate::state::App;
use image::{ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use std::path::PathBuf;
use xiangyue_domain::crypto::sm3_hex;
use xiangyue_domain::matter::{FileRef, Matter};
use xiangyue_domain::refusal::Refusal;

/// Largest photo taken, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most photos with one form.
pub const MAX_FILES: usize = 6;
/// Longest side of a stored photo, in pixels.
const MAX_SIDE: u32 = 1600;
/// Largest side that is decoded at all.
const MAX_DECODED_SIDE: u32 = 12_000;
/// Memory a decoder may ask for.
const MAX_DECODE_BYTES: u64 = 160 * 1024 * 1024;

/// A photo that was checked and re-made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upload {
    /// JPEG without any metadata.
    pub jpeg: Vec<u8>,
    /// The field of the form that it fills; empty for a plain photo.
    pub field: String,
}

/// Checks what was sent: a photo of a known format and bearable size, re-made as a JPEG without metadata.
pub fn check_photo(bytes: &[u8]) -> Result<Upload, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::field("photos", "photo_size"));
    }
    let no_photo = || Refusal::field("photos", "photo_kind");
    let format = image::guess_format(bytes).map_err(|_| no_photo())?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(no_photo());
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_DECODED_SIDE);
    limits.max_image_height = Some(MAX_DECODED_SIDE);
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| no_photo())?;
    let turn = decoder.orientation().map_err(|_| no_photo())?;
    let mut photo = image::DynamicImage::from_decoder(decoder).map_err(|_| no_photo())?;
    photo.apply_orientation(turn);
    if photo.width() > MAX_SIDE || photo.height() > MAX_SIDE {
        photo = photo.thumbnail(MAX_SIDE, MAX_SIDE);
    }
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 82);
    photo.to_rgb8().write_with_encoder(encoder).map_err(|_| no_photo())?;
    Ok(Upload { jpeg, field: String::new() })
}

impl App {
    /// Stores files durably; the commit that names them comes after.
    pub(crate) async fn store_files(&self, subject: &Subject, files: Vec<Upload>) -> Result<Vec<FileRef>, AppError> {
        let mut stored = Vec::new();
        for file in files.into_iter().take(MAX_FILES) {
            let sealed = self.secrets.seal_bytes(subject, &file.jpeg);
            let digest = sm3_hex(sealed.as_bytes());
            let bytes = i64::try_from(file.jpeg.len()).unwrap_or(0);
            let path = self.file_path(&digest).ok_or(AppError::NotFound)?;
            tokio::task::spawn_blocking(move || -> std::io::Result<()> {
                use std::io::Write;
                let dir = path.parent().ok_or(std::io::ErrorKind::NotFound)?;
                std::fs::create_dir_all(dir)?;
                let part = path.with_extension("part");
                let mut out = std::fs::File::create(&part)?;
                out.write_all(sealed.as_bytes())?;
                out.sync_all()?;
                std::fs::rename(&part, &path)?;
                std::fs::File::open(dir)?.sync_all()
            })
            .await
            .map_err(|e| AppError::Io(e.to_string()))??;
            stored.push(FileRef { digest, media: "image/jpeg".to_owned(), bytes, field: file.field });
        }
        Ok(stored)
    }

    /// The bytes of a matter's file; the caller has made sure that the reader may see the matter.
    pub async fn read_file(&self, matter: &Matter, digest: &str) -> Result<Vec<u8>, AppError> {
        if !matter.files.iter().any(|(_, f)| f.digest == digest) {
            return Err(AppError::NotFound);
        }
        let subject = self.subject_of(matter).await?;
        self.open_stored(&subject, digest).await
    }

    /// The bytes of a stored file; the caller has made sure that it belongs to the subject and that the reader may see it.
    pub(crate) async fn open_stored(&self, subject: &Subject, digest: &str) -> Result<Vec<u8>, AppError> {
        let path = self.file_path(digest).ok_or(AppError::NotFound)?;
        let sealed = tokio::fs::read_to_string(path).await.map_err(|_| AppError::NotFound)?;
        self.secrets.open_bytes(subject, &sealed).ok_or(AppError::NotFound)
    }

    /// Where a file is stored: in the folder that its digest begins with.
    pub(crate) fn file_path(&self, digest: &str) -> Option<PathBuf> {
        Some(self.files.join(digest.get(..2)?).join(digest))
    }
}
