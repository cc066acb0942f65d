//! The township's sheet of accounts as its accountant meets it: a wrong cell is told at its cell and nothing is taken; a
//! sound one is looked at, taken and said; a second one of the same month brings rows and public words up to date.

use crate::support::{House, Part, Sheet, VILLAGE, Visitor};

const TOWN: &str = "991101100000";
const PAGE: &str = "/desk/disclosure/accounts";
const HEAD: &str = "上塬镇代管账十月,,,,,\n村,摘要,收入,支出,经手人,凭证号\n";
const ROWS: &str = "东坡村,机动地租金,3000,,王甲一,记001\n东坡村,垃圾清运费,,860.50,王甲一,记002\n西坡村,仓库租金,1200,,李乙二,记003\n";

/// Sends a sheet for October to be looked at.
async fn look(town: &mut Visitor, text: &str) -> Sheet {
    let fields = [Part::Field("item", "finance.month"), Part::Field("period", "2026-10")];
    let [item, period] = fields;
    town.upload(PAGE, &[item, period, Part::File("file", "账.csv", text.as_bytes())]).await
}

/// Presses the button below a sheet that was looked at: its rows come back with the form.
async fn take(town: &mut Visitor, looked: &Sheet) -> Sheet {
    let rows = looked.between("<textarea name=\"rows\" hidden>", "</textarea>").expect("rows that were looked at");
    let rows = rows.replace("&quot;", "\"");
    let fields = [Part::Field("item", "finance.month"), Part::Field("period", "2026-10"), Part::Field("rows", &rows)];
    town.upload(&format!("{PAGE}/take"), &fields).await
}

/// The village's draft as its clerk sees it.
async fn draft(house: &House) -> Sheet {
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let desk = clerk.get("/desk/disclosure").await.is(200);
    let id = desk.between("/desk/matters/", "\"").expect("a draft");
    clerk.get(&format!("/desk/matters/{id}")).await.is(200)
}

#[tokio::test]
async fn a_wrong_cell_is_told_at_its_cell() {
    let house = House::open().await;
    let mut town = house.signed_in("town.accountant", TOWN).await;
    town.get(PAGE).await.is(200).says(&["导入代管账", "2026-10", "村 · 摘要"]);
    let wrong = format!("{HEAD}{ROWS}").replace("860.50,王甲一,记002", "八百,王甲一,").replace("西坡村", "没有的村");
    let page = look(&mut town, &wrong).await.is(422);
    page.says(&["D4", "F4", "A5", "八百", "没有的村", "3 处"]);
    assert!(!page.has("name=\"rows\""), "nothing of it may be taken");
    let sent = [Part::Field("item", "finance.month"), Part::Field("period", "2026-10"), Part::Field("rows", &wrong)];
    town.upload(&format!("{PAGE}/take"), &sent).await.is(422).says(&["D4"]);
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    assert!(!clerk.get("/desk/disclosure").await.is(200).has("/desk/matters/"), "no draft was begun");
    // What is no sheet is refused with the words of every import, and whoever keeps no books has no such page.
    look(&mut town, "PK\u{3}\u{4}junk").await.is(422).says(&["文件坏了"]);
    let none = [Part::Field("item", "finance.month"), Part::Field("period", "2026-10")];
    town.upload(PAGE, &none).await.is(422).says(&["请选一个表格文件"]);
    clerk.get(PAGE).await.is(404);
}

#[tokio::test]
async fn a_second_sheet_renews_the_words_beside_the_rows() {
    let house = House::open().await;
    let mut town = house.signed_in("town.accountant", TOWN).await;
    // The clerk's desk speaks English; what villagers will read does not.
    town.set_cookie("xy_lang", "en");
    let looked = look(&mut town, &format!("{HEAD}{ROWS}")).await.is(200);
    looked.says(&["A new draft", "2 rows"]);
    let taken = take(&mut town, &looked).await;
    let said = town.follow(taken).await.is(200);
    said.says(&["Filled for 2 villages"]);
    let first = draft(&house).await;
    first.says(&["2026年10月收支明细由乡镇代管账抄出，共2笔：", "收入3000元", "支出860.50元"]);
    town.set_cookie("xy_lang", "zh-CN");
    let more = format!("{HEAD}{ROWS}东坡村,路灯电费,,139.50,王甲一,记004\n");
    let looked = look(&mut town, &more).await.is(200);
    looked.says(&["原来的明细和公开内容换掉"]);
    let taken = take(&mut town, &looked).await;
    town.follow(taken).await.is(200).says(&["已填好 2 个村"]);
    let second = draft(&house).await;
    second.says(&["共3笔：", "支出1000元"]);
}
