//! Random histories: in whatever order awards, trades, reservations, reversals, expiry and days come, the books hold.

use super::fixture::{HOMES, VILLAGES, World};
use crate::fact::Fact;
use crate::ids::{LedgerId, TransferId};
use crate::ledger::{About, Book, Booked, Count, How, LedgerEvent, Plain, Request, Roles, Status, Stock, Sweep, clear};
use crate::matter::Who;
use crate::policy::Quantity;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeMap;

/// One thing that is asked: what, and three choices.
pub type Step = (u8, usize, usize, usize);

pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec((0u8..24, any::<usize>(), any::<usize>(), any::<usize>()), 1..most)
}

pub fn runs(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_210_301),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

const RULES: [&str; 9] = ["help", "clean", "labour", "litter", "noise", "care", "mask", "relief", "gone"];
const ITEMS: [&str; 4] = ["soap", "haircut", "bottles", "nothing"];

fn any_transfer(world: &World, n: usize) -> Option<TransferId> {
    let mut ids: Vec<TransferId> = world.book.transfers().map(|b| b.moved.id).collect();
    ids.sort();
    ids.get(n % ids.len().max(1)).copied()
}

/// What a step asks for.
pub fn request(world: &World, (what, a, b, c): Step) -> (Who, Request) {
    let (home, day, keeper, clerk) = (HOMES[a % 3], world.now.day(), world.keeper(), world.clerk());
    let until =
        c.is_multiple_of(3).then(|| world.now.plus_ms((i64::try_from(c % 5).unwrap() - 1) * crate::day::DAY_MS));
    let many = |n: usize| i64::try_from(n % 7).unwrap_or(0);
    let party = world.shops[a % 2];
    match what {
        0..=7 => {
            let mut award = world.award_of(home, RULES[b % RULES.len()], 1 + many(c) / 3);
            award.until = until;
            award.day = day.plus(-i32::try_from(c % 4).unwrap_or(0));
            (clerk, Request::Award(award))
        }
        8..=12 => {
            let mut trade = world.trade_of(home, &[(ITEMS[b % 4], 1 + many(c))], many(b) * 100);
            trade.until = until;
            if b.is_multiple_of(5) {
                trade.items.push(("bottles".into(), 1 + many(c) * 331));
            }
            (keeper, Request::Trade(trade))
        }
        13 => {
            let items = vec![("soap".to_owned(), many(b), many(c) * 100)];
            (keeper, Request::Stock(Stock { kind: "purchase".into(), party, items, day, about: About::default() }))
        }
        14 => {
            let items = vec![(ITEMS[b % 3].to_owned(), many(c))];
            (keeper, Request::Count(Count { kind: "stocktaking".into(), party, items, day, about: About::default() }))
        }
        15 => {
            let roles = Roles { place: VILLAGES[0], household: None, party: None };
            let amounts = vec![(Quantity::Value, "fen".to_owned(), many(c) * 1000)];
            (clerk, Request::Plain(Plain { kind: "fund".into(), roles, amounts, day, about: About::default() }))
        }
        16..=18 => {
            let id = any_transfer(world, b).unwrap_or_default();
            (clerk, Request::Reverse { id, day, about: About::default() })
        }
        19 | 20 => {
            let how = [How::Posted, How::Void][c % 2];
            (Who::System, Request::Settle { id: any_transfer(world, b).unwrap_or_default(), how, shown: None })
        }
        21 => {
            let ids: Vec<TransferId> = world.book.transfers().map(|b| b.moved.id).collect();
            (Who::System, Request::Lapse(ids))
        }
        22 => {
            let mut accounts: Vec<LedgerId> = world.book.accounts().map(|a| a.id).collect();
            accounts.sort();
            (Who::System, Request::Expire(Sweep { accounts, day }))
        }
        _ => {
            let list = (0..1 + b % 3).map(|i| request(world, (0, a + i, b + i, c)).1).collect();
            (clerk, Request::Many(list))
        }
    }
}

/// Carries a step out; some let days pass first.
pub fn step(world: &mut World, step: Step) -> Option<Vec<LedgerEvent>> {
    if step.3.is_multiple_of(6) {
        world.wait(i64::try_from(step.2 % 40).unwrap_or(0));
    }
    let (by, request) = request(world, step);
    let done = match request {
        Request::Settle { .. } => world.by_flow(&request),
        _ => world.ask(&by, &request),
    };
    done.ok()
}

pub fn run(steps: &[Step]) -> World {
    let mut world = World::new();
    world.fill(5, 5000);
    for one in steps {
        step(&mut world, *one);
    }
    world
}

/// Everything but what was looked for.
type Seen = (Vec<String>, Vec<String>, Vec<Booked>, Vec<String>, Vec<String>);

pub fn seen(book: &Book) -> Seen {
    let mut accounts: Vec<String> = book.accounts().map(|a| format!("{a:?}")).collect();
    accounts.sort();
    let lots = book.all_lots().map(|l| format!("{l:?}")).collect();
    let mut transfers: Vec<Booked> = book.transfers().cloned().collect();
    transfers.sort_by_key(|b| b.moved.id);
    let mut uses: Vec<String> = book.uses().map(|u| format!("{u:?}")).collect();
    uses.sort();
    (accounts, lots, transfers, uses, book.records().map(|r| format!("{r:?}")).collect())
}

fn every_unit_sums_to_zero(world: &World) {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for account in world.book.accounts() {
        *sums.entry(account.key.unit.as_str()).or_default() += account.balance;
    }
    assert!(sums.values().all(|n| *n == 0), "{sums:?}");
}

fn accounts_agree_with_their_lots(world: &World) {
    for account in world.book.accounts() {
        let kind = world.policy.ledger.account(&account.key.kind).expect("a kind");
        if !account.lots {
            assert!(kind.below_zero || account.free() >= 0, "{account:?}");
            continue;
        }
        let lots: Vec<_> = world.book.lots(account.id).map(|(_, lot)| *lot).collect();
        assert_eq!(account.balance, lots.iter().map(|l| l.rest).sum::<i64>(), "{account:?} {lots:?}");
        assert_eq!(account.held, lots.iter().map(|l| l.held).sum::<i64>(), "{account:?}");
        assert_eq!(account.debt, lots.iter().map(|l| (-l.rest).max(0)).sum::<i64>(), "{account:?}");
        let ends = lots.iter().filter(|l| l.rest > 0).filter_map(|l| l.expires).min();
        assert_eq!(account.expires, ends, "{account:?}");
        for lot in lots {
            let sound = if lot.amount > 0 {
                0 <= lot.held && lot.held <= lot.rest && lot.rest <= lot.amount
            } else {
                lot.amount <= lot.rest && lot.rest <= 0 && lot.held == 0
            };
            assert!(sound, "{lot:?}");
        }
    }
}

/// What is left of each lot is what it began with and every change that a transfer names.
fn lots_pair_with_what_changed_them(world: &World) {
    let mut rests: BTreeMap<(LedgerId, TransferId), i64> = BTreeMap::new();
    for booked in world.book.transfers().filter(|b| b.status == Status::Posted) {
        for leg in &booked.moved.legs {
            if world.book.account(leg.account).is_some_and(|a| a.lots) {
                *rests.entry((leg.account, booked.moved.id)).or_default() += leg.own();
                for (lot, n) in &leg.lots {
                    *rests.entry((leg.account, *lot)).or_default() += n;
                }
            }
        }
        // What ran out is taken from lots that had run out on that day.
        for (leg, (lot, _)) in booked.moved.legs.iter().flat_map(|l| l.lots.iter().map(move |c| (l, c))) {
            if booked.moved.kind == "lapse" && booked.moved.reverses.is_none() {
                let lot = world.book.lot(leg.account, *lot).expect("a lot");
                assert!(lot.expires.is_some_and(|last| last < booked.moved.day), "{lot:?}");
            }
        }
    }
    rests.retain(|_, n| *n != 0);
    let lots: BTreeMap<_, _> = world.book.all_lots().filter(|(_, l)| l.rest != 0).map(|(k, l)| (*k, l.rest)).collect();
    assert_eq!(rests, lots);
}

fn caps_hold(world: &World) {
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    for booked in world.book.transfers() {
        let stands = matches!(booked.status, Status::Posted | Status::Pending) && booked.reversed.is_none();
        if let Some((start, n)) = booked.moved.about.used.filter(|_| stands) {
            let about = &booked.moved.about;
            *sums.entry((about.household, about.rule.clone(), start)).or_default() += n;
        }
    }
    for (key, n) in world.book.uses() {
        assert_eq!(sums.get(key).copied().unwrap_or(0), n, "{key:?}");
        let cap = world.policy.ledger.versions(&key.1).find_map(|r| r.cap).expect("a cap");
        assert!((0..=cap.most).contains(&n), "{key:?} {n}");
    }
}

/// Facts of the balance sum up to the balance; those of awards to what stands.
fn facts_agree(world: &World, facts: &[(LedgerId, Fact)]) {
    let mut sums: BTreeMap<LedgerId, i64> = BTreeMap::new();
    let mut awarded = 0;
    for (account, fact) in facts {
        match fact.measure.as_str() {
            "points.balance" => *sums.entry(*account).or_default() += fact.delta,
            "points.awarded" => awarded += fact.delta,
            _ => {}
        }
    }
    for account in world.book.accounts().filter(|a| a.key.kind == "home") {
        assert_eq!(sums.get(&account.id).copied().unwrap_or(0), account.balance, "{account:?}");
    }
    let stands = |b: &&Booked| b.moved.kind == "award" && b.status == Status::Posted && b.reversed.is_none();
    let given: i64 = world
        .book
        .transfers()
        .filter(stands)
        .filter(|b| b.moved.reverses.is_none())
        .flat_map(|b| &b.moved.legs)
        .filter(|l| l.n > 0 && world.book.account(l.account).is_some_and(|a| a.key.kind == "home"))
        .map(|l| l.n)
        .sum();
    assert_eq!(awarded, given);
}

/// The books again from the journal's text alone, with the facts and the lines of every statement.
fn replayed(world: &World) -> (Book, Vec<(LedgerId, Fact)>) {
    let (mut book, mut facts) = (Book::default(), Vec::new());
    let mut last: BTreeMap<LedgerId, (i64, i64)> = BTreeMap::new();
    for (seq, at, event) in &world.events {
        let text = serde_json::to_string(event).expect("text");
        let event: LedgerEvent = serde_json::from_str(&text).expect("an event");
        let touched = book.apply(&event, *seq, *at);
        for line in &touched.lines {
            let before = last.insert(line.account, (line.n, line.balance)).unwrap_or((0, 0));
            assert_eq!((before.0 + 1, before.1 + line.amount), (line.n, line.balance));
        }
        facts.extend(touched.facts);
        // A second time it changes nothing.
        if matches!(event, LedgerEvent::Moved(_) | LedgerEvent::Settled(_)) {
            let before = seen(&book);
            book.apply(&event, *seq, *at);
            assert_eq!(seen(&book), before);
        }
    }
    for account in book.accounts() {
        assert_eq!(last.get(&account.id).copied().unwrap_or((0, 0)), (account.lines, account.balance));
    }
    (book, facts)
}

fn hold(world: &World) {
    every_unit_sums_to_zero(world);
    accounts_agree_with_their_lots(world);
    lots_pair_with_what_changed_them(world);
    caps_hold(world);
    let (book, facts) = replayed(world);
    assert_eq!(seen(&book), seen(&world.book));
    facts_agree(world, &facts);
}

proptest! {
    #![proptest_config(runs(120))]

    #[test]
    fn the_books_hold(all in steps(60)) {
        let world = run(&all);
        hold(&world);
    }

    #[test]
    fn a_reversal_at_once_restores_everything(all in steps(40), which in any::<usize>(), one in 0u8..16) {
        let mut world = run(&all);
        let before = seen(&world.book);
        let Some(events) = step(&mut world, (one, which, which / 3, which / 7 * 6 + 1)) else { return Ok(()) };
        let made: Vec<TransferId> = events.iter().filter_map(|e| match e {
            LedgerEvent::Moved(m) if m.until.is_none() => Some(m.id),
            _ => None,
        }).collect();
        prop_assume!(made.len() == 1 && events.iter().all(|e| matches!(e, LedgerEvent::Moved(_))));
        if world.reverse(made[0]).is_err() {
            // A kind that nobody may reverse.
            return Ok(());
        }
        let after = seen(&world.book);
        let open = |lots: &[String]| lots.iter().filter(|l| !l.contains(" rest: 0,")).cloned().collect::<Vec<_>>();
        let plain = |accounts: &[String]| {
            accounts.iter().map(|a| a.split(" lines:").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        prop_assert_eq!(plain(&after.0), plain(&before.0));
        prop_assert_eq!(open(&after.1), open(&before.1));
        let used = |uses: &[String]| uses.iter().filter(|u| !u.ends_with(" 0)")).cloned().collect::<Vec<_>>();
        prop_assert_eq!(used(&after.3), used(&before.3));
        hold(&world);
    }

    #[test]
    fn two_cashiers_never_sell_what_is_not_there(
        stock in 0i64..6, orders in proptest::collection::vec((0usize..2, 1i64..4), 1..12)
    ) {
        let mut world = World::new();
        world.fill(stock.max(1), 100_000);
        for home in HOMES {
            for _ in 0..2 {
                world.award(home, "labour", 1).unwrap();
            }
        }
        let mut sold = 0;
        for (cashier, n) in orders {
            let by = Who::Account { account: [super::fixture::KEEPER, super::fixture::OTHER_KEEPER][cashier], post: None };
            let trade = world.trade_of(HOMES[cashier], &[("soap", n)], 0);
            if world.ask(&by, &Request::Trade(trade)).is_ok() {
                sold += n;
            }
        }
        prop_assert!(sold <= stock.max(1));
        prop_assert_eq!(world.balance("stock", world.shops[0].0, "soap"), stock.max(1) - sold);
        hold(&world);
    }

    #[test]
    fn a_clearing_leaves_nothing_old(all in steps(40)) {
        let mut world = run(&all);
        let clerk = world.clerk();
        let notice = Request::Notice { village: VILLAGES[0], clearing: "year".into() };
        world.ask(&clerk, &notice).unwrap();
        let rule = world.policy.ledger.clearings[0].clone();
        let up_to = crate::policy::next_date(&rule.up_to, world.now.day()).unwrap();
        world.now = up_to.plus(31).at_minute(600);
        let mut accounts: Vec<LedgerId> = world.book.accounts().filter(|a| a.key.kind == "home").map(|a| a.id).collect();
        accounts.sort();
        let request = Request::Clear { clearing: "year".into(), village: VILLAGES[0], up_to, accounts: accounts.clone() };
        world.ask(&clerk, &request).unwrap();
        for (_, lot) in world.book.all_lots() {
            prop_assert!(lot.made > up_to || lot.rest <= lot.held);
        }
        every_unit_sums_to_zero(&world);
        accounts_agree_with_their_lots(&world);
        // Once more there is nothing left to clear.
        let mut next = || 0;
        for account in accounts {
            let again = clear(world.ctx(), &world.book, &mut next, &rule, (VILLAGES[0], up_to), account);
            prop_assert_eq!(again, Ok(None));
        }
    }
}
