//! Every part well-formed and in the schema's order; what a reader finds in the text.
//! An element that the lists of order do not know must never pass.

use super::*;
use crate::tests::sample::{long, small};
use crate::tests::xml::{self, Node};
use std::io::Read;

const PPR: &str = "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs \
    suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid \
    spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl \
    divId cnfStyle rPr sectPr pPrChange";
const RPR: &str = "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid \
    vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang \
    eastAsianLayout specVanish oMath";
const SECT: &str = "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType \
    pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings";
const TBLPR: &str = "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing \
    tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription";
const TCPR: &str =
    "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark";
const STYLE: &str = "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked \
    personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr";
const SETTINGS: &str = "writeProtection view zoom mirrorMargins defaultTabStop evenAndOddHeaders characterSpacingControl \
    footnotePr endnotePr compat docVars rsids themeFontLang clrSchemeMapping decimalSymbol listSeparator";
const FONT: &str = "altName panose1 charset family notTrueType pitch sig";
const BORDERS: &str = "top left start bottom right end insideH insideV";
const OTHERS: [(&str, &str); 10] = [
    ("w:p", "pPr r"),
    ("w:r", "rPr br t fldChar instrText"),
    ("w:tbl", "tblPr tblGrid tr"),
    ("w:tr", "tblPrEx trPr tc"),
    ("w:tc", "tcPr p"),
    ("w:body", "p tbl sectPr"),
    ("w:trPr", "cantSplit tblHeader"),
    ("w:tblCellMar", "top left start bottom right end"),
    ("w:docDefaults", "rPrDefault pPrDefault"),
    ("w:styles", "docDefaults latentStyles style"),
];

fn parts(bytes: &[u8]) -> Vec<(String, Node)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let files = archive.len();
    let read = |index: usize| {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let name = file.name().unwrap().into_owned();
        let node = xml::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        (name, node)
    };
    (0..files).map(read).collect()
}

fn part(doc: &Document, name: &str) -> Node {
    parts(&write_docx(doc).unwrap()).into_iter().find(|(n, _)| n == name).map(|(_, n)| n).unwrap()
}

/// Children known, and in order; those of a body, a run or a row may come in turns.
fn in_order(node: &Node) {
    let table = [
        ("w:pPr", PPR),
        ("w:rPr", RPR),
        ("w:sectPr", SECT),
        ("w:tblPr", TBLPR),
        ("w:tcPr", TCPR),
        ("w:style", STYLE),
        ("w:settings", SETTINGS),
        ("w:font", FONT),
        ("w:tblBorders", BORDERS),
    ];
    let Some((_, order)) = table.iter().chain(&OTHERS).find(|(name, _)| *name == node.name) else { return };
    let order: Vec<&str> = order.split_whitespace().collect();
    let place = |child: &Node| {
        let name = child.name.trim_start_matches("w:");
        order.iter().position(|o| *o == name).unwrap_or_else(|| panic!("{} in {}", child.name, node.name))
    };
    let places: Vec<usize> = node.children.iter().map(place).collect();
    let turns = matches!(node.name.as_str(), "w:body" | "w:r");
    assert!(
        turns || places.is_sorted(),
        "{}: {:?}",
        node.name,
        node.children.iter().map(|c| &c.name).collect::<Vec<_>>()
    );
}

#[test]
fn every_part_is_well_formed_and_in_the_order_of_the_schema() {
    for doc in [small(), long()] {
        for (_, node) in parts(&write_docx(&doc).unwrap()) {
            node.walk(&mut |n| in_order(n));
        }
    }
}

#[test]
fn every_relation_has_its_part_and_every_part_its_type() {
    let bytes = write_docx(&small()).unwrap();
    let parts = parts(&bytes);
    let names: Vec<&str> = parts.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(names[0], "[Content_Types].xml");
    let of = |name: &str| &parts.iter().find(|(n, _)| n == name).unwrap().1;
    for over in of("[Content_Types].xml").all("Override") {
        assert!(names.contains(&over.attribute("PartName").unwrap().trim_start_matches('/')));
    }
    let relations = of("word/_rels/document.xml.rels").all("Relationship");
    for target in relations.iter().filter_map(|r| r.attribute("Target")) {
        assert!(names.contains(&format!("word/{target}").as_str()), "{target}");
    }
    let ids: Vec<_> = relations.iter().filter_map(|r| r.attribute("Id")).collect();
    of("word/document.xml").walk(&mut |n| {
        if let Some(id) = n.attribute("r:id") {
            assert!(ids.contains(&id), "{id}");
        }
    });
}

#[test]
fn every_style_used_is_defined_once() {
    let styles = part(&long(), "word/styles.xml");
    let ids: Vec<&str> = styles.all("w:style").iter().filter_map(|s| s.attribute("w:styleId")).collect();
    for name in ["w:pStyle", "w:basedOn"] {
        for document in [part(&long(), "word/document.xml"), part(&long(), "word/styles.xml")] {
            for used in document.all(name) {
                let id = used.attribute("w:val").unwrap();
                assert_eq!(ids.iter().filter(|i| **i == id).count(), 1, "{id}");
            }
        }
    }
    let default: Vec<_> = styles.all("w:style").into_iter().filter(|s| s.attribute("w:default").is_some()).collect();
    assert_eq!(default.len(), 2);
}

#[test]
fn figures_stand_as_plain_runs_unspaced() {
    let document = part(&small(), "word/document.xml");
    let paragraphs: Vec<String> = document.all("w:p").iter().map(|p| p.words()).collect();
    assert!(paragraphs.contains(&"共受理9238件*,办结率97.72%。".to_owned()), "{paragraphs:?}");
    assert!(paragraphs.contains(&"一、总体情况".to_owned()));
    assert!(paragraphs.contains(&"县人民政府\u{ff1a}".to_owned()));
    assert!(paragraphs.contains(&"附件\u{ff1a}分乡镇办理情况".to_owned()));
    assert!(paragraphs.contains(&"2021年6月2日".to_owned()));
    assert!(paragraphs.contains(&"隰崾\u{20164}".to_owned()));
    for name in ["w:hyperlink", "w:sdt", "w:pict", "w:drawing"] {
        assert!(document.all(name).is_empty());
    }
}

#[test]
fn each_section_has_its_note_and_both_page_numbers() {
    let document = part(&long(), "word/document.xml");
    let sections = document.all("w:sectPr");
    assert_eq!(sections.len(), 2);
    for section in &sections {
        let kinds: Vec<_> =
            section.children.iter().take(4).map(|c| (c.name.as_str(), c.attribute("w:type").unwrap())).collect();
        let expected = [("default", "w:headerReference"), ("even", "w:headerReference")];
        assert_eq!(kinds[..2], expected.map(|(t, n)| (n, t)));
        assert_eq!(kinds[2..], [("w:footerReference", "default"), ("w:footerReference", "even")]);
    }
    assert_eq!(sections[1].all("w:pgSz")[0].attribute("w:orient"), Some("landscape"));
    assert_eq!(part(&long(), "word/header1.xml").words(), "演示数据,非真实情况");
    let (odd, even) = (part(&long(), "word/footer1.xml"), part(&long(), "word/footer2.xml"));
    assert_eq!((odd.words(), odd.all("w:jc")[0].attribute("w:val")), ("— 1 —".to_owned(), Some("right")));
    assert_eq!(even.all("w:jc")[0].attribute("w:val"), Some("left"));
    let tables = document.all("w:tbl");
    assert!(tables.iter().all(|t| t.all("w:tblHeader").len() == 1));
}

#[test]
fn a_document_without_annexes_note_or_close() {
    let mut doc = small();
    (doc.annexes, doc.demo_note, doc.signature, doc.date, doc.addressee) = (Vec::new(), None, None, None, None);
    let parts = parts(&write_docx(&doc).unwrap());
    assert!(parts.iter().all(|(n, _)| n != "word/header1.xml"));
    let document = &parts.iter().find(|(n, _)| n == "word/document.xml").unwrap().1;
    assert_eq!(document.all("w:sectPr").len(), 1);
    assert!(document.all("w:headerReference").is_empty());
}

#[test]
fn markup_and_control_characters_do_no_harm() {
    let mut doc = small();
    doc.title = "<w:p>&\u{0}\u{b}\u{ffff}\"'".into();
    doc.annexes[0].title = "]]>".into();
    doc.demo_note = Some("<b>".into());
    doc.signature = Some("&amp;".into());
    let parts = parts(&write_docx(&doc).unwrap());
    let title = parts.iter().find(|(n, _)| n == "word/document.xml").unwrap().1.all("w:p")[0].words();
    assert_eq!(title, "<w:p>&\"'");
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert_eq!(write_docx(&long()).unwrap(), write_docx(&long()).unwrap());
}

/// Leaves a sample for the eye where `REPORT_SAMPLE` names a file.
#[test]
fn sample_for_the_eye() {
    let bytes = write_docx(&long()).unwrap();
    assert!(bytes.starts_with(b"PK"));
    if let Some(path) = std::env::var_os("REPORT_SAMPLE") {
        std::fs::write(path, bytes).unwrap();
    }
}
