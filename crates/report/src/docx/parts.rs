//! The parts around the text: content types, relations, properties, settings, fonts with what may stand in for them.
//! They must never name a part that is not written, or the time of writing.

use super::styles::{FANG, HEI, KAI, LATIN, SONG, XBS};
use super::{W, XML};
use crate::model::Document;
use crate::text::escape;

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const MIME: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

/// Fonts: name, what to take where it is missing, class, pitch. The list of the alternatives goes by commas.
const FONTS: [(&str, &str, &str, &str); 5] = [
    (FANG, "仿宋,FangSong,方正仿宋_GBK,FZFangSong-Z02S,Noto Serif CJK SC", "modern", "default"),
    (KAI, "楷体,KaiTi,方正楷体_GBK,AR PL UKai CN,LXGW WenKai,Noto Serif CJK SC", "modern", "default"),
    (HEI, "SimHei,方正黑体_GBK,Noto Sans CJK SC", "modern", "default"),
    (XBS, "方正小标宋_GBK,小标宋,华文中宋,宋体,SimSun,Noto Serif CJK SC", "script", "default"),
    (SONG, "SimSun,Noto Serif CJK SC", "auto", "variable"),
];

/// `[Content_Types].xml`
pub(super) fn content_types(doc: &Document) -> String {
    let mut parts = vec![
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml".to_owned()),
        ("/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml".to_owned()),
        ("/word/document.xml", format!("{MIME}.document.main+xml")),
        ("/word/styles.xml", format!("{MIME}.styles+xml")),
        ("/word/settings.xml", format!("{MIME}.settings+xml")),
        ("/word/fontTable.xml", format!("{MIME}.fontTable+xml")),
        ("/word/footer1.xml", format!("{MIME}.footer+xml")),
        ("/word/footer2.xml", format!("{MIME}.footer+xml")),
    ];
    if doc.demo_note.is_some() {
        parts.push(("/word/header1.xml", format!("{MIME}.header+xml")));
    }
    let one = |(name, kind): &(&str, String)| format!("<Override PartName=\"{name}\" ContentType=\"{kind}\"/>");
    let parts: String = parts.iter().map(one).collect();
    format!(
        "{XML}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{parts}</Types>"
    )
}

/// `_rels/.rels`
pub(super) fn package_relations() -> String {
    relations(&[
        ("rId1", format!("{OFFICE}/relationships/officeDocument"), "word/document.xml"),
        ("rId2", format!("{PACKAGE}/relationships/metadata/core-properties"), "docProps/core.xml"),
        ("rId3", format!("{OFFICE}/relationships/extended-properties"), "docProps/app.xml"),
    ])
}

/// `word/_rels/document.xml.rels`
pub(super) fn document_relations(doc: &Document) -> String {
    let kind = |name: &str| format!("{OFFICE}/relationships/{name}");
    let mut list = vec![
        ("rIdStyles", kind("styles"), "styles.xml"),
        ("rIdSettings", kind("settings"), "settings.xml"),
        ("rIdFonts", kind("fontTable"), "fontTable.xml"),
        ("rIdOdd", kind("footer"), "footer1.xml"),
        ("rIdEven", kind("footer"), "footer2.xml"),
    ];
    if doc.demo_note.is_some() {
        list.push(("rIdHeader", kind("header"), "header1.xml"));
    }
    relations(&list)
}

fn relations(list: &[(&str, String, &str)]) -> String {
    let one = |(id, kind, target): &(&str, String, &str)| {
        format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
    };
    let list: String = list.iter().map(one).collect();
    format!("{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">{list}</Relationships>")
}

/// `docProps/core.xml`; dated by the document, not by the clock.
pub(super) fn core(doc: &Document) -> String {
    let creator = doc.signature.as_deref().unwrap_or("乡约");
    let stamp = |(year, month, day): (i16, u8, u8)| {
        let time = format!("{year:04}-{month:02}-{day:02}T00:00:00Z");
        let one = |name: &str| format!("<dcterms:{name} xsi:type=\"dcterms:W3CDTF\">{time}</dcterms:{name}>");
        one("created") + &one("modified")
    };
    format!(
        "{XML}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:subject>{}</dc:subject>\
         <dc:creator>{}</dc:creator><cp:keywords>{}</cp:keywords><dc:language>{}</dc:language>{}</cp:coreProperties>",
        escape(&doc.title.replace('\n', "")),
        doc.kind.name(),
        escape(creator),
        escape(doc.demo_note.as_deref().unwrap_or_default()),
        escape(&doc.lang),
        doc.date.map(stamp).unwrap_or_default()
    )
}

/// `docProps/app.xml`
pub(super) fn app() -> String {
    format!("{XML}<Properties xmlns=\"{OFFICE}/extended-properties\"><Application>Xiangyue</Application></Properties>")
}

/// `word/settings.xml`
pub(super) fn settings(lang: &str) -> String {
    let lang = escape(lang);
    format!(
        "{XML}<w:settings {W}><w:zoom w:percent=\"100\"/><w:defaultTabStop w:val=\"640\"/><w:evenAndOddHeaders/>\
         <w:characterSpacingControl w:val=\"doNotCompress\"/><w:compat>\
         <w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/>\
         </w:compat><w:themeFontLang w:val=\"en-US\" w:eastAsia=\"{lang}\"/></w:settings>"
    )
}

/// `word/fontTable.xml`
pub(super) fn font_table() -> String {
    let one = |(name, stand_in, family, pitch): &(&str, &str, &str, &str)| {
        format!(
            "<w:font w:name=\"{name}\"><w:altName w:val=\"{stand_in}\"/><w:charset w:val=\"86\"/>\
             <w:family w:val=\"{family}\"/><w:pitch w:val=\"{pitch}\"/></w:font>"
        )
    };
    let fonts: String = FONTS.iter().map(one).collect();
    format!(
        "{XML}<w:fonts {W}>{fonts}<w:font w:name=\"{LATIN}\"><w:altName w:val=\"Liberation Serif\"/>\
         <w:charset w:val=\"00\"/><w:family w:val=\"roman\"/><w:pitch w:val=\"variable\"/></w:font></w:fonts>"
    )
}
