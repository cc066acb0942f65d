//! The right to be forgotten on the command line: looking changes nothing, destroying needs a ground, what is under way
//! waits, and the books hold.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use xiangyue_store::Pool;

/// Made up: no place has such a code.
const CITIZEN: &str = "990101199003071237";

fn xiangyue(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xiangyue"));
    command.args(args).arg("--data").arg(data);
    command
}

/// A data folder with the pack in force and nothing else.
fn county(data: &Path) {
    let args = ["serve", "--pack", "yanchi", "--listen", "127.0.0.1:0"];
    let mut server = xiangyue(data, &args).stdout(Stdio::piped()).spawn().expect("it starts");
    let words = BufReader::new(server.stdout.take().expect("its words"));
    assert!(words.lines().map_while(Result::ok).any(|line| line.starts_with("已打开")));
    server.kill().expect("it ends");
    server.wait().expect("it ends");
}

fn run(data: &Path, args: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } = xiangyue(data, args).output().expect("it runs");
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

async fn keys(data: &Path) -> i64 {
    let pool = Pool::open(&data.join("xiangyue.db").display().to_string()).await.expect("it opens");
    let rows = pool.rows("select count(*) from subject_key", &[]).await.expect("counted");
    pool.close().await;
    rows[0].int(0)
}

#[tokio::test]
async fn whoever_asks_is_found_and_told_what_remains() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("people.csv"));
    county(&data);
    let citizen = CITIZEN;
    let rows = format!("姓名,所在村,户号,身份证号\n隰九娘,640323100207,H0001,{citizen}\n");
    std::fs::write(&file, rows).expect("written");
    let path = file.display().to_string();
    let (done, said) = run(&data, &["import", &path]);
    assert!(done, "{said}");
    let before = keys(&data).await;
    let (done, said) = run(&data, &["erase", "--citizen", citizen]);
    assert!(done && said.contains("人口名册 1 人") && said.contains("没有动任何数据"), "{said}");
    assert!(!said.contains("隰九娘") && said.contains("仍然保留的"), "{said}");
    let (done, said) = run(&data, &["erase", "--citizen", citizen, "--destroy"]);
    assert!(!done && said.contains("--ground"), "{said}");
    assert!(!run(&data, &["erase", "--destroy", "--ground", "withdrawn"]).0, "nobody is named");
    assert_eq!(keys(&data).await, before);
    let mut piped = xiangyue(&data, &["erase", "--citizen", "-", "--destroy", "--ground", "withdrawn"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    piped.stdin.take().expect("its input").write_all(format!("{citizen}\n").as_bytes()).expect("written");
    let said = String::from_utf8_lossy(&piped.wait_with_output().expect("it ends").stdout).into_owned();
    assert!(said.contains("1 人的密钥") && said.contains("备份"), "{said}");
    assert_eq!(keys(&data).await, before - 1);
    assert!(run(&data, &["erase", "--citizen", citizen]).1.contains("没有找到"));
    let (done, said) = run(&data, &["erase", "--number", "20200101-0001", "--phone", "13900000000"]);
    assert!(done && said.contains("没有这个编号") && said.contains("没有找到"), "{said}");
    for check in [&["verify"][..], &["rebuild", "--check"]] {
        let (holds, said) = run(&data, check);
        assert!(holds, "{said}");
    }
}
