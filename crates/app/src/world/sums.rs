//! Roll-ups: where a fact counts. The same for what is written and for what a replay gives.

use std::collections::BTreeMap;
use xiangyue_domain::fact::Fact;
use xiangyue_domain::policy::Level;
use xiangyue_domain::region::RegionTree;
use xiangyue_store::RollupKey;

/// Adds a fact to the roll-ups it belongs to: day, month and year at county and town, month at the village, on both axes,
/// once as part of the whole and once under its bucket. Each axis follows the tree of its own day, so that what was taken
/// in at a place and closed after a merger counts there above and below the line.
pub(crate) fn roll_up(rollups: &mut BTreeMap<RollupKey, i64>, fact: &Fact, tree: &RegionTree) {
    for (axis, day) in [('d', fact.day), ('c', fact.cohort)] {
        for place in tree.ancestors(fact.place, day) {
            let grains: &[char] = match tree.get(place).map(|r| r.level) {
                Some(Level::County | Level::Town) => &['D', 'M', 'Y'],
                Some(Level::Village) => &['M'],
                _ => continue,
            };
            for grain in grains {
                let day = match grain {
                    'Y' => day.year_start(),
                    'M' => day.month_start(),
                    _ => day,
                };
                let whole = RollupKey {
                    axis,
                    grain: *grain,
                    day: i64::from(day.0),
                    place: place.0,
                    measure: fact.measure.clone(),
                    bucket: String::new(),
                };
                if !fact.bucket.is_empty() {
                    let part = RollupKey { bucket: fact.bucket.clone(), ..whole.clone() };
                    *rollups.entry(part).or_default() += fact.delta;
                }
                *rollups.entry(whole).or_default() += fact.delta;
            }
        }
    }
}
