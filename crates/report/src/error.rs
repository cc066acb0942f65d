//! What can go wrong in a writer. It must never carry the text of a record.

use crate::template::Fault;
use xiangyue_app::AppError;

fn lines(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// A document that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A row of an annex has another number of cells than the head.
    #[error("附表“{table}”第{row}行有{found}格,表头有{expected}格;请补齐或删去多出的格")]
    Ragged {
        /// Title of the table.
        table: String,
        /// Row, from 1, the head not counted.
        row: usize,
        /// Columns of the head.
        expected: usize,
        /// Cells found.
        found: usize,
    },
    /// A template that cannot be filled.
    #[error("报告模板 {id} 有 {} 处要改:\n{}", .faults.len(), lines(.faults))]
    Template {
        /// Id of the template.
        id: String,
        /// What is wrong, by line.
        faults: Vec<Fault>,
    },
    /// A template that the pack does not have.
    #[error("策略包里没有报告模板 {id};有: {known}")]
    NoTemplate {
        /// Id asked for.
        id: String,
        /// Ids there are.
        known: String,
    },
    /// There is no region to report on.
    #[error("还没有区划,不能生成报告")]
    NoRegion,
    /// The figures could not be read.
    #[error(transparent)]
    App(#[from] AppError),
    /// A table without columns.
    #[error("附表“{table}”没有表头;请至少写一列")]
    NoColumns {
        /// Title of the table.
        table: String,
    },
    /// A value that is no number (the outcome of a division by nought).
    #[error("“{what}”的数值不是有限数;分母为零的率应当不给数值")]
    NotFinite {
        /// Indicator or column.
        what: String,
    },
    /// The .docx container could not be written.
    #[error("无法写出 Word 文件")]
    Docx(#[source] zip::result::ZipError),
    /// The .xlsx file could not be written.
    #[error("无法写出 Excel 文件")]
    Xlsx(#[source] rust_xlsxwriter::XlsxError),
    /// The JSON could not be written.
    #[error("无法写出 JSON")]
    Json(#[source] serde_json::Error),
}
