//! No number of a person leaves a public page, however and wherever it was typed: every text that a village makes public
//! is filled with citizens' numbers, telephones and cards in many spellings, and every page that anybody may open is read.

use crate::support::{House, Sheet, VILLAGE};

const TOWN: &str = "991101100000";

/// Spellings of numbers, and their digits.
const NUMBERS: &[(&str, &str)] = &[
    ("110101199003070038", "110101199003070038"),
    ("11010119900307003X", "11010119900307003"),
    ("11010119900307003x", "11010119900307003"),
    ("110101 19900307 0038", "110101199003070038"),
    ("110101-1990-0307-0038", "110101199003070038"),
    ("１１０１０１１９９００３０７００３８", "110101199003070038"),
    ("110101900307003", "110101900307003"),
    ("13800138000", "13800138000"),
    ("138 0013 8000", "13800138000"),
    ("138-0013-8000", "13800138000"),
    ("１３８００１３８０００", "13800138000"),
    ("+8613800138000", "13800138000"),
    ("6217 0098 7654 3210 123", "6217009876543210123"),
];

/// The first matter that a page links to.
fn first_id(page: &Sheet) -> String {
    let ids = page.text.split("/desk/matters/").skip(1);
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    ids.map(digits).find(|id| !id.is_empty()).expect("a matter")
}

/// Digits of a page as a reader would put them together: blanks and dashes between digits do not count.
fn digits(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        _ => c,
    };
    text.chars().map(narrow).filter(|c| !matches!(c, ' ' | '-' | '\u{200b}')).collect()
}

#[tokio::test]
async fn no_number_of_a_person_leaves_a_public_page() {
    let house = House::open().await;
    let all = NUMBERS.iter().map(|(said, _)| format!("号{said}。")).collect::<String>();
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let intake = "/desk/intake/village_disclosure";
    let page = clerk.get(intake).await.is(200);
    let (before, _) = page.text.split_once(">上塬镇 · 东坡村 · 东坡村第1网格<").expect("a grid of the village");
    let grid = before.rsplit_once("value=\"").map_or("", |(_, v)| v.trim_end_matches('"')).to_owned();
    let form = [
        ("category", "finance.month"),
        ("period", "2026-10"),
        ("words", all.as_str()),
        ("place", grid.as_str()),
        ("lines.0.what", "转账 13800138000 身份证110101199003070038"),
        ("lines.0.side", "out"),
        ("lines.0.amount", "300"),
        ("lines.0.who", "13800138000"),
        ("lines.0.voucher", "13800138000"),
    ];
    clerk.send(intake, intake, &form).await.is(303);
    let desk = clerk.get("/desk/disclosure").await.is(200);
    let id = first_id(&desk);
    // Publishing without the check is refused, and nothing is public.
    let own = format!("/desk/matters/{id}");
    let refused = clerk.send(&own, &format!("{own}/moves/publish"), &[]).await;
    assert!(refused.status.as_u16() >= 400, "{}", refused.status);
    house.villager().get(&format!("/v/{VILLAGE}/open/{id}")).await.is(404);
    house.make("village.clerk", VILLAGE, &id, "submit", &[]).await;
    house.make("village.supervisor", VILLAGE, &id, "check_money", &[("opinion", &all)]).await;
    house.make("town.dispatcher", TOWN, &id, "review", &[("town_opinion", &all)]).await;
    house.make("village.clerk", VILLAGE, &id, "publish", &[]).await;
    house.make("village.clerk", VILLAGE, &id, "amend", &[("reason", &all)]).await;
    house.make("village.clerk", VILLAGE, &id, "submit", &[]).await;
    house.make("village.supervisor", VILLAGE, &id, "check_money", &[("opinion", &all)]).await;
    house.make("town.dispatcher", TOWN, &id, "review", &[("town_opinion", &all)]).await;
    house.make("village.clerk", VILLAGE, &id, "publish", &[]).await;
    let item = format!("/v/{VILLAGE}/open/{id}");
    let mut villager = house.villager();
    let once = villager.get(&item).await.hidden("once");
    let asked = [("once", once.as_str()), ("words", all.as_str()), ("phone", "13900139000")];
    villager.post(&format!("{item}/ask"), &asked).await.is(303);
    let mut supervisor = house.signed_in("village.supervisor", VILLAGE).await;
    let list = supervisor.get("/desk/matters?kind=objection").await.is(200);
    let question = first_id(&list);
    house.make("village.supervisor", VILLAGE, &question, "answer", &[("reply", &all)]).await;
    let pages = [
        item.clone(),
        format!("{item}?v=1"),
        format!("{item}/sheet"),
        format!("{item}/poster"),
        format!("/v/{VILLAGE}"),
        format!("/v/{VILLAGE}/open"),
        format!("/v/{VILLAGE}/open?q=2026-10"),
        format!("/v/{VILLAGE}/open/feed"),
        format!("/v/{VILLAGE}/own"),
        format!("/v/{VILLAGE}/points"),
        format!("/v/{VILLAGE}/decisions"),
        format!("/v/{VILLAGE}/sheet"),
    ];
    for path in pages {
        let page = villager.get(&path).await.is(200);
        let read = digits(&page.text);
        for (said, whole) in NUMBERS.iter().chain([&("", "13900139000")]) {
            assert!(!read.contains(whole), "{path} shows {said}");
        }
    }
    villager.get(&item).await.is(200).says(&["第2版", "138****8000"]);
}
