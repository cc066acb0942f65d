//! The body of a template: headings, paragraphs and conditions on lines of their own.
//! It must never let Markdown through that the writers cannot lay out: each has a fault that says what to write.

use super::nest::Nest;
use super::{Fault, Part, front, inline};

/// Reads the lines from `start` on.
pub(super) fn body(lines: &[&str], start: usize, faults: &mut Vec<Fault>) -> Vec<Part> {
    let wrap = |condition, then, otherwise| Part::If { condition, then, otherwise };
    let mut reader = Reader { nest: Nest::new(wrap), paragraph: Vec::new(), faults };
    for (index, raw) in lines.iter().enumerate().skip(start) {
        reader.line(index + 1, raw);
    }
    reader.finish()
}

struct Reader<'a, 'f> {
    nest: Nest<Part>,
    paragraph: Vec<(usize, &'a str)>,
    faults: &'f mut Vec<Fault>,
}

impl<'a> Reader<'a, '_> {
    fn line(&mut self, line: usize, raw: &'a str) {
        let text = raw.trim();
        if text.is_empty() || (text.starts_with("<!--") && text.ends_with("-->")) {
            return self.flush();
        }
        if let Some(inner) = alone(text) {
            self.flush();
            if let Some(tag) = inline::tag(line, inner, self.faults) {
                self.nest.tag(line, tag, self.faults);
            }
            return;
        }
        if text.starts_with('#') {
            self.flush();
            return self.heading(line, text);
        }
        if let Some(message) = unsupported(text) {
            self.faults.push(Fault::new(line, message));
        }
        self.paragraph.push((line, text));
    }

    fn heading(&mut self, line: usize, text: &str) {
        let level = text.chars().take_while(|c| *c == '#').count();
        let words = &text[level..];
        if level > 4 {
            self.faults.push(Fault::new(line, "标题最多四级;请用 # 到 ####"));
            return;
        }
        if !words.starts_with([' ', '\t', '\u{3000}']) {
            self.faults.push(Fault::new(line, "# 和标题之间要空一格;请写成“# 总体情况”"));
            return;
        }
        let words = words.trim();
        if words.is_empty() {
            self.faults.push(Fault::new(line, "标题是空的;请写上文字或删去这一行"));
            return;
        }
        if let Some(number) = manual_number(words) {
            self.faults.push(Fault::new(line, format!("标题的序号自动生成;请删去“{number}”")));
        }
        let text = front::words(line, words, self.faults);
        // The count of # is at most 4 here.
        self.nest.push(Part::Heading { level: u8::try_from(level).unwrap_or(4), text });
    }

    fn flush(&mut self) {
        if self.paragraph.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut self.paragraph);
        let phrase = inline::phrase(&lines, self.faults);
        self.nest.push(Part::Paragraph(phrase));
    }

    fn finish(mut self) -> Vec<Part> {
        self.flush();
        self.nest.finish("请另起一行写 {% endif %}", self.faults)
    }
}

/// The inside of a tag that has its line for itself.
fn alone(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("{%")?.strip_suffix("%}")?;
    (!inner.contains("%}")).then_some(inner)
}

fn unsupported(text: &str) -> Option<&'static str> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if text.starts_with("- ") || text.starts_with("* ") || text.starts_with("+ ") {
        return Some("公文不用圆点列表;请另起一段写,或用 ### 写成带序号的标题");
    }
    if digits.len() < text.len() && digits.starts_with(". ") {
        return Some("序号自动生成;请用 ### 写成标题,不写数字");
    }
    if text.starts_with('|') {
        return Some("正文里不放表格;请在文件头 annexes 里写附表的 id");
    }
    if text.starts_with("![") {
        return Some("报告里不放图片;请删去这一行");
    }
    if text.starts_with('>') || text.starts_with("```") {
        return Some("报告里没有引用块和代码块;请写成普通段落");
    }
    if text.contains("**") || text.contains("__") {
        return Some("公文正文不加粗;请删去 ** 或 __");
    }
    None
}

/// The number that somebody wrote by hand before a heading, if any.
fn manual_number(words: &str) -> Option<&str> {
    let numeral = |c: char| "一二三四五六七八九十".contains(c) || c.is_ascii_digit();
    let opened = words.strip_prefix(['\u{ff08}', '(']);
    let rest = opened.unwrap_or(words);
    let after = rest.trim_start_matches(numeral);
    if after.len() == rest.len() {
        return None;
    }
    let mark = after.chars().next()?;
    let end = words.len() - after.len() + mark.len_utf8();
    let next = after[mark.len_utf8()..].chars().next();
    let numbered = match opened {
        Some(_) => matches!(mark, '\u{ff09}' | ')'),
        None => mark == '、' || (matches!(mark, '.' | '\u{ff0e}') && !next.is_some_and(|c| c.is_ascii_digit())),
    };
    numbered.then(|| &words[..end])
}
