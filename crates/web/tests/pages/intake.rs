//! Orders taken in one after another: what stays on the form and what is fresh.

use crate::support::House;
use crate::support::VILLAGE;
use crate::support::reporting::COUNTY;

#[tokio::test]
async fn one_form_after_another_keeps_where_it_came_from() {
    let house = House::open().await;
    let place = house.app.directory().tree.by_code(VILLAGE, house.app.now().day()).expect("a village").id.to_string();
    let mut desk = house.signed_in("county.dispatcher", COUNTY).await;
    let page = desk.get("/desk/intake/hotline").await.is(200);
    let once = page.hidden("once");
    let fields = [
        ("once", once.as_str()),
        ("category", "lamp.village"),
        ("words", "井盖松动"),
        ("reporter_name", "甲乙丙"),
        ("place", place.as_str()),
        ("channel", "12345"),
        ("again", "true"),
    ];
    let sent = desk.post("/desk/intake/hotline", &fields).await;
    assert!(sent.to().starts_with("/desk/intake/hotline?channel=12345&place="), "{}", sent.to());
    let next = desk.follow(sent).await.is(200);
    next.says(&["上一件已登记", "20261103-0001"]);
    assert!(next.has(&format!("value=\"{place}\" selected")), "the place is kept");
    assert!(!next.has("井盖松动") && !next.has("甲乙丙"), "the rest is fresh");
    assert_ne!(next.hidden("once"), once);
}
