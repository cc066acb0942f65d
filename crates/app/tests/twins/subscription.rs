//! A telephone that is told of what a village makes public: asked, proved, told once of each thing, stopped for good; its
//! number is nowhere to be read, and the books hold.

use crate::disclosure::{MONEY, begin, go, publish};
use crate::stage::{SIBLING, Stage, VILLAGE, by_hand, refusal, twins};
use xiangyue_app::AppError;
use xiangyue_app::subscription::mobile;
use xiangyue_app::texts::TextWay;
use xiangyue_domain::subscription::{CODE_MS, Deed};

twins!(
    each_thing_made_public_is_told_once,
    stopping_by_code_or_link_stops_for_good,
    every_number_gets_the_same_answer,
    a_destroyed_key_tells_nobody,
    limits_hold,
    a_program_gets_one_line_each_and_is_asked_again_when_it_fails,
);

const BASE: &str = "https://xy.example";
const NUMBER: &str = "13912345678";
const OTHER: &str = "19900001234";

async fn ask(stage: &Stage, village: &str, number: &str, deed: Deed, once: &str) -> Result<String, AppError> {
    let phone = mobile(number).expect("a number");
    stage.app.ask_subscription(stage.place(village), (&phone, deed), once).await
}

/// Texts that were sent since the last time, oldest first.
async fn sent(stage: &Stage, seen: &mut usize) -> Vec<String> {
    stage.app.deliver().await.expect("delivered");
    let all: Vec<String> = stage.app.shown_texts().into_iter().rev().map(|s| s.text).collect();
    let new = all[*seen..].to_vec();
    *seen = all.len();
    new
}

fn code_in(text: &str) -> String {
    let digits: String = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), 6, "{text}");
    digits
}

/// Asks and gives the code back.
async fn through(stage: &Stage, village: &str, number: &str, deed: Deed, seen: &mut usize) -> Result<Deed, AppError> {
    let once = format!("once-{seen}");
    let ticket = ask(stage, village, number, deed, &once).await.expect("asked");
    let code = code_in(sent(stage, seen).await.last().expect("a code"));
    stage.app.confirm_subscription(stage.place(village), (&ticket, &code), "here", &once).await
}

async fn each_thing_made_public_is_told_once(stage: Stage) {
    stage.app.send_texts_by(TextWay::shown(BASE));
    let (mut seen, village) = (0, stage.place(VILLAGE));
    let draft = begin(&stage, MONEY, "first").await.expect("begun");
    assert_eq!(through(&stage, VILLAGE, NUMBER, Deed::Start, &mut seen).await.expect("confirmed"), Deed::Start);
    through(&stage, SIBLING, OTHER, Deed::Start, &mut seen).await.expect("the other village");
    assert_eq!(stage.app.subscribers(village).await.expect("counted"), 1);
    assert!(sent(&stage, &mut seen).await.is_empty(), "a draft is no news");
    publish(&stage, draft).await;
    let told = sent(&stage, &mut seen).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let code = stage.app.directory().tree.code(village, stage.app.now().day()).to_owned();
    for word in ["公开了", "当月收支明细", "2021-02", &format!("{BASE}/v/{code}/open/{draft}"), &format!("{BASE}/s/")]
    {
        assert!(told[0].contains(word), "{word} in {}", told[0]);
    }
    assert!(!told[0].contains("300元"), "never what it says: {}", told[0]);
    assert!(sent(&stage, &mut seen).await.is_empty(), "once");
    go(&stage, "village.clerk", draft, "amend", &[("reason", "少记一笔")]).await.expect("to be corrected");
    assert!(sent(&stage, &mut seen).await.is_empty(), "the page is as it was");
    publish(&stage, draft).await;
    let corrected = sent(&stage, &mut seen).await;
    assert!(corrected.len() == 1 && corrected[0].contains("更正了"), "{corrected:?}");
    go(&stage, "village.secretary", draft, "withdraw", &[("reason", "两个月混在一起")]).await.expect("withdrawn");
    let gone = sent(&stage, &mut seen).await;
    assert!(gone.len() == 1 && gone[0].contains("撤回了") && !gone[0].contains("混在一起"), "{gone:?}");
    stage.sound().await;
    // A restart sends nothing again.
    let stage = stage.again().await;
    stage.app.send_texts_by(TextWay::shown(BASE));
    assert!(sent(&stage, &mut 0).await.is_empty());
    stage.sound().await;
}

async fn stopping_by_code_or_link_stops_for_good(stage: Stage) {
    stage.app.send_texts_by(TextWay::shown(BASE));
    let (mut seen, village) = (0, stage.place(VILLAGE));
    for number in [NUMBER, OTHER] {
        through(&stage, VILLAGE, number, Deed::Start, &mut seen).await.expect("confirmed");
    }
    let first = begin(&stage, MONEY, "first").await.expect("begun");
    publish(&stage, first).await;
    let told = sent(&stage, &mut seen).await;
    assert_eq!(told.len(), 2);
    // Of one moment the later row goes first: this one is for the first number.
    let link = told[1].rsplit_once("/s/").map(|(_, l)| l.to_owned()).expect("a link");
    assert_eq!(stage.app.subscription_by_link(&link).await.expect("known"), (village, false));
    for _ in 0..2 {
        assert_eq!(stage.app.stop_by_link(&link).await.expect("stopped, and again"), village);
        assert!(stage.app.subscription_by_link(&link).await.expect("known").1);
        assert_eq!(stage.app.subscribers(village).await.expect("counted"), 1);
    }
    let (id, secret) = link.split_once('-').expect("two parts");
    for wrong in [format!("{id}-{}", "A".repeat(secret.len())), format!("{}-{secret}", id.len() + 77), "x".into()] {
        assert!(matches!(stage.app.stop_by_link(&wrong).await, Err(AppError::NotFound)), "{wrong}");
    }
    // The other stops by a code; giving it back twice does it once.
    let ticket = ask(&stage, VILLAGE, OTHER, Deed::Stop, "o").await.expect("asked");
    let code = code_in(&sent(&stage, &mut seen).await[0]);
    for _ in 0..2 {
        let done = stage.app.confirm_subscription(village, (&ticket, &code), "here", "o").await;
        assert_eq!(done.expect("stopped"), Deed::Stop);
    }
    assert_eq!(stage.app.subscribers(village).await.expect("counted"), 0);
    go(&stage, "village.clerk", first, "amend", &[("reason", "少记一笔")]).await.expect("to be corrected");
    publish(&stage, first).await;
    assert!(sent(&stage, &mut seen).await.is_empty(), "whoever stopped is not told");
    // Keys of what ended are gone: the journal keeps what nobody can read.
    let sql = "select count(*) from subscription_token where realm = $1";
    assert_eq!(stage.app.pool().rows(sql, &[stage.app.realm().into()]).await.expect("counted")[0].int(0), 0);
    for s in stage.app.pool().all_subscriptions(stage.app.realm()).await.expect("read") {
        assert!(s.number.is_empty());
        assert_eq!(stage.app.pool().wrapped_key(stage.app.realm(), &s.key).await.expect("read"), None);
    }
    // One may come back, and what was never proved lapses.
    through(&stage, VILLAGE, OTHER, Deed::Start, &mut seen).await.expect("told again");
    ask(&stage, SIBLING, OTHER, Deed::Start, "never").await.expect("asked");
    stage.set(xiangyue_domain::day::Time(stage.app.now().0 + 10 * CODE_MS));
    assert_eq!(stage.app.lapse_subscriptions(stage.app.now()).await.expect("lapsed"), 1);
    assert_eq!(stage.app.lapse_subscriptions(stage.app.now()).await.expect("lapsed"), 0);
    assert_eq!(stage.app.subscribers(village).await.expect("counted"), 1);
    stage.sound().await;
}

async fn every_number_gets_the_same_answer(stage: Stage) {
    stage.app.send_texts_by(TextWay::shown(BASE));
    let (mut seen, village) = (0, stage.place(VILLAGE));
    through(&stage, VILLAGE, NUMBER, Deed::Start, &mut seen).await.expect("confirmed");
    let head = stage.head().await;
    for deed in [Deed::Start, Deed::Stop] {
        let known = ask(&stage, VILLAGE, NUMBER, deed, "k").await.expect("asked");
        let new = ask(&stage, VILLAGE, OTHER, deed, "n").await.expect("asked");
        assert_eq!(known.len(), new.len(), "a ticket says nothing");
        assert_eq!(sent(&stage, &mut seen).await.len(), 2, "both telephones learn more");
        for ticket in [known, new] {
            let wrong = stage.app.confirm_subscription(village, (&ticket, "000000"), "far", "w").await;
            assert_eq!(refusal(wrong), "text_code");
        }
    }
    // The same form sent again sends no second code; a ticket of one village is none of another.
    let ticket = ask(&stage, VILLAGE, OTHER, Deed::Start, "n").await.expect("again");
    assert!(sent(&stage, &mut seen).await.is_empty());
    assert_eq!(stage.head().await, head + 4);
    let elsewhere = stage.app.confirm_subscription(stage.place(SIBLING), (&ticket, "000000"), "far", "w").await;
    assert_eq!(refusal(elsewhere), "text_code");
    // A code is over after a while.
    let late = ask(&stage, SIBLING, NUMBER, Deed::Start, "l").await.expect("asked");
    let code = code_in(&sent(&stage, &mut seen).await[0]);
    stage.set(xiangyue_domain::day::Time(stage.app.now().0 + CODE_MS + 1));
    let over = stage.app.confirm_subscription(stage.place(SIBLING), (&late, &code), "here", "l").await;
    assert_eq!(refusal(over), "text_code");
    // And a message with a code that is over is not sent any more.
    ask(&stage, SIBLING, OTHER, Deed::Start, "x").await.expect("asked");
    stage.set(xiangyue_domain::day::Time(stage.app.now().0 + CODE_MS + 1));
    assert!(sent(&stage, &mut seen).await.is_empty());
    stage.sound().await;
}

async fn a_destroyed_key_tells_nobody(stage: Stage) {
    stage.app.send_texts_by(TextWay::shown(BASE));
    let (mut seen, realm) = (0, stage.app.realm());
    through(&stage, VILLAGE, NUMBER, Deed::Start, &mut seen).await.expect("confirmed");
    for (column, text) in crate::secrets::texts(stage.app.pool()).await {
        assert!(!text.contains(NUMBER) && !text.contains(&NUMBER[3..]), "the number stands in {column}");
    }
    let found = stage.app.pool().all_subscriptions(realm).await.expect("read").remove(0);
    let sql = "delete from subject_key where realm = $1 and key = $2";
    assert_eq!(by_hand(stage.app.pool(), sql, &[realm.into(), found.key.as_str().into()]).await, 1);
    let stage = stage.again().await;
    stage.app.send_texts_by(TextWay::shown(BASE));
    let id = begin(&stage, MONEY, "first").await.expect("begun");
    publish(&stage, id).await;
    assert!(sent(&stage, &mut 0).await.is_empty(), "nobody can read the number any more");
    stage.sound().await;
}

async fn limits_hold(stage: Stage) {
    // Without a way out nothing is offered.
    assert!(matches!(ask(&stage, VILLAGE, NUMBER, Deed::Start, "a").await, Err(AppError::NotFound)));
    stage.app.send_texts_by(TextWay::shown(BASE));
    let mut seen = 0;
    let rules = stage.app.text_rules().expect("offered");
    // Five codes an hour for one number; the sixth is answered alike and brings no message.
    for n in 0..7 {
        ask(&stage, VILLAGE, NUMBER, Deed::Start, &format!("n{n}")).await.expect("the same answer");
    }
    assert_eq!(sent(&stage, &mut seen).await.len(), 5);
    // Guessing is limited by number, whether it is known or not.
    let ticket = ask(&stage, VILLAGE, OTHER, Deed::Start, "g").await.expect("asked");
    let mut limited = 0;
    for n in 0..10 {
        let once = n.to_string();
        let tried = stage.app.confirm_subscription(stage.place(VILLAGE), (&ticket, "000000"), "far", &once).await;
        limited += usize::from(matches!(tried, Err(AppError::Limited(_))));
    }
    assert!(limited > 0);
    // So many codes for one village in a day, whoever asks.
    let mut closed = 0;
    for n in 0..rules.per_village {
        let number = format!("18{n:09}");
        closed += usize::from(matches!(
            ask(&stage, VILLAGE, &number, Deed::Start, &format!("v{n}")).await,
            Err(AppError::Limited(_))
        ));
    }
    assert_eq!(closed, 8, "eight were asked for before");
    ask(&stage, SIBLING, OTHER, Deed::Start, "s").await.expect("another village goes on");
    for wrong in ["", "1391234567", "139123456789", "0953-1234567", "12345678901", "电话", "1 or 1=1"] {
        assert!(mobile(wrong).is_err(), "{wrong}");
    }
    for right in ["139 1234 5678", "+86 13912345678", "１３９１２３４５６７８", "139-1234-5678"] {
        assert_eq!(mobile(right).expect(right).as_str(), NUMBER);
    }
}

/// A program of the deployment, as a script that keeps what it was handed.
#[cfg(unix)]
fn program(stage: &Stage, ends: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = stage.folder().join("text.sh");
    let kept = stage.folder().join("handed.txt");
    std::fs::write(&path, format!("#!/bin/sh\ncat >> {}\nexit {ends}\n", kept.display())).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("it may run");
    path
}

#[cfg(unix)]
async fn a_program_gets_one_line_each_and_is_asked_again_when_it_fails(stage: Stage) {
    let path = program(&stage, "3");
    stage.app.send_texts_by(TextWay::program(path, BASE));
    ask(&stage, VILLAGE, NUMBER, Deed::Start, "a").await.expect("asked");
    assert_eq!(stage.app.deliver().await.expect("tried"), 0);
    let errors = stage.app.pool().rows("select error from outbox where error <> ''", &[]).await.expect("read");
    assert_eq!((errors.len(), errors[0].text(0)), (1, "短信程序退出码 3"));
    program(&stage, "0");
    assert_eq!(stage.app.deliver().await.expect("tried"), 0, "not before its time");
    stage.set(xiangyue_domain::day::Time(stage.app.now().0 + 2 * 60_000));
    assert_eq!(stage.app.deliver().await.expect("sent"), 1);
    let handed = std::fs::read_to_string(stage.folder().join("handed.txt")).expect("handed over");
    let lines: Vec<serde_json::Value> =
        handed.lines().map(|l| serde_json::from_str(l).expect("one line of JSON each")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["id"], &lines[0]["text"]), (&lines[1]["id"], &lines[1]["text"]), "the same once more");
    assert_eq!(lines[1]["to"], NUMBER);
    code_in(lines[1]["text"].as_str().expect("a text"));
}

#[cfg(not(unix))]
async fn a_program_gets_one_line_each_and_is_asked_again_when_it_fails(_: Stage) {}
