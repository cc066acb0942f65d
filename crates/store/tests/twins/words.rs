//! The search index: what goes in is found at once, by phrases and under the scope, and nothing else is.

use crate::support::{COUNTY, GRIDS, REALM, TOWNS, Twin, VILLAGES, Want, all, holder, store, tree, twins, write};
use std::collections::BTreeMap;
use xiangyue_domain::words::WordKey;
use xiangyue_store::{Batch, Filter, MatterRow, Pool, Scope, WordsRow, facets_of};

twins!(
    phrases_are_found_exactly,
    more_words_are_added_to_those_that_are_there,
    a_search_keeps_to_the_scope,
    filters_go_with_words,
    pages_follow_the_key_to_the_end,
    what_is_made_anew_is_the_same_and_what_lost_its_key_is_gone,
    rubbish_is_answered,
);

fn key() -> WordKey {
    WordKey::new("a test")
}

/// Stores matters with these words.
async fn told(pool: &Pool, wants: &[(Want, &str)]) {
    let mut batch = Batch::default();
    for (want, words) in wants {
        let matter = want.matter();
        let places = MatterRow::places(&matter, &tree());
        batch.matters.insert(want.id, MatterRow::of(&matter, &tree(), false));
        batch.add_words(want.id, facets_of(&matter, places), &key().tokens([*words]));
    }
    write(pool, batch).await;
}

async fn find(pool: &Pool, scope: &Scope, asked: &str, filter: &Filter) -> Vec<i64> {
    let hits = pool.find_words(REALM, scope, key().phrases(asked), filter).await.expect("an answer");
    hits.matters.iter().map(|m| m.id.0).collect()
}

async fn ids(pool: &Pool, asked: &str) -> Vec<i64> {
    find(pool, &all(), asked, &Filter { limit: 50, ..Filter::default() }).await
}

async fn phrases_are_found_exactly(twin: Twin) {
    let words = ["三组路灯不亮", "路边的灯亮了,不错", "隰崾沟WiFi断了3天", "自來水停了", "水"];
    let wants: Vec<(Want, &str)> = (1..).zip(words).map(|(id, w)| (Want::new(id, VILLAGES[0]), w)).collect();
    told(&twin.pool, &wants).await;
    for (asked, expected) in [
        ("灯", &[2, 1][..]),
        ("路灯", &[1]),
        ("灯不亮", &[1]),
        ("灯不", &[1]),
        ("亮 路", &[2, 1]),
        ("水", &[5, 4]),
        ("自来水", &[4]),
        ("自來水", &[4]),
        ("崾", &[3]),
        ("wifi", &[3]),
        ("ＷｉＦｉ断了３天", &[3]),
        ("wif", &[]),
        ("不亮路", &[]),
        ("𠀀", &[]),
    ] {
        assert_eq!(ids(&twin.pool, asked).await, expected, "{asked}");
    }
}

async fn more_words_are_added_to_those_that_are_there(twin: Twin) {
    told(&twin.pool, &[(Want::new(1, VILLAGES[0]), "路灯不亮")]).await;
    let mut batch = Batch::default();
    batch.add_words(1, String::new(), &key().tokens(["换了控制器"]));
    batch.add_words(1, String::new(), &key().tokens(["今晚就亮"]));
    write(&twin.pool, batch).await;
    for asked in ["路灯", "控制器", "今晚", "路灯 控制器 今晚"] {
        assert_eq!(ids(&twin.pool, asked).await, [1], "{asked}");
    }
    assert!(ids(&twin.pool, "亮换").await.is_empty(), "no phrase goes from one text into the next");
    assert!(ids(&twin.pool, "器今").await.is_empty());
    assert_eq!(twin.pool.count_words(REALM).await.expect("counted"), 1);
}

async fn a_search_keeps_to_the_scope(twin: Twin) {
    let held = Want { holder: Some(holder("handler", 901)), ..Want::new(3, VILLAGES[2]) };
    let opened = Want { opener: Some(5), ..Want::new(4, VILLAGES[2]) };
    let over = Want { bypass: true, ..Want::new(5, GRIDS[0]) };
    let wants = [Want::new(1, GRIDS[0]), Want::new(2, VILLAGES[1]), held, opened, over, Want::new(6, COUNTY)];
    told(&twin.pool, &wants.map(|w| (w, "停水"))).await;
    let none = Scope::default;
    let every = Filter { limit: 50, ..Filter::default() };
    for (scope, expected) in [
        (none(), &[][..]),
        (all(), &[6, 5, 4, 3, 2, 1]),
        (Scope { towns: vec![TOWNS[0]], ..none() }, &[5, 2, 1]),
        (Scope { villages: vec![VILLAGES[0]], ..none() }, &[1]),
        (Scope { grids: vec![GRIDS[0]], ..none() }, &[1]),
        (Scope { account: 5, ..none() }, &[4]),
        (Scope { account: 6, ..none() }, &[]),
        (Scope { holders: vec!["handler@901".into()], account: 5, ..none() }, &[4, 3]),
        (Scope { holders: vec!["handler@902".into()], villages: vec![VILLAGES[1]], ..none() }, &[2]),
    ] {
        assert_eq!(find(&twin.pool, &scope, "停水", &every).await, expected, "{scope:?}");
    }
}

async fn filters_go_with_words(twin: Twin) {
    let wants = [
        Want { category: "water", day: 90, ..Want::new(1, VILLAGES[0]) },
        Want { category: "lamp", day: 100, due: Some(50), ..Want::new(2, VILLAGES[1]) },
        Want { category: "lamp", day: 110, phase: xiangyue_domain::policy::Phase::Closed, ..Want::new(3, VILLAGES[2]) },
    ];
    told(&twin.pool, &wants.map(|w| (w, "坏了"))).await;
    let base = || Filter { limit: 50, ..Filter::default() };
    for (filter, expected) in [
        (base(), &[3, 2, 1][..]),
        (Filter { categories: vec!["lamp".into()], ..base() }, &[3, 2]),
        (Filter { categories: vec!["water".into(), "lamp".into()], ..base() }, &[3, 2, 1]),
        (Filter { categories: vec!["water".into(), "gone".into()], ..base() }, &[1]),
        (Filter { kinds: vec!["report".into()], ..base() }, &[3, 2, 1]),
        (Filter { kinds: vec!["hotline".into()], ..base() }, &[]),
        (Filter { place: TOWNS[0], ..base() }, &[2, 1]),
        (Filter { phase: "active".into(), ..base() }, &[2, 1]),
        (Filter { from: 95, ..base() }, &[3, 2]),
        (Filter { to: 95, ..base() }, &[1]),
        (Filter { overdue_at: 60, ..base() }, &[2]),
    ] {
        assert_eq!(find(&twin.pool, &all(), "坏", &filter).await, expected, "{filter:?}");
    }
}

async fn pages_follow_the_key_to_the_end(twin: Twin) {
    let wants: Vec<(Want, &str)> = (1..=950)
        .map(|id| {
            (
                Want {
                    category: if id % 300 == 0 { "rare" } else { "lamp" },
                    day: if id == 7 { 9 } else { 100 },
                    ..Want::new(id, VILLAGES[0])
                },
                "灯坏",
            )
        })
        .collect();
    told(&twin.pool, &wants).await;
    for (filter, expected) in [
        (Filter { limit: 40, ..Filter::default() }, 950),
        (Filter { limit: 40, categories: vec!["rare".into()], ..Filter::default() }, 3),
        (Filter { limit: 40, to: 50, ..Filter::default() }, 1),
    ] {
        let (mut before, mut seen, mut pages) = (0, Vec::new(), 0);
        loop {
            let page = Filter { before, ..filter.clone() };
            let hits = twin.pool.find_words(REALM, &all(), key().phrases("灯"), &page).await.expect("a page");
            seen.extend(hits.matters.iter().map(|m| m.id.0));
            pages += 1;
            assert!(pages < 60, "it ends");
            match hits.next {
                Some(next) => before = next,
                None => break,
            }
        }
        assert!(seen.is_sorted_by(|a, b| a > b), "newest first, none twice");
        assert_eq!(seen.len(), expected, "{filter:?}");
    }
}

async fn what_is_made_anew_is_the_same_and_what_lost_its_key_is_gone(twin: Twin) {
    told(&twin.pool, &[(Want::new(1, VILLAGES[0]), "停水"), (Want::new(2, VILLAGES[0]), "停电")]).await;
    let mut tx = twin.pool.begin().await.expect("a transaction");
    let row = |words: &str| WordsRow { facets: "p111".into(), words: key().tokens([words]) };
    tx.reindex(REALM, &[1, 2], BTreeMap::from([(1, row("停水了"))])).await.expect("written");
    tx.commit().await.expect("durable");
    assert_eq!(ids(&twin.pool, "停").await, [1]);
    assert_eq!(ids(&twin.pool, "水了").await, [1]);
    assert!(ids(&twin.pool, "停电").await.is_empty());
    assert_eq!(twin.pool.count_words(REALM).await.expect("counted"), 1);
}

async fn rubbish_is_answered(twin: Twin) {
    store(&twin.pool, &[Want::new(1, VILLAGES[0])], false).await;
    let long = "停水".repeat(5000);
    for asked in ["", "*", "%%%", "\"", "' or 1=1 --", "NEAR(a b)", "a AND NOT b", &long, "\0", "10012345678", "😀"] {
        assert!(ids(&twin.pool, asked).await.is_empty(), "{asked}");
    }
}
