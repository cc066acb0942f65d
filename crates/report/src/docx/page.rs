//! Pages: size, margins, the page number 「— 1 —」 on the outer side, the note of a demonstration at the head.
//! A section must never leave out the header: each page of a demonstration says what it is.

use super::{R, W, XML};
use crate::text::escape;

/// The page of the text: 37 mm above, 28 left, 26 right, 35 below. The lower margin is short of 35 mm by a tenth,
/// well within the standard's tolerance, for 22 lines of exactly 29 points to fit.
const PORTRAIT: &str = concat!(
    "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>",
    "<w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1978\" w:left=\"1587\" ",
    "w:header=\"850\" w:footer=\"1417\" w:gutter=\"0\"/>",
);

/// The page of an annex: the same page turned, its head at the binding side.
const LANDSCAPE: &str = concat!(
    "<w:pgSz w:w=\"16838\" w:h=\"11906\" w:orient=\"landscape\"/>",
    "<w:pgMar w:top=\"1587\" w:right=\"2098\" w:bottom=\"1474\" w:left=\"1984\" ",
    "w:header=\"737\" w:footer=\"850\" w:gutter=\"0\"/>",
);

/// Width between the margins of a landscape page, in twips.
pub(super) const LANDSCAPE_WIDTH: usize = 16838 - 2098 - 1984;

/// Properties of a section.
pub(super) fn section(landscape: bool, noted: bool) -> String {
    let headers = if noted {
        concat!(
            "<w:headerReference w:type=\"default\" r:id=\"rIdHeader\"/>",
            "<w:headerReference w:type=\"even\" r:id=\"rIdHeader\"/>",
        )
    } else {
        ""
    };
    let page = if landscape { LANDSCAPE } else { PORTRAIT };
    format!(
        "<w:sectPr>{headers}<w:footerReference w:type=\"default\" r:id=\"rIdOdd\"/>\
         <w:footerReference w:type=\"even\" r:id=\"rIdEven\"/><w:type w:val=\"nextPage\"/>{page}\
         <w:cols w:space=\"425\"/><w:docGrid w:type=\"lines\" w:linePitch=\"579\"/></w:sectPr>"
    )
}

/// The header of a demonstration.
pub(super) fn header(note: &str) -> String {
    format!(
        "{XML}<w:hdr {W} {R}><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr>\
         <w:r><w:rPr><w:rFonts w:hint=\"eastAsia\"/></w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p></w:hdr>",
        escape(note.trim())
    )
}

/// The page number, one character in from the outer edge: right on odd pages, left on even ones.
pub(super) fn footer(odd: bool) -> String {
    let (side, place) = if odd { ("right", "w:right=\"280\"") } else { ("left", "w:left=\"280\"") };
    let run = |inner: &str| format!("<w:r><w:rPr><w:rFonts w:hint=\"eastAsia\"/></w:rPr>{inner}</w:r>");
    let runs = [
        run("<w:t xml:space=\"preserve\">— </w:t>"),
        run("<w:fldChar w:fldCharType=\"begin\"/>"),
        run("<w:instrText xml:space=\"preserve\"> PAGE </w:instrText>"),
        run("<w:fldChar w:fldCharType=\"separate\"/>"),
        run("<w:t>1</w:t>"),
        run("<w:fldChar w:fldCharType=\"end\"/>"),
        run("<w:t xml:space=\"preserve\"> —</w:t>"),
    ];
    format!(
        "{XML}<w:ftr {W} {R}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/><w:ind {place}/><w:jc w:val=\"{side}\"/></w:pPr>\
         {}</w:p></w:ftr>",
        runs.concat()
    )
}
