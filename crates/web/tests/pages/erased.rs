//! A matter whose key was destroyed: its page says so to staff and to whoever has the receipt, offers nothing that would be
//! refused, and nothing breaks; whoever may not see a reporter is told whom to ask.

use crate::support::reporting::{COUNTY, report};
use crate::support::{House, VILLAGE};
use xiangyue_app::erase::Whose;
use xiangyue_app::matter::MoveForm;
use xiangyue_domain::erasure::Ground;

#[tokio::test]
async fn an_erased_matter_says_so_and_offers_nothing_that_is_refused() {
    let house = House::open().await;
    let id = report(&house, VILLAGE, 1).await;
    let token = house.app.receipt_of(&format!("test/{VILLAGE}/1"));
    let secretary = house.account("village.secretary", VILLAGE);
    let typed = [("reply".to_owned(), "换了灯头".to_owned())].into();
    let solve = MoveForm { mv: "solve".into(), typed, ..MoveForm::default() };
    house.app.make_move(secretary, id, solve, None).await.expect("solved");
    let confirm = MoveForm { mv: "confirm".into(), ..MoveForm::default() };
    house.app.make_move_by_receipt(&token, confirm, None).await.expect("closed");
    let number = house.app.matter_by_receipt(&token).await.expect("there").number;
    let found = house.app.remains_of(&Whose::Number(number.clone())).await.expect("found");
    house.app.destroy(&found, Ground::Withdrawn).await.expect("destroyed");
    for (post, seat) in [("county.admin", COUNTY), ("village.secretary", VILLAGE), ("county.office", COUNTY)] {
        let mut reader = house.signed_in(post, seat).await;
        let page = reader.get(&format!("/desk/matters/{id}")).await.is(200);
        page.says(&["依法删除", "编号、经过和件数还在", &number]);
        for gone in ["换了灯头", "盏路灯不亮", "/correct\"", "/void\"", "/unmask\"", "未留姓名"] {
            assert!(!page.has(gone), "{post}: {gone}");
        }
        reader.get(&format!("/desk/matters/{id}/print")).await.is(200);
        reader.get("/desk/matters").await.is(200).says(&[&number]);
    }
    let mut villager = house.villager();
    let progress = villager.get(&format!("/m/{token}")).await.is(200);
    assert!(progress.has(&number) && !progress.has("盏路灯不亮"));
    villager.get(&format!("/m/{token}/receipt")).await.is(200);
}

#[tokio::test]
async fn whoever_may_not_see_a_reporter_is_told_whom_to_ask() {
    let house = House::open().await;
    let id = report(&house, VILLAGE, 2).await;
    let page = format!("/desk/matters/{id}");
    let mut desk = house.signed_in("county.callback", COUNTY).await;
    let shown = desk.get(&page).await.is(200);
    shown.says(&["请现在的经办人联系"]);
    assert!(!shown.has("写明理由"), "no reason is asked for where there is no field for it");
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_not_there() {
    let house = House::open().await;
    let mut reader = house.signed_in("village.secretary", VILLAGE).await;
    for path in ["/desk/matters/undefined", "/desk/matters/99999999999999999999", "/desk/ballots/x/slips"] {
        let page = reader.get(path).await.is(404);
        assert!(page.has("没有这一页") && !page.has("退回上一页"), "{path}");
    }
}
