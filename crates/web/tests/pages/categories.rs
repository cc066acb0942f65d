//! Categories of five levels: the form offers them with their whole path, the list is narrowed by any of them together
//! with all below, and an order keeps the limit of its nearest category.

use crate::support::House;
use crate::support::reporting::{self, COUNTY};
use xiangyue_domain::calendar::Limit;
use xiangyue_domain::ids::MatterId;

const ROPE: &str = "water.irrigation.canal.gate.rope";
const ORDERS: [(&str, &str); 5] = [
    (ROPE, "一号闸"),
    ("water.irrigation.canal.gate", "二号闸"),
    ("water.irrigation.canal", "三号渠"),
    ("water.outage", "四号楼"),
    ("lamp.urban.pole", "五号杆"),
];

async fn order(house: &House, category: &str, words: &str) -> MatterId {
    let said = [("category", category), ("words", words)];
    reporting::order(house, &format!("test/{category}"), &said).await.matter
}

#[tokio::test]
async fn a_list_is_narrowed_by_any_level_with_all_below() {
    let house = House::open().await;
    for (category, words) in ORDERS {
        order(&house, category, words).await;
    }
    let mut desk = house.signed_in("county.dispatcher", COUNTY).await;
    let all = "一号闸 二号闸 三号渠 四号楼 五号杆";
    for (query, found) in [
        ("kind=hotline", all),
        ("kind=hotline&category=water", "一号闸 二号闸 三号渠 四号楼"),
        ("kind=hotline&category=water.irrigation", "一号闸 二号闸 三号渠"),
        ("kind=hotline&category=water.irrigation.canal", "一号闸 二号闸 三号渠"),
        ("kind=hotline&category=water.irrigation.canal.gate", "一号闸 二号闸"),
        ("kind=hotline&category=water.irrigation.canal.gate.rope", "一号闸"),
        ("kind=hotline&category=water.irrigation.canal.gate.screw", ""),
        ("category=lamp", "五号杆"),
        ("kind=hotline&category=water&q=%E5%8F%B7", "一号闸 二号闸 三号渠 四号楼"),
        ("kind=hotline&category=water.irrigation.canal.gate&q=%E5%8F%B7", "一号闸 二号闸"),
        ("kind=hotline&category=no.such.code", ""),
        ("kind=hotline&category=%22%27%5B", ""),
        // Left over from another kind: the list is of the kind that is asked for now.
        ("kind=hotline&category=subsidy", all),
    ] {
        let page = desk.get(&format!("/desk/matters?{query}")).await.is(200);
        let found: Vec<&str> = found.split_whitespace().collect();
        for (_, words) in ORDERS {
            assert_eq!(page.has(words), found.contains(&words), "{query}: {words}");
        }
    }
    let page = desk.get("/desk/matters?kind=hotline&category=water.irrigation.canal.gate").await.is(200);
    page.says(&["供水 / 农业灌溉 / 渠道机井损坏 / 闸门", "农业灌溉 / 渠道机井损坏 / 闸门（全部）"]);
    assert!(page.has("value=\"water.irrigation.canal.gate\" selected"), "the filter stays chosen");
    let none = desk.get("/desk/matters").await.is(200);
    assert!(!none.has("name=\"category\""), "a category is of a kind");
}

#[tokio::test]
async fn forms_and_orders_show_the_whole_path_and_the_nearest_limit() {
    let house = House::open().await;
    let mut desk = house.signed_in("county.dispatcher", COUNTY).await;
    let form = desk.get("/desk/intake/hotline").await.is(200);
    form.says(&["农业灌溉 / 渠道机井损坏 / 闸门 / 钢绳断了", "农业灌溉 / 渠道机井损坏（不再细分）"]);
    assert!(form.has("value=\"water.irrigation.canal\""), "what could be chosen before still can");
    assert!(!form.has("value=\"water.irrigation\""), "what only groups others cannot");
    for (category, days) in [(ROPE, 1), ("water.irrigation.canal.gate", 3), ("lamp.urban.pole", 5)] {
        let id = order(&house, category, "等着用水").await;
        let page = format!("/desk/matters/{id}");
        desk.send(&page, &format!("{page}/moves/dispatch"), &[]).await.is(303);
        let account = house.account("county.dispatcher", COUNTY);
        let matter = house.app.find_matter(account, id).await.expect("a matter");
        let clock = matter.clocks.iter().find(|c| c.id == "handle").expect("a clock");
        assert_eq!(clock.limit, Some(Limit::WorkingDays(days)), "{category}");
    }
    let id = order(&house, "water.irrigation.canal.gate.screw", "丝杠弯了").await;
    desk.get(&format!("/desk/matters/{id}")).await.is(200).says(&["供水 / 农业灌溉 / 渠道机井损坏 / 闸门 / 丝杠弯了"]);
}
