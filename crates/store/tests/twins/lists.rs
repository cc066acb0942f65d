//! Lists, searches and counts of matters under the scopes that people have.

use crate::support::{GRIDS, REALM, TOWNS, Twin, VILLAGES, Want, all, holder, store, twins, write};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::policy::Phase;
use xiangyue_store::{Batch, Filter, Pool, Reader, Scope};

twins!(
    nobody_sees_anything,
    a_place_sees_what_lies_in_it,
    what_passes_over_the_village_is_not_there,
    posts_openers_and_parties_see_their_own,
    the_barred_and_the_unsealed_do_not,
    pages_follow_the_key,
    filters_narrow,
    a_worklist_begins_with_the_nearest_limit,
    overdue_and_due_are_by_the_clock,
    tokens_numbers_and_receipts_find,
    counts_are_of_what_stands,
);

async fn ids(pool: &Pool, scope: &Scope) -> Vec<i64> {
    let filter = Filter { limit: 100, ..Filter::default() };
    let found = pool.list_matters(REALM, scope, &filter).await.expect("a list");
    let mut ids: Vec<i64> = found.iter().map(|m| m.id.0).collect();
    // Every way of reading agrees with the list.
    for id in 1..20 {
        let one = pool.find_matter(REALM, scope, MatterId(id)).await.expect("a matter");
        assert_eq!(one.is_some(), ids.contains(&id), "{id}");
        let number = format!("19700411-{id:04}");
        let by_number = pool.matters_by_number(REALM, scope, &number).await.expect("a number");
        assert_eq!(!by_number.is_empty(), ids.contains(&id), "{id}");
    }
    let every: Vec<i64> = (1..20).collect();
    let seen = pool.matters_seen(REALM, scope, &every).await.expect("some");
    ids.reverse();
    assert_eq!(seen.iter().map(|m| m.id.0).collect::<Vec<_>>(), ids);
    ids
}

/// One matter at each place: 1..=3 in grids, 4..=6 in villages, 7 and 8 in towns, 9 at the county.
async fn county(pool: &Pool) {
    let places = GRIDS.into_iter().chain(VILLAGES).chain(TOWNS).chain([1]);
    let wants: Vec<Want> = (1..).zip(places).map(|(id, place)| Want::new(id, place)).collect();
    store(pool, &wants, false).await;
}

async fn nobody_sees_anything(twin: Twin) {
    county(&twin.pool).await;
    assert!(ids(&twin.pool, &Scope::default()).await.is_empty(), "no post, no place, no account");
    assert!(ids(&twin.pool, &Scope { account: 77, ..Scope::default() }).await.is_empty());
    assert_eq!(ids(&twin.pool, &all()).await, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

async fn a_place_sees_what_lies_in_it(twin: Twin) {
    county(&twin.pool).await;
    let none = Scope::default;
    assert_eq!(ids(&twin.pool, &Scope { grids: vec![1111], ..none() }).await, [1]);
    assert_eq!(ids(&twin.pool, &Scope { villages: vec![111], ..none() }).await, [1, 4]);
    assert_eq!(ids(&twin.pool, &Scope { villages: vec![111, 121], ..none() }).await, [1, 3, 4, 6]);
    assert_eq!(ids(&twin.pool, &Scope { towns: vec![11], ..none() }).await, [1, 2, 4, 5, 7]);
    assert_eq!(ids(&twin.pool, &Scope { towns: vec![11], grids: vec![1211], ..none() }).await, [1, 2, 3, 4, 5, 7]);
    assert_eq!(ids(&twin.pool, &Scope { all: true, ..none() }).await.len(), 9);
}

async fn what_passes_over_the_village_is_not_there(twin: Twin) {
    store(&twin.pool, &[Want { bypass: true, ..Want::new(1, 1111) }, Want::new(2, 1111)], false).await;
    let none = Scope::default;
    assert_eq!(ids(&twin.pool, &Scope { grids: vec![1111], villages: vec![111], ..none() }).await, [2]);
    assert_eq!(ids(&twin.pool, &Scope { towns: vec![11], ..none() }).await, [1, 2]);
}

async fn posts_openers_and_parties_see_their_own(twin: Twin) {
    let held = Want { holder: Some(holder("handler", 901)), ..Want::new(1, 121) };
    let opened = Want { opener: Some(5), ..Want::new(2, 121) };
    store(&twin.pool, &[held, opened, Want::new(3, 121)], false).await;
    let mut batch = Batch::default();
    batch.row("matter_party", vec!["mayor@11".into(), 3.into()]);
    write(&twin.pool, batch).await;
    let post = |key: &str| Scope { holders: vec![key.into()], account: 9, ..Scope::default() };
    assert_eq!(ids(&twin.pool, &post("handler@901")).await, [1]);
    assert_eq!(ids(&twin.pool, &post("mayor@11")).await, [3]);
    assert!(ids(&twin.pool, &post("mayor@12")).await.is_empty());
    assert_eq!(ids(&twin.pool, &Scope { account: 5, ..Scope::default() }).await, [2]);
}

async fn the_barred_and_the_unsealed_do_not(twin: Twin) {
    store(&twin.pool, &[Want { opener: Some(5), ..Want::new(1, 111) }, Want::new(2, 111)], false).await;
    store(&twin.pool, &[Want::new(3, 111)], true).await;
    let mut batch = Batch::default();
    batch.row("matter_bar", vec![1.into(), "account:5".into()]);
    batch.row("matter_bar", vec![1.into(), "secretary@111".into()]);
    write(&twin.pool, batch).await;
    let village = |account: i64, post: &str| Scope {
        villages: vec![111],
        holders: vec![post.to_owned()],
        account,
        ..Scope::default()
    };
    assert_eq!(ids(&twin.pool, &village(5, "caller@1")).await, [2], "by name, although they entered it");
    assert_eq!(ids(&twin.pool, &village(6, "secretary@111")).await, [2], "by post");
    assert_eq!(ids(&twin.pool, &village(7, "clerk@111")).await, [1, 2]);
    assert_eq!(ids(&twin.pool, &Scope { sealed: true, ..village(7, "clerk@111") }).await, [1, 2, 3]);
    assert_eq!(ids(&twin.pool, &Scope { all: true, account: 5, ..Scope::default() }).await, [2], "nor from the top");
}

async fn pages_follow_the_key(twin: Twin) {
    let wants: Vec<Want> = (1..=25).map(|id| Want::new(id, 111)).collect();
    store(&twin.pool, &wants, false).await;
    let (mut seen, mut before) = (Vec::new(), 0);
    loop {
        let filter = Filter { limit: 10, before, ..Filter::default() };
        let page = twin.pool.list_matters(REALM, &all(), &filter).await.expect("a page");
        let Some(last) = page.last() else { break };
        before = last.id.0;
        seen.extend(page.iter().map(|m| m.id.0));
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<i64>>());
}

async fn filters_narrow(twin: Twin) {
    let wants = [
        Want { category: "road", day: 50, ..Want::new(1, 1111) },
        Want { phase: Phase::Answered, due: Some(500), ..Want::new(2, 111) },
        Want { phase: Phase::Closed, due: Some(500), ..Want::new(3, 121) },
        Want { phase: Phase::Final, ..Want::new(4, 11) },
    ];
    store(&twin.pool, &wants, false).await;
    let none = Filter { limit: 50, ..Filter::default() };
    for (filter, expected) in [
        (Filter { categories: vec!["road".into()], ..none.clone() }, vec![1]),
        (Filter { categories: vec!["road".into(), "lamp".into()], ..none.clone() }, vec![4, 3, 2, 1]),
        (Filter { categories: vec!["road.gone".into()], ..none.clone() }, vec![]),
        (Filter { kinds: vec!["report".into()], ..none.clone() }, vec![4, 3, 2, 1]),
        (Filter { kinds: vec!["visit".into()], ..none.clone() }, vec![]),
        (Filter { phase: "active".into(), ..none.clone() }, vec![2, 1]),
        (Filter { phase: "closed".into(), ..none.clone() }, vec![3]),
        (Filter { place: 11, ..none.clone() }, vec![4, 2, 1]),
        (Filter { place: 111, ..none.clone() }, vec![2, 1]),
        (Filter { place: 1111, ..none.clone() }, vec![1]),
        (Filter { overdue_at: 501, ..none.clone() }, vec![2]),
        (Filter { overdue_at: 500, ..none.clone() }, vec![]),
        (Filter { from: 51, ..none.clone() }, vec![4, 3, 2]),
        (Filter { to: 99, ..none.clone() }, vec![1]),
    ] {
        let found = twin.pool.list_matters(REALM, &all(), &filter).await.expect("a list");
        assert_eq!(found.iter().map(|m| m.id.0).collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

async fn a_worklist_begins_with_the_nearest_limit(twin: Twin) {
    let mine = Some(holder("secretary", 111));
    let wants = [
        Want { holder: mine.clone(), ..Want::new(1, 111) },
        Want { holder: mine.clone(), due: Some(900), ..Want::new(2, 111) },
        Want { holder: mine.clone(), due: Some(300), ..Want::new(3, 111) },
        Want { holder: mine.clone(), due: Some(300), phase: Phase::Answered, ..Want::new(4, 121) },
        Want { holder: mine.clone(), due: Some(1), phase: Phase::Closed, ..Want::new(5, 111) },
        Want { holder: mine, due: Some(1), voided: true, ..Want::new(6, 111) },
        Want { holder: Some(holder("clerk", 111)), due: Some(1), ..Want::new(7, 111) },
    ];
    store(&twin.pool, &wants, false).await;
    let scope = Scope { holders: vec!["secretary@111".into()], villages: vec![111], account: 3, ..Scope::default() };
    let list = twin.pool.worklist(REALM, &scope, 10).await.expect("a worklist");
    assert_eq!(list.iter().map(|m| m.id.0).collect::<Vec<_>>(), [3, 4, 2, 1], "no limit comes last");
    assert_eq!(twin.pool.worklist(REALM, &scope, 2).await.expect("a worklist").len(), 2);
    assert_eq!(twin.pool.count_mine(REALM, &scope.holders, 301).await.expect("a count"), (4, 2));
    assert_eq!(twin.pool.count_mine(REALM, &[], 301).await.expect("a count"), (0, 0));
}

async fn overdue_and_due_are_by_the_clock(twin: Twin) {
    let wants = [
        Want { due: Some(300), ..Want::new(1, 1111) },
        Want { due: Some(100), ..Want::new(2, 121) },
        Want { due: Some(200), phase: Phase::Final, ..Want::new(3, 111) },
        Want::new(4, 111),
    ];
    store(&twin.pool, &wants, false).await;
    let late = twin.pool.overdue(REALM, &all(), 301, 0, 10).await.expect("overdue");
    assert_eq!(late.iter().map(|m| m.id.0).collect::<Vec<_>>(), [2, 1]);
    let here = Scope { villages: vec![111], ..Scope::default() };
    assert_eq!(twin.pool.overdue(REALM, &here, 301, 0, 10).await.expect("overdue").len(), 1);
    let at = twin.pool.overdue(REALM, &all(), 301, 1111, 10).await.expect("overdue");
    assert_eq!(at.iter().map(|m| m.id.0).collect::<Vec<_>>(), [1]);
    let without = async |mv: &str| twin.pool.overdue_without(REALM, &all(), 301, (0, mv), 10).await.expect("overdue");
    assert_eq!(without("instruct").await.iter().map(|m| m.id.0).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(without("open").await, [], "all of them were opened");
    assert_eq!(twin.pool.due_matters(REALM, 299, 10).await.expect("due"), [2]);
    assert_eq!(twin.pool.due_matters(REALM, 300, 10).await.expect("due"), [2, 1]);
    assert_eq!(twin.pool.due_matters(REALM, 300, 1).await.expect("due"), [2]);
    assert_eq!(twin.pool.next_due(REALM).await.expect("next"), Some(100));
    assert_eq!(twin.pool.count_due(REALM, 0, 1000, 0).await.expect("counts").len(), 2);
    assert_eq!(twin.pool.count_due(REALM, 0, 1000, 12).await.expect("counts"), [(12, 1, 100)]);
    let everybody = all();
    let whole = Reader { place: 0, bypass: true, scope: &everybody };
    let town = Reader { place: 11, ..whole };
    assert_eq!(twin.pool.loads(REALM, (0, 1000), town).await.expect("loads")[0].n, 1);
    let active = twin.pool.active(REALM, 301, whole).await.expect("active");
    assert_eq!((active.len(), active.iter().map(|a| a.late).sum::<i64>()), (3, 2));
    let taken = twin.pool.active_taken(REALM, 301, (100, 100), whole).await.expect("taken");
    assert_eq!(taken, [("report".to_owned(), 3, 2)]);
    // Whom a matter bars does not count it, except in the whole.
    let mut batch = Batch::default();
    batch.row("matter_bar", vec![1.into(), "post@1".into()]);
    write(&twin.pool, batch).await;
    let barred = Scope { holders: vec!["post@1".to_owned()], ..Scope::default() };
    let count = async |place: i64, scope: &Scope| {
        let reader = Reader { place, bypass: true, scope };
        let active = twin.pool.active(REALM, 301, reader).await.expect("active");
        let taken = twin.pool.active_taken(REALM, 301, (0, 1000), reader).await.expect("taken");
        let loads = twin.pool.loads(REALM, (0, 1000), reader).await.expect("loads");
        let loads: i64 = loads.iter().map(|l| l.n).sum();
        [active.iter().map(|a| a.n).sum(), taken.iter().map(|t| t.1).sum(), loads]
    };
    let (seen, kept) = (count(11, &everybody).await, count(11, &barred).await);
    assert_eq!(kept, seen.map(|n| n - 1), "{seen:?}");
    assert_eq!(count(0, &everybody).await, count(0, &barred).await);
}

async fn tokens_numbers_and_receipts_find(twin: Twin) {
    store(&twin.pool, &[Want::new(1, 111), Want::new(2, 121)], false).await;
    let mut batch = Batch::default();
    for (token, id) in [("t/name", 1), ("t/name", 2), ("t/phone", 2)] {
        batch.row("search_token", vec![token.into(), id.into()]);
    }
    batch.row("receipt", vec!["digest".into(), 2.into()]);
    write(&twin.pool, batch).await;
    let by = async |scope: &Scope, tokens: &[&str]| {
        let tokens: Vec<String> = tokens.iter().map(|t| (*t).to_owned()).collect();
        let found = twin.pool.matters_by_token(REALM, scope, &tokens).await.expect("a search");
        found.iter().map(|m| m.id.0).collect::<Vec<_>>()
    };
    assert_eq!(by(&all(), &["t/name"]).await, [2, 1]);
    assert_eq!(by(&all(), &["t/phone", "t/nothing"]).await, [2]);
    assert_eq!(by(&Scope { villages: vec![111], ..Scope::default() }, &["t/name", "t/phone"]).await, [1]);
    assert!(by(&all(), &[]).await.is_empty());
    assert_eq!(twin.pool.matter_by_receipt(REALM, "digest").await.expect("read").map(|m| m.id), Some(MatterId(2)));
    assert!(twin.pool.matter_by_receipt(REALM, "other").await.expect("read").is_none());
    assert_eq!(twin.pool.matters_for_lookup(REALM, "19700411-0001").await.expect("read").len(), 1);
}

async fn counts_are_of_what_stands(twin: Twin) {
    let wants = [
        Want { phase: Phase::Closed, ..Want::new(1, 111) },
        Want { phase: Phase::Final, ..Want::new(2, 1111) },
        Want { phase: Phase::Final, voided: true, ..Want::new(3, 111) },
        Want::new(4, 111),
    ];
    store(&twin.pool, &wants, false).await;
    let done = twin.pool.recent_public(REALM, 111, "report", 10).await.expect("works");
    assert_eq!(done.iter().map(|m| m.id.0).collect::<Vec<_>>(), [2, 1]);
    assert!(twin.pool.recent_public(REALM, 112, "report", 10).await.expect("works").is_empty());
    for (town, n) in [(0, done.len()), (11, done.len()), (12, 0)] {
        assert_eq!(twin.pool.recent_around(REALM, town, "report", 10).await.expect("works").len(), n, "{town}");
    }
    assert_eq!(twin.pool.open_by_place(REALM, 0).await.expect("open"), [(111, 1)]);
    assert_eq!(twin.pool.count_matters(REALM).await.expect("count"), 3);
}
