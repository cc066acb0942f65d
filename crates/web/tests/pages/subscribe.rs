//! A villager asks by phone to be told of what the village makes public: a form without scripts, a code, a message, an
//! end; every number is answered alike, and none stands on a page.

use crate::support::{House, SIBLING, Sheet, VILLAGE, Visitor};
use xiangyue_app::matter::OpenForm;
use xiangyue_app::texts::TextWay;
use xiangyue_domain::matter::Who;

const NUMBER: &str = "13912345678";
const OTHER: &str = "19900001234";

async fn house() -> House {
    let house = House::open().await;
    house.app.send_texts_by(TextWay::shown("https://xy.example/"));
    house
}

fn at(village: &str) -> String {
    format!("/v/{village}/subscribe")
}

/// The last message that left.
async fn last_text(house: &House) -> String {
    house.app.deliver().await.expect("delivered");
    house.app.shown_texts().first().map(|s| s.text.clone()).unwrap_or_default()
}

fn code_in(text: &str) -> String {
    text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect()
}

async fn ask(visitor: &mut Visitor, from: &str, number: &str, deed: &str) -> Sheet {
    visitor.send(from, &at(VILLAGE), &[("phone", number), ("deed", deed)]).await
}

async fn give(visitor: &mut Visitor, page: &Sheet, code: &str) -> Sheet {
    let (once, ticket) = (page.hidden("once"), page.hidden("ticket"));
    let fields = [("once", once.as_str()), ("ticket", ticket.as_str()), ("code", code)];
    visitor.post(&format!("{}/code", at(VILLAGE)), &fields).await
}

/// The village makes its month's rubbish collection public, by the posts that have to.
async fn publish(house: &House) {
    let clerk = house.account("village.clerk", VILLAGE);
    let (directory, day) = (house.app.directory(), house.app.now().day());
    let place = directory.tree.by_code(VILLAGE, day).expect("the village").id;
    let typed = [("category", "village.hygiene"), ("period", "2026-10"), ("words", "保洁员3名")];
    let form = OpenForm {
        kind: "village_disclosure".into(),
        place,
        typed: typed.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect(),
        ..OpenForm::default()
    };
    let by = Who::Account { account: clerk, post: None };
    let id = house.app.open_matter(by, form, "a-key").await.expect("begun").matter.to_string();
    house.make("village.clerk", VILLAGE, &id, "submit", &[]).await;
    house.make("village.supervisor", VILLAGE, &id, "check", &[("opinion", "看过")]).await;
    house.make("village.clerk", VILLAGE, &id, "publish", &[]).await;
}

#[tokio::test]
async fn from_the_form_to_the_end() {
    let house = house().await;
    let mut villager = house.villager();
    let open = format!("/v/{VILLAGE}/open");
    villager.get(&open).await.is(200).says(&["手机订阅", "手机号", "订阅", "退订"]);
    let page = ask(&mut villager, &open, NUMBER, "start").await.is(200);
    page.says(&["139****5678", "6位验证码"]);
    assert!(!page.has(NUMBER), "the number stands on no page");
    let text = last_text(&house).await;
    let done = give(&mut villager, &page, &code_in(&text)).await.is(200);
    done.says(&["订好了", "东坡村"]);
    give(&mut villager, &page, &code_in(&text)).await.is(200).says(&["订好了"]);
    // The desk sees how many, and nobody's number.
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let desk = clerk.get("/desk/disclosure").await.is(200);
    desk.says(&["1人用手机订阅"]);
    assert!(!desk.has(NUMBER) && !desk.has("139****5678"));
    // It ends by the code of another form.
    let page = ask(&mut villager, &at(VILLAGE), NUMBER, "stop").await.is(200);
    let stopped = give(&mut villager, &page, &code_in(&last_text(&house).await)).await.is(200);
    stopped.says(&["退订好了"]);
    clerk.get("/desk/disclosure").await.is(200).says(&["0人用手机订阅"]);
}

#[tokio::test]
async fn the_link_of_a_message_stops_it() {
    let house = house().await;
    let mut villager = house.villager();
    let page = ask(&mut villager, &at(VILLAGE), NUMBER, "start").await.is(200);
    give(&mut villager, &page, &code_in(&last_text(&house).await)).await.is(200);
    publish(&house).await;
    let text = last_text(&house).await;
    assert!(text.contains("东坡村公开了") && text.contains("https://xy.example/v/"), "{text}");
    let link = text.rsplit_once("https://xy.example").map(|(_, l)| l.to_owned()).expect("a link");
    // A page that merely looks does nothing: what previews a message must not stop it.
    for _ in 0..2 {
        villager.get(&link).await.is(200).says(&["不再收", "东坡村"]);
    }
    for _ in 0..2 {
        let sent = villager.post(&link, &[("once", "12345678")]).await.is(200);
        sent.says(&["退订好了"]);
        assert!(!sent.has("139"));
    }
    villager.get(&link).await.is(200).says(&["退订好了"]);
    villager.get("/s/7-AAAAAAAAAAAAAAAA").await.is(404);
    villager.post("/s/x", &[]).await.is(404);
}

#[tokio::test]
async fn a_known_number_and_an_unknown_one_are_answered_alike() {
    let house = house().await;
    let mut villager = house.villager();
    let page = ask(&mut villager, &at(VILLAGE), NUMBER, "start").await.is(200);
    give(&mut villager, &page, &code_in(&last_text(&house).await)).await.is(200);
    // What differs is drawn anew for every form, or is the number itself as it was typed, masked.
    let bare = |page: &Sheet, masked: &str| {
        let mut text = page.text.clone();
        for field in ["once", "ticket", "csrf"] {
            let drawn = page.hidden(field);
            text = if drawn.is_empty() { text } else { text.replace(&drawn, "-") };
        }
        text.replace(masked, "-")
    };
    for deed in ["start", "stop"] {
        let mut other = house.villager().at([198, 51, 100, 7]);
        let known = ask(&mut other, &at(VILLAGE), NUMBER, deed).await.is(200);
        let unknown = ask(&mut other, &at(VILLAGE), OTHER, deed).await.is(200);
        assert_eq!(bare(&known, "139****5678"), bare(&unknown, "199****1234"), "{deed}");
        let (a, b) = (give(&mut other, &known, "000000").await, give(&mut other, &unknown, "000000").await);
        assert_eq!((a.status.as_u16(), b.status.as_u16()), (422, 422));
        assert_eq!(bare(&a, "139****5678"), bare(&b, "199****1234"), "{deed}");
    }
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field() {
    let house = house().await;
    let mut villager = house.villager();
    for bad in ["", "1391234", "0953-1234567", "电话", "13912345678901234567890"] {
        let page = ask(&mut villager, &at(VILLAGE), bad, "start").await;
        assert_eq!(page.status.as_u16(), 422, "{bad}");
        page.says(&["请填11位手机号", "phone-error"]);
    }
    let page = ask(&mut villager, &at(VILLAGE), NUMBER, "start").await.is(200);
    for (code, words) in [("", "验证码是6位数字"), ("12345", "验证码是6位数字"), ("０００１２x", "验证码是6位数字")]
    {
        let again = give(&mut villager, &page, code).await;
        assert_eq!(again.status.as_u16(), 422, "{code}");
        again.says(&[words, "code-error", "139****5678"]);
    }
    let once = page.hidden("once");
    for ticket in ["", "x", "水水水"] {
        let fields = [("once", once.as_str()), ("ticket", ticket), ("code", "123456")];
        let again = villager.post(&format!("{}/code", at(VILLAGE)), &fields).await;
        assert_eq!(again.status.as_u16(), 422);
        again.says(&["请重新填号码"]);
    }
    // A ticket of one village is none of another.
    let fields = [("once", once.as_str()), ("ticket", &page.hidden("ticket")), ("code", "123456")];
    let elsewhere = villager.post(&format!("{}/code", at(SIBLING)), &fields).await;
    assert_eq!(elsewhere.status.as_u16(), 422);
    // One address asks so often and no more.
    let mut last = 200;
    for n in 0..12 {
        last = ask(&mut villager, &at(VILLAGE), &format!("1391234{n:04}"), "start").await.status.as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn without_a_way_out_nothing_is_offered() {
    let house = House::open().await;
    let mut villager = house.villager();
    let page = villager.get(&format!("/v/{VILLAGE}/open")).await.is(200);
    assert!(!page.has("手机订阅"));
    villager.get(&at(VILLAGE)).await.is(404);
    villager.post(&at(VILLAGE), &[("phone", NUMBER)]).await.is(404);
    villager.get("/demo/texts").await.is(404);
    let demo = House::demo().await;
    demo.app.send_texts_by(TextWay::shown(""));
    let mut here = demo.neighbour();
    here.get("/demo/texts").await.is(200).says(&["还没有短信"]);
    ask(&mut here, &at(VILLAGE), NUMBER, "start").await.is(200).says(&["/demo/texts"]);
    demo.app.deliver().await.expect("delivered");
    let shown = here.get("/demo/texts").await.is(200);
    shown.says(&["验证码", "139****5678"]);
    assert!(!shown.has(NUMBER));
    demo.villager().get("/demo/texts").await.is(404);
}
