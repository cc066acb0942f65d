//! What makes two ways in alike, and what keeps them apart.

use super::*;
use crate::words::WordKey;
use proptest::prelude::*;

fn grams(text: &str) -> Vec<u32> {
    WordKey::new("k").grams([text])
}

/// What everybody says, learnt once.
static COMMON: std::sync::LazyLock<Rarity> = std::sync::LazyLock::new(|| {
    let mut rarity = Rarity::default();
    for common in ["麻烦尽快处理", "那头的路灯不亮了", "头的路灯坏了", "停水了麻烦处理", "桥头路灯不亮麻烦"]
    {
        for _ in 0..20 {
            rarity.learn(&grams(common));
        }
    }
    rarity
});

fn evidence(one: &str, other: &str) -> Evidence {
    let rarity = &*COMMON;
    let (share, shared) = overlap(&grams(one), &grams(other), rarity);
    Evidence { share, shared, near: Near::Village, hours: 5.0, kin: 2, same_phone: None }
}

#[test]
fn the_same_told_twice_is_likelier_than_two_matters() {
    let same = evidence("小卖部南头路灯不亮,麻烦尽快处理", "小賣部南頭的路燈壞了");
    let other = evidence("小卖部南头路灯不亮,麻烦尽快处理", "桥头路灯不亮,麻烦尽快处理");
    assert!(likelihood(&same) > likelihood(&other));
    let e = same;
    assert!(likelihood(&e) > likelihood(&Evidence { near: Near::Beside, ..e }));
    assert!(likelihood(&e) > likelihood(&Evidence { kin: 0, ..e }));
    assert!(likelihood(&e) > likelihood(&Evidence { hours: 200.0, ..e }));
    assert!(likelihood(&e) < likelihood(&Evidence { same_phone: Some(true), ..e }));
    assert!(likelihood(&Evidence { near: Near::Apart, same_phone: Some(true), ..e }) < 0.5, "elsewhere is elsewhere");
}

#[test]
fn nothing_said_is_no_evidence() {
    let e = evidence("", "小卖部南头路灯不亮");
    assert_eq!((e.share, e.shared), (0.0, 0.0));
    assert!(likelihood(&e) < 0.5);
}

proptest! {
    #[test]
    fn alike_is_the_same_both_ways_and_a_share(one in "[路灯水停坏桥头南北]{0,20}", other in "[路灯水停坏桥头南北]{0,20}") {
        let (a, b) = (evidence(&one, &other), evidence(&other, &one));
        prop_assert!((a.share - b.share).abs() < 1e-9 && (0.0..=1.0 + 1e-9).contains(&a.share));
        let p = likelihood(&a);
        prop_assert!((0.0..=1.0).contains(&p));
        if pieces_of(&one) > 1 {
            prop_assert!((evidence(&one, &one).share - 1.0).abs() < 1e-9);
        }
    }
}

fn pieces_of(text: &str) -> usize {
    crate::words::pieces(text).len()
}
