//! The points bank through its pages: a household claims with a photo, the appraisal group agrees, it is shown, booked and
//! redeemed at the counter; a passbook's code opens it, and whoever has no right meets nothing.

use crate::support::{House, Part, SIBLING, VILLAGE};
use xiangyue_domain::day::Time;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::HouseholdId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::register::{Household, RegisterEvent};

const DAY_MS: i64 = 24 * 3_600_000;

async fn household(house: &House) -> String {
    let place = house.app.directory().tree.by_code(VILLAGE, house.app.now().day()).expect("a village").id;
    let home = Household { id: HouseholdId(7_000_001), number: "H001".into(), region: place };
    let event = Event::Register(RegisterEvent::HouseholdsAdded { households: vec![home] });
    let decide = move |_: &mut xiangyue_app::Ids, _: &_, _: &_| Ok(vec![event]);
    let command = xiangyue_app::Command::Register(Box::new(decide));
    house.app.send(Who::System, None, command, xiangyue_app::Beside::default()).await.expect("entered");
    format!("/h/{}", house.app.home_token(HouseholdId(7_000_001)))
}

async fn claim(house: &House, home: &str, rule: &str) -> u16 {
    let mut villager = house.villager();
    let form = villager.get(&format!("{home}/claim")).await.is(200);
    assert!(!form.has("乱倒垃圾"), "nobody claims a deduction");
    let once = form.hidden("once");
    let photo = crate::support::villager::dot();
    let parts = [Part::Field("rule", rule), Part::Field("once", &once), Part::File("photos", "a.png", &photo)];
    villager.upload(&format!("{home}/claim"), &parts).await.status.as_u16()
}

#[tokio::test]
async fn from_a_claim_to_the_counter() {
    let house = House::open().await;
    let home = household(&house).await;
    let page = house.villager().get(&home).await.is(200);
    assert!(page.has("还没有记过积分"), "an empty page says what to do");
    assert_eq!(claim(&house, &home, "custom.simple").await, 303);
    let mut appraiser = house.signed_in("village.appraiser", VILLAGE).await;
    let desk = appraiser.get("/desk").await.is(200);
    let id: String =
        desk.between("/desk/matters/", "\"").unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    appraiser.post(&format!("/desk/matters/{id}/moves/approve"), &[]).await.is(303);
    let public = house.villager().get(&format!("/v/{VILLAGE}/points")).await.is(200);
    assert!(public.has("H001") && public.has("红白事简办"), "it is shown in public");
    house.at(Time(house.app.now().0 + 6 * DAY_MS)).await;
    assert!(house.villager().get(&home).await.is(200).has("+20"));
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let made =
        clerk.post("/desk/points", &[("kind", "shop"), ("name", "东坡积分超市"), ("village", VILLAGE)]).await.is(303);
    let shop = made.header("location").to_owned();
    clerk.post(&format!("{shop}/price"), &[("item", "soap"), ("points", "6"), ("value", "4")]).await.is(303);
    let mut keeper = house.signed_in("village.shopkeeper", VILLAGE).await;
    keeper.post(&format!("{shop}/stock"), &[("item", "soap"), ("n", "2")]).await.is(303);
    let short = keeper.post(&format!("{shop}/redeem"), &[("home", "H001"), ("n.soap", "1")]).await.is(422);
    assert!(short.has("兑换经费"), "there is no budget yet: {}", short.text.len());
    let mut town = house.signed_in("town.secretary", "991101100000").await;
    town.post(&format!("{shop}/fund"), &[("amount", "100")]).await.is(303);
    let counter = keeper.get(&home).await.is(200);
    assert!(counter.has("到柜台兑换"), "the keeper is led to the counter");
    keeper.post(&format!("{shop}/redeem"), &[("home", home.as_str()), ("n.soap", "2")]).await.is(303);
    let again = keeper.post(&format!("{shop}/redeem"), &[("home", "H001"), ("n.soap", "1")]).await.is(422);
    assert!(again.has("库存"), "the shelf is empty");
    let mine = house.villager().get(&home).await.is(200);
    assert!(mine.has("-12") && mine.has("肥皂 ×2"), "the statement says what for");
    assert!(house.villager().get(&format!("{home}/passbook")).await.is(200).has("红白事简办"));
    assert!(house.app.check_rebuild().await.expect("checked").fault.is_none());
}

#[tokio::test]
async fn a_passbook_opens_its_own_household_alone() {
    let house = House::open().await;
    let home = household(&house).await;
    let code = house.app.home_code(HouseholdId(7_000_001));
    let path = format!("/v/{VILLAGE}/points");
    let wrong = if code == "0000" { "0001" } else { "0000" };
    house.villager().post(&path, &[("household", "H001"), ("code", wrong)]).await.is(422);
    house.villager().post(&path, &[("household", "H001#7000001"), ("code", &code)]).await.is(422);
    let found = house.villager().post(&path, &[("household", "h001"), ("code", &code)]).await.is(303);
    assert_eq!(found.header("location"), home);
    for _ in 0..9 {
        house.villager().post(&path, &[("household", "H001"), ("code", wrong)]).await;
    }
    house.villager().post(&path, &[("household", "H001"), ("code", &code)]).await.is(429);
    for token in ["7000001.0000000000000000", "7000001.", "x", "7000002.aaaaaaaaaaaaaaaa"] {
        house.villager().get(&format!("/h/{token}")).await.is(404);
    }
}

#[tokio::test]
async fn a_counter_is_for_its_own_place() {
    let house = House::open().await;
    household(&house).await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let made = clerk.post("/desk/points", &[("kind", "shop"), ("name", "某店"), ("village", VILLAGE)]).await.is(303);
    let shop = made.header("location").to_owned();
    let mut far = house.signed_in("village.shopkeeper", SIBLING).await;
    far.get(&shop).await.is(404);
    // A post over the village that the ledger does not name hands out no passbook and looks into no shop.
    let mut stranger = house.signed_in("county.office", "991101000000").await;
    stranger.get(&format!("/desk/points/passbooks?place={VILLAGE}")).await.is(404);
    stranger.get(&shop).await.is(404);
    clerk.get(&format!("/desk/points/passbooks?place={VILLAGE}")).await.is(200);
    for deed in ["redeem", "stock", "count", "price", "fund", "reverse", "nothing"] {
        far.post(&format!("{shop}/{deed}"), &[("item", "soap"), ("n", "1")]).await.is(404);
    }
    assert_eq!(clerk.post(&format!("{shop}/stock"), &[("item", "soap"), ("n", "1")]).await.status.as_u16(), 422);
    clerk.post("/desk/points", &[("kind", "shop"), ("name", "某店"), ("village", SIBLING)]).await.is(404);
    let mut keeper = house.signed_in("village.shopkeeper", VILLAGE).await;
    for n in ["0", "-1", "x", "99999999999999999999"] {
        keeper.post(&format!("{shop}/stock"), &[("item", "soap"), ("n", n)]).await.is(422);
    }
    house.signed_in("county.office", "991101000000").await.get("/desk/points").await.is(200);
}
