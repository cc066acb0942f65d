//! After any mixture of work the books hold: the chain, the state, the facts and the roll-ups.

use crate::play::Play;
use crate::stage::{Stage, by_hand, twins};
use std::collections::BTreeMap;
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_store::{Filter, Scope};

twins!(
    the_books_hold_after_random_work,
    the_books_hold_after_other_random_work,
    roll_ups_are_made_anew_after_an_upgrade,
);

async fn the_books_hold_after_random_work(stage: Stage) {
    let mut play = Play::new(&stage, 20_210_301);
    play.run(500).await;
    stage.sound().await;
    rollups_are_the_facts(&stage).await;
    lists_are_what_the_rules_allow(&stage).await;
    let stage = stage.again().await;
    stage.sound().await;
}

async fn the_books_hold_after_other_random_work(stage: Stage) {
    for seed in [1, 2] {
        Play::new(&stage, seed).run(120).await;
    }
    stage.sound().await;
    rollups_are_the_facts(&stage).await;
}

/// A step of the schema that changes their shape empties them.
async fn roll_ups_are_made_anew_after_an_upgrade(stage: Stage) {
    Play::new(&stage, 3).run(120).await;
    stage.app.settle_facts().await.expect("written");
    assert!(by_hand(stage.app.pool(), "delete from rollup", &[]).await > 0);
    assert!(stage.app.check_rebuild().await.expect("checked").fault.is_some());
    stage.again().await.sound().await;
}

/// Roll-ups are what a plain sum over the facts gives, made without the code that keeps them.
async fn rollups_are_the_facts(stage: &Stage) {
    let (app, tree) = (&stage.app, stage.app.directory());
    app.settle_facts().await.expect("written");
    let facts = "select measure, bucket, place, day, cohort, delta from fact where realm = $1";
    let mut sums: BTreeMap<(String, i64, i64, String), i64> = BTreeMap::new();
    for row in app.pool().rows(facts, &[app.realm().into()]).await.expect("facts") {
        for (axis, at) in [("d", 3), ("c", 4)] {
            let day = xiangyue_domain::day::Day(i32::try_from(row.int(at)).expect("a day"));
            for place in tree.tree.ancestors(xiangyue_domain::ids::RegionId(row.int(2)), day) {
                for bucket in std::collections::BTreeSet::from(["", row.text(1)]) {
                    let key = (axis.to_owned(), place.0, i64::from(day.0), format!("{}/{bucket}", row.text(0)));
                    *sums.entry(key).or_default() += row.int(5);
                }
            }
        }
    }
    sums.retain(|_, n| *n != 0);
    let rollups = "select axis, place, day, measure, bucket, n from rollup where realm = $1 and axis <> 'l' and grain = 'D' and n <> 0";
    let mut seen = 0;
    for row in app.pool().rows(rollups, &[app.realm().into()]).await.expect("roll-ups") {
        let key = (row.text(0).to_owned(), row.int(1), row.int(2), format!("{}/{}", row.text(3), row.text(4)));
        assert_eq!(sums.get(&key), Some(&row.int(5)), "{key:?}");
        seen += 1;
    }
    let level = |id: &i64| tree.tree.get(xiangyue_domain::ids::RegionId(*id)).map(|r| r.level);
    let by_day = sums.keys().filter(|k| level(&k.1).is_some_and(|l| l >= xiangyue_domain::policy::Level::Town)).count();
    assert_eq!(seen, by_day, "and none is missing");
}

/// What a person's list holds is what the rules let them see: no more, and no less.
async fn lists_are_what_the_rules_allow(stage: &Stage) {
    let (app, policy, directory) = (&stage.app, stage.app.policy(), stage.app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let filter = Filter { limit: 5000, ..Filter::default() };
    let all = app.pool().list_matters(app.realm(), &Scope::system(), &filter).await.expect("all");
    assert!(all.len() > 50);
    for account in directory.accounts.keys() {
        let listed = app.list(*account, &filter).await.expect("a list");
        let listed: Vec<i64> = listed.iter().map(|m| m.id.0).collect();
        let allowed = all.iter().filter(|m| flow::sees(ctx, m, *account)).map(|m| m.id.0);
        assert_eq!(listed, allowed.collect::<Vec<_>>(), "{:?}", directory.posts_of(*account, app.now().day()));
    }
    // And nobody learns of a matter that bars them by a notice.
    app.deliver().await.expect("delivered");
    for account in directory.accounts.keys() {
        for notice in app.pool().notices(app.realm(), account.0, 1000).await.expect("notices") {
            let Some(matter) = all.iter().find(|m| m.id.0 == notice.matter) else { continue };
            let posts = directory.posts_of(*account, app.now().day());
            assert!(!matter.bars(*account, &posts), "{account} was told of what bars them");
        }
    }
}
