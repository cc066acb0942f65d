//! The morning line: what came in and was closed yesterday, what is open, due today and overdue, and with whom.

use super::say;
use super::view::View;
use crate::error::WebError;
use crate::show;
use serde_json::{Value, json};
use xiangyue_app::period::Period;
use xiangyue_app::warning::{Open, Waiting, With};
use xiangyue_domain::policy::{Indicator, Policy};

/// What is known this morning.
pub(super) struct Morning {
    pub open: Open,
    pub today: Vec<Waiting>,
    pub overdue: Vec<Waiting>,
}

/// Places and units named in the line at most.
const NAMED: usize = 4;

/// The line, cut into pieces whose figures are links.
pub(super) async fn line(view: &View<'_>, policy: &Policy, known: &Morning) -> Result<Value, WebError> {
    let yesterday = view.day.plus(-1);
    let said = |i: &&Indicator| !i.morning.is_empty() && say::may_show(policy, i, view.level);
    let indicators: Vec<&Indicator> = policy.indicators.iter().filter(said).collect();
    let ids: Vec<&str> = indicators.iter().map(|i| i.id.as_str()).collect();
    let figures = view.app.figures(&ids, &[view.place], Period::closed(yesterday, yesterday)).await?;
    let visit = view.visit();
    let time = view.app.now();
    let clock = [("h", (time.minute_of_day() / 60).to_string()), ("m", format!("{:02}", time.minute_of_day() % 60))];
    let gap = gap(view);
    let mut pieces = vec![(visit.t_with("hub.morning_start", &clock), String::new())];
    for (i, indicator) in indicators.iter().enumerate() {
        let n = figures.get(&(view.place, indicator.id.clone())).copied().unwrap_or_default();
        let word = visit.locale.pick(&indicator.morning, &indicator.morning_en);
        let lead = if i == 0 { String::new() } else { visit.t("hub.comma") };
        pieces.push((format!("{lead}{word}{gap}"), String::new()));
        let change = [("period", "yesterday"), ("from", ""), ("to", ""), ("as_of", ""), ("category", "")];
        let url = view.url(&format!("/hub/figures/{}", indicator.id), &change);
        pieces.push((format!("{}{gap}{}", say::value(indicator, n), say::unit(view, indicator)), url));
    }
    let cases = |n: i64| format!("{}{}", say::grouped(n), visit.t("hub.cases"));
    let today: i64 = known.today.iter().map(|w| w.n).sum();
    let late: i64 = known.overdue.iter().map(|w| w.n).sum();
    let list = |n: i64, limit: &str| view.counted_url(n, view.place, &[("status", "active"), ("limit", limit)]);
    pieces.push((visit.t("hub.morning_open"), String::new()));
    pieces.push((cases(known.open.n), list(known.open.n, "")));
    pieces.push((visit.t("hub.morning_today"), String::new()));
    pieces.push((cases(today), list(today, "today")));
    pieces.push((visit.t("hub.morning_late"), String::new()));
    pieces.push((cases(late), list(late, "over")));
    pieces.push((with_whom(view, &known.overdue), String::new()));
    let copy: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
    let words: Vec<Value> = pieces.iter().map(|(text, url)| json!({"text": text, "url": url})).collect();
    Ok(json!({"words": words, "copy_text": copy}))
}

/// What stands between a word and a number: nothing in Chinese.
fn gap(view: &View) -> &'static str {
    if view.visit().locale == crate::Locale::En { " " } else { "" }
}

/// (东沟镇1件、县住建局1件)。
fn with_whom(view: &View, overdue: &[Waiting]) -> String {
    let visit = view.visit();
    let mut most: Vec<&Waiting> = overdue.iter().collect();
    most.sort_by_key(|w| std::cmp::Reverse(w.n));
    let mut named: Vec<String> = most
        .iter()
        .take(NAMED)
        .map(|w| format!("{}{}{}{}", name(view, &w.with), gap(view), say::grouped(w.n), visit.t("hub.cases")))
        .collect();
    if named.is_empty() {
        return visit.t("hub.full_stop");
    }
    if most.len() > NAMED {
        named.push(visit.t("hub.and_others"));
    }
    visit.t_with("hub.morning_places", &[("list", visit.list(&named))])
}

/// With whom something waits, in words.
pub(super) fn name(view: &View, with: &With) -> String {
    let directory = view.app.directory();
    match with {
        With::Place(place) => view.name(*place),
        With::Unit(unit) => directory.seat_name(unit.0, view.day),
        With::Post(holder) => {
            let policy = view.app.policy();
            let post = policy.post(&holder.post).map(|p| view.visit().locale.pick(&p.name, &p.name_en).to_owned());
            post.unwrap_or_else(|| show::holder(view.visit(), view.app, holder))
        }
        With::Nobody => view.visit().t("hub.nobody"),
    }
}
