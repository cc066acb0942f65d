//! Spreadsheets on the desk: upload, look, import, take the corrected file along; replies go out and are marked. What is
//! no spreadsheet, or too large, is refused on the page; nobody meets another's upload.

use crate::support::workbook::rows;
use crate::support::{House, Part, SIBLING, Sheet, VILLAGE, Visitor};

const COUNTY: &str = "991101000000";
const HEAD: &str = "工单编号,来电人,联系电话,诉求内容,诉求类别,事发地,紧急程度,办结时限";

/// Sends a file for a sheet; where it leads.
async fn upload(visitor: &mut Visitor, sheet: &str, name: &str, bytes: &[u8]) -> Sheet {
    let csrf = visitor.csrf.clone();
    let parts = [Part::Field("csrf", &csrf), Part::Field("sheet", sheet), Part::File("file", name, bytes)];
    visitor.upload("/desk/import", &parts).await
}

#[tokio::test]
async fn a_file_is_uploaded_looked_at_and_imported() {
    let house = House::open().await;
    let mut clerk = house.signed_in("county.dispatcher", COUNTY).await;
    clerk.get("/desk/import").await.is(200).says(&["市平台派单表", "下载空表", "工单编号"]);
    clerk.get("/desk").await.is(200).says(&["/desk/import"]);
    let text = format!(
        "市平台派单,,\n{HEAD}\nCS-1,钱甲,13800138000,停水,停水,上塬镇东坡村,特急,2026年11月9日\n\
         CS-2,钱乙,13800138001,停电,停电,没有的村,,3/5/2026\n"
    );
    let sent = upload(&mut clerk, "hotline-in", "派单.csv", text.as_bytes()).await;
    let at = sent.to().to_owned();
    let page = clerk.settled(&at).await;
    page.says(&["F4", "没有这个地方", "H4", "分不清年月日", "没有的村", "只导入无误的行（1 行）", "标好错处的表"]);
    let marked = clerk.get(&format!("{at}/corrected")).await.is(200);
    assert!(marked.header("content-type").contains("spreadsheetml"));
    let found = rows(&marked.bytes);
    assert_eq!(found[0][..3], ["原行号", "哪里不对", "工单编号"]);
    assert!(found[2][1].contains("F4 没有这个地方"), "{found:?}");
    // Without the word that only the sound rows are wanted, nothing happens.
    let refused = clerk.post(&format!("{at}/run"), &[]).await;
    assert_eq!(refused.status.as_u16(), 422);
    refused.says(&["有 1 行有错"]);
    clerk.post(&format!("{at}/run"), &[("only_good", "true")]).await.is(303);
    let done = clerk.settled(&at).await;
    done.says(&["共 2 行，新收 1 行", "/desk/matters/"]);
    clerk.get(&format!("{at}?show=bad")).await.is(200).says(&["没有这个地方"]);
    let matter = done.between("/desk/matters/", "\"").expect("a link");
    clerk.get(&format!("/desk/matters/{matter}")).await.is(200).says(&["CS-1", "停水"]);
    // The same file once more: every row is here already.
    let again = upload(&mut clerk, "hotline-in", "派单.csv", text.as_bytes()).await.to().to_owned();
    clerk.settled(&again).await.says(&["已收过的（1 行）"]);
    clerk.post(&format!("{again}/drop"), &[]).await.is(303);
    assert_eq!(clerk.get(&again).await.status.as_u16(), 404);
    let english = {
        let mut other = clerk.clone();
        other.set_cookie("xy_lang", "en");
        other.get(&at).await.is(200)
    };
    english.says(&["1 taken in", "Taken in"]);
}

#[tokio::test]
async fn columns_are_matched_on_the_page() {
    let house = House::open().await;
    let mut clerk = house.signed_in("county.dispatcher", COUNTY).await;
    let text = "号,话,类,哪儿\nX1,停水了,停水,上塬镇东坡村\n";
    let at = upload(&mut clerk, "hotline-in", "x.csv", text.as_bytes()).await.to().to_owned();
    let page = clerk.settled(&at).await;
    page.says(&["必有的栏目没有对上", "工单编号", "A 号", "栏目名在第几行"]);
    // The order of the sheet's columns: number, name, telephone, address, words, category, place.
    let fields = [("c0", "0"), ("c4", "1"), ("c5", "2"), ("c6", "3"), ("worksheet", "0"), ("head_row", "1")];
    clerk.post(&format!("{at}/match"), &fields).await.is(303);
    clerk.settled(&at).await.says(&["导入 1 行"]);
    for junk in [
        &[("c0", "99999999999999999999"), ("worksheet", "-1"), ("head_row", "x")][..],
        &[("c0", "250"), ("worksheet", "77"), ("head_row", "4000000000")],
    ] {
        clerk.post(&format!("{at}/match"), junk).await.is(303);
        let page = clerk.settled(&at).await;
        assert!(page.has("没有这个工作表") || page.has("没有内容") || page.has("必有的栏目"), "{}", page.words());
    }
}

#[tokio::test]
async fn what_is_no_spreadsheet_is_refused_on_the_page() {
    let house = House::open().await;
    let mut clerk = house.signed_in("county.dispatcher", COUNTY).await;
    let cases: [(&str, &[u8], &str); 6] = [
        ("old.xls", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1], "旧版 Excel"),
        ("x.png", b"\x89PNG\r\n\x1a\n\0\0", "不是 Excel"),
        ("x.xlsx", b"PK\x03\x04 broken", "文件坏了"),
        ("x.csv", b"\xef\xbb\xbf\xff\xfe\xff", "编码认不出来"),
        ("x.csv", b"\n\n\n", "没有内容"),
        ("../../../etc/passwd", b"root:x:0:0", "必有的栏目没有对上"),
    ];
    for (name, bytes, word) in cases {
        let at = upload(&mut clerk, "hotline-in", name, bytes).await.to().to_owned();
        let page = clerk.settled(&at).await;
        assert!(page.has(word), "{name}: {}", page.words());
        clerk.post(&format!("{at}/drop"), &[]).await.is(303);
    }
    let none = upload(&mut clerk, "hotline-in", "x.csv", b"").await;
    assert_eq!(none.status.as_u16(), 422);
    let other = upload(&mut clerk, "no-such-sheet", "x.csv", b"a,b\n").await;
    assert_eq!(other.status.as_u16(), 403);
    for mb in [21, 50] {
        let large = upload(&mut clerk, "hotline-in", "x.csv", &vec![b'a'; mb * 1024 * 1024]).await;
        assert_eq!(large.status.as_u16(), 413, "{mb} MB");
        large.says(&["最大20MB"]);
    }
    let plain = clerk.post("/desk/import", &[("sheet", "hotline-in")]).await;
    assert_eq!(plain.status.as_u16(), 400, "a form without a file part");
    let mut forged = clerk.clone();
    forged.csrf = "made-up".to_owned();
    assert_eq!(upload(&mut forged, "hotline-in", "x.csv", b"a").await.status.as_u16(), 403);
}

#[tokio::test]
async fn nobody_meets_anothers_upload() {
    let house = House::open().await;
    let mut clerk = house.signed_in("county.dispatcher", COUNTY).await;
    let text = format!("{HEAD}\nCS-1,钱甲,13800138000,停水,停水,上塬镇东坡村,,\n");
    let at = upload(&mut clerk, "hotline-in", "x.csv", text.as_bytes()).await.to().to_owned();
    clerk.settled(&at).await;
    for (post, seat) in [("county.admin", COUNTY), ("county.office", COUNTY), ("village.secretary", VILLAGE)] {
        let mut other = house.signed_in(post, seat).await;
        for path in ["", "/corrected"] {
            let page = other.get(&format!("{at}{path}")).await;
            assert!(page.status.as_u16() == 404 && !page.has("钱甲"), "{post} {path}: {}", page.status);
        }
        for path in ["/match", "/run", "/drop", "/links"] {
            assert_eq!(other.post(&format!("{at}{path}"), &[]).await.status.as_u16(), 404, "{post} {path}");
        }
    }
    let mut duty = house.signed_in("county.auditor", COUNTY).await;
    assert_eq!(duty.get("/desk/import").await.status.as_u16(), 403, "a post that can import nothing");
    assert!(!duty.get("/desk").await.is(200).has("/desk/import"), "and is not led there");
    assert_eq!(duty.get("/desk/import/blank/people").await.status.as_u16(), 404);
    clerk.get("/desk/import/blank/hotline-in").await.is(200);
}

#[tokio::test]
async fn new_staff_get_links_to_print() {
    let house = House::open().await;
    let mut admin = house.signed_in("county.admin", COUNTY).await;
    let text =
        "姓名,登录名,岗位,地方,单位\n钱甲,qian.jia,村文书,上塬镇东坡村,\n钱乙,qian.yi,承办单位经办人,,县水务局\n";
    let at = upload(&mut admin, "staff", "x.csv", text.as_bytes()).await.to().to_owned();
    admin.settled(&at).await.says(&["导入 2 行"]);
    admin.post(&format!("{at}/run"), &[]).await.is(303);
    admin.settled(&at).await.says(&["新收 2 行", "打印登录链接"]);
    let page = admin.post(&format!("{at}/links"), &[]).await.is(200);
    page.says(&["钱甲", "qian.yi", "/setup/", "data:image/svg+xml;base64,", "24小时"]);
    let token = page.between("/setup/", "<").expect("a link");
    house.villager().get(&format!("/setup/{token}")).await.is(200).says(&["qian.jia"]);
    assert!(!admin.settled(&at).await.has("/setup/"), "the links stand nowhere else");
}

#[tokio::test]
async fn replies_go_out_and_are_marked() {
    let house = House::open().await;
    let mut clerk = house.signed_in("county.dispatcher", COUNTY).await;
    let text = format!(
        "{HEAD}\nCS-1,钱甲,13800138000,停水,停水,上塬镇东坡村,,\nCS-2,钱乙,13800138001,停电,停电,下塬乡河湾村,,\n"
    );
    let at = upload(&mut clerk, "hotline-in", "x.csv", text.as_bytes()).await.to().to_owned();
    clerk.settled(&at).await;
    clerk.post(&format!("{at}/run"), &[]).await.is(303);
    let done = clerk.settled(&at).await;
    let first = done.between("/desk/matters/", "\"").expect("a link");
    let reply = [("reply", "=已修好"), ("once", "0123456789abcdef")];
    clerk.post(&format!("/desk/matters/{first}/moves/answer_directly"), &reply).await.is(303);
    // One click on the matter's page.
    let page = clerk.get(&format!("/desk/matters/{first}")).await.is(200);
    let one = page.between("href=\"/desk/matters/", "\"").into_iter().chain([format!("{first}/sheet/hotline-out")]);
    assert!(page.has("CS-1\t"), "the row to paste begins with the platform's number");
    assert!(one.last().is_some_and(|p| page.has(&format!("/desk/matters/{p}"))), "the button is there");
    let file = clerk.get(&format!("/desk/matters/{first}/sheet/hotline-out")).await.is(200);
    let found = rows(&file.bytes);
    assert_eq!((found.len(), found[1][0].as_str(), found[1][2].as_str()), (2, "CS-1", "=已修好"));
    // From the list, all that match, and marked in one go.
    clerk.get("/desk/matters?status=answered").await.is(200).says(&["/desk/export?status=answered"]);
    let ask = clerk.get("/desk/export?kind=hotline&status=answered").await.is(200);
    ask.says(&["市平台回填表", "待回访"]);
    let fields = [("sheet", "hotline-out"), ("kind", "hotline"), ("status", "answered"), ("purpose", "")];
    let to = clerk.post("/desk/export", &fields).await.to().to_owned();
    clerk.get(&to).await.is(200).says(&["1 件", "标记为已回填"]);
    let csv = clerk.get(&format!("{to}/file?as=csv")).await.is(200);
    assert!(csv.text.contains("CS-1") && !csv.text.contains("CS-2") && csv.text.contains("'=已修好"), "{}", csv.text);
    let marked = clerk.post(&format!("{to}/mark"), &[]).await.to().to_owned();
    clerk.get(&marked).await.is(200).says(&["已标记 1 件"]);
    clerk.get(&format!("/desk/matters/{first}")).await.is(200).says(&["已回填上级平台"]);
    // A sibling village sees neither the matter's file nor what somebody else chose.
    let mut other = house.signed_in("village.secretary", SIBLING).await;
    for path in [to.clone(), format!("{to}/file"), format!("/desk/matters/{first}/sheet/hotline-out")] {
        assert_eq!(other.get(&path).await.status.as_u16(), 404, "{path}");
    }
    assert_eq!(other.post(&format!("{to}/mark"), &[]).await.status.as_u16(), 404);
    let mut callback = house.signed_in("county.callback", COUNTY).await;
    assert_eq!(callback.get("/desk/export").await.status.as_u16(), 403, "no right to export");
    assert_eq!(callback.get(&format!("/desk/matters/{first}/sheet/hotline-out")).await.status.as_u16(), 403);
}

#[tokio::test]
async fn registers_leave_for_a_purpose() {
    let house = House::open().await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let text = "姓名,电话,村,户号\n钱甲,13800138000,东坡村,H1\n";
    let at = upload(&mut clerk, "people", "x.csv", text.as_bytes()).await.to().to_owned();
    clerk.settled(&at).await;
    clerk.post(&format!("{at}/run"), &[]).await.is(303);
    clerk.settled(&at).await.says(&["新收 1 行"]);
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    secretary.get("/desk/export").await.is(200).says(&["人口名册", "有个人信息的栏目"]);
    let without = secretary.post("/desk/export", &[("sheet", "people-out"), ("purpose", " ")]).await;
    assert_eq!(without.status.as_u16(), 422);
    without.says(&["请填写这一项"]);
    let to = secretary.post("/desk/export", &[("sheet", "people-out"), ("purpose", "核对名册")]).await.to().to_owned();
    let file = secretary.get(&format!("{to}/file?as=csv")).await.is(200);
    assert!(
        file.text.contains("H1") && !file.text.contains("钱甲") && !file.text.contains("13800138000"),
        "{}",
        file.text
    );
    let mut elsewhere = house.signed_in("village.secretary", SIBLING).await;
    let fields = [("sheet", "people-out"), ("purpose", "看看"), ("place", VILLAGE)];
    assert_eq!(elsewhere.post("/desk/export", &fields).await.status.as_u16(), 403);
}
