//! The clock's work: whatever is overdue rises, held by someone or not, and a restart forgets nothing.

use crate::stage::{COUNTY, Stage, TOWN, VILLAGE, day, twins};
use xiangyue_domain::day::Time;
use xiangyue_domain::policy::Policy;
use xiangyue_store::Scope;

/// Reports come in and nobody has them.
fn unassigned(policy: &mut Policy) {
    for kind in policy.kinds.iter_mut().filter(|k| k.id == "report") {
        kind.intake.assign = None;
    }
}

twins!(
    an_assigned_matter_rises_within_a_minute,
    an_unassigned_matter_rises_across_a_restart with unassigned,
    hundreds_rise_in_one_go,
    moves_make_themselves_across_a_restart,
);

const MINUTE: i64 = 60_000;

async fn due_of(stage: &Stage, number: &str) -> Time {
    let found = stage.app.pool().matters_by_number(stage.app.realm(), &Scope::system(), number).await.expect("read");
    found[0].next_due().expect("a clock runs")
}

async fn an_assigned_matter_rises_within_a_minute(stage: Stage) {
    let receipt = stage.report(VILLAGE, "lamp").await;
    let due = due_of(&stage, &receipt.number).await;
    stage.set(due.plus_ms(-1));
    assert_eq!(stage.app.sweep(stage.app.now()).await.expect("swept"), 0);
    stage.set(due.plus_ms(MINUTE));
    assert_eq!(stage.app.sweep(stage.app.now()).await.expect("swept"), 1);
    let matter = stage.matter(receipt.matter).await;
    assert_eq!(matter.watchers, [stage.holder("town.dispatcher", TOWN)]);
    assert_eq!(matter.holder, Some(stage.holder("village.secretary", VILLAGE)));
    assert_eq!(stage.app.sweep(stage.app.now()).await.expect("swept"), 0, "once is enough");
    stage.app.deliver().await.expect("delivered");
    let town = stage.account("town.dispatcher", TOWN);
    let notices = stage.app.pool().notices(stage.app.realm(), town.0, 9).await.expect("read");
    assert_eq!(notices.iter().map(|n| n.what.as_str()).collect::<Vec<_>>(), ["overdue"]);
    stage.sound().await;
}

async fn an_unassigned_matter_rises_across_a_restart(stage: Stage) {
    let receipt = stage.report(VILLAGE, "lamp").await;
    assert_eq!(stage.matter(receipt.matter).await.holder, None);
    let due = due_of(&stage, &receipt.number).await;
    stage.set(due.plus_ms(-MINUTE));
    let stage = stage.again().await;
    assert_eq!(stage.app.sweep(stage.app.now()).await.expect("swept"), 0);
    stage.set(due.plus_ms(MINUTE));
    let stage = stage.again().await;
    assert_eq!(stage.app.sweep(stage.app.now()).await.expect("swept"), 1);
    let matter = stage.matter(receipt.matter).await;
    let town = stage.holder("town.dispatcher", TOWN);
    assert_eq!((matter.holder, matter.watchers), (Some(town.clone()), vec![town]), "it falls to whoever is told");
    stage.sound().await;
}

async fn hundreds_rise_in_one_go(stage: Stage) {
    let mut receipts = Vec::new();
    for _ in 0..450 {
        receipts.push(stage.report(VILLAGE, "lamp"));
    }
    for chunk in receipts {
        chunk.await;
    }
    stage.set(day(3, 20).at_minute(600));
    // Two posts are told one after the other, a working day apart; both are long past.
    assert_eq!(stage.app.sweep(stage.app.now()).await.expect("swept"), 450);
    assert_eq!(stage.app.pool().due_matters(stage.app.realm(), stage.app.now().0, 9).await.expect("read"), [0i64; 0]);
    stage.sound().await;
}

async fn moves_make_themselves_across_a_restart(stage: Stage) {
    let receipt = stage.report(VILLAGE, "lamp").await;
    let secretary = stage.account("village.secretary", VILLAGE);
    stage.go(secretary, receipt.matter, "solve", &[("reply", "换了灯泡")]).await.expect("solved");
    stage.wait_hours(7 * 24 + 1);
    let stage = stage.again().await;
    stage.app.sweep(stage.app.now()).await.expect("swept");
    assert_eq!(stage.matter(receipt.matter).await.step, "closed");
    stage.wait_hours(61 * 24);
    stage.app.sweep(stage.app.now()).await.expect("swept");
    assert_eq!(stage.matter(receipt.matter).await.step, "archived");
    let office = stage.app.scope(stage.account("county.office", COUNTY));
    assert!(
        stage.app.pool().overdue(stage.app.realm(), &office, stage.app.now().0, 0, 9).await.expect("read").is_empty()
    );
    stage.sound().await;
}
