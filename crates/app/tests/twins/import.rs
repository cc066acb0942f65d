//! Orders from a spreadsheet: once each, whatever is sent twice or stops half way, and every wrong cell named.

use crate::stage::{COUNTY, OTHER_TOWN, Stage, TOWN, VILLAGE, refusal, twins};
use std::time::Duration;
use xiangyue_app::import::{CellFault, Corrected, Job, State, What};
use xiangyue_app::{AppError, Filter, Scope};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::matter::Matter;
use xiangyue_sheet::{File, Limits};

twins!(
    orders_come_in_with_number_limit_and_words,
    the_same_number_is_taken_in_once,
    every_wrong_cell_is_named_and_nothing_is_half_imported,
    columns_are_matched_by_hand,
    an_import_that_was_killed_goes_on,
    uploads_are_enciphered_and_do_not_stay,
    nobody_imports_beyond_their_place,
);

/// The headings of the city's platform, as this county's pack knows them.
pub const HEAD: &str = "工单编号,来电人,联系电话,诉求内容,诉求类别,事发地,具体地点,紧急程度,受理时间,办结时限,备注";

pub fn dispatcher(stage: &Stage) -> AccountId {
    stage.account("county.dispatcher", COUNTY)
}

/// Uploads a text and waits until it was looked at.
pub async fn upload(stage: &Stage, by: AccountId, sheet: &str, text: &str) -> Job {
    let job = stage.app.upload(by, sheet, "派单表.csv", text.as_bytes().to_vec()).await.expect("taken");
    settled(stage, by, &job.id).await
}

/// Waits until nobody works on an import any more.
pub async fn settled(stage: &Stage, by: AccountId, id: &str) -> Job {
    for _ in 0..600 {
        let job = stage.app.import_job(by, id).await.expect("it is there");
        if !matches!(job.state, State::Trying | State::Importing) {
            return job;
        }
        stage.app.go_on(&job).await.expect("it goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the import does not end");
}

pub async fn imported(stage: &Stage, by: AccountId, job: &Job, only_good: bool) -> Job {
    let begun = stage.app.begin_import(by, &job.id, only_good).await.expect("it begins");
    let done = settled(stage, by, &begun.id).await;
    assert_eq!(done.state, State::Done);
    done
}

async fn matters(stage: &Stage) -> Vec<Matter> {
    let filter = Filter { limit: 5000, ..Filter::default() };
    stage.app.pool().list_matters(stage.app.realm(), &Scope::system(), &filter).await.expect("read")
}

fn orders(from: usize, to: usize) -> String {
    let line = |n: usize| {
        format!(
            "CS2021{n:05},甲某{n},138{n:08},第{n}件：停水三天了,停水,上塬镇东坡村,,一般,2021-02-28 10:20,2021年3月9日,\n"
        )
    };
    format!("{HEAD}\n{}", (from..=to).map(line).collect::<String>())
}

async fn orders_come_in_with_number_limit_and_words(stage: Stage) {
    let by = dispatcher(&stage);
    let text = format!(
        "市12345平台派单明细,,,\n\n{HEAD}\n\
         CS-1,甲某,１３８００１３８０００,\"停水了,\n三天\",供水/停水,上塬镇东坡村三组,小卖部南头,特急,2021/2/28,2021年3月9日,x\n\
         CS-2,,,路灯不亮,公用设施/路灯,991101101200,,一般,44255,20210310,\n"
    );
    let job = upload(&stage, by, "hotline-in", &text).await;
    let look = stage.app.look_of(&job).await.expect("read");
    assert_eq!((job.state, job.head_row, job.rows, job.good), (State::Checked, 3, 2, 2), "{:?}", look.faults);
    assert_eq!(look.headings.last().map(String::as_str), Some("备注"));
    let done = imported(&stage, by, &job, false).await;
    assert_eq!((done.done, done.taken), (2, 2));
    let rows = stage.app.taken_of(&done, None, 0, 10).await.expect("read");
    assert_eq!(rows.iter().map(|r| (r.row, r.what)).collect::<Vec<_>>(), [(4, What::New), (5, What::New)]);
    let first = stage.matter(xiangyue_domain::ids::MatterId(rows[0].matter.expect("a matter"))).await;
    assert_eq!(first.values["upper_no"], "CS-1");
    assert_eq!(first.values["urgency"], "urgent");
    assert_eq!(first.values["upper_due"], Day::parse("2021-03-09").expect("a day").0);
    assert_eq!(first.values["upper_at"], Day::parse("2021-02-28").expect("a day").0);
    assert_eq!((first.place, first.channel()), (stage.place(VILLAGE), "upper"));
    assert_eq!(first.intakes[0].source_no.as_deref(), Some("CS-1"));
    let opened = stage.app.open_for(by, first).await.expect("opened");
    assert_eq!(opened.texts["words"], "停水了,\n三天");
    assert_eq!(opened.reporter["reporter_phone"], "13800138000");
    assert_eq!(stage.app.search(by, "甲某").await.expect("found").len(), 1);
    stage.sound().await;
}

async fn the_same_number_is_taken_in_once(stage: Stage) {
    let by = dispatcher(&stage);
    let text = orders(1, 40);
    let job = upload(&stage, by, "hotline-in", &text).await;
    imported(&stage, by, &job, false).await;
    // The word to begin, given once more, begins nothing.
    let again = stage.app.begin_import(by, &job.id, false).await.expect("answered");
    assert_eq!(again.state, State::Done);
    // The same file once more.
    let twice = upload(&stage, by, "hotline-in", &text).await;
    assert_eq!((twice.good, twice.same), (0, 40));
    assert_eq!(refusal(stage.app.begin_import(by, &twice.id, false).await), "import_not_ready");
    // Another file with some of the same numbers, and one number twice.
    let other = format!("{}{}", orders(36, 45), orders(45, 45).split_once('\n').expect("lines").1);
    let other = upload(&stage, by, "hotline-in", &other).await;
    assert_eq!((other.good, other.same, other.bad), (5, 5, 1));
    let fault = stage.app.look_of(&other).await.expect("read").faults.remove(0);
    assert_eq!((fault.address().as_str(), fault.key.as_str()), ("A12", "import.fault_repeats"));
    imported(&stage, by, &other, true).await;
    assert_eq!(matters(&stage).await.len(), 45);
    // A row with a fault has its number all the same: it is not taken by another caller's row below.
    let faulty = format!(
        "{}{}",
        orders(46, 46).replace("2021年3月9日", "明天"),
        orders(46, 46).split_once('\n').expect("lines").1
    );
    let faulty = upload(&stage, by, "hotline-in", &faulty).await;
    assert_eq!((faulty.good, faulty.bad), (0, 2));
    let keys: Vec<String> = stage.app.look_of(&faulty).await.expect("read").faults.into_iter().map(|f| f.key).collect();
    assert!(keys.contains(&"import.fault_repeats".to_owned()), "{keys:?}");
    // A number entered by hand is known as well, and the other way round.
    let typed = [("category", "urban.lamp"), ("words", "x"), ("upper_no", "BY-HAND")];
    let category = matters(&stage).await[0].values["category"].as_str().expect("one").to_owned();
    let form = |no: &str| xiangyue_app::matter::OpenForm {
        kind: "hotline".into(),
        place: stage.place(VILLAGE),
        source_no: Some(no.to_owned()),
        typed: crate::stage::filled(&[("category", &category), typed[1], ("upper_no", no)]),
        ..Default::default()
    };
    let who = stage.who("county.dispatcher", COUNTY);
    let first = stage.app.open_matter(who.clone(), form("BY-HAND"), "form/a").await.expect("taken in");
    let retry = stage.app.open_matter(who.clone(), form("BY-HAND"), "form/a").await.expect("the same form");
    assert_eq!(first.matter, retry.matter);
    let Err(AppError::Refused(no)) = stage.app.open_matter(who, form("CS202100003"), "form/b").await else {
        panic!("the number is here already")
    };
    assert_eq!((no.fields[0].field.as_str(), no.fields[0].key.as_str()), ("upper_no", "claimed"));
    let file = format!("{HEAD}\nBY-HAND,,,又来了,停水,上塬镇东坡村,,,,,\n");
    assert_eq!(upload(&stage, by, "hotline-in", &file).await.same, 1);
    // Only what was voided, and so never happened, may come again.
    stage.app.void(by, first.matter, "登错了", None).await.expect("voided");
    let job = upload(&stage, by, "hotline-in", &file).await;
    assert_eq!(job.good, 1);
    assert_eq!(imported(&stage, by, &job, false).await.taken, 1);
    assert_eq!(upload(&stage, by, "hotline-in", &file).await.same, 1);
    stage.sound().await;
}

/// Faults as address and key.
fn said(faults: &[CellFault]) -> Vec<(String, String)> {
    faults.iter().map(|f| (f.address(), f.key.clone())).collect()
}

async fn every_wrong_cell_is_named_and_nothing_is_half_imported(stage: Stage) {
    let by = dispatcher(&stage);
    let text = format!(
        "{HEAD}\n\
         CS-1,甲某,13800138000,停水,停水,东坡村,,一般,2021-02-28,2021-03-09,\n\
         ,乙某,138001,,某类,没有的村,,急,2021-02-30,3/5/2021,\n\
         1.2E+15,丙某,13800138001,停电,停电,上塬镇没有村,,,,,\n\
         CS-3,丁某,13800138002,停水,停水,991199999999,,,,,\n"
    );
    let job = upload(&stage, by, "hotline-in", &text).await;
    let look = stage.app.look_of(&job).await.expect("read");
    assert_eq!((job.rows, job.good, job.bad), (4, 1, 3));
    let expected = [
        ("A3", "fault.required"),
        ("C3", "fault.code.length"),
        ("D3", "fault.required"),
        ("E3", "import.fault_choice"),
        ("F3", "import.fault_place"),
        ("H3", "import.fault_choice"),
        ("I3", "import.fault_day"),
        ("J3", "import.fault_day_order"),
        ("A4", "import.fault_lost_digits"),
        ("F4", "import.fault_no_village"),
        ("F5", "import.fault_place_code"),
    ];
    let mut found = said(&look.faults);
    found.sort_by_key(|(a, _)| (a[1..].to_owned(), a.clone()));
    let expected: Vec<(String, String)> = expected.iter().map(|(a, k)| ((*a).to_owned(), (*k).to_owned())).collect();
    assert_eq!(found, expected);
    let head = stage.head().await;
    assert_eq!(refusal(stage.app.begin_import(by, &job.id, false).await), "import_faults");
    assert_eq!(stage.head().await, head, "nothing was written");
    let words = Corrected {
        row: "原行号".into(),
        reason: "错在哪里".into(),
        same: "已收过".into(),
        notes: Vec::new(),
        say: &|f| f.key.clone(),
    };
    let book = stage.app.corrected(&job, &words).await.expect("a file");
    let rows = File::open(&book, &Limits::default()).and_then(|f| f.first(0, 10)).expect("a workbook");
    assert_eq!(rows.len(), 5, "every row is there before the import");
    assert_eq!(rows[2].cell(0).text(), "3");
    assert!(rows[2].cell(1).text().contains("F3 import.fault_place"), "{:?}", rows[2].cell(1));
    assert_eq!(rows[2].cell(5).text(), "", "the cells themselves stand as they were");
    let done = imported(&stage, by, &job, true).await;
    assert_eq!((done.done, done.taken), (4, 1));
    let book = stage.app.corrected(&done, &words).await.expect("a file");
    let rows = File::open(&book, &Limits::default()).and_then(|f| f.first(0, 10)).expect("a workbook");
    assert_eq!(rows.len(), 4, "only what was not taken in");
    stage.sound().await;
}

async fn columns_are_matched_by_hand(stage: Stage) {
    let by = dispatcher(&stage);
    let text = "号,谁,说的话,哪一类,哪儿\nX1,甲某,停水,停水,上塬镇东坡村\nX2,乙某,停电,停电,下塬乡河湾村\n";
    let job = upload(&stage, by, "hotline-in", text).await;
    let look = stage.app.look_of(&job).await.expect("read");
    assert_eq!(look.missing, ["工单编号", "诉求内容", "诉求类别", "事发地"]);
    assert_eq!(look.sample.len(), 2, "the first rows help to match");
    assert_eq!(refusal(stage.app.begin_import(by, &job.id, true).await), "import_not_ready");
    let sheet = stage.app.import_sheet(by, "hotline-in").expect("a sheet");
    let pick = |field: &str| match field {
        "upper_no" => Some(0),
        "reporter_name" => Some(1),
        "words" => Some(2),
        "category" => Some(3),
        "place" => Some(4),
        "spot" => Some(99),
        _ => None,
    };
    let columns = sheet.columns.iter().map(|c| pick(&c.field)).collect();
    let job = stage.app.match_columns(by, &job.id, 0, 1, columns).await.expect("matched");
    let job = settled(&stage, by, &job.id).await;
    assert_eq!((job.good, job.bad), (2, 0), "{:?}", stage.app.look_of(&job).await);
    assert_eq!(imported(&stage, by, &job, false).await.taken, 2);
}

async fn an_import_that_was_killed_goes_on(stage: Stage) {
    let by = dispatcher(&stage);
    let many = 1200;
    let job = upload(&stage, by, "hotline-in", &orders(1, many)).await;
    assert_eq!(job.good, many as u64);
    let (app, id) = (stage.app.clone(), job.id.clone());
    let begun = tokio::spawn(async move { app.begin_import(by, &id, false).await.map(|_| ()) });
    let mut seen = 0;
    while seen == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        seen = stage.app.import_job(by, &job.id).await.map_or(0, |j| j.done);
    }
    // The process ends in the middle.
    let stage = stage.again().await;
    let _ = begun.await;
    let half = stage.app.import_job(by, &job.id).await.expect("it is there");
    assert_eq!(half.state, State::Importing, "{} of {many}", half.done);
    stage.app.tend_imports().await.expect("tended");
    let done = settled(&stage, by, &job.id).await;
    assert_eq!((done.done, done.taken), (many as u64, many as u64));
    assert_eq!(matters(&stage).await.len(), many);
    let rows = stage.app.taken_of(&done, Some(What::New), 0, 2 * many).await.expect("read");
    assert_eq!(rows.len(), many);
    stage.sound().await;
}

/// Every byte under the data folder.
fn bytes_of(folder: &std::path::Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(bytes_of(&path)) } else { all.extend(std::fs::read(&path).unwrap_or_default()) }
    }
    all
}

async fn uploads_are_enciphered_and_do_not_stay(stage: Stage) {
    let by = dispatcher(&stage);
    let text = format!("{HEAD}\nCS-1,钱无名,13800138000,停水,停水,没有的村,,,,,\n{}", &orders(2, 3)[HEAD.len() + 1..]);
    let job = upload(&stage, by, "hotline-in", &text).await;
    let done = imported(&stage, by, &job, true).await;
    let holds =
        |word: &str| bytes_of(&stage.folder().join("imports")).windows(word.len()).any(|w| w == word.as_bytes());
    for word in ["钱无名", "13800138000", "没有的村", "派单表"] {
        assert!(!holds(word), "{word} stands in plain in the data folder");
    }
    let waiting = upload(&stage, by, "hotline-in", &orders(7, 8)).await;
    stage.set(stage.app.now().plus_ms(3_600_001));
    stage.app.tend_imports().await.expect("tended");
    assert!(matches!(stage.app.import_job(by, &waiting.id).await, Err(AppError::NotFound)), "what waited is gone");
    let kept = stage.app.import_job(by, &done.id).await.expect("the result stays");
    assert!(kept.emptied && stage.app.look_of(&kept).await.expect("read").faults.is_empty());
    assert_eq!(stage.app.taken_of(&kept, None, 0, 9).await.expect("read").len(), 3);
    stage.set(stage.app.now().plus_ms(31 * 86_400_000));
    stage.app.tend_imports().await.expect("tended");
    assert!(stage.app.import_job(by, &done.id).await.is_err(), "and goes after a month");
}

async fn nobody_imports_beyond_their_place(stage: Stage) {
    let by = dispatcher(&stage);
    let job = upload(&stage, by, "hotline-in", &orders(1, 2)).await;
    for (post, seat) in [("county.duty", COUNTY), ("county.admin", COUNTY), ("village.secretary", VILLAGE)] {
        let other = stage.account(post, seat);
        assert!(matches!(stage.app.import_job(other, &job.id).await, Err(AppError::NotFound)));
        assert_eq!(refusal(stage.app.begin_import(other, &job.id, false).await), "not_found");
        assert_eq!(refusal(stage.app.drop_import(other, &job.id).await), "not_found");
    }
    for id in ["../../keys", "..", "", "a/b", "0123456789abcdef0123"] {
        assert!(matches!(stage.app.import_job(by, id).await, Err(AppError::NotFound)), "{id}");
    }
    let village = stage.account("village.secretary", VILLAGE);
    assert_eq!(refusal(stage.app.upload(village, "hotline-in", "x.csv", b"a".to_vec()).await), "no_right");
    // A kind without a sheet of its own comes in through its form; a town's dispatcher only within the town.
    let town = stage.account("town.dispatcher", TOWN);
    let text = "地方,诉求类别,诉求内容\n上塬镇东坡村,路灯,灯不亮\n下塬乡河湾村,路灯,灯不亮\n";
    let job = upload(&stage, town, "point", text).await;
    let look = stage.app.look_of(&job).await.expect("read");
    assert_eq!((job.good, job.bad), (1, 1), "{:?}", look.faults);
    assert_eq!(said(&look.faults), [("A3".to_owned(), "refusal.no_right_open".to_owned())]);
    let done = imported(&stage, town, &job, true).await;
    assert_eq!(done.taken, 1);
    let other = stage.account("town.dispatcher", OTHER_TOWN);
    assert!(stage.app.list(other, &Filter { limit: 9, ..Filter::default() }).await.expect("read").is_empty());
    stage.app.drop_import(town, &done.id).await.expect("thrown away");
    assert!(stage.app.import_job(town, &done.id).await.is_err());
    stage.sound().await;
}
