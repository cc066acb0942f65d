//! Facts and roll-ups: sums, records, counts and series are what a plain sum over the facts gives.

use crate::support::{REALM, Twin, fact, twins, write};
use xiangyue_store::{Batch, FactRow, Pool, RollupKey, RollupSum, Slice};

twins!(
    rollups_add_up_over_batches,
    sums_of_facts_are_by_day_or_by_cohort,
    records_stand_behind_a_sum,
    series_are_sums_by_day,
);

/// Four matters: 1 and 2 taken in on day 10 and closed, 2 taken back again, 3 in another place, 4 only taken in.
fn facts() -> Vec<FactRow> {
    vec![
        fact(1, 1, ("taken", "road"), 111, (10, 10), 1),
        fact(1, 2, ("closed", "road"), 111, (12, 10), 1),
        fact(2, 1, ("taken", "lamp"), 111, (10, 10), 1),
        fact(2, 2, ("closed", "lamp"), 111, (13, 10), 1),
        fact(2, 3, ("closed", "lamp"), 111, (15, 10), -1),
        fact(3, 1, ("taken", "road"), 121, (11, 11), 1),
        fact(3, 2, ("closed", "road"), 121, (14, 11), 1),
        fact(4, 1, ("taken", "road"), 1111, (12, 12), 1),
    ]
}

async fn stored(pool: &Pool) {
    let batch = Batch { facts: facts(), ..Batch::default() };
    write(pool, batch).await;
}

fn slice(measures: &[&str], places: &[i64], (from, to): (i64, i64), by_cohort: bool, cut_off: i64) -> Slice {
    let measures = measures.iter().map(|m| (*m).to_owned()).collect();
    Slice { measures, buckets: Vec::new(), places: places.to_vec(), from, to, by_cohort, cut_off }
}

fn total(sums: &[RollupSum]) -> i64 {
    sums.iter().map(|s| s.n).sum()
}

async fn rollups_add_up_over_batches(twin: Twin) {
    let key = |axis: char, grain: char, day: i64, place: i64| RollupKey {
        axis,
        grain,
        day,
        place,
        measure: "taken".into(),
        bucket: "road".into(),
    };
    for n in [1, 2, -4] {
        let mut batch = Batch::default();
        batch.rollups.insert(key('d', 'D', 10, 11), n);
        batch.rollups.insert(key('c', 'M', 0, 11), 2);
        batch.rollups.insert(key('d', 'D', 11, 12), 0);
        write(&twin.pool, batch).await;
    }
    let measures = ["taken".to_owned()];
    let sum = async |axis: (char, char), span: (i64, i64), places: &[i64]| {
        twin.pool.rollups(REALM, axis, span, places, &measures).await.expect("sums")
    };
    let expected = RollupSum { place: 11, measure: "taken".into(), bucket: "road".into(), n: -1 };
    assert_eq!(sum(('d', 'D'), (10, 10), &[11, 12]).await, [expected]);
    assert_eq!(total(&sum(('c', 'M'), (0, 30), &[11]).await), 6);
    assert!(sum(('d', 'M'), (0, 30), &[11]).await.is_empty());
    assert!(sum(('d', 'D'), (11, 30), &[11]).await.is_empty());
    assert!(sum(('d', 'D'), (0, 30), &[]).await.is_empty(), "no place is not every place");
    let points = twin.pool.rollup_series(REALM, ('d', 'D'), (0, 30), &[11, 12], &measures).await.expect("points");
    assert_eq!((points.len(), points[0].day, points[0].n), (1, 10, -1));
}

async fn sums_of_facts_are_by_day_or_by_cohort(twin: Twin) {
    stored(&twin.pool).await;
    let any = (-1, 1000);
    let closed = |places: &[i64], span, by_cohort| slice(&["closed"], places, span, by_cohort, 99);
    for (places, span, n) in
        [(&[][..], (12, 14), 3), (&[111][..], (12, 14), 2), (&[111][..], (12, 15), 1), (&[5][..], (0, 99), 0)]
    {
        let sums = twin.pool.fact_sums_by_day(REALM, &closed(places, span, false), any).await.expect("sums");
        assert_eq!(total(&sums), n, "{places:?} {span:?}");
    }
    let sums = twin.pool.fact_sums_by_day(REALM, &closed(&[], (0, 99), false), (11, 11)).await.expect("sums");
    assert_eq!(total(&sums), 1, "of one cohort");
    for (span, n) in [((10, 10), 1), ((10, 11), 2), ((11, 11), 1), ((12, 99), 0)] {
        let sums = twin.pool.fact_sums_by_cohort(REALM, &closed(&[], span, true), any).await.expect("sums");
        assert_eq!(total(&sums), n, "{span:?}");
    }
    // What happened after the cut-off alone.
    let sums = twin.pool.fact_sums_by_cohort(REALM, &closed(&[], (10, 10), true), (13, 1000)).await.expect("sums");
    assert_eq!(total(&sums), -1);
}

async fn records_stand_behind_a_sum(twin: Twin) {
    stored(&twin.pool).await;
    let found = async |slice: &Slice| {
        let rows = twin.pool.records(REALM, slice, 50, 0).await.expect("records");
        let n = twin.pool.count_records(REALM, slice).await.expect("a count");
        assert_eq!(usize::try_from(n).ok(), Some(rows.len()));
        rows.iter().map(|r| (r.subject, r.n, r.day)).collect::<Vec<_>>()
    };
    assert_eq!(found(&slice(&["closed"], &[], (10, 11), true, 99)).await, [(1, 1, 12), (3, 1, 14)]);
    assert_eq!(found(&slice(&["closed"], &[], (10, 11), true, 13)).await, [(1, 1, 12), (2, 1, 13)]);
    assert_eq!(found(&slice(&["closed"], &[], (12, 13), false, 99)).await, [(1, 1, 12), (2, 1, 13)]);
    assert_eq!(found(&slice(&["closed"], &[121], (0, 99), false, 99)).await, [(3, 1, 14)]);
    let road = Slice { buckets: vec!["road".into()], ..slice(&["taken"], &[], (0, 99), false, 99) };
    assert_eq!(found(&road).await.len(), 3);
    let page = twin.pool.records(REALM, &road, 2, 2).await.expect("a page");
    assert_eq!(page.iter().map(|r| r.subject).collect::<Vec<_>>(), [4]);
    for by_cohort in [true, false] {
        for by_bucket in [true, false] {
            let rows =
                twin.pool.behind(REALM, &slice(&["closed", "taken"], &[], (0, 99), by_cohort, 99), by_bucket).await;
            let n: i64 = rows.expect("counts").iter().map(|b| b.n).sum();
            assert_eq!(n, 6, "{by_cohort} {by_bucket}");
        }
    }
    let subjects = twin.pool.subjects_at(REALM, &[3, 4], &["taken".into()]).await.expect("subjects");
    assert_eq!(subjects.len(), 2);
}

async fn series_are_sums_by_day(twin: Twin) {
    stored(&twin.pool).await;
    let mut by_day =
        twin.pool.fact_series(REALM, &slice(&["taken"], &[], (0, 99), false, 0), -1).await.expect("points");
    by_day.sort_by_key(|p| (p.day, p.bucket.clone()));
    let days: Vec<(i64, i64)> = by_day.iter().map(|p| (p.day, p.n)).collect();
    assert_eq!(days, [(10, 1), (10, 1), (11, 1), (12, 1)]);
    let late = twin.pool.fact_series(REALM, &slice(&["closed"], &[111], (10, 10), true, 0), 13).await.expect("points");
    assert_eq!(late.iter().map(|p| (p.day, p.n)).collect::<Vec<_>>(), [(10, -1)]);
}
