//! A file does no more than a page: a question comes within its window, one item of one period is begun once.

use crate::disclosure::{MONEY, begin, publish};
use crate::import::{imported, upload};
use crate::stage::*;
use xiangyue_app::import::Job;

twins!(a_question_in_a_file_comes_within_its_window, one_item_of_one_period_is_begun_once);

async fn faults(stage: &Stage, job: &Job) -> Vec<(String, String)> {
    let look = stage.app.look_of(job).await.expect("read");
    look.faults.iter().map(|f| (f.address(), f.key.clone())).collect()
}

async fn a_question_in_a_file_comes_within_its_window(stage: Stage) {
    let id = begin(&stage, MONEY, "first").await.expect("it is begun");
    publish(&stage, id).await;
    let about = stage.matter(id).await.number;
    let clerk = stage.account("village.clerk", VILLAGE);
    let text = |n: u32| format!("地方,哪一件公开,有什么疑问,来源编号\n东坡村,{about},凭证在哪里看,W{n}\n");
    let job = upload(&stage, clerk, "objection", &text(1)).await;
    assert_eq!((job.good, job.bad), (1, 0), "{:?}", faults(&stage, &job).await);
    assert_eq!(imported(&stage, clerk, &job, false).await.taken, 1);
    stage.set(day(4, 1).at_minute(1));
    let job = upload(&stage, clerk, "objection", &text(2)).await;
    assert_eq!(faults(&stage, &job).await, [("B2".to_owned(), "refusal.question_over".to_owned())]);
    assert_eq!((job.good, job.bad), (0, 1));
    // The one that was taken in time is the same when its file comes again.
    let job = upload(&stage, clerk, "objection", &text(1)).await;
    assert_eq!((job.bad, job.same), (0, 1));
    stage.sound().await;
}

async fn one_item_of_one_period_is_begun_once(stage: Stage) {
    begin(&stage, MONEY, "first").await.expect("it is begun");
    let clerk = stage.account("village.clerk", VILLAGE);
    let item = |period: &str, n: u32| format!("东坡村,finance.month,{period},收入{n}元,D{n}\n");
    let head = "地方,公开事项,期次,公开内容,来源编号\n";
    let text = format!("{head}{}{}{}", item("2021-02", 1), item("2021-01", 2), item("2021-01", 3));
    let job = upload(&stage, clerk, "village_disclosure", &text).await;
    let expected = [("B2", "refusal.duty_there"), ("B4", "import.fault_repeats")].map(|(a, k)| (a.into(), k.into()));
    assert_eq!(faults(&stage, &job).await, expected);
    assert_eq!(imported(&stage, clerk, &job, true).await.taken, 1);
    // By hand it is there already.
    let again: Vec<(&str, &str)> =
        MONEY.iter().map(|(k, v)| if *k == "period" { (*k, "2021-01") } else { (*k, *v) }).collect();
    assert_eq!(begin(&stage, &again, "second").await, Err("duty_there".to_owned()));
    stage.sound().await;
}
