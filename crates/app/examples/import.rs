//! How long the import of a large file takes, and where the time goes: reading, checking, making ready, committing.
//! Nothing is asserted; the figures are for docs/BENCHMARKS.md with their machine.
//!
//! `cargo run --release -p xiangyue-app --example import -- [ROWS] [SHEET] [PACK] [DATABASE]`

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;
use xiangyue_app::import::State;
use xiangyue_app::matter::OpenForm;
use xiangyue_app::{App, AppOptions, Clock, rebuild};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Direction, Level, Sheet};
use xiangyue_pack::{Loaded, PackFiles, load};
use xiangyue_sheet::{File, Limits, Out, write_xlsx};

/// Matters made ready by themselves, to see what that costs.
const READY: usize = 5_000;

type Fault = Box<dyn Error>;

/// The same as the program's: what is measured is what runs in a county.
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let mut args = std::env::args().skip(1);
    let rows: usize = args.next().unwrap_or_else(|| "100000".to_owned()).parse()?;
    let wanted = args.next();
    let pack = args.next().unwrap_or_else(PackFiles::default_name);
    let folder = tempfile::tempdir()?;
    let database = args.next().unwrap_or_else(|| folder.path().join("bench.db").display().to_string());
    let loaded = PackFiles::named(&pack).and_then(load).map_err(|f| format!("{f:?}"))?;
    let app = county(folder.path(), database, &loaded).await?;
    let sheets = loaded.policy.sheets(Direction::In);
    let keyed = |s: &&Sheet| wanted.as_ref().map_or(!s.key.is_empty() && !s.is_register(), |id| s.id == *id);
    let sheet = sheets.iter().find(keyed).ok_or("no such sheet")?;

    let begun = Mark::now();
    let bytes = workbook(&loaded, sheet, rows)?;
    say("the file itself", rows, begun, &format!("{:.1} MB", bytes.len() as f64 / 1e6));

    let begun = Mark::now();
    let mut read = 0;
    File::open(&bytes, &Limits::default())?.rows(0, &mut |_| {
        read += 1;
        ControlFlow::Continue(())
    })?;
    say("reading", read, begun, "every part unpacked twice: once by the guard, once by the reader");

    let begun = Mark::now();
    let (job, look) = app.import_file(sheet, "bench.xlsx", bytes.clone(), None, &|_, _| {}).await?;
    say(
        "checking (with reading)",
        rows,
        begun,
        &format!("{} good, {} faults {:?}", job.good, job.faults, look.faults.first()),
    );
    app.forget_import(&job).await?;

    ready(&app, &loaded, sheet)?;

    let begun = Mark::now();
    let (job, _) = app.import_file(sheet, "bench.xlsx", bytes, Some(false), &|_, _| {}).await?;
    say("checking and importing", rows, begun, &format!("{} taken in", job.taken));
    assert_eq!(job.state, State::Done, "it was taken in");
    println!("most memory {:.0} MB", peak());
    let begun = Mark::now();
    let verdict = rebuild::verify(app.pool(), app.realm()).await?;
    say("verify", usize::try_from(verdict.entries)?, begun, &format!("{:?}", verdict.fault));
    Ok(())
}

/// A moment: by the wall, and by what the processor has done for this process. On a shared machine the second says more.
#[derive(Clone, Copy)]
struct Mark {
    wall: Instant,
    busy: f64,
}

impl Mark {
    fn now() -> Mark {
        Mark { wall: Instant::now(), busy: busy() }
    }
}

fn say(what: &str, rows: usize, begun: Mark, note: &str) {
    let seconds = begun.wall.elapsed().as_secs_f64();
    let busy = busy() - begun.busy;
    println!("{what:<26} {seconds:>7.2} s, processor {busy:>6.2} s {:>8.0} rows/s   {note}", rows as f64 / seconds);
}

/// Seconds of the processor so far, all threads.
fn busy() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

async fn county(folder: &Path, database: String, loaded: &Loaded) -> Result<App, Fault> {
    let options = AppOptions {
        database,
        files: folder.join("files"),
        key_file: folder.join("master.key"),
        clock: Clock::System,
        seed: Some(1),
    };
    let app = App::open(options, loaded.policy.clone()).await?;
    app.install(app.now(), loaded).await?;
    Ok(app)
}

/// Values of one invented row by field.
fn cell(loaded: &Loaded, sheet: &Sheet, field: &str, i: usize) -> String {
    let kind = loaded.policy.kind(&sheet.subject);
    let catalogue = kind.and_then(|k| k.field(field)).and_then(|f| loaded.policy.catalogue(f.catalogue.as_deref()?));
    if let Some(catalogue) = catalogue {
        let leaves: Vec<_> = catalogue.items.iter().filter(|c| catalogue.is_leaf(&c.code)).collect();
        return leaves.get(i % leaves.len().max(1)).map(|c| c.code.clone()).unwrap_or_default();
    }
    let villages = loaded.regions.iter().filter(|r| r.level == Level::Village);
    match field {
        "place" => villages.clone().nth(i % villages.count().max(1)).map(|r| r.code.clone()).unwrap_or_default(),
        "reporter_name" => format!("甲某{}", i % 977),
        "reporter_phone" => format!("199{:08}", i % 100_000_000),
        "words" => format!("第{i}件：门口的路一下雨就积水，老人出门不方便，请帮忙看看什么时候能修，盼回复。"),
        "spot" => format!("{}号门口", i % 300),
        "upper_due" => "2031年3月9日".to_owned(),
        "upper_at" => "2030-12-30 10:20".to_owned(),
        "urgency" | "confidential" | "reporter_address" => String::new(),
        _ => format!("CS{i:08}"),
    }
}

fn workbook(loaded: &Loaded, sheet: &Sheet, rows: usize) -> Result<Vec<u8>, Fault> {
    let head: Vec<String> = sheet.columns.iter().map(|c| c.heading.clone()).collect();
    let row = |i: usize| sheet.columns.iter().map(|c| Out::plain(cell(loaded, sheet, &c.field, i))).collect();
    let rows: Vec<Vec<Out>> = (0..rows).map(row).collect();
    Ok(write_xlsx(&sheet.name, &[], &head, &rows)?)
}

/// What it costs to make a matter ready: its key, its ciphertext, its tokens.
fn ready(app: &App, loaded: &Loaded, sheet: &Sheet) -> Result<(), Fault> {
    let fields: Vec<&str> = sheet.columns.iter().map(|c| c.field.as_str()).collect();
    let form = |i: usize| OpenForm {
        kind: sheet.subject.clone(),
        place: RegionId(1),
        source_no: Some(format!("R{i}")),
        typed: fields
            .iter()
            .map(|f| ((*f).to_owned(), cell(loaded, sheet, f, i)))
            .filter(|(f, v)| !v.is_empty() && !f.starts_with("upper_") && f != "place")
            .collect(),
        ..OpenForm::default()
    };
    let forms: Vec<OpenForm> = (0..READY).map(form).collect();
    let begun = Mark::now();
    for (i, form) in forms.into_iter().enumerate() {
        app.prepare_open(form, &format!("ready/{i}")).map_err(|r| format!("{r:?}"))?;
    }
    say("making ready, one thread", READY, begun, "key, ciphertext, tokens, words");
    Ok(())
}

/// Most memory of this process so far, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
