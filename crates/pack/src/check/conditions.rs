//! Conditions: they may speak of a kind's plain fields and of what the engine knows, and must be answerable even when
//! nothing is filled in yet, since a condition that cannot be judged stops the matter.

use super::Say;
use serde_json::Value;
use xiangyue_domain::condition::{Condition, Vars};
use xiangyue_domain::policy::Kind;

/// Names a condition may speak of besides the kind's fields.
const KNOWN: &[&str] = &["channel", "step", "level_in", "level_done", "bypass", "named", "urgency"];

pub(super) fn check(kind: &Kind, condition: &Condition, at: &str, say: Say) {
    let mut sound = true;
    for name in condition.names() {
        if kind.field(&name).is_some_and(|f| f.kind.is_secret()) {
            say(at, format!("条件不能用会写到人名的字段 {name}"));
            sound = false;
        } else if kind.field(&name).is_none() && !KNOWN.contains(&name.as_str()) {
            say(at, format!("条件里的 {name} 不认识;可用本类事项的字段,或 {}", KNOWN.join("、")));
            sound = false;
        }
    }
    let flags = ["bypass", "named"].map(|name| (name.to_owned(), Value::Bool(false)));
    if sound && condition.holds(&Vars::from(flags)).is_err() {
        let source = condition.source();
        say(at, format!("条件 {source} 在字段还没填时判断不了;没填的字段按空文字 '' 算,结果要是真或假"));
    }
}
