//! What suddenly comes in: found at its narrowest place and category, told once, and only in what the counts of a place hold.

use crate::stage::{FAR_VILLAGE, GRID, SIBLING, Stage, VILLAGE, day, filled, twins};
use xiangyue_app::matter::OpenForm;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Who;

twins!(a_surge_is_told_where_it_is_and_once, what_passes_over_the_village_is_no_surge_of_it);

async fn report(stage: &Stage, place: &str, category: &str, bypass: bool) {
    let typed = filled(&[("category", category), ("words", "又出事了")]);
    let form = OpenForm { kind: "report".into(), place: stage.place(place), typed, bypass, ..OpenForm::default() };
    stage.open_form(Who::Reporter, form).await.expect("taken in");
}

/// A quiet spring: something every other day, here and there.
async fn quiet(stage: &Stage) {
    for i in 0..45 {
        stage.set(day(3, 1).plus(i * 2).at_minute(600));
        let place = [VILLAGE, SIBLING, FAR_VILLAGE][usize::try_from(i % 3).expect("small")];
        let category = ["lamp", "road", "water"][usize::try_from(i / 3 % 3).expect("small")];
        report(stage, place, category, false).await;
    }
}

async fn told(stage: &Stage) -> Vec<(RegionId, String, i64)> {
    let root = stage.app.directory().tree.root(stage.app.now().day()).expect("a root");
    let surges = stage.app.surges(root).await.expect("looked at");
    surges.into_iter().map(|s| (s.place, s.category.1, s.n)).collect()
}

async fn a_surge_is_told_where_it_is_and_once(stage: Stage) {
    quiet(&stage).await;
    stage.set(day(6, 9).at_minute(600));
    assert!(told(&stage).await.is_empty(), "nothing but the usual");
    for _ in 0..4 {
        report(&stage, GRID, "lamp", false).await;
    }
    assert!(told(&stage).await.is_empty(), "four may be chance");
    stage.set(day(6, 10).at_minute(600));
    for _ in 0..6 {
        report(&stage, GRID, "lamp", false).await;
    }
    let surges = told(&stage).await;
    assert_eq!(surges.len(), 1, "not again for the town: {surges:?}");
    assert_eq!((surges[0].0, surges[0].2), (stage.place(VILLAGE), 10));
    // Days later it is over.
    stage.set(day(6, 14).at_minute(600));
    assert!(told(&stage).await.is_empty());
}

async fn what_passes_over_the_village_is_no_surge_of_it(stage: Stage) {
    quiet(&stage).await;
    stage.set(day(6, 10).at_minute(600));
    for _ in 0..12 {
        report(&stage, GRID, "lamp", true).await;
    }
    assert!(stage.app.surges(stage.place(VILLAGE)).await.expect("looked at").is_empty());
    let surges = told(&stage).await;
    assert!(!surges.is_empty() && surges.iter().all(|s| s.0 != stage.place(VILLAGE)), "{surges:?}");
}
