//! A number of the hub opens to that many: its link bears what it was counted by, the list says the number again, and a
//! table counts one thing under one heading.

use crate::support::reporting::{COUNTY, leader, order, report, some};
use crate::support::{House, VILLAGE, morning};
use xiangyue_domain::day::Time;

const DAY: i64 = 86_400_000;

#[tokio::test]
async fn under_a_tab_what_is_in_hand_is_of_its_kinds() {
    let house = House::open().await;
    some(&house).await;
    order(&house, "test/order", &[]).await;
    let mut leader = leader(&house).await;
    let in_hand = |group: &str| format!("/hub?group={group}");
    let hotline = leader.get(&in_hand("0")).await.is(200);
    hotline.says(&["目前在办", "目前超时"]);
    let list = |page: &crate::support::Sheet, kind: &str| {
        let all = page.all("href");
        let found = all.iter().find(|h| h.starts_with("/desk/matters?") && h.contains(kind) && !h.contains("from="));
        found.unwrap_or_else(|| panic!("{kind}: {all:?}")).clone()
    };
    let to = list(&hotline, "kind=hotline&status=active");
    leader.get(&to).await.is(200).says(&["共1件", "12345热线诉求 ×"]);
    // Grid events, reports and disputes are counted together and open together.
    let several = leader.get(&in_hand("2")).await.is(200);
    several.says(&["目前在办"]);
    let to = list(&several, "kind=dispute%2Cgrid_event%2Creport");
    let page = leader.get(&to).await.is(200);
    assert!(!page.has("井盖松动"), "an order of the hotline is not of this tab");
    let all = leader.get(&in_hand("all")).await.is(200);
    all.says(&["全部事项在办", "全部事项超时"]);
    assert!(!all.has("目前在办 "), "no heading says less than it counts");
    leader.get("/hub/wall").await.is(200).says(&["全部事项在办", "全部事项超时"]);
}

#[tokio::test]
async fn a_number_opens_to_that_many() {
    let house = House::open().await;
    some(&house).await;
    for n in 100..142 {
        report(&house, VILLAGE, n).await;
    }
    order(&house, "test/order", &[]).await;
    let mut leader = leader(&house).await;
    let hub = leader.get("/hub").await.is(200);
    let all = hub.all("href").into_iter().find(|h| h.starts_with("/desk/matters?counted=") && !h.contains("limit="));
    let all = all.expect("what is in hand");
    let n: i64 =
        all.split("counted=").nth(1).and_then(|t| t.split('&').next()).and_then(|n| n.parse().ok()).expect("n");
    let page = leader.get(&all).await.is(200);
    page.says(&[&format!("总览上数得{n}件，以下为前40件")]);
    let next = page.all("href").into_iter().find(|h| h.contains("after=")).expect("a next page");
    leader.get(&next).await.is(200).says(&[&format!("总览上数得{n}件，本页{}件", n - 40)]);
    // Another filter is another list, and the number goes.
    assert!(!leader.get("/desk/matters?status=active&kind=visit").await.is(200).has("以下为前"));
    house.at(Time(morning().0 + 65 * DAY)).await;
    let mut leader = crate::support::reporting::leader(&house).await;
    let hub = leader.get("/hub").await.is(200);
    let warned: Vec<String> = hub.all("href").into_iter().filter(|h| h.contains("holder=")).collect();
    assert!(warned.iter().any(|h| h.contains("holder=county.dispatcher%40")), "{warned:?}");
    for link in &warned {
        let page = leader.get(link).await.is(200);
        let n: usize =
            link.split("counted=").nth(1).and_then(|t| t.split('&').next()).and_then(|n| n.parse().ok()).expect("n");
        let said = if n > 40 { format!("总览上数得{n}件，以下为前40件") } else { format!("共{n}件") };
        page.says(&[&said]);
    }
    assert!(leader.get("/desk/matters?holder=nobody&status=active").await.is(200).has("未派单"));
}

#[tokio::test]
async fn what_administrators_do_is_said_to_them_alone() {
    let house = House::open().await;
    house.at(Time(morning().0 + 50 * DAY)).await;
    let mut admin = house.signed_in("county.admin", COUNTY).await;
    admin.get("/hub").await.is(200).says(&["2027年的放假安排还没有录入"]);
    let mut leader = leader(&house).await;
    for page in ["/hub", "/hub/duties"] {
        let page = leader.get(page).await.is(200);
        assert!(!page.has("放假安排") && !page.has("holidays.csv"));
    }
    let figure = leader.get("/hub/figures/report.accepted").await.is(200);
    figure.says(&["口径版本"]);
    assert!(!figure.has("策略包"));
}
