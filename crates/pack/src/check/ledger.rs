//! The ledger of a pack: every account, unit and post that is spoken of exists, every flow joins accounts that can hold
//! what it carries, and a rule is one rule on any day.

use super::{Say, ids_in, in_file};
use crate::fault::Fault;
use crate::files::PackFiles;
use crate::points::{GOODS_FILE, rule_files};
use crate::table::read_csv;
use std::collections::BTreeSet;
use xiangyue_domain::day::Day;
use xiangyue_domain::policy::{
    AccountKind, FlowLine, LedgerRules, OwnerKind, Policy, Purpose, Quantity, TransferKind, next_date,
};

/// Checks everything under `points/`; `measures` are the ids taken by kinds.
pub(super) fn check(policy: &Policy, files: &PackFiles, measures: &mut BTreeSet<String>, faults: &mut Vec<Fault>) {
    let rules = &policy.ledger;
    for path in files.under("points/", ".toml") {
        let lists = ["unit", "account", "party", "transfer", "measure", "honour", "clearing"];
        let ids: Vec<Vec<String>> = lists.iter().map(|list| ids_in(files, path, list)).collect();
        in_file(files, path, faults, |say| {
            for (list, ids) in lists.iter().zip(&ids) {
                for (i, id) in ids.iter().enumerate() {
                    let at = format!("/{list}/{i}");
                    one(policy, list, id, &at, measures, say);
                }
            }
            if let Some(loan) = &rules.loan {
                has_posts(policy, &loan.by, "/loan/by", say);
                has_posts(policy, &loan.seen_by, "/loan/seen_by", say);
                is_party(rules, &loan.party, "/loan/party", say);
                is_account(rules, &loan.account, "/loan/account", say);
            }
        });
    }
    goods(rules, files, faults);
    points_rules(rules, files, faults);
}

fn one(policy: &Policy, list: &str, id: &str, at: &str, measures: &mut BTreeSet<String>, say: Say) {
    let rules = &policy.ledger;
    let times = match list {
        "unit" => rules.units.iter().filter(|x| x.id == id).count(),
        "account" => rules.accounts.iter().filter(|x| x.id == id).count(),
        "party" => rules.parties.iter().filter(|x| x.id == id).count(),
        "transfer" => rules.transfers.iter().filter(|x| x.id == id).count(),
        "honour" => rules.honours.iter().filter(|x| x.id == id).count(),
        "clearing" => rules.clearings.iter().filter(|x| x.id == id).count(),
        _ => usize::from(!measures.insert(id.to_owned())) + 1,
    };
    if times > 1 {
        return say(&format!("{at}/id"), format!("{id} 重复;换一个 id"));
    }
    if id.contains('/') {
        say(&format!("{at}/id"), format!("id 里不能有 /: {id}"));
    }
    match list {
        "unit" => unit(rules, id, at, say),
        "account" => account(rules, id, at, say),
        "party" => {
            if let Some(party) = rules.party(id) {
                has_posts(policy, &party.by, &format!("{at}/by"), say);
            }
        }
        "transfer" => transfer(policy, id, at, say),
        "measure" => measure(rules, id, at, say),
        "honour" => {
            let Some(honour) = rules.honours.iter().find(|h| h.id == id) else { return };
            has_posts(policy, &honour.by, &format!("{at}/by"), say);
            has_posts(policy, &honour.review, &format!("{at}/review"), say);
            has_units(rules, &honour.units, &format!("{at}/units"), say);
            is_account(rules, &honour.account, &format!("{at}/account"), say);
        }
        _ => clearing(policy, id, at, say),
    }
}

fn unit(rules: &LedgerRules, id: &str, at: &str, say: Say) {
    let Some(unit) = rules.unit(id) else { return };
    let today = Day::ymd(2024, 1, 1).unwrap_or_default();
    if unit.until.as_deref().is_some_and(|d| next_date(d, today).is_none()) {
        say(&format!("{at}/until"), "until 写月-日,如 12-31".to_owned());
    }
    match unit.expire.as_deref() {
        None if unit.lasts.is_some() || unit.until.is_some() => {
            say(at, format!("{id} 有期限,要写 expire = 到期时用的转账种类"));
        }
        Some(kind) if rules.transfer(kind).is_none_or(|t| t.purpose != Purpose::Expire) => {
            say(&format!("{at}/expire"), format!("expire 要指一个 purpose = \"expire\" 的转账种类,{kind} 不是"));
        }
        _ => {}
    }
}

fn account(rules: &LedgerRules, id: &str, at: &str, say: Say) {
    let Some(account) = rules.account(id) else { return };
    has_units(rules, &account.units, &format!("{at}/units"), say);
}

fn has_units(rules: &LedgerRules, names: &[String], at: &str, say: Say) {
    for (i, name) in names.iter().enumerate() {
        if !rules.units.iter().any(|u| u.id == *name || u.group == *name) {
            say(&format!("{at}/{i}"), format!("单位或单位组 {name} 不存在;请写 [[unit]] 或 {GOODS_FILE} 里有的"));
        }
    }
}

fn has_posts(policy: &Policy, posts: &[String], at: &str, say: Say) {
    for (i, post) in posts.iter().enumerate().filter(|(_, p)| policy.post(p).is_none()) {
        say(&format!("{at}/{i}"), format!("岗位 {post} 不存在;请写 posts.toml 里有的 id"));
    }
}

fn is_account(rules: &LedgerRules, id: &str, at: &str, say: Say) {
    if rules.account(id).is_none() {
        say(at, format!("账户种类 {id} 不存在;请写 [[account]] 里有的 id"));
    }
}

fn is_party(rules: &LedgerRules, id: &str, at: &str, say: Say) {
    if rules.party(id).is_none() {
        say(at, format!("参与方种类 {id} 不存在;请写 [[party]] 里有的 id"));
    }
}

fn transfer(policy: &Policy, id: &str, at: &str, say: Say) {
    let rules = &policy.ledger;
    let Some(kind) = rules.transfer(id) else { return };
    has_posts(policy, &kind.by, &format!("{at}/by"), say);
    has_posts(policy, &kind.reverse_by, &format!("{at}/reverse_by"), say);
    if kind.flows.is_empty() {
        say(at, format!("转账种类 {id} 没有 flows"));
    }
    if !(0..=100).contains(&kind.cash_most) || kind.cash_rate < 0 {
        say(at, "cash_rate 不能为负,cash_most 写 0 到 100".to_owned());
    }
    for (i, line) in kind.flows.iter().enumerate() {
        flow(rules, kind, line, &format!("{at}/flows/{i}"), say);
    }
    let wanted = match kind.purpose {
        Purpose::Award | Purpose::Expire => Some(Quantity::Points),
        Purpose::Stock | Purpose::Count => Some(Quantity::Goods),
        Purpose::Trade | Purpose::Plain => None,
    };
    if let Some(of) = wanted.filter(|of| !kind.flows.iter().any(|f| f.of == *of)) {
        let word = if of == Quantity::Points { "points" } else { "goods" };
        say(&format!("{at}/flows"), format!("{id} 至少要有一条 of = \"{word}\" 的流向"));
    }
}

fn flow(rules: &LedgerRules, kind: &TransferKind, flow: &FlowLine, at: &str, say: Say) {
    is_account(rules, &flow.from, &format!("{at}/from"), say);
    is_account(rules, &flow.to, &format!("{at}/to"), say);
    let (Some(from), Some(to)) = (rules.account(&flow.from), rules.account(&flow.to)) else { return };
    let shared = |a: &AccountKind, unit: &str| rules.keeps(a, unit) && rules.keeps(to, unit);
    match flow.of {
        Quantity::Value | Quantity::Cash => match flow.unit.as_deref() {
            Some(unit) if shared(from, unit) => {}
            Some(unit) => {
                say(
                    &format!("{at}/unit"),
                    format!("{} 和 {} 不能都记 {unit};请看 [[account]] 的 units", from.id, to.id),
                );
            }
            None => say(at, "of = \"value\" 或 \"cash\" 的流向要写 unit,如 fen".to_owned()),
        },
        Quantity::Points | Quantity::Goods => {
            let kept = rules.units_of(&from.units).map(|u| u.id.as_str());
            let alone: Vec<&str> = kept.filter(|u| !rules.keeps(to, u)).collect();
            if !alone.is_empty() {
                let units = alone.join("、");
                say(at, format!("{} 记 {units},{} 不记;两边的 units 要一样", from.id, to.id));
            }
        }
    }
    let has = |owner: OwnerKind| from.owner == owner || to.owner == owner;
    let absent = match kind.purpose {
        Purpose::Award | Purpose::Expire => has(OwnerKind::Party).then_some("参与方"),
        Purpose::Stock | Purpose::Count => has(OwnerKind::Household).then_some("农户"),
        Purpose::Trade | Purpose::Plain => None,
    };
    if let Some(owner) = absent {
        say(at, format!("{} 这类转账里没有{owner},流向不能用它的账户", kind.id));
    }
    if kind.purpose == Purpose::Expire && !from.lots {
        say(&format!("{at}/from"), format!("到期要从 lots = true 的账户出,{} 不是", from.id));
    }
}

fn measure(rules: &LedgerRules, id: &str, at: &str, say: Say) {
    let Some(measure) = rules.measure(id) else { return };
    is_account(rules, &measure.account, &format!("{at}/account"), say);
    for (i, kind) in measure.on.iter().enumerate().filter(|(_, k)| rules.transfer(k).is_none()) {
        say(&format!("{at}/on/{i}"), format!("转账种类 {kind} 不存在;请写 [[transfer]] 里有的 id"));
    }
}

fn clearing(policy: &Policy, id: &str, at: &str, say: Say) {
    let rules = &policy.ledger;
    let Some(clearing) = rules.clearings.iter().find(|c| c.id == id) else { return };
    has_posts(policy, &clearing.by, &format!("{at}/by"), say);
    has_units(rules, &clearing.units, &format!("{at}/units"), say);
    is_account(rules, &clearing.account, &format!("{at}/account"), say);
    if rules.transfer(&clearing.transfer).is_none_or(|t| t.purpose != Purpose::Expire) {
        let message = format!("transfer 要指一个 purpose = \"expire\" 的转账种类,{} 不是", clearing.transfer);
        say(&format!("{at}/transfer"), message);
    }
    let today = Day::ymd(2024, 1, 1).unwrap_or_default();
    if next_date(&clearing.up_to, today).is_none() {
        say(&format!("{at}/up_to"), "up_to 写月-日,如 12-31".to_owned());
    }
    if clearing.notice_days < 1 {
        say(&format!("{at}/notice_days"), "清零前要公告,notice_days 至少写 1".to_owned());
    }
}

fn goods(rules: &LedgerRules, files: &PackFiles, faults: &mut Vec<Fault>) {
    for line in read_csv(files, GOODS_FILE, &[], &mut Vec::new()) {
        let code = line.get("code");
        if code.is_empty() || line.get("name").is_empty() {
            faults.push(Fault::new(GOODS_FILE, line.line, "code 和 name 都要写"));
        }
        if code.contains('/') || rules.units.iter().filter(|u| u.id == code).count() > 1 {
            faults.push(Fault::new(GOODS_FILE, line.line, format!("code 重复,或含有 /: {code}")));
        }
    }
}

fn points_rules(rules: &LedgerRules, files: &PackFiles, faults: &mut Vec<Fault>) {
    let mut seen: Vec<(String, Day, Day)> = Vec::new();
    for path in rule_files(files) {
        for line in read_csv(files, &path, &[], &mut Vec::new()) {
            let (code, class) = (line.get("code"), line.get("class"));
            if rules.unit(class).is_none() {
                let message = format!("类别 {class} 不存在;请写 [[unit]] 里有的积分类别");
                faults.push(Fault::new(&path, line.line, message));
            }
            if line.get("below_zero") == "yes" && !line.get("points").starts_with('-') {
                faults.push(Fault::new(&path, line.line, "below_zero 只用于扣分"));
            }
            let Some(from) = Day::parse(line.get("from")) else { continue };
            let Some(rule) = rules.rule_version(code, from) else { continue };
            if let Some((_, other, _)) = seen.iter().find(|(c, a, b)| c == code && *a <= rule.to && from <= *b) {
                let message = format!("{code} 同一天有两个版本(另一个从 {other} 起);旧版写上 to");
                faults.push(Fault::new(&path, line.line, message));
            }
            seen.push((code.to_owned(), from, rule.to));
        }
    }
}
