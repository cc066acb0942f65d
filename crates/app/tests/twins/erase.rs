//! The right to be forgotten: whoever asks is found by their number, what is under way waits, what is done is gone for good,
//! and the books hold.

use crate::disclosure::{MONEY, begin, publish};
use crate::import::{imported, upload};
use crate::import_registers::valid_id;
use crate::secrets::texts;
use crate::stage::{COUNTY, Stage, VILLAGE, filled, refusal, twins};
use xiangyue_app::erase::{Destroyed, Stays, Whose};
use xiangyue_app::matter::{MoveForm, OpenForm, Receipt};
use xiangyue_app::subscription::mobile;
use xiangyue_app::texts::TextWay;
use xiangyue_domain::day::Day;
use xiangyue_domain::erasure::{Ground, Kept};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::subscription::Deed;

twins!(
    what_is_done_is_gone_and_what_is_open_waits,
    a_telephone_is_told_no_more,
    another_process_forgets_the_key_too,
    what_must_be_kept_waits_for_its_day,
    a_person_of_the_register_is_forgotten,
);

const PHONE: &str = "13912345678";

async fn told(stage: &Stage, words: &str) -> Receipt {
    let typed = [("category", "lamp"), ("words", words), ("reporter_name", "隰九娘"), ("reporter_phone", PHONE)];
    let form =
        OpenForm { kind: "report".into(), place: stage.place(VILLAGE), typed: filled(&typed), ..OpenForm::default() };
    stage.open_form(Who::Reporter, form).await.expect("taken in")
}

fn phone() -> Whose {
    Whose::Phone(PHONE.into())
}

async fn solve(stage: &Stage, receipt: &Receipt) {
    let secretary = stage.account("village.secretary", VILLAGE);
    stage.go(secretary, receipt.matter, "solve", &[("reply", "修好了")]).await.expect("solved");
    let confirmed = MoveForm { mv: "confirm".into(), ..MoveForm::default() };
    stage.app.make_move_by_receipt(&receipt.token, confirmed, None).await.expect("closed");
}

async fn what_is_done_is_gone_and_what_is_open_waits(stage: Stage) {
    let (done, open) = (told(&stage, "路灯不亮").await, told(&stage, "灯还是不亮").await);
    let other = stage.report(VILLAGE, "lamp").await;
    solve(&stage, &done).await;
    let found = stage.app.remains_of(&phone()).await.expect("looked");
    let stays: Vec<_> = found.matters.iter().map(|m| (m.matter.number.clone(), m.stays)).collect();
    assert_eq!(stays, [(done.number.clone(), None), (open.number.clone(), Some(Stays::Open))]);
    let figures = stage.head().await;
    let gone = stage.app.destroy(&found, Ground::Withdrawn).await.expect("destroyed");
    assert_eq!(gone, Destroyed { matters: 1, people: 0, told: 0, files: 0 });
    assert_eq!(stage.head().await, figures + 1, "one entry says so");
    let desk = stage.account("county.dispatcher", COUNTY);
    for asked in [PHONE, "隰九娘", "5678", "路灯不亮"] {
        let numbers: Vec<String> =
            stage.app.search(desk, asked).await.expect("searched").into_iter().map(|m| m.number).collect();
        assert!(!numbers.contains(&done.number), "{asked} still leads there");
    }
    assert!(stage.app.search(desk, PHONE).await.expect("searched").iter().any(|m| m.number == open.number));
    let matter = stage.matter(done.matter).await;
    let opened = stage.app.open_for(desk, matter).await.expect("opened");
    assert!(opened.erased && opened.texts.is_empty() && opened.reporter.is_empty());
    assert!(!stage.app.open_for(desk, stage.matter(other.matter).await).await.expect("opened").erased);
    // What is gone is said to be gone, and once more does nothing.
    let again = stage.app.remains_of(&Whose::Number(done.number.clone())).await.expect("looked");
    assert_eq!(again.matters[0].stays, Some(Stays::Gone));
    assert!(again.is_empty());
    assert_eq!(stage.app.destroy(&again, Ground::Law).await.expect("nothing"), Destroyed::default());
    stage.sound().await;
    let stage = stage.again().await;
    // The clock goes on with what nobody can read.
    stage.wait_hours(24 * 60);
    stage.app.sweep(stage.app.now()).await.expect("swept");
    assert_eq!(stage.matter(done.matter).await.step, "archived");
    stage.sound().await;
    // The open one goes once it is done.
    solve(&stage, &open).await;
    let found = stage.app.remains_of(&phone()).await.expect("looked");
    assert_eq!(stage.app.destroy(&found, Ground::Withdrawn).await.expect("destroyed").matters, 1);
    assert!(stage.app.remains_of(&phone()).await.expect("looked").matters.is_empty(), "nothing leads there any more");
    stage.sound().await;
}

async fn a_telephone_is_told_no_more(stage: Stage) {
    stage.app.send_texts_by(TextWay::shown("https://xy.example"));
    let village = stage.place(VILLAGE);
    let number = mobile(PHONE).expect("a number");
    let ticket = stage.app.ask_subscription(village, (&number, Deed::Start), "a").await.expect("asked");
    stage.app.deliver().await.expect("delivered");
    let text = stage.app.shown_texts().remove(0).text;
    let code: String = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    stage.app.confirm_subscription(village, (&ticket, &code), "here", "a").await.expect("confirmed");
    assert_eq!(stage.app.subscribers(village).await.expect("counted"), 1);
    // What the village made public is nobody's to have destroyed.
    let item = begin(&stage, MONEY, "first").await.expect("begun");
    publish(&stage, item).await;
    let published = stage.matter(item).await;
    let of_village = stage.app.remains_of(&Whose::Number(published.number)).await.expect("looked");
    assert_eq!(of_village.matters[0].stays, Some(Stays::Public));
    let found = stage.app.remains_of(&phone()).await.expect("looked");
    assert_eq!(stage.app.destroy(&found, Ground::Withdrawn).await.expect("destroyed").told, 1);
    assert_eq!(stage.app.subscribers(village).await.expect("counted"), 0);
    assert!(stage.app.remains_of(&phone()).await.expect("looked").told.is_empty());
    stage.sound().await;
}

async fn another_process_forgets_the_key_too(stage: Stage) {
    let done = told(&stage, "路灯不亮").await;
    solve(&stage, &done).await;
    let desk = stage.account("county.dispatcher", COUNTY);
    let matter = stage.matter(done.matter).await;
    let serving = stage.beside().await;
    assert!(!serving.open_for(desk, matter.clone()).await.expect("opened").erased);
    let found = stage.app.remains_of(&phone()).await.expect("looked");
    stage.app.destroy(&found, Ground::Unlawful).await.expect("destroyed");
    serving.refresh().await.expect("heard of it");
    assert!(serving.open_for(desk, matter).await.expect("opened").erased);
    serving.pool().close().await;
}

/// A mediation that ended is kept five years from its last move, and longer where its cover says so.
async fn what_must_be_kept_waits_for_its_day(stage: Stage) {
    let clerk = Who::Account { account: stage.account("village.clerk", VILLAGE), post: None };
    let category = stage.app.policy().catalogue("dispute-categories").expect("a catalogue").items[1].code.clone();
    let typed = [
        ("category", category.as_str()),
        ("words", "地埂被犁去一行"),
        ("reporter_name", "隰九娘"),
        ("reporter_phone", PHONE),
        ("other_party", "邴十郎"),
        ("source_of", "party"),
    ];
    let receipt = stage.open(clerk, "dispute", VILLAGE, &typed).await;
    let holder = stage.matter(receipt.matter).await.holder.expect("somebody has it");
    let mediator = stage.holding(&holder.post, RegionId(holder.seat));
    stage.go(mediator, receipt.matter, "accept", &[]).await.expect("taken in");
    stage.go(mediator, receipt.matter, "terminate", &[("end_why", "sued")]).await.expect("ended");
    let stays = async || stage.app.remains_of(&phone()).await.expect("looked").matters[0].stays;
    let ends = |year| Some(Stays::Kept(Kept::Until(Day::ymd(year, 3, 1).expect("a day"))));
    assert_eq!(stays().await, ends(2026));
    let filed = [("summary", "一方起诉"), ("file_no", "(2021)人调字第2号"), ("keep_for", "long")];
    stage.go(mediator, receipt.matter, "file_away", &filed).await.expect("filed");
    assert!(stage.go(mediator, receipt.matter, "file_away", &filed).await.is_err(), "it has a number already");
    assert_eq!(stays().await, ends(2031));
    let found = stage.app.remains_of(&phone()).await.expect("looked");
    assert_eq!(stage.app.destroy(&found, Ground::Withdrawn).await.expect("nothing to do"), Destroyed::default());
    stage.set(Day::ymd(2031, 3, 1).expect("a day").at_minute(600));
    assert_eq!(stays().await, None);
}

async fn a_person_of_the_register_is_forgotten(stage: Stage) {
    let clerk = stage.account("village.clerk", VILLAGE);
    let citizen = valid_id();
    assert!(stage.app.remains_of(&Whose::Citizen("110101".into())).await.is_err(), "no number of a person");
    let text = format!("姓名,身份证号,所在村,户号\n隰九娘,{citizen},东坡村,H0001\n赵乙,,东坡村,H0001\n");
    let job = upload(&stage, clerk, "people", &text).await;
    imported(&stage, clerk, &job, false).await;
    let found = stage.app.remains_of(&Whose::Citizen(citizen.clone())).await.expect("looked");
    assert_eq!(found.people.len(), 1);
    let person = found.people[0].0.clone();
    let office = stage.account("county.admin", COUNTY);
    assert_eq!(stage.app.person(office, person.id).await.expect("there").name, "隰九娘");
    stage.app.destroy(&found, Ground::Purpose).await.expect("destroyed");
    assert_eq!(refusal(stage.app.person(office, person.id).await), "erased");
    assert!(stage.app.remains_of(&Whose::Citizen(citizen.clone())).await.expect("looked").people.is_empty());
    assert!(texts(stage.app.pool()).await.iter().all(|(_, t)| !t.starts_with("person/")), "the claim went as well");
    let count = stage.app.pool().count_people(stage.app.realm()).await.expect("counted");
    assert_eq!((count.people, count.households), (2, 1), "whoever is counted stays counted");
    stage.sound().await;
}
