//! Duties that come round: who has not done them is known the day after the grace, and no sooner.

use crate::stage::{COUNTY, FAR_VILLAGE, OTHER_TOWN, Stage, VILLAGE, day, twins};
use xiangyue_domain::duty::{Duty, Every};
use xiangyue_domain::policy::{Level, Policy};

twins!(what_was_missed_is_known_when_its_time_ran_out with with_duty, a_pack_without_duties_asks_for_nothing with without);

fn with_duty(policy: &mut Policy) {
    policy.duties = vec![Duty {
        id: "reports".into(),
        name: "每月至少一件".into(),
        name_en: String::new(),
        level: Level::Village,
        every: Every::Month,
        indicator: "report.accepted".into(),
        least: 2,
        day: 0,
        ahead: 3,
        grace: 3,
        since: String::new(),
        basis: String::new(),
        sample: true,
    }];
}

fn without(policy: &mut Policy) {
    policy.duties.clear();
}

async fn what_was_missed_is_known_when_its_time_ran_out(stage: Stage) {
    let county = stage.place(COUNTY);
    assert!(stage.app.duties_judged(county).await.expect("read").is_empty(), "nothing was counted yet");
    for village in [VILLAGE, VILLAGE, FAR_VILLAGE] {
        stage.report(village, "lamp").await;
    }
    let villages = stage.all(Level::Village);
    let now = stage.app.duties_running(county).await.expect("read").remove(0);
    assert_eq!((now.of(), now.missing.len()), (villages.len(), villages.len() - 1), "one has done it, one half of it");
    assert!(!now.missing.contains(&stage.place(VILLAGE)) && now.span.running);
    assert!(stage.app.duties_near(county).await.expect("read").is_empty(), "there is time yet");
    stage.set(day(3, 28).at_minute(9 * 60));
    assert_eq!(stage.app.duties_near(county).await.expect("read").remove(0).missing.len(), villages.len() - 1);
    stage.set(day(4, 3).at_minute(9 * 60));
    // February is judged still, and of it nothing is known: the first fact is younger.
    assert!(
        stage.app.duties_judged(county).await.expect("read").is_empty(),
        "March may be entered for three days more"
    );
    stage.set(day(4, 4).at_minute(9 * 60));
    let judged = stage.app.duties_judged(county).await.expect("read").remove(0);
    assert_eq!((judged.span.from, judged.span.to), (day(3, 1), day(3, 31)));
    assert_eq!(judged.missing.len(), villages.len() - 1);
    let town = stage.app.duties_judged(stage.place(OTHER_TOWN)).await.expect("read").remove(0);
    assert!(town.missing.contains(&stage.place(FAR_VILLAGE)) && town.of() < villages.len());
    let own = stage.app.duties_judged(stage.place(VILLAGE)).await.expect("read").remove(0);
    assert_eq!((own.of(), own.missing.len()), (1, 0));
}

async fn a_pack_without_duties_asks_for_nothing(stage: Stage) {
    stage.report(VILLAGE, "lamp").await;
    stage.set(day(5, 1).at_minute(0));
    assert!(stage.app.duties_judged(stage.place(COUNTY)).await.expect("read").is_empty());
}
