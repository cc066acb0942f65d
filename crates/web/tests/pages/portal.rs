//! The villager's way: report, receipt, progress, word on the result; and everything that may go wrong on it. All
//! without a script and without a cookie.

use crate::support::villager::{PHONE, dot, form, matter, parts, report, solve};
use crate::support::{House, SIBLING, Sheet, VILLAGE, Visitor, morning};

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
    page.says(&["已提交", "受理时限：2026年11月4日（周三）18:00前", "承办：东坡村书记"]);
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
    villager.get(&link).await.is(200).says(&["承办：上塬镇调度员"]);
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
