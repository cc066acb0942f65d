//! A district's service lists: as many items at each level as its source says, all marked as samples, and no
//! certificate among them that a village must not be asked for. It reads the pack and changes nothing.

use std::collections::BTreeSet;
use std::path::Path;
use xiangyue_domain::policy::{Catalogue, Item, Level};
use xiangyue_pack::{Loaded, PackFiles, load};

fn district() -> Loaded {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/district");
    PackFiles::at(&pack).and_then(load).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// Items of a list that stand below a class.
fn items(list: &Catalogue) -> impl Iterator<Item = &Item> {
    list.items.iter().filter(|i| !i.parent.is_empty())
}

#[test]
fn three_levels_have_as_many_items_as_the_source_says() {
    let policy = district().policy;
    for (id, wanted, level) in
        [("town-services", 107, "镇"), ("village-agency", 87, "村（社区）"), ("village-certificates", 57, "村（社区）")]
    {
        let list = policy.catalogue(id).expect(id);
        assert!(list.head.as_ref().is_some_and(|h| h.sample), "{id} is a sample");
        assert_eq!(items(list).count(), wanted, "{id}");
        let names: BTreeSet<&str> = items(list).map(|i| i.name.as_str()).collect();
        assert_eq!(names.len(), wanted, "{id}: names stand once");
        for item in items(list) {
            assert_eq!(item.row.level, level, "{id} {}", item.code);
            let said = [&item.owner, &item.row.materials, &item.row.limit];
            assert!(said.iter().all(|s| !s.is_empty()), "{id} {}", item.code);
        }
    }
}

#[test]
fn no_certificate_is_one_that_must_not_be_asked_for() {
    let policy = district().policy;
    let refused = policy.catalogue("certificates-refused").expect("what is refused");
    assert_eq!(items(refused).count(), 20);
    assert!(refused.head.as_ref().is_some_and(|h| !h.sample), "the annex itself, no sample");
    let bare = |name: &str| name.split('（').next().unwrap_or_default().trim_end_matches("证明").to_owned();
    for item in items(policy.catalogue("village-certificates").expect("certificates")) {
        let hit = items(refused).find(|r| item.name.contains(&bare(&r.name)));
        assert!(hit.is_none(), "{} is refused as {}", item.name, hit.map_or("", |h| h.name.as_str()));
    }
}

#[test]
fn seven_towns_and_ninety_three_villages_all_marked() {
    let regions = district().regions;
    let at = |level: Level| regions.iter().filter(|r| r.level == level).count();
    assert_eq!((at(Level::County), at(Level::Town), at(Level::Village)), (1, 7, 93));
    assert!(regions.iter().all(|r| r.simulated && r.code.starts_with("9901")), "no real place");
}
