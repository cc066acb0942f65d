//! Who sees what over every way in: list, search, page, explanation, worklist, notices.

use crate::stage::{
    COUNTY, FAR_VILLAGE, GRID, OTHER_TOWN, SIBLING, Stage, TOWN, VILLAGE, WATER, day, filled, refusal, twins,
};
use xiangyue_app::Filter;
use xiangyue_app::explain::Page;
use xiangyue_app::matter::OpenForm;
use xiangyue_app::period::Period;
use xiangyue_app::view::Sight;
use xiangyue_domain::ids::{AccountId, MatterId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Policy, Right};

/// Reports are a sealed kind, and the auditor alone may see such.
fn sealed(policy: &mut Policy) {
    policy.kinds.iter_mut().filter(|k| k.id == "report").for_each(|k| k.sealed = true);
    policy.posts.iter_mut().filter(|p| p.id == "county.auditor").for_each(|p| p.rights.push(Right::Sealed));
}

twins!(
    a_sibling_place_sees_nothing,
    whoever_it_names_never_hears_of_it,
    what_passes_over_the_village_stays_over_it,
    nobody_learns_from_a_difference_what_is_kept_from_them,
    a_sealed_kind_is_counted_and_not_shown with sealed,
    the_reporter_is_masked_but_for_whoever_has_it,
);

const PHONE: &str = "13912345678";

async fn report(stage: &Stage, bypass: bool, named: Vec<AccountId>) -> MatterId {
    let form = OpenForm {
        kind: "report".into(),
        place: stage.place(GRID),
        typed: filled(&[
            ("category", "lamp"),
            ("words", "灯不亮"),
            ("reporter_name", "隰九娘"),
            ("reporter_phone", PHONE),
        ]),
        bypass,
        named,
        ..OpenForm::default()
    };
    stage.open_form(Who::Reporter, form).await.expect("taken in").matter
}

/// Whether somebody comes upon a matter in any way at all; all ways must agree.
async fn comes_upon(stage: &Stage, account: AccountId, id: MatterId) -> bool {
    let (app, pool) = (&stage.app, stage.app.pool());
    let filter = Filter { limit: 100, ..Filter::default() };
    let has = |list: &[xiangyue_domain::matter::Matter]| list.iter().any(|m| m.id == id);
    let number = stage.matter(id).await.number;
    let period = Period::closed(day(3, 1), day(3, 31));
    let page = Page { above: true, size: 100, ..Page::default() };
    let explained = app.explain(&app.scope(account), "report.accepted", stage.place(COUNTY), period, &page).await;
    let explained = explained.expect("explained");
    let ways = [
        ("list", has(&app.list(account, &filter).await.expect("a list"))),
        ("number", has(&app.search(account, &number).await.expect("a search"))),
        ("name", has(&app.search(account, "隰九娘").await.expect("a search"))),
        ("phone", has(&app.search(account, PHONE).await.expect("a search"))),
        ("last four", has(&app.search(account, "5678").await.expect("a search"))),
        ("page", app.find_matter(account, id).await.is_ok()),
        ("records", explained.records.iter().any(|r| r.matter.id == id)),
    ];
    let seen = ways[0].1;
    assert!(ways.iter().all(|w| w.1 == seen), "{ways:?}");
    assert_eq!(explained.above, 1, "the count is everybody's");
    let work = pool.worklist(app.realm(), &app.scope(account), 100).await.expect("a worklist");
    assert!(seen || !has(&work));
    app.deliver().await.expect("delivered");
    let told = pool.notices(app.realm(), account.0, 100).await.expect("notices");
    assert!(seen || told.iter().all(|n| n.matter != id.0), "a notice tells what a list hides");
    seen
}

async fn a_sibling_place_sees_nothing(stage: Stage) {
    let id = report(&stage, false, Vec::new()).await;
    for (post, seat) in [
        ("village.secretary", SIBLING),
        ("village.clerk", SIBLING),
        ("village.secretary", FAR_VILLAGE),
        ("grid.worker", "9911011002001002"),
        ("grid.worker", "9911011002011001"),
        ("town.dispatcher", OTHER_TOWN),
        ("town.secretary", OTHER_TOWN),
        ("unit.handler", WATER),
        ("unit.head", WATER),
        ("county.aid", COUNTY),
    ] {
        assert!(!comes_upon(&stage, stage.account(post, seat), id).await, "{post} at {seat}");
    }
    for (post, seat) in
        [("village.secretary", VILLAGE), ("grid.worker", GRID), ("town.secretary", TOWN), ("county.auditor", COUNTY)]
    {
        assert!(comes_upon(&stage, stage.account(post, seat), id).await, "{post} at {seat}");
    }
    assert!(!comes_upon(&stage, AccountId(999_999), id).await, "nobody");
}

async fn whoever_it_names_never_hears_of_it(stage: Stage) {
    let named = stage.account("village.secretary", VILLAGE);
    let id = report(&stage, false, vec![named]).await;
    assert_eq!(stage.matter(id).await.holder, Some(stage.holder("town.dispatcher", TOWN)));
    stage.set(day(3, 12).at_minute(600));
    stage.app.sweep(stage.app.now()).await.expect("it rises");
    for (post, seat) in [("village.secretary", VILLAGE), ("village.clerk", VILLAGE), ("grid.worker", GRID)] {
        assert!(!comes_upon(&stage, stage.account(post, seat), id).await, "{post} at {seat}");
    }
    // The chair of supervision answers to the township and not to the secretary.
    assert!(comes_upon(&stage, stage.account("village.supervisor", VILLAGE), id).await);
    let town = stage.account("town.dispatcher", TOWN);
    assert!(comes_upon(&stage, town, id).await);
    stage.go(town, id, "hand_down", &[("reason", "请村里办")]).await.expect("handed down");
    assert_eq!(stage.matter(id).await.holder, Some(stage.holder("town.dispatcher", TOWN)), "and it comes back up");
    assert_eq!(refusal(stage.go(named, id, "accept", &[]).await), "not_found");
}

async fn nobody_learns_from_a_difference_what_is_kept_from_them(stage: Stage) {
    let secretary = stage.account("village.secretary", VILLAGE);
    report(&stage, false, Vec::new()).await;
    report(&stage, true, Vec::new()).await;
    report(&stage, false, vec![secretary]).await;
    report(&stage, false, vec![stage.account("town.secretary", TOWN)]).await;
    let app = &stage.app;
    let period = Period::closed(day(3, 1), day(3, 31));
    // What a page of figures says of a place, against the list that its reader may open.
    for (account, seat, seen, counted) in [
        (secretary, VILLAGE, 1, 1),
        (stage.account("town.secretary", TOWN), TOWN, 3, 3),
        (stage.account("county.auditor", COUNTY), COUNTY, 4, 4),
    ] {
        let place = stage.place(seat);
        let list = app.list(account, &Filter { limit: 100, ..Filter::default() }).await.expect("a list");
        assert_eq!(list.len(), seen, "{seat}");
        let page = Page { above: true, size: 100, ..Page::default() };
        let sum = app.explain(&app.scope(account), "report.accepted", place, period, &page).await.expect("explained");
        assert_eq!((sum.figure.numerator, sum.above, sum.hidden), (counted, counted, 0), "{seat}");
        let open = app.open_now(account, place).await.expect("counted").whole(&[]);
        assert_eq!(open.n, counted, "what is in hand at {seat}");
        let taken = app.open_of(account, place, period).await.expect("counted");
        assert_eq!(taken.values().map(|o| o.n).sum::<i64>(), counted, "{seat}");
        let span = app.due_at(account, place, day(12, 31).start()).await.expect("counted");
        assert_eq!(span.iter().map(|w| w.n).sum::<i64>(), counted, "what waits at {seat}");
    }
    let town = stage.place(TOWN);
    let by_grid = app.figure("report.accepted", stage.place(GRID), period).await.expect("a figure").numerator;
    let of_town = app.figure("report.accepted", town, period).await.expect("a figure").numerator;
    assert_eq!((by_grid, of_town), (1, 3), "the rest stands above the village");
}

async fn what_passes_over_the_village_stays_over_it(stage: Stage) {
    let id = report(&stage, true, Vec::new()).await;
    for (post, seat) in [
        ("village.secretary", VILLAGE),
        ("village.clerk", VILLAGE),
        ("village.supervisor", VILLAGE),
        ("grid.worker", GRID),
    ] {
        assert!(!comes_upon(&stage, stage.account(post, seat), id).await, "{post} at {seat}");
    }
    assert!(comes_upon(&stage, stage.account("town.dispatcher", TOWN), id).await);
}

async fn a_sealed_kind_is_counted_and_not_shown(stage: Stage) {
    let id = report(&stage, false, Vec::new()).await;
    for (post, seat) in [("village.secretary", VILLAGE), ("town.dispatcher", TOWN), ("county.office", COUNTY)] {
        assert!(!comes_upon(&stage, stage.account(post, seat), id).await, "{post} at {seat}");
    }
    assert!(comes_upon(&stage, stage.account("county.auditor", COUNTY), id).await);
    stage.sound().await;
}

async fn the_reporter_is_masked_but_for_whoever_has_it(stage: Stage) {
    let id = report(&stage, false, Vec::new()).await;
    let open = async |post: &str, seat: &str| {
        let account = stage.account(post, seat);
        let matter = stage.app.find_matter(account, id).await.expect("seen");
        stage.app.open_for(account, matter).await.expect("opened")
    };
    let reads = async || stage.app.pool().reads(stage.app.realm(), id.0).await.expect("reads").len();
    let masked = open("county.office", COUNTY).await;
    assert_eq!((masked.sight, reads().await), (Sight::Masked, 0));
    let shown: String = masked.reporter.values().cloned().collect();
    assert!(!shown.contains("九娘") && !shown.contains(PHONE), "{shown}");
    let whole = open("village.secretary", VILLAGE).await;
    assert_eq!((whole.sight, whole.reporter["reporter_phone"].as_str()), (Sight::Whole, PHONE));
    assert_eq!(reads().await, 1, "and the read is written down");
    let office = stage.account("county.office", COUNTY);
    let matter = stage.matter(id).await;
    assert_eq!(refusal(stage.app.unmask(office, matter.clone(), " ").await.map(|_| ())), "form");
    let auditor = stage.account("county.auditor", COUNTY);
    assert_eq!(refusal(stage.app.unmask(auditor, matter.clone(), "看看").await.map(|_| ())), "no_right");
    stage.app.unmask(office, matter, "核实回访").await.expect("with a reason");
    assert_eq!(reads().await, 2);
}
