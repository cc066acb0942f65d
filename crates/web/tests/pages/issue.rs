//! From the report on screen to one that is issued: words are written anew, figures are not; what was issued stays, and
//! says what has changed in the books since.

use crate::support::reporting::{COUNTY, leader, report, some, with_report};
use crate::support::{House, SIBLING, VILLAGE, Visitor, morning};
use xiangyue_domain::day::Time;

const DAY: i64 = 86_400_000;

/// Opens the report and gives what its one paragraph may be edited with.
async fn frame(leader: &mut Visitor, path: &str) -> (String, String, String) {
    let page = leader.get(path).await.is(200);
    let version = page.hidden("version");
    let words = page.between("aria-label=\"改文字\">", "</textarea>").expect("a paragraph to edit");
    (page.hidden("once"), version, words)
}

async fn issue(leader: &mut Visitor, path: &str) -> String {
    let once = leader.get("/hub/report").await.is(200).hidden("once");
    let to = leader.post(path, &[("once", once.as_str())]).await.is(303).to().to_owned();
    let again = leader.post(path, &[("once", once.as_str())]).await.is(303).to().to_owned();
    assert_eq!(to, again, "sent twice it is issued once");
    to
}

#[tokio::test]
async fn words_are_written_anew_and_numbers_are_not() {
    let (house, _pack) = with_report().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    let (once, version, words) = frame(&mut leader, "/hub/report").await;
    assert!(words.contains("受理【群众反映受理】件,【群众反映受理·2】"), "{words}");
    for (text, fault) in [
        ("共受理9件", "数字「9」不能手打"),
        ("共受理【没有的】件", "没有【没有的】这个数"),
        (" ", "不能空着"),
        ("共受理【群众反映受理件", "要成对"),
    ] {
        let fields = [("once", once.as_str()), ("version", version.as_str()), ("text", text)];
        let page = leader.post("/hub/report/wording", &fields).await.is(422);
        page.says(&[fault, text.trim()]);
    }
    let text = "今年群众反映【群众反映受理】件，办得好的占【群众反映办结率】。";
    let fields = [("once", once.as_str()), ("version", version.as_str()), ("text", text)];
    assert!(leader.post("/hub/report/wording", &fields).await.is(303).to().contains("/hub/report"));
    let page = leader.get("/hub/report").await.is(200);
    assert!(page.words().contains("今年群众反映 4 件，办得好的占 0%"), "{}", page.words());
    leader.get("/hub/report/md").await.is(200).says(&["今年群众反映"]);
    let stale = [("once", "123456789"), ("version", "gone"), ("text", "别的")];
    leader.post("/hub/report/wording", &stale).await.is(409);
    // And back again.
    let back = [("once", "1234567890"), ("version", version.as_str()), ("text", text), ("back", "1")];
    leader.post("/hub/report/wording", &back).await.is(303);
    assert!(!leader.get("/hub/report").await.is(200).has("今年群众反映"));
}

#[tokio::test]
async fn what_was_issued_stays_and_says_what_has_changed() {
    let (house, _pack) = with_report().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    leader.get("/hub/reports").await.is(200).says(&["还没有定稿的报告", "做一份报告"]);
    let to = issue(&mut leader, "/hub/report/issue").await;
    let page = leader.get(&to).await.is(200);
    page.says(&[
        "高塬县群众反映办理情况",
        "report.accepted\">4</a>",
        "定稿",
        "数字的记录没有变动",
        "各苏木主要指标",
        "fig-report.accepted",
    ]);
    assert!(!page.has("textarea") && !page.has("改文字"), "nothing of it can be edited");
    leader.get("/hub/reports").await.is(200).says(&["报告", "日志第", "Word"]);
    // The books go on, and what stands there is put right.
    house.at(Time(morning().0 + DAY)).await;
    let mut leader = crate::support::reporting::leader(&house).await;
    report(&house, SIBLING, 20).await;
    let lamp = report(&house, VILLAGE, 21).await;
    let void = house.app.void(house.account("county.dispatcher", COUNTY), lamp, "登记错了", None).await;
    void.expect("voided");
    leader.get(&to).await.is(200).says(&["report.accepted\">4</a>", "数字的记录没有变动"]);
    let next = issue(&mut leader, "/hub/report/issue").await;
    let page = leader.get(&next).await.is(200);
    let with = page.all("href").into_iter().find(|h| h.contains("with=")).expect("a way to compare");
    leader.get(&with).await.is(200).says(&["群众反映受理：上期4件，本期5件", "is-changed"]);
    for (format, start) in [("docx", &b"PK"[..]), ("xlsx", b"PK"), ("json", b"[")] {
        let path = to.split('?').next().expect("a path");
        let file = leader.get(&format!("{path}/{format}?region={COUNTY}")).await.is(200);
        assert!(file.bytes.starts_with(start), "{format}");
    }
    first_record_is_voided(&house).await;
    leader.get(&to).await.is(200).says(&["report.accepted\">4</a>", "群众反映受理：定稿时4件，按现在的记录是3件"]);
}

async fn first_record_is_voided(house: &House) {
    let account = house.account("county.dispatcher", COUNTY);
    let filter = xiangyue_app::Filter { limit: 1, to: i64::from(morning().day().0), ..Default::default() };
    let first = house.app.list(account, &filter).await.expect("a list").first().expect("a matter").id;
    house.app.void(account, first, "重复登记", None).await.expect("voided");
}

#[tokio::test]
async fn a_report_is_for_whoever_may_make_it() {
    let (house, _pack) = with_report().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    let to = issue(&mut leader, "/hub/report/issue").await;
    let path = to.split('?').next().expect("a path").to_owned();
    let mut dispatcher = house.signed_in("town.dispatcher", "991101101000").await;
    for path in
        [path.clone(), format!("{path}/docx"), "/hub/reports/999999".to_owned(), "/hub/reports/999999/docx".to_owned()]
    {
        dispatcher.get(&path).await.is(404);
    }
    dispatcher.get(&format!("/hub/reports?region={COUNTY}")).await.is(403);
    dispatcher.post(&format!("/hub/report/issue?region={COUNTY}"), &[("once", "123456789")]).await.is(403);
    let own = issue(&mut dispatcher, "/hub/report/issue").await;
    dispatcher.get(&own).await.is(200).says(&["下塬乡群众反映办理情况"]);
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    for path in ["/hub/reports", path.as_str()] {
        secretary.get(path).await.is(403);
    }
    leader.get(&format!("{path}/exe")).await.is(404);
}
