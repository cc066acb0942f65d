//! What becomes of a photo: nothing of where and with what it was taken stays, it stands upright, and what is no photo, or
//! claims to be a huge one, is refused.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use std::io::Cursor;
use xiangyue_app::file::{MAX_BYTES, check_photo};

const MAKER: &[u8] = b"Maker of the test";

fn encoded(format: ImageFormat) -> Vec<u8> {
    let picture =
        RgbImage::from_fn(60, 40, |x, y| Rgb([if x < 30 { 250 } else { 5 }, if y < 20 { 250 } else { 5 }, 90]));
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut out, format).expect("encoded");
    out.into_inner()
}

/// A JPEG as a phone makes it: turned by a quarter, with a maker and a place (38° north, 107° east) in its EXIF.
fn from_a_phone() -> Vec<u8> {
    let short = |tag: u16, kind: u16, n: u32, value: [u8; 4]| {
        let mut entry = Vec::new();
        entry.extend(tag.to_be_bytes());
        entry.extend(kind.to_be_bytes());
        entry.extend(n.to_be_bytes());
        entry.extend(value);
        entry
    };
    let maker_at: u32 = 8 + 2 + 3 * 12 + 4;
    let gps_at = maker_at + u32::try_from(MAKER.len()).expect("short") + 1;
    let mut tiff: Vec<u8> = b"MM\0\x2a\0\0\0\x08\0\x03".to_vec();
    tiff.extend(short(0x010f, 2, u32::try_from(MAKER.len()).expect("short"), maker_at.to_be_bytes()));
    tiff.extend(short(0x0112, 3, 1, [0, 6, 0, 0]));
    tiff.extend(short(0x8825, 4, 1, gps_at.to_be_bytes()));
    tiff.extend([0; 4]);
    tiff.extend(MAKER);
    tiff.push(0);
    tiff.extend([0, 1]);
    tiff.extend(short(0x0001, 2, 2, *b"N\0\0\0"));
    tiff.extend([0; 4]);
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(tiff);
    let plain = encoded(ImageFormat::Jpeg);
    let mut out = plain[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend(u16::try_from(segment.len() + 2).expect("short").to_be_bytes());
    out.extend(segment);
    out.extend(&plain[2..]);
    out
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|w| w == what)
}

#[test]
fn nothing_of_where_it_was_taken_stays_and_it_stands_upright() {
    let sent = from_a_phone();
    assert!(holds(&sent, b"Exif") && holds(&sent, MAKER));
    let kept = check_photo(&sent).expect("a photo").jpeg;
    assert!(!holds(&kept, b"Exif") && !holds(&kept, MAKER) && !holds(&kept, b"GPS"));
    let upright = image::load_from_memory(&kept).expect("a picture");
    assert_eq!((upright.width(), upright.height()), (40, 60), "turned as the phone said");
}

#[test]
fn known_kinds_become_jpeg_and_the_rest_is_refused() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let kept = check_photo(&encoded(format)).expect("a photo").jpeg;
        assert_eq!(image::guess_format(&kept).expect("known"), ImageFormat::Jpeg);
    }
    let mut huge = encoded(ImageFormat::Png);
    // Width and height of the header say 60,000 each.
    huge[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let page = b"<html><script>alert(1)</script></html>".to_vec();
    let cut = encoded(ImageFormat::Jpeg)[..40].to_vec();
    for bad in [Vec::new(), page, cut, huge, b"GIF89a\x01\0\x01\0".to_vec()] {
        assert!(check_photo(&bad).is_err());
    }
    assert!(check_photo(&vec![0xff; MAX_BYTES + 1]).is_err(), "too large to be looked at");
}
