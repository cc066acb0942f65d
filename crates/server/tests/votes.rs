//! The server is killed while people vote in secret: every vote it acknowledged is in the box when it comes back, nobody
//! has two, and the count is that of the marks.

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use support::{post, serve};
use tokio::sync::mpsc;
use xiangyue_app::ballot::BallotForm;
use xiangyue_app::matter::{MoveForm, OpenForm};
use xiangyue_app::setup::NewStaff;
use xiangyue_app::{App, AppOptions, Clock};
use xiangyue_domain::ballot::{Marks, Tally, Way};
use xiangyue_domain::day::{DAY_MS, Time};
use xiangyue_domain::ids::{AccountId, BallotId, MatterId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::Level;
use xiangyue_domain::register::Holder;
use xiangyue_pack::{Loaded, PackFiles, load};

/// Voters on the roll.
const VOTERS: usize = 160;
/// Acknowledged votes after which the server is killed.
const ENOUGH: usize = 40;

async fn opened(data: &Path, loaded: &Loaded, at: Time) -> App {
    let options = AppOptions {
        database: data.join("xiangyue.db").display().to_string(),
        files: data.join("files"),
        key_file: data.join("keys/master.key"),
        clock: Clock::fixed(at),
        seed: None,
    };
    let app = App::open(options, loaded.policy.clone()).await.expect("a database");
    app.install(at, loaded).await.expect("the pack is in force");
    app
}

/// A proposal whose meeting was called days ago; gives it with the clerk's account.
async fn called(app: &App) -> (AccountId, MatterId) {
    let day = app.now().day();
    let village = app.directory().tree.of_level(Level::Village, day)[0];
    let posts = ["village.clerk", "village.secretary"].map(|p| Holder { post: p.into(), seat: village.0 });
    let clerk = NewStaff {
        login: "clerk".into(),
        name: "试文书".into(),
        phone: String::new(),
        posts: posts.to_vec(),
        demo: true,
    };
    app.add_staff(app.now(), vec![clerk], day).await.expect("a post is given");
    let account = app.directory().accounts.values().find(|a| a.login == "clerk").expect("the clerk").id;
    let said = [("subject", "换水管"), ("category", "works.water"), ("words", "主管漏水"), ("forum", "reps")];
    let typed = said.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let form = OpenForm { kind: "motion".into(), place: village, typed, ..OpenForm::default() };
    let id = app.open_matter(Who::Account { account, post: None }, form, "kill").await.expect("opened").matter;
    for (mv, p) in [("propose", "branch"), ("discuss", "board"), ("review", "party")] {
        let typed = ["due", "present", "yes"].map(|k| (format!("{p}_{k}"), "6".to_owned())).into_iter().collect();
        let form = MoveForm { mv: mv.into(), typed, ..MoveForm::default() };
        app.make_move(account, id, form, None).await.expect(mv);
    }
    (account, id)
}

/// Votes by a link from an address of its own; whether it was acknowledged.
async fn vote(to: SocketAddr, n: usize, code: &str, choice: &str) -> Option<()> {
    let from = Ipv4Addr::new(127, 3, u8::try_from(n / 200).ok()?, u8::try_from(n % 200 + 1).ok()?);
    post(to, from, &format!("/b/{code}"), &format!("choice={choice}")).await.map(|_| ())
}

/// Four people at a time vote until the server is gone or all have; the acknowledged ones, by their place on the roll.
async fn vote_on(data: &Path, codes: &[String], left: Vec<usize>) -> Vec<usize> {
    let server = serve(data);
    let (done, mut answers) = mpsc::unbounded_channel();
    for lane in 0..4 {
        let (done, to) = (done.clone(), server.at);
        let mine: Vec<(usize, String)> =
            left.iter().copied().filter(|n| n % 4 == lane).map(|n| (n, codes[n].clone())).collect();
        tokio::spawn(async move {
            for (n, code) in mine {
                let choice = if n % 3 == 0 { "no" } else { "yes" };
                if vote(to, n, &code, choice).await.is_none() || done.send(n).is_err() {
                    return;
                }
            }
        });
    }
    drop(done);
    let mut voted = Vec::new();
    while voted.len() < ENOUGH {
        voted.push(answers.recv().await.expect("it answers until it is killed"));
    }
    drop(server);
    while let Some(n) = answers.recv().await {
        voted.push(n);
    }
    voted
}

async fn marks(app: &App, ballot: BallotId) -> Marks {
    app.pool().ballot_marks(app.realm(), ballot).await.expect("read")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_votes_survive_a_kill_and_nobody_has_two() {
    let loaded = PackFiles::named("yanchi").and_then(load).expect("the pack holds");
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    std::fs::create_dir_all(&data).expect("a folder");
    let now = Clock::System.now();
    let app = opened(&data, &loaded, now.plus_ms(-5 * DAY_MS)).await;
    let (clerk, id) = called(&app).await;
    app.clock().set(now.plus_ms(-60_000));
    let roll = (1..=VOTERS).map(|n| format!("试户{n} 1990000{n:04}")).collect::<Vec<_>>().join("\n");
    let form = BallotForm { rule: "reps".into(), secret: true, until: now.plus_ms(2 * DAY_MS), roll };
    let ballot = app.open_ballot(clerk, id, form, None).await.expect("it opens");
    let codes: Vec<String> =
        app.kept(clerk, ballot).await.expect("kept").voters.into_iter().map(|(_, code)| code).collect();
    app.pool().close().await;
    drop(app);
    let mut voted: Vec<usize> = Vec::new();
    for _ in 0..2 {
        // Those whose answer was lost vote again: they are told that they have, or do so now.
        let left = (0..VOTERS).filter(|n| !voted.contains(n)).collect();
        voted.extend(vote_on(&data, &codes, left).await);
    }
    let app = opened(&data, &loaded, now.plus_ms(3 * DAY_MS)).await;
    let kept = marks(&app, ballot).await;
    for n in &voted {
        let place = i64::try_from(n + 1).expect("small");
        assert_eq!(kept.get(&place), Some(&Way::Phone), "an acknowledged vote is gone");
    }
    // The rest come on paper; whoever is marked already is refused there.
    let double = app.enter_paper(clerk, ballot, vec![(i64::try_from(voted[0] + 1).expect("small"), true, None)]).await;
    assert!(double.is_err(), "nobody has two votes");
    let rest: Vec<(i64, bool, Option<xiangyue_domain::ballot::Choice>)> =
        (1..).take(VOTERS).filter(|n| !kept.contains_key(n)).map(|n| (n, true, None)).collect();
    let paper = Tally { yes: i64::try_from(rest.len()).expect("small"), ..Tally::default() };
    if !rest.is_empty() {
        app.enter_paper(clerk, ballot, rest).await.expect("entered");
    }
    app.close_ballot(clerk, ballot, paper).await.expect("counted");
    let counted = app.outlook(ballot).await.expect("read").ballot.counted.expect("counted");
    // The box is as full as the marks say, sheet for sheet.
    let no = kept.keys().filter(|n| (*n - 1) % 3 == 0).count();
    assert_eq!(counted.tally.no, i64::try_from(no).expect("small"));
    assert_eq!(counted.tally.yes + counted.tally.no, i64::try_from(VOTERS).expect("small"));
    assert!(app.check_rebuild().await.expect("checked").fault.is_none());
}
