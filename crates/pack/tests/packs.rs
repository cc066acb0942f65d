//! The packs themselves: those that ship hold, a broken one gives every fault at its line, the schemas are those of
//! the Rust types, and every flow can be walked to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use xiangyue_domain::policy::{Direction, FieldType, Kind, Phase};
use xiangyue_pack::{Fault, Loaded, PackFiles, load, schemas};

const HERE: &str = env!("CARGO_MANIFEST_DIR");
const SHIPPED: [&str; 5] =
    ["../../packs/base", "../../packs/yanchi", "../../packs/jiyuan", "../../packs/ordos", "../../packs/district"];
const HEIGHTS: &str = "tests/packs/heights";

fn read(pack: &str) -> Result<Loaded, Vec<Fault>> {
    PackFiles::at(&Path::new(HERE).join(pack)).and_then(load)
}

fn sound(pack: &str) -> Loaded {
    let faults = match read(pack) {
        Ok(loaded) => return loaded,
        Err(faults) => faults,
    };
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    panic!("{pack}\n{}", said.join("\n"));
}

fn all_packs() -> impl Iterator<Item = Loaded> {
    SHIPPED.into_iter().chain([HEIGHTS]).map(sound)
}

#[test]
fn packs_hold() {
    let found: Vec<String> = all_packs().map(|p| p.policy.id).collect();
    assert_eq!(found, ["base", "yanchi", "jiyuan", "ordos", "district", "heights"]);
}

#[test]
fn a_county_keeps_base_and_adds_its_own() {
    let heights = sound(HEIGHTS);
    let kinds: BTreeSet<&str> = heights.policy.kinds.iter().map(|k| k.id.as_str()).collect();
    for kind in ["hotline", "report", "grid_event", "difficulty", "dispute", "aid", "advice", "visit", "point"] {
        assert!(kinds.contains(kind), "{kind}");
    }
    assert!(heights.policy.post("village.police").is_some() && heights.policy.post("grid.worker").is_some());
    assert!(heights.policy.indicator("heights.point_closed_town").is_some());
    assert_eq!(heights.policy.settings.as_ref().map(|s| s.month_ends_on), Some(25));
    assert_eq!(heights.regions.len(), 10);
}

#[test]
fn a_county_adds_finer_levels_and_their_limits() {
    for pack in ["../../packs/yanchi", HEIGHTS].map(sound) {
        let policy = &pack.policy;
        let kind = policy.kind("hotline").expect("a hotline");
        let list = policy.catalogue("complaint-categories").expect("categories");
        let deepest = list.items.iter().map(|i| list.chain(&i.code).len()).max();
        assert_eq!(deepest, Some(5), "{}", policy.id);
        let above = list.item("water.irrigation.canal").expect("a category of base");
        assert!(!list.is_leaf(&above.code) && list.may_pick(above), "what could be chosen before stays so");
        let fine = list.items.iter().filter(|i| list.chain(&i.code).len() == 5);
        assert!(fine.into_iter().all(|i| list.may_pick(i) && !list.owner(&i.code).is_empty()));
        let limits = kind.clocks.iter().flat_map(|c| &c.limits);
        let named = limits.filter_map(|r| r.category.as_deref());
        assert!(named.into_iter().all(|code| list.item(code).is_some()));
        let base = sound("../../packs/base").policy;
        let kept = base.catalogue("complaint-categories").expect("categories").items.len();
        assert!(list.items.len() > kept);
        assert_ne!(kind.version, base.kind("hotline").expect("a hotline").version, "a limit belongs to the flow");
        assert_eq!(policy.kind("report").map(|k| &k.version), base.kind("report").map(|k| &k.version));
    }
}

#[test]
fn work_for_a_unit_goes_to_its_handler() {
    for pack in all_packs() {
        let first = pack.policy.posts.iter().find(|p| p.unit).map(|p| p.id.as_str());
        assert_eq!(first, Some("unit.handler"), "{}", pack.policy.id);
    }
}

/// File, line and a word of the message, of everything that is wrong with `tests/packs/broken`.
const FAULTS: &[(&str, usize, &str)] = &[
    ("calendar/holidays.csv", 3, "2026-02-30"),
    ("calendar/holidays.csv", 4, "work"),
    ("catalogues/list.csv", 2, "重复"),
    ("catalogues/list.csv", 3, "urgency"),
    ("catalogues/list.csv", 3, "上级 z"),
    ("catalogues/list.csv", 4, "重复"),
    ("catalogues/list.csv", 5, "code 和 name"),
    ("catalogues/gone/more.csv", 0, "清单 gone 不存在"),
    ("catalogues/list/more.csv", 2, "重复"),
    ("catalogues/list/more.csv", 3, "上级 q"),
    ("catalogues/list/more.csv", 3, "urgency"),
    ("catalogues/list/more.csv", 4, "重复"),
    ("limits-broken.toml", 2, "事项 nothing"),
    ("limits-broken.toml", 9, "时限 hurry 不存在;可写 respond"),
    ("limits-broken.toml", 16, "类别 water.wine 不在清单 complaint-categories 里"),
    ("limits-broken.toml", 18, "日期"),
    ("limits-broken.toml", 29, "写了两次"),
    ("limits-broken.toml", 34, "时限 approve 不存在"),
    ("limits.toml", 5, "时限写法不对"),
    ("catalogues/powers.csv", 2, "流程 no_kind"),
    ("catalogues/powers.csv", 2, "重复"),
    ("catalogues/powers.csv", 3, "basis"),
    ("catalogues/powers.csv", 3, "flow"),
    ("catalogues/powers.csv", 4, "class"),
    ("catalogues/powers.csv", 4, "登记表"),
    ("catalogues/powers.csv", 5, "登记表"),
    ("catalogues/powers.csv", 5, "重复"),
    ("duties-broken.toml", 6, "nothing.there"),
    ("duties-broken.toml", 7, "least"),
    ("duties-broken.toml", 8, "since"),
    ("duties-broken.toml", 11, "重复"),
    ("figures.csv", 2, "expected"),
    ("figures.csv", 3, "bound"),
    ("figures.csv", 3, "hotline.nothing"),
    ("indicators-broken.toml", 5, "nothing.accepted"),
    ("indicators-broken.toml", 14, "重复"),
    ("indicators-broken.toml", 23, "cows"),
    ("indicators-broken.toml", 30, "bucket"),
    ("indicators-broken.toml", 37, "hotline.nothing"),
    ("indicators-broken.toml", 38, "不是率"),
    ("indicators-broken.toml", 39, "权重"),
    ("indicators-broken.toml", 40, "越高越好"),
    ("indicators-broken.toml", 48, "至少要两项"),
    ("indicators-broken.toml", 48, "basis"),
    ("indicators-broken.toml", 49, "只取一类"),
    ("lists.toml", 11, "要比现在的"),
    ("lists.toml", 14, "重复"),
    ("lists.toml", 17, "要比现在的"),
    ("lists.toml", 20, "没有条目"),
    ("lists.toml", 26, "一条也没有"),
    ("lists.toml", 28, "nothing"),
    ("lists.toml", 29, "from 不对"),
    ("lists/powers/lastyear.csv", 0, "施行的日子"),
    ("matters/meeting.toml", 19, "没有动作来用"),
    ("matters/meeting.toml", 22, "步骤 nowhere"),
    ("matters/meeting.toml", 23, "village.nobody"),
    ("matters/meeting.toml", 24, "会议 nobody"),
    ("matters/meeting.toml", 25, "due 要指"),
    ("matters/meeting.toml", 26, "present 要指"),
    ("matters/meeting.toml", 27, "yes 要指"),
    ("matters/meeting.toml", 28, "no 要指"),
    ("matters/meeting.toml", 29, "abstain 要指"),
    ("matters/meeting.toml", 33, "动作 no_move"),
    ("matters/meeting.toml", 34, "字段 no_field"),
    ("matters/meeting.toml", 35, "会议 nobody"),
    ("matters/meeting.toml", 37, "保密类"),
    ("matters/meeting.toml", 38, "步骤 nowhere"),
    ("matters/meeting.toml", 39, "字段 no_title"),
    ("matters/meeting.toml", 42, "own 的 name"),
    ("matters/meeting.toml", 43, "own 的 number"),
    ("matters/meeting.toml", 44, "4 到 8"),
    ("matters/meeting.toml", 45, "own 的 shown"),
    ("matters/meeting.toml", 46, "日期字段"),
    ("matters/meeting.toml", 47, "金额字段"),
    ("matters/meeting.toml", 48, "own 的 struck"),
    ("matters/names.toml", 6, "village.nobody"),
    ("matters/names.toml", 8, "someone"),
    ("matters/names.toml", 11, "设在单位"),
    ("matters/names.toml", 17, "no-such-list"),
    ("matters/names.toml", 35, "走不到办结"),
    ("matters/names.toml", 40, "没有动作通到步骤 lost"),
    ("matters/names.toml", 54, "步骤 opened"),
    ("matters/names.toml", 57, "town.nobody"),
    ("matters/names.toml", 59, "没有列在 fields"),
    ("matters/names.toml", 60, "写到人名"),
    ("matters/names.toml", 61, "字段 other"),
    ("matters/names.toml", 69, "candidates"),
    ("matters/names.toml", 75, "reopen"),
    ("matters/names.toml", 81, "步骤 opne"),
    ("matters/names.toml", 83, "判断不了"),
    ("matters/names.toml", 84, "日期"),
    ("matters/names.toml", 86, "日期字段"),
    ("matters/names.toml", 87, "设在单位"),
    ("matters/names.toml", 91, "enter:done"),
    ("matters/names.toml", 93, "holding"),
    ("matters/names.toml", 100, "数字字段"),
    ("matters/names.toml", 101, "bucket"),
    ("matters/names.toml", 108, "#"),
    ("matters/other.toml", 1, "another.toml"),
    ("matters/posting.toml", 29, "household"),
    ("matters/posting.toml", 29, "nothing"),
    ("matters/posting.toml", 29, "two"),
    ("matters/posting.toml", 29, "until"),
    ("matters/posting.toml", 37, "make 或 post"),
    ("matters/shape.toml", 3, "nmae"),
    ("matters/shape.toml", 13, "longtext"),
    ("matters/shape.toml", 18, "answered"),
    ("matters/shape.toml", 25, "缺少 name"),
    ("matters/shape.toml", 30, "条件写法不对"),
    ("matters/shape.toml", 38, "true 或 false"),
    ("matters/shape.toml", 39, "5wd"),
    ("matters/syntax.toml", 2, "TOML"),
    ("pack.toml", 9, "office_hours"),
    ("pack.toml", 10, "portal_kind"),
    ("pack.toml", 11, "reports/missing.md"),
    ("pack.toml", 12, "总览上批示"),
    ("pack.toml", 12, "要一起写"),
    ("pack.toml", 12, "计量 nothing"),
    ("pack.toml", 12, "预警转成的事项"),
    ("points/broken.toml", 1, "expire"),
    ("points/broken.toml", 5, "until"),
    ("points/broken.toml", 8, "不能有 /"),
    ("points/broken.toml", 11, "nothing"),
    ("points/broken.toml", 14, "重复"),
    ("points/broken.toml", 30, "village.nobody"),
    ("points/broken.toml", 32, "要写 unit"),
    ("points/broken.toml", 32, "参与方"),
    ("points/broken.toml", 33, "shelf 不记"),
    ("points/broken.toml", 33, "参与方"),
    ("points/broken.toml", 34, "nowhere"),
    ("points/broken.toml", 39, "nothing"),
    ("points/broken.toml", 47, "award 不是"),
    ("points/broken.toml", 49, "notice_days"),
    ("points/rules-broken.csv", 2, "points"),
    ("points/rules-broken.csv", 3, "nowhere"),
    ("points/rules-broken.csv", 4, "封顶"),
    ("points/rules-broken.csv", 5, "basis"),
    ("points/rules-broken.csv", 6, "低保"),
    ("points/rules-broken.csv", 7, "合法性"),
    ("points/rules-broken.csv", 8, "below_zero"),
    ("points/rules-broken.csv", 9, "evidence"),
    ("points/rules-broken.csv", 9, "from"),
    ("points/rules-broken.csv", 11, "两个版本"),
    ("posts-broken.toml", 5, "town.nobody"),
    ("posts-broken.toml", 8, "town.secretary"),
    ("regions.csv", 3, "township"),
    ("regions.csv", 4, "12位"),
    ("regions.csv", 5, "网格必须"),
    ("regions.csv", 6, "991199999999"),
    ("sheets/misnamed.toml", 1, "other-id.toml"),
    ("sheets/register.toml", 8, "nickname"),
    ("sheets/shape.toml", 4, "in、out"),
    ("sheets/shape.toml", 6, "缺少 heading"),
    ("sheets/shape.toml", 7, "head"),
    ("sheets/unknown.toml", 3, "nobody"),
    ("sheets/wrong.toml", 1, "category"),
    ("sheets/wrong.toml", 1, "place"),
    ("sheets/wrong.toml", 5, "nowhere"),
    ("sheets/wrong.toml", 6, "upper_due"),
    ("sheets/wrong.toml", 7, "no_such_move"),
    ("sheets/wrong.toml", 13, "重复"),
    ("sheets/wrong.toml", 15, "nothing"),
    ("sheets/wrong.toml", 20, "fine"),
    ("texts.toml", 2, "per_number"),
    ("texts.toml", 5, "{code}"),
    ("texts.toml", 6, "{item}"),
    ("texts.toml", 8, "{stop_url}"),
];

#[test]
fn a_broken_pack_gives_every_fault_at_its_line() {
    let faults = read("tests/packs/broken").err().unwrap_or_default();
    // What the pack repeats of base is said there too, at a line that base may move.
    let own = |f: &&Fault| !matches!(f.file.as_str(), "posts.toml" | "matters/report.toml" | "points/ledger.toml");
    let mut left: Vec<&Fault> = faults.iter().filter(own).collect();
    let mut missing = Vec::new();
    for (file, line, word) in FAULTS {
        match left.iter().position(|f| f.file == *file && f.line == *line && f.message.contains(word)) {
            Some(found) => drop(left.remove(found)),
            None => missing.push(format!("{file}:{line}: {word}")),
        }
    }
    let more: Vec<String> = left.iter().map(ToString::to_string).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "missing:\n{}\nnot expected:\n{}",
        missing.join("\n"),
        more.join("\n")
    );
    let doubled = |file: &str| faults.iter().any(|f| f.file == file && f.message.contains("重复"));
    assert!(doubled("posts.toml") && doubled("matters/report.toml"));
}

#[test]
fn a_pack_that_extends_nothing_known_says_so() {
    let faults = PackFiles::at(&Path::new(HERE).join("tests/packs/nowhere")).err().unwrap_or_default();
    assert!(faults[0].message.contains("读不了"));
    assert!(PackFiles::named("nowhere").is_err());
}

/// `UPDATE_SCHEMA=1 cargo test -p xiangyue-pack` writes them anew.
#[test]
fn schemas_are_those_of_the_types() {
    let folder: PathBuf = Path::new(HERE).join("../../packs/schema");
    for (name, schema) in schemas() {
        let path = folder.join(format!("{name}.schema.json"));
        let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::create_dir_all(&folder).expect("folder of schemas");
            std::fs::write(&path, &text).expect("schema is written");
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == text, "{} is old; run UPDATE_SCHEMA=1 cargo test -p xiangyue-pack", path.display());
    }
}

#[test]
fn every_flow_can_be_walked_to_its_end() {
    for pack in all_packs() {
        for kind in &pack.policy.kinds {
            let ways = ways(kind);
            for step in &kind.steps {
                let name = format!("{}/{}/{}", pack.policy.id, kind.id, step.id);
                let out = ways.get(step.id.as_str()).is_some_and(|to| !to.is_empty());
                assert!(out || matches!(step.phase, Phase::Closed | Phase::Final), "no way out of {name}");
                assert!(ends(kind, &ways, &step.id), "no end from {name}");
            }
            assert!(
                reachable(&ways, &kind.steps[0].id).len() == kind.steps.len(),
                "{}: a step is never reached",
                kind.id
            );
        }
    }
}

/// Every step that waits offers a move to whoever has it, or makes one by itself.
#[test]
fn whoever_has_a_matter_can_do_something() {
    for pack in all_packs() {
        for kind in &pack.policy.kinds {
            for step in kind.steps.iter().filter(|s| s.phase == Phase::Open) {
                let moves = || kind.moves.iter().filter(|m| m.from.contains(&step.id) && m.to.is_some());
                let can = moves().any(|m| m.after.is_some() || m.by.iter().any(|b| b.0 == "holder"))
                    || moves().any(|m| m.by.iter().any(|b| pack.policy.post(&b.0).is_some()));
                assert!(can, "{}/{}", kind.id, step.id);
            }
        }
    }
}

/// Where a matter came from is said in words, on every page.
#[test]
fn every_channel_has_a_name() {
    for pack in SHIPPED.iter().map(|path| sound(path)) {
        for kind in &pack.policy.kinds {
            let field = kind.field("channel").unwrap_or_else(|| panic!("{} names no channel", kind.id));
            let listed = field.catalogue.as_deref().and_then(|c| pack.policy.catalogue(c));
            let named =
                |code: &String| field.options.contains_key(code) || listed.is_some_and(|c| c.item(code).is_some());
            assert!(kind.intake.channels.iter().all(named), "{}", kind.id);
        }
    }
}

/// Villagers are told in words, and nothing on a Chinese screen lacks its English.
#[test]
fn names_are_given_in_both_languages() {
    let base = sound(SHIPPED[0]);
    for kind in &base.policy.kinds {
        assert!(!kind.name_en.is_empty(), "{}", kind.id);
        assert!(kind.fields.iter().all(|f| !f.label_en.is_empty()), "{} fields", kind.id);
        assert!(kind.fields.iter().all(|f| f.hint.is_empty() == f.hint_en.is_empty()), "{} hints", kind.id);
        assert!(kind.steps.iter().all(|s| !s.name_en.is_empty()), "{} steps", kind.id);
        assert!(kind.moves.iter().all(|m| !m.name_en.is_empty()), "{} moves", kind.id);
        assert!(kind.clocks.iter().all(|c| !c.name_en.is_empty()), "{} clocks", kind.id);
        let told = |m: &&xiangyue_domain::policy::Move| m.tell;
        let to_villager = kind.moves.iter().filter(told).filter_map(|m| kind.step(m.to.as_deref()?));
        assert!(to_villager.into_iter().all(|s| !s.told.is_empty()), "{} told", kind.id);
    }
    assert!(base.policy.sheets.iter().all(|s| !s.name_en.is_empty()), "a sheet without English name");
    let named = base.policy.indicators.iter().all(|i| !i.name_en.is_empty() && !i.meaning.is_empty());
    assert!(named, "an indicator without English name or meaning");
}

/// A kind without a sheet of its own comes in through the general columns and those of its form.
#[test]
fn every_kind_has_a_sheet() {
    for pack in all_packs() {
        for direction in [Direction::In, Direction::Out] {
            let sheets = pack.policy.sheets(direction);
            for kind in &pack.policy.kinds {
                let of: Vec<_> = sheets.iter().filter(|s| s.subject == kind.id).collect();
                assert_eq!(of.len(), 1, "{}/{} {direction:?}", pack.policy.id, kind.id);
                let lacks = |f: &&xiangyue_domain::policy::Field| {
                    f.required && f.kind != FieldType::File && of[0].column(&f.id).is_none()
                };
                let missing = kind.intake_fields().into_iter().filter(lacks).count();
                assert!(missing == 0 || direction == Direction::Out, "{}", kind.id);
            }
        }
    }
    let heights = sound(HEIGHTS).policy;
    let made = heights.sheet(Direction::In, "point").expect("a sheet of its own form");
    let headings: Vec<&str> = made.columns.iter().map(|c| c.heading.as_str()).collect();
    assert_eq!(headings, ["地方", "来源", "来源编号", "诉求类别", "诉求内容"]);
    assert_eq!((made.key.as_str(), made.columns[3].required), ("source_no", true));
}

#[test]
fn the_county_has_what_its_report_needs() {
    let yanchi = sound(SHIPPED[1]);
    assert_eq!(yanchi.figures.len(), 14);
    let headline = yanchi.policy.indicators.iter().filter(|i| i.headline).count();
    assert_eq!(headline, 4);
    let hub: Vec<u32> = yanchi.policy.indicators.iter().filter_map(|i| i.hub).collect();
    assert_eq!(hub.iter().collect::<BTreeSet<_>>().len(), hub.len(), "two indicators share a place in the hub");
}

fn ways(kind: &Kind) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut out: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for mv in &kind.moves {
        let Some(to) = mv.to.as_deref() else { continue };
        for from in mv.from.iter().filter(|f| *f != to) {
            out.entry(from).or_default().insert(to);
        }
    }
    out
}

fn reachable<'a>(ways: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &'a str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for to in ways.get(at).into_iter().flatten() {
            if seen.insert(to) {
                open.push(to);
            }
        }
    }
    seen
}

fn ends<'a>(kind: &'a Kind, ways: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &'a str) -> bool {
    let closed = |s: &&str| kind.step(s).is_some_and(|s| matches!(s.phase, Phase::Closed | Phase::Final));
    reachable(ways, from).iter().any(closed)
}
