//! How much of a file is read at most. The limits stand far above what an office sends and far below what would
//! trouble a small machine.

/// Limits of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file itself.
    pub bytes: usize,
    /// Bytes of all its parts once unpacked.
    pub unpacked: u64,
    /// Bytes of the part that holds its texts; they are the only ones kept in memory as a whole.
    pub texts: u64,
    /// Parts of the package.
    pub parts: usize,
    /// Rows with something in them.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Cells, blank ones too.
    pub cells: u64,
    /// Characters of one cell.
    pub characters: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            bytes: 20 * 1024 * 1024,
            unpacked: 320 * 1024 * 1024,
            texts: 64 * 1024 * 1024,
            parts: 2000,
            rows: 200_000,
            columns: 256,
            cells: 20_000_000,
            characters: 32_767,
        }
    }
}
