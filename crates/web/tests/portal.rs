//! The villager's way: report, receipt, progress, word on the result; and everything that may go wrong on it. All
//! without a script and without a cookie.

mod support;

use support::{House, Part, SIBLING, Sheet, VILLAGE, Visitor, morning};
use xiangyue_app::matter::{MoveForm, Typed};
use xiangyue_domain::ids::MatterId;

/// A red dot as PNG.
const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
/// A telephone that no carrier gives out.
const PHONE: &str = "19900001234";

fn dot() -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(DOT).expect("a picture")
}

fn form() -> String {
    format!("/r/{VILLAGE}")
}

/// Reports a lamp with words, a photo and a telephone; the link of its receipt.
async fn report(villager: &mut Visitor) -> String {
    let page = villager.get(&form()).await.is(200);
    let sent = villager.upload(&form(), &parts(&page.hidden("once"), &dot())).await;
    sent.to().trim_end_matches("/sent").to_owned()
}

fn parts<'a>(once: &'a str, photo: &'a [u8]) -> [Part<'a>; 6] {
    [
        Part::Field("once", once),
        Part::Field("category", "lamp"),
        Part::Field("where", "三组小卖部南头"),
        Part::Field("words", "路灯不亮三天了，打我电话 199 0000 1234"),
        Part::Field("phone", PHONE),
        Part::File("photos", "lamp.png", photo),
    ]
}

async fn matter(house: &House, link: &str) -> MatterId {
    house.app.matter_by_receipt(link.trim_start_matches("/m/")).await.expect("a matter").id
}

/// The village secretary says what was done.
async fn solve(house: &House, link: &str) {
    let account = house.account("village.secretary", VILLAGE);
    let typed = Typed::from([("reply".to_owned(), "换了灯头和一段线，当晚试亮。".to_owned())]);
    let solve = MoveForm { mv: "solve".to_owned(), typed, ..MoveForm::default() };
    house.app.make_move(account, matter(house, link).await, solve, None).await.expect("solved");
}

#[tokio::test]
async fn from_report_to_satisfaction_and_back() {
    let house = House::open().await;
    let mut villager = house.villager();
    villager.get("/").await.is(200).says(&["上塬镇", "东坡村", &format!("/v/{VILLAGE}")]);
    villager.get(&format!("/v/{VILLAGE}")).await.is(200).says(&["反映问题", &form()]);
    let link = report(&mut villager).await;
    let receipt = villager.get(&format!("{link}/sent")).await.is(200);
    receipt.says(&["20261103-0001", "查询码", "受理时限"]);
    villager.get(&format!("{link}/receipt")).await.is(200).says(&["三组小卖部南头", "扫码反映"]);
    let code = villager.get(&format!("{link}/qr")).await.is(200);
    assert_eq!(code.header("content-type"), "image/svg+xml");
    let page = villager.get(&link).await.is(200);
    page.says(&["已提交", "受理时限：2026年11月4日（周三）18:00前", "承办：东坡村村书记"]);
    let photo = page.all("src").into_iter().find(|s| s.contains("/files/")).expect("a photo");
    assert_eq!(villager.get(&photo).await.is(200).header("content-type"), "image/jpeg");
    solve(&house, &link).await;
    let page = villager.get(&link).await.is(200);
    page.says(&["换了灯头和一段线，当晚试亮。", "解决了吗", "等您说一声"]);
    // Two taps: 「没解决」 opens, this sends.
    let again = [("once", page.hidden("once")), ("answer", "again".into()), ("words", "还是一闪一闪".into())];
    say(&mut villager, &format!("{link}/answer"), &again).await.says(&["又在办", "您说：没解决", "还是一闪一闪"]);
    solve(&house, &link).await;
    let page = villager.get(&link).await.is(200);
    let solved = [("once", page.hidden("once")), ("answer", "solved".into())];
    let page = say(&mut villager, &format!("{link}/answer"), &solved).await;
    page.says(&["请您评一下", "您说：解决了"]);
    let best = page.text.find("value=\"very\"").expect("a grade");
    assert!(best < page.text.find("value=\"no\"").expect("a grade"), "the best grade stands first");
    let grade = [("once", page.hidden("once")), ("grade", "very".into())];
    say(&mut villager, &format!("{link}/answer"), &grade).await.says(&[
        "办结",
        "满意",
        "2026年12月3日前都可以点这里再办",
    ]);
    // What a village has done lately says what, and of whom nothing.
    let village = villager.get(&format!("/v/{VILLAGE}")).await.is(200);
    village.says(&["路灯：换了灯头和一段线，当晚试亮"]);
    assert!(!village.has("三组小卖部") && !village.has("一闪一闪"));
    let page = villager.get(&link).await;
    let reopen = [("once", page.hidden("once")), ("words", "又灭了".into())];
    say(&mut villager, &format!("{link}/reopen"), &reopen).await.says(&["又在办", "又灭了"]);
    assert!(!villager.get(&format!("/v/{VILLAGE}")).await.has("当晚试亮"));
}

async fn say(villager: &mut Visitor, path: &str, fields: &[(&str, String)]) -> Sheet {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let sent = villager.post(path, &fields).await;
    assert!(sent.to().starts_with("/m/"));
    villager.follow(sent).await.is(200)
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_matter() {
    let house = House::open().await;
    let mut villager = house.villager();
    let once = villager.get(&form()).await.hidden("once");
    let first = villager.upload(&form(), &parts(&once, &dot())).await;
    let second = villager.upload(&form(), &parts(&once, &dot())).await;
    assert_eq!(first.to(), second.to());
    assert_eq!(house.app.pool().count_matters(house.app.realm()).await.expect("a count"), 1);
    let link = first.to().trim_end_matches("/sent").to_owned();
    solve(&house, &link).await;
    let answer = villager.get(&link).await.hidden("once");
    for _ in 0..2 {
        villager.post(&format!("{link}/answer"), &[("once", &answer), ("answer", "solved")]).await.to();
    }
    let matter = house.app.matter_by_receipt(link.trim_start_matches("/m/")).await.expect("a matter");
    assert_eq!(matter.trail.iter().filter(|t| t.mv == "confirm").count(), 1);
}

#[tokio::test]
async fn a_wrong_form_comes_back_with_what_was_typed() {
    let house = House::open().await;
    let mut villager = house.villager();
    let once = villager.get(&form()).await.hidden("once");
    let fields = [("once", once.as_str()), ("where", "南头第二根杆子"), ("phone", "1380000"), ("direct", "true")];
    let page = villager.post(&form(), &fields).await.is(422);
    page.says(&["请点一下是什么事", "南头第二根杆子", "1380000", "或者不留也行", "checked"]);
    let junk = [("once", once.as_str()), ("category", "dragons")];
    villager.post(&form(), &junk).await.is(422).says(&["请点一下是什么事"]);
    assert_eq!(house.app.pool().count_matters(house.app.realm()).await.expect("a count"), 0);
}

#[tokio::test]
async fn what_is_no_photo_or_too_large_is_refused_beside_the_field() {
    let house = House::open().await;
    let mut villager = house.villager();
    let once = villager.get(&form()).await.hidden("once");
    let page = villager.upload(&form(), &parts(&once, b"<svg onload=alert(1)>")).await.is(422);
    page.says(&["这个文件不是照片", "三组小卖部南头", "路灯不亮三天了"]);
    let large = vec![0xffu8; 20 * 1024 * 1024];
    let page = villager.upload(&form(), &parts(&once, &large)).await.is(422);
    page.says(&["照片太大", "三组小卖部南头"]);
    // A bomb by its head alone: 60,000 by 60,000 pixels.
    let mut bomb = dot();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    villager.upload(&form(), &parts(&once, &bomb)).await.is(422).says(&["这个文件不是照片"]);
    assert_eq!(house.app.pool().count_matters(house.app.realm()).await.expect("a count"), 0);
    villager.upload(&form(), &parts(&once, &dot())).await.to();
}

#[tokio::test]
async fn one_address_sends_only_so_many() {
    let house = House::open().await;
    let mut villager = house.villager();
    for _ in 0..30 {
        villager.post(&form(), &[("category", "lamp")]).await.to();
    }
    let page = villager.post(&form(), &[("category", "lamp"), ("words", "第三十一件")]).await.is(429);
    page.says(&["第三十一件", "这里交得太多了，请过11分钟再试"]);
    villager.at([203, 0, 113, 10]).post(&form(), &[("category", "lamp")]).await.to();
}

#[tokio::test]
async fn number_and_code_lead_to_the_progress_and_tries_are_limited() {
    let house = House::open().await;
    let mut villager = house.villager();
    let link = report(&mut villager).await;
    let code = house.app.code_of(link.trim_start_matches("/m/"));
    let wrong = format!("{:04}", (code.parse::<u32>().expect("digits") + 1) % 10_000);
    let page = villager.post("/lookup", &[("number", "路灯"), ("code", "12")]).await.is(422);
    page.says(&["编号是8位日期加4位数", "查询码是4位数字"]);
    let found = villager.post("/lookup", &[("number", "2026 1103 0001"), ("code", &code)]).await;
    let pass = found.to().to_owned();
    assert!(
        pass != link && !found.to().contains(link.trim_start_matches("/m/")),
        "the receipt's own link stays hidden"
    );
    villager.get(&pass).await.is(200).says(&["20261103-0001", "已提交"]);
    villager.get(&format!("{pass}/sent")).await.is(404);
    villager.get(&pass.replace("/m/p.", "/m/p.9")).await.is(404);
    // A number that does not exist and a wrong code are answered alike.
    let none = villager.post("/lookup", &[("number", "20261103-0777"), ("code", &code)]).await.is(422);
    let bad = villager.post("/lookup", &[("number", "20261103-0001"), ("code", &wrong)]).await.is(422);
    assert_eq!(none.words().replace("20261103-0777", "20261103-0001"), bad.words().replace(&wrong, &code));
    let mut last = bad;
    for _ in 0..8 {
        last = villager.post("/lookup", &[("number", "20261103-0001"), ("code", &wrong)]).await;
    }
    last.is(429).says(&["试的次数太多了"]);
    // The number is locked for everybody, with the right code too, and opens again.
    let mut other = villager.at([203, 0, 113, 77]);
    other.post("/lookup", &[("number", "20261103-0001"), ("code", &code)]).await.is(429);
    house.at(morning().plus_ms(2 * 3_600_000)).await;
    other.post("/lookup", &[("number", "20261103-0001"), ("code", &code)]).await.to();
    other.get(&pass).await.is(404);
}

#[tokio::test]
async fn a_code_on_a_thing_fills_category_and_place() {
    let house = House::open().await;
    let mut villager = house.villager();
    let spot = format!("/r/{VILLAGE}?at=%E4%B8%89%E7%BB%84%E5%8D%97%E5%A4%B4&c=lamp");
    let page = villager.get(&spot).await.is(200);
    page.says(&["三组南头", "路灯", "不是这里的事"]);
    assert!(!page.has("type=\"radio\""));
    let fields = [("once", page.hidden("once")), ("at", page.hidden("at")), ("category", page.hidden("category"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let sent = villager.post(&form(), &fields).await;
    villager.follow(sent).await.is(200).says(&["三组南头", "路灯"]);
    let junk = villager.get(&format!("/r/{VILLAGE}?at=x&c=dragons")).await.is(200);
    junk.says(&["type=\"radio\""]);
    let wall = villager.get(&format!("/q/{VILLAGE}?at=%E4%B8%89%E7%BB%84&c=lamp")).await.is(200);
    assert!(wall.has("<svg") && wall.header("content-type") == "image/svg+xml");
}

#[tokio::test]
async fn straight_to_the_town_passes_the_village_over() {
    let house = House::open().await;
    let mut villager = house.villager();
    let sent = villager.post(&form(), &[("category", "other"), ("direct", "true")]).await;
    let link = sent.to().trim_end_matches("/sent").to_owned();
    villager.get(&link).await.is(200).says(&["承办：上塬镇乡镇调度员"]);
    let secretary = house.account("village.secretary", VILLAGE);
    assert!(house.app.find_matter(secretary, matter(&house, &link).await).await.is_err());
}

#[tokio::test]
async fn two_who_report_one_thing_each_see_their_own_words() {
    let house = House::open().await;
    let mut villager = house.villager();
    let mine = report(&mut villager).await;
    let fields = [("category", "lamp"), ("where", "小卖部门口"), ("words", "黑灯瞎火的，我叫甲乙丙")];
    let theirs = villager.post(&form(), &fields).await.to().trim_end_matches("/sent").to_owned();
    let dispatcher = house.account("town.dispatcher", "991101100000");
    let (from, into) = (matter(&house, &theirs).await, matter(&house, &mine).await);
    house.app.merge(dispatcher, from, into, None).await.expect("merged");
    let page = villager.get(&theirs).await.is(200);
    page.says(&["黑灯瞎火的", "20261103-0002", "已并在一起办（20261103-0001）"]);
    assert!(!page.has("路灯不亮三天了") && !page.has("/files/"));
    let page = villager.get(&mine).await.is(200);
    assert!(page.has("路灯不亮三天了") && !page.has("黑灯瞎火的"));
    solve(&house, &theirs).await;
    villager.get(&theirs).await.is(200).says(&["解决了吗", "换了灯头"]);
    let code = house.app.code_of(theirs.trim_start_matches("/m/"));
    let found = villager.post("/lookup", &[("number", "20261103-0002"), ("code", &code)]).await;
    villager.follow(found).await.is(200).says(&["黑灯瞎火的", "换了灯头"]);
}

#[tokio::test]
async fn unknown_codes_links_and_files_are_not_there() {
    let house = House::open().await;
    let mut villager = house.villager();
    let link = report(&mut villager).await;
    let digest = matter(&house, &link).await;
    for path in [
        "/v/000000000000",
        "/v/991101100000",
        "/v/x",
        "/r/991101999999",
        "/q/991101999999",
        "/v/991101999999/contact",
        "/m/nothing",
        "/m/nothing/sent",
        "/m/nothing/receipt",
        "/m/nothing/qr",
        "/m/p.1.1.x",
        "/m/p.",
        "/setup",
        &format!("{link}/files/{}", "0".repeat(64)),
        &format!("{link}/files/x"),
        &format!("/m/{digest}"),
        "/demo",
    ] {
        villager.get(path).await.is(404);
    }
    villager.post("/m/nothing/answer", &[("answer", "solved")]).await.is(404);
}

#[tokio::test]
async fn a_photo_of_another_matter_or_of_the_inside_is_not_shown() {
    let house = House::open().await;
    let mut villager = house.villager();
    let (mine, theirs) = (report(&mut villager).await, report(&mut villager).await);
    let page = villager.get(&theirs).await;
    let photo = page.all("src").into_iter().find(|s| s.contains("/files/")).expect("a photo");
    villager.get(&photo.replace(&theirs, &mine)).await.is(404);
    let inside = xiangyue_app::file::check_photo(&dot()).expect("a picture");
    let typed = Typed::from([("note".to_owned(), "内部：产权在电力公司".to_owned())]);
    let note = MoveForm { mv: "note".to_owned(), typed, files: vec![inside], ..MoveForm::default() };
    let secretary = house.account("village.secretary", VILLAGE);
    let id = matter(&house, &theirs).await;
    house.app.make_move(secretary, id, note, None).await.expect("noted");
    let matter = house.app.find_matter(secretary, id).await.expect("a matter");
    let hidden = &matter.files.last().expect("a file").1.digest;
    villager.get(&format!("{theirs}/files/{hidden}")).await.is(404);
    assert!(!villager.get(&theirs).await.has("产权"));
}

#[tokio::test]
async fn no_public_page_shows_a_reporters_number() {
    let house = House::open().await;
    let mut villager = house.villager();
    let link = report(&mut villager).await;
    solve(&house, &link).await;
    let page = villager.get(&link).await;
    villager.post(&format!("{link}/answer"), &[("once", &page.hidden("once")), ("answer", "solved")]).await.to();
    let pages = [
        "/".to_owned(),
        "/?q=东坡".replace("东坡", "%E4%B8%9C%E5%9D%A1"),
        format!("/v/{VILLAGE}"),
        format!("/v/{SIBLING}"),
        format!("/v/{VILLAGE}/contact"),
        form(),
        "/lookup".to_owned(),
        "/sign-in".to_owned(),
        link.clone(),
        format!("{link}/sent"),
        format!("{link}/receipt"),
    ];
    for path in &pages {
        let page = villager.get(path).await.is(200);
        assert_eq!(page.numbers(11), Vec::<String>::new(), "{path}");
        assert!(!page.has("199 0000 1234") && !page.has(PHONE), "{path}");
    }
    let mut english = house.villager();
    english.set_cookie("xy_lang", "en");
    for path in &pages {
        let page = english.get(path).await.is(200);
        assert!(!page.has(PHONE) && page.has("lang=\"en\""), "{path}");
    }
}

#[tokio::test]
async fn nothing_on_the_way_needs_a_script_or_a_cookie() {
    let house = House::open().await;
    let mut villager = house.villager();
    let page = villager.get(&form()).await.is(200);
    assert!(page.has("enctype=\"multipart/form-data\"") && page.has("type=\"submit\""));
    assert!(!page.has("<script>") && !page.has("onclick") && !page.has("style=\""));
    report(&mut villager).await;
    assert!(villager.cookie("xy_session").is_none());
    // A form from another site is refused.
    villager.set_header("origin", "https://elsewhere.example");
    villager.post(&form(), &[("category", "lamp")]).await.is(403);
}

#[tokio::test]
async fn a_late_one_says_so() {
    let house = House::open().await;
    let mut villager = house.villager();
    let link = report(&mut villager).await;
    house.at(morning().plus_ms(3 * 86_400_000)).await;
    let page = villager.get(&link).await.is(200);
    page.says(&["超时了，还在办", "到时间没办好", "还在办，办好马上登在这里"]);
    assert_eq!(page.text.matches("到时间没办好").count(), 1);
}
