//! What must hold across files: every name that is spoken of exists, and every flow can be walked to its end.

mod assembly;
mod conditions;
mod due;
mod duty;
mod effects;
mod items;
mod kind;
mod ledger;
mod lists;
mod papers;
mod posting;
mod sheet;
mod walk;
mod weighted;

pub(crate) use kind::limit_rule;

use crate::fault::Fault;
use crate::files::PackFiles;
use crate::lines::Lines;
use std::collections::BTreeSet;
use xiangyue_domain::policy::{Indicator, IndicatorSource, Policy};

/// Says a fault at a JSON pointer into the file at hand.
pub(crate) type Say<'a> = &'a mut dyn FnMut(&str, String);

/// Registers that an indicator may be counted from.
const REGISTERS: &[&str] = &["grid", "village", "town", "natural_unit", "person", "household"];

/// Checks a whole pack.
pub(crate) fn whole(policy: &Policy, files: &PackFiles, faults: &mut Vec<Fault>) {
    in_file(files, "pack.toml", faults, |say| lists::settings(policy, say));
    for path in files.with_additions("posts") {
        let ids = ids_in(files, &path, "post");
        in_file(files, &path, faults, |say| lists::posts(policy, &ids, say));
    }
    let mut measures = BTreeSet::new();
    let mut unread = Vec::new();
    for path in files.under("matters/", ".toml") {
        let stem = stem(path);
        let Some(kind) = policy.kinds.iter().find(|k| k.id == stem) else {
            unread.extend(files.text(path));
            misnamed(policy, files, path, faults);
            continue;
        };
        in_file(files, path, faults, |say| {
            kind::check(policy, kind, say);
            for (i, measure) in kind.measures.iter().enumerate() {
                if !measures.insert(measure.id.clone()) {
                    say(&format!("/measure/{i}/id"), format!("计量 {} 重复;换一个 id", measure.id));
                }
                // What counts beside a measure goes by its id with this behind it.
                if measure.id.contains('#') {
                    say(&format!("/measure/{i}/id"), format!("计量 {} 的 id 里不能有 #;请换成点或下划线", measure.id));
                }
            }
        });
    }
    ledger::check(policy, files, &mut measures, faults);
    for path in files.under("sheets/", ".toml") {
        // A file with faults of its own was not read; they are said already.
        if let Some(sheet) = policy.sheets.iter().find(|s| s.id == stem(path)) {
            in_file(files, path, faults, |say| sheet::check(policy, sheet, &unread, say));
        } else if let Some(id) = id_of(files, path).filter(|id| policy.sheets.iter().any(|s| s.id == *id)) {
            misnamed_as(files, path, &id, faults);
        }
    }
    let mut duties = BTreeSet::new();
    for path in files.with_additions("duties") {
        let ids = ids_in(files, &path, "duty");
        in_file(files, &path, faults, |say| duty::check(policy, &ids, &mut duties, say));
    }
    posted(policy, faults);
    texts(policy, files, faults);
    lists::catalogues(policy, files, faults);
    items::check(policy, files, faults);
    lists::figures(policy, files, faults);
    indicators(policy, files, &unread, faults);
}

/// Whoever publishes says in which words.
fn posted(policy: &Policy, faults: &mut Vec<Fault>) {
    if policy.posted.is_empty() && policy.kinds.iter().any(|k| k.posted.is_some()) {
        faults.push(Fault::new("posted.toml", 0, "有公布的事项就要写公布时的用词;可从 packs/base 抄一份再改"));
    }
}

/// Whoever sends text messages says how many and in words that are there.
fn texts(policy: &Policy, files: &PackFiles, faults: &mut Vec<Fault>) {
    let Some(rules) = &policy.texts else { return };
    in_file(files, "texts.toml", faults, |say| {
        rules.faults().into_iter().for_each(|(key, message)| say(&format!("/{key}"), message));
    });
}

fn in_file(files: &PackFiles, path: &str, faults: &mut Vec<Fault>, check: impl FnOnce(Say)) {
    let text = files.text(path).unwrap_or_default();
    let lines = Lines::new(&text);
    check(&mut |pointer, message| faults.push(Fault::new(path, lines.of(pointer), message)));
}

fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(".toml")
}

/// A kind that was read but stands in a file of another name would be checked nowhere.
fn misnamed(policy: &Policy, files: &PackFiles, path: &str, faults: &mut Vec<Fault>) {
    if let Some(id) = id_of(files, path).filter(|id| policy.kinds.iter().any(|k| k.id == *id)) {
        misnamed_as(files, path, &id, faults);
    }
}

/// The id that a file gives itself.
fn id_of(files: &PackFiles, path: &str) -> Option<String> {
    let table = files.text(path)?.parse::<toml::Table>().ok()?;
    Some(table.get("id")?.as_str()?.to_owned())
}

fn misnamed_as(files: &PackFiles, path: &str, id: &str, faults: &mut Vec<Fault>) {
    let text = files.text(path).unwrap_or_default();
    let message = format!("文件名要和 id 一样;请把文件改名为 {id}.toml,或把 id 改成 {}", stem(path));
    faults.push(Fault::new(path, Lines::new(&text).of("/id"), message));
}

/// Ids of a list in a file, by their place in it.
fn ids_in(files: &PackFiles, path: &str, list: &str) -> Vec<String> {
    let table = files.text(path).and_then(|t| t.parse::<toml::Table>().ok()).unwrap_or_default();
    let items = table.get(list).and_then(|l| l.as_array()).map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|i| i.get("id").and_then(|id| id.as_str()).unwrap_or_default().to_owned()).collect()
}

fn indicators(policy: &Policy, files: &PackFiles, unread: &[String], faults: &mut Vec<Fault>) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for path in files.with_additions("indicators") {
        let ids = ids_in(files, &path, "indicator");
        in_file(files, &path, faults, |say| {
            for (i, id) in ids.into_iter().enumerate() {
                let Some(indicator) = policy.indicators.iter().find(|x| x.id == id) else { continue };
                let mut say = |inner: &str, message: String| say(&format!("/indicator/{i}{inner}"), message);
                if seen.insert(id.clone()) {
                    one_indicator(policy, indicator, unread, &mut say);
                } else {
                    say("/id", format!("指标 {id} 重复;换一个 id"));
                }
            }
        });
    }
}

fn one_indicator(policy: &Policy, indicator: &Indicator, unread: &[String], say: Say) {
    for (i, id) in indicator.beside.iter().enumerate().filter(|(_, id)| policy.indicator(id).is_none()) {
        let message = format!("并列的指标 {id} 不存在;请写 indicators.toml 里有的 id");
        say(&format!("/beside/{i}"), message);
    }
    let used: Vec<&String> = match &indicator.source {
        IndicatorSource::Sum(list) => list.iter().collect(),
        IndicatorSource::Rate { over, under } => over.iter().chain(under).collect(),
        IndicatorSource::Register(name) => {
            if !REGISTERS.contains(&name.as_str()) {
                say("/source", format!("登记册 {name} 不认识;可写 {}", REGISTERS.join("、")));
            }
            Vec::new()
        }
        IndicatorSource::Weighted(list) => {
            weighted::check(policy, indicator, list, say);
            Vec::new()
        }
    };
    for measure in used {
        // A kind whose own file has faults may hold it: that file is to be put right first.
        let hidden = unread.iter().any(|text| text.contains(&format!("\"{measure}\"")));
        if let Some(found) = policy.ledger.measure(measure) {
            if indicator.bucket.is_some() && found.bucket.is_none() {
                say("/bucket", format!("计量 {measure} 没有 bucket,指标 {} 不能只取其中一类", indicator.id));
            }
            continue;
        }
        match policy.measure(measure) {
            None if !hidden => {
                let message =
                    format!("指标 {} 用到的计量 {measure} 不存在;请写 matters/*.toml 里有的 id", indicator.id);
                say("/source", message);
            }
            Some((_, found)) if indicator.bucket.is_some() && found.bucket.is_none() => {
                say("/bucket", format!("计量 {measure} 没有 bucket,指标 {} 不能只取其中一类", indicator.id));
            }
            _ => {}
        }
    }
}
