//! Lists: a villager scans an item and sees its flow, staff begin a matter from it, two versions are compared, and a
//! workbook goes out and is read back with its faults at their cells.

use crate::support::{House, Part, YANCHI, morning};
use xiangyue_web::WebOptions;

const JIYUAN: &str = "../../packs/jiyuan";
/// The first village of the pack.
const VILLAGE: &str = "419001100201";

#[tokio::test]
async fn lists_from_the_wall_to_the_desk() {
    let house = House::of(JIYUAN, WebOptions::default()).await;
    let mut villager = house.villager();
    villager.get(&format!("/v/{VILLAGE}")).await.is(200).says(&[&format!("/v/{VILLAGE}/lists")]);
    let page = villager.get(&format!("/v/{VILLAGE}/lists")).await.is(200);
    page.says(&["小微权力事项清单", "88条", "负面清单", "30条", "责任清单", "样例"]);
    let found = villager.get(&format!("/v/{VILLAGE}/lists?q=%E5%AE%85%E5%9F%BA%E5%9C%B0")).await.is(200);
    assert!(found.has("新申请宅基地") && !found.has("日常办公支出"));
    villager.get(&format!("/v/{VILLAGE}/lists?q=zzzz")).await.is(200).says(&["没有找到"]);
    let item = villager.get(&format!("/v/{VILLAGE}/lists/power-items/p5.01")).await.is(200);
    item.says(&["新申请宅基地", "<svg class=\"flow\"", "小组讨论", "满7天后才能进入下一步", "村民代表会议"]);
    item.says(&["/desk/intake/homestead?item=p5.01", "/power-items/p5.01/qr"]);
    let code = villager.get(&format!("/v/{VILLAGE}/lists/power-items/p5.01/qr")).await.is(200);
    assert_eq!(code.header("content-type"), "image/svg+xml");
    for lost in ["power-items/p9.99", "no-list/p5.01", "points-rules/p5.01", "power-items/class.1"] {
        villager.get(&format!("/v/{VILLAGE}/lists/{lost}")).await.is(404);
        villager.get(&format!("/v/{VILLAGE}/lists/{lost}/qr")).await.is(404);
    }
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    clerk.get("/desk/lists").await.is(200).says(&["小微权力事项清单", "8类88条", "2026-01-01"]);
    clerk.get("/desk/lists/power-items").await.is(200).says(&["p5.01", "登记办理"]);
    clerk.get("/desk/lists/no-list").await.is(404);
    // The form comes with the item, and offers none that belongs to another flow.
    let form = clerk.get("/desk/intake/homestead?item=p5.01").await.is(200);
    assert!(form.has("新申请宅基地") && !form.has("最低生活保障申请"));
    let once = form.hidden("once");
    let place = form.between("name=\"place\"", "</select>").unwrap_or_default();
    let place = place.split("value=\"").find_map(|v| v.split('"').next().filter(|v| v.parse::<i64>().is_ok()));
    let place = place.map(str::to_owned).unwrap_or_else(|| form.hidden("place"));
    let mut fields = vec![
        ("item", "p5.01"),
        ("reporter_name", "试甲"),
        ("spot", "村南头"),
        ("area", "120"),
        ("words", "分户建房"),
        ("place", place.as_str()),
        ("channel", "counter"),
        ("once", once.as_str()),
    ];
    let made = clerk.post("/desk/intake/homestead", &fields).await.is(303);
    let matter = clerk.get(made.to()).await.is(200);
    matter.says(&["流程图", "chart=1#chart", "新申请宅基地"]);
    assert!(!matter.has("<svg class=\"flow\""), "it is drawn when it is asked for");
    let drawn = clerk.get(&format!("{}?chart=1", made.to().split('?').next().unwrap_or_default())).await.is(200);
    drawn.says(&["<svg class=\"flow\"", "flow-now", "现在在这里"]);
    // An item of another flow is refused, however it was sent.
    fields[0] = ("item", "p6.01");
    fields[7] = ("checked", "on");
    clerk.post("/desk/intake/homestead", &fields).await.is(422);
}

#[tokio::test]
async fn versions_are_compared_and_a_workbook_is_read_back() {
    let house = House::of(JIYUAN, WebOptions::default()).await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let page = clerk.get("/desk/lists/power-items/changes").await.is(200);
    page.says(&["新增2条，取消1条，改动3条", "收入情况证明", "清单、两家以上报价", "村级15个工作日"]);
    let same = clerk.get("/desk/lists/power-items/changes?old=2026-01-01&new=2026-01-01").await.is(200);
    same.says(&["两版一样"]);
    clerk.get("/desk/lists/negative-items/changes").await.is(404);
    let book = clerk.get("/desk/lists/power-items/xlsx").await.is(200);
    assert!(book.header("content-type").contains("spreadsheetml"));
    let mut admin = house.signed_in("county.admin", "419001000000").await;
    let back = |bytes: &[u8]| bytes.to_vec();
    let read = back(&book.bytes);
    let preview = "/desk/lists/power-items/preview";
    let good = admin.upload(preview, &[Part::File("file", "清单.xlsx", &read)]).await.is(200);
    good.says(&["两版一样", "生成清单文件"]);
    let file = admin.upload("/desk/lists/power-items/csv", &[Part::File("file", "清单.xlsx", &read)]).await.is(200);
    assert_eq!(file.text.lines().count(), 89);
    let text = "类别,编号,事项,依据,流程\n重大决策,p1.01,村庄规划,,四议两公开\n重大决策,p1.01,又一次,依据,没有的流程\n";
    let bad = admin.upload(preview, &[Part::File("file", "清单.csv", text.as_bytes())]).await.is(422);
    bad.says(&["D2", "B3", "编号重复", "E3", "流程不认识"]);
    admin.upload("/desk/lists/power-items/csv", &[Part::File("file", "清单.csv", text.as_bytes())]).await.is(400);
    admin.upload(preview, &[Part::File("file", "x.xlsx", b"PK\x03\x04junk")]).await.is(422);
    admin.upload(preview, &[Part::Field("a", "b")]).await.is(422).says(&["没有选文件"]);
    let mut supervisor = house.signed_in("village.supervisor", VILLAGE).await;
    supervisor.upload(preview, &[Part::File("file", "清单.xlsx", &read)]).await.is(403);
}

#[tokio::test]
async fn a_list_that_goes_out_and_comes_back_has_lost_nothing() {
    let house = House::of(YANCHI, WebOptions::default()).await;
    let county = house.app.directory().tree.of_level(xiangyue_domain::policy::Level::County, morning().day())[0];
    let code = house.app.directory().tree.code(county, morning().day()).to_owned();
    let mut admin = house.signed_in("county.admin", &code).await;
    let url = "/desk/lists/power-items";
    admin.get(url).await.is(200).says(&["/preview"]);
    let book = admin.get(&format!("{url}/xlsx")).await.is(200);
    let part = [Part::File("file", "清单.xlsx", &book.bytes)];
    admin.upload(&format!("{url}/preview"), &part).await.is(200).says(&["两版一样"]);
    let file = admin.upload(&format!("{url}/csv"), &part).await.is(200);
    file.says(&["class_en", "name_en", "Spending of collective money", "Works and purchases"]);
    // Names in English are not lost by a file that has no column for them, and a change of one is told.
    let kind = "motion";
    let old = format!("类别,编号,事项,依据,流程\n财务管理,p02,村集体资金支出,《村集体经济组织财务制度》,{kind}\n");
    let csv = admin.upload(&format!("{url}/csv"), &[Part::File("file", "旧.csv", old.as_bytes())]).await.is(200);
    csv.says(&["Spending of collective money"]);
    let new = format!("类别,编号,事项,英文名称,依据,流程\n财务管理,p02,村集体资金支出,Spendings,依据,{kind}\n");
    let told = admin.upload(&format!("{url}/preview"), &[Part::File("file", "新.csv", new.as_bytes())]).await.is(200);
    told.says(&["英文名称", "Spendings"]);
    let long = format!("类别,编号,事项,依据,流程\n{}", "财务管理,p02,支出,依据,\n".repeat(2_000));
    let refused =
        admin.upload(&format!("{url}/preview"), &[Part::File("file", "长.csv", long.as_bytes())]).await.is(422);
    refused.says(&["超过2000行"]);
    // What went out with the headings of one language is read at a desk that speaks another, either way round.
    admin.get("/lang/en").await;
    let english = admin.get(&format!("{url}/xlsx")).await.is(200);
    assert_ne!(english.bytes, book.bytes);
    admin.upload(&format!("{url}/preview"), &part).await.is(200).says(&["Both versions say the same"]);
    let lost = "class,owner\na,b\n";
    let lost = admin.upload(&format!("{url}/preview"), &[Part::File("file", "a.csv", lost.as_bytes())]).await.is(422);
    lost.says(&["No., Item"]);
    admin.get("/lang/zh-CN").await;
    let part = [Part::File("file", "list.xlsx", &english.bytes)];
    admin.upload(&format!("{url}/preview"), &part).await.is(200).says(&["两版一样"]);
    // Whoever may not send one in sees no form for it.
    let town = house.app.directory().tree.of_level(xiangyue_domain::policy::Level::Village, morning().day())[0];
    let code = house.app.directory().tree.code(town, morning().day()).to_owned();
    let mut supervisor = house.signed_in("village.supervisor", &code).await;
    assert!(!supervisor.get(url).await.is(200).has("/preview"));
}
