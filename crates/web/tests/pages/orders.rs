//! An order among several units, as each of them reads it: why a reply cannot go out yet, whom one may urge or let go, what a
//! supervision is about, and which line of the story names the unit and which the reason.

use crate::support::reporting::{COUNTY, order};
use crate::support::{House, VILLAGE, YANCHI, morning};
use xiangyue_app::matter::OpenForm;
use xiangyue_domain::matter::Who;
use xiangyue_web::WebOptions;

/// An order that the county's dispatcher took in; its number in addresses.
async fn taken(house: &House, category: &str, key: &str) -> String {
    order(house, key, &[("category", category)]).await.matter.to_string()
}

/// The same, handed to the unit for water.
async fn dispatched(house: &House, category: &str) -> String {
    let id = taken(house, category, "test/order").await;
    let to = handler(house, "unit.water");
    house.make("county.dispatcher", COUNTY, &id, "dispatch_to", &[("to", to.as_str())]).await;
    id
}

fn handler(house: &House, unit: &str) -> String {
    format!("unit.handler@{}", house.app.directory().unit(unit).expect("a unit").id)
}

#[tokio::test]
async fn a_reply_waits_for_the_others_and_says_so_until_they_are_let_go() {
    let house = House::open().await;
    let id = taken(&house, "lamp.village", "test/order").await;
    let page = format!("/desk/matters/{id}");
    let (lead, other) = (handler(&house, "unit.water"), handler(&house, "unit.power"));
    let fields = [("to", lead.as_str()), ("parts", other.as_str()), ("note", "一家主办一家协办")];
    house.make("county.dispatcher", COUNTY, &id, "dispatch_to", &fields).await;
    house.make("unit.handler", "unit.water", &id, "sign", &[]).await;
    let mut handler = house.signed_in("unit.handler", "unit.water").await;
    let waits = handler.get(&page).await.is(200);
    waits.says(&["「报审签」现在不能办：还有协办或分派的没有答复"]);
    assert!(!waits.has("moves/submit"));

    let mut dispatcher = house.signed_in("county.dispatcher", COUNTY).await;
    let whole = dispatcher.get(&page).await.is(200);
    let part = whole
        .all("href")
        .into_iter()
        .find(|h| h.starts_with("/desk/matters/") && whole.has(&format!("href=\"{h}\"><span class=\"num\">")));
    let part = part.expect("the part has a page");
    let seen = dispatcher.get(&part).await.is(200);
    seen.says(&["moves/urge", "moves/recall", "协办件"]);
    assert!(!seen.has("相近的事项") && !seen.has("这个人反映过"), "the order itself is no other matter");
    dispatcher.send(&part, &format!("{part}/moves/urge"), &[]).await.is(303);
    dispatcher.send(&part, &format!("{part}/moves/recall"), &[("reason", "不用协办了")]).await.is(303);
    // What was taken back has ended, and was not closed.
    let ended = dispatcher.get(&part).await.is(200);
    ended.says(&["已撤回", "已了结"]);
    assert!(!ended.has("已办结"));
    handler.get(&page).await.is(200).says(&["moves/submit"]);
}

#[tokio::test]
async fn the_story_and_the_printed_order_say_to_whom_it_went() {
    let house = House::open().await;
    let id = taken(&house, "lamp.village", "test/order").await;
    let page = format!("/desk/matters/{id}");
    let (lead, other) = (handler(&house, "unit.water"), handler(&house, "unit.power"));
    let mut dispatcher = house.signed_in("county.dispatcher", COUNTY).await;
    let to = format!("{page}/moves/dispatch_to");
    let twice = [("to", lead.as_str()), ("parts", lead.as_str()), ("note", "两家都是你")];
    let refused = dispatcher.send(&format!("{page}?do=dispatch_to"), &to, &twice).await.is(422);
    let unit = |id: &str| house.app.directory().unit(id).expect("a unit").short.clone();
    let (water, power) = (unit("unit.water"), unit("unit.power"));
    refused.says(&[
        &format!("{water}已经是主办单位，不能同时协办"),
        &format!("value=\"{lead}\" checked"),
        "两家都是你",
    ]);
    let both = [("to", lead.as_str()), ("parts", other.as_str())];
    dispatcher.send(&format!("{page}?do=dispatch_to"), &to, &both).await.is(303);
    let line = format!("选单位派单 → {water}承办单位经办人（协办件：{power}承办单位经办人）");
    dispatcher.get(&page).await.is(200).says(&[&line]);
    let paper = dispatcher.get(&format!("{page}/print")).await.is(200);
    let words = paper.words();
    paper.says(&[&line, "承办单位", "协办单位", "紧急程度", "受理时间", "2026-11-03 10:00", "具体地点"]);
    for (label, value) in
        [("协办单位", format!("{power}承办单位经办人（待签收）")), ("办理时限", "办理时限：2026-11-".to_owned())]
    {
        assert!(words.contains(label) && words.contains(&value), "{label} {value} in {words}");
    }
    // Taken back, it takes the other along; the next one is told apart as a dispatch to somebody else.
    dispatcher.send(&page, &format!("{page}/moves/recall"), &[("reason", "派错了单位")]).await.is(303);
    assert!(!dispatcher.get(&format!("{page}/print")).await.is(200).has("协办单位"));
    house.make("county.dispatcher", COUNTY, &id, "dispatch_to", &[("to", other.as_str())]).await;
    house.make("county.dispatcher", COUNTY, &id, "redirect", &[("to", lead.as_str())]).await;
    dispatcher.get(&page).await.is(200).says(&[&format!("改派 → {water}承办单位经办人")]);
}

#[tokio::test]
async fn a_reason_why_not_is_kept_only_where_it_was_not_solved() {
    let house = House::open().await;
    let id = dispatched(&house, "lamp.village").await;
    house.make("unit.handler", "unit.water", &id, "sign", &[]).await;
    house.make("unit.handler", "unit.water", &id, "submit", &[("draft", "灯杆已扶正")]).await;
    house.make("unit.head", "unit.water", &id, "sign_off", &[("reply", "灯杆已扶正")]).await;
    let mut caller = house.signed_in("county.callback", COUNTY).await;
    let page = format!("/desk/matters/{id}");
    let form = caller.get(&page).await.is(200);
    // An optional choice can be emptied again; one that is required cannot.
    assert!(form.has("name=\"unsolved_reason\"") && form.has("call_back-unsolved_reason-none"));
    assert!(!form.has("call_back-solved-none"));
    let fields = [("solved", "yes"), ("satisfied", "very"), ("unsolved_reason", "funds")];
    house.make("county.callback", COUNTY, &id, "call_back", &fields).await;
    let done = caller.get(&page).await.is(200);
    assert!(done.has("满意") && !done.has("资金条件不具备"));
}

#[tokio::test]
async fn a_unit_hands_back_in_words_that_can_be_told_apart() {
    let house = House::open().await;
    let id = dispatched(&house, "lamp.village").await;
    // No unit of the county is called so; the others are there to choose from.
    let page = format!("/desk/matters/{id}");
    let mut handler = house.signed_in("unit.handler", "unit.water").await;
    let fields = [("reason", "不归我局管护"), ("duty_basis", "清单第四条"), ("proposed", "火星局")];
    let refused = handler.send(&page, &format!("{page}/moves/hand_back"), &fields).await.is(422);
    refused.says(&["请从列出的单位里选一个。", "<option value=\"unit.power\">", "<option value=\"town\">"]);
    let fields = [fields[0], fields[1], ("proposed", "unit.power")];
    house.make("unit.handler", "unit.water", &id, "hand_back", &fields).await;
    let mut dispatcher = house.signed_in("county.dispatcher", COUNTY).await;
    let page = dispatcher.get(&page).await.is(200);
    let unit = house.app.policy().units.iter().find(|u| u.id == "unit.power").map(|u| u.short.clone()).expect("a unit");
    page.says(&["理由：不归我局管护", "依据的职责清单条目：清单第四条", &format!("建议承办单位：{unit}")]);
}

#[tokio::test]
async fn a_supervision_goes_by_its_instruction_and_asks_for_no_reporter() {
    let house = House::open().await;
    let id = dispatched(&house, "lamp.village").await;
    house
        .make(
            "county.office",
            COUNTY,
            &id,
            "instruct",
            &[("instruction", "三日内扶正灯杆"), ("instruction_by", "分管副县长")],
        )
        .await;
    let mut handler = house.signed_in("unit.handler", "unit.water").await;
    let list = handler.get("/desk/matters?kind=supervision").await.is(200);
    list.says(&["三日内扶正灯杆"]);
    let own = list
        .all("href")
        .into_iter()
        .find(|h| h.starts_with("/desk/matters/") && h[14..].bytes().all(|b| b.is_ascii_digit()));
    let page = handler.get(&own.expect("a row")).await.is(200);
    page.says(&["<h1>三日内扶正灯杆</h1>", ">批示或督办意见</h2>", "属于", "分管副县长"]);
    assert!(!page.has(">反映人</h2>"), "nobody reported an instruction");
    // The order itself still has somebody who did.
    handler.get(&format!("/desk/matters/{id}")).await.is(200).says(&[">反映人</h2>"]);
}

#[tokio::test]
async fn what_ended_in_time_is_folded_and_a_choice_speaks_the_readers_language() {
    let house = House::open().await;
    let id = dispatched(&house, "lamp.village").await;
    house.make("unit.handler", "unit.water", &id, "sign", &[]).await;
    let mut handler = house.signed_in("unit.handler", "unit.water").await;
    let page = handler.get(&format!("/desk/matters/{id}")).await.is(200);
    page.says(&["已按时走完的 2 段", "办理时限", "已用0个工作日，时限5个工作日"]);
    handler.set_cookie("xy_lang", "en");
    let english = handler.get(&format!("/desk/matters/{id}")).await.is(200);
    english.says(&["Passed on and answered", "Call to the county"]);
}

#[tokio::test]
async fn a_units_post_is_never_cut() {
    let house = House::of(YANCHI, WebOptions::default()).await;
    let (village, county) = ("640323100207", "640323000000");
    let mut dispatcher = house.signed_in("county.dispatcher", county).await;
    let fields = [("place", village), ("category", "lamp.village"), ("words", "灯杆歪了"), ("channel", "12345")];
    let place = house.app.directory().tree.by_code(village, morning().day()).expect("a village").id.to_string();
    let fields = fields.map(|(k, v)| if k == "place" { (k, place.as_str()) } else { (k, v) });
    let to = dispatcher.send("/desk/intake/hotline", "/desk/intake/hotline", &fields).await.to().to_owned();
    let id = to.trim_start_matches("/desk/matters/").split('?').next().expect("an id").to_owned();
    let page = dispatcher.get(&format!("/desk/matters/{id}?do=dispatch_to")).await.is(200);
    page.says(&["县政府办承办单位经办人", "县水务局承办单位经办人", "花马池镇调度员"]);
}

#[tokio::test]
async fn what_is_not_switched_on_is_not_offered() {
    let house = House::open().await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let offered = clerk.get("/desk/intake").await.is(200);
    assert!(offered.has("/desk/intake/red_entry") && !offered.has("/desk/intake/black_entry"));
    clerk.get("/desk/intake/black_entry").await.is(404);
}

#[tokio::test]
async fn a_mediator_extends_with_both_sides_and_prints_the_file_with_names_in_full() {
    let house = House::open().await;
    let place = house.app.directory().tree.by_code(VILLAGE, morning().day()).expect("a village").id;
    let by = Who::Account { account: house.account("village.clerk", VILLAGE), post: None };
    let category = house.app.policy().catalogue("dispute-categories").expect("a catalogue").items[1].code.clone();
    let typed = [
        ("category", category.as_str()),
        ("words", "地埂被犁去一行"),
        ("reporter_name", "甲乙丙"),
        ("other_party", "丁戊己"),
        ("source_of", "party"),
    ];
    let typed = typed.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect();
    let form = OpenForm { kind: "dispute".to_owned(), place, typed, ..OpenForm::default() };
    let opened = house.app.open_matter(by, form, "test/dispute").await.expect("taken in");
    let id = opened.matter.to_string();
    let matter =
        house.app.find_matter(house.account("town.mediator", "991101100000"), opened.matter).await.expect("seen");
    let holder = matter.holder.expect("somebody has it");
    let seat = house.app.directory().tree.code(xiangyue_domain::ids::RegionId(holder.seat), morning().day()).to_owned();
    let go = async |mv: &str, fields: &[(&str, &str)]| house.make(&holder.post, &seat, &id, mv, fields).await;
    go("accept", &[]).await;
    go("inform", &[("informed_on", "2026-11-03"), ("informed_how", "read"), ("id_checked", "paper")]).await;
    go("extend", &[("extend_days", "5"), ("reason", "双方当天都同意再等五天")]).await;
    let mut mediator = house.signed_in(&holder.post, &seat).await;
    let page = format!("/desk/matters/{id}");
    mediator.get(&page).await.is(200).says(&["已批准延期，共5个工作日"]);
    go("mediate", &[("mediation", "在村部谈了一次")]).await;
    go("agree", &[("agreement", "oral"), ("agreement_words", "按老界恢复"), ("perform_mode", "spot")]).await;
    go("perform", &[("performed_on", "2026-11-03")]).await;
    go("revisit", &[("performed", "full"), ("satisfied", "very"), ("hidden_risk", "none")]).await;
    go("archive", &[("summary", "已履行"), ("file_no", "(2026)人调字第1号"), ("keep_for", "long")]).await;
    let cover = mediator.get(&format!("{page}/papers/cover")).await.is(200);
    cover.says(&["甲乙丙", "丁戊己", "(2026)人调字第1号"]);
    // Nobody else who sees the place reads the names.
    let mut clerk = house.signed_in("town.secretary", "991101100000").await;
    let other = clerk.get(&format!("{page}/papers/cover")).await.is(200);
    assert!(!other.has("丁戊己"));
}

#[tokio::test]
async fn an_instruction_on_a_villagers_report_is_followed_until_it_is_struck_off() {
    let house = House::open().await;
    let place = house.app.directory().tree.by_code(VILLAGE, morning().day()).expect("a village").id;
    let typed = [("category", "lamp"), ("words", "灯不亮")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let form = OpenForm { kind: "report".to_owned(), place, typed, ..OpenForm::default() };
    let id = house.app.open_matter(Who::Reporter, form, "test/report").await.expect("taken in").matter.to_string();
    let fields = [("instruction", "两天内修好"), ("instruction_due", "2026-11-06")];
    house.make("county.office", COUNTY, &id, "instruct", &fields).await;
    let mut office = house.signed_in("county.office", COUNTY).await;
    let list = office.get("/desk/matters?kind=supervision").await.is(200);
    list.says(&["两天内修好", "东坡村书记"]);
    let mark = "href=\"/desk/matters/";
    let part = list.text.split(mark).skip(1).filter_map(|t| t.split_once('"')).map(|(n, _)| n.to_owned());
    let part = part.into_iter().find(|n| n.bytes().all(|b| b.is_ascii_digit())).expect("a row");
    house.make("village.secretary", VILLAGE, &part, "report_back", &[("feedback", "换了灯泡")]).await;
    house.make("county.office", COUNTY, &part, "clear", &[]).await;
    office.get(&format!("/desk/matters/{id}")).await.is(200).says(&["督办件", "已销号", "换了灯泡"]);
}

#[tokio::test]
async fn many_are_handed_out_only_after_it_was_shown_to_whom() {
    let house = House::open().await;
    let (lamp, water) = (taken(&house, "lamp.village", "a").await, taken(&house, "water.outage", "b").await);
    let gone = dispatched(&house, "lamp.village").await;
    let mut dispatcher = house.signed_in("county.dispatcher", COUNTY).await;
    let rows = [("ids", lamp.as_str()), ("ids", water.as_str()), ("ids", gone.as_str())];
    let choose = dispatcher.send("/desk", "/desk/bulk", &rows).await.is(200);
    choose.says(&["name=\"mv\" value=\"hotline:dispatch\""]);
    assert!(!choose.has("name=\"one\" value=\"hotline:dispatch\""), "no key sends them unseen");
    let mut asked = rows.to_vec();
    asked.push(("mv", "hotline:dispatch"));
    let shown = dispatcher.send("/desk", "/desk/bulk", &asked).await.is(200);
    shown.says(&["将派给", "县水务局承办单位经办人", "这一件办不了，不动", "bulk-form"]);
    assert_eq!(shown.all("value").iter().filter(|v| **v == lamp).count(), 1);
    let before = house.app.find_matter(house.account("county.dispatcher", COUNTY), lamp.parse().expect("an id")).await;
    assert_eq!(before.expect("seen").step, "accepted", "nothing was sent yet");
    asked.push(("go", "on"));
    let done = dispatcher.send("/desk", "/desk/bulk", &asked).await.is(200);
    done.says(&["办成2件，没办成1件。"]);
    assert!(!done.has("bulk-form"), "no empty box remains");
}

#[tokio::test]
async fn a_task_made_of_a_warning_goes_to_a_unit_and_its_answer_to_whoever_asked() {
    let house = House::open().await;
    let place = house.app.directory().tree.by_code(VILLAGE, morning().day()).expect("a village").id.to_string();
    let mut office = house.signed_in("county.office", COUNTY).await;
    let form = format!("/desk/intake/supervision?place={place}&to_unit=unit.water&instruction=x");
    office.get(&form).await.is(200).says(&["交给哪个单位", "<option value=\"unit.water\" selected>"]);
    let take = async |office: &mut crate::support::Visitor, unit: &str| {
        let fields =
            [("place", place.as_str()), ("to_unit", unit), ("instruction", "查清逾期的原因"), ("checked", "true")];
        let to = office.send(&form, "/desk/intake/supervision", &fields).await.to().to_owned();
        to.trim_start_matches("/desk/matters/").split('?').next().expect("an id").to_owned()
    };
    let id = take(&mut office, "unit.water").await;
    office.get(&format!("/desk/matters/{id}")).await.is(200).says(&["登记 → 县水务局承办单位经办人"]);
    house.make("unit.handler", "unit.water", &id, "report_back", &[("feedback", "水泵已换")]).await;
    office.get("/desk/notices").await.is(200).says(&["请您知悉", "查清逾期的原因"]);
    // One warning becomes one task: a second is refused while the first is under way.
    let fields =
        [("place", place.as_str()), ("instruction", "同一条预警"), ("made_of", "late/unit@7"), ("checked", "true")];
    office.get(&format!("{form}&made_of=late/unit@7")).await.is(200).says(&["name=\"made_of\" value=\"late/unit@7\""]);
    office.send(&form, "/desk/intake/supervision", &fields).await.to();
    let again = office.send(&form, "/desk/intake/supervision", &fields).await;
    again.says(&["这条预警已经转成督办，还没有销号：20261103-0002"]);
    // Without a unit it goes to whoever is in charge of the place; the county's dispatcher can pass it on from there.
    let id = take(&mut office, "").await;
    office.get(&format!("/desk/matters/{id}")).await.is(200).says(&["村书记"]);
    let to = handler(&house, "unit.power");
    house.make("county.dispatcher", COUNTY, &id, "pass_on", &[("to", to.as_str())]).await;
    office.get(&format!("/desk/matters/{id}")).await.is(200).says(&["转交 → 县供电公司承办单位经办人"]);
}

#[tokio::test]
async fn a_warning_that_was_made_a_task_leads_to_it() {
    let house = House::open().await;
    dispatched(&house, "lamp.village").await;
    house.at(morning().plus_ms(9 * 86_400_000)).await;
    let mut office = house.signed_in("county.office", COUNTY).await;
    let hub = office.get("/hub").await.is(200);
    let way = hub.all("href").into_iter().find(|h| h.contains("intake/supervision")).expect("a way to make a task");
    let way = way.replace("&amp;", "&");
    assert!(way.contains("made_of=late") && way.contains("to_unit=unit.water"), "{way}");
    let form = office.get(&way).await.is(200);
    let (place, name) = (form.between("name=\"place\"", "</select>"), form.hidden("made_of"));
    let place =
        place.and_then(|p| p.split(" selected").next().and_then(|p| p.rsplit("value=\"").next().map(str::to_owned)));
    let place = place.map(|p| p.trim_end_matches('"').to_owned()).expect("a place is chosen");
    let fields = [("place", place.as_str()), ("to_unit", "unit.water"), ("instruction", "查清"), ("made_of", &name)];
    let to = office.send(&way, "/desk/intake/supervision", &fields).await.to().to_owned();
    let marked = office.get("/hub").await.is(200);
    marked.says(&["已转督办 20261112-0001", to.split('?').next().expect("a page")]);
    // Whoever has the task is led to what the warning was of, and sees there what they may see anyway.
    let mut unit = house.signed_in("unit.handler", "unit.water").await;
    let task = unit.get(&to).await.is(200);
    task.says(&["看预警里的事项"]);
    let records = task.all("href").into_iter().find(|h| h.contains("limit=over")).expect("a way to the records");
    unit.get(&records.replace("&amp;", "&")).await.is(200).says(&["20261103-0001"]);
}
