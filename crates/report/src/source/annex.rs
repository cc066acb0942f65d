//! Annex tables: `towns`, the places below in official order against the main indicators, and `channels`, where
//! matters came from and how many of them were closed. Both are made of the same sums as the text.

use super::figures::{Figures, digits};
use super::words::{long_day, rounded};
use crate::error::ReportError;
use crate::model::{Annex, Cell, Table};
use std::collections::{BTreeMap, HashMap};
use xiangyue_app::composite::{is_ratio, is_score};
use xiangyue_app::indicator::{Figure, may_show};
use xiangyue_app::sums::Ask;
use xiangyue_app::{App, Buckets};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Count, Indicator, Kind, Level, Measure, Policy};
use xiangyue_pack::Loaded;

/// Columns that fit on a sheet laid crosswise.
const COLUMNS: usize = 12;

/// An annex by id; `None` for one that is not known.
pub(super) async fn make(
    app: &App,
    loaded: &Loaded,
    figures: &Figures,
    id: &str,
) -> Result<Option<Annex>, ReportError> {
    Ok(match id {
        "towns" => Some(towns(app, loaded, figures).await?),
        "channels" => Some(channels(app, figures).await?),
        _ => None,
    })
}

/// Indicators of the county table that the text names; where they are too many, those of the source report first.
fn main_indicators<'a>(loaded: &Loaded, figures: &'a Figures) -> Vec<&'a Indicator> {
    let mut main: Vec<&Indicator> = figures.made.iter().map(|m| &m.indicator).filter(|i| i.hub.is_some()).collect();
    if main.len() > COLUMNS {
        let stated = |i: &Indicator| loaded.figures.iter().any(|f| f.indicator == i.id);
        main.sort_by_key(|i| (!stated(i), !i.headline, i.hub));
        main.truncate(COLUMNS);
    }
    main.sort_by_key(|i| i.hub);
    main
}

async fn towns(app: &App, loaded: &Loaded, figures: &Figures) -> Result<Annex, ReportError> {
    let directory = app.directory();
    let (tree, day, place) = (&directory.tree, figures.period.cut_off, figures.place);
    let children = tree.children(place, day);
    let level = children.first().and_then(|c| tree.get(*c)).map_or(Level::Village, |r| r.level);
    let columns: Vec<&Indicator> =
        main_indicators(loaded, figures).into_iter().filter(|i| may_show(&figures.policy, i, level)).collect();
    let ids: Vec<&str> = columns.iter().map(|i| i.id.as_str()).collect();
    let made = app.figures(&ids, &children, figures.period).await?;
    let at = |child: RegionId, i: &Indicator| made.get(&(child, i.id.clone())).copied().unwrap_or_default();
    let mut rows = Vec::new();
    for child in &children {
        let mut row = vec![Cell::text(tree.display(*child, day))];
        row.extend(columns.iter().map(|i| cell(i, at(*child, i))));
        rows.push(row);
    }
    let total = |i: &Indicator| figures.made.iter().find(|m| m.indicator.id == i.id).map(|m| m.now).unwrap_or_default();
    // What stands at the place itself and in none of those below it is said, so that the columns add up.
    let left = |i: &&Indicator| match is_score(i) {
        true => Figure::default(),
        false => less(total(i), children.iter().map(|c| at(*c, i))),
    };
    let rest: Vec<Figure> = columns.iter().map(left).collect();
    let word = words_of(&figures.policy, level);
    if rest.iter().any(|f| f.numerator != 0 || f.denominator.is_some_and(|d| d != 0)) {
        let mut row = vec![Cell::text(format!("未分到{word}"))];
        row.extend(columns.iter().zip(&rest).map(|(i, f)| cell(i, in_units(i, *f))));
        rows.push(row);
    }
    let mut row = vec![Cell::text("合计")];
    row.extend(columns.iter().map(|i| cell(i, total(i))));
    rows.push(row);
    let head = [word.clone()].into_iter().chain(columns.iter().map(|i| format!("{}（{}）", i.name, i.unit)));
    let table = Table { head: head.collect(), rows, numeric: (1..=columns.len()).collect() };
    Ok(Annex { title: format!("各{word}主要指标"), note: Some(note(figures)), table })
}

fn words_of(policy: &Policy, level: Level) -> String {
    let words = policy.settings.as_ref().and_then(|s| s.level_words.get(&level));
    words.cloned().unwrap_or_else(|| "下级".to_owned())
}

fn note(figures: &Figures) -> String {
    let p = figures.period;
    let (from, to) = (long_day(p.from), long_day(p.cut_off));
    format!("统计时段：{from}至{to}。率的分子、分母同属这一时段受理的事项。")
}

fn less(total: Figure, parts: impl Iterator<Item = Figure>) -> Figure {
    parts.fold(total, |left, part| Figure {
        numerator: left.numerator - part.numerator,
        denominator: left.denominator.map(|d| d - part.denominator.unwrap_or(0)),
        value: None,
    })
}

/// The value of what was got by taking away.
fn in_units(indicator: &Indicator, figure: Figure) -> Figure {
    if is_score(indicator) {
        return Figure::default();
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
    let float = |n: i64| n as f64;
    let value = match figure.denominator {
        Some(below) => (below > 0).then(|| float(figure.numerator) * 100.0 / float(below)),
        None if indicator.money => Some(float(figure.numerator) / 100.0),
        None => Some(float(figure.numerator)),
    };
    Figure { value, ..figure }
}

fn cell(indicator: &Indicator, figure: Figure) -> Cell {
    let rate = is_ratio(indicator);
    match figure.value {
        Some(value) if rate => Cell::Number { value: rounded(value, true), decimals: 2 },
        Some(value) if indicator.money && value.fract() != 0.0 => Cell::Number { value, decimals: 2 },
        Some(value) => Cell::Number { value, decimals: 0 },
        None => Cell::text(digits(indicator, None)),
    }
}

/// Measures of a kind that are split by the way in: what came in, and what of it was closed.
struct ByChannel<'a> {
    kind: &'a Kind,
    came: &'a Measure,
    closed: Option<&'a Measure>,
}

fn by_channel<'a>(policy: &'a Policy, figures: &Figures) -> Vec<ByChannel<'a>> {
    // In the order in which the text comes to them.
    let named = |id: &str| {
        let uses = |i: &Indicator| {
            let (over, under) = xiangyue_app::indicator::parts(i);
            over.iter().chain(&under).any(|m| policy.measure(m).is_some_and(|(k, _)| k.id == id))
        };
        figures.made.iter().position(|m| uses(&m.indicator))
    };
    let split = |m: &&Measure| m.bucket.as_deref() == Some("channel") && m.amount.is_none();
    let one = |kind: &'a Kind| {
        let mut measures = kind.measures.iter().filter(split);
        let came = measures.clone().find(|m| matches!(m.on.as_str(), "open" | "intake"))?;
        let closed = measures.find(|m| m.count == Count::Holding && (m.filter.is_none() || m.filter == came.filter));
        Some(ByChannel { kind, came, closed })
    };
    let mut kinds: Vec<(usize, &Kind)> =
        policy.kinds.iter().filter(|k| !k.sealed).filter_map(|k| Some((named(&k.id)?, k))).collect();
    kinds.sort_by_key(|(at, _)| *at);
    kinds.into_iter().filter_map(|(_, kind)| one(kind)).collect()
}

async fn channels(app: &App, figures: &Figures) -> Result<Annex, ReportError> {
    let policy = &figures.policy;
    let kinds = by_channel(policy, figures);
    let measures: Vec<String> =
        kinds.iter().flat_map(|k| [Some(k.came), k.closed]).flatten().map(|m| m.id.clone()).collect();
    let ask = Ask {
        measures: &measures,
        places: &[figures.place],
        period: figures.period,
        by_cohort: true,
        buckets: Buckets::Each(&[]),
    };
    let sums = app.sums(ask).await?;
    let mut by: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for ((_, measure, bucket), n) in &sums {
        *by.entry((measure.as_str(), bucket.as_str())).or_default() += n;
    }
    let totals: HashMap<&str, i64> = by.iter().fold(HashMap::new(), |mut totals, ((m, _), n)| {
        *totals.entry(*m).or_default() += n;
        totals
    });
    let mut rows = Vec::new();
    for one in &kinds {
        let came = |code: &str| by.get(&(one.came.id.as_str(), code)).copied().unwrap_or(0);
        let all = totals.get(one.came.id.as_str()).copied().unwrap_or(0);
        let mut codes: Vec<&str> = one.kind.intake.channels.iter().map(String::as_str).collect();
        let more = by.keys().filter(|(m, b)| *m == one.came.id && !codes.contains(b)).map(|(_, b)| *b);
        let more: Vec<&str> = more.collect();
        codes.extend(more);
        for code in codes {
            let closed = one.closed.map(|m| by.get(&(m.id.as_str(), code)).copied().unwrap_or(0));
            rows.push(line(&one.kind.name, &channel_name(policy, one.kind, code), came(code), all, closed));
        }
        let closed = one.closed.map(|m| totals.get(m.id.as_str()).copied().unwrap_or(0));
        rows.push(line(&one.kind.name, "小计", all, all, closed));
    }
    let head = ["事项", "来源", "件数", "占本类（%）", "已办结（化解）", "占来源（%）"].map(str::to_owned).to_vec();
    let table = Table { head, rows, numeric: vec![2, 3, 4, 5] };
    let note = format!("{}并单后来件仍各算各的。", note(figures));
    Ok(Annex { title: "事项来源".to_owned(), note: Some(note), table })
}

fn line(kind: &str, channel: &str, n: i64, all: i64, closed: Option<i64>) -> Vec<Cell> {
    #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
    let float = |n: i64| n as f64;
    let count = |n: i64| Cell::Number { value: float(n), decimals: 0 };
    let share = |part: i64, whole: i64| match whole {
        0 => Cell::text("—"),
        _ => Cell::Number { value: rounded(float(part) * 100.0 / float(whole), true), decimals: 2 },
    };
    let done = closed.map_or(Cell::Empty, count);
    let rate = closed.map_or(Cell::Empty, |c| share(c, n));
    vec![Cell::text(kind), Cell::text(channel), count(n), share(n, all), done, rate]
}

/// Name of a way in, as the kind's own form has it.
fn channel_name(policy: &Policy, kind: &Kind, code: &str) -> String {
    let field = kind.field("channel");
    let listed =
        field.and_then(|f| f.catalogue.as_deref()).and_then(|c| policy.catalogue(c)).and_then(|c| c.item(code));
    let said = field.and_then(|f| f.options.get(code)).cloned();
    listed.map(|i| i.name.clone()).or(said).unwrap_or_else(|| if code.is_empty() { "未注明" } else { code }.to_owned())
}
