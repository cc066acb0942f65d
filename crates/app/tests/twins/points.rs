//! Points through the flow of their kinds: claimed with evidence, reviewed by somebody else, shown in public, booked when
//! the days of objection are over; goods set aside and handed over. What is refused leaves nothing half-posted.

use crate::ledger::{clerk_awards, give, homes, points, shop};
use crate::stage::{GRID, SIBLING, Stage, VILLAGE, filled, refusal, twins};
use xiangyue_app::file::Upload;
use xiangyue_app::matter::{MoveForm, OpenForm, Receipt};
use xiangyue_app::receipt::Standing;
use xiangyue_app::{AppError, MatterRef};
use xiangyue_domain::ids::TransferId;
use xiangyue_domain::ledger::{AccountKey, Home, Status};
use xiangyue_domain::matter::Who;

twins!(
    a_claim_is_reviewed_shown_and_booked,
    every_public_entry_has_its_receipt,
    nobody_reviews_their_own,
    an_objection_gives_up_what_was_held,
    a_cap_holds_from_the_review_on,
    a_mistake_is_reversed_before_it_is_voided,
    goods_are_set_aside_and_handed_over with clerk_awards,
    what_is_not_fetched_comes_back with clerk_awards,
    a_claim_and_its_review_in_one_group,
    spending_is_checked_and_booked,
);

async fn claim(stage: &Stage, by: Who, rule: &str, photos: usize) -> Result<Receipt, AppError> {
    let photo = |n: usize| Upload { jpeg: format!("photo {n}").into_bytes(), field: String::new() };
    let form = OpenForm {
        kind: "points_award".into(),
        place: stage.place(if by == stage.who("grid.worker", GRID) { GRID } else { VILLAGE }),
        typed: filled(&[("household", "H0000"), ("rule", rule)]),
        files: (0..photos).map(photo).collect(),
        ..OpenForm::default()
    };
    stage.open_form(by, form).await
}

async fn days(stage: &Stage, n: i64) {
    stage.wait_hours(24 * n);
    stage.app.sweep(stage.app.now()).await.expect("the clock works");
}

async fn statuses(stage: &Stage, receipt: &Receipt) -> Vec<Status> {
    let found = stage.app.pool().ledger_of_matter(stage.app.realm(), receipt.matter.0).await.expect("read");
    found.into_iter().map(|b| b.status).collect()
}

async fn a_claim_is_reviewed_shown_and_booked(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let claim = claim(&stage, Who::Reporter, "env.yard", 1).await.expect("claimed");
    assert_eq!(stage.matter(claim.matter).await.place, home.place);
    let clerk = stage.account("village.clerk", VILLAGE);
    let appraiser = stage.account("village.appraiser", VILLAGE);
    assert_eq!(refusal(stage.go(clerk, claim.matter, "approve", &[]).await), "no_right_move");
    let sibling = stage.account("village.appraiser", SIBLING);
    assert_eq!(refusal(stage.go(sibling, claim.matter, "approve", &[]).await), "not_found");
    stage.go(appraiser, claim.matter, "approve", &[]).await.expect("approved");
    assert_eq!(statuses(&stage, &claim).await, [Status::Pending]);
    assert_eq!(points(&stage, home).await, 0, "what is shown does not count yet");
    assert_eq!(refusal(stage.go(clerk, claim.matter, "book", &[]).await), "too_early");
    days(&stage, 3).await;
    assert_eq!(points(&stage, home).await, 0);
    days(&stage, 3).await;
    assert_eq!(stage.matter(claim.matter).await.step, "booked");
    let clerk_late = stage.go(clerk, claim.matter, "object", &[("reason", "晚了")]).await;
    match clerk_late {
        Err(AppError::Refused(refused)) => {
            assert!(
                refused.args.iter().any(|(k, v)| k == "basis" && v.contains("5天")),
                "the window is named: {refused:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(points(&stage, home).await, 2);
    let booked = stage.app.pool().ledger_of_matter(stage.app.realm(), claim.matter.0).await.expect("read");
    let about = &booked[0].moved.about;
    assert_eq!((about.evidence, about.proposer, about.reviewer), (1, None, Some(appraiser)));
    let (from, to) = about.shown.expect("shown");
    assert!(to.0 - from.0 >= 5, "{from} to {to}");
    let sql = "select cast(sum(delta) as bigint) from fact where measure = 'points.awarded'";
    assert_eq!(stage.app.pool().rows(sql, &[]).await.expect("read")[0].int(0), 2);
    stage.sound().await;
}

/// Codes of the receipts of a matter's entries, in their order.
async fn codes(stage: &Stage, of: &Receipt) -> Vec<String> {
    let booked = stage.app.pool().ledger_of_matter(stage.app.realm(), of.matter.0).await.expect("read");
    let ids: Vec<TransferId> = booked.iter().map(|b| b.moved.id).collect();
    let found = stage.app.codes_of(&ids).await.expect("codes");
    ids.iter().filter_map(|id| found.get(id).cloned()).collect()
}

async fn every_public_entry_has_its_receipt(stage: Stage) {
    homes(&stage, VILLAGE, 1).await;
    let appraiser = stage.account("village.appraiser", VILLAGE);
    let one = claim(&stage, Who::Reporter, "env.yard", 1).await.expect("claimed");
    stage.go(appraiser, one.matter, "approve", &[]).await.expect("approved");
    assert!(codes(&stage, &one).await.is_empty(), "what does not count yet has none");
    days(&stage, 6).await;
    let (published, early, standing) =
        stage.app.receipt_by_code(&codes(&stage, &one).await[0]).await.expect("a receipt");
    assert_eq!((standing, early.check()), (Standing::Pending, Ok(())));
    assert!(published.title().contains("H0000") && published.text.contains("+2分"), "{}", published.text);
    // The open tree grows with what follows; the receipt of before holds as before.
    let supervisor = stage.account("village.supervisor", VILLAGE);
    stage.go(supervisor, one.matter, "take_back", &[("reason", "记错了户")]).await.expect("taken back");
    let both = codes(&stage, &one).await;
    let (undone, later, _) = stage.app.receipt_by_code(&both[1]).await.expect("a receipt");
    assert!(undone.title().contains("冲正") && undone.text.contains("-2分"), "{}", undone.text);
    assert!(later.size > early.size && later.check() == Ok(()));
    stage.wait_hours(24);
    stage.app.close_days(stage.app.now()).await.expect("closed");
    for code in &both {
        for _ in 0..2 {
            let (_, receipt, standing) = stage.app.receipt_by_code(code).await.expect("a receipt");
            assert_eq!((standing, receipt.check()), (Standing::Holds, Ok(())));
            assert_eq!(stage.app.check_receipt(&receipt).await.expect("checked"), Standing::Holds);
        }
    }
    assert!(stage.app.published_at(stage.place(VILLAGE), 9).await.expect("read").is_empty(), "no decision");
    stage.sound().await;
}

async fn nobody_reviews_their_own(stage: Stage) {
    homes(&stage, VILLAGE, 1).await;
    let appraiser = stage.account("village.appraiser", VILLAGE);
    let own = claim(&stage, stage.who("village.appraiser", VILLAGE), "env.yard", 1).await.expect("claimed");
    match stage.go(appraiser, own.matter, "approve", &[]).await {
        Err(AppError::Refused(refused)) => {
            assert_eq!(refused.key, "own_request");
            assert!(refused.args.iter().any(|(k, v)| k == "basis" && v.contains("评议人")), "the rule is named");
        }
        other => panic!("{other:?}"),
    }
    let bare = claim(&stage, stage.who("grid.worker", GRID), "env.yard", 0).await.expect("claimed");
    let before = stage.head().await;
    assert_eq!(refusal(stage.go(appraiser, bare.matter, "approve", &[]).await), "ledger_evidence");
    assert_eq!((stage.head().await, stage.matter(bare.matter).await.step.as_str()), (before, "proposed"));
    let form = OpenForm {
        kind: "points_award".into(),
        place: stage.place(SIBLING),
        typed: filled(&[("household", "H0000"), ("rule", "env.yard")]),
        ..OpenForm::default()
    };
    let far = stage.open_form(Who::Reporter, form).await;
    let Err(AppError::Refused(far)) = far else { panic!("{far:?}") };
    assert_eq!((far.fields[0].field.as_str(), far.fields[0].key.as_str()), ("household", "household"));
    stage.sound().await;
}

async fn an_objection_gives_up_what_was_held(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let claim = claim(&stage, stage.who("grid.worker", GRID), "public.help", 1).await.expect("claimed");
    stage.go(stage.account("village.appraiser", VILLAGE), claim.matter, "approve", &[]).await.expect("approved");
    let clerk = stage.account("village.clerk", VILLAGE);
    stage.go(clerk, claim.matter, "object", &[("reason", "那天没去")]).await.expect("noted");
    days(&stage, 20).await;
    assert_eq!(points(&stage, home).await, 0, "an objection stops the days");
    let supervisor = stage.account("village.supervisor", VILLAGE);
    stage.go(supervisor, claim.matter, "uphold", &[("reason", "属实")]).await.expect("upheld");
    assert_eq!(statuses(&stage, &claim).await, [Status::Void]);
    assert_eq!(points(&stage, home).await, 0);
    stage.sound().await;
}

async fn a_cap_holds_from_the_review_on(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let appraiser = stage.account("village.appraiser", VILLAGE);
    for _ in 0..4 {
        let one = claim(&stage, Who::Reporter, "env.yard", 1).await.expect("claimed");
        stage.go(appraiser, one.matter, "approve", &[]).await.expect("approved");
    }
    let fifth = claim(&stage, Who::Reporter, "env.yard", 1).await.expect("claimed");
    assert_eq!(refusal(stage.go(appraiser, fifth.matter, "approve", &[]).await), "ledger_cap_month");
    days(&stage, 6).await;
    assert_eq!(points(&stage, home).await, 8);
    stage.sound().await;
}

async fn a_mistake_is_reversed_before_it_is_voided(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let claim = claim(&stage, Who::Reporter, "env.yard", 1).await.expect("claimed");
    stage.go(stage.account("village.appraiser", VILLAGE), claim.matter, "approve", &[]).await.expect("approved");
    days(&stage, 6).await;
    let clerk = stage.account("village.clerk", VILLAGE);
    assert_eq!(refusal(stage.app.void(clerk, claim.matter, "错录", None).await), "ledger_reverse_first");
    let supervisor = stage.account("village.supervisor", VILLAGE);
    stage.go(supervisor, claim.matter, "take_back", &[("reason", "重复")]).await.expect("taken back");
    assert_eq!(points(&stage, home).await, 0);
    let booked = stage.app.pool().ledger_of_matter(stage.app.realm(), claim.matter.0).await.expect("read");
    assert_eq!(booked.len(), 2);
    assert_eq!(booked[1].moved.reverses, Some(booked[0].moved.id));
    assert_eq!(booked[0].reversed, Some(booked[1].moved.id));
    stage.sound().await;
}

async fn order(stage: &Stage, shop: i64, pieces: &str) -> Receipt {
    let shop = shop.to_string();
    let typed = [("household", "H0000"), ("shop", shop.as_str()), ("item", "soap"), ("pieces", pieces)];
    stage.open(Who::Reporter, "points_redeem", VILLAGE, &typed).await
}

async fn shelf(stage: &Stage, party: i64) -> (i64, i64) {
    let key = [AccountKey::new("stock", party, "soap")];
    let found = stage.app.pool().ledger_accounts(stage.app.realm(), &key).await.expect("read");
    (found[0].balance, found[0].held)
}

async fn rich(stage: &Stage) -> (Home, i64) {
    let home = homes(stage, VILLAGE, 1).await[0];
    let party = shop(stage, 3, 10_000).await;
    give(stage, home, "custom.simple").await.expect("booked");
    (home, party.0)
}

async fn goods_are_set_aside_and_handed_over(stage: Stage) {
    let (home, party) = rich(&stage).await;
    let keeper = stage.account("village.shopkeeper", VILLAGE);
    let first = order(&stage, party, "2").await;
    let second = order(&stage, party, "2").await;
    stage.go(keeper, first.matter, "set_aside", &[]).await.expect("set aside");
    assert_eq!(shelf(&stage, party).await, (3, 2));
    assert_eq!(refusal(stage.go(keeper, second.matter, "set_aside", &[]).await), "ledger_short");
    assert_eq!(stage.matter(second.matter).await.step, "ordered");
    stage.go(keeper, first.matter, "hand_over", &[]).await.expect("handed over");
    assert_eq!((shelf(&stage, party).await, points(&stage, home).await), ((1, 0), 8));
    stage
        .go(stage.account("village.supervisor", VILLAGE), first.matter, "take_back", &[("reason", "坏的")])
        .await
        .expect("back");
    assert_eq!((shelf(&stage, party).await, points(&stage, home).await), ((3, 0), 20));
    stage.sound().await;
}

async fn what_is_not_fetched_comes_back(stage: Stage) {
    let (home, party) = rich(&stage).await;
    let one = order(&stage, party, "1").await;
    let keeper = stage.account("village.shopkeeper", VILLAGE);
    stage.go(keeper, one.matter, "set_aside", &[]).await.expect("set aside");
    days(&stage, 31).await;
    stage.app.lapse_pending(stage.app.now()).await.expect("swept");
    assert_eq!(stage.matter(one.matter).await.step, "cancelled");
    assert_eq!((shelf(&stage, party).await, points(&stage, home).await), ((3, 0), 20));
    assert_eq!(statuses(&stage, &one).await, [Status::Void]);
    stage.sound().await;
}

async fn a_claim_and_its_review_in_one_group(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let kind = stage.app.policy().kind("points_award").cloned().expect("a kind");
    let household = format!("H0000#{}", home.id);
    let form = OpenForm {
        kind: kind.id.clone(),
        place: home.place,
        typed: filled(&[("household", &household), ("rule", "env.sort")]),
        ..OpenForm::default()
    };
    let open = stage.app.prepare_open(form, "form/group").expect("ready");
    let which = MatterRef::Opened("form/group".into());
    let mv = MoveForm { mv: "approve".into(), ..MoveForm::default() };
    let (approve, beside) = stage.app.prepare_move(&kind, which, &open.subject, (mv, Vec::new()), None).expect("ready");
    let appraiser = stage.who("village.appraiser", VILLAGE);
    let sent = tokio::join!(
        stage.app.send(Who::Reporter, Some("form/group".into()), open.command, open.beside),
        stage.app.send(appraiser, None, approve, beside),
    );
    let refused =
        |e: &AppError| matches!(e, AppError::Refused(r) if r.key == "ledger_evidence" || r.key == "ledger_unreviewed");
    assert!(sent.0.is_ok() && sent.1.as_ref().err().is_none_or(refused), "{sent:?}");
    days(&stage, 6).await;
    let expected = if sent.1.is_ok() { 1 } else { 0 };
    assert_eq!(points(&stage, home).await, expected);
    stage.sound().await;
}

async fn spending_is_checked_and_booked(stage: Stage) {
    let clerk = stage.who("village.clerk", VILLAGE);
    let typed = [("category", "works"), ("amount", "860"), ("words", "修路灯"), ("about", "20210301-0001")];
    let spent = stage.open(clerk.clone(), "village_spending", VILLAGE, &typed).await;
    let supervisor = stage.account("village.supervisor", VILLAGE);
    assert_eq!(refusal(stage.go(supervisor, spent.matter, "check", &[]).await), "ledger_short");
    crate::ledger::income(&stage, 100_000).await;
    stage.go(supervisor, spent.matter, "check", &[]).await.expect("checked");
    let key = [AccountKey::new("village_money", stage.place(VILLAGE).0, "fen")];
    let money = stage.app.pool().ledger_accounts(stage.app.realm(), &key).await.expect("read");
    assert_eq!(money[0].balance, 14_000);
    stage.sound().await;
}
