//! Merged, counted once, told, taken apart: on the books, on the pages of those who reported, in the sums.

use crate::stage::{COUNTY, SIBLING, Stage, VILLAGE, refusal, twins};
use xiangyue_app::matter::{MoveForm, Receipt};
use xiangyue_domain::matter::{Matter, Who};

twins!(apart_again_every_page_and_sum_is_as_before, who_may_not_merge_may_not_part, everyone_who_reported_is_told);

async fn pair(stage: &Stage) -> (Receipt, Receipt) {
    (stage.report(VILLAGE, "lamp").await, stage.report(VILLAGE, "lamp").await)
}

/// Roll-ups and facts as they stand.
async fn sums(stage: &Stage) -> Vec<Vec<xiangyue_store::Arg>> {
    let sql = "select axis, grain, day, place, measure, bucket, n from rollup where n <> 0
      order by axis, grain, day, place, measure, bucket";
    stage.app.settle_facts().await.expect("written");
    stage.app.pool().rows(sql, &[]).await.expect("read").into_iter().map(|r| r.0).collect()
}

fn bare(matter: &Matter) -> Matter {
    let mut bare = matter.clone();
    bare.trail.retain(|t| !["merge", "absorb", "restore", "release"].contains(&t.mv.as_str()));
    bare
}

async fn apart_again_every_page_and_sum_is_as_before(stage: Stage) {
    let (one, two) = pair(&stage).await;
    let (before, sums_before) = ((stage.matter(one.matter).await, stage.matter(two.matter).await), sums(&stage).await);
    let page = stage.app.follow(&one.token).await.expect("its page");
    let desk = stage.account("county.dispatcher", COUNTY);
    stage.app.merge(desk, one.matter, two.matter, None).await.expect("merged");
    assert_ne!(sums(&stage).await, sums_before, "counted once");
    let merged = stage.app.follow(&one.token).await.expect("its page");
    assert!(merged.merged && merged.opened.matter.id == two.matter);
    stage.sound().await;
    let here = stage.app.merged_here(desk, &stage.matter(two.matter).await).await.expect("read");
    assert_eq!(here.iter().map(|m| m.id).collect::<Vec<_>>(), [one.matter]);
    stage.wait_hours(5);
    stage.app.unmerge(desk, one.matter, two.matter, None).await.expect("apart");
    assert_eq!(bare(&stage.matter(one.matter).await), before.0);
    assert_eq!(bare(&stage.matter(two.matter).await), before.1);
    assert_eq!(sums(&stage).await, sums_before);
    let again = stage.app.follow(&one.token).await.expect("its page");
    assert!(!again.merged);
    assert_eq!(again.opened.lines.len(), page.opened.lines.len());
    assert_eq!(again.said.texts, page.said.texts);
    assert_eq!(stage.app.search(desk, &one.number).await.expect("found")[0].id, one.matter);
    stage.sound().await;
    // What the reporter may say goes to the right one again.
    let secretary = stage.account("village.secretary", VILLAGE);
    stage.go(secretary, one.matter, "solve", &[("reply", "换好了")]).await.expect("solved");
    let moves = stage.app.reporter_moves(&stage.matter(one.matter).await);
    let mv = moves.first().expect("they are asked").id.clone();
    let form = MoveForm { mv, ..MoveForm::default() };
    let done = stage.app.make_move_by_receipt(&one.token, form, None).await.expect("answered");
    assert_eq!(done.matter, Some(one.matter));
    stage.sound().await;
}

async fn who_may_not_merge_may_not_part(stage: Stage) {
    let (one, two) = pair(&stage).await;
    let desk = stage.account("county.dispatcher", COUNTY);
    assert_eq!(refusal(stage.app.unmerge(desk, one.matter, two.matter, None).await), "not_merged");
    stage.app.merge(desk, one.matter, two.matter, None).await.expect("merged");
    for (post, place) in [("village.secretary", VILLAGE), ("village.secretary", SIBLING)] {
        let account = stage.account(post, place);
        let why = refusal(stage.app.unmerge(account, one.matter, two.matter, None).await);
        assert!(["no_right", "not_found"].contains(&why.as_str()), "{post}: {why}");
    }
    assert_eq!(refusal(stage.app.unmerge(desk, two.matter, one.matter, None).await), "not_found");
    let third = stage.report(VILLAGE, "road").await;
    stage.app.merge(desk, two.matter, third.matter, None).await.expect("merged further");
    assert_eq!(refusal(stage.app.unmerge(desk, one.matter, two.matter, None).await), "not_found", "further first");
    stage.app.unmerge(desk, two.matter, third.matter, None).await.expect("apart");
    stage.app.unmerge(desk, one.matter, two.matter, None).await.expect("apart");
    stage.sound().await;
}

async fn everyone_who_reported_is_told(stage: Stage) {
    let (one, two) = pair(&stage).await;
    let desk = stage.account("county.dispatcher", COUNTY);
    stage.app.merge(desk, one.matter, two.matter, None).await.expect("merged");
    stage.app.unmerge(desk, one.matter, two.matter, None).await.expect("apart");
    let sql = "select body from outbox where channel = 'reporter' order by id";
    let told = stage.app.pool().rows(sql, &[]).await.expect("read");
    let told: Vec<&str> = told.iter().map(|r| r.text(0)).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("merged") && told[1].contains("parted"), "{told:?}");
    let own = stage.matter(two.matter).await;
    assert_eq!(own.intakes.len(), 1);
    // Somebody who entered two of their own joins the second to the first.
    let clerk = stage.who("county.dispatcher", COUNTY);
    let form = [("category", "lamp")];
    let (a, b) =
        (stage.open(clerk.clone(), "report", VILLAGE, &form).await, stage.open(clerk, "report", VILLAGE, &form).await);
    stage.app.join(desk, b.matter, a.matter, None).await.expect("joined");
    assert_eq!(stage.matter(a.matter).await.intakes.len(), 2);
    let reporter = stage
        .app
        .send(
            Who::Reporter,
            None,
            xiangyue_app::Command::Join(
                xiangyue_app::Joining::Merge,
                xiangyue_app::Pair { from: one.matter, into: two.matter },
            ),
            xiangyue_app::Beside::default(),
        )
        .await;
    assert_eq!(refusal(reporter), "no_right");
    stage.sound().await;
}
