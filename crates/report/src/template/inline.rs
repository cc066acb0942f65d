//! A paragraph's pieces: words, `{{slots}}` and conditions within the line.
//! It must never drop a brace it does not understand.

use super::nest::{Nest, Tag};
use super::{Compare, Condition, FORMATS, Fault, Phrase, Piece, TEXT_NAMES};
use crate::text::wide;

enum Token {
    Text(String),
    Slot(usize, String),
    Tag(usize, String),
}

/// Reads the lines of one paragraph; lines are joined as Chinese is, without a space between Han characters.
pub(super) fn phrase(lines: &[(usize, &str)], faults: &mut Vec<Fault>) -> Phrase {
    let mut nest = Nest::new(|condition, then, otherwise| Piece::If { condition, then, otherwise });
    for token in tokens(lines, faults) {
        match token {
            Token::Text(text) => nest.push(Piece::Text(text)),
            Token::Slot(line, raw) => {
                if let Some(piece) = slot(line, &raw, faults) {
                    nest.push(piece);
                }
            }
            Token::Tag(line, raw) => {
                if let Some(tag) = tag(line, &raw, faults) {
                    nest.tag(line, tag, faults);
                }
            }
        }
    }
    let pieces = nest.finish("请在同一段里写 {% endif %},或让两者各占一行", faults);
    Phrase { line: lines.first().map_or(0, |l| l.0), pieces }
}

fn tokens(lines: &[(usize, &str)], faults: &mut Vec<Fault>) -> Vec<Token> {
    let mut out = Vec::new();
    for (index, (line, raw)) in lines.iter().enumerate() {
        let text = raw.trim();
        if index > 0 && needs_space(lines[index - 1].1.trim(), text) {
            out.push(Token::Text(" ".to_owned()));
        }
        scan(*line, text, &mut out, faults);
    }
    out
}

fn needs_space(before: &str, after: &str) -> bool {
    let narrow = |c: Option<char>| c.is_some_and(|c| !wide(c) && !matches!(c, '{' | '}'));
    narrow(before.chars().last()) && narrow(after.chars().next())
}

fn scan(line: usize, mut rest: &str, out: &mut Vec<Token>, faults: &mut Vec<Fault>) {
    let first = |text: &str| ["{{", "{%", "}}", "%}"].into_iter().filter_map(|p| Some((text.find(p)?, p))).min();
    while let Some((at, open)) = first(rest) {
        let close = match open {
            "{{" => "}}",
            "{%" => "%}",
            stray => {
                faults.push(Fault::new(line, format!("多出一个“{stray}”;请删去,或补上前面的“{{{{”或“{{%”")));
                return;
            }
        };
        if at > 0 {
            out.push(Token::Text(rest[..at].to_owned()));
        }
        let inner = &rest[at + 2..];
        let Some(end) = inner.find(close) else {
            let wish = "请在同一行写完,例如 {{hotline.accepted}}";
            faults.push(Fault::new(line, format!("“{open}”没有收尾;{wish}")));
            return;
        };
        let raw = inner[..end].trim().to_owned();
        out.push(if open == "{{" { Token::Slot(line, raw) } else { Token::Tag(line, raw) });
        rest = &inner[end + 2..];
    }
    if !rest.is_empty() {
        out.push(Token::Text(rest.to_owned()));
    }
}

fn slot(line: usize, raw: &str, faults: &mut Vec<Fault>) -> Option<Piece> {
    let (name, format) = raw.split_once('|').map_or((raw, ""), |(n, f)| (n.trim(), f.trim()));
    if !check_name(line, name, faults) {
        return None;
    }
    if TEXT_NAMES.contains(&name) && !format.is_empty() {
        faults.push(Fault::new(line, format!("{name} 是文字,不带写法;请写 {{{{{name}}}}}")));
        return None;
    }
    if !format.is_empty() && !FORMATS.iter().any(|(known, _)| *known == format) {
        let known: Vec<String> = FORMATS.iter().map(|(k, what)| format!("{k}({what})")).collect();
        faults.push(Fault::new(line, format!("没有“{format}”这种写法;可以写 {}", known.join("、"))));
        return None;
    }
    Some(Piece::Slot { line, name: name.to_owned(), format: format.to_owned() })
}

fn check_name(line: usize, name: &str, faults: &mut Vec<Fault>) -> bool {
    let good = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if name.is_empty() || !good {
        let wish = "请写 indicators.toml 里的指标 id(英文字母、数字和 . _ -),例如 {{hotline.accepted}}";
        faults.push(Fault::new(line, format!("“{name}”不是指标 id;{wish}")));
        return false;
    }
    true
}

/// Reads the inside of `{% … %}`; a condition with a fault still opens.
pub(super) fn tag(line: usize, raw: &str, faults: &mut Vec<Fault>) -> Option<Tag> {
    let raw = raw.trim();
    match raw {
        "else" => return Some(Tag::Else),
        "endif" => return Some(Tag::End),
        _ => {}
    }
    let wish = "条件只能比较一个指标和一个数,请写成 {% if hotline.overdue > 0 %},收尾写 {% endif %}";
    let opens = raw == "if" || raw.starts_with("if ");
    match raw.strip_prefix("if ").and_then(|test| condition(line, test)) {
        Some(condition) if TEXT_NAMES.contains(&condition.name.as_str()) => {
            faults.push(Fault::new(line, format!("{} 是文字,不能和数比较;{wish}", condition.name)));
            Some(Tag::If(condition))
        }
        Some(condition) => {
            check_name(line, &condition.name, faults);
            Some(Tag::If(condition))
        }
        None => {
            faults.push(Fault::new(line, format!("“{{% {raw} %}}”看不懂;{wish}")));
            // Opened all the same, or its end would be a second fault.
            opens.then(|| Tag::If(Condition { line, name: String::new(), compare: Compare::Equal, number: 0.0 }))
        }
    }
}

fn condition(line: usize, test: &str) -> Option<Condition> {
    const SIGNS: [(&str, Compare); 7] = [
        (">=", Compare::AtLeast),
        ("<=", Compare::AtMost),
        ("==", Compare::Equal),
        ("!=", Compare::Unequal),
        (">", Compare::Greater),
        ("<", Compare::Less),
        ("=", Compare::Equal),
    ];
    let (sign, compare) = SIGNS.iter().find(|(sign, _)| test.contains(sign))?;
    let (name, number) = test.split_once(sign)?;
    let number: f64 = number.trim().parse().ok().filter(|n: &f64| n.is_finite())?;
    Some(Condition { line, name: name.trim().to_owned(), compare: *compare, number })
}
