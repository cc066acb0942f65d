//! The township's sheet of accounts in what villages make public, pictures that somebody has to let be seen, and what
//! inspections find.

use crate::stage::*;
use xiangyue_app::AppError;
use xiangyue_app::file::Upload;
use xiangyue_app::import::{Accounts, Standing};
use xiangyue_app::matter::MoveForm;
use xiangyue_app::period::Period;
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::policy::Level;

twins!(
    a_sheet_of_accounts_fills_what_villages_make_public,
    what_one_village_refuses_leaves_the_others_as_they_were,
    pictures_wait_for_somebody_else,
    inspections_are_counted_and_clues_sealed,
);

const CELL: (&str, &str) = ("finance.month", "2021-02");
const SHEET: &str = "上塬镇代管账二月,,,,,\n村,摘要,收入,支出,经手人,凭证号\n\
    东坡村,机动地租金,3000,,王甲一,记001\n东坡村,垃圾清运费,,860.50,王甲一,记002\n\
    西坡村,仓库租金,1200,,李乙二,记003\n,合计,4200,860.50,,\n";

async fn read(stage: &Stage, text: &str) -> Result<Accounts, AppError> {
    let account = stage.account("town.accountant", TOWN);
    stage.app.read_accounts(account, CELL, text.as_bytes()).await
}

async fn take(stage: &Stage, read: &Accounts) -> Result<usize, AppError> {
    let account = stage.account("town.accountant", TOWN);
    stage.app.take_accounts(account, CELL, read, &|s| format!("{}笔", s.lines.len())).await
}

async fn a_sheet_of_accounts_fills_what_villages_make_public(stage: Stage) {
    let (own, other) = (stage.place(VILLAGE), stage.place(SIBLING));
    // Every wrong cell has its address, and nothing of such a sheet is taken.
    let wrong = SHEET.replace("860.50,王甲一,记002", "八百,王甲一,").replace("西坡村", "没有的村");
    let found = read(&stage, &wrong).await.expect("it is read");
    let at: Vec<String> = found.faults.iter().map(|f| f.address()).collect();
    assert_eq!(at, ["D4", "F4", "A5"], "{:?}", found.faults);
    assert_eq!(refusal(take(&stage, &found).await), "accounts_faults");
    let elsewhere = SHEET.replace("西坡村", "河湾村");
    assert_eq!(read(&stage, &elsewhere).await.expect("it is read").faults[0].key, "accounts.not_yours");
    assert_eq!(refusal(read(&stage, "村,摘要\n东坡村,租金\n").await), "accounts_column");
    let village = stage.account("village.clerk", VILLAGE);
    assert_eq!(refusal(stage.app.read_accounts(village, CELL, SHEET.as_bytes()).await), "no_right");
    // A sound sheet begins what is not there; sent twice it is done once.
    let sound = read(&stage, SHEET).await.expect("it is read");
    assert_eq!(sound.faults, []);
    let sums: Vec<_> =
        sound.sheaves.iter().map(|s| (s.village, s.sums.clone().into_iter().collect::<Vec<_>>())).collect();
    assert_eq!(sums[0], (own, vec![("in".to_owned(), 300_000), ("out".to_owned(), 86_050)]));
    assert_eq!(sums[1], (other, vec![("in".to_owned(), 120_000)]));
    assert_eq!(take(&stage, &sound).await.expect("taken"), 2);
    assert_eq!(take(&stage, &sound).await.expect("the same again"), 2);
    let again = read(&stage, SHEET).await.expect("it is read");
    let Standing::Draft(id, _) = again.sheaves[0].standing.clone() else { panic!("{:?}", again.sheaves[0].standing) };
    // A better sheet replaces the rows with the words beside them; once the village has sent it on they stay.
    let more = SHEET.replace("860.50", "900").replace("西坡村,仓库", "东坡村,路灯电费,,40,王甲一,记004\n西坡村,仓库");
    let better = read(&stage, &more).await.expect("it is read");
    assert_eq!(take(&stage, &better).await.expect("taken"), 2);
    let clerk = stage.account("village.clerk", VILLAGE);
    stage.go(clerk, id, "submit", &[]).await.expect("sent on");
    let late = read(&stage, SHEET).await.expect("it is read");
    assert!(matches!(late.sheaves[0].standing, Standing::Closed(_)), "{:?}", late.sheaves[0].standing);
    assert_eq!(take(&stage, &late).await.expect("the other village's"), 1);
    publish(&stage, id).await;
    let said = stage.app.disclosure(own, id, None).await.expect("public").said;
    assert!(said.iter().any(|s| s.text == "3笔"), "{said:?}");
    let rows = &said.iter().find(|s| !s.rows.is_empty()).expect("its rows").rows;
    assert_eq!(rows[1], ["垃圾清运费", "支出", "900.00", "王**", "记002"]);
    stage.sound().await;
}

async fn what_one_village_refuses_leaves_the_others_as_they_were(stage: Stage) {
    let (own, other) = (stage.place(VILLAGE), stage.place(SIBLING));
    // The other village has a draft whose texts were destroyed: nothing can be written into it any more.
    let (head, rows) = SHEET.split_once("东坡村").expect("rows");
    let only = format!("{head}西坡村{}", rows.split_once("西坡村").expect("the other's").1);
    let read_of = |text: String| {
        let stage = &stage;
        async move { read(stage, &text).await.expect("it is read") }
    };
    assert_eq!(take(&stage, &read_of(only.clone()).await).await.expect("taken"), 1);
    let drafted = read_of(only).await;
    let Standing::Draft(id, _) = drafted.sheaves[0].standing.clone() else { panic!("no draft") };
    let draft = stage.app.pool().matters_any(stage.app.realm(), &[id.0]).await.expect("stored").pop().expect("one");
    by_hand(stage.app.pool(), "delete from subject_key where key = $1", &[draft.key.as_str().into()]).await;
    let stage = stage.again().await;
    // The first village of the sheet is sound and stands before the one that refuses; it is left as it was all the same.
    let both = read(&stage, SHEET).await.expect("it is read");
    let standings: Vec<_> = both.sheaves.iter().map(|s| (s.village, s.standing.clone())).collect();
    assert_eq!(standings[0], (own, Standing::New));
    assert!(matches!(standings[1], (v, Standing::Draft(..)) if v == other), "{standings:?}");
    let before = stage.head().await;
    assert_eq!(refusal(take(&stage, &both).await), "erased");
    assert_eq!(stage.head().await, before, "nothing was written");
    let after = read(&stage, SHEET).await.expect("it is read");
    assert_eq!(after.sheaves[0].standing, Standing::New);
    // A period that has not begun is refused before anything, too.
    let account = stage.account("town.accountant", TOWN);
    let ahead = (CELL.0, "2021-05");
    let early = stage.app.read_accounts(account, ahead, SHEET.as_bytes()).await.expect("it is read");
    assert!(stage.app.take_accounts(account, ahead, &early, &|_| "字".to_owned()).await.is_err());
    assert_eq!(stage.head().await, before, "nothing was written");
}

async fn publish(stage: &Stage, id: MatterId) {
    let (clerk, supervisor) = (stage.account("village.clerk", VILLAGE), stage.account("village.supervisor", VILLAGE));
    let town = stage.account("town.dispatcher", TOWN);
    stage.go(supervisor, id, "check_money", &[("opinion", "账实相符")]).await.expect("checked");
    stage.go(town, id, "review", &[("town_opinion", "一致")]).await.expect("reviewed");
    stage.go(clerk, id, "publish", &[]).await.expect("public");
}

async fn add(stage: &Stage, id: MatterId, mv: &str, field: &str, jpeg: &[u8]) -> Result<(), AppError> {
    let files = vec![Upload { jpeg: jpeg.to_vec(), field: field.to_owned() }];
    let form = MoveForm { mv: mv.into(), files, ..MoveForm::default() };
    stage.app.make_move(stage.account("village.clerk", VILLAGE), id, form, None).await.map(|_| ())
}

async fn pictures_wait_for_somebody_else(stage: Stage) {
    let village = stage.place(VILLAGE);
    take(&stage, &read(&stage, SHEET).await.expect("it is read")).await.expect("taken");
    let now = read(&stage, SHEET).await.expect("it is read");
    let Standing::Draft(id, _) = now.sheaves[0].standing.clone() else { panic!("no draft") };
    add(&stage, id, "papers", "voucher_paper", b"with a name").await.expect("kept");
    add(&stage, id, "papers", "voucher_covered", b"badly covered").await.expect("kept");
    add(&stage, id, "papers", "voucher_covered", b"covered").await.expect("kept");
    stage.go(stage.account("village.clerk", VILLAGE), id, "submit", &[]).await.expect("sent on");
    publish(&stage, id).await;
    let seen = || async {
        let shown = stage.app.disclosure(village, id, None).await.expect("public").pictures;
        let mut out = Vec::new();
        for (field, digest) in shown {
            let bytes = stage.app.disclosed_picture(village, id, &digest).await.expect("it may be seen");
            out.push((field.id, String::from_utf8_lossy(&bytes).into_owned()));
        }
        out
    };
    let covered = ("voucher_covered".to_owned(), "covered".to_owned());
    assert_eq!(seen().await, std::slice::from_ref(&covered), "the last covered one, and never the paper itself");
    let matter = stage.app.pool().matters_any(stage.app.realm(), &[id.0]).await.expect("stored").pop().expect("one");
    for (_, file) in matter.files.iter().filter(|(_, f)| f.field == "voucher_paper") {
        let asked = stage.app.disclosed_picture(village, id, &file.digest).await;
        assert!(matches!(asked, Err(AppError::NotFound)));
    }
    // A photo of the posted sheet is seen once the supervision committee lets it, and not before.
    add(&stage, id, "hang", "photo", b"on the wall").await.expect("kept");
    assert_eq!(seen().await, std::slice::from_ref(&covered));
    let clerk = stage.account("village.clerk", VILLAGE);
    assert!(stage.go(clerk, id, "pass_photo", &[]).await.is_err(), "not by whoever added it");
    stage.go(stage.account("village.supervisor", VILLAGE), id, "pass_photo", &[]).await.expect("it may be seen");
    assert_eq!(seen().await, [covered, ("photo".to_owned(), "on the wall".to_owned())]);
    stage.sound().await;
}

async fn inspections_are_counted_and_clues_sealed(stage: Stage) {
    let by = || stage.who("county.discipline", COUNTY);
    let mut first = None;
    for finding in ["none", "own", "own", "common"] {
        let typed =
            [("round", "2021-1"), ("category", "finance.month"), ("finding", finding), ("words", "上传晚了五天")];
        let made = stage.open(by(), "disclosure_check", VILLAGE, &typed).await;
        first = first.or((finding == "own").then_some(made));
    }
    let check = first.expect("a finding");
    let office = stage.account("county.discipline", COUNTY);
    assert!(stage.go(office, check.matter, "sound", &[]).await.is_err(), "what was found is put right first");
    stage.go(office, check.matter, "order", &[]).await.expect("to be put right");
    let secretary = stage.account("village.secretary", VILLAGE);
    stage.go(secretary, check.matter, "mend", &[("reply", "已补公开")]).await.expect("put right");
    stage.go(office, check.matter, "accept", &[("opinion", "属实")]).await.expect("accepted");
    let circular =
        [("about", check.number.as_str()), ("unit", "上塬镇"), ("issued_on", "2021-03-01"), ("words", "逾期")];
    stage.open(by(), "disclosure_circular", VILLAGE, &circular).await;
    for (who, on) in [("王甲一", "2021-03-01"), ("李乙二", "2021-03-01")] {
        let talk = [("about", check.number.as_str()), ("category", "late"), ("who", who), ("talked_on", on)];
        stage.open(by(), "disclosure_talk", VILLAGE, &talk).await;
    }
    let handed = stage.who("town.discipline", TOWN);
    let clue =
        stage.open(handed, "discipline_clue", VILLAGE, &[("source", "inspection"), ("words", "票据涉嫌作假")]).await;
    // Sealed at the office: not even whoever handed it over sees it, and only the county's count leaves.
    for (post, seat) in [("town.discipline", TOWN), ("town.secretary", TOWN), ("county.office", COUNTY)] {
        let account = stage.account(post, seat);
        assert!(stage.app.find_matter(account, clue.matter).await.is_err(), "{post}");
    }
    assert!(stage.app.find_matter(office, clue.matter).await.is_ok());
    stage.set(day(3, 5).at_minute(600));
    let root = stage.app.directory().tree.root(stage.app.now().day()).expect("a root");
    let period = Period::closed(Day::ymd(2021, 1, 1).expect("a day"), day(3, 5));
    for (id, n) in [
        ("disclosure_check.made", 4.0),
        ("disclosure_check.own", 2.0),
        ("disclosure_check.common", 1.0),
        ("disclosure_circular.units", 1.0),
        ("disclosure_talk.held", 2.0),
        ("discipline_clue.received", 1.0),
    ] {
        assert_eq!(stage.app.figure(id, root, period).await.expect("a figure").value, Some(n), "{id}");
    }
    let policy = stage.app.policy();
    let indicator = policy.indicator("discipline_clue.received").expect("an indicator");
    let shown = |level| xiangyue_app::indicator::may_show(&policy, indicator, level);
    assert!(shown(Level::County) && !shown(Level::Town) && !shown(Level::Village), "only the county's count leaves");
    stage.sound().await;
}
