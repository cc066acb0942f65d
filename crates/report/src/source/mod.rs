//! Where a report's figures come from: every indicator that the template and the pack's `figures.csv` name is made
//! once, by the same sums as on screen, and put into the template. No figure is typed and none is made up.

mod annex;
mod figures;
mod words;

pub use figures::{Made, WorkReport};
pub use words::{plain, rounded};

use crate::error::ReportError;
use crate::template::{Template, fill};
use figures::Figures;
use xiangyue_app::App;
use xiangyue_app::period::{Period, Span};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_pack::Loaded;

/// Printed at the head of every page of a demonstration.
const DEMO_NOTE: &str = "演示数据，非真实情况";

/// Which report is wanted. Reports are official documents and stand in Chinese, whoever reads the screen.
#[derive(Debug, Clone, Default)]
pub struct ReportOptions {
    /// Template by id; without it the pack's main report.
    pub template: Option<String>,
    /// First day; without it the first of the usual period.
    pub from: Option<Day>,
    /// Last day; without it the last of the usual period.
    pub to: Option<Day>,
    /// Only what had happened by this day; without it the last day of the period.
    pub as_of: Option<Day>,
    /// Place; without it the root.
    pub region: Option<RegionId>,
    /// Compare with the period just before as well (环比), not only where the template asks for it.
    pub before: bool,
}

/// Makes a work report: the document and a row for every figure.
pub async fn work_report(app: &App, loaded: &Loaded, options: ReportOptions) -> Result<WorkReport, ReportError> {
    let policy = app.policy();
    let (id, text) = template_text(loaded, options.template.as_deref())?;
    let template = Template::parse(text).map_err(|faults| ReportError::Template { id: id.clone(), faults })?;
    let day = app.now().day();
    let root = app.directory().tree.root(day);
    let place = options.region.or(root).ok_or(ReportError::NoRegion)?;
    let demo = demo_period(app).await?;
    let period = period_of(&options, day, demo);
    let mut ids = template.indicators();
    for bound in &loaded.figures {
        if !ids.contains(&bound.indicator) {
            ids.push(bound.indicator.clone());
        }
    }
    ids.retain(|id| policy.indicator(id).is_some());
    let before = options.before || text.contains("|mom}}");
    let mut figures = Figures::make(app, ids, place, period, before).await?;
    figures.note = demo.map(|_| DEMO_NOTE.to_owned());
    for annex in &template.meta.annexes {
        let made = annex::make(app, loaded, &figures, annex).await?;
        figures.annexes.extend(made.map(|a| (annex.clone(), a)));
    }
    let document = match fill(&template, &figures) {
        Ok(document) => document,
        Err(fault) => return Err(ReportError::Template { id, faults: vec![fault] }),
    };
    Ok(figures.finish(id, document))
}

fn template_text<'a>(loaded: &'a Loaded, wanted: Option<&str>) -> Result<(String, &'a str), ReportError> {
    let reports = &loaded.policy.reports;
    let main = loaded.policy.settings.as_ref().map(|s| s.main_report.as_str()).filter(|m| !m.is_empty());
    let first = reports.keys().next().map(String::as_str);
    let id = wanted.or(main).or(first).unwrap_or("work");
    match reports.get(id) {
        Some(text) => Ok((id.to_owned(), text)),
        None => {
            let known: Vec<&str> = reports.keys().map(String::as_str).collect();
            Err(ReportError::NoTemplate { id: id.to_owned(), known: known.join("、") })
        }
    }
}

/// The scenario's period of a demonstration.
async fn demo_period(app: &App) -> Result<Option<(Day, Day)>, ReportError> {
    let text = app.demo().await?;
    Ok(text.and_then(|t| {
        let (from, until) = t.split_once('/')?;
        Some((Day::parse(from)?, Day::parse(until)?))
    }))
}

/// The scenario's period of a demonstration, else the year so far; cut off on the day asked for. A day before the scenario
/// stands in a year of its own.
pub fn period_of(options: &ReportOptions, today: Day, demo: Option<(Day, Day)>) -> Period {
    let asked = options.as_of.or(options.to).unwrap_or(today);
    let usual = match demo {
        Some(all) if all.0 <= asked => Period::of(Span::All, today, 0, all),
        _ => Period::of(Span::Year, asked, 0, (asked, asked)),
    };
    let to = options.to.unwrap_or(usual.to);
    let cut_off = options.as_of.unwrap_or(to);
    let to = to.min(cut_off);
    Period { from: options.from.unwrap_or(usual.from).min(to), to, cut_off }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn the_usual_period_ends_on_the_day_asked_for() {
        let today = day("2026-11-23");
        let demo = Some((day("2025-07-01"), today));
        let of = |as_of: Option<&str>, demo| {
            let options = ReportOptions { as_of: as_of.map(day), ..ReportOptions::default() };
            let p = period_of(&options, today, demo);
            format!("{} {} {}", p.from, p.to, p.cut_off)
        };
        assert_eq!(of(None, demo), "2025-07-01 2026-11-23 2026-11-23");
        assert_eq!(of(Some("2026-06-30"), demo), "2025-07-01 2026-06-30 2026-06-30");
        assert_eq!(of(None, None), "2026-01-01 2026-11-23 2026-11-23");
        assert_eq!(of(Some("2025-12-31"), None), "2025-01-01 2025-12-31 2025-12-31");
        assert_eq!(of(Some("2024-06-30"), demo), "2024-01-01 2024-06-30 2024-06-30");
        assert_eq!(of(Some("2025-03-01"), demo), "2025-01-01 2025-03-01 2025-03-01");
    }
}
