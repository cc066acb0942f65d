//! `xiangyue report`: the county's work report, every figure made from facts and registers.

use crate::cli::{Data, Format};
use crate::open::{self, Said};
use std::path::Path;
use xiangyue_report::source::{ReportOptions, work_report};
use xiangyue_report::{docx, html, json, markdown, xlsx};

/// `report`
pub async fn report(
    data: &Data,
    template: Option<String>,
    as_of: Option<String>,
    format: Format,
    output: &Path,
) -> Result<(), Said> {
    let (app, loaded) = open::existing(data).await?;
    let options = ReportOptions { template, as_of: open::day(as_of.as_deref())?, ..ReportOptions::default() };
    let made = work_report(&app, &loaded, options).await.map_err(|e| e.to_string())?;
    let bytes = match format {
        Format::Docx => docx::write_docx(&made.document).map_err(|e| e.to_string())?,
        Format::Xlsx => xlsx::write_xlsx(&made.document, &made.rows).map_err(|e| e.to_string())?,
        Format::Md => markdown::write_markdown(&made.document).into_bytes(),
        Format::Html => html::write_html(&made.document).into_bytes(),
        Format::Json => json::write_json(&made.rows).map_err(|e| e.to_string())?.into_bytes(),
    };
    std::fs::write(output, bytes).map_err(|e| format!("{}: {e}", output.display()))?;
    println!("已写到 {}", output.display());
    Ok(())
}
