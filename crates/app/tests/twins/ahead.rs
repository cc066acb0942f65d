//! Groups that are decided while the one before is being written: whatever comes between, each command is carried out once,
//! in its order, and what was acknowledged stands.

use crate::stage::{COUNTY, SIBLING, Stage, VILLAGE, filled, twins};
use std::collections::BTreeSet;
use std::time::Duration;
use xiangyue_app::matter::OpenForm;
use xiangyue_app::{App, AppError, Beside, Command, Outcome};
use xiangyue_domain::matter::Who;

twins!(
    what_was_asked_twice_is_done_once,
    a_move_finds_what_the_one_before_left,
    facts_are_settled_while_others_write,
    another_process_writes_in_between,
);

fn form(stage: &Stage, place: &str) -> OpenForm {
    OpenForm {
        kind: "report".into(),
        place: stage.place(place),
        typed: filled(&[("category", "road")]),
        ..OpenForm::default()
    }
}

async fn taken(app: &App, form: OpenForm, key: &str) -> Result<i64, AppError> {
    app.open_matter(Who::Reporter, form, key).await.map(|r| r.matter.0)
}

/// Sixteen senders, each of whom sends everything twice, a little later.
async fn what_was_asked_twice_is_done_once(stage: Stage) {
    let before = stage.head().await;
    let one = async |n: usize| {
        let mut ids = Vec::new();
        for i in 0..8 {
            let key = format!("twice/{n}/{i}");
            let again = async {
                tokio::time::sleep(Duration::from_micros(300 * n as u64)).await;
                taken(&stage.app, form(&stage, SIBLING), &key).await
            };
            let (first, second) = tokio::join!(taken(&stage.app, form(&stage, SIBLING), &key), again);
            assert_eq!(first.expect("it is taken in"), second.expect("it was taken in"));
            ids.extend(taken(&stage.app, form(&stage, SIBLING), &key).await);
        }
        ids
    };
    let ids = futures_util::future::join_all((0..16).map(one)).await;
    assert_eq!(ids.concat().into_iter().collect::<BTreeSet<_>>().len(), 128);
    assert_eq!(stage.head().await - before, 128);
    stage.sound().await;
}

/// Each matter goes through its steps while the others do; a move is refused on the state its sender does not know yet.
async fn a_move_finds_what_the_one_before_left(stage: Stage) {
    let secretary = stage.account("village.secretary", VILLAGE);
    let one = async |n: usize| {
        let receipt = stage.open(Who::Reporter, "report", VILLAGE, &[("category", "road")]).await;
        for _ in 0..n % 4 {
            tokio::task::yield_now().await;
        }
        let solve = || stage.go(secretary, receipt.matter, "solve", &[("reply", "好了")]);
        let (first, second) = tokio::join!(solve(), solve());
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let matter = stage.matter(receipt.matter).await;
        assert_eq!(matter.trail.iter().filter(|t| t.mv == "solve").count(), 1);
    };
    futures_util::future::join_all((0..48).map(one)).await;
    stage.sound().await;
}

async fn facts_are_settled_while_others_write(stage: Stage) {
    stage.app.pool().keep_back(9);
    let write = async {
        futures_util::future::join_all((0..60).map(|_| stage.report(VILLAGE, "lamp"))).await;
    };
    let settle = async {
        for _ in 0..12 {
            stage.app.settle_facts().await.expect("settled");
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(write, settle);
    stage.app.settle_facts().await.expect("settled");
    let head = stage.app.pool().head(stage.app.realm()).await.expect("a head").expect("it is there");
    assert_eq!(head.rolled, head.seq);
    stage.sound().await;
}

/// Whoever is told to come back has changed nothing; whoever is told it is done finds it done.
async fn another_process_writes_in_between(stage: Stage) {
    let other = stage.beside().await;
    let mut asked = Vec::new();
    let send = async |app: &App, name: &str, n: usize| {
        let mut answers = Vec::new();
        for i in 0..12 {
            let key = format!("{name}/{n}/{i}");
            answers.push((key.clone(), taken(app, form(&stage, VILLAGE), &key).await));
        }
        answers
    };
    let (here, there) = tokio::join!(
        futures_util::future::join_all((0..8).map(|n| send(&stage.app, "here", n))),
        futures_util::future::join_all((0..8).map(|n| send(&other, "there", n))),
    );
    asked.extend(here.into_iter().chain(there).flatten());
    let mut done = BTreeSet::new();
    for (key, answer) in &asked {
        let stands = stage.app.pool().reply(stage.app.realm(), key).await.expect("read");
        match answer {
            Ok(id) => {
                let outcome: Outcome = serde_json::from_str(&stands.expect("it stands")).expect("an outcome");
                assert_eq!(outcome.matter.map(|m| m.0), Some(*id));
                done.insert(*id);
            }
            Err(AppError::Busy) => assert_eq!(stands, None, "{key}"),
            Err(other) => panic!("{key}: {other}"),
        }
    }
    assert!(done.len() > asked.len() / 2, "{} of {}", done.len(), asked.len());
    stage.app.send(Who::System, None, Command::Settle, Beside::default()).await.expect("settled");
    stage.report(COUNTY, "road").await;
    stage.sound().await;
}
