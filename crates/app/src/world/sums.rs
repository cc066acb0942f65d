//! Roll-ups: where a fact counts. The same for what is written and for what a replay gives.

use std::collections::BTreeMap;
use xiangyue_domain::day::Day;
use xiangyue_domain::fact::Fact;
use xiangyue_domain::policy::Level;
use xiangyue_domain::region::RegionTree;
use xiangyue_store::{LATER, RollupKey, later_bucket};

/// Adds a fact to the roll-ups it belongs to: day, month and year at town, county and above, month at the village, on both axes,
/// once as part of the whole and once under its bucket. Each axis follows the tree of its own day, so that what was taken
/// in at a place and closed after a merger counts there above and below the line. What comes in a later month than that of
/// its cohort has a third row, by which a cohort is known as it stood on any day.
pub(crate) fn roll_up(rollups: &mut BTreeMap<RollupKey, i64>, fact: &Fact, tree: &RegionTree) {
    for (axis, day) in [('d', fact.day), ('c', fact.cohort)] {
        for place in tree.ancestors(fact.place, day) {
            let grains: &[char] = match tree.get(place).map(|r| r.level) {
                Some(Level::Province | Level::City | Level::County | Level::Town) => &['D', 'M', 'Y'],
                Some(Level::Village) => &['M'],
                _ => continue,
            };
            let key = |axis, grain, day: Day, bucket: &str| RollupKey {
                axis,
                grain,
                day: i64::from(day.0),
                place: place.0,
                measure: fact.measure.clone(),
                bucket: bucket.to_owned(),
            };
            let mut add = |key| *rollups.entry(key).or_default() += fact.delta;
            for grain in grains {
                let day = match grain {
                    'Y' => day.year_start(),
                    'M' => day.month_start(),
                    _ => day,
                };
                add(key(axis, *grain, day, ""));
                if !fact.bucket.is_empty() {
                    add(key(axis, *grain, day, &fact.bucket));
                }
            }
            if axis == 'c' && fact.day.month_start() > day.month_start() {
                add(key(LATER, 'D', day.month_start(), &later_bucket(i64::from(fact.day.0))));
            }
        }
    }
}
