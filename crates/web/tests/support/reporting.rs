//! A county with a report to make, and something to report of.

use super::{HEIGHTS, House, SIBLING, VILLAGE, Visitor};
use std::path::Path;
use xiangyue_app::matter::{MoveForm, OpenForm, Receipt, Typed};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::Who;
use xiangyue_web::WebOptions;

pub const COUNTY: &str = "991101000000";

/// A report from a village.
pub async fn report(house: &House, code: &str, n: usize) -> MatterId {
    let day = house.app.now().day();
    let place = house.app.directory().tree.by_code(code, day).expect("a village").id;
    let words = format!("第{n}盏路灯不亮");
    let typed = Typed::from([("category".to_owned(), "lamp".to_owned()), ("words".to_owned(), words)]);
    let form = OpenForm { kind: "report".to_owned(), place, typed, ..OpenForm::default() };
    house.app.open_matter(Who::Reporter, form, &format!("test/{code}/{n}")).await.expect("taken in").matter
}

/// An order of the hotline that the county's dispatcher took in for a village: a leaning lamp post, or what is said otherwise.
pub async fn order(house: &House, key: &str, said: &[(&str, &str)]) -> Receipt {
    let day = house.app.now().day();
    let place = house.app.directory().tree.by_code(VILLAGE, day).expect("a village").id;
    let by = Who::Account { account: house.account("county.dispatcher", COUNTY), post: None };
    let usual = [("category", "lamp.village"), ("words", "灯杆歪了"), ("spot", "村口"), ("reporter_name", "甲乙丙")];
    let typed = usual.iter().chain(said).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let form =
        OpenForm { kind: "hotline".to_owned(), place, typed, channel: "12345".to_owned(), ..OpenForm::default() };
    house.app.open_matter(by, form, key).await.expect("taken in")
}

/// Three reports in one village, two of them brought to an end, one in its neighbour.
pub async fn some(house: &House) {
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(report(house, VILLAGE, n).await);
    }
    report(house, SIBLING, 9).await;
    for id in &ids[..2] {
        let account = house.account("village.secretary", VILLAGE);
        let typed = Typed::from([("reply".to_owned(), "换了灯头,当晚试亮。".to_owned())]);
        let form = MoveForm { mv: "solve".to_owned(), typed, ..MoveForm::default() };
        house.app.make_move(account, *id, form, None).await.expect("solved");
    }
}

pub async fn leader(house: &House) -> Visitor {
    house.signed_in("county.office", COUNTY).await
}

const TEMPLATE: &str = "---\nid: month\ntitle: {{region}}群众反映办理情况\naddressee: 旗政府\nsignature: 旗政府办\n\
    annexes: towns, channels\n---\n# 总体情况\n\n截至{{as_of}}受理{{report.accepted}}件,{{report.accepted|yoy}},\
    办结率{{report.close_rate|unit}}。\n";
const SEALED: &str = "[[indicator]]\nid = \"clue.count\"\nname = \"线索\"\nunit = \"件\"\nhub = 190\n\
    source = { sum = [\"clue.count\"] }\n";

/// The small county with a report template, and a measure that is seen at the county alone.
pub async fn with_report() -> (House, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(HEIGHTS);
    copy(&from, dir.path());
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    };
    write("reports/month.md", TEMPLATE);
    write("indicators-sealed.toml", SEALED);
    let point = std::fs::read_to_string(from.join("matters/point.toml")).expect("a kind");
    let measure = "\n[[measure]]\nid = \"clue.count\"\non = \"open\"\nseen_from = \"county\"\n";
    write("matters/point.toml", &format!("{point}{measure}"));
    let house = House::of(&dir.path().display().to_string(), WebOptions::default()).await;
    (house, dir)
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}
