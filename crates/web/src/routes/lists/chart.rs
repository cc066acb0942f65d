//! The chart of a flow as a drawing: stations one below the other with who acts, by when and what is needed, and below
//! each what else may come of it. Coordinates are made here, so that a page needs no script to draw one.

use crate::visit::Visit;
use serde_json::{Value, json};
use xiangyue_app::App;
use xiangyue_domain::calendar::Limit;
use xiangyue_domain::flow::{Chart, Station, chart};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{FieldType, Kind, Move, Policy, Step};

/// Width of the drawing, of a box, where a box begins, height of a line and of an arrow.
const W: u32 = 400;
const BOX: u32 = 384;
const LEFT: u32 = 8;
const LINE: u32 = 20;
const ARROW: u32 = 34;
/// Widest line, in halves of a Chinese character.
const WIDE: usize = 50;

/// The chart of a matter's flow, with where it stands: drawn when it is asked for, since it is long and seldom looked at, and
/// until then the way to it. None for a record of a single step.
pub(crate) fn of_matter(visit: &Visit, app: &App, kind: &Kind, matter: &Matter, asked: bool) -> Value {
    if kind.steps.len() < 2 {
        return Value::Null;
    }
    if asked {
        return draw(visit, &app.policy(), kind, Some(matter));
    }
    json!({ "url": format!("/desk/matters/{}?chart=1#chart", matter.id), "at": at(visit, kind, matter), "boxes": [] })
}

/// The step that a matter stands in.
fn at(visit: &Visit, kind: &Kind, matter: &Matter) -> Option<String> {
    let step = kind.steps.iter().find(|s| s.id == matter.step);
    step.map(|s| visit.locale.pick(&s.name, &s.name_en).to_owned())
}

/// Where staff open a matter of this kind for an item.
pub(super) fn begin(kind: &Kind, list: &str, item: &str) -> String {
    let field = kind.fields.iter().find(|f| f.kind == FieldType::Choice && f.catalogue.as_deref() == Some(list));
    let filled = field.map(|f| format!("?{}={item}", f.id)).unwrap_or_default();
    format!("/desk/intake/{}{filled}", kind.id)
}

/// The drawing: `{name, w, h, boxes, words}`; a box is `{y, h, n, title, state, lines, arrow}`.
pub(crate) fn draw(visit: &Visit, policy: &Policy, kind: &Kind, matter: Option<&Matter>) -> Value {
    let Chart { main, aside } = chart(kind);
    let been = |step: &Step| {
        let been = matter.is_some_and(|m| m.trail.iter().any(|t| t.to == step.id));
        match matter.map(|m| m.step == step.id) {
            Some(true) => "now",
            _ if been => "been",
            _ => "",
        }
    };
    // A step beside the usual way, where nothing is left to do, is named by the move that leads there.
    let aside = aside.iter().filter(|s| !s.off.is_empty() || been(s.step) == "now");
    let mut y = 4;
    let mut boxes = Vec::new();
    for (n, station) in main.iter().chain(aside).enumerate() {
        let usual = n < main.len();
        let lines = lines(visit, policy, station);
        let h = 34 + LINE * u32::try_from(lines.len()).unwrap_or(0);
        let arrow = arrow(visit, station, usual && n + 1 < main.len());
        let rows: Vec<Value> = (0u32..)
            .zip(&lines)
            .map(|(i, (tone, text))| json!({ "y": y + 46 + i * LINE, "tone": tone, "text": text }))
            .collect();
        let title = visit.locale.pick(&station.step.name, &station.step.name_en);
        let number = if usual { (n + 1).to_string() } else { visit.t("lists.chart_aside") };
        boxes.push(json!({ "y": y, "h": h, "n": number, "title": title, "state": been(station.step), "lines": rows,
            "foot": y + h, "arrow": arrow, "main": usual }));
        y += h + ARROW;
    }
    let at = matter.and_then(|m| at(visit, kind, m));
    json!({ "name": visit.locale.pick(&kind.name, &kind.name_en), "sample": kind.sample, "w": W, "h": y - ARROW + 6,
        "left": LEFT, "box": BOX, "boxes": boxes, "at": at })
}

/// What stands on the arrow to the next station; empty where the way ends.
fn arrow(visit: &Visit, station: &Station, more: bool) -> String {
    if !more {
        return String::new();
    }
    let names: Vec<&str> = station.on.iter().map(|m| visit.locale.pick(&m.name, &m.name_en)).collect();
    let text = names.join(&visit.t("lists.chart_either"));
    wrapped(&text).into_iter().next().unwrap_or_default()
}

/// Lines of a station, each with its tone: who, by when, what is needed, and what else may come of it.
fn lines(visit: &Visit, policy: &Policy, station: &Station) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let mut put = |tone: &'static str, text: String| out.extend(wrapped(&text).into_iter().map(|t| (tone, t)));
    // Beside the usual way, whoever can lead back to it.
    let movers = if station.on.is_empty() { station.off.iter().map(|(m, _)| *m).collect() } else { station.on.clone() };
    let who = actors(visit, policy, &movers);
    if !who.is_empty() {
        put("who", visit.t_with("lists.who", &[("who", who)]));
    }
    for clock in &station.clocks {
        let Some(rule) = clock.usual_limit() else { continue };
        let name = visit.locale.pick(&clock.name, &clock.name_en).to_owned();
        put("limit", visit.t_with("lists.limit", &[("name", name), ("limit", limit(visit, rule.limit))]));
    }
    if let Some(days) = station.on.iter().find_map(|m| m.not_before) {
        put("limit", visit.t_with("lists.not_before", &[("limit", limit(visit, days))]));
    }
    let mut bodies: Vec<&str> = station.on.iter().filter_map(|m| m.vote.as_ref()).map(|v| v.body.as_str()).collect();
    bodies.dedup();
    for body in bodies.into_iter().filter_map(|b| policy.body(b)) {
        put("limit", visit.t_with("lists.vote", &[("body", visit.locale.pick(&body.name, &body.name_en).to_owned())]));
    }
    for (mv, to) in &station.off {
        let (name, to) = (visit.locale.pick(&mv.name, &mv.name_en), visit.locale.pick(&to.name, &to.name_en));
        put("off", visit.t_with("lists.chart_off", &[("name", name.to_owned()), ("to", to.to_owned())]));
    }
    out
}

/// Posts that make the moves onward, each once.
fn actors(visit: &Visit, policy: &Policy, moves: &[&Move]) -> String {
    let mut names: Vec<String> = Vec::new();
    for by in moves.iter().flat_map(|m| &m.by) {
        let name = match policy.post(&by.0) {
            Some(post) => visit.locale.pick(&post.name, &post.name_en).to_owned(),
            None if matches!(by.0.as_str(), "holder" | "reporter" | "opener" | "system") => {
                visit.t(&format!("lists.by_{}", by.0))
            }
            None => continue,
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    visit.list(&names)
}

/// A limit in words.
fn limit(visit: &Visit, limit: Limit) -> String {
    let (key, n) = match limit {
        Limit::WorkingDays(n) => ("wd", n),
        Limit::WorkingMinutes(n) if n % 60 == 0 => ("wh", n / 60),
        Limit::WorkingMinutes(n) => ("wm", n),
        Limit::WallMinutes(n) if n % 60 == 0 => ("h", n / 60),
        Limit::WallMinutes(n) => ("m", n),
        Limit::Days(n) => ("d", n),
        Limit::Months(n) => ("mo", n),
    };
    visit.t_with(&format!("lists.for_{key}"), &[("n", n.to_string())])
}

/// A text in lines that fit: Chinese characters are twice as wide as others, and a word of letters is not broken.
fn wrapped(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut wide = 0;
    for word in words(text) {
        let w: usize = word.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        if wide + w > WIDE && wide > 2 {
            out.push("\u{3000}".to_owned());
            wide = 2;
        }
        wide += w;
        if let Some(last) = out.last_mut() {
            last.push_str(&word);
        }
    }
    out
}

/// Words of letters and digits with what follows up to the next one; every other character by itself.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for c in text.chars() {
        let goes_on = |last: &&mut String| c.is_ascii() && last.ends_with(|p: char| p.is_ascii() && p != ' ');
        match out.last_mut().filter(goes_on) {
            Some(last) => last.push(c),
            None => out.push(c.to_string()),
        }
    }
    out
}
