//! What comes back again and again: told by where it lies, within the reader's own view, and never by whom.

use crate::stage::{COUNTY, FAR_VILLAGE, OTHER_TOWN, Stage, TOWN, VILLAGE, WATER, day, filled, twins};
use xiangyue_app::matter::OpenForm;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Policy, WarningRule};

/// Units that hand back are told of.
fn watched(policy: &mut Policy) {
    let (handed_back, taken) = ("hotline.returned_by".to_owned(), "hotline.signed_by".to_owned());
    if let Some(settings) = &mut policy.settings {
        settings.warnings = WarningRule { handed_back, taken, ..WarningRule::default() };
    }
}

twins!(callers_who_come_again_are_told, a_unit_that_hands_back_too_much_is_told with watched);

async fn call(stage: &Stage, place: &str, phone: &str, confidential: bool) -> MatterId {
    let typed = filled(&[("category", "lamp"), ("words", "又不亮了"), ("reporter_phone", phone)]);
    let form =
        OpenForm { kind: "report".into(), place: stage.place(place), typed, confidential, ..OpenForm::default() };
    stage.open_form(Who::Reporter, form).await.expect("taken in").matter
}

async fn callers_who_come_again_are_told(stage: Stage) {
    let (phone, other) = ("13912345678", "13987654321");
    let mut ids = Vec::new();
    for i in 0..3 {
        stage.set(day(3, 1 + i).at_minute(600));
        ids.push(call(&stage, VILLAGE, phone, false).await);
    }
    for _ in 0..4 {
        call(&stage, VILLAGE, other, true).await;
    }
    let (app, office) = (&stage.app, stage.account("county.office", COUNTY));
    let county = stage.place(COUNTY);
    assert!(app.callers_again(office, county).await.expect("looked at").is_empty(), "three are not many");
    ids.push(call(&stage, FAR_VILLAGE, phone, false).await);
    let told = app.callers_again(office, county).await.expect("looked at");
    assert_eq!(
        told.iter().map(|a| (a.place, a.n, a.open)).collect::<Vec<_>>(),
        [(county, 4, 4)],
        "and none that is secret"
    );
    let same = app.of_same_caller(office, told[0].matter).await.expect("listed");
    assert_eq!(same.iter().map(|m| m.id).rev().collect::<Vec<_>>(), ids);
    // A town knows of its own alone, and there they are too few.
    for seat in [TOWN, OTHER_TOWN] {
        let account = stage.account("town.secretary", seat);
        assert!(app.callers_again(account, stage.place(seat)).await.expect("looked at").is_empty());
    }
    let town = stage.account("town.secretary", TOWN);
    assert_eq!(app.of_same_caller(town, ids[0]).await.expect("listed").len(), 3);
    assert!(app.of_same_caller(town, ids[3]).await.is_err(), "not through a matter that is none of theirs");
    call(&stage, VILLAGE, phone, false).await;
    let told = app.callers_again(town, stage.place(TOWN)).await.expect("looked at");
    assert_eq!(told.iter().map(|a| (a.place, a.n)).collect::<Vec<_>>(), [(stage.place(VILLAGE), 4)]);
    stage.set(day(3, 20).at_minute(600));
    assert!(app.callers_again(office, county).await.expect("looked at").is_empty(), "no news after a while");
    let plain = app.pool().rows("select token from caller", &[]).await.expect("read");
    assert!(plain.iter().all(|r| !r.text(0).contains(phone)) && plain.len() == 5);
    stage.sound().await;
}

async fn order(stage: &Stage, category: &str) -> (MatterId, xiangyue_domain::ids::AccountId) {
    let desk = stage.account("county.dispatcher", COUNTY);
    let typed = [("category", category), ("words", "请处理")];
    let id = stage.open(stage.who("county.dispatcher", COUNTY), "hotline", VILLAGE, &typed).await.matter;
    stage.go(desk, id, "dispatch", &[]).await.expect("dispatched");
    let holder = stage.matter(id).await.holder.expect("somebody has it");
    (id, stage.holding(&holder.post, xiangyue_domain::ids::RegionId(holder.seat)))
}

async fn a_unit_that_hands_back_too_much_is_told(stage: Stage) {
    let (app, county) = (&stage.app, stage.place(COUNTY));
    let reason = [("reason", "不归我们管"), ("duty_basis", "职责清单"), ("proposed", "县公安局")];
    for i in 0..12 {
        stage.set(day(3, 1).plus(i * 2).at_minute(600));
        let (id, police) = order(&stage, "noise.living").await;
        stage.go(police, id, "sign", &[]).await.expect("signed for");
        let (id, water) = order(&stage, "water.outage").await;
        if i % 2 == 0 {
            stage.go(water, id, "hand_back", &reason).await.expect("handed back");
        } else {
            stage.go(water, id, "sign", &[]).await.expect("signed for");
        }
    }
    let told = app.returners(county).await.expect("looked at");
    let unit = app.directory().unit(WATER).expect("a unit").id;
    assert_eq!(told.iter().map(|r| (r.unit, r.n, r.of)).collect::<Vec<_>>(), [(unit, 6, 12)]);
    assert!(app.returners(stage.place(TOWN)).await.expect("looked at").is_empty());
    let period = xiangyue_app::period::Period::closed(day(3, 1), day(3, 31));
    let buckets = [unit.to_string()];
    let all = app.figures_of(&["hotline.returned_by"], &[county], period, &buckets).await.expect("a figure");
    assert_eq!(all.values().map(|f| f.numerator).sum::<i64>(), 6, "and it opens to them");
    stage.sound().await;
}
