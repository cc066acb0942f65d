//! No statement over matters, facts or roll-ups reads a whole table.

use crate::support::{GRIDS, Want, fact, holder, sqlite, store, write};
use xiangyue_domain::policy::Phase;
use xiangyue_store::{Batch, Pool, RollupKey};

async fn filled() -> crate::support::Twin {
    let twin = sqlite().await.expect("SQLite is always there");
    let wants: Vec<Want> = (1..=5000)
        .map(|id| Want {
            holder: Some(holder("secretary", id % 100)),
            phase: if id % 10 == 0 { Phase::Open } else { Phase::Final },
            due: (id % 10 == 0).then_some(id),
            ..Want::new(id, GRIDS[usize::try_from(id % 3).unwrap_or(0)])
        })
        .collect();
    store(&twin.pool, &wants, false).await;
    let mut batch = Batch::default();
    for id in 1..=5000i32 {
        let day = id % 900;
        let measure = ["taken", "closed", "raised"][usize::try_from(id % 3).unwrap_or(0)];
        batch.facts.push(fact(i64::from(id), 1, (measure, "road"), 111, (day, day), 1));
        let (measure, bucket) = (measure.into(), "road".into());
        let key = RollupKey { axis: 'd', grain: 'D', day: i64::from(day), place: i64::from(id % 130), measure, bucket };
        batch.rollups.insert(key, 1);
    }
    write(&twin.pool, batch).await;
    twin
}

/// A step of a plan that reads all there is: a scan, or a search by the realm alone, unless in the small index of what
/// is in hand.
fn reads_all(line: &str) -> bool {
    let big = ["m", "r", "matter", "fact", "rollup", "s", "subscription", "posted", "day_root"];
    let scans = big.iter().any(|t| line == format!("SCAN {t}") || line.starts_with(&format!("SCAN {t} ")));
    let searches = big.iter().any(|t| line.starts_with(&format!("SEARCH {t} ")));
    scans || searches && line.ends_with("(realm=?)") && !line.contains("matter_active")
}

async fn no_scan(pool: &Pool, statements: Vec<(&'static str, &'static str)>) {
    for (name, sql) in statements {
        let plan = pool.plan(sql, &[]).await.expect("a plan");
        assert!(!plan.lines().any(reads_all), "{name} reads a whole table:\n{plan}");
    }
}

#[tokio::test]
async fn lists_are_searched_and_never_scanned() {
    let twin = filled().await;
    no_scan(&twin.pool, Pool::matter_statements()).await;
    no_scan(&twin.pool, Pool::fact_statements()).await;
    no_scan(&twin.pool, Pool::figure_statements()).await;
    no_scan(&twin.pool, Pool::waiting_statements()).await;
    no_scan(&twin.pool, Pool::caller_statements()).await;
    no_scan(&twin.pool, Pool::subscription_statements()).await;
    no_scan(&twin.pool, Pool::erase_statements()).await;
    no_scan(&twin.pool, Pool::receipt_statements()).await;
}

#[tokio::test]
async fn work_is_found_by_its_own_index() {
    let twin = filled().await;
    let all = [
        Pool::matter_statements(),
        Pool::fact_statements(),
        Pool::figure_statements(),
        Pool::waiting_statements(),
        Pool::receipt_statements(),
        Pool::subscription_statements(),
    ]
    .concat();
    for (name, index) in [
        ("mine", "matter_holder"),
        ("due", "matter_next_due"),
        ("by_number", "matter_number"),
        ("overdue", "matter_active"),
        ("loads", "matter_active"),
        ("active", "matter_active"),
        ("of_village", "matter_village_kind"),
        ("sum_day", "fact_day"),
        ("sum_cohort", "fact_cohort"),
        ("records_day", "fact_day"),
        ("records_cohort", "fact_cohort"),
        ("by_digest", "posted_digest"),
        ("by_subject", "posted_subject"),
        ("by_subjects", "posted_subject"),
        ("at_place", "posted_said"),
        ("told", "subscription_told"),
        ("how many", "subscription_told"),
        ("lapsed", "subscription_lapses"),
    ] {
        let sql = all.iter().find(|(n, _)| *n == name).expect("a statement").1;
        let plan = twin.pool.plan(sql, &[]).await.expect("a plan");
        assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
    }
}
