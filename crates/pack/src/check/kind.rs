//! One kind: its form, its flow, its clocks and what it counts.

use super::{Say, assembly, conditions, due, effects, papers, walk};
use std::collections::{BTreeMap, BTreeSet};
use xiangyue_domain::day::Day;
use xiangyue_domain::fact::SEAT;
use xiangyue_domain::policy::{Catalogue, Clock, Count, FieldType, Kind, LimitRule, Measure, Move, Phase, Policy};

/// Movers that are no posts.
const MOVERS: &[&str] = &["holder", "reporter", "opener", "system"];
/// Assignments that name no post.
const ASSIGNS: &[&str] =
    &["keep", "none", "actor", "previous", "handler", "superior", "level.up", "level.home", "opener", "choose"];
/// Dimensions of a measure besides the kind's fields.
const BUCKETS: &[&str] = &["channel", "level_in", "level_done", SEAT];

pub(super) fn check(policy: &Policy, kind: &Kind, say: Say) {
    if kind.steps.is_empty() {
        say("", "至少要有一个步骤 [[step]]".to_owned());
    }
    unique("step", kind.steps.iter().map(|s| s.id.as_str()), say);
    unique("field", kind.fields.iter().map(|f| f.id.as_str()), say);
    unique("move", kind.moves.iter().map(|m| m.id.as_str()), say);
    unique("clock", kind.clocks.iter().map(|c| c.id.as_str()), say);
    fields(policy, kind, say);
    for (i, post) in kind.intake.by.iter().enumerate() {
        is_post(policy, post, &format!("/intake/by/{i}"), say);
    }
    if kind.intake.channels.is_empty() {
        say("/intake/channels", "channels 至少要写一个来源".to_owned());
    }
    if let Some(assign) = &kind.intake.assign {
        assignment(policy, kind, &assign.0, "/intake/assign", say);
    }
    for (level, post) in &kind.levels {
        let at = format!("/levels/{}", level.as_str());
        is_post(policy, post, &at, say);
        not_unit(policy, post, &at, say);
    }
    for (i, mv) in kind.moves.iter().enumerate() {
        one_move(policy, kind, mv, &format!("/move/{i}"), say);
    }
    for (i, clock) in kind.clocks.iter().enumerate() {
        one_clock(policy, kind, clock, &format!("/clock/{i}"), say);
    }
    for (i, measure) in kind.measures.iter().enumerate() {
        one_measure(kind, measure, &format!("/measure/{i}"), say);
    }
    assembly::check(policy, kind, say);
    due::check(policy, kind, say);
    for (key, why) in kind.board.iter().flat_map(|board| board.faults(kind)) {
        say(&format!("/board/{key}"), format!("board 的 {key}: {why}"));
    }
    for (key, id) in kind.own.iter().flat_map(|own| own.faults(kind)) {
        let wanted = match key {
            "name" | "number" => "要指一个 type = \"text\"、person = true 的字段",
            "dated" => "要指一个日期字段",
            "sum" => "要指一个金额字段",
            "shown" => "只能写不加密的字段",
            "struck" => "要指一个步骤",
            _ => "写 4 到 8 位",
        };
        say(&format!("/own/{key}"), format!("own 的 {key} {wanted},{id} 不是"));
    }
    let options = |field: &str| {
        let field = kind.field(field).filter(|f| f.kind == FieldType::Choice)?;
        Some(field.options.keys().cloned().collect())
    };
    for (key, name) in kind.retention.iter().flat_map(|r| r.faults(options)) {
        let wanted = if key == "field" {
            "要指一个有 options 的选择字段"
        } else {
            "只能写 field 那个字段的选项"
        };
        say(&format!("/retention/{key}"), format!("retention 的 {key} {wanted},{name} 不是"));
    }
    papers::check(kind, say);
    walk::check(kind, say);
}

pub(super) fn unique<'a>(table: &str, ids: impl Iterator<Item = &'a str>, say: Say) {
    let mut seen = BTreeSet::new();
    for (i, id) in ids.enumerate() {
        if !seen.insert(id) {
            say(&format!("/{table}/{i}/id"), format!("{id} 重复;换一个 id"));
        }
    }
}

fn fields(policy: &Policy, kind: &Kind, say: Say) {
    for (i, field) in kind.fields.iter().enumerate() {
        let at = format!("/field/{i}");
        if let Some(catalogue) = &field.catalogue
            && policy.catalogue(catalogue).is_none()
        {
            let message = format!("字段 {} 的清单 {catalogue} 不存在;请放到 catalogues/{catalogue}.csv", field.id);
            say(&format!("{at}/catalogue"), message);
        }
        let fills = field.fills.as_ref().map(|f| kind.field(f).is_some_and(|to| to.kind.is_secret()));
        if fills == Some(false) || fills.is_some() && field.catalogue.is_none() {
            let message = format!("字段 {} 的 fills 要指向一个文字字段,而且本字段要有 catalogue", field.id);
            say(&format!("{at}/fills"), message);
        }
        if field.day.is_some() && field.kind != FieldType::Date {
            say(&format!("{at}/day"), format!("字段 {} 不是日期,不能写 day", field.id));
        }
        if (field.kind == FieldType::List) == field.columns.is_empty() {
            say(&at, format!("字段 {}: type = \"list\" 和 column 要一起写", field.id));
        }
        for (n, column) in field.columns.iter().enumerate() {
            let at = format!("{at}/column/{n}");
            if matches!(column.kind, FieldType::List | FieldType::File) {
                say(&format!("{at}/type"), format!("列 {} 不能是清单或附件", column.id));
            }
            if column.catalogue.as_deref().is_some_and(|c| policy.catalogue(c).is_none()) {
                say(&format!("{at}/catalogue"), format!("列 {} 的清单不存在", column.id));
            }
        }
        if field.kind == FieldType::Choice && field.catalogue.is_none() && field.options.is_empty() {
            say(&at, format!("字段 {} 是选择题,要有 catalogue 或 options", field.id));
        }
        for value in field.options_en.keys().filter(|v| !field.options.contains_key(v)) {
            say(&format!("{at}/options_en/{value}"), format!("字段 {} 的 options 里没有 {value}", field.id));
        }
    }
    for (i, id) in kind.intake.form.iter().enumerate() {
        has_field(kind, id, &format!("/intake/form/{i}"), say);
    }
}

fn one_move(policy: &Policy, kind: &Kind, mv: &Move, at: &str, say: Say) {
    for (i, step) in mv.from.iter().enumerate() {
        let at = format!("{at}/from/{i}");
        has_step(kind, step, &at, say);
        if kind.step(step).is_some_and(|s| s.phase == Phase::Final) {
            say(&at, format!("动作 {} 不能从终结步骤 {step} 出发", mv.id));
        }
    }
    if let Some(to) = &mv.to {
        has_step(kind, to, &format!("{at}/to"), say);
        leaves_closed(kind, mv, to, at, say);
    }
    for (i, field) in mv.fields.iter().enumerate() {
        has_field(kind, field, &format!("{at}/fields/{i}"), say);
    }
    for (i, field) in mv.require.iter().enumerate().filter(|(_, f)| !mv.fields.contains(f)) {
        say(&format!("{at}/require/{i}"), format!("动作 {} 要求的字段 {field} 没有列在 fields 里", mv.id));
    }
    for (field, value) in &mv.set {
        let at = format!("{at}/set/{field}");
        has_field(kind, field, &at, say);
        let options = kind.field(field).map(|f| &f.options).filter(|o| !o.is_empty());
        if !value.is_empty() && options.is_some_and(|o| !o.contains_key(value)) {
            say(&at, format!("字段 {field} 没有选项 {value}"));
        }
    }
    for (i, mover) in mv.by.iter().enumerate().filter(|(_, m)| !MOVERS.contains(&m.0.as_str())) {
        is_post(policy, &mover.0, &format!("{at}/by/{i}"), say);
    }
    for (i, post) in mv.candidates.iter().enumerate() {
        is_post(policy, post, &format!("{at}/candidates/{i}"), say);
    }
    if let Some(assign) = &mv.assign {
        let at = format!("{at}/assign");
        assignment(policy, kind, &assign.0, &at, say);
        if assign.0 == "choose" && mv.candidates.is_empty() {
            say(&at, format!("动作 {} 由人选承办岗位,要写 candidates", mv.id));
        }
    }
    if let Some(condition) = &mv.when {
        conditions::check_now(kind, condition, &format!("{at}/when"), say);
    }
    effects::check(policy, kind, mv, at, say);
}

/// A closed step is left only by `reopen`, or towards a final one; without it the move would be refused every time.
fn leaves_closed(kind: &Kind, mv: &Move, to: &str, at: &str, say: Say) {
    let closed = |step: &&String| kind.step(step).is_some_and(|s| s.phase == Phase::Closed);
    let ends = kind.step(to).is_some_and(|s| s.phase == Phase::Final);
    if !mv.reopen && !ends && mv.from.iter().filter(closed).any(|from| from != to) {
        say(&format!("{at}/to"), format!("动作 {} 离开已办结的步骤,要写 reopen = true", mv.id));
    }
}

pub(super) fn assignment(policy: &Policy, kind: &Kind, text: &str, at: &str, say: Say) {
    if ASSIGNS.contains(&text) {
        return;
    }
    if let Some(post) = text.strip_prefix("post:") {
        is_post(policy, post, at, say);
        return not_unit(policy, post, at, say);
    }
    let field = text.strip_prefix("owner(").and_then(|t| t.strip_suffix(')'));
    match field.and_then(|f| kind.field(f)) {
        Some(field) if field.catalogue.is_some() || field.kind == FieldType::Unit => {}
        _ => say(at, format!("分派写法不认识: {text};可写 {}、post:岗位、owner(字段)", ASSIGNS.join("、"))),
    }
}

fn one_clock(policy: &Policy, kind: &Kind, clock: &Clock, at: &str, say: Say) {
    for (list, steps) in [("over", &clock.over), ("paused_in", &clock.paused_in)] {
        for (i, step) in steps.iter().enumerate() {
            has_step(kind, step, &format!("{at}/{list}/{i}"), say);
        }
    }
    if clock.limits.is_empty() {
        say(at, format!("时限 {} 没有 limits", clock.id));
    } else if clock.limits.iter().all(|r| r.category.is_some()) {
        say(&format!("{at}/limits"), format!("时限 {} 的 limits 要有一条不写 category 的:走不走由它定", clock.id));
    }
    if let Some(field) = &clock.limit_field
        && kind.field(field).is_none_or(|f| f.kind != FieldType::Date)
    {
        say(&format!("{at}/limit_field"), format!("limit_field 要指一个日期字段,{field} 不是"));
    }
    for (i, rule) in clock.limits.iter().enumerate() {
        limit_rule(&policy.catalogues, kind, rule, &format!("{at}/limits/{i}"), say);
    }
    for (i, target) in clock.escalate.iter().flat_map(|e| &e.to).enumerate() {
        assignment(policy, kind, &target.0, &format!("{at}/escalate/to/{i}"), say);
    }
}

/// One rule of a clock, whichever file it stands in.
pub(crate) fn limit_rule(catalogues: &BTreeMap<String, Catalogue>, kind: &Kind, rule: &LimitRule, at: &str, say: Say) {
    if let Some(code) = &rule.category {
        let at = format!("{at}/category");
        match kind.category_list() {
            None => say(&at, format!("事项 {} 没有从清单里选的类别,期限不能按类别写", kind.id)),
            Some(list) if catalogues.get(list).is_none_or(|c| c.item(code).is_none()) => {
                say(&at, format!("类别 {code} 不在清单 {list} 里;请写清单里有的 code"));
            }
            Some(_) => {}
        }
    }
    if let Some(condition) = &rule.when {
        conditions::check(kind, condition, &format!("{at}/when"), say);
    }
    if rule.from.as_deref().is_some_and(|day| Day::parse(day).is_none()) {
        say(&format!("{at}/from"), "日期不对;请写成 2026-10-01".to_owned());
    }
}

fn one_measure(kind: &Kind, measure: &Measure, at: &str, say: Say) {
    let (what, which) = measure.on.split_once(':').unwrap_or((measure.on.as_str(), ""));
    let known = match what {
        "open" | "intake" => which.is_empty(),
        "enter" => kind.step(which).is_some(),
        "move" => kind.find_move(which).is_some(),
        "in" => which.split(',').all(|s| s == "*closed" || kind.step(s.trim()).is_some()),
        _ => false,
    };
    if !known {
        let shapes = "可写 open、intake、enter:步骤、move:动作、in:步骤,步骤";
        say(&format!("{at}/on"), format!("计量 {} 的 on 不认识: {};{shapes}", measure.id, measure.on));
    }
    if (what == "in") != (measure.count == Count::Holding) {
        say(&format!("{at}/count"), format!("计量 {}: on = \"in:…\" 和 count = \"holding\" 要一起写", measure.id));
    }
    let rows = measure.each.as_deref().map(|each| kind.field(each).map(|f| f.columns.as_slice()).unwrap_or_default());
    if rows.is_some_and(<[_]>::is_empty) {
        say(&format!("{at}/each"), format!("计量 {} 的 each 要指一个清单字段(type = \"list\")", measure.id));
    }
    let column = |id: &str| rows.into_iter().flatten().find(|c| c.id == id);
    if let Some(amount) = &measure.amount
        && !column(amount)
            .or_else(|| kind.field(amount))
            .is_some_and(|f| matches!(f.kind, FieldType::Int | FieldType::Money))
    {
        say(&format!("{at}/amount"), format!("计量 {} 的 amount 要指一个数字字段", measure.id));
    }
    if let Some(bucket) = &measure.bucket
        && !BUCKETS.contains(&bucket.as_str())
        && column(bucket).or_else(|| kind.field(bucket)).is_none_or(|f| f.kind.is_secret())
    {
        let message = format!("计量 {} 的 bucket 要指一个不写人名的字段,或 {}", measure.id, BUCKETS.join("、"));
        say(&format!("{at}/bucket"), message);
    }
    if let Some(dated) = &measure.dated
        && kind.field(dated).is_none_or(|f| f.kind != FieldType::Date)
    {
        say(&format!("{at}/dated"), format!("计量 {} 的 dated 要指一个日期字段", measure.id));
    }
    if measure.bucket.as_deref() == Some(SEAT) && !matches!(what, "move" | "enter") {
        let message = format!("计量 {}: bucket = \"{SEAT}\" 只能配 on = \"move:…\" 或 \"enter:…\"", measure.id);
        say(&format!("{at}/bucket"), message);
    }
    if let Some(condition) = &measure.filter {
        conditions::check_counted(kind, condition, rows, &format!("{at}/where"), say);
    }
}

pub(super) fn has_step(kind: &Kind, step: &str, at: &str, say: Say) {
    if kind.step(step).is_none() {
        let known: Vec<&str> = kind.steps.iter().map(|s| s.id.as_str()).collect();
        say(at, format!("步骤 {step} 不存在;可写 {}", known.join("、")));
    }
}

pub(super) fn has_field(kind: &Kind, field: &str, at: &str, say: Say) {
    if kind.field(field).is_none() {
        say(at, format!("字段 {field} 不存在;请写本类事项 [[field]] 里有的 id"));
    }
}

pub(super) fn is_post(policy: &Policy, post: &str, at: &str, say: Say) {
    if policy.post(post).is_none() {
        say(at, format!("岗位 {post} 不存在;请写 posts.toml 里有的 id"));
    }
}

/// A unit's post is found through an owner or a choice, never over a place.
fn not_unit(policy: &Policy, post: &str, at: &str, say: Say) {
    if policy.post(post).is_some_and(|p| p.unit) {
        say(at, format!("{post} 设在单位,不在地方;请用 owner(字段) 或 choose"));
    }
}
