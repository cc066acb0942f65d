//! Facts and roll-ups: sums, records, counts and series are what a plain sum over the facts gives.

use crate::support::{REALM, Twin, fact, twins, write};
use xiangyue_store::{Batch, Buckets, FactRow, Grains, LATER, Pool, RollupKey, RollupSum, Slice, later_bucket};

twins!(
    rollups_add_up_over_batches,
    what_came_later_is_told_by_its_day,
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
    let whole = |axis, grain, day, place| RollupKey { bucket: "".into(), ..key(axis, grain, day, place) };
    for n in [1, 2, -4] {
        let mut batch = Batch::default();
        // Beside what lies on the road, one each time without a bucket.
        batch.rollups.insert(whole('d', 'D', 10, 11), n + 1);
        batch.rollups.insert(whole('c', 'M', 0, 11), 2);
        batch.rollups.insert(key('d', 'D', 10, 11), n);
        batch.rollups.insert(key('c', 'M', 0, 11), 2);
        batch.rollups.insert(key('d', 'D', 11, 12), 0);
        write(&twin.pool, batch).await;
    }
    let measures = ["taken".to_owned()];
    let each = Buckets::Each(&[]);
    let sum = async |(axis, grain): (char, char), days: &[i64], places: &[i64], buckets: Buckets<'_>| {
        twin.pool.rollups(REALM, Grains { axis, grain, days }, places, &measures, buckets).await.expect("sums")
    };
    let expected = RollupSum { place: 11, measure: "taken".into(), bucket: "road".into(), n: -1 };
    let rest = RollupSum { bucket: String::new(), n: 3, ..expected.clone() };
    assert_eq!(sum(('d', 'D'), &[10], &[11, 12], each).await, [rest, expected.clone()]);
    assert_eq!(
        sum(('d', 'D'), &[10], &[11, 12], Buckets::Each(&["road".into()])).await,
        std::slice::from_ref(&expected)
    );
    assert!(sum(('d', 'D'), &[10], &[11, 12], Buckets::Each(&["lamp".into()])).await.is_empty());
    let whole = RollupSum { bucket: String::new(), n: 2, ..expected };
    assert_eq!(sum(('d', 'D'), &[9, 10, 11], &[11, 12], Buckets::Whole).await[..1], [whole]);
    assert_eq!(total(&sum(('c', 'M'), &[0], &[11], Buckets::Whole).await), 6);
    assert!(sum(('d', 'M'), &[0], &[11], Buckets::Whole).await.is_empty());
    assert!(sum(('d', 'D'), &[12, 13], &[11], Buckets::Whole).await.is_empty());
    assert!(sum(('d', 'D'), &[10], &[], Buckets::Whole).await.is_empty(), "no place is not every place");
    assert!(sum(('d', 'D'), &[], &[11], Buckets::Whole).await.is_empty(), "no day is not every day");
    let day = Grains { axis: 'd', grain: 'D', days: &[10] };
    let pairs = twin.pool.rollup_pairs(REALM, day, &[11, 12], ("taken", "closed")).await.expect("pairs");
    assert_eq!(pairs, [(11, 2, 0), (12, 0, 0)], "a pair is of wholes");
    let days = Grains { axis: 'd', grain: 'D', days: &[9, 10, 11] };
    let points = twin.pool.rollup_series(REALM, days, &[11, 12], &measures, each).await.expect("points");
    assert_eq!(
        points.iter().map(|p| (p.day, p.bucket.as_str(), p.n)).collect::<Vec<_>>(),
        [(10, "", 3), (10, "road", -1)]
    );
    assert_eq!(twin.pool.bounds(REALM, 'd', 11).await.expect("bounds"), Some((10, 10)));
    assert_eq!(twin.pool.bounds(REALM, 'd', 99).await.expect("bounds"), None);
}

/// What came later is known by the month of its cohort and the day it came.
async fn what_came_later_is_told_by_its_day(twin: Twin) {
    let mut batch = Batch::default();
    for (month, came, n) in [(31, 70, 2), (31, 95, 3), (59, 95, 5)] {
        let (measure, bucket) = ("closed".into(), later_bucket(came).into());
        batch.rollups.insert(RollupKey { axis: LATER, grain: 'D', day: month, place: 11, measure, bucket }, n);
    }
    write(&twin.pool, batch).await;
    for (months, after, n) in [(&[31][..], 60, 5), (&[31], 70, 3), (&[31, 59], 94, 8), (&[31, 59], 95, 0), (&[], 0, 0)]
    {
        let sums = twin.pool.rollups_later(REALM, months, after, &[11, 12], &["closed".into()]).await.expect("sums");
        assert_eq!(total(&sums), n, "{months:?} after {after}");
    }
}

async fn sums_of_facts_are_by_day_or_by_cohort(twin: Twin) {
    stored(&twin.pool).await;
    let sum = async |places: &[i64], span, by_cohort| {
        let slice = slice(&["closed"], places, span, by_cohort, 99);
        let whole = twin.pool.fact_sums(REALM, &slice, Buckets::Whole).await.expect("sums");
        let each = twin.pool.fact_sums(REALM, &slice, Buckets::Each(&[])).await.expect("sums");
        assert_eq!(total(&whole), total(&each));
        assert!(whole.iter().all(|s| s.bucket.is_empty()) && each.iter().all(|s| !s.bucket.is_empty()));
        total(&whole)
    };
    for (places, span, n) in
        [(&[][..], (12, 14), 3), (&[111][..], (12, 14), 2), (&[111][..], (12, 15), 1), (&[5][..], (0, 99), 0)]
    {
        assert_eq!(sum(places, span, false).await, n, "{places:?} {span:?}");
    }
    for (span, n) in [((10, 10), 1), ((10, 11), 2), ((11, 11), 1), ((12, 99), 0)] {
        assert_eq!(sum(&[], span, true).await, n, "{span:?}");
    }
    for (places, span, cut_off, n) in
        [(&[][..], (10, 10), 13, -1), (&[], (10, 11), 12, 1), (&[121], (10, 11), 12, 1), (&[121], (10, 11), 14, 0)]
    {
        let slice = slice(&["closed"], places, span, true, cut_off);
        let whole = twin.pool.facts_later(REALM, &slice, Buckets::Whole).await.expect("sums");
        let each = twin.pool.facts_later(REALM, &slice, Buckets::Each(&[])).await.expect("sums");
        assert_eq!((total(&whole), total(&each)), (n, n), "{places:?} {span:?} after {cut_off}");
    }
}

async fn records_stand_behind_a_sum(twin: Twin) {
    stored(&twin.pool).await;
    const FIRST: (i64, i64) = (i64::MIN, i64::MIN);
    let found = async |slice: &Slice| {
        let rows = twin.pool.records(REALM, slice, FIRST, 50).await.expect("records");
        rows.iter().map(|r| (r.subject, r.n, r.day)).collect::<Vec<_>>()
    };
    let count = async |slice: &Slice| twin.pool.count_records(REALM, slice).await.expect("a count");
    let cohort = |cut_off| slice(&["closed"], &[], (10, 11), true, cut_off);
    assert_eq!(found(&cohort(99)).await, [(1, 1, 10), (3, 1, 11)]);
    assert_eq!(count(&cohort(99)).await, 2);
    assert_eq!(found(&cohort(13)).await, [(1, 1, 10), (2, 1, 10)]);
    assert_eq!(found(&slice(&["closed"], &[], (12, 13), false, 99)).await, [(1, 1, 12), (2, 1, 13)]);
    assert_eq!(found(&slice(&["closed"], &[121], (0, 99), false, 99)).await, [(3, 1, 14)]);
    // By the day it happened, each day stands by itself; what is left in the end is counted.
    let all = slice(&["closed"], &[], (0, 99), false, 99);
    assert_eq!(found(&all).await, [(1, 1, 12), (2, 1, 13), (3, 1, 14), (2, -1, 15)]);
    assert_eq!(count(&all).await, 2);
    let road = Slice { buckets: vec!["road".into()], ..slice(&["taken"], &[], (0, 99), false, 99) };
    assert_eq!(found(&road).await.len(), 3);
    assert_eq!(count(&road).await, 3);
    let page = twin.pool.records(REALM, &road, FIRST, 2).await.expect("a page");
    let last = page.last().map(|r| (r.day, r.subject)).expect("a record");
    let page = twin.pool.records(REALM, &Slice { from: last.0, ..road }, last, 2).await.expect("a page");
    assert_eq!(page.iter().map(|r| r.subject).collect::<Vec<_>>(), [4]);
    for by_cohort in [true, false] {
        for buckets in [Buckets::Whole, Buckets::Each(&[])] {
            let both = slice(&["closed", "taken"], &[], (0, 99), by_cohort, 99);
            let rows = twin.pool.count_each(REALM, &both, buckets).await.expect("counts");
            assert_eq!(rows.iter().map(|c| c.n).sum::<i64>(), 6, "{by_cohort} {buckets:?}");
        }
    }
}

async fn series_are_sums_by_day(twin: Twin) {
    stored(&twin.pool).await;
    let series = async |measure: &str, places: &[i64], span, by_cohort| {
        let slice = slice(&[measure], places, span, by_cohort, 99);
        let mut points = twin.pool.fact_series(REALM, &slice, Buckets::Whole).await.expect("points");
        points.sort_by_key(|p| p.day);
        points.iter().map(|p| (p.day, p.n)).collect::<Vec<_>>()
    };
    assert_eq!(series("taken", &[], (0, 99), false).await, [(10, 2), (11, 1), (12, 1)]);
    assert_eq!(series("closed", &[111], (10, 10), true).await, [(10, 1)]);
}
