//! One sheet: every column fills a field that is there, no heading stands twice, every word means a value.

use super::Say;
use std::collections::BTreeSet;
use xiangyue_domain::code::tidy;
use xiangyue_domain::policy::{Direction, Field, FieldType, Kind, Policy, Sheet, SheetColumn};

/// For every kind that has no sheet of its own.
const ANY: &str = "*";

pub(super) fn check(policy: &Policy, sheet: &Sheet, unread: &[String], say: Say) {
    let twice = |s: &&Sheet| s.subject == sheet.subject && s.direction == sheet.direction;
    if sheet.subject == ANY && policy.sheets.iter().filter(twice).count() > 1 {
        say("/for", "for = \"*\" 的表一个方向只能有一张".to_owned());
    }
    if sheet.columns.is_empty() && sheet.subject != ANY {
        say("", "至少要有一列 [[column]]".to_owned());
    }
    headings(sheet, say);
    if let Some(known) = Sheet::register_fields(&sheet.subject) {
        for (i, column) in columns(sheet) {
            if !known.contains(&column.field.as_str()) {
                let message = format!("{} 没有 {} 这一项;可写 {}", sheet.subject, column.field, known.join("、"));
                say(&format!("/column/{i}/field"), message);
            }
        }
        return;
    }
    let kind = policy.kind(&sheet.subject);
    // A kind whose own file has faults is to be put right first.
    let hidden = unread.iter().any(|text| text.contains(&format!("id = \"{}\"", sheet.subject)));
    if kind.is_none() && sheet.subject != ANY && !hidden {
        let registers = "people、households、staff、reported";
        say("/for", format!("for 指的 {} 不存在;请写 matters 里的事项,或 {registers},或 *", sheet.subject));
        return;
    }
    for (i, column) in columns(sheet) {
        one_column(policy, sheet, kind, column, &format!("/column/{i}"), say);
    }
    if let Some(kind) = kind {
        order(sheet, kind, say);
    }
}

/// Columns that are filled from a field or fill one.
fn columns(sheet: &Sheet) -> impl Iterator<Item = (usize, &SheetColumn)> {
    let fixed = |c: &SheetColumn| sheet.direction == Direction::Out && c.field.is_empty() && !c.fill.is_empty();
    sheet.columns.iter().enumerate().filter(move |(_, c)| !fixed(c))
}

fn headings(sheet: &Sheet, say: Say) {
    let mut seen = BTreeSet::new();
    for (i, column) in sheet.columns.iter().enumerate() {
        for heading in std::iter::once(&column.heading).chain(&column.also) {
            if !seen.insert(tidy(heading).to_lowercase()) {
                say(&format!("/column/{i}"), format!("栏目名 {heading} 重复;同一张表里一个名字只能指一列"));
            }
        }
    }
}

fn one_column(policy: &Policy, sheet: &Sheet, kind: Option<&Kind>, column: &SheetColumn, at: &str, say: Say) {
    let known = Sheet::order_fields(sheet.direction);
    let field = kind.and_then(|k| k.field(&column.field));
    if field.is_none() && !known.contains(&column.field.as_str()) && (kind.is_some() || sheet.subject == ANY) {
        let message = format!("没有字段 {};请写本类事项的字段,或 {}", column.field, known.join("、"));
        return say(&format!("{at}/field"), message);
    }
    for (word, value) in column.words.iter() {
        let sound = match (field, kind) {
            (Some(field), _) => is_value(policy, field, value),
            (None, Some(kind)) if column.field == "channel" => kind.intake.channels.contains(value),
            _ => true,
        };
        if !sound {
            say(&format!("{at}/words/{word}"), format!("{} 没有 {value} 这个值;请写清单代码或选项", column.field));
        }
    }
}

fn is_value(policy: &Policy, field: &Field, value: &str) -> bool {
    match (field.kind, &field.catalogue) {
        (FieldType::Choice, Some(id)) => policy.catalogue(id).is_none_or(|c| c.item(value).is_some()),
        (FieldType::Choice, None) => field.options.contains_key(value),
        _ => true,
    }
}

fn order(sheet: &Sheet, kind: &Kind, say: Say) {
    if !sheet.channel.is_empty() && !kind.intake.channels.contains(&sheet.channel) {
        say("/channel", format!("来源 {} 不在 {} 的 channels 里", sheet.channel, kind.id));
    }
    if !sheet.key.is_empty() && sheet.column(&sheet.key).is_none() {
        say("/key", format!("key 指的字段 {} 没有对应的列", sheet.key));
    }
    if !sheet.done.is_empty() && kind.find_move(&sheet.done).is_none() {
        say("/done", format!("动作 {} 不存在;请写 {} 里有的动作", sheet.done, kind.id));
    }
    if sheet.direction == Direction::In {
        let lacks = |f: &&Field| f.required && f.kind != FieldType::File && sheet.column(&f.id).is_none();
        for field in kind.intake_fields().into_iter().filter(lacks) {
            say("", format!("{} 必填的字段 {} 没有对应的列", kind.id, field.id));
        }
        if sheet.column("place").is_none() {
            say("", "要有一列 field = \"place\":没有地点的收不进来".to_owned());
        }
    }
}
