//! What stands in the Excel files, read back from their parts. It must never trust the writer's own types for it.

use super::sample::{long, row, small};
use super::xml;
use crate::model::Cell;
use crate::{write_table_xlsx, write_xlsx};
use std::io::{Cursor, Read};

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn formulas_stay_words() {
    let head = vec!["姓名".to_owned(), "件".to_owned()];
    let rows: Vec<Vec<Cell>> =
        ["=1+1", "+1", "-1", "@x", "=HYPERLINK(\"x\")"].iter().map(|t| vec![Cell::text(*t), Cell::count(3)]).collect();
    let bytes = write_table_xlsx("名单:2021/6?", Some("演示数据,非真实情况"), &head, &rows).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>"));
    assert!(part(&bytes, "xl/styles.xml").contains("quotePrefix=\"1\""));
    assert!(part(&bytes, "xl/sharedStrings.xml").contains("<t>=1+1</t>"));
    assert!(part(&bytes, "xl/workbook.xml").contains("name=\"名单 2021 6\""));
    let read = xml::parse(&sheet).unwrap();
    let number = read.all("c").into_iter().find(|c| c.attribute("r") == Some("B4")).unwrap();
    assert_eq!((number.attribute("t"), number.children[0].text.as_str()), (None, "3"));
}

#[test]
fn the_demo_note_is_on_top_of_every_sheet() {
    let bytes = write_xlsx(&long(), &[row("hotline.accepted", 9238.0, "件")]).unwrap();
    let strings = xml::parse(&part(&bytes, "xl/sharedStrings.xml")).unwrap();
    let strings: Vec<&str> = strings.all("t").iter().map(|t| t.text.as_str()).collect();
    for number in 1..=3 {
        let sheet = xml::parse(&part(&bytes, &format!("xl/worksheets/sheet{number}.xml"))).unwrap();
        let first = sheet.all("c")[0];
        let index: usize = first.children[0].text.parse().unwrap();
        assert_eq!((first.attribute("r"), strings[index]), (Some("A1"), "演示数据,非真实情况"));
        assert_eq!(sheet.all("pageSetup")[0].attribute("paperSize"), Some("9"));
        assert_eq!(sheet.all("pane").len(), 1);
    }
    let book = part(&bytes, "xl/workbook.xml");
    assert!(book.contains("_xlnm.Print_Titles") && book.contains("附件1 分乡镇办理情况"), "{book}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let rows = [row("a.rate", 97.716, "%")];
    assert_eq!(write_xlsx(&small(), &rows).unwrap(), write_xlsx(&small(), &rows).unwrap());
    let sheet = part(&write_xlsx(&small(), &rows).unwrap(), "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<v>97.72</v>"), "{sheet}");
}

#[test]
fn a_ragged_or_endless_table_is_refused() {
    let head = vec!["件".to_owned()];
    let bad = Cell::Number { value: f64::INFINITY, decimals: 0 };
    assert!(write_table_xlsx("表", None, &head, &[vec![bad]]).is_err());
    assert!(write_table_xlsx("表", None, &head, &[vec![]]).is_err());
    assert!(write_table_xlsx("表", None, &[], &[]).is_err());
}

/// Leaves a sample for the eye where `REPORT_XLSX` names a file.
#[test]
fn sample_for_the_eye() {
    let bytes = write_xlsx(&long(), &[row("hotline.accepted", 9238.0, "件"), row("a.rate", 97.716, "%")]).unwrap();
    assert!(bytes.starts_with(b"PK"));
    if let Some(path) = std::env::var_os("REPORT_XLSX") {
        std::fs::write(path, bytes).unwrap();
    }
}
