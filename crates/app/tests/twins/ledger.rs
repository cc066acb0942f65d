//! The ledger through the committer: what is acknowledged is in the books once, what is refused leaves no trace, and a
//! replay gives what is stored.

use crate::stage::{COUNTY, SIBLING, Stage, TOWN, VILLAGE, by_hand, refusal, twins};
use xiangyue_app::{AppError, Outcome};
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{HouseholdId, PartyId, TransferId};
use xiangyue_domain::ledger::{
    About, AccountKey, Award, Home, Party, Plain, PriceVersion, Request, Roles, Stock, Sweep, Trade,
};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Policy, Quantity};
use xiangyue_domain::register::{Household, RegisterEvent};

twins!(
    points_are_booked_once with clerk_awards,
    a_group_is_decided_in_turn with clerk_awards,
    a_trade_moves_everything_or_nothing with clerk_awards,
    a_mistake_is_taken_back with clerk_awards,
    what_ran_out_is_swept with clerk_awards,
    another_process_sees_the_same_books with clerk_awards,
    a_row_changed_by_hand_is_found with clerk_awards,
);

/// In the pack points come through a matter alone; here a clerk books them.
pub fn clerk_awards(policy: &mut Policy) {
    for kind in policy.ledger.transfers.iter_mut().filter(|t| t.id == "award") {
        kind.by = vec!["village.clerk".into()];
    }
    for rule in &mut policy.ledger.rules {
        rule.review = false;
        rule.evidence = false;
    }
}

pub async fn homes(stage: &Stage, village: &str, n: usize) -> Vec<Home> {
    let place = stage.place(village);
    let first = stage.app.directory().tree.all().count() as i64 + 1_000_000 + place.0 * 1000;
    let households: Vec<Household> = (0..n)
        .map(|i| Household { id: HouseholdId(first + i as i64), number: format!("H{i:04}"), region: place })
        .collect();
    let homes = households.iter().map(|h| Home { id: h.id.0, place: h.region }).collect();
    let event = Event::Register(RegisterEvent::HouseholdsAdded { households });
    let decide = move |_: &mut xiangyue_app::Ids, _: &_, _: &_| Ok(vec![event]);
    let command = xiangyue_app::Command::Register(Box::new(decide));
    stage.app.send(Who::System, None, command, xiangyue_app::Beside::default()).await.expect("entered");
    homes
}

fn award(stage: &Stage, home: Home, rule: &str, times: i64) -> Request {
    Request::Award(Award {
        kind: "award".into(),
        home,
        rule: rule.into(),
        times,
        day: stage.app.now().day(),
        until: None,
        about: About::default(),
    })
}

pub async fn give(stage: &Stage, home: Home, rule: &str) -> Result<Outcome, AppError> {
    stage.app.ledger(stage.who("village.clerk", VILLAGE), None, award(stage, home, rule, 1)).await
}

pub async fn points(stage: &Stage, home: Home) -> i64 {
    let keys = ["env", "public", "custom"].map(|u| AccountKey::new("household", home.id, u));
    let accounts = stage.app.pool().ledger_accounts(stage.app.realm(), &keys).await.expect("read");
    accounts.iter().map(|a| a.balance).sum()
}

/// A shop with soap on its shelves and money behind it.
pub async fn shop(stage: &Stage, soap: i64, budget: i64) -> PartyId {
    let (place, day) = (stage.place(VILLAGE), stage.app.now().day());
    let clerk = stage.who("village.clerk", VILLAGE);
    let party = Party { id: PartyId(0), kind: "shop".into(), name: "某店".into(), place, closed: None };
    let done = stage.app.ledger(clerk.clone(), None, Request::Party(party)).await.expect("a shop");
    let party = PartyId(done.made[0]);
    let version = PriceVersion { from: day, points: 6, value: 400, per: 1, taken_in: None, off: false };
    stage.app.ledger(clerk, None, Request::Price { party, item: "soap".into(), version }).await.expect("a price");
    let stock =
        Stock { kind: "purchase".into(), party, items: vec![("soap".into(), soap, 0)], day, about: About::default() };
    let keeper = stage.who("village.shopkeeper", VILLAGE);
    stage.app.ledger(keeper, None, Request::Stock(stock)).await.expect("goods");
    let roles = Roles { place, household: None, party: None };
    let amounts = vec![(Quantity::Value, "fen".to_owned(), budget)];
    let grant = Plain { kind: "grant".into(), roles, amounts, day, about: About::default() };
    stage.app.ledger(stage.who("town.secretary", TOWN), None, Request::Plain(grant)).await.expect("a budget");
    party
}

/// Money that comes into a village's account.
pub async fn income(stage: &Stage, fen: i64) {
    let roles = Roles { place: stage.place(VILLAGE), household: None, party: None };
    let amounts = vec![(Quantity::Value, "fen".to_owned(), fen)];
    let day = stage.app.now().day();
    let income = Plain { kind: "income".into(), roles, amounts, day, about: About::default() };
    stage.app.ledger(stage.who("village.clerk", VILLAGE), None, Request::Plain(income)).await.expect("booked");
}

fn buy(stage: &Stage, home: Home, party: PartyId, soap: i64) -> Request {
    Request::Trade(Trade {
        kind: "redeem".into(),
        home,
        party,
        items: vec![("soap".into(), soap)],
        cash: 0,
        day: stage.app.now().day(),
        until: None,
        about: About::default(),
    })
}

async fn points_are_booked_once(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let clerk = stage.who("village.clerk", VILLAGE);
    let send =
        async |key: &str| stage.app.ledger(clerk.clone(), Some(key.into()), award(&stage, home, "env.yard", 1)).await;
    let first = send("k1").await.expect("booked");
    assert_eq!(send("k1").await.expect("the same answer"), first);
    assert_eq!(points(&stage, home).await, 2);
    let before = stage.head().await;
    let far = homes(&stage, SIBLING, 1).await[0];
    assert_eq!(refusal(give(&stage, far, "env.yard").await), "ledger_no_post");
    assert_eq!(refusal(give(&stage, home, "public.nothing").await), "ledger_no_rule");
    assert_eq!(stage.head().await, before + 1, "only the household was entered");
    for _ in 0..3 {
        give(&stage, home, "env.yard").await.expect("booked");
    }
    assert_eq!(refusal(give(&stage, home, "env.yard").await), "ledger_cap_month");
    let sql = "select cast(sum(delta) as bigint) from fact where measure = 'points.awarded'";
    assert_eq!(stage.app.pool().rows(sql, &[]).await.expect("read")[0].int(0), 8);
    stage.sound().await;
}

async fn a_group_is_decided_in_turn(stage: Stage) {
    let homes = homes(&stage, VILLAGE, 4).await;
    let party = shop(&stage, 3, 100_000).await;
    for home in &homes {
        give(&stage, *home, "custom.simple").await.expect("booked");
    }
    // Two cashiers, four customers, three pieces: whoever comes last gets none.
    let keeper = stage.who("village.shopkeeper", VILLAGE);
    let sales = homes.iter().map(|h| stage.app.ledger(keeper.clone(), None, buy(&stage, *h, party, 1)));
    let mut sold = 0;
    let mut waiting = Vec::new();
    for sale in sales.collect::<Vec<_>>() {
        waiting.push(Box::pin(sale));
    }
    for answer in join_all(waiting).await {
        match answer {
            Ok(_) => sold += 1,
            Err(AppError::Refused(refusal)) => assert_eq!(refusal.key, "ledger_short"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(sold, 3);
    let shelf = [AccountKey::new("stock", party.0, "soap")];
    let shelf = stage.app.pool().ledger_accounts(stage.app.realm(), &shelf).await.expect("read");
    assert_eq!(shelf[0].balance, 0);
    stage.sound().await;
}

/// All at once, as from several tills.
async fn join_all<F: Future + Unpin>(futures: Vec<F>) -> Vec<F::Output> {
    let mut open: Vec<(usize, F)> = futures.into_iter().enumerate().collect();
    let mut done: Vec<(usize, F::Output)> = Vec::new();
    std::future::poll_fn(|cx| {
        let mut i = 0;
        while i < open.len() {
            match std::pin::Pin::new(&mut open[i].1).poll(cx) {
                std::task::Poll::Ready(out) => {
                    let (at, _) = open.swap_remove(i);
                    done.push((at, out));
                }
                std::task::Poll::Pending => i += 1,
            }
        }
        if open.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, out)| out).collect()
}

async fn a_trade_moves_everything_or_nothing(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let party = shop(&stage, 10, 700).await;
    for rule in ["custom.simple", "public.labour", "env.yard"] {
        give(&stage, home, rule).await.expect("booked");
    }
    assert_eq!(points(&stage, home).await, 27);
    let keeper = stage.who("village.shopkeeper", VILLAGE);
    let before = stage.head().await;
    let buy_two = stage.app.ledger(keeper.clone(), None, buy(&stage, home, party, 2)).await;
    assert_eq!(refusal(buy_two), "ledger_short", "the budget is too small");
    assert_eq!((stage.head().await, points(&stage, home).await), (before, 27));
    stage.app.ledger(keeper.clone(), None, buy(&stage, home, party, 1)).await.expect("sold");
    assert_eq!(points(&stage, home).await, 21);
    let clerk = stage.who("village.clerk", VILLAGE);
    assert_eq!(refusal(stage.app.ledger(clerk, None, buy(&stage, home, party, 1)).await), "ledger_no_post");
    stage.sound().await;
}

async fn a_mistake_is_taken_back(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let party = shop(&stage, 10, 10_000).await;
    let given = give(&stage, home, "custom.simple").await.expect("booked").made[0];
    let keeper = stage.who("village.shopkeeper", VILLAGE);
    let sold = stage.app.ledger(keeper.clone(), None, buy(&stage, home, party, 2)).await.expect("sold").made[0];
    let day = stage.app.now().day();
    let back = |id| Request::Reverse { id: TransferId(id), day, about: About::default() };
    let supervisor = stage.who("village.supervisor", VILLAGE);
    assert_eq!(refusal(stage.app.ledger(keeper, None, back(sold)).await), "ledger_no_post");
    assert_eq!(refusal(stage.app.ledger(supervisor.clone(), None, back(given)).await), "ledger_short");
    stage.app.ledger(supervisor.clone(), None, back(sold)).await.expect("taken back");
    assert_eq!(refusal(stage.app.ledger(supervisor.clone(), None, back(sold)).await), "ledger_reversed_already");
    assert_eq!(points(&stage, home).await, 20);
    let stage = stage.again().await;
    stage.app.ledger(supervisor.clone(), None, back(given)).await.expect("taken back");
    assert_eq!(points(&stage, home).await, 0);
    stage.sound().await;
}

async fn what_ran_out_is_swept(stage: Stage) {
    let homes = homes(&stage, VILLAGE, 3).await;
    for home in &homes {
        give(&stage, *home, "public.labour").await.expect("booked");
    }
    let realm = stage.app.realm();
    let day = stage.app.now().day();
    assert!(stage.app.pool().ledger_run_out(realm, "", day, 100).await.expect("read").0.is_empty());
    stage.wait_hours(24 * 400);
    let day = stage.app.now().day();
    let (accounts, _) = stage.app.pool().ledger_run_out(realm, "", day, 100).await.expect("read");
    assert_eq!(accounts.len(), 3);
    let sweep = Request::Expire(Sweep { accounts, day });
    assert_eq!(refusal(stage.app.ledger(stage.who("village.clerk", VILLAGE), None, sweep.clone()).await), "no_right");
    let done = stage.app.ledger(Who::System, None, sweep.clone()).await.expect("swept");
    assert_eq!(done.made.len(), 3);
    assert!(stage.app.ledger(Who::System, None, sweep).await.expect("nothing left").idle);
    for home in homes {
        assert_eq!(points(&stage, home).await, 0);
    }
    assert!(stage.app.pool().ledger_run_out(realm, "", day, 100).await.expect("read").0.is_empty());
    stage.sound().await;
}

async fn another_process_sees_the_same_books(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let other = stage.beside().await;
    let clerk = stage.who("village.clerk", VILLAGE);
    for i in 0..4 {
        let app = if i % 2 == 0 { &stage.app } else { &other };
        app.ledger(clerk.clone(), None, award(&stage, home, "env.yard", 1)).await.expect("booked");
    }
    let refused = other.ledger(clerk, None, award(&stage, home, "env.yard", 1)).await;
    assert_eq!(refusal(refused), "ledger_cap_month", "the cap holds over processes");
    other.pool().close().await;
    stage.sound().await;
}

async fn a_row_changed_by_hand_is_found(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    give(&stage, home, "public.labour").await.expect("booked");
    stage.sound().await;
    for (change, back, table) in [
        (
            "update ledger_account set balance = balance + 1",
            "update ledger_account set balance = balance - 1",
            "ledger_account",
        ),
        ("update ledger_lot set rest = rest + 1", "update ledger_lot set rest = rest - 1", "ledger_lot"),
        ("update ledger_leg set amount = amount + 1", "update ledger_leg set amount = amount - 1", "ledger_leg"),
        ("update ledger_use set n = n + 1", "update ledger_use set n = n - 1", "ledger_use"),
        (
            "update ledger_transfer set status = 'void'",
            "update ledger_transfer set status = 'posted'",
            "ledger_transfer",
        ),
    ] {
        by_hand(stage.app.pool(), change, &[]).await;
        let fault = stage.app.check_rebuild().await.expect("checked").fault.expect("found");
        assert!(fault.starts_with(table), "{fault}");
        by_hand(stage.app.pool(), back, &[]).await;
    }
    stage.sound().await;
    by_hand(stage.app.pool(), "delete from ledger_leg", &[]).await;
    let fault = stage.app.check_rebuild().await.expect("checked").fault.expect("found");
    assert!(fault.starts_with("ledger_leg"), "{fault}");
    let _ = COUNTY;
}
