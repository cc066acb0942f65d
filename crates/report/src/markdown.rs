//! Markdown of a document: plain text for mail, archives and comparison by line.
//! It must never let a character of the text act as markup.

use crate::model::{Annex, Block, Document, Numbering, annex_mark, date_text};
use crate::text;

/// Writes a document as Markdown.
pub fn write_markdown(doc: &Document) -> String {
    let mut parts = Vec::new();
    if let Some(note) = &doc.demo_note {
        parts.push(format!("> {}", line(note)));
    }
    parts.push(format!("# {}", line(&doc.title)));
    if let Some(addressee) = &doc.addressee {
        parts.push(format!("{}\u{ff1a}", line(addressee)));
    }
    let mut numbering = Numbering::default();
    for block in &doc.blocks {
        parts.push(match block {
            Block::Heading { level, text } => {
                let marks = "#".repeat(usize::from((*level).clamp(1, 4)) + 1);
                format!("{marks} {}{}", numbering.next(*level), line(text))
            }
            Block::Paragraph(spans) => {
                let text: String = spans.iter().map(|s| s.printed()).collect();
                paragraph(&text)
            }
        });
    }
    let total = doc.annexes.len();
    for (index, annex) in doc.annexes.iter().enumerate() {
        let mark = if total == 1 { String::new() } else { format!("{}.", index + 1) };
        let lead = if index == 0 { "附件\u{ff1a}" } else { "" };
        parts.push(format!("{lead}{mark}{}", line(&annex.title)));
    }
    parts.extend(doc.signature.as_deref().map(paragraph));
    parts.extend(doc.date.map(date_text));
    for (index, annex) in doc.annexes.iter().enumerate() {
        parts.push(table(annex, &annex_mark(index, total)));
    }
    parts.join("\n\n") + "\n"
}

fn table(annex: &Annex, mark: &str) -> String {
    let mut out = format!("## {mark} {}\n\n", line(&annex.title));
    if let Some(note) = &annex.note {
        out.push_str(&paragraph(note));
        out.push_str("\n\n");
    }
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&row(annex.table.head.iter().map(|h| line(h)).collect()));
    let rule = |i| if annex.table.numeric.contains(&i) { "---:" } else { "---" };
    out.push_str(&row((0..annex.table.head.len()).map(|i| rule(i).to_owned()).collect()));
    for cells in &annex.table.rows {
        out.push_str(&row(cells.iter().map(|c| line(&c.printed())).collect()));
    }
    out.truncate(out.trim_end().len());
    out
}

/// One line, with markup characters taken literally.
fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text::clean(text).trim().chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// One line that does not begin a heading, a list or a quotation.
fn paragraph(text: &str) -> String {
    let out = line(text);
    let digits = out.trim_start_matches(|c: char| c.is_ascii_digit());
    let list = digits.len() < out.len() && digits.starts_with(['.', ')']);
    if list {
        let at = out.len() - digits.len();
        return format!("{}\\{}", &out[..at], digits);
    }
    if out.starts_with(['#', '-', '+', '=']) { format!("\\{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sample::small;

    #[test]
    fn small_document() {
        let expected = "> 演示数据,非真实情况\n\n# 热线办理情况\n\n县人民政府\u{ff1a}\n\n## 一、总体情况\n\n\
            共受理9238件\\*,办结率97.72%。\n\n附件\u{ff1a}分乡镇办理情况\n\n县政府办公室\n\n2021年6月2日\n\n\
            ## 附件 分乡镇办理情况\n\n单位\u{ff1a}件\n\n| 乡镇 | 受理 |\n| --- | ---: |\n| 东沟镇 | 1200 |\n| 隰崾\u{20164} |  |\n";
        assert_eq!(write_markdown(&small()), expected);
    }

    #[test]
    fn text_is_not_markup() {
        assert_eq!(paragraph("1. a_b <i>"), "1\\. a\\_b \\<i\\>");
        assert_eq!(paragraph("# x"), "\\# x");
    }
}
