//! A sealed record: whoever may not read it does not meet it anywhere, whoever reads it is written down and shown on its page.

use crate::support::reporting::COUNTY;
use crate::support::{House, VILLAGE};
use xiangyue_app::matter::OpenForm;
use xiangyue_domain::matter::Who;

const WORDS: &str = "一笔工程款去向不清";

#[tokio::test]
async fn whoever_reads_a_sealed_record_is_shown_on_its_page() {
    let house = House::open().await;
    let place = house.app.directory().tree.by_code(VILLAGE, house.app.now().day()).expect("a village").id;
    let account = house.account("county.discipline", COUNTY);
    let typed = [("source", "other"), ("words", WORDS)].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let form = OpenForm { kind: "discipline_clue".into(), place, channel: "desk".into(), typed, ..OpenForm::default() };
    let by = Who::Account { account, post: None };
    let id = house.app.open_matter(by, form, "clue").await.expect("taken in").matter;
    let page = format!("/desk/matters/{id}");
    for (post, seat) in [("county.office", COUNTY), ("county.admin", COUNTY), ("village.secretary", VILLAGE)] {
        let mut other = house.signed_in(post, seat).await;
        assert_eq!(other.get(&page).await.status.as_u16(), 404, "{post}");
        for at in ["/desk/matters", "/desk/matters?q=%E5%B7%A5%E7%A8%8B%E6%AC%BE", "/desk/places/991101100200"] {
            let list = other.get(at).await;
            assert!(!list.has(WORDS) && !list.has(&page), "{post} meets it at {at}");
        }
    }
    let mut reader = house.signed_in("county.discipline", COUNTY).await;
    let first = reader.get(&page).await.is(200);
    first.says(&[WORDS, "谁看过保密内容"]);
    let name = house.app.directory().accounts.get(&account).expect("an account").name.clone();
    let readers = reader.get(&page).await.is(200).between("谁看过保密内容", "</section>").expect("the readers");
    assert!(readers.contains(&name), "{readers}");
}
