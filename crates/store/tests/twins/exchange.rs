//! What imports and exports ask: numbers that are known, households by number, registers by place, reads in bulk, values
//! as they were reported.

use crate::support::{REALM, Twin, Want, tree, twins, write};
use xiangyue_domain::day::Day;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{HouseholdId, PersonId, RegionId};
use xiangyue_domain::register::{Directory, Household, Person, RegisterEvent};
use xiangyue_domain::reported::Reported;
use xiangyue_store::{Batch, CommandKey, MatterRow, RegisterRows};

twins!(
    a_number_is_known_whoever_may_see_its_matter,
    registers_are_read_by_place_page_by_page,
    reads_in_bulk_are_logged_for_each_subject,
    a_later_report_takes_the_place_of_an_earlier_one,
);

async fn a_number_is_known_whoever_may_see_its_matter(twin: Twin) {
    let mut batch = Batch::default();
    for (id, voided) in [(5, false), (6, true), (7, false)] {
        let mut want = Want::new(id, 111);
        want.voided = voided;
        batch.matters.insert(id, MatterRow::of(&want.matter(), &tree(), false));
        batch.row("search_token", vec![format!("t{}", id / 7).into(), id.into()]);
    }
    batch.keys.push(CommandKey { key: "source/a".into(), seq: 1, reply: "{\"seq\":1}".into() });
    write(&twin.pool, batch).await;
    let asked = ["t0".to_owned(), "t1".to_owned(), "none".to_owned()];
    let known = twin.pool.known(REALM, &asked).await.expect("read");
    let found: Vec<(i64, bool)> = known.iter().map(|k| (k.matter, k.voided)).collect();
    assert_eq!(found, [(5, false), (6, true), (7, false)]);
    assert_eq!(known[2].token, "t1");
    let keys = ["source/a".to_owned(), "source/b".to_owned()];
    let replies = twin.pool.replies(REALM, &keys).await.expect("read");
    assert_eq!(replies, [("source/a".to_owned(), "{\"seq\":1}".to_owned())]);
    assert!(twin.pool.replies(REALM + 1, &keys).await.expect("read").is_empty());
}

async fn registers_are_read_by_place_page_by_page(twin: Twin) {
    let person = |id: i64, region: i64, household: Option<i64>| Person {
        id: PersonId(id),
        key: format!("k{id}"),
        sealed: "密文".into(),
        region: RegionId(region),
        household: household.map(HouseholdId),
    };
    let house =
        |id: i64, region: i64| Household { id: HouseholdId(id), number: format!("H{id}"), region: RegionId(region) };
    let households = vec![house(90, 111), house(91, 111), house(92, 112)];
    let people = vec![person(1, 111, Some(90)), person(2, 111, Some(90)), person(3, 112, None), person(4, 121, None)];
    let mut batch = Batch::default();
    for event in [RegisterEvent::HouseholdsAdded { households }, RegisterEvent::PeopleAdded { people }] {
        RegisterRows::project(&mut batch, &Event::Register(event), &Directory::default());
    }
    write(&twin.pool, batch).await;
    let ids = |page: &[(Person, String)]| page.iter().map(|(p, h)| (p.id.0, h.clone())).collect::<Vec<_>>();
    let first = twin.pool.people_of(REALM, &[111, 112], 0, 2).await.expect("read");
    assert_eq!(ids(&first), [(1, "H90".to_owned()), (2, "H90".to_owned())]);
    let next = twin.pool.people_of(REALM, &[111, 112], 2, 2).await.expect("read");
    assert_eq!(ids(&next), [(3, String::new())]);
    let houses = twin.pool.households_of(REALM, &[111], 0, 10).await.expect("read");
    assert_eq!(houses.iter().map(|h| (h.household.id.0, h.members)).collect::<Vec<_>>(), [(90, 2), (91, 0)]);
    let numbers = ["H90".to_owned(), "H92".to_owned()];
    let found = twin.pool.households_numbered(REALM, 111, &numbers).await.expect("read");
    assert_eq!(found, [("H90".to_owned(), HouseholdId(90))]);
}

async fn reads_in_bulk_are_logged_for_each_subject(twin: Twin) {
    for now in [60_000, 60_000, 125_000] {
        twin.pool.log_reads(REALM, &[3, 4], 9, now, "export", "月报").await.expect("logged");
    }
    let reads = twin.pool.reads(REALM, 3).await.expect("read");
    assert_eq!(reads.iter().map(|r| r.0).collect::<Vec<_>>(), [125_000, 60_000]);
    assert_eq!((reads[0].1, reads[0].2.as_str(), reads[0].3.as_str()), (9, "export", "月报"));
}

async fn a_later_report_takes_the_place_of_an_earlier_one(twin: Twin) {
    let value = |indicator: &str, from: i32, value: i64| Reported {
        indicator: indicator.into(),
        place: RegionId(11),
        from: Day(from),
        to: Day(from + 30),
        value,
        office: 901,
        entered: Day(400),
    };
    for values in
        [vec![value("a", 10, 5), value("a", 10, 6), value("b", 10, 7)], vec![value("a", 41, 8), value("a", 10, 9)]]
    {
        let mut batch = Batch::default();
        RegisterRows::project(&mut batch, &Event::Reported { values }, &Directory::default());
        write(&twin.pool, batch).await;
    }
    assert_eq!(twin.pool.reported(REALM, "a", 11).await.expect("read"), [value("a", 10, 9), value("a", 41, 8)]);
    assert_eq!(twin.pool.all_reported(REALM).await.expect("read").len(), 3);
    assert!(twin.pool.reported(REALM, "a", 12).await.expect("read").is_empty());
}
