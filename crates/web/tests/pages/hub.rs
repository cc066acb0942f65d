//! Figures for leaders: everyone sees those of their own places and no others, every number opens to its records, what
//! a reader may not see is counted and not shown, and the report says the same numbers.

use crate::support::reporting::{COUNTY, leader, order, some, with_report};
use crate::support::{ELSEWHERE, House, SIBLING, VILLAGE, morning};
use xiangyue_domain::day::Time;

const TOWN: &str = "991101100000";
const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn a_leader_reads_the_morning_line_and_goes_down_to_the_grid() {
    let house = House::open().await;
    some(&house).await;
    house.at(Time(morning().0 + 24 * HOUR)).await;
    let mut leader = leader(&house).await;
    let hub = leader.get("/hub").await.is(200);
    assert!(hub.words().contains("昨日受理 4件 ，办结"), "{}", hub.words());
    hub.says(&["高塬县乡村治理", "各苏木", "上塬镇", "下塬乡", "示意图"]);
    leader.set_cookie("xy_lang", "en");
    let english = leader.get("/hub").await.is(200).words();
    assert!(english.contains("taken in 4 cases , closed"), "{english}");
    leader.set_cookie("xy_lang", "zh-CN");
    for link in [
        "/hub/figures/case.accepted?period=yesterday",
        "/desk/matters?limit=over&status=active",
        "/hub?region=991101100000",
    ] {
        assert!(hub.all("href").iter().any(|h| h.starts_with(link)), "{link}");
    }
    let town = leader.get(&format!("/hub?region={TOWN}")).await.is(200);
    town.says(&["各嘎查", "东坡村", "西坡村"]);
    let village = leader.get(&format!("/hub?region={VILLAGE}")).await.is(200);
    village.says(&["各网格", "东坡村第1网格"]);
    leader.get("/hub?region=9911011002001001").await.is(200).says(&["东坡村第1网格"]);
}

#[tokio::test]
async fn nobody_sees_figures_beyond_their_own_places() {
    let house = House::open().await;
    some(&house).await;
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    let own = secretary.get("/hub").await.is(200);
    own.says(&["东坡村乡村治理"]);
    assert!(!own.has("西坡村") && !own.has("下塬乡"), "only the own village stands on the page");
    for code in [SIBLING, ELSEWHERE, TOWN, COUNTY] {
        for page in ["/hub", "/hub/wall", "/hub/figures/report.accepted", "/hub/figures/report.accepted/xlsx"] {
            let refused = secretary.get(&format!("{page}?region={code}")).await.is(403);
            assert!(!refused.has("盏路灯"), "{page} {code}");
        }
    }
    secretary.get("/hub?region=999999999999").await.is(404);
    secretary.get("/hub/figures/no.such").await.is(404);
    // A village makes no reports; a grid worker sees no figures at all.
    secretary.get("/hub/report").await.is(403);
    secretary.get("/hub/report/json").await.is(403);
    let mut worker = house.signed_in("grid.worker", "9911011002001001").await;
    for page in ["/hub", "/hub/wall", "/hub/report", "/hub/figures/report.accepted"] {
        worker.get(page).await.is(403);
    }
    assert!(house.villager().get("/hub").await.to().starts_with("/sign-in"));
}

#[tokio::test]
async fn a_figure_opens_to_its_records() {
    let house = House::open().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    let page = leader.get(&format!("/hub/figures/report.accepted?region={TOWN}")).await.is(200);
    page.says(&["群众反映受理", "上塬镇", "4条记录", "20261103-0001", "第0盏路灯不亮", "东坡村", "西坡村", "按受理计"]);
    assert!(page.words().contains("东坡村 3 上年同期为0"), "{}", page.words());
    let rate = leader.get("/hub/figures/report.close_rate?part=below").await.is(200);
    rate.says(&["群众反映办结率", "0 / 4", "分母不足30", "第2盏路灯不亮"]);
    // Days without anything compare with nothing and list nothing.
    let empty = leader.get("/hub/figures/report.close_rate?from=2026-01-01&to=2026-01-31").await.is(200);
    empty.says(&["—", "没有记录"]);
    // One category with all that lies below it.
    let lamps = leader.get("/hub/figures/report.accepted?category=lamp").await.is(200);
    lamps.says(&["群众反映受理 · 路灯", "4条记录"]);
    leader.get("/hub/figures/report.accepted?category=road").await.is(200).says(&["没有记录"]);
}

#[tokio::test]
async fn what_a_reader_may_not_see_is_counted_and_not_shown() {
    let house = House::open().await;
    some(&house).await;
    // The head of a department sees the county's figures, and of the records only those of the department.
    let seat = house.app.directory().orgs.values().next().map(|o| o.unit.clone()).expect("a unit");
    let mut head = house.signed_in("unit.head", &seat).await;
    let page = head.get("/hub/figures/report.accepted").await.is(200);
    page.says(&["4条记录", "4条您无权查看"]);
    assert!(!page.has("盏路灯"), "no record of others stands on the page");
}

#[tokio::test]
async fn a_spreadsheet_needs_the_right_to_export() {
    let house = House::open().await;
    some(&house).await;
    let sheet = leader(&house).await.get("/hub/figures/report.accepted/xlsx").await.is(200);
    assert!(sheet.header("content-type").contains("spreadsheetml") && sheet.bytes.starts_with(b"PK"));
    assert!(sheet.header("content-disposition").contains("filename*=UTF-8''"));
    let mut auditor = house.signed_in("county.auditor", COUNTY).await;
    auditor.get("/hub/figures/report.accepted/xlsx").await.is(403);
    let page = auditor.get("/hub/figures/report.accepted").await.is(200);
    assert!(!page.has("/xlsx"), "no button that leads to a refusal");
}

#[tokio::test]
async fn periods_and_comparisons_stay_in_the_address() {
    let house = House::open().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    let page = leader.get("/hub?period=month&compare=mom&group=1").await.is(200);
    page.says(&["环比", "10月26日", "群众反映"]);
    let links = page.all("href");
    let kept = |start: &str| {
        links.iter().any(|h| h.starts_with(start) && h.contains("compare=mom") && h.contains("period=month"))
    };
    assert!(kept("/hub/figures/report.accepted?") && kept("/hub?"), "{links:?}");
    let custom = leader.get("/hub?from=2026-11-03&to=2026-11-01&region=").await.is(200);
    custom.says(&["2026年11月1日至11月3日"]);
    for odd in
        ["/hub?period=%00&from=x&to=9999-99-99&group=-1&trend=%22", "/hub/figures/report.accepted?page=-5&part=%27"]
    {
        leader.get(odd).await.is(200);
    }
    let nothing = leader.get("/hub?period=yesterday").await.is(200);
    assert!(!nothing.has("NaN") && !nothing.has("inf"));
}

#[tokio::test]
async fn the_wall_has_no_controls_and_refreshes_by_itself() {
    let house = House::open().await;
    some(&house).await;
    let wall = leader(&house).await.get("/hub/wall").await.is(200);
    wall.says(&["高塬县乡村治理", "http-equiv=\"refresh\"", "限期内在办", "超时", "上塬镇", "周二"]);
    assert!(!wall.has("<form") && !wall.has("<button"), "nothing to press");
}

#[tokio::test]
async fn figures_are_said_in_english_as_well() {
    let house = House::open().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    leader.set_cookie("xy_lang", "en");
    leader.get("/hub").await.is(200).says(&["Year on year", "Overdue", "Schematic"]);
    leader.get("/hub/figures/report.close_rate").await.is(200).says(&["Close rate of reports", "By intake"]);
}

#[tokio::test]
async fn the_report_says_the_numbers_of_the_screen() {
    let (house, _pack) = with_report().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    let page = leader.get("/hub/report").await.is(200);
    page.says(&[
        "高塬县群众反映办理情况",
        "旗政府：",
        "一、总体情况",
        "上年同期为0",
        "fig-report.accepted",
        "最早一条",
    ]);
    // One click on the figure, one on this.
    let oldest = page.all("href").into_iter().find(|h| h.contains("/report.accepted/oldest")).expect("a way");
    let matter = leader.get(&oldest).await;
    leader.follow(matter).await.is(200).says(&["20261103-0001"]);
    let none = leader.get("/hub/figures/report.accepted/oldest?from=2026-01-01&to=2026-01-02").await;
    leader.follow(none).await.is(200).says(&["没有记录"]);
    leader.get("/hub/figures/no.such/oldest").await.is(404);
    assert!(page.words().contains("受理 4 件"), "{}", page.words());
    page.says(&["各苏木主要指标", "事项来源", "上塬镇"]);
    // A town's own report holds the town's own numbers.
    let mut dispatcher = house.signed_in("town.dispatcher", "991101101000").await;
    let town = dispatcher.get("/hub/report").await.is(200);
    town.says(&["下塬乡群众反映办理情况"]);
    assert!(town.words().contains("受理 0 件"), "{}", town.words());
    dispatcher.get(&format!("/hub/report?region={COUNTY}")).await.is(403);
    dispatcher.get(&format!("/hub/report/docx?region={TOWN}")).await.is(403);
    leader.get("/hub/report?template=none").await.is(404);
}

#[tokio::test]
async fn the_report_is_taken_along_in_every_format() {
    let (house, _pack) = with_report().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    for (format, media, start) in [
        ("docx", "wordprocessingml", &b"PK"[..]),
        ("xlsx", "spreadsheetml", b"PK"),
        ("md", "text/markdown", "# 高塬县".as_bytes()),
        ("html", "text/html", b"<!doctype html>"),
        ("json", "application/json", b"["),
    ] {
        let file = leader.get(&format!("/hub/report/{format}")).await.is(200);
        assert!(file.header("content-type").contains(media), "{format}");
        assert!(file.bytes.starts_with(start), "{format}");
        assert!(file.header("content-disposition").starts_with("attachment"), "{format}");
    }
    leader.get("/hub/report/exe").await.is(404);
    let json = leader.get("/hub/report/json").await.is(200);
    json.says(&["\"indicator\":\"report.accepted\"", "\"value\":4,", "\"records\":4,", "\"region\":\"991101000000\""]);
}

#[tokio::test]
async fn a_sealed_count_is_seen_at_its_own_level_alone() {
    let (house, _pack) = with_report().await;
    let mut leader = leader(&house).await;
    leader.get("/hub/figures/clue.count").await.is(200).says(&["线索", "不分到下级"]);
    leader.get(&format!("/hub/figures/clue.count?region={TOWN}")).await.is(403);
    let town = leader.get(&format!("/hub?region={TOWN}&group=1")).await.is(200);
    assert!(!town.has("clue.count"), "no link to what may not be seen");
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    secretary.get("/hub/figures/clue.count").await.is(403);
    secretary.get("/hub/figures/clue.count/xlsx").await.is(403);
}

#[tokio::test]
async fn a_leader_says_a_word_on_what_waits_longest_and_has_a_missed_duty_seen_to() {
    let house = House::open().await;
    let place = house.app.directory().tree.by_code(VILLAGE, morning().day()).expect("a village").id;
    let order = order(&house, "test/order", &[("words", "井盖松动")]).await.matter;
    let mut leader = leader(&house).await;
    let to = format!("/desk/matters/{order}?do=instruct#do-instruct");
    assert!(!leader.get("/hub").await.is(200).all("href").contains(&to), "it has time yet");
    house.at(Time(morning().0 + 65 * 24 * HOUR)).await;
    // Nobody stays signed in so long.
    let mut leader = self::leader(&house).await;
    let hub = leader.get("/hub").await.is(200);
    hub.says(&["待批示", "井盖松动", "在办的督办件", "/desk/matters?kind=supervision"]);
    assert!(hub.all("href").contains(&to));
    let page = leader.get(&to).await.is(200);
    let fields = [("once", page.hidden("once")), ("instruction", "三日内办结".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let sent = leader.post(&format!("/desk/matters/{order}/moves/instruct"), &fields).await;
    leader.follow(sent).await.is(200).says(&["三日内办结"]);
    assert!(!leader.get("/hub").await.is(200).all("href").contains(&to), "the word was said");
    // December's visits are missed in January, in every village: each may be made a task of its own.
    let duties = leader.get("/hub/duties").await.is(200);
    let tasks: Vec<String> = duties.all("href").into_iter().filter(|h| h.starts_with("/desk/intake/")).collect();
    assert!(tasks.iter().any(|t| t.contains(&format!("place={place}"))), "{tasks:?}");
    leader.get(&tasks[0]).await.is(200).says(&["没有做，请督促补办"]);
    assert!(leader.get("/hub").await.all("href").iter().any(|h| h.starts_with("/desk/intake/")));
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    assert!(!secretary.get("/hub/duties").await.is(200).all("href").iter().any(|h| h.starts_with("/desk/intake/")));
}
