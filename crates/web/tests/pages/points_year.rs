//! The pages of a points year: a notice hangs before a clearing, honours are asked for by the right post, consents are off
//! until the pack says so, and many households come page by page.

use crate::support::{House, SIBLING, VILLAGE};
use xiangyue_domain::day::Day;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::HouseholdId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::register::{Household, RegisterEvent};

async fn households(house: &House, n: i64) {
    let place = house.app.directory().tree.by_code(VILLAGE, house.app.now().day()).expect("a village").id;
    let home = |i: i64| Household { id: HouseholdId(7_000_000 + i), number: format!("H{i:04}"), region: place };
    let event = Event::Register(RegisterEvent::HouseholdsAdded { households: (1..=n).map(home).collect() });
    let decide = move |_: &mut xiangyue_app::Ids, _: &_, _: &_| Ok(vec![event]);
    let command = xiangyue_app::Command::Register(Box::new(decide));
    house.app.send(Who::System, None, command, xiangyue_app::Beside::default()).await.expect("entered");
}

#[tokio::test]
async fn a_notice_hangs_in_public_before_anything_is_cleared() {
    let house = House::open().await;
    households(&house, 1).await;
    let path = "/desk/points/year";
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    let page = secretary.get(&format!("{path}?place={VILLAGE}")).await.is(200);
    assert!(page.has("还没有公告") && page.has("还没有列名单"));
    let deed =
        |deed: &'static str| [("village", VILLAGE), ("deed", deed), ("clearing", "year"), ("up_to", "2026-12-31")];
    let early = secretary.post(path, &deed("clear")).await.is(422);
    assert!(early.has("本村积分管理办法"), "the refusal names its basis");
    secretary.post(path, &deed("notice")).await.is(303);
    assert!(house.villager().get(&format!("/v/{VILLAGE}/points")).await.is(200).has("清零公告"));
    assert!(secretary.post(path, &deed("clear")).await.is(422).has("期满"));
    house.at(Day::ymd(2027, 1, 4).expect("a day").at_minute(600)).await;
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    secretary.post(path, &deed("clear")).await.is(303);
    let draw = [("village", VILLAGE), ("deed", "draw"), ("honour", "civil"), ("year", "2026")];
    secretary.post(path, &draw).await.is(303);
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    assert!(clerk.post(path, &draw).await.is(422).has("村书记"), "who may is said");
    let mut far = house.signed_in("village.secretary", SIBLING).await;
    far.post(path, &draw).await.is(404);
    for junk in [("year", "x"), ("deed", "nothing"), ("honour", "no"), ("village", "1")] {
        let mut fields = draw.to_vec();
        fields.retain(|(k, _)| *k != junk.0);
        fields.push(junk);
        let status = secretary.post(path, &fields).await.status.as_u16();
        assert!((400..500).contains(&status), "{junk:?}: {status}");
    }
}

#[tokio::test]
async fn consents_are_off_until_the_pack_says_so() {
    let house = House::open().await;
    households(&house, 1).await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let page = clerk.get(&format!("/desk/points/consents?place={VILLAGE}&home=H0001")).await.is(200);
    assert!(page.has("没有开通积分贷"));
    let fields = [("village", VILLAGE), ("deed", "withdraw"), ("home", "H0001"), ("party", "5")];
    clerk.post("/desk/points/consents", &fields).await.is(422);
    clerk.post("/desk/points/consents", &[("village", SIBLING), ("deed", "give")]).await.is(404);
}

#[tokio::test]
async fn many_households_come_page_by_page() {
    let house = House::open().await;
    households(&house, 650).await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let mut path = format!("/desk/points?place={VILLAGE}");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let page = clerk.get(&path).await.is(200);
        assert!(page.has("650"));
        seen.extend((1..=650).filter(|i| page.has(&format!(">H{i:04}<"))));
        path = page.between("href=\"/desk/points?place=", "\"").map_or_else(String::new, |rest| {
            format!("/desk/points?place={}", rest.replace("&amp;", "&").replace("&#x3d;", "=").replace("&#x25;", "%"))
        });
        if path.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 650);
    let from = clerk.get(&format!("/desk/points?place={VILLAGE}&from=H0640")).await.is(200);
    assert!(from.has(">H0640<") && !from.has(">H0639<"));
    let covers = clerk.get(&format!("/desk/points/passbooks?place={VILLAGE}")).await.is(200);
    assert!(covers.has("H0060") && !covers.has("H0061") && covers.has("下一页"));
}

#[tokio::test]
async fn the_rules_are_there_for_everybody_to_read() {
    let house = House::open().await;
    let mut villager = house.villager();
    assert!(villager.get(&format!("/v/{VILLAGE}/points")).await.is(200).has("积分办法"));
    let page = villager.get(&format!("/v/{VILLAGE}/points/rules")).await.is(200);
    page.says(&["房前屋后干净整齐", "每月最多8分", "要照片", "村民会议决议", "2018-01-01起"]);
    villager.get("/v/000000000000/points/rules").await.is(404);
}
