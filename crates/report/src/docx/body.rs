//! `word/document.xml`: title, 主送机关, text, 附件说明, 署名, 成文日期, then the annexes.
//! It must never leave a signature on a page without text, or put a figure into anything but plain runs.

use super::para::Para;
use super::{CHAR, R, W, XML, page, table};
use crate::model::{Annex, Block, Document, Numbering, annex_mark, date_text};
use crate::text::width;

/// Space kept free to the right of 成文日期, in characters.
const DATE_RIGHT: usize = 4;

/// Ten lines, in half characters.
const HELD: usize = 10 * 56;

/// The main part.
pub(super) fn document(doc: &Document) -> String {
    let noted = doc.demo_note.is_some();
    let mut paras = opening(doc);
    paras.extend(blocks(&doc.blocks));
    paras.extend(annex_list(&doc.annexes));
    if doc.signature.is_some() || doc.date.is_some() {
        paras = hold_tail(doc, paras);
    }
    paras.extend(closing(doc));
    let mut end = page::section(false, noted);
    if !doc.annexes.is_empty() {
        // The properties of the first section stand in its last paragraph, those of the last behind the body.
        if let Some(last) = paras.pop() {
            paras.push(last.section(end));
        }
        end = page::section(true, noted);
    }
    let text: String = paras.iter().map(Para::xml).collect();
    let annexes: String = doc.annexes.iter().enumerate().map(|(i, a)| annex(a, i, doc.annexes.len())).collect();
    // A body may not end in a table.
    let tail = if doc.annexes.is_empty() { String::new() } else { Para::new("Tail").xml() };
    format!("{XML}<w:document {W} {R}><w:body>{text}{annexes}{tail}{end}</w:body></w:document>")
}

/// No page may hold the signature alone: the last words of the text come with it. LibreOffice takes a kept
/// paragraph along whole, so that a long one would leave half a page empty: that one is let go.
fn hold_tail(doc: &Document, paras: Vec<Para>) -> Vec<Para> {
    let list = doc.annexes.len() + usize::from(!doc.annexes.is_empty());
    let long = match doc.blocks.last() {
        Some(Block::Paragraph(spans)) => spans.iter().map(|s| width(&s.printed())).sum::<usize>() > HELD,
        _ => false,
    };
    let from = paras.len().saturating_sub(list + usize::from(!long));
    paras.into_iter().enumerate().map(|(i, p)| if i >= from { p.keep_next() } else { p }).collect()
}

fn opening(doc: &Document) -> Vec<Para> {
    let mut paras = vec![Para::new("Title").text(doc.title.trim()), Para::new("Plain")];
    if let Some(addressee) = &doc.addressee {
        paras.push(Para::new("Plain").text(&format!("{}\u{ff1a}", addressee.trim_end_matches([':', '\u{ff1a}']))));
    }
    paras
}

fn blocks(blocks: &[Block]) -> Vec<Para> {
    let mut numbering = Numbering::default();
    let one = |block: &Block| match block {
        Block::Heading { level, text } => {
            let style = ["Heading1", "Heading2", "Heading3", "Heading4"][usize::from((*level).clamp(1, 4)) - 1];
            Para::new(style).text(&format!("{}{}", numbering.next(*level), text.trim()))
        }
        Block::Paragraph(spans) => spans.iter().fold(Para::new("Body"), |para, span| para.text(&span.printed())),
    };
    blocks.iter().map(one).collect()
}

/// 附件说明: a blank line, two characters in; a title that runs over hangs under its first character.
fn annex_list(annexes: &[Annex]) -> Vec<Para> {
    let mut paras = Vec::new();
    if annexes.is_empty() {
        return paras;
    }
    paras.push(Para::new("Plain"));
    for (index, annex) in annexes.iter().enumerate() {
        let number = if annexes.len() == 1 { String::new() } else { format!("{}.", index + 1) };
        // A digit is half a character, a point a quarter of 16 points.
        let number_width = if number.is_empty() { 0 } else { (number.len() - 1) * 155 + 75 };
        let (lead, hanging) = if index == 0 { ("附件\u{ff1a}", 3 * CHAR) } else { ("", 0) };
        let left = 5 * CHAR + number_width;
        let indent = format!("w:left=\"{left}\" w:hanging=\"{}\"", hanging + number_width);
        let text = format!("{lead}{number}{}", annex.title.trim());
        paras.push(Para::new("Plain").indent(indent).text(&text));
    }
    paras
}

/// 署名 and 成文日期: the date four characters in from the right, the signature centred over it.
fn closing(doc: &Document) -> Vec<Para> {
    let date = doc.date.map(date_text);
    let date_width = date.as_deref().map_or(0, width);
    let mut paras = Vec::new();
    if doc.signature.is_some() || date.is_some() {
        paras.push(Para::new("Plain").keep_next());
    }
    if let Some(signature) = &doc.signature {
        // Widths are in half characters; a quarter of their difference is half of it in characters.
        let own = width(signature.trim());
        let right = DATE_RIGHT * CHAR;
        let right = match &date {
            Some(_) if own >= date_width => right.saturating_sub((own - date_width) * CHAR / 4),
            Some(_) => right + (date_width - own) * CHAR / 4,
            None => right,
        };
        let para = Para::new("Closing").indent(format!("w:right=\"{right}\"")).text(signature.trim());
        paras.push(if date.is_some() { para.keep_next() } else { para });
    }
    if let Some(date) = date {
        paras.push(Para::new("Closing").indent(format!("w:right=\"{}\"", DATE_RIGHT * CHAR)).text(&date));
    }
    paras
}

fn annex(annex: &Annex, index: usize, total: usize) -> String {
    let mark = Para::new("AnnexMark").text(&annex_mark(index, total));
    let mark = if index > 0 { mark.page_break() } else { mark };
    let mut paras = vec![mark.keep_next(), Para::new("Plain").keep_next()];
    paras.push(Para::new("AnnexTitle").text(annex.title.trim()));
    if let Some(note) = &annex.note {
        paras.push(Para::new("AnnexNote").text(note.trim()));
    }
    let head: String = paras.iter().map(Para::xml).collect();
    head + &table::table(&annex.table)
}
