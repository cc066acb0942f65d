//! The ledger's tables: what a group wrote is what the next one reads, and no statement walks a whole table.

use crate::support::{REALM, Twin, sqlite, twins, write};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::ids::{LedgerId, MatterId, PartyId, RegionId, TransferId};
use xiangyue_domain::ledger::{
    About, Account, AccountKey, Book, How, LedgerEvent, Leg, Moved, Opening, Party, Record, RecordKey, Settled, Wants,
};
use xiangyue_store::{Batch, Pool};

twins!(a_group_reads_what_the_one_before_wrote, lines_page_from_the_newest, what_the_clock_looks_at);

const AT: Time = Time(1_600_000_000_000);

fn opened(id: i64, kind: &str, lots: bool) -> LedgerEvent {
    let opening =
        Opening { id: LedgerId(id), kind: kind.into(), owner: 7, unit: "u/1".into(), place: RegionId(111), lots };
    LedgerEvent::Opened(opening)
}

fn moved(id: i64, n: i64) -> Moved {
    let leg = |account, n, expires| Leg { account: LedgerId(account), n, lots: Vec::new(), expires };
    Moved {
        id: TransferId(id),
        kind: "award".into(),
        day: Day(18_000),
        legs: vec![leg(1, -n, None), leg(2, n, Some(Day(18_100)))],
        until: None,
        reverses: None,
        facts: Vec::new(),
        about: About { household: 7, rule: "r/1".into(), used: Some((Day(18_000), n)), ..About::default() },
    }
}

async fn take(pool: &Pool, book: &mut Book, events: &[LedgerEvent]) {
    let mut batch = Batch::default();
    for event in events {
        let touched = book.apply(event, 1, AT);
        batch.ledger.follow(book, &touched);
    }
    write(pool, batch).await;
}

/// Two accounts, three transfers; one is pending and belongs to a matter.
async fn filled(twin: &Twin) -> Book {
    let mut book = Book::default();
    let party =
        Party { id: PartyId(9), kind: "shop".into(), name: "某店".into(), place: RegionId(111), closed: None };
    let pending = Moved {
        until: Some(AT.plus_ms(1000)),
        about: About { matter: Some(MatterId(77)), ..About::default() },
        ..moved(12, 4)
    };
    let events = [
        opened(1, "pool", false),
        opened(2, "home", true),
        LedgerEvent::Moved(Box::new(moved(10, 5))),
        LedgerEvent::Moved(Box::new(moved(11, 3))),
        LedgerEvent::Moved(Box::new(pending)),
        LedgerEvent::Recorded(Record::Party(party)),
    ];
    take(&twin.pool, &mut book, &events).await;
    book
}

fn all_of_it() -> Wants {
    let mut wants = Wants::default();
    wants.keys.extend([AccountKey::new("pool", 7, "u/1"), AccountKey::new("nothing", 7, "u/1")]);
    wants.ids.extend([LedgerId(2), LedgerId(99)]);
    wants.lots.insert(LedgerId(2));
    wants.one_lots.insert((LedgerId(2), TransferId(10)));
    wants.transfers.insert(TransferId(10));
    wants.matters.insert(MatterId(77));
    wants.uses.extend([(7, "r/1".to_owned(), Day(18_000)), (8, "r/1".to_owned(), Day(18_000))]);
    wants.records.extend([RecordKey::party(PartyId(9)), RecordKey::party(PartyId(8))]);
    wants
}

async fn a_group_reads_what_the_one_before_wrote(twin: Twin) {
    let whole = filled(&twin).await;
    let mut part = Book::default();
    let mut tx = twin.pool.begin().await.expect("a transaction");
    tx.ledger_part(REALM, all_of_it(), &mut part).await.expect("read");
    for id in [1, 2] {
        let mut expected: Account = whole.account(LedgerId(id)).expect("it is there").clone();
        expected.lots_known = id == 2;
        assert_eq!(part.account(LedgerId(id)), Some(&expected));
    }
    assert!(
        part.find(&AccountKey::new("nothing", 7, "u/1")).is_none() && part.knows(&AccountKey::new("nothing", 7, "u/1"))
    );
    assert_eq!(part.lots(LedgerId(2)).count(), 2);
    assert_eq!(part.lot(LedgerId(2), TransferId(10)), whole.lot(LedgerId(2), TransferId(10)));
    assert_eq!(part.transfer(TransferId(10)), whole.transfer(TransferId(10)));
    assert_eq!(part.of_matter(MatterId(77)).collect::<Vec<_>>(), [TransferId(12)]);
    assert_eq!(part.used(&(7, "r/1".to_owned(), Day(18_000))), 8);
    assert!(part.knows_use(&(8, "r/1".to_owned(), Day(18_000))));
    assert!(part.record(&RecordKey::party(PartyId(9))).is_some());
    // What is at hand is newer than what is read again.
    let reversal = Moved { reverses: Some(TransferId(10)), ..moved(13, -5) };
    part.apply(&LedgerEvent::Moved(Box::new(reversal)), 2, AT);
    tx.ledger_part(REALM, all_of_it(), &mut part).await.expect("read again");
    assert_eq!(part.account(LedgerId(1)).map(|a| a.balance), Some(-3));
}

async fn lines_page_from_the_newest(twin: Twin) {
    let mut book = filled(&twin).await;
    let more: Vec<LedgerEvent> = (20..60).map(|id| LedgerEvent::Moved(Box::new(moved(id, 1)))).collect();
    take(&twin.pool, &mut book, &more).await;
    let first = twin.pool.ledger_lines(REALM, LedgerId(2), i64::MAX, 10).await.expect("read");
    assert_eq!(first.iter().map(|l| l.n).collect::<Vec<_>>(), (33..=42).rev().collect::<Vec<i64>>());
    assert_eq!((first[0].balance, first[0].transfer), (48, TransferId(59)));
    let next = twin.pool.ledger_lines(REALM, LedgerId(2), first[9].n, 100).await.expect("read");
    assert_eq!((next.len(), next[31].n, next[31].amount), (32, 1, 5));
    assert!(twin.pool.ledger_lines(REALM, LedgerId(3), i64::MAX, 10).await.expect("read").is_empty());
    assert_eq!(twin.pool.ledger_transfers(REALM, &[TransferId(10), TransferId(11)]).await.expect("read").len(), 2);
}

async fn what_the_clock_looks_at(twin: Twin) {
    let mut book = filled(&twin).await;
    let overdue = async |now: i64| twin.pool.ledger_overdue(REALM, now, 10).await.expect("read");
    assert!(overdue(AT.0 + 1000).await.is_empty());
    assert_eq!(overdue(AT.0 + 1001).await, [TransferId(12)]);
    let ended = Settled {
        id: TransferId(12),
        how: How::Lapsed,
        day: Day(18_001),
        legs: Vec::new(),
        facts: Vec::new(),
        shown: None,
    };
    take(&twin.pool, &mut book, &[LedgerEvent::Settled(ended)]).await;
    assert!(overdue(i64::MAX).await.is_empty());
    let run_out = async |day: i32| twin.pool.ledger_run_out(REALM, "", Day(day), 10).await.expect("read").0;
    assert!(run_out(18_100).await.is_empty());
    assert_eq!(run_out(18_101).await, [LedgerId(2)]);
}

#[tokio::test]
async fn the_books_are_searched_and_never_scanned() {
    let twin = sqlite().await.expect("SQLite is always there");
    filled(&twin).await;
    for (name, sql) in Pool::ledger_statements() {
        let plan = twin.pool.plan(sql, &[]).await.expect("a plan");
        let whole =
            |l: &str| l.starts_with("SCAN ledger_") || l.starts_with("SEARCH ledger_") && l.ends_with("(realm=?)");
        assert!(!plan.lines().any(whole), "{name}:\n{plan}");
    }
}
