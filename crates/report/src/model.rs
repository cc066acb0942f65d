//! A document: what is said, apart from how any file lays it out.
//! It must never hold a number of a heading (numbering follows from the levels) or a figure without its indicator.

use crate::error::ReportError;
use crate::text;
use serde::{Deserialize, Serialize};

/// A civil date: year, month, day.
pub type Ymd = (i16, u8, u8);

/// Kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocKind {
    /// 报告
    Report,
    /// 通报
    Circular,
    /// 专报
    Special,
}

impl DocKind {
    /// Reads `report`, `circular`, `special` or the Chinese name.
    pub fn parse(text: &str) -> Option<DocKind> {
        match text.trim() {
            "report" | "报告" => Some(DocKind::Report),
            "circular" | "通报" => Some(DocKind::Circular),
            "special" | "专报" => Some(DocKind::Special),
            _ => None,
        }
    }

    /// The Chinese name.
    pub fn name(self) -> &'static str {
        match self {
            DocKind::Report => "报告",
            DocKind::Circular => "通报",
            DocKind::Special => "专报",
        }
    }
}

/// A document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Kind.
    pub kind: DocKind,
    /// Title; a line feed breaks it where the sense allows.
    pub title: String,
    /// 主送机关, without the colon.
    pub addressee: Option<String>,
    /// Headings and paragraphs in order.
    pub blocks: Vec<Block>,
    /// 署名
    pub signature: Option<String>,
    /// 成文日期
    pub date: Option<Ymd>,
    /// Tables that follow the text.
    pub annexes: Vec<Annex>,
    /// Printed at the head of every page, e.g. that the data are a demonstration.
    pub demo_note: Option<String>,
    /// Language tag, e.g. `zh-CN`.
    pub lang: String,
}

/// A heading or a paragraph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    /// A heading; its number 一、（一）1.（1） follows from its level.
    Heading {
        /// 1 to 4.
        level: u8,
        /// Text without number.
        text: String,
    },
    /// A paragraph.
    Paragraph(Vec<Span>),
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    /// Words.
    Text(String),
    /// A figure that opens.
    Figure(Figure),
}

impl Span {
    /// As it is read.
    pub fn printed(&self) -> String {
        match self {
            Span::Text(text) => text.clone(),
            Span::Figure(figure) => figure.printed(),
        }
    }
}

/// A figure in running text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Digits or phrase, e.g. `9238`, `1.5万`, `同比上升3.2%`.
    pub text: String,
    /// Unit printed right behind; empty when the sentence writes it itself.
    pub unit: String,
    /// Id of the indicator.
    pub indicator: String,
    /// Where the records behind it are listed.
    pub href: Option<String>,
}

impl Figure {
    /// Digits and unit, without separators between digits.
    pub fn printed(&self) -> String {
        text::plain_digits(&format!("{}{}", self.text.trim(), self.unit.trim()))
    }
}

/// A table behind the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Annex {
    /// Title, without 附件 and number.
    pub title: String,
    /// A line under the title: unit, scope, date.
    pub note: Option<String>,
    /// The table.
    pub table: Table,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Column heads.
    pub head: Vec<String>,
    /// Rows, each as long as the head.
    pub rows: Vec<Vec<Cell>>,
    /// Columns (from 0) that stand flush right.
    pub numeric: Vec<usize>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// Nothing applies here; printed as an empty cell.
    Empty,
    /// Words.
    Text(String),
    /// A number.
    Number {
        /// Value.
        value: f64,
        /// Decimals shown.
        decimals: u8,
    },
}

impl Cell {
    /// A whole number.
    pub fn count(value: u32) -> Cell {
        Cell::Number { value: f64::from(value), decimals: 0 }
    }

    /// Words.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// As it is read.
    pub fn printed(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number { value, decimals } => text::number(*value, *decimals),
        }
    }
}

impl Table {
    /// Every row as long as the head, every number finite; `name` is for the message.
    pub fn check(&self, name: &str) -> Result<(), ReportError> {
        let expected = self.head.len();
        if expected == 0 {
            return Err(ReportError::NoColumns { table: name.to_owned() });
        }
        for (index, row) in self.rows.iter().enumerate() {
            if row.len() != expected {
                let table = name.to_owned();
                return Err(ReportError::Ragged { table, row: index + 1, expected, found: row.len() });
            }
            if row.iter().any(|c| matches!(c, Cell::Number { value, .. } if !value.is_finite())) {
                return Err(ReportError::NotFinite { what: format!("{name}第{}行", index + 1) });
            }
        }
        Ok(())
    }
}

/// Numbers headings 一、（一）1.（1） as they come.
#[derive(Debug, Default)]
pub struct Numbering {
    counts: [u32; 4],
}

impl Numbering {
    /// Number of the next heading at a level (levels beyond 1 to 4 count as the nearest).
    pub fn next(&mut self, level: u8) -> String {
        let index = usize::from(level.clamp(1, 4)) - 1;
        self.counts[index] += 1;
        self.counts[index + 1..].fill(0);
        let count = self.counts[index];
        match index {
            0 => format!("{}、", chinese_number(count)),
            1 => format!("（{}）", chinese_number(count)),
            2 => format!("{count}."),
            _ => format!("（{count}）"),
        }
    }
}

/// 1 to 99 in Chinese numerals; beyond that, digits.
pub fn chinese_number(n: u32) -> String {
    const ONES: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    if !(1..=99).contains(&n) {
        return n.to_string();
    }
    let (tens, ones) = ((n / 10) as usize, (n % 10) as usize);
    match tens {
        0 => ONES[ones].to_owned(),
        1 => format!("十{}", ONES[ones]),
        _ => format!("{}十{}", ONES[tens], ONES[ones]),
    }
}

/// 成文日期 without padding: 2021年6月2日.
pub fn date_text((year, month, day): Ymd) -> String {
    format!("{year}年{month}月{day}日")
}

/// Name of an annex as it is marked: 附件 when it is the only one, else 附件1.
pub fn annex_mark(index: usize, total: usize) -> String {
    if total == 1 { "附件".to_owned() } else { format!("附件{}", index + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_starts_anew_under_each_heading() {
        let mut n = Numbering::default();
        let got: Vec<String> = [1, 2, 2, 3, 4, 4, 3, 1, 2, 3].into_iter().map(|l| n.next(l)).collect();
        assert_eq!(got, ["一、", "（一）", "（二）", "1.", "（1）", "（2）", "2.", "二、", "（一）", "1."]);
    }

    #[test]
    fn chinese_numerals() {
        let check = |n, text: &str| assert_eq!(chinese_number(n), text);
        check(1, "一");
        check(10, "十");
        check(11, "十一");
        check(20, "二十");
        check(99, "九十九");
        check(100, "100");
    }

    #[test]
    fn a_ragged_table_is_refused() {
        let table = Table { head: vec!["村".into(), "件".into()], rows: vec![vec![Cell::Empty]], numeric: vec![] };
        let fault = table.check("附表").unwrap_err().to_string();
        assert_eq!(fault, "附表“附表”第1行有1格,表头有2格;请补齐或删去多出的格");
    }
}
