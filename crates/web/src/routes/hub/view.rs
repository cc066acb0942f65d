//! What a page of figures is asked for: place, period, cut-off and comparison, read from the address, checked against
//! the reader's rights, and written back into every link of the page.

use crate::error::WebError;
use crate::page::query;
use crate::show;
use crate::visit::{Staff, Visit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xiangyue_app::indicator::Figures;
use xiangyue_app::period::{Against, Period, Span, month_start};
use xiangyue_app::{App, AppError};
use xiangyue_domain::day::Day;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{Level, Right};
use xiangyue_domain::refusal::Refusal;
use xiangyue_report::ReportOptions;
use xiangyue_report::source::period_of;

/// What is asked for.
pub(super) struct View<'a> {
    pub staff: &'a Staff,
    pub app: &'a App,
    pub place: RegionId,
    /// Highest place whose figures the reader may see.
    pub top: RegionId,
    pub level: Level,
    pub day: Day,
    /// The period by name; none when days were chosen.
    pub span: Option<Span>,
    pub period: Period,
    pub against: Against,
    pub asked: BTreeMap<String, String>,
}

/// Values that stay in the address from page to page.
const KEPT: &[&str] = &["region", "period", "from", "to", "as_of", "compare"];

/// What else stays on a page of this path.
fn kept_on(path: &str) -> &'static [&'static str] {
    match path {
        "/hub" => &["group", "trend"],
        _ if path.starts_with("/hub/report") => &["template"],
        _ if path.starts_with("/hub/figures") => &["category"],
        _ => &[],
    }
}

impl<'a> View<'a> {
    /// Reads the address. Another's place is refused; one that is not there is not found.
    pub fn read(staff: &'a Staff, right: Right) -> Result<View<'a>, WebError> {
        let app = staff.app()?;
        let account = staff.user.account.id;
        let asked = query(&staff.visit.path);
        let (directory, day) = (app.directory(), app.now().day());
        let top = app.top_place(account, right).ok_or_else(|| WebError::Refused(Refusal::new("no_right")))?;
        let place = match asked.get("region").filter(|r| !r.is_empty()) {
            Some(code) => directory.tree.by_code(code, day).map(|r| r.id).ok_or(WebError::NotFound)?,
            None => top,
        };
        if !directory.has_right(&app.policy(), account, right, place, day) {
            return Err(WebError::Refused(Refusal::new("no_right")));
        }
        let level = directory.tree.get(place).map_or(Level::Grid, |r| r.level);
        // Where the reader has several posts, the way down begins at the one above this place.
        let chain = directory.tree.ancestors(place, day);
        let top = if chain.contains(&top) { top } else { place };
        let (span, period) = period(&staff.visit, app, &asked);
        let against = if asked.get("compare").is_some_and(|c| c == "mom") { Against::Before } else { Against::Year };
        Ok(View { staff, app, place, top, level, day, span, period, against, asked })
    }

    /// What a report is asked for. Its period goes by the rule of reports, which the command line keeps to as well, so that
    /// text, sources and files are of the same days.
    pub fn of_report(staff: &'a Staff) -> Result<View<'a>, WebError> {
        let mut view = View::read(staff, Right::Report)?;
        let demo = view.demo();
        let day = |name: &str| Day::parse(view.get(name)).map(|d| d.min(view.day));
        let (from, to) = match (day("from"), day("to")) {
            (Some(from), Some(to)) => (Some(from.min(to)), Some(from.max(to))),
            asked => asked,
        };
        let custom = from.is_some() || to.is_some();
        let span = Span::parse(view.get("period")).filter(|_| !custom);
        let options = ReportOptions { span, from, to, as_of: day("as_of"), ..ReportOptions::default() };
        let period = period_of(&options, view.day, view.month_ends_on(), demo);
        view.span = span.or(Some(if demo.is_some() { Span::All } else { Span::Year })).filter(|_| !custom);
        view.period = period;
        Ok(view)
    }

    /// The visit.
    pub fn visit(&self) -> &'a Visit {
        &self.staff.visit
    }

    /// A value of the address.
    pub fn get(&self, name: &str) -> &str {
        self.asked.get(name).map_or("", String::as_str)
    }

    /// The period to compare with, if there is one.
    pub fn base(&self) -> Option<Period> {
        self.period.base(self.against, self.month_ends_on())
    }

    /// Figures of the period to compare with; none where there is no such period.
    pub async fn base_figures(&self, ids: &[&str], at: &[RegionId], buckets: &[String]) -> Result<Figures, AppError> {
        match self.base() {
            Some(base) => self.app.figures_of(ids, at, base, buckets).await,
            None => Ok(Figures::new()),
        }
    }

    /// Day on which the statistics month ends; 0 for the month's own last.
    pub fn month_ends_on(&self) -> u8 {
        self.app.policy().settings.as_ref().map_or(0, |s| s.month_ends_on)
    }

    /// Code of a place.
    pub fn code(&self, place: RegionId) -> String {
        self.app.directory().tree.code(place, self.day).to_owned()
    }

    /// Name of a place.
    pub fn name(&self, place: RegionId) -> String {
        self.app.directory().tree.display(place, self.day).to_owned()
    }

    /// Places directly below, in official order.
    pub fn children(&self) -> Vec<RegionId> {
        self.app.directory().tree.children(self.place, self.day)
    }

    /// The word for the places directly below, such as 乡镇.
    pub fn below(&self) -> String {
        let directory = self.app.directory();
        let level = self.children().first().and_then(|c| directory.tree.get(*c)).map_or(Level::Grid, |r| r.level);
        let policy = self.app.policy();
        let words = policy.settings.as_ref().and_then(|s| s.level_words.get(&level)).cloned();
        let english = self.visit().locale == crate::Locale::En;
        words.filter(|_| !english).unwrap_or_else(|| self.visit().t(&format!("hub.level_{}", level.as_str())))
    }

    /// An address with what is kept of this one and some values changed; empty ones are left out.
    pub fn url(&self, path: &str, change: &[(&str, &str)]) -> String {
        let code = self.code(self.place);
        let mut all: BTreeMap<&str, &str> = BTreeMap::new();
        for name in KEPT.iter().chain(kept_on(path)) {
            all.insert(name, self.get(name));
        }
        all.insert("region", &code);
        all.extend(change.iter().copied());
        address(path, &all)
    }

    /// The page of a figure at a place, without what narrows this page.
    pub fn figure_url(&self, id: &str, place: RegionId) -> String {
        self.url(&format!("/hub/figures/{id}"), &[("region", &self.code(place)), ("category", "")])
    }

    /// The list of matters of a place; the root needs no filter.
    pub fn matters_url(&self, place: RegionId, more: &[(&str, &str)]) -> String {
        let directory = self.app.directory();
        let code = if directory.tree.root(self.day) == Some(place) { String::new() } else { self.code(place) };
        let mut all: BTreeMap<&str, &str> = BTreeMap::from([("place", code.as_str())]);
        all.extend(more.iter().copied());
        address("/desk/matters", &all)
    }

    /// The list that a number was counted by; the number goes along, so that the list says it without counting again.
    pub fn counted_url(&self, n: i64, place: RegionId, more: &[(&str, &str)]) -> String {
        let n = n.to_string();
        self.matters_url(place, &[more, &[("counted", n.as_str())]].concat())
    }

    /// Way down to this place; `last` is what stands at its end when it is not the place itself.
    pub fn crumbs(&self, last: Option<&str>) -> Vec<Value> {
        let directory = self.app.directory();
        let mut chain = directory.tree.ancestors(self.place, self.day);
        if let Some(at) = chain.iter().position(|r| *r == self.top) {
            chain.truncate(at + 1);
        }
        chain.reverse();
        let clear = |place: RegionId| self.url("/hub", &[("region", &self.code(place))]);
        let mut out: Vec<Value> = chain.iter().map(|r| json!({"label": self.name(*r), "url": clear(*r)})).collect();
        match last {
            Some(last) => out.push(json!({"label": last, "url": ""})),
            None => {
                if let Some(own) = out.last_mut() {
                    own["url"] = json!("");
                }
            }
        }
        out
    }

    /// The switch of periods.
    pub fn periods(&self, path: &str) -> Vec<Value> {
        let mut spans = vec![Span::Yesterday, Span::Week, Span::Month, Span::Quarter, Span::Year];
        if self.demo().is_some() {
            spans.push(Span::All);
        }
        let one = |span: Span| {
            let change = [("period", span.as_str()), ("from", ""), ("to", ""), ("as_of", "")];
            json!({
                "label": self.visit().t(&format!("hub.span_{}", span.as_str())),
                "url": self.url(path, &change),
                "current": self.span == Some(span),
            })
        };
        spans.into_iter().map(one).collect()
    }

    /// The form for days of one's own; what else stays on the page goes along.
    pub fn custom(&self, path: &str) -> Value {
        let code = self.code(self.place);
        let kept = ["compare"].iter().chain(kept_on(path)).map(|k| (*k, self.get(k)));
        let kept = kept.chain([("region", code.as_str())]).filter(|(_, v)| !v.is_empty());
        json!({
            "action": path, "from": self.period.from.to_string(), "to": self.period.to.to_string(),
            "kept": kept.map(|(k, v)| json!({"name": k, "value": v})).collect::<Vec<_>>(), "open": self.span.is_none(),
        })
    }

    /// The switch of comparisons.
    pub fn compares(&self, path: &str) -> Vec<Value> {
        let one = |key: &str, against: Against| {
            json!({
                "label": self.visit().t(&format!("hub.{key}")),
                "url": self.url(path, &[("compare", if against == Against::Year { "" } else { key })]),
                "current": self.against == against,
            })
        };
        vec![one("yoy", Against::Year), one("mom", Against::Before)]
    }

    /// The scenario's period of a demo.
    pub fn demo(&self) -> Option<(Day, Day)> {
        self.visit().ready().ok().and_then(|r| r.demo)
    }

    /// 2026年1月1日至11月8日
    pub fn days(&self, period: Period) -> String {
        let from = show::long_day(self.visit(), period.from);
        if period.from == period.to {
            return from;
        }
        // The year is said once.
        let (first, last) = (period.from.date(), period.to.date());
        let to = if first.year() == last.year() {
            self.visit().t_with("hub.month_day", &[("m", last.month().to_string()), ("d", last.day().to_string())])
        } else {
            show::long_day(self.visit(), period.to)
        };
        self.visit().t_with("hub.days", &[("from", from), ("to", to)])
    }

    /// 截至…: now, when the period is not over.
    pub fn as_of(&self) -> String {
        let at = if self.period.cut_off >= self.day {
            format!("{} {}", show::long_day(self.visit(), self.day), self.app.now().hhmm())
        } else {
            show::long_day(self.visit(), self.period.cut_off)
        };
        self.visit().t_with("hub.as_of_words", &[("at", at)])
    }
}

fn period(visit: &Visit, app: &App, asked: &BTreeMap<String, String>) -> (Option<Span>, Period) {
    let today = app.now().day();
    let day = |name: &str| asked.get(name).and_then(|t| Day::parse(t)).map(|d| d.min(today));
    let all = visit.ready().ok().and_then(|r| r.demo).unwrap_or((today, today));
    let policy = app.policy();
    let ends = policy.settings.as_ref().map_or(0, |s| s.month_ends_on);
    let named = asked.get("period").and_then(|p| Span::parse(p));
    let span = if day("from").is_some() || day("to").is_some() { None } else { Some(named.unwrap_or(Span::Year)) };
    let mut period = match span {
        Some(span) => Period::of(span, today, ends, all),
        None => {
            let to = day("to").unwrap_or(today);
            let from = day("from").unwrap_or_else(|| month_start(to, ends));
            Period::closed(from.min(to), from.max(to))
        }
    };
    if let Some(cut_off) = day("as_of") {
        period.cut_off = cut_off.max(period.from);
    }
    (span, period)
}

/// An address of values; empty ones are left out.
pub(crate) fn address(path: &str, values: &BTreeMap<&str, &str>) -> String {
    let encode = |text: &str| -> String {
        let one = |b: u8| match b {
            b'-' | b'.' | b'_' => char::from(b).to_string(),
            _ if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        };
        text.bytes().map(one).collect()
    };
    let pairs: Vec<String> =
        values.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}
