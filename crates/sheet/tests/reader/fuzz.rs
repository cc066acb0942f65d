//! Whatever the bytes are, the reader answers: with rows inside the limits, or with one refusal.

use crate::package::{Package, all};
use proptest::prelude::*;
use xiangyue_sheet::{Cell, Form, Limits, Wanted, detect, read};

const FORMS: [Form; 7] = [Form::Words, Form::Line, Form::Code, Form::Day, Form::Span, Form::Number, Form::Flag];

fn limits() -> Limits {
    Limits { unpacked: 4 * 1024 * 1024, texts: 1024 * 1024, rows: 500, columns: 40, cells: 20_000, ..Limits::default() }
}

/// Reads everything that can be read of a file, as an import would.
fn through(bytes: &[u8]) -> Result<(), TestCaseError> {
    let limits = limits();
    let Ok(rows) = all(bytes, &limits) else { return Ok(()) };
    prop_assert!(rows.len() <= limits.rows);
    let wanted =
        [Wanted { names: vec!["编号".into()], required: true }, Wanted { names: vec!["内容".into()], required: false }];
    let _ = detect(&rows, &wanted);
    let mut last = 0;
    for row in &rows {
        prop_assert!(row.cells.len() <= limits.columns && !row.cells.is_empty());
        prop_assert!(row.number > last, "rows come in order");
        last = row.number;
        for cell in &row.cells {
            through_cell(cell)?;
        }
    }
    Ok(())
}

fn through_cell(cell: &Cell) -> Result<(), TestCaseError> {
    for form in FORMS {
        let Ok(text) = read(cell, form) else { continue };
        // What was read once reads the same again; words may begin with an apostrophe of their own.
        if matches!(form, Form::Day | Form::Span | Form::Number | Form::Flag) {
            prop_assert_eq!(read(&Cell::Text(text.clone()), form), Ok(text), "{:?} {:?}", cell, form);
        }
    }
    Ok(())
}

fn sample() -> Package {
    Package::new(
        r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" s="1"><v>45356</v></c><c r="B2" t="inlineStr"><is><t>停水</t></is></c><c r="C2"><f t="shared" si="0" ref="C2:C9">A1+1</f><v>3</v></c></row>"#,
        &["编号", "内容"],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        through(&bytes)?;
    }

    #[test]
    fn any_bytes_behind_a_known_beginning(
        head in proptest::sample::select(vec![&b"PK\x03\x04"[..], b"\xff\xfe", b"\xef\xbb\xbf", b"\xd0\xcf\x11\xe0", b"PK\x05\x06"]),
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        through(&[head, &bytes].concat())?;
    }

    #[test]
    fn any_text(text in "[a-z0-9,;\t\"'\r\n编号内容０-９年月日=+@\u{a0}\u{200b} -]{0,300}|.{0,200}") {
        through(text.as_bytes())?;
        let (gb, _, _) = encoding_rs::GB18030.encode(&text);
        through(&gb)?;
    }

    #[test]
    fn a_package_with_bytes_changed(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut bytes = sample().zip();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        through(&bytes)?;
    }

    #[test]
    fn a_package_with_a_part_changed(
        part in 0usize..7,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[<>/\"=&;a-z0-9!\\-\\[\\]编:]{0,12}"), 1..5),
    ) {
        let mut package = sample();
        let bytes = &mut package.0[part].1;
        for (from, to, put) in cuts {
            let (a, b) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
            let (a, b) = (a.min(b), a.max(b).min(a.min(b) + 40));
            bytes.splice(a..b, put.into_bytes());
        }
        through(&package.zip())?;
    }

    #[test]
    fn any_cell(cell in prop_oneof![
        any::<f64>().prop_map(Cell::Number),
        ".{0,40}".prop_map(Cell::Text),
        "[0-9０-９.,\\-/年月日: eE+T]{0,24}".prop_map(Cell::Text),
        any::<bool>().prop_map(Cell::Flag),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?".prop_map(Cell::Moment),
    ]) {
        through_cell(&cell)?;
    }
}
