//! What a villager's page refuses, and how it says so: wrong forms, what is no photo, too many of them, guessed numbers,
//! links and files that are not theirs.

use crate::support::villager::{dot, form, matter, parts, report};
use crate::support::{House, VILLAGE, morning};
use xiangyue_app::matter::{MoveForm, Typed};

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
