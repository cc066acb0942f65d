//! Lists: a catalogue with an owner, a legal basis and dated versions, of a class that the pack names (power, duties,
//! what is forbidden, services). What an item says beside its name, and what has changed from one version to the next.

use super::whole::{Catalogue, Item};
use crate::day::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A class of lists, such as powers or services.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListClass {
    /// Identifier.
    pub id: String,
    /// Name on screen.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Every item has to lead to a flow, and the form of that flow has to ask for the item.
    #[serde(default)]
    pub flow: bool,
    /// Every item has to name its legal basis.
    #[serde(default)]
    pub basis: bool,
}

/// What is said of a catalogue that is a list: who answers for it and since when it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListHead {
    /// The catalogue: `power-items` for `catalogues/power-items.csv`.
    pub id: String,
    /// Name on screen.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Class of the list.
    pub class: String,
    /// Who answers for it, in words.
    #[serde(default)]
    pub owner: String,
    /// Document by which this version holds.
    #[serde(default)]
    pub basis: String,
    /// First day of the version in force. Earlier ones lie in `lists/ID/DAY.csv`.
    pub from: String,
    /// Kept to the staff; otherwise everybody may read it.
    #[serde(default)]
    pub inside: bool,
    /// Shipped as a sample, and said so on screen.
    #[serde(default)]
    pub sample: bool,
}

/// What an item of a list says beside its name and basis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListRow {
    /// Level at which it is handled, in words or as a level's id.
    pub level: String,
    /// Kind whose flow the item follows; empty where nothing is run.
    pub flow: String,
    /// On which conditions.
    pub conditions: String,
    /// What has to be brought, with `;` between the papers.
    pub materials: String,
    /// Time limit in words.
    pub limit: String,
    /// Where it can go wrong.
    pub risk: String,
    /// Forms to be filled.
    pub forms: String,
    /// Who watches over it.
    pub supervisor: String,
}

/// A version that held before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListVersion {
    /// Its first day.
    pub from: Day,
    /// Its items.
    pub list: Vec<Item>,
}

/// Columns of a list, in their order, as its file names them. `class` is the name of the item above.
pub const LIST_COLUMNS: &[&str] = &[
    "class",
    "code",
    "name",
    "owner",
    "level",
    "basis",
    "conditions",
    "materials",
    "limit",
    "risk",
    "forms",
    "supervisor",
    "flow",
];

/// Columns of a list's file that no page shows in its rows: names in English and pictures. A file that goes out and comes
/// back keeps them.
pub const LIST_MORE: &[&str] = &["class_en", "name_en", "icon"];

/// What stands in one column of an item; `all` are the items of its version.
pub fn list_cell<'a>(all: &'a [Item], item: &'a Item, column: &str) -> &'a str {
    match column {
        "class" => all.iter().find(|i| i.code == item.parent).map_or("", |i| i.name.as_str()),
        "class_en" => all.iter().find(|i| i.code == item.parent).map_or("", |i| i.name_en.as_str()),
        "name_en" => &item.name_en,
        "icon" => &item.icon,
        "code" => &item.code,
        "name" => &item.name,
        "owner" => &item.owner,
        "basis" => &item.basis,
        "level" => &item.row.level,
        "conditions" => &item.row.conditions,
        "materials" => &item.row.materials,
        "limit" => &item.row.limit,
        "risk" => &item.row.risk,
        "forms" => &item.row.forms,
        "supervisor" => &item.row.supervisor,
        "flow" => &item.row.flow,
        _ => "",
    }
}

/// A column that says something else than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChange {
    /// The column.
    pub column: &'static str,
    /// What it said.
    pub old: String,
    /// What it says.
    pub new: String,
}

/// What became of an item from one version to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowChange {
    /// It is new.
    Added(Item),
    /// It is no longer there.
    Removed(Item),
    /// It says something else; never without a column.
    Changed(Item, Vec<ColumnChange>),
}

impl ListHead {
    /// First day of the version in force.
    pub fn since(&self) -> Option<Day> {
        Day::parse(&self.from)
    }
}

impl Catalogue {
    /// Items proper, without the classes that only group them.
    pub fn leaves(&self) -> impl Iterator<Item = &Item> {
        leaves(&self.items)
    }

    /// Days of the versions there are, the newest first.
    pub fn versions(&self) -> Vec<Day> {
        let mut days: Vec<Day> = self.head.iter().filter_map(ListHead::since).collect();
        days.extend(self.earlier.iter().map(|v| v.from));
        days.sort_unstable_by_key(|d| std::cmp::Reverse(*d));
        days
    }

    /// The items of a version, by its first day.
    pub fn version(&self, from: Day) -> Option<&[Item]> {
        if self.head.as_ref().and_then(ListHead::since) == Some(from) {
            return Some(&self.items);
        }
        self.earlier.iter().find(|v| v.from == from).map(|v| v.list.as_slice())
    }
}

/// Items that stand above no other. In a list an item with a class above it is never itself a class.
fn leaves(items: &[Item]) -> impl Iterator<Item = &Item> {
    items.iter().filter(|i| !i.parent.is_empty() || !items.iter().any(|below| below.parent == i.code))
}

/// What has changed from `old` to `new`, in the order of the new version; what is gone stands last.
pub fn list_changes(old: &[Item], new: &[Item]) -> Vec<RowChange> {
    let mut out = Vec::new();
    for item in leaves(new) {
        let Some(before) = leaves(old).find(|i| i.code == item.code) else {
            out.push(RowChange::Added(item.clone()));
            continue;
        };
        let change = |column: &&'static str| {
            let (was, is) = (list_cell(old, before, column), list_cell(new, item, column));
            (was != is).then(|| ColumnChange { column, old: was.to_owned(), new: is.to_owned() })
        };
        let columns: Vec<ColumnChange> = LIST_COLUMNS.iter().chain(LIST_MORE).filter_map(change).collect();
        if !columns.is_empty() {
            out.push(RowChange::Changed(item.clone(), columns));
        }
    }
    let gone = leaves(old).filter(|i| !leaves(new).any(|n| n.code == i.code));
    out.extend(gone.cloned().map(RowChange::Removed));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(code: u8, name: u8, limit: u8) -> Item {
        let row = ListRow { limit: limit.to_string(), ..ListRow::default() };
        Item { code: format!("a{code}"), parent: "c1".into(), name: name.to_string(), row, ..Item::default() }
    }

    fn lists() -> impl Strategy<Value = Vec<Item>> {
        let rows = proptest::collection::btree_map(0u8..12, (0u8..3, 0u8..3), 0..10);
        rows.prop_map(|m| {
            let class = Item { code: "c1".into(), name: "类".into(), ..Item::default() };
            let class = (!m.is_empty()).then_some(class);
            class.into_iter().chain(m.into_iter().map(|(c, (n, l))| item(c, n, l))).collect()
        })
    }

    /// The old version with the changes made to it.
    fn made(old: &[Item], changes: &[RowChange]) -> std::collections::BTreeMap<String, Item> {
        let mut out: std::collections::BTreeMap<String, Item> =
            old.iter().filter(|i| !i.parent.is_empty()).map(|i| (i.code.clone(), i.clone())).collect();
        for change in changes {
            match change {
                RowChange::Added(i) | RowChange::Changed(i, _) => out.insert(i.code.clone(), i.clone()),
                RowChange::Removed(i) => out.remove(&i.code),
            };
        }
        out
    }

    proptest! {
        #[test]
        fn changes_lead_from_the_old_version_to_the_new(old in lists(), new in lists()) {
            let changes = list_changes(&old, &new);
            let want: std::collections::BTreeMap<String, Item> =
                new.iter().filter(|i| !i.parent.is_empty()).map(|i| (i.code.clone(), i.clone())).collect();
            prop_assert_eq!(made(&old, &changes), want);
            prop_assert!(list_changes(&new, &new).is_empty());
            prop_assert_eq!(changes.len(), list_changes(&new, &old).len());
        }
    }

    #[test]
    fn a_column_that_changed_says_what_it_said() {
        let (old, new) = ([item(1, 0, 5)], [item(1, 0, 7)]);
        let changes = list_changes(&old, &new);
        let [RowChange::Changed(_, columns)] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(columns, &[ColumnChange { column: "limit", old: "5".into(), new: "7".into() }]);
    }
}
