//! The figures of one report, made together with a handful of queries.

use super::words::{change, long_day, plain, rounded};
use crate::error::ReportError;
use crate::json::FigureRow;
use crate::model::{Annex, Document, Figure as Printed, Ymd};
use crate::template::FigureSource;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use xiangyue_app::App;
use xiangyue_app::composite::{is_ratio, is_score};
use xiangyue_app::explain::Behind;
use xiangyue_app::indicator::{Figure, may_show};
use xiangyue_app::period::{Against, Change, Period, compare};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Indicator, IndicatorSource, Policy};

/// A figure of a report with what it stands on.
#[derive(Debug, Clone)]
pub struct Made {
    /// The indicator.
    pub indicator: Indicator,
    /// The figure.
    pub now: Figure,
    /// A year before; none where the indicator has no comparison, or the period is longer than a year.
    pub year_before: Option<Figure>,
    /// In the period just before, where that was asked for.
    pub before: Option<Figure>,
    /// The records behind it.
    pub behind: Behind,
}

impl Made {
    fn compared(&self, base: Option<Figure>) -> Change {
        match base {
            Some(base) => compare(self.now.value, base.value, is_ratio(&self.indicator)),
            None => Change::None,
        }
    }

    /// How it compares with the year before.
    pub fn year_on_year(&self) -> Change {
        self.compared(self.year_before)
    }

    /// How it compares with the period just before.
    pub fn on_period(&self) -> Change {
        self.compared(self.before)
    }
}

/// How a report compares.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// What the reader chose.
    pub against: Against,
    /// Indicators of which the template says the 环比 itself: their 同比 stays, so that nothing is said twice.
    pub own: BTreeSet<String>,
}

/// A report that was made.
#[derive(Debug, Clone)]
pub struct WorkReport {
    /// The document.
    pub document: Document,
    /// A row for every figure, those of the text first.
    pub rows: Vec<FigureRow>,
    /// The figures themselves in the order of the rows.
    pub figures: Vec<Made>,
    /// Template it was made by.
    pub template: String,
    /// Place.
    pub place: RegionId,
    /// Period.
    pub period: Period,
}

/// The figures of one report.
pub(super) struct Figures {
    pub policy: Arc<Policy>,
    pub place: RegionId,
    pub period: Period,
    pub made: Vec<Made>,
    pub annexes: BTreeMap<String, Annex>,
    pub note: Option<String>,
    compared: Compared,
    code: String,
    region: String,
    today: Day,
}

impl Figures {
    pub async fn make(
        app: &App,
        ids: Vec<String>,
        place: RegionId,
        period: Period,
        compared: Compared,
    ) -> Result<Figures, ReportError> {
        let (policy, directory) = (app.policy(), app.directory());
        let level = directory.tree.get(place).map(|r| r.level).ok_or(ReportError::NoRegion)?;
        let wanted: Vec<&Indicator> =
            ids.iter().filter_map(|id| policy.indicator(id)).filter(|i| may_show(&policy, i, level)).collect();
        let ids: Vec<&str> = wanted.iter().map(|i| i.id.as_str()).collect();
        let now = app.figures(&ids, &[place], period).await?;
        let year = match period.year_before() {
            Some(base) => app.figures(&ids, &[place], base).await?,
            None => BTreeMap::new(),
        };
        let ends_on = policy.settings.as_ref().map_or(0, |s| s.month_ends_on);
        let last = if compared.against == Against::Before || !compared.own.is_empty() {
            app.figures(&ids, &[place], period.before(ends_on)).await?
        } else {
            BTreeMap::new()
        };
        let behind = app.behind(&ids, place, period).await?;
        let made = wanted.into_iter().map(|indicator| {
            let key = (place, indicator.id.clone());
            let may = !indicator.no_comparison && !matches!(indicator.source, IndicatorSource::Register(_));
            Made {
                now: now.get(&key).copied().unwrap_or_default(),
                year_before: year.get(&key).copied().filter(|_| may),
                before: last.get(&key).copied().filter(|_| may),
                behind: behind.get(&indicator.id).copied().unwrap_or_default(),
                indicator: indicator.clone(),
            }
        });
        Ok(Figures {
            made: made.collect(),
            place,
            period,
            annexes: BTreeMap::new(),
            note: None,
            code: directory.tree.code(place, period.cut_off).to_owned(),
            region: directory.tree.display(place, period.cut_off).to_owned(),
            today: app.now().day(),
            policy,
            compared,
        })
    }

    fn of(&self, id: &str) -> Option<&Made> {
        self.made.iter().find(|m| m.indicator.id == id)
    }

    fn link(&self, id: &str) -> String {
        let Period { from, to, cut_off } = self.period;
        format!("/hub/figures/{id}?region={}&from={from}&to={to}&as_of={cut_off}", self.code)
    }

    fn row(&self, made: &Made) -> FigureRow {
        let Made { indicator, now, behind, .. } = made;
        let register = matches!(indicator.source, IndicatorSource::Register(_));
        let rate = is_ratio(indicator);
        #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
        let part = |n: i64| n as f64;
        FigureRow {
            indicator: indicator.id.clone(),
            name: indicator.name.clone(),
            value: now.value.map(|v| rounded(v, rate)),
            unit: indicator.unit.clone(),
            numerator: rate.then(|| part(now.numerator)),
            denominator: now.denominator.map(part),
            from: (!register).then(|| self.period.from.to_string()),
            as_of: self.period.cut_off.to_string(),
            region: self.code.clone(),
            records: u64::try_from(behind.above + behind.below).unwrap_or(0),
            source: if register { "registers" } else { "facts" }.to_owned(),
            comparison: match self.compared.against {
                Against::Year => change(made.year_on_year(), "同比", "上年同期"),
                Against::Before => change(made.on_period(), "环比", "上期"),
            },
        }
    }

    pub fn finish(self, template: String, document: Document) -> WorkReport {
        let rows = self.made.iter().map(|m| self.row(m)).collect();
        WorkReport { document, rows, figures: self.made, template, place: self.place, period: self.period }
    }
}

/// Digits of a value; a rate over nothing has none.
pub(super) fn digits(indicator: &Indicator, value: Option<f64>) -> String {
    let rate = is_ratio(indicator);
    value.map_or_else(|| "—".to_owned(), |v| plain(rounded(v, rate), if rate || indicator.money { 2 } else { 0 }))
}

impl FigureSource for Figures {
    fn figure(&self, indicator: &str, format: &str) -> Option<Printed> {
        let made = self.of(indicator)?;
        let (unit, value) = (made.indicator.unit.as_str(), made.now.value);
        let by = |scale: f64, word: &str| match value {
            Some(v) => (format!("{}{word}", plain(v / scale, 2)), unit.to_owned()),
            None => ("—".to_owned(), String::new()),
        };
        let said = |change: Change, lead: &str, base: &str, none: &str| {
            let none = || (!made.indicator.no_comparison).then(|| none.to_owned());
            Some((self::change(change, lead, base).or_else(none)?, String::new()))
        };
        // The comparison that the reader chose takes the place of the template's own.
        let turned = self.compared.against == Against::Before && !self.compared.own.contains(indicator);
        let no_year = if self.period.year_before().is_none() { "不作同比" } else { "上年同期无数据" };
        let (text, unit) = match if turned && format == "yoy" { "mom" } else { format } {
            "" | "unit" if value.is_none() => ("—".to_owned(), String::new()),
            "" | "unit" => (digits(&made.indicator, value), unit.to_owned()),
            "万" => by(1e4, "万"),
            "亿" => by(1e8, "亿"),
            "yoy" => said(made.year_on_year(), "同比", "上年同期", no_year)?,
            "mom" => said(made.on_period(), "环比", "上期", "上期无数据")?,
            // What stands over and under a score are weights, and nobody reads those in a sentence.
            "of" if is_score(&made.indicator) => return None,
            "of" => (format!("{}/{}", made.now.numerator, made.now.denominator?), String::new()),
            _ => return None,
        };
        Some(Printed { text, unit, indicator: indicator.to_owned(), href: Some(self.link(indicator)) })
    }

    fn text(&self, name: &str) -> Option<String> {
        let Period { from, cut_off, .. } = self.period;
        Some(match name {
            "from" => long_day(from),
            "as_of" => long_day(cut_off),
            "period" => format!("{}至{}", long_day(from), long_day(self.period.to)),
            "year" => cut_off.date().year().to_string(),
            "region" => self.region.clone(),
            "office" => self.policy.settings.as_ref().map(|s| s.sponsor.clone())?,
            _ => return None,
        })
    }

    fn annex(&self, id: &str) -> Option<Annex> {
        self.annexes.get(id).cloned()
    }

    /// A rate over nothing meets no condition that asks for more than nothing.
    fn number(&self, indicator: &str) -> Option<f64> {
        Some(self.of(indicator)?.now.value.unwrap_or(0.0))
    }

    fn date(&self) -> Option<Ymd> {
        let d = self.today.date();
        Some((d.year(), u8::try_from(d.month()).ok()?, u8::try_from(d.day()).ok()?))
    }

    fn demo_note(&self) -> Option<String> {
        self.note.clone()
    }
}
