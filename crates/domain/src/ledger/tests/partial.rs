//! The committer never has the whole books at hand: it loads what a group wants. What is decided on that part must be
//! what would be decided on the whole.

use super::fixture::World;
use super::histories::{request, runs, seen, step, steps};
use crate::ledger::{Book, LedgerEvent, Request, Wants, carry_out, decide, wants};
use crate::refusal::Refusal;
use proptest::prelude::*;

/// Takes what is wanted out of the whole books, as the store does.
fn load(part: &mut Book, whole: &Book, wanted: Wants) {
    for booked in wanted.transfers.iter().filter_map(|id| whole.transfer(*id)) {
        part.hold_transfer(booked.clone());
    }
    for matter in &wanted.matters {
        whole.of_matter(*matter).filter_map(|id| whole.transfer(id)).for_each(|b| part.hold_transfer(b.clone()));
    }
    let by_key = wanted.keys.iter().filter_map(|k| whole.find(k));
    let by_id = wanted.ids.iter().filter_map(|id| whole.account(*id));
    for account in by_key.chain(by_id) {
        let mut account = account.clone();
        account.lots_known = false;
        part.hold_account(account);
    }
    for id in &wanted.lots {
        part.hold_lots(*id, whole.lots(*id).filter(|(_, lot)| lot.rest != 0).map(|(lot, l)| (lot, *l)));
    }
    for (account, lot) in &wanted.one_lots {
        if let Some(found) = whole.lot(*account, *lot) {
            part.hold_lot(*account, *lot, *found);
        }
    }
    for key in &wanted.uses {
        if whole.uses().any(|(k, _)| k == key) {
            part.hold_use(key.clone(), whole.used(key));
        }
    }
    for record in wanted.records.iter().filter_map(|k| whole.record(k)) {
        part.hold_record(record.clone());
    }
    part.hold_asked(wanted);
}

/// Decides on a part of the books that holds only what was wanted, for a group of requests.
fn on_a_part(world: &World, group: &[(crate::matter::Who, Request)]) -> (Book, Vec<Result<Vec<LedgerEvent>, Refusal>>) {
    let mut part = Book::default();
    for round in 0.. {
        let mut wanted = Wants::default();
        group.iter().for_each(|(_, request)| wants(world.ctx(), &part, request, &mut wanted));
        if wanted.is_empty() {
            break;
        }
        assert!(round < 5, "{wanted:?}");
        load(&mut part, &world.book, wanted);
    }
    let mut id = world.next;
    let mut answers = Vec::new();
    for (by, request) in group {
        let before = id;
        let mut next = || {
            id += 1;
            id
        };
        let decided = match request {
            Request::Settle { .. } => carry_out(world.ctx(), &part, &mut next, by, request),
            _ => decide(world.ctx(), &part, &mut next, by, request),
        };
        match &decided {
            Ok(events) => events.iter().for_each(|e| drop(part.apply(e, 1, world.now))),
            Err(_) => id = before,
        }
        answers.push(decided);
    }
    (part, answers)
}

proptest! {
    #![proptest_config(runs(150))]

    #[test]
    fn a_part_is_enough(all in steps(40), group in steps(8)) {
        let mut world = super::histories::run(&all);
        let group: Vec<_> = group.into_iter().map(|s| request(&world, s)).collect();
        let (part, answers) = on_a_part(&world, &group);
        for ((by, request), answer) in group.iter().zip(answers) {
            let whole = match request {
                Request::Settle { .. } => world.by_flow(request),
                _ => world.ask(by, request),
            };
            prop_assert_eq!(whole, answer, "{:?}", request);
        }
        // What the part holds stands as it does in the whole.
        for account in part.accounts() {
            let mut whole = world.book.account(account.id).expect("it is there").clone();
            whole.lots_known = account.lots_known;
            prop_assert_eq!(account, &whole);
        }
        let lots = seen(&world.book).1;
        for lot in seen(&part).1 {
            prop_assert!(lots.contains(&lot), "{}", lot);
        }
        let _ = step;
    }
}
