//! Guards at the door: how often one address may use the public forms. Counted in memory; a restart forgets.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Addresses kept at most; beyond it the oldest windows are dropped.
const KEPT: usize = 50_000;

/// What is used, and from where.
type Door = (&'static str, IpAddr);

/// Uses by address within a window.
#[derive(Debug, Default)]
pub struct Limits {
    uses: Mutex<HashMap<Door, (i64, u32)>>,
}

impl Limits {
    /// Counts a use; seconds to wait when there were more than `most` within `window_ms`.
    pub fn take(&self, what: &'static str, from: IpAddr, now_ms: i64, window_ms: i64, most: u32) -> Result<(), i64> {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        if uses.len() >= KEPT {
            uses.retain(|_, (since, _)| now_ms - *since < window_ms);
        }
        let slot = uses.entry((what, from)).or_insert((now_ms, 0));
        if now_ms - slot.0 >= window_ms {
            *slot = (now_ms, 0);
        }
        slot.1 += 1;
        if slot.1 > most { Err((slot.0 + window_ms - now_ms) / 1000 + 1) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_closes_and_opens_again() {
        let limits = Limits::default();
        let from = IpAddr::from([127, 0, 0, 1]);
        for _ in 0..3 {
            assert!(limits.take("report", from, 1000, 60_000, 3).is_ok());
        }
        assert!(limits.take("report", from, 2000, 60_000, 3).is_err());
        assert!(limits.take("report", from, 62_000, 60_000, 3).is_ok());
    }
}
