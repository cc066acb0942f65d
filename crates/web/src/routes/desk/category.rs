//! Categories as a form offers them and as the list is narrowed by them: a tree of any depth, shown with the whole path,
//! where asking for one means everything below it too. Never a second tree: the pack's catalogue is the only one.

use crate::locale::Locale;
use crate::visit::Visit;
use serde_json::{Value, json};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{CATEGORY, Catalogue, CatalogueTree, Item, Policy};

/// Options of a choice from a catalogue: under the name at the top, the path below it.
pub(super) fn options(visit: &Visit, catalogue: &Catalogue, chosen: &str) -> Vec<Value> {
    let tree = CatalogueTree::of(catalogue);
    let offered = tree.in_order().into_iter().filter(|i| tree.may_pick(i));
    let one = |item: &Item| {
        let (group, path) = split(visit, &tree, item);
        let label = if tree.is_leaf(&item.code) { path } else { visit.t_with("category.as_it_is", &[("path", path)]) };
        json!({"value": item.code, "label": label, "group": group, "selected": item.code == chosen, "text": item.text})
    };
    offered.map(one).collect()
}

/// The name at the top, and the path from there down. What stands alone at the top has no group.
fn split(visit: &Visit, tree: &CatalogueTree, item: &Item) -> (String, String) {
    let names: Vec<&str> =
        tree.chain(&item.code).into_iter().rev().map(|i| visit.locale.pick(&i.name, &i.name_en)).collect();
    match names.as_slice() {
        [top] if !tree.is_leaf(&item.code) => ((*top).to_owned(), (*top).to_owned()),
        [only] => (String::new(), (*only).to_owned()),
        [top, below @ ..] => ((*top).to_owned(), below.join(" / ")),
        [] => (String::new(), item.code.clone()),
    }
}

/// The catalogues whose codes stand in the rows: that of a kind, or those of all kinds.
fn catalogues<'p>(policy: &'p Policy, kind: &str) -> Vec<&'p Catalogue> {
    let of_kind = policy.kinds.iter().filter(|k| kind.is_empty() || k.id == kind);
    let fields = of_kind.filter_map(|k| k.category_list());
    let mut found: Vec<&Catalogue> = Vec::new();
    for list in fields.filter_map(|id| policy.catalogue(id)) {
        if !found.iter().any(|f| f.id == list.id) {
            found.push(list);
        }
    }
    found
}

/// Codes that the list is narrowed to: the one asked for and all below it. A code of another kind's catalogue, left over
/// when the kind was changed, narrows nothing; one that the pack has no more still finds what was entered under it.
pub(super) fn narrowed(policy: &Policy, kind: &str, code: &str) -> Vec<String> {
    if code.is_empty() {
        return Vec::new();
    }
    let branch =
        |kind: &str| -> Vec<String> { catalogues(policy, kind).into_iter().flat_map(|c| c.branch(code)).collect() };
    let mut codes = branch(kind);
    if codes.is_empty() && branch("").is_empty() {
        codes.push(code.to_owned());
    }
    codes.sort();
    codes.dedup();
    codes
}

/// The whole path of a code that narrows the list; nothing where it narrows nothing.
pub(super) fn path(visit: &Visit, policy: &Policy, kind: &str, code: &str) -> String {
    if narrowed(policy, kind, code).is_empty() {
        return String::new();
    }
    let named = catalogues(policy, kind).into_iter().find(|c| c.item(code).is_some());
    named.map_or_else(|| code.to_owned(), |c| c.path_name(code, visit.locale == Locale::En))
}

/// The whole path of a matter's category as a row shows it; nothing where its kind has none.
pub(super) fn of_matter(visit: &Visit, policy: &Policy, matter: &Matter) -> String {
    let catalogue = policy.kind_of(matter).and_then(|k| k.category_list()).and_then(|list| policy.catalogue(list));
    let code = matter.values.get(CATEGORY).and_then(Value::as_str);
    let known = catalogue.zip(code).filter(|(c, code)| c.item(code).is_some());
    known.map_or_else(String::new, |(c, code)| c.path_name(code, visit.locale == Locale::En))
}

/// What the list can be narrowed by: every level of the chosen kind's categories. Without a kind there is only what the
/// list is narrowed to already, since categories of different kinds are different things.
pub(super) fn filter(visit: &Visit, policy: &Policy, kind: &str, code: &str) -> Vec<Value> {
    let any = json!({"value": "", "label": visit.t("desk.any"), "group": "", "selected": code.is_empty()});
    let mut out = vec![any];
    let list = policy.kind(kind).and_then(|k| k.category_list());
    if let Some(catalogue) = list.and_then(|c| policy.catalogue(c)) {
        let tree = CatalogueTree::of(catalogue);
        out.extend(tree.in_order().into_iter().map(|item| {
            let (group, path) = split(visit, &tree, item);
            let label = if tree.is_leaf(&item.code) { path } else { visit.t_with("category.all", &[("path", path)]) };
            json!({"value": item.code, "label": label, "group": group, "selected": item.code == code})
        }));
    }
    let path = path(visit, policy, kind, code);
    if !path.is_empty() && !out.iter().any(|o| o["selected"] == json!(true)) {
        out.push(json!({"value": code, "label": path, "group": "", "selected": true}));
    }
    out
}
