//! `word/styles.xml`: fonts, sizes and lines of GB/T 9704. Fonts are named, never embedded: they are licensed.

use super::{W, XML};
use crate::text::escape;

/// Body.
pub(super) const FANG: &str = "仿宋_GB2312";
/// Second level.
pub(super) const KAI: &str = "楷体_GB2312";
/// First level.
pub(super) const HEI: &str = "黑体";
/// Title.
pub(super) const XBS: &str = "方正小标宋简体";
/// Page numbers.
pub(super) const SONG: &str = "宋体";
/// Digits and letters.
pub(super) const LATIN: &str = "Times New Roman";

/// Paragraph style: id, name, base, whether it is one of Word's own, pPr, rPr (both in the order of the schema).
struct Style {
    id: &'static str,
    name: String,
    base: &'static str,
    own: bool,
    ppr: String,
    rpr: String,
}

/// The styles part.
pub(super) fn styles(lang: &str) -> String {
    let latin = if lang.starts_with("zh") { "en-US".to_owned() } else { escape(lang) };
    let lang = escape(lang);
    let defaults = format!(
        "<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"{LATIN}\" w:eastAsia=\"{FANG}\" w:hAnsi=\"{LATIN}\" \
         w:cs=\"{LATIN}\"/><w:sz w:val=\"32\"/><w:szCs w:val=\"32\"/><w:lang w:val=\"{latin}\" w:eastAsia=\"{lang}\" \
         w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    );
    // No widow control and no space between Han and digits: 22 lines, 28 characters.
    let normal = "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/>\
         <w:pPr><w:widowControl w:val=\"0\"/><w:autoSpaceDE w:val=\"0\"/><w:autoSpaceDN w:val=\"0\"/>\
         <w:spacing w:line=\"580\" w:lineRule=\"exact\"/><w:jc w:val=\"both\"/></w:pPr></w:style>\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/>\
         <w:uiPriority w:val=\"99\"/><w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/>\
         <w:tblCellMar><w:top w:w=\"0\" w:type=\"dxa\"/><w:left w:w=\"80\" w:type=\"dxa\"/>\
         <w:bottom w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>";
    let own: String = text_styles().into_iter().chain(annex_styles()).chain(page_styles()).map(|s| s.xml()).collect();
    format!("{XML}<w:styles {W}>{defaults}{normal}{own}</w:styles>")
}

const TIGHT: &str = "<w:spacing w:val=\"-5\"/>";
const FIRST_LINE: &str = "<w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/>";

fn text_styles() -> Vec<Style> {
    let heading = |id, name, font: &str, level: u8| {
        let rpr = format!("{}{TIGHT}", east(font));
        own(id, name, "Normal", format!("<w:keepNext/>{FIRST_LINE}<w:outlineLvl w:val=\"{level}\"/>"), rpr)
    };
    // Off the grid, or LibreOffice gives the larger characters two lines each; a little under its pitch, or the
    // text behind loses a line.
    let centred = "<w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"560\" w:lineRule=\"exact\"/><w:jc w:val=\"center\"/>";
    vec![
        made("Plain", "公文顶格", "Normal", "", TIGHT),
        made("Body", "公文正文", "Plain", FIRST_LINE, ""),
        own("Title", "Title", "Normal", centred.to_owned(), format!("{}{}", east(XBS), size(44))),
        heading("Heading1", "heading 1", HEI, 0),
        heading("Heading2", "heading 2", KAI, 1),
        heading("Heading3", "heading 3", FANG, 2),
        heading("Heading4", "heading 4", FANG, 3),
        made("Closing", "署名和成文日期", "Plain", "<w:jc w:val=\"right\"/>", ""),
    ]
}

fn annex_styles() -> Vec<Style> {
    let mut styles = vec![
        made("AnnexMark", "附件序号", "Plain", "", &format!("{}{TIGHT}", east(HEI))),
        made("AnnexTitle", "附件标题", "Title", "<w:keepNext/><w:spacing w:after=\"160\"/>", ""),
        made("AnnexNote", "附件说明", "Normal", &format!("<w:keepNext/>{}", auto()), &size(24)),
        made(
            "Tail",
            "节末",
            "Normal",
            "<w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"20\" w:lineRule=\"exact\"/>",
            &size(2),
        ),
    ];
    let sizes = [("TableHead", "TableText", "", 24), ("TableHeadSmall", "TableTextSmall", "小", 21)];
    for (head, text, mark, half_points) in sizes.into_iter().chain([("TableHeadTiny", "TableTextTiny", "微", 18)]) {
        let (head_name, text_name) = (format!("表头{mark}"), format!("表文{mark}"));
        let lines =
            "<w:snapToGrid w:val=\"0\"/><w:spacing w:before=\"40\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/>";
        let centre = format!("{lines}<w:jc w:val=\"center\"/>");
        let left = format!("{lines}<w:jc w:val=\"left\"/>");
        styles.push(table_style(head, head_name, centre, format!("{}{}", east(HEI), size(half_points))));
        styles.push(table_style(text, text_name, left, size(half_points)));
    }
    styles
}

fn page_styles() -> Vec<Style> {
    let song = format!("<w:rFonts w:ascii=\"{SONG}\" w:eastAsia=\"{SONG}\" w:hAnsi=\"{SONG}\" w:cs=\"{SONG}\"/>");
    let small = format!("{}<w:color w:val=\"808080\"/>{}", east(SONG), size(18));
    vec![
        own("Header", "header", "Normal", format!("{}<w:jc w:val=\"center\"/>", auto()), small),
        own("Footer", "footer", "Normal", auto(), format!("{song}{}", size(28))),
    ]
}

fn auto() -> String {
    "<w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"240\" w:lineRule=\"auto\"/>".to_owned()
}

fn east(font: &str) -> String {
    format!("<w:rFonts w:eastAsia=\"{font}\"/>")
}

fn size(half_points: u8) -> String {
    format!("<w:sz w:val=\"{half_points}\"/><w:szCs w:val=\"{half_points}\"/>")
}

fn own(id: &'static str, name: &'static str, base: &'static str, ppr: String, rpr: String) -> Style {
    Style { id, name: name.into(), base, own: true, ppr, rpr }
}

fn made(id: &'static str, name: &'static str, base: &'static str, ppr: &str, rpr: &str) -> Style {
    Style { id, name: name.into(), base, own: false, ppr: ppr.into(), rpr: rpr.into() }
}

fn table_style(id: &'static str, name: String, ppr: String, rpr: String) -> Style {
    Style { id, name, base: "Normal", own: false, ppr, rpr }
}

impl Style {
    fn xml(&self) -> String {
        let custom = if self.own { "" } else { " w:customStyle=\"1\"" };
        let wrap = |tag: &str, inner: &str| match inner {
            "" => String::new(),
            inner => format!("<w:{tag}>{inner}</w:{tag}>"),
        };
        format!(
            "<w:style w:type=\"paragraph\"{custom} w:styleId=\"{}\"><w:name w:val=\"{}\"/><w:basedOn w:val=\"{}\"/>\
             <w:qFormat/>{}{}</w:style>",
            self.id,
            self.name,
            self.base,
            wrap("pPr", &self.ppr),
            wrap("rPr", &self.rpr)
        )
    }
}
