//! Charts and lists of the packs: a chart shows every step and every move of its flow, once from each step; the lists
//! have as many items as their source says, each with a flow that there is.

use std::collections::BTreeSet;
use std::path::Path;
use xiangyue_domain::flow::chart;
use xiangyue_pack::{Loaded, PackFiles, load};

fn sound(pack: &str) -> Loaded {
    let found = PackFiles::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(pack)).and_then(load);
    found.unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[test]
fn a_chart_shows_the_whole_flow() {
    for kind in &sound("base").policy.kinds {
        let chart = chart(kind);
        let stations = || chart.main.iter().chain(&chart.aside);
        let steps: Vec<&str> = stations().map(|s| s.step.id.as_str()).collect();
        assert_eq!(steps.len(), kind.steps.len(), "{}", kind.id);
        assert_eq!(steps.iter().collect::<BTreeSet<_>>().len(), steps.len(), "{}", kind.id);
        assert_eq!(chart.main[0].step.id, kind.steps[0].id);
        for station in stations() {
            let id = &station.step.id;
            let leaves =
                |m: &&xiangyue_domain::policy::Move| m.from.contains(id) && m.to.as_ref().is_some_and(|t| t != id);
            let want: BTreeSet<&str> = kind.moves.iter().filter(leaves).map(|m| m.id.as_str()).collect();
            let drawn = station.on.iter().map(|m| m.id.as_str()).chain(station.off.iter().map(|(m, _)| m.id.as_str()));
            assert_eq!(drawn.collect::<BTreeSet<_>>(), want, "{} {id}", kind.id);
        }
    }
}

#[test]
fn lists_have_what_their_sources_say() {
    let policy = sound("jiyuan").policy;
    let count = |id: &str| policy.catalogue(id).map_or(0, |c| c.leaves().count());
    let classes = |id: &str| policy.catalogue(id).map_or(0, |c| c.items.iter().filter(|i| i.parent.is_empty()).count());
    assert_eq!((count("power-items"), classes("power-items")), (88, 8));
    assert_eq!(count("negative-items"), 30);
    assert!(policy.catalogues.values().filter_map(|c| c.head.as_ref()).all(|h| h.sample), "samples are marked");
    let powers = policy.catalogue("power-items").expect("a list");
    assert!(
        powers.leaves().all(|i| policy.kind(&i.row.flow).is_some() && !i.row.risk.is_empty() && !i.basis.is_empty())
    );
    assert_eq!(powers.versions().len(), 2);
}
