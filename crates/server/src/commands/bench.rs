//! `xiangyue bench`: how fast, beside raw durable commits of the same run. Figures for docs/BENCHMARKS.md.

use crate::open::Said;
use std::path::Path;

/// `bench`
pub async fn bench(data: &Path, seconds: u64, connections: usize, markdown: bool) -> Result<(), Said> {
    let _ = (data, seconds, connections, markdown);
    Err("(being written)".to_owned())
}
