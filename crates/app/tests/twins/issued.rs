//! Reports that were issued: frozen, found again, sealed in the journal, and the same after a replay.

use crate::stage::{COUNTY, Stage, TOWN, VILLAGE, day, refusal, twins};
use xiangyue_app::AppError;
use xiangyue_app::issued::{ReportOf, ToIssue, WORDING_MAX};
use xiangyue_app::period::Period;
use xiangyue_domain::report::Frozen;

twins!(what_was_issued_stays_as_it_was, sentences_are_kept_for_the_next_making);

fn of(stage: &Stage, seat: &str) -> ReportOf {
    ReportOf { place: stage.place(seat), template: "month".into(), from: day(1, 1) }
}

async fn to_issue(stage: &Stage, seat: &str, to: xiangyue_domain::day::Day, body: &str) -> ToIssue {
    ToIssue {
        of: of(stage, seat),
        period: Period::closed(day(1, 1), to),
        head: stage.app.journal_head().await.expect("a head"),
        figures: vec![Frozen { indicator: "report.accepted".into(), above: 4, below: None }],
        body: body.into(),
    }
}

async fn what_was_issued_stays_as_it_was(stage: Stage) {
    let (app, office) = (&stage.app, stage.account("county.office", COUNTY));
    let head = app.journal_head().await.expect("a head");
    let first = to_issue(&stage, COUNTY, day(3, 31), "隰九娘家的事办好了").await;
    let id = app.issue_report(office, first.clone(), Some("form/1".into())).await.expect("issued");
    assert_eq!(app.issue_report(office, first, Some("form/1".into())).await.expect("sent again"), id);
    let next = to_issue(&stage, COUNTY, day(4, 30), "四月").await;
    let second = app.issue_report(office, next, None).await.expect("issued");
    let (issued, body) = app.issued_report(office, id).await.expect("found");
    assert_eq!((body.as_str(), issued.head.clone(), issued.by), ("隰九娘家的事办好了", head, office));
    let list = app.issued_reports(office, stage.place(COUNTY), 0, 10).await.expect("a list");
    assert_eq!(list.iter().map(|r| r.id).collect::<Vec<_>>(), [second, id]);
    let older = app.issued_reports(office, stage.place(COUNTY), second.0, 10).await.expect("a list");
    assert_eq!(older.len(), 1);
    let may = Period::closed(day(1, 1), day(5, 31));
    let before = app.issued_before(&of(&stage, COUNTY), may).await.expect("looked for").map(|r| r.id);
    assert_eq!(before, Some(second));
    let april =
        app.issued_before(&of(&stage, COUNTY), Period::closed(day(1, 1), day(4, 30))).await.expect("looked for");
    assert_eq!(april.map(|r| r.id), Some(id));
    // Whoever may not make reports of the place knows of none.
    let (town, village) = (stage.account("town.dispatcher", TOWN), stage.account("village.secretary", VILLAGE));
    for account in [town, village] {
        assert!(matches!(app.issued_report(account, id).await, Err(AppError::NotFound)));
        assert!(matches!(app.issued_reports(account, stage.place(COUNTY), 0, 1).await, Err(AppError::NotFound)));
        let new = to_issue(&stage, COUNTY, day(3, 31), "冒名").await;
        assert_eq!(refusal(app.issue_report(account, new, None).await), "no_right");
    }
    for sql in ["select body from journal", "select state from issued_report"] {
        let plain = app.pool().rows(sql, &[]).await.expect("read");
        assert!(!plain.iter().any(|r| r.text(0).contains('隰')), "{sql}");
    }
    stage.sound().await;
    let stage = stage.again().await;
    assert_eq!(stage.app.issued_report(office, id).await.expect("found").1, "隰九娘家的事办好了");
}

async fn sentences_are_kept_for_the_next_making(stage: Stage) {
    let (app, office) = (&stage.app, stage.account("county.office", COUNTY));
    let text = |t: &str| Some(t.to_owned());
    app.word(office, of(&stage, COUNTY), "b1".into(), text("隰九娘【受理】"), None).await.expect("kept");
    app.word(office, of(&stage, COUNTY), "b2".into(), text("第二段"), None).await.expect("kept");
    app.word(office, of(&stage, COUNTY), "b1".into(), text("改过的【受理】"), None).await.expect("kept");
    app.word(office, of(&stage, COUNTY), "b2".into(), None, None).await.expect("given back");
    let kept = app.wordings(&of(&stage, COUNTY)).await.expect("read");
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), [("b1".to_owned(), "改过的【受理】".to_owned())]);
    assert!(app.wordings(&of(&stage, TOWN)).await.expect("read").is_empty());
    let long = "字".repeat(WORDING_MAX + 1);
    assert_eq!(refusal(app.word(office, of(&stage, COUNTY), "b3".into(), Some(long), None).await), "form");
    let town = stage.account("town.dispatcher", TOWN);
    assert_eq!(refusal(app.word(town, of(&stage, COUNTY), "b1".into(), text("冒名"), None).await), "no_right");
    for sql in ["select body from journal", "select state from report_wording"] {
        let plain = app.pool().rows(sql, &[]).await.expect("read");
        assert!(!plain.iter().any(|r| r.text(0).contains("受理") && r.text(0).contains("改过")), "{sql}");
    }
    stage.sound().await;
}
