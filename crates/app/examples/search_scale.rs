//! Measures the search at scale: takes a simulated county, repeats its matters until there are so many, and prints how
//! long searches take under the scopes people have. `search_scale DIR [MATTERS]`; DIR is written to, so give a copy.

use std::path::PathBuf;
use std::time::Instant;
use xiangyue_app::{App, AppOptions, Clock, Filter};
use xiangyue_domain::ids::AccountId;
use xiangyue_pack::{PackFiles, load};
use xiangyue_store::{Arg, Row, WordsRow};

type Said = Result<(), Box<dyn std::error::Error>>;

/// What people type: common and rare, one character and many, several words, numbers, rubbish.
const ASKED: &[&str] = &[
    "水",
    "路",
    "停水",
    "路灯",
    "路灯不亮",
    "医保",
    "噪音",
    "噪音扰民",
    "井盖",
    "污水外溢",
    "供暖",
    "暖气不热",
    "低保",
    "土地",
    "宅基地",
    "垃圾",
    "羊",
    "狗",
    "牲口饮水",
    "老人 停水",
    "停水 三天",
    "物业",
    "小卖部门口",
    "物業",
    "３天",
    "隰",
    "崾崄",
    "12345",
    "没有这样的话",
    "的",
    "一",
    "不",
    "了三",
    "水 电 路 气",
    "* %",
    "来电人反映",
];

#[tokio::main]
async fn main() -> Said {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().ok_or("search_scale DIR [MATTERS]")?);
    let wanted: i64 = args.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let loaded = load(PackFiles::named(&PackFiles::default_name()).map_err(|f| format!("{f:?}"))?)
        .map_err(|f| format!("{f:?}"))?;
    let options = AppOptions {
        database: std::env::var("DATABASE_URL").unwrap_or_else(|_| dir.join("xiangyue.db").display().to_string()),
        files: dir.join("attachments"),
        key_file: dir.join("keys/master.key"),
        clock: Clock::System,
        seed: None,
    };
    let app = App::open(options, loaded.policy).await?;
    let realm = app.realm();
    if app.pool().count_words(realm).await? == 0 {
        let begun = Instant::now();
        let n = app.reindex(&|_| {}).await?;
        println!("indexed {n} matters in {:.1} s", begun.elapsed().as_secs_f64());
    }
    loop {
        let missing = wanted - app.pool().count_matters(realm).await?;
        if missing <= 0 {
            break;
        }
        repeat(&app, missing).await?;
    }
    println!("{} matters, {} with words", app.pool().count_matters(realm).await?, app.pool().count_words(realm).await?);
    let day = app.now().day();
    for post in ["county", "town", "village", "unit"] {
        let directory = app.directory();
        let policy = app.policy();
        let of = |level: &str| {
            directory.accounts.values().find(|a| {
                directory.posts_of(a.id, day).first().and_then(|h| policy.post(&h.post)).is_some_and(|p| {
                    if level == "unit" { p.unit } else { !p.unit && p.level.as_str() == level && !p.rights.is_empty() }
                })
            })
        };
        let Some(account) = of(post) else { continue };
        measure(&app, post, account.id).await?;
    }
    app.pool().close().await;
    Ok(())
}

/// So many matters once more, under new ids.
async fn repeat(app: &App, missing: i64) -> Said {
    let begun = Instant::now();
    let realm = app.realm();
    let sums = app.pool().rows("select max(id), min(id) from matter where realm = $1", &[realm.into()]).await?;
    let off = sums.first().map_or(0, |r| r.int(0));
    let last = "select id from matter where realm = $1 order by id limit 1 offset $2";
    let last = app.pool().rows(last, &[realm.into(), missing.into()]).await?.first().map_or(off, |r| r.int(0));
    let mut tx = app.pool().begin().await?;
    for sql in [
        "insert into matter select realm, id + $2, number, kind, step, phase, place, village, town, holder, due, null, accepted,
           opened_at, category, channel, urgency, opener, bypass, sealed, gone,
           replace(state, '{\"id\":' || id || ',', '{\"id\":' || (id + $2) || ',') from matter where realm = $1 and id <= $3",
        "insert into matter_party select realm, key, matter + $2 from matter_party where realm = $1 and matter <= $3",
    ] {
        tx.exec(sql, &[realm.into(), Arg::Int(off), last.into()]).await?;
    }
    let words = "select id, facets, words from matter_words where realm = $1 and id <= $2";
    let words = app.pool().rows(words, &[realm.into(), last.into()]).await?;
    let row = |r: &Row| (r.int(0) + off, WordsRow { facets: r.text(1).to_owned(), words: r.text(2).to_owned() });
    tx.reindex(realm, &[], words.iter().map(row).collect()).await?;
    tx.commit().await?;
    println!("repeated in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

async fn measure(app: &App, post: &str, account: AccountId) -> Said {
    let mut times = Vec::new();
    let mut worst = (0.0, "", 0);
    for round in 0..5 {
        for asked in ASKED {
            let filter = Filter { limit: 41, ..Filter::default() };
            let begun = Instant::now();
            let found = app.search_for(account, asked, &filter).await?;
            let took = begun.elapsed().as_secs_f64() * 1000.0;
            if round > 0 {
                times.push(took);
                if took > worst.0 {
                    worst = (took, asked, found.matters.len());
                }
            }
            if round == 1 && std::env::var("VERBOSE").is_ok() {
                println!("  {post:<8} {took:7.2} ms {:3} {:?} {asked}", found.matters.len(), found.next.is_some());
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len() - 1)).copied().unwrap_or(0.0);
    println!(
        "{post:<8} p50 {:.2} ms, p95 {:.2} ms, worst {:.1} ms ({}, {} found)",
        at(50),
        at(95),
        worst.0,
        worst.1,
        worst.2
    );
    Ok(())
}
