//! Regions: the tree with validity dates and lineage. A region's id is stable; its name, code and parent are dated.
//! Villages merge and split, history survives: every question is asked of the tree of some day, never of "the" tree.

use crate::code::{CodeFault, DivisionCode, GridCode};
use crate::day::Day;
use crate::ids::RegionId;
use crate::policy::Level;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A day that stands for "until further notice".
pub const FOREVER: Day = Day(2_932_896);

/// What a region was called, coded and placed under during a span of days, first and last included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionSpan {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// Twelve-digit code, or sixteen digits for a grid.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Name as people say it.
    pub display: String,
    /// The region above.
    pub parent: Option<RegionId>,
}

/// A region over all its days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Stable identity.
    pub id: RegionId,
    /// Level type; the word shown for it is the pack's.
    pub level: Level,
    /// Place in the official order among its siblings.
    pub order: i64,
    /// Its spans, oldest first, without overlap.
    pub spans: Vec<RegionSpan>,
    /// Regions it flowed into when it ended, wholly (merge) or in parts (split).
    pub successors: Vec<RegionId>,
    /// Shown as simulated.
    pub simulated: bool,
}

impl Region {
    /// The span in force on a day.
    pub fn span(&self, day: Day) -> Option<&RegionSpan> {
        self.spans.iter().find(|s| s.from <= day && day <= s.to)
    }

    /// The span in force on a day, or the nearest one: a name is always had.
    pub fn nearest(&self, day: Day) -> Option<&RegionSpan> {
        self.span(day).or_else(|| {
            if self.spans.first().is_some_and(|s| day < s.from) { self.spans.first() } else { self.spans.last() }
        })
    }
}

/// A natural unit (自然村、小区、单元独栋楼); it need not lie in one grid, nor a grid in one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NaturalUnit {
    /// Identifier in the pack.
    pub id: String,
    /// Name as people say it.
    pub name: String,
    /// Type as the pack names it.
    pub kind: String,
    /// Village it lies in.
    pub village: RegionId,
    /// Grids it touches.
    pub grids: Vec<RegionId>,
}

/// Why a change of the tree is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionFault {
    /// A code does not hold.
    #[error("{0:?}")]
    Code(CodeFault),
    /// The region above is missing on that day.
    #[error("上级区划不存在: {0}")]
    NoParent(String),
    /// The code is used twice on one day.
    #[error("代码重复: {0}")]
    Duplicate(String),
    /// A grid hangs under something that is no village.
    #[error("网格必须设在村(社区)之下: {0}")]
    GridNotUnderVillage(String),
    /// No such region on that day.
    #[error("当日没有这个区划: {0}")]
    Unknown(String),
}

/// What happened to the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum RegionEvent {
    /// Regions that come into being.
    Added { regions: Vec<Region> },
    /// Natural units mapped to grids.
    Mapped { units: Vec<NaturalUnit> },
    /// Another name or code from a day on; the region stays the same.
    Renamed { id: RegionId, from: Day, code: String, name: String, display: String },
    /// Regions that end on the day before and flow wholly into one.
    Merged { from: Vec<RegionId>, into: RegionId, day: Day },
    /// A region that ends on the day before and is parted among others.
    Split { from: RegionId, into: Vec<RegionId>, day: Day },
}

/// All regions of a realm.
#[derive(Debug, Clone, Default)]
pub struct RegionTree {
    regions: BTreeMap<RegionId, Region>,
    children: BTreeMap<RegionId, BTreeSet<RegionId>>,
    /// Regions that ever bore a code.
    by_code: BTreeMap<String, BTreeSet<RegionId>>,
    /// Regions that ended, by each of those they flowed into.
    ended: BTreeMap<RegionId, BTreeSet<RegionId>>,
    /// Natural units by the pack's id.
    pub natural_units: Vec<NaturalUnit>,
}

/// What was looked up on the way is no part of the tree: a tree read back from its regions is the same tree.
impl PartialEq for RegionTree {
    fn eq(&self, other: &RegionTree) -> bool {
        self.regions == other.regions && self.natural_units == other.natural_units
    }
}

impl Eq for RegionTree {}

impl RegionTree {
    /// Applies what has been decided; never fails, so replay cannot.
    pub fn apply(&mut self, event: &RegionEvent) {
        match event {
            RegionEvent::Added { regions } => {
                for region in regions {
                    self.put(region.clone());
                }
            }
            RegionEvent::Mapped { units } => {
                let again: BTreeSet<&str> = units.iter().map(|u| u.id.as_str()).collect();
                self.natural_units.retain(|u| !again.contains(u.id.as_str()));
                self.natural_units.extend(units.iter().cloned());
            }
            RegionEvent::Renamed { id, from, code, name, display } => {
                if let Some(region) = self.regions.get_mut(id) {
                    let parent = region.nearest(*from).and_then(|s| s.parent);
                    close_span(region, from.plus(-1));
                    self.by_code.entry(code.clone()).or_default().insert(*id);
                    region.spans.push(RegionSpan {
                        from: *from,
                        to: FOREVER,
                        code: code.clone(),
                        name: name.clone(),
                        display: display.clone(),
                        parent,
                    });
                }
            }
            RegionEvent::Merged { from, into, day } => {
                for id in from {
                    self.end(*id, *day, std::slice::from_ref(into));
                }
            }
            RegionEvent::Split { from, into, day } => self.end(*from, *day, into),
        }
    }

    fn put(&mut self, region: Region) {
        for span in &region.spans {
            if let Some(parent) = span.parent {
                self.children.entry(parent).or_default().insert(region.id);
            }
            self.by_code.entry(span.code.clone()).or_default().insert(region.id);
        }
        for heir in &region.successors {
            self.ended.entry(*heir).or_default().insert(region.id);
        }
        self.regions.insert(region.id, region);
    }

    fn end(&mut self, id: RegionId, day: Day, into: &[RegionId]) {
        let below: Vec<RegionId> = self.children(id, day);
        if let Some(region) = self.regions.get_mut(&id) {
            close_span(region, day.plus(-1));
            region.successors = into.to_vec();
        }
        for heir in into {
            self.ended.entry(*heir).or_default().insert(id);
        }
        // What lies below moves to the successor when there is just one; after a split it waits to be placed.
        let Some(&heir) = into.first().filter(|_| into.len() == 1) else { return };
        for child in below {
            if let Some(region) = self.regions.get_mut(&child) {
                let Some(last) = region.nearest(day).cloned() else { continue };
                close_span(region, day.plus(-1));
                region.spans.push(RegionSpan { from: day, to: FOREVER, parent: Some(heir), ..last });
            }
            self.children.entry(heir).or_default().insert(child);
        }
    }

    /// A region by id.
    pub fn get(&self, id: RegionId) -> Option<&Region> {
        self.regions.get(&id)
    }

    /// All regions by id.
    pub fn all(&self) -> impl Iterator<Item = &Region> {
        self.regions.values()
    }

    /// The region that bears a code on a day.
    pub fn by_code(&self, code: &str, day: Day) -> Option<&Region> {
        let ids = self.by_code.get(code)?;
        ids.iter().filter_map(|id| self.get(*id)).find(|r| r.span(day).is_some_and(|s| s.code == code))
    }

    /// The name as people said it on a day.
    pub fn display(&self, id: RegionId, day: Day) -> &str {
        self.get(id).and_then(|r| r.nearest(day)).map_or("", |s| s.display.as_str())
    }

    /// The code on a day.
    pub fn code(&self, id: RegionId, day: Day) -> &str {
        self.get(id).and_then(|r| r.nearest(day)).map_or("", |s| s.code.as_str())
    }

    /// The region above on a day.
    pub fn parent(&self, id: RegionId, day: Day) -> Option<RegionId> {
        self.get(id).and_then(|r| r.nearest(day)).and_then(|s| s.parent)
    }

    /// The region that answers for this one on a day: itself, or the one it flowed wholly into.
    pub fn standing(&self, id: RegionId, day: Day) -> RegionId {
        let Some(region) = self.get(id) else { return id };
        if region.successors.is_empty() || region.spans.last().is_none_or(|s| s.to >= day) {
            return id;
        }
        let mut heirs = region.successors.iter().map(|s| self.standing(*s, day));
        let first = heirs.next().unwrap_or(id);
        if heirs.all(|other| other == first) { first } else { id }
    }

    /// The region that answers for this one on a day, and those above it.
    pub fn in_charge(&self, id: RegionId, day: Day) -> Vec<RegionId> {
        self.ancestors(self.standing(id, day), day)
    }

    /// The region itself and those above it, nearest first, in the tree of a day.
    pub fn ancestors(&self, id: RegionId, day: Day) -> Vec<RegionId> {
        let mut chain = vec![id];
        let mut at = id;
        while let Some(up) = self.parent(at, day) {
            if chain.contains(&up) {
                break;
            }
            chain.push(up);
            at = up;
        }
        chain
    }

    /// The region of a level at or above this one, in the tree of a day.
    pub fn at_level(&self, id: RegionId, level: Level, day: Day) -> Option<RegionId> {
        self.ancestors(id, day).into_iter().find(|a| self.get(*a).is_some_and(|r| r.level == level))
    }

    /// Regions directly below, in official order, in the tree of a day.
    pub fn children(&self, id: RegionId, day: Day) -> Vec<RegionId> {
        let Some(ids) = self.children.get(&id) else { return Vec::new() };
        let mut list: Vec<&Region> = ids
            .iter()
            .filter_map(|c| self.get(*c))
            .filter(|r| r.span(day).is_some_and(|s| s.parent == Some(id)))
            .collect();
        list.sort_by_key(|r| (r.order, r.id));
        list.into_iter().map(|r| r.id).collect()
    }

    /// The region and everything below it in the tree of a day.
    pub fn subtree(&self, id: RegionId, day: Day) -> Vec<RegionId> {
        let mut out = vec![id];
        let mut next = 0;
        while next < out.len() {
            out.extend(self.children(out[next], day));
            next += 1;
        }
        out
    }

    /// The set of regions, of whatever day, that are or flowed wholly into this region or what lies below it now.
    /// What a split parted is left out: it stands at the common ancestor as 未分, and so does what lay below it and
    /// is not placed yet.
    pub fn then_nodes(&self, id: RegionId, day: Day) -> Vec<RegionId> {
        let mut set = BTreeSet::from([id]);
        let mut next = vec![id];
        while let Some(at) = next.pop() {
            let below = self.children.get(&at).into_iter().flatten();
            let flowed = self.ended.get(&at).into_iter().flatten();
            for other in below.chain(flowed) {
                if !set.contains(other) && self.is_within(&set, *other, day) {
                    set.insert(*other);
                    next.push(*other);
                }
            }
        }
        set.into_iter().collect()
    }

    /// The regions of this one's own level that are or flowed wholly into it.
    pub fn then_same(&self, id: RegionId, day: Day) -> Vec<RegionId> {
        let mut set = BTreeSet::from([id]);
        let mut next = vec![id];
        let level = self.get(id).map(|r| r.level);
        while let Some(at) = next.pop() {
            for other in self.ended.get(&at).into_iter().flatten() {
                let same = self.get(*other).map(|r| r.level) == level;
                if same && !set.contains(other) && self.is_within(&set, *other, day) {
                    set.insert(*other);
                    next.push(*other);
                }
            }
        }
        set.into_iter().collect()
    }

    /// Whether a region is part of a set by that day alone: what merges later still stands for itself.
    fn is_within(&self, set: &BTreeSet<RegionId>, id: RegionId, day: Day) -> bool {
        let Some(region) = self.get(id) else { return false };
        if !region.successors.is_empty() && region.spans.last().is_none_or(|s| s.to < day) {
            return region.successors.iter().all(|s| set.contains(s));
        }
        region.nearest(day).and_then(|s| s.parent).is_some_and(|up| set.contains(&up))
    }

    /// Whether the tree changes after a day and up to another.
    pub fn changes(&self, after: Day, until: Day) -> bool {
        let begins = |r: &Region| r.spans.iter().any(|s| after < s.from && s.from <= until);
        let ends = |r: &Region| r.spans.last().is_some_and(|s| after <= s.to && s.to < until);
        after < until && self.regions.values().any(|r| begins(r) || ends(r))
    }

    /// The root on a day.
    pub fn root(&self, day: Day) -> Option<RegionId> {
        self.regions.values().filter(|r| r.span(day).is_some_and(|s| s.parent.is_none())).map(|r| r.id).next()
    }

    /// Regions of a level on a day, in official order.
    pub fn of_level(&self, level: Level, day: Day) -> Vec<RegionId> {
        let Some(root) = self.root(day) else { return Vec::new() };
        self.subtree(root, day).into_iter().filter(|id| self.get(*id).is_some_and(|r| r.level == level)).collect()
    }

    /// Checks a region that is to be added: code shape, level, the region above, no code twice on one day.
    pub fn check(&self, region: &Region, coming: &BTreeMap<String, RegionId>) -> Result<(), RegionFault> {
        for span in &region.spans {
            let known = |id: RegionId| {
                self.get(id).map(|r| r.level).or_else(|| coming.values().any(|c| *c == id).then_some(Level::Village))
            };
            if region.level == Level::Grid {
                GridCode::parse(&span.code).map_err(RegionFault::Code)?;
                match span.parent.and_then(|p| self.get(p)) {
                    Some(up) if up.level != Level::Village => {
                        return Err(RegionFault::GridNotUnderVillage(span.code.clone()));
                    }
                    _ => {}
                }
            } else {
                DivisionCode::parse(&span.code).map_err(RegionFault::Code)?;
            }
            if let Some(parent) = span.parent.filter(|p| known(*p).is_none()) {
                return Err(RegionFault::NoParent(format!("{} ← {parent}", span.code)));
            }
            let clash = self
                .by_code
                .get(&span.code)
                .into_iter()
                .flatten()
                .filter_map(|id| self.get(*id))
                .filter(|r| r.id != region.id)
                .any(|r| r.spans.iter().any(|s| s.code == span.code && s.from <= span.to && span.from <= s.to));
            if clash {
                return Err(RegionFault::Duplicate(span.code.clone()));
            }
        }
        Ok(())
    }
}

/// Ends what a region was on a day; spans that would begin later never come.
fn close_span(region: &mut Region, last: Day) {
    region.spans.iter_mut().for_each(|span| span.to = span.to.min(last));
    region.spans.retain(|s| s.from <= s.to);
}

#[cfg(test)]
mod tests;
