//! Who is asked finds it, and nobody's words are lost: a request for more time stands above the worklist of whoever decides;
//! a reply that somebody else came before is kept for another look; what was merged is read where it went.

use crate::support::House;
use crate::support::reporting::{COUNTY, order};

/// An order that the unit for water has signed for.
async fn signed(house: &House) -> String {
    let id = order(house, "test/order", &[]).await.matter.to_string();
    let to = format!("unit.handler@{}", house.app.directory().unit("unit.water").expect("a unit").id);
    house.make("county.dispatcher", COUNTY, &id, "dispatch_to", &[("to", to.as_str())]).await;
    house.make("unit.handler", "unit.water", &id, "sign", &[]).await;
    id
}

#[tokio::test]
async fn a_request_stands_above_the_list_until_it_is_answered() {
    let house = House::open().await;
    let id = signed(&house).await;
    let mut dispatcher = house.signed_in("county.dispatcher", COUNTY).await;
    assert!(!dispatcher.get("/desk").await.is(200).has("等您审批"));
    for asked in ["前一次", "再一次"] {
        let fields = [("extend_days", "3"), ("reason", asked)];
        house.make("unit.handler", "unit.water", &id, "ask_extend", &fields).await;
        let desk = dispatcher.get("/desk").await.is(200);
        desk.says(&["申请延期，等您审批"]);
        assert!(desk.has(&format!("href=\"/desk/matters/{id}\"")));
        dispatcher.get("/desk/notices").await.is(200).says(&["请您审批"]);
        house.make("county.dispatcher", COUNTY, &id, "refuse_extend", &[("reason", "先按期办")]).await;
        assert!(!dispatcher.get("/desk").await.is(200).has("等您审批"), "it is answered");
    }
    let mut unit = house.signed_in("unit.handler", "unit.water").await;
    assert!(!unit.get("/desk").await.is(200).has("等您审批"), "nobody approves their own request");
}

#[tokio::test]
async fn words_that_came_second_are_kept() {
    let house = House::open().await;
    let id = signed(&house).await;
    let (page, submit) = (format!("/desk/matters/{id}"), format!("/desk/matters/{id}/moves/submit"));
    let mut unit = house.signed_in("unit.handler", "unit.water").await;
    let form = unit.get(&page).await.is(200);
    let (once, version) = (form.hidden("once"), form.hidden("version"));
    house.make("county.dispatcher", COUNTY, &id, "urge", &[("note", "请抓紧")]).await;
    let words = "一段写了很久的答复";
    let late = unit.post(&submit, &[("once", &once), ("version", &version), ("draft", words)]).await.is(409);
    late.says(&["别人先办了一步", words, "请抓紧"]);
    let (once, version) = (late.hidden("once"), late.hidden("version"));
    unit.post(&submit, &[("once", &once), ("version", &version), ("draft", words)]).await.is(303);
    unit.get(&page).await.is(200).says(&[words]);
}

#[tokio::test]
async fn words_for_a_step_that_is_over_can_be_taken_along() {
    let house = House::open().await;
    let id = order(&house, "test/order", &[]).await.matter.to_string();
    let page = format!("/desk/matters/{id}");
    let mut second = house.signed_in("county.dispatcher", COUNTY).await;
    let form = second.get(&page).await.is(200);
    let (once, version) = (form.hidden("once"), form.hidden("version"));
    let to = format!("unit.handler@{}", house.app.directory().unit("unit.water").expect("a unit").id);
    house.make("county.dispatcher", COUNTY, &id, "dispatch_to", &[("to", to.as_str())]).await;
    let words = "一段写了很久的直接答复";
    let fields = [("once", once.as_str()), ("version", version.as_str()), ("reply", words)];
    let late = second.post(&format!("{page}/moves/answer_directly"), &fields).await.is(409);
    // What the first one did, and the words of the second, though nobody can answer directly any more.
    late.says(&["没有记下", words, "选单位派单"]);
}

#[tokio::test]
async fn no_time_is_no_request_for_more_time() {
    let house = House::open().await;
    let id = signed(&house).await;
    let page = format!("/desk/matters/{id}");
    let mut unit = house.signed_in("unit.handler", "unit.water").await;
    let fields = [("extend_days", "０"), ("reason", "先占着")];
    let refused = unit.send(&page, &format!("{page}/moves/ask_extend"), &fields).await.is(422);
    refused.says(&["请填 1 到 30 之间的数"]);
}

#[tokio::test]
async fn an_address_of_a_form_that_is_only_looked_at_is_no_fault() {
    let house = House::open().await;
    let mut dispatcher = house.signed_in("county.dispatcher", COUNTY).await;
    let page = dispatcher.get("/desk/bulk").await.is(404);
    assert!(!page.has("系统出错"), "it is nobody's fault");
}

#[tokio::test]
async fn what_was_merged_is_read_where_it_went() {
    let house = House::open().await;
    let stays = order(&house, "test/one", &[]).await;
    let said = [("words", "路口的灯杆快倒了"), ("reporter_phone", "13900139000")];
    let goes = order(&house, "test/two", &said).await;
    let mut dispatcher = house.signed_in("county.dispatcher", COUNTY).await;
    let page = format!("/desk/matters/{}", goes.matter);
    dispatcher.send(&page, &format!("{page}/merge"), &[("into", &stays.number)]).await.is(303);
    let led = dispatcher.get(&page).await;
    let at = led.to().to_owned();
    assert!(at.starts_with(&format!("/desk/matters/{}?", stays.matter)), "{at}");
    dispatcher.get(&at).await.is(200).says(&["已并入这一件", "路口的灯杆快倒了", "13900139000", &goes.number]);
    for asked in ["13900139000", "甲乙丙", goes.number.as_str()] {
        let found = dispatcher.get(&format!("/desk?q={asked}")).await;
        let found = dispatcher.follow(found).await.is(200);
        assert!(found.has(&stays.number), "{asked} leads to what stands for it");
    }
    // Whoever works on it reads what the other one said.
    let to = format!("unit.handler@{}", house.app.directory().unit("unit.water").expect("a unit").id);
    house.make("county.dispatcher", COUNTY, &stays.matter.to_string(), "dispatch_to", &[("to", to.as_str())]).await;
    let mut unit = house.signed_in("unit.handler", "unit.water").await;
    unit.get(&format!("/desk/matters/{}", stays.matter)).await.is(200).says(&["路口的灯杆快倒了"]);
    unit.get(&page).await.is(404);
}
