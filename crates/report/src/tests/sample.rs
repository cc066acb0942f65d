//! Documents the tests write. They must never name a real person or carry a real figure of one.

use crate::json::FigureRow;
use crate::model::{Annex, Block, Cell, DocKind, Document, Figure, Span, Table};

pub(crate) fn figure(indicator: &str, text: &str, unit: &str, href: Option<&str>) -> Span {
    let href = href.map(str::to_owned);
    Span::Figure(Figure { text: text.into(), unit: unit.into(), indicator: indicator.into(), href })
}

pub(crate) fn row(indicator: &str, value: f64, unit: &str) -> FigureRow {
    FigureRow {
        indicator: indicator.into(),
        name: indicator.into(),
        value: Some(value),
        unit: unit.into(),
        numerator: None,
        denominator: None,
        from: Some("2021-01-01".into()),
        as_of: "2021-06-02".into(),
        region: "640323".into(),
        records: 9238,
        source: "12345热线".into(),
        comparison: None,
    }
}

/// A document with one of each.
pub(crate) fn small() -> Document {
    let paragraph = vec![
        Span::Text("共受理".into()),
        figure("hotline.accepted", "9,238", "件", Some("/hub/f?i=1&r=2")),
        Span::Text("*,办结率".into()),
        figure("hotline.done_rate", "97.72", "%", None),
        Span::Text("。".into()),
    ];
    let table = Table {
        head: vec!["乡镇".into(), "受理".into()],
        rows: vec![vec![Cell::text("东沟镇"), Cell::count(1200)], vec![Cell::text("隰崾\u{20164}"), Cell::Empty]],
        numeric: vec![1],
    };
    Document {
        kind: DocKind::Report,
        title: "热线办理情况".into(),
        addressee: Some("县人民政府".into()),
        blocks: vec![Block::Heading { level: 1, text: "总体情况".into() }, Block::Paragraph(paragraph)],
        signature: Some("县政府办公室".into()),
        date: Some((2021, 6, 2)),
        annexes: vec![Annex { title: "分乡镇办理情况".into(), note: Some("单位\u{ff1a}件".into()), table }],
        demo_note: Some("演示数据,非真实情况".into()),
        lang: "zh-CN".into(),
    }
}

/// Pages of text, every level of heading, a long annex and a wide one.
pub(crate) fn long() -> Document {
    let mut doc = small();
    doc.title = "盐池县2021年上半年12345热线\n办理情况的报告".into();
    let filler = "各乡镇和有关部门按照职责分工受理派单办理回访逐件答复群众".repeat(6);
    doc.blocks.clear();
    for part in 0..4 {
        doc.blocks.push(Block::Heading { level: 1, text: format!("第{part}部分总体情况") });
        for _ in 0..2 {
            doc.blocks.push(Block::Heading { level: 2, text: "受理和办理".into() });
            doc.blocks.push(Block::Heading { level: 3, text: "热线“12345”——来源".into() });
            doc.blocks.push(Block::Heading { level: 4, text: "来自村民扫码".into() });
            doc.blocks.push(Block::Paragraph(vec![
                Span::Text("截至2021年6月2日\u{ff0c}共受理诉求".into()),
                figure("hotline.accepted", "9238", "件", None),
                Span::Text("\u{ff0c}办结".into()),
                figure("hotline.done", "9182", "件", None),
                Span::Text("\u{ff0c}办结率".into()),
                figure("hotline.done_rate", "99.39", "%", None),
                Span::Text("\u{ff0c}涉及隰县、崾岘、\u{20164}家湾。".into()),
            ]));
            doc.blocks.push(Block::Paragraph(vec![Span::Text(filler.clone())]));
        }
    }
    let head = ["序号", "乡镇", "受理(件)", "办结(件)", "办结率(%)", "说明"].map(str::to_owned).to_vec();
    let line = |n: u32| {
        let rate = Cell::Number { value: 97.716, decimals: 2 };
        vec![
            Cell::count(n),
            Cell::text("东沟镇"),
            Cell::count(900 + n),
            Cell::count(880 + n),
            rate,
            Cell::text("按时办结"),
        ]
    };
    let table = Table { head, rows: (1..=40).map(line).collect(), numeric: vec![0, 2, 3, 4] };
    doc.annexes.push(Annex { title: "分乡镇办结率一览表".into(), note: None, table });
    doc
}
