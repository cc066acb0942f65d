//! Loading: from files to `Policy` and the county's own rows. Either the whole pack holds or every fault is returned.

use crate::check;
use crate::fault::Fault;
use crate::files::PackFiles;
use crate::limit;
use crate::list;
use crate::points;
use crate::schema::schemas;
use crate::table::{read_csv, read_toml};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use xiangyue_domain::calendar::{Calendar, DayKind, OfficeHours};
use xiangyue_domain::code::{DivisionCode, GridCode};
use xiangyue_domain::day::Day;
use xiangyue_domain::duty::Duty;
use xiangyue_domain::policy::{
    Body, Indicator, Kind, Level, ListClass, ListHead, Policy, PostKind, PostedWords, Settings, Sheet, TextRules, Unit,
};

/// `pack.toml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackFile {
    /// Identifier, as the folder is called.
    pub id: String,
    /// Name of the pack.
    pub name: String,
    /// Pack whose files stand under this one's.
    #[serde(default)]
    pub extends: Option<String>,
    /// Name of the county or other root.
    #[serde(default)]
    pub county: String,
    /// Six-digit code of the root.
    #[serde(default)]
    pub realm: i64,
    /// Settings.
    #[serde(default)]
    pub settings: Option<Settings>,
}

/// `posts.toml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostFile {
    /// Kinds of posts.
    #[serde(rename = "post")]
    pub posts: Vec<PostKind>,
}

/// `bodies.toml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyFile {
    /// Bodies that decide.
    #[serde(rename = "body")]
    pub bodies: Vec<Body>,
}

/// `duties.toml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DutyFile {
    /// Duties that come round.
    #[serde(rename = "duty")]
    pub duties: Vec<Duty>,
}

/// `lists.toml`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListFile {
    /// Classes of lists.
    #[serde(default, rename = "class")]
    pub classes: Vec<ListClass>,
    /// Catalogues that are lists.
    #[serde(default, rename = "list")]
    pub lists: Vec<ListHead>,
}

/// `indicators.toml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorFile {
    /// Indicators in the order they are shown.
    #[serde(rename = "indicator")]
    pub indicators: Vec<Indicator>,
}

/// A line of `regions.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionLine {
    /// Code.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Name as people say it.
    pub display: String,
    /// Level.
    pub level: Level,
    /// Code of the region above; empty for the root.
    pub parent: String,
    /// First day.
    pub from: Day,
    /// Simulated.
    pub simulated: bool,
}

/// A line of `natural_units.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitLine {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Type.
    pub kind: String,
    /// Code of its village.
    pub village: String,
    /// Codes of its grids.
    pub grids: Vec<String>,
}

/// A line of `figures.csv`: what a source report says.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureBound {
    /// Figure's id in the source.
    pub figure: String,
    /// Indicator that yields it.
    pub indicator: String,
    /// Value in the base unit.
    pub expected: f64,
    /// How it is meant: `=`, `>=`, `<~`, `~`, `>`, `<`.
    pub bound: String,
    /// Precision of the stated value.
    pub precision: f64,
}

impl FigureBound {
    /// Whether a value meets the figure.
    pub fn holds(&self, value: f64) -> bool {
        let (e, p) = (self.expected, self.precision);
        match self.bound.as_str() {
            "=" => (value - e).abs() <= p / 2.0 + 1e-9,
            ">=" => value >= e && value < e + p,
            "<~" => value <= e && value > e - p,
            "~" => (value - e).abs() <= p,
            ">" => value > e,
            "<" => value < e,
            _ => false,
        }
    }
}

/// A pack that holds.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The rules.
    pub policy: Policy,
    /// The county's regions, in official order.
    pub regions: Vec<RegionLine>,
    /// Its natural units.
    pub natural_units: Vec<UnitLine>,
    /// Figures of the source report.
    pub figures: Vec<FigureBound>,
    /// The files, for the scenario and the report templates.
    pub files: PackFiles,
}

/// Loads and checks a pack.
pub fn load(files: PackFiles) -> Result<Loaded, Vec<Fault>> {
    let mut faults = Vec::new();
    let schemas: BTreeMap<&str, Value> = schemas().into_iter().collect();
    let head: Option<PackFile> = toml_file(&files, "pack.toml", &schemas["pack"], &mut faults);
    let posts: Option<PostFile> = toml_file(&files, "posts.toml", &schemas["posts"], &mut faults);
    let mut more_posts = Vec::new();
    for path in files.with_additions("posts").iter().skip(1) {
        let file: Option<PostFile> = toml_file(&files, path, &schemas["posts"], &mut faults);
        more_posts.extend(file.into_iter().flat_map(|f| f.posts));
    }
    let bodies: Option<BodyFile> = if_there(&files, "bodies.toml", &schemas["bodies"], &mut faults);
    let posted: Option<PostedWords> = if_there(&files, "posted.toml", &schemas["posted"], &mut faults);
    let mut indicators = Vec::new();
    for path in files.with_additions("indicators") {
        let file: Option<IndicatorFile> = toml_file(&files, &path, &schemas["indicators"], &mut faults);
        indicators.extend(file.into_iter().flat_map(|f| f.indicators));
    }
    let duties = duties(&files, &schemas["duties"], &mut faults);
    let mut kinds: Vec<Kind> = Vec::new();
    for path in files.under("matters/", ".toml") {
        kinds.extend(toml_file::<Kind>(&files, path, &schemas["kind"], &mut faults));
    }
    let mut sheets: Vec<Sheet> = Vec::new();
    for path in files.under("sheets/", ".toml") {
        sheets.extend(toml_file::<Sheet>(&files, path, &schemas["sheet"], &mut faults));
    }
    let calendar = calendar(&files, head.as_ref().and_then(|h| h.settings.as_ref()), &mut faults);
    let ledger = points::ledger(&files, &schemas["ledger"], &mut faults);
    let lists = list::heads(&files, &schemas["lists"], &mut faults);
    let catalogues = list::catalogues(&files, &ledger, &lists, &mut faults);
    limit::add(&files, &schemas["limits"], &catalogues, &mut kinds, &mut faults);
    for kind in &mut kinds {
        kind.version = kind.digest();
    }
    let units = units(&files, &mut faults);
    let regions = regions(&files, &mut faults);
    let natural_units = natural_units(&files, &mut faults);
    let figures = figures(&files, &mut faults);
    let reports = reports(&files);
    let (Some(head), Some(posts)) = (head, posts) else {
        faults.sort();
        return Err(faults);
    };
    let policy = Policy {
        id: head.id,
        county: head.county,
        realm: head.realm,
        hash: files.hash(),
        settings: head.settings,
        kinds,
        older: Vec::new(),
        bodies: bodies.map(|f| f.bodies).unwrap_or_default(),
        posts: posts.posts.into_iter().chain(more_posts).collect(),
        catalogues,
        list_classes: lists.classes,
        units,
        indicators,
        calendar,
        reports,
        ledger,
        duties,
        sheets,
        posted: posted.unwrap_or_default(),
        texts: if_there::<TextRules>(&files, "texts.toml", &schemas["texts"], &mut faults),
    };
    check::whole(&policy, &files, &mut faults);
    faults.sort();
    faults.dedup();
    if faults.is_empty() { Ok(Loaded { policy, regions, natural_units, figures, files }) } else { Err(faults) }
}

/// Duties of all files that there are.
fn duties(files: &PackFiles, schema: &Value, faults: &mut Vec<Fault>) -> Vec<Duty> {
    let mut out = Vec::new();
    for path in files.with_additions("duties").iter().filter(|p| files.text(p).is_some()) {
        let file: Option<DutyFile> = toml_file(files, path, schema, faults);
        out.extend(file.into_iter().flat_map(|f| f.duties));
    }
    out
}

/// Report templates by their files' names.
fn reports(files: &PackFiles) -> BTreeMap<String, String> {
    let named = files.under("reports/", ".md").filter_map(|p| {
        let id = p.strip_prefix("reports/")?.strip_suffix(".md")?;
        Some((id.to_owned(), files.text(p)?))
    });
    named.collect()
}

fn toml_file<T: serde::de::DeserializeOwned>(
    files: &PackFiles,
    path: &str,
    schema: &Value,
    faults: &mut Vec<Fault>,
) -> Option<T> {
    let Some(text) = files.text(path) else {
        faults.push(Fault::new(path, 0, "缺少这个文件;可从 packs/base 抄一份再改"));
        return None;
    };
    read_toml(path, &text, schema, faults)
}

/// A file that a pack may do without.
pub(crate) fn if_there<T: serde::de::DeserializeOwned>(
    files: &PackFiles,
    path: &str,
    schema: &Value,
    faults: &mut Vec<Fault>,
) -> Option<T> {
    files.text(path).and_then(|_| toml_file(files, path, schema, faults))
}

fn minute(text: &str) -> Option<u32> {
    let (h, m) = text.split_once(':')?;
    let (h, m): (u32, u32) = (h.parse().ok()?, m.parse().ok()?);
    (h < 24 && m < 60).then_some(h * 60 + m)
}

fn calendar(files: &PackFiles, settings: Option<&Settings>, faults: &mut Vec<Fault>) -> Calendar {
    let path = "calendar/holidays.csv";
    let mut rows = Vec::new();
    for line in read_csv(files, path, &["date", "kind", "note"], faults) {
        let Some(day) = Day::parse(line.get("date")) else {
            faults.push(Fault::new(path, line.line, format!("日期不对: {};请写成 2026-10-01", line.get("date"))));
            continue;
        };
        match line.get("kind") {
            "holiday" => rows.push((day, DayKind::Holiday, line.get("note").to_owned())),
            "makeup" => rows.push((day, DayKind::MakeUp, line.get("note").to_owned())),
            other => faults.push(Fault::new(path, line.line, format!("kind 只能是 holiday 或 makeup,不能是 {other}"))),
        }
    }
    let years = read_csv(files, "calendar/years.csv", &["year", "status"], faults);
    let published = years.iter().filter(|l| l.get("status") == "published").filter_map(|l| l.get("year").parse().ok());
    let calendar = Calendar::new(rows, published.collect::<Vec<i16>>());
    let hours = settings.map(|s| s.office_hours.as_slice()).unwrap_or_default();
    if hours.is_empty() {
        return calendar;
    }
    let sessions: Option<Vec<(u32, u32)>> = hours.iter().map(|(a, b)| Some((minute(a)?, minute(b)?))).collect();
    match sessions.and_then(|s| OfficeHours::new(s).ok()) {
        Some(hours) => calendar.with_hours(hours),
        None => {
            let message = "office_hours 不对;请写成 [[\"08:30\", \"12:00\"], [\"14:30\", \"18:00\"]]";
            faults.push(Fault::at("pack.toml", &files.text("pack.toml").unwrap_or_default(), "office_hours", message));
            calendar
        }
    }
}

fn units(files: &PackFiles, faults: &mut Vec<Fault>) -> Vec<Unit> {
    read_csv(files, "units.csv", &["id", "name", "short"], faults)
        .iter()
        .map(|l| Unit {
            id: l.get("id").to_owned(),
            name: l.get("name").to_owned(),
            short: l.get("short").to_owned(),
            phone: l.get("phone").to_owned(),
        })
        .collect()
}

fn regions(files: &PackFiles, faults: &mut Vec<Fault>) -> Vec<RegionLine> {
    let path = "regions.csv";
    let lines = read_csv(files, path, &["code", "name", "display", "level", "parent"], faults);
    let mut out: Vec<RegionLine> = Vec::new();
    let mut seen: BTreeMap<String, Level> = BTreeMap::new();
    for line in lines {
        let code = line.get("code").to_owned();
        let Some(level) = Level::parse(line.get("level")) else {
            let message = format!("level 不认识: {};请写 county、town、village 或 grid", line.get("level"));
            faults.push(Fault::new(path, line.line, message));
            continue;
        };
        let sound =
            if level == Level::Grid { GridCode::parse(&code).is_ok() } else { DivisionCode::parse(&code).is_ok() };
        if !sound {
            let digits = if level == Level::Grid { 16 } else { 12 };
            faults.push(Fault::new(path, line.line, format!("代码不对: {code};应为{digits}位数字")));
        }
        let parent = line.get("parent").to_owned();
        match seen.get(&parent) {
            None if !parent.is_empty() => {
                faults.push(Fault::new(path, line.line, format!("上级 {parent} 不在本行之前")));
            }
            Some(up) if level == Level::Grid && *up != Level::Village => {
                faults.push(Fault::new(path, line.line, "网格必须设在村(社区)之下"));
            }
            _ => {}
        }
        if seen.insert(code.clone(), level).is_some() {
            faults.push(Fault::new(path, line.line, format!("代码重复: {code}")));
        }
        let from = Day::parse(line.get("valid_from")).or_else(|| Day::ymd(2019, 1, 1)).unwrap_or_default();
        let display = if line.get("display").is_empty() { line.get("name") } else { line.get("display") };
        out.push(RegionLine {
            code,
            name: line.get("name").to_owned(),
            display: display.to_owned(),
            level,
            parent,
            from,
            simulated: line.get("note").contains("模拟"),
        });
    }
    out
}

fn natural_units(files: &PackFiles, faults: &mut Vec<Fault>) -> Vec<UnitLine> {
    read_csv(files, "natural_units.csv", &["id", "name", "type", "village", "grids"], faults)
        .iter()
        .map(|l| UnitLine {
            id: l.get("id").to_owned(),
            name: l.get("name").to_owned(),
            kind: l.get("type").to_owned(),
            village: l.get("village").to_owned(),
            grids: l.get("grids").split(';').filter(|g| !g.is_empty()).map(str::to_owned).collect(),
        })
        .collect()
}

fn figures(files: &PackFiles, faults: &mut Vec<Fault>) -> Vec<FigureBound> {
    let path = "figures.csv";
    let mut out = Vec::new();
    for line in read_csv(files, path, &["figure", "indicator", "expected", "bound"], faults) {
        let Ok(expected) = line.get("expected").parse() else {
            faults.push(Fault::new(path, line.line, format!("expected 要写数: {}", line.get("expected"))));
            continue;
        };
        let precision = line.get("precision").parse().unwrap_or(1.0);
        out.push(FigureBound {
            figure: line.get("figure").to_owned(),
            indicator: line.get("indicator").to_owned(),
            expected,
            bound: line.get("bound").to_owned(),
            precision,
        });
    }
    out
}
