//! Days and comparisons of a report: those of the page it was asked for from, said on its own page, changed there, and the
//! same in its text, its sources and every file of it.

use crate::support::reporting::{leader, report, some, with_report};
use crate::support::{VILLAGE, Visitor, morning, workbook};
use xiangyue_domain::day::Time;

const DAY: i64 = 86_400_000;

/// The first address of a page that begins like this.
async fn way(visitor: &mut Visitor, page: &str, start: &str) -> String {
    let all = visitor.get(page).await.is(200).all("href");
    all.iter().find(|h| h.starts_with(start)).unwrap_or_else(|| panic!("{start} of {page}: {all:?}")).clone()
}

#[tokio::test]
async fn a_months_report_is_three_clicks_from_the_hub() {
    let (house, _pack) = with_report().await;
    some(&house).await;
    house.at(Time(morning().0 + 40 * DAY)).await;
    report(&house, VILLAGE, 77).await;
    let mut leader = leader(&house).await;
    // The statistics month ends on the 25th: of five reports, one lies in the month of 13 December.
    let month = way(&mut leader, "/hub", "/hub?period=month").await;
    let to = way(&mut leader, &month, "/hub/report?").await;
    assert!(to.contains("period=month"), "{to}");
    let page = leader.get(&to).await.is(200);
    page.says(&["2026年11月26日至12月13日", "aria-current=\"true\">本月", "name=\"period\" value=\"month\""]);
    assert!(page.words().contains("受理 1 件"), "{}", page.words());
    for format in ["docx", "xlsx", "md"] {
        let file = way(&mut leader, &to, &format!("/hub/report/{format}?")).await;
        assert!(file.contains("period=month"), "{file}");
    }
    leader.get("/hub/report/json?period=month").await.is(200).says(&["\"from\":\"2026-11-26\"", "\"value\":1,"]);
    // The month that is over: the one that holds the last day asked for.
    let last = leader.get("/hub/report?period=month&as_of=2026-11-25").await.is(200);
    last.says(&["2026年10月26日至11月25日"]);
    assert!(last.words().contains("受理 4 件"), "{}", last.words());
    for (asked, days) in [
        ("period=quarter", "2026年9月26日至12月13日"),
        ("period=year", "2026年1月1日至12月13日"),
        ("from=2026-11-01&to=2026-11-30", "2026年11月1日至11月30日"),
        ("", "2026年1月1日至12月13日"),
    ] {
        leader.get(&format!("/hub/report?{asked}")).await.is(200).says(&[days]);
    }
    // The hub shows the year where nothing is asked for, and hands that on.
    assert!(way(&mut leader, "/hub", "/hub/report?").await.contains("period=year"));
    // What is issued is of the same days.
    let once = leader.get(&to).await.is(200).hidden("once");
    let issue = to.replace("/hub/report?", "/hub/report/issue?");
    let issued = leader.post(&issue, &[("once", once.as_str())]).await.is(303).to().to_owned();
    assert!(leader.get(&issued).await.is(200).words().contains("受理 1 件"));
    leader.get("/hub/reports").await.is(200).says(&["2026年11月26日至12月13日"]);
}

#[tokio::test]
async fn more_than_a_year_has_no_year_before() {
    let (house, _pack) = with_report().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    let span = "from=2025-01-01&to=2026-11-03";
    for page in ["/hub/report", "/hub/report/md", "/hub/figures/report.accepted", "/hub"] {
        let said = leader.get(&format!("{page}?{span}")).await.is(200);
        said.says(&["不作同比"]);
        assert!(!said.has("上年同期为0") && !said.has("同比上升"), "{page}");
    }
    let sheet = leader.get(&format!("/hub/report/xlsx?{span}")).await.is(200);
    let rows = workbook::rows(&sheet.bytes);
    assert!(!rows.iter().flatten().any(|c| c.contains("同期") || c.contains("同比")), "{rows:?}");
    // With 环比 there is something to say: the two spans share no day.
    leader.get(&format!("/hub/report/md?{span}&compare=mom")).await.is(200).says(&["上期为0"]);
}

#[tokio::test]
async fn the_chosen_comparison_stands_everywhere() {
    let (house, _pack) = with_report().await;
    some(&house).await;
    let mut leader = leader(&house).await;
    for (asked, said, other) in [("", "上年同期为0", "上期为0"), ("compare=mom", "上期为0", "上年同期为0")]
    {
        for path in ["/hub/report", "/hub/report/md"] {
            let page = leader.get(&format!("{path}?{asked}")).await.is(200);
            page.says(&[said]);
            assert!(!page.has(other), "{path}?{asked} says {other}");
        }
        let sheet = leader.get(&format!("/hub/report/xlsx?{asked}")).await.is(200);
        let cells: Vec<String> = workbook::rows(&sheet.bytes).into_iter().flatten().collect();
        assert!(cells.iter().any(|c| c == said) && !cells.iter().any(|c| c == other), "{asked}: {cells:?}");
    }
}
