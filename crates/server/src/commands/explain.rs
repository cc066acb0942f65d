//! `xiangyue explain`: the records behind a figure.

use crate::cli::{Data, ExplainFormat};
use crate::open::{self, Said};
use serde_json::json;
use xiangyue_app::composite::{Part, is_score, shares};
use xiangyue_app::explain::{Explanation, Page};
use xiangyue_app::period::Period;
use xiangyue_app::{App, Scope};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Indicator, Policy};
use xiangyue_report::ReportOptions;
use xiangyue_report::source::period_of;

/// `explain`
pub async fn explain(
    data: &Data,
    indicator: &str,
    region: Option<String>,
    as_of: Option<String>,
    format: ExplainFormat,
    limit: i64,
) -> Result<(), Said> {
    let (app, loaded) = open::existing(data).await?;
    let today = app.now().day();
    let known = loaded.policy.indicator(indicator).ok_or_else(|| {
        let ids: Vec<&str> = loaded.policy.indicators.iter().map(|i| i.id.as_str()).collect();
        format!("没有指标 {indicator};有: {}", ids.join(" "))
    })?;
    let directory = app.directory();
    let place = match &region {
        Some(code) => directory.tree.by_code(code, today).map(|r| r.id),
        None => directory.tree.root(today),
    };
    let place = place.ok_or_else(|| format!("没有这个区划: {}", region.unwrap_or_default()))?;
    let options = ReportOptions { as_of: open::day(as_of.as_deref())?, ..ReportOptions::default() };
    let period = period_of(&options, today, 0, open::demo_period(&app).await);
    let size = usize::try_from(limit).unwrap_or(0);
    let page = Page { above: true, size, ..Page::default() };
    let found = app.explain(&Scope::system(), indicator, place, period, &page).await.map_err(|e| e.to_string())?;
    let records: Vec<serde_json::Value> = found
        .records
        .iter()
        .map(|r| {
            json!({
                "number": r.matter.number, "kind": r.matter.kind, "day": r.day.to_string(), "adds": r.n, "seq": r.seq,
                "place": directory.tree.code(r.matter.place, r.day), "channel": r.matter.channel(),
                "step": r.matter.step, "entered_by": r.matter.opener.map(|a| a.0),
            })
        })
        .collect();
    let value = json!({
        "indicator": known.id, "name": known.name, "unit": known.unit, "meaning": known.meaning,
        "region": directory.tree.code(place, today), "from": period.from.to_string(), "to": period.to.to_string(),
        "as_of": period.cut_off.to_string(), "value": found.figure.value, "numerator": found.figure.numerator,
        "denominator": found.figure.denominator, "parts": parts_of(&loaded.policy, known), "records_above": found.above, "records_below": found.below,
        "records": records,
    });
    if format == ExplainFormat::Json {
        println!("{}", serde_json::to_string_pretty(&value).map_err(|e| e.to_string())?);
        return Ok(());
    }
    if is_score(known) {
        return score(&app, known, place, period, &found).await;
    }
    let shown = found.figure.value.map_or_else(|| "—".to_owned(), |v| format!("{v:.2}"));
    println!("{}({}) {} {}", known.name, known.id, shown.trim_end_matches(".00"), known.unit);
    println!("{} 至 {},截至 {};{}", period.from, period.to, period.cut_off, known.meaning);
    match found.figure.denominator {
        Some(below) => {
            println!("分子 {}({} 条记录),分母 {below}({} 条记录)", found.figure.numerator, found.above, found.below)
        }
        None => println!("{} 条记录", found.above),
    }
    for record in &found.records {
        let place = directory.tree.display(record.matter.place, record.day);
        println!("  {} {} {} {:+} 日志第{}条", record.day, record.matter.number, place, record.n, record.seq);
    }
    Ok(())
}

/// Rates of a score with their weights; nothing for any other indicator.
fn parts_of(policy: &Policy, known: &Indicator) -> Vec<serde_json::Value> {
    let one = |p: Part| json!({"indicator": p.indicator.id, "weight": p.weight});
    shares(policy, known).into_iter().map(one).collect()
}

/// A score has no records of its own: its parts, what they weigh, and how to open each.
async fn score(app: &App, known: &Indicator, place: RegionId, period: Period, found: &Explanation) -> Result<(), Said> {
    let policy = app.policy();
    let parts = shares(&policy, known);
    let ids: Vec<&str> = parts.iter().map(|p| p.indicator.id.as_str()).collect();
    let figures = app.figures(&ids, &[place], period).await.map_err(|e| e.to_string())?;
    let said = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |v| format!("{v:.2}"));
    println!("{}({}) {} {}", known.name, known.id, said(found.figure.value), known.unit);
    println!("{} 至 {},截至 {};{}", period.from, period.to, period.cut_off, known.meaning);
    for part in &parts {
        let value = figures.get(&(place, part.indicator.id.clone())).and_then(|f| f.value);
        let left = if value.is_none() { ",没有数据,不计入" } else { "" };
        println!("  {}({}) {}%,权重 {}{left}", part.indicator.name, part.indicator.id, said(value), part.weight);
    }
    Ok(())
}
