//! When the tree changes, work goes on: what was open is found, held and moved at the successor.

use crate::stage::{COUNTY, OTHER_TOWN, SIBLING, Stage, TOWN, VILLAGE, day, refusal, twins};
use xiangyue_app::Filter;
use xiangyue_app::period::Period;
use xiangyue_domain::matter::Who;

twins!(
    open_work_passes_to_the_successor,
    a_rename_keeps_the_base_of_last_year,
    a_change_that_makes_no_tree_is_refused,
    the_county_itself_is_renamed,
);

async fn open_work_passes_to_the_successor(stage: Stage) {
    let at_village = stage.report(SIBLING, "lamp").await.matter;
    let in_grid = stage.report("9911011002011001", "lamp").await.matter;
    let closed = stage.report(SIBLING, "road").await.matter;
    let old = stage.account("village.secretary", SIBLING);
    stage.go(old, closed, "solve", &[("reply", "修好了")]).await.expect("solved");
    stage.wait_hours(24 * 8);
    stage.app.sweep(stage.app.now()).await.expect("closed by itself");
    let (village, sibling) = (stage.place(VILLAGE), stage.place(SIBLING));
    stage.app.merge_regions(Who::System, vec![sibling], village, stage.app.now().day()).await.expect("merged");
    let heir = stage.account("village.secretary", VILLAGE);
    let filter = Filter { limit: 50, ..Filter::default() };
    let listed: Vec<_> = stage.app.list(heir, &filter).await.expect("a list").iter().map(|m| m.id).collect();
    assert!(listed.contains(&at_village) && listed.contains(&in_grid) && listed.contains(&closed), "{listed:?}");
    let work = stage.app.pool().worklist(stage.app.realm(), &stage.app.scope(heir), 50).await.expect("a worklist");
    assert_eq!(work.len(), 2, "both are the successor's to do");
    for id in [at_village, in_grid] {
        stage.go(heir, id, "solve", &[("reply", "办了")]).await.expect("the successor goes on");
    }
    assert!(stage.app.list(old, &filter).await.expect("a list").is_empty(), "the old post is over");
    let period = Period::closed(day(3, 1), stage.app.now().day());
    let figure = stage.app.figure("report.accepted", village, period).await.expect("a figure");
    assert_eq!(figure.numerator, 3, "and the count is one village's");
    stage.sound().await;
}

async fn a_rename_keeps_the_base_of_last_year(stage: Stage) {
    stage.report(VILLAGE, "lamp").await;
    stage.wait_hours(24 * 365);
    let village = stage.place(VILLAGE);
    let (name, display) = ("新坡村委会".to_owned(), "新坡村".to_owned());
    let today = stage.app.now().day();
    stage.app.rename_region(Who::System, village, today, "991101100288".into(), name, display).await.expect("renamed");
    stage.report("991101100288", "lamp").await;
    let period = Period::closed(today.month_start(), today);
    let now = stage.app.figure("report.accepted", village, period).await.expect("a figure");
    let base = period.year_before().expect("a year before");
    let then = stage.app.figure("report.accepted", village, base).await.expect("a figure");
    assert_eq!((now.numerator, then.numerator), (1, 1));
    let directory = stage.app.directory();
    assert_eq!(directory.tree.display(village, today.plus(-1)), "东坡村");
    let stage = stage.again().await;
    assert_eq!(stage.app.directory().tree.display(village, today), "新坡村");
    stage.sound().await;
}

async fn a_change_that_makes_no_tree_is_refused(stage: Stage) {
    let (village, sibling, town, other) =
        (stage.place(VILLAGE), stage.place(SIBLING), stage.place(TOWN), stage.place(OTHER_TOWN));
    let today = stage.app.now().day();
    let head = stage.head().await;
    for (from, into) in
        [(vec![village], town), (vec![village], village), (vec![], village), (vec![village, other], sibling)]
    {
        assert_eq!(refusal(stage.app.merge_regions(Who::System, from, into, today).await), "no_region");
    }
    let rename = async |code: &str| {
        stage.app.rename_region(Who::System, village, today, code.to_owned(), "甲".into(), "甲".into()).await
    };
    assert_eq!(refusal(rename(SIBLING).await), "form", "the code is taken");
    assert_eq!(refusal(rename("99110110020X").await), "form");
    assert_eq!(refusal(stage.app.split_region(Who::System, village, vec![sibling], today).await), "no_region");
    assert_eq!(stage.head().await, head);
}

async fn the_county_itself_is_renamed(stage: Stage) {
    let (county, today) = (stage.place(COUNTY), stage.app.now().day());
    let (name, display) = ("高塬区".to_owned(), "高塬区".to_owned());
    stage.app.rename_region(Who::System, county, today, "991105000000".into(), name, display).await.expect("renamed");
    let stage = stage.again().await;
    assert_eq!(stage.app.directory().tree.display(county, today), "高塬区");
    stage.sound().await;
}
