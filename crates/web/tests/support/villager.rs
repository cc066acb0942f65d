//! What a villager does in tests: report a lamp with a photo, and the village's answer to it.

use super::{House, Part, VILLAGE, Visitor};
use xiangyue_app::matter::{MoveForm, Typed};
use xiangyue_domain::ids::MatterId;

/// A red dot as PNG.
const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
/// A telephone that no carrier gives out.
pub const PHONE: &str = "19900001234";

/// A picture.
pub fn dot() -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(DOT).expect("a picture")
}

/// Address of the form.
pub fn form() -> String {
    format!("/r/{VILLAGE}")
}

/// Reports a lamp with words, a photo and a telephone; the link of its receipt.
pub async fn report(villager: &mut Visitor) -> String {
    let page = villager.get(&form()).await.is(200);
    let sent = villager.upload(&form(), &parts(&page.hidden("once"), &dot())).await;
    sent.to().trim_end_matches("/sent").to_owned()
}

/// The form filled in.
pub fn parts<'a>(once: &'a str, photo: &'a [u8]) -> [Part<'a>; 6] {
    [
        Part::Field("once", once),
        Part::Field("category", "lamp"),
        Part::Field("where", "三组小卖部南头"),
        Part::Field("words", "路灯不亮三天了，打我电话 199 0000 1234"),
        Part::Field("phone", PHONE),
        Part::File("photos", "lamp.png", photo),
    ]
}

/// The matter behind a link.
pub async fn matter(house: &House, link: &str) -> MatterId {
    house.app.matter_by_receipt(link.trim_start_matches("/m/")).await.expect("a matter").id
}

/// The village secretary says what was done.
pub async fn solve(house: &House, link: &str) {
    let account = house.account("village.secretary", VILLAGE);
    let typed = Typed::from([("reply".to_owned(), "换了灯头和一段线，当晚试亮。".to_owned())]);
    let solve = MoveForm { mv: "solve".to_owned(), typed, ..MoveForm::default() };
    house.app.make_move(account, matter(house, link).await, solve, None).await.expect("solved");
}
