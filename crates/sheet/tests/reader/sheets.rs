//! Workbooks as offices make them.

use crate::package::{Package, all, rows};
use xiangyue_sheet::{
    Cell, File, Form, Format, Limits, Out, Refused, Wanted, address, detect, read, write_csv, write_xlsx,
};

fn texts(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
    let found = rows(bytes).expect("a file");
    found.iter().map(|r| (r.number, r.cells.iter().map(|c| c.text().into_owned()).collect())).collect()
}

#[test]
fn cells_of_every_kind_are_read_with_their_addresses() {
    let book = Package::new(
        r#"<row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3" t="inlineStr"><is><t> 停水了 </t></is></c></row>
           <row r="17"><c r="A17"><v>13800138000</v></c><c r="B17" s="1"><v>45356</v></c><c r="C17" s="2"><v>45356.4305555556</v></c>
             <c r="D17" t="b"><v>1</v></c><c r="E17" t="e"><v>#N/A</v></c><c r="F17"><f>A1*2</f><v>7</v></c><c r="G17"><f>A1*3</f></c>
             <c r="H17" t="str"><f>"甲"</f><v>甲乙</v></c></row>"#,
        &["编 号"],
    );
    let found = rows(&book.zip()).expect("a workbook");
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].number, found[0].cell(0).text().as_ref()), (3, "编 号"));
    assert!(found[0].cell(1).is_blank());
    let cells = &found[1].cells;
    assert_eq!(cells[0], Cell::Number(13_800_138_000.0));
    assert_eq!(cells[1], Cell::Moment("2024-03-05".into()));
    assert_eq!(cells[2], Cell::Moment("2024-03-05 10:20".into()));
    assert_eq!(cells[3..7], [Cell::Flag(true), Cell::Fault("#N/A".into()), Cell::Number(7.0), Cell::Uncalculated]);
    assert_eq!(cells[7], Cell::Text("甲乙".into()));
    assert_eq!(address(2, found[1].number), "C17");
    assert_eq!(read(&cells[2], Form::Day).as_deref(), Ok("2024-03-05"));
}

#[test]
fn merged_headings_and_cells_are_known_as_such() {
    let rows_ = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>某市派单表</t></is></c></row>
      <row r="2"><c r="A2" t="inlineStr"><is><t>工单编号</t></is></c><c r="B2" t="inlineStr"><is><t>诉求人</t></is></c></row>
      <row r="3"><c r="B3" t="inlineStr"><is><t>姓名</t></is></c><c r="C3" t="inlineStr"><is><t>联系电话</t></is></c></row>
      <row r="4"><c r="A4" t="inlineStr"><is><t>A1</t></is></c><c r="B4" t="inlineStr"><is><t>甲</t></is></c></row>
      <row r="5"><c r="B5" t="inlineStr"><is><t>乙</t></is></c></row>"#;
    let merges = "</sheetData><mergeCells><mergeCell ref=\"A1:C1\"/><mergeCell ref=\"A2:A3\"/><mergeCell ref=\"B2:C2\"/><mergeCell ref=\"A4:A5\"/></mergeCells>";
    let book = Package::new(rows_, &[]).with("xl/worksheets/sheet1.xml", "</sheetData>", merges);
    let found = rows(&book.zip()).expect("a workbook");
    let names = |n: &[&str]| Wanted { names: n.iter().map(|n| (*n).to_owned()).collect(), required: true };
    let head = detect(&found, &[names(&["工单编号"]), names(&["姓名"]), names(&["联系电话"])]).expect("headings");
    assert_eq!((head.row, head.columns), (3, vec![Some(0), Some(1), Some(2)]));
    assert_eq!(found[4].cell(0), &Cell::Merged, "A5 lies under A4");
    assert!(read(found[4].cell(0), Form::Line).is_err());
}

#[test]
fn a_sheet_that_claims_a_million_columns_is_read_for_what_it_holds() {
    let book = Package::new(r#"<row r="1" spans="1:16384"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row>"#, &[]).with(
        "xl/worksheets/sheet1.xml",
        "<sheetData>",
        r#"<dimension ref="A1:XFD1048576"/><sheetData>"#,
    );
    assert_eq!(texts(&book.zip()), [(1, vec!["1".to_owned()])]);
    let book = Package::new(r#"<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>"#, &[]);
    assert_eq!(rows(&book.zip()), Err(Refused::Columns(256)));
    let book = Package::new(r#"<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>"#, &[]);
    assert!(rows(&book.zip()).map_or_else(|e| matches!(e, Refused::Broken(_)), |r| r.len() == 1));
}

#[test]
fn too_many_rows_or_cells_are_refused() {
    let many: String = (1..=30).map(|r| format!(r#"<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>"#)).collect();
    let bytes = Package::new(&many, &[]).zip();
    let limits = Limits { rows: 29, ..Limits::default() };
    assert_eq!(all(&bytes, &limits), Err(Refused::Rows(29)));
    let limits = Limits { cells: 29, ..Limits::default() };
    assert_eq!(all(&bytes, &limits), Err(Refused::Cells(29)));
    let limits = Limits { bytes: 100, ..Limits::default() };
    assert_eq!(all(&bytes, &limits), Err(Refused::TooLarge(0)));
}

#[test]
fn what_is_no_spreadsheet_is_refused_with_one_reason() {
    let cases: [(&[u8], Refused); 4] = [
        (b"", Refused::Empty),
        (&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0], Refused::OldOrLocked),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Refused::Unknown),
        (b"%PDF-1.4 \n1 0 obj", Refused::Unknown),
    ];
    for (bytes, refused) in cases {
        assert_eq!(rows(bytes), Err(refused));
    }
    assert!(matches!(rows(b"PK\x03\x04 nothing more"), Err(Refused::Broken(_))));
    let word = Package(vec![("word/document.xml".to_owned(), b"<w/>".to_vec())]);
    assert!(rows(&word.zip()).is_err());
}

#[test]
fn what_is_written_is_read_again() {
    let head = ["编号".to_owned(), "内容".to_owned()];
    let rows_ = [
        vec![Out::plain("00123"), Out::plain("=1+1")],
        vec![Out::plain("11010519491231002X"), Out::remark("第一行\n第二行,\"引号\"")],
        vec![Out::plain(""), Out::plain("隰崾𠀾")],
    ];
    let book = write_xlsx("表[1]:/", &["演示数据".to_owned()], &head, &rows_).expect("a workbook");
    let file = File::open(&book, &Limits::default()).expect("a workbook");
    assert_eq!((file.format(), file.sheets()), (Format::Workbook, &["表1".to_owned()][..]));
    let found = texts(&book);
    assert_eq!(found[0], (1, vec!["演示数据".to_owned()]));
    assert_eq!(found[1].1, head);
    assert_eq!(found[2].1, ["00123", "=1+1"]);
    assert_eq!(found[3].1[1], "第一行\n第二行,\"引号\"");
    let csv = write_csv(&head, &rows_);
    let found = texts(&csv);
    assert_eq!(found[0].1, head);
    assert_eq!(found[1].1, ["00123", "=1+1"], "the apostrophe is taken off again");
    assert_eq!(found[2].1, ["11010519491231002X", "第一行\n第二行,\"引号\""]);
    assert_eq!(found[3].1[1], "隰崾𠀾");
}
