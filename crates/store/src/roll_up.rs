//! Of which sums a fact is a part. The same for what is settled, kept back and made anew, so that no two of them can differ.

use crate::batch::RollupKey;
use crate::figure::{LATER, later_bucket};
use std::collections::BTreeMap;
use std::sync::Arc;
use xiangyue_domain::day::Day;
use xiangyue_domain::fact::Fact;
use xiangyue_domain::policy::Level;
use xiangyue_domain::region::RegionTree;

/// Adds a fact to the roll-ups it belongs to: day, month and year at town, county and above, month at the village, on both axes,
/// once as part of the whole and once under its bucket. Each axis follows the tree of its own day, so that what was taken
/// in at a place and closed after a merger counts there above and below the line. What comes in a later month than that of
/// its cohort has a third row, by which a cohort is known as it stood on any day.
pub fn roll_up(rollups: &mut BTreeMap<RollupKey, i64>, fact: &Fact, tree: &RegionTree) {
    let (measure, bucket, whole) = (Arc::from(&*fact.measure), Arc::from(&*fact.bucket), Arc::from(""));
    for (axis, day) in [('d', fact.day), ('c', fact.cohort)] {
        for place in tree.ancestors(fact.place, day) {
            let grains: &[char] = match tree.get(place).map(|r| r.level) {
                Some(Level::Province | Level::City | Level::County | Level::Town) => &['D', 'M', 'Y'],
                Some(Level::Village) => &['M'],
                _ => continue,
            };
            let key = |axis, grain, day: Day, bucket: &Arc<str>| RollupKey {
                axis,
                grain,
                day: i64::from(day.0),
                place: place.0,
                measure: Arc::clone(&measure),
                bucket: Arc::clone(bucket),
            };
            let mut add = |key| *rollups.entry(key).or_default() += fact.delta;
            for grain in grains {
                let day = match grain {
                    'Y' => day.year_start(),
                    'M' => day.month_start(),
                    _ => day,
                };
                add(key(axis, *grain, day, &whole));
                if !fact.bucket.is_empty() {
                    add(key(axis, *grain, day, &bucket));
                }
            }
            if axis == 'c' && fact.day.month_start() > day.month_start() {
                add(key(LATER, 'D', day.month_start(), &later_bucket(i64::from(fact.day.0)).into()));
            }
        }
    }
}
