//! The table of an annex: fixed widths, a head repeated on every page, no row broken between pages.
//! It must never drop a cell: the tables are checked before.

use super::page::LANDSCAPE_WIDTH;
use super::para::Para;
use crate::model::{Cell, Table};
use crate::text::width;

/// Half points of the text and twips of one half character: 12, 10.5 and 9 points.
const SIZES: [(usize, &str, &str); 3] = [
    (120, "TableHead", "TableText"),
    (105, "TableHeadSmall", "TableTextSmall"),
    (90, "TableHeadTiny", "TableTextTiny"),
];

/// Margins left and right in a cell, together.
const CELL_MARGIN: usize = 160;

const BORDERS: &str = concat!(
    "<w:tblBorders><w:top w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"000000\"/>",
    "<w:left w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>",
    "<w:bottom w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"000000\"/>",
    "<w:right w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>",
    "<w:insideH w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>",
    "<w:insideV w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/></w:tblBorders>",
);

/// The table's XML.
pub(super) fn table(table: &Table) -> String {
    let natural = natural(table);
    let (_, head, text) =
        *SIZES.iter().find(|(half, ..)| needed(&natural, *half) <= LANDSCAPE_WIDTH).unwrap_or(&SIZES[2]);
    let widths = share(&natural);
    let grid: String = widths.iter().map(|w| format!("<w:gridCol w:w=\"{w}\"/>")).collect();
    let heads: Vec<Para> = table.head.iter().map(|h| Para::new(head).text(h.trim())).collect();
    let mut rows = row(&heads, &widths, "<w:cantSplit/><w:tblHeader/>", &[]);
    for cells in &table.rows {
        let paras: Vec<Para> = cells.iter().map(|c| Para::new(text).text(c.printed().trim())).collect();
        rows.push_str(&row(&paras, &widths, "<w:cantSplit/>", &table.numeric));
    }
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{LANDSCAPE_WIDTH}\" w:type=\"dxa\"/><w:jc w:val=\"center\"/>{BORDERS}\
         <w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"80\" w:type=\"dxa\"/>\
         <w:right w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar><w:tblLook w:val=\"0020\"/></w:tblPr>\
         <w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )
}

fn row(paras: &[Para], widths: &[usize], properties: &str, numeric: &[usize]) -> String {
    let cell = |(index, (para, width)): (usize, (&Para, &usize))| {
        let para = if numeric.contains(&index) { para.clone().flush_right() } else { para.clone() };
        format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>{}</w:tc>",
            para.xml()
        )
    };
    let cells: String = paras.iter().zip(widths).enumerate().map(cell).collect();
    format!("<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>")
}

/// Half characters each column would like: its longest cell, within reason, and half its head, which may wrap.
fn natural(table: &Table) -> Vec<usize> {
    let column = |index: usize| {
        let longest = |cell: &Cell| match cell {
            Cell::Number { .. } => width(&cell.printed()),
            _ => width(&cell.printed()).min(40),
        };
        let cells = table.rows.iter().filter_map(|r| r.get(index)).map(longest).max().unwrap_or(0);
        let head = table.head.get(index).map_or(0, |h| width(h).min(12));
        cells.max(head).max(4)
    };
    (0..table.head.len()).map(column).collect()
}

fn needed(natural: &[usize], half: usize) -> usize {
    natural.iter().map(|n| n * half + CELL_MARGIN).sum()
}

/// Shares out the whole width; the last column takes what rounding leaves.
fn share(natural: &[usize]) -> Vec<usize> {
    let weight = |n: &usize| n * SIZES[0].0 + CELL_MARGIN;
    let total: usize = natural.iter().map(weight).sum::<usize>().max(1);
    let mut widths: Vec<usize> = natural.iter().map(|n| weight(n) * LANDSCAPE_WIDTH / total).collect();
    let given: usize = widths.iter().sum();
    if let Some(last) = widths.last_mut() {
        *last += LANDSCAPE_WIDTH - given;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_fill_the_page() {
        let table = Table {
            head: vec!["序号".into(), "乡镇".into(), "受理".into()],
            rows: vec![vec![Cell::count(1), Cell::text("东沟镇"), Cell::count(9238)]],
            numeric: vec![0, 2],
        };
        let widths = share(&natural(&table));
        assert_eq!(widths.iter().sum::<usize>(), LANDSCAPE_WIDTH);
        assert!(widths[1] > widths[0]);
    }
}
