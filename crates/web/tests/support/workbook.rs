//! What a workbook says, cell by cell, as somebody who opens it reads it.

use std::ops::ControlFlow;
use xiangyue_sheet::{File, Limits};

/// The rows of its first sheet.
pub fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let file = File::open(bytes, &Limits::default()).expect("a file");
    file.rows(0, &mut |row| {
        out.push(row.cells.iter().map(|c| c.text().into_owned()).collect());
        ControlFlow::Continue(())
    })
    .expect("rows");
    out
}
