//! Templates read, their faults by line, and what a filled one says.
//! A fault must never be checked without its line.

use super::*;
use crate::model::{Annex, Block, Cell, Figure, Table};

const GOOD: &str = "---
id: hotline-monthly
kind: 通报
title: {{region}}热线办理情况
addressee: 县人民政府
annexes: by-town
---
<!-- 本月 -->
# 总体情况

截至{{as_of}},共受理{{hotline.accepted|unit}},
办结{{hotline.done}}件。{% if hotline.overdue > 0 %}超期{{hotline.overdue|unit}}。{% else %}无超期。{% endif %}

{% if hotline.surge >= 1 %}
## 激增

{{hotline.surge}}类。
{% endif %}
Line one
line two
";

struct Source;

impl FigureSource for Source {
    fn figure(&self, indicator: &str, format: &str) -> Option<Figure> {
        let text = match (indicator, format) {
            ("hotline.accepted", _) => "9,238",
            ("hotline.done", "") => "9 182",
            _ => return None,
        };
        let unit = "件".to_owned();
        Some(Figure { text: text.into(), unit, indicator: indicator.into(), href: Some("/hub".into()) })
    }

    fn text(&self, name: &str) -> Option<String> {
        match name {
            "region" => Some("盐池县".into()),
            "as_of" => Some("2021年6月2日".into()),
            _ => None,
        }
    }

    fn annex(&self, id: &str) -> Option<Annex> {
        let table = Table { head: vec!["村".into()], rows: vec![vec![Cell::count(1)]], numeric: vec![0] };
        (id == "by-town").then(|| Annex { title: "分乡镇".into(), note: None, table })
    }

    fn number(&self, indicator: &str) -> Option<f64> {
        matches!(indicator, "hotline.overdue" | "hotline.surge").then_some(0.0)
    }
}

fn filled(body: &str) -> Result<crate::model::Document, Fault> {
    let text = format!("---\nid: x\ntitle: t\n---\n{body}");
    fill(&Template::parse(&text).unwrap(), &Source)
}

/// The faults of a body that starts on line 5.
fn faults(body: &str) -> Vec<(usize, String)> {
    let text = format!("---\nid: x\ntitle: t\n---\n{body}");
    let list = Template::parse(&text).expect_err(body);
    list.into_iter().map(|f| (f.line, f.message)).collect()
}

#[test]
fn a_template_is_read_and_filled() {
    let template = Template::parse(GOOD).unwrap();
    let ids = ["hotline.accepted", "hotline.done", "hotline.overdue", "hotline.surge"];
    assert_eq!(template.indicators(), ids);
    assert_eq!(template.line_of("hotline.done"), Some(12));
    assert_eq!((template.meta.id.as_str(), template.meta.kind), ("hotline-monthly", DocKind::Circular));
    assert_eq!(template.meta.title.to_string(), "{{region}}热线办理情况");
    let doc = fill(&template, &Source).unwrap();
    assert_eq!(doc.title, "盐池县热线办理情况");
    assert_eq!(doc.annexes.len(), 1);
    let printed: Vec<String> = doc.blocks.iter().map(printed).collect();
    let expected = ["# 总体情况", "截至2021年6月2日,共受理9238件, 办结9182件。无超期。", "Line one line two"];
    assert_eq!(printed, expected.map(|e| e.replace(", 办", ",办")));
}

fn printed(block: &Block) -> String {
    match block {
        Block::Heading { level, text } => format!("{} {text}", "#".repeat(usize::from(*level))),
        Block::Paragraph(spans) => spans.iter().map(|s| s.printed()).collect(),
    }
}

#[test]
fn a_missing_figure_names_line_and_id() {
    let check = |body: &str, line: usize, part: &str| {
        let fault = filled(body).unwrap_err();
        assert!(fault.line == line && fault.message.contains(part), "{fault}");
    };
    check("甲\n乙{{no.such}}件", 6, "没有指标 no.such");
    check("{{hotline.done|yoy}}", 5, "没有“yoy”的数");
    check("{% if no.such > 0 %}甲{% endif %}", 5, "没有指标 no.such");
    check("{{period}}", 5, "period 没有内容");
    let text = "---\nid: x\ntitle: t\nannexes: by-town, no-such\n---\n";
    let fault = fill(&Template::parse(text).unwrap(), &Source).unwrap_err();
    assert_eq!((fault.line, fault.message.contains("no-such")), (4, true));
}

#[test]
fn faults_say_where_and_what_to_write() {
    let check = |body: &str, line: usize, part: &str| {
        let list = faults(body);
        assert!(list.len() == 1 && list[0].0 == line && list[0].1.contains(part), "{body}: {list:?}");
    };
    check("甲\n\n{{hotline.done", 7, "没有收尾");
    check("甲}}", 5, "多出一个“}}”");
    check("{{受理量}}", 5, "不是指标 id");
    check("{{}}", 5, "不是指标 id");
    check("{{a.b|percent}}", 5, "unit(数和单位");
    check("{{as_of|unit}}", 5, "是文字");
    check("{% if a.b %}甲{% endif %}", 5, "看不懂");
    check("{% for x in y %}", 5, "看不懂");
    check("\n{% if a.b > 0 %}\n甲", 6, "没有收尾");
    check("甲{% if a.b > 0 %}乙", 5, "没有收尾");
    check("{% endif %}", 5, "前面没有对应的");
    check("{% if a.b > 0 %}\n甲\n{% else %}\n{% else %}\n{% endif %}", 8, "前面没有对应的");
    check("{% if region > 0 %}\n{% endif %}", 5, "是文字");
    check("#总体", 5, "空一格");
    check("##### 五级", 5, "最多四级");
    check("# 一、总体", 5, "请删去“一、”");
    check("## \u{ff08}二\u{ff09}受理", 5, "请删去“\u{ff08}二\u{ff09}”");
    check("### 1.受理", 5, "请删去“1.”");
    check("# 受理{{a.b}}件", 5, "标题里不放数字");
    check("- 甲", 5, "圆点列表");
    check("1. 甲", 5, "序号自动生成");
    check("| 甲 | 乙 |", 5, "annexes");
    check("甲**乙**", 5, "不加粗");
    assert!(filled("# 十星级\n\n### 1.5万件\n\n### 2021年").is_ok());
}

#[test]
fn faults_of_the_front_matter() {
    let check = |text: &str, line: usize, part: &str| {
        let list = Template::parse(text).expect_err(text);
        assert!(list.iter().any(|f| f.line == line && f.message.contains(part)), "{text}: {list:?}");
    };
    check("# 总体", 1, "第一行请写 ---");
    check("---\nid: x", 1, "没有收尾");
    check("---\nid: x\n---\n", 1, "缺少 title");
    check("---\ntitle: x\n---\n", 1, "缺少 id");
    check("---\nid: x\ntitle: t\nauthor: 张\n---\n", 4, "不认识的键 author");
    check("---\nid: x\ntitle: t\nid: y\n---\n", 4, "写了两次");
    check("---\nid: x\ntitle: t\nkind: 函\n---\n", 4, "report(报告)");
    check("---\nid: x\ntitle: {{a.b}}件\n---\n", 3, "不放数字");
    check("---\nid x\ntitle: t\n---\n", 2, "键: 值");
}

#[test]
fn every_fault_is_given_at_once() {
    assert_eq!(faults("{{受理}}\n\n- 甲\n\n#乙").iter().map(|f| f.0).collect::<Vec<_>>(), [5, 7, 9]);
}
