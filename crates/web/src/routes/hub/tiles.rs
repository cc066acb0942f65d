//! Tiles of the places below by what is open: schematic, in official order, no statement of boundaries.

use super::view::View;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::warning::Open;
use xiangyue_domain::ids::RegionId;

/// Width of the drawing and the gap between tiles.
const W: usize = 360;
const GAP: usize = 4;

/// The tiles.
pub(super) fn tiles(view: &View, children: &[RegionId], open: &BTreeMap<RegionId, Open>) -> Value {
    let columns = if children.len() > 9 { 4 } else { 3 };
    let (w, h) = ((W - GAP * (columns - 1)) / columns, if columns == 3 { 81 } else { 62 });
    let rows = children.len().div_ceil(columns);
    let most = children.iter().filter_map(|c| open.get(c)).map(|o| o.n).max().unwrap_or(0);
    let step = (most + 3) / 4;
    let level = |n: i64| if n == 0 || step == 0 { 0 } else { ((n - 1) / step + 1).min(4) };
    let longest = if columns == 3 { 7 } else { 5 };
    let one = |(i, place): (usize, &RegionId)| {
        let (n, name) = (open.get(place).map_or(0, |o| o.n), view.name(*place));
        let args = [("place", name.clone()), ("n", n.to_string())];
        let shown: String =
            if name.chars().count() > longest { name.chars().take(longest - 1).chain(['…']).collect() } else { name };
        json!({
            "x": (i % columns) * (w + GAP), "y": (i / columns) * (h + GAP), "w": w, "h": h,
            "name": shown, "value": n, "words": view.visit().t_with("hub.tile", &args), "level": level(n),
            "url": view.url("/hub", &[("region", &view.code(*place))]),
        })
    };
    let cells: Vec<Value> = children.iter().enumerate().map(one).collect();
    json!({
        "w": W, "h": (rows * (h + GAP)).saturating_sub(GAP).max(1), "cells": cells,
        "label": view.visit().t("hub.tiles"),
        "legend": legend(step, most, &view.visit().t("hub.or_more")),
    })
}

fn legend(step: i64, most: i64, or_more: &str) -> Vec<Value> {
    let mut out = vec![json!({"level": 0, "label": "0"})];
    for level in 1..=4 {
        let (low, high) = ((level - 1) * step + 1, level * step);
        if most < low {
            break;
        }
        let label = if level == 4 || high >= most {
            format!("{low}{or_more}")
        } else if low == high {
            low.to_string()
        } else {
            format!("{low}–{high}")
        };
        out.push(json!({"level": level, "label": label}));
    }
    out
}
