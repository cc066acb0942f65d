//! The row of headings, wherever it stands: below blank rows and titles, in one row or in two whose cells were merged.
//! Headings are matched to the columns that are wanted by name, never by guess alone; what is matched by a part of a
//! name says so.

use crate::cell::{Cell, Row};
use xiangyue_domain::code::tidy;

/// Rows looked through for the headings.
pub(crate) const LOOK: usize = 30;
/// Characters of a heading that may be found inside a longer one.
const PART: usize = 3;

/// A column that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Names it goes by, the usual one first.
    pub names: Vec<String>,
    /// Without it nothing can be taken in.
    pub required: bool,
}

/// The headings of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Number of the last row of headings; the rows below it are data.
    pub row: u32,
    /// Heading of each column of the file.
    pub headings: Vec<String>,
    /// Column of the file for each that is wanted.
    pub columns: Vec<Option<usize>>,
    /// Wanted columns that were matched by a part of their name.
    pub guessed: Vec<usize>,
}

/// Finds the headings among the first rows.
pub fn detect(rows: &[Row], wanted: &[Wanted]) -> Option<Head> {
    let rows = &rows[..rows.len().min(LOOK)];
    let mut best: Option<(usize, Head)> = None;
    let mut offer = |head: Head| {
        let score = score(&head, wanted);
        if score > 0 && best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, head));
        }
    };
    for (i, row) in rows.iter().enumerate() {
        offer(matched(row.number, texts(row), wanted));
        let below = rows.get(i + 1).filter(|below| below.number == row.number + 1);
        if let Some(below) = below {
            offer(matched(below.number, joined(row, below), wanted));
        }
    }
    match best {
        Some((_, head)) => Some(head),
        None => usual(rows).map(|row| matched(row.number, texts(row), wanted)),
    }
}

/// The headings of a row chosen by hand.
pub fn rematch(rows: &[Row], number: u32, wanted: &[Wanted]) -> Option<Head> {
    rows.iter().find(|r| r.number == number).map(|row| matched(number, texts(row), wanted))
}

/// Nothing is known: the first row with several words in it.
fn usual(rows: &[Row]) -> Option<&Row> {
    let words = |row: &Row| row.cells.iter().filter(|c| matches!(c, Cell::Text(_)) && !c.is_blank()).count();
    rows.iter().find(|r| words(r) >= 2).or_else(|| rows.iter().find(|r| words(r) >= 1))
}

fn texts(row: &Row) -> Vec<String> {
    row.cells.iter().map(|c| c.text().into_owned()).collect()
}

/// Two rows of headings as one: the lower one says what a column is, the upper one where nothing stands below.
fn joined(upper: &Row, lower: &Row) -> Vec<String> {
    let most = upper.cells.len().max(lower.cells.len());
    let one = |i: usize| if lower.cell(i).is_blank() { upper.cell(i).text() } else { lower.cell(i).text() };
    (0..most).map(|i| one(i).into_owned()).collect()
}

/// A heading as it is compared: without blanks, marks and what stands in brackets behind it.
fn plain(heading: &str) -> String {
    let text = tidy(heading).to_lowercase();
    let text = text.trim_matches(['*', ':', '★', '●']);
    let open = text.char_indices().skip(1).find(|(_, c)| matches!(c, '(' | '[' | '【' | '〔'));
    open.map_or(text, |(at, _)| &text[..at]).trim_matches(['*', ':']).to_owned()
}

fn matched(row: u32, headings: Vec<String>, wanted: &[Wanted]) -> Head {
    let found: Vec<String> = headings.iter().map(|h| plain(h)).collect();
    let mut taken = vec![false; found.len()];
    let mut columns = vec![None; wanted.len()];
    let mut guessed = Vec::new();
    let names: Vec<Vec<String>> = wanted.iter().map(|w| w.names.iter().map(|n| plain(n)).collect()).collect();
    // The usual name of one column goes before a synonym of another.
    let longest = names.iter().map(Vec::len).max().unwrap_or(0);
    for rank in 0..longest {
        for (i, names) in names.iter().enumerate().filter(|(_, n)| rank < n.len()) {
            let at = found.iter().position(|h| !h.is_empty() && *h == names[rank]).filter(|at| !taken[*at]);
            if let (Some(at), true) = (at, columns[i].is_none()) {
                taken[at] = true;
                columns[i] = Some(at);
            }
        }
    }
    for (i, names) in names.iter().enumerate() {
        if columns[i].is_some() {
            continue;
        }
        let holds = |h: &String| names.iter().any(|n| n.chars().count() >= PART && h.contains(n.as_str()));
        let mut hits = (0..found.len()).filter(|at| !taken[*at] && holds(&found[*at]));
        if let (Some(at), None) = (hits.next(), hits.next()) {
            taken[at] = true;
            columns[i] = Some(at);
            guessed.push(i);
        }
    }
    Head { row, headings, columns, guessed }
}

/// How well a row is the one of headings: what was matched in full counts, what was guessed hardly.
fn score(head: &Head, wanted: &[Wanted]) -> usize {
    let found = |(i, w): (usize, &Wanted)| match head.columns.get(i) {
        Some(Some(_)) if head.guessed.contains(&i) => 1,
        Some(Some(_)) if w.required => 8,
        Some(Some(_)) => 4,
        _ => 0,
    };
    let sum: usize = wanted.iter().enumerate().map(found).sum();
    // A single guess is a sentence that happens to hold a word.
    if sum < 4 { 0 } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Vec<Wanted> {
        let one =
            |names: &[&str], required| Wanted { names: names.iter().map(|n| (*n).to_owned()).collect(), required };
        vec![
            one(&["工单编号", "工单号"], true),
            one(&["联系电话", "电话"], false),
            one(&["诉求内容", "内容"], true),
            one(&["办结时限"], false),
        ]
    }

    fn row(number: u32, cells: &[&str]) -> Row {
        let cell = |t: &&str| if t.is_empty() { Cell::Blank } else { Cell::Text((*t).to_owned()) };
        Row { number, cells: cells.iter().map(cell).collect() }
    }

    #[test]
    fn headings_below_a_title_are_found() {
        let rows = [
            row(3, &["市12345平台派单明细表（工单编号见首列）"]),
            row(4, &["导出时间：2024-03-05", "", "共2条"]),
            row(6, &["序号", "工单号", "诉求内容*", "联 系\n电 话", "办结时限（必填）", "备注"]),
            row(7, &["1", "A1", "停水", "", "", ""]),
        ];
        let head = detect(&rows, &wanted()).expect("headings");
        assert_eq!(head.row, 6);
        assert_eq!(head.columns, [Some(1), Some(3), Some(2), Some(4)]);
        assert!(head.guessed.is_empty());
    }

    #[test]
    fn headings_in_two_merged_rows_are_found() {
        let rows = [
            row(1, &["工单编号", "诉求人信息", "", "诉求内容"]),
            row(2, &["", "姓名", "联系电话", ""]),
            row(3, &["A1", "甲", "13800138000", "停水"]),
        ];
        let head = detect(&rows, &wanted()).expect("headings");
        assert_eq!((head.row, head.columns), (2, vec![Some(0), Some(2), Some(3), None]));
    }

    #[test]
    fn a_part_of_a_name_is_a_guess_and_two_are_none() {
        let rows = [row(1, &["工单编号", "诉求人联系电话", "诉求内容"])];
        let head = detect(&rows, &wanted()).expect("headings");
        assert_eq!((head.columns[1], head.guessed), (Some(1), vec![1]));
        let rows = [row(1, &["工单编号", "本人联系电话", "家属联系电话", "诉求内容"])];
        assert_eq!(detect(&rows, &wanted()).expect("headings").columns[1], None);
    }

    #[test]
    fn unknown_headings_wait_for_a_hand() {
        let rows = [row(1, &["某表"]), row(2, &["甲", "乙"]), row(3, &["1", "2"])];
        let head = detect(&rows, &wanted()).expect("the first row with several words");
        assert_eq!((head.row, head.columns), (2, vec![None; 4]));
        assert_eq!(detect(&[], &wanted()), None);
        assert_eq!(rematch(&rows, 3, &wanted()).map(|h| h.headings), Some(vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(rematch(&rows, 9, &wanted()), None);
    }
}
