//! The files under `points/`: units, accounts and transfers in TOML, goods and rules in CSV. A rule is one row; what was
//! in force before stands in a file beside it with its last day.

use crate::fault::Fault;
use crate::files::PackFiles;
use crate::table::{Line, read_csv, read_toml};
use serde_json::Value;
use xiangyue_domain::day::Day;
use xiangyue_domain::policy::{Cap, Catalogue, Item, LedgerRules, Legal, Per, PointsRule, UnitKind};
use xiangyue_domain::region::FOREVER;

/// Catalogues by which the form of a matter chooses a rule or a good.
pub(crate) const RULES: &str = "points-rules";
pub(crate) const GOODS: &str = "points-goods";
/// Files.
pub(crate) const GOODS_FILE: &str = "points/goods.csv";
const RULES_FILE: &str = "points/rules.csv";

/// Reads everything under `points/`.
pub(crate) fn ledger(files: &PackFiles, schema: &Value, faults: &mut Vec<Fault>) -> LedgerRules {
    let mut rules = LedgerRules::default();
    for path in files.under("points/", ".toml") {
        let text = files.text(path).unwrap_or_default();
        let Some(more) = read_toml::<LedgerRules>(path, &text, schema, faults) else { continue };
        rules.units.extend(more.units);
        rules.accounts.extend(more.accounts);
        rules.parties.extend(more.parties);
        rules.transfers.extend(more.transfers);
        rules.measures.extend(more.measures);
        rules.honours.extend(more.honours);
        rules.clearings.extend(more.clearings);
        rules.loan = more.loan.or(rules.loan);
    }
    rules.units.extend(goods(files, faults));
    for path in rule_files(files) {
        let columns = ["code", "class", "item", "points", "from", "basis"];
        for line in read_csv(files, &path, &columns, faults) {
            rules.rules.extend(rule(&path, &line, faults));
        }
    }
    rules.rules.sort_by(|a, b| (&a.code, a.from).cmp(&(&b.code, b.from)));
    rules
}

/// The rules in force, then what was in force before or will be.
pub(crate) fn rule_files(files: &PackFiles) -> Vec<String> {
    let beside = files.under("points/rules-", ".csv").cloned();
    let own = files.text(RULES_FILE).is_some().then(|| RULES_FILE.to_owned());
    own.into_iter().chain(beside).collect()
}

fn goods(files: &PackFiles, faults: &mut Vec<Fault>) -> Vec<UnitKind> {
    let lines = read_csv(files, GOODS_FILE, &["code", "name", "word"], faults);
    let or = |text: &str, usual: &str| if text.is_empty() { usual.to_owned() } else { text.to_owned() };
    lines
        .iter()
        .map(|l| UnitKind {
            id: l.get("code").to_owned(),
            name: l.get("name").to_owned(),
            name_en: l.get("name_en").to_owned(),
            group: or(l.get("group"), "goods"),
            word: l.get("word").to_owned(),
            lasts: None,
            until: None,
            expire: None,
            sample: l.get("sample") == "yes",
        })
        .collect()
}

fn rule(path: &str, line: &Line, faults: &mut Vec<Fault>) -> Option<PointsRule> {
    let mut no = |message: String| faults.push(Fault::new(path, line.line, message));
    let get = |column: &str| line.get(column);
    let (code, class) = (get("code").to_owned(), get("class").to_owned());
    if code.is_empty() || get("item").is_empty() {
        no("code 和 item 都要写".to_owned());
    }
    let points = get("points").parse::<i64>().ok().filter(|n| *n != 0);
    if points.is_none() {
        no(format!("points 要写不为零的整数,加分写 5,扣分写 -5: {}", get("points")));
    }
    let from = Day::parse(get("from"));
    if from.is_none() {
        no(format!("from 要写表决通过后开始施行的日子,如 2026-01-01: {}", get("from")));
    }
    let to = if get("to").is_empty() { Some(FOREVER) } else { Day::parse(get("to")) };
    if to.is_none() || to < from {
        no(format!("to 不对: {};不写就是一直有效", get("to")));
    }
    let mut yes = |column: &str| match get(column) {
        "yes" => true,
        "" | "no" => false,
        other => {
            faults.push(Fault::new(path, line.line, format!("{column} 只能写 yes 或不写,不能是 {other}")));
            false
        }
    };
    let (evidence, review, below_zero) = (yes("evidence"), yes("review"), yes("below_zero"));
    let sample = yes("sample");
    let cap = cap(path, line, faults);
    let legal = legal(path, line, faults);
    if get("basis").is_empty() {
        faults.push(Fault::new(path, line.line, "basis 要写通过这条规则的表决,如 2026年1月5日村民会议决议"));
    }
    Some(PointsRule {
        code,
        class,
        item: get("item").to_owned(),
        item_en: get("item_en").to_owned(),
        per: get("per").to_owned(),
        points: points?,
        cap,
        evidence,
        review,
        below_zero,
        legal,
        legal_note: get("legal_note").to_owned(),
        from: from?,
        to: to?,
        basis: get("basis").to_owned(),
        sample,
    })
}

fn cap(path: &str, line: &Line, faults: &mut Vec<Fault>) -> Option<Cap> {
    let mut no = |message: String| faults.push(Fault::new(path, line.line, message));
    let (most, per) = (line.get("cap"), line.get("cap_per"));
    if most.is_empty() && per.is_empty() {
        return None;
    }
    let most = most.parse::<i64>().ok().filter(|n| *n > 0);
    let per = match per {
        "day" => Some(Per::Day),
        "month" => Some(Per::Month),
        "quarter" => Some(Per::Quarter),
        "year" => Some(Per::Year),
        _ => None,
    };
    let times = match line.get("cap_of") {
        "" | "points" => Some(false),
        "times" => Some(true),
        _ => None,
    };
    if most.is_none() || per.is_none() || times.is_none() {
        let shapes = "cap 写正整数,cap_per 写 day、month、quarter 或 year,cap_of 写 points(分)或 times(次)";
        no(format!("封顶写法不对;{shapes}"));
    }
    Some(Cap { most: most?, times: times?, per: per? })
}

fn legal(path: &str, line: &Line, faults: &mut Vec<Fault>) -> Legal {
    let mut no = |message: &str| faults.push(Fault::new(path, line.line, message));
    match line.get("legal") {
        "" | "clear" => Legal::Clear,
        "collective" => {
            if line.get("legal_note").is_empty() {
                no("与集体收益分配挂钩的,要在 legal_note 写合法性审查的意见和文号");
            }
            Legal::Collective
        }
        "entitlement" => {
            no("扣分不得影响低保、养老、就学等法定待遇;请删去这一条");
            Legal::Entitlement
        }
        _ => {
            no("legal 只能写 clear(无涉)或 collective(与集体收益分配挂钩)");
            Legal::Clear
        }
    }
}

/// The rules as a list for forms: classes above, rules below. Of several versions the last one names it.
pub(crate) fn rules_list(rules: &LedgerRules) -> Catalogue {
    let mut items: Vec<Item> = Vec::new();
    for unit in rules.units.iter().filter(|u| rules.rules.iter().any(|r| r.class == u.id)) {
        let class =
            Item { code: unit.id.clone(), name: unit.name.clone(), name_en: unit.name_en.clone(), ..Item::default() };
        items.push(class);
        let own = rules.rules.iter().filter(|r| r.class == unit.id);
        for rule in own.filter(|r| !rules.rules.iter().any(|o| o.code == r.code && o.from > r.from)) {
            items.push(Item {
                code: rule.code.clone(),
                parent: unit.id.clone(),
                name: rule.item.clone(),
                name_en: rule.item_en.clone(),
                basis: rule.basis.clone(),
                ..Item::default()
            });
        }
    }
    Catalogue { id: RULES.to_owned(), items, ..Catalogue::default() }
}

/// Goods and services as a list for forms.
pub(crate) fn goods_list(files: &PackFiles, rules: &LedgerRules) -> Catalogue {
    let lines = read_csv(files, GOODS_FILE, &[], &mut Vec::new());
    let units = lines.iter().filter_map(|l| rules.unit(l.get("code")));
    let item =
        |u: &UnitKind| Item { code: u.id.clone(), name: u.name.clone(), name_en: u.name_en.clone(), ..Item::default() };
    Catalogue { id: GOODS.to_owned(), items: units.map(item).collect(), ..Catalogue::default() }
}
