//! What the books make public within a group: each entry that gives a household points, or takes some away, is published
//! with the number of the household and the rule as it reads then, in the same journal entry. It names nobody.

use super::World;
use crate::receipt::post_entry;
use std::collections::{BTreeSet, HashMap};
use xiangyue_domain::day::Day;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{LedgerId, RegionId};
use xiangyue_domain::ledger::{About, AccountKey, How, LedgerEvent, Leg, Moved};
use xiangyue_domain::policy::{OwnerKind, PostedWords};
use xiangyue_domain::receipt::Posted;
use xiangyue_store::{StoreError, Tx};

/// An entry that counts from now on.
struct Counts<'a> {
    moved: &'a Moved,
    legs: &'a [Leg],
    about: &'a About,
}

/// Takes in the numbers of households whose accounts are asked for.
pub(super) async fn load_numbers(
    tx: &mut Tx,
    world: &mut World,
    asked: &BTreeSet<AccountKey>,
) -> Result<(), StoreError> {
    let rules = &world.policy.ledger;
    let of_home = |key: &AccountKey| rules.account(&key.kind).is_some_and(|k| k.owner == OwnerKind::Household);
    let keys = asked.iter().chain(world.book.accounts().map(|a| &a.key)).filter(|k| of_home(k));
    let new: BTreeSet<i64> = keys.map(|k| k.owner).filter(|id| !world.numbers.contains_key(id)).collect();
    if !new.is_empty() {
        let found = tx.household_numbers(world.realm, &new.into_iter().collect::<Vec<_>>()).await?;
        world.numbers.extend(found);
    }
    Ok(())
}

impl World {
    /// Adds to what was decided what of it is published.
    pub(super) fn publish_entries(&self, day: Day, events: &mut Vec<Event>) {
        if self.policy.posted.points.is_empty() {
            return;
        }
        let mut opened: HashMap<LedgerId, AccountKey> = HashMap::new();
        let mut posts = Vec::new();
        for event in events.iter() {
            let counts = match event {
                Event::Ledger(LedgerEvent::Opened(o)) => {
                    opened.insert(o.id, AccountKey::new(&o.kind, o.owner, &o.unit));
                    None
                }
                Event::Ledger(LedgerEvent::Moved(moved)) if moved.until.is_none() => {
                    Some(Counts { moved, legs: &moved.legs, about: &moved.about })
                }
                Event::Ledger(LedgerEvent::Settled(settled)) if settled.how == How::Posted => {
                    let booked = self.book.transfer(settled.id);
                    booked.map(|b| Counts { moved: &b.moved, legs: &settled.legs, about: &b.moved.about })
                }
                _ => None,
            };
            let public = counts.filter(|c| self.policy.ledger.is_public(&c.moved.kind));
            posts.extend(public.and_then(|c| self.entry(day, &c, &opened)));
        }
        events.extend(posts.into_iter().map(Event::Posted));
    }

    fn entry(&self, day: Day, counts: &Counts, opened: &HashMap<LedgerId, AccountKey>) -> Option<Posted> {
        let rules = &self.policy.ledger;
        let key =
            |leg: &Leg| opened.get(&leg.account).or_else(|| self.book.account(leg.account).map(|a| &a.key)).cloned();
        let ends: Vec<(AccountKey, i64)> = counts.legs.iter().filter_map(|l| Some((key(l)?, l.n))).collect();
        let of = |owner: OwnerKind| {
            ends.iter().find(|(k, _)| rules.account(&k.kind).is_some_and(|kind| kind.owner == owner))
        };
        let ((home, n), (village, _)) = (of(OwnerKind::Household)?, of(OwnerKind::Village)?);
        let unit = rules.unit(&home.unit)?;
        let about = counts.about;
        let rule = about.version.and_then(|from| rules.rule_version(&about.rule, from));
        let kind = rules.transfer(&counts.moved.kind)?;
        let words = &self.policy.posted;
        let mut what = rule.map_or_else(|| kind.name.clone(), |r| r.item.clone());
        if about.times > 1 {
            let times = [("what", what.clone()), ("n", about.times.to_string())];
            what = PostedWords::line(&words.times, &times).unwrap_or(what);
        }
        if counts.moved.reverses.is_some() {
            what = PostedWords::line(&words.reversal, &[("what", what.clone())]).unwrap_or(what);
        }
        let said = [
            ("household", self.numbers.get(&home.owner).cloned().unwrap_or_else(|| "—".to_owned())),
            ("what", what),
            ("class", unit.name.clone()),
            ("amount", format!("{n:+}")),
            ("word", unit.word.clone()),
            ("place", self.place_words(village.owner, day)),
            ("number", (self.head.seq + 1).to_string()),
            ("day", day.to_string()),
            ("basis", rule.map_or(&kind.basis, |r| &r.basis).clone()),
        ];
        let text = PostedWords::fill(&words.points, &said).join("\n");
        let place = RegionId(village.owner);
        Some(post_entry(&self.secrets, home.owner, counts.moved.id, place, &text))
    }

    /// A place with the ones above it.
    fn place_words(&self, id: i64, day: Day) -> String {
        let tree = &self.directory.tree;
        let mut names: Vec<&str> = tree.ancestors(RegionId(id), day).iter().map(|r| tree.display(*r, day)).collect();
        names.reverse();
        names.concat()
    }
}
