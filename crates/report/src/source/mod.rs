//! Where a report's figures come from: every indicator that the template and the pack's `figures.csv` name is made
//! once, by the same sums as on screen, and put into the template. No figure is typed and none is made up.

mod annex;
mod figures;
mod words;

pub use figures::{Made, WorkReport};
pub use words::{plain, rounded};

use crate::error::ReportError;
use crate::template::{Template, fill};
use figures::{Compared, Figures};
use xiangyue_app::App;
use xiangyue_app::period::{Against, Period, Span};
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
    /// Period by its name, as it stands on the last day asked for; without it the usual one.
    pub span: Option<Span>,
    /// First day; without it the first of that period.
    pub from: Option<Day>,
    /// Last day; without it the last of that period.
    pub to: Option<Day>,
    /// Only what had happened by this day; without it the last day of the period.
    pub as_of: Option<Day>,
    /// Place; without it the root.
    pub region: Option<RegionId>,
    /// What the report compares with. 环比 stands wherever the template has 同比.
    pub against: Against,
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
    let ends_on = policy.settings.as_ref().map_or(0, |s| s.month_ends_on);
    let period = period_of(&options, day, ends_on, demo);
    let mut ids = template.indicators();
    for bound in &loaded.figures {
        if !ids.contains(&bound.indicator) {
            ids.push(bound.indicator.clone());
        }
    }
    ids.retain(|id| policy.indicator(id).is_some());
    let compared = Compared { against: options.against, own: template.printed_as("mom") };
    let mut figures = Figures::make(app, ids, place, period, compared).await?;
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

/// The period of the name asked for, cut off on the day asked for: a month as of a day in October is October. Without a
/// name it is the scenario's period of a demonstration, else the year so far. A day before the scenario stands in a year
/// of its own.
pub fn period_of(options: &ReportOptions, today: Day, month_ends_on: u8, demo: Option<(Day, Day)>) -> Period {
    let asked = options.as_of.or(options.to).unwrap_or(today);
    let usual = match (options.span, demo) {
        // The page shows the day it was made for; yesterday of that would go back by a day whenever the page is sent.
        (Some(Span::Yesterday), _) if options.as_of.is_some() => Period::closed(asked, asked),
        (None | Some(Span::All), Some(all)) if all.0 <= asked => Period::of(Span::All, today, 0, all),
        (None | Some(Span::All), _) => Period::of(Span::Year, asked, 0, (asked, asked)),
        (Some(span), _) => Period::of(span, asked, month_ends_on, (asked, asked)),
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
            let p = period_of(&options, today, 25, demo);
            format!("{} {} {}", p.from, p.to, p.cut_off)
        };
        assert_eq!(of(None, demo), "2025-07-01 2026-11-23 2026-11-23");
        assert_eq!(of(Some("2026-06-30"), demo), "2025-07-01 2026-06-30 2026-06-30");
        assert_eq!(of(None, None), "2026-01-01 2026-11-23 2026-11-23");
        assert_eq!(of(Some("2025-12-31"), None), "2025-01-01 2025-12-31 2025-12-31");
        assert_eq!(of(Some("2024-06-30"), demo), "2024-01-01 2024-06-30 2024-06-30");
        assert_eq!(of(Some("2025-03-01"), demo), "2025-01-01 2025-03-01 2025-03-01");
    }

    #[test]
    fn a_period_by_name_is_the_one_that_holds_the_day() {
        let today = day("2026-11-23");
        let demo = Some((day("2025-07-01"), today));
        let of = |span: Span, as_of: Option<&str>| {
            let options = ReportOptions { span: Some(span), as_of: as_of.map(day), ..ReportOptions::default() };
            let p = period_of(&options, today, 0, demo);
            format!("{} {} {}", p.from, p.to, p.cut_off)
        };
        assert_eq!(of(Span::Month, None), "2026-11-01 2026-11-23 2026-11-23");
        assert_eq!(of(Span::Month, Some("2026-10-31")), "2026-10-01 2026-10-31 2026-10-31");
        assert_eq!(of(Span::Quarter, None), "2026-10-01 2026-11-23 2026-11-23");
        assert_eq!(of(Span::Year, Some("2025-12-31")), "2025-01-01 2025-12-31 2025-12-31");
        assert_eq!(of(Span::All, None), "2025-07-01 2026-11-23 2026-11-23");
        assert_eq!(of(Span::Yesterday, None), "2026-11-22 2026-11-22 2026-11-22");
        assert_eq!(of(Span::Yesterday, Some("2026-11-22")), "2026-11-22 2026-11-22 2026-11-22");
    }
}
