//! What must hold across files: every name that is spoken of exists, and every flow can be walked to its end.

mod conditions;
mod kind;
mod lists;
mod walk;

use crate::fault::Fault;
use crate::files::PackFiles;
use crate::lines::Lines;
use std::collections::BTreeSet;
use xiangyue_domain::policy::{Indicator, IndicatorSource, Policy};

/// Says a fault at a JSON pointer into the file at hand.
type Say<'a> = &'a mut dyn FnMut(&str, String);

/// Registers that an indicator may be counted from.
const REGISTERS: &[&str] = &["grid", "village", "town", "natural_unit", "person", "household"];

/// Checks a whole pack.
pub(crate) fn whole(policy: &Policy, files: &PackFiles, faults: &mut Vec<Fault>) {
    in_file(files, "pack.toml", faults, |say| lists::settings(policy, say));
    in_file(files, "posts.toml", faults, |say| lists::posts(policy, say));
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
            }
        });
    }
    lists::catalogues(policy, files, faults);
    indicators(policy, files, &unread, faults);
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
    let text = files.text(path).unwrap_or_default();
    let id = text.parse::<toml::Table>().ok().and_then(|t| Some(t.get("id")?.as_str()?.to_owned()));
    if let Some(id) = id.filter(|id| policy.kinds.iter().any(|k| k.id == *id)) {
        let message = format!("文件名要和 id 一样;请把文件改名为 {id}.toml,或把 id 改成 {}", stem(path));
        faults.push(Fault::new(path, Lines::new(&text).of("/id"), message));
    }
}

/// Indicators: the loader read the files in the same order, so they are told apart by their place in it.
fn indicators(policy: &Policy, files: &PackFiles, unread: &[String], faults: &mut Vec<Fault>) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for path in files.under("indicators", ".toml") {
        let text = files.text(path).unwrap_or_default();
        let ids: Vec<String> = text
            .parse::<toml::Table>()
            .ok()
            .and_then(|t| {
                let list = t.get("indicator")?.as_array()?;
                Some(list.iter().filter_map(|i| Some(i.get("id")?.as_str()?.to_owned())).collect())
            })
            .unwrap_or_default();
        let lines = Lines::new(&text);
        for (i, id) in ids.iter().enumerate() {
            let Some(indicator) = policy.indicators.iter().find(|x| x.id == *id) else { continue };
            let mut say = |inner: &str, message: String| {
                faults.push(Fault::new(path, lines.of(&format!("/indicator/{i}{inner}")), message));
            };
            if !seen.insert(&indicator.id) {
                say("/id", format!("指标 {id} 重复;换一个 id"));
                continue;
            }
            one_indicator(policy, indicator, unread, &mut say);
        }
    }
}

fn one_indicator(policy: &Policy, indicator: &Indicator, unread: &[String], say: Say) {
    let used: Vec<&String> = match &indicator.source {
        IndicatorSource::Sum(list) => list.iter().collect(),
        IndicatorSource::Rate { over, under } => over.iter().chain(under).collect(),
        IndicatorSource::Register(name) => {
            if !REGISTERS.contains(&name.as_str()) {
                say("/source", format!("登记册 {name} 不认识;可写 {}", REGISTERS.join("、")));
            }
            Vec::new()
        }
    };
    for measure in used {
        // A kind whose own file has faults may hold it: that file is to be put right first.
        let hidden = unread.iter().any(|text| text.contains(&format!("\"{measure}\"")));
        match policy.measure(measure) {
            None if !hidden => {
                let message = format!("指标 {} 用到的计量 {measure} 不存在;请写 matters/*.toml 里有的 id", indicator.id);
                say("/source", message);
            }
            Some((_, found)) if indicator.bucket.is_some() && found.bucket.is_none() => {
                say("/bucket", format!("计量 {measure} 没有 bucket,指标 {} 不能只取其中一类", indicator.id));
            }
            _ => {}
        }
    }
}
