//! How well duplicates are noticed: the county's matters told again by others, judged as the desk judges them. Prints what
//! is reached and holds a floor.

use std::collections::HashMap;
use xiangyue_app::{App, AppOptions, Clock};
use xiangyue_domain::day::Day;
use xiangyue_domain::policy::Level;
use xiangyue_domain::similar::{Evidence, Rarity, kinship, likelihood, near, overlap};
use xiangyue_domain::words::WordKey;
use xiangyue_pack::{Loaded, PackFiles, load};
use xiangyue_simulate::{Options, Telling, tellings};

fn pack() -> Loaded {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(PackFiles::default_name());
    load(PackFiles::at(&dir).unwrap()).unwrap()
}

/// A pair that was looked at.
struct Pair {
    evidence: Evidence,
    same: bool,
}

/// Every telling against those before it at its place, within the days.
fn pairs(app: &App, loaded: &Loaded, all: &[Telling], days: i64) -> (Vec<Vec<Pair>>, usize) {
    let directory = app.directory();
    let key = WordKey::new("a county");
    let grams: Vec<Vec<u32>> = all
        .iter()
        .map(|t| key.grams(["words", "spot"].iter().filter_map(|f| t.typed.get(*f)).map(String::as_str)))
        .collect();
    let mut rarity = Rarity::default();
    let mut by_village: HashMap<i64, Vec<usize>> = HashMap::new();
    let mut out = Vec::new();
    let mut again = 0;
    for (i, told) in all.iter().enumerate() {
        let day = told.at.day();
        let village = directory.tree.at_level(told.place, Level::Village, day).map_or(0, |v| v.0);
        let before = by_village.entry(village).or_default();
        let kind = loaded.policy.kind(&told.kind);
        let catalogue = kind.and_then(|k| k.field("category")).and_then(|f| f.catalogue.as_deref());
        let catalogue = catalogue.and_then(|c| loaded.policy.catalogue(c));
        let category = |t: &Telling| t.typed.get("category").cloned().unwrap_or_default();
        let mut found = Vec::new();
        for j in before.iter().rev().take(60) {
            let other = &all[*j];
            let hours = (told.at.0 - other.at.0) as f64 / 3_600_000.0;
            if hours > days as f64 * 24.0 || other.kind != told.kind {
                continue;
            }
            let (share, shared) = overlap(&grams[i], &grams[*j], &rarity);
            let phone = |t: &Telling| t.typed.get("reporter_phone").cloned();
            let same_phone = phone(told).zip(phone(other)).map(|(a, b)| a == b);
            let evidence = Evidence {
                share,
                shared,
                near: near(&directory.tree, told.place, other.place, day),
                hours,
                kin: kinship(catalogue, &category(told), &category(other)),
                same_phone,
            };
            found.push(Pair { evidence, same: other.of == told.of });
        }
        again += usize::from(told.again);
        out.push(found);
        before.push(i);
        rarity.learn(&grams[i]);
    }
    (out, again)
}

/// Share of suggestions that are right, share of re-tellings for which the right one is suggested.
fn reached(pairs: &[Vec<Pair>], again: usize, from: f64) -> (f64, f64, usize) {
    let (mut right, mut all, mut found) = (0usize, 0usize, 0usize);
    for told in pairs {
        let suggested: Vec<&Pair> = told.iter().filter(|p| likelihood(&p.evidence) >= from).collect();
        all += suggested.len();
        right += suggested.iter().filter(|p| p.same).count();
        found += usize::from(suggested.iter().any(|p| p.same));
    }
    let share = |a: usize, b: usize| if b == 0 { 1.0 } else { a as f64 / b as f64 };
    (share(right, all), share(found, again), all)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_are_noticed() {
    let loaded = pack();
    let dir = tempfile::tempdir().unwrap();
    let now = Day::ymd(2021, 5, 31).unwrap().at_minute(16 * 60 + 40);
    let options = AppOptions {
        database: dir.path().join("xiangyue.db").display().to_string(),
        files: dir.path().join("files"),
        key_file: dir.path().join("key"),
        clock: Clock::fixed(now),
        seed: Some(7),
    };
    let app = App::open(options, loaded.policy.clone()).await.unwrap();
    // Five of the period's seventeen months, as dense as the whole.
    let scaled = Options { from: Day::ymd(2021, 1, 1), scale: 5.0 / 17.0, seed: 11, ..Options::default() };
    let all = tellings(&app, &loaded, scaled).await.unwrap();
    let rule = loaded.policy.settings.as_ref().map(|s| s.similar).unwrap_or_default();
    let (pairs, again) = pairs(&app, &loaded, &all, i64::from(rule.days));
    println!(
        "{} tellings, {again} of them again, {} pairs looked at",
        all.len(),
        pairs.iter().map(Vec::len).sum::<usize>()
    );
    for from in [30, 40, 50, 60, 70, 80, 90] {
        let (precision, recall, n) = reached(&pairs, again, f64::from(from) / 100.0);
        println!("from {from} %: precision {precision:.3}, recall {recall:.3}, {n} suggestions");
    }
    if let Ok(path) = std::env::var("PAIRS") {
        let line = |p: &Pair| {
            let e = p.evidence;
            format!(
                "{},{},{},{},{},{},{}",
                u8::from(p.same),
                e.share,
                e.shared,
                e.near as u8,
                e.hours,
                e.kin,
                e.same_phone.map_or(2, u8::from)
            )
        };
        let text: Vec<String> = pairs.iter().flatten().map(line).collect();
        std::fs::write(path, text.join("\n")).unwrap();
    }
    let (precision, recall, _) = reached(&pairs, again, f64::from(rule.from) / 100.0);
    println!("the pack's rule, {} days, from {} %: precision {precision:.3}, recall {recall:.3}", rule.days, rule.from);
    assert!(precision >= 0.9 && recall >= 0.7, "precision {precision:.3}, recall {recall:.3}");
}
