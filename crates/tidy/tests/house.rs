//! The house rules. A rule that is not here does not hold. Each message says what to write instead. The lists under
//! `allow/` hold what was there before a rule; they may only shrink, and an entry that is no longer needed fails.

use std::collections::BTreeMap;
use xiangyue_tidy::{File, Source, file, files, is_han, without};

/// Most lines of a Rust file, of a function, of a handler.
const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;
const HANDLER_LINES: usize = 40;

/// Functions that staff must never be made to bear (国办发 rules on 指尖上的形式主义; DESIGN §8).
const NEVER: &[&str] = &[
    "打卡",
    "签到率",
    "在线时长",
    "在线率",
    "积分排名",
    "积分排行",
    "干部排名",
    "干部积分",
    "登录次数",
    "登录排名",
    "安装率",
    "激活率",
    "下载率",
    "强制拍照",
    "强制定位",
    "行动轨迹",
    "点赞数",
    "转发数",
];
/// The same in addresses and ids.
const NEVER_WORDS: &[&str] = &[
    "check-in",
    "checkin",
    "check_in",
    "leaderboard",
    "ranking",
    "online-time",
    "online_time",
    "install-rate",
    "install_rate",
    "login-count",
    "login_count",
    "staff-points",
    "staff_points",
    "gps-track",
    "gps_track",
];

fn rust() -> Vec<File> {
    files("crates", ".rs")
}

/// Rust that ships: not under `tests/`, and not this crate, which has to name what it forbids.
fn shipped() -> Vec<(File, Source)> {
    let ships = |f: &File| !f.is_test() && !f.path.starts_with("crates/tidy/");
    rust()
        .into_iter()
        .filter(ships)
        .map(|f| {
            let s = Source::of(&f);
            (f, s)
        })
        .collect()
}

fn none(offences: Vec<String>, instead: &str) {
    assert!(offences.is_empty(), "\n{} found. {instead}\n  {}\n", offences.len(), offences.join("\n  "));
}

/// Entries of an allow-list, as `what number`.
fn allowed(list: &str) -> BTreeMap<String, usize> {
    let text = file(&format!("crates/tidy/allow/{list}.txt")).text;
    let entries = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    entries.filter_map(|l| l.rsplit_once(' ')).map(|(what, n)| (what.to_owned(), n.parse().unwrap_or(0))).collect()
}

/// Compares sizes with their limit and the allow-list: nothing new, nothing grown, nothing listed in vain.
fn held(list: &str, sizes: &[(String, usize, usize)], instead: &str) {
    let allowed = allowed(list);
    let mut offences = Vec::new();
    for (what, size, limit) in sizes.iter().filter(|(_, size, limit)| size > limit) {
        match allowed.get(what) {
            Some(known) if size <= known => {}
            Some(known) => offences.push(format!("{what}: {size} lines, grown from {known}")),
            None => offences.push(format!("{what}: {size} lines, at most {limit}")),
        }
    }
    for what in allowed.keys() {
        let needed = sizes.iter().any(|(name, size, limit)| name == what && size > limit);
        if !needed {
            offences.push(format!("{what}: no longer needs its line in crates/tidy/allow/{list}.txt"));
        }
    }
    none(offences, instead);
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    let bare = |f: &File| !f.text.starts_with("//!") || f.text.starts_with("//! (being written)");
    let offences = rust().iter().filter(|f| bare(f)).map(|f| f.path.clone()).collect();
    none(offences, "Open the file with `//!`: what it is, and what it must never do.");
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let sizes: Vec<_> = rust().iter().map(|f| (f.path.clone(), f.text.lines().count(), FILE_LINES)).collect();
    held("long-files", &sizes, "Part the file by what it speaks of; inline tests move to `tests.rs` beside it.");
}

#[test]
fn no_function_is_longer_than_70_lines_and_no_handler_longer_than_40() {
    let mut sizes = Vec::new();
    for file in rust() {
        let routes = file.path.starts_with("crates/web/src/routes/");
        for f in Source::of(&file).functions() {
            let limit = if routes && f.handler { HANDLER_LINES } else { FUNCTION_LINES };
            sizes.push((format!("{}:{}", file.path, f.name), f.lines, limit));
        }
    }
    held("long-functions", &sizes, "A function does one thing; a handler calls one use case and makes a page of it.");
}

/// Names that belong to packs: places with their level's word taken off where what is left is still a name.
fn pack_names() -> Vec<String> {
    let mut names = Vec::new();
    for list in files("packs", "regions.csv") {
        let mut lines = list.text.lines();
        let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        let column = |name: &str| head.iter().position(|h| h.trim() == name);
        let (Some(name), Some(display), Some(level)) = (column("name"), column("display"), column("level")) else {
            continue;
        };
        for cells in lines.map(|l| l.split(',').collect::<Vec<_>>()) {
            let level = cells.get(level).copied().unwrap_or_default();
            if !matches!(level, "county" | "town" | "village") {
                continue;
            }
            for full in [cells.get(name), cells.get(display)].into_iter().flatten() {
                names.push((*full).to_owned());
                let stem = full
                    .trim_end_matches(['县', '旗', '区', '镇', '乡', '村'])
                    .trim_end_matches("街道")
                    .trim_end_matches("社区");
                if level == "county" || stem.chars().count() >= 3 {
                    names.push(stem.to_owned());
                }
            }
        }
    }
    names.sort();
    names.dedup();
    names.retain(|n| n.chars().count() >= 2);
    names
}

/// Packs of counties; what stands in `base` has no name of its own.
fn pack_ids() -> Vec<String> {
    let ids = files("packs", "pack.toml").into_iter().filter_map(|f| f.path.split('/').nth(1).map(str::to_owned));
    ids.filter(|id| id != "base").collect()
}

#[test]
fn no_place_and_no_pack_is_named_in_rust_or_on_a_page() {
    let names: Vec<String> = pack_names().into_iter().chain(pack_ids()).collect();
    let mut pages = files("crates/web/templates", ".html");
    pages.extend(files("crates/web/locales", ".toml"));
    pages.extend(files("crates/web/static", ""));
    let rust = shipped().into_iter().map(|(f, _)| f);
    let mut offences = Vec::new();
    for file in rust.chain(pages) {
        for (n, line) in file.lines() {
            let hits = names.iter().filter(|name| line.contains(name.as_str()));
            offences.extend(hits.map(|name| format!("{}:{n}: {name}", file.path)));
        }
    }
    none(offences, "A county is data: read the name from the pack, or write an example that is nowhere (如 天边村).");
}

/// Kinds, measures, indicators and posts of the packs, which Rust may not know by name.
fn scheme_ids() -> Vec<String> {
    let kinds = files("packs", ".toml").into_iter().filter(|f| f.path.contains("/matters/"));
    let mut ids: Vec<String> =
        kinds.filter_map(|f| Some(f.path.rsplit('/').next()?.trim_end_matches(".toml").to_owned())).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Ids of posts such as `village.secretary`.
fn post_ids() -> Vec<String> {
    let lists = files("packs", ".toml")
        .into_iter()
        .filter(|f| f.path.rsplit('/').next().is_some_and(|n| n.starts_with("posts")));
    let ids = lists.flat_map(|f| {
        f.text
            .lines()
            .filter_map(|l| l.strip_prefix("id = ").map(|v| v.trim_matches('"').to_owned()))
            .collect::<Vec<_>>()
    });
    ids.collect()
}

#[test]
fn no_kind_measure_or_post_of_a_pack_is_known_to_rust() {
    let (kinds, posts) = (scheme_ids(), post_ids());
    let excused = file("crates/tidy/allow/same-words.txt").text;
    let excused: Vec<&str> = excused.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let mut met = vec![false; excused.len()];
    let mut offences = Vec::new();
    for (file, source) in shipped() {
        for (line, text) in source.strings.iter().filter(|(n, _)| !source.in_tests(*n)) {
            let head = text.split('.').next().unwrap_or_default();
            let kind = kinds.iter().any(|k| k == head)
                && text.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '.' | '_'));
            if !kind && !posts.contains(text) {
                continue;
            }
            match excused.iter().position(|e| *e == format!("{} {text}", file.path)) {
                Some(at) => met[at] = true,
                None => offences.push(format!("{}:{line}: \"{text}\"", file.path)),
            }
        }
    }
    let vain = excused.iter().zip(&met).filter(|(_, met)| !**met);
    offences.extend(vain.map(|(e, _)| format!("{e}: no longer needs its line in crates/tidy/allow/same-words.txt")));
    none(offences, "A kind of a pack is found through what the pack says of it (a flag, a setting), never by its id.");
}

#[test]
fn only_the_dialect_tells_the_databases_apart() {
    let mut offences = Vec::new();
    let engines = ["crates/store/src/dialect.rs", "crates/store/src/file.rs", "crates/store/src/server.rs"];
    for (file, source) in shipped().into_iter().filter(|(f, _)| !engines.contains(&f.path.as_str())) {
        for mark in ["FileDb", "FileTx", "server::", "AssertSqlSafe", "PgPool", "rusqlite::Con", "Kind::Sqlite"] {
            offences.extend(source.lines_with(mark).into_iter().map(|n| format!("{}:{n}: {mark}", file.path)));
        }
        let outside =
            !file.path.starts_with("crates/store/") && !file.path.starts_with("crates/server/src/commands/bench");
        if outside {
            // A driver's name may stand where its errors are taken in.
            for driver in ["sqlx::", "rusqlite::"] {
                offences.extend(source.lines_with(driver).into_iter().map(|n| format!("{}:{n}: {driver}", file.path)));
            }
        }
    }
    none(offences, "One SQL text and one body for both: put what differs into crates/store/src/dialect.rs.");
}

#[test]
fn time_and_chance_are_handed_in() {
    let mut offences = Vec::new();
    for (file, source) in shipped().into_iter().filter(|(f, _)| f.path != "crates/app/src/clock.rs") {
        let mut marks = vec![
            "SystemTime::now",
            "Utc::now",
            "Local::now",
            "Zoned::now",
            "Timestamp::now",
            "rand::rng()",
            "thread_rng",
        ];
        // Measuring how long something took is for the command line alone.
        if !file.path.starts_with("crates/server/") && !file.path.contains("/examples/") {
            marks.push("Instant::now");
        }
        for mark in marks {
            offences.extend(source.lines_with(mark).into_iter().map(|n| format!("{}:{n}: {mark}", file.path)));
        }
    }
    none(offences, "Take the time from `app::Clock` and chance from `Secrets`, so that tests and replay can set them.");
}

#[test]
fn nothing_here_watches_or_ranks_staff() {
    let mut offences = Vec::new();
    let mut read = files("packs", "");
    read.extend(files("crates/web/templates", ""));
    read.extend(files("crates/web/locales", ""));
    read.extend(files("crates/web/static", ""));
    read.extend(shipped().into_iter().map(|(f, _)| f));
    for file in read {
        for (n, line) in file.lines() {
            offences.extend(NEVER.iter().filter(|w| line.contains(**w)).map(|w| format!("{}:{n}: {w}", file.path)));
        }
    }
    for file in files("crates/web/src/routes", ".rs").into_iter().chain(files("packs", ".toml")) {
        for (n, line) in file.lines().map(|(n, l)| (n, l.to_lowercase())) {
            let hits = NEVER_WORDS.iter().filter(|w| line.contains(**w));
            offences.extend(hits.map(|w| format!("{}:{n}: {w}", file.path)));
        }
    }
    none(offences, "DESIGN §8: no check-in, no ranking of staff, no online time, no install rates. Leave it out.");
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let manifest = file("Cargo.toml");
    let table = manifest.text.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    let table = table.split("\n[").next().unwrap_or_default();
    let lines = table.lines().filter(|l| l.contains('=') && !l.starts_with('#') && !l.contains("path = "));
    let offences = lines.filter(|l| !l.contains(" # ")).map(str::to_owned).collect();
    none(offences, "Add ` # what it is for` behind the dependency in the root Cargo.toml.");
    let own: Vec<String> = files("crates", "Cargo.toml")
        .iter()
        .flat_map(|f| {
            f.lines()
                .filter(|(_, l)| l.contains("version = \""))
                .map(|(n, _)| format!("{}:{n}", f.path))
                .collect::<Vec<_>>()
        })
        .collect();
    none(own, "Versions stand in the root Cargo.toml alone: write `name.workspace = true`.");
}

#[test]
fn every_crate_takes_the_house_lints() {
    let manifests = files("crates", "Cargo.toml");
    // The one call that has no safe form has a crate of its own, which says its lints itself (docs/adr/0022).
    let ours = |f: &&File| !f.path.starts_with("crates/memory/");
    let bare = manifests.iter().filter(ours).filter(|f| !f.text.contains("[lints]\nworkspace = true"));
    none(bare.map(|f| f.path.clone()).collect(), "Add `[lints]` with `workspace = true`.");
}

#[test]
fn templates_hold_no_words_of_their_own() {
    let mut offences = Vec::new();
    for file in files("crates/web/templates", ".html") {
        let shown = without(&file.text, "{#", "#}");
        for (n, line) in shown.lines().enumerate().filter(|(_, l)| l.chars().any(is_han)) {
            let words: String = line.chars().filter(|c| is_han(*c)).take(20).collect();
            offences.push(format!("{}:{}: {words}", file.path, n + 1));
        }
    }
    for file in files("crates/web/static", ".js") {
        let shown = without(&without(&file.text, "/*", "*/"), "//", "\n");
        for (n, line) in shown.lines().enumerate().filter(|(_, l)| l.chars().any(is_han)) {
            offences.push(format!("{}:{}: {}", file.path, n + 1, line.trim()));
        }
    }
    none(offences, "Put the words into crates/web/locales/*/ and write {{ t(\"area.key\") }}.");
}

#[test]
fn both_languages_hold_every_word_that_a_template_asks_for() {
    let mut offences = Vec::new();
    for tag in ["zh-CN", "en"] {
        let mut keys = Vec::new();
        for file in files(&format!("crates/web/locales/{tag}"), ".toml") {
            let area = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".toml").to_owned();
            let names =
                file.text.lines().filter_map(|l| l.split_once(" = ").map(|(k, _)| format!("{area}.{}", k.trim())));
            keys.extend(names.collect::<Vec<_>>());
        }
        for file in files("crates/web/templates", ".html") {
            for (n, line) in file.lines() {
                for (at, _) in line.match_indices("t(\"").chain(line.match_indices("t('")) {
                    if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                        continue;
                    }
                    let key = line[at + 3..].split(['"', '\'']).next().unwrap_or_default();
                    let whole = key.contains('.') && !key.ends_with(['.', '_']) && !key.contains(' ');
                    if whole && !keys.iter().any(|k| k == key) {
                        offences.push(format!("{}:{n}: {key} is not in {tag}", file.path));
                    }
                }
            }
        }
    }
    none(offences, "Add the key to both languages.");
}

/// Unsafe code is one call in a crate of its own (docs/adr/0022); every other crate has it forbidden by the house's lints.
#[test]
fn unsafe_code_is_one_call() {
    let called = |f: &File| -> Vec<String> {
        let code = f.lines().filter(|(_, l)| l.split("//").next().is_some_and(|code| code.contains("unsafe {")));
        code.map(|(n, _)| format!("{}:{n}", f.path)).collect()
    };
    let calls: Vec<String> = shipped().iter().flat_map(|(f, _)| called(f)).collect();
    assert!(matches!(calls.as_slice(), [one] if one.starts_with("crates/memory/src/lib.rs")), "{calls:?}");
}
