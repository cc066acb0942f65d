//! From taking in to closing and back, over the use cases that the pages call.

use crate::stage::{COUNTY, Stage, TOWN, VILLAGE, WATER, day, filled, refusal, twins};
use std::collections::BTreeSet;
use xiangyue_app::kin::Sent;
use xiangyue_app::matter::{MoveForm, OpenForm};
use xiangyue_app::period::Period;
use xiangyue_app::rebuild;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Level, Phase};
use xiangyue_domain::register::Holder;

twins!(
    an_order_goes_its_way_and_comes_back,
    an_order_taken_back_takes_its_parts_along,
    the_same_form_twice_is_one_matter,
    what_is_refused_changes_nothing,
    two_hundred_at_once_are_all_kept,
    two_processes_share_one_county,
    a_merger_takes_the_receipts_along,
);

async fn an_order_goes_its_way_and_comes_back(stage: Stage) {
    let (desk, caller) = (stage.account("county.dispatcher", COUNTY), stage.account("county.callback", COUNTY));
    let water = stage.account("unit.handler", WATER);
    let by = stage.who("county.dispatcher", COUNTY);
    let typed = [("category", "water.outage"), ("words", "停水两天了"), ("reporter_phone", "13900000001")];
    let receipt = stage.open(by, "hotline", VILLAGE, &typed).await;
    let id = receipt.matter;
    assert_eq!(receipt.number, "20210301-0001");
    stage.go(desk, id, "dispatch", &[]).await.expect("dispatched");
    assert_eq!(stage.matter(id).await.holder, Some(stage.holder("unit.handler", WATER)));
    stage.wait_hours(1);
    stage.go(water, id, "sign", &[]).await.expect("signed for");
    stage.go(water, id, "submit", &[("draft", "换了水泵")]).await.expect("drafted");
    let head = stage.account("unit.head", WATER);
    stage.go(head, id, "sign_off", &[("reply", "水泵已更换")]).await.expect("answered");
    assert_eq!(
        refusal(stage.go(water, id, "call_back", &[("solved", "yes"), ("satisfied", "very")]).await),
        "no_right_move"
    );
    stage.wait_hours(24);
    stage.go(caller, id, "call_back", &[("solved", "yes"), ("satisfied", "very")]).await.expect("closed");
    let figure = async |id: &str| {
        let period = Period::closed(day(3, 1), day(3, 31));
        stage.app.figure(id, stage.place(COUNTY), period).await.expect("a figure").value
    };
    assert_eq!(figure("hotline.close_rate").await, Some(100.0));
    assert_eq!(figure("hotline.satisfaction_rate").await, Some(100.0));
    let reopened = MoveForm { mv: "reopen".into(), typed: filled(&[("reason", "又停了")]), ..MoveForm::default() };
    stage.app.make_move_by_receipt(&receipt.token, reopened, None).await.expect("reopened by its sender");
    let matter = stage.matter(id).await;
    assert_eq!((matter.step.as_str(), matter.phase, matter.level_done), ("accepted", Phase::Open, Some(Level::County)));
    assert_eq!(figure("hotline.close_rate").await, Some(0.0));
    assert_eq!(figure("hotline.closed_now").await, Some(1.0));
    assert_eq!(figure("hotline.reopened").await, Some(1.0));
    let opened = stage.app.open_for(desk, matter).await.expect("read");
    let told: Vec<&str> = opened.lines.iter().flat_map(|l| l.texts.values()).map(String::as_str).collect();
    assert_eq!(told, ["停水两天了", "换了水泵", "水泵已更换", "又停了"]);
    stage.sound().await;
}

async fn an_order_taken_back_takes_its_parts_along(stage: Stage) {
    let (desk, water) = (stage.account("county.dispatcher", COUNTY), stage.account("unit.handler", WATER));
    let by = stage.who("county.dispatcher", COUNTY);
    let typed = [("category", "water.outage"), ("words", "停水两天了"), ("reporter_phone", "13900000001")];
    let id = stage.open(by, "hotline", VILLAGE, &typed).await.matter;
    let (lead, other) = (stage.holder("unit.handler", WATER), stage.holder("unit.handler", "unit.power"));
    let send = async |parts: Vec<Holder>| {
        let form = MoveForm { mv: "dispatch_to".into(), to: Some(lead.clone()), parts, ..MoveForm::default() };
        stage.app.make_move(desk, id, form, None).await
    };
    assert_eq!(refusal(send(vec![lead.clone()]).await), "form", "nobody assists themselves");
    for (mv, who) in [("recall", desk), ("hand_back", water)] {
        send(vec![other.clone(), stage.holder("town.dispatcher", TOWN)]).await.expect("dispatched");
        let parts: Vec<_> = stage.matter(id).await.parts.iter().filter(|p| p.is_open()).map(|p| p.id).collect();
        assert_eq!(parts.len(), 2);
        // One of them answered meanwhile: what is done stays done.
        let town = stage.account("town.dispatcher", TOWN);
        stage.go(town, parts[1], "reply", &[("part_reply", "看过了")]).await.expect("answered");
        let said = [("reason", "派错了单位"), ("duty_basis", "清单第四条"), ("proposed", "unit.power")];
        stage.go(who, id, mv, &said).await.expect("taken back");
        let (whole, part) = (stage.matter(id).await, stage.matter(parts[0]).await);
        assert_eq!((part.step.as_str(), part.holder.clone(), part.due()), ("recalled", None, None));
        assert_eq!(stage.matter(parts[1]).await.step, "replied");
        assert_eq!(whole.parts_open(), 0);
        let last = part.trail.last().map(|t| (t.seq, t.by.account()));
        let own = whole.trail.iter().rev().find(|t| t.mv == mv).map(|t| (t.seq, t.by.account()));
        assert_eq!(last, own, "in the same entry and by the same person");
        let opened = stage.app.open_for(desk, part).await.expect("read");
        assert_eq!(opened.lines.last().and_then(|l| l.texts.get("reason")).map(String::as_str), Some("派错了单位"));
    }
    let whole = stage.matter(id).await;
    let sent = stage.app.sent(&whole, 0).await.expect("read");
    assert_eq!(sent.len(), whole.trail.len());
    let first = whole.trail.iter().position(|t| t.mv == "dispatch_to").expect("dispatched");
    let told = sent[first].as_ref().expect("it was handed on");
    assert_eq!(told.to, Some(lead));
    assert_eq!(told.below.len(), 2);
    assert_eq!(told.below[0], ("hotline_part".to_owned(), other));
    // From a line on it says the same of every line, whatever was written in one entry.
    for from in 0..=whole.trail.len() {
        let rest = stage.app.sent(&whole, from).await.expect("read");
        let to = |s: &Option<Sent>| s.clone().map_or_else(Default::default, |s| (s.to, s.below));
        assert!(rest.iter().map(to).eq(sent[from..].iter().map(to)), "from {from}");
    }
    stage.sound().await;
}

async fn the_same_form_twice_is_one_matter(stage: Stage) {
    let form = OpenForm {
        kind: "report".into(),
        place: stage.place(VILLAGE),
        typed: filled(&[("category", "lamp"), ("words", "灯不亮")]),
        ..OpenForm::default()
    };
    let first = stage.app.open_matter(Who::Reporter, form.clone(), "once").await.expect("taken in");
    let again = stage.app.open_matter(Who::Reporter, form.clone(), "once").await.expect("answered alike");
    assert_eq!(first, again);
    let (a, b) = tokio::join!(
        stage.app.open_matter(Who::Reporter, form.clone(), "twice"),
        stage.app.open_matter(Who::Reporter, form.clone(), "twice"),
    );
    assert_eq!(a.expect("taken in"), b.expect("answered alike"));
    assert_eq!(stage.app.pool().count_matters(stage.app.realm()).await.expect("counted"), 2);
    // The receipt in hand opens it, and the number with its code does.
    assert_eq!(stage.app.matter_by_receipt(&again.token).await.expect("found").id, first.matter);
    assert_eq!(stage.app.look_up(&first.number, &again.code, "1.2.3.4").await.expect("found"), first.matter);
    let clerk = stage.account("village.clerk", VILLAGE);
    let accept = MoveForm { mv: "accept".into(), ..MoveForm::default() };
    let one = stage.app.make_move(clerk, first.matter, accept.clone(), Some("m".into())).await.expect("moved");
    let two = stage.app.make_move(clerk, first.matter, accept, Some("m".into())).await.expect("answered alike");
    assert_eq!(one, two);
    let stage = stage.again().await;
    let again = stage.app.open_matter(Who::Reporter, form, "once").await.expect("and after a restart");
    assert_eq!(first, again);
    stage.sound().await;
}

async fn what_is_refused_changes_nothing(stage: Stage) {
    let receipt = stage.report(VILLAGE, "lamp").await;
    let (id, before) = (receipt.matter, stage.matter(receipt.matter).await);
    let head = stage.head().await;
    let secretary = stage.account("village.secretary", VILLAGE);
    let stale = MoveForm { mv: "accept".into(), version: Some(7), ..MoveForm::default() };
    assert_eq!(refusal(stage.app.make_move(secretary, id, stale, None).await), "stale");
    assert_eq!(refusal(stage.go(secretary, id, "solve", &[]).await), "form");
    assert_eq!(
        refusal(stage.go(secretary, id, "call_back", &[("solved", "yes"), ("satisfied", "ok")]).await),
        "move_not_here"
    );
    assert_eq!(refusal(stage.go(secretary, id, "nothing", &[]).await), "no_move");
    let worker = stage.account("grid.worker", "9911011002011001");
    assert_eq!(refusal(stage.go(worker, id, "accept", &[]).await), "not_found");
    let by = stage.who("village.clerk", VILLAGE);
    let form = |kind: &str, typed: &[(&str, &str)]| OpenForm {
        kind: kind.into(),
        place: stage.place(TOWN),
        typed: filled(typed),
        ..OpenForm::default()
    };
    let lamp = [("category", "lamp"), ("words", "x")];
    for (form, key) in [
        (form("report", &lamp), "no_right_open"),
        (form("report", &[]), "form"),
        (form("report", &[("category", "nonsense")]), "form"),
        (form("report", &[("category", "lamp"), ("reporter_phone", "12")]), "form"),
        (form("unheard", &lamp), "no_kind"),
    ] {
        assert_eq!(refusal(stage.open_form(by.clone(), form).await), key);
    }
    let void = stage.app.void(stage.account("village.clerk", VILLAGE), id, " ", None).await;
    assert_eq!(refusal(void), "form", "a reason is asked for");
    assert_eq!((stage.matter(id).await, stage.head().await), (before, head));
    stage.sound().await;
}

async fn two_hundred_at_once_are_all_kept(stage: Stage) {
    let mut tasks = Vec::new();
    for task in 0..50 {
        let app = stage.app.clone();
        let form = OpenForm {
            kind: "report".into(),
            place: stage.place(VILLAGE),
            typed: filled(&[("category", "lamp"), ("words", "灯不亮")]),
            ..OpenForm::default()
        };
        tasks.push(tokio::spawn(async move {
            let mut numbers = Vec::new();
            for n in 0..4 {
                let done = app.open_matter(Who::Reporter, form.clone(), &format!("{task}/{n}")).await;
                numbers.push(done.expect("taken in").number);
            }
            numbers
        }));
    }
    let mut numbers = BTreeSet::new();
    for task in tasks {
        numbers.extend(task.await.expect("it ran"));
    }
    assert_eq!(numbers.len(), 200, "each has its own number");
    assert_eq!(numbers.last().map(String::as_str), Some("20210301-0200"), "without gaps");
    let stage = stage.again().await;
    for number in &numbers {
        let found = stage.app.pool().matters_for_lookup(stage.app.realm(), number).await.expect("read");
        assert_eq!(found.len(), 1, "{number}");
    }
    stage.sound().await;
}

async fn two_processes_share_one_county(stage: Stage) {
    if !stage.url.starts_with("postgres") {
        return;
    }
    let other = stage.beside().await;
    let mut tasks = Vec::new();
    for task in 0..20 {
        let app = if task % 2 == 0 { stage.app.clone() } else { other.clone() };
        let form = OpenForm {
            kind: "report".into(),
            place: stage.place(VILLAGE),
            typed: filled(&[("category", "lamp")]),
            ..OpenForm::default()
        };
        tasks.push(tokio::spawn(async move {
            let done = app.open_matter(Who::Reporter, form, &format!("key/{}", task / 2)).await;
            done.expect("taken in").number
        }));
    }
    let mut numbers = BTreeSet::new();
    for task in tasks {
        numbers.insert(task.await.expect("it ran"));
    }
    assert_eq!(numbers.len(), 10, "a key counts once, whichever process it was sent to");
    // A post given by one is known to the other with its next command.
    let term = stage.app.directory().terms.values().find(|t| t.holder.post == "village.clerk").expect("a term").clone();
    let admin = stage.account("county.admin", COUNTY);
    stage.app.end_post(admin, term.id).await.expect("ended");
    let form = OpenForm {
        kind: "report".into(),
        place: stage.place(VILLAGE),
        typed: filled(&[("category", "lamp")]),
        ..OpenForm::default()
    };
    let by = Who::Account { account: term.account, post: None };
    assert_eq!(refusal(other.open_matter(by, form, "late").await), "no_right_open");
    assert_eq!(rebuild::verify(other.pool(), other.realm()).await.expect("walked").fault, None);
    stage.sound().await;
}

async fn a_merger_takes_the_receipts_along(stage: Stage) {
    let by = stage.who("county.dispatcher", COUNTY);
    let typed = [("category", "water.outage"), ("words", "停水了")];
    let a = stage.open(by.clone(), "hotline", VILLAGE, &typed).await;
    let b = stage.open(by, "hotline", VILLAGE, &typed).await;
    let desk = stage.account("county.dispatcher", COUNTY);
    stage.app.merge(desk, a.matter, b.matter, None).await.expect("merged");
    for receipt in [&a, &b] {
        assert_eq!(stage.app.matter_by_receipt(&receipt.token).await.expect("found").id, b.matter);
    }
    let followed = stage.app.follow(&a.token).await.expect("followed");
    assert!(followed.merged);
    assert_eq!((followed.said.matter.id, followed.opened.matter.id), (a.matter, b.matter));
    assert_eq!(
        refusal(stage.go(desk, a.matter, "note", &[("note", "x")]).await),
        "not_found",
        "it is gone from the desk"
    );
    let period = Period::closed(day(3, 1), day(3, 31));
    let figures = stage
        .app
        .figures(&["hotline.accepted", "hotline.intakes"], &[stage.place(VILLAGE)], period)
        .await
        .expect("figures");
    let values: Vec<i64> = figures.values().map(|f| f.numerator).collect();
    assert_eq!(values, [1, 2], "one matter, two ways in");
    stage.sound().await;
}
