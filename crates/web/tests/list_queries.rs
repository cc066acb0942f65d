//! No list and no page sends a question per row: with ten times the rows on it, it asks as often as before. Whoever adds
//! a list adds it here.

mod support;

use support::reporting::{COUNTY, report};
use support::{House, VILLAGE, Visitor, asked};

/// Rows at first, and later.
const FEW: usize = 5;
const MANY: usize = 50;
/// Questions that come in once there is something to ask of, such as whether what came in is a surge. One per row would be
/// nine times as many.
const SOME: usize = 5;

/// Who looks, and at what. `{first}` is a matter.
const PAGES: &[(&str, &str, &str)] = &[
    ("village.secretary", VILLAGE, "/desk"),
    ("village.secretary", VILLAGE, "/desk?tab=unit"),
    ("village.secretary", VILLAGE, "/desk/matters?q=%E8%B7%AF%E7%81%AF"),
    ("village.secretary", VILLAGE, "/desk/notices"),
    ("village.secretary", VILLAGE, "/desk/people"),
    ("village.secretary", VILLAGE, "/desk/disclosure"),
    ("village.secretary", VILLAGE, "/desk/posters"),
    ("village.secretary", VILLAGE, "/desk/places/991101100200"),
    ("county.office", COUNTY, "/desk/matters"),
    ("county.office", COUNTY, "/desk/matters?status=active&limit=in"),
    ("county.office", COUNTY, "/desk/matters.xlsx"),
    ("county.office", COUNTY, "/desk/disclosure"),
    ("county.office", COUNTY, "/desk/import"),
    ("county.office", COUNTY, "/desk/people"),
    ("county.office", COUNTY, "/desk/places/991101000000"),
    ("county.office", COUNTY, "/hub"),
    ("county.office", COUNTY, "/hub?region=991101100000"),
    ("county.office", COUNTY, "/hub/wall"),
    ("county.office", COUNTY, "/hub/duties"),
    ("county.office", COUNTY, "/hub/reports"),
    ("county.office", COUNTY, "/hub/figures/report.accepted"),
    ("county.office", COUNTY, "/hub/figures/report.accepted/xlsx"),
    ("county.office", COUNTY, "/hub/figures/report.close_rate?part=below"),
    ("county.office", COUNTY, "/hub/figures/hotline.score"),
    ("", "", "/v/991101100200"),
    ("", "", "/v/991101100200/open"),
];

async fn visitor(house: &House, post: &str, seat: &str) -> Visitor {
    if post.is_empty() { house.villager() } else { house.signed_in(post, seat).await }
}

async fn counted(house: &House) -> Vec<usize> {
    let mut out = Vec::new();
    for (post, seat, page) in PAGES {
        let mut visitor = visitor(house, post, seat).await;
        // What is learned once and kept is not counted.
        visitor.get(page).await.is(200);
        asked::since();
        visitor.get(page).await.is(200);
        out.push(asked::since());
    }
    out
}

#[tokio::test]
async fn no_list_asks_more_often_for_more_rows() {
    asked::count();
    let house = House::open().await;
    for n in 0..FEW {
        report(&house, VILLAGE, n).await;
    }
    let few = counted(&house).await;
    for n in FEW..MANY {
        report(&house, VILLAGE, n).await;
    }
    // What is judged at most once a minute is judged anew.
    house.app.clock().set(house.app.now().plus_ms(120_000));
    let many = counted(&house).await;
    let pages = PAGES.iter().map(|(_, _, page)| page).zip(few.iter().zip(&many));
    let more: Vec<_> = pages.clone().filter(|(_, (few, many))| **many > **few + SOME).collect();
    assert!(more.is_empty(), "asked more often for {MANY} rows than for {FEW}: {more:?}");
    let much: Vec<_> = pages.filter(|(_, (_, many))| **many > 48).collect();
    assert!(much.is_empty(), "{much:?}");
}
