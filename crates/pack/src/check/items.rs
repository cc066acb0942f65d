//! Lists: classes that there are, a basis and a flow where the class wants them, days that make sense.

use super::{Say, in_file};
use crate::fault::Fault;
use crate::files::PackFiles;
use crate::table::read_csv;
use xiangyue_domain::day::Day;
use xiangyue_domain::policy::{FieldType, ListClass, Policy};

/// Checks the heads of all lists and the items below them.
pub(super) fn check(policy: &Policy, files: &PackFiles, faults: &mut Vec<Fault>) {
    let mut seen: Vec<String> = Vec::new();
    for path in files.with_additions("lists") {
        let ids = super::ids_in(files, &path, "list");
        in_file(files, &path, faults, |say| {
            for (i, id) in ids.iter().enumerate() {
                if seen.contains(id) {
                    say(&format!("/list/{i}/id"), format!("清单 {id} 重复;一份清单只写一次"));
                }
                seen.push(id.clone());
                head(policy, id, &format!("/list/{i}"), say);
            }
        });
        if files.text(&path).is_some() {
            let classes = super::ids_in(files, &path, "class");
            for (i, id) in classes.iter().enumerate() {
                let twice = policy.list_classes.iter().filter(|c| c.id == *id).count() > 1;
                in_file(files, &path, faults, |say| {
                    if twice {
                        say(&format!("/class/{i}/id"), format!("清单的类 {id} 重复;换一个 id"));
                    }
                });
            }
        }
    }
    for list in policy.catalogues.values() {
        let Some(class) = list.head.as_ref().and_then(|h| policy.list_classes.iter().find(|c| c.id == h.class)) else {
            continue;
        };
        rows(policy, class, &list.id, files, faults);
    }
}

fn head(policy: &Policy, id: &str, at: &str, say: Say) {
    let Some(list) = policy.catalogue(id) else {
        say(&format!("{at}/id"), format!("清单 {id} 没有条目;请写 catalogues/{id}.csv"));
        return;
    };
    let Some(head) = &list.head else { return };
    if !policy.list_classes.iter().any(|c| c.id == head.class) {
        say(&format!("{at}/class"), format!("清单的类 {} 不存在;请写 [[class]] 里有的 id", head.class));
    }
    if list.items.is_empty() {
        say(&format!("{at}/id"), format!("清单 {id} 一条也没有;请写 catalogues/{id}.csv"));
    }
    let Some(from) = Day::parse(&head.from) else {
        say(&format!("{at}/from"), format!("from 不对: {};请写成 2026-01-01", head.from));
        return;
    };
    if list.earlier.iter().any(|v| v.from >= from) {
        say(&format!("{at}/from"), format!("以前的版本(lists/{id}/)要比现在的 {from} 早"));
    }
}

fn rows(policy: &Policy, class: &ListClass, id: &str, files: &PackFiles, faults: &mut Vec<Fault>) {
    let path = format!("catalogues/{id}.csv");
    for line in read_csv(files, &path, &[], &mut Vec::new()) {
        let mut say = |message: String| faults.push(Fault::new(&path, line.line, message));
        let (code, flow) = (line.get("code"), line.get("flow"));
        if class.basis && line.get("basis").is_empty() {
            say(format!("{code} 没有写 basis;{}的每一条都要写依据", class.name));
        }
        if class.flow && flow.is_empty() {
            say(format!("{code} 没有写 flow;{}的每一条都要指向一类事项的流程", class.name));
        }
        if flow.is_empty() {
            continue;
        }
        let Some(kind) = policy.kind(flow) else {
            say(format!("{code} 的流程 {flow} 不存在;请写 matters/ 里有的事项"));
            continue;
        };
        let asks =
            kind.intake_fields().iter().any(|f| f.kind == FieldType::Choice && f.catalogue.as_deref() == Some(id));
        if class.flow && !asks {
            say(format!(
                "{code} 的流程 {flow} 的登记表里没有选这一条的字段;请加 type = \"choice\"、catalogue = \"{id}\""
            ));
        }
    }
}
