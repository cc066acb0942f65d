//! A page of figures asks the database a bounded number of questions, however many places and indicators stand on it:
//! none per town, none per indicator. Statements are counted as the store says them.

mod support;

use support::{House, YANCHI, asked};
use xiangyue_web::WebOptions;

#[tokio::test]
async fn a_page_of_figures_asks_a_bounded_number_of_questions() {
    asked::count();
    let house = House::of(YANCHI, WebOptions::default()).await;
    let mut leader = house.signed_in("county.office", "640323000000").await;
    let mut counted = Vec::new();
    // Nine towns, twenty-four villages, some grids.
    for page in [
        "/hub",
        "/hub?region=640323100000",
        "/hub?region=640323100200",
        "/hub?from=2026-01-15&to=2026-10-20",
        "/hub/wall",
        "/hub/figures/hotline.close_rate?region=640323100000",
        "/hub/report",
    ] {
        asked::since();
        leader.get(page).await.is(200);
        counted.push((page, asked::since()));
    }
    for (page, n) in &counted {
        assert!((1..=48).contains(n), "{page}: {n} questions; all: {counted:?}");
    }
    println!("{counted:?}");
}
