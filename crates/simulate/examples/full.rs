//! The whole simulation in a temporary folder, with its seconds and its figures beside the pack's. Measures only; it
//! must never be pointed at real data.

use std::error::Error;
use std::time::Instant;
use xiangyue_app::period::Period;
use xiangyue_app::{App, AppOptions, Clock, Filter, Scope};
use xiangyue_domain::day::Day;
use xiangyue_domain::matter::Matter;
use xiangyue_pack::{PackFiles, load};
use xiangyue_simulate::{Options, run};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let until = args.next().and_then(|a| Day::parse(&a));
    let scale: f64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(1.0);
    let check = args.next().is_some_and(|a| a == "check");
    let files = PackFiles::named(&PackFiles::default_name()).map_err(|f| format!("{f:?}"))?;
    let loaded = load(files).map_err(|f| format!("{f:#?}"))?;
    let dir = std::env::temp_dir().join(format!("xiangyue-full-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let options = AppOptions {
        database: dir.join("xiangyue.db").display().to_string(),
        files: dir.join("files"),
        key_file: dir.join("key"),
        clock: Clock::System,
        seed: Some(1),
    };
    let app = App::open(options, loaded.policy.clone()).await?;
    let begun = Instant::now();
    let progress = Box::new(move |done: u64, total: u64| {
        if done % 10_000 < 250 {
            eprintln!("{done}/{total} {:.1} s", begun.elapsed().as_secs_f64());
        }
    });
    let summary = run(&app, &loaded, Options { until, scale, seed: 1, progress, ..Options::default() }).await?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{summary:#?}\n{seconds:.1} s, {:.0} commands/s", f64::from(u32::try_from(summary.commands)?) / seconds);
    let root = app.directory().tree.root(summary.until).ok_or("no root")?;
    let period = Period::closed(summary.from, summary.until);
    for figure in &loaded.figures {
        let made = app.figure(&figure.indicator, root, period).await?;
        let value = made.value.unwrap_or(f64::NAN);
        println!(
            "{} {} {value:.3} {} {} {}",
            figure.figure,
            figure.indicator,
            figure.bound,
            figure.expected,
            figure.holds(value)
        );
    }
    for indicator in &app.policy().indicators {
        let base = Period::closed(summary.base, summary.from.plus(-1));
        let (now, before) =
            (app.figure(&indicator.id, root, period).await?, app.figure(&indicator.id, root, base).await?);
        println!(
            "{:28} {:>14.2} {:>14.2}",
            indicator.id,
            now.value.unwrap_or(f64::NAN),
            before.value.unwrap_or(f64::NAN)
        );
    }
    if check {
        let begun = Instant::now();
        println!("verify {:?}", xiangyue_app::rebuild::verify(app.pool(), app.realm()).await?);
        println!("rebuild {:?} {:.1} s", app.check_rebuild().await?, begun.elapsed().as_secs_f64());
    }
    worklist(&app, &summary).await?;
    if std::env::var("SAMPLE").is_ok() {
        for id in ["a", "b", "c"] {
            if let Some(id) = xiangyue_simulate::story(&app, id).await? {
                for matter in app.pool().matters_any(app.realm(), &[id.0]).await? {
                    told(&app, &matter).await?;
                }
            }
        }
        sample(&app).await?;
    }
    let bytes = std::fs::metadata(dir.join("xiangyue.db"))?.len();
    println!("{} MB in {}", bytes / 1_000_000, dir.display());
    std::env::var("KEEP").map(|_| ()).or_else(|_| std::fs::remove_dir_all(&dir))?;
    Ok(())
}

/// What is open and what is overdue, by kind.
async fn worklist(app: &App, summary: &xiangyue_simulate::Summary) -> Result<(), Box<dyn Error>> {
    let now = if summary.until == app.now().day() { app.now().0 } else { summary.until.plus(1).start().0 - 60_000 };
    let scope = Scope { all: true, ..Scope::default() };
    for kind in &app.policy().kinds {
        let filter = |overdue_at| Filter {
            kinds: vec![kind.id.clone()],
            phase: "active".to_owned(),
            before: i64::MAX,
            limit: 1000,
            overdue_at,
            ..Filter::default()
        };
        let open = app.pool().list_matters(app.realm(), &scope, &filter(0)).await?;
        let overdue = app.pool().list_matters(app.realm(), &scope, &filter(now)).await?;
        let mut steps = std::collections::BTreeMap::<&str, usize>::new();
        for matter in &open {
            *steps.entry(&matter.step).or_default() += 1;
        }
        println!("{}: open {} overdue {} {steps:?}", kind.id, open.len(), overdue.len());
    }
    Ok(())
}

/// A few matters of each kind with all that was said.
async fn sample(app: &App) -> Result<(), Box<dyn Error>> {
    let scope = Scope { all: true, ..Scope::default() };
    for kind in &app.policy().kinds {
        let filter = Filter { kinds: vec![kind.id.clone()], before: i64::MAX, limit: 4000, ..Filter::default() };
        for matter in app.pool().list_matters(app.realm(), &scope, &filter).await?.iter().step_by(397) {
            told(app, matter).await?;
        }
    }
    Ok(())
}

async fn told(app: &App, matter: &Matter) -> Result<(), Box<dyn Error>> {
    let day = matter.accepted;
    println!(
        "\n{} {} {} {}",
        matter.number,
        matter.kind,
        app.directory().tree.display(matter.place, day),
        serde_json::to_string(&matter.values)?
    );
    let subject = app.subject_of(matter).await?;
    for trail in &matter.trail {
        let texts: Vec<_> =
            matter.secrets.iter().filter(|s| s.0 == trail.seq).map(|s| app.secrets().open(&subject, &s.1)).collect();
        println!(
            "  {} {} → {} {} {texts:?}",
            trail.at,
            trail.mv,
            trail.to,
            trail.by.post().map_or(String::new(), |p| p.key())
        );
    }
    Ok(())
}
