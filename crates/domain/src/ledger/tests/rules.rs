//! What is refused, and under which rule; what a transfer does to balances and lots.

use super::fixture::{CLERK, HOMES, KEEPER, OTHER_KEEPER, VILLAGES, World, made};
use crate::day::Day;
use crate::ids::{AccountId, PartyId};
use crate::ledger::{About, AccountKey, How, LedgerEvent, Record, Request, Status, Sweep};
use crate::matter::Who;
use crate::refusal::Refusal;

fn key<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> String {
    answer.expect_err("refused").key
}

fn arg(refusal: &Refusal, name: &str) -> String {
    refusal.args.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
}

#[test]
fn an_award_goes_from_the_pool_to_the_household() {
    let mut world = World::new();
    world.award(HOMES[0], "help", 3).unwrap();
    assert_eq!(world.balance("home", 501, "good"), 15);
    assert_eq!(world.balance("pool", VILLAGES[0].0, "good"), -15);
    let account = world.book.find(&AccountKey::new("home", 501, "good")).unwrap();
    let (_, lot) = world.book.lots(account.id).next().unwrap();
    assert_eq!((lot.rest, lot.expires), (15, Some(world.now.day().plus(60))));
    assert_eq!(account.expires, lot.expires);
}

#[test]
fn a_refusal_names_the_rule_and_its_basis() {
    let mut world = World::new();
    let refused = world.award(HOMES[0], "clean", 7).unwrap_err();
    assert_eq!(refused.key, "ledger_cap_month");
    assert_eq!(arg(&refused, "rule"), "规则clean");
    assert_eq!(arg(&refused, "basis"), "村民会议2020年第1号决议");
    assert_eq!(arg(&refused, "left"), "20");
    let refused = world.trade(HOMES[0], &[("haircut", 1)], 0).unwrap_err();
    assert_eq!(refused.key, "ledger_short");
    assert_eq!((arg(&refused, "have"), arg(&refused, "need")), ("0".into(), "15".into()));
    assert_eq!(arg(&refused, "basis"), "积分兑换办法第3条");
}

#[test]
fn a_rule_is_judged_by_the_version_of_its_day() {
    let mut world = World::new();
    let mut award = world.award_of(HOMES[0], "mask", 1);
    award.day = Day::ymd(2020, 12, 31).unwrap();
    world.ask(&world.clerk(), &Request::Award(award.clone())).unwrap();
    assert_eq!(world.points(HOMES[0]), 1);
    world.award(HOMES[0], "mask", 1).unwrap();
    assert_eq!(world.points(HOMES[0]), 3);
    award.day = Day::ymd(2019, 5, 1).unwrap();
    let refused = world.ask(&world.clerk(), &Request::Award(award)).unwrap_err();
    assert_eq!(refused.key, "ledger_rule_dates");
    assert_eq!(arg(&refused, "from"), "2020-01-01");
}

#[test]
fn what_is_not_right_is_refused() {
    let mut world = World::new();
    let keeper = world.keeper();
    let plain = world.award_of(HOMES[0], "help", 1);
    let ask = |world: &mut World, change: &dyn Fn(&mut crate::ledger::Award)| {
        let mut award = plain.clone();
        change(&mut award);
        world.ask(&world.clerk(), &Request::Award(award))
    };
    assert_eq!(key(ask(&mut world, &|a| a.rule = "nothing".into())), "ledger_no_rule");
    assert_eq!(key(ask(&mut world, &|a| a.times = 0)), "ledger_amount");
    assert_eq!(key(ask(&mut world, &|a| a.times = i64::MAX)), "ledger_amount");
    assert_eq!(key(ask(&mut world, &|a| a.day = a.day.plus(1))), "ledger_future");
    assert_eq!(key(ask(&mut world, &|a| a.rule = "relief".into())), "ledger_entitlement");
    assert_eq!(key(ask(&mut world, &|a| a.rule = "noise".into())), "ledger_short");
    assert_eq!(key(ask(&mut world, &|a| a.rule = "care".into())), "ledger_evidence");
    let shown = |a: &mut crate::ledger::Award| {
        a.rule = "care".into();
        a.about.evidence = 1;
    };
    assert_eq!(key(ask(&mut world, &shown)), "ledger_unreviewed");
    let own = |a: &mut crate::ledger::Award| {
        shown(a);
        (a.about.proposer, a.about.reviewer) = (Some(KEEPER), Some(KEEPER));
    };
    assert_eq!(key(ask(&mut world, &own)), "ledger_own_review");
    let refused = world.ask(&keeper, &Request::Award(plain)).unwrap_err();
    assert_eq!((refused.key.as_str(), arg(&refused, "who").as_str()), ("ledger_no_post", "clerk"));
    assert!(world.book.transfers().next().is_none(), "nothing half-posted");
    assert_eq!(world.points(HOMES[0]), 0);
}

#[test]
fn a_trade_moves_points_stock_and_budget_together() {
    let mut world = World::new();
    world.fill(10, 1000);
    world.award(HOMES[0], "help", 4).unwrap();
    world.award(HOMES[0], "clean", 1).unwrap();
    world.trade(HOMES[0], &[("soap", 2)], 0).unwrap();
    assert_eq!(world.points(HOMES[0]), 20 + 3 - 12);
    let shop = world.shops[0].0;
    assert_eq!(world.balance("stock", shop, "soap"), 8);
    assert_eq!(world.balance("budget", VILLAGES[0].0, "fen"), 200);
    assert_eq!(world.balance("spent", shop, "fen"), 800);
    // Points are there and soap is there, the budget is not: nothing moves.
    let refused = world.trade(HOMES[0], &[("soap", 1)], 0).unwrap_err();
    assert_eq!((refused.key.as_str(), arg(&refused, "account").as_str()), ("ledger_short", "兑换经费"));
    assert_eq!(world.balance("stock", shop, "soap"), 8);
    assert_eq!(world.points(HOMES[0]), 11);
}

#[test]
fn the_oldest_points_go_first_over_all_classes() {
    let mut world = World::new();
    world.fill(10, 10_000);
    let first = world.award(HOMES[0], "help", 1).unwrap();
    world.wait(1);
    let second = world.award(HOMES[0], "clean", 1).unwrap();
    world.wait(1);
    let third = world.award(HOMES[0], "help", 1).unwrap();
    world.trade(HOMES[0], &[("soap", 1)], 0).unwrap();
    let rest = |unit: &str, lot| {
        let account = world.book.find(&AccountKey::new("home", 501, unit)).unwrap().id;
        world.book.lot(account, lot).unwrap().rest
    };
    assert_eq!((rest("good", first), rest("work", second), rest("good", third)), (0, 2, 5));
}

#[test]
fn money_may_be_added_up_to_a_share() {
    let mut world = World::new();
    world.fill(10, 10_000);
    world.award(HOMES[0], "clean", 1).unwrap();
    assert_eq!(key(world.trade(HOMES[0], &[("soap", 1)], 0)), "ledger_short");
    assert_eq!(key(world.trade(HOMES[0], &[("soap", 1)], 400)), "ledger_cash");
    assert_eq!(key(world.trade(HOMES[0], &[("soap", 1)], 150)), "ledger_cash");
    assert_eq!(key(world.trade(HOMES[0], &[("soap", 1)], -100)), "ledger_cash");
    world.trade(HOMES[0], &[("soap", 1)], 300).unwrap();
    assert_eq!(world.points(HOMES[0]), 0);
    assert_eq!(world.balance("spent", world.shops[0].0, "fen"), 700);
}

#[test]
fn waste_is_worth_its_weight() {
    let mut world = World::new();
    world.fill(10, 10_000);
    // 1.26 kg at 10 points a kilogram: 12.6, which is 13.
    world.trade(HOMES[0], &[("bottles", 1260)], 0).unwrap();
    assert_eq!(world.balance("home", 501, "work"), 13);
    assert_eq!(world.balance("stock", world.shops[0].0, "bottles"), 1260);
    // Handed in and taken at once: what is due is the difference.
    world.trade(HOMES[1], &[("bottles", 1000), ("soap", 1)], 0).unwrap();
    assert_eq!(world.points(HOMES[1]), 4);
    world.trade(HOMES[1], &[("bottles", 400), ("soap", 1)], 0).unwrap();
    assert_eq!(world.points(HOMES[1]), 2);
}

#[test]
fn a_pending_trade_holds_what_it_would_take() {
    let mut world = World::new();
    world.fill(1, 10_000);
    world.award(HOMES[0], "help", 3).unwrap();
    world.award(HOMES[1], "help", 3).unwrap();
    let mut pending = world.trade_of(HOMES[0], &[("soap", 1)], 0);
    pending.until = Some(world.now.plus_ms(3 * crate::day::DAY_MS));
    let events = world.ask(&world.keeper(), &Request::Trade(pending)).unwrap();
    let held = made(&events);
    assert_eq!(world.points(HOMES[0]), 15, "nothing is taken yet");
    assert_eq!(key(world.trade(HOMES[1], &[("soap", 1)], 0)), "ledger_short", "the last soap is held");
    assert_eq!(key(world.reverse(held)), "ledger_not_posted");
    world.settle(held, How::Void).unwrap();
    assert_eq!(key(world.settle(held, How::Posted)), "ledger_not_pending");
    world.trade(HOMES[1], &[("soap", 1)], 0).unwrap();
}

#[test]
fn a_pending_transfer_lapses() {
    let mut world = World::new();
    let mut pending = world.award_of(HOMES[0], "clean", 6);
    pending.until = Some(world.now.plus_ms(crate::day::DAY_MS));
    let id = made(&world.by_flow(&Request::Award(pending)).unwrap());
    assert_eq!(key(world.award(HOMES[0], "clean", 1)), "ledger_cap_month", "what is pending uses the cap");
    assert!(world.ask(&Who::System, &Request::Lapse(vec![id])).unwrap().is_empty(), "its time has not come");
    world.wait(2);
    let refused = world.settle(id, How::Posted).unwrap_err();
    assert_eq!((refused.key.as_str(), arg(&refused, "rule").as_str()), ("ledger_pending_over", "积分入账"));
    assert_eq!(key(world.ask(&world.clerk(), &Request::Lapse(vec![id]))), "no_right");
    world.ask(&Who::System, &Request::Lapse(vec![id])).unwrap();
    assert_eq!(world.book.transfer(id).unwrap().status, Status::Lapsed);
    world.award(HOMES[0], "clean", 1).unwrap();
}

#[test]
fn a_mistake_is_taken_back_once_and_whole() {
    let mut world = World::new();
    let id = world.award(HOMES[0], "clean", 6).unwrap();
    let back = world.reverse(id).unwrap();
    assert_eq!(world.points(HOMES[0]), 0);
    assert_eq!(world.book.transfer(id).unwrap().reversed, Some(back));
    assert_eq!(key(world.reverse(id)), "ledger_reversed_already");
    assert_eq!(key(world.reverse(back)), "ledger_reversal_of_reversal");
    world.award(HOMES[0], "clean", 6).unwrap();
    world.fill(10, 10_000);
    let trade = world.trade(HOMES[0], &[("soap", 3)], 0).unwrap();
    let spent = world.award(HOMES[0], "help", 1).unwrap();
    assert_eq!(world.points(HOMES[0]), 5);
    world.reverse(trade).unwrap();
    assert_eq!(world.balance("home", 501, "work"), 18);
    world.reverse(spent).unwrap();
    assert_eq!(world.points(HOMES[0]), 18);
}

#[test]
fn an_award_that_was_spent_cannot_leave_a_hole() {
    let mut world = World::new();
    world.fill(10, 10_000);
    let id = world.award(HOMES[0], "help", 3).unwrap();
    world.trade(HOMES[0], &[("soap", 2)], 0).unwrap();
    let refused = world.reverse(id).unwrap_err();
    assert_eq!((refused.key.as_str(), arg(&refused, "have").as_str()), ("ledger_short", "3"));
}

#[test]
fn what_is_owed_is_paid_first() {
    let mut world = World::new();
    world.award(HOMES[0], "clean", 2).unwrap();
    let fined = world.award(HOMES[0], "litter", 1).unwrap();
    assert_eq!(world.balance("home", 501, "work"), -4);
    let earned = world.award(HOMES[0], "clean", 3).unwrap();
    assert_eq!(world.balance("home", 501, "work"), 5);
    let account = world.book.find(&AccountKey::new("home", 501, "work")).unwrap();
    assert_eq!(account.debt, 0);
    assert_eq!(world.book.lot(account.id, fined).unwrap().rest, 0);
    assert_eq!(world.book.lot(account.id, earned).unwrap().rest, 5);
    world.reverse(earned).unwrap();
    assert_eq!(world.balance("home", 501, "work"), -4, "the debt is owed again");
    world.reverse(fined).unwrap();
    assert_eq!(world.balance("home", 501, "work"), 6);
}

#[test]
fn what_runs_out_pairs_with_the_lots_that_ran_out() {
    let mut world = World::new();
    world.fill(10, 10_000);
    let old = world.award(HOMES[0], "help", 2).unwrap();
    world.wait(30);
    let young = world.award(HOMES[0], "help", 1).unwrap();
    world.trade(HOMES[0], &[("soap", 1)], 0).unwrap();
    world.wait(31);
    let account = world.book.find(&AccountKey::new("home", 501, "good")).unwrap().id;
    assert_eq!(key(world.trade(HOMES[0], &[("soap", 1)], 0)), "ledger_short", "what ran out cannot be spent");
    let sweep = Request::Expire(Sweep { accounts: vec![account], day: world.now.day() });
    let events = world.ask(&Who::System, &sweep).unwrap();
    let LedgerEvent::Moved(moved) = &events[0] else { panic!("a transfer") };
    assert_eq!((moved.kind.as_str(), &moved.legs[0].lots), ("lapse", &vec![(old, -4)]));
    assert_eq!(world.points(HOMES[0]), 5);
    assert_eq!(world.book.lot(account, young).unwrap().rest, 5);
    assert!(world.ask(&Who::System, &sweep).unwrap().is_empty(), "once");
}

#[test]
fn clearing_waits_for_its_notice() {
    let mut world = World::new();
    world.award(HOMES[0], "help", 2).unwrap();
    let up_to = Day::ymd(2021, 12, 31).unwrap();
    let account = world.book.find(&AccountKey::new("home", 501, "good")).unwrap().id;
    let clear = Request::Clear { clearing: "year".into(), village: VILLAGES[0], up_to, accounts: vec![account] };
    let clerk = world.clerk();
    assert_eq!(key(world.ask(&clerk, &clear)), "ledger_no_notice");
    assert_eq!(key(world.ask(&world.keeper(), &clear)), "ledger_no_post");
    world.now = Day::ymd(2021, 12, 10).unwrap().at_minute(600);
    let notice = Request::Notice { village: VILLAGES[0], clearing: "year".into() };
    let events = world.ask(&clerk, &notice).unwrap();
    assert!(matches!(&events[0], LedgerEvent::Recorded(Record::Notice { up_to: u, .. }) if *u == up_to));
    world.now = Day::ymd(2022, 1, 1).unwrap().at_minute(600);
    world.award(HOMES[0], "help", 1).unwrap();
    let refused = world.ask(&clerk, &clear).unwrap_err();
    assert_eq!((refused.key.as_str(), arg(&refused, "until").as_str()), ("ledger_notice_hangs", "2022-01-09"));
    world.now = Day::ymd(2022, 1, 9).unwrap().at_minute(600);
    world.ask(&clerk, &clear).unwrap();
    assert_eq!(world.points(HOMES[0]), 5, "what was given in the new year stays");
}

#[test]
fn what_was_counted_is_booked_as_a_difference() {
    let mut world = World::new();
    world.fill(10, 1);
    let count = |world: &World, soap: i64| {
        let items = vec![("soap".to_owned(), soap)];
        let (kind, day, about) = ("stocktaking".to_owned(), world.now.day(), About::default());
        Request::Count(crate::ledger::Count { kind, party: world.shops[0], items, day, about })
    };
    let keeper = world.keeper();
    let events = world.ask(&keeper, &count(&world, 8)).unwrap();
    assert_eq!(world.balance("stock", world.shops[0].0, "soap"), 8);
    assert!(
        matches!(&events[0], LedgerEvent::Recorded(Record::Count { lines, .. }) if lines[0] == ("soap".into(), 10, 8))
    );
    assert_eq!(world.ask(&keeper, &count(&world, 8)).unwrap().len(), 1, "counted, and nothing to book");
    assert_eq!(key(world.ask(&keeper, &count(&world, -1))), "ledger_amount");
}

#[test]
fn prices_are_dated_and_never_changed_backwards() {
    let mut world = World::new();
    let version = |from: Day, points: i64| crate::ledger::PriceVersion {
        from,
        points,
        value: 0,
        per: 1,
        taken_in: None,
        off: false,
    };
    let (party, item, today) = (world.shops[0], "haircut".to_owned(), world.now.day());
    let clerk = world.clerk();
    let price = |from, points| Request::Price { party, item: item.clone(), version: version(from, points) };
    assert_eq!(key(world.ask(&clerk, &price(today.plus(-1), 1))), "form");
    assert_eq!(key(world.ask(&world.keeper(), &price(today.plus(1), 1))), "no_right_move");
    world.ask(&clerk, &price(today.plus(7), 5)).unwrap();
    world.award(HOMES[0], "help", 3).unwrap();
    world.trade(HOMES[0], &[("haircut", 1)], 0).unwrap();
    world.wait(7);
    world.award(HOMES[0], "help", 1).unwrap();
    world.trade(HOMES[0], &[("haircut", 1)], 0).unwrap();
    assert_eq!(world.points(HOMES[0]), 0);
    let stranger = Request::Price { party: PartyId(5), item: "haircut".into(), version: version(today.plus(9), 1) };
    assert_eq!(key(world.ask(&clerk, &stranger)), "ledger_no_party");
}

#[test]
fn a_bank_needs_a_signed_sheet() {
    let mut world = World::new();
    let bank = world.shop("bank", VILLAGES[0]);
    let consent = |sheet: &str, party| Request::Consent { home: HOMES[0], party, sheet: sheet.into(), to: None };
    let clerk = world.clerk();
    assert_eq!(key(world.ask(&clerk, &consent("", bank))), "ledger_no_consent");
    assert_eq!(key(world.ask(&clerk, &consent("d", world.shops[0]))), "ledger_no_party");
    assert_eq!(key(world.ask(&world.keeper(), &consent("d", bank))), "ledger_no_post");
    world.ask(&clerk, &consent("digest", bank)).unwrap();
    let events = world.ask(&clerk, &consent("", bank)).unwrap();
    let LedgerEvent::Recorded(Record::Consent(ended)) = &events[0] else { panic!("a consent") };
    assert_eq!((ended.to, ended.sheet.as_str()), (world.now.day().plus(-1), "digest"));
    world.policy.ledger.loan.as_mut().unwrap().on = false;
    assert_eq!(key(world.ask(&clerk, &consent("digest", bank))), "ledger_loan_off");
}

#[test]
fn honours_are_a_threshold_of_a_year_that_is_over() {
    let mut world = World::new();
    let points = vec![(501, 50), (502, 49)];
    let ask = |year| Request::Honours { village: VILLAGES[0], honour: "star".into(), year, points: points.clone() };
    let clerk = world.clerk();
    assert_eq!(key(world.ask(&clerk, &ask(2021))), "ledger_year_open");
    let events = world.ask(&clerk, &ask(2020)).unwrap();
    assert_eq!(events.len(), 1);
    assert!(matches!(&events[0], LedgerEvent::Recorded(Record::Honour { household: 501, points: 50, .. })));
    let review = |homes: &[i64]| Request::Review {
        village: VILLAGES[0],
        honour: "star".into(),
        year: 2020,
        households: homes.to_vec(),
    };
    assert_eq!(key(world.ask(&clerk, &review(&[501]))), "ledger_own_review");
    assert_eq!(key(world.ask(&world.keeper(), &review(&[501, 502]))), "ledger_no_honour");
    let events = world.ask(&world.keeper(), &review(&[501])).unwrap();
    let LedgerEvent::Recorded(Record::Honour { by, reviewed, .. }) = &events[0] else { panic!("an honour") };
    assert!(by.is_some() && reviewed.is_some() && by != reviewed);
    assert!(world.ask(&clerk, &ask(2020)).unwrap().is_empty(), "what was reviewed stands");
}

#[test]
fn two_cashiers_cannot_sell_the_last_one_twice() {
    let mut world = World::new();
    world.fill(1, 10_000);
    for home in [HOMES[0], HOMES[1]] {
        world.award(home, "help", 2).unwrap();
    }
    let cashier = |id: AccountId| Who::Account { account: id, post: None };
    let (a, b) = (world.trade_of(HOMES[0], &[("soap", 1)], 0), world.trade_of(HOMES[1], &[("soap", 1)], 0));
    world.ask(&cashier(KEEPER), &Request::Trade(a)).unwrap();
    let refused = world.ask(&cashier(OTHER_KEEPER), &Request::Trade(b)).unwrap_err();
    assert_eq!((refused.key.as_str(), arg(&refused, "account").as_str()), ("ledger_short", "库存"));
    assert_eq!(world.points(HOMES[1]), 10);
}

#[test]
fn several_at_once_are_all_or_none() {
    let mut world = World::new();
    let list = |world: &World, rules: &[&str]| {
        Request::Many(rules.iter().map(|r| Request::Award(world.award_of(HOMES[0], r, 1))).collect())
    };
    let clerk = world.clerk();
    assert_eq!(key(world.ask(&clerk, &list(&world, &["labour", "labour", "labour"]))), "ledger_cap_year");
    assert_eq!(world.points(HOMES[0]), 0);
    world.ask(&clerk, &list(&world, &["help", "noise", "labour", "labour"])).unwrap();
    assert_eq!(world.points(HOMES[0]), 81);
    assert!(matches!(clerk, Who::Account { account: CLERK, .. }));
}

#[test]
fn an_entry_stays_small() {
    let mut world = World::new();
    world.award(HOMES[0], "help", 1).unwrap();
    let mut award = world.award_of(HOMES[0], "help", 1);
    award.about = About { by: Some(CLERK), ..About::default() };
    let events = world.ask(&world.clerk(), &Request::Award(award)).unwrap();
    let text = serde_json::to_string(&crate::entry::Body {
        events: events.into_iter().map(crate::entry::Event::Ledger).collect(),
    })
    .unwrap();
    assert!(text.len() < 260, "{} bytes: {text}", text.len());
}
