//! What goes out: the list under its own scope and filter, masked as on screen, for a stated purpose where it names
//! people, and marked afterwards in one go.

use crate::import::{HEAD, dispatcher, imported, upload};
use crate::stage::{COUNTY, FAR_VILLAGE, OTHER_TOWN, Stage, TOWN, VILLAGE, refusal, twins};
use std::ops::ControlFlow;
use xiangyue_app::Filter;
use xiangyue_app::export::{FileKind, Taken, Taker};
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::policy::{Direction, Sheet, SheetColumn};
use xiangyue_sheet::{File, Limits};

twins!(
    replies_go_out_in_the_columns_of_the_platform,
    what_goes_out_is_what_the_list_shows,
    names_leave_for_a_purpose_and_masked with personal_sheet,
    registers_go_out_within_ones_place,
);

/// A sheet that names callers.
fn personal_sheet(policy: &mut xiangyue_domain::policy::Policy) {
    let column = |heading: &str, field: &str| SheetColumn {
        heading: heading.to_owned(),
        field: field.to_owned(),
        ..SheetColumn::default()
    };
    policy.sheets.retain(|s| s.id != "hotline-out");
    policy.sheets.push(Sheet {
        id: "callers".to_owned(),
        name: "来电人表".to_owned(),
        name_en: String::new(),
        subject: "hotline".to_owned(),
        direction: Direction::Out,
        channel: String::new(),
        key: String::new(),
        done: String::new(),
        columns: vec![
            column("编号", "number"),
            column("来电人", "reporter_name"),
            column("电话", "reporter_phone"),
            column("内容", "words"),
        ],
        sample: false,
    });
}

/// The rows of a file, headings first.
fn table(taken: &Taken) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let file = File::open(&taken.bytes, &Limits::default()).expect("a file");
    file.rows(0, &mut |row| {
        rows.push(row.cells.iter().map(|c| c.text().into_owned()).collect());
        ControlFlow::Continue(())
    })
    .expect("rows");
    rows
}

/// Orders of the platform, one in each of two towns, and one that the county opened itself.
async fn orders(stage: &Stage) -> (AccountId, Vec<MatterId>) {
    let by = dispatcher(stage);
    let text = format!(
        "{HEAD}\nCS-1,钱甲,13800138000,停水三天，打我13800138000,停水,上塬镇东坡村,,,,,\n\
         CS-2,钱乙,13800138001,停电,停电,下塬乡河湾村,,,,,\n"
    );
    let job = upload(stage, by, "hotline-in", &text).await;
    let done = imported(stage, by, &job, false).await;
    let rows = stage.app.taken_of(&done, None, 0, 9).await.expect("read");
    (by, rows.iter().filter_map(|r| r.matter.map(MatterId)).collect())
}

async fn all(stage: &Stage, account: AccountId) -> Vec<i64> {
    stage.app.all_of_list(&stage.app.scope(account), &Filter::default()).await.expect("read")
}

async fn replies_go_out_in_the_columns_of_the_platform(stage: Stage) {
    let (by, ids) = orders(&stage).await;
    stage.go(by, ids[0], "answer_directly", &[("reply", "=已修好，不用再报")]).await.expect("answered");
    let chosen = stage.app.choose(by, "hotline-out", "", all(&stage, by).await, RegionId(0)).await.expect("chosen");
    let taken = stage.app.chosen_file(by, &chosen, None, FileKind::Xlsx).await.expect("a file");
    let rows = table(&taken);
    assert_eq!(rows[0][..4], ["工单编号", "承办单位", "答复内容", "答复时间"]);
    assert_eq!((rows.len(), taken.rows), (3, 2));
    let first = rows.iter().find(|r| r[0] == "CS-1").expect("the first order");
    assert_eq!((first[1].as_str(), first[2].as_str()), ("高塬县", "=已修好，不用再报"));
    assert!(first[3].starts_with("2021-03-01"));
    let csv = stage.app.chosen_file(by, &chosen, None, FileKind::Csv).await.expect("a file");
    assert!(String::from_utf8(csv.bytes).expect("text").contains("'=已修好"), "no formula leaves");
    // The move for all of them in one go; what cannot be marked now is left out, and nothing is marked twice.
    assert_eq!(stage.app.mark_chosen(by, &chosen).await.expect("marked"), (1, 1));
    assert_eq!(stage.matter(ids[0]).await.values["upper_replied"], "yes");
    assert_eq!(stage.app.mark_chosen(by, &chosen).await.expect("marked"), (0, 2));
    let other = stage.account("county.office", COUNTY);
    assert_eq!(refusal(stage.app.chosen(other, &chosen.id).await), "not_found");
    assert_eq!(refusal(stage.app.chosen(by, "../imports/x").await), "not_found");
    stage.sound().await;
}

async fn what_goes_out_is_what_the_list_shows(stage: Stage) {
    let (by, ids) = orders(&stage).await;
    let sheet = stage.app.export_sheet(by, "hotline-out").expect("a sheet");
    let numbers = |rows: Vec<Vec<String>>| rows.into_iter().skip(1).map(|r| r[0].clone()).collect::<Vec<_>>();
    for (post, seat, seen) in [
        ("county.dispatcher", COUNTY, &["CS-2", "CS-1"][..]),
        ("town.dispatcher", TOWN, &["CS-1"]),
        ("town.secretary", OTHER_TOWN, &["CS-2"]),
        ("village.secretary", VILLAGE, &["CS-1"]),
        ("village.secretary", FAR_VILLAGE, &["CS-2"]),
    ] {
        let account = stage.account(post, seat);
        let list = all(&stage, account).await;
        assert_eq!(list.len(), seen.len(), "{post}@{seat}");
        // Ids of others, put into the request by hand, stay out.
        let asked: Vec<i64> = ids.iter().rev().map(|m| m.0).collect();
        let taken = stage.app.export_matters(Taker::Account(account), &sheet, &asked, "", None, FileKind::Csv).await;
        assert_eq!(numbers(table(&taken.expect("a file"))), seen, "{post}@{seat}");
    }
    for (post, seat) in [("county.duty", COUNTY), ("village.clerk", VILLAGE), ("county.callback", COUNTY)] {
        let account = stage.account(post, seat);
        assert!(stage.app.export_sheets(account).is_empty(), "{post} has no right to export");
        assert_eq!(refusal(stage.app.choose(account, "hotline-out", "", Vec::new(), RegionId(0)).await), "no_right");
    }
}

async fn names_leave_for_a_purpose_and_masked(stage: Stage) {
    let (by, ids) = orders(&stage).await;
    let sheet = stage.app.export_sheet(by, "callers").expect("a sheet");
    assert_eq!(stage.app.personal_columns(&sheet), ["来电人", "电话"]);
    let ids: Vec<i64> = ids.iter().map(|m| m.0).collect();
    let take = async |account: AccountId, purpose: &str| {
        stage.app.export_matters(Taker::Account(account), &sheet, &ids, purpose, None, FileKind::Csv).await
    };
    assert_eq!(refusal(take(by, " ").await), "form");
    // Whoever took them in sees them whole, and each read is logged with its purpose.
    let rows = table(&take(by, "回访抽查").await.expect("a file"));
    assert_eq!(rows[1][1..], ["钱甲", "13800138000", "停水三天，打我13800138000"]);
    let reads = stage.app.pool().reads(stage.app.realm(), ids[0]).await.expect("read");
    assert!(reads.iter().any(|(_, who, what, why)| *who == by.0 && what == "export" && why == "回访抽查"));
    // Anybody else sees them masked, as on screen.
    let office = stage.account("county.office", COUNTY);
    let rows = table(&take(office, "月报").await.expect("a file"));
    assert!(rows[1].iter().all(|c| !c.contains("13800138000") && c != "钱甲"), "{rows:?}");
    let of_office = |r: &(i64, i64, String, String)| r.1 == office.0;
    let reads = stage.app.pool().reads(stage.app.realm(), ids[0]).await.expect("read");
    assert!(!reads.iter().any(of_office), "a masked row opened nothing");
    let reads = stage.app.pool().reads(stage.app.realm(), 0).await.expect("read");
    assert!(reads.iter().any(of_office), "that a list left is logged all the same");
}

async fn registers_go_out_within_ones_place(stage: Stage) {
    let clerk = stage.account("village.clerk", VILLAGE);
    let text = "姓名,电话,村,户号\n钱甲,13800138000,东坡村,H1\n钱乙,,东坡村,H1\n";
    let job = upload(&stage, clerk, "people", text).await;
    imported(&stage, clerk, &job, false).await;
    let village = stage.place(VILLAGE);
    let take = async |account: AccountId, sheet: &str, place: RegionId, purpose: &str| {
        let chosen = stage.app.choose(account, sheet, purpose, Vec::new(), place).await?;
        stage.app.chosen_file(account, &chosen, None, FileKind::Xlsx).await
    };
    let secretary = stage.account("village.secretary", VILLAGE);
    assert_eq!(refusal(take(secretary, "people-out", village, "").await.map(|t| t.rows)), "form");
    let rows = table(&take(secretary, "people-out", village, "核对").await.expect("a file"));
    assert_eq!((rows.len(), rows[1][4].as_str(), rows[1][5].as_str()), (3, "上塬镇东坡村", "H1"));
    assert!(!rows[1][0].contains('甲') && !rows[1][2].contains("0013"), "{rows:?}");
    let houses = table(&take(secretary, "households-out", village, "").await.expect("a file"));
    assert_eq!(houses[1], ["H1", "上塬镇东坡村", "2"]);
    let admin = stage.account("county.admin", COUNTY);
    let rows = table(&take(admin, "people-out", stage.place(COUNTY), "人口核查").await.expect("a file"));
    assert_eq!((rows[1][0].as_str(), rows[1][2].as_str()), ("钱甲", "13800138000"));
    for (post, seat) in [("village.secretary", FAR_VILLAGE), ("town.dispatcher", OTHER_TOWN)] {
        let account = stage.account(post, seat);
        assert_eq!(refusal(take(account, "people-out", village, "x").await.map(|t| t.rows)), "no_right", "{post}");
    }
}
