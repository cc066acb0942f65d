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
        let (measure, bucket) = (measure.to_owned(), "road".to_owned());
        let key = RollupKey { axis: 'd', grain: 'D', day: i64::from(day), place: i64::from(id % 130), measure, bucket };
        batch.rollups.insert(key, 1);
    }
    write(&twin.pool, batch).await;
    twin
}

async fn no_scan(pool: &Pool, statements: Vec<(&'static str, &'static str)>) {
    for (name, sql) in statements {
        let plan = pool.plan(sql, &[]).await.expect("a plan");
        let scan = |line: &&str| {
            ["SCAN m", "SCAN matter", "SCAN fact", "SCAN rollup", "SCAN r"].iter().any(|s| line == s || line.starts_with(&format!("{s} ")))
        };
        let scans: Vec<&str> = plan.lines().filter(scan).collect();
        assert!(scans.is_empty(), "{name} reads a whole table:\n{plan}");
    }
}

#[tokio::test]
async fn lists_are_searched_and_never_scanned() {
    let twin = filled().await;
    no_scan(&twin.pool, Pool::matter_statements()).await;
    no_scan(&twin.pool, Pool::fact_statements()).await;
    no_scan(&twin.pool, Pool::figure_statements()).await;
}

#[tokio::test]
async fn work_is_found_by_its_own_index() {
    let twin = filled().await;
    for (name, index) in [("mine", "matter_holder"), ("due", "matter_next_due"), ("by_number", "matter_number"), ("overdue", "matter_due")] {
        let all = Pool::matter_statements();
        let sql = all.iter().find(|(n, _)| *n == name).expect("a statement").1;
        let plan = twin.pool.plan(sql, &[]).await.expect("a plan");
        assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
    }
}
