//! The records behind a figure, oldest first, under the reader's own scope: what they may not see is counted and said.

use super::say;
use super::view::View;
use crate::error::WebError;
use crate::show;
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_app::explain::{Explanation, Page, Record};
use xiangyue_app::indicator::{is_rate, parts};
use xiangyue_domain::fact::SEAT;
use xiangyue_domain::policy::{Catalogue, Indicator, Policy, Right};

/// Records on a page.
const SIZE: usize = 30;

/// Which records are asked for.
pub(super) struct Asked {
    pub page: Page,
    /// Number of the page, from 1.
    pub number: i64,
    /// Name of the category that the figure is narrowed to.
    pub category: Option<String>,
}

impl Asked {
    /// Reads the address; a category stands for itself and all below it.
    pub fn read(view: &View, policy: &Policy, indicator: &Indicator) -> Asked {
        let after = view.get("after").split_once('.').and_then(|(d, id)| Some((d.parse().ok()?, id.parse().ok()?)));
        let number: i64 = view.get("page").parse().unwrap_or(2);
        let number = if after.is_some() { number.clamp(2, 1_000_000) } else { 1 };
        let above = !(is_rate(indicator) && view.get("part") == "below");
        let code = view.get("category");
        let found = catalogue(policy, indicator).filter(|c| c.item(code).is_some());
        let buckets = found.map(|c| c.branch(code)).unwrap_or_default();
        let category = found.map(|c| c.path_name(code, view.visit().locale == crate::Locale::En));
        if let Some(seat) = seat(policy, indicator, code) {
            let name = view.app.directory().seat_name(seat, view.day);
            let page = Page { above, after, size: SIZE, buckets: vec![code.to_owned()] };
            return Asked { page, number, category: Some(name) };
        }
        Asked { page: Page { above, after, size: SIZE, buckets }, number, category }
    }

    /// The part as the address has it.
    pub fn part(&self) -> &'static str {
        if self.page.above { "above" } else { "below" }
    }
}

/// The seat that a figure is narrowed to, when all its measures are split by who made the moves.
fn seat(policy: &Policy, indicator: &Indicator, code: &str) -> Option<i64> {
    let (over, under) = parts(indicator);
    let by_seat = |m: &String| policy.measure(m).is_some_and(|(_, m)| m.bucket.as_deref() == Some(SEAT));
    code.parse().ok().filter(|_| !over.is_empty() && over.iter().chain(&under).all(by_seat))
}

/// The catalogue that all measures of an indicator are split by.
fn catalogue<'a>(policy: &'a Policy, indicator: &Indicator) -> Option<&'a Catalogue> {
    let (over, under) = parts(indicator);
    let mut found = over.iter().chain(&under).map(|m| {
        let (kind, measure) = policy.measure(m)?;
        kind.field(measure.bucket.as_deref()?)?.catalogue.as_deref()
    });
    let first = found.next()??;
    if found.all(|c| c == Some(first)) { policy.catalogue(first) } else { None }
}

/// Name of the figure, with the category it is narrowed to.
pub(super) fn name(view: &View, indicator: &Indicator, asked: &Asked) -> String {
    match &asked.category {
        Some(category) => format!("{} · {category}", say::name(view, indicator)),
        None => say::name(view, indicator).to_owned(),
    }
}

/// The records of a page, as far as the reader may see them.
pub(super) async fn find(view: &View<'_>, id: &str, asked: &Asked) -> Result<Explanation, AppError> {
    let scope = view.app.scope(view.staff.user.account.id);
    view.app.explain(&scope, id, view.place, view.period, &asked.page).await
}

/// Whether the reader may take a list out of here.
pub(super) fn may_export(view: &View) -> bool {
    let directory = view.app.directory();
    directory.has_right(&view.app.policy(), view.staff.user.account.id, Right::Export, view.place, view.day)
}

/// What stands on the page.
pub(super) async fn list(
    view: &View<'_>,
    path: &str,
    asked: &Asked,
    indicator: &Indicator,
    found: &Explanation,
) -> Result<Value, WebError> {
    let visit = view.visit();
    let total = if asked.page.above { found.above } else { found.below };
    let matters: Vec<_> = found.records.iter().map(|r| r.matter.clone()).collect();
    let titles = view.app.titles(&matters).await?;
    let row = |record: &Record| {
        let matter = &record.matter;
        let words = titles.get(&matter.id.0).and_then(|t| t.get("words")).map(String::as_str).filter(|w| !w.is_empty());
        let mut row = columns(view, indicator, record);
        row["title"] = json!(show::title(visit, view.app, matter, None, words));
        row["url"] = json!(format!("/desk/matters/{}", matter.id));
        row["limit"] = Value::Null;
        row
    };
    let anchor = |change: &[(&str, &str)]| format!("{}#records", view.url(path, change));
    let (number, size) = (asked.number, i64::try_from(SIZE).unwrap_or(1));
    let next = (number + 1).to_string();
    let after = found.next.map(|(day, id)| format!("{day}.{id}")).unwrap_or_default();
    let sorted: Vec<Value> = if is_rate(indicator) {
        let half = |part: &str, n: i64| {
            json!({"label": format!("{} {}", visit.t(&format!("hub.part_{part}")), say::grouped(n)), "url": anchor(&[("part", part)]),
                "current": asked.part() == part})
        };
        vec![half("above", found.above), half("below", found.below)]
    } else {
        Vec::new()
    };
    let hidden = match found.hidden {
        0 => String::new(),
        n => visit.t_with("hub.hidden", &[("n", n.to_string())]),
    };
    let words = [("page", number.to_string()), ("pages", ((total + size - 1) / size).max(1).to_string())];
    Ok(json!({
        "total_words": visit.t_with("hub.records_n", &[("n", say::grouped(total))]),
        "hidden": hidden,
        "rows": found.records.iter().map(row).collect::<Vec<_>>(),
        "sorted": sorted,
        "pager": {
            "prev": if number > 1 { anchor(&[("part", asked.part())]) } else { String::new() },
            "next": if after.is_empty() { after } else { anchor(&[("part", asked.part()), ("page", &next), ("after", &after)]) },
            "words": visit.t_with("hub.page_of", &words),
        },
    }))
}

/// What a record shows on the screen and in the spreadsheet alike.
pub(super) fn columns(view: &View, indicator: &Indicator, record: &Record) -> Value {
    let (visit, matter) = (view.visit(), &record.matter);
    let by = matter.trail.first().map(|t| show::who(visit, view.app, &t.by)).unwrap_or_default();
    let unit = if is_rate(indicator) { visit.t("hub.cases") } else { say::unit(view, indicator).to_owned() };
    json!({
        "number": matter.number,
        "place": show::place(view.app, matter.place, matter.accepted),
        "day": record.day.to_string(),
        "by": by,
        "step": show::step(visit, view.app, &matter.kind, &matter.step),
        "part": format!("{}{unit}", say::part(indicator, record.n)),
    })
}
