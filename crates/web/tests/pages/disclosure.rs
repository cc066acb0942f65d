//! A month's disclosure as people meet it: begun at the desk, checked by others, read by everybody without signing in,
//! asked about; no number of a person on any page.

use crate::support::{House, SIBLING, Sheet, VILLAGE, Visitor, encoded, morning};

const TOWN: &str = "991101100000";
const PHONE: &str = "13800138000";
const CITIZEN: &str = "110101199003070038";

/// A month's accounts, drafted by the clerk; its id.
async fn begun(clerk: &mut Visitor) -> String {
    // What nobody has begun leads to its form, with item and period filled in.
    let due = clerk.get("/desk/disclosure").await.is(200);
    due.says(&["当月收支明细", "还没起草"]);
    assert!(due.has("/desk/intake/village_disclosure?category=finance.month&amp;period=2026-10&amp;place="));
    let begun = clerk.get("/desk/intake/village_disclosure?category=finance.month&period=2026-10").await.is(200);
    assert!(begun.has("value=\"2026-10\""), "the period is filled in");
    let words = format!("十月收入300元，经办{PHONE}，身份证{CITIZEN}");
    let page = clerk.get("/desk/intake/village_disclosure").await.is(200);
    let (before, _) = page.text.split_once(">上塬镇 · 东坡村 · 东坡村第1网格<").expect("a grid of the village");
    let grid = before.rsplit_once("value=\"").map_or("", |(_, v)| v.trim_end_matches('"'));
    let form = [
        ("category", "finance.month"),
        ("period", "2026-10"),
        ("words", words.as_str()),
        ("place", grid),
        ("lines.0.what", "路灯电费"),
        ("lines.0.side", "out"),
        ("lines.0.amount", "860"),
    ];
    let intake = "/desk/intake/village_disclosure";
    let sent = clerk.send(intake, intake, &form).await;
    let sent = sent.is(303);
    assert!(!sent.header("location").is_empty());
    let desk = clerk.get("/desk/disclosure").await.is(200);
    let id: String = desk.between("/desk/matters/", "\"").unwrap_or_default();
    let id: String = id.chars().take_while(char::is_ascii_digit).collect();
    id
}

async fn is_found_by_its_period(villager: &mut Visitor, item: &str) {
    for (asked, found) in
        [("2026-09", false), ("9月", false), ("2026年10月", true), ("10月收支", true), ("收支 10月", true)]
    {
        let list = villager.get(&format!("/v/{VILLAGE}/open?q={}", encoded(asked))).await.is(200);
        assert_eq!(list.has(item), found, "{asked}");
        assert_eq!(list.has("没有找到"), !found, "{asked}");
    }
}

async fn reaches_who_answers_next(house: &House, supervisor: &mut Visitor, villager: &mut Visitor, receipt: &Sheet) {
    // What is still unclear reaches whoever answers next.
    let open = supervisor.get("/desk/matters?kind=objection").await.is(200);
    let question = open
        .all("href")
        .into_iter()
        .find(|h| h.starts_with("/desk/matters/") && h.len() > 14 && h[14..].bytes().all(|b| b.is_ascii_digit()));
    let at = question.expect("the question");
    supervisor.send(&at, &format!("{at}/moves/answer"), &[("reply", "在村部二楼")]).await.is(303);
    let own = receipt.between("/m/", "/").or_else(|| receipt.between("/m/", "\"")).expect("the villager's page");
    let form = villager.get(&format!("/m/{own}")).await.is(200);
    let answer = [("once", form.hidden("once")), ("answer", "again".to_owned()), ("words", "二楼没有人".to_owned())];
    let answer: Vec<(&str, &str)> = answer.iter().map(|(k, v)| (*k, v.as_str())).collect();
    villager.post(&format!("/m/{own}/answer"), &answer).await.is(303);
    let mut town = house.signed_in("town.dispatcher", TOWN).await;
    town.get(&at).await.is(200).says(&["二楼没有人"]);
}

#[tokio::test]
async fn from_draft_to_question() {
    let house = House::open().await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let id = begun(&mut clerk).await;
    let item = format!("/v/{VILLAGE}/open/{id}");
    let mut villager = house.villager();
    villager.get(&item).await.is(404);
    house.make("village.clerk", VILLAGE, &id, "submit", &[]).await;
    // Whoever checks it reads its rows before they are public.
    let mut supervisor = house.signed_in("village.supervisor", VILLAGE).await;
    supervisor.get(&format!("/desk/matters/{id}")).await.is(200).says(&[
        "路灯电费",
        "<th scope=\"col\">摘要</th>",
        "支出",
    ]);
    house.make("village.supervisor", VILLAGE, &id, "check_money", &[("opinion", "账实相符")]).await;
    house.make("town.dispatcher", TOWN, &id, "review", &[("town_opinion", "与代管账一致")]).await;
    house.make("village.clerk", VILLAGE, &id, "publish", &[]).await;
    villager.get(&format!("/v/{VILLAGE}")).await.is(200).says(&["村务公开", &format!("/v/{VILLAGE}/open")]);
    let list = villager.get(&format!("/v/{VILLAGE}/open")).await.is(200);
    list.says(&["当月收支明细 2026年10月", &item]);
    assert!(list.text.len() <= 60 * 1024, "{} bytes", list.text.len());
    is_found_by_its_period(&mut villager, &item).await;
    for page in [item.clone(), format!("{item}/sheet"), format!("/v/{VILLAGE}/open"), format!("/v/{VILLAGE}/open/feed")]
    {
        let page = villager.get(&page).await.is(200);
        assert!(!page.text.contains(PHONE) && !page.text.contains(CITIZEN));
    }
    villager.get(&item).await.is(200).says(&["十月收入300元", "138****8000", "账实相符", "与代管账一致", "我有疑问"]);
    assert_eq!(villager.get(&format!("{item}/qr")).await.is(200).header("content-type"), "image/svg+xml");
    // What was said can be checked by anybody, from the screen and from the wall.
    let page = villager.get(&item).await.is(200);
    page.says(&["疑问可以提到", "查验这条有没有被改过"]);
    let code = page.between("href=\"/check/", "\"").expect("a receipt");
    villager.get(&format!("{item}/sheet")).await.is(200).says(&["查验码", &code]);
    let receipt = villager.get(&format!("/check/{code}")).await.is(200);
    receipt.says(&["当月收支明细 2026-10", "第1版", "138****8000", "账实相符"]);
    assert!(!receipt.text.contains(PHONE) && !receipt.text.contains(CITIZEN));
    // It belongs to its village: under another one it is not there.
    villager.get(&format!("/v/{SIBLING}/open/{id}")).await.is(404);
    let once = villager.get(&item).await.hidden("once");
    let empty = villager.post(&format!("{item}/ask"), &[("once", &once)]).await;
    assert_eq!(empty.status.as_u16(), 422);
    let asked = villager.post(&format!("{item}/ask"), &[("once", &once), ("words", "凭证在哪里看")]).await;
    let receipt = villager.follow(asked).await.is(200);
    receipt.says(&["查询码"]);
    let page = villager.get(&item).await.is(200);
    page.says(&["等村监委答复"]);
    assert!(!page.has("凭证在哪里看"), "the words of a question stay with the village");
    reaches_who_answers_next(&house, &mut supervisor, &mut villager, &receipt).await;
    // After the window it says which rule holds, on what it rests and what can still be done.
    house.at(morning().plus_ms(40 * 86_400_000)).await;
    let over = ["现在不收了", "村务公开办法", "第三十一条", "我要反映"];
    villager.get(&item).await.is(200).says(&over);
    let late = villager.post(&format!("{item}/ask"), &[("once", "late-question"), ("words", "还想问")]).await;
    late.is(422).says(&over);
}

#[tokio::test]
async fn the_board_is_within_one_s_own_places() {
    let house = House::open().await;
    let mut town = house.signed_in("town.dispatcher", TOWN).await;
    town.get("/desk/disclosure").await.is(200).says(&["公开进度", "超时"]);
    town.get(&format!("/desk/disclosure?place={VILLAGE}")).await.is(200).says(&["村民看到的"]);
    let mut clerk = house.signed_in("village.clerk", SIBLING).await;
    clerk.get(&format!("/desk/disclosure?place={VILLAGE}")).await.is(404);
}
