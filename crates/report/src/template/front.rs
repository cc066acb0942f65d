//! The front matter: `key: value` between two lines of `---`.
//! It must never guess: an unknown key is a fault, not a comment.

use super::{Fault, Meta, Phrase, Piece, TEXT_NAMES, inline};
use crate::model::DocKind;
use std::collections::BTreeMap;

const KEYS: [&str; 6] = ["id", "kind", "title", "addressee", "signature", "annexes"];

/// Reads the front matter; gives it with the index of the first line of the body.
pub(super) fn read(lines: &[&str], faults: &mut Vec<Fault>) -> (Option<Meta>, usize) {
    if lines.first().map(|l| l.trim_end()) != Some("---") {
        faults.push(Fault::new(1, "缺少文件头;第一行请写 ---,下面写 id、kind、title,再写一行 ---"));
        return (None, 0);
    }
    let Some(end) = lines.iter().skip(1).position(|l| l.trim_end() == "---").map(|i| i + 1) else {
        faults.push(Fault::new(1, "文件头没有收尾;请在正文之前再写一行 ---"));
        return (None, lines.len());
    };
    let mut values: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (index, raw) in lines[1..end].iter().enumerate() {
        let (line, text) = (index + 2, raw.trim());
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let Some((key, value)) = text.split_once([':', '\u{ff1a}']).map(|(k, v)| (k.trim(), unquote(v.trim()))) else {
            faults.push(Fault::new(line, format!("“{text}”看不懂;请写成“键: 值”,例如 title: 热线办理情况")));
            continue;
        };
        if !KEYS.contains(&key) {
            faults.push(Fault::new(line, format!("不认识的键 {key};可以写 {}", KEYS.join("、"))));
        } else if values.insert(key, (line, value)).is_some() {
            faults.push(Fault::new(line, format!("{key} 写了两次;请只留一行")));
        }
    }
    (meta(&values, faults), end + 1)
}

fn meta(values: &BTreeMap<&str, (usize, &str)>, faults: &mut Vec<Fault>) -> Option<Meta> {
    let given = |key: &str| values.get(key).copied().filter(|(_, v)| !v.is_empty());
    let id = given("id").map(|(line, id)| {
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            let wish = "id 只用英文字母、数字和 - _ .,例如 hotline-monthly";
            faults.push(Fault::new(line, format!("id“{id}”不能用;{wish}")));
        }
        id.to_owned()
    });
    let kind = match given("kind") {
        None => DocKind::Report,
        Some((line, text)) => DocKind::parse(text).unwrap_or_else(|| {
            let wish = "请写 report(报告)、circular(通报)或 special(专报)";
            faults.push(Fault::new(line, format!("没有“{text}”这种文种;{wish}")));
            DocKind::Report
        }),
    };
    let title = given("title").map(|(line, text)| words(line, text, faults));
    let addressee = given("addressee").map(|(line, text)| words(line, text, faults));
    let signature = given("signature").map(|(line, text)| words(line, text, faults));
    let (annexes_line, annexes) = given("annexes").map_or((0, Vec::new()), |(line, text)| (line, list(text)));
    if id.is_none() {
        faults.push(Fault::new(1, "文件头缺少 id;请加一行,例如 id: hotline-monthly"));
    }
    if title.is_none() {
        faults.push(Fault::new(1, "文件头缺少 title;请加一行,例如 title: 热线办理情况"));
    }
    Some(Meta { id: id?, kind, title: title?, addressee, signature, annexes, annexes_line })
}

/// A phrase of words and slots for words; figures and conditions have no place in it.
pub(super) fn words(line: usize, text: &str, faults: &mut Vec<Fault>) -> Phrase {
    let phrase = inline::phrase(&[(line, text)], faults);
    for piece in &phrase.pieces {
        let name = match piece {
            Piece::Text(_) => continue,
            Piece::Slot { name, .. } if TEXT_NAMES.contains(&name.as_str()) => continue,
            Piece::Slot { name, .. } => name,
            Piece::If { condition, .. } => &condition.name,
        };
        let message = format!("标题里不放数字({name});请把它写进正文段落,标题只用 {}", TEXT_NAMES.join("、"));
        faults.push(Fault::new(line, message));
    }
    phrase
}

fn unquote(value: &str) -> &str {
    let inner = |q: char| value.strip_prefix(q).and_then(|v| v.strip_suffix(q));
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

fn list(text: &str) -> Vec<String> {
    let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    let parts = text.split([',', '\u{ff0c}', '、']).map(|p| unquote(p.trim()));
    parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
}
