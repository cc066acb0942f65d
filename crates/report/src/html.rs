//! A semantic HTML fragment for the screen: every figure opens, nothing is styled inline.
//! It must never write text unescaped or a link that runs code.

use crate::model::{Annex, Block, Document, Figure, Numbering, Span, annex_mark, date_text};
use crate::text::escape;

/// Writes a document as `<article class="report">`.
pub fn write_html(doc: &Document) -> String {
    let mut out = format!("<article class=\"report\" lang=\"{}\">\n", escape(&doc.lang));
    if let Some(note) = &doc.demo_note {
        out.push_str(&format!("<p class=\"demo-note\">{}</p>\n", escape(note)));
    }
    let title: Vec<String> = doc.title.lines().map(escape).collect();
    out.push_str(&format!("<h1>{}</h1>\n", title.join("<br>")));
    if let Some(addressee) = &doc.addressee {
        out.push_str(&format!("<p class=\"addressee\">{}\u{ff1a}</p>\n", escape(addressee)));
    }
    let mut numbering = Numbering::default();
    for block in &doc.blocks {
        match block {
            Block::Heading { level, text } => {
                let tag = (*level).clamp(1, 4) + 1;
                let number = numbering.next(*level);
                out.push_str(&format!("<h{tag}>{number}{}</h{tag}>\n", escape(text)));
            }
            Block::Paragraph(spans) => {
                let spans: String = spans.iter().map(span).collect();
                out.push_str(&format!("<p>{spans}</p>\n"));
            }
        }
    }
    closing(doc, &mut out);
    for (index, annex) in doc.annexes.iter().enumerate() {
        table(annex, &annex_mark(index, doc.annexes.len()), index + 1, &mut out);
    }
    out.push_str("</article>\n");
    out
}

fn closing(doc: &Document, out: &mut String) {
    if !doc.annexes.is_empty() {
        out.push_str("<p class=\"annexes\">附件\u{ff1a}</p>\n<ol class=\"annexes\">\n");
        for (index, annex) in doc.annexes.iter().enumerate() {
            out.push_str(&format!("<li><a href=\"#annex-{}\">{}</a></li>\n", index + 1, escape(&annex.title)));
        }
        out.push_str("</ol>\n");
    }
    if let Some(signature) = &doc.signature {
        out.push_str(&format!("<p class=\"signature\">{}</p>\n", escape(signature)));
    }
    if let Some(date) = doc.date {
        let (year, month, day) = date;
        let machine = format!("{year:04}-{month:02}-{day:02}");
        out.push_str(&format!("<p class=\"date\"><time datetime=\"{machine}\">{}</time></p>\n", date_text(date)));
    }
}

fn span(span: &Span) -> String {
    match span {
        Span::Text(text) => escape(text),
        Span::Figure(figure) => link(figure),
    }
}

fn link(figure: &Figure) -> String {
    let href = figure.href.as_deref().filter(|h| harmless(h));
    let href = href.map(|h| format!(" href=\"{}\"", escape(h))).unwrap_or_default();
    let (id, text) = (escape(&figure.indicator), escape(&figure.printed()));
    format!("<a class=\"figure\" data-indicator=\"{id}\"{href}>{text}</a>")
}

/// Only pages of our own or of the web; `//host` and `javascript:` are neither.
fn harmless(href: &str) -> bool {
    let own = href.starts_with(['/', '?', '#']) && !href.starts_with("//") && !href.starts_with("/\\");
    own || href.starts_with("https://") || href.starts_with("http://")
}

fn table(annex: &Annex, mark: &str, number: usize, out: &mut String) {
    let side = |i: usize| if annex.table.numeric.contains(&i) { " class=\"number\"" } else { "" };
    let title = escape(&annex.title);
    out.push_str(&format!("<section class=\"annex\" id=\"annex-{number}\">\n<h2>{mark} {title}</h2>\n"));
    if let Some(note) = &annex.note {
        out.push_str(&format!("<p class=\"note\">{}</p>\n", escape(note)));
    }
    out.push_str(&format!("<div class=\"table-scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{title}\">\n"));
    out.push_str("<table>\n<thead>\n<tr>");
    for (i, head) in annex.table.head.iter().enumerate() {
        out.push_str(&format!("<th scope=\"col\"{}>{}</th>", side(i), escape(head)));
    }
    out.push_str("</tr>\n</thead>\n<tbody>\n");
    for row in &annex.table.rows {
        let cells = row.iter().enumerate().map(|(i, c)| format!("<td{}>{}</td>", side(i), escape(&c.printed())));
        out.push_str(&format!("<tr>{}</tr>\n", cells.collect::<String>()));
    }
    out.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{sample::small, xml};

    #[test]
    fn small_document() {
        let html = write_html(&small());
        let expected = concat!(
            "<article class=\"report\" lang=\"zh-CN\">\n<p class=\"demo-note\">演示数据,非真实情况</p>\n",
            "<h1>热线办理情况</h1>\n<p class=\"addressee\">县人民政府\u{ff1a}</p>\n<h2>一、总体情况</h2>\n",
            "<p>共受理<a class=\"figure\" data-indicator=\"hotline.accepted\" href=\"/hub/f?i=1&amp;r=2\">9238件</a>*,办结率",
            "<a class=\"figure\" data-indicator=\"hotline.done_rate\">97.72%</a>。</p>\n",
        );
        assert!(html.starts_with(expected), "{html}");
        xml::parse(&html).unwrap();
    }

    #[test]
    fn links_never_run_code() {
        let figure = |href: &str| {
            let href = Some(href.to_owned());
            link(&Figure { text: "<1>".into(), unit: String::new(), indicator: "a\"b".into(), href })
        };
        let bare = "<a class=\"figure\" data-indicator=\"a&quot;b\">&lt;1&gt;</a>";
        for bad in ["javascript:alert(1)", "//evil.example", " /x", "data:text/html,x"] {
            assert_eq!(figure(bad), bare);
        }
        assert!(figure("/hub").contains(" href=\"/hub\""));
    }
}
