//! Which lots a debit takes and a credit fills: the oldest first, and said one by one, so that what runs out pairs with
//! what was given.

use super::account::Lot;
use super::book::Book;
use crate::day::Day;
use crate::ids::{LedgerId, TransferId};

/// Changes to lots.
pub(super) type Changes = Vec<(TransferId, i64)>;

/// Lots of an account, oldest first.
pub(super) fn oldest_first(book: &Book, account: LedgerId) -> Vec<(TransferId, Lot)> {
    let mut lots: Vec<(TransferId, Lot)> = book.lots(account).map(|(id, lot)| (id, *lot)).collect();
    lots.sort_by_key(|(id, lot)| (lot.made, *id));
    lots
}

/// What a debit of `n` takes on a day: first from the lots in `first` up to the amounts there, then the oldest. Returns
/// the changes and what found nothing.
pub(super) fn take(book: &Book, account: LedgerId, n: i64, day: Day, first: &Changes) -> (Changes, i64) {
    let mut left = n;
    let mut taken: Changes = Vec::new();
    for (id, most) in first {
        let free = book.lot(account, *id).map_or(0, |lot| (lot.rest - lot.held).max(0));
        take_from(&mut taken, &mut left, *id, free.min(*most));
    }
    for (id, lot) in oldest_first(book, account) {
        let already = taken.iter().find(|(t, _)| *t == id).map_or(0, |(_, n)| -n);
        take_from(&mut taken, &mut left, id, lot.usable(day) - already);
    }
    (taken, left)
}

/// Opens debts again that a credit had paid, where that credit is taken back.
pub(super) fn owe_again(book: &Book, account: LedgerId, taken: &mut Changes, mut left: i64, first: &Changes) {
    for (id, most) in first {
        let paid = book.lot(account, *id).map_or(0, |lot| if lot.amount < 0 { lot.rest - lot.amount } else { 0 });
        take_from(taken, &mut left, *id, paid.min(*most));
    }
}

fn take_from(taken: &mut Changes, left: &mut i64, id: TransferId, free: i64) {
    let n = free.min(*left);
    if n <= 0 {
        return;
    }
    match taken.iter_mut().find(|(t, _)| *t == id) {
        Some((_, sum)) => *sum -= n,
        None => taken.push((id, -n)),
    }
    *left -= n;
}

/// What a credit of `n` does before it makes a lot: it fills what stands in `first`, lots up to what they began with and
/// debts up to nothing; then it pays the oldest debts. What is left makes a lot of its own.
pub(super) fn give(book: &Book, account: LedgerId, n: i64, first: &Changes) -> Changes {
    let mut left = n;
    let mut given: Changes = Vec::new();
    let room = |lot: &Lot| if lot.amount > 0 { lot.amount - lot.rest } else { -lot.rest };
    for (id, most) in first {
        let part = left.min(*most).min(book.lot(account, *id).map_or(0, room));
        if part > 0 {
            given.push((*id, part));
            left -= part;
        }
    }
    for (id, lot) in oldest_first(book, account).into_iter().filter(|(_, lot)| lot.rest < 0) {
        let already = given.iter().find(|(g, _)| *g == id).map_or(0, |(_, n)| *n);
        let part = left.min(-lot.rest - already);
        if part > 0 {
            match given.iter_mut().find(|(g, _)| *g == id) {
                Some((_, sum)) => *sum += part,
                None => given.push((id, part)),
            }
            left -= part;
        }
    }
    given
}

/// What a debit could take in all, less what is owed.
pub(super) fn free(book: &Book, account: LedgerId, day: Day, first: &Changes) -> i64 {
    let all = take(book, account, i64::MAX, day, first).1;
    let debt = book.account(account).map_or(0, |a| a.debt);
    (i64::MAX - all - debt).max(0)
}
