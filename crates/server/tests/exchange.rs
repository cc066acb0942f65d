//! Spreadsheets on the command line: a file goes in once, however often it is sent and wherever the process was killed;
//! what is wrong is named by its cell; what goes out comes in again.

use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use xiangyue_domain::policy::Level;
use xiangyue_pack::{PackFiles, load};
use xiangyue_store::Pool;

/// Orders of the file that is killed in the middle.
const MANY: usize = 4000;

fn xiangyue(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xiangyue"));
    command.args(args).arg("--data").arg(data);
    command
}

fn run(data: &Path, args: &[&str]) -> Output {
    xiangyue(data, args).output().expect("it runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A data folder with the pack in force and nothing else.
fn county(data: &Path) {
    let mut server = xiangyue(data, &["serve", "--pack", "yanchi", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let words = BufReader::new(server.stdout.take().expect("its words"));
    assert!(words.lines().map_while(Result::ok).any(|line| line.starts_with("已打开")));
    server.kill().expect("it ends");
    server.wait().expect("it ends");
}

fn orders(n: usize) -> String {
    let pack = PackFiles::named("yanchi").and_then(load).expect("the pack holds");
    let villages: Vec<&str> =
        pack.regions.iter().filter(|r| r.level == Level::Village).map(|r| r.code.as_str()).collect();
    let mut text = String::from("工单编号,来电人,联系电话,诉求内容,诉求类别,事发地,办结时限\n");
    for i in 0..n {
        let village = villages[i % villages.len()];
        let _ = writeln!(text, "CS{i:06},钱某,138{i:08},第{i}件停水,停水,{village},2030年3月9日");
    }
    text
}

async fn counted(data: &Path) -> (i64, i64) {
    let pool = Pool::open(&data.join("xiangyue.db").display().to_string()).await.expect("it opens");
    let matters = pool.count_matters(640_323).await.expect("counted");
    let people = pool.count_people(640_323).await.expect("counted").people;
    pool.close().await;
    (matters, people)
}

#[tokio::test]
async fn an_import_that_is_killed_is_whole_after_the_next_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("orders.csv"));
    county(&data);
    std::fs::write(&file, orders(MANY)).expect("written");
    let path = file.display().to_string();
    let mut first =
        xiangyue(&data, &["import", "--sheet", "hotline-in", &path]).stdout(Stdio::null()).spawn().expect("it runs");
    let begun = Instant::now();
    let mut seen = 0;
    while seen == 0 && begun.elapsed() < Duration::from_secs(120) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        seen = counted(&data).await.0;
    }
    first.kill().expect("killed");
    first.wait().expect("gone");
    let half = usize::try_from(counted(&data).await.0).expect("a count");
    assert!(half > 0 && half < MANY, "killed in the middle: {half}");
    let again = run(&data, &["import", "--sheet", "hotline-in", &path]);
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(counted(&data).await.0, MANY as i64);
    let third = run(&data, &["import", "--sheet", "hotline-in", &path]);
    assert!(said(&third).contains(&format!("{MANY} 行已收过")), "{}", said(&third));
    assert_eq!(counted(&data).await.0, MANY as i64);
    for check in [&["verify"][..], &["rebuild", "--check"]] {
        let checked = run(&data, check);
        assert!(checked.status.success(), "{}", said(&checked));
    }
    let left = std::fs::read_dir(data.join("imports")).map(|d| d.count()).unwrap_or(0);
    assert!(left <= 1, "only what was killed has left its file: {left}");
}

#[tokio::test]
async fn wrong_cells_are_named_and_nothing_is_half_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("people.csv"));
    county(&data);
    let village = orders(1).lines().nth(1).and_then(|l| l.split(',').nth(5).map(str::to_owned)).expect("a village");
    // The headings of the first import still hold, and so does the command without any option.
    let text = format!("name,citizen,phone,address,region,household\n钱甲,,,,{village},H1\n钱乙,123,,,{village},H1\n");
    std::fs::write(&file, text).expect("written");
    let path = file.display().to_string();
    let refused = run(&data, &["import", &path]);
    assert!(!refused.status.success() && said(&refused).contains("B3 位数不对"), "{}", said(&refused));
    assert_eq!(counted(&data).await.1, 0);
    let marked = folder.path().join("marked.xlsx");
    let only = run(&data, &["import", "--only-good", "--corrected", &marked.display().to_string(), &path]);
    assert!(only.status.success() && marked.exists(), "{}", said(&only));
    assert_eq!(counted(&data).await.1, 1);
    let out = folder.path().join("people.xlsx");
    let export = ["export", "--sheet", "people-out", "--purpose", "核对", "-o", &out.display().to_string()];
    let exported = run(&data, &export);
    assert!(exported.status.success() && said(&exported).contains("1 行"), "{}", said(&exported));
    // What went out is known when it comes in again: one more person without a number, since nobody can tell.
    let again = run(&data, &["import", "--check", &out.display().to_string()]);
    assert!(said(&again).contains("1 行：1 行可导入"), "{}", said(&again));
    for (name, bytes, word) in
        [("old.xls", &[0xd0, 0xcf, 0x11, 0xe0, 1, 2][..], "旧版"), ("x.png", b"\x89PNG\r\n\x1a\n\0\0", "不是 Excel")]
    {
        let bad = folder.path().join(name);
        std::fs::write(&bad, bytes).expect("written");
        let refused = run(&data, &["import", &bad.display().to_string()]);
        assert!(!refused.status.success() && said(&refused).contains(word), "{}", said(&refused));
    }
    let unknown = run(&data, &["import", "--sheet", "nothing", &path]);
    assert!(!unknown.status.success() && said(&unknown).contains("hotline-in"), "{}", said(&unknown));
}
