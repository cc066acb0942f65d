//! The list as a spreadsheet: what stands on all pages of the list stands in the file, in the same order and nothing besides,
//! for every reader; whoever may not take it along is not offered it.

use crate::support::reporting::{COUNTY, report};
use crate::support::workbook::rows;
use crate::support::{House, SIBLING, VILLAGE, Visitor};

/// More than fit on one page.
const MANY: usize = 45;

/// Numbers on all pages of a list.
async fn listed(visitor: &mut Visitor, query: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut at = format!("/desk/matters?{query}");
    loop {
        let page = visitor.get(&at).await.is(200);
        let cells = page.text.split("cell-number num-left\">").skip(1);
        numbers.extend(cells.filter_map(|c| c.split_once("</td>")).map(|(n, _)| n.to_owned()));
        let Some(next) = page.all("href").into_iter().find(|h| h.contains("after=")) else { return numbers };
        at = next;
    }
}

#[tokio::test]
async fn the_file_holds_the_whole_list_and_nothing_else() {
    let house = House::open().await;
    for n in 0..MANY {
        report(&house, if n % 3 == 0 { SIBLING } else { VILLAGE }, n).await;
    }
    for (post, seat) in [("county.office", COUNTY), ("village.secretary", VILLAGE)] {
        let mut reader = house.signed_in(post, seat).await;
        for query in ["", "status=active", "q=%E8%B7%AF%E7%81%AF", "place=991101100201", "kind=hotline"] {
            let shown = listed(&mut reader, query).await;
            let file = reader.get(&format!("/desk/matters.xlsx?{query}")).await.is(200);
            let all = rows(&file.bytes);
            let head = all.iter().position(|r| r[0] == "编号").expect("a heading");
            let taken: Vec<String> = all[head + 1..].iter().map(|r| r[0].clone()).collect();
            assert_eq!(taken, shown, "{post} {query}");
            assert!(all[head].contains(&"类别".to_owned()) && all[head].contains(&"办理期限".to_owned()));
            assert!(all[0][0].contains(&format!("共{}件", shown.len())), "{:?}", all[0]);
            assert!(
                all[head + 1..].iter().all(|r| r[1].len() == "2021-03-01 09:30".len()),
                "a day stands with its year"
            );
        }
    }
}

#[tokio::test]
async fn whoever_may_not_take_it_along_is_not_offered_it() {
    let house = House::open().await;
    report(&house, VILLAGE, 0).await;
    let mut worker = house.signed_in("grid.worker", "9911011002001001").await;
    assert!(!worker.get("/desk/matters").await.is(200).has("matters.xlsx"));
    assert_eq!(worker.get("/desk/matters.xlsx").await.status.as_u16(), 403);
    let mut office = house.signed_in("county.office", COUNTY).await;
    let long = "%E7%81%AF".repeat(3000);
    let page = office.get(&format!("/desk/matters?q={long}")).await.is(200);
    assert!(page.has("matters.xlsx"));
    assert!(page.has(&format!("{}…", "灯".repeat(24))), "a label has room for so much");
}

#[tokio::test]
async fn orders_are_printed_together_and_nothing_ticked_says_what_to_do() {
    let house = House::open().await;
    let (own, other) = (report(&house, VILLAGE, 0).await, report(&house, SIBLING, 1).await);
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    let none = secretary.post("/desk/matters/print", &[]).await.is(200);
    none.says(&["没有勾选", "打印工单"]);
    assert!(!none.has("data-print"));
    // One that is out of sight keeps nobody from printing the others.
    let (own, other) = (own.to_string(), other.to_string());
    let both = secretary.post("/desk/matters/print", &[("ids", &own), ("ids", &other)]).await.is(200);
    assert_eq!(both.text.matches("sheet-a4").count(), 1);
    assert_eq!(secretary.post("/desk/matters/print", &[("ids", &other)]).await.status.as_u16(), 404);
}
