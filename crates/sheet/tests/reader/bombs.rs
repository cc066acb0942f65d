//! Packages that unpack to far more than they are. None of them may take memory or time worth speaking of.

use crate::package::{Package, all, rows};
use std::time::{Duration, Instant};
use xiangyue_sheet::{Limits, Refused};

fn quickly<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    let most = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 10 });
    assert!(begun.elapsed() < most, "{what}: {:?}", begun.elapsed());
    done
}

#[test]
fn a_bomb_in_any_part_is_refused() {
    let huge = vec![b' '; 322 * 1024 * 1024];
    // The package itself says which part is read as what, so none is trusted for its name.
    for path in ["xl/worksheets/sheet1.xml", "xl/media/picture.png"] {
        let mut book = Package::new(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#, &[]);
        book.0.retain(|(p, _)| p != path);
        book.0.push((path.to_owned(), huge.clone()));
        let bytes = book.zip();
        assert!(bytes.len() < 2_000_000, "it is small outside");
        assert_eq!(quickly(path, || rows(&bytes)), Err(Refused::Unpacks(320)), "{path}");
    }
}

#[test]
fn many_texts_are_refused_before_they_are_kept() {
    let book = Package::new("", &[]).with("xl/sharedStrings.xml", "</sst>", &"<si><t>a</t></si>".repeat(4_200_000));
    let bytes = book.zip();
    assert_eq!(quickly("texts", || rows(&bytes)), Err(Refused::Unpacks(64)));
}

#[test]
fn a_claim_of_texts_sets_no_memory_aside() {
    for claim in ["99999999999", "18446744073709551615", "4000001"] {
        let book =
            Package::new("", &[]).with("xl/sharedStrings.xml", "<sst ", &format!("<sst uniqueCount=\"{claim}\" "));
        assert!(matches!(rows(&book.zip()), Err(Refused::Broken(_))), "{claim}");
    }
}

#[test]
fn parts_without_number_are_refused() {
    let mut book = Package::new("", &[]);
    book.0.extend((0..2100).map(|i| (format!("xl/x{i}.xml"), Vec::new())));
    assert!(matches!(rows(&book.zip()), Err(Refused::Unpacks(_))));
}

#[test]
fn blank_cells_without_end_are_refused() {
    // Styled blanks cost a few bytes each and hold nothing.
    let bytes = Package::new(&"<c s=\"1\"></c>".repeat(2_000_001), &[]).zip();
    let limits = Limits { cells: 2_000_000, ..Limits::default() };
    assert_eq!(quickly("cells", || all(&bytes, &limits)), Err(Refused::Cells(2_000_000)));
}
