//! The ground a simulation stands on: villages with their weights and natural units, and who holds which post.

use crate::dice::{Dice, Wheel, of_text, unit};
use crate::scenario::Pace;
use std::collections::HashMap;
use xiangyue_domain::code::{DivisionCode, SegmentKind};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::{AccountId, RegionId};
use xiangyue_domain::policy::Level;
use xiangyue_domain::register::{Directory, Holder};

/// A village with what lies in it.
#[derive(Debug, Clone)]
pub(crate) struct Village {
    pub id: RegionId,
    pub code: String,
    pub name: String,
    pub town: String,
    pub community: bool,
    pub grids: Vec<RegionId>,
    /// Natural units by name with the first grid of each.
    pub groups: Vec<(String, RegionId)>,
}

/// Villages and post-holders.
pub(crate) struct Ground {
    pub villages: Vec<Village>,
    /// Households of each village as a form names them.
    pub households: Vec<Vec<String>>,
    /// Villages to draw from: all, communities, others.
    wheels: [Wheel; 3],
    accounts: HashMap<Holder, Vec<AccountId>>,
}

/// Where something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Spot {
    pub village: usize,
    pub group: Option<usize>,
    pub place: RegionId,
}

impl Ground {
    pub fn new(directory: &Directory, pace: &Pace, seed: u64, day: Day) -> Ground {
        let tree = &directory.tree;
        let mut groups: HashMap<RegionId, Vec<(String, RegionId)>> = HashMap::new();
        for natural in &tree.natural_units {
            if let Some(grid) = natural.grids.first() {
                groups.entry(natural.village).or_default().push((natural.name.clone(), *grid));
            }
        }
        let mut villages = Vec::new();
        for id in tree.of_level(Level::Village, day) {
            let code = tree.code(id, day).to_owned();
            let kind = DivisionCode::parse(&code).ok().and_then(|c| c.segment_kind());
            villages.push(Village {
                id,
                name: tree.display(id, day).to_owned(),
                town: tree.parent(id, day).map_or("", |t| tree.display(t, day)).to_owned(),
                community: kind == Some(SegmentKind::Residents),
                grids: tree.children(id, day),
                groups: groups.remove(&id).unwrap_or_default(),
                code,
            });
        }
        // Weight follows grids, which follow households; beyond that some towns and villages call more than others.
        let weight = |v: &Village| {
            let uneven = Dice::new(of_text(seed, &v.code)).around_one(pace.villages)
                * Dice::new(of_text(seed, &v.town)).around_one(pace.villages / 2.0);
            f64::from(u32::try_from(v.grids.len()).unwrap_or(1).max(1)) * uneven
        };
        let wheel = |keep: &dyn Fn(&Village) -> bool| {
            Wheel::new(villages.iter().map(|v| if keep(v) { weight(v) } else { 0.0 }))
        };
        let wheels = [wheel(&|_| true), wheel(&|v| v.community), wheel(&|v| !v.community)];
        let mut accounts: HashMap<Holder, Vec<AccountId>> = HashMap::new();
        for term in directory.terms.values().filter(|t| t.from <= day && day <= t.to) {
            accounts.entry(term.holder.clone()).or_default().push(term.account);
        }
        Ground { villages, households: Vec::new(), wheels, accounts }
    }

    /// The nth village or community that a topic concerns, round and round, without those of the given codes.
    pub fn each(&self, concerns: &str, but: &[String], n: usize) -> Spot {
        let fits = |v: &Village| match concerns {
            "community" => v.community,
            "village" => !v.community,
            _ => true,
        };
        let all = self.villages.iter().enumerate().filter(|(_, v)| fits(v) && !but.contains(&v.code));
        let all: Vec<(usize, RegionId)> = all.map(|(at, v)| (at, v.id)).collect();
        let (village, place) = all.get(n % all.len().max(1)).copied().unwrap_or_default();
        Spot { village, group: None, place }
    }

    /// A place for a topic that concerns `any`, `community` or `village`.
    pub fn draw(&self, concerns: &str, in_grid: f64, dice: &mut Dice) -> Spot {
        let wanted = match concerns {
            "community" => 1,
            "village" => 2,
            _ => 0,
        };
        let wheel = if self.wheels[wanted].is_empty() { &self.wheels[0] } else { &self.wheels[wanted] };
        let at = wheel.spin(dice);
        let Some(village) = self.villages.get(at) else {
            return Spot { village: at, group: None, place: RegionId::default() };
        };
        let group = (!village.groups.is_empty()).then(|| dice.below(village.groups.len()));
        let grid = group.and_then(|g| village.groups.get(g)).map(|g| g.1).or_else(|| village.grids.first().copied());
        let place = if dice.chance(in_grid) { grid.unwrap_or(village.id) } else { village.id };
        Spot { village: at, group, place }
    }

    /// The place of a story, by the village's code and the name of a natural unit.
    pub fn find(&self, code: &str, group: &str) -> Option<Spot> {
        let village = self.villages.iter().position(|v| v.code == code)?;
        let found = &self.villages[village];
        let at = found.groups.iter().position(|g| g.0 == group);
        let place = at.map_or(found.id, |g| found.groups[g].1);
        Some(Spot { village, group: at, place })
    }

    /// The nth household of a place's village, round and round.
    pub fn household(&self, spot: Spot, n: usize) -> Option<&str> {
        let all = self.households.get(spot.village).filter(|h| !h.is_empty())?;
        all.get(n % all.len()).map(String::as_str)
    }

    /// Name of the natural unit, or of the village.
    pub fn group_name(&self, spot: Spot) -> &str {
        let Some(village) = self.villages.get(spot.village) else { return "" };
        let group = spot.group.and_then(|g| village.groups.get(g));
        group.map_or(village.name.as_str(), |g| g.0.as_str())
    }

    /// Who holds a post, other than those named; one of several is drawn.
    pub fn holder_of(&self, holder: &Holder, besides: &[AccountId], draw: u64) -> Option<AccountId> {
        let all = self.accounts.get(holder)?;
        let fit: Vec<&AccountId> = all.iter().filter(|a| !besides.contains(a)).collect();
        let at = usize::try_from(draw % u64::try_from(fit.len()).ok().filter(|n| *n > 0)?).ok()?;
        fit.get(at).map(|a| **a)
    }
}

/// How slow a handler is: 1 is usual. It stays the same all along.
pub(crate) fn slowness(seed: u64, who: &str, spread: f64) -> f64 {
    let n = of_text(seed ^ 0x51, who);
    ((unit(n) - 0.5) * 2.0 * spread).exp()
}
