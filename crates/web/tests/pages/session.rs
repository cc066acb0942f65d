//! Signing in and out, one-time links, passwords; the demo's cards, which exist only on this very machine; posters of
//! the villages that a post covers.

use crate::support::{ELSEWHERE, House, SIBLING, VILLAGE, Visitor, morning};
use xiangyue_app::matter::{OpenForm, Typed};
use xiangyue_app::people::NewPost;
use xiangyue_domain::matter::Who;
use xiangyue_domain::register::Holder;
use xiangyue_web::{Web, WebOptions};

const TOWN: &str = "991101100000";

/// Opens an account by a one-time link, as an administrator and its new clerk would.
async fn with_password(house: &House, login: &str, password: &str) -> Visitor {
    let directory = house.app.directory();
    let village = directory.tree.by_code(VILLAGE, morning().day()).expect("a village").id;
    let post = NewPost {
        holder: Holder { post: "village.clerk".to_owned(), seat: village.0 },
        name: "文书".to_owned(),
        login: login.to_owned(),
        phone: String::new(),
        from: morning().day(),
        until: None,
    };
    let admin = house.account("county.admin", "991101000000");
    let link = house.app.give_post(admin, post).await.expect("given").expect("a link");
    let mut visitor = house.villager();
    let path = format!("/setup/{link}");
    visitor.get(&path).await.is(200).says(&[login, "至少8位"]);
    visitor.post(&path, &[("password", "short"), ("again", "short")]).await.is(422).says(&["密码至少8位"]);
    visitor.post(&path, &[("password", password), ("again", "else1234")]).await.is(422).says(&["两次输的不一样"]);
    let done = visitor.post(&path, &[("password", password), ("again", password)]).await;
    assert_eq!(done.to(), "/desk");
    visitor.at([203, 0, 113, 4]).get(&path).await.is(410).says(&["已经用过或过期"]);
    visitor
}

#[tokio::test]
async fn a_link_gives_the_first_password_and_it_signs_in() {
    let house = House::open().await;
    with_password(&house, "clerk-1", "wenshu2026").await;
    let mut visitor = house.villager();
    let gate = visitor.get("/desk/matters?page=2").await;
    assert!(gate.to().starts_with("/sign-in?to=%2F"));
    let page = visitor.get("/sign-in?to=/desk/notices").await.is(200);
    let next = page.hidden("next");
    let signed = visitor.post("/sign-in", &[("account", "clerk-1"), ("password", "wenshu2026"), ("next", &next)]).await;
    assert_eq!(signed.to(), "/desk/notices");
    let cookie = signed.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"));
    assert_eq!(visitor.get("/sign-in").await.to(), "/desk");
    // Out again, only with the session's form token.
    visitor.csrf = "wrong".to_owned();
    visitor.post("/sign-out", &[]).await.is(403);
    visitor.csrf = visitor.get("/desk/password").await.is(200).hidden("csrf");
    let out = visitor.post("/sign-out", &[]).await;
    visitor.follow(out).await.is(200).says(&["已退出"]);
    assert!(visitor.cookie("xy_session").is_none());
    visitor.get("/desk/password").await.to();
}

#[tokio::test]
async fn wrong_name_and_wrong_password_are_alike_and_tries_end() {
    let house = House::open().await;
    with_password(&house, "clerk-1", "wenshu2026").await;
    let mut visitor = house.villager();
    let nobody = visitor.post("/sign-in", &[("account", "clerk-9"), ("password", "wenshu2026")]).await.is(422);
    let wrong = visitor.post("/sign-in", &[("account", "clerk-1"), ("password", "wenshu2027")]).await.is(422);
    assert_eq!(nobody.words(), wrong.words());
    assert!(wrong.has("登录名或密码不对") && wrong.has("value=\"clerk-1\""));
    let mut last = wrong;
    for _ in 0..5 {
        last = visitor.post("/sign-in", &[("account", "clerk-1"), ("password", "wenshu2027")]).await;
    }
    last.is(429).says(&["账号暂时锁住了", "请15分钟后再试"]);
    let right = [("account", "clerk-1"), ("password", "wenshu2026")];
    visitor.at([203, 0, 113, 50]).post("/sign-in", &right).await.is(429);
    house.at(morning().plus_ms(16 * 60_000)).await;
    visitor.post("/sign-in", &right).await.to();
    // A demo account has no password and cannot be given one here.
    let demo = format!("village.clerk@{VILLAGE}");
    visitor.at([203, 0, 113, 51]).post("/sign-in", &[("account", &demo), ("password", "")]).await.is(422);
}

#[tokio::test]
async fn one_never_leaves_by_the_sign_in() {
    let house = House::open().await;
    with_password(&house, "clerk-1", "wenshu2026").await;
    for to in ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", ""] {
        let mut visitor = house.villager();
        let fields = [("account", "clerk-1"), ("password", "wenshu2026"), ("next", to)];
        assert_eq!(visitor.post("/sign-in", &fields).await.to(), "/desk", "{to}");
    }
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one_and_other_sessions_end() {
    let house = House::open().await;
    let mut here = with_password(&house, "clerk-1", "wenshu2026").await;
    let mut there = house.villager();
    there.post("/sign-in", &[("account", "clerk-1"), ("password", "wenshu2026")]).await.to();
    here.csrf = here.get("/desk/password").await.is(200).hidden("csrf");
    let new = [("password", "baimian2027"), ("again", "baimian2027")];
    let wrong = [("old", "nonsense1"), new[0], new[1]];
    here.post("/desk/password", &wrong).await.is(422).says(&["原密码不对"]);
    let right = [("old", "wenshu2026"), new[0], new[1]];
    assert_eq!(here.post("/desk/password", &right).await.to(), "/desk");
    here.get("/desk/password").await.is(200);
    there.get("/desk/password").await.to();
    there.post("/sign-in", &[("account", "clerk-1"), ("password", "baimian2027")]).await.to();
}

#[tokio::test]
async fn over_tls_cookies_are_secure() {
    let options = WebOptions { secure_cookies: true, ..WebOptions::default() };
    let house = House::of(crate::support::HEIGHTS, options).await;
    let admin = house.account("county.admin", "991101000000");
    assert!(admin.0 > 0);
    let link = house.app.first_administrator().await.expect("a database").expect("a link");
    let mut visitor = house.villager();
    let password = [("password", "guanli2026"), ("again", "guanli2026")];
    let done = visitor.post(&format!("/setup/{link}"), &password).await;
    assert!(done.header("set-cookie").contains("; Secure"));
}

#[tokio::test]
async fn demo_cards_open_on_this_machine_alone() {
    let house = House::demo().await;
    let form = OpenForm {
        kind: "report".to_owned(),
        place: house.app.directory().tree.by_code(VILLAGE, morning().day()).expect("a village").id,
        typed: Typed::from([("category".to_owned(), "lamp".to_owned())]),
        ..OpenForm::default()
    };
    house.app.open_matter(Who::Reporter, form, "sim/story/a").await.expect("a matter");
    let mut here = house.neighbour();
    let page = here.get("/demo").await.is(200);
    page.says(&["政府办主任", "村书记", "1件待办", "扫码反映", "3个村", "路灯不亮", "村里怎么办的", "事项1件"]);
    assert!(!page.has("vacant"));
    let progress = page.all("href").into_iter().find(|a| a.starts_with("/m/")).expect("the progress");
    here.get(&progress).await.is(200).says(&["已提交"]);
    let go = page.all("action").into_iter().find(|a| a.contains("matters")).expect("a step with a post");
    assert!(here.post(&go, &[]).await.to().starts_with("/desk/matters/"));
    assert!(here.cookie("xy_session").is_some());
    assert_eq!(here.post("/demo/enter/leader", &[]).await.to(), "/hub");
    assert_eq!(here.post("/demo/enter/unit?to=https://elsewhere.example", &[]).await.to(), "/desk");
    for id in ["vacant", "villager", "nobody"] {
        here.post(&format!("/demo/enter/{id}"), &[]).await.is(404);
    }
    // From elsewhere, or through a proxy, or when not a demo, there is nothing.
    let mut far = house.villager();
    far.get("/demo").await.is(404);
    far.post("/demo/enter/leader", &[]).await.is(404);
    let mut proxied = house.neighbour();
    proxied.set_header("x-forwarded-for", "203.0.113.9");
    proxied.get("/demo").await.is(404);
    proxied.post("/demo/enter/leader", &[]).await.is(404);
    let plain = House::open().await;
    plain.neighbour().get("/demo").await.is(404);
    plain.neighbour().post("/demo/enter/leader", &[]).await.is(404);
}

#[tokio::test]
async fn the_demo_says_how_far_it_is() {
    let web = Web::new(WebOptions { demo_cards: true, ..WebOptions::default() }, "高塬县");
    let mut here = Visitor::new(web.router(), [127, 0, 0, 1]);
    here.get("/demo").await.is(200).says(&["http-equiv=\"refresh\"", "0%"]);
    web.progress().set(450, 900);
    here.get("/demo").await.is(200).says(&["50%", "已写下450笔"]);
    assert_eq!(here.get("/").await.to(), "/demo");
    here.get("/health").await;
    web.progress().fail("磁盘满了".to_owned());
    let page = here.get("/demo").await.is(200);
    assert!(page.has("磁盘满了") && !page.has("http-equiv=\"refresh\""));
}

#[tokio::test]
async fn posters_are_those_of_the_readers_villages() {
    let house = House::open().await;
    let mut town = house.signed_in("town.dispatcher", TOWN).await;
    let page = town.get("/desk/posters").await.is(200);
    page.says(&[
        "上塬镇 · 东坡村",
        "上塬镇 · 西坡村",
        "共2张",
        "不会扫码？到村部说，或打12345",
        "不放心？先打电话问：0999-",
    ]);
    assert!(!page.has("河湾村") && page.has(&format!("/q/{SIBLING}")));
    let page = town.get(&format!("/desk/posters?place={SIBLING}")).await.is(200);
    assert!(page.has("共1张") && !page.has(&format!("/q/{VILLAGE}")));
    let page = town.get(&format!("/desk/posters?place={ELSEWHERE}")).await.is(200);
    assert!(!page.has(&format!("/q/{ELSEWHERE}")));
    let mut worker = house.signed_in("grid.worker", "9911011002001001").await;
    worker.get("/desk/posters").await.is(200).says(&["东坡村", "共1张"]);
    let mut office = house.signed_in("county.office", "991101000000").await;
    office.get("/desk/posters").await.is(200).says(&["共3张", &format!("/q/{ELSEWHERE}")]);
    office.get(&format!("/desk/posters?place={TOWN}")).await.is(200).says(&["共2张"]);
    let mut unit = house.signed_in("unit.handler", "unit.water").await;
    unit.get("/desk/posters").await.is(200).says(&["共0张"]);
    house.villager().get("/desk/posters").await.to();
}
