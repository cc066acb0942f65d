//! The table of the places below, in official order: indicators with a place in the hub, a year-on-year in each cell,
//! and what is open now. Indicators stand in groups, as the pack numbers them by the hundred.

use super::say;
use super::view::View;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::indicator::{Figures, parts};
use xiangyue_app::warning::{InHand, Open, kinds_of};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Indicator, Level, Policy};

/// The group that holds all others.
const ALL: &str = "all";

/// Indicators of one group.
pub(super) struct Group<'a> {
    /// As the address has it.
    pub key: String,
    pub indicators: Vec<&'a Indicator>,
}

/// The groups of the pack that may be shown here.
pub(super) fn groups<'a>(view: &View, policy: &'a Policy) -> Vec<Group<'a>> {
    let mut by: BTreeMap<u32, Vec<&Indicator>> = BTreeMap::new();
    for indicator in policy.indicators.iter().filter(|i| say::may_show(policy, i, view.level)) {
        if let Some(order) = indicator.hub {
            by.entry(order / 100).or_default().push(indicator);
        }
    }
    by.values_mut().for_each(|list| list.sort_by_key(|i| i.hub));
    let all: Vec<&Indicator> = by.values().flatten().copied().collect();
    let mut groups: Vec<Group> =
        by.into_iter().map(|(key, indicators)| Group { key: key.to_string(), indicators }).collect();
    if groups.len() > 1 {
        groups.push(Group { key: ALL.to_owned(), indicators: all });
    }
    groups
}

/// The group asked for, or the first.
pub(super) fn chosen<'a, 'b>(view: &View, groups: &'b [Group<'a>]) -> Option<&'b Group<'a>> {
    groups.iter().find(|g| g.key == view.get("group")).or_else(|| groups.first())
}

fn label(view: &View, policy: &Policy, group: &Group) -> String {
    if group.key == ALL {
        return view.visit().t("hub.group_all");
    }
    if let Some(named) = group.indicators.iter().find(|i| !i.table.is_empty()) {
        return view.visit().locale.pick(&named.table, &named.table_en).to_owned();
    }
    let first = group.indicators.first().map(|i| parts(i).0).unwrap_or_default();
    let kind = first.first().and_then(|m| policy.measure(m)).map(|(k, _)| k);
    kind.map_or_else(|| group.key.clone(), |k| crate::show::kind(view.visit(), k).to_owned())
}

/// What stands in the table.
pub(super) struct Ground<'a> {
    pub policy: &'a Policy,
    pub groups: &'a [Group<'a>],
    pub children: &'a [RegionId],
    pub now: &'a Figures,
    pub base: &'a Figures,
    pub hand: &'a InHand,
}

/// Kinds that a group counts, of which its table says what is in hand; none named means all of them.
fn kinds(policy: &Policy, group: Option<&Group>) -> Vec<String> {
    let Some(group) = group.filter(|g| g.key != ALL) else { return Vec::new() };
    let mut kinds: Vec<String> = group.indicators.iter().flat_map(|i| kinds_of(policy, i)).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// What is in hand and late in a row, each opening to those very matters.
fn in_hand(view: &View, place: RegionId, kinds: &[String], open: Open) -> Vec<Value> {
    let kind = kinds.join(",");
    let list = |n: i64, limit: &str| {
        count(view.counted_url(n, place, &[("status", "active"), ("kind", &kind), ("limit", limit)]), n)
    };
    vec![list(open.n, ""), list(open.late, "over")]
}

/// The table.
pub(super) fn table(view: &View, ground: &Ground) -> Value {
    let visit = view.visit();
    let group = chosen(view, ground.groups);
    let indicators: &[&Indicator] = group.map(|g| g.indicators.as_slice()).unwrap_or_default();
    let names: Vec<&str> = indicators.iter().map(|i| say::name(view, i)).collect();
    let shared = shared(&names);
    let cases = visit.t("hub.cases");
    let kinds = kinds(ground.policy, group);
    let heads = if kinds.is_empty() { ["hub.open_all", "hub.late_all"] } else { ["hub.open", "hub.late"] };
    let mut columns: Vec<Value> = heads.iter().map(|h| json!({"label": visit.t(h), "unit": cases})).collect();
    columns
        .extend(indicators.iter().map(|i| json!({"label": &say::name(view, i)[shared..], "unit": say::unit(view, i)})));
    let tabs = ground.groups.iter().map(|g| {
        json!({"label": label(view, ground.policy, g), "url": format!("{}#places", view.url("/hub", &[("group", &g.key)])),
            "current": group.is_some_and(|c| c.key == g.key)})
    });
    let row = |place: RegionId, url: String, open: Open| {
        let mut cells = in_hand(view, place, &kinds, open);
        cells.extend(indicators.iter().map(|i| cell(view, ground, place, i)));
        json!({"name": view.name(place), "url": url, "cells": cells})
    };
    let below = ground.hand.below(&kinds);
    let open = |c: &RegionId| below.get(c).copied().unwrap_or_default();
    let way = |c: &RegionId| view.url("/hub", &[("region", &view.code(*c))]);
    let rows: Vec<Value> = ground.children.iter().map(|c| row(*c, way(c), open(c))).collect();
    let label = if ground.children.is_empty() {
        view.name(view.place)
    } else {
        visit.t_with("hub.each", &[("level", view.below())])
    };
    json!({
        "label": label,
        "groups": tabs.collect::<Vec<_>>(),
        "columns": columns,
        "rows": rows,
        "total": row(view.place, String::new(), ground.hand.whole(&kinds)),
        "note": visit.t("hub.table_note"),
    })
}

/// Bytes that all names of a group begin with: the tab says them already. A letter is never cut off.
fn shared(names: &[&str]) -> usize {
    let Some(first) = names.first().filter(|_| names.len() > 1) else { return 0 };
    let mut at = 0;
    for (i, ch) in first.char_indices() {
        let next = i + ch.len_utf8();
        if ch.is_ascii() || !names.iter().all(|n| n.len() > next && n.starts_with(&first[..next])) {
            break;
        }
        at = next;
    }
    at
}

fn level(view: &View, place: RegionId) -> Level {
    view.app.directory().tree.get(place).map_or(Level::Grid, |r| r.level)
}

fn cell(view: &View, ground: &Ground, place: RegionId, indicator: &Indicator) -> Value {
    let key = (place, indicator.id.clone());
    let now = ground.now.get(&key).copied().unwrap_or_default();
    let base = ground.base.get(&key).copied();
    if now.value.is_none() || !say::may_show(ground.policy, indicator, level(view, place)) {
        return json!({"value": "", "url": "", "compare": say::nothing(), "none": true});
    }
    let value =
        if say::counting(view, indicator) { view.visit().t("hub.computing") } else { say::value(indicator, now) };
    json!({
        "value": value,
        "url": view.figure_url(&indicator.id, place),
        "compare": say::change(view, indicator, now, base, false),
        "none": false,
    })
}

fn count(url: String, n: i64) -> Value {
    json!({"value": say::grouped(n), "url": url, "compare": say::nothing(), "none": false})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_names_begin_with_is_said_once() {
        let cut = |names: &[&str]| shared(names);
        assert_eq!(cut(&["热线受理", "热线办结率"]), "热线".len());
        assert_eq!(cut(&["纠纷", "纠纷化解"]), "纠".len());
        assert_eq!(cut(&["Orders taken in", "Orders closed"]), 0);
        assert_eq!(cut(&["热线受理"]), 0);
    }
}
