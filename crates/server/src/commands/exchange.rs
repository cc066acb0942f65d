//! `xiangyue import` and `export`: spreadsheets in and out, through the same checks as on the desk. Nothing is
//! half-imported; nothing that names a person leaves without a purpose, which is logged.

use crate::cli::Data;
use crate::open::{self, Said};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use xiangyue_app::export::{FileKind, Taker};
use xiangyue_app::import::{CellFault, Corrected, Job, Look, State, What};
use xiangyue_app::{App, AppError, Filter, Scope};
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::policy::Direction;
use xiangyue_web::Locales;

/// Rows read at once.
const STEP: i64 = 2000;
/// Faults printed at most; the corrected file has all of them.
const PRINTED: usize = 200;

/// What is wanted of an import.
pub struct Wanted {
    /// Sheet.
    pub sheet: String,
    /// Rows with faults are left out.
    pub only_good: bool,
    /// Only look.
    pub check: bool,
    /// Where the corrected file goes.
    pub corrected: Option<PathBuf>,
}

/// `import`
pub async fn import(data: &Data, file: &Path, wanted: &Wanted) -> Result<(), Said> {
    let (app, _) = open::existing(data).await?;
    let words = Locales::embedded();
    let sheet = app.policy().sheet(Direction::In, &wanted.sheet).ok_or_else(|| no_sheet(&app, Direction::In))?;
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} 行").unwrap_or(ProgressStyle::default_bar()));
    let progress = |done: u64, of: u64| {
        bar.set_length(of.max(done));
        bar.set_position(done);
    };
    let only_good = (!wanted.check).then_some(wanted.only_good);
    let (job, look) =
        app.import_file(&sheet, &name, bytes, only_good, &progress).await.map_err(|e| said(&words, &e))?;
    bar.finish_and_clear();
    let told = tell(&app, &words, &job, &look, wanted).await;
    app.forget_import(&job).await.map_err(|e| said(&words, &e))?;
    told
}

/// Says what came of it, and writes the corrected file if it is wanted.
async fn tell(app: &App, words: &Locales, job: &Job, look: &Look, wanted: &Wanted) -> Result<(), Said> {
    if let Some((key, most)) = &job.refused {
        let max = most.map(|m| m.to_string()).unwrap_or_default();
        return Err(words.say(&format!("refusal.sheet_{key}"), &[("max".to_owned(), max)]));
    }
    if !look.missing.is_empty() {
        return Err(words.say("import.match_missing", &[("list".to_owned(), words.say_list(&look.missing))]));
    }
    for fault in look.faults.iter().take(PRINTED) {
        println!("{} {}", fault.address(), words.say(&fault.key, &fault.args));
    }
    if job.faults > PRINTED as u64 {
        println!("…… 共 {} 处,用 --corrected FILE 看全部", job.faults);
    }
    if let Some(path) = &wanted.corrected {
        let say = |fault: &CellFault| words.say(&fault.key, &fault.args);
        let text = |key: &str| words.say(key, &[]);
        let (row, reason, same) = (text("import.column_row"), text("import.column_reason"), text("import.already"));
        let corrected = Corrected { row, reason, same, notes: Vec::new(), say: &say };
        let bytes = app.corrected(job, &corrected).await.map_err(|e| said(words, &e))?;
        std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("已写到 {}", path.display());
    }
    let counts = [("rows", job.rows), ("good", job.good), ("bad", job.bad), ("same", job.same)];
    let counts: Vec<(String, String)> = counts.iter().map(|(k, n)| ((*k).to_owned(), n.to_string())).collect();
    println!("{}", words.say("import.summary", &counts));
    if job.state == State::Done {
        println!("已导入 {} 行", job.taken);
        let bad = app.taken_of(job, Some(What::Bad), 0, usize::MAX).await.map_err(|e| said(words, &e))?;
        for row in bad.iter().filter(|r| !wanted.only_good || r.why.starts_with("refusal.")) {
            println!("{} {}", row.row, words.say(&row.why, &[]));
        }
        return Ok(());
    }
    if wanted.check || job.good == 0 && job.bad == 0 {
        return Ok(());
    }
    Err(format!("{} 行有错,一行也没有导入;改好再导,或加 --only-good", job.bad))
}

pub(super) fn said(words: &Locales, error: &AppError) -> Said {
    match error {
        AppError::Refused(refusal) => {
            let fields = refusal.fields.iter().map(|f| words.say(&format!("fault.{}", f.key), &f.args));
            let lines: Vec<String> =
                std::iter::once(words.say(&format!("refusal.{}", refusal.key), &refusal.args)).chain(fields).collect();
            lines.join(" ")
        }
        other => other.to_string(),
    }
}

fn no_sheet(app: &App, direction: Direction) -> Said {
    let ids: Vec<String> = app.policy().sheets(direction).into_iter().map(|s| s.id).collect();
    format!("没有这张表;可写 {}", Locales::embedded().say_list(&ids))
}

/// `export --sheet`
pub async fn export_sheet(
    data: &Data,
    output: &Path,
    purpose: &str,
    sheet: &str,
    place: Option<&str>,
) -> Result<(), Said> {
    if purpose.trim().is_empty() {
        return Err("请写明 --purpose 用途".to_owned());
    }
    let (app, _) = open::existing(data).await?;
    let words = Locales::embedded();
    let sheet = app.policy().sheet(Direction::Out, sheet).ok_or_else(|| no_sheet(&app, Direction::Out))?;
    let (directory, day) = (app.directory(), app.now().day());
    let place = match place {
        Some(code) => directory.tree.by_code(code, day).map(|r| r.id).ok_or(format!("没有这个区划代码: {code}"))?,
        None => directory.tree.root(day).unwrap_or(RegionId(0)),
    };
    let kind = FileKind::parse(&output.to_string_lossy());
    let demo = app.demo().await.map_err(|e| e.to_string())?.map(|_| words.say("common.demo_strip", &[]));
    let taken = if sheet.is_register() {
        app.export_register(Taker::Operator, &sheet, place, purpose, demo.as_deref(), kind).await
    } else {
        let root = directory.tree.root(day) == Some(place);
        let filter =
            Filter { kinds: vec![sheet.subject.clone()], place: if root { 0 } else { place.0 }, ..Filter::default() };
        let ids = app.all_of_list(&Scope::system(), &filter).await.map_err(|e| said(&words, &e))?;
        app.export_matters(Taker::Operator, &sheet, &ids, purpose, demo.as_deref(), kind).await
    };
    let taken = taken.map_err(|e| said(&words, &e))?;
    std::fs::write(output, &taken.bytes).map_err(|e| format!("{}: {e}", output.display()))?;
    println!("已写到 {}: {} 行", output.display(), taken.rows);
    Ok(())
}

/// `export`
pub async fn export(data: &Data, output: &Path, purpose: &str) -> Result<(), Said> {
    if purpose.trim().is_empty() {
        return Err("请写明 --purpose 用途".to_owned());
    }
    let (app, _) = open::existing(data).await?;
    let mut out = csv::Writer::from_path(output).map_err(|e| format!("{}: {e}", output.display()))?;
    let head = ["number", "kind", "step", "place", "channel", "accepted", "category", "level_in", "level_done"];
    out.write_record(head).map_err(|e| e.to_string())?;
    let directory = app.directory();
    let mut filter = Filter { limit: STEP, ..Filter::default() };
    let mut n = 0;
    loop {
        let found = app.pool().list_matters(app.realm(), &Scope::system(), &filter).await.map_err(|e| e.to_string())?;
        let Some(last) = found.last() else { break };
        filter.before = last.id.0;
        for m in &found {
            let category = m.values.get("category").and_then(|v| v.as_str()).unwrap_or("");
            let done = m.level_done.map_or("", xiangyue_domain::policy::Level::as_str);
            let accepted = m.accepted.to_string();
            let place = directory.tree.code(m.place, m.accepted);
            let row = [&m.number, &m.kind, &m.step, place, m.channel(), &accepted, category, m.level_in.as_str(), done];
            out.write_record(row).map_err(|e| e.to_string())?;
            n += 1;
        }
    }
    out.flush().map_err(|e| e.to_string())?;
    app.log_read(MatterId(0), AccountId(0), "export", purpose.trim()).await.map_err(|e| e.to_string())?;
    println!("已写到 {}: {n} 件", output.display());
    Ok(())
}
