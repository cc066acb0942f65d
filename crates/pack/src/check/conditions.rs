//! Conditions: they may speak of a kind's plain fields and of what the engine knows, and must be answerable even when
//! nothing is filled in yet, since a condition that cannot be judged stops the matter.

use super::Say;
use serde_json::Value;
use xiangyue_domain::condition::{Condition, Vars};
use xiangyue_domain::policy::{Field, FieldType, Kind};

/// Names a condition may speak of besides the kind's fields.
const KNOWN: &[&str] = &[
    "channel",
    "step",
    "level_in",
    "level_done",
    "holder",
    "bypass",
    "named",
    "urgency",
    "made",
    "late",
    "met",
    "filled",
    "parts_open",
    "open_parts",
    "parts_total",
];
/// What only a move may ask, since it depends on when it is asked: the clocks that have run out by now.
const NOW: &str = "overdue";
/// The row at hand, for a measure over the rows of a list.
const ITEM: &str = "item";

/// A condition that is judged from the matter's events alone: of a limit, of a measure.
pub(super) fn check(kind: &Kind, condition: &Condition, at: &str, say: Say) {
    named(kind, condition, (false, None), at, say);
}

/// A condition of a measure; one that goes over the rows of a list may speak of the row at hand as `item`.
pub(super) fn check_counted(kind: &Kind, condition: &Condition, rows: Option<&[Field]>, at: &str, say: Say) {
    named(kind, condition, (false, rows), at, say);
}

/// A condition of a move, judged when it is made.
pub(super) fn check_now(kind: &Kind, condition: &Condition, at: &str, say: Say) {
    named(kind, condition, (true, None), at, say);
}

fn named(kind: &Kind, condition: &Condition, (now, rows): (bool, Option<&[Field]>), at: &str, say: Say) {
    let mut sound = true;
    for name in condition.names() {
        if kind.field(name).is_some_and(|f| f.kind.is_secret()) {
            say(at, format!("条件不能用会写到人名的字段 {name}"));
            sound = false;
        } else if name == NOW && !now {
            say(at, format!("{NOW} 只能写在动作的条件里:计量和时限不能随查看的时刻变"));
            sound = false;
        } else if kind.field(name).is_none()
            && name != NOW
            && !(name == ITEM && rows.is_some())
            && !KNOWN.contains(&name.as_str())
        {
            say(at, format!("条件里的 {name} 不认识;可用本类事项的字段,或 {}", KNOWN.join("、")));
            sound = false;
        }
    }
    if sound && condition.holds(&untouched(kind, rows)).is_err() {
        let source = condition.source();
        say(at, format!("条件 {source} 在字段还没填时判断不了;没填的字段按空文字 '' 算,结果要是真或假"));
    }
}

/// What a condition finds before anything has happened.
fn untouched(kind: &Kind, rows: Option<&[Field]>) -> Vars {
    let mut vars = Vars::from(["bypass", "named"].map(|name| (name.to_owned(), Value::Bool(false))));
    vars.extend(["late", "met", "filled", "open_parts", NOW].map(|name| (name.to_owned(), Value::Array(Vec::new()))));
    vars.extend(["parts_open", "parts_total"].map(|name| (name.to_owned(), Value::from(0))));
    let made = kind.moves.iter().map(|m| (m.id.clone(), Value::from(0)));
    vars.insert("made".to_owned(), Value::Object(made.collect()));
    let papers = kind.fields.iter().filter(|f| f.kind == FieldType::File);
    vars.extend(papers.map(|f| (f.id.clone(), Value::from(0))));
    if let Some(columns) = rows {
        let blank = |c: &Field| {
            let number = matches!(c.kind, FieldType::Int | FieldType::Money | FieldType::Date);
            (c.id.clone(), if number { Value::from(0) } else { Value::from("") })
        };
        vars.insert(
            ITEM.to_owned(),
            Value::Object(columns.iter().filter(|c| !c.kind.is_secret()).map(blank).collect()),
        );
    }
    vars
}
