//! Catalogues and lists: `catalogues/*.csv`, what `lists.toml` says of those that are lists, and the versions that
//! held before, in `lists/ID/DAY.csv`.

use crate::fault::Fault;
use crate::files::PackFiles;
use crate::load::{ListFile, if_there};
use crate::points;
use crate::table::{Line, read_csv};
use serde_json::Value;
use std::collections::BTreeMap;
use xiangyue_domain::day::Day;
use xiangyue_domain::due::Cadence;
use xiangyue_domain::policy::{Catalogue, Item, LedgerRules, ListRow, ListVersion};

/// The heads of all files that there are.
pub(crate) fn heads(files: &PackFiles, schema: &Value, faults: &mut Vec<Fault>) -> ListFile {
    let mut out = ListFile::default();
    for path in files.with_additions("lists") {
        let Some(file) = if_there::<ListFile>(files, &path, schema, faults) else { continue };
        out.classes.extend(file.classes);
        out.lists.extend(file.lists);
    }
    out
}

/// Every catalogue, with its head and its earlier versions where it is a list.
pub(crate) fn catalogues(
    files: &PackFiles,
    ledger: &LedgerRules,
    lists: &ListFile,
    faults: &mut Vec<Fault>,
) -> BTreeMap<String, Catalogue> {
    let mut out = BTreeMap::new();
    for list in [points::rules_list(ledger), points::goods_list(files, ledger)] {
        out.insert(list.id.clone(), list);
    }
    for path in files.under("catalogues/", ".csv") {
        let id = path.trim_start_matches("catalogues/").trim_end_matches(".csv").to_owned();
        // A folder of the same name holds what is added to a catalogue.
        if id.contains('/') {
            continue;
        }
        let head = lists.lists.iter().find(|l| l.id == id).cloned();
        let items = read(files, path, head.is_some() || names_classes(files, path), faults);
        let earlier = if head.is_some() { earlier(files, &id, faults) } else { Vec::new() };
        out.insert(id.clone(), Catalogue { id, items, head, earlier });
    }
    additions(files, &mut out, faults);
    out
}

/// What `catalogues/ID/NAME.csv` adds to a catalogue: finer levels below items that are there, or items beside them. The
/// catalogue's own file stays as it is, so that a county need not copy it to say more.
fn additions(files: &PackFiles, out: &mut BTreeMap<String, Catalogue>, faults: &mut Vec<Fault>) {
    for path in files.under("catalogues/", ".csv") {
        let Some((id, _)) = path.trim_start_matches("catalogues/").split_once('/') else { continue };
        let Some(catalogue) = out.get_mut(id).filter(|c| c.head.is_none()) else {
            faults.push(Fault::new(
                path,
                0,
                format!("清单 {id} 不存在,或是公开的清单,不能另加;请写 catalogues/ 里有的"),
            ));
            continue;
        };
        let lines = read_csv(files, path, &["code", "parent", "name"], faults);
        // What could be chosen before stays so: the finer levels are for whoever knows more.
        for line in &lines {
            let leaf = catalogue.is_leaf(line.get("parent"));
            if let Some(above) = catalogue.items.iter_mut().find(|i| leaf && i.code == line.get("parent")) {
                above.pick = true;
            }
        }
        catalogue.items.extend(lines.iter().map(item));
        for line in &lines {
            one(&catalogue.items, &item(line), false, &mut |said| faults.push(Fault::new(path, line.line, said)));
        }
    }
}

/// Whether a file has the column of classes, as lists do.
fn names_classes(files: &PackFiles, path: &str) -> bool {
    let text = files.text(path).unwrap_or_default();
    text.lines().next().is_some_and(|head| head.trim_start_matches('\u{feff}').split(',').any(|c| c.trim() == "class"))
}

/// Versions that held before, the newest first.
fn earlier(files: &PackFiles, id: &str, faults: &mut Vec<Fault>) -> Vec<ListVersion> {
    let folder = format!("lists/{id}/");
    let mut out = Vec::new();
    for path in files.under(&folder, ".csv") {
        let Some(from) = Day::parse(path.trim_start_matches(&folder).trim_end_matches(".csv")) else {
            faults.push(Fault::new(path, 0, "以前的版本,文件名要写施行的日子,如 2025-01-01.csv"));
            continue;
        };
        out.push(ListVersion { from, list: read(files, path, true, faults) });
    }
    out.sort_by_key(|v| std::cmp::Reverse(v.from));
    out
}

/// Items of one file. A list names its classes in a column, and they become the items above.
fn read(files: &PackFiles, path: &str, list: bool, faults: &mut Vec<Fault>) -> Vec<Item> {
    let columns: &[&str] = if list { &["code", "class", "name"] } else { &["code", "parent", "name"] };
    let lines = read_csv(files, path, columns, faults);
    let mut items: Vec<Item> = Vec::new();
    let mut places: Vec<(usize, usize)> = Vec::new();
    for line in &lines {
        let mut item = item(line);
        if list {
            item.parent = class_of(&mut items, line);
        }
        places.push((line.line, items.len()));
        items.push(item);
    }
    for (line, at) in places {
        one(&items, &items[at], list, &mut |message| faults.push(Fault::new(path, line, message)));
    }
    items
}

/// Code of a line's class, which is put before its first item.
fn class_of(items: &mut Vec<Item>, line: &Line) -> String {
    let name = line.get("class");
    if name.is_empty() {
        return String::new();
    }
    if let Some(known) = items.iter().find(|i| i.parent.is_empty() && i.name == name) {
        return known.code.clone();
    }
    let code = format!("class.{}", items.iter().filter(|i| i.parent.is_empty()).count() + 1);
    let name_en = line.get("class_en").to_owned();
    items.push(Item { code: code.clone(), name: name.to_owned(), name_en, ..Item::default() });
    code
}

fn one(items: &[Item], item: &Item, list: bool, say: &mut dyn FnMut(String)) {
    if item.code.is_empty() || item.name.is_empty() {
        say("code 和 name 都要写".to_owned());
    }
    if list && item.parent.is_empty() {
        say("class 要写这一条归哪一类".to_owned());
    }
    if !item.parent.is_empty() && !items.iter().any(|i| i.code == item.parent) {
        say(format!("上级 {} 不在本清单里", item.parent));
    }
    if items.iter().filter(|i| i.code == item.code).count() > 1 {
        say(format!("code 重复: {}", item.code));
    }
}

fn item(l: &Line) -> Item {
    let text = |column: &str| l.get(column).to_owned();
    Item {
        code: text("code"),
        parent: text("parent"),
        name: text("name"),
        name_en: text("name_en"),
        owner: text("owner"),
        urgency: text("urgency"),
        topic: text("topic"),
        text: text("text"),
        basis: text("basis"),
        public: l.get("public") == "yes",
        pick: l.get("pick") == "yes",
        icon: text("icon"),
        cadence: Cadence::parse(l.get("cadence")),
        within: l.get("within").parse().unwrap_or(0),
        since: Day::parse(l.get("since")),
        window: l.get("window").parse().ok(),
        row: ListRow {
            level: text("level"),
            flow: text("flow"),
            conditions: text("conditions"),
            materials: text("materials"),
            limit: text("limit"),
            risk: text("risk"),
            forms: text("forms"),
            supervisor: text("supervisor"),
        },
    }
}
