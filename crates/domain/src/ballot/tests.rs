//! Whatever order people vote in and by whichever channel, nobody's vote counts twice, and a replay of the events gives the
//! same vote. Of a secret vote no event ever holds a voter beside a choice.

use super::{Ballot, BallotEvent, BallotOpened, Choice, Marks, Tally, Way, cast, paper};
use crate::day::Time;
use crate::flow::Ctx;
use crate::ids::{BallotId, MatterId, RegionId};
use crate::policy::Policy;
use crate::register::Directory;
use proptest::prelude::*;
use std::collections::BTreeSet;

const VOTERS: i64 = 5;

fn ballot(secret: bool) -> Ballot {
    Ballot::open(&BallotOpened {
        id: BallotId(1),
        matter: MatterId(2),
        rule: "r".into(),
        place: RegionId(3),
        body: "b".into(),
        secret,
        at: Time(0),
        until: Time(1000),
        opener: None,
        key: "k".into(),
        salt: "s".into(),
        roll: (0..VOTERS).map(|n| n.to_string()).collect(),
        names: String::new(),
    })
}

#[derive(Debug, Clone)]
enum Deed {
    Link(i64, Choice),
    Sheet(i64, bool, Option<Choice>),
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![Just(Choice::Yes), Just(Choice::No), Just(Choice::Abstain)]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (-1..=VOTERS + 1, choice()).prop_map(|(n, c)| Deed::Link(n, c)),
        (-1..=VOTERS + 1, any::<bool>(), prop::option::of(choice())).prop_map(|(n, p, c)| Deed::Sheet(n, p, c)),
    ]
}

proptest! {
    #[test]
    fn nobody_counts_twice(secret: bool, deeds in prop::collection::vec(deed(), 0..40)) {
        let (policy, directory) = (Policy::default(), Directory::default());
        let ctx = Ctx { now: Time(5), policy: &policy, directory: &directory };
        let (mut now, mut replayed, mut marks) = (ballot(secret), ballot(secret), Marks::new());
        let (mut tally, mut by_link) = (Tally::default(), BTreeSet::new());
        for deed in deeds {
            let before = (now.clone(), marks.clone());
            let event = match &deed {
                Deed::Link(n, choice) => {
                    let done = cast(ctx, &now, &mut marks, *n, *choice);
                    if done.is_ok() {
                        prop_assert!((1..=VOTERS).contains(n) && by_link.insert(*n), "{n} voted twice by the link");
                        prop_assert!(!before.0.cast.contains_key(n) && !before.1.contains_key(n));
                        tally = tally.with(*choice);
                    }
                    done
                }
                Deed::Sheet(n, put, choice) => paper(&now, &mut marks, &[(*n, *put, *choice)]),
            };
            match event {
                Ok(Some(event)) => {
                    prop_assert!(!secret, "a secret vote is no event before it closes");
                    now.apply(&event);
                    let text = serde_json::to_string(&event).unwrap();
                    replayed.apply(&serde_json::from_str::<BallotEvent>(&text).unwrap());
                }
                Ok(None) => {}
                Err(_) => prop_assert_eq!((&now, &marks), (&before.0, &before.1), "a refusal changes nothing"),
            }
            for n in &by_link {
                let way = marks.get(n).copied().or(now.cast.get(n).map(|(_, way)| *way));
                prop_assert_eq!(way, Some(Way::Phone), "paper does not take a vote by the link away");
            }
        }
        prop_assert_eq!(&now, &replayed);
        let voted = if secret { marks.len() } else { now.cast.len() };
        prop_assert!(i64::try_from(voted).unwrap() <= VOTERS);
        if secret {
            prop_assert!(now.cast.is_empty());
            let links = marks.values().filter(|w| **w == Way::Phone).count();
            prop_assert_eq!(i64::try_from(links).unwrap(), tally.sheets(), "as many sheets as marks");
        }
    }
}

#[test]
fn the_link_is_good_until_it_ends() {
    let (policy, directory) = (Policy::default(), Directory::default());
    let late = Ctx { now: Time(1001), policy: &policy, directory: &directory };
    let refused = cast(late, &ballot(true), &mut Marks::new(), 1, Choice::Yes).unwrap_err();
    assert_eq!(refused.key, "ballot_over");
}
