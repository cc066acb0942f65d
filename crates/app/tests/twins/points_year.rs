//! The end of a points year, loans and the counter: a list is drawn up by one post and reviewed by another, a clearing waits
//! for its notice, a bank sees nothing without a signed sheet, and two cashiers never sell the same thing.

use crate::ledger::{clerk_awards, give, homes, points, shop};
use crate::stage::{Stage, VILLAGE, refusal, twins};
use xiangyue_app::file::Upload;
use xiangyue_domain::day::{DAY_MS, Day};
use xiangyue_domain::ids::{HouseholdId, PartyId};
use xiangyue_domain::ledger::{About, Party, PriceVersion, Request, Trade};
use xiangyue_domain::policy::Policy;

twins!(
    a_list_of_honours_is_reviewed_before_it_is_public with a_generous_year,
    a_clearing_waits_for_its_notice with a_generous_year,
    a_bank_sees_nothing_without_a_signed_sheet with a_generous_year,
    waste_is_weighed_and_credited with a_generous_year,
    two_cashiers_never_sell_the_same_thing with a_generous_year,
);

fn a_generous_year(policy: &mut Policy) {
    clerk_awards(policy);
    for honour in &mut policy.ledger.honours {
        honour.at_least = 4;
    }
    if let Some(loan) = &mut policy.ledger.loan {
        (loan.on, loan.grades[0].points) = (true, 4);
    }
    for unit in policy.ledger.units.iter_mut().filter(|u| u.group == "points") {
        (unit.until, unit.expire) = (None, None);
    }
}

async fn a_list_of_honours_is_reviewed_before_it_is_public(stage: Stage) {
    let homes = homes(&stage, VILLAGE, 3).await;
    let village = stage.place(VILLAGE);
    let policy = stage.app.policy();
    let rule = policy.ledger.honours[0].clone();
    let year = stage.app.now().day().date().year();
    for (home, times) in [(homes[0], 2), (homes[1], 1)] {
        for _ in 0..times {
            give(&stage, home, "env.yard").await.expect("booked");
        }
    }
    let secretary = stage.who("village.secretary", VILLAGE);
    let draw = |by| stage.app.draw_honours(by, (village, &rule, year), None);
    assert_eq!(refusal(draw(secretary.clone()).await), "ledger_year_open");
    let next = Day::ymd(year + 1, 1, 20).expect("a day").at_minute(600);
    stage.set(next);
    // What comes in the new year does not count for the old one.
    give(&stage, homes[1], "env.yard").await.expect("booked");
    assert_eq!(refusal(draw(stage.who("village.clerk", VILLAGE)).await), "ledger_no_post");
    draw(secretary.clone()).await.expect("drawn up");
    let list = stage.app.honoured(village, &rule.id, year).await.expect("read");
    assert_eq!(
        list.iter().map(|h| (h.number.as_str(), h.points, h.reviewed)).collect::<Vec<_>>(),
        [("H0000", 4, false)]
    );
    let review = Request::Review { village, honour: rule.id.clone(), year, households: vec![list[0].household] };
    assert_eq!(refusal(stage.app.ledger(secretary.clone(), None, review.clone()).await), "ledger_no_post");
    stage.app.ledger(stage.who("village.supervisor", VILLAGE), None, review).await.expect("reviewed");
    assert!(stage.app.honoured(village, &rule.id, year).await.expect("read")[0].reviewed);
    draw(secretary).await.expect("again changes nothing");
    assert!(stage.app.honoured(village, &rule.id, year).await.expect("read")[0].reviewed);
    stage.sound().await;
}

async fn a_clearing_waits_for_its_notice(stage: Stage) {
    let homes = homes(&stage, VILLAGE, 2).await;
    let village = stage.place(VILLAGE);
    give(&stage, homes[0], "env.yard").await.expect("booked");
    let policy = stage.app.policy();
    let rule = policy.ledger.clearings[0].clone();
    let secretary = stage.who("village.secretary", VILLAGE);
    let up_to = Day::ymd(stage.app.now().day().date().year(), 12, 31).expect("a day");
    let clear = || stage.app.clear_village(secretary.clone(), (village, &rule, up_to));
    assert_eq!(refusal(clear().await), "ledger_no_notice");
    let notice = Request::Notice { village, clearing: rule.id.clone() };
    stage.app.ledger(secretary.clone(), None, notice).await.expect("hangs");
    assert_eq!(refusal(clear().await), "ledger_notice_hangs");
    stage.set(up_to.plus(9).at_minute(600));
    // What was given after the year stays.
    give(&stage, homes[0], "env.yard").await.expect("booked");
    assert_eq!(clear().await.expect("cleared"), 1);
    assert_eq!(points(&stage, homes[0]).await, 2);
    clear().await.expect("again changes nothing");
    assert_eq!(points(&stage, homes[0]).await, 2);
    // The entry is public, with its receipt.
    let entries = stage.app.village_entries(village, 9).await.expect("read");
    let ids: Vec<_> = entries.iter().map(|e| e.booked.moved.id).collect();
    assert_eq!(stage.app.codes_of(&ids).await.expect("codes").len(), entries.len());
    stage.sound().await;
}

async fn a_bank_sees_nothing_without_a_signed_sheet(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let (village, clerk) = (stage.place(VILLAGE), stage.who("village.clerk", VILLAGE));
    for _ in 0..2 {
        give(&stage, home, "env.yard").await.expect("booked");
    }
    let party = Party { id: PartyId(0), kind: "bank".into(), name: "某银行".into(), place: village, closed: None };
    let town = stage.who("town.secretary", crate::stage::TOWN);
    let bank = PartyId(stage.app.ledger(town, None, Request::Party(party)).await.expect("a bank").made[0]);
    let id = HouseholdId(home.id);
    assert_eq!(refusal(stage.app.credit_of(id).await), "ledger_no_consent");
    let household = stage.app.household_typed(village, "H0000").await.expect("read").expect("there");
    let sheet = || Upload { jpeg: b"signed".to_vec(), field: String::new() };
    let keeper = stage.who("village.shopkeeper", VILLAGE);
    let record = |by| stage.app.record_consent(by, (&household, bank, None), sheet(), None);
    assert_eq!(refusal(record(keeper).await), "ledger_no_post");
    record(clerk.clone()).await.expect("on record");
    let (consent, n, grade) = stage.app.credit_of(id).await.expect("seen");
    assert!(!consent.sheet.is_empty() && n == 4 && !grade.is_empty());
    assert_eq!(stage.app.consents_in(village).await.expect("read").len(), 1);
    // The signed sheet can be read again, under its own party alone, and the look is on record.
    let reader = clerk.account().expect("an account");
    let seen = async |party| stage.app.consent_sheet(reader, village, (id, party)).await;
    assert_eq!(seen(bank).await.expect("the sheet"), sheet().jpeg);
    assert!(seen(PartyId(bank.0 + 1)).await.is_err());
    let end = Request::Consent { home, party: bank, sheet: String::new(), to: None };
    stage.app.ledger(clerk.clone(), None, end).await.expect("withdrawn");
    assert_eq!(refusal(stage.app.credit_of(id).await), "ledger_no_consent");
    assert!(stage.app.consents_in(village).await.expect("read").is_empty());
    assert!(seen(bank).await.is_err(), "it has ended");
    record(clerk).await.expect("on record again");
    stage.set(stage.app.now().plus_ms(400 * DAY_MS));
    assert_eq!(refusal(stage.app.credit_of(id).await), "ledger_no_consent");
    stage.sound().await;
}

fn traded(stage: &Stage, home: xiangyue_domain::ledger::Home, party: PartyId, item: &str, n: i64) -> Request {
    Request::Trade(Trade {
        kind: "redeem".into(),
        home,
        party,
        items: vec![(item.into(), n)],
        cash: 0,
        day: stage.app.now().day(),
        until: None,
        about: About::default(),
    })
}

async fn waste_is_weighed_and_credited(stage: Stage) {
    let home = homes(&stage, VILLAGE, 1).await[0];
    let party = shop(&stage, 1, 100_000).await;
    let day = stage.app.now().day();
    let version = PriceVersion { from: day, points: 2, value: 50, per: 1000, taken_in: Some("env".into()), off: false };
    let price = Request::Price { party, item: "plastic".into(), version };
    stage.app.ledger(stage.who("village.clerk", VILLAGE), None, price).await.expect("a price by weight");
    let keeper = stage.who("village.shopkeeper", VILLAGE);
    stage.app.ledger(keeper, None, traded(&stage, home, party, "plastic", 3500)).await.expect("weighed");
    assert_eq!(points(&stage, home).await, 7);
    let (_, shelf) = stage.app.shelf(party).await.expect("read");
    assert_eq!(shelf["plastic"].balance, 3500);
    stage.sound().await;
}

async fn two_cashiers_never_sell_the_same_thing(stage: Stage) {
    let homes = homes(&stage, VILLAGE, 6).await;
    let party = shop(&stage, 3, 100_000).await;
    for home in &homes {
        for _ in 0..4 {
            give(&stage, *home, "env.yard").await.expect("booked");
        }
    }
    let other = stage.beside().await;
    let keeper = stage.who("village.shopkeeper", VILLAGE);
    let mut sold = 0;
    let mut refused = Vec::new();
    for pair in homes.chunks(2) {
        let here = stage.app.ledger(keeper.clone(), None, traded(&stage, pair[0], party, "soap", 1));
        let there = other.ledger(keeper.clone(), None, traded(&stage, pair[1], party, "soap", 1));
        let (a, b) = tokio::join!(here, there);
        for answer in [a, b] {
            if answer.is_ok() { sold += 1 } else { refused.push(refusal(answer)) }
        }
    }
    assert_eq!(sold, 3, "{refused:?}");
    assert!(refused.iter().all(|r| r == "ledger_short"), "{refused:?}");
    let (_, shelf) = stage.app.shelf(party).await.expect("read");
    assert_eq!(shelf["soap"].balance, 0);
    stage.sound().await;
}
