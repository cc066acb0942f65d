//! The page of posts at a county with many people: it grows with its rows and not with their square, and the form of a
//! stand-in is one click away.

use crate::support::reporting::COUNTY;
use crate::support::{House, VILLAGE, Visitor};

/// Posts that are added.
const MANY: usize = 40;

async fn add(admin: &mut Visitor, n: usize) {
    let page = admin.get("/desk/people").await.is(200);
    let post = page.between("<option value=\"county.dispatcher@", "\"").expect("a post to give");
    let (post, login, name) = (format!("county.dispatcher@{post}"), format!("many.{n}"), format!("某{n}"));
    let fields = [("post", post.as_str()), ("name", &name), ("login", &login), ("from", "")];
    admin.post("/desk/people", &fields).await.is(200);
}

#[tokio::test]
async fn a_page_of_posts_grows_with_its_rows_and_not_with_their_square() {
    let house = House::open().await;
    let mut admin = house.signed_in("county.admin", COUNTY).await;
    for n in 0..MANY {
        add(&mut admin, n).await;
    }
    let page = admin.get("/desk/people").await.is(200);
    let rows = page.text.matches("<tr>").count();
    let choices = page.text.matches("<option").count();
    assert!(rows > MANY && choices < 4 * rows, "{choices} choices in {rows} rows");
    let way = page.all("href").into_iter().find(|h| h.contains("stand=")).expect("the way to the form");
    let (way, _) = way.split_once('#').expect("straight to it");
    let asked = admin.get(way).await.is(200);
    assert_eq!(asked.text.matches("name=\"who\"").count(), 1, "one form is on the page, and it is open");
    assert!(asked.has("id=\"do-stand\" open"));
    admin.get("/desk/people?stand=%22%3E").await.is(200);
}

#[tokio::test]
async fn somebody_is_found_by_name_within_the_reader_s_places_alone() {
    let house = House::open().await;
    let name = |post: &str, seat: &str| {
        let id = house.account(post, seat);
        house.app.directory().accounts.get(&id).expect("an account").clone()
    };
    let (own, other) = (name("village.clerk", VILLAGE), name("village.clerk", "991101101200"));
    let find = |q: &str| {
        let all: String = q.bytes().map(|b| format!("%{b:02X}")).collect();
        format!("/desk/people?q={all}")
    };
    let mut admin = house.signed_in("county.admin", COUNTY).await;
    for clerk in [&own, &other] {
        let page = admin.get(&find(&clerk.login)).await.is(200);
        assert_eq!(page.text.matches("<tr>").count(), 2, "one group with its heading and one row");
        page.says(&[&clerk.name, "/desk/people?place="]);
    }
    let mut secretary = house.signed_in("village.secretary", VILLAGE).await;
    secretary.get(&find(&own.login)).await.is(200).says(&[&own.name]);
    let none = secretary.get(&find(&other.login)).await.is(200);
    none.says(&["没有找到", "电话的后四位"]);
    for junk in ["%", "\u{0}", "'\"<", &"某".repeat(5000)] {
        admin.get(&find(junk)).await.is(200);
    }
}
