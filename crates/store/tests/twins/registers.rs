//! Registers: what the directory is read back from, people and households, and the keys of subjects.

use crate::support::{self, REALM, Twin, VILLAGES, holder, tree, twins, write};
use xiangyue_domain::day::Day;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{AccountId, HouseholdId, OrgId, PersonId, RegionId, TermId};
use xiangyue_domain::policy::Level;
use xiangyue_domain::region::{FOREVER, NaturalUnit, RegionEvent};
use xiangyue_domain::register::{Account, Directory, Household, Org, Person, RegisterEvent, Term};
use xiangyue_store::{Batch, Pool, RegisterRows};

twins!(a_directory_is_read_back_as_it_was_decided, people_and_households_are_counted, keys_are_found_by_name);

fn account(id: i64) -> Account {
    Account {
        id: AccountId(id),
        login: format!("a{id}"),
        name: "隰 某".into(),
        phone: String::new(),
        person: None,
        password: None,
        closed: false,
        demo: false,
    }
}

fn events() -> Vec<Event> {
    let regions = tree().all().cloned().collect();
    let unit = |id: &str| NaturalUnit {
        id: id.into(),
        name: "上庄".into(),
        kind: "自然村".into(),
        village: RegionId(111),
        grids: vec![RegionId(1111)],
    };
    let org = Org {
        id: OrgId(901),
        unit: "unit.water".into(),
        name: "水务局".into(),
        short: "水务".into(),
        phone: String::new(),
        order: 1,
        region: RegionId(1),
    };
    let term = |id: i64, account: i64| Term {
        id: TermId(id),
        account: AccountId(account),
        holder: holder("clerk", VILLAGES[0]),
        from: Day(0),
        to: FOREVER,
    };
    let rename = |id: i64, code: &str| RegionEvent::Renamed {
        id: RegionId(id),
        from: Day(50),
        code: code.into(),
        name: "新名".into(),
        display: "新名".into(),
    };
    vec![
        Event::Region(RegionEvent::Added { regions }),
        Event::Region(RegionEvent::Mapped { units: vec![unit("u2"), unit("u1")] }),
        Event::Register(RegisterEvent::OrgsAdded { orgs: vec![org] }),
        Event::Register(RegisterEvent::AccountsOpened { accounts: vec![account(5), account(6)] }),
        Event::Register(RegisterEvent::TermsBegun { terms: vec![term(7, 5), term(8, 6)] }),
        Event::Register(RegisterEvent::PasswordSet { account: AccountId(5), password: "hash".into() }),
        Event::Register(RegisterEvent::AccountClosed { account: AccountId(6) }),
        Event::Register(RegisterEvent::TermEnded { term: TermId(8), last: Day(40) }),
        Event::Region(rename(112, "990000000777")),
        Event::Region(rename(1, "990000000888")),
        Event::Region(RegionEvent::Merged { from: vec![RegionId(111)], into: RegionId(112), day: Day(60) }),
        Event::Region(RegionEvent::Merged { from: vec![RegionId(12)], into: RegionId(11), day: Day(60) }),
    ]
}

async fn a_directory_is_read_back_as_it_was_decided(twin: Twin) {
    let mut directory = Directory::default();
    for event in events() {
        let mut batch = Batch::default();
        match &event {
            Event::Region(region) => directory.tree.apply(region),
            Event::Register(register) => directory.apply(register),
            _ => {}
        }
        RegisterRows::project(&mut batch, &event, &directory);
        write(&twin.pool, batch).await;
        let mut read = twin.pool.directory(REALM).await.expect("a directory");
        read.tree.natural_units.reverse();
        assert_eq!(read, directory, "after {event:?}");
    }
    assert_eq!(directory.tree.of_level(Level::Village, Day(60)).len(), 2);
}

async fn people_and_households_are_counted(twin: Twin) {
    let person = |id: i64, household: Option<i64>| Person {
        id: PersonId(id),
        key: format!("k{id}"),
        sealed: "密文".into(),
        region: RegionId(111),
        household: household.map(HouseholdId),
    };
    let household =
        |id: i64, region: i64| Household { id: HouseholdId(id), number: format!("H{id:04}"), region: RegionId(region) };
    let people = vec![person(1, Some(9)), person(2, None)];
    let households = vec![household(9, 111), household(8, 111), household(7, 112)];
    let mut batch = Batch::default();
    for event in [RegisterEvent::PeopleAdded { people }, RegisterEvent::HouseholdsAdded { households }] {
        RegisterRows::project(&mut batch, &Event::Register(event), &Directory::default());
    }
    write(&twin.pool, batch).await;
    let counted = twin.pool.count_people(REALM).await.expect("counts");
    assert_eq!((counted.people, counted.households), (2, 3));
    assert_eq!(twin.pool.find_person(REALM, 1).await.expect("read"), Some(person(1, Some(9))));
    assert_eq!(twin.pool.find_person(REALM, 3).await.expect("read"), None);
    let here = twin.pool.households(REALM, 111).await.expect("read");
    assert_eq!(here, [household(8, 111), household(9, 111)]);
}

async fn keys_are_found_by_name(twin: Twin) {
    let mut batch = Batch::default();
    for name in ["a", "b"] {
        batch.row("subject_key", vec![name.into(), format!("wrapped {name}").into()]);
    }
    write(&twin.pool, batch).await;
    assert_eq!(twin.pool.wrapped_key(REALM, "a").await.expect("read").as_deref(), Some("wrapped a"));
    assert_eq!(twin.pool.wrapped_key(REALM, "c").await.expect("read"), None);
    let some = twin.pool.wrapped_keys(REALM, &["b".into(), "c".into()]).await.expect("read");
    assert_eq!(some, [("b".to_owned(), "wrapped b".to_owned())]);
}

#[tokio::test]
async fn keys_leave_a_copy_and_come_back() {
    let twin = support::sqlite().await.expect("SQLite is always there");
    let mut batch = Batch::default();
    batch.row("subject_key", vec!["a".into(), "wrapped".into()]);
    write(&twin.pool, batch).await;
    let dir = tempfile::tempdir().expect("a folder");
    let (copy, keys) =
        (dir.path().join("copy.db").display().to_string(), dir.path().join("keys.db").display().to_string());
    twin.pool.copy_to(&copy).await.expect("copied");
    let copied = Pool::open(&copy).await.expect("the copy");
    copied.move_keys_to(&keys).await.expect("moved");
    assert_eq!(copied.wrapped_key(REALM, "a").await.expect("read"), None);
    copied.take_keys_from(&keys).await.expect("taken");
    assert_eq!(copied.wrapped_key(REALM, "a").await.expect("read").as_deref(), Some("wrapped"));
    assert_eq!(
        twin.pool.wrapped_key(REALM, "a").await.expect("read").as_deref(),
        Some("wrapped"),
        "the original keeps its own"
    );
}
