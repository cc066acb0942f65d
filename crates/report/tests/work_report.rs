//! The report of a small county: its numbers are those of the records, a cut-off takes back what came later, a year
//! before compares, and what cannot be said is refused with the line of the template.

use std::collections::BTreeSet;
use std::path::Path;
use xiangyue_app::matter::{MoveForm, OpenForm, Typed};
use xiangyue_app::period::{Against, Period};
use xiangyue_app::setup::NewStaff;
use xiangyue_app::{App, AppOptions, Clock};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::{AccountId, RegionId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::register::Holder;
use xiangyue_pack::{FigureBound, Loaded, PackFiles, load};
use xiangyue_report::source::{ReportOptions, WorkReport, work_report};
use xiangyue_report::{Cell, FigureRow, write_docx, write_json, write_markdown, write_xlsx};

const PACK: &str = "../pack/tests/packs/heights";
const TOWN: &str = "991101100000";
const OTHER_TOWN: &str = "991101101000";
const VILLAGE: &str = "991101100200";
const SIBLING: &str = "991101100201";
const ELSEWHERE: &str = "991101101200";
const GRID: &str = "9911011002001001";

const TEMPLATE: &str = "---
id: month
title: {{year}}年{{region}}群众反映办理情况
addressee: 旗政府
annexes: towns, channels
---
# 总体情况

{{period}}受理{{report.accepted}}件，{{report.accepted|yoy}}，{{report.accepted|mom}}；办结{{report.closed|unit}}，
办结率{{report.close_rate|unit}}（{{report.close_rate|of}}），{{report.close_rate|yoy}}。

基础网格{{grid.count}}个，调解协议金额{{dispute.agreed_amount|万}}。
";

struct County {
    app: App,
    loaded: Loaded,
    n: usize,
    _dir: tempfile::TempDir,
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

impl County {
    async fn open(template: &str) -> County {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(PACK);
        let mut loaded = PackFiles::at(&folder).and_then(load).expect("the pack holds");
        loaded.policy.reports.insert("month".to_owned(), template.to_owned());
        let options = AppOptions {
            database: dir.path().join("county.db").display().to_string(),
            files: dir.path().join("files"),
            key_file: dir.path().join("master.key"),
            clock: Clock::fixed(day("2025-01-02").at_minute(600)),
            seed: Some(3),
        };
        let app = App::open(options, loaded.policy.clone()).await.expect("a database");
        app.install(app.now(), &loaded).await.expect("in force");
        let county = County { app, loaded, n: 0, _dir: dir };
        for code in [VILLAGE, SIBLING, ELSEWHERE] {
            let posts = vec![Holder { post: "village.secretary".to_owned(), seat: county.place(code).0 }];
            let (login, name) = (code.to_owned(), "书记".to_owned());
            let staff = NewStaff { login, name, phone: String::new(), posts, demo: true };
            let now = county.app.now();
            county.app.add_staff(now, vec![staff], now.day()).await.expect("posts");
        }
        county
    }

    fn place(&self, code: &str) -> RegionId {
        self.app.directory().tree.by_code(code, day("2025-01-02")).expect("a place").id
    }

    fn root(&self) -> RegionId {
        self.app.directory().tree.root(day("2025-01-02")).expect("a root")
    }

    fn secretary(&self, code: &str) -> AccountId {
        self.app.directory().accounts.values().find(|a| a.login == code).expect("a secretary").id
    }

    /// A report from a village on a day, solved an hour later unless it is left open.
    async fn case(&mut self, code: &str, opened: &str, solved: bool) {
        self.n += 1;
        self.app.clock().set(day(opened).at_minute(600));
        let typed = [("category", "lamp"), ("words", "路灯不亮")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let typed = Typed::from(typed);
        let form = OpenForm { kind: "report".to_owned(), place: self.place(code), typed, ..OpenForm::default() };
        let key = format!("case/{}", self.n);
        let id = self.app.open_matter(Who::Reporter, form, &key).await.expect("taken in").matter;
        if solved {
            self.app.clock().set(day(opened).at_minute(660));
            let typed = Typed::from([("reply".to_owned(), "换了灯头，当晚试亮。".to_owned())]);
            let form = MoveForm { mv: "solve".to_owned(), typed, ..MoveForm::default() };
            self.app.make_move(self.secretary(code), id, form, None).await.expect("solved");
        }
    }

    /// Two cases the year before, four this year in two towns. Nobody rates them, so they close by themselves later.
    async fn worked() -> County {
        let mut county = County::open(TEMPLATE).await;
        county.case(VILLAGE, "2025-03-03", true).await;
        county.case(VILLAGE, "2025-03-05", false).await;
        for (code, opened) in [(VILLAGE, "2026-03-03"), (SIBLING, "2026-03-10"), (ELSEWHERE, "2026-03-11")] {
            county.case(code, opened, true).await;
        }
        county.case(VILLAGE, "2026-03-20", false).await;
        for text in ["2026-03-25", "2026-06-01", "2026-06-02"] {
            county.app.clock().set(day(text).at_minute(600));
            county.app.sweep(county.app.now()).await.expect("the clock");
        }
        county
    }

    async fn report(&self, options: ReportOptions) -> WorkReport {
        work_report(&self.app, &self.loaded, options).await.expect("a report")
    }

    async fn refused(&self, options: ReportOptions) -> String {
        work_report(&self.app, &self.loaded, options).await.expect_err("refused").to_string()
    }
}

fn span(from: &str, to: &str) -> ReportOptions {
    ReportOptions { from: Some(day(from)), to: Some(day(to)), ..ReportOptions::default() }
}

fn row<'a>(report: &'a WorkReport, id: &str) -> &'a FigureRow {
    report.rows.iter().find(|r| r.indicator == id).unwrap_or_else(|| panic!("no row {id}"))
}

#[tokio::test]
async fn the_numbers_are_those_of_the_records() {
    let county = County::worked().await;
    let report = county.report(span("2026-03-01", "2026-05-31")).await;
    let accepted = row(&report, "report.accepted");
    assert_eq!((accepted.value, accepted.records, accepted.source.as_str()), (Some(4.0), 4, "facts"));
    assert_eq!((accepted.from.as_deref(), accepted.as_of.as_str()), (Some("2026-03-01"), "2026-05-31"));
    assert_eq!((accepted.region.as_str(), accepted.numerator), ("991101000000", None));
    let rate = row(&report, "report.close_rate");
    assert_eq!((rate.value, rate.numerator, rate.denominator), (Some(75.0), Some(3.0), Some(4.0)));
    assert_eq!(rate.records, 7);
    let grids = row(&report, "grid.count");
    assert_eq!((grids.value, grids.from.as_deref(), grids.source.as_str()), (Some(4.0), None, "registers"));
    // Nothing over nothing is no number, and no nought.
    let january = county.report(span("2026-01-01", "2026-01-31")).await;
    assert_eq!(row(&january, "report.close_rate").value, None);
    assert_eq!(row(&january, "report.accepted").value, Some(0.0));
}

#[tokio::test]
async fn comparisons_are_said_as_an_office_says_them() {
    let county = County::worked().await;
    let text = write_markdown(&county.report(span("2026-03-01", "2026-05-31")).await.document);
    for said in [
        "# 2026年高塬县群众反映办理情况",
        "受理4件，同比上升100%，上期为0；办结3件",
        "办结率75%（3/4），同比提高75个百分点",
        "基础网格4个，调解协议金额0万元",
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
}

#[tokio::test]
async fn the_comparison_that_was_chosen_stands_in_text_and_rows() {
    let county = County::worked().await;
    let options = ReportOptions { against: Against::Before, ..span("2026-03-01", "2026-05-31") };
    let report = county.report(options).await;
    let text = write_markdown(&report.document);
    // Of what the template compares both ways, both are said; the other 同比 gives way.
    assert!(text.contains("受理4件，同比上升100%，上期为0；"), "{text}");
    assert!(text.contains("办结率75%（3/4），上期无数据"), "{text}");
    assert_eq!(row(&report, "report.accepted").comparison.as_deref(), Some("上期为0"));
    // More than a year would be compared with days of its own.
    let report = county.report(span("2025-03-01", "2026-05-31")).await;
    let text = write_markdown(&report.document);
    assert!(text.contains("受理6件，不作同比，上期为0；") && text.contains("，不作同比。"), "{text}");
    assert_eq!(row(&report, "report.accepted").comparison, None);
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_with_its_line() {
    let county = County::open("---\nid: month\ntitle: t\n---\n网格{{grid.count|yoy}}\n").await;
    let fault = county.refused(ReportOptions::default()).await;
    assert!(fault.contains("5: ") && fault.contains("grid.count"), "{fault}");
    let fault = county.refused(ReportOptions { template: Some("year".to_owned()), ..ReportOptions::default() }).await;
    assert!(fault.contains("year") && fault.contains("month"), "{fault}");
    let county = County::open("---\nid: month\ntitle: t\n---\n\n{{no.such}}\n").await;
    let fault = county.refused(ReportOptions::default()).await;
    assert!(fault.contains("6: ") && fault.contains("no.such"), "{fault}");
}

#[tokio::test]
async fn a_cut_off_takes_back_what_came_later() {
    let county = County::worked().await;
    let mut closed = Vec::new();
    for as_of in ["2026-03-02", "2026-03-10", "2026-06-02"] {
        let options = ReportOptions { as_of: Some(day(as_of)), ..span("2026-03-01", "2026-03-31") };
        let report = county.report(options).await;
        assert_eq!(row(&report, "report.accepted").as_of, as_of);
        closed.push(row(&report, "report.closed").value.unwrap_or(-1.0));
    }
    assert_eq!((closed[0], closed[2]), (0.0, 3.0));
    assert!(closed.is_sorted(), "{closed:?}");
}

#[tokio::test]
async fn a_figure_does_not_depend_on_what_else_is_asked() {
    let county = County::worked().await;
    let codes = [TOWN, OTHER_TOWN, VILLAGE, SIBLING, ELSEWHERE, GRID];
    let places: Vec<RegionId> = codes.iter().map(|c| county.place(c)).chain([county.root()]).collect();
    let ids = ["report.accepted", "report.closed", "report.close_rate", "report.closed_now"];
    for (from, to, cut_off) in [
        ("2026-03-01", "2026-03-31", "2026-03-15"),
        ("2026-03-04", "2026-05-20", "2026-05-20"),
        ("2025-01-01", "2026-06-02", "2026-06-02"),
    ] {
        let period = Period { from: day(from), to: day(to), cut_off: day(cut_off) };
        let together = county.app.figures(&ids, &places, period).await.expect("figures");
        for place in &places {
            let alone = county.app.figures(&ids, &[*place], period).await.expect("figures");
            for id in ids {
                let key = (*place, id.to_owned());
                assert_eq!(together.get(&key), alone.get(&key), "{id} {place} {from}");
            }
        }
        let behind = county.app.behind(&ids, county.root(), period).await.expect("records");
        for id in ids {
            let figure = together[&(county.root(), id.to_owned())];
            assert_eq!(behind[id].above, figure.numerator, "{id} {from}");
            assert_eq!(behind[id].below, figure.denominator.unwrap_or(0), "{id} {from}");
        }
    }
}

#[tokio::test]
async fn the_annexes_add_up() {
    let county = County::worked().await;
    let report = county.report(span("2026-03-01", "2026-05-31")).await;
    let [towns, channels] = report.document.annexes.as_slice() else { panic!("two annexes") };
    assert_eq!(towns.table.head[0], "苏木");
    let column = towns.table.head.iter().position(|h| h.starts_with("群众反映受理")).expect("a column");
    let said = |r: &Vec<Cell>| format!("{} {}", r[0].printed(), r[column].printed());
    let cells: Vec<String> = towns.table.rows.iter().map(said).collect();
    assert_eq!(cells, ["上塬镇 3", "下塬乡 1", "合计 4"]);
    let first: Vec<String> = channels.table.rows[0].iter().map(Cell::printed).collect();
    assert_eq!(first[..4], ["群众反映", "扫码反映", "4", "100.00"].map(str::to_owned));
    // A town reports on its own villages.
    let options = ReportOptions { region: Some(county.place(TOWN)), ..span("2026-03-01", "2026-05-31") };
    let town = county.report(options).await;
    assert_eq!(row(&town, "report.accepted").value, Some(3.0));
    assert_eq!(town.document.annexes[0].table.rows.len(), 3);
}

#[tokio::test]
async fn a_demo_says_so_and_reports_its_own_period() {
    let mut county = County::worked().await;
    county.loaded.figures.push(FigureBound {
        figure: "F".to_owned(),
        indicator: "hotline.accepted".to_owned(),
        expected: 0.0,
        bound: "=".to_owned(),
        precision: 1.0,
    });
    county.app.mark_demo(county.app.now(), day("2026-01-01"), day("2026-06-02")).await.expect("marked");
    let report = county.report(ReportOptions::default()).await;
    assert_eq!(report.period, Period::closed(day("2026-01-01"), day("2026-06-02")));
    assert_eq!(report.document.demo_note.as_deref(), Some("演示数据，非真实情况"));
    let ids: Vec<&str> = report.rows.iter().map(|r| r.indicator.as_str()).collect();
    assert!(ids.contains(&"hotline.accepted"), "what figures.csv names has a row as well");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "each indicator once");
    // The same data give the same bytes, in every format.
    let again = county.report(ReportOptions::default()).await;
    assert_eq!(write_docx(&report.document).expect("Word"), write_docx(&again.document).expect("Word"));
    assert_eq!(write_json(&report.rows).expect("JSON"), write_json(&again.rows).expect("JSON"));
    assert!(write_xlsx(&report.document, &report.rows).expect("Excel").starts_with(b"PK"));
}
