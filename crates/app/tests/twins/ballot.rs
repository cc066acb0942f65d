//! Votes by ballot: one vote each on whatever channel, nothing kept that names a voter with a secret choice, numbers by
//! the body's rule, receipts that hold. As it is stored on both databases.

use crate::stage::{SIBLING, Stage, VILLAGE, by_hand, refusal, twins};
use xiangyue_app::AppError;
use xiangyue_app::ballot::BallotForm;
use xiangyue_app::receipt::Standing;
use xiangyue_domain::ballot::{Choice, Stage as How, Tally, Way};
use xiangyue_domain::ids::{BallotId, MatterId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::receipt::Receipt;

twins!(
    nobody_votes_twice_on_any_channel,
    nothing_stored_names_a_voter_with_a_choice,
    votes_survive_and_are_counted_by_the_rule,
    an_open_vote_keeps_who_chose_what,
    what_was_posted_can_be_checked_by_anybody,
    a_vote_is_kept_by_its_posts_alone,
);

/// Voters of the roll.
const VOTERS: usize = 9;

fn names() -> String {
    (1..=VOTERS).map(|n| format!("试户{n} 1990000{n:04}")).collect::<Vec<_>>().join("\n")
}

/// A proposal that is called, its days of notice over.
async fn called(stage: &Stage) -> MatterId {
    let secretary = stage.account("village.secretary", VILLAGE);
    let by = Who::Account { account: secretary, post: None };
    let typed = [("subject", "换水管"), ("category", "works.water"), ("words", "主管漏水"), ("forum", "reps")];
    let id = stage.open(by, "motion", VILLAGE, &typed).await.matter;
    let vote = |p: &str| ["due", "present", "yes"].map(|k| (format!("{p}_{k}"), "6".to_owned()));
    for (mv, p) in [("propose", "branch"), ("discuss", "board"), ("review", "party")] {
        let typed = vote(p);
        let typed: Vec<(&str, &str)> = typed.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        stage.go(secretary, id, mv, &typed).await.expect(mv);
    }
    id
}

async fn open(stage: &Stage, id: MatterId, secret: bool) -> BallotId {
    let clerk = stage.account("village.clerk", VILLAGE);
    let until = stage.app.now().plus_ms(3 * 86_400_000);
    let form = BallotForm { rule: "reps".into(), secret, until, roll: names() };
    stage.app.open_ballot(clerk, id, form, None).await.expect("it opens")
}

async fn ready(stage: &Stage, secret: bool) -> (MatterId, BallotId, Vec<String>) {
    let id = called(stage).await;
    stage.wait_hours(73);
    let ballot = open(stage, id, secret).await;
    let clerk = stage.account("village.clerk", VILLAGE);
    let codes = stage.app.kept(clerk, ballot).await.expect("kept").voters.into_iter().map(|(_, c)| c).collect();
    (id, ballot, codes)
}

/// Everything that is stored, row by row, by table.
async fn everything(stage: &Stage) -> Vec<(&'static str, String)> {
    const TABLES: &[(&str, &str)] = &[
        ("journal", "select seq, at, actor, command, body from journal"),
        ("command_key", "select key, seq, reply from command_key"),
        ("matter", "select id, state from matter"),
        ("ballot", "select id, matter, stage, opened, state from ballot"),
        ("ballot_voter", "select digest, ballot, voter from ballot_voter"),
        ("ballot_mark", "select ballot, voter, way from ballot_mark"),
        ("ballot_box", "select ballot, sealed from ballot_box"),
        ("posted", "select seq, n, state from posted"),
        ("outbox", "select id, body from outbox"),
        ("notice", "select account, id, what from notice"),
        ("read_log", "select matter, at, what from read_log"),
    ];
    let mut all = Vec::new();
    for (table, sql) in TABLES {
        for row in stage.app.pool().rows(sql, &[]).await.expect("read") {
            all.push((*table, format!("{:?}", row.0)));
        }
    }
    all
}

async fn nobody_votes_twice_on_any_channel(stage: Stage) {
    for secret in [true, false] {
        let (_, ballot, codes) = ready(&stage, secret).await;
        let clerk = stage.account("village.clerk", VILLAGE);
        // Many at once, by the same code.
        let (a, b, c) = tokio::join!(
            stage.app.cast(&codes[0], Choice::Yes),
            stage.app.cast(&codes[0], Choice::No),
            stage.app.cast(&codes[0], Choice::Yes)
        );
        assert_eq!([&a, &b, &c].iter().filter(|r| r.is_ok()).count(), 1, "one of three");
        // By the link, then on paper.
        let sheet = (1, true, Some(Choice::No));
        assert_eq!(refusal(stage.app.enter_paper(clerk, ballot, vec![sheet]).await), "voted_by_link");
        // On paper, then by the link.
        stage.app.enter_paper(clerk, ballot, vec![(2, true, Some(Choice::Yes))]).await.expect("entered");
        assert_eq!(refusal(stage.app.cast(&codes[1], Choice::Yes).await), "voted");
        // A sheet entered by mistake is taken back; now the link is good.
        stage.app.enter_paper(clerk, ballot, vec![(2, false, None)]).await.expect("taken back");
        stage.app.cast(&codes[1], Choice::Yes).await.expect("votes");
        assert_eq!(refusal(stage.app.enter_paper(clerk, ballot, vec![(10, true, None)]).await), "not_on_roll");
        assert!(matches!(stage.app.cast("AAAAAAAAAA", Choice::Yes).await, Err(AppError::NotFound)));
        let marks = stage.app.kept(clerk, ballot).await.expect("kept").marks;
        assert_eq!(marks.into_iter().collect::<Vec<_>>(), [(1, Way::Phone), (2, Way::Phone)]);
        stage.app.void_ballot(clerk, ballot, "试完了").await.expect("called off");
        assert_eq!(refusal(stage.app.cast(&codes[4], Choice::Yes).await), "ballot_void");
        stage.sound().await;
    }
}

async fn nothing_stored_names_a_voter_with_a_choice(stage: Stage) {
    let (id, ballot, codes) = ready(&stage, true).await;
    let clerk = stage.account("village.clerk", VILLAGE);
    let (before, head) = (everything(&stage).await, stage.head().await);
    let choices = [Choice::Yes, Choice::No, Choice::Yes, Choice::Abstain, Choice::Yes, Choice::Yes];
    for (code, choice) in codes.iter().zip(choices) {
        stage.wait_hours(1);
        stage.app.cast(code, choice).await.expect("votes");
    }
    assert_eq!(stage.head().await, head, "a secret vote is no entry");
    let during = everything(&stage).await;
    let fresh: Vec<_> = during.iter().filter(|row| !before.contains(row)).collect();
    for (table, row) in &fresh {
        assert!(["ballot_mark", "ballot_box"].contains(table), "{table}: {row}");
        for word in ["yes", "no\"", "abstain"] {
            assert!(!row.contains(word), "{table}: {row}");
        }
    }
    assert_eq!(fresh.iter().filter(|(t, _)| *t == "ballot_mark").count(), choices.len());
    assert_eq!(fresh.iter().filter(|(t, _)| *t == "ballot_box").count(), 1, "one box, whoever put in what");
    stage.app.enter_paper(clerk, ballot, vec![(7, true, None), (8, true, None)]).await.expect("sheets");
    let paper = Tally { yes: 1, spoilt: 1, ..Tally::default() };
    stage.app.close_ballot(clerk, ballot, paper).await.expect("counted");
    let after = everything(&stage).await;
    assert!(after.iter().all(|(t, row)| *t != "ballot_box" || row.contains("Text(\"\")")), "the box is empty");
    // Whoever voted and what was chosen stand in one entry, as a list without choices and a sum without voters.
    let closed = stage.app.pool().ballot(stage.app.realm(), ballot).await.expect("read").expect("there");
    assert!(closed.cast.is_empty() && closed.stage == How::Closed);
    assert_eq!(closed.voted.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
    for code in &codes {
        assert!(after.iter().all(|(_, row)| !row.contains(code.as_str())), "no code is stored");
    }
    for name in 1..=VOTERS {
        assert!(after.iter().all(|(_, row)| !row.contains(&format!("试户{name}"))), "no name is stored in the clear");
    }
    let matter = stage.matter(id).await;
    assert_eq!((matter.number_of("vote_yes"), matter.number_of("vote_abstain")), (5, 2), "spoilt sheets abstain");
    stage.sound().await;
}

async fn votes_survive_and_are_counted_by_the_rule(stage: Stage) {
    let (id, ballot, codes) = ready(&stage, true).await;
    let clerk = stage.account("village.clerk", VILLAGE);
    for code in &codes[..5] {
        stage.app.cast(code, Choice::Yes).await.expect("votes");
    }
    // Five of nine: no quorum of two thirds, so no vote, and the article is named.
    match stage.app.close_ballot(clerk, ballot, Tally::default()).await {
        Err(AppError::Refused(refused)) => {
            assert_eq!(refused.key, "no_quorum");
            assert!(refused.args.iter().any(|(k, v)| k == "basis" && v.contains("第二十六条")));
        }
        other => panic!("{other:?}"),
    }
    // While votes are taken the matter stays where it is.
    let typed = [("vote_due", "9"), ("vote_present", "9"), ("vote_yes", "9"), ("decision", "同意")];
    assert_eq!(refusal(stage.go(clerk, id, "carry_reps", &typed).await), "ballot_open");
    let stage = stage.again().await;
    for code in &codes[5..8] {
        stage.app.cast(code, Choice::No).await.expect("votes");
    }
    assert_eq!(
        refusal(stage.app.close_ballot(clerk, ballot, Tally { yes: 1, ..Tally::default() }).await),
        "sheets_differ"
    );
    stage.app.close_ballot(clerk, ballot, Tally::default()).await.expect("counted");
    let counted = stage.app.outlook(ballot).await.expect("read").ballot.counted.expect("counted");
    assert_eq!((counted.due, counted.present, counted.tally.yes, counted.tally.no), (9, 8, 5, 3));
    assert!(counted.carried && counted.basis.contains("第二十六条"));
    // Whatever is typed, the ballot's numbers hold.
    let typed = [("vote_yes", "9"), ("decision", "同意换管")];
    stage.go(clerk, id, "carry_reps", &typed).await.expect("carried");
    let matter = stage.matter(id).await;
    assert_eq!((matter.step.as_str(), matter.number_of("vote_yes"), matter.number_of("vote_due")), ("decided", 5, 9));
    assert_eq!(refusal(stage.app.cast(&codes[8], Choice::Yes).await), "ballot_closed");
    stage.sound().await;
}

async fn an_open_vote_keeps_who_chose_what(stage: Stage) {
    let (_, ballot, codes) = ready(&stage, false).await;
    let clerk = stage.account("village.clerk", VILLAGE);
    for code in &codes[..6] {
        stage.app.cast(code, Choice::No).await.expect("votes");
    }
    stage.app.enter_paper(clerk, ballot, vec![(8, true, Some(Choice::Yes)), (9, false, None)]).await.expect("entered");
    stage.app.close_ballot(clerk, ballot, Tally::default()).await.expect("counted");
    let closed = stage.app.outlook(ballot).await.expect("read").ballot;
    assert_eq!(closed.cast.get(&8), Some(&(Choice::Yes, Way::Paper)));
    let counted = closed.counted.expect("counted");
    assert!(!counted.carried && counted.present == 7);
    stage.wait_hours(24 * 30);
    assert_eq!(refusal(stage.app.cast(&codes[8], Choice::Yes).await), "ballot_closed");
    stage.sound().await;
}

async fn what_was_posted_can_be_checked_by_anybody(stage: Stage) {
    let (id, ballot, codes) = ready(&stage, true).await;
    let clerk = stage.account("village.clerk", VILLAGE);
    for code in &codes[..7] {
        stage.app.cast(code, Choice::Yes).await.expect("votes");
    }
    stage.app.close_ballot(clerk, ballot, Tally::default()).await.expect("counted");
    let village = stage.place(VILLAGE);
    let posted = stage.app.published_at(village, 10).await.expect("read");
    assert_eq!(posted.len(), 2, "the call of the meeting and the result");
    assert!(posted[0].text.contains("赞成7") && posted[0].title() == "换水管");
    let (_, early, standing) = stage.app.receipt_by_code(&posted[0].code).await.expect("a receipt");
    assert_eq!((standing, early.check()), (Standing::Pending, Ok(())));
    stage.wait_hours(24);
    stage.app.close_days(stage.app.now()).await.expect("closed");
    stage.app.close_days(stage.app.now()).await.expect("once");
    let (_, receipt, standing) = stage.app.receipt_by_code(&posted[0].code).await.expect("a receipt");
    assert_eq!((standing, receipt.check()), (Standing::Holds, Ok(())));
    assert_eq!(stage.app.check_receipt(&receipt).await.expect("checked"), Standing::Holds);
    let forged = Receipt { text: receipt.text.replace("赞成7", "赞成9"), ..receipt.clone() };
    assert_eq!(stage.app.check_receipt(&forged).await.expect("checked"), Standing::Broken);
    let heads = stage.app.heads(9).await.expect("read");
    assert!(heads.iter().any(|h| h.root == receipt.root && h.day == receipt.day));
    let _ = id;
    stage.sound().await;
    // A word that is changed in the journal, with the chain made good, still does not give the published head.
    by_hand(stage.app.pool(), "update posted set digest = 'ff' || substr(digest, 3) where digest not like 'ff%'", &[])
        .await;
    assert!(stage.verify().await.expect("found").contains("公布的摘要"));
}

async fn a_vote_is_kept_by_its_posts_alone(stage: Stage) {
    let id = called(&stage).await;
    let clerk = stage.account("village.clerk", VILLAGE);
    let until = stage.app.now().plus_ms(9 * 86_400_000);
    let form = BallotForm { rule: "reps".into(), secret: true, until, roll: names() };
    assert_eq!(refusal(stage.app.open_ballot(clerk, id, form.clone(), None).await), "too_early");
    stage.wait_hours(73);
    let supervisor = stage.account("village.supervisor", VILLAGE);
    assert_eq!(refusal(stage.app.open_ballot(supervisor, id, form.clone(), None).await), "no_right_move");
    let sibling = stage.account("village.clerk", SIBLING);
    assert_eq!(refusal(stage.app.open_ballot(sibling, id, form.clone(), None).await), "not_found");
    let none = BallotForm { roll: "\n".into(), ..form.clone() };
    assert_eq!(refusal(stage.app.open_ballot(clerk, id, none, None).await), "form");
    let ballot = stage.app.open_ballot(clerk, id, form.clone(), None).await.expect("opened");
    assert_eq!(refusal(stage.app.open_ballot(clerk, id, form, None).await), "ballot_open");
    let seen = stage.app.kept(supervisor, ballot).await.expect("whoever sees the matter sees the vote");
    assert!(!seen.keeps && seen.voters.is_empty(), "but neither names nor codes");
    assert_eq!(refusal(stage.app.close_ballot(supervisor, ballot, Tally::default()).await), "no_right_move");
    assert_eq!(refusal(stage.app.enter_paper(supervisor, ballot, vec![(1, true, None)]).await), "no_right_move");
    assert_eq!(refusal(stage.app.kept(sibling, ballot).await), "not_found");
    let roll = stage.app.last_roll(clerk, &stage.matter(id).await, "representatives").await.expect("read");
    assert_eq!(roll, names());
    stage.sound().await;
}
