//! Finding a place by what people write: a code, a name, or an address that begins with names. What fits two places is
//! never guessed, and a village that is not there is never taken for its town.

use crate::code::tidy;
use crate::day::Day;
use crate::ids::RegionId;
use crate::policy::Level;
use crate::region::RegionTree;
use std::collections::HashMap;

/// Why a place was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// Nothing was written.
    Blank,
    /// No region bears this code now.
    Code,
    /// No place of this name.
    Unknown,
    /// Several places of this name: what is above has to be written before it.
    Several(Vec<RegionId>),
    /// The town is there, and no village of that name in it.
    NoVillage(RegionId),
}

/// What villages and towns have behind their names, longest first.
const ENDINGS: &[&str] = &[
    "社区居民委员会",
    "居民委员会",
    "村民委员会",
    "街道办事处",
    "社区居委会",
    "嘎查委员会",
    "居委会",
    "村委会",
    "办事处",
    "社区",
    "街道",
    "嘎查",
    "苏木",
    "村",
    "镇",
    "乡",
    "县",
    "旗",
    "区",
    "市",
];
/// Words that say that a village was meant.
const VILLAGE_WORDS: &[&str] = &["村", "社区", "嘎查", "居委会"];
/// Shortest name without its ending, in characters.
const STEM_MIN: usize = 2;

/// Places of a day by name.
#[derive(Debug, Default)]
pub struct Gazetteer {
    codes: HashMap<String, RegionId>,
    full: HashMap<String, Vec<RegionId>>,
    stems: HashMap<String, Vec<RegionId>>,
    /// Names of the root, longest first.
    root: Vec<(String, RegionId)>,
    /// Names of what lies directly below a region, full ones and stems, longest first.
    below: HashMap<RegionId, Names>,
    towns: Names,
    villages: Names,
}

#[derive(Debug, Default)]
struct Names {
    full: Vec<(String, RegionId)>,
    stems: Vec<(String, RegionId)>,
}

impl Names {
    fn sort(&mut self) {
        for list in [&mut self.full, &mut self.stems] {
            list.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
            list.dedup();
        }
    }

    /// Places whose name begins the text, with its ending or without, and what follows.
    fn leading<'t>(&self, text: &'t str) -> Option<Leading<'t>> {
        leading(&self.full, text).or_else(|| leading(&self.stems, text))
    }
}

/// Places of the longest name that begins a text, and what follows it.
type Leading<'t> = (Vec<RegionId>, &'t str);

fn leading<'t>(list: &[(String, RegionId)], text: &'t str) -> Option<Leading<'t>> {
    let (name, _) = list.iter().find(|(n, _)| text.starts_with(n.as_str()))?;
    let ids = list.iter().filter(|(n, _)| n == name).map(|(_, id)| *id);
    Some((ids.collect(), &text[name.len()..]))
}

/// A name without its ending.
fn stem(name: &str) -> Option<String> {
    let bare = ENDINGS.iter().find_map(|e| name.strip_suffix(e))?;
    (bare.chars().count() >= STEM_MIN).then(|| bare.to_owned())
}

fn flat(text: &str) -> String {
    tidy(text).chars().filter(|c| !matches!(c, '/' | '\\' | '·' | '>' | '|' | ',' | '、' | '-' | '.')).collect()
}

impl Gazetteer {
    /// The places of a day.
    pub fn of(tree: &RegionTree, day: Day) -> Gazetteer {
        let mut book = Gazetteer::default();
        let root = tree.root(day);
        for region in tree.all() {
            let Some(span) = region.span(day) else { continue };
            book.codes.insert(span.code.clone(), region.id);
            let mut names = Names::default();
            for name in [flat(&span.display), flat(&span.name)].into_iter().filter(|n| !n.is_empty()) {
                names.stems.extend(stem(&name).map(|s| (s, region.id)));
                names.full.push((name, region.id));
            }
            names.sort();
            if region.level != Level::Grid {
                for (list, map) in [(&names.full, &mut book.full), (&names.stems, &mut book.stems)] {
                    for (name, id) in list {
                        let held = map.entry(name.clone()).or_default();
                        if !held.contains(id) {
                            held.push(*id);
                        }
                    }
                }
            }
            let lists = match region.level {
                Level::Town => Some(&mut book.towns),
                Level::Village => Some(&mut book.villages),
                _ => None,
            };
            if let Some(list) = lists {
                list.full.extend(names.full.clone());
                list.stems.extend(names.stems.clone());
            }
            if root == Some(region.id) {
                book.root = names.full.iter().chain(&names.stems).cloned().collect();
            }
            if let Some(parent) = span.parent {
                let list = book.below.entry(parent).or_default();
                list.full.extend(names.full);
                list.stems.extend(names.stems);
            }
        }
        book.towns.sort();
        book.villages.sort();
        book.below.values_mut().for_each(Names::sort);
        book
    }

    /// The place that a text means.
    pub fn find(&self, text: &str) -> Result<RegionId, Lost> {
        let text = flat(text);
        if text.is_empty() {
            return Err(Lost::Blank);
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return self.by_code(&text).ok_or(Lost::Code);
        }
        for map in [&self.full, &self.stems] {
            match map.get(&text).map(Vec::as_slice) {
                Some([one]) => return Ok(*one),
                Some(several) => return Err(Lost::Several(several.to_vec())),
                None => {}
            }
        }
        let rest = self.below_root(&text);
        if rest.is_empty() {
            return self.root.first().map(|(_, id)| *id).ok_or(Lost::Unknown);
        }
        // A village may begin like a town: a whole name goes before one without its ending.
        let in_town = |list: &[(String, RegionId)]| leading(list, rest).map(|found| self.in_town(found));
        let village = |list: &[(String, RegionId)]| {
            leading(list, rest).map(|(ids, _)| if ids.len() == 1 { Ok(ids[0]) } else { Err(Lost::Several(ids)) })
        };
        in_town(&self.towns.full)
            .or_else(|| village(&self.villages.full))
            .or_else(|| in_town(&self.towns.stems))
            .or_else(|| village(&self.villages.stems))
            .unwrap_or(Err(Lost::Unknown))
    }

    /// A full code, or the leading digits of a county's or town's.
    fn by_code(&self, digits: &str) -> Option<RegionId> {
        let padded = match digits.len() {
            6 => format!("{digits}000000"),
            9 => format!("{digits}000"),
            _ => digits.to_owned(),
        };
        self.codes.get(&padded).copied()
    }

    /// What stands behind the name of the root; province and city before it are left out.
    fn below_root<'t>(&self, text: &'t str) -> &'t str {
        for (name, _) in &self.root {
            if let Some(rest) = text.strip_prefix(name.as_str()) {
                return rest;
            }
        }
        let longest = self.root.first().map_or("", |(name, _)| name.as_str());
        match text.find(longest).filter(|_| !longest.is_empty()) {
            Some(at) => &text[at + longest.len()..],
            None => text,
        }
    }

    /// A town that was found, then what lies in it.
    fn in_town(&self, (towns, rest): Leading<'_>) -> Result<RegionId, Lost> {
        let [town] = towns[..] else { return Err(Lost::Several(towns)) };
        if rest.is_empty() {
            return Ok(town);
        }
        let Some((villages, rest)) = self.below.get(&town).and_then(|n| n.leading(rest)) else {
            let meant = VILLAGE_WORDS.iter().any(|w| rest.contains(w));
            return if meant { Err(Lost::NoVillage(town)) } else { Ok(town) };
        };
        let [village] = villages[..] else { return Err(Lost::Several(villages)) };
        let grid = self.below.get(&village).filter(|_| !rest.is_empty()).and_then(|n| n.leading(rest));
        Ok(grid.filter(|(grids, _)| grids.len() == 1).map_or(village, |(grids, _)| grids[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::{FOREVER, Region, RegionEvent, RegionSpan};

    fn region(id: i64, level: Level, parent: Option<i64>, code: &str, name: &str, display: &str) -> Region {
        let span = RegionSpan {
            from: Day(0),
            to: FOREVER,
            code: code.into(),
            name: name.into(),
            display: display.into(),
            parent: parent.map(RegionId),
        };
        Region { id: RegionId(id), level, order: id, spans: vec![span], successors: Vec::new(), simulated: false }
    }

    fn book() -> Gazetteer {
        let regions = vec![
            region(1, Level::County, None, "990101000000", "甲原县", "甲原县"),
            region(11, Level::Town, Some(1), "990101100000", "上塬镇", "上塬镇"),
            region(12, Level::Town, Some(1), "990101101000", "下塬乡", "下塬乡"),
            region(111, Level::Village, Some(11), "990101100200", "东坡村村民委员会", "东坡村"),
            region(112, Level::Village, Some(11), "990101100201", "北屿社区居民委员会", "北屿社区"),
            region(121, Level::Village, Some(12), "990101101200", "东坡村村民委员会", "东坡村"),
            region(122, Level::Village, Some(12), "990101101201", "上塬村村民委员会", "上塬村"),
            region(1111, Level::Grid, Some(111), "9901011002001001", "第1网格", "东坡村第1网格"),
        ];
        let mut tree = RegionTree::default();
        tree.apply(&RegionEvent::Added { regions });
        Gazetteer::of(&tree, Day(100))
    }

    #[test]
    fn places_are_found_as_people_write_them() {
        let book = book();
        for (text, id) in [
            ("上塬镇", 11),
            (" 上塬镇　东坡村 ", 111),
            ("甲原县上塬镇东坡村", 111),
            ("某省某市甲原县上塬镇东坡村三组小卖部", 111),
            ("上塬镇/东坡村村民委员会", 111),
            ("上塬镇东坡", 111),
            ("上塬镇东坡村第1网格", 1111),
            ("下塬乡东坡村委会", 121),
            ("北屿社区", 112),
            ("北屿", 112),
            ("北屿社区居委会", 112),
            ("北屿社区3号楼", 112),
            ("上塬镇政府门口", 11),
            ("上塬村", 122),
            ("上塬村三组", 122),
            ("990101101200", 121),
            ("990101100", 11),
            ("９９０１０１", 1),
            ("9901011002001001", 1111),
            ("甲原县", 1),
        ] {
            assert_eq!(book.find(text), Ok(RegionId(id)), "{text}");
        }
    }

    #[test]
    fn what_is_not_sure_is_not_guessed() {
        let book = book();
        let several = |ids: &[i64]| Lost::Several(ids.iter().map(|id| RegionId(*id)).collect());
        for (text, lost) in [
            ("东坡村", several(&[111, 121])),
            ("东坡村三组", several(&[111, 121])),
            ("上塬", several(&[11, 122])),
            ("上塬镇天边村", Lost::NoVillage(RegionId(11))),
            ("某处", Lost::Unknown),
            ("990199000000", Lost::Code),
            ("12", Lost::Code),
            (" 　", Lost::Blank),
        ] {
            assert_eq!(book.find(text), Err(lost), "{text}");
        }
        assert_eq!(Gazetteer::default().find("上塬镇"), Err(Lost::Unknown));
    }
}
