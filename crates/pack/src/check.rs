//! What must hold across files: every name that is spoken of exists, and every flow can be walked.

use crate::fault::Fault;
use crate::files::PackFiles;
use std::collections::BTreeSet;
use xiangyue_domain::condition::Condition;
use xiangyue_domain::policy::{FieldType, IndicatorSource, Kind, Phase, Policy};

/// Names a condition may speak of besides the kind's fields.
const KNOWN: &[&str] = &["channel", "step", "level_in", "level_done", "bypass", "named", "urgency"];
/// Movers that are no posts.
const MOVERS: &[&str] = &["holder", "reporter", "opener", "system"];
/// Assignments that name no post.
const ASSIGNS: &[&str] = &["keep", "none", "actor", "previous", "handler", "level.up", "level.home", "choose"];

/// Checks a whole pack.
pub(crate) fn whole(policy: &Policy, files: &PackFiles, faults: &mut Vec<Fault>) {
    let posts = files.text("posts.toml").unwrap_or_default();
    for post in &policy.posts {
        if let Some(up) = &post.superior
            && policy.post(up).is_none()
        {
            let message = format!("{} 的上级岗位 {up} 不存在;请写 posts.toml 里有的 id", post.id);
            faults.push(Fault::at("posts.toml", &posts, &format!("\"{}\"", post.id), message));
        }
    }
    let mut measures = BTreeSet::new();
    for path in files.under("matters/", ".toml") {
        let text = files.text(path).unwrap_or_default();
        let Some(kind) = policy.kinds.iter().find(|k| path.ends_with(&format!("/{}.toml", k.id))) else {
            continue;
        };
        let mut say = |needle: &str, message: String| faults.push(Fault::at(path, &text, needle, message));
        one_kind(policy, kind, &mut say);
        for measure in &kind.measures {
            if !measures.insert(measure.id.clone()) {
                say(&format!("\"{}\"", measure.id), format!("计量 {} 重复;换一个 id", measure.id));
            }
        }
    }
    indicators(policy, files, faults);
}

type Say<'a> = &'a mut dyn FnMut(&str, String);

fn one_kind(policy: &Policy, kind: &Kind, say: Say) {
    if kind.steps.is_empty() {
        say("[[step]]", "至少要有一个步骤 [[step]]".to_owned());
    }
    fields(policy, kind, say);
    let mut posts: Vec<(String, String)> = kind.intake.by.iter().map(|p| ("by".to_owned(), p.clone())).collect();
    posts.extend(kind.levels.values().map(|p| ("[levels]".to_owned(), p.clone())));
    for mv in &kind.moves {
        let id = format!("\"{}\"", mv.id);
        for step in mv.from.iter().chain(&mv.to) {
            if kind.step(step).is_none() {
                say(&id, format!("动作 {} 提到的步骤 {step} 不存在", mv.id));
            }
        }
        for step in mv.from.iter().filter_map(|s| kind.step(s)) {
            if step.phase == Phase::Final {
                say(&id, format!("动作 {} 不能从终结步骤 {} 出发", mv.id, step.id));
            }
        }
        for field in mv.fields.iter().chain(&mv.require).chain(mv.set.keys()) {
            if kind.field(field).is_none() {
                say(&id, format!("动作 {} 提到的字段 {field} 不存在", mv.id));
            }
        }
        for field in mv.require.iter().filter(|f| !mv.fields.contains(f)) {
            say(&id, format!("动作 {} 要求的字段 {field} 没有列在 fields 里", mv.id));
        }
        for mover in mv.by.iter().filter(|m| !MOVERS.contains(&m.0.as_str())) {
            posts.push((id.clone(), mover.0.clone()));
        }
        posts.extend(mv.candidates.iter().map(|c| (id.clone(), c.clone())));
        if let Some(assign) = &mv.assign {
            assignment(kind, &assign.0, &id, &mut posts, say);
        }
        for condition in &mv.when {
            speaks_of_known(kind, condition, say);
        }
    }
    if let Some(assign) = &kind.intake.assign {
        assignment(kind, &assign.0, "[intake]", &mut posts, say);
    }
    clocks(kind, &mut posts, say);
    for (needle, post) in posts {
        if policy.post(&post).is_none() {
            say(&needle, format!("岗位 {post} 不存在;请写 posts.toml 里有的 id"));
        }
    }
    measures(kind, say);
}

fn fields(policy: &Policy, kind: &Kind, say: Say) {
    for field in &kind.fields {
        let id = format!("\"{}\"", field.id);
        if let Some(catalogue) = &field.catalogue
            && policy.catalogue(catalogue).is_none()
        {
            say(&id, format!("字段 {} 的清单 {catalogue} 不存在;请放到 catalogues/{catalogue}.csv", field.id));
        }
        if field.kind == FieldType::Choice && field.catalogue.is_none() && field.options.is_empty() {
            say(&id, format!("字段 {} 是选择题,要有 catalogue 或 options", field.id));
        }
    }
    for id in kind.intake.form.iter().filter(|f| kind.field(f).is_none()) {
        say("form", format!("登记表提到的字段 {id} 不存在"));
    }
}

fn assignment(kind: &Kind, text: &str, needle: &str, posts: &mut Vec<(String, String)>, say: Say) {
    if ASSIGNS.contains(&text) {
        return;
    }
    if let Some(post) = text.strip_prefix("post:") {
        posts.push((needle.to_owned(), post.to_owned()));
        return;
    }
    let field = text.strip_prefix("owner(").and_then(|t| t.strip_suffix(')'));
    match field.and_then(|f| kind.field(f)) {
        Some(field) if field.catalogue.is_some() => {}
        _ => say(needle, format!("分派写法不认识: {text};可写 {}、post:岗位、owner(字段)", ASSIGNS.join("、"))),
    }
}

fn clocks(kind: &Kind, posts: &mut Vec<(String, String)>, say: Say) {
    for clock in &kind.clocks {
        let id = format!("\"{}\"", clock.id);
        for step in clock.over.iter().chain(&clock.paused_in) {
            if kind.step(step).is_none() {
                say(&id, format!("时限 {} 提到的步骤 {step} 不存在", clock.id));
            }
        }
        if clock.limits.is_empty() {
            say(&id, format!("时限 {} 没有 limits", clock.id));
        }
        for target in clock.escalate.iter().flat_map(|e| &e.to) {
            assignment(kind, &target.0, &id, posts, say);
        }
        for condition in clock.limits.iter().filter_map(|l| l.when.as_ref()) {
            speaks_of_known(kind, condition, say);
        }
    }
}

fn measures(kind: &Kind, say: Say) {
    for measure in &kind.measures {
        let id = format!("\"{}\"", measure.id);
        let (what, which) = measure.on.split_once(':').unwrap_or((measure.on.as_str(), ""));
        let known = match what {
            "open" | "intake" => which.is_empty(),
            "enter" => kind.step(which).is_some(),
            "move" => kind.find_move(which).is_some(),
            "in" => which.split(',').all(|s| s == "*closed" || kind.step(s.trim()).is_some()),
            _ => false,
        };
        if !known {
            say(&id, format!("计量 {} 的 on 不认识: {};可写 open、intake、enter:步骤、move:动作、in:步骤,步骤", measure.id, measure.on));
        }
        if let Some(amount) = &measure.amount
            && !kind.field(amount).is_some_and(|f| matches!(f.kind, FieldType::Int | FieldType::Money))
        {
            say(&id, format!("计量 {} 的 amount 要指一个数字字段", measure.id));
        }
        for condition in &measure.filter {
            speaks_of_known(kind, condition, say);
        }
    }
}

fn speaks_of_known(kind: &Kind, condition: &Condition, say: Say) {
    for name in condition.names() {
        let secret = kind.field(&name).is_some_and(|f| f.kind.is_secret());
        if secret {
            say(condition.source(), format!("条件不能用会写到人名的字段 {name}"));
        } else if kind.field(&name).is_none() && !KNOWN.contains(&name.as_str()) {
            say(condition.source(), format!("条件里的 {name} 不认识;可用本类事项的字段,或 {}", KNOWN.join("、")));
        }
    }
}

fn indicators(policy: &Policy, files: &PackFiles, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for path in files.under("indicators", ".toml") {
        let text = files.text(path).unwrap_or_default();
        for indicator in policy.indicators.iter().filter(|i| text.contains(&format!("\"{}\"", i.id))) {
            if !seen.insert(indicator.id.clone()) {
                continue;
            }
            let used: Vec<&String> = match &indicator.source {
                IndicatorSource::Sum(list) => list.iter().collect(),
                IndicatorSource::Rate { over, under } => over.iter().chain(under).collect(),
                IndicatorSource::Register(_) => Vec::new(),
            };
            for measure in used.into_iter().filter(|m| policy.measure(m).is_none()) {
                let message = format!("指标 {} 用到的计量 {measure} 不存在", indicator.id);
                faults.push(Fault::at(path, &text, &format!("\"{}\"", indicator.id), message));
            }
        }
    }
}
