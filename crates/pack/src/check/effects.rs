//! What a move causes beside its step: limits put off, matters opened below, joins, papers that must be there. Each
//! name has to lead somewhere, or the move would be refused the first time somebody makes it.

use super::kind::{assignment, has_field, is_post};
use super::{Say, conditions, posting};
use xiangyue_domain::policy::{Extend, FieldType, Kind, Move, Opens, Policy, TakesBack, Vote};

/// The word in a matter's history for taking it in: `not_by` may name it.
const OPEN: &str = "open";

/// Checks one move.
pub(super) fn check(policy: &Policy, kind: &Kind, mv: &Move, at: &str, say: Say) {
    for (i, rule) in mv.require_when.iter().enumerate() {
        let at = format!("{at}/require_when/{i}");
        conditions::check_now(kind, &rule.when, &format!("{at}/when"), say);
        for (n, field) in rule.fields.iter().enumerate().filter(|(_, f)| !mv.fields.contains(f)) {
            say(&format!("{at}/fields/{n}"), format!("动作 {} 要求的字段 {field} 没有列在 fields 里", mv.id));
        }
    }
    for (i, rule) in mv.only_when.iter().enumerate() {
        let at = format!("{at}/only_when/{i}");
        conditions::check_now(kind, &rule.when, &format!("{at}/when"), say);
        for (n, field) in rule.fields.iter().enumerate() {
            // A text is enciphered together with the others and cannot be taken out again.
            let open = kind.field(field).is_some_and(|f| !f.kind.is_secret() && f.kind != FieldType::File);
            if !open || !mv.fields.contains(field) {
                let what = format!("动作 {} 按条件才收的字段 {field} 要列在 fields 里,而且不能是文字或文件", mv.id);
                say(&format!("{at}/fields/{n}"), what);
            }
        }
    }
    for (i, field) in mv.holds.iter().enumerate() {
        has_field(kind, field, &format!("{at}/holds/{i}"), say);
    }
    for (to, from) in &mv.prefill {
        has_field(kind, from, &format!("{at}/prefill/{to}"), say);
        if !mv.fields.contains(to) {
            say(&format!("{at}/prefill/{to}"), format!("预填的字段 {to} 没有列在 fields 里"));
        }
    }
    if let Some(asks) = mv.answers.as_ref().filter(|m| kind.find_move(m).is_none_or(|m| m.notify.is_empty())) {
        say(
            &format!("{at}/answers"),
            format!("动作 {asks} 不存在,或没有 notify:写请示的那个动作的 id,它用 notify 告诉谁来批"),
        );
    }
    for (i, other) in mv.not_by.iter().enumerate().filter(|(_, m)| *m != OPEN && kind.find_move(m).is_none()) {
        say(&format!("{at}/not_by/{i}"), format!("动作 {other} 不存在;请写本类事项 [[move]] 里有的 id"));
    }
    for (i, target) in mv.notify.iter().enumerate() {
        assignment(policy, kind, &target.0, &format!("{at}/notify/{i}"), say);
    }
    if let Some(vote) = &mv.vote {
        counted(policy, kind, vote, &format!("{at}/vote"), say);
    }
    posting::check(policy, kind, mv, at, say);
    if let Some(extend) = &mv.extend {
        puts_off(kind, extend, &format!("{at}/extend"), say);
    }
    if let Some(opens) = &mv.open {
        opening(policy, kind, opens, &format!("{at}/open"), say);
    }
    if let Some(takes) = &mv.take_back {
        taking_back(policy, kind, takes, &format!("{at}/take_back"), say);
    }
    if mv.join.is_some() && kind.moves.iter().all(|m| m.open.is_none()) {
        say(&format!("{at}/join"), "这类事项没有会开出子事项的动作(open),join 不会成立".to_owned());
    }
}

fn counted(policy: &Policy, kind: &Kind, vote: &Vote, at: &str, say: Say) {
    if policy.body(&vote.body).is_none() {
        let known: Vec<&str> = policy.bodies.iter().map(|b| b.id.as_str()).collect();
        say(&format!("{at}/body"), format!("表决主体 {} 不存在;可写 {}", vote.body, known.join("、")));
    }
    let fields = [("due", &vote.due), ("present", &vote.present), ("yes", &vote.yes), ("no", &vote.no)];
    for (key, field) in fields.into_iter().chain([("abstain", &vote.abstain)]) {
        let optional = field.is_empty() && matches!(key, "no" | "abstain");
        if !optional && kind.field(field).is_none_or(|f| f.kind != FieldType::Int) {
            say(&format!("{at}/{key}"), format!("{key} 要指一个整数字段,{field} 不是"));
        }
    }
}

fn puts_off(kind: &Kind, extend: &Extend, at: &str, say: Say) {
    if kind.clocks.iter().all(|c| c.id != extend.clock) {
        let known: Vec<&str> = kind.clocks.iter().map(|c| c.id.as_str()).collect();
        say(&format!("{at}/clock"), format!("时限 {} 不存在;可写 {}", extend.clock, known.join("、")));
    }
    if kind.field(&extend.days).is_none_or(|f| f.kind != FieldType::Int) {
        say(&format!("{at}/days"), format!("days 要指一个整数字段(延几个工作日),{} 不是", extend.days));
    }
}

fn taking_back(policy: &Policy, kind: &Kind, takes: &TakesBack, at: &str, say: Say) {
    if kind.moves.iter().filter_map(|m| m.open.as_ref()).all(|o| o.kind != takes.kind) {
        say(&format!("{at}/kind"), format!("这类事项没有动作开出 {},没有可收回的", takes.kind));
    }
    if policy.kind(&takes.kind).is_some_and(|k| k.find_move(&takes.mv).is_none()) {
        say(&format!("{at}/move"), format!("事项 {} 没有动作 {}", takes.kind, takes.mv));
    }
}

fn opening(policy: &Policy, kind: &Kind, opens: &Opens, at: &str, say: Say) {
    match policy.kind(&opens.kind) {
        None => say(&format!("{at}/kind"), format!("事项 {} 不存在;请放到 matters/{}.toml", opens.kind, opens.kind)),
        Some(child) => {
            for (i, field) in opens.hand_down.iter().enumerate() {
                let at = format!("{at}/hand_down/{i}");
                has_field(kind, field, &at, say);
                if child.field(field).is_none() {
                    say(&at, format!("字段 {field} 在 {} 里没有,传不下去", opens.kind));
                }
            }
        }
    }
    assignment(policy, kind, &opens.assign.0, &format!("{at}/assign"), say);
    if opens.assign.0 == "choose" && opens.candidates.is_empty() {
        say(&format!("{at}/candidates"), "由人选承办岗位,要写 candidates".to_owned());
    }
    for (i, post) in opens.candidates.iter().enumerate() {
        is_post(policy, post, &format!("{at}/candidates/{i}"), say);
    }
}
