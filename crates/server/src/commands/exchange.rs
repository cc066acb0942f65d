//! `xiangyue import` and `export`: people in from CSV, matters out to CSV. Nothing is half-imported; nothing that
//! names a person leaves without a purpose, and this export holds none.

use crate::cli::Data;
use crate::open::{self, Said};
use std::collections::BTreeMap;
use std::path::Path;
use xiangyue_app::register::NewPerson;
use xiangyue_app::{Filter, Scope};
use xiangyue_domain::ids::{AccountId, MatterId};
use xiangyue_domain::matter::Who;

/// Rows read at once.
const STEP: i64 = 2000;

/// `import`
pub async fn import(data: &Data, file: &Path) -> Result<(), Said> {
    let (app, _) = open::existing(data).await?;
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let head: Vec<String> = reader.headers().map_err(|e| e.to_string())?.iter().map(|h| h.trim().to_owned()).collect();
    for column in ["name", "region"] {
        if !head.iter().any(|h| h == column) {
            return Err(format!("缺少列 {column};表头应为 name,citizen,phone,address,region,household"));
        }
    }
    let directory = app.directory();
    let day = app.now().day();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let cells: BTreeMap<&str, &str> = head.iter().map(String::as_str).zip(record.iter()).collect();
        let get = |column: &str| cells.get(column).map_or("", |c| c.trim()).to_owned();
        let region = directory.tree.by_code(&get("region"), day).map(|r| r.id).unwrap_or_default();
        rows.push(NewPerson {
            name: get("name"),
            citizen: get("citizen"),
            phone: get("phone"),
            address: get("address"),
            region,
            household: get("household"),
        });
    }
    match app.add_people(Who::System, rows).await {
        Ok(n) => {
            println!("已导入 {n} 人");
            Ok(())
        }
        Err(faults) => {
            for f in &faults {
                println!("第{}行 {} 列: {}", f.row + 1, f.fault.field, f.fault.key);
            }
            Err(format!("{} 行有错,一人也没有导入", faults.len()))
        }
    }
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
