//! Access fails closed: every route of the table is walked as nobody, from a sibling place and in the wrong role. No
//! answer is a 5xx, and nobody meets a page of the staff.

use crate::support::{ELSEWHERE, House, SIBLING, VILLAGE, Visitor, encoded};
use xiangyue_web::Web;

/// A villager's report in `VILLAGE`; gives the matter's id.
async fn a_matter(house: &House) -> String {
    let mut villager = house.villager();
    let form = villager.get(&format!("/r/{VILLAGE}")).await.is(200);
    let once = form.hidden("once");
    let category = form.all("value").into_iter().find(|v| v == "lamp").unwrap_or_else(|| "lamp".to_owned());
    let fields = [("category", category.as_str()), ("once", once.as_str()), ("words", "路灯不亮"), ("where", "村口")];
    villager.post(&format!("/r/{VILLAGE}"), &fields).await.is(303);
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    let desk = secretary.get("/desk").await.is(200);
    let id = desk.between("/desk/matters/", "\"").unwrap_or_default();
    id.chars().take_while(char::is_ascii_digit).collect()
}

fn filled(path: &str, id: &str) -> String {
    path.replace("{id}", id)
        .replace("{mv}", "accept")
        .replace("{digest}", "0000000000000000")
        .replace("{kind}", "report")
        .replace("{from}", "7")
        .replace("{into}", "7")
        .replace("{term}", "999999")
        .replace("{sheet}", "order-in")
        .replace("{code}", VILLAGE)
        .replace("{party}", "999999")
        .replace("{home}", "999999")
        .replace("{deed}", "redeem")
        .replace("{indicator}", "report.accepted")
        .replace("{format}", "json")
        .replace("{token}", "no-such-token")
        .replace("{card}", "leader")
        .replace("{tag}", "en")
        .replace("{switch}", "on")
        .replace("{*name}", "base.css")
}

fn of_staff(path: &str) -> bool {
    path.starts_with("/desk") || path.starts_with("/hub")
}

async fn ask(visitor: &mut Visitor, method: &str, path: &str) -> (u16, String, String) {
    let sheet = match method {
        "POST" => visitor.post(path, &[("reason", "试试"), ("into", "1"), ("post", "x@1")]).await,
        _ => visitor.get(path).await,
    };
    (sheet.status.as_u16(), sheet.header("location").to_owned(), sheet.text)
}

#[tokio::test]
async fn nobody_meets_a_page_of_the_staff_and_nothing_breaks() {
    let house = House::open().await;
    let id = a_matter(&house).await;
    assert!(!id.is_empty(), "the report reached the secretary's desk");
    for (method, path) in Web::route_table() {
        let (status, to, _) = ask(&mut house.villager(), method, &filled(path, &id)).await;
        assert!(status < 500, "{method} {path}: {status}");
        if of_staff(path) {
            assert!(status == 303 && to.starts_with("/sign-in"), "{method} {path}: {status} {to}");
        }
    }
}

#[tokio::test]
async fn a_sibling_village_and_another_town_see_nothing_of_a_matter() {
    let house = House::open().await;
    let id = a_matter(&house).await;
    for (post, seat) in [("village.secretary", SIBLING), ("village.clerk", SIBLING), ("village.secretary", ELSEWHERE)] {
        let mut visitor = house.signed_in(post, seat).await;
        for (method, path) in Web::route_table().iter().filter(|(_, p)| p.contains("/desk/matters/{id}")) {
            let (status, _, text) = ask(&mut visitor, method, &filled(path, &id)).await;
            assert_eq!(status, 404, "{post}@{seat} {method} {path}");
            assert!(!text.contains("路灯不亮"), "{post}@{seat} {method} {path}");
        }
        for path in ["/desk", "/desk?tab=unit", "/desk?tab=overdue", "/desk/matters", "/desk/notices"] {
            let (status, _, text) = ask(&mut visitor, "GET", path).await;
            assert_eq!(status, 200, "{path}");
            assert!(!text.contains(&format!("/desk/matters/{id}")), "{post}@{seat} {path}");
        }
        let (status, _, _) = ask(&mut visitor, "GET", &format!("/desk/places/{VILLAGE}")).await;
        assert_eq!(status, 404, "{post}@{seat} the place page");
        let (status, _, text) =
            ask(&mut visitor, "GET", &format!("/hub/figures/report.accepted?region={VILLAGE}")).await;
        assert!(status == 403 || status == 404, "{post}@{seat} figure: {status}");
        assert!(!text.contains(&format!("/desk/matters/{id}")));
    }
}

#[tokio::test]
async fn a_wrong_role_changes_nothing() {
    let house = House::open().await;
    let id = a_matter(&house).await;
    let mut supervisor = house.signed_in("village.supervisor", VILLAGE).await;
    for (method, path) in Web::route_table().iter().filter(|(m, p)| *m == "POST" && of_staff(p)) {
        // A form without a row chosen is a page that says so.
        if *path == "/desk/bulk" {
            continue;
        }
        if path.ends_with("/notices/read") || path.ends_with("/print") || *path == "/desk/password" {
            continue;
        }
        let (status, to, _) = ask(&mut supervisor, method, &filled(path, &id)).await;
        assert!((400..500).contains(&status), "{path}: {status} {to}");
    }
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    let page = secretary.get(&format!("/desk/matters/{id}")).await.is(200);
    assert!(page.has("待受理"), "the matter stands where it stood");
    let (status, _, _) = ask(&mut supervisor, "GET", "/hub/report").await;
    assert_eq!(status, 403, "the report is for whoever may make one");
    let (status, _, _) = ask(&mut supervisor, "GET", "/desk/matters.xlsx").await;
    assert_eq!(status, 403, "a list leaves only with the right to export");
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused() {
    let house = House::open().await;
    let id = a_matter(&house).await;
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    secretary.csrf = "made-up".to_owned();
    let (status, _, _) = ask(&mut secretary, "POST", &format!("/desk/matters/{id}/moves/accept")).await;
    assert_eq!(status, 403);
    let mut other = house.signed_in("village.secretary", VILLAGE).await;
    other.set_header("origin", "https://elsewhere.example");
    let (status, _, _) = ask(&mut other, "POST", &format!("/desk/matters/{id}/moves/accept")).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn junk_in_addresses_and_queries_never_breaks_a_page() {
    let house = House::open().await;
    let mut clerk = house.signed_in("county.dispatcher", "991101000000").await;
    let long = "水".repeat(3000);
    for junk in ["%00", "%27", "%22", "-1", "99999999999999999999", "%F0%9F%92%A9", "../../etc/passwd", &encoded(&long)]
    {
        for path in [
            "/desk/matters?q=",
            "/desk/matters?after=",
            "/desk/matters?from=",
            "/desk?open=",
            "/hub?region=",
            "/hub?period=",
            "/hub/figures/",
            "/desk/matters/",
            "/v/",
            "/m/",
            "/desk/places/",
            "/r/",
        ] {
            let sheet = clerk.get(&format!("{path}{junk}")).await;
            assert!(
                sheet.status.as_u16() < 500,
                "{path}{}: {}",
                junk.chars().take(30).collect::<String>(),
                sheet.status
            );
        }
    }
}
