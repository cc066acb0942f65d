//! One paragraph, its properties written in the order of the schema whatever the order they were set in.
//! It must never write text that has not been escaped.

use crate::text::escape;

/// A paragraph being made.
#[derive(Debug, Clone, Default)]
pub(super) struct Para {
    style: &'static str,
    keep_next: bool,
    page_break: bool,
    indent: Option<String>,
    flush_right: bool,
    section: Option<String>,
    runs: String,
}

impl Para {
    /// An empty paragraph of a style.
    pub(super) fn new(style: &'static str) -> Para {
        Para { style, ..Para::default() }
    }

    /// Adds a plain run; line feeds become breaks.
    pub(super) fn text(mut self, text: &str) -> Para {
        if text.is_empty() {
            return self;
        }
        // The hint has dashes and quotation marks set as Chinese ones; digits and letters stay Latin.
        self.runs.push_str("<w:r><w:rPr><w:rFonts w:hint=\"eastAsia\"/></w:rPr>");
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.runs.push_str("<w:br/>");
            }
            let line = line.replace('\t', " ");
            self.runs.push_str(&format!("<w:t xml:space=\"preserve\">{}</w:t>", escape(&line)));
        }
        self.runs.push_str("</w:r>");
        self
    }

    /// Stays on the page of the next paragraph.
    pub(super) fn keep_next(mut self) -> Para {
        self.keep_next = true;
        self
    }

    /// Starts a page.
    pub(super) fn page_break(mut self) -> Para {
        self.page_break = true;
        self
    }

    /// Attributes of `w:ind`.
    pub(super) fn indent(mut self, attributes: String) -> Para {
        self.indent = Some(attributes);
        self
    }

    /// Stands flush right.
    pub(super) fn flush_right(mut self) -> Para {
        self.flush_right = true;
        self
    }

    /// Ends a section.
    pub(super) fn section(mut self, properties: String) -> Para {
        self.section = Some(properties);
        self
    }

    /// The paragraph's XML.
    pub(super) fn xml(&self) -> String {
        let mut out = format!("<w:p><w:pPr><w:pStyle w:val=\"{}\"/>", self.style);
        if self.keep_next {
            out.push_str("<w:keepNext/>");
        }
        if self.page_break {
            out.push_str("<w:pageBreakBefore/>");
        }
        if let Some(indent) = &self.indent {
            out.push_str(&format!("<w:ind {indent}/>"));
        }
        if self.flush_right {
            out.push_str("<w:jc w:val=\"right\"/>");
        }
        out.push_str(self.section.as_deref().unwrap_or_default());
        out.push_str("</w:pPr>");
        out.push_str(&self.runs);
        out.push_str("</w:p>");
        out
    }
}
