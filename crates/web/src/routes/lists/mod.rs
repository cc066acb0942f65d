//! Lists: what a village may, must and must not do, for everybody to read; at the desk their versions, what changed
//! between them, and files out and in. Lists come from the pack; nothing here changes one.

mod changes;
mod chart;
mod desk;
mod desk_item;
mod exchange;
mod public;

pub(crate) use changes::changes;
pub(crate) use chart::of_matter;
pub(crate) use desk::{all, one};
pub(crate) use desk_item::one_item;
pub(crate) use exchange::{csv, preview, xlsx};
pub(crate) use public::{code, item, lists};

use crate::visit::Visit;
use serde_json::{Value, json};
use xiangyue_domain::policy::{Catalogue, Item, LIST_COLUMNS, ListHead, Policy, list_cell};

/// Longest search.
const WORDS_MAX: usize = 30;

/// Lists of the pack, in the order of their classes.
fn listed(policy: &Policy) -> Vec<(&ListHead, &Catalogue)> {
    let all = || policy.catalogues.values().filter_map(|c| Some((c.head.as_ref()?, c)));
    policy.list_classes.iter().flat_map(|class| all().filter(move |(h, _)| h.class == class.id)).collect()
}

fn list_of<'p>(policy: &'p Policy, id: &str) -> Option<(&'p ListHead, &'p Catalogue)> {
    listed(policy).into_iter().find(|(h, _)| h.id == id)
}

/// What was typed into the search.
fn words(text: Option<&String>) -> String {
    text.map_or("", |t| t.trim()).chars().take(WORDS_MAX).collect()
}

/// Whether an item speaks of what is searched for.
fn speaks(all: &[Item], item: &Item, words: &str) -> bool {
    words.is_empty()
        || item.name_en.contains(words)
        || LIST_COLUMNS.iter().any(|c| list_cell(all, item, c).contains(words))
}

/// Items under their classes: `[{name, items}]`, those that the search finds.
fn grouped(
    visit: &Visit,
    list: &Catalogue,
    words: &str,
    url: &dyn Fn(&Item) -> String,
    begin: &dyn Fn(&Item) -> String,
) -> Vec<Value> {
    let found: Vec<&Item> = list.leaves().filter(|i| speaks(&list.items, i, words)).collect();
    let classes = list.items.iter().filter(|c| found.iter().any(|i| i.parent == c.code));
    let one = |i: &&Item| {
        json!({ "code": i.code, "name": visit.locale.pick(&i.name, &i.name_en), "owner": i.owner, "limit": i.row.limit,
            "flow": !i.row.flow.is_empty(), "basis": i.basis, "url": url(i), "begin": begin(i) })
    };
    let class = |c: &Item| {
        let items: Vec<Value> = found.iter().filter(|i| i.parent == c.code).map(one).collect();
        json!({ "name": visit.locale.pick(&c.name, &c.name_en), "items": items })
    };
    classes.map(class).collect()
}

/// What an item says, column by column, without what is empty.
fn said(visit: &Visit, policy: &Policy, list: &Catalogue, item: &Item) -> Vec<Value> {
    let shown = LIST_COLUMNS.iter().filter(|c| !matches!(**c, "code" | "name"));
    let one = |column: &&str| {
        let text = list_cell(&list.items, item, column);
        let text = if *column == "flow" { flow_name(visit, policy, text) } else { text.to_owned() };
        (!text.is_empty()).then(|| json!({ "label": label(visit, column), "text": text }))
    };
    shown.filter_map(one).collect()
}

fn flow_name(visit: &Visit, policy: &Policy, id: &str) -> String {
    policy.kind(id).map_or_else(|| id.to_owned(), |k| visit.locale.pick(&k.name, &k.name_en).to_owned())
}

/// Heading of a column.
fn label(visit: &Visit, column: &str) -> String {
    visit.t(&format!("lists.column_{column}"))
}
